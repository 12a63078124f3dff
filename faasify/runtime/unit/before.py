"""Every object of a table as it is before a call, and what the call changed (DECISIONS R1, R2).

    before = Before.of(dec, world.is_program_class)
    ...
    before.edits(enc)       [[i, node], ...] for every object that refers to something else now
    before.same()           whether none does

Lists, dicts and plain instances are most of what large tables have: the contents of all objects of one type are kept behind one another
in few long lists, and compared by identity at C speed. Others are compared one by one, as changeable.py says.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from operator import is_
from typing import Any

from faasify.runtime.unit import changes, integers, pieces
from faasify.runtime.unit.changed_instances import flat_attributes, has_attributes_only
from faasify.runtime.unit.codec import Decoder, Encoder, Untravellable
from faasify.runtime.unit.edits import unchanged
from faasify.runtime.unit.layouts import attributes_of

_FIXED = frozenset({"ref", "M", "std", "opaque", "lg", "ls", "hl"})  # tags of what is there already, and no copy
_NOTHING = frozenset({type(None), bool, int, float, str, bytes, tuple, frozenset})  # types of what has no contents that could change
_LONG = 1000  # elements: from here on, writing numbers once more is faster than keeping and comparing them
_APART = _NOTHING | {list, dict}


def fixed_in(dec: Decoder) -> list[int]:
    """The places of what a decoder found here and did not make."""
    return [i for i, node in enumerate(dec.nodes, dec.base) if node is not None and node[0] in _FIXED]


class Before:
    """`fixed` are the places of objects that are not to be looked at, `packed` those of long lists of numbers, with their nodes; nor are
    those before `start` looked at. `deletes`: whether the call may delete keys of dicts."""

    def __init__(
        self,
        objs: list[Any],
        is_program_class: Callable[[type], bool],
        fixed: Iterable[int] = (),
        packed: Iterable[tuple[int, list[Any]]] = (),
        start: int = 0,
        deletes: bool = False,
    ) -> None:
        self.fixed = frozenset(fixed)
        self._numbers = [(i, objs[i], [bytes(x) if type(x) is memoryview else x for x in node]) for i, node in packed]
        self._objs = objs
        if fixed := {*self.fixed, *(i for i, _, _ in self._numbers)}:
            objs = [None if i in fixed else obj for i, obj in enumerate(objs)]
        objs = objs[start:]
        self._alike: list[_Lists] = []
        if lists := _of_type(list, objs):
            self._alike.append(_Lists(changes.KINDS[list], lists))
        if dicts := _of_type(dict, objs):
            self._alike.append(_Dicts(changes.KINDS[dict], dicts, deletes))
        self._others: list[tuple[int, changes.Kind, Any]] = []
        by_type: dict[type, list[int]] = {}
        for i, obj in enumerate(objs, start):
            if type(obj) not in _APART:
                by_type.setdefault(type(obj), []).append(i)
        for numbers in by_type.values():
            self._note(numbers, is_program_class)

    def _note(self, numbers: list[int], is_program_class: Callable[[type], bool]) -> None:
        """Objects of one type; functions and classes differ in kind all the same."""
        objs = self._objs
        kind = changes.kind_of(objs[numbers[0]], is_program_class)
        if has_attributes_only(kind):
            self._alike.append(_Instances(kind, [objs[i] for i in numbers]))
        elif kind is not changes.FROZEN or changes.by_object(objs[numbers[0]]):
            kinds = ((i, changes.kind_of(objs[i], is_program_class)) for i in numbers)
            self._others += [(i, kind, kind.flat(objs[i])) for i, kind in kinds if kind is not changes.FROZEN]

    @classmethod
    def of(cls, dec: Decoder, is_program_class: Callable[[type], bool], without: Iterable[int] = (), *, deletes: bool = False) -> Before:
        """What arrived, as it is now; objects that were known before, and those `without`, are left out."""
        nodes = [(i, node) for i, node in enumerate(dec.nodes, dec.base) if node is not None]
        fixed = fixed_in(dec)
        packed = [(i, node) for i, node in nodes if (node[0] == "I" or node[0] == "p" and node[2] == 0) and _is_long(dec.objs[i])]
        return cls(dec.objs, is_program_class, [*fixed, *without], packed, dec.base, deletes)

    def same(self) -> bool:  # asked after each call: loops, which are quicker than `all` of a generator
        objs = self._objs
        for many in self._alike:
            if not many.same():
                return False
        for i, kind, was in self._others:
            if not changes.same(was, kind.flat(objs[i])):
                return False
        return not self._numbers or all(_written(obj, node) == node for _, obj, node in self._numbers)

    def edits(self, enc: Encoder) -> list[list[Any]]:
        """[number, node] for every object that differs; iterators behind the lists that they run over."""
        objs, found = self._objs, list(self._others)
        for many in self._alike:
            if not many.same():
                numbers = {id(obj): i for i, obj in enumerate(objs) if type(obj) not in _NOTHING}
                found += [(numbers[id(obj)], many.kind, was) for obj, was in many.each()]
        found += [(i, changes.KINDS[list], None) for i, obj, node in self._numbers if _written(obj, node) != node]
        found.sort(key=lambda entry: entry[0])
        edits = [[i, kind.edit(enc, objs[i], was)] for i, kind, was in found if not changes.same(was, kind.flat(objs[i]))]
        return sorted(edits, key=lambda edit: bool(edit[1][0] == "R"))


def _written(obj: list[Any], node: list[Any]) -> list[Any]:
    """The list once more as `node` has it, or something else."""
    return ["I", *(integers.packed(obj) or ())] if node[0] == "I" else ["p", pieces.written(obj), 0]


def _is_long(obj: Any) -> bool:
    return type(obj) is list and len(obj) >= _LONG


def _of_type(kind: type, objs: list[Any]) -> list[Any]:
    return [obj for obj in objs if type(obj) is kind]


class _Lists:
    """Many lists: how many elements each has, and the elements of all of them."""

    def __init__(self, kind: changes.Kind, objs: list[Any]) -> None:
        self.kind = kind
        self._objs = objs
        self._sizes, self._parts = self._now()

    def _now(self) -> tuple[list[int], list[list[Any]]]:
        return list(map(len, self._objs)), [list(chain.from_iterable(self._objs))]

    def same(self) -> bool:
        sizes, parts = self._now()
        return sizes == self._sizes and all(map(is_, chain(*parts), chain(*self._parts)))

    def each(self) -> Iterator[tuple[Any, Any]]:
        """Each object with its snapshot, as changeable.py has it."""
        at = 0
        for obj, size in zip(self._objs, self._sizes, strict=True):
            yield obj, [part for parts in self._parts for part in parts[at : at + size]]
            at += size


class _Dicts(_Lists):
    """`deletes`: keys may be deleted. Where the last ones are, and are set again, that shows in no order of the keys, but to a loop of the
    caller's that runs over them."""

    def __init__(self, kind: changes.Kind, objs: list[Any], deletes: bool) -> None:
        super().__init__(kind, objs)
        self._ends = list(map(_at_end, objs)) if deletes else []

    def _now(self) -> tuple[list[int], list[list[Any]]]:
        return _contents(self._objs)

    def same(self) -> bool:
        return super().same() and not any(map(_goes_on, self._ends))

    def each(self) -> Iterator[tuple[Any, Any]]:
        for i, (obj, was) in enumerate(super().each()):
            size = len(was) // 2
            if self._ends and size == len(obj) and all(map(unchanged, obj, was)) and _goes_on(self._ends[i]):
                raise Untravellable("a dict whose last key was deleted and set again", obj)
            yield obj, was


