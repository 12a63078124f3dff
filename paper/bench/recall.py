"""The share of real calls that the call graph has: `python paper/bench/recall.py -o paper/results/recall.json`.

Five packages are installed into a virtual environment of their own and driven by the tests of their source distributions, while
recorder.py writes down which function of the package entered which. `analyse` then reads the installed package, and each recorded edge
is *found*, *unknown* (the graph says that it cannot resolve a call on that line) or *silent*.

The headline leaves out two kinds of edges (recorder.py): `implicit`, special methods that only the interpreter or a C function calls, and
`resumed`, generators that the caller was handed; `share_of_all` has them.
`--work DIR` keeps environment and recordings for the next time, `--misses DIR` lists every edge that was not found.
"""

from __future__ import annotations

import argparse
import json
import linecache
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from faasify.analysis import analyse
from faasify.frontend import load
from faasify.model.effects import Analysis
from faasify.model.program import Program

sys.path.insert(0, str(Path(__file__).resolve().parent))
from observed import APART, KINDS, Entry, Run, is_comprehension, names_by_code, read, record, time_limit  # noqa: E402

Outcome = Literal["found", "unknown", "silent"]
ANALYSIS_LIMIT_S = 300


@dataclass(frozen=True)
class Package:
    """What is installed, what its tests need besides, and the command that runs them in its source distribution."""

    name: str
    version: str
    driver: tuple[str, ...]
    needs: tuple[str, ...] = ()


_PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
PACKAGES = (
    Package("click", "8.5.1", (*_PYTEST, "-m", "not stress", "tests"), ("pytest",)),
    Package("jinja2", "3.1.6", (*_PYTEST, "tests"), ("pytest", "trio")),
    Package("markdown", "3.11.3", ("-m", "unittest", "discover", "tests", "-t", "."), ("pyyaml",)),
    Package("pyparsing", "3.3.3", (*_PYTEST, "tests/test_simple_unit.py", "tests/test_util.py"), ("pytest",)),
    Package("sqlparse", "0.6.1", (*_PYTEST, "tests"), ("pytest",)),
)


@dataclass(frozen=True)
class Edge:
    """One recorded edge in the analysis' names, the plainest of the ways in which it was seen, and what the graph says."""

    caller: str
    callee: str
    entry: Entry
    outcome: Outcome


def compare(analysis: Analysis, run: Run, below: str = "") -> list[Edge]:
    """The recorded edges between definitions of the program, each once; `below` as names_by_code has it."""
    names = names_by_code(analysis, below)
    graph = {(caller, call.to) for caller, calls in analysis.callgraph.calls.items() for call in calls}
    unknown = {(caller, call.line) for caller, calls in analysis.callgraph.calls.items() for call in calls if call.to is None}
    edges: dict[tuple[tuple[str, ...], tuple[str, ...]], Edge] = {}
    for entry in sorted(run.calls, key=lambda e: KINDS.index(e.kind)):
        callers, callees = names.get(entry.caller, ()), names.get(entry.callee, ())
        if not callers or not callees or is_comprehension(entry.callee) or (callers, callees) in edges:
            continue
        outcome: Outcome = "silent"
        if any((a, b) in graph for a in callers for b in callees):
            outcome = "found"
        elif any((a, entry.line) in unknown for a in callers):
            outcome = "unknown"
        edges[callers, callees] = Edge(callers[0], callees[0], entry, outcome)
    return list(edges.values())


def figures(edges: Iterable[Edge]) -> dict[str, Any]:
    """The shares and, for what was missed, the causes."""
    edges = list(edges)
    counted = [edge for edge in edges if edge.entry.kind not in APART]
    kinds = {kind: [edge.outcome for edge in edges if edge.entry.kind == kind] for kind in KINDS}
    return {
        "edges": len(counted),
        **{outcome: sum(edge.outcome == outcome for edge in counted) for outcome in ("found", "unknown", "silent")},
        "share": _share(counted),
        "edges_of_all": len(edges),
        "share_of_all": _share(edges),
        "kinds": {kind: {"edges": len(outcomes), "found": outcomes.count("found")} for kind, outcomes in kinds.items()},
    }


def _share(edges: list[Edge]) -> float:
    return round(sum(edge.outcome == "found" for edge in edges) / max(1, len(edges)), 4)


def cause(edge: Edge, text: str) -> str:
    """What stands on the line of a call that was missed, as far as its text tells.

    `self.step()` -> method, `step()` -> name, `return visit(node)` of `visit_Name` -> dispatch
    """
    name = edge.callee.rpartition(".")[2]
    if edge.entry.kind != "call":
        return edge.entry.kind
    if name in ("__init__", "__new__", "__call__"):
        return name
    if f".{name}(" in text:
        return "method"
    return "name" if f"{name}(" in text else "dispatch"


