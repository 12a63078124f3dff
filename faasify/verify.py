"""Run the original and the rewritten program on the same input, and say point by point whether they agree.

    Job("app.py", ("x",))  ->  Comparison(points=(Point("stdout", True), Point("exit code", False, "0", "1"), ...))

Each run gets a fresh copy of the program's folder, all at the same path (so a path that is printed makes no difference), one after
the other. The original runs twice: as it is, and observed, for what it leaves in its modules; where these two differ, so may the
rewritten one. If it differs elsewhere, the original runs again: later than the rewritten one, as it may be the clock that differs, and
with threads that wait here and there, as it may be the order in which they came. Such pauses also show what no run without them ever
would (an update that is lost, a time limit that is missed), so nothing but the order is taken from a run with pauses. This layer lies
between `cli` and `launch`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from faasify import pipeline
from faasify.errors import FaasifyError
from faasify.pipeline import Request
from faasify.report.comparison import Comparison, Outcome, State, compare
from faasify.runtime.caller import final_state

NOT_COPIED = (".git", ".hg", "__pycache__", ".venv", "node_modules", ".mypy_cache", ".ruff_cache", ".pytest_cache")
RUNS_AGAIN = 6  # of the original, as long as something differs that may do so in its own runs; every second one with pauses
RUNS_AGAIN_S = 10.0  # after which there is no other one


@dataclass(frozen=True)
class Job:
    """One program with its arguments and its input."""

    program: str  # as typed, relative to `cwd`
    args: tuple[str, ...]
    root: Path  # the folder that is copied
    cwd: Path
    module: bool = False
    stdin: bytes = b""
    select: str | None = None
    allow: tuple[str, ...] = ()
    run_options: tuple[str, ...] = ()  # of `faasify run`, `--select` and `--allow` among them
    python: str = field(default=sys.executable)
    timeout_s: float | None = None


@dataclass(frozen=True)
class Place:
    """Where the copy lies, where a run starts, and what PROGRAM is called there; `base` holds all that a run may write."""

    base: Path
    copy: Path
    folder: Path
    program: str


def verify(job: Job) -> Comparison:
    """Both runs, compared."""
    with tempfile.TemporaryDirectory(prefix="faasify-verify-") as base:
        place = place_copy(job, Path(base, "program").resolve())
        report, state = Path(base, "report.json"), Path(base, "state.json")
        program = ["-m", place.program] if job.module else [place.program]
        faasify = [sys.executable, "-P", "-m", "faasify", "run", *job.run_options, "--report", str(report), "--final-state", str(state)]
        environment = {"PYTHONHASHSEED": "0", **os.environ}
        observer = [job.python, "-P", final_state.__file__]

        def observed(*how: str) -> Outcome:
            return with_state(unobserved(run_in_copy(job, place, [*observer, *how, str(state), *program, *job.args], environment)), state)

        def plain() -> Outcome:
            return run_in_copy(job, place, [job.python, *program, *job.args], environment)

        original = plain()
        first = observed()
        is_by_observer = not said_alike(original, first) and said_alike(original, plain())

        def as_original(run: Outcome) -> Outcome:
            """What the original says itself, in place of what it says under the observer alone."""
            if is_by_observer and said_alike(run, first):
                return replace(run, stdout=original.stdout, stderr=original.stderr, exit_code=original.exit_code)
            return run

        again = [as_original(first)]
        with prepared(job, place) as seconds:
            rewritten = with_state(run_in_copy(job, place, [*faasify, *program, *job.args], environment), state)
        told = read_report(report)
        while True:
            found = compare(job.args, original, rewritten, told, again=again, prepare_s=seconds)
            if found.agrees or found.refused or len(again) > RUNS_AGAIN or sum(run.seconds for run in again[1:]) > RUNS_AGAIN_S:
                return found
            paused = len(again) % 2 == 0
            again.append(replace(as_original(observed(*["--uneven"] * paused)), paused=paused))


def said_alike(one: Outcome, other: Outcome) -> bool:
    return (one.stdout, one.stderr, one.exit_code) == (other.stdout, other.stderr, other.exit_code)


def unobserved(outcome: Outcome) -> Outcome:
    """The outcome of an observed run without the observer's own frames."""
    frame = rb'^([ |+]*)File "%b", line \d+, in .+\n(?:\1  .*\n)*' % re.escape(os.fsencode(final_state.__file__))
    return replace(outcome, stderr=re.sub(frame, b"", outcome.stderr, flags=re.MULTILINE))


