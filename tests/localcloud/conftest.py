"""Pools in this process (`pool`), and programs of their own that use one (`program`), whose processes can be found by a marker."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
import uuid
from pathlib import Path

import pytest

from faasify.localcloud.pool import Pool
from faasify.runtime.unit import frames

HERE = str(Path(__file__).parent)
ROOT = str(Path(__file__).parents[2])

PREAMBLE = f"""
import os, signal, sys, threading, time
sys.path.insert(0, {ROOT!r})
from faasify.localcloud.pool import Pool, WorkerDied, ZygoteFailed
from faasify.runtime.unit import frames
def new_pool(**options):
    return Pool("/nowhere/.faasify", sys.executable, options={{"path": [*sys.path, {HERE!r}], **options}}, worker="standin")
def ask(channel, text):
    channel.send(frames.CALL, text.encode())
    return channel.recv()[1].decode()
def call(text):
    channel = pool.acquire()
    try:
        return ask(channel, text)
    finally:
        pool.release(channel)
pool = new_pool()
pool.start()
"""


def new_pool(*, python=sys.executable, limit=0, **options):
    return Pool("/nowhere/.faasify", python, options={"path": [*sys.path, HERE], **options}, limit=limit, worker="standin")


def ask(channel, text):
    channel.send(frames.CALL, text.encode())
    return channel.recv()[1].decode()


@pytest.fixture
def pool():
    pool = new_pool()
    yield pool
    pool.close()


class Program:
    """Runs callers whose processes, and all that come from them, carry a marker in their environment, among the interpreter's variables."""

    def __init__(self):
        self.marker = uuid.uuid4().hex

    def start(self, code, *, python=(sys.executable,), preamble=PREAMBLE, **options):
        source = preamble + textwrap.dedent(code)
        return self.popen([*python, "-c", source], **{"stdin": subprocess.DEVNULL, **options})

    def popen(self, command, *, env=None, **options):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        environ = {**os.environ, **(env or {}), "PYTHONTESTMARKER": self.marker}
        return subprocess.Popen(command, env=environ, **{**pipes, **options})

    def run(self, code, **options):
        """What it printed; it must have ended well and in time."""
        process = self.start(code, **options)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, err or "") == (0, "")
        return out

    def processes(self):
        marker = f"PYTHONTESTMARKER={self.marker}".encode()
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if marker in _environ(pid)]

    def none_left_within(self, seconds):
        deadline = time.monotonic() + seconds
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.processes() == []


def _environ(pid):
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()  # empty for a zombie
    except OSError:
        return b""


@pytest.fixture
def program():
    program = Program()
    yield program
    for pid in program.processes():
        os.kill(pid, 9)
