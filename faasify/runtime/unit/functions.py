"""Functions and what stands around them: cells, methods, descriptors, partials.

`f` a function of the program: the key of its code, and as state what is not implied by the code (defaults, cells, attributes, a
changed name or doc); `cell`; `m` bound method; `sm` `cm` `prop` `cp` staticmethod, classmethod, property, cached_property; `P`
partial. Functions of the library: library_functions.py, references.py.
"""

from __future__ import annotations

import functools
import sys
from operator import attrgetter
from types import CellType, CodeType, FunctionType, MappingProxyType, MethodType
from typing import Any

from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable, encodes, makes
from faasify.runtime.unit.codes import stands_for
from faasify.runtime.unit.kinds import partial_space
from faasify.runtime.unit.library_functions import library_function

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
        return library_function(enc, fn)
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
    return (fn.__defaults__, fn.__kwdefaults__, fn.__name__, fn.__qualname__, fn.__doc__, fn.__module__, code, fn.__annotations__)


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
    if enc.world.inspects_annotations:  # the program may add some to none
        extra["annotations"] = enc.value(fn.__annotations__)
    if enc.world.inspects_annotations and (type_params := getattr(fn, "__type_params__", ())):  # from 3.12 on
        extra["type_params"] = enc.value(type_params)
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
    if "type_params" in extra:
        fn.__type_params__ = dec.value(extra["type_params"])
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
    if vars(obj).keys() - _OF_CACHED_PROPERTY:
        raise Untravellable("a cached_property that was given attributes", obj)
    return ["cp", *enc.values((obj.func, obj.attrname, obj.__doc__))]


_OF_CACHED_PROPERTY = vars(functools.cached_property(len)).keys()


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
