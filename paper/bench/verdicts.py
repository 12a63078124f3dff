"""Verdicts of the functions that real programs call: `FAASIFY_CASES=DIR python paper/bench/verdicts.py -o paper/results/verdicts.json`.

DIR holds laid-out programs: folders with `case.json` (program, argv, stdin, cwd) and `files/`. Each is run once in a copy, under
recorder.py, to learn which of its own functions are entered (lambdas and comprehensions left out); each is analysed, and the verdicts
of those functions are counted. `--recordings DIR` keeps what was learnt for the next time, `--list FILE` gives every function's verdict.

    travels 1203   guarded 780   stays 610   of 2593: 76.5 % travel or travel guarded, 60.7 % of these unguarded
    code            verdict   functions   only reason
    UNKNOWN_CALL    guarded         512           430
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faasify.analysis import analyse
from faasify.frontend import load
from faasify.model.effects import FunctionFacts

sys.path.insert(0, str(Path(__file__).resolve().parent))
from observed import Key, Run, is_comprehension, names_by_code, read, record, time_limit  # noqa: E402

RUN_LIMIT_S = 120
ANALYSIS_LIMIT_S = 60


@dataclass(frozen=True)
class Called:
    """A function that a program entered; `facts` None: the analysis does not know it."""

    program: str
    name: str
    facts: FunctionFacts | None


def called_of(case: Path, recording: Path) -> list[Called]:
    """Raises what `analyse` raises, and TimeoutError where it does not end."""
    described = json.loads((case / "case.json").read_text())
    run = recorded(case, described, recording)
    with time_limit(ANALYSIS_LIMIT_S):
        analysis = analyse(load(described["program"], cwd=case / "files" / described["cwd"]))
    names = names_by_code(analysis)
    found = []
    for key in run.entered:
        if not is_comprehension(key) and not key[2].endswith("<lambda>"):
            name = next(iter(names.get(key, ())), None)
            found.append(Called(described["id"], name or _shown(key), analysis.functions.get(name) if name else None))
    return found


def recorded(case: Path, described: dict[str, Any], recording: Path) -> Run:
    """What the program enters, from a recording where there is one; nothing where it does not end under the recorder."""
    if not recording.exists():
        with tempfile.TemporaryDirectory() as temporary:
            root = Path(temporary, "files")
            shutil.copytree(case / "files", root, symlinks=True)
            cwd = root / described["cwd"]
            command = [described["program"], *described["argv"]]
            try:
                record((cwd / described["program"]).parent, command, recording, cwd=cwd, stdin=described["stdin"], timeout=RUN_LIMIT_S)
            except (subprocess.TimeoutExpired, OSError) as error:
                print(f"{described['id']}: not recorded: {error}", file=sys.stderr)
                recording.write_text('{"calls": [], "entered": []}')
    return read(recording)


def _shown(key: Key) -> str:
    return f"{key[0]}:{key[1]} {key[2]}"


def counted(called: Iterable[Called]) -> dict[str, Any]:
    """The result: counts, shares, and the table of codes."""
    called = list(called)
    verdicts = Counter(c.facts.verdict if c.facts else "absent" for c in called)
    moving = verdicts["travels"] + verdicts["guarded"]
    return {
        "programs_with_functions": len({c.program for c in called}),
        "functions": len(called),
        **{verdict: verdicts[verdict] for verdict in ("travels", "guarded", "stays", "absent")},
        "moving": round(moving / max(1, len(called)), 4),
        "unguarded": round(verdicts["travels"] / max(1, moving), 4),
        "codes": codes(called),
    }


def codes(called: Iterable[Called]) -> list[dict[str, Any]]:
    """One row a code: how many functions have it, and of how many it is the only reason."""
    having, alone = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for facts in (c.facts for c in called if c.facts):
        own = {reason.code for reason in facts.reasons}
        having.update((facts.verdict, code) for code in own)
        if len(own) == 1:
            alone[facts.verdict, own.pop()] += 1
    rows = sorted(having.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
    return [{"code": code, "verdict": verdict, "functions": n, "alone": alone[verdict, code]} for (verdict, code), n in rows]


def table(result: dict[str, Any]) -> str:
    lines = [
        f"travels {result['travels']}   guarded {result['guarded']}   stays {result['stays']}   absent {result['absent']}   of "
        f"{result['functions']}: {result['moving']:.1%} travel or travel guarded, {result['unguarded']:.1%} of these unguarded",
        f"{'code':<24}{'verdict':<9}{'functions':>10}{'only reason':>13}",
    ]
    lines += [f"{row['code']:<24}{row['verdict']:<9}{row['functions']:>10}{row['alone']:>13}" for row in result["codes"]]
    return "\n".join(lines)


def listing(called: Iterable[Called]) -> str:
    """`aoc/18_duet  aoc_18.main  stays  FILES app.py:41 opens a file` a line."""
    lines = []
    for c in called:
        reasons = "; ".join(f"{r.code} {r.file}:{r.line} {r.message}" for r in c.facts.reasons) if c.facts else ""
        lines.append(f"{c.program}  {c.name}  {c.facts.verdict if c.facts else 'absent'}  {reasons}".rstrip())
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=os.environ.get("FAASIFY_CASES"))
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--recordings", type=Path, help="a folder that keeps which functions are entered")
    parser.add_argument("--list", type=Path, help="a file for every function's verdict")
    chosen = parser.parse_args()
    cases = sorted(file.parent for file in Path(chosen.folder).rglob("case.json")) if chosen.folder else []
    if not cases:
        parser.error("name a folder of laid-out programs, or set $FAASIFY_CASES")
    with tempfile.TemporaryDirectory() as temporary:
        recordings = chosen.recordings or Path(temporary)
        recordings.mkdir(parents=True, exist_ok=True)
        called, failed = all_called(cases, recordings)
    result = {"programs": len(cases), "failed": failed, **counted(called)}
    print(table(result))
    if chosen.output:
        chosen.output.write_text(json.dumps(result, indent=1) + "\n")
    if chosen.list:
        chosen.list.write_text(listing(called))


def all_called(cases: Iterable[Path], recordings: Path) -> tuple[list[Called], int]:
    """The called functions of all programs, and how many programs the analysis failed on."""
    called, failed = list[Called](), 0
    for case in cases:
        recording = recordings / f"{case.parent.name}__{case.name}.json"
        try:
            called += called_of(case, recording)
        except Exception as error:  # counted and named; the others are still measured
            failed += 1
            print(f"{case.parent.name}/{case.name}: {type(error).__name__}: {error}", file=sys.stderr)
    return called, failed


if __name__ == "__main__":
    main()
