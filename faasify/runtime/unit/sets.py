"""Sets that iterate in the order of the original, with a hash table as large as the original's.

The order in which a set iterates follows from its hashes, its table's size and the history of its insertions. All processes of a run
share one hash seed (T4); so a copy has the order of the original if its elements are inserted in the right sequence into a table of the
right size. `find` looks for both, `fill` follows what was found. The *recipe* is

    []                               insert one after the other; the table grows as it does in a program
    [head, times, spare, *holes]     the first `head` by way of a dict, which makes room for twice as many at once, `times` times
                                     (twice: for four times as many); then the others one after the other. Before the first, a filler into
                                     every slot of `holes`; behind the last, `spare` fillers; in the end all fillers are discarded

Holes are where something lay that was in an element's way and is gone; spare fillers make the table of a set that once was larger.
What cannot be seen of a set is where else elements were that it held once, and where its next `pop` begins: a copy has forgotten both.
So code that may pop takes nothing out of a set that was sent, and makes none that has popped.
"""

from __future__ import annotations

from operator import is_
from typing import Any, NamedTuple

from faasify.runtime.unit.failures import Untravellable
from faasify.runtime.unit.wrappers import hashes_by_address

_EMPTY = set().__sizeof__()  # with room for _ROOM elements inside
_ROOM, _ENTRY = 8, 16
_LINEAR = 9  # CPython's LINEAR_PROBES
_WORD = (1 << 64) - 1
_PROBES = (12, 60)
_MOST = 100_000  # elements: where looking for the order takes longer than most calls
_HUGE = 4_000_000
HISTORY = "a set whose order depends on its history"


class Found(NamedTuple):
    """How to make a set: its elements as they are to be inserted, and the recipe."""

    items: list[Any]
    recipe: list[int]


class _Filler:
    """Something in a slot of a set's table."""

    __slots__ = ("slot",)

    def __init__(self, slot: int) -> None:
        self.slot = slot

    def __hash__(self) -> int:
        return self.slot


def table_size(obj: Any) -> int:
    """The number of slots of the hash table."""
    size = int(set.__sizeof__(obj) if isinstance(obj, set) else frozenset.__sizeof__(obj))
    return _ROOM if size == _EMPTY else (size - _EMPTY) // _ENTRY


def fill(obj: set[Any], items: list[Any], recipe: list[int]) -> None:
    """Put `items` into the empty set `obj`."""
    if not recipe:
        set.update(obj, items)
        return
    head, times, spare, *holes = recipe
    blocks = [_Filler(slot) for slot in holes]
    spares = [_Filler(slot) for slot in range(spare)]
    everything = [*blocks, *items, *spares]
    first = dict.fromkeys(everything[:head])
    set.update(obj, *([first] * times), everything[head:])
    for filler in (*blocks, *spares):
        set.discard(obj, filler)  # difference_update would make the table smaller


def frozen(items: list[Any], recipe: list[int]) -> frozenset[Any]:
    """A frozenset of `items`; nothing was ever removed from one."""
    if not recipe:
        return frozenset(items)
    first = dict.fromkeys(items[: recipe[0]])
    return frozenset().union(*([first] * recipe[1]), items[recipe[0] :])


def valid_recipe(recipe: Any, count: int) -> bool:
    """Whether something that arrived is a recipe for `count` elements that takes no more room than a set may have taken."""
    if type(recipe) is not list or not all(type(k) is int and 0 <= k <= _HUGE for k in recipe):
        return False
    return not recipe or (3 <= len(recipe) <= 3 + _MOST and recipe[1] <= 2 and recipe[0] <= count + recipe[2] + len(recipe) - 3)


def look(obj: Any, items: list[Any]) -> Found:
    """The way to a set or frozenset like `obj`, which iterates as `items`. Where elements hash by address there is no order to keep."""
    found = find(items, table_size(obj))
    if found is not None and (isinstance(obj, set) or not any(found.recipe[2:])):
        return found
    if unordered(items):
        return Found(items, [])
    raise Untravellable(HISTORY, obj)


def find(items: list[Any], slots: int) -> Found | None:
    """The way to a set with `slots` slots that iterates as `items`; None if none is found."""
    if _leads_there(items, [], items, slots):
        return Found(items, [])
    if len(items) > _MOST or slots > _HUGE:
        return None
    for probes in _PROBES:
        sequence, holes = insertion_order([hash(x) for x in items], slots - 1, probes)
        order = [items[i] for i in sequence]
        for recipe in _recipes(len(items), slots, holes):
            if len(order) == len(items) and _leads_there(order, recipe, items, slots):
                return Found(order, recipe)
    return None


