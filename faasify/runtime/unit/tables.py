"""In which order to add the elements of a set so that it iterates as another one does.

A set iterates by the slots of its hash table. An element lies in the first slot of its probe sequence that was free when it was added, so
adding the elements in iteration order gives another table as soon as one of them was displaced to a slot *before* its home. From
the iteration order and the size of the table the slots can be inferred, and from the slots who must have been there first:

    table of 8, elements with hashes 7 and 15, iterating as [15, 7]: 7 has its home, 15 found that taken and went round
    insertion_order([15, 7], ...)  ->  [7, 15]

What is inferred is a guess (set's C code, unchanged from 3.7 to 3.13): the caller builds the set and looks whether it came out right.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

LINEAR_PROBES, PERTURB_SHIFT = 9, 5  # Objects/setobject.c
SMALL_TABLE, ENTRY_BYTES = 8, 16
PROBES = 64  # beyond that many slots the guess is given up
_EMPTY_BYTES = set().__sizeof__()  # with its small table inside the object
_WORD = (1 << 64) - 1


def insertion_order(items: list[Any], size: int) -> list[Any] | None:
    """`items`, in iteration order, as they may have been added to a set whose `__sizeof__` is `size`; None: no order was found."""
    mask = SMALL_TABLE - 1 if size == _EMPTY_BYTES else (size - _EMPTY_BYTES) // ENTRY_BYTES - 1
    hashes = [hash(item) for item in items]
    slots = _slots(hashes, mask)
    needs = slots and _needs(hashes, slots, mask)
    order = needs and _sorted(needs)
    return [items[index] for index in order] if order else None


def _probes(value: int, mask: int) -> Iterator[int]:
    """The slots in which an element with that hash is looked for, in order."""
    perturb, slot = value & _WORD, value & mask
    while True:
        yield from range(slot, slot + 1 + (LINEAR_PROBES if slot + LINEAR_PROBES <= mask else 0))
        perturb >>= PERTURB_SHIFT
        slot = (slot * 5 + 1 + perturb) & mask


def _slots(hashes: list[int], mask: int) -> list[int] | None:
    """For each element the first slot of its sequence that lies behind the one before and leaves room for those that follow."""
    slots: list[int] = []
    for index, value in enumerate(hashes):
        low, high = slots[-1] if slots else -1, mask - (len(hashes) - 1 - index)
        slot = next((each for each in islice(_probes(value, mask), PROBES) if low < each <= high), None)
        if slot is None:
            return None
        slots.append(slot)
    return slots


def _needs(hashes: list[int], slots: list[int], mask: int) -> list[list[int]] | None:
    """For each element those that must have been in its way."""
    at = {slot: index for index, slot in enumerate(slots)}
    needs = []
    for value, own in zip(hashes, slots, strict=True):
        taken = []
        for slot in _probes(value, mask):
            if slot == own:
                break
            if slot not in at:
                return None  # it would have stayed there: the slots were guessed wrong
            taken.append(at[slot])
        needs.append(taken)
    return needs


def _sorted(needs: list[list[int]]) -> list[int] | None:
    """Indices in an order in which everyone comes after those that they need: undisplaced elements first, so that their order is free."""
    order: list[int] = []
    done: set[int] = set()
    left = list(range(len(needs)))
    while left:
        ready = [index for index in left if done.issuperset(needs[index])]
        if not ready:
            return None
        order += ready
        done.update(ready)
        left = [index for index in left if index not in done]
    return order
