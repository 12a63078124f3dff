"""`python build/app.py`: a rewritten program starts, ends and lives with its machine as the original does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.harness import Outcome, Run, differences, environment, execute, write_files

from .conftest import Build, wait_for

Make = Callable[..., Build]

LOOK = """
    '''A docstring.'''
    import os, sys
    def f(x):
        return x + 1
    class C: pass
    space = dict(globals())
    print(f(1), sys.argv, sys.path[0] == os.path.dirname(os.path.abspath(__file__)), __file__, sys.modules["__main__"].f is f)
    for name, value in space.items():
        if name not in ("__builtins__", "space"):
            print(name, value if type(value) in (str, type(None), dict) else type(value))
    print(list(vars(sys.modules["__main__"])) == list(globals()), C, C.__module__, sys.flags.hash_randomization)
    print(sorted(k for k in os.environ if k.startswith(("PYTHON", "FAASIFY"))), os.environ.get("PYTHONHASHSEED"))
    print(sys.getrecursionlimit(), sys._getframe().f_back, os.getcwd(), sys.orig_argv[2:], sys.executable == sys.orig_argv[0])
    """


def test_the_main_module_looks_like_the_original(build: Make) -> None:
    program = build(LOOK, select="app.f")
    shown = program.same(Run(argv=("-x", "a b", "")), remote=["app.f"]).stdout
    assert "<root>/app.py" in shown and "faasify" not in shown.lower()


@pytest.mark.parametrize("seed", [None, "random", "7"])
def test_the_hash_seed_is_one_for_all_processes_and_the_environment_as_it_was(build: Make, seed: str | None) -> None:
    program = build(
        """
        import os
        def there(s): return hash(s)
        print(there("x") == hash("x"), os.environ.get("PYTHONHASHSEED"))
        import subprocess, sys
        print(subprocess.run([sys.executable, "-c", "import os; print(os.environ.get('PYTHONHASHSEED'))"], capture_output=True).stdout)
        """,
        select="app.there",
    )
    program.same(Run(env={"PYTHONHASHSEED": seed}), remote=["app.there"])


ENDS = {
    "the last line": ("", 0),
    "exit 3": ("sys.exit(3)", 3),
    "exit with a text": ("sys.exit('a message')", 1),
    "exit with None": ("sys.exit(None)", 0),
    "exit with a list": ("raise SystemExit([1])", 1),
    "exit 256": ("sys.exit(256)", 0),
    "quit": ("quit(5)", 5),
    "an exception": ("there(0)", 1),
    "an exception of the module": ("1 / 0", 1),
    "an exception with a cause": ("try: there(0)\nexcept ZeroDivisionError as e: raise KeyError('k') from e", 1),
    "a syntax error": ("exec('a b')", 1),
    "an interrupt": ("raise KeyboardInterrupt", -signal.SIGINT),
    "an interrupt in a unit": ("interrupt()", -signal.SIGINT),
    "os._exit": ("sys.stdout.flush(); os._exit(4)", 4),
    "a signal": ("sys.stdout.flush(); os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
    "abort": ("sys.stdout.flush(); os.abort()", -signal.SIGABRT),
    "an excepthook": ("sys.excepthook = lambda t, e, tb: print('hook', t, e, tb.tb_lineno, tb.tb_next is None)\nthere(0)", 1),
    "an excepthook that fails": ("sys.excepthook = lambda *a: {}['k']\nthere(0)", 1),
}


@pytest.mark.parametrize("how", ENDS)
def test_ends(build: Make, how: str) -> None:
    statement, code = ENDS[how]
    program = build(
        f"""import atexit, os, signal, sys
def there(x): return 1 / x
def interrupt(): raise KeyboardInterrupt
class Late:
    def __del__(self): print("deleted", __name__)
