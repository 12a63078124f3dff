"""CPU and memory of `analyse` on large code: `python paper/bench/scale.py -o paper/results/scale.json --figure paper/figures/scale.svg`.

Six packages are installed into a temporary folder by name (or taken from `--corpus DIR`, laid out as DIR/<name>/<name>), and the standard
library of this interpreter is read where it lies. Each is loaded and analysed in a process of its own, under limits of CPU and memory; how
that ended is in the result. The growth is measured on prefixes of one package: its first files by name until a share of its lines is full.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGES = ("requests", "flask", "black", "networkx", "django", "sympy")
WITHOUT_TESTS = frozenset(["networkx", "sympy"])  # packages that bring their tests along
GROWN = "networkx"  # the package whose prefixes show the growth, unless the command line names another
SHARES = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)
TESTS = frozenset(["test", "tests", "idle_test"])  # folders that a corpus "without tests" leaves out
SKIPPED = frozenset(["__pycache__", "site-packages", "dist-packages"])
GIB = 2**30


@dataclass(frozen=True)
class Limits:
    cpu_s: int = 600
    memory_gib: float = 10.0


def python_files(folder: Path, *, tests: bool) -> Iterator[Path]:
    """Relative paths, in a stable order."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in SKIPPED and (tests or f not in TESTS))
        yield from (Path(where, name).relative_to(folder) for name in sorted(names) if name.endswith(".py"))


def count_lines(file: Path) -> int:
    return file.read_bytes().count(b"\n")


def copy(folder: Path, to: Path, *, tests: bool = True, share: float = 1.0) -> int:
    """Lay out the first files of `folder` that hold `share` of its lines; how many lines these are."""
    files = [(file, count_lines(folder / file)) for file in python_files(folder, tests=tests)]
    wanted, taken = share * sum(lines for _, lines in files), 0
    for file, lines in files:
        if taken >= wanted:
            break
        (to / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / file, to / file)
        taken += lines
    return taken


