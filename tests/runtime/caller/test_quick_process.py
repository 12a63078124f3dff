"""The short way and the process: where a call is made from, streams, signals, settings, workers that die."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.harness import Run, write_files

from .conftest import Build, both_ways

Make = Callable[..., Build]


def test_streams_and_what_is_shown(build: Make) -> None:
    program = build(
        """
        import builtins, io, os, sys
        def prints(x): print("printed", x); return x
        def flushes(): print(end="", flush=True)
        def here(x): return os.environ.get("HOME", "none") == "x", sys.argv[1:], x
        def everything():
            for n in range(3):
                prints(n)
                sys.stdout.write("a"); flushes(); sys.stderr.write("b\\n"); sys.stderr.flush()
                print(here(n))
        everything(); everything()
        sys.stdout.note = 1
        everything()
        del sys.stdout.note
        everything()
        kept, sys.argv = sys.argv, ["x", "y"]
        everything()
        sys.argv = kept
        kept, os.environ = os.environ, {"HOME": "x"}
        everything()
        os.environ = kept
        kept, builtins.divmod = divmod, lambda a, b: "patched"
        everything(); everything()
        builtins.divmod = kept
        everything()
        kept, sys.stdout = sys.stdout, None
        for n in range(4): prints(n); here(n)
        sys.stdout = io.StringIO()
        everything()
        text, sys.stdout = sys.stdout, kept
        print(len(text.getvalue()))
        everything()
        """,
        select="app.prints,app.flushes,app.here",
    )
    both_ways(program, Run(merged=True))


def test_where_a_call_is_made_from(build: Make) -> None:
    program = build(
        """
        import atexit, os, sys, threading
        items = [1]
        def look(x): return x + len(items)
        def deep(n, left): return deep(n - 1, left) if n else look(left)
        def generator():
            for n in range(3): yield look(n)
        class Told:
            def __del__(self): print("deleted", look(5))
        for n in range(4): print(look(n))
        for left in range(400, 40, -40): print(deep(sys.getrecursionlimit() - left, left))
        sys.setrecursionlimit(3000)
        for left in range(400, 40, -40): print(deep(sys.getrecursionlimit() - left, left))
        print(list(generator()), list(map(look, range(3))), sorted([3, 1, 2], key=look))
        told = Told()
        del told
        if not os.fork():
            items.append(2)
            print("child", look(1), look(2), look(3), flush=True)
            os._exit(0)
        os.wait()
        print(look(1))
        thread = threading.Thread(target=lambda: (items.append(9), print(look(1), look(2))))
        thread.start(); thread.join()
        print(look(1), look(2))
        atexit.register(lambda: print("at exit", look(1)))
        """,
        select="app.look",
    )
    both_ways(program)


def test_a_signal_handler_that_comes_later(build: Make) -> None:
    program = build(
        """
        import signal
        marks = []
        def waits(limit):
            n = 0
            while not marks and n < limit: n += 1
            return len(marks)
        for _ in range(5): print(waits(10))
        signal.signal(signal.SIGALRM, lambda *_: marks.append(1))
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        print(waits(1 << 40))
        """,
        select="app.waits",
    )
    both_ways(program)


def test_a_signal_handler_that_a_library_installs(build: Make, tmp_path: Path) -> None:
    """The program does not name `signal`; what the handler raises ends the call, and no other one is made instead."""
    library = """
        import signal
        def limit(seconds):
            def late(number, frame): raise TimeoutError("late")
            signal.signal(signal.SIGALRM, late)
            signal.setitimer(signal.ITIMER_REAL, seconds)
        def after(seconds, do):
            signal.signal(signal.SIGALRM, lambda number, frame: do())
            signal.setitimer(signal.ITIMER_REAL, seconds)
        """
    folder = write_files(tmp_path / "library", {"limiting.py": library})
    program = build(
        """
        import limiting
        def add(a, b): return a + b
        def spins(n):
            while n: n += 1
        for i in range(5): print(add(i, 1))
        limiting.limit(0.1)
        try: spins(1)
        except TimeoutError as e: print(repr(e))
        print(add(1, 2))
        marks = []
        def waits(most):
            n = 0
            while not marks and n < most: n += 1
            return len(marks)
        limiting.after(0.1, lambda: marks.append(1))
        print(waits(10**7))
        """
    )
    both_ways(program, Run(env={"PYTHONPATH": str(folder)}))


def test_a_worker_that_dies_between_and_in_calls(build: Make) -> None:
    """The program kills what it has started: each call is done again, and no answer is taken for another's."""
    program = build(
        """
        import os, signal, sys
        seen = []
        def pure(x): return x * 2
        def note(x): seen.append(x); return len(seen)
        def kill():
            mine = str(os.getpid())
            def parent(pid):
                try: return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1]
                except OSError: return ""
            pids = list(filter(str.isdigit, os.listdir("/proc")))
            for pid in [pid for pid in pids if parent(parent(pid)) == mine and pid != mine]: os.kill(int(pid), signal.SIGKILL)
        for n in range(12):
            print(pure(n), note(n), pure(-n))
            if n % 3 == 2 and "kill" in sys.argv: kill()
        print(seen)
        """,
        select="app.pure,app.note",
    )
    both_ways(program, Run(argv=["kill"]))


