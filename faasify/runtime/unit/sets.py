"""Sets that iterate in the order of the original, with a hash table like the original's.

The order in which a set iterates, and where its next element goes, follow from its hashes and its table: how many slots it has, which
elements lie where, and from which slots something was taken (nothing new may lie there). All processes of a run share one hash seed
(T4); so a copy has the same order, now and after every change, if its elements are inserted in the right sequence into a table of the
right size with the same slots used up. Of that, Python shows the order alone, and the size of the table; the rest is read from the table
itself, as CPython's setobject.h has it. `find` looks for the way to a copy and tries it, `fill` follows it. The *recipe* is

    []                         insert one after the other; the table grows as it does in a program
    [head, times]              the first `head` by way of a dict, which makes room for twice as many at once, `times` times (twice: for four
                               times as many); then the others one after the other
    [head, 0, *gaps]           first room for twice `head` at once, and a filler into every slot of `gaps`; then the elements one after the
                               other; in the end the fillers are discarded, which leaves their slots used up. Without gaps, the room is made
                               when the first element is there

Where the next `pop` of a set begins is not copied: code that may pop takes nothing out of a set that was sent, and makes none that has
popped.
"""

from __future__ import annotations

import sys
from operator import is_
from typing import Any, NamedTuple

from faasify.runtime.unit.failures import CodecError, Untravellable
from faasify.runtime.unit.wrappers import hashes_by_address

_ROOM = 8  # slots of an empty set
_LINEAR = 9  # CPython's LINEAR_PROBES
_WORD = (1 << 64) - 1
_MOST = 100_000  # elements: where looking for the order takes longer than most calls
_HUGE = 4_000_000
_FAR = 0x5851F42D << 31  # leaves the slot as it is, and is no hash that a program gives: its `__eq__` is not to be asked about a filler
_BUILT_IN = frozenset({type(None), bool, int, float, complex, str, bytes, tuple, frozenset})  # leave a comparison to the other side
HISTORY = "a set whose order depends on its history"


class Found(NamedTuple):
    """How to make a set: its elements as they are to be inserted, and the recipe."""

    items: list[Any]
    recipe: list[int]


class Shape(NamedTuple):
    """Of a set's hash table: slots that are or were occupied since it was made, all slots, and where the next `pop` begins to look."""

    used: int
    slots: int
    finger: int


class _Filler:
    """Something in a slot of a set's table."""

    __slots__ = ("slot",)

    def __init__(self, slot: int) -> None:
        self.slot = slot

    def __hash__(self) -> int:
        return _FAR + self.slot


class _Emptying:
    """Is equal to what has the same hash, and empties a dict as soon as it is compared."""

    __slots__ = ("hash", "others")

    def __init__(self, found: int, others: dict[Any, None]) -> None:
        self.hash = found
        self.others = others

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        self.others.clear()
        return True


class _Memory:
    """Reads words; ctypes' own part alone, since ctypes takes longer to import than most programs have sets."""

    def __init__(self) -> None:
        from _ctypes import _SimpleCData

        class Word(_SimpleCData):  # type: ignore[type-arg]
            _type_ = "l"

        self._word = Word
        self._head: Any = Word * 6

    def head(self, obj: Any) -> list[int]:
        """[fill, used, mask, address of the table, hash, finger]"""
        found: list[int] = self._head.from_address(id(obj) + _OBJECT)[:]
        return found

    def read(self, address: int, count: int) -> bytes:
        return bytes((self._word * count).from_address(address))


_OBJECT = object.__basicsize__
_memory: _Memory | None = None


def shape(obj: Any) -> Shape:
    """Of a set or frozenset; raises Untravellable where memory is not laid out, or cannot be read, as in CPython."""
    fill, _, mask, _, _, finger = _head(obj)
    return _shapes.setdefault(found := Shape(fill, mask + 1, finger & mask), found)


_shapes: dict[Shape, Shape] = {}  # one object for equal shapes: snapshots are compared by identity


