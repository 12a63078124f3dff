"""Every way to call something that the language has: what really happens (witness.py) against the graph, both ways.

A program is small enough that all of it runs, so an edge that the run has not is false. The programs are in `constructs/`; what the
analysis is still wrong about stands below each of them, and has to be taken out when it is mended.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from faasify.analysis import analyse
from faasify.analysis.export import to_pycg
from faasify.frontend import load
from tests.analysis.cases import Case, Edge, compare, every_case

CASES = every_case()
SINCE_3_13 = {"_thread.lock": "_thread.allocate_lock"}  # the class itself
WITNESS = Path(__file__).with_name("witness.py")


def of_c(callee: str) -> bool:
    """A method in C that a class of the main module has from elsewhere: on some versions it has a name of that class."""
    return callee.startswith("__main__.")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, set[Edge]]]:
    """By case: where it was laid out, and the calls of its run. One process runs them all."""
    root = tmp_path_factory.mktemp("constructs")
    folders = {case.name: root / case.name for case in CASES}
    for case in CASES:
        case.lay_out(folders[case.name])
    out = root / "calls.json"
    subprocess.run([sys.executable, WITNESS, out, *map(str, folders.values())], check=True, timeout=120)
    seen = json.loads(out.read_text())
    failed = {name: found for name, folder in folders.items() if isinstance(found := seen[str(folder)], str)}
    assert not failed
    return {name: (folder, {(a, SINCE_3_13.get(b, b)) for a, b in seen[str(folder)]}) for name, folder in folders.items()}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_graph_has_the_calls_that_happen(case: Case, real: dict[str, tuple[Path, set[Edge]]]) -> None:
    folder, happened = real[case.name]
    analysis = analyse(load(str(folder), cwd=folder))
    claimed = {(caller, callee) for caller, callees in to_pycg(analysis).items() for callee in callees}
    modules = {name.partition(".")[0] for name in analysis.program.modules}
    missing, false = compare(happened, claimed, modules)
    assert sorted(edge for edge in missing if not of_c(edge[1])) == sorted(case.missing)
    assert sorted(false) == sorted(case.may)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_where_less_is_told_apart_what_happens_is_there_or_its_caller_has_an_unknown_call(
    case: Case, real: dict[str, tuple[Path, set[Edge]]]
) -> None:
    folder, happened = real[case.name]
    analysis = analyse(load(str(folder), cwd=folder), coarse=True)
    claimed = {(caller, callee) for caller, callees in to_pycg(analysis).items() for callee in callees}
    modules = {name.partition(".")[0] for name in analysis.program.modules}
    missing, _ = compare(happened, claimed, modules)
    told = {name.replace(".<locals>", "") for name, calls in analysis.callgraph.calls.items() if any(call.to is None for call in calls)}
    silent = {edge for edge in missing if edge[0] not in told and not of_c(edge[1])}
    assert silent <= case.missing


def test_most_of_them_are_exact() -> None:
    inexact = [case.name for case in CASES if case.missing or case.may]
    assert len(inexact) <= 0.25 * len(CASES), inexact