def test_warnings_of_what_no_name_tells(build: Make) -> None:
    """Filters that change between two calls, and code of which nothing says that the interpreter may warn of it."""
    program = build(
        r"""
        import warnings
        class Integer:
            __index__ = lambda self: True
        obj, equal, nothing = Integer(), (1).__eq__, NotImplemented
        def sent():
            try: yield 1
            except ValueError as e: yield str(e)
        def converts(x): return "abc"[obj] + "abc"[:obj] if x < 0 else x
        def escapes(x): return b"\\d".decode("unicode_escape") if x < 0 else x
        def compares(x): return 1 if x < 0 and equal("a") else x
        def negates(x): return 1 if x < 0 and nothing else x
        def takes(value, x): return 1 if value else x
        def throws(x):
            found = sent(); next(found)
            return found.throw(ValueError, "v") if x < 0 else x
        def adds(x): return x + 1
        def everything(x):
            out = []
            for f in converts, escapes, compares, negates, throws, adds, lambda x: takes(NotImplemented if x < 0 else True, x):
                try: out.append(f(x))
                except Warning as e: out.append(str(e)[:20])
            print(out)
        for x in range(4): everything(x)
        for _ in range(3): everything(-1)
        for action in "error", "always", "ignore":
            with warnings.catch_warnings(record=action == "always") as caught:
                warnings.simplefilter(action)
                for _ in range(3): everything(-1)
                everything(2)
            print([str(w.message)[:20] for w in caught or ()])
        for _ in range(3): everything(-1); everything(2)
        """,
        select="app.converts,app.escapes,app.compares,app.negates,app.takes,app.throws,app.adds",
    )
    both_ways(program)


def test_a_default_timeout_of_sockets(build: Make) -> None:
    """The program's is for its own sockets: not for the channels to workers that are forked after it was set."""
    program = build(
        """
        import socket, threading
        def counts(x):
            total = 0
            for i in range(x): total += i & 3
            return total
        def recurses(x): return recurses(x + 1)
        print(counts(3))
        socket.setdefaulttimeout(0.05)
        def work(found): found.append(counts(2_000_000))
        for _ in range(2):
            found = []
            threads = [threading.Thread(target=work, args=(found,)) for _ in range(3)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            print(found)
            try: recurses(0)
            except RecursionError: print("deep")
        """,
        select="app.counts,app.recurses",
    )
    both_ways(program)


def test_settings_that_a_worker_has_otherwise(build: Make) -> None:
    """What the program registers with codecs, and how the collector, the interpreter and sockets are set."""
    program = build(
        """
        import codecs, gc, socket, sys
        def encodes(x):
            try: return x.encode("ascii", "mine"), bytes(x, "ascii", "mine")
            except LookupError: return "unknown"
        def collects(x): return gc.isenabled(), gc.get_threshold()
        def switches(x): return sys.getswitchinterval()
        def waits(x): return socket.getdefaulttimeout()
        def adds(x): return x + 1
        def everything(): print([(encodes("\\u00e9"), collects(1), switches(1), waits(1), adds(1)) for _ in range(3)])
        everything()
        codecs.register_error("mine", lambda e: ("!", e.end)); everything()
        gc.disable(); gc.set_threshold(500, 10, 10); everything()
        sys.setswitchinterval(0.25); socket.setdefaulttimeout(3); everything()
        """,
        select="app.encodes,app.collects,app.switches,app.waits,app.adds",
    )
    both_ways(program)
