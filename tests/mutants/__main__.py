"""`python -m tests.mutants [NAME...] [--all] [-o FILE.json]`: puts in one bug after the other, and runs what is to notice it.

For each bug a copy of the tree is made, with an interpreter that takes faasify from the copy. Three look at it: the suite (the tests
that the bug names), the generator (random programs until one differs, 100 at the most) and `faasify verify` (program.py); with
`--all` each of them, else only until the first has noticed. Before, all three look at a copy without a bug, and must be content.
Exit code 1 when a bug's text is not there any more, or nobody notices it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.mutants.bugs import BUGS, Bug

ROOT = Path(__file__).resolve().parent.parent.parent
COPIED = ("faasify", "rules", "stubs", "tests", "examples", "pyproject.toml")
PROGRAMS, AT_ONCE = 100, 25
TIMEOUT_S = 900.0


@dataclass(frozen=True)
class Copy:
    """A tree of its own, and the interpreter that uses it."""

    folder: Path

    @property
    def python(self) -> str:
        return str(self.folder / ".venv" / "bin" / "python")

    @classmethod
    def make(cls, folder: Path) -> Copy:
        for name in COPIED:
            source = ROOT / name
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, ignore=ignored) if source.is_dir() else shutil.copy(source, folder / name)
        venv.create(folder / ".venv", symlinks=True)
        site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder / ".venv"), "platbase": str(folder / ".venv")}))
        (site / "copy.pth").write_text(f"{folder}\n{sysconfig.get_path('purelib')}\n")
        return cls(folder)

    def run(self, words: Sequence[str], cwd: Path | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        environment |= {"XDG_CACHE_HOME": str(self.folder / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [self.python, *words],
            cwd=cwd or self.folder,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )


def suite(copy: Copy, bug: Bug) -> str | None:
    """The first test that fails, None if none does."""
    done = copy.run(["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", *bug.tests.split()])
    if done.returncode == 0:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) \S*?(\w+\.py::\S+)", done.stdout, re.M)
    if done.returncode != 1 or failed is None:
        raise RuntimeError(f"{bug.name}: pytest ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return failed.group(1)


def generator(copy: Copy, bug: Bug) -> str | None:
    """Which of the random programs was the first to differ."""
    for start in range(0, PROGRAMS, AT_ONCE):
        done = copy.run(["-m", "tests.equivalence.generated.campaign", str(AT_ONCE), "--start", str(start), "--plain"])
        seeds = re.findall(r"^seed (\d+)$", done.stdout, re.M)
        if done.returncode not in (0, 1) or (done.returncode == 1 and not seeds):
            return f"the run of programs from {start} on ended with {done.returncode}"
        if seeds:
            return f"program {seeds[0]}"
    return None


def verify(copy: Copy, bug: Bug) -> str | None:
    """The points that `faasify verify` finds different."""
    folder = copy.folder / "verified"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(copy.folder / "tests" / "mutants" / "program.py", folder / "app.py")
    options = ["--select", "all", "--placement", "remote", "--json"]
    done = copy.run(["-P", "-m", "faasify", "verify", *options, "app.py"], folder, stdin="one\ntwo\nthree\n")
    if done.returncode == 0:
        return None
    try:
        told = json.loads(done.stdout)
    except ValueError:
        return f"ended with {done.returncode}"
    points = [p["name"] for job in told["runs"] for p in job["points"] if not p["agrees"]]
    return ", ".join(points) or f"ended with {done.returncode}"


LOOKERS: dict[str, Callable[[Copy, Bug], str | None]] = {"suite": suite, "generator": generator, "verify": verify}


def looked_at(bug: Bug, lookers: Sequence[str], everything: bool) -> dict[str, Any]:
    """A row of the table: what each looker noticed; those behind the first one are asked only for `everything`."""
    with tempfile.TemporaryDirectory() as place:
        copy = Copy.make(Path(place) / "tree")
        text = bug.changed(copy.folder)
        (copy.folder / bug.file).write_text(text)
        row: dict[str, Any] = {"name": bug.name, "file": bug.file, **dict.fromkeys(LOOKERS)}
        for looker in lookers:
            row[looker] = LOOKERS[looker](copy, bug)
            if row[looker] and not everything:
                break
    return row


def kept(output: Path, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`rows` in the bugs' order, with those that the file has of other bugs."""
    before = json.loads(output.read_text())["bugs"] if output.exists() else []
    found = {row["name"]: row for row in [*before, *rows]}
    return [found[bug.name] for bug in BUGS if bug.name in found]


def content_without_bugs(bugs: Sequence[Bug], lookers: Sequence[str]) -> list[str]:
    """What the lookers find in the tree as it is: they must find nothing."""
    with tempfile.TemporaryDirectory() as place:
        copy = Copy.make(Path(place) / "tree")
        found = []
        for looker in lookers:
            asked = list({bug.tests: bug for bug in bugs}.values()) if looker == "suite" else bugs[:1]
            found += [f"{looker}: {noticed}" for bug in asked if (noticed := LOOKERS[looker](copy, bug))]
    return found


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="bugs put in on purpose, and who notices them")
    parser.add_argument("names", nargs="*", help="words of the bugs' names; all bugs without")
    parser.add_argument("--all", action="store_true", help="ask all three, even when one has noticed")
    parser.add_argument("--only", choices=LOOKERS, help="ask only one")
    parser.add_argument("--again", action="store_true", help="do not look at the tree without a bug, which was found to be as it should")
    parser.add_argument("-o", "--output", type=Path, help="where the table goes, as JSON; rows of bugs that are not asked about stay")
    asked = parser.parse_args(words)
    bugs = [bug for bug in BUGS if not asked.names or any(name in bug.name for name in asked.names)]
    lookers = [asked.only] if asked.only else list(LOOKERS)
    for bug in bugs:
        bug.changed(ROOT)
    if not asked.again and (found := content_without_bugs(bugs, lookers)):
        print("without any bug:", *found, sep="\n  ")
        return 1
    rows = []
    for bug in bugs:
        started = time.perf_counter()
        rows.append(row := looked_at(bug, lookers, asked.all))
        noticed = "; ".join(f"{looker}: {row[looker]}" for looker in lookers if row.get(looker))
        print(f"{'noticed' if noticed else 'NOT NOTICED':12} {bug.name}  [{noticed}]  {time.perf_counter() - started:.0f} s", flush=True)
    if asked.output:
        asked.output.write_text(json.dumps({"bugs": kept(asked.output, rows)}, indent=1) + "\n")
    return 0 if all(any(row.get(looker) for looker in lookers) for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