def _leads_there(order: list[Any], recipe: list[int], items: list[Any], slots: int) -> bool:
    made: set[Any] = set()
    fill(made, order, recipe)
    return table_size(made) == slots and len(made) == len(items) and all(map(is_, made, items))


def _recipes(count: int, slots: int, holes: list[int]) -> list[list[int]]:
    """Recipes that may lead to a table of that many slots, the likely ones first."""
    count, half, quarter = count + len(holes), max(slots // 4, 5), max(slots // 8 + 1, 3)
    found: list[list[int]] = [] if holes else [[]]
    if slots == _ROOM:
        return [[0, 0, 0, *holes]] if holes else found
    if half <= count:
        found.append([half, 1, 0, *holes])
    if quarter <= count and not holes:
        found += [[quarter, 2, 0], [count, 2, 0]]
    if half > count:
        found.append([half, 1, half - count, *holes])
    return found


def has_popped(obj: set[Any]) -> bool:
    """Whether the next `pop` of a set begins elsewhere than with its first slot. The set is for nobody to see after that."""
    ends = [_Filler(0), _Filler(table_size(obj) - 1)]  # there is something in the first slot, and something behind
    for filler in ends:
        set.add(obj, filler)
    first = next(set.__iter__(obj))
    popped = set.pop(obj)
    for filler in ends:
        set.discard(obj, filler)
    if popped not in ends:
        set.add(obj, popped)
    return popped is not first


def sparse(items: list[Any], obj: set[Any]) -> bool:
    """Whether the set was much larger once: where its next element lands depends on what nobody can see."""
    return table_size(obj) > max(_ROOM, 8 * len(items))


def insertion_order(hashes: list[int], mask: int, probes: int) -> tuple[list[int], list[int]]:
    """In which order elements with these hashes, which lie in the table one behind the other, were inserted: those that lie where they
    belong first, every other one after those that were in its way. And the slots that something else occupied then, which is gone.
    Both empty if no layout is found within that many probes of each element."""
    ways = [_probe(h & _WORD, mask, probes) for h in hashes]
    places = _places(ways)
    owner = {way[place]: i for i, (way, place) in enumerate(zip(ways, places, strict=False))}
    order = [i for i, place in enumerate(places) if place == 0]
    done = set(order)
    for start in range(len(places)):
        todo = [start]
        while todo:
            i = todo[-1]
            before = [] if i in done else [owner[slot] for slot in ways[i][: places[i]] if slot in owner]
            blocked = [j for j in before if j not in done and j not in todo]
            if blocked:
                todo.append(blocked[0])
            elif todo.pop() not in done:
                done.add(i)
                order.append(i)
    holes = {slot for way, place in zip(ways, places, strict=False) for slot in way[:place] if slot not in owner}
    return order, sorted(holes)


def _probe(h: int, mask: int, count: int) -> list[int]:
    """The first slots that are tried for a hash (set_add_entry in CPython's setobject.c)."""
    found: dict[int, None] = {}
    i, perturb = h & mask, h
    for _ in range(count):
        found.update(dict.fromkeys(range(i, i + 1 + (_LINEAR if i + _LINEAR <= mask else 0))))
        if len(found) >= count:
            break
        perturb >>= 5
        i = (i * 5 + 1 + perturb) & mask
    return list(found)


def _places(ways: list[list[int]]) -> list[int]:
    """For each element the index of its slot among its probes, so that the slots rise and the indices are as small as can be."""
    best: list[tuple[int, int]] = [(-1, 0)]  # (slot, cost) of the element before, slots rising and costs falling
    trail: list[dict[int, tuple[int, int]]] = []  # for each element, slot -> (index, slot of the element before)
    for way in ways:
        reached, at, costs = {}, 0, list[tuple[int, int]]()
        for slot, index in sorted((slot, index) for index, slot in enumerate(way)):
            while at + 1 < len(best) and best[at + 1][0] < slot:
                at += 1
            if best[at][0] < slot:
                cost = best[at][1] + index
                reached[slot] = (index, best[at][0])
                if not costs or cost < costs[-1][1]:
                    costs.append((slot, cost))
        if not costs:
            return []
        best = costs
        trail.append(reached)
    places, slot = [], best[-1][0]
    for reached in reversed(trail):
        index, slot = reached[slot]
        places.append(index)
    return places[::-1]


def unordered(items: list[Any]) -> bool:
    """Whether the elements' hashes differ from run to run, so that no order can be promised."""
    return any(hashes_by_address(obj) or callable(obj) for obj in items)
