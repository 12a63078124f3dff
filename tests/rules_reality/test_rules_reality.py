"""Every described function is called under an observer, and does what its effect stub says: no more, and what is claimed is seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from faasify.analysis.library import Catalogue
from faasify.analysis.summaries import LibraryFunction
from tests.rules_reality.calls import described, exists, is_newer
from tests.rules_reality.unchecked import difference, different, listed, reason_for

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = {"numpy", "requests"}  # checked where they are installed


@dataclass
class Report:
    """What the children found."""

    lines: dict[str, dict[str, object]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    errors: str = ""


@cache
def functions() -> dict[str, LibraryFunction]:
    """The described functions that this version of Python has, and those that nobody knows."""
    catalogue = Catalogue.default()
    found = {m.path: m for module in catalogue.modules() if present(module) for m in described(dict(catalogue.members(module)))}
    return {path: member for path, member in found.items() if exists(path) or not is_newer(path)}


def present(module: str) -> bool:
    top = module.partition(".")[0]
    if top in INSTALLED:
        import importlib.util

        return importlib.util.find_spec(top) is not None
    return True


def shares(modules: Iterable[str], n: int) -> list[list[str]]:
    """Modules dealt out by how much is described of them."""
    sizes = {module: sum(path.startswith(f"{module}:") for path in functions()) for module in modules}
    dealt: list[list[str]] = [[] for _ in range(n)]
    for module in sorted(sizes, key=lambda m: -sizes[m]):
        min(dealt, key=lambda share: sum(sizes[m] for m in share)).append(module)
    return dealt


def observe(folder: Path, share: list[str], rules: Path | None = None) -> subprocess.Popen[str]:
    folder.mkdir()
    skipped = folder.with_suffix(".json")
    skipped.write_text(json.dumps([path for path in functions() if reason_for(path)]))
    command = [sys.executable, "-m", "tests.rules_reality", str(folder), str(skipped), str(rules or ""), *share]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]), "OPENBLAS_NUM_THREADS": "1"}
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=env, text=True, **streams)  # type: ignore[call-overload,no-any-return]


def collect(children: list[subprocess.Popen[str]]) -> Report:
    report = Report()
    for child in children:
        out, errors = child.communicate(timeout=110)
        report.errors += errors[-500:]
        for text in out.splitlines():
            line = json.loads(text)
            if "begun" in line:
                report.begun.add(line["begun"])
            else:
                report.lines[line["path"]] = line
    return report


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("observed")
    modules = [module for module in Catalogue.default().modules() if present(module)]
    return collect([observe(folder / str(n), share) for n, share in enumerate(shares(modules, 3))])


def test_every_child_came_to_its_end(report: Report) -> None:
    assert report.begun - set(report.lines) == set(), f"ended the child: {report.errors}"


CHECKED = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="the stubs are held to Python 3.11; a few functions of later ones differ, see CONTRIBUTING"
)


@CHECKED
def test_every_described_function_is_called_or_listed(report: Report) -> None:
    called = {path for path, line in report.lines.items() if line["made"]}
    missing = {path: report.lines.get(path, {}).get("error", "") for path in functions() if path not in called}
    assert {path: why for path, why in missing.items() if not reason_for(path) and not difference(path)} == {}


@CHECKED
def test_nothing_happens_that_is_not_claimed(report: Report) -> None:
    assert {path: line["unclaimed"] for path, line in report.lines.items() if line["unclaimed"] and not difference(path)} == {}


@CHECKED
def test_what_is_claimed_is_seen(report: Report) -> None:
    assert {path: line["unseen"] for path, line in report.lines.items() if line["unseen"] and not difference(path)} == {}


@pytest.mark.parametrize("table", [listed, different], ids=["not called", "different"])
def test_what_is_listed_is_described(table: object) -> None:
    catalogue = Catalogue.default()
    everything = {m.path for module in catalogue.modules() for m in described(dict(catalogue.members(module)))}
    entries: dict[str, str] = table()  # type: ignore[operator]
    assert [e for e in entries if e not in everything and not (e.endswith("*") and any(p.startswith(e[:-1]) for p in everything))] == []


@CHECKED
def test_a_stub_that_differs_on_purpose_does_differ(report: Report) -> None:
    seen = {path for path, line in report.lines.items() if line["unclaimed"] or line["unseen"] or not line["made"]}
    assert [path for path in different() if path in functions() and path not in seen] == []


WRONG = [
    pytest.param("random", "def shuffle(x) -> Mutates[x]: ...", "hidden.random", id="hidden state"),
    pytest.param("heapq", "def heappush(heap, item, /) -> Pure: ...", "mutates heap", id="an argument"),
    pytest.param("os", "def listdir(*args, **kwargs) -> Pure: ...", "files", id="files"),
    pytest.param("pprint", "def pprint(object, stream=None, **kw) -> Pure: ...", "stdout", id="stdout"),
    pytest.param("math", "def floor(x, /) -> Returns[str]: ...", "returns", id="another result"),
    pytest.param("bisect", "def insort(a, x, lo=0, hi=None, *, key=None) -> Mutates[a]: ...", "calls key", id="a callback"),
    pytest.param("subprocess", "def run(*args, **kwargs) -> Pure: ...", "subprocess", id="another program"),
    pytest.param("decimal", "def setcontext(context, /) -> Pure: ...", "hidden.decimal", id="the decimal context"),
    pytest.param("locale", "def setlocale(category, locale=None) -> Pure: ...", "locale", id="the locale"),
    pytest.param("getopt", "def gnu_getopt(args, shortopts, longopts=[]) -> Returns[tuple]: ...", "hidden.environ", id="a look-up"),
    pytest.param("numpy", "def flip(m, axis=None) -> Returns[numpy.ndarray]: ...", "views m", id="a view"),
    pytest.param("sys", "def exit(status=None, /) -> Pure: ...", "exit", id="the end of the program"),
]
CLAIMED = [
    pytest.param("json", "def dumps(obj, **kw) -> Returns[str] | Mutates[obj]: ...", "mutates obj", id="a change"),
    pytest.param("math", "def floor(x, /) -> Returns[int] | Writes[stdout]: ...", "stdout is written", id="output"),
    pytest.param("numpy", "def sort(a) -> Returns[numpy.ndarray] | Views[a]: ...", "views a", id="a view"),
    pytest.param("re", "def escape(pattern) -> Returns[str] | Returns[int]: ...", "returns builtins:int", id="a result"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """What is found of those that other stubs describe: {the stub: its line of the report}"""
    folder = tmp_path_factory.mktemp("wrong")
    children = []
    for name, group in (("wrong", WRONG), ("claimed", CLAIMED)):
        rules = folder / f"{name} rules"
        rules.mkdir()
        for module, stub, _ in (case.values for case in group):
            (rules / f"{module}.pyi").write_text(str(stub))
        children.append((group, observe(folder / name, [str(case.values[0]) for case in group], rules)))
    found: dict[str, dict[str, object]] = {}
    for group, child in children:
        lines = collect([child]).lines
        for module, stub, _ in (case.values for case in group):
            found[str(stub)] = next(line for path, line in lines.items() if path.startswith(f"{module}:"))
    return found


@pytest.mark.parametrize(("module", "stub", "missed"), WRONG)
def test_a_stub_that_leaves_an_effect_out_is_found(told: dict[str, dict[str, object]], module: str, stub: str, missed: str) -> None:
    assert missed in told[stub]["unclaimed"]  # type: ignore[operator]


@pytest.mark.parametrize(("module", "stub", "made_up"), CLAIMED)
def test_a_stub_that_makes_an_effect_up_is_found(told: dict[str, dict[str, object]], module: str, stub: str, made_up: str) -> None:
    assert made_up in told[stub]["unseen"]  # type: ignore[operator]