def with_state(outcome: Outcome, file: Path) -> Outcome:
    """The outcome with what the run has written of its final state, which is taken away."""
    told: dict[str, Any] = read_report(file)
    file.unlink(missing_ok=True)
    why_not = told.get("why_not", "") if told else "the program ended without its exit handlers (a signal, os._exit)"
    return replace(outcome, state=State(told.get("state", {}), why_not))


@contextmanager
def prepared(job: Job, place: Place) -> Iterator[float]:
    """The build of the copy, made beforehand, so that it does not count as part of the run; gives the seconds that it took."""
    make_copy(job, place)
    start = time.perf_counter()
    request = Request(place.program, "module" if job.module else None, job.select, job.allow, place.folder)
    found = pipeline.prepare(request)
    seconds = time.perf_counter() - start
    shutil.rmtree(place.base)
    try:
        yield seconds
    finally:
        shutil.rmtree(found.build, ignore_errors=True)  # nobody will ask for it again: the copy's path is new every time


def place_copy(job: Job, base: Path) -> Place:
    """The copy keeps its position relative to the working folder, so that relative paths mean there what they mean here.

    root /p/app, cwd /p      ->  copy base/app, folder base,        program app/main.py
    root /p/app, cwd /p/app  ->  copy base,     folder base,        program main.py
    root /p/app, cwd /q      ->  copy base,     folder base,        program base/main.py
    """
    root, cwd = job.root.resolve(), job.cwd.resolve()
    inside = cwd.is_relative_to(root)
    copy = base / root.relative_to(cwd) if root.is_relative_to(cwd) else base
    folder = base / cwd.relative_to(root) if inside else base
    if job.module or (not os.path.isabs(job.program) and (inside or root.is_relative_to(cwd))):
        return Place(base, copy, folder, job.program)
    within = Path(os.path.abspath(cwd / job.program)).resolve().relative_to(root)
    return Place(base, copy, folder, str(copy / within))


def run_in_copy(job: Job, place: Place, command: list[str], environment: Mapping[str, str]) -> Outcome:
    """Copy the folder, run, look at what is there now, and take the copy away."""
    make_copy(job, place)
    before = snapshot(place.base)
    start = time.perf_counter()
    try:
        done = subprocess.run(command, cwd=place.folder, env=environment, input=job.stdin, capture_output=True, timeout=job.timeout_s)
        stdout, stderr, code = done.stdout, done.stderr, done.returncode
    except subprocess.TimeoutExpired as late:
        stdout, stderr, code = late.stdout or b"", late.stderr or b"", None
    except OSError as error:
        raise FaasifyError(f"{command[0]} cannot be started: {error.strerror}") from error
    seconds = time.perf_counter() - start
    outcome = Outcome(stdout, stderr, code, changes(before, snapshot(place.base)), seconds)
    shutil.rmtree(place.base)
    return outcome


def make_copy(job: Job, place: Place) -> None:
    place.folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(job.root, place.copy, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED), dirs_exist_ok=True)


def snapshot(folder: Path) -> dict[str, str]:
    """Every file of the folder with the hashes of what is in it (for a link, where it points)."""
    found = {}
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in NOT_COPIED]
        for name in files:
            path = Path(parent, name)
            if path.is_symlink():
                found[str(path.relative_to(folder))] = f"-> {os.readlink(path)}"
            elif path.is_file():
                found[str(path.relative_to(folder))] = hashes(path.read_bytes())
    return found


def hashes(contents: bytes) -> str:
    """Of the contents, and of its lines in any order: threads may write them."""
    lines = b"".join(sorted(contents.splitlines(True)))
    return f"{hashlib.sha256(contents).hexdigest()} {hashlib.sha256(lines).hexdigest()}"


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """What was written, with its hash, and what was deleted, as ""."""
    written = {path: digest for path, digest in after.items() if before.get(path) != digest}
    return written | {path: "" for path in before if path not in after}


def read_report(path: Path) -> dict[str, Any]:
    """A JSON document that `faasify run` was to write; empty when the program was refused or ended before it was written."""
    try:
        report: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return report
