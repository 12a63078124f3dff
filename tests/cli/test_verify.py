"""`faasify verify` as a user types it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.conftest import ROOT, Run


def test_verify_says_point_by_point_that_they_agree(program: Path, faasify: Run) -> None:
    done = faasify("verify", "--select", "all", "app.py", "x", cwd=program)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    for point in ("stdout", "stderr", "exit code", "files written"):
        assert re.search(rf"^  {point} +same$", done.stdout, re.MULTILINE)
    assert re.search(r"^  moved .*app\.add", done.stdout, re.MULTILINE)
    assert done.stdout.endswith("They agree.\n")


def test_verify_says_where_they_differ(program: Path, faasify: Run) -> None:
    """A program that looks whether it is rewritten."""
    (program / "spy.py").write_text("import sys\nprint(bool(sys.modules.get('fa' + 'asify')))\ndef f():\n    pass\nf()\n")
    done = faasify("verify", "--select", "all", "spy.py", cwd=program)
    assert done.returncode == 1
    assert re.search(r"^  stdout +DIFFERENT\n +@@ line 1\n +-False\n +\+True$", done.stdout, re.MULTILINE)
    assert done.stdout.endswith("They do not agree.\n")


def test_verify_sees_what_is_left_in_the_modules(program: Path, faasify: Run) -> None:
    """A program that notes that it is rewritten, and says nothing."""
    (program / "spy.py").write_text("import sys\nseen = bool(sys.modules.get('fa' + 'asify'))\ndef f():\n    pass\nf()\n")
    done = faasify("verify", "--select", "all", "--html", "page.html", "spy.py", cwd=program)
    assert done.returncode == 1
    assert re.search(r"^  final globals +DIFFERENT\n +-__main__.seen = False\n +\+__main__.seen = True$", done.stdout, re.MULTILINE)
    assert "+__main__.seen = True" in (program / "page.html").read_text()


def test_verify_says_what_cannot_be_compared(program: Path, faasify: Run) -> None:
    (program / "clock.py").write_text("import time\ndef f():\n    return 1\nprint(f(), time.time())\n")
    done = faasify("verify", "--select", "all", "clock.py", cwd=program)
    assert done.returncode == 0
    assert re.search(r"^  stdout +not compared: two runs of the original differ as well$", done.stdout, re.MULTILINE)
    assert done.stdout.endswith("They agree in what could be compared; not compared: stdout.\n")


def test_verify_leaves_the_folder_alone_and_compares_the_files_written(program: Path, faasify: Run) -> None:
    (program / "writes.py").write_text("def name():\n    return 'out.txt'\nopen(name(), 'w').write('x')\n")
    before = sorted(program.iterdir())
    done = faasify("verify", "--select", "all", "--json", "writes.py", cwd=program)
    assert sorted(program.iterdir()) == before
    (run,) = json.loads(done.stdout)["runs"]
    assert {point["name"]: point["agrees"] for point in run["points"]}["files written"] is True
    assert run["calls_remote"] == 1


def test_verify_gives_both_the_same_input_and_one_run_a_line_of_args(program: Path, faasify: Run) -> None:
    (program / "reads.py").write_text("import sys\ndef f(x):\n    return x.upper()\nprint(f(input()), sys.argv[1:])\n")
    (program / "args.txt").write_text("a 'b c'\n\n")
    done = faasify("verify", "--select", "all", "--json", "--args", "args.txt", "reads.py", cwd=program, input="hello\n")
    document = json.loads(done.stdout)
    assert (done.returncode, document["agrees"]) == (0, True)
    assert [run["args"] for run in document["runs"]] == [["a", "b c"], []]


def test_verify_from_another_folder(program: Path, faasify: Run) -> None:
    (program / "sub").mkdir()
    for cwd, name in ((program / "sub", "../app.py"), (program.parent, f"{program.name}/app.py"), (ROOT, str(program / "app.py"))):
        done = faasify("verify", "--select", "all", name, cwd=cwd)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert re.search(r"exit code +same", done.stdout)
        assert re.search(r"^  moved +[1-9]", done.stdout, re.MULTILINE)


def test_verify_compares_an_uncaught_exception_by_its_frames(faasify: Run) -> None:
    done = faasify("verify", "--select", "all", "--json", "examples/crash/app.py")
    (run,) = json.loads(done.stdout)["runs"]
    assert {"exception", "frames"} <= {point["name"] for point in run["points"] if point["agrees"]}
