"""Every example in both forms: as it is, with everything that can move elsewhere, and with single functions moved.

What each says is in `examples/<name>/expected/`: `stdout.txt`, and `run.json` with the command, the exit code, an uncaught exception with
its frames, the functions that must really have run on the target (`remote`), and those that are moved alone (`alone`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Run

EXAMPLES = sorted(path.parent.parent for path in (ROOT / "examples").glob("*/expected/run.json"))
FRAME = re.compile(r'^  File "([^"]+)", line (\d+), in (\S+)', re.MULTILINE)


@dataclass(frozen=True)
class Expected:
    folder: Path
    command: list[str]
    stdin: str
    stdout: str
    exit_code: int
    exception: str | None
    frames: list[list[Any]]
    remote: list[str]
    alone: list[str]


def expected(folder: Path) -> Expected:
    spec = json.loads((folder / "expected" / "run.json").read_text())
    spec["stdin"] = (folder / spec["stdin"]).read_text() if spec["stdin"] else ""
    return Expected(folder=folder, stdout=(folder / "expected" / "stdout.txt").read_text(), **spec)


def check(example: Expected, done: subprocess.CompletedProcess[str]) -> None:
    """What a run must have done, in whichever form."""
    assert done.stdout == example.stdout, done.stderr
    assert done.returncode == example.exit_code, done.stderr
    if example.exception is None:
        assert done.stderr == ""
        return
    last = done.stderr[done.stderr.rfind("Traceback (most recent call last)") :]
    assert done.stderr.splitlines()[-1] == example.exception
    assert [[Path(file).name, int(line), where] for file, line, where in FRAME.findall(last)] == example.frames


def names_of(examples: list[Path]) -> list[str]:
    return [folder.name for folder in examples]


def test_the_examples_that_were_asked_for_are_there() -> None:
    assert {"fibonacci", "montecarlo_pi", "word_counts", "bank", "inventory", "adventure", "shapes", "crash"} <= set(names_of(EXAMPLES))


@pytest.mark.parametrize("folder", EXAMPLES, ids=names_of(EXAMPLES))
def test_an_example_is_a_plain_program_with_a_readme(folder: Path) -> None:
    sources = "".join(file.read_text() for file in folder.rglob("*.py"))
    assert "faasify" not in sources
    assert folder.name in (folder / "README.md").read_text()


@pytest.mark.parametrize("folder", EXAMPLES, ids=names_of(EXAMPLES))
def test_original(folder: Path) -> None:
    example = expected(folder)
    done = subprocess.run([sys.executable, *example.command], cwd=folder, input=example.stdin, capture_output=True, text=True, timeout=60)
    check(example, done)


@pytest.mark.parametrize("folder", EXAMPLES, ids=names_of(EXAMPLES))
def test_everything_that_can_move_runs_elsewhere(folder: Path, faasify: Run, tmp_path: Path) -> None:
    example, report = expected(folder), tmp_path / "report.json"
    done = faasify("run", "--select", "all", "--placement", "remote", "--report", report, *example.command, cwd=folder, input=example.stdin)
    check(example, done)
    assert set(example.remote) <= set(json.loads(report.read_text())["functions_remote"])


ALONE = [(folder, name) for folder in EXAMPLES for name in expected(folder).alone]


@pytest.mark.parametrize(("folder", "name"), ALONE, ids=[f"{folder.name}-{name}" for folder, name in ALONE])
def test_a_function_alone_runs_elsewhere_in_the_middle_of_the_program(folder: Path, name: str, faasify: Run, tmp_path: Path) -> None:
    example, report = expected(folder), tmp_path / "report.json"
    done = faasify("run", "--select", name, "--placement", "remote", "--report", report, *example.command, cwd=folder, input=example.stdin)
    check(example, done)
    said = json.loads(report.read_text())
    assert name in said["functions_remote"]
    assert said["units"][name]["calls_remote"] >= 1


@pytest.mark.parametrize("folder", EXAMPLES, ids=names_of(EXAMPLES))
def test_with_local_placement_nothing_moves(folder: Path, faasify: Run, tmp_path: Path) -> None:
    example, report = expected(folder), tmp_path / "report.json"
    done = faasify("run", "--select", "all", "--placement", "local", "--report", report, *example.command, cwd=folder, input=example.stdin)
    check(example, done)
    assert json.loads(report.read_text())["functions_remote"] == []


def test_a_rewritten_example_runs_by_itself(faasify: Run, tmp_path: Path) -> None:
    """`transform -o build`, then `python build/app.py`: the rewritten program needs no command of faasify's."""
    original = shutil.copytree(ROOT / "examples" / "word_counts", tmp_path / "program")
    assert faasify("transform", "-o", tmp_path / "build", original / "app.py").returncode == 0
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(tmp_path / "build" / "app.py")]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    check(expected(ROOT / "examples" / "word_counts"), done)


@pytest.mark.parametrize(
    "start",
    [
        "import sys; sys.path.insert(0, 'build'); import app; print(app.twice(21)); print('goes on')",
        "import runpy; runpy.run_path('build/app.py', run_name='__main__'); print('goes on')",
        "import runpy, sys; sys.path.insert(0, 'build'); runpy.run_module('app', run_name='__main__'); print('goes on')",
    ],
)
def test_a_program_that_imports_a_rewritten_one_goes_on_after_it(faasify: Run, tmp_path: Path, start: str) -> None:
    (tmp_path / "app.py").write_text("def twice(x):\n    return x * 2\n\nif __name__ == '__main__':\n    print(twice(21))\n")
    assert faasify("transform", "--select", "all", "-o", "build", "app.py", cwd=tmp_path).returncode == 0
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", start], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("42\ngoes on\n", "")
