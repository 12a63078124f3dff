"""What a suspended generator holds only in variables that it does not read again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from faasify.runtime.unit.dead_variables import holds


def assigned_anew() -> Iterator[Any]:
    for _ in range(2):
        row = [0]
        yield row


def deleted() -> Iterator[Any]:
    row = [0]
    yield row
    del row
    yield


def in_two_variables() -> Iterator[Any]:
    row = [0]
    also = row  # noqa: F841
    yield row


def handed_on() -> Iterator[Any]:
    for row in assigned_anew():
        yield row
        row = None


def delegated() -> Iterator[Any]:
    yield from assigned_anew()


def in_a_variable_and_a_loop() -> Iterator[Any]:
    rows = assigned_anew()
    for row in rows:
        yield row
        row = None
    del rows


def in_a_variable_and_delegated() -> Iterator[Any]:
    rows = assigned_anew()
    yield from rows
    del rows


NOT_READ: dict[Callable[[], Iterator[Any]], int] = {assigned_anew: 1, deleted: 1, in_two_variables: 2, handed_on: 2, delegated: 1}
NOT_READ |= {in_a_variable_and_a_loop: 2, in_a_variable_and_delegated: 1}


@pytest.mark.parametrize("body", NOT_READ, ids=lambda f: f.__name__)
def test_variables_that_are_not_read_again(body: Any) -> None:
    generator = body()
    value = next(generator)
    assert holds(generator)[id(value)] == NOT_READ[body]


def changed_at_the_end() -> Iterator[Any]:
    row = [0]
    yield row
    row.append(1)


def read_next_time() -> Iterator[Any]:
    row = [0]
    for _ in range(2):
        yield row
        row = [*row, 1]


def read_on_one_way(which: bool = True) -> Iterator[Any]:
    row = [0]
    yield row
    if which:
        row = []
    yield row


def read_when_something_is_thrown() -> Iterator[Any]:
    row = [0]
    try:
        yield row
    except ValueError:
        row.append(1)


def read_whatever_happens() -> Iterator[Any]:
    row = [0]
    try:
        yield row
        row = []
    finally:
        row.append(1)


def of_a_closure() -> Iterator[Any]:
    row = [0]
    yield row
    (lambda: row)()


def read_by_locals() -> Iterator[Any]:
    row = [0]
    yield row
    locals()["row"].append(1)


READ = [
    *(changed_at_the_end, read_next_time, read_on_one_way, read_when_something_is_thrown, read_whatever_happens),
    *(of_a_closure, read_by_locals),
]


@pytest.mark.parametrize("body", READ, ids=lambda f: f.__name__)
def test_variables_that_may_be_read_again(body: Any) -> None:
    generator = body()
    value = next(generator)
    assert not holds(generator)[id(value)]


def test_nothing_is_kept_alive() -> None:
    import sys

    generator = assigned_anew()
    value = next(generator)
    before = sys.getrefcount(value)
    holds(generator)
    assert sys.getrefcount(value) == before
