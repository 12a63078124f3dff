"""What a large program is analysed with, on small ones: it may claim more than the fine analysis, and never less."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from faasify.analysis import analyse
from faasify.analysis.export import json_text
from faasify.frontend import load
from faasify.model.effects import Analysis
from faasify.report.verdicts import COARSE, show_verdicts
from tests.analysis.cases import Case, every_case

CASES = every_case()[::4]
ORDER = ("travels", "guarded", "stays")
COMPARES = """
class Word:
    def __init__(self, text): self.text = text
    def __eq__(self, other): print("eq"); return self.text == other.text
    def __lt__(self, other): seen.append(other); return self.text < other.text
class Other:
    def __eq__(self, other): return open("other.txt") is other
seen = []
def equal(xs, ys): return xs == ys
def first(pairs): return min(pairs)
equal([Word("a")], [[Word("b")]])
equal([Other()], [])
first([(Word("a"), 1), (Word("b"), 2)])
"""


def both(folder: Path) -> tuple[Analysis, Analysis]:
    program = load(str(folder), cwd=folder)
    return analyse(program), analyse(program, coarse=True)


def called(analysis: Analysis, function: str) -> set[str | None]:
    return {call.to for call in analysis.callgraph.calls[function]}


def assert_nothing_is_lost(fine: Analysis, coarse: Analysis) -> None:
    for name, facts in fine.functions.items():
        other = coarse.functions[name]
        assert called(fine, name) <= called(coarse, name) or None in called(coarse, name), name
        for field in ("reads", "writes", "mutates", "imports"):
            assert set(getattr(facts, field)) <= set(getattr(other, field)), (name, field)
        kinds = {effect.kind for effect in other.effects}
        assert {effect.kind for effect in facts.effects} <= kinds | ({"undescribed"} if "unknown" in kinds else set()), name


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_nothing_is_lost(case: Case, tmp_path: Path) -> None:
    case.lay_out(tmp_path)
    assert_nothing_is_lost(*both(tmp_path))


def test_what_answers_for_elements_is_asked_of_all_containers_of_a_place(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(COMPARES)
    fine, coarse = both(tmp_path)
    assert_nothing_is_lost(fine, coarse)
    assert {"app.Word.__eq__", "app.Other.__eq__"} <= called(coarse, "app.equal")
    assert {"stdout", "files"} <= {effect.kind for effect in coarse.functions["app.equal"].effects}
    assert "app.seen" in coarse.functions["app.first"].mutates


VIEWS = """
from collections.abc import Mapping
class View(Mapping):
    def __iter__(self): return iter("ab")
    def __len__(self): return 2
class Shown(View):
    def __getitem__(self, key): print(key)
class Written(View):
    def __getitem__(self, key): return open(key)
def equal(x, y): return x == y
def chained(x, y, z): return x == y == z
class Equal:
    def __eq__(self, other): return True
equal(Shown(), Written())
equal(Written(), {})
chained({}, Shown(), {})
chained({}, Written(), {})
"""


def test_a_method_of_a_library_calls_those_of_every_receiver_of_a_place(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(VIEWS)
    fine, coarse = both(tmp_path)
    assert_nothing_is_lost(fine, coarse)
    for analysis in (fine, coarse):
        for name in ("app.equal", "app.chained"):
            assert {"app.View.__iter__", "app.Shown.__getitem__", "app.Written.__getitem__"} <= called(analysis, name)
            assert {"stdout", "files"} <= {effect.kind for effect in analysis.functions[name].effects}


BORROWED = """
class Lender:
    def m(self): return self.f()
""" + "".join(
    f"""
class Borrower{i}:
    m = Lender.m
    def f(self): print({i})
Borrower{i}().m()
"""
    for i in range(6)
)


def test_a_method_that_other_classes_borrow_has_their_objects(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(BORROWED)
    fine, coarse = both(tmp_path)
    assert_nothing_is_lost(fine, coarse)
    assert {f"app.Borrower{i}.f" for i in range(6)} <= called(coarse, "app.Lender.m")


SENDS = """
def inner():
    while True:
        v = yield
        v[0].append(1)
def reads():
    while True: print(len((yield)))
def g(): yield from inner()
def f(it, xs): it.send(xs)
def h(it, xs): it.send(xs)
begun, other = g(), reads()
f(begun, [[]])
h(other, [])
"""


def test_what_a_generator_is_sent_may_be_changed_by_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SENDS)
    for analysis in both(tmp_path):
        assert [set(analysis.functions[f"app.{name}"].mutates) for name in "fgh"] == [{"it", "xs"}, set(), {"it"}]


def test_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def f(): pass\n")
    fine, coarse = both(tmp_path)
    assert json.loads(json_text(coarse))["coarse"] is True
    assert "coarse" not in json.loads(json_text(fine))
    for analysis, told in ((fine, False), (coarse, True)):
        out = io.StringIO()
        show_verdicts(analysis, Console(file=out, width=400), "app.py")
        assert (COARSE in out.getvalue()) is told


def test_a_program_of_many_lines_is_taken_so(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def f(): pass\n" + "# a line\n" * 30_000)
    assert analyse(load("app.py", cwd=tmp_path)).coarse
    (tmp_path / "app.py").write_text("def f(): pass\n" + "# a line\n" * 20_000)
    assert not analyse(load("app.py", cwd=tmp_path)).coarse
