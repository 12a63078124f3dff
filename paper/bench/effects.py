"""Effects held against runs of generated programs: `python paper/bench/effects.py [PROGRAMS] [-j JOBS] [-o FILE.json]`

How many programs, what happened that was not foreseen, the share of functions with an unknown, the share of claims that never happened, and
which faults, put into the engine one at a time, the same comparison shows.

Ten thousand programs take about an hour of CPU. What is done is kept beside the result (`.effects-<hash of the sources>.jsonl`, a
hundred programs a line): the same command goes on where it was stopped, as long as neither the analysis nor the generator has changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.analysis.effects.campaign import Campaign, campaign  # noqa: E402  (the generator lives with the tests)
from tests.analysis.effects.compare import Comparison, Miss  # noqa: E402
from tests.analysis.effects.seeded import table  # noqa: E402

AT_ONCE = 100  # programs of one line
SOURCES = ("faasify/analysis/*.py", "rules/effects/*.pyi", "tests/analysis/effects/*.py")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=int, nargs="?", default=10_000)
    parser.add_argument("--seeded", type=int, default=100, metavar="PROGRAMS", help="programs for each fault that is put in; 0: none")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "paper" / "results" / "effects.json")
    given = parser.parse_args()
    found, cpu = run(given.programs, given.jobs, given.output.with_name(f".effects-{version()}.jsonl"))
    results: dict[str, Any] = {**found.summary(), "seeds": f"0-{given.programs - 1}", "cpu_s": round(cpu, 1), "examples": examples(found)}
    given.output.write_text(json.dumps(results, indent=1) + "\n")
    if given.seeded:
        faults = table(range(given.seeded), given.jobs)
        results["seeded"] = faults
        results["seeded_shown"] = sum(row["shown"] for row in faults.values())
    given.output.write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


def run(programs: int, jobs: int, kept: Path) -> tuple[Campaign, float]:
    """All programs, and the CPU time that they took; those of the lines in `kept` are not run again."""
    known = {line["from"]: line for line in map(json.loads, kept.read_text().splitlines())} if kept.exists() else {}
    total, cpu = Campaign(), 0.0
    for start in range(0, programs, AT_ONCE):
        end = min(start + AT_ONCE, programs)
        line = known.get(start)
        if line is None or line["to"] != end:
            before = cpu_s()
            found = campaign(range(start, end), jobs=jobs)
            line = {"from": start, "to": end, "cpu_s": cpu_s() - before, "found": written(found)}
            with kept.open("a") as file:
                file.write(json.dumps(line) + "\n")
        total.join(read(line["found"]))
        cpu += line["cpu_s"]
    return total, cpu


def written(found: Campaign) -> dict[str, Any]:
    """All of a campaign that the summary and the examples need, as JSON."""
    total = found.total
    counts = {"functions": total.functions, "unknown": total.unknown, "excused": total.excused}
    claims = {"claims": dict(total.claims), "idle": dict(total.idle)}
    misses = [[seed, miss.function, miss.field, miss.what] for seed, miss in found.misses]
    return {"programs": found.programs, **counts, **claims, "misses": misses, "broken": found.broken, "stopped": found.stopped}


def read(found: dict[str, Any]) -> Campaign:
    total = Comparison(found["functions"], found["unknown"], found["excused"], Counter(found["claims"]), Counter(found["idle"]))
    misses = [(seed, Miss(*rest)) for seed, *rest in found["misses"]]
    return Campaign(found["programs"], total, misses, broken=[(seed, text) for seed, text in found["broken"]], stopped=found["stopped"])


def version() -> str:
    """Of all that the numbers depend on."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def examples(found: Campaign) -> list[str]:
    """The first miss of each kind."""
    first: dict[tuple[str, str], str] = {}
    for seed, miss in found.misses:
        first.setdefault((miss.field, miss.what), f"program {seed}: {miss.function} {miss.field} {miss.what}")
    return list(first.values())[:40]


def cpu_s() -> float:
    """Of this process and those that it started."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