def _at_end(obj: dict[Any, Any]) -> Iterator[Any]:
    """An iteration over the keys that stands behind the last one."""
    keys = iter(obj)
    deque(islice(keys, len(obj)), maxlen=0)
    return keys


def _goes_on(keys: Iterator[Any]) -> bool:
    """Whether there are keys behind its end, of a dict that is as large as it was."""
    try:
        keys.__reduce__()  # on a copy of it
    except RuntimeError:
        return True
    return False


class _Instances(_Lists):
    """Instances of one class that have a `__dict__` and nothing else."""

    def __init__(self, kind: changes.Kind, objs: list[Any]) -> None:
        self._cls = type(objs[0])
        self._spaces = list(map(attributes_of, objs))
        super().__init__(kind, objs)

    def _now(self) -> tuple[list[int], list[list[Any]]]:
        return _contents(list(map(attributes_of, self._objs)))

    def same(self) -> bool:
        own_dicts = all(map(is_, map(attributes_of, self._objs), self._spaces))
        return own_dicts and set(map(type, self._objs)) == {self._cls} and super().same()

    def each(self) -> Iterator[tuple[Any, Any]]:
        for space, (obj, flat) in zip(self._spaces, super().each(), strict=True):
            yield obj, flat_attributes(self._cls, space, flat)


def _contents(dicts: list[dict[Any, Any]]) -> tuple[list[int], list[list[Any]]]:
    return list(map(len, dicts)), [list(chain.from_iterable(dicts)), list(chain.from_iterable(map(dict.values, dicts)))]