def _head(obj: Any) -> list[int]:
    global _memory
    if _memory is None:
        if sys.implementation.name != "cpython":
            raise Untravellable("a set, whose hash table can be read in CPython alone", obj)
        try:
            _memory = _Memory()
        except ImportError:
            raise Untravellable("a set, whose hash table cannot be read: this Python has no _ctypes", obj) from None
    return _memory.head(obj)


def _table(obj: Any) -> tuple[list[int], list[int]]:
    """The slots of the elements, in the order in which they iterate, and the gaps: slots from which something was taken."""
    _, _, mask, address, _, _ = _head(obj)
    assert _memory is not None
    words = memoryview(_memory.read(address, 2 * (mask + 1))).cast("l")
    keys, hashes = words[::2], words[1::2]
    taken = [slot for slot, key in enumerate(keys) if key]
    return [slot for slot in taken if hashes[slot] != -1], [slot for slot in taken if hashes[slot] == -1]  # -1 is no object's hash


def has_popped(obj: Any) -> bool:
    """Whether the next `pop` of a set begins elsewhere than with its first slot."""
    return shape(obj).finger != 0


def fill(obj: set[Any], items: list[Any], recipe: list[int]) -> None:
    """Put `items` into the empty set `obj`."""
    if not recipe:
        set.update(obj, items)
        return
    head, times, *gaps = recipe
    if times:
        first = dict.fromkeys(items[:head])
        set.update(obj, *([first] * times), items[head:])
        return
    fillers = [_Filler(slot) for slot in gaps]
    start = fillers[0] if fillers else items[0]
    set.add(obj, start)
    if head:
        set.update(obj, _room(head, hash(start)))
    set.update(obj, fillers, items)
    for filler in fillers:
        set.discard(obj, filler)  # difference_update would make the table smaller


def _room(count: int, found: int) -> dict[Any, None]:
    """Makes room for so many when it is added to a set, and adds nothing if that has something with this hash: a dict's size is what
    counts, though it is emptied before its second key is looked at."""
    others: dict[Any, None] = {}
    others[_Emptying(found, others)] = None
    smaller = range(-2, -2 - count, -1) if found >= 0 else range(count)  # the hashes are others: nothing is compared now
    others.update(dict.fromkeys(smaller))
    return others


def frozen(items: list[Any], recipe: list[int]) -> frozenset[Any]:
    """A frozenset of `items`."""
    if not recipe:
        return frozenset(items)
    first = dict.fromkeys(items[: recipe[0]])
    return frozenset().union(*([first] * recipe[1]), items[recipe[0] :])


def checked(items: list[Any], recipe: Any, *, gaps: bool = True) -> Found:
    """What arrived, if it is a recipe for as many elements; raises CodecError."""
    if not _valid(recipe, len(items), gaps=gaps) or (len(recipe) == 2 and recipe[1] == 0 and type(items[0]) not in _BUILT_IN):
        raise CodecError("a set with a recipe that makes no sense")
    return Found(items, recipe)


def _valid(recipe: Any, count: int, *, gaps: bool) -> bool:
    """Whether that takes no more room than a set may have taken."""
    if type(recipe) is not list or not all(type(k) is int and 0 <= k <= _HUGE for k in recipe):
        return False
    if not recipe or len(recipe) < 2:
        return not recipe
    head, times, *slots = recipe
    if times:
        return times <= 2 and head <= count and not slots
    return gaps and 0 < count + len(slots) <= 2 * _MOST and head <= 2 * (count + len(slots)) + _ROOM


def look(obj: Any, items: list[Any]) -> Found:
    """The way to a set or frozenset like `obj`, which iterates as `items`. Where elements hash by address there is no order to keep."""
    found = find(obj, items)
    if found is not None and (isinstance(obj, set) or all(found.recipe[1:])):
        return found
    if unordered(items):
        return Found(items, [])
    raise Untravellable(HISTORY, obj)


