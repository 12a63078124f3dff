"""Workers killed all the time: `paper/bench/chaos.py`, shortened; in full with `-m slow`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "paper" / "bench"))
import chaos

OFTEN = (0.8, 0.02, 0.1, 0.08)


@pytest.mark.parametrize(("name", "calls"), [("line", 250), ("threads", 120)])
def test_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path, name: str, calls: int) -> None:
    found = chaos.run(replace(chaos.PLANS[name], calls=calls, weights=OFTEN), tmp_path)
    assert found["wrong"] == [], found
    assert found["killed"]["flight"] >= calls // 25 and found["killed"]["between"] >= calls // 40, found
    assert found["calls_remote"] > 0.9 * calls and found["retries"] >= found["killed"]["flight"], found


@pytest.mark.parametrize("mutant", chaos.MUTANTS, ids=lambda mutant: mutant.name)
def test_what_it_rests_on_cannot_be_taken_out(mutant: chaos.Mutant) -> None:
    assert chaos.caught(mutant, 120)


@pytest.mark.slow
def test_ten_thousand_calls(tmp_path: Path) -> None:
    found = chaos.run(chaos.PLANS["line"], tmp_path)
    assert found["wrong"] == [], found
    assert found["calls"] == 10_000 and found["killed"]["flight"] >= 200 and found["killed"]["between"] >= 50, found
