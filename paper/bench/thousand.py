"""CPU of `faasify analyze` on programs of about a thousand lines: `python paper/bench/thousand.py -o paper/results/thousand.json`.

The programs are the modules of this interpreter's standard library that have 900 to 1,100 lines, each copied into a folder of its own,
where the modules that it imports are libraries and not part of it. Measured is the whole command, user and system, in processes of its
own; the least of a few runs, since the machine is shared. Each figure is scaled to a thousand lines as well.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

LIMIT_S = 0.5
LINES = range(900, 1101)


def modules() -> list[tuple[Path, int]]:
    """Those of the standard library with so many lines, and how many; what is generated for this build has no functions."""
    found = [(file, file.read_bytes().count(b"\n")) for file in sorted(Path(sysconfig.get_path("stdlib")).glob("[!_]*.py"))]
    return [(file, lines) for file, lines in found if lines in LINES]


def cpu(program: Path) -> float:
    """Seconds of one run of the command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "faasify", "analyze", "--format", "json", str(program)]
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(file: Path, lines: int, runs: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        program = Path(shutil.copy(file, Path(folder, f"copy_of_{file.name}")))
        taken = min(cpu(program) for _ in range(runs))
    return {"module": file.stem, "lines": lines, "cpu_s": round(taken, 3), "cpu_s_per_1000": round(1000 * taken / lines, 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    rows = []
    for file, lines in modules():
        rows.append(row := measure(file, lines, chosen.runs))
        print(f"{row['module']:<16}{row['lines']:>6} lines{row['cpu_s']:>7.2f} s{row['cpu_s_per_1000']:>7.2f} s per 1,000", flush=True)
    taken = [row["cpu_s_per_1000"] for row in rows]
    result = {
        "machine": {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}", "cores": os.cpu_count()},
        "limit_s": LIMIT_S,
        "modules": rows,
        "median_s": round(statistics.median(taken), 3),
        "most_s": max(taken),
    }
    print(f"median {result['median_s']:.2f}, most {result['most_s']:.2f}, limit {LIMIT_S}")
    if chosen.output:
        chosen.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