def write_misses(file: Path, root: Path, edges: Iterable[Edge]) -> None:
    """One miss a line below its cause: `unknown  core.f -> core.g   core.py:12  return h(x)`."""
    groups: dict[str, list[str]] = {}
    for edge in edges:
        if edge.outcome != "found":
            path, line = edge.entry.caller[0], edge.entry.line
            text = linecache.getline(str(root / path), line).strip()
            shown = f"  {edge.outcome:<8} {edge.caller} -> {edge.callee}   {path}:{line}  {text}"
            groups.setdefault(cause(edge, text), []).append(shown)
    lines = []
    for title, group in sorted(groups.items(), key=lambda item: -len(item[1])):
        lines += [f"{title}: {len(group)}", *sorted(group), ""]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines))


@contextmanager
def workplace(chosen: Path | None) -> Iterator[Path]:
    """The folder of environment, sources and recordings: the user's own, or one that goes away."""
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen.resolve()
    else:
        with tempfile.TemporaryDirectory() as temporary:
            yield Path(temporary).resolve()


def prepare(work: Path, packages: Iterable[Package]) -> Path:
    """A virtual environment with the packages and what their tests need; its site-packages."""
    python = work / "venv" / "bin" / "python"
    packages = list(packages)
    if not python.exists():
        venv.create(work / "venv", with_pip=True)
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wanted = [f"{package.name}=={package.version}" for package in packages]
    subprocess.run([*pip, "install", *wanted, *sorted({need for package in packages for need in package.needs})], check=True)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    said = subprocess.run([python, "-c", where], check=True, capture_output=True, text=True)
    return Path(said.stdout.strip())


def sources(work: Path, package: Package) -> Path:
    """The source distribution without the package itself, so that its tests import the installed one."""
    folder = work / "sources" / package.name
    if not folder.is_dir():
        pip = [str(work / "venv" / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        with tempfile.TemporaryDirectory() as temporary:
            wanted = f"{package.name}=={package.version}"
            subprocess.run([*pip, "download", "--no-binary", ":all:", "--no-deps", "-d", temporary, wanted], check=True)
            (archive,) = Path(temporary).glob("*.tar.gz")
            with tarfile.open(archive) as tar:
                tar.extractall(Path(temporary, "out"), filter="data")
            (top,) = Path(temporary, "out").iterdir()
            shutil.rmtree(top / package.name, ignore_errors=True)
            shutil.copytree(top, folder, symlinks=True)
    return folder


def installed(name: str, site: Path) -> Program:
    """What `faasify analyze NAME` reads."""
    sys.path.insert(0, str(site))
    try:
        return load(name, cwd=site.parent)
    finally:
        sys.path.remove(str(site))


def measure(work: Path, site: Path, package: Package, misses: Path | None, limit_s: int) -> dict[str, Any]:
    """Record once, analyse, compare."""
    recording, root = work / f"{package.name}.json", site / package.name
    if recording.exists():
        run = read(recording)
    else:
        run = record(root, package.driver, recording, cwd=sources(work, package), python=str(work / "venv" / "bin" / "python"))
    measured = {"package": package.name, "version": package.version}
    try:
        with time_limit(limit_s):
            analysis = analyse(installed(package.name, site))
    except TimeoutError as error:
        return {**measured, "end": str(error)}
    edges = compare(analysis, run, below=f"{package.name}/")
    if misses is not None:
        write_misses(misses / f"{package.name}.txt", root, edges)
    causes = Counter(
        cause(edge, linecache.getline(str(root / edge.entry.caller[0]), edge.entry.line)) for edge in edges if edge.outcome != "found"
    )
    entered = sum(not is_comprehension(key) for key in run.entered)
    return {**measured, "end": "done", "functions_entered": entered, **figures(edges), "missed": dict(causes)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--work", type=Path, help="a folder that keeps the environment and the recordings")
    parser.add_argument("--misses", type=Path, help="a folder for the lists of edges that were not found")
    parser.add_argument("--only", action="append", help="a package of the list; may be given again")
    parser.add_argument("--limit", type=int, default=ANALYSIS_LIMIT_S, help="seconds that an analysis may take")
    chosen = parser.parse_args()
    packages = [package for package in PACKAGES if not chosen.only or package.name in chosen.only]
    rows = []
    with workplace(chosen.work) as work:
        site = prepare(work, packages)
        for package in packages:
            rows.append(measure(work, site, package, chosen.misses, chosen.limit))
            show(rows[-1])
    done = [row for row in rows if row["end"] == "done"]
    together: dict[str, Any] = {name: sum(row[name] for row in done) for name in ("edges", "found", "unknown", "silent")}
    together["share"] = round(together["found"] / max(1, together["edges"]), 4)
    show({"package": "together", "end": "done", "share_of_all": None, **together})
    if chosen.output:
        chosen.output.write_text(json.dumps({"packages": rows, "together": together}, indent=1) + "\n")


def show(row: dict[str, Any]) -> None:
    if row["end"] == "done":
        print(f"{row['package']:<12}{row['edges']:>6} edges{row['share']:>8.3f}   of all {row['share_of_all']}", flush=True)
    else:
        print(f"{row['package']:<12}   {row['end']}", flush=True)


if __name__ == "__main__":
    main()
