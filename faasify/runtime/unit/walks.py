"""Containers whose iterators raise when the order was touched, also where everything is as it was in the end: `d.rotate(3)`, `d.append(1)`
and `d.pop()`. An iteration that is begun before the call tells that afterwards, as one of the caller's would.

    walk = Walk(d, parts)           ... the call ...        walk == Walk(d, parts_now)      False where anything was touched
    touch(d)                        in the caller: its iterators raise, the contents are what they were
"""

from __future__ import annotations

from collections import OrderedDict, deque
from operator import is_
from typing import Any


class Walk:
    """The parts of a container, and an iteration over it that has not begun."""

    __slots__ = ("_obj", "_steps", "_touched", "parts")

    def __init__(self, obj: Any, parts: list[Any]) -> None:
        self._obj, self.parts = obj, parts
        self._steps, self._touched = _begin(obj), False

    def __eq__(self, now: object) -> bool:
        assert isinstance(now, Walk)
        return len(self.parts) == len(now.parts) and all(map(is_, self.parts, now.parts)) and not self.touched()

    __hash__ = None  # type: ignore[assignment]

    def touched(self) -> bool:
        """Whether an iteration over it would raise now."""
        if not self._touched:
            try:
                next(self._steps)
            except StopIteration:
                return False
            except RuntimeError:
                self._touched = True
            else:
                self._steps = _begin(self._obj)
        return self._touched


def _begin(obj: Any) -> Any:
    return deque.__iter__(obj) if issubclass(type(obj), deque) else OrderedDict.__iter__(obj)


def touch(obj: Any) -> None:
    """Take the last element away and put it back."""
    if issubclass(type(obj), deque):
        if deque.__len__(obj):
            deque.append(obj, deque.pop(obj))
    elif OrderedDict.__len__(obj):
        key, value = OrderedDict.popitem(obj)
        OrderedDict.__setitem__(obj, key, value)
