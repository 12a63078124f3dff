"""`faasify verify` as a user types it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

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


OF_ITS_RUN = """
import os, random, sys, tempfile, threading, time
def f(x):
    return x + 1
n = f(1)
me, native, process = threading.get_ident(), threading.get_native_id(), os.getpid()
thread = threading.Thread(target=f, args=(2,))
thread.start(); thread.join()
class Node:
    pass
node = Node()
place, shown, by_place = id(node), repr(node), hash(node)
ids = {id(node): "node"}
stats = {"seconds": time.perf_counter(), "calls": 2}
second = int(time.time() * 50)
folder = tempfile.mkdtemp(); os.rmdir(folder)
secret, rng = os.urandom(4), random.Random()
nodes = {Node() for _ in range(20)}
print("took", time.perf_counter())
print("n", n)
open(os.path.basename(folder), "w").write(str(time.time()))
open("n.txt", "w").write("1")
"""


def test_verify_holds_the_rewritten_to_nothing_that_the_original_has_different_each_time(program: Path, faasify: Run) -> None:
    (program / "run.py").write_text(OF_ITS_RUN)
    done = faasify("verify", "--select", "all", "--json", "run.py", cwd=program)
    (run,) = json.loads(done.stdout)["runs"]
    assert done.returncode == 0, run["points"]
    assert run["calls_remote"] >= 1
    assert {point["name"]: point["verdict"] for point in run["points"]}.items() >= {"stdout": "same", "final globals": "same"}.items()
    apart = {point["name"]: set(point["apart"]) for point in run["points"]}
    assert apart["stdout"] == {"line 1"}
    assert len(apart["files written"]) == 2
    assert {"__main__.place", "__main__.process", "__main__.stats ('seconds')", "__main__.folder"} <= apart["final globals"]
    assert not {"__main__.n", "__main__.nodes", "__main__.stats"} & apart["final globals"]


def test_verify_sees_what_differs_beside_what_differs_each_time(program: Path, faasify: Run) -> None:
    """Programs that note that they are rewritten, each beside something else."""
    rewritten = "bool(sys.modules.get('fa' + 'asify'))"
    for noted, where in (
        (f"seen = {rewritten}", "__main__.seen"),
        (f"stats['calls'] += {rewritten}", "__main__.stats"),
        (f"thread.daemonic = {rewritten}", "__main__.thread"),
        (f"max(nodes, key=id).seen = {rewritten}", "__main__.nodes"),
    ):
        (program / "run.py").write_text(OF_ITS_RUN + noted)
        done = faasify("verify", "--select", "all", "--json", "run.py", cwd=program)
        (run,) = json.loads(done.stdout)["runs"]
        (different,) = [point for point in run["points"] if not point["agrees"]]
        assert (done.returncode, different["name"]) == (1, "final globals")
        assert all(line[1:].startswith(where) for line in different["diff"]), different["diff"]


RACE = """
import sys, threading, concurrent.futures
found, rewritten = [], bool(sys.modules.get("fa" + "asify"))
def once():
    return 1
def f(x):
    found.append(x)
def threads(xs):
    with concurrent.futures.ThreadPoolExecutor(9) as pool:
        list(pool.map(f, xs))
HOW
once()
if rewritten:
    found.reverse()
print(found)
del rewritten
"""


def test_verify_holds_the_rewritten_to_no_order_that_threads_have_by_luck(program: Path, faasify: Run) -> None:
    """Nine at once, and one after the other."""
    for how, code in (("threads('abcdefghi')", 0), ("for x in 'abcdefghi': threads(x)", 1)):
        (program / "race.py").write_text(RACE.replace("HOW", how))
        done = faasify("verify", "--select", "race.once", "race.py", cwd=program)
        assert done.returncode == code, done.stdout


def test_verify_compares_a_traceback_that_the_original_has_different_each_time(program: Path, faasify: Run) -> None:
    (program / "run.py").write_text("import sys\ndef f():\n    raise KeyError(object())\nprint('x', file=sys.stderr)\nf()\n")
    done = faasify("verify", "--select", "all", "run.py", cwd=program)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^  stderr +same\n  exit code +same\n  exception +not compared: .*\n  frames +same$", done.stdout, re.MULTILINE)


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


DEEP = """
import sys
def f():
    return 1
