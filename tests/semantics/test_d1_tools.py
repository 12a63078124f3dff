"""D1: a debugger, a profiler, coverage and a test runner on the rewritten program, with nothing sent."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.harness import environment, write_files

PROGRAM = """
    def double(x):
        y = x * 2
        if y > 100:
            y = 100
        return y
    def main():
        print(double(3), double(60))
    if __name__ == "__main__":
        main()
    """


@pytest.fixture
def rewritten(tmp_path: Path, cache: Path) -> Any:
    """The folder of the rewritten program, and how to run a tool in it."""
    root = write_files(tmp_path / "p", {"app.py": PROGRAM, "test_app.py": "import app\ndef test_double():\n    assert app.double(2) == 5\n"})
    env = environment({"FAASIFY_PLACEMENT": "local"}, cache)
    command = [sys.executable, "-P", "-m", "faasify", "transform", "--select", "all", "-o", "../build", "app.py"]
    subprocess.run(command, cwd=root, env=env, check=True, capture_output=True)

    def tool(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "faasify", "run", "--placement", "local", *words]
        return subprocess.run(command, cwd=root, env=env, input=stdin, capture_output=True, text=True, timeout=60)

    tool.root = root  # type: ignore[attr-defined]
    tool.env = env  # type: ignore[attr-defined]
    return tool


def run(rewritten: Any, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    folder = rewritten.root.parent / "build"
    env = {**rewritten.env, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run([sys.executable, *command], cwd=folder, env=env, input=stdin, capture_output=True, text=True, timeout=60)


def test_d1_pdb_stops_in_the_program(rewritten):
    done = run(rewritten, "-m", "pdb", "app.py", stdin="b double\nc\nn\np x\nc\nq\n")
    assert "double(x)" in done.stdout and "\n(Pdb) 3\n" in done.stdout, done.stdout + done.stderr


def test_d1_a_profile_has_the_functions(rewritten):
    done = run(rewritten, "-m", "cProfile", "-s", "name", "app.py")
    assert "6 100" in done.stdout and "(double)" in done.stdout and "(main)" in done.stdout, done.stdout + done.stderr


def test_d1_coverage_tells_the_lines(rewritten):
    pytest.importorskip("coverage")
    done = run(rewritten, "-m", "coverage", "run", "app.py")
    assert done.stdout == "6 100\n", done.stderr
    run(rewritten, "-m", "coverage", "json", "-q", "-o", "c.json")
    files = json.loads((rewritten.root.parent / "build" / "c.json").read_text())["files"]
    found = next(value for name, value in files.items() if name.endswith("app.py"))
    assert not found["missing_lines"], found


def test_d1_pytest_runs_the_programs_tests(rewritten):
    done = run(rewritten, "-m", "pytest", "-q", "-p", "no:cacheprovider", "../p/test_app.py")
    assert "assert 4 == 5" in done.stdout, done.stdout + done.stderr
