"""What of a run can be held to several runs of the original: the parts in which these agree."""

from __future__ import annotations

import pytest

from faasify.report.repeats import held_state


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
