"""Every object of a table as it is before a call, and what the call changed (DECISIONS R1, R2).

    before = Before.of(dec, world.is_program_class)
    ...
    before.edits(enc)       [[i, node], ...] for every object that refers to something else now
    before.same()           whether none does

Lists and dicts are most of what large tables have: their contents are kept behind one another in few long lists, and compared by
identity at C speed. Objects of other types are compared one by one, as changes.py says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from operator import is_
from typing import Any

from faasify.runtime.unit import changes
from faasify.runtime.unit.codec import Decoder, Encoder

_FIXED = frozenset({"ref", "M", "std", "opaque"})  # tags of what is there already, and no copy


class Before:
    """`fixed` are numbers of objects that are not to be looked at."""

    def __init__(self, objs: list[Any], is_program_class: Callable[[type], bool], fixed: Iterable[int] = ()) -> None:
        if fixed := set(fixed):
            objs = [None if i in fixed else obj for i, obj in enumerate(objs)]
        self._objs = objs
        self._lists = _Many(_of_type(list, objs), list.__iter__)
        self._dicts = _Many(_of_type(dict, objs), dict.keys, dict.values)
        self._others = [
            (i, kind, kind.flat(obj))
            for i, obj in enumerate(objs)
            if type(obj) not in _ELSEWHERE and (kind := changes.kind_of(obj, is_program_class)) is not changes.FROZEN
        ]

    @classmethod
    def of(cls, dec: Decoder, is_program_class: Callable[[type], bool]) -> Before:
        """What arrived, as it is now; objects that were known before are left out."""
        fixed = [i for i, node in enumerate(dec.nodes, dec.base) if node is not None and node[0] in _FIXED]
        return cls(dec.objs, is_program_class, [*range(dec.base), *fixed])

    def same(self) -> bool:
        objs = self._objs
        return self._lists.same() and self._dicts.same() and all(changes.same(was, kind.flat(objs[i])) for i, kind, was in self._others)

    def edits(self, enc: Encoder) -> list[list[Any]]:
        """[number, node] for every object that differs; iterators behind the lists that they run over."""
        objs, found = self._objs, list[tuple[int, changes.Kind, Any]]()
        for kind, many in ((list, self._lists), (dict, self._dicts)):
            if not many.same():
                numbers = (i for i, obj in enumerate(objs) if type(obj) is kind)
                found += [(i, changes.KINDS[kind], was) for i, was in zip(numbers, many.each(), strict=True)]
        found += self._others
        found.sort(key=lambda entry: entry[0])
        edits = [[i, kind.edit(enc, objs[i], was)] for i, kind, was in found if not changes.same(was, kind.flat(objs[i]))]
        return sorted(edits, key=lambda edit: bool(edit[1][0] == "R"))


# Objects without contents of their own, and those that are kept together
_ELSEWHERE = frozenset({type(None), bool, int, float, str, bytes, tuple, frozenset, list, dict})


def _of_type(kind: type, objs: list[Any]) -> list[Any]:
    return [obj for obj in objs if type(obj) is kind]


class _Many:
    """Containers of one type: how many parts each has, and the parts of all of them, once for each way to look at them."""

    def __init__(self, objs: list[Any], *ways: Callable[[Any], Iterable[Any]]) -> None:
        self._objs = objs
        self._ways = ways
        self._sizes, self._parts = self._now()

    def _now(self) -> tuple[list[int], list[list[Any]]]:
        return list(map(len, self._objs)), [list(chain.from_iterable(map(way, self._objs))) for way in self._ways]

    def same(self) -> bool:
        sizes, parts = self._now()
        return sizes == self._sizes and all(all(map(is_, now, was)) for now, was in zip(parts, self._parts, strict=True))

    def each(self) -> Iterable[list[Any]]:
        """The snapshot of one container after the other, as changes.py has it."""
        at = 0
        for size in self._sizes:
            yield [part for parts in self._parts for part in parts[at : at + size]]
            at += size