def find(obj: Any, items: list[Any]) -> Found | None:
    """The way to a set like `obj`, which iterates as `items`; None if none is found."""
    used, slots, _ = shape(obj)
    if used == len(items) and _leads_there(items, [], obj, items):
        return Found(items, [])
    if used > _MOST or slots > _HUGE:
        return None
    places, gaps = _table(obj)
    sequence = insertion_order([hash(x) for x in items], places, gaps, slots - 1)
    order = [items[i] for i in sequence]
    for recipe in _recipes(len(items), slots, gaps):
        if len(order) == len(items) and _leads_there(order, recipe, obj, items):
            return Found(order, recipe)
    start = next((i for i, x in enumerate(items) if type(x) in _BUILT_IN and _lies_at(hash(x), places[i], slots)), None)
    if not gaps and start is not None and sequence:
        order, recipe = [items[start], *(items[i] for i in sequence if i != start)], [max(slots // 4, 5), 0]
        if _leads_there(order, recipe, obj, items):
            return Found(order, recipe)
    return None


def _lies_at(found: int, place: int, slots: int) -> bool:
    """Whether the first slot that is tried for a hash is this one."""
    return found & (slots - 1) == place


def _leads_there(order: list[Any], recipe: list[int], obj: Any, items: list[Any]) -> bool:
    made: set[Any] = set()
    fill(made, order, recipe)
    return alike(made, obj) and all(map(is_, made, items))


def alike(a: Any, b: Any) -> bool:
    """Whether the tables of two sets have the same size, with elements and gaps in the same slots."""
    one, other = _head(a), _head(b)
    if one[:3] != other[:3]:
        return False
    assert _memory is not None
    size = 2 * (one[2] + 1)
    return _memory.read(one[3], size) == _memory.read(other[3], size) or _table(a) == _table(b)


def _recipes(count: int, slots: int, gaps: list[int]) -> list[list[int]]:
    """Recipes that may lead to a table of that many slots, the likely ones first."""
    half, quarter = max(slots // 4, 5), max(slots // 8 + 1, 3)
    if gaps:
        return [[half if slots > _ROOM else 0, 0, *gaps]]
    found: list[list[int]] = [[]]
    if slots > _ROOM and half <= count:
        found.append([half, 1])
    if slots > _ROOM and quarter <= count:
        found += [[quarter, 2], [count, 2]]
    return found


def insertion_order(hashes: list[int], places: list[int], gaps: list[int], mask: int) -> list[int]:
    """In which order elements with these hashes came into their `places` in the table: those that lie where they belong first, every
    other one after those that were in its way. Empty if something is in nobody's way."""
    owner = {slot: i for i, slot in enumerate(places)}
    passed = [_passed(h & _WORD, place, mask) for h, place in zip(hashes, places, strict=True)]
    if not {slot for slots in passed for slot in slots} <= owner.keys() | set(gaps):
        return []
    order: dict[int, None] = {}
    for start in range(len(places)):
        todo = [start]
        while todo:
            i = todo[-1]
            behind = [j for slot in passed[i] if (j := owner.get(slot)) is not None and j not in order]
            if not behind:
                order[todo.pop()] = None
            elif behind[0] in todo:
                return []
            else:
                todo.append(behind[0])
    return list(order)


def _passed(h: int, place: int, mask: int) -> list[int]:
    """The slots that are tried for a hash before this one (set_add_entry in CPython's setobject.c)."""
    found: list[int] = []
    i, perturb = h & mask, h
    for _ in range(mask + 64):  # from some turn on the slots come from all of the table in turn
        for slot in range(i, i + 1 + (_LINEAR if i + _LINEAR <= mask else 0)):
            if slot == place:
                return found
            found.append(slot)
        perturb >>= 5
        i = (i * 5 + 1 + perturb) & mask
    return [-1]


def unordered(items: list[Any]) -> bool:
    """Whether the elements' hashes differ from run to run, so that no order can be promised."""
    return any(hashes_by_address(obj) or callable(obj) for obj in items)