def depth(n=0):
    try:
        return depth(n + 1)
    except RecursionError:
        return n
print(f(), depth(), REWRITTEN)
"""


def test_verify_takes_its_own_observer_for_no_difference_of_the_original(program: Path, faasify: Run) -> None:
    """How deep a program can go is another number under the observer, whose frames are below it."""
    for noted, code in (("1", 0), ("bool(sys.modules.get('fa' + 'asify'))", 1)):
        (program / "deep.py").write_text(DEEP.replace("REWRITTEN", noted))
        done = faasify("verify", "--select", "deep.f", "deep.py", cwd=program)
        assert done.returncode == code, done.stdout
        assert re.search(rf"^  stdout +{('same', 'DIFFERENT')[code]}$", done.stdout, re.MULTILINE), done.stdout


BESIDE = """
import os, sys, tempfile, threading, time
rewritten = bool(sys.modules.get("fa" + "asify"))
def f():
    return 1
f()
WHAT
del rewritten
"""
THREADS = """
order = ["a", "b", "c"]
order.insert(0, order.pop(os.getpid() % 3))
threads = [threading.Timer(n / 20, print, (name,)) for n, name in enumerate(order)]
if rewritten: threads[-1].args = ("x",)
for thread in threads: thread.start()
for thread in threads: thread.join()
del order, threads, thread
"""


@pytest.mark.parametrize(
    ("what", "where"),
    [
        pytest.param(THREADS, "stdout", id="a line that no thread of the original prints"),
        pytest.param("print('n', 2 if rewritten else 1, 'took', time.time())", "stdout", id="a number beside a clock"),
        pytest.param(
            "file, name = tempfile.mkstemp(dir='.'); os.write(file, b'y' if rewritten else b'x'); del file, name",
            "files written",
            id="in a file with a name of its own",
        ),
        pytest.param("kept = [id(object()), [1] if rewritten else [1, 2]]", "final globals", id="beside an address"),
        pytest.param("lost = (id(f), *([] if rewritten else [[1]]))", "final globals", id="a part beside an address"),
        pytest.param("sys.exit(9 if globals().pop('rewritten') else os.getpid() % 3)", "exit code", id="an exit code"),
    ],
)
def test_verify_sees_what_no_run_of_the_original_has(what: str, where: str, program: Path, faasify: Run) -> None:
    """Programs of which something differs each time, and something else when they are rewritten."""
    (program / "run.py").write_text(BESIDE.replace("WHAT", what))
    done = faasify("verify", "--select", "run.f", "--json", "run.py", cwd=program)
    (run,) = json.loads(done.stdout)["runs"]
    assert (done.returncode, [point["name"] for point in run["points"] if not point["agrees"]]) == (1, [where])


PAUSED = """
import sys, threading, time
start, rewritten = time.perf_counter(), bool(sys.modules.get("fa" + "asify"))
def once():
    return 1
def work():
    for _ in range(999):
        step()
def step():
    pass
once()
thread = threading.Thread(target=work)
thread.start(); thread.join()
print("late" if rewritten or time.perf_counter() - start > 0.4 else "in time")
del start, thread, rewritten
"""


def test_verify_takes_no_contents_from_a_run_with_pauses(program: Path, faasify: Run) -> None:
    (program / "paused.py").write_text(PAUSED)
    done = faasify("verify", "--select", "paused.once", "paused.py", cwd=program)
    assert done.returncode == 1, done.stdout
    assert re.search(r"^  stdout +DIFFERENT\n.*\n +-in time\n +\+late$", done.stdout, re.MULTILINE)
