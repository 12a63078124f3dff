"""`make mutants` takes minutes; that each bug can still be put in is seen at once."""

import ast
from pathlib import Path

import pytest

from tests.mutants.bugs import BUGS, Bug

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_bug_is_still_a_change_of_the_source(bug: Bug) -> None:
    text = bug.changed(ROOT)
    assert ast.dump(ast.parse(text)) != ast.dump(ast.parse((ROOT / bug.file).read_text()))
    for word in bug.tests.split(" -k ")[0].split():
        assert (ROOT / word).exists(), word


def test_there_are_twenty_and_all_are_different() -> None:
    assert len({bug.name for bug in BUGS}) == len({(bug.file, bug.new) for bug in BUGS}) == len(BUGS) >= 20
