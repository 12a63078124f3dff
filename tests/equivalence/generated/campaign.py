"""Many programs in a row: `python -m tests.equivalence.generated.campaign 5000 [--start 0] [--jobs 2] [-o FILE.json]`

What differs is made smaller and shown. Exit code 1 when anything did.
"""

from __future__ import annotations

import argparse
import difflib
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from tests.equivalence.generated.programs import program
from tests.equivalence.generated.running import Bench, Case, Pair
from tests.equivalence.generated.smaller import smaller

AT_ONCE = 25
_MOST_LINES = 12


@dataclass
class Campaign:
    """All that was seen."""

    programs: int = 0
    changing: int = 0  # programs with a remote call that changed an argument, a global or what these reach
    remote_calls: int = 0
    features: Counter[str] = field(default_factory=Counter)
    fallbacks: Counter[str] = field(default_factory=Counter)
    different: list[tuple[int, Pair]] = field(default_factory=list)  # with the seed

    def add(self, seed: int, features: Iterable[str], pair: Pair) -> None:
        self.programs += 1
        self.changing += pair.changed > 0
        self.remote_calls += pair.remote
        self.features.update(features)
        self.fallbacks.update(pair.fallbacks)
        if not pair.same:
            self.different.append((seed, pair))

    def join(self, other: Campaign) -> None:
        self.programs += other.programs
        self.changing += other.changing
        self.remote_calls += other.remote_calls
        self.features += other.features
        self.fallbacks += other.fallbacks
        self.different += other.different

    def summary(self) -> dict[str, object]:
        return {
            "programs": self.programs,
            "different": sorted(seed for seed, _ in self.different),
            "changing_share": round(self.changing / max(1, self.programs), 4),
            "remote_calls": self.remote_calls,
            "features": len(self.features),
            "fallbacks": sum(self.fallbacks.values()),
        }


def case_of(seed: int) -> Case:
    made = program(seed)
    return Case(f"p_{seed}", made.source, made.select)


def batch(seeds: Sequence[int]) -> Campaign:
    """In this process, in a folder of its own."""
    found = Campaign()
    with tempfile.TemporaryDirectory() as base:
        pairs = Bench(Path(base)).run([case_of(seed) for seed in seeds])
    for seed in seeds:
        found.add(seed, program(seed).features, pairs[f"p_{seed}"])
    return found


def campaign(seeds: Sequence[int], jobs: int = 1) -> Iterator[Campaign]:
    """Batch by batch, as they end."""
    parts = [seeds[at : at + AT_ONCE] for at in range(0, len(seeds), AT_ONCE)]
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        try:
            for done in as_completed([pool.submit(batch, part) for part in parts]):
                yield done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # else what went wrong is told when all the others have run
            raise


def told(pair: Pair) -> str:
    """The lines that differ, from a little before the first difference on."""
    before, after = pair.original.splitlines(), pair.rewritten.splitlines()
    found: list[str] = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what != "equal" and len(found) < _MOST_LINES:
            old, new = "\n".join(before[a:b]), "\n".join(after[c:d])
            at = max(0, len(os.path.commonprefix([old, new])) - 100)
            found += [f"line {a + 1}: {old[:60]}", f"- {old[at : at + 300]}", f"+ {new[at : at + 300]}"]
    return "\n".join(found)


def explained(seed: int) -> str:
    """The smallest program of that seed that still differs, and how."""
    with tempfile.TemporaryDirectory() as base:
        bench = Bench(Path(base))
        case = smaller(case_of(seed), bench)
        pair = bench.run([case])[case.name]
    return f"# seed {seed}, --select {','.join(case.select)}\n{case.source}\n{told(pair)}\nfallbacks: {pair.fallbacks}\n"


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="campaign", description="random programs in both forms")
    parser.add_argument("programs", type=int)
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, help="where the summary goes, as JSON")
    parser.add_argument("--plain", action="store_true", help="do not make what differs smaller")
    asked = parser.parse_args(words)
    total, started = Campaign(), time.perf_counter()
    for part in campaign(range(asked.start, asked.start + asked.programs), asked.jobs):
        total.join(part)
        print(f"{total.programs} programs, {len(total.different)} different, {time.perf_counter() - started:.0f} s", flush=True)
        for seed, pair in part.different:
            print(f"seed {seed}\n{told(pair)}" if asked.plain else explained(seed), flush=True)
        if asked.output:  # also of a run that is ended early
            asked.output.write_text(json.dumps(total.summary(), indent=1) + "\n")
    print(json.dumps(total.summary()))
    for reason, count in total.fallbacks.most_common(12):
        print(f"{count:6} {reason[:120]}")
    return 1 if total.different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
