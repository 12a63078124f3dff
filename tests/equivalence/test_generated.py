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
from tests.equivalence.generated.campaign import AT_ONCE, batch, told
from tests.equivalence.generated.programs import Generated, programs
from tests.harness import ORIGINALS_ONLY, Promise, Run, differences

ASKED = int(os.environ.get("FAASIFY_EXAMPLES", "0"))
COMMON = (running.HERE / "common.py").read_text()


@pytest.mark.parametrize("start", range(0, 100, AT_ONCE))
def test_random_programs_say_the_same(start: int) -> None:
    found = batch(range(start, start + AT_ONCE))
    assert found.programs == AT_ONCE
    for seed, pair in found.different:
        pytest.fail(f"seed {seed} differs\n{told(pair)}", pytrace=False)
    # of 200 programs it was .83 (the campaign prints it); batches of 25 had .72 and more
    assert found.changing >= 0.6 * AT_ONCE, "most programs are to have a remote call that changes an argument or a global"


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
