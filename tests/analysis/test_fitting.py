"""Classes that many places ask for: found once for all of them, and told to each, also where it is learnt late what a class inherits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from faasify.analysis.flow import solve
from faasify.analysis.library import Catalogue
from faasify.analysis.mro import each_fitting, look_again
from faasify.analysis.scoping import build_scopes
from faasify.frontend import load
from faasify.model.effects import Analysis

Analysed = Callable[..., Analysis]

FINDER = (
    "import sys\ndef base():\n    class B:\n        def find_spec(self, name, path, target=None): pass\n    return B\n"
    "class F(base()): pass\nsys.meta_path.append(F())\ndef f():\n    import plugin\n"
)
HANDLER = (
    "import logging\ndef base(): return logging.Handler\nclass H(base()):\n    def emit(self, record): pass\n"
    "def f():\n    logging.info('')\n"
)


def test_a_class_is_judged_once_for_all_that_ask(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("class A: pass\nclass B(A): pass\nclass C(B): pass\n")
    program = load("app.py", cwd=tmp_path)
    state = solve(program, build_scopes(program), Catalogue.default([]))
    judged, first, second = list[str](), list[str](), list[str]()

    def fits(cls: str) -> bool:
        judged.append(cls)
        return cls != "app.A"

    each_fitting(state, ("these",), fits, first.append)
    each_fitting(state, ("these",), fits, second.append)
    while look_again(state):
        pass
    late = list[str]()
    each_fitting(state, ("these",), fits, late.append)
    assert sorted(judged) == ["app.A", "app.B", "app.C"]
    assert first == second == late == ["app.B", "app.C"]


def test_what_a_finder_inherits_is_asked_at_an_import(analysed: Analysed) -> None:
    calls = analysed(FINDER).callgraph.calls["app.f"]
    assert ("app.base.<locals>.B.find_spec", 9) in {(call.to, call.line) for call in calls}


def test_a_handler_whose_base_a_function_gives(analysed: Analysed) -> None:
    calls = analysed(HANDLER).callgraph.calls["app.f"]
    assert ("app.H.emit", 6) in {(call.to, call.line) for call in calls}
