"""Functions and what stands around them: cells, methods, descriptors, partials, modules.

`f` a function of the program: the key of its code, and as state what is not implied by the code (defaults, cells, attributes, a
changed name or doc); `cell`; `m` bound method; `sm` `cm` `prop` `cp` staticmethod, classmethod, property, cached_property; `P`
partial; `mk` a function that a known maker of the library built around another (contextmanager, singledispatch); `M` a module of
the program; `ref` a library object by reference; `bm` `bd` a method of a built-in value or type; `ef` a method of a class in
`enum`.
"""

from __future__ import annotations

import functools
import sys
from operator import attrgetter
from types import (
    BuiltinFunctionType,
    BuiltinMethodType,
    CellType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable, encodes, makes
from faasify.runtime.unit.codes import stands_for
from faasify.runtime.unit.kinds import is_kind, partial_space
from faasify.runtime.unit.layouts import is_in_c

_HAS_DOCSTRING = 0x4000000  # 3.13's code flag


def implied_doc(code: CodeType) -> str | None:
    if sys.version_info >= (3, 13) and not code.co_flags & _HAS_DOCSTRING:
        return None
    first = code.co_consts[0] if code.co_consts else None
    return first if isinstance(first, str) else None


@encodes(FunctionType)
def _function(enc: Encoder, fn: Any) -> list[Any]:
    world = enc.world
    key = world.codes.key_of(fn.__code__)
    if key is None:
        return _library_function(enc, fn)
    module = world.modules.get(key.partition(":")[0])
    if module is None or fn.__globals__ is not vars(module):
        raise Untravellable(f"function {fn.__qualname__} with globals that are no module's of the program", fn)
    enc.met_code(key)
    return ["f", key, *_state(enc, fn, original_code(world, key))]


def original_code(world: Any, key: str) -> CodeType:
    code = world.codes.code_of(key)
    if code is None:
        raise Untravellable(f"code {key} is ambiguous")
    return code  # type: ignore[no-any-return]


def registry_of(fn: Any) -> list[Any]:
    """What a `singledispatch` function dispatches to, kept in a closure."""
    found = fn.__dict__.get("registry")
    return [*found, *found.values()] if type(found) is MappingProxyType else []


FUNCTION_STATE = ("__defaults__", "__kwdefaults__", "__name__", "__qualname__", "__doc__", "__module__", "__code__")
_state_of = attrgetter(*FUNCTION_STATE)


def function_state(fn: Any) -> tuple[Any, ...]:
    """What may change about a function, for comparison by identity. A stub that comes or goes is no change."""
    code = stands_for(fn.__code__) or fn.__code__
    return (fn.__defaults__, fn.__kwdefaults__, fn.__name__, fn.__qualname__, fn.__doc__, fn.__module__, code)


def _state(enc: Encoder, fn: Any, code: CodeType) -> list[Any]:
    extra: dict[str, Any] = {}
    if fn.__name__ != code.co_name:
        extra["name"] = fn.__name__
    if fn.__qualname__ != code.co_qualname:
        extra["qualname"] = fn.__qualname__
    if fn.__doc__ != implied_doc(code):
        extra["doc"] = enc.value(fn.__doc__)
    if fn.__module__ != fn.__globals__.get("__name__"):
        extra["module"] = enc.value(fn.__module__)
    if enc.world.inspects_annotations and fn.__annotations__:
        extra["annotations"] = enc.value(fn.__annotations__)
    if attributes := enc.attributes(fn, fn.__dict__):
        extra["dict"] = attributes
    return [enc.value(fn.__defaults__), enc.value(fn.__kwdefaults__), enc.values(fn.__closure__ or ()), extra]


@makes("f")
def _make_function(dec: Decoder, i: int, node: list[Any]) -> Any:
    _, key, defaults, kwdefaults, cells, extra = node
    code = dec.code(key)
    module = dec.world.modules.get(key.partition(":")[0])
    if module is None:
        raise CodecError(f"no module for {key}")
    closure = tuple(dec.values(cells))
    if not all(type(c) is CellType for c in closure) or len(closure) != len(code.co_freevars):
        raise CodecError(f"wrong cells for {key}")
    fn = FunctionType(code, vars(module), extra.get("name"), None, closure or None)
    dec.later(0, lambda: _fill_function(dec, fn, defaults, kwdefaults, extra))
    return fn


def _fill_function(dec: Decoder, fn: Any, defaults: Any, kwdefaults: Any, extra: dict[str, Any]) -> None:
    fn.__defaults__ = dec.value(defaults)
    fn.__kwdefaults__ = dec.value(kwdefaults)
    if "qualname" in extra:
        fn.__qualname__ = extra["qualname"]
    if "doc" in extra:
        fn.__doc__ = dec.value(extra["doc"])
    if "module" in extra:
        fn.__module__ = dec.value(extra["module"])
    if "annotations" in extra:
        fn.__annotations__ = dec.value(extra["annotations"])
    if "dict" in extra:
        dec.set_attributes(fn, extra["dict"])


@encodes(CellType)
def _cell(enc: Encoder, cell: Any) -> list[Any]:
    try:
        return ["cell", enc.value(cell.cell_contents)]
    except ValueError:  # empty
        return ["cell"]


@makes("cell")
def _make_cell(dec: Decoder, i: int, node: list[Any]) -> Any:
    cell = CellType()

    def fill() -> None:
        cell.cell_contents = dec.value(node[1])

    if len(node) == 2:
        dec.later(0, fill)
    return cell


@encodes(MethodType)
def _method(enc: Encoder, method: Any) -> list[Any]:
    ref = enc.world.library_ref(method)
    return ["ref", ref] if ref else ["m", enc.value(method.__func__), enc.value(method.__self__)]


@makes("m")
def _make_method(dec: Decoder, i: int, node: list[Any]) -> Any:
    return MethodType(dec.value(node[1]), dec.value(node[2]))


@encodes(staticmethod, classmethod)
def _wrapped(enc: Encoder, obj: Any) -> list[Any]:
    return ["sm" if type(obj) is staticmethod else "cm", enc.value(obj.__func__), _attributes(enc, obj)]


def _attributes(enc: Encoder, obj: Any) -> list[Any]:
    """Attributes beyond those that the wrapper copied from the function."""
    inner = obj.__func__
    own = {
        k: v
        for k, v in vars(obj).items()
        if k not in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__", "__wrapped__")
    }
    return enc.pairs((k, v) for k, v in own.items() if getattr(inner, k, None) is not v)


@makes("sm", "cm")
def _make_wrapped(dec: Decoder, i: int, node: list[Any]) -> Any:
    obj: Any = (staticmethod if node[0] == "sm" else classmethod)(dec.value(node[1]))
    dec.later(1, lambda: vars(obj).update(dec.pairs(node[2])))
    return obj


@encodes(property)
def _property(enc: Encoder, obj: property) -> list[Any]:
    return ["prop", *enc.values((obj.fget, obj.fset, obj.fdel, obj.__doc__))]


@makes("prop")
def _make_property(dec: Decoder, i: int, node: list[Any]) -> Any:
    return property(*dec.values(node[1:5]))


@encodes(functools.cached_property)
def _cached_property(enc: Encoder, obj: Any) -> list[Any]:
    return ["cp", *enc.values((obj.func, obj.attrname, obj.__doc__))]


@makes("cp")
def _make_cached_property(dec: Decoder, i: int, node: list[Any]) -> Any:
    func, name, doc = dec.values(node[1:4])
    obj = functools.cached_property(func)
    obj.attrname, obj.__doc__ = name, doc
    return obj


@encodes(functools.partial)
def _partial(enc: Encoder, obj: Any) -> list[Any]:
    space = partial_space(obj)
    attributes = enc.attributes(obj, space) if space is not None else None
    return ["P", enc.value(obj.func), enc.value(obj.args), enc.value(obj.keywords), attributes]


@makes("P")
def _make_partial(dec: Decoder, i: int, node: list[Any]) -> Any:
    fn, args, keywords = dec.values(node[1:4])
    obj: Any = functools.partial(fn)
    obj.__setstate__((fn, args, keywords, None))  # takes the dict itself, which the program may hold and change
    if node[4] is not None:
        dec.later(1, lambda: dec.set_attributes(obj, node[4]))
    return obj


@encodes(ModuleType)
def _module(enc: Encoder, obj: ModuleType) -> list[Any]:
    for name, module in enc.world.modules.items():
        if module is obj:
            enc.programs.append(name)
            return ["M", name]
    return _reference(enc, obj)


@makes("M")
def _make_module(dec: Decoder, i: int, node: list[Any]) -> Any:
    module = dec.world.modules.get(node[1])
    if module is None:
        raise CodecError(f"the unit has no module {node[1]!r}")
    return module


@encodes(
    BuiltinFunctionType,
    BuiltinMethodType,
    MethodDescriptorType,
    WrapperDescriptorType,
    MethodWrapperType,
    GetSetDescriptorType,
    MemberDescriptorType,
)
def _reference(enc: Encoder, obj: Any) -> list[Any]:
    ref = enc.world.library_ref(obj)
    if ref is not None:
        return ["ref", ref]
    owner = getattr(obj, "__self__", None)
    if owner is not None and not is_kind(owner, ModuleType) and type(obj) in (BuiltinMethodType, MethodWrapperType):
        return ["bm", enc.value(owner), obj.__name__]  # [].append and the like
    kind: Any = getattr(obj, "__objclass__", None)
    if kind in _DATA_TYPES and vars(kind).get(obj.__name__) is obj:
        return ["bd", kind.__name__, obj.__name__]  # str.__repr__ and the like
    name = getattr(obj, "__qualname__", repr(obj))
    raise Untravellable(f"{name} of {getattr(obj, '__module__', None)}, which the program's source does not mention", obj)


# Methods of these types do something to their object and nothing else.
_DATA_TYPES: dict[Any, str] = {
    t: t.__name__ for t in (object, int, float, complex, str, bytes, bytearray, tuple, list, dict, set, frozenset)
}


@makes("bd")
def _make_descriptor(dec: Decoder, i: int, node: list[Any]) -> Any:
    """A method of a built-in type, as a class that inherits from it has it in its `__dict__`."""
    kind = next((t for t, name in _DATA_TYPES.items() if name == node[1]), object)
    found = vars(kind).get(node[2])
    if type(found) not in (MethodDescriptorType, WrapperDescriptorType) or kind.__name__ != node[1]:
        raise CodecError(f"no method {node[2]!r} of {node[1]!r}")
    return found


_BOUND_BUILTINS = frozenset(
    name for t in (list, dict, set, str, bytes, bytearray, tuple, frozenset, int, float) for name in dir(t) if not name.startswith("__")
) | {
    "__contains__",
    "__getitem__",
    "__len__",
    "__setitem__",
    "__add__",
    "__eq__",
    "__lt__",
    "__gt__",
    "__le__",
    "__ge__",
    "__mul__",
    "__next__",
    "__iter__",
}


@makes("bm")
def _make_builtin_method(dec: Decoder, i: int, node: list[Any]) -> Any:
    if node[2] not in _BOUND_BUILTINS:
        raise CodecError(f"no method {node[2]!r}")
    owner = dec.value(node[1])
    if is_kind(owner, type, ModuleType):
        raise CodecError("a method of a class is a library object")
    # the one in C, past whatever the program's classes have under that name
    found: Any = next((vars(base)[node[2]] for base in type(owner).__mro__ if is_in_c(base) and node[2] in vars(base)), None)
    if type(found) not in (MethodDescriptorType, WrapperDescriptorType):
        raise CodecError(f"a {type(owner).__name__} has no method {node[2]!r}")
    return found.__get__(owner)


@makes("ref")
def _make_reference(dec: Decoder, i: int, node: list[Any]) -> Any:
    return dec.world.resolve(node[1])


# Functions that the library builds around the program's. Their code is the library's, so they are built again by the same maker.


def _library_function(enc: Encoder, fn: Any) -> list[Any]:
    ref = enc.world.library_ref(fn)
    if ref is not None:
        return ["ref", ref]
    if fn.__module__ == "enum" and id(fn) in _enum_functions():
        return ["ef", *_enum_functions()[id(fn)]]
    cells = dict(zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True))
    if fn.__module__ is not None and fn.__code__.co_qualname == "contextmanager.<locals>.helper":
        return ["mk", "contextmanager", [enc.value(cells["func"].cell_contents)], _rest(enc, fn, cells["func"].cell_contents)]
    if fn.__code__.co_qualname == "singledispatch.<locals>.wrapper":
        registry = cells["registry"].cell_contents if "registry" in cells else None
        registry = dict(fn.registry) if registry is None else registry
        base = fn.__wrapped__
        others = [x for kind, impl in registry.items() if not (kind is object and impl is base) for x in (kind, impl)]
        return ["mk", "singledispatch", [enc.value(base), *enc.values(others)], []]
    raise Untravellable(f"function {fn.__qualname__}, whose code is not in the program's source", fn)


