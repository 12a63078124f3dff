"""Random programs in both forms.

`FAASIFY_EXAMPLES=5000 pytest tests/equivalence/test_generated.py` runs that many new ones, and shrinks what differs;
the default run is 30 that are always the same.
"""

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from tests.equivalence.generator import Generated, programs
from tests.harness import ORIGINALS_ONLY, Promise, Run, differences

ASKED = int(os.environ.get("FAASIFY_EXAMPLES", "0"))


@settings(
    max_examples=ASKED or 30,
    derandomize=not ASKED,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink] if ASKED else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(program=programs())
def test_a_random_program_says_the_same(cache: Path, program: Generated) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = Promise(Path(folder), cache).both(program.source, program.select, (), Run())
    assert result.original.exit == 0, f"{result.original.stderr}\n{program.source}"
    if not ORIGINALS_ONLY:
        difference = differences(result.original, result.rewritten)
        assert not difference, f"--select {program.select}\n{difference}\n{program.source}"
