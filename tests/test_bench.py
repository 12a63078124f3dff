"""What the benchmark itself must not get wrong; its figures are asked for by `make bench`."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.conftest import ROOT

BUSY = """
import json
import sys
sys.argv = ["bench.py"]
import runpy
main = runpy.run_path("bench.py", run_name="program")  # as a program, beside which ratios may import another
import ratios
with main["busy"]():
    found = main["start"](1)
    found["by_ratios_s"] = ratios.cpu_of([sys.executable, "-c", ""], None)
print(json.dumps(found))
"""


def test_cpu_is_counted_beside_processes_that_do_not_end() -> None:
    done = subprocess.run([sys.executable, "-c", BUSY], cwd=ROOT / "paper/bench", capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert 0 < found["added_first_line_s"] < found["added_whole_run_s"] < 5  # seconds; those that spin would be more
    assert found["by_ratios_s"] < 5
