"""Iterators that can be copied by value (DECISIONS C6): over lists, tuples, text, bytes and ranges, and `itertools.count`.

`__reduce__` tells the sequence and the position without advancing. ["R", "builtins.list_iterator", [[i], 2]] stands for an iterator
over node i that gives its third element next; an index of None for one that has run out.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

from faasify.runtime.unit.codec import CodecError, Untravellable
from faasify.runtime.unit.kinds import is_kind
from faasify.runtime.unit.scalars import LATE, NAMES, carries

_SEQUENCES: dict[type, Any] = {type(iter(kind())): kind for kind in (list, tuple, str, bytes)} | {type(iter("é")): str}
_RANGE = type(iter(range(0)))


def _take_iterator(obj: Any) -> tuple[Any, ...]:
    """(sequence, index), the index being None where the iterator has run out."""
    reduced = obj.__reduce__()
    return (reduced[1][0], reduced[2] if len(reduced) > 2 else None)


def _iterator_maker(kind: Any) -> Callable[..., Any]:
    def make(sequence: Any, index: Any) -> Any:
        if not is_kind(sequence, kind):
            raise CodecError("an iterator over something else")
        obj = kind.__iter__(sequence)
        if index is None:  # the list may be filled later
            obj = kind.__iter__(kind())
            next(obj, None)
        return obj

    return make


def _restore_iterator(obj: Any, sequence: Any, index: Any) -> None:
    if index is None:  # it ran out over there: so it does here
        _skip(obj, None)
    else:
        obj.__setstate__(index)


def _skip(obj: Any, count: int | None) -> None:
    deque(islice(obj, count), maxlen=0)


def _take_range(obj: Any) -> tuple[Any, ...]:
    """(next value, step, how many are left). The form of `__reduce__` differs from version to version, the sum of its parts does not."""
    values, index = _take_iterator(obj)
    start = values.start + values.step * (index or 0)
    return (start, values.step, obj.__length_hint__())


def _make_range(start: int, step: int, left: int) -> Any:
    return iter(range(start, start + step * left, step))


def _place(obj: Any, sequence: Any, index: Any) -> None:
    if index is not None:
        obj.__setstate__(index)


for _kind, _of in _SEQUENCES.items():
    carries(_kind, _take_iterator, _iterator_maker(_of), _restore_iterator)
    LATE[NAMES[_kind]] = _place
carries(_RANGE, _take_range, _make_range, lambda obj, start, step, left: _skip(obj, obj.__length_hint__() - left))


# itertools.count


def _take_count(obj: Any) -> tuple[Any, ...]:
    """(next, step), from the repr: `__reduce__` of itertools is deprecated, and the repr is exact for integers."""
    numbers = repr(obj)[len("count(") : -1].split(", ")
    if not all(text.removeprefix("-").isdecimal() for text in numbers):
        raise Untravellable("an itertools.count of values other than int", obj)
    return (int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else 1)


def _restore_count(obj: Any, start: int, step: int) -> None:
    now, by = _take_count(obj)
    if by:
        _skip(obj, (start - now) // by)


carries(itertools.count, _take_count, itertools.count, _restore_count)
