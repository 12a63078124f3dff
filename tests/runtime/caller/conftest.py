"""Programs that are transformed once, and then started by hand in any way: `build(files)` -> `Build`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from faasify.model.program import RunAs
from faasify.pipeline import Request, transform
from tests.harness import Files, Outcome, Run, cache, differences, environment, execute, same, write_files

__all__ = ["cache", "same"]
MARK = "OMP_TEST_RUN_MARKER"  # of a kind that workers have from the start (runtime/unit/environment.py)
# For a program that is to kill its workers: the original has none.
WORKERS = """
import asyncio, os, time
def workers():
    mark = os.environ.get("OMP_TEST_RUN_MARKER", "").encode()
    def read(pid, name):
        try: return open(f"/proc/{pid}/{name}", "rb").read()
        except OSError: return b""
    pids = filter(str.isdigit, os.listdir("/proc")) if mark else ()
    ours = [pid for pid in pids if mark in read(pid, "environ") and b"zygote" in read(pid, "cmdline")]
    return [int(pid) for pid in ours if read(pid, "stat").rpartition(b")")[2].split()[1].decode() in ours]
def kill():
    for pid in workers(): os.kill(pid, 9)
"""


@dataclass
class Build:
    """A program (`root`) and its rewritten form (`out`). All its processes carry a marker in their environment."""

    root: Path
    out: Path
    cache: Path
    main: str = "app.py"
    marker: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def report_file(self) -> Path:
        return self.out.parent / "report.json"

    @property
    def report(self) -> dict[str, Any]:
        return json.loads(self.report_file.read_text())  # type: ignore[no-any-return]

    def options(self, placement: str = "remote", **more: Any) -> dict[str, str | None]:
        """The environment that makes `python build/app.py` send what can be sent, and tell about it."""
        return {"FAASIFY_RUN": json.dumps({"placement": placement, "reports": [str(self.report_file)], **more}), MARK: self.marker}

    def command(self, *, rewritten: bool, argv: Sequence[str] = (), flags: Sequence[str] = ()) -> list[str]:
        return [sys.executable, *flags, str((self.out if rewritten else self.root) / self.main), *argv]

    def original(self, run: Run = Run()) -> Outcome:  # noqa: B008
        return execute(self.command(rewritten=False, argv=run.argv), self.root, run, self.cache)

    def rewritten(self, run: Run = Run(), **options: Any) -> Outcome:  # noqa: B008
        return execute(self.command(rewritten=True, argv=run.argv), self.root, _with(run, self.options(**options)), self.cache)

    def same(self, run: Run = Run(), *, exit: int = 0, remote: Sequence[str] = (), **options: Any) -> Outcome:  # noqa: B008
        """Assert that both forms agree to the byte, source lines and carets of tracebacks included; `remote` ran on the target."""
        here, there = self.original(run), self.rewritten(run, **options)
        assert here.exit == exit, here.stderr
        assert differences(here, there) == "" and there.stderr == here.stderr
        assert set(remote) <= set(self.report["functions_remote"]) if remote else True, self.report
        return there

    def start(
        self, *, rewritten: bool = True, argv: Sequence[str] = (), env: Mapping[str, str | None] | None = None, **how: Any
    ) -> subprocess.Popen[str]:
        """The program started and left running, in a session of its own."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        environ = environment({**self.options(), **(env or {})}, self.cache)
        command = self.command(rewritten=rewritten, argv=argv)
        return subprocess.Popen(command, cwd=self.root, env=environ, text=True, start_new_session=True, **{**pipes, **how})

    def processes(self) -> list[int]:
        """Every living process of the program: itself, its children, zygotes, workers."""
        mark = f"{MARK}={self.marker}".encode()
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if mark in _read(f"/proc/{pid}/environ").split(b"\0")]

    def workers(self) -> list[int]:
        """Processes that were forked off a zygote: they have its command line, and it for a parent."""
        zygotes = [pid for pid in self.processes() if b"zygote" in _read(f"/proc/{pid}/cmdline")]
        return [pid for pid in zygotes if int(_read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[1]) in zygotes]

    def none_left(self, seconds: float = 5.0) -> bool:
        return wait_for(lambda: not self.processes(), seconds)


def both_ways(program: Build, run: Run = Run(), *, exit: int = 0) -> None:  # noqa: B008
    """As `Build.same`, with a report, for which the workers note what ran, and without: only then do calls go the short way (quick.py)."""
    here = program.original(run)
    assert here.exit == exit, here.stderr
    for reports in ([str(program.report_file)], []):
        there = program.rewritten(run, reports=reports)
        assert differences(here, there) == "" and there.stderr == here.stderr, "with a report" if reports else "without a report"


def wait_for(happens: Callable[[], Any], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _with(run: Run, env: Mapping[str, str | None]) -> Run:
    return Run(run.target, run.argv, run.stdin, {**env, **run.env}, run.merged)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


@pytest.fixture
def build(tmp_path: Path, cache: Path) -> Iterator[Callable[..., Build]]:
    builds: list[Build] = []

    def make(files: Files, select: str = "all", *, target: str = "app.py", run_as: RunAs | None = None, main: str | None = None) -> Build:
        folder = tmp_path / f"p{len(builds)}"
        root = write_files(folder / "src", files)
        out = folder / "out"
        transform(Request(target, run_as=run_as, select=select, cwd=root), out)
        builds.append(Build(root, out, cache, main or target))
        return builds[-1]

    yield make
    for each in builds:
        for pid in each.processes():
            os.kill(pid, 9)
