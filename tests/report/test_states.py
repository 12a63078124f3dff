"""What of a run can be held to several runs of the original: the parts in which these agree."""

from __future__ import annotations

import pytest

from faasify.report.states import held_state


@pytest.mark.parametrize(
    ("first", "second", "rewritten", "told", "apart"),
    [
        ("T {id: 7, n: 1}", "T {id: 8, n: 1}", "T {id: 9, n: 1}", "T {id: 7, n: 1}", ("app.t (id)",)),
        ("T {id: 7, n: 1}", "T {id: 8, n: 1}", "T {id: 9, n: 2}", "T {id: 7, n: 2}", ("app.t (id)",)),
        ("T {id: 7, n: 1}", "T {id: 8, n: 1}", "U {id: 9, n: 1}", "U {id: 7, n: 1}", ("app.t (id)",)),  # of another class
        ("T [True] {t: 1}", "T [True] {t: 2}", "T [False] {t: 3}", "T [False] {t: 1}", ("app.t (t)",)),  # which holds something else
        ("{'t': 1, 5: 1}", "{'t': 2, 5: 1}", "{'t': 3, 5: 2}", "{'t': 1, 5: 2}", ("app.t ('t')",)),
        ("T [1] {n: 1}", "T [2] {n: 1}", "T [3] {n: 2}", "T [1] {n: 2}", ("app.t (what it is or holds)",)),
        ("T {id: 7}", "T {id: 8}", "T {id: 9, more: 1}", "T {id: 9, more: 1}", ()),
    ],
)
def test_parts_of_an_object(first: str, second: str, rewritten: str, told: str, apart: tuple[str, ...]) -> None:
    held = held_state([{"app.t": first, "app.u": "1"}, {"app.t": second, "app.u": "1"}], {"app.t": rewritten, "app.u": "1"})
    assert (dict(held.told)["app.t"], held.apart) == (told, apart)


PAIR = [{"app.t": f"list [{n}, &app.t[1]]", "app.t[1]": "list [1, 2]"} for n in (7, 8)]


@pytest.mark.parametrize(
    ("rewritten", "told"),
    [
        pytest.param({"app.t": "list [9, &app.t[1]]", "app.t[1]": "list [1, 2]"}, True, id="an address"),
        pytest.param({"app.t": "list [9, &app.t[1]]", "app.t[1]": "list [1]"}, False, id="lost rows beside it"),
        pytest.param({"app.t": "list [9]"}, False, id="a lost list beside it"),
        pytest.param({"app.t": "tuple [9, &app.t[1]]", "app.t[1]": "list [1, 2]"}, False, id="of another class"),
    ],
)
def test_what_stands_beside_what_differs_is_compared(rewritten: dict[str, str], told: bool) -> None:
    assert (held_state(PAIR, rewritten).told == PAIR[0]) is told


def by_id(number: int, rows: str) -> dict[str, str]:
    return {"app.n": "1", "app.d": f"dict {{{number}: &app.d[{number}]}}", f"app.d[{number}]": f"list {rows}"}


def test_what_lies_below_a_name_of_its_own_is_compared() -> None:
    """A dictionary by address."""
    runs = [by_id(7, "[1]"), by_id(8, "[1]")]
    assert held_state(runs, by_id(9, "[1]")).told == runs[0]
    assert held_state(runs, by_id(9, "[]")).told != runs[0]


def results(*numbers: int, took: float = 1.0) -> dict[str, str]:
    references = ", ".join(f"&app.xs[{at}]" for at in range(len(numbers)))
    return {"app.n": "1", "app.xs": f"list [{references}]"} | {
        f"app.xs[{at}]": f"R {{n: {number}, took: {number + took}}}" for at, number in enumerate(numbers)
    }


def test_objects_in_the_order_of_threads() -> None:
    """A run with pauses shows that they change places; what they are is that of the other runs."""
    runs = [results(1, 2, 3), results(1, 2, 3, took=2.0)]
    assert held_state(runs, results(2, 3, 1, took=3.0), [results(2, 1, 3, took=4.0)]).told == runs[0]
    assert held_state(runs, results(2, 3, 1, took=3.0)).told != runs[0]
    assert held_state(runs, results(2, 3, 4, took=3.0), [results(2, 1, 3, took=4.0)]).told != runs[0]
    assert held_state(runs, results(1, 2, 4, took=3.0), [results(1, 2, 4, took=4.0)]).told != runs[0]
