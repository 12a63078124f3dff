"""What a unit may do to the objects that it was given, drawn at random."""

from __future__ import annotations

import contextlib
from array import array
from collections import ChainMap, OrderedDict, deque
from enum import Enum
from random import Random
from types import FunctionType, MethodType
from typing import Any

from hypothesis import strategies as st

from tests.runtime.graphs import keys, leaves

STEP = st.tuples(st.integers(0, 30), st.integers(0, 9), st.integers(0, 30), keys, leaves)
mutations = st.lists(STEP, max_size=8)


def mutate(objs: list[Any], steps: list[Any], space: dict[str, Any]) -> None:
    """Each step changes one object, perhaps so that it refers to another one, or to a new one."""
    targets = list(objs)
    for number, how, other, key, leaf in steps:
        obj = targets[number % len(targets)]
        if how < 4:
            new = leaf
        elif how < 8:
            new = targets[other % len(targets)]
        else:
            new = [[leaf], {1: leaf}, space["Plain"].__new__(space["Plain"]), deque([obj]), {3, 4}][other % 5]
            targets.append(new)
        with contextlib.suppress(IndexError, KeyError, TypeError, AttributeError, ValueError, StopIteration):
            _change(obj, how, key, new, space)


def _change(obj: Any, how: int, key: Any, new: Any, space: dict[str, Any]) -> None:
    if isinstance(obj, Enum | Random | MethodType):
        return  # their attributes are the library's, or all the program's
    if isinstance(obj, ChainMap):
        obj.maps.append({how: new})
        return
    if isinstance(obj, FunctionType) and obj.__closure__ and how == 0:
        obj.__closure__[0].cell_contents = new
    if isinstance(obj, list | deque):
        _change_sequence(obj, how, new)
    elif isinstance(obj, dict):
        _change_mapping(obj, how, key, new)
    elif isinstance(obj, set):
        [obj.discard, obj.add][how % 2](key)
        obj.discard(None)
    elif isinstance(obj, bytearray):
        obj[how : how + 1] = b"xyz"
    elif isinstance(obj, array):
        obj.append(how)
    elif type(obj).__name__ in ("Plain", "SimpleNamespace", "Failure", "Data", "partial", "function"):
        setattr(obj, f"x{how % 3}", new)
        if type(obj).__name__ == "Plain" and how == 3:
            obj.__class__ = space["Other"]
    elif type(obj).__name__ in ("Slots", "Both"):
        if how == 0:
            del obj.a
        else:
            obj.a = new
    if isinstance(obj, BaseException) and how == 7:
        obj.args = (new,)
    if hasattr(obj, "__dict__") and not isinstance(obj, type) and how == 9:
        vars(obj).clear()


def _change_sequence(obj: Any, how: int, new: Any) -> None:
    match how % 8:
        case 0:
            obj.append(new)
        case 1:
            obj.insert(0, new)
        case 2:
            obj.pop()
        case 3:
            del obj[0]
        case 4:
            obj[len(obj) // 2] = new
        case 5:
            obj.reverse()
        case 6:
            obj.clear()
        case 7:
            obj.extend([new, new])


def _change_mapping(obj: Any, how: int, key: Any, new: Any) -> None:
    match how % 5:
        case 0 | 1:
            obj[key] = new
        case 2:
            obj.popitem()
        case 3:
            first = next(iter(obj))
            obj[first] = obj.pop(first)
            if isinstance(obj, OrderedDict):
                obj.move_to_end(first, last=False)
        case 4:
            obj.clear()
