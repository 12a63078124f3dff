from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from faasify.config import parse_selection
from faasify.errors import UsageError
from faasify.model.callgraph import CallGraph
from faasify.model.effects import VerdictKind
from faasify.model.partition import Limits, Partition
from faasify.partition import partition
from tests.handmade import handmade

CHAIN = """
    def main(): print(outer(3))
    def outer(x): return inner(x) + x
    def inner(x): return inner(x - 1) if x else 0
    main()
"""


def divide(
    folder: Path,
    source: str,
    select: str = "auto",
    *,
    stays: tuple[str, ...] = (),
    guarded: tuple[str, ...] = (),
    typed: bool = True,
    exclude: tuple[str, ...] = (),
    limits: Limits = Limits(),  # noqa: B008
) -> Partition:
    verdicts: Mapping[str, VerdictKind] = {**dict.fromkeys(stays, "stays"), **dict.fromkeys(guarded, "guarded")}
    analysis = handmade(folder, {"app.py": textwrap.dedent(source)}, verdicts=verdicts)
    return partition(analysis, parse_selection(select, typed=typed), limits, exclude=exclude)


@pytest.mark.parametrize("file", ["a,b.py", "a, b.py", "one, two, three.py", "copy [1].py", "a,app.py"])
def test_names_of_files_with_commas_and_brackets(tmp_path: Path, file: str) -> None:
    files = {file: "import app\ndef f(): pass\ndef g(): pass\n", "app.py": "def f(): pass\ndef g(): pass\n"}
    analysis = handmade(tmp_path, files, target=file)
    name = file.removesuffix(".py") + ".f"
    for select, names in [(name, {name}), (f"app.g,{name}", {name, "app.g"}), (f"{name},app.g", {name, "app.g"})]:
        assert set(partition(analysis, parse_selection(select, typed=True)).units) == names
    with pytest.raises(UsageError, match="no function of the program"):
        partition(analysis, parse_selection("a,b.f,app.nothing", typed=True))


class TestAuto:
    def test_called_from_the_module_body(self, tmp_path: Path) -> None:
        found = divide(tmp_path, CHAIN)
        assert set(found.units) == {"app.main"}
        assert found.left["app.inner"].code == "INSIDE_UNIT"

    def test_called_from_what_stays(self, tmp_path: Path) -> None:
        found = divide(tmp_path, CHAIN, stays=("app.main",))
        assert set(found.units) == {"app.outer"}
        assert (found.left["app.main"].code, found.left["app.main"].line) == ("FILES", 2)

    def test_called_from_a_guarded_function_that_may_turn_out_to_stay(self, tmp_path: Path) -> None:
        assert set(divide(tmp_path, CHAIN, guarded=("app.main",)).units) == {"app.main", "app.outer"}

    def test_used_as_a_value(self, tmp_path: Path) -> None:
        source = "def a(): b(); return map(b, [])\ndef b(): c()\ndef c(): pass\na()\n"
        assert set(divide(tmp_path, source).units) == {"app.a", "app.b"}

    def test_mentioned_as_an_attribute_that_does_not_resolve(self, tmp_path: Path) -> None:
        source = "def a(x):\n    step()\n    x.step()\ndef step(): pass\na(1)\n"
        assert set(divide(tmp_path, source).units) == {"app.a", "app.step"}

    def test_called_by_nobody_that_is_seen(self, tmp_path: Path) -> None:
        assert set(divide(tmp_path, "class A:\n def __eq__(self, o): return True\n").units) == {"app.A.__eq__"}

    def test_functions_that_only_call_each_other(self, tmp_path: Path) -> None:
        assert set(divide(tmp_path, "def a(): b()\ndef b(): a()\n").units) == {"app.a", "app.b"}


class TestPatterns:
    @pytest.mark.parametrize(
        ("select", "units"),
        [
            ("app.f", {"app.f"}),
            ("app.*", {"app.f", "app.A.m", "app.A.n"}),
            ("app.A.?", {"app.A.m", "app.A.n"}),
            ("app.A", {"app.A.m", "app.A.n"}),
            ("app", {"app.f", "app.A.m", "app.A.n"}),
            ("app.f,app.A.n", {"app.f", "app.A.n"}),
        ],
        ids=["name", "star", "question mark", "class", "module", "two"],
    )
    def test_match(self, tmp_path: Path, select: str, units: set[str]) -> None:
        found = divide(tmp_path, "def f(): pass\nclass A:\n def m(self): pass\n def n(self): pass\n", select)
        assert set(found.units) == units
        assert {reason.code for reason in found.left.values()} <= {"NOT_SELECTED"}

    def test_nothing_matches_names_the_closest(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="did you mean app.outer"):
            divide(tmp_path, CHAIN, "app.outr")
        with pytest.raises(UsageError, match="did you mean app.inner"):
            divide(tmp_path, CHAIN, "inner")

    def test_a_name_that_stays_is_a_warning_with_the_reason(self, tmp_path: Path) -> None:
        found = divide(tmp_path, CHAIN, "app.main", stays=("app.main",))
        assert not found.units
        assert found.warnings == ("app.main was selected, but stays: opens a file (app.py:2)",)

    def test_a_pattern_passes_over_what_stays(self, tmp_path: Path) -> None:
        found = divide(tmp_path, CHAIN, "app.*", stays=("app.main",))
        assert set(found.units) == {"app.outer", "app.inner"} and not found.warnings


