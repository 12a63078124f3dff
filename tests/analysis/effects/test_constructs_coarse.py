"""Of the constructs of constructs.py the analysis of a large program claims at least what the fine one does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.effects.constructs import CONSTRUCTS, Construct
from tests.analysis.test_coarse import assert_nothing_is_lost, both

MISSING = {  # what the coarse analysis has not of what the fine one claims
    "an argument that is put where a callee changes what is in there": "what a function puts where callees that are not given it change it",
}


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=[each.name for each in CONSTRUCTS])
def test_nothing_is_lost(construct: Construct, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if construct.name in MISSING:
        request.applymarker(pytest.mark.xfail(reason=MISSING[construct.name], strict=True))
    (tmp_path / "app.py").write_text(construct.source, encoding="utf-8")
    assert_nothing_is_lost(*both(tmp_path))