atexit.register(print, "registered first")
def late_call(): print("registered second", there(1), interrupt is not None)
atexit.register(late_call)
late = Late()
print(there(2))
{statement}
""",
        select="app.there,app.interrupt",
    )
    program.same(exit=code)
    assert program.none_left()


LAST = """
    import random, sys
    class Last:
        def __init__(self, name): self.name = name
        def __del__(self): print("deleted", self.name, there(1), sys is not None)
    keep = Last("global")
    cycle = Last("cycle"); cycle.me = cycle
    def closure():
        captured = Last("captured")
        def inner(x): return captured
        return inner
    inner = closure()
    def there(x): return x + random.random() * 0
    def default(x=Last("default")): return 1
    print(there(2))
    """


@pytest.mark.parametrize("then", ["", "print(default(), inner(1).name)\n"], ids=["alone", "what calls have met"])
def test_what_is_deleted_last_sees_the_program_whole(build: Make, then: str) -> None:
    program = build(LAST + then, select="app.there,app.default,app.closure.<locals>.inner")
    here, there = program.original(), program.rewritten()
    assert sorted(here.stdout.splitlines()) == sorted(there.stdout.splitlines()), "in which order cycles end is the collector's affair"
    assert (there.stderr, there.exit) == ("", 0) and "app.there" in program.report["functions_remote"]


def test_a_closed_stdout(build: Make) -> None:
    program = build("import sys\ndef there(): return 1\nthere(); sys.stderr.write('end')\nsys.stdout.close()\n", select="app.there")
    program.same(remote=["app.there"])


def test_at_exit_the_last_exception_is_there_and_calls_still_work(build: Make) -> None:
    program = build(
        """
        import atexit, sys
        seen = []
        def there(x): seen.append(x); return len(seen)
        @atexit.register
        def late(): print(there("late"), seen, getattr(sys, "last_value", None), sys.last_traceback.tb_lineno)
        there("early")
        {}["k"]
        """,
        select="app.there",
    )
    program.same(exit=1, remote=["app.there"])


def test_a_thread_that_still_runs_is_waited_for(build: Make) -> None:
    program = build(
        """
        import threading, time
        total = []
        def there(x): total.append(x); return sum(total)
        def work():
            time.sleep(0.3)
            print("late", there(2), there(3))
        threading.Thread(target=work).start()
        print(there(1), threading.current_thread().name, threading.active_count())
        """,
        select="app.there",
    )
    program.same(remote=["app.there"])
    assert program.none_left()


def test_a_daemon_thread_does_not_keep_the_program(build: Make) -> None:
    program = build(
        """
        import threading, time
        def there(x): return x + 1
        def work():
            while True: there(1)
        threading.Thread(target=work, daemon=True).start()
        time.sleep(0.3)
        print(there(1))
        """,
        select="app.there",
    )
    program.same(remote=["app.there"])
    assert program.none_left()


PACKAGE = {
    "pkg/__init__.py": "print('init', __name__, __package__)\n",
    "pkg/__main__.py": """
        import sys
        from . import part
        from .part import double
        def f(x): return double(x) + part.N
        print(__spec__ and (__spec__.name, __spec__.origin, __spec__.parent, __spec__.cached))
        print(f(1), __name__, __package__, sys.argv[1:], sys.path[0], __file__, type(__loader__).__name__)
        print(part.__name__, part.__file__, f.__module__, sys.argv[0])
        """,
    "pkg/part.py": "N = 5\ndef double(x): return 2 * x\n",
}


@pytest.mark.parametrize("words", [("-m", "pkg"), ("pkg",), ("-m", "pkg.__main__")])
def test_a_package_is_run_by_the_command(same, words: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    files = dict(PACKAGE)
    if words == ("pkg",):
        files["pkg/__main__.py"] = files["pkg/__main__.py"].replace("from . import", "import").replace("from .part", "from part")
    same(files, "pkg.__main__.f", target=words, argv=("1", "--x"))


def test_a_package_is_run_from_its_build(build: Make) -> None:
    program = build(PACKAGE, select="pkg.__main__.f", target="pkg", run_as="module", main="pkg/__main__.py")
    there = program.rewritten(Run(argv=("1",)))
    here = execute([sys.executable, "-m", "pkg", "1"], program.root, Run(), program.cache)
    assert differences(here, there) == ""
    assert "pkg.__main__.f" in program.report["functions_remote"]


def test_a_link_to_the_script(build: Make, tmp_path: Path) -> None:
    program = build("import other\ndef f(x): return other.g(x)\nprint(f(2))\n", select="app.f")
    assert program.rewritten().exit == 1  # there is no module `other`
    (program.root / "other.py").write_text("def g(x): return [x]\n")
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin" / "tool"
    link.symlink_to(program.out / "app.py")
    ended = execute([sys.executable, str(link)], tmp_path, Run(), program.cache)
    assert (ended.stdout, ended.exit) == ("[2]\n", 0)


def test_the_working_directory_is_elsewhere(build: Make, tmp_path: Path) -> None:
    program = build("import os, sys\ndef f(x): return x, os.getcwd()\nprint(f(1), sys.path[0], __file__, os.getcwd())\n", select="app.f")
    (tmp_path / "elsewhere").mkdir()
    where = {"cwd": tmp_path / "elsewhere", "text": True, "capture_output": True}
    env = environment(program.options(), program.cache)
    ended = subprocess.run([sys.executable, os.path.relpath(program.out / "app.py", tmp_path / "elsewhere")], env=env, **where)  # type: ignore[call-overload]
    original = subprocess.run([sys.executable, program.root / "app.py"], env=env, **where)  # type: ignore[call-overload]
    assert (ended.stdout, ended.stderr) == (original.stdout, original.stderr)
    assert str(tmp_path / "elsewhere") in ended.stdout


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write anywhere")
def test_a_build_folder_may_be_read_only(build: Make) -> None:
    program = build("import sys\ndef f(x): return x + 1\nprint(f(1))\n{}['k']\n", select="app.f")
    kept = program.out / ".faasify/code"
    kept.write_text("a file where the folder of compiled code would be")  # what root cannot write either
    original = program.original()
    for _ in range(2):
        assert differences(original, program.rewritten()) == ""
    assert kept.is_file() and "app.f" in program.report["functions_remote"]
    assert not [name for name in os.listdir("/tmp") if name.startswith("faasify-") and name.endswith(".pyc") and _young(f"/tmp/{name}")]


def _young(path: str) -> bool:
    try:
        return b"app.py" in Path(path).read_bytes() and str(os.getpid()) in path
    except OSError:
        return False


def test_two_runs_at_once_do_not_meet(build: Make) -> None:
    program = build(
        """
        import sys, time
        mine = sys.argv[1]
        seen = []
        def there(i): seen.append(f"{mine}{i}"); time.sleep(0.02); return mine
        for i in range(10): assert there(i) == mine
        print(seen)
        """,
        select="app.there",
    )
    running = [program.start(argv=[name]) for name in "abc"]
    for name, process in zip("abc", running, strict=True):
        assert process.communicate(timeout=60) == (f"{[f'{name}{i}' for i in range(10)]}\n", "")
    assert program.none_left()


def test_a_changed_original_is_not_mixed_with_the_build(build: Make) -> None:
    program = build({"app.py": "import part\ndef f(): return part.N, __file__\nprint(f())\n1 / 0\n", "part.py": "N = 1\n"}, select="app.f")
    (program.root / "part.py").write_text("N = 2\n")
    ended = program.rewritten()
    file = str(program.out / "app.py").replace(str(program.root), "<root>")
    assert ended.stdout == f"(1, {file!r})\n" and f'File "{file}", line' in ended.stderr
    assert program.report["functions_remote"] == ["app.f"]


def test_an_original_that_is_gone_is_not_needed(build: Make) -> None:
    program = build({"app.py": "import part\ndef f(): return part.N\nprint(f())\n", "part.py": "N = 1\n", "d.txt": "x"}, select="app.f")
    shutil.rmtree(program.root)
    program.root.mkdir()
    assert program.rewritten().stdout == "(1)\n".replace("(", "").replace(")", "")
    assert (program.out / "d.txt").read_text() == "x"


FORKS = {
    "fork before": "child = os.fork()\nprint(there(1), flush=True)\nif child: os.waitpid(child, 0)\nelse: os._exit(0)\n",
    "fork after": "print(there(1), flush=True)\nchild = os.fork()\nprint(there(2), seen, flush=True)\nif child: os.waitpid(child, 0)\n",
    "fork and end": "there(1)\nif os.fork() == 0: sys.exit(print('child', there(2)))\nprint(os.wait()[1], seen)\n",
    "no child of ours": "there(1)\ntry: os.wait()\nexcept ChildProcessError: print('none')\n",
    "multiprocessing after": "print(there(1))\n"
    "with multiprocessing.get_context('fork').Pool(2) as p: print(p.map(there, range(4), 1) and seen)\n",
    "multiprocessing before": "p = multiprocessing.get_context('fork').Pool(2)\n"
    "print(there(1), len(p.map(there, range(4))))\np.close(); p.join()\n",
    "subprocess": "print(there(1), subprocess.run(['echo', 'x'], capture_output=True).stdout, there(2))\n",
}


@pytest.mark.parametrize("how", FORKS)
def test_forks(build: Make, how: str) -> None:
    program = build(
        "import multiprocessing, os, subprocess, sys\nseen = []\ndef there(x): seen.append(x); return len(seen)\n" + FORKS[how],
        select="app.there",
    )
    program.same(remote=["app.there"])
    assert program.none_left()


def test_processes_that_are_spawned_run_the_program_again(build: Make) -> None:
    program = build(
        """
        import multiprocessing
        def there(x): return x * x
        if __name__ == "__main__":
            print(there(3))
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(there, [1, 2, 3]))
        """,
        select="app.there",
    )
    program.same(remote=["app.there"])
    assert program.none_left()


BUSY = """
    import sys
    def there(x):
        while True: x += 1
    print("ready", flush=True)
    there(0)
    """


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_in_the_middle_of_a_call_leaves_no_process(build: Make, number: signal.Signals) -> None:
    program = build(BUSY, select="app.there")
    process = program.start()
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    assert wait_for(program.workers)
    wait_for(lambda: False, 0.3)
    os.killpg(process.pid, number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == -number
    assert program.none_left()
    if number == signal.SIGINT:
        assert [line for line in err.splitlines() if "File" in line] == [f'  File "{program.root}/app.py", line 5, in <module>']
        assert err.endswith("KeyboardInterrupt\n")


def test_ctrl_c_in_a_call_can_be_caught_and_the_program_goes_on(build: Make) -> None:
    program = build(
        """
        import time
        state = []
        def there(s):
            state.append(s); print("shown with the call", s); time.sleep(s); return s
        print("ready", flush=True)
        try: there(30)
        except KeyboardInterrupt: print("caught", state)
        print(there(0), state)
        """,
        select="app.there",
    )
    process = program.start()
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    assert wait_for(program.workers)
    wait_for(lambda: False, 0.5)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (out, err) == ("caught []\nshown with the call 0\n0 [0]\n", "")
    assert program.none_left()


def test_stdout_closed_early_is_the_programs_to_notice(build: Make) -> None:
    program = build("def there():\n    for i in range(100000): print('line', i)\nthere()\n", select="app.there")
    ends = []
    for rewritten in (False, True):
        process = program.start(rewritten=rewritten)
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        ends.append(process.stderr.read().splitlines()[-1])
        assert process.wait(20) in (
            1,
            120,
        )  # the latter where the write that was cut off had got a part out, and the rest waits for the end
    assert ends[0] == ends[1] and "BrokenPipeError" in ends[0]
    assert program.none_left()


def test_the_interpreters_flags_are_kept(build: Make) -> None:
    program = build(
        """
        import sys
        def there(): return sys.flags.optimize, sys.flags.dev_mode, __debug__, [w for w in sys.warnoptions]
        assert print("not with -O")
        print(there(), sys.flags.optimize, sys.flags.utf8_mode, sys.warnoptions)
        """,
        select="app.there",
    )

    def run(*, rewritten: bool) -> Outcome:
        command = program.command(rewritten=rewritten, flags=["-O", "-X", "utf8", "-W", "ignore::ImportWarning"])
        return execute(command, program.root, Run(env=program.options()), program.cache)

    original = run(rewritten=False)
    assert original.exit == 0 and differences(original, run(rewritten=True)) == ""


NAMED = """
    import sys, traceback, warnings, part
    def fails(x):
        warnings.warn("careful")
        raise KeyError(x)
    print(__file__, sys.path[0], sys.argv, fails.__code__.co_filename, part.__file__, part.twice(2))
    try: fails(1)
    except KeyError: traceback.print_exc()
    part.twice(None)
    """


def compare_as_typed(root: Path, cache: Path, typed: str) -> str:
    """stdout of both."""
    options = ["--placement", "remote", "--report", str(root.parent / "report.json")]
    original = execute([sys.executable, typed, "a"], root, Run(), cache)
    rewritten = execute([sys.executable, "-P", "-m", "faasify", "run", *options, typed, "a"], root, Run(), cache)
    assert rewritten == original
    return original.stdout


TYPED = ["app.py", "./app.py", "bin/../app.py", "bin/tool", "{root}/./app.py", "folder", "./folder", "folder/", "linked", "../src/folder"]


@pytest.mark.parametrize("typed", TYPED)
def test_files_are_called_what_the_interpreter_calls_them(tmp_path: Path, cache: Path, typed: str) -> None:
    """As typed, and imports are looked up where a link leads to."""
    twice = "def twice(x):\n    return x * x\n"
    root = write_files(tmp_path / "src", {"app.py": NAMED, "part.py": twice, "folder/__main__.py": NAMED, "folder/part.py": twice})
    (root / "bin").mkdir()
    (root / "bin" / "tool").symlink_to("../app.py")
    (root / "linked").symlink_to("folder", target_is_directory=True)
    compare_as_typed(root, cache, typed.format(root=root))
    report = json.loads((tmp_path / "report.json").read_text())
    assert {name.rpartition(".")[2] for name in report["functions_remote"]} == {"fails", "twice"}


def test_a_package_folder_that_needs_its_package_is_run_from_anywhere(tmp_path: Path, cache: Path) -> None:
    main = "from .part import twice\nimport sys\nprint(twice(2), sys.argv[1:], __package__, sys.path[0])\n"
    files = {"__init__": "print('first')\n", "part": "def twice(x): return 2 * x\n", "__main__": main}
    root = write_files(tmp_path / "src", {f"proj/pkg/{name}.py": source for name, source in files.items()})
    original = execute([sys.executable, "-m", "pkg", "a"], root / "proj", Run(), cache)
    rewritten = execute([sys.executable, "-P", "-m", "faasify", "run", "--placement", "remote", "proj/pkg", "a"], root, Run(), cache)
    assert (rewritten.exit, rewritten.stderr) == (0, "")
    assert rewritten.stdout.replace("<root>/proj", "<root>") == original.stdout


def test_a_link_that_leads_elsewhere_is_another_program(tmp_path: Path, cache: Path) -> None:
    root = write_files(tmp_path / "src", {name: f"def f(): return {name!r}\nprint(f())\n" for name in ("old.py", "new.py")})
    shown = []
    for name in ("old.py", "new.py"):
        (root / "tool").unlink(missing_ok=True)
        (root / "tool").symlink_to(name)
        shown.append(compare_as_typed(root, cache, "tool"))
    assert shown == ["old.py\n", "new.py\n"]


def test_a_build_can_be_run_with_m(build: Make) -> None:
    source = "import sys\ndef f(x): return 1 / x\nprint(f(2), sys.argv[1:], sys.flags.utf8_mode)\nf(0)\n"
    program = build(source, target="app", run_as="module")
    command, how = [sys.executable, "-X", "utf8", "-m", "app", "a"], Run(env=program.options())
    original, rewritten = (execute(command, folder, how, program.cache) for folder in (program.root, program.out))
    assert original.exit == 1 and "_run_module_as_main" in original.stderr
    assert rewritten.stderr.replace(str(program.root), "<root>") == original.stderr
    assert (rewritten.exit, rewritten.stdout) == (1, original.stdout) and program.report["functions_remote"] == ["app.f"]


def test_a_package_in_a_build_is_not_run_with_m(build: Make) -> None:
    """Its `__init__` has run when the main module is reached, and would run once more."""
    files = {"pkg/__init__.py": "print('once')\n", "pkg/tool.py": "def f(x): return x\nprint(f(1))\n"}
    program = build(files, target="pkg.tool", run_as="module", main="pkg/tool.py")
    refused = execute([sys.executable, "-m", "pkg.tool"], program.out, Run(), program.cache)
    assert (refused.exit, refused.stdout) == (2, "once\n") and refused.stderr.endswith("run it so: python <root>/pkg/tool.py\n")
    taken = execute([sys.executable, "pkg/tool.py"], program.out, Run(), program.cache)
    assert (taken.exit, taken.stdout, taken.stderr) == (0, "once\n1\n", "")


def test_a_rewritten_module_can_be_imported_without_its_program(build: Make, tmp_path: Path) -> None:
    program = build({"app.py": "import part\nprint(part.f(1))\n", "part.py": "def f(x): return x + 1\n"}, select="part.f")
    code = f"import sys; sys.path.insert(0, {str(program.out)!r}); import part; print(part.f(2), part.__file__)"
    ended = execute([sys.executable, "-c", code], tmp_path, Run(), program.cache)
    assert (ended.exit, ended.stdout.split()[0]) == (0, "3")
    assert "_faasify_unit" in (program.out / "part.py").read_text()


def test_a_main_file_that_was_moved_out_of_its_build_is_refused(build: Make, tmp_path: Path) -> None:
    program = build("def f(): pass\nf()\n", select="app.f")
    (tmp_path / "alone").mkdir()
    shutil.copy(program.out / "app.py", tmp_path / "alone/app.py")
    ended = execute([sys.executable, "app.py"], tmp_path / "alone", Run(), program.cache)
    assert ended.exit == 2 and ended.stderr.startswith("faasify: ") and ended.stderr.count("\n") == 1


def test_a_build_folder_can_be_moved(build: Make, tmp_path: Path) -> None:
    program = build("def f(x): return x, __name__\nprint(f(1))\n", select="app.f")
    assert program.rewritten().stdout == "(1, '__main__')\n"
    shutil.move(program.out, tmp_path / "moved")
    program.out = tmp_path / "moved"
    program.same(remote=["app.f"])


def test_many_starts_at_once_share_the_kept_code(build: Make) -> None:
    program = build("def f(x): return x\nprint(f(1))\n", select="app.f")
    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(lambda _: program.rewritten().stdout, range(4)))
    assert ended == ["1\n"] * 4


def test_a_build_starts_without_a_standard_stream(build: Make) -> None:
    program = build("def f(x):\n    print(x)\n    return x + 1\nprint(f(1))\n", select="app.f")
    here, there = (["sh", "-c", '"$@" >&-', "sh", *program.command(rewritten=rewritten)] for rewritten in (False, True))
    run = Run(env=program.options())
    assert differences(execute(here, program.root, run, program.cache), execute(there, program.root, run, program.cache)) == ""
    assert "app.f" in program.report["functions_remote"]
