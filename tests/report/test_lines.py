"""What the lines of a run can be held to: which must come, in which order, and what of one may be another each time."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from faasify.report.lines import held_lines


def fits(originals: list[str], rewritten: str, *paused: str) -> bool:
    return held_lines(originals, rewritten, paused).told == originals[0]


MOVE = ["a\nb\nc\nend\n", "c\nb\na\nend\n"]
TOOK = ["worker 1 took 0.5\nworker 2 took 0.4\nend\n", "worker 2 took 0.1\nworker 1 took 0.2\nend\n"]
CLOCK = ["n 1 took 0.5 s\nend\n", "n 1 took 0.4 s\nend\n"]
MIXED = ["a\nb\ntook 1.0\n", "b\na\ntook 2.0\n"]
MORE = ["a\nend\n", "a\na\nend\n"]


@pytest.mark.parametrize(
    ("originals", "rewritten"),
    [
        pytest.param(MOVE, "b\nc\na\nend\n", id="an order that no run had"),
        pytest.param(TOOK, "worker 1 took 7.5\nworker 2 took 9\nend\n", id="an order, and clocks"),
        pytest.param(CLOCK, "n 1 took 12 s\nend\n", id="a clock"),
        pytest.param(MIXED, "b\na\ntook 3.0\n", id="an order and a clock of other lines"),
        pytest.param(MORE, "a\na\na\nend\n", id="more lines of a kind"),
        pytest.param(["<T at 0x7f>\n", "<T at 0x8a>\n"], "<T at 0x91>\n", id="an address"),
        pytest.param(["in /tmp/tmpab1\n", "in /tmp/tmpc_2\n"], "in /tmp/tmpxyz\n", id="a temporary name"),
    ],
)
def test_lines_may_be_what_they_are_in_no_two_runs(originals: list[str], rewritten: str) -> None:
    assert fits(originals, rewritten)


@pytest.mark.parametrize(
    ("originals", "rewritten"),
    [
        pytest.param(MOVE, "b\nc\nx\nend\n", id="a line that no run had"),
        pytest.param(MOVE, "b\nc\nc\nend\n", id="a line twice"),
        pytest.param(MOVE, "b\nc\nend\n", id="a line that is lost"),
        pytest.param(MOVE, "b\nc\nend\na\n", id="a line after one that was always the last"),
        pytest.param(TOOK, "worker 1 failed\nworker 2 took 9\nend\n", id="another word beside a clock"),
        pytest.param(TOOK, "worker 1 took None\nworker 2 took 9\nend\n", id="no number where numbers are"),
        pytest.param(CLOCK, "n 2 took 12 s\nend\n", id="a number that was the same, beside a clock"),
        pytest.param(CLOCK, "n 1 took 12 s", id="no end of line"),
        pytest.param(MIXED, "b\nx\ntook 3.0\n", id="a line that no run had, before a clock"),
        pytest.param(MORE, "a\na\na\n", id="a line that comes once in each run"),
        pytest.param(MORE, "end\n", id="none of the lines that come once or more"),
        pytest.param(MORE, "a\nx\nend\n", id="a line that no run had among those"),
    ],
)
def test_lines_may_not_be_what_no_run_could_have(originals: list[str], rewritten: str) -> None:
    assert not fits(originals, rewritten)


def test_what_is_apart_is_named() -> None:
    assert held_lines(MOVE, "b\nc\na\nend\n").apart == ("the order of lines 1 to 3",)
    assert held_lines(TOOK, TOOK[1]).apart == ("line 1", "line 2")
    assert held_lines(MORE, "a\na\na\nend\n").apart == ("line 1",)


def test_a_run_with_pauses_shows_an_order_alone() -> None:
    plain = ["1 of 2: 0.5\n2 of 2: 0.4\n"] * 2
    assert fits(["['a', 'b']\n"] * 2, "['b', 'a']\n", "['b', 'a']\n")
    assert not fits(["['a', 'b']\n"] * 2, "['b', 'c']\n", "['b', 'a']\n")
    assert not fits(plain, plain[0].replace("2:", "3:"), plain[0].replace("2:", "3:"))
    assert not fits(["total 10\n"] * 2, "total 9\n", "total 8\n")


def dice(rng: random.Random) -> str:
    return "".join(f"{rng.randint(1, 2)}\n" for _ in range(8))


def row(rng: random.Random) -> str:
    return f"got {[rng.randint(1, 3) for _ in range(6)]}\n"


def fruits(rng: random.Random) -> str:
    return "".join(f"{rng.choice(('apple', 'pear', 'plum'))}\n" for _ in range(5))


def signs(rng: random.Random) -> str:
    return "".join("".join(rng.choice("#.") for _ in range(9)) + "\n" for _ in range(6))


def normal(rng: random.Random) -> str:
    return f"{[rng.gauss(0, 1) for _ in range(3)]}\n"


def polls(rng: random.Random) -> str:
    return "".join(f"poll {n}\n" for n in range(rng.randint(3, 20))) + "end\n"


@pytest.mark.parametrize("draw", [dice, row, fruits, signs, normal, polls])
def test_random_lines_differ_from_run_to_run_and_are_no_difference(draw: Callable[[random.Random], str]) -> None:
    """Five runs, as `verify` makes them before it says that there is one."""
    wrong = 0
    for seed in range(100):
        rng = random.Random(seed)
        originals = [draw(rng) for _ in range(5)]
        wrong += not fits(originals, draw(rng))
    assert wrong <= 3
