"""A short run of the fuzzer with a fixed seed, each target in its own process; a longer one, guided by coverage, with the slow tests."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

NAMES = ("message", "piece", "graph", "edits", "plain")


def fuzz(*options: str, seconds: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "tests.fuzz", *options], cwd=ROOT, capture_output=True, text=True, timeout=seconds)


@pytest.mark.parametrize("name", NAMES)
def test_damaged_input_is_refused_or_taken_and_runs_nothing(name: str) -> None:
    done = fuzz(name, "--mutations", "1000", "--seed", "5", seconds=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert 0 < int(done.stdout.split(", ")[1].split()[0]) < 500


def test_the_fuzzer_notices_what_runs() -> None:
    """A decoder that fills the program's mappings as a program would is found out."""
    broken = """
from faasify.runtime.unit import instances
instances._fill_mapping = lambda dec, obj, base, payload: [obj.__setitem__(*pair) for pair in dec.pairs(payload[0])]
from tests.fuzz.__main__ import by_seed
by_seed("graph", 0, 1)
"""
    done = subprocess.run([sys.executable, "-c", broken], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert "AssertionError: it ran ['__setitem__'" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_minute_guided_by_coverage(name: str) -> None:
    pytest.importorskip("atheris")
    done = fuzz(name, "--seconds", "60", seconds=600)
    assert done.returncode == 0, done.stderr[-3000:]
