"""Effects held against runs of generated programs: `python paper/bench/effects.py [PROGRAMS] [-j JOBS] [-o FILE.json]`

How many programs, what happened that was not foreseen, the share of functions with an unknown, the share of claims that never happened, and
which faults, put into the engine one at a time, the same comparison shows.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.analysis.effects.campaign import Campaign, campaign  # noqa: E402  (the generator lives with the tests)
from tests.analysis.effects.gaps import GAPS  # noqa: E402
from tests.analysis.effects.seeded import table  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=int, nargs="?", default=10_000)
    parser.add_argument("--seeded", type=int, default=100, metavar="PROGRAMS", help="programs for each fault that is put in; 0: none")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "paper" / "results" / "effects.json")
    given = parser.parse_args()
    found = campaign(range(given.programs), jobs=given.jobs)
    results: dict[str, Any] = {**found.summary(), "cpu_s": round(cpu_s(), 1), "examples": examples(found)}
    without = campaign(range(given.programs), jobs=given.jobs, leave_out=GAPS)
    results["without_known_gaps"] = {**without.summary(), "examples": examples(without)}
    results["known_gaps"] = [gap.name for gap in GAPS]
    given.output.write_text(json.dumps(results, indent=1) + "\n")
    if given.seeded:
        faults = table(range(given.seeded), given.jobs)
        results["seeded"] = faults
        results["seeded_shown"] = sum(row["shown"] for row in faults.values())
    given.output.write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


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
