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
    root = write_files(tmp_path / "p", {"app.py": PROGRAM})
    env = environment({}, cache)
    command = [sys.executable, "-P", "-m", "faasify", "transform", "--select", "all", "-o", "../build", "app.py"]
    subprocess.run(command, cwd=root, env=env, check=True, capture_output=True)
    build = root.parent / "build"
    assert "_faasify_unit" in (build / "app.py").read_text()

    def run(*command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, *command], cwd=build, env=env, input=stdin, capture_output=True, text=True, timeout=60)

    run.build = build  # type: ignore[attr-defined]
    return run


def test_d1_pdb_stops_in_the_program(rewritten):
    done = rewritten("-m", "pdb", "app.py", stdin="b 5\nc\np x\nw\nc\nc\nq\n")
    assert "(Pdb) 3\n" in done.stdout and "double(3)" in done.stdout, done.stdout + done.stderr


def test_d1_a_profile_has_the_functions(rewritten):
    done = rewritten("-m", "cProfile", "-s", "name", "app.py")
    assert "6 100" in done.stdout and "(double)" in done.stdout and "(main)" in done.stdout, done.stdout + done.stderr


def test_d1_coverage_tells_the_lines(rewritten):
    pytest.importorskip("coverage")
    done = rewritten("-m", "coverage", "run", "app.py")
    assert done.stdout == "6 100\n", done.stderr
    rewritten("-m", "coverage", "json", "-q", "-o", "c.json")
    files = json.loads((rewritten.build / "c.json").read_text())["files"]
    found = next(value for name, value in files.items() if name.endswith("app.py"))
    assert not found["missing_lines"], found


def test_d1_pytest_runs_the_programs_tests(rewritten):
    (rewritten.build / "test_app.py").write_text("import app\ndef test_double():\n    assert app.double(2) == 5\n")
    done = rewritten("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_app.py")
    assert "assert 4 == 5" in done.stdout and "1 failed" in done.stdout, done.stdout + done.stderr


def test_d1_the_program_itself_is_started_as_ever(rewritten):
    done = rewritten("app.py")
    assert (done.stdout, done.stderr) == ("6 100\n", "")


@pytest.mark.parametrize("placement", ["local", "remote"])
def test_d1_a_breakpoint_stops_where_it_stands(same, placement):
    same(
        """
        def double(x):
            y = x * 2
            breakpoint()
            return y
        print(double(4))
        """,
        select="app.double",
        options=["--placement", placement],
        remote=(),
        stdin="p y\nw\nc\n",
    )


def test_d1_a_program_that_runs_another_file_of_its_own_under_a_profiler(same):
    same(
        {
            "app.py": """
            import cProfile, io, pstats
            import helper
            def twice(x): return helper.once(x) * 2
            profile = cProfile.Profile()
            print(profile.runcall(twice, 4), profile.runcall(helper.once, 5))
            print(sorted(name for _, _, name in pstats.Stats(profile, stream=io.StringIO()).stats if name in ("twice", "once")))
            """,
            "helper.py": "def once(x): return x + 1\n",
        },
        select="app.twice,helper.once",
        remote=(),
    )


def test_d1_a_program_that_profiles_its_own_calls(same):
    same(
        """
        import cProfile, pstats, sys
        def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
        def main(): return [fib(i) for i in range(6)]
        profile = cProfile.Profile()
        print(profile.runcall(main))
        print(sorted((where[2], counts[0]) for where, counts in pstats.Stats(profile).stats.items()))
        events = []
        sys.setprofile(lambda frame, event, arg: events.append((event, frame.f_code.co_name)))
        main()
        sys.setprofile(None)
        print(len(events), events[:3])
        """,
        select="app.fib,app.main",
        home={"app.fib": "profiles", "app.main": "profiles"},
    )


@pytest.mark.parametrize("setter", ["settrace", "setprofile"])
def test_d1_a_program_that_is_watched_to_its_end(same, setter):
    same(
        f"""
        import atexit, sys
        def watch(frame, event, arg):
            print(event, frame.f_code.co_name)
            return watch
        def work(x): return x + 1
        def late(): print("at exit", work(2))
        class Last:
            def __del__(self): print("deleted")
        last = Last()
        atexit.register(late)
        sys.{setter}(watch)
        print(work(1))
        """,
        select="app.work",
        home={"app.work": "traces or profiles"},
    )
