"""A value as plain data, to see whether a call has changed it: shape([1, {2}]) == ("list", 1, ("set", 2))."""

from __future__ import annotations

import io
import itertools
import sys
from array import array
from collections import deque
from types import BuiltinFunctionType, FrameType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type, range, slice)
_BY_IDENTITY = (FunctionType, BuiltinFunctionType, MethodType, ModuleType, FrameType)


def shape(value: Any, depth: int = 0, seen: tuple[int, ...] = ()) -> Any:
    """Equal before and after unless the value, or something that it holds, was changed."""
    if isinstance(value, _PLAIN):
        return repr(value)
    if isinstance(value, _BY_IDENTITY) or type(value).__name__ == "Recorder" or id(value) in seen or depth > 8:
        return type(value).__name__
    seen = (*seen, id(value))
    name = type(value).__name__
    if isinstance(value, list | tuple | deque):
        return (name, *(shape(item, depth + 1, seen) for item in value), *_attributes(value, depth, seen))
    if isinstance(value, dict):
        items = tuple((shape(k, depth + 1, seen), shape(v, depth + 1, seen)) for k, v in list(value.items()))
        return (name, *items, *_attributes(value, depth, seen))
    if isinstance(value, set | frozenset):
        return (name, *sorted(map(str, (shape(item, depth + 1, seen) for item in value))))
    if isinstance(value, bytearray | memoryview | array):
        return name, _quietly(lambda: bytes(value))
    if isinstance(value, GeneratorType):
        return name, value.gi_frame.f_lasti if value.gi_frame else None
    if hasattr(value, "cr_frame"):
        return name, value.cr_frame.f_lasti if value.cr_frame else None
    if isinstance(value, io.IOBase):
        return _quietly(lambda: _file(value))
    if hasattr(value, "hexdigest"):
        return name, _quietly(value.hexdigest)
    if name == "SimpleQueue":
        return name, value.qsize()
    if name == "ndarray":
        return name, value.tobytes(), str(value.dtype), value.shape
    if name == "flatiter":
        return name, value.base.tobytes(), value.index
    return (name, *_reduced(value, depth, seen))


def shares_memory(left: Any, right: Any) -> bool:
    """Whether an array of numpy's, or a buffer that can change, has memory in common with one on the right; both may hold several."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return False
    pairs = itertools.product(_memories(numpy, left), _memories(numpy, right))
    return any(numpy.shares_memory(one, other) for one, other in pairs)


def _memories(numpy: Any, value: Any, depth: int = 0) -> list[Any]:
    if isinstance(value, numpy.ndarray):
        return [value]
    if isinstance(value, bytearray | memoryview):
        return _quietly(lambda: [numpy.frombuffer(value, "u1")] if value else [], [])  # one that was released has none
    if isinstance(value, numpy.nditer):
        return _quietly(lambda: list(value.operands), [])
    return [found for item in value for found in _memories(numpy, item, depth + 1)] if isinstance(value, list | tuple) and depth < 3 else []


def _reduced(value: Any, depth: int, seen: tuple[int, ...]) -> tuple[Any, ...]:
    """As pickle and copy take objects apart; by attributes, where they cannot."""
    if isinstance(value, itertools.count):
        return (repr(value),)
    reduced = _quietly(lambda: value.__reduce_ex__(4))
    if isinstance(reduced, tuple):
        plain = [tuple(part) if hasattr(part, "__next__") else part for part in reduced[1:]]
        return tuple(shape(part, depth + 1, seen) for part in plain)
    return _attributes(value, depth, seen)


def _attributes(value: Any, depth: int, seen: tuple[int, ...]) -> tuple[Any, ...]:
    own = getattr(value, "__dict__", None)
    slots = [s for c in type(value).__mro__ for s in _listed(c.__dict__.get("__slots__", ())) if s != "__dict__" and hasattr(value, s)]
    parts = {**(own if isinstance(own, dict) else {}), **{slot: getattr(value, slot) for slot in slots}}
    return tuple((key, shape(part, depth + 1, seen)) for key, part in parts.items() if not str(key).startswith("__"))


def _listed(slots: Any) -> tuple[str, ...]:
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _file(value: Any) -> Any:
    name = type(value).__name__
    if value in (sys.stdin, sys.stdout, sys.stderr):
        return name
    if value.closed:
        return name, "closed"
    if isinstance(value, io.StringIO | io.BytesIO):
        return name, value.getvalue(), value.tell()
    return name, _quietly(value.tell)


def _quietly(look: Any, otherwise: Any = None) -> Any:
    try:
        return look()
    except Exception as error:
        return repr(type(error)) if otherwise is None else otherwise
