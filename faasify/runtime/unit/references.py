"""What is there already on both sides, and travels by name: modules, library objects, methods of built-in types.

`M` a module of the program; `ref` a library object by reference; `bm` `bd` a method of a built-in value or type.
"""

from __future__ import annotations

from types import (
    BuiltinFunctionType,
    BuiltinMethodType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable, encodes, makes
from faasify.runtime.unit.kinds import is_kind
from faasify.runtime.unit.layouts import is_in_c


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
