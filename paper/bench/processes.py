"""Processes that a benchmark starts, counts the CPU of, and has beside it. A module of its own: bench.py run as a program is another
module than bench.py imported, and there must be one account of who spins."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36  # processes that are orphaned below us become our children: their CPU time is counted too

_spinning: set[int] = set()


def become_subreaper() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap() -> None:
    """Wait for the orphans that became ours; those of `busy` end later."""
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    while orphans := set(map(int, children.read_text().split())) - _spinning:
        for pid in orphans:
            os.waitpid(pid, 0)


@contextmanager
def busy() -> Iterator[None]:
    """As many processes as there are cores compute beside what is measured."""
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: sum(range(10000))"]) for _ in os.sched_getaffinity(0)]
    _spinning.update(process.pid for process in spinning)
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()
        _spinning.clear()
