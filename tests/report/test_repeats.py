"""What files and exit codes of a run can be held to, given several runs of the original."""

from __future__ import annotations

import pytest

from faasify.report.repeats import held_code, held_files

OWN = [{"a": "1", "t1": "x"}, {"a": "1", "t2": "x"}]
PARTLY = [{"t1": "x", "t2": "q"}, {"t3": "x", "t4": "r"}]
ENDS = [{"d/t1.txt": "x"}, {"d/t2.txt": "y"}]
ORDER = [{"a": "1 lines"}, {"a": "2 lines"}]
CLOCK = [{"a": "1 x"}, {"a": "2 y"}]


@pytest.mark.parametrize(
    ("originals", "rewritten", "told"),
    [
        pytest.param(OWN, {"a": "1", "t3": "x"}, True, id="a name of its own"),
        pytest.param(OWN, {"a": "1", "t3": "y"}, False, id="other contents under a name of its own"),
        pytest.param(OWN, {"a": "1"}, False, id="one too few"),
        pytest.param(PARTLY, {"t5": "x", "t6": "s"}, True, id="contents of which some are the same"),
        pytest.param(PARTLY, {"t5": "z", "t6": "s"}, False, id="contents that all runs have, lost"),
        pytest.param(ENDS, {"d/t3.txt": "z"}, True, id="names that end alike"),
        pytest.param(ENDS, {"d/t3.log": "z"}, False, id="a name that ends otherwise"),
        pytest.param(ENDS, {"t3.txt": "z"}, False, id="in another folder"),
        pytest.param(ORDER, {"a": "3 lines"}, True, id="lines in an order that varies"),
        pytest.param(ORDER, {"a": "3 others"}, False, id="other lines where the order varies"),
        pytest.param(CLOCK, {"a": "3 z"}, True, id="contents that vary"),
        pytest.param(CLOCK, {"a": ""}, False, id="a file that is deleted"),
    ],
)
def test_files(originals: list[dict[str, str]], rewritten: dict[str, str], told: bool) -> None:
    assert (held_files(originals, rewritten).told == originals[0]) is told


def test_an_exit_code_is_one_of_those_that_were() -> None:
    assert held_code(["1", "0"], "0").told == "1"
    assert held_code(["1", "1", "0"], "139").told == "139"
