"""How containers change: lists, deques, dicts with their kinds, sets, byte arrays."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from typing import Any

from faasify.runtime.unit import hashing, sets
from faasify.runtime.unit.changeable import Flat, Kind
from faasify.runtime.unit.codec import Decoder, Encoder, Untravellable
from faasify.runtime.unit.edits import (
    FACTORY,
    Plan,
    all_of,
    dict_edit,
    dict_plan,
    edit_deque,
    edit_list,
    ordered_plan,
    set_edit,
    set_plan,
)
from faasify.runtime.unit.walks import Walk, touch


class _List(Kind):
    def flat(self, obj: Any) -> Flat:
        return list(list.__iter__(obj))

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        return ["l", enc.values(obj)]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        new = dec.values(node[1])
        return lambda: edit_list(obj, new)


class _Deque(_List):
    def flat(self, obj: Any) -> Flat:
        return Walk(obj, deque_parts(obj))

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        keeps_its_maxlen(obj, before.parts[-1])
        return ["l", enc.values(deque.__iter__(obj)), before.touched()]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        new, touched = dec.values(node[1]), node[2]

        def apply() -> None:
            edit_deque(obj, new)
            if touched:
                touch(obj)

        return apply


def deque_parts(obj: deque[Any]) -> list[Any]:
    return [*deque.__iter__(obj), maxlen_of(obj)]


def maxlen_of(obj: deque[Any]) -> int | None:
    """The same object for equal numbers."""
    size: int | None = vars(deque)["maxlen"].__get__(obj)
    return _sizes.setdefault(size, size)


_sizes: dict[int | None, int | None] = {}


def keeps_its_maxlen(obj: deque[Any], before: int | None) -> None:
    if maxlen_of(obj) is not before:
        raise Untravellable("a deque that was given another maxlen", obj)


class _Dict(Kind):
    def flat(self, obj: Any) -> Flat:
        return [*dict.keys(obj), *dict.values(obj)]

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        return dict_edit(enc, dict(zip(before[: len(before) // 2], before[len(before) // 2 :], strict=True)), obj)

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        return dict_plan(dec, obj, node)


class _DefaultDict(_Dict):
    def flat(self, obj: Any) -> Flat:
        return [*super().flat(obj), FACTORY.__get__(obj), None]

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        return ["dd", super().edit(enc, obj, before[:-2]), enc.value(obj.default_factory)]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        inner, factory = super().plan(dec, obj, node[1]), dec.value(node[2])

        def apply() -> None:
            inner()
            obj.default_factory = factory

        return apply


class _Ordered(Kind):
    def flat(self, obj: Any) -> Flat:
        return Walk(obj, ordered_parts(obj))

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        hashing.check(enc, OrderedDict.keys(obj), obj)
        return ["od", enc.pairs(OrderedDict.items(obj)), enc.pairs(vars(obj).items()), before.touched()]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        space, touched = dict(dec.pairs(node[2])), node[3]

        def attributes() -> None:
            vars(obj).clear()
            vars(obj).update(space)
            if touched:
                touch(obj)

        return all_of([ordered_plan(obj, dec.pairs(node[1])), attributes])


def ordered_parts(obj: OrderedDict[Any, Any]) -> list[Any]:
    return [*OrderedDict.keys(obj), *OrderedDict.values(obj), *vars(obj), *vars(obj).values()]


class _Set(Kind):
    def flat(self, obj: Any) -> Flat:
        return [*set.__iter__(obj), sets.shape(obj)]

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        return ["s", *set_edit(enc, obj, before)]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        return set_plan(obj, *sets.checked(dec.values(node[1]), node[2]))


class _Bytes(Kind):
    def flat(self, obj: Any) -> Flat:
        return bytes(obj)

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        return ["b", bytes(obj)]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        return lambda: bytearray.__setitem__(obj, slice(None), node[1])


CONTAINERS: dict[type, Kind] = {
    list: _List(),
    dict: _Dict(),
    set: _Set(),
    deque: _Deque(),
    defaultdict: _DefaultDict(),
    OrderedDict: _Ordered(),
    bytearray: _Bytes(),
}
