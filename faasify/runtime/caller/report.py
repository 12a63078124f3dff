"""What ran where in one run: kept in memory, written at the end (`run --report`), told meanwhile (`run --progress`)."""

from __future__ import annotations

import os
import sys
from json import JSONEncoder
from os import getpid, unlink, write  # kept, whatever the program puts in their place
from os.path import isfile
from time import perf_counter
from typing import Any


class UnitStats:
    def __init__(self) -> None:
        self.remote = self.changed = self.here = self.retries = self.sent = self.received = 0
        self.seconds = 0.0
        self.fallbacks: dict[tuple[str, str], int] = {}

    def remote_call(self, elapsed: float, computing: float, changed: bool) -> None:
        """`changed`: the call changed an argument, a global or an object that these reach."""
        self.remote += 1
        self.changed += changed
        self.seconds += elapsed

    def fallback(self, kind: str, what: str) -> None:
        path, found, why = what.partition(": ") if what.startswith(("args.", "globals.")) else ("", "", what)
        key = (f"{kind}: {why if found or not path else what}", path)
        self.fallbacks[key] = self.fallbacks.get(key, 0) + 1


_encoded, _open = JSONEncoder(indent=1).encode, open  # kept as well
ATTEMPTS_KEPT = 10_000  # of the timeline; more are counted only


class Timeline:
    """When calls were out, and on which worker process; kept only where a report or progress is asked for."""

    def __init__(self, started: float, progress: Progress | None) -> None:
        self._started = started
        self._progress = progress
        self._attempts: list[tuple[str, int, float, float, str, int, int]] = []
        self._left_out = 0

    def begins(self, unit: str) -> float:
        if self._progress is not None:
            self._progress.begins(unit)
        return perf_counter()

    def ended(self, unit: str, worker: int, span: tuple[float, float], outcome: str, sent: int, received: int) -> None:
        """An attempt is over that took from one time to the other: "done", or why it came to nothing."""
        self.waited(unit)
        self.note(unit, worker, span, outcome, sent, received)

    def waited(self, unit: str) -> None:
        """What had begun goes on, but nobody waits for it now."""
        if self._progress is not None:
            self._progress.landed(unit)

    def note(self, unit: str, worker: int, span: tuple[float, float], outcome: str, sent: int, received: int) -> None:
        """As `ended`, for what is not waited for."""
        if self._progress is not None:
            self._progress.counted(sent + received)
        if len(self._attempts) < ATTEMPTS_KEPT:
            self._attempts.append((unit, worker, span[0] - self._started, span[1] - self._started, outcome, sent, received))
        else:
            self._left_out += 1

    def as_json(self) -> dict[str, Any]:
        names = ("unit", "worker", "start_s", "end_s", "outcome", "bytes_sent", "bytes_received")
        rounded = ((u, w, round(s, 6), round(e, 6), *rest) for u, w, s, e, *rest in self._attempts)
        return {"attempts": [dict(zip(names, attempt, strict=True)) for attempt in rounded], "left_out": self._left_out}


class Progress:
    """One line on stderr about calls in flight, rewritten in place on a terminal; elsewhere a line a second at most.

    It is there only while a call is out, so that the program's own output stands where it always does.
    """

    def __init__(self, fd: int = 2) -> None:
        self._fd = fd
        self._terminal = os.isatty(fd)
        self._flying: dict[str, int] = {}
        self._done = self._bytes = 0
        self._shown = 0.0

    def begins(self, unit: str) -> None:
        self._flying[unit] = self._flying.get(unit, 0) + 1
        self._show()

    def counted(self, size: int) -> None:
        self._done, self._bytes = self._done + 1, self._bytes + size

    def landed(self, unit: str) -> None:
        self._flying[unit] -= 1
        if not self._flying[unit]:
            del self._flying[unit]
        if self._terminal and not self._flying:
            self._write("\r\x1b[K")

    def _show(self) -> None:
        now = perf_counter()
        if now - self._shown < (0.05 if self._terminal else 1.0):
            return
        self._shown = now
        out = ", ".join(f"{count} x {unit}" if count > 1 else unit for unit, count in self._flying.items())
        line = f"faasify: {self._done} calls done, {self._bytes / 1e6:.1f} MB, in flight: {out}"
        self._write(f"\r\x1b[K{line[: self._width()]}" if self._terminal else f"{line}\n")

    def _width(self) -> int:
        try:
            return (os.get_terminal_size(self._fd).columns or 80) - 1
        except OSError:
            return 79

    def _write(self, text: str) -> None:
        try:
            write(self._fd, text.encode("utf-8", "replace"))
        except OSError:
            pass  # nobody looks any more


class Report:
    def __init__(self, program: str = "", *, kept: bool = False, progress: bool = False) -> None:
        self.started = perf_counter()
        self.program = program
        self.timeline = Timeline(self.started, Progress() if progress else None) if kept or progress else None
        self.units: dict[str, UnitStats] = {}
        self.ran: set[str] = set()
        self.reasons: dict[str, Any] = {}
        self.sandbox: str | None = None  # with `--sandbox`, what workers lack of it
        self.pid = getpid()

    def unit(self, name: str) -> UnitStats:
        return self.units.setdefault(name, UnitStats())

    def as_json(self) -> dict[str, Any]:
        return {
            "version": 1,
            "program": self.program,
            "wall_s": round(perf_counter() - self.started, 6),
            "units": {
                name: {
                    "calls_remote": s.remote,
                    "calls_that_changed": s.changed,
                    "calls_here": s.here,
                    "seconds_remote": round(s.seconds, 6),
                    "bytes_sent": s.sent,
                    "bytes_received": s.received,
                    "retries": s.retries,
                    "fallbacks": [{"reason": reason, "path": path, "count": n} for (reason, path), n in s.fallbacks.items()],
                    "placement": self.reasons[name]() if name in self.reasons else "",
                }
                for name, s in sorted(self.units.items())
            },
            "functions_remote": sorted(self.ran),
            "sandbox": None if self.sandbox is None else {"lacks": self.sandbox},
            "timeline": self.timeline.as_json() if self.timeline is not None else {"attempts": [], "left_out": 0},
        }

    def write(self, path: str, python: str | None = None) -> None:
        """Write the report, JSON or what its name's ending asks for, which `python` makes of it in a process of its own.

        Only in the process that began the run, not in one forked off it. Raises OSError.
        """
        if getpid() != self.pid:
            return
        text = _encoded(self.as_json())
        if not path.endswith(".json") or path.endswith(".trace.json"):
            _render(text, path, python or sys.executable)
            return
        try:
            with _open(path, "w", encoding="utf-8") as f:
                f.write(text)
        except OSError:
            if isfile(path):
                unlink(path)  # half of one
            raise


def _render(text: str, path: str, python: str) -> None:
    """The page or the trace, made from the JSON beside it, which is taken away again."""
    import subprocess
    import tempfile

    handle, source = tempfile.mkstemp(suffix=".json")
    try:
        with _open(handle, "w", encoding="utf-8") as f:
            f.write(text)
        command = [python, "-I", "-m", "faasify.report.run_page", source, path]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            raise OSError(None, (done.stderr.strip().splitlines() or ["it could not be rendered"])[-1])
    finally:
        unlink(source)
