"""A program of which nothing moves is run as it is: what it finds in its process is what `python` gives it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

FAASIFY = [sys.executable, "-m", "faasify"]
LOOKS = """
import gc, sys

def below(cls, level=0):
    print("  " * level, cls.__module__, cls.__name__)
    for sub in cls.__subclasses__():
        below(sub, level + 1)

print(__name__, __file__, __package__, sys.argv, sys.path[0], sys.flags.optimize, sys.warnoptions)
print(sorted(sys.modules), len(gc.get_objects()) > 0)
below(BaseException)
if sys.argv[1:] == ["fails"]:
    raise ValueError(sys.argv)
"""


def said(folder: Path, cache: Path, *command: str) -> tuple[str, str, int]:
    environment = {"XDG_CACHE_HOME": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    return done.stdout, done.stderr, done.returncode


@pytest.mark.parametrize("typed", [["app.py"], ["./app.py", "fails"], ["pkg", "fails"], ["-m", "pkg", "x"], ["-m", "pkg.tool", "fails"]])
def test_it_meets_what_python_gives_it(tmp_path: Path, cache_home: Path, typed: list[str]) -> None:
    (tmp_path / "pkg").mkdir()
    for name in ("app.py", "pkg/__init__.py", "pkg/__main__.py", "pkg/tool.py"):
        (tmp_path / name).write_text(LOOKS)
    plain = said(tmp_path, cache_home, sys.executable, *typed)
    assert "ValueError" in plain[0]
    for _ in range(2):  # the second run finds the build
        assert said(tmp_path, cache_home, *FAASIFY, "run", *typed) == plain
    assert said(tmp_path, cache_home, *FAASIFY, "run", "--report", "report.json", *typed) == plain
    assert json.loads((tmp_path / "report.json").read_text())["functions_remote"] == []


def test_a_script_whose_name_looks_like_an_option(tmp_path: Path, cache_home: Path) -> None:
    (tmp_path / "-c.py").write_text(LOOKS)
    typed = ["--", "-c.py", "fails"]
    plain = said(tmp_path, cache_home, sys.executable, *typed)
    assert "ValueError: ['-c.py', 'fails']" in plain[1]
    assert said(tmp_path, cache_home, *FAASIFY, "run", *typed) == plain


def test_with_the_interpreters_options(tmp_path: Path, cache_home: Path) -> None:
    (tmp_path / "app.py").write_text(LOOKS)
    plain = said(tmp_path, cache_home, sys.executable, "-O", "-Wignore", "app.py")
    assert said(tmp_path, cache_home, sys.executable, "-O", "-Wignore", "-m", "faasify", "run", "app.py") == plain


def test_transformed_it_is_started_on_the_original(tmp_path: Path, cache_home: Path) -> None:
    (tmp_path / "app.py").write_text(LOOKS)
    plain = said(tmp_path, cache_home, sys.executable, str(tmp_path / "app.py"))
    said(tmp_path, cache_home, *FAASIFY, "transform", "app.py", "-o", "out")
    assert said(tmp_path, cache_home, sys.executable, "out/app.py") == plain


def test_what_it_leaves_in_its_modules_is_compared(tmp_path: Path, cache_home: Path) -> None:
    (tmp_path / "app.py").write_text("import sys\nloaded = 'socket' in sys.modules\ndef f(x): return x\nprint(f(loaded))\n")
    stdout, _, code = said(tmp_path, cache_home, *FAASIFY, "verify", "app.py")
    assert code == 0 and "final globals  same" in stdout, stdout


def test_it_ends_by_the_signal_that_the_program_ends_by(tmp_path: Path, cache_home: Path) -> None:
    (tmp_path / "app.py").write_text("import sys, time\nprint(list(sys.modules) and 'here', flush=True)\ntime.sleep(60)\n")
    for report in ([], ["--report", "report.json"]):
        environment = {"XDG_CACHE_HOME": str(cache_home)}
        command = [*FAASIFY, "run", *report, "app.py"]
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None and run.stdout.readline() == "here\n"
            run.send_signal(signal.SIGTERM)
            started = time.monotonic()
            assert run.wait(30) == -signal.SIGTERM and time.monotonic() - started < 20


def test_an_option_about_a_unit_that_there_is_not(tmp_path: Path, cache_home: Path) -> None:
    (tmp_path / "app.py").write_text("import sys\nprint(len(sys.modules))\n")
    _, stderr, code = said(tmp_path, cache_home, *FAASIFY, "run", "--limit", "app.f:timeout=3", "app.py")
    assert code == 2 and "no unit of the program has that name" in stderr
