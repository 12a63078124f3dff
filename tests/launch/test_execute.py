"""`faasify run`, from where a shell can start it: what the program meets is what `python` would have given it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

CLOSED_STREAMS = """
    import sys, logging
    out = open("out.txt", "w")
    def prints(n):
        print("p", n)
        return n
    def asks(n):
        return input("say ")
    def reports(n):
        print("to stdout")
        sys.stderr.write(f"e {n}")
        return n
    def logs(n):
        logging.warning("w %d", n)
        return n
    def names(n):
        return repr(sys.stdout), repr(sys.__stdout__), repr(sys.__stderr__), sys.stdin is None
    def swaps(n):
        old, sys.stdout = sys.stdout, sys.stderr
        print("to stderr", file=sys.stdout)
        sys.stdout = old
        return n
    def takes(stream):
        return stream is None
    for argument in (1, 2, sys.stderr):
        for call in (prints, asks, reports, logs, names, swaps, takes):
            try:
                print(call.__name__, call(argument), file=out)
            except Exception as error:
                print(call.__name__, repr(error), file=out)
    """


def run_from(shell: str, folder: Path, cache: Path, *command: str | Path) -> tuple[int, str, str]:
    """What `command` says when a shell starts it: `shell` has $@ for it."""
    words = ["sh", "-c", shell, "sh", *command]
    environ = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(words, cwd=folder, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


FAASIFY = [sys.executable, "-m", "faasify", "run", "--select", "all", "--placement", "remote", "--report", "report.json"]


def test_a_stream_that_was_closed_at_the_start_is_none_everywhere(tmp_path: Path, cache_home: Path) -> None:
    (tmp_path / "app.py").write_text(textwrap.dedent(CLOSED_STREAMS))
    for closed in (">&-", "2>&-", "<&- >&- 2>&-"):
        said, written = [], []
        for command in ([sys.executable], FAASIFY):
            said.append(run_from(f'"$@" {closed}', tmp_path, cache_home, *command, "app.py"))
            written.append((tmp_path / "out.txt").read_text())
        assert said[0] == said[1], closed
        assert written[0] == written[1], closed
    remote = json.loads((tmp_path / "report.json").read_text())["functions_remote"]
    assert {"app.prints", "app.asks"} <= set(remote)  # what an AttributeError might have meant is looked for here by some versions


IN_A_FOLDER_THAT_IS_NO_MORE = """
    import os, sys
    def there(n):
        return n + 1
    def where(_):
        return os.getcwd()
    print(there(1), sys.argv, __file__)
    for folder in ("", "new", "new"):
        if folder:
            os.mkdir("/".join((os.path.dirname(__file__), folder)))
            os.chdir(os.path.join(os.path.dirname(__file__), folder))
            print(there(1), where(1))
            os.rmdir(os.getcwd())
        for _ in range(2):
            try:
                print(where(1))
            except OSError as error:
                print(repr(error), os.path.exists("."))
    """


def test_a_program_runs_in_a_folder_that_was_deleted(tmp_path: Path, cache_home: Path) -> None:
    (tmp_path / "app.py").write_text(textwrap.dedent(IN_A_FOLDER_THAT_IS_NO_MORE))
    report = str(tmp_path / "report.json")
    commands = [[sys.executable], [*FAASIFY[:-1], report]]
    shell = 'mkdir gone; cd gone; rmdir ../gone; "$@"'
    here, there, again = (run_from(shell, tmp_path, cache_home, *c, tmp_path / "app.py") for c in (*commands, commands[1]))
    assert (here[0], here[2]) == (0, "")
    assert here == there == again
    assert set(json.loads(Path(report).read_text())["functions_remote"]) == {"app.there", "app.where"}


@pytest.mark.parametrize("words", [["app.py"], ["-m", "app"], ["--report", "r.json", "/app.py"], ["--python", "python", "/app.py"]])
def test_what_is_relative_to_a_deleted_folder_is_refused_in_one_line(tmp_path: Path, cache_home: Path, words: list[str]) -> None:
    command = [sys.executable, "-P", "-m", "faasify", "run", *words]
    said = run_from('mkdir gone; cd gone; rmdir ../gone; "$@"', tmp_path, cache_home, *command)
    assert said == (2, "", "faasify: the current folder was deleted; go to one that exists, or give absolute paths\n")


TAKES_SIGNALS = """
    import os, signal, sys, time
    def there(n):
        return n + 1
    taken = []
    def take(number, frame):
        taken.append(number)
    HANDLED = [getattr(signal, f"SIG{name}") for name in sys.argv[1:]]
    for number in HANDLED:
        signal.signal(number, take)
    print(os.getpid(), there(1), signal.pthread_sigmask(signal.SIG_BLOCK, ()), open(9).read(), flush=True)
    while len(taken) < len(HANDLED):
        time.sleep(0.01)
    print(sorted(taken) == sorted(HANDLED), flush=True)
    signal.pause()
    """

HANDLED = ("USR1", "ALRM", "TERM", "HUP", "INT", "QUIT", "RTMIN", "WINCH")


def test_without_a_cache_every_signal_reaches_the_program_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(textwrap.dedent(TAKES_SIGNALS))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "inherited").write_text("inherited")
    (tmp_path / "cache").write_text("a file where the cache would be")
    environ = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = ["sh", "-c", 'exec "$@" 9<inherited', "sh", sys.executable, "-m", "faasify", "run", "app.py", *HANDLED]
    run = subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert run.stdout is not None
    pid, *said = run.stdout.readline().split()
    assert said == ["2", "set()", "inherited"] and int(pid) != run.pid
    for name in HANDLED:
        os.kill(run.pid, getattr(signal, f"SIG{name}"))
    assert run.stdout.readline() == "True\n"
    os.kill(int(pid), signal.SIGSTOP)
    assert os.WIFSTOPPED(os.waitpid(run.pid, os.WUNTRACED)[1])
    os.kill(run.pid, signal.SIGCONT)
    os.kill(run.pid, signal.SIGUSR2)  # it has no handler for it
    assert run.wait(20) == -signal.SIGUSR2
    assert not os.path.exists(f"/proc/{pid}")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_without_a_cache_nothing_is_left_of_what_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def there(n):\n    return n\nprint(there(1))\n")
    (tmp_path / "tmp").mkdir()
    (tmp_path / "cache").write_text("a file where the cache would be")
    environ = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "faasify", "run", "--limit", "app.nothing:memory=64", "app.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert list((tmp_path / "tmp").iterdir()) == []