@functools.cache
def _enum_functions() -> dict[int, tuple[str, str]]:
    """Class and name of the methods in `enum`; every enumeration of the program's refers to some under other names."""
    import enum

    classes = [(owner, cls) for owner, cls in vars(enum).items() if isinstance(cls, type)]
    return {id(getattr(found, "__func__", found)): (owner, name) for owner, cls in classes for name, found in vars(cls).items()}


@makes("ef")
def _make_enum_function(dec: Decoder, i: int, node: list[Any]) -> Any:
    import enum

    _, owner, name = node
    cls = vars(enum).get(owner)
    found = vars(cls).get(name) if is_kind(cls, type) else None
    found = getattr(found, "__func__", found)
    if type(found) is not FunctionType:
        raise CodecError(f"enum has no {owner}.{name}")
    return found


def _rest(enc: Encoder, fn: Any, inner: Any) -> list[Any]:
    return enc.pairs((k, v) for k, v in vars(fn).items() if k != "__wrapped__" and vars(inner).get(k) is not v)


@makes("mk")
def _make_known(dec: Decoder, i: int, node: list[Any]) -> Any:
    _, maker, wires, rest = node
    parts = dec.values(wires)
    if maker == "contextmanager":
        import contextlib

        fn: Any = contextlib.contextmanager(parts[0])
        inner = parts[0]
        # `wraps` copied names from a function that is filled only later
        dec.later(1, lambda: _wrap(fn, inner, dec.pairs(rest)))
        return fn
    if maker == "singledispatch":
        fn = functools.singledispatch(parts[0])
        dec.later(2, lambda: _register_all(fn, parts[1:]))
        return fn
    raise CodecError(f"unknown maker {maker!r}")


def _wrap(fn: Any, inner: Any, attributes: list[tuple[str, Any]]) -> None:
    functools.update_wrapper(fn, inner)
    vars(fn).update(attributes)


def _register_all(fn: Any, flat: list[Any]) -> None:
    for kind, impl in zip(flat[::2], flat[1::2], strict=True):
        fn.register(kind, impl)
    functools.update_wrapper(fn, fn.__wrapped__)