def child(folder: str) -> None:
    """What the measured process does; one line of JSON."""
    from faasify.analysis import analyse
    from faasify.frontend import load
    from faasify.frontend.collection import put_off

    with put_off():  # as the command does
        start = time.process_time()
        program = load(folder, run_as="folder", cwd=Path.cwd())
        loaded = time.process_time()
        analysis = analyse(program)
        done = time.process_time()
    calls = [call for calls in analysis.callgraph.calls.values() for call in calls]
    facts = {
        "files": len(program.modules),
        "damaged_files": len(program.damage),
        "functions": len(analysis.functions),
        "calls": len(calls),
        "unknown_calls": sum(call.to is None for call in calls),
        "load_s": round(loaded - start, 2),
        "analyse_s": round(done - loaded, 2),
        "cpu_s": round(done - start, 2),
        "memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(facts))


def measure(name: str, folder: Path, lines: int, limits: Limits, crashes: Path | None) -> dict[str, Any]:
    """One process under limits: its figures, or how it ended."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 5))
        resource.setrlimit(resource.RLIMIT_AS, (int(limits.memory_gib * GIB), int(limits.memory_gib * GIB)))

    command = [sys.executable, __file__, "--child", str(folder)]
    row: dict[str, Any] = {"name": name, "lines": lines}
    try:
        done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, timeout=5 * limits.cpu_s)
    except subprocess.TimeoutExpired:
        return row | {"end": "timeout"}
    if done.returncode == 0:
        return {**row, **json.loads(done.stdout), "end": "done"}
    if crashes is not None:
        crashes.mkdir(parents=True, exist_ok=True)
        (crashes / f"{name.replace('/', '_')}.txt").write_text(done.stderr[-20_000:])
    said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    return row | {"end": "cpu limit" if done.returncode == -24 else f"crash: {said[:200]}"}


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The exponent of growth, by least squares on logarithms: 1 is linear.

    >>> slope([(1, 2), (10, 20), (100, 200)])
    1.0
    """
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x, mean_y = (sum(values) / len(logs) for values in zip(*logs, strict=True))
    above = sum((x - mean_x) * (y - mean_y) for x, y in logs)
    return float(round(above / sum((x - mean_x) ** 2 for x, _ in logs), 3))


def plot(rows: Sequence[dict[str, Any]], growth: dict[str, Any], file: Path) -> None:
    """Lines against CPU seconds, both axes logarithmic: prefixes of one package as a line, whole packages as points."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams.update({"svg.hashsalt": "faasify", "svg.fonttype": "none", "font.size": 10})
    figure, axes = pyplot.subplots(figsize=(6.4, 4))
    done = [row for row in growth["rows"] if row["end"] == "done"]
    axes.plot([r["lines"] for r in done], [r["cpu_s"] for r in done], "o-", label=f"prefixes of {growth['package']}")
    whole = [row for row in rows if row["end"] == "done"]
    axes.plot([r["lines"] for r in whole], [r["cpu_s"] for r in whole], "s", color="#c62828", label="packages")
    for row in whole:
        axes.annotate(row["name"], (row["lines"], row["cpu_s"]), xytext=(5, -10), textcoords="offset points", fontsize=8)
    if done:
        ends = [done[-1]["lines"] / 100, done[-1]["lines"]]
        axes.plot(ends, [x * done[-1]["cpu_s"] / done[-1]["lines"] for x in ends], ":", color="#888888", label="linear")
    axes.set(xscale="log", yscale="log", xlabel="lines of source", ylabel="CPU seconds, reading included")
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


@contextmanager
def corpora(chosen: Path | None, names: Sequence[str]) -> Iterator[Path]:
    """A folder with <name>/<name>: the user's own, or the packages installed without what they need, which is not analysed."""
    if chosen is not None:
        yield chosen
        return
    with tempfile.TemporaryDirectory() as temporary:
        for name in names:
            pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps"]
            subprocess.run([*pip, "--target", str(Path(temporary, name)), name], check=True)
        yield Path(temporary)


def jobs(corpus: Path, names: Sequence[str], all_of_lib: bool) -> Iterator[tuple[str, Path, bool]]:
    """(name, folder, with its tests)"""
    for name in names:
        yield name, corpus / name / name, name not in WITHOUT_TESTS
    library = Path(sysconfig.get_path("stdlib"))
    yield "Lib", library, False
    if all_of_lib and any((library / name).is_dir() for name in ("test", "unittest/test")):
        yield "Lib with its tests", library, True


def measure_all(
    corpus: Path, names: Sequence[str], grown: str, limits: Limits, crashes: Path | None, *, all_of_lib: bool
) -> Iterator[dict[str, Any]]:
    """Packages first, then prefixes, whose rows have a `share`."""
    with tempfile.TemporaryDirectory() as temporary:
        for name, folder, tests in jobs(corpus, names, all_of_lib):
            to = Path(temporary, name.replace(" ", "_"), folder.name)
            yield measure(name, to, copy(folder, to, tests=tests), limits, crashes)
        for share in SHARES if grown else ():
            to = Path(temporary, f"share{share:.4f}", grown)
            lines = copy(corpus / grown / grown, to, tests=grown not in WITHOUT_TESTS, share=share)
            yield measure(f"{grown} {share:.4f}", to, lines, limits, crashes) | {"share": share}


def show(row: dict[str, Any]) -> None:
    figures = (
        f"{row['cpu_s']:>8.2f} s{row['memory_mib']:>7} MiB{row['functions']:>8} functions" if row["end"] == "done" else f"   {row['end']}"
    )
    print(f"{row['name']:<22}{row['lines']:>8} lines{figures}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--corpus", type=Path, help="DIR/<name>/<name> instead of installing")
    parser.add_argument("--only", action="append", help="a package of the list; may be given again")
    parser.add_argument("--grown", default=GROWN, choices=PACKAGES, help="the package whose prefixes show the growth")
    parser.add_argument("--crashes", type=Path, help="a folder for what crashes said")
    parser.add_argument("--cpu", type=int, default=Limits.cpu_s, help="seconds after which a process is ended")
    parser.add_argument("--all-of-lib", action="store_true", help="the standard library with its tests too")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        child(chosen.child)
        return
    names = [name for name in PACKAGES if not chosen.only or name in chosen.only]
    rows = []
    with corpora(chosen.corpus, names) as corpus:
        grown = chosen.grown if chosen.grown in names else ""
        for row in measure_all(corpus, names, grown, Limits(chosen.cpu), chosen.crashes, all_of_lib=chosen.all_of_lib):
            rows.append(row)
            show(row)
            report(rows, chosen.grown, chosen.cpu, chosen.output, None)
    report(rows, chosen.grown, chosen.cpu, chosen.output, chosen.figure)


def report(rows: Sequence[dict[str, Any]], grown: str, limit_s: int, output: Path | None, figure: Path | None) -> None:
    """The results with the exponent of growth, and their figure."""
    whole, prefixes = [row for row in rows if "share" not in row], [row for row in rows if "share" in row]
    points = [(row["lines"], row["cpu_s"]) for row in prefixes if row["end"] == "done"]
    growth = {"package": grown, "rows": prefixes, "exponent": slope(points) if len(points) > 1 else None}
    if output:
        machine = {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}", "cores": os.cpu_count()}
        output.write_text(json.dumps({"machine": machine, "cpu_limit_s": limit_s, "packages": whole, "growth": growth}, indent=1) + "\n")
    if figure:
        plot(whole, growth, figure)


if __name__ == "__main__":
    main()
