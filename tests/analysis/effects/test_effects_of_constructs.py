"""What the constructs of constructs.py change is seen when they run, and foreseen."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import pytest

from faasify.model.effects import FunctionFacts
from tests.analysis.effects.campaign import analysed
from tests.analysis.effects.compare import UNKNOWN, compare
from tests.analysis.effects.constructs import CONSTRUCTS, MISSED, Construct
from tests.analysis.effects.observer import Observer
from tests.analysis.effects.test_effects_generated import in_a_folder


@pytest.fixture(autouse=True)
def _no_loggers_left() -> Iterator[None]:
    """The programs run in this process, and loggers stay where they were made."""
    before = set(logging.root.manager.loggerDict)
    yield
    for name in set(logging.root.manager.loggerDict) - before:
        logging.getLogger(name).handlers.clear()
        del logging.root.manager.loggerDict[name]


CASES = [
    *(pytest.param(each, id=each.name) for each in CONSTRUCTS),
    *(pytest.param(each, id=each.name, marks=pytest.mark.xfail(reason="not foreseen yet")) for each in MISSED),
]


CACHES = {("singledispatchmethod", "app.C")}  # Python 3.13 keeps what it has bound in the descriptor


@pytest.mark.parametrize("construct", CASES)
def test_what_a_construct_does_is_foreseen(construct: Construct) -> None:
    if construct.until and sys.version_info[:2] > construct.until:
        pytest.skip("not done by this version of Python")
    files = {"app.py": construct.source}
    with in_a_folder() as folder:
        analysis = analysed(files, folder)
        observer = Observer(files)
        problem = observer.run()
    assert problem is None
    seen = [each for (_, _, name), each in observer.results.items() if name == "f"]
    assert any(construct.changes in {*each.mutated_roots(), *each.writes, *each.effects} for each in seen)
    misses = [miss for miss in compare(analysis, observer.results, observer.functions).misses if (construct.name, miss.what) not in CACHES]
    assert misses == []
    f = next(facts for name, facts in analysis.functions.items() if name.endswith(".f"))
    assert claimed(f, construct.changes) or construct.unknown and UNKNOWN & {effect.kind for effect in f.effects}


def claimed(facts: FunctionFacts, name: str) -> bool:
    claims = {*facts.mutates, *facts.writes, *(effect.kind for effect in facts.effects)}
    return any(claim == name or claim.startswith(f"{name}.") for claim in claims)
