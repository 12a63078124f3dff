"""Sets that iterate alike: the order of insertion is inferred from the order of iteration."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from faasify.runtime.unit.tables import insertion_order


class Hashed:
    """An element with a hash of our choice."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __hash__(self) -> int:
        return self.value

    def __repr__(self) -> str:
        return f"Hashed({self.value})"


def test_an_element_that_went_round_is_added_after_the_one_in_its_way() -> None:
    first, second = Hashed(7), Hashed(15)
    made = {first, second}
    assert insertion_order(list(made), made.__sizeof__()) == [first, second]


def by_adding(items: list[Any]) -> set[Any]:
    made: set[Any] = set()
    for item in items:
        made.add(item)
    return made


@pytest.mark.parametrize("make", [set, frozenset, by_adding, lambda items: set(items).copy()], ids=["set", "frozenset", "add", "copy"])
def test_nearly_all_sets_that_were_never_shrunk_are_rebuilt(make: Callable[[list[Any]], Any]) -> None:
    """Hashes as random as those of strings; adding in iteration order alone, or copying that, does it for about half of them."""
    draw = random.Random(7)
    inferred = plainly = 0
    for _ in range(500):
        original = make([Hashed(draw.getrandbits(61)) for _ in range(draw.randint(1, 200))])
        items, size = list(original), original.__sizeof__()
        plainly += comes_out(items, items, size)
        order = insertion_order(items, size)
        inferred += order is not None and comes_out(order, items, size)
    assert inferred > 0.88 * 500
    assert inferred > plainly + 100


def comes_out(order: list[Any], items: list[Any], size: int) -> bool:
    made = set(order)
    return any(list(each) == items and each.__sizeof__() == size for each in (made, made.copy()))


def test_an_order_that_no_set_has_is_none() -> None:
    """Nothing was in the way of the second: it would lie before the first."""
    assert insertion_order([Hashed(3), Hashed(1)], set().__sizeof__()) is None


def test_nothing_to_order() -> None:
    assert not insertion_order([], set().__sizeof__())
