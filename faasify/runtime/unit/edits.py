"""Edits of containers: described with as little as possible, applied in the smallest steps, past every method of the program's (R3).

dict_edit(enc, {"a": 1, "b": 2}, {"a": 1, "c": 3})      ["Δ", ["b"], ["c", 3]]
edit_list([1, 2, 3, 4], [1, 9, 4])                      one slice assignment: [1:3] = [9]
edit_deque(deque([1, 2]), [5, 2])                       one assignment: an iteration over the deque survives
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from faasify.runtime.unit import hashing, sets
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable

Plan = Callable[[], None]
ABSENT: Any = object()
FACTORY: Any = vars(defaultdict)["default_factory"]


_ATOMS = frozenset({type(None), bool, int, float, str, bytes})


def unchanged(a: Any, b: Any) -> bool:
    """The same object, or an equal plain value, whose identity is not promised (C5)."""
    return a is b or (type(a) is type(b) and type(a) in _ATOMS and a == b and (type(a) is not float or repr(a) == repr(b)))


def edit_list(obj: Any, new: list[Any]) -> None:
    """Make `obj` hold `new`: a slice between the common ends, so that unchanged positions stay what they are."""
    size, start = min(list.__len__(obj), len(new)), 0
    while start < size and unchanged(list.__getitem__(obj, start), new[start]):
        start += 1
    end = 0
    while end < size - start and unchanged(list.__getitem__(obj, -1 - end), new[-1 - end]):
        end += 1
    list.__setitem__(obj, slice(start, list.__len__(obj) - end), new[start : len(new) - end])


def edit_deque(obj: deque[Any], new: list[Any]) -> None:
    """In place where the length is kept; else by pops and appends at the ends (an iteration survives only the first)."""
    old = list(deque.__iter__(obj))
    if len(old) == len(new):
        for i, value in enumerate(new):
            if not unchanged(old[i], value):
                deque.__setitem__(obj, i, value)
        return
    gone = _left_shift(old, new)
    for _ in range(gone):
        deque.popleft(obj)
    del old[:gone]
    keep = 0
    while keep < min(len(old), len(new)) and unchanged(old[keep], new[keep]):
        keep += 1
    for _ in range(len(old) - keep):
        deque.pop(obj)
    deque.extend(obj, new[keep:])


def _left_shift(old: list[Any], new: list[Any]) -> int:
    """How many elements left at the left end, what remains being the beginning of `new`; 0 where it is not like that."""
    if old and new and not unchanged(old[0], new[0]):
        for shift in range(1, len(old)):
            if unchanged(old[shift], new[0]) and len(old) - shift <= len(new) and all(map(unchanged, old[shift:], new)):
                return shift
    return 0


def dict_edit(enc: Encoder, before: dict[Any, Any], after: Any) -> list[Any]:
    """["Δ", [removed], [key, value, ...]]: what was deleted and came back is removed and set again, as it was. ["d", [all]] where
    that asks the program about its keys."""
    kinds = {k: type(k) for k in before} if set(map(type, before)) | set(map(type, after)) <= _ATOMS - {float} else None
    if kinds is None or any(kinds.get(k, type(k)) is not type(k) for k in after):  # 1 became True
        hashing.check(enc, after, after)  # the caller hashes the keys once more
        return ["d", enc.pairs(after.items())]
    again = added_again(before, after)
    removed = [k for k in before if k not in after or k in again]
    return ["Δ", removed, enc.pairs((k, v) for k, v in after.items() if before.get(k, ABSENT) is not v or k in again)]


def added_again(before: Mapping[Any, Any], now: Iterable[Any]) -> set[Any]:
    """Keys of `before` that were deleted and came back: in the order of `now` they stand behind new ones, or out of turn."""
    turn = {key: i for i, key in enumerate(before)}
    last, found = -1, set[Any]()
    for key in now:
        at = turn.get(key)
        if at is None or at < last:
            last = len(turn)  # from here on, all were appended
        elif last < len(turn):
            last = at
        if at is not None and at < last:
            found.add(key)
    return found


def dict_plan(dec: Decoder, obj: Any, node: list[Any]) -> Plan:
    if node[0] == "Δ":
        removed, changed = node[1], dec.pairs(node[2])

        def delta() -> None:
            for key in removed:
                dict.pop(obj, key, None)
            for key, value in changed:
                dict.__setitem__(obj, key, value)

        return delta
    new = dec.pairs(node[1])

    def whole() -> None:
        if len(new) == dict.__len__(obj) and all(unchanged(k, n) for k, (n, _) in zip(dict.keys(obj), new, strict=True)):
            for key, value in new:
                dict.__setitem__(obj, key, value)
        else:
            dict.clear(obj)
            dict.update(obj, new)

    return whole


def ordered_plan(obj: Any, new: list[tuple[Any, Any]]) -> Plan:
    """Values in place where the keys are the same in the same order."""

    def apply() -> None:
        if len(new) != OrderedDict.__len__(obj) or not all(map(unchanged, OrderedDict.keys(obj), [k for k, _ in new])):
            OrderedDict.clear(obj)
        for key, value in new:
            OrderedDict.__setitem__(obj, key, value)

    return apply


def set_edit(enc: Encoder, obj: Any, before: Any) -> list[Any]:
    """What the set holds, and how it is made; raises Untravellable where that would be another one in the caller. `before` ends with
    the shape that it had."""
    items = list(set.__iter__(obj))
    hashing.check(enc, items, obj)
    *held, shape = before
    if sets.shape(obj).finger != shape.finger or (enc.pops and not all(x in obj for x in held)):
        raise Untravellable(
            "a set out of which something was taken where the code has a `pop`: which one depends on what it popped before", obj
        )
    found = sets.look(obj, items)
    return [enc.values(found.items), found.recipe]


def set_plan(obj: Any, items: list[Any], recipe: list[int]) -> Plan:
    """Discard and add where that gives the set that is over there, with a table like that one's, else a new table."""
    wanted = set[Any]()
    sets.fill(wanted, items, recipe)

    def edit(target: set[Any]) -> None:
        for gone in [x for x in set.__iter__(target) if x not in wanted]:
            set.discard(target, gone)
        for item in items:
            set.add(target, item)

    twin, trial = sets.find(obj, list(set.__iter__(obj))), set[Any]()
    if twin is not None:
        sets.fill(trial, *twin)
        edit(trial)
        if sets.alike(trial, wanted) and all(map(unchanged, trial, wanted)):
            return lambda: edit(obj)

    def replace() -> None:
        set.clear(obj)
        sets.fill(obj, items, recipe)

    return replace


def try_class(make: Callable[[], Any], other: type) -> None:
    """Raise here, before anything is committed, if an instance cannot change from one class to the other."""
    try:
        object.__setattr__(make(), "__class__", other)
    except TypeError as e:
        raise CodecError(f"a class that cannot change: {e}") from None


def all_of(plans: list[Plan]) -> Plan:
    def apply() -> None:
        for plan in plans:
            plan()

    return apply


def payload_plan(dec: Decoder, obj: Any, base: type, held: list[Any]) -> Plan:
    """What a built-in base holds, anew."""
    if base is bytearray:
        return lambda: bytearray.__setitem__(obj, slice(None), held[0])
    if base is set:
        return set_plan(obj, *sets.checked(dec.values(held[0]), held[1]))
    if base in (list, deque):
        new = dec.values(held[0])
        return (lambda: edit_list(obj, new)) if base is list else (lambda: edit_deque(obj, new))
    if base is OrderedDict:
        return ordered_plan(obj, dec.pairs(held[0]))
    inner = dict_plan(dec, obj, ["d", held[0]])
    factory = dec.value(held[1]) if base is defaultdict else None
    return all_of([inner, lambda: FACTORY.__set__(obj, factory)]) if base is defaultdict else inner
