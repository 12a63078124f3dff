"""DECISIONS G1, G2: every operation that CPython announces to audit hooks, and every effect that it does not, by a name that is computed.

One program does them all, each in a function of its own, once as they are and once with all exceptions swallowed around them.
"""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.harness import Outcome, Run, execute, original_command, rewritten_command, write_files


@dataclass(frozen=True)
class Row:
    """`call` uses `function` as `it`; `after` shows in the main program what was done, and undoes it."""

    function: str
    call: str
    after: str = "None"
    there: bool = False  # carried: it runs on the target


ROWS = {
    # announced
    "open": Row("open", "it('new', 'w').write('x')", "open('new').read(), os.remove('new')"),
    "os_open": Row("os.open", "it('new', os.O_CREAT | os.O_WRONLY)", "os.path.exists('new'), os.remove('new')"),
    "mkdir": Row("os.mkdir", "it('made')", "os.path.isdir('made'), os.rmdir('made')"),
    "rename": Row("os.rename", "it('old', 'new')", "os.path.exists('old'), os.rename('new', 'old')"),
    "listdir": Row("os.listdir", "sorted(it('.'))[:2]"),
    "chdir": Row("os.chdir", "it('..')", "os.path.exists('old'), os.chdir(folder)"),
    "environ": Row("os.environ.__setitem__", "it('NEW', '1')", "os.environ.pop('NEW'), os.system('exit ${NEW:-0}')", there=True),
    "putenv": Row("os.putenv", "it('NEW', '3')", "os.system('exit $NEW') >> 8, os.unsetenv('NEW')"),
    "kill": Row("os.kill", "it(os.getpid(), signal.SIGURG)"),
    "fork": Row("os.fork", "it() > 0 or os._exit(0)", "os.wait()[1]"),
    "subprocess": Row("subprocess.run", "it(['sh', '-c', 'echo $((1 + 1))'], capture_output=True).stdout"),
    "socket": Row("socket.socket", "it().close()"),
    "sqlite": Row("sqlite3.connect", "it(':memory:').execute('select 1').fetchall()"),
    "ctypes": Row("ctypes.CDLL", "it(None).abs(-3)"),
    # by a computed name: of a program that names it, all functions stay (TRACED)
    "tracing": Row('sys.settr" "ace', "it(trace)", "sys.gettrace() is trace, getattr(sys, 'settr' 'ace')(None)"),
    "getframe": Row("sys._getframe", "it(1).f_code.co_name"),
    "input": Row("input", "it('? ')", there=True),
    "id": Row("id", "it(folder) == it(folder)"),
    "import": Row("importlib.import_module", "it('beside').x", "sys.modules['beside'].x"),
    # announced by some versions only
    "thread": Row("_thread.start_new_thread", "it(handled.append, ('thread',)) > 0", "time.sleep(0.1), handled[-1]"),
    "sleep": Row("time.sleep", "it(0)", there=True),
    # not announced
    "signal": Row(
        "signal.signal",
        "it(signal.SIGUSR2, note)",
        "os.kill(os.getpid(), signal.SIGUSR2), handled[-1], signal.signal(signal.SIGUSR2, signal.SIG_DFL) is note",
    ),
    "alarm": Row("signal.alarm", "it(100)", "signal.alarm(0)"),
    "setitimer": Row("signal.setitimer", "it(0, 100)", "signal.setitimer(0, 0)[0] > 1"),
    "sigmask": Row("signal.pthread_sigmask", "it(signal.SIG_BLOCK, [30])", "signal.pthread_sigmask(signal.SIG_UNBLOCK, [30])"),
    "raise_signal": Row("signal.raise_signal", "it(signal.SIGURG)"),
    "atexit": Row("atexit.register", "it(print, 'at exit') is print"),
    "excepthook": Row("setattr", "it(sys, 'excepthook', note)", "sys.excepthook is note, setattr(sys, 'excepthook', sys.__excepthook__)"),
    # by a computed name: of a program that names it, functions that may ask for it stay
    "recursion": Row("sys.setrecursionlimit", "it(5000)", "getattr(sys, 'getrecursion' 'limit')(), sys.setrecursionlimit(1000)"),
    "locale": Row(
        "locale.setlocale", "it(locale.LC_CTYPE, 'C')", "locale.setlocale(locale.LC_CTYPE), locale.setlocale(locale.LC_CTYPE, 'C.UTF-8')"
    ),
    "gc": Row("gc.disable", "it()", "gc.isenabled(), gc.enable()"),
    "write": Row("os.write", "it(1, b'written\\n')"),
    "pwrite": Row("os.pwrite", "it(kept, b'ab', 1)", "open('kept', 'rb').read()"),
    "sendfile": Row("os.sendfile", "it(kept, old, 0, 2)", "open('kept', 'rb').read()"),
    "dup2": Row("os.dup2", "it(kept, 77)", "os.write(77, b'!'), os.close(77), open('kept', 'rb').read()"),
    "stat": Row("os.stat", "it('old').st_size"),
    "exists": Row("os.path.exists", "it('old'), it('nowhere')"),
    "getcwd": Row("os.getcwd", "os.path.basename(it()) == os.path.basename(folder)", there=True),
    "getpid": Row("os.getpid", "it() > 1", there=True),
    "umask": Row("os.umask", "it(0o77)", "oct(os.umask(0o22))"),
    "pipe": Row("os.pipe", "len(it())"),
    "mkfifo": Row("os.mkfifo", "it('fifo')", "os.path.exists('fifo'), os.remove('fifo')"),
    "mknod": Row("os.mknod", "it('node')", "os.path.exists('node'), os.remove('node')"),
    "setpriority": Row("os.setpriority", "it(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0))"),
}

