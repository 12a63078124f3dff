"""Many programs, each generated, analysed, run and compared, in processes of their own.

campaign(range(300)).summary()   ->   {"programs": 300, "functions": 2400, "misses": 0, "unknown_share": 0.02, "idle_share": 0.08, ...}
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from faasify.analysis import analyse, library
from faasify.frontend import load
from faasify.model.effects import Analysis
from tests.analysis.effects.compare import Comparison, Miss, compare
from tests.analysis.effects.gaps import Gap
from tests.analysis.effects.generator import program
from tests.analysis.effects.observer import Observer

_ANALYSIS = "analysis"
_AT_ONCE = 50  # programs of one process


@dataclass
class Campaign:
    """All that was found."""

    programs: int = 0
    total: Comparison = field(default_factory=Comparison)
    misses: list[tuple[int, Miss]] = field(default_factory=list)  # with the program's seed
    idle: list[tuple[int, Miss]] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)  # programs that the analysis failed on
    stopped: list[int] = field(default_factory=list)  # that an exception ended or that took too long: what they did until then is compared

    def add(self, seed: int, found: Comparison, problem: str | None) -> None:
        self.programs += 1
        self.total.add(found)
        self.misses += [(seed, miss) for miss in found.misses]
        self.idle += [(seed, miss) for miss in found.idle_claims]
        if problem and problem.startswith(_ANALYSIS):
            self.broken.append((seed, problem))
        elif problem:
            self.stopped.append(seed)

    def join(self, other: Campaign) -> None:
        self.programs += other.programs
        self.total.add(other.total)
        self.misses += other.misses
        self.idle += other.idle
        self.broken += other.broken
        self.stopped += other.stopped

    @property
    def unknown_share(self) -> float:
        return self.total.unknown / max(1, self.total.functions)

    @property
    def idle_share(self) -> float:
        return sum(self.total.idle.values()) / max(1, sum(self.total.claims.values()))

    def summary(self) -> dict[str, Any]:
        return {
            "programs": self.programs,
            "functions": self.total.functions,
            "claims": sum(self.total.claims.values()),
            "misses": len(self.misses),
            "programs_with_misses": len({seed for seed, _ in self.misses}),
            "misses_by_field": dict(Counter(miss.field for _, miss in self.misses)),
            "excused_by_an_unknown": self.total.excused,
            "broken": len(self.broken),
            "stopped": len(self.stopped),
            "unknown_share": round(self.unknown_share, 4),
            "idle_share": round(self.idle_share, 4),
            "idle_share_by_claim": {k: round(self.total.idle[k] / n, 3) for k, n in sorted(self.total.claims.items()) if n},
        }


@cache
def _stubs_read_once() -> None:
    """The same stubs serve thousands of programs: each file is read once in a process."""
    library.read_stub = cache(library.read_stub)  # type: ignore[attr-defined]


def analysed(files: Mapping[str, str], folder: Path) -> Analysis:
    for name, text in files.items():
        (folder / name).write_text(text)
    _stubs_read_once()
    return analyse(load("app.py", cwd=folder))


def examine(files: Mapping[str, str], folder: Path) -> tuple[Comparison, str | None]:
    """Analyse and run one program in `folder`; the second result says what went wrong."""
    for name in os.listdir(folder):
        if name.endswith(".py"):
            (folder / name).unlink()
    try:
        analysis = analysed(files, folder)
    except Exception as failure:
        return Comparison(), f"{_ANALYSIS}: {type(failure).__name__}: {failure}"
    observer = Observer(files)
    problem = observer.run()
    return compare(analysis, observer.results, observer.functions), problem


def batch(seeds: Sequence[int], prepare: Callable[[], None] | None = None, leave_out: Sequence[Gap] = ()) -> Campaign:
    """In this process, in a folder of its own."""
    found, before = Campaign(), os.getcwd()
    if prepare is not None:
        prepare()
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        try:
            Path("seed.txt").write_text("abc\n")
            for seed in seeds:
                found.add(seed, *examine(program(seed, leave_out).files, Path(place)))
        finally:
            os.chdir(before)
    return found


def campaign(seeds: Iterable[int], *, jobs: int = 1, prepare: Callable[[], None] | None = None, leave_out: Sequence[Gap] = ()) -> Campaign:
    """`prepare` runs first in each process: how a rule is taken out (seeded.py). `leave_out`: what the programs are not to have."""
    every = list(seeds)
    parts = [every[i : i + _AT_ONCE] for i in range(0, len(every), _AT_ONCE)]
    found = Campaign()
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=None) as pool:
        for part in pool.map(batch, parts, [prepare] * len(parts), [leave_out] * len(parts)):
            found.join(part)
    return found
