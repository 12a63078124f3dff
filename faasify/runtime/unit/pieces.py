"""Pieces: trees of built-in containers, carried whole at C speed with every identity inside (DECISIONS M1).

    take([{"a": [1]}, (2,)])        (b"\\x80\\x05...", [{"a": [1]}, [1], (2,)])
    make(b"\\x80\\x05...", 3)         ([{"a": [1]}, (2,)], [{"a": [1]}, [1], (2,)])

pickle's memo is an identity table that both sides fill alike: the n-th object that was written is the n-th that is read. So the
containers inside a piece (the list behind the data) have the same order here and there, and can be referred to like any other object.

Writing refuses whatever is no built-in container, str, bytes, bytearray, number, bool or None of exactly that type; reading refuses every
name, reduction and persistent id, so that what arrives can hold nothing else either and needs no further look.

What stays out although pickle would take it: NaN, whose identity counts (C5); a set whose order an insertion one by one does not give;
what is nested deeper than pickle recurses. Those graphs go node by node.
"""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Iterable
from operator import is_
from typing import Any

from faasify.runtime.unit import sets
from faasify.runtime.unit.garbage import uncollected
from faasify.runtime.unit.wire import WireError, loads, loads_with_memo

_ATOMS = frozenset({type(None), bool, int, float, str, bytes})
_CONTAINERS = frozenset({list, dict, tuple, set, frozenset, bytearray})
_SETS = frozenset({set, frozenset})
_TEXT = frozenset({str, bytes})
_NATIVE = _ATOMS | _CONTAINERS
_FEW = 32  # elements: up to here, the types of all are looked at before an attempt
_NAN = re.compile(rb"G[\x7f\xff](?!\xf0\0\0\0\0\0\0)[\xf0-\xff]")  # a float's opcode and first bytes; a chance hit costs time only


class _NotPlain(Exception):
    """There is an object in it that pickle itself does not know."""


class _Pickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        raise _NotPlain


def promising(obj: Any) -> bool:
    """Whether an attempt is likely to succeed, and to be cheaper than a node for each container."""
    kind = type(obj)
    if kind is dict:
        return _promising(dict.values(obj), len(obj))
    return (kind is list or kind is tuple) and _promising(obj, len(obj))


def _promising(items: Any, count: int) -> bool:
    if count > _FEW:
        first = type(next(iter(items)))
        return first in _CONTAINERS or first is float or first is int
    kinds = set(map(type, items))
    return not kinds.isdisjoint(_CONTAINERS) and kinds <= _NATIVE


@uncollected
def take(obj: Any) -> tuple[bytes, list[Any]] | None:
    """The bytes of a container, and the containers inside it in the order of the memo; None if it is no piece."""
    out = io.BytesIO()
    pickler = _Pickler(out, protocol=5)
    try:
        pickler.dump(obj)
    except (_NotPlain, RecursionError):
        return None
    data = out.getvalue()
    if (b"G\x7f" in data or b"G\xff" in data) and _NAN.search(data):
        return None
    memo = dict(pickler.memo.copy().values())
    inner = _containers(map(memo.__getitem__, range(len(memo))), obj)
    kinds = set(map(type, inner))
    if not kinds <= _CONTAINERS or (_SETS & kinds and not all(map(_in_order, inner))):
        return None
    return data, inner


@uncollected
def make(data: Any, count: int) -> tuple[Any, list[Any]]:
    """What `take` took; raises WireError for anything else."""
    obj, memo = loads_with_memo(data) if count else (loads(data), {})
    inner = _containers(memo.values(), obj)
    if type(obj) not in _CONTAINERS or len(inner) != count:
        raise WireError("a piece with other contents than it says")
    return obj, inner


def _containers(memo: Iterable[Any], root: Any) -> list[Any]:
    """Text and bytes are in the memo too; their identity is not promised."""
    return [obj for obj in memo if type(obj) not in _TEXT and obj is not root]


def _in_order(obj: Any) -> bool:
    if type(obj) not in _SETS:
        return True
    items = list(obj)
    found = sets.find(items, sets.table_size(obj))
    return found is not None and not found.recipe and all(map(is_, found.items, items))
