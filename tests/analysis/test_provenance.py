"""What it takes to work out what calls change, counted and not timed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faasify.analysis import analyse, called
from faasify.analysis.hanging import Hanging
from faasify.frontend import load
from faasify.model.effects import Analysis

MANY = 20
CIRCLE = (  # methods that call each other have all put something into the same attributes
    """
class Rows:
    def __init__(self, file): self.file, self.rest = file, []
    def __getattr__(self, name):
        method = getattr(self.file, name)
        def call(*args): return method(*args)
        return call
"""
    + "".join(f"    def m{i}(self, x): self.a{i} = x; return self.file.m{(i + 1) % MANY}(x)\n" for i in range(MANY))
    + "Rows(Rows(None)).m0([])\n"
)
TABLE = (  # each may be given any of the arguments, of each of which any part
    "".join(f"def f{i}(x, y): x[0].append(y[0])\n" for i in range(MANY))
    + f"TABLE = {{{', '.join(f'{i!r}: f{i}' for i in range(MANY))}}}\n"
    + "def g(key, xs, ys, zs): list(map(TABLE[key], [xs], [ys])), list(map(TABLE[key], [ys], [zs]))\n"
    + "g(0, [[]], [[]], [[]])\n"
)


def counted(monkeypatch: pytest.MonkeyPatch, name: str) -> list[Any]:
    """What that method of Hanging has been asked for since."""
    asked = list[Any]()
    method = getattr(Hanging, name)

    def counting(self: Hanging, what: Any, *rest: Any) -> Any:
        asked.append(what)
        return method(self, what, *rest)

    monkeypatch.setattr(Hanging, name, counting)
    return asked


def test_what_callees_put_into_the_same_places_is_put_there_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = counted(monkeypatch, "keep")
    (tmp_path / "app.py").write_text(CIRCLE)
    found = analyse(load("app.py", cwd=tmp_path)).functions
    assert all(set(found[f"app.Rows.m{i}"].mutates) == {"self", "x"} for i in range(MANY))
    assert len(kept) < 10 * MANY


def test_what_may_be_given_to_any_of_many_callees_is_asked_once_a_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = counted(monkeypatch, "deep")
    (tmp_path / "app.py").write_text(TABLE)
    found = analyse(load("app.py", cwd=tmp_path)).functions
    assert set(found["app.g"].mutates) == {"app.TABLE", "xs", "ys", "zs"}
    assert len(deep) < 4 * MANY


def test_what_a_call_gives_is_looked_up_once_however_often_its_body_is_worked_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = list[str]()
    looked_up = called.given_nodes

    def counting(state: Any, body: Any, site: Any, target: Any) -> Any:
        calls.append(target.to)
        return looked_up(state, body, site, target)

    monkeypatch.setattr(called, "given_nodes", counting)
    steps = "".join(f"def f{i}(x): x[{i}].append(f{(i + 1) % MANY}(x)); return x\n" for i in range(MANY))
    (tmp_path / "app.py").write_text(steps + "def g(xs): f0(xs)\ng([])\n")
    found = analyse(load("app.py", cwd=tmp_path)).functions
    assert all(found[f"app.f{i}"].mutates == ("x",) for i in range(MANY))
    assert sorted(calls) == sorted(f"app.f{i}" for i in [0, *range(MANY)])


def rotated(parameters: int) -> str:
    """Each round of the recursion changes what was the next parameter the round before."""
    given = [f"p{i}" for i in range(parameters)]
    return (
        f"G = []\ndef w({', '.join(given)}, k):\n    p0.append(1)\n    if k: v({', '.join(given)}, k)\n"
        f"def v({', '.join(given)}, k): w({', '.join([*given[1:], given[0]])}, k - 1)\n"
        f"def f(): w({'[], ' * (parameters - 1)}G, {parameters})\n"
    )


def one_by_one(parameters: int) -> str:
    given = [f"p{i}" for i in range(parameters)]
    return (
        f"G = []\ndef w({', '.join(given)}, k):\n    p0.append(1)\n    if k: w({', '.join([*given[1:], given[0]])}, k - 1)\n"
        f"def f(): w({'[], ' * (parameters - 1)}G, {parameters})\n"
    )


def groups(count: int) -> str:
    """Recursive groups whose changes become known one after the other: whoever calls them all is worked out again for each."""
    lines = ["G = []"]
    for group in range(count):
        for step in range(group + 2):
            to = 0 if step == group + 1 else step + 1
            lines.append(f"def w{group}_{step}(p, q, k):")
            lines += ["    p.append(1)"] if step == 0 else []
            lines.append(f"    if k: w{group}_{to}({'q, p' if to == 0 else 'p, q'}, k - 1)")
    return "\n".join([*lines, "def f():", *(f"    w{group}_0([], {'G' if group == count - 1 else '[]'}, 30)" for group in range(count))])


@pytest.mark.parametrize("source", [rotated(9), rotated(20), one_by_one(70), groups(9), groups(12)])
def test_what_takes_more_rounds_than_there_are(analysed: Callable[..., Analysis], source: str) -> None:
    facts = analysed(source).functions["app.f"]
    assert "app.G" in facts.mutates