class TestLoops:
    def test_what_a_loop_calls_is_on_the_frontier_if_its_next_calls_can_be_told(self, tmp_path: Path) -> None:
        source = "def f(x): return x\ndef main(xs):\n    return [f(x) for x in xs]\n"
        assert set(divide(tmp_path, source).units) == {"app.f", "app.main"}

    def test_what_a_loop_calls_with_computed_arguments_goes_inside(self, tmp_path: Path) -> None:
        source = "def f(x): return x\ndef main(xs):\n    return [f(x.y()) for x in xs], f(1)\n"
        assert set(divide(tmp_path, source).units) == {"app.main"}


class TestAll:
    def test_everything_that_does_not_stay(self, tmp_path: Path) -> None:
        found = divide(tmp_path, CHAIN + "    key = lambda x: x\n", "all", stays=("app.main",), guarded=("app.inner",))
        assert set(found.units) == {"app.outer", "app.inner"}
        assert found.left["app.<lambda>"].code == "NO_DEF"


class TestCommentsAndSettings:
    def test_local_keeps_a_function_here(self, tmp_path: Path) -> None:
        found = divide(tmp_path, "def f(): pass  # faasify: local\ndef g(): pass\n", "all")
        assert set(found.units) == {"app.g"}
        assert (found.left["app.f"].code, found.left["app.f"].line) == ("COMMENT", 1)

    def test_what_a_local_function_calls_is_on_the_frontier(self, tmp_path: Path) -> None:
        source = CHAIN.replace("def outer", "# faasify: local\n    def outer")
        assert set(divide(tmp_path, source).units) == {"app.main", "app.inner"}

    def test_a_full_name_on_the_command_line_wins_over_local(self, tmp_path: Path) -> None:
        assert set(divide(tmp_path, "def f(): pass  # faasify: local\n", "app.f").units) == {"app.f"}

    def test_a_name_in_the_settings_does_not_win_over_local(self, tmp_path: Path) -> None:
        assert not divide(tmp_path, "def f(): pass  # faasify: local\n", "app.f", typed=False).units

    def test_remote_adds_to_the_settings_and_to_auto(self, tmp_path: Path) -> None:
        source = CHAIN.replace("def inner", "# faasify: remote memory=64\n    def inner")
        assert set(divide(tmp_path, source).units) == {"app.main", "app.inner"}
        assert set(divide(tmp_path, source, "app.outer", typed=False).units) == {"app.outer", "app.inner"}
        assert set(divide(tmp_path, source, "app.outer").units) == {"app.outer"}

    def test_remote_on_what_stays_is_a_warning(self, tmp_path: Path) -> None:
        found = divide(tmp_path, "def f(): pass  # faasify: remote\n", stays=("app.f",))
        assert not found.units and "app.f was selected, but stays" in found.warnings[0]

    def test_limits_come_from_the_comment_else_from_the_settings(self, tmp_path: Path) -> None:
        source = "def f(): pass  # faasify: memory=512\ndef g(): pass\n"
        units = divide(tmp_path, source, "all", limits=Limits(128, 9.0)).units
        assert [(u.memory_mb, u.timeout_s) for u in units.values()] == [(512, 9.0), (128, 9.0)]

    def test_excluded(self, tmp_path: Path) -> None:
        found = divide(tmp_path, CHAIN, "all", exclude=("app.in*",))
        assert "app.inner" not in found.units and found.left["app.inner"].code == "EXCLUDED"
        with pytest.raises(UsageError, match="exclude app.zzz"):
            divide(tmp_path, CHAIN, "all", exclude=("app.zzz",))


def test_every_function_is_a_unit_or_has_a_reason(tmp_path: Path) -> None:
    for select in ("auto", "all", "app.outer"):
        found = divide(tmp_path, CHAIN, select, stays=("app.main",))
        assert found.units.keys() | found.left.keys() == found.analysis.functions.keys()
        assert not found.units.keys() & found.left.keys()
        assert isinstance(found.analysis.callgraph, CallGraph)
