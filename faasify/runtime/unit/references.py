"""What is there already on both sides, and travels by name: modules, library objects, methods of built-in types.

`M` a module of the program; `ref` a library object by reference; `bm` `bd` a method of a built-in value or type.
"""

from __future__ import annotations

import re
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


_OF_CLASS: Any = type(re.compile("").match)  # a bound method in C that knows its class


@encodes(
    BuiltinFunctionType,
    BuiltinMethodType,
    _OF_CLASS,
    MethodDescriptorType,
    WrapperDescriptorType,
    MethodWrapperType,
    GetSetDescriptorType,
    MemberDescriptorType,
)
def _reference(enc: Encoder, obj: Any) -> list[Any]:
    if obj.__name__ == "__hash__" and type(obj) is not WrapperDescriptorType:  # those that a class may have: see hash_methods.py
        raise Untravellable("a `__hash__`, which may be an address", obj)
    ref = enc.world.library_ref(obj)
    if ref is not None:
        return ["ref", ref]
    owner = getattr(obj, "__self__", None)
    if owner is not None and not is_kind(owner, ModuleType) and type(obj) in (BuiltinMethodType, _OF_CLASS, MethodWrapperType):
        found = _method_in_c(type(owner), obj.__name__)
        if found is not None and found.__get__(owner, type(owner)) != obj:  # bound past the one that its class has
            raise Untravellable(f"{obj.__qualname__} of a {type(owner).__name__}", obj)
        return ["bm", enc.value(owner), obj.__name__]  # [].append and the like
    kind: Any = getattr(obj, "__objclass__", None)
    if kind in _DATA_TYPES and vars(kind).get(obj.__name__) is obj:
        return ["bd", kind.__name__, obj.__name__]  # str.__repr__ and the like
    name = getattr(obj, "__qualname__", repr(obj))
    raise Untravellable(f"{name} of {getattr(obj, '__module__', None)}, which the program's source does not mention", obj)


_METHODS = (MethodDescriptorType, WrapperDescriptorType)
# Methods of these types do something to their object and nothing else.
_DATA_TYPES: dict[Any, str] = {
    t: t.__name__ for t in (object, int, float, complex, str, bytes, bytearray, tuple, list, dict, set, frozenset)
}


@makes("bd")
def _make_descriptor(dec: Decoder, i: int, node: list[Any]) -> Any:
    """A method of a built-in type, as a class that inherits from it has it in its `__dict__`."""
    kind = next((t for t, name in _DATA_TYPES.items() if name == node[1]), object)
    found = vars(kind).get(node[2])
    if type(found) not in _METHODS or kind.__name__ != node[1]:
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
    *("findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"),  # of patterns
    *("iter_unpack", "pack", "pack_into", "unpack", "unpack_from"),  # of structs
    *("getrandbits", "random"),
    *("appendleft", "extendleft", "move_to_end", "popleft", "rotate"),
    *("frombytes", "fromlist", "tobytes", "tolist"),
}


def _method_in_c(kind: type, name: str) -> Any:
    """Past whatever the program's classes have under that name, be it another method in C."""
    for base in kind.__mro__:
        found: Any = vars(base).get(name)
        if type(found) in _METHODS and found.__objclass__ is base:
            return found
    return None


@makes("bm")
def _make_builtin_method(dec: Decoder, i: int, node: list[Any]) -> Any:
    if node[2] not in _BOUND_BUILTINS:
        raise CodecError(f"no method {node[2]!r}")
    owner = dec.value(node[1])
    if is_kind(owner, type, ModuleType):
        raise CodecError("a method of a class is a library object")
    found = _method_in_c(type(owner), node[2])
    if found is None:
        raise CodecError(f"a {type(owner).__name__} has no method {node[2]!r}")
    return found.__get__(owner, type(owner))  # without the type, CPython crashes for those that know their class


@makes("ref")
def _make_reference(dec: Decoder, i: int, node: list[Any]) -> Any:
    return dec.world.resolve(node[1])
