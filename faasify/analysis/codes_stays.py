"""Reasons to stay: effects that no call can carry."""

from __future__ import annotations

from faasify.analysis.code import Code, Sample, sample

_REPLAY = "A call to a unit may be retried, hedged or run again with more state; this effect would then happen twice, or in another place."


def _effect(code: str, title: str, what: str, travel: str, example: Sample, mended: Sample, why: str = _REPLAY) -> Code:
    return Code(code, "stays", title, what, why, travel, example, mended)


EFFECTS = (
    _effect(
        "FILES",
        "touches the file system",
        "It opens, lists, makes or asks about a file.",
        "Read or write in the caller and pass the contents, or allow it: --allow files. The call is then made at most once.",
        sample("""
            def f(path):
                return len(open(path).read().split())

            print(f("words.txt"))
        """),
        sample("""
            def f(text):
                return len(text.split())

            print(f(open("words.txt").read()))
        """),
    ),
    _effect(
        "NETWORK",
        "touches the network",
        "It opens a socket or fetches an address.",
        "Fetch in the caller and pass in what came, or allow it: --allow network. The call is then made at most once.",
        sample("""
            from urllib.request import urlopen

            def f(address):
                return len(urlopen(address).read())
        """),
        sample("""
            from urllib.request import urlopen

            def f(page: bytes):
                return len(page)

            def main(address):
                print(f(urlopen(address).read()))
        """),
    ),
    _effect(
        "SUBPROCESS",
        "starts another program",
        "It starts a subprocess.",
        "Start it in the caller and pass its output, or allow it: --allow subprocess. The call is then made at most once.",
        sample("""
            import subprocess

            def f():
                subprocess.run(["ls"])
        """),
        sample("""
            import subprocess

            def f(listing: str):
                return len(listing)

            def main():
                print(f(subprocess.getoutput("ls")))
        """),
    ),
    _effect(
        "PROCESSES",
        "works with processes",
        "It forks, kills, or asks for a process id.",
        "Ask in the caller and pass the number in.",
        sample("""
            import os

            def f():
                return os.getpid() % 10
        """),
        sample("""
            import os

            def f(pid):
                return pid % 10

            print(f(os.getpid()))
        """),
    ),
    _effect(
        "THREADS",
        "starts threads",
        "It starts threads, or uses their identity.",
        "Start the threads in the caller; what they call can travel.",
        sample("""
            import threading

            def f():
                threading.Thread(target=print).start()
        """),
        sample("""
            import threading

            def f():
                print("in a thread of the caller")

            threading.Thread(target=f).start()
        """),
    ),
    _effect(
        "EVENT_LOOP",
        "drives an event loop",
        "It runs an event loop or puts tasks on it.",
        "Put the computation into a plain function that the coroutine calls.",
        sample("""
            import asyncio

            def f():
                asyncio.run(asyncio.sleep(1))
        """),
        sample("""
            import asyncio

            def f(x):
                return x + 1

            async def main():
                await asyncio.sleep(1)
                print(f(1))

            asyncio.run(main())
        """),
    ),
    _effect(
        "SIGNALS",
        "sets or sends signals",
        "It installs a handler, sends a signal or sets an alarm.",
        "Do it in the caller, around the call.",
        sample("""
            import signal

            def f():
                signal.alarm(5)
                return 1
        """),
        sample("""
            import signal

            def f():
                return 1

            signal.alarm(5)
            f()
        """),
        "Signals belong to the process that runs the program.",
    ),
    _effect(
        "INTROSPECTION",
        "looks at frames or source",
        "It looks at stack frames or source files, or traces the interpreter.",
        "Pass in what it looks up in its caller's frame.",
        sample("""
            import sys

            def f():
                return sys._getframe(1).f_lineno
        """),
        sample("""
            def f(line):
                return line
        """),
        "The frames of its callers are in the program's own process.",
    ),
    _effect(
        "CTYPES",
        "calls native code",
        "It loads or calls a native library through ctypes.",
        "Call it in the caller, and pass in what it gives.",
        sample("""
            import ctypes

            def f():
                ctypes.CDLL(None)
        """),
        sample("""
            def f(number):
                return number + 1
        """),
        "What native code does, no guard sees.",
    ),
    _effect(
        "IMPORTS",
        "imports a module of the program",
        "It imports one of the program's own modules while it runs.",
        "Move the import to the top of the module.",
        sample(
            """
            def f():
                import helpers
                return helpers.PRICE
            """,
            helpers="PRICE = 3\n",
        ),
        sample(
            """
            import helpers

            def f():
                return helpers.PRICE
            """,
            helpers="PRICE = 3\n",
        ),
        "The import may run that module's top level, which belongs to the program's own process.",
    ),
    _effect(
        "CWD",
        "changes the working directory",
        "It calls os.chdir or the like.",
        "Change it in the caller, or pass whole paths.",
        sample("""
            import os

            def f(folder):
                os.chdir(folder)
        """),
        sample("""
            import os.path

            def f(folder):
                return os.path.join(folder, "words.txt")
        """),
        "The directory belongs to the process.",
    ),
    _effect(
        "LOCALE",
        "changes the locale",
        "It calls locale.setlocale or the like.",
        "Set it once, in the caller, when the program starts.",
        sample("""
            import locale

            def f(name):
                locale.setlocale(locale.LC_ALL, name)
        """),
        sample("""
            import locale

            def f(name):
                return name.upper()

            locale.setlocale(locale.LC_ALL, f("c"))
        """),
        "The locale belongs to the process.",
    ),
    _effect(
        "SETTINGS",
        "changes the interpreter",
        "It sets hooks, limits or the like.",
        "Set it once, in the caller, when the program starts.",
        sample("""
            import sys

            def f(n):
                sys.setrecursionlimit(n)
        """),
        sample("""
            import sys

            def f(n):
                return n if n < 2 else n * f(n - 1)

            sys.setrecursionlimit(9999)
            f(500)
        """),
        "A setting holds for the whole process.",
    ),
    _effect(
        "DESCRIPTORS",
        "uses file descriptors",
        "It reads, writes or closes a file by its number.",
        "Use print and input, which travel, or do it in the caller.",
        sample("""
            import os

            def f():
                os.write(1, b"x")
        """),
        sample("""
            def f():
                print("x", end="")
        """),
        "A number means another file in another process.",
    ),
    _effect(
        "TERMINAL",
        "drives the terminal or a window",
        "It uses curses, tkinter, turtle or getpass.",
        "Compute in one function, draw in another.",
        sample("""
            import getpass

            def f():
                return len(getpass.getpass())
        """),
        sample("""
            import getpass

            def f(password: str):
                return len(password)

            def main():
                print(f(getpass.getpass()))
        """),
        "The terminal is the caller's.",
    ),
)
