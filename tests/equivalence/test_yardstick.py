"""Programs that others wrote, laid out in the folder $FAASIFY_CASES, against what they were recorded to print.

Every 12th program is run with everything selected; $FAASIFY_CASES_STEP=1 runs them all. A case is a folder with case.json
(program, argv, stdin, exit code, ...), files/, expected_stdout and expected_stderr.
"""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from tests.harness import Run, execute, rewritten_command, without_source_lines

FOLDER = os.environ.get("FAASIFY_CASES", "")
STEP = int(os.environ.get("FAASIFY_CASES_STEP", "12"))
CASES = sorted(p.parent for p in Path(FOLDER).rglob("case.json"))[::STEP] if FOLDER else []

pytestmark = [pytest.mark.yardstick, pytest.mark.skipif(not CASES, reason="FAASIFY_CASES names no folder of laid-out programs")]


@pytest.mark.parametrize("case", CASES or [Path("none")], ids=lambda p: "/".join(p.parts[-2:]))
def test_a_program_says_what_it_was_recorded_to_say(case: Path, tmp_path: Path, cache: Path) -> None:
    facts = json.loads((case / "case.json").read_text())
    root = tmp_path / "case"
    shutil.copytree(case / "files", root, symlinks=True)
    run = Run((facts["program"],), facts["argv"], facts["stdin"], {"LINES": "24", "PYTHONHASHSEED": None})
    got = execute(rewritten_command(run, "all", tmp_path / "report.json"), root / facts["cwd"], run, cache)
    if got.exit == 2 and got.stderr.startswith("faasify: "):
        pytest.skip(f"refused: {got.stderr.strip()}")
    expected = (case / "expected_stdout").read_bytes().decode("utf-8", "backslashreplace")
    assert masked(got.stdout, facts) == masked(expected, facts)
    assert got.exit == facts["exit_code"], got.stderr
    if facts.get("exception"):
        assert last_traceback(got.error) == last_traceback(without_source_lines((case / "expected_stderr").read_text(errors="replace")))
    for name, digest in facts.get("files_written", {}).items():
        path = root / name
        assert (hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "DELETED") == digest, name


def masked(text: str, facts: dict[str, list[tuple[str, str]]]) -> str:
    """What differs from run to run (a time, an address) is replaced as the case says."""
    for pattern, replacement in facts.get("stdout_mask") or []:
        text = re.sub(pattern, replacement, text)
    return text


def last_traceback(error: str) -> str:
    return error[error.rfind("Traceback (most recent call last)") :]
