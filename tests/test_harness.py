"""The judge of the programs is judged: every kind of difference is one, and nothing else is."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness import Outcome, Run, differences, environment, execute, original_command, without_source_lines, write_files

BASE = Outcome("out\n", "err\n", 0, {"a.txt": b"1"})
CHANGES = {
    "stdout": replace(BASE, stdout="out!\n"),
    "line_ends": replace(BASE, stdout="out"),
    "stderr": replace(BASE, stderr="other\n"),
    "exit": replace(BASE, exit=1),
    "file_changed": replace(BASE, files={"a.txt": b"2"}),
    "file_missing": replace(BASE, files={}),
    "file_more": replace(BASE, files={"a.txt": b"1", "b.txt": b""}),
}


def test_nothing_differs_from_itself() -> None:
    assert differences(BASE, replace(BASE)) == ""


@pytest.mark.parametrize("name", CHANGES)
def test_every_point_can_differ(name: str) -> None:
    assert differences(BASE, CHANGES[name])


TRACEBACK = """before
Traceback (most recent call last):
  File "/somewhere/app.py", line 9, in <module>
    f(1)
  File "/somewhere/app.py", line 4, in f
    return 1 / 0
           ~~^~~
  [Previous line repeated 3 more times]
ZeroDivisionError: division by zero
after
"""


def test_a_traceback_is_its_frames_and_its_last_line() -> None:
    frames = "app.py:9 <module>\napp.py:4 f\n  [Previous line repeated 3 more times]"
    head, error = "Traceback (most recent call last):", "ZeroDivisionError: division by zero"
    assert without_source_lines(TRACEBACK) == f"before\n{head}\n{frames}\n{error}\nafter"


@pytest.mark.parametrize("old, new", [("line 4", "line 5"), ("in f", "in g"), ("app.py", "faasify.py"), ("division", "multiplication")])
def test_frames_and_messages_that_differ_are_seen(old: str, new: str) -> None:
    assert without_source_lines(TRACEBACK) != without_source_lines(TRACEBACK.replace(old, new))


def test_source_lines_of_a_group_are_left_out(tmp_path: Path) -> None:
    source = "def f():\n    raise ValueError(1)\ntry:\n    f()\nexcept ValueError as e:\n    raise ExceptionGroup('g', [e, KeyError()])\n"
    run = subprocess.run([sys.executable, write_files(tmp_path, source) / "app.py"], capture_output=True, text=True)
    kept = without_source_lines(run.stderr)
    assert "raise" not in kept and kept.count("app.py:2 f") == 2 and "KeyError" in kept


def test_the_environment_is_fixed_and_can_be_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/tmp")
    env = environment({"TZ": None, "MORE": "1"}, tmp_path)
    assert env["PYTHONHASHSEED"] == "1" and env["MORE"] == "1" and "TZ" not in env and "PYTHONPATH" not in env


def test_a_run_shows_output_exit_and_files(tmp_path: Path) -> None:
    root = write_files(tmp_path, "import sys\nopen('made.txt', 'w').write(input())\nprint(__file__, sys.argv[1:])\nsys.exit(5)\n")
    outcome = execute(original_command(Run(argv=("x",))), root, Run(stdin="line\n"), tmp_path)
    assert (outcome.stdout, outcome.exit, outcome.files["made.txt"]) == ("<root>/app.py ['x']\n", 5, b"line")