HEAD = """
import _thread, atexit, ctypes, gc, importlib, locale, os, signal, socket, sqlite3, subprocess, sys, time
handled, folder = [], os.getcwd()
open("old", "w").write("old data")
kept, old = os.open("kept", os.O_CREAT | os.O_RDWR), os.open("old", os.O_RDONLY)
def note(*args): handled.append(len(args))
def trace(frame, event, arg): return None
sys.setrecursionlimit(1000)
"""
PLAIN = """
def do_{name}(which):
    it = eval(which)
    return {call}
print("{name}:", do_{name}("{function}"), ({after}), flush=True)
"""
SWALLOWED = """
def do_{name}(which):
    found = None
    try:
        it = eval(which)
        found = {call}
    except BaseException as e:
        found = "swallowed", repr(e)
    finally:
        return found
print("{name}:", do_{name}("{function}"), ({after}), flush=True)
"""


@dataclass(frozen=True)
class Done:
    original: Outcome
    rewritten: Outcome
    remote: frozenset[str]

    def shown(self, name: str) -> tuple[str, str]:
        """What both forms printed for a row."""
        found = [re.search(rf"^.*\b{name}: .*$", form.stdout, re.MULTILINE) for form in (self.original, self.rewritten)]
        assert found[0] and found[1], (name, self.original.stderr, self.rewritten.stdout, self.rewritten.stderr)
        return found[0][0], found[1][0]


@pytest.fixture(scope="module", params=[PLAIN, SWALLOWED], ids=["", "swallowed"])
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Done:
    rows = [request.param.format(name=name, function=row.function, call=row.call, after=row.after) for name, row in ROWS.items()]
    files = {"app.py": HEAD + "".join(rows), "beside.py": "x = 5\n"}
    folder = tmp_path_factory.mktemp("rows")
    roots = [write_files(folder / name, files) for name in ("original", "remotely")]
    run = Run(stdin="typed\n")
    select = ",".join(f"app.do_{name}" for name in ROWS)
    commands = [original_command(run), rewritten_command(run, select, folder / "report.json")]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda command, root: execute(command, root, run, cache), commands, roots))
    return Done(*outcomes, frozenset(json.loads((folder / "report.json").read_text())["functions_remote"]))


@pytest.mark.parametrize("name", ROWS)
def test_g2_every_effect_happens_here_or_is_carried(done: Done, name: str) -> None:
    original, rewritten = done.shown(name)
    assert rewritten == original
    assert (f"app.do_{name}" in done.remote) is ROWS[name].there


def test_g2_all_of_it_ends_the_same(done: Done) -> None:
    assert (done.rewritten.stdout, done.rewritten.error, done.rewritten.exit) == (done.original.stdout, done.original.error, 0)
    assert "at exit" in done.original.stdout
