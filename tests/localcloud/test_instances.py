"""What an instance costs does not grow with the calls: `paper/bench/instances.py`, shortened; in full with `-m slow`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "paper" / "bench"))
import bench
import instances


@pytest.fixture
def folder() -> Iterator[Path]:
    with bench.programs() as folder:
        yield folder


@pytest.mark.parametrize(
    ("function", "calls", "limit"),  # bytes a call; an object has 50 or more, a class of the program 1,500. Memory in use has holes, too
    [
        ("add", 20_000, 8),
        ("keep", 4_000, 200),
        pytest.param("add", 1_000_000, 1, marks=pytest.mark.slow),
        pytest.param("keep", 100_000, 20, marks=pytest.mark.slow),
    ],
)
def test_calls_leave_nothing_behind(folder: Path, function: str, calls: int, limit: int) -> None:
    long = instances.soak(folder, function, calls)
    assert max(long["slopes"].values()) < limit, long


def test_an_instance_is_small(folder: Path) -> None:
    found = instances.memory(folder, 100)
    assert found["instance_bytes"] < 6e6 and found["added_bytes"] < 15e6, found
