"""Random programs in both forms.

The default run is 100 that are always the same. `python -m tests.equivalence.generated.campaign 5000 --start N` runs as many others
as one likes; `FAASIFY_EXAMPLES=500 pytest tests/equivalence/test_generated.py` has hypothesis choose new ones, and shrink what differs.
"""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.equivalence.generated import running
from tests.equivalence.generated.campaign import AT_ONCE, Campaign, batch, told
from tests.equivalence.generated.programs import Generated, programs
from tests.harness import ORIGINALS_ONLY, Promise, Run, differences

PROGRAMS = 100
ASKED = int(os.environ.get("FAASIFY_EXAMPLES", "0"))
COMMON = (running.HERE / "common.py").read_text()


def test_a_hundred_random_programs_say_the_same() -> None:
    found = Campaign()
    for start in range(0, PROGRAMS, AT_ONCE):
        found.join(batch(range(start, start + AT_ONCE)))
    for seed, pair in found.different:
        pytest.fail(f"seed {seed} differs\n{told(pair)}", pytrace=False)
    assert found.programs == PROGRAMS
    changing = found.summary()["changing_share"]
    assert changing >= 0.8, f"most programs are to have a remote call that changes an argument or a global, not {changing}"


@settings(
    max_examples=ASKED or 5,
    derandomize=not ASKED,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink] if ASKED else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(program=programs())
def test_a_random_program_says_the_same_as_the_main_module(cache: Path, program: Generated) -> None:
    select = ",".join(f"app.{name}" for name in program.select)
    with tempfile.TemporaryDirectory() as folder:
        result = Promise(Path(folder), cache).both({"app.py": program.source, "common.py": COMMON}, select, (), Run())
    if not ORIGINALS_ONLY:
        difference = differences(result.original, result.rewritten)
        assert not difference, f"--select {select}\n{difference}\n{program.source}"
