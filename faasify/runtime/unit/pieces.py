"""Pieces: trees of built-in containers, carried whole at C speed with every identity inside (DECISIONS M1).

    take([{"a": [1]}, (2,)])        (b"\x80\x05...", {id: {"a": [1]}, id: (2,), id: [1]})
    make(b"\x80\x05...", 3)         ([{"a": [1]}, (2,)], {id: {"a": [1]}, id: (2,), id: [1]})

pickle's memo keeps the identities inside a piece. The containers in it are found here and there by the same walk, level by level, as the
interpreter's collector sees them: so each has a number on both sides, and can be referred to like any other object.

Writing refuses whatever is no built-in container, str, bytes, bytearray, number, bool or None of exactly that type; reading refuses every
name, reduction and persistent id, so that what arrives can hold nothing else either and needs no further look.

What stays out although pickle would take it: NaN, whose identity counts (C5); a set whose order an insertion one by one does not give;
what is nested deeper than pickle recurses. Those graphs go node by node.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Set
from gc import get_referents
from operator import is_
from typing import Any

from faasify.runtime.unit import sets
from faasify.runtime.unit.garbage import uncollected
from faasify.runtime.unit.wire import WireError, loads

_ATOMS = frozenset({type(None), bool, int, float, str, bytes})
_CONTAINERS = frozenset({list, dict, tuple, set, frozenset, bytearray})
_SETS = frozenset({set, frozenset})
_NATIVE = _ATOMS | _CONTAINERS
_WORD = 1 << 31  # larger integers are no pieces; lists of them: integers.py
LONG = 1 << 15  # characters or bytes
_FEW = 32  # elements: up to here, the types of all are looked at before an attempt
# A float whose exponent is all ones and that is no infinity, and an opcode that can be next. Seldom found where there is none.
_NEXT = rb"[N\x88\x89KMJ\x8a\x8bGCB\x8e\x8cX\x8d\]})(\x8f\x96hjeaust01\x85\x86\x87\x90\x91.\x95]"
_NAN = re.compile(rb"G[\x7f\xff](?!\xf0\0{6})[\xf0-\xff].{6}" + _NEXT, re.DOTALL)


class _NotPlain(Exception):
    """There is an object in it that is not to be carried by pickle itself."""


def _refuse(obj: Any) -> Any:
    raise _NotPlain


class _Sink:
    """A file whose chunks are kept in a list, and so need not be copied twice."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.write = self.chunks.append


class _Pickler(pickle.Pickler):
    def __init__(self, sink: Any) -> None:
        super().__init__(sink, 5, buffer_callback=_refuse)

    def reducer_override(self, obj: Any) -> Any:
        raise _NotPlain


_MARK: list[Any] = []


def _alone(pickler: _Pickler, sink: _Sink) -> bool:
    """Whether what was written is the only object in the memo: then the second reference to another one is number 1."""
    pickler.dump(_MARK)
    pickler.dump(_MARK)
    return sink.chunks[-1][-3:] == b"h\x01."


def promising(obj: Any) -> bool:
    """Whether an attempt is likely to succeed, and to be cheaper than a node for each container."""
    kind = type(obj)
    if kind is dict:
        return _promising(dict.values(obj), len(obj))
    return (kind is list or kind is tuple) and _promising(obj, len(obj))


def _promising(items: Any, count: int) -> bool:
    if count > _FEW:
        first = next(iter(items))
        return type(first) in _CONTAINERS or type(first) is float or (type(first) is int and -_WORD <= first < _WORD)
    kinds = set(map(type, items))
    return not kinds.isdisjoint(_CONTAINERS) and kinds <= _NATIVE


def written(obj: Any) -> bytes | None:
    """The bytes of a container; None if there is something in it that pickle itself does not know, or too deep."""
    return _written(obj)[0]


def _written(obj: Any) -> tuple[bytes | None, _Pickler, _Sink]:
    sink = _Sink()
    pickler = _Pickler(sink)
    try:
        pickler.dump(obj)
    except (_NotPlain, RecursionError):
        return None, pickler, sink
    return b"".join(sink.chunks), pickler, sink


@uncollected
def take(obj: Any, elsewhere: Set[int] = frozenset()) -> tuple[bytes, dict[int, Any]] | None:
    """The bytes of a container, and the containers inside it by id, in order; None if it is no piece.

    `elsewhere`: ids of long texts and bytes that are sent once, and had better not be in a piece again.
    """
    data, pickler, sink = _written(obj)
    if data is None:
        return None
    if elsewhere and len(data) >= LONG and not pickler.memo.copy().keys().isdisjoint(elsewhere):
        return None
    inner = {} if _alone(pickler, sink) else _inside(obj)
    if _has_nan(obj, data, inner):
        return None
    if _SETS & set(map(type, inner.values())) and not all(map(_in_order, inner.values())):
        return None
    return data, inner


@uncollected
def make(data: Any, count: int) -> tuple[Any, dict[int, Any]]:
    """What `take` took; raises WireError for anything else."""
    obj = read(data, count)
    inner = _inside(obj) if count else {}
    _check(len(inner) == count)
    return obj, inner


def read(data: Any, count: int) -> Any:
    """The first of what `make` gives: then `inside(obj, count)` has the others, in their order. Raises WireError."""
    obj = loads(data)
    _check(type(obj) in _CONTAINERS and type(count) is int and 0 <= count <= len(data))  # each container takes a byte at least
    return obj


@uncollected
def inside(obj: Any, count: int) -> list[Any]:
    """The containers inside what `read` gave; raises WireError if there are not so many."""
    inner = _inside(obj) if count else {}
    _check(len(inner) == count)
    return list(inner.values())


def _check(good: bool) -> None:
    if not good:
        raise WireError("a piece with other contents than it says")


def _inside(root: Any) -> dict[int, Any]:
    """Every container that `root` leads to, itself left out, by id."""
    seen, level = {id(root): root}, [root]
    while level:
        found = [obj for obj in get_referents(*level) if type(obj) in _CONTAINERS]
        new = dict(zip(map(id, found), found, strict=True))
        if not seen.keys().isdisjoint(new):
            new = {i: obj for i, obj in new.items() if i not in seen}
        seen |= new
        level = list(new.values())
    del seen[id(root)]
    return seen


def has_sets(obj: Any, inner: dict[int, Any]) -> bool:
    return type(obj) is set or set in set(map(type, inner.values()))


def _has_nan(obj: Any, data: bytes, inner: dict[int, Any]) -> bool:
    if type(obj) is list and obj and type(obj[0]) is float and not inner:
        try:
            total = sum(obj)  # faster than a look at the bytes of so many floats
        except TypeError:
            pass  # there is something else between them
        else:
            return bool(total != total) and any(x != x for x in obj)
    if not (b"G\x7f" in data or b"G\xff" in data):  # which takes a tenth of the time
        return False
    return bool(_NAN.search(data)) and any(x != x for x in get_referents(obj, *inner.values()) if type(x) is float)


def _in_order(obj: Any) -> bool:
    if type(obj) not in _SETS:
        return True
    items = list(obj)
    found = sets.find(obj, items)
    return found is not None and not found.recipe and all(map(is_, found.items, items))
