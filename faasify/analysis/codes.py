"""The stable codes of verdict reasons: what `faasify explain CODE` says.

>>> CODES["FILES"].verdict
'stays'
>>> print(explain("CLOCK_AND_STDIN").splitlines()[0])
CLOCK_AND_STDIN (stays): reads a clock or entropy as well as standard input
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

from faasify.errors import UsageError


@dataclass(frozen=True)
class Code:
    """One reason: its title, what was found, why it decides the verdict, a program with it, and what one can do."""

    code: str
    verdict: Literal["guarded", "stays"]
    title: str
    what: str
    why: str
    example: str
    travel: str


_REPLAY = "A call to a unit may be retried, hedged or run again with more state; this effect would then happen twice, or in another place."
_ALLOW = "Move the effect to the caller and pass in what it gives, or allow it by name: --allow {}. The call is then made at most once."


def _effect(code: str, kind: str, title: str, what: str, example: str, travel: str = "") -> Code:
    return Code(code, "stays", title, what, _REPLAY, example, travel or _ALLOW.format(kind))


_ALL = (
    # stays: an effect
    _effect(
        "FILES", "files", "touches the file system", "It opens, lists, makes or asks about a file.", "def f(p):\n    return open(p).read()"
    ),
    _effect(
        "NETWORK", "network", "touches the network", "It opens a socket or fetches an address.", "def f(u):\n    return urlopen(u).read()"
    ),
    _effect("SUBPROCESS", "subprocess", "starts another program", "It starts a subprocess.", "def f():\n    subprocess.run(['ls'])"),
    _effect(
        "PROCESSES", "processes", "works with processes", "It forks, kills, or asks for a process id.", "def f():\n    return os.getpid()"
    ),
    _effect(
        "THREADS", "threads", "starts threads", "It starts threads, or uses their identity.", "def f(g):\n    Thread(target=g).start()"
    ),
    _effect(
        "EVENT_LOOP", "eventloop", "drives an event loop", "It runs an event loop or puts tasks on it.", "def f():\n    asyncio.run(main())"
    ),
    _effect(
        "SIGNALS",
        "signals",
        "sets or sends signals",
        "Signals belong to the process that runs the program.",
        "def f():\n    signal.alarm(5)",
    ),
    _effect(
        "INTROSPECTION",
        "introspection",
        "looks at frames or source",
        "It looks at stack frames or source files, or traces the interpreter.",
        "def f():\n    return sys._getframe(1).f_locals",
        "Pass in what it looks up in its caller's frame.",
    ),
    _effect("CTYPES", "ctypes", "calls native code", "What native code does, no guard sees.", "def f():\n    ctypes.CDLL(None).puts(b'x')"),
    _effect(
        "IMPORTS",
        "imports",
        "imports a module of the program",
        "The import may run that module's top level, which belongs to the program's own process.",
        "def f():\n    import helpers\n    return helpers.g()",
        "Move the import to the top of the module.",
    ),
    _effect(
        "LOGGING",
        "logging",
        "logs",
        "Records go through the program's own handlers.",
        "def f():\n    logging.info('x')",
        "Log in the caller.",
    ),
    _effect(
        "WARNINGS",
        "warnings",
        "warns",
        "Warnings go through the program's own filters.",
        "def f():\n    warnings.warn('x')",
        "Warn in the caller.",
    ),
    _effect("CWD", "cwd", "changes the working directory", "The directory belongs to the process.", "def f(p):\n    os.chdir(p)"),
    _effect("LOCALE", "locale", "changes the locale", "The locale belongs to the process.", "def f():\n    locale.setlocale(LC_ALL, '')"),
    _effect(
        "SETTINGS", "settings", "changes the interpreter", "It sets hooks, limits or the like.", "def f():\n    sys.setrecursionlimit(9999)"
    ),
    _effect(
        "DESCRIPTORS",
        "descriptors",
        "uses file descriptors",
        "A number means another file in another process.",
        "def f():\n    os.write(1, b'x')",
    ),
    _effect("TERMINAL", "terminal", "drives the terminal or a window", "The terminal is the caller's.", "def f():\n    curses.initscr()"),
    # stays: what the function is
    Code(
        "GENERATOR",
        "stays",
        "is a generator function",
        "Its body contains yield.",
        "A generator's frame cannot travel. Calling it inside a function that travels is fine.",
        "def f():\n    yield 1",
        "Consume it in a function that travels: def g(): return list(f())",
    ),
    Code(
        "ASYNC",
        "stays",
        "is a coroutine function",
        "It is defined by async def.",
        "It awaits on the caller's event loop, where other tasks run in between.",
        "async def f():\n    await g()",
        "Put the computation into a plain function that it calls.",
    ),
    Code(
        "SPECIAL_METHOD",
        "stays",
        "is called by the interpreter itself",
        "A method such as __del__, __hash__, __getattr__, __init_subclass__ or __reduce__.",
        "The interpreter calls it at moments that belong to the object's own process: when it dies, is looked up, hashed or copied.",
        "class C:\n    def __del__(self): ...",
        "Let it call a plain function that travels.",
    ),
    Code(
        "METACLASS",
        "stays",
        "is a metaclass's method",
        "Its class inherits from type.",
        "It runs while classes are made or looked up in the program's own process.",
        "class Meta(type):\n    def __call__(cls): ...",
        "Let it call a plain function that travels.",
    ),
    Code(
        "COMMENT",
        "stays",
        "a comment keeps it here",
        "`# faasify: local` stands on its def line or on the line above.",
        "You asked for it.",
        "def f():  # faasify: local\n    ...",
        "Remove the comment.",
    ),
    Code(
        "CLOCK_AND_STDIN",
        "stays",
        "reads a clock or entropy as well as standard input",
        "Both happen in it or in what it calls.",
        "A line of input is had by running the call again, and the clock would then tell another time.",
        "def f():\n    t = time.time()\n    return input(), t",
        "Read the input in the caller and pass it in.",
    ),
    # guarded
    Code(
        "UNRESOLVED_CALL",
        "guarded",
        "calls something that is not known before it runs",
        "A parameter, an attribute of an object of unknown type, or a value from a table.",
        "It may do anything; while it runs, the guard stops what cannot be carried before it happens, and the call runs here.",
        "def f(g, x):\n    return g(x)",
        "It travels. An annotation (g: Shape) lets the analysis see more.",
    ),
    Code(
        "UNDESCRIBED_CALL",
        "guarded",
        "calls a library function that nothing describes",
        "No file rules/effects/<module>.pyi has it.",
        "It may do anything that the guard would have to stop.",
        "def f(x):\n    return somelibrary.g(x)",
        "It travels. Describe it in a stub of your own: [tool.faasify] rules = ['my_rules'].",
    ),
    Code(
        "UNCERTAIN_EFFECT",
        "guarded",
        "may do what cannot be carried",
        "One of several functions that a line may call has such an effect, or a value may be of another type.",
        "It is sent; should the effect come, the guard stops it first and the call runs here.",
        "def f(shape, p):\n    shape.save(p)    # one of the shapes writes a file",
        "It travels until the effect comes.",
    ),
    Code(
        "NAMESPACE",
        "guarded",
        "reaches names that analysis cannot see",
        "eval, exec, globals(), locals() or vars().",
        "Any global may be read or written; it is sent all of its module's.",
        "def f(name):\n    return globals()[name]",
        "It travels. Naming what it needs makes its calls cheaper.",
    ),
    Code(
        "LIBRARY_STATE",
        "guarded",
        "changes a library's state",
        "It assigns to an attribute of a library module or class.",
        "What is in no registry of hidden state cannot be carried back.",
        "def f(s):\n    sys.stdout = s",
        "It travels where the attribute is one that faasify knows.",
    ),
    Code(
        "HIDDEN_STATE",
        "guarded",
        "depends on hidden state",
        "The recursion limit, warning filters, the locale, the working directory, the table of modules.",
        "It is sent along as far as it is known, and compared.",
        "def f():\n    return os.getcwd()",
        "It travels.",
    ),
    Code(
        "LOCKS",
        "guarded",
        "uses locks or queues",
        "A lock's value belongs to its process.",
        "A lock that is made and used inside the call is fine; one that comes from outside makes the call run here.",
        "def f(x):\n    with lock:\n        return x",
        "It travels where the lock is its own.",
    ),
    Code(
        "FINALISERS",
        "guarded",
        "uses weak references or finalisers",
        "weakref, or gc.",
        "When objects die differs between two processes.",
        "def f(x):\n    return weakref.ref(x)",
        "It travels where nothing depends on it.",
    ),
)

CODES: dict[str, Code] = {code.code: code for code in _ALL}


def explain(code: str) -> str:
    """The text of `faasify explain CODE`. Raises UsageError that names the nearest code."""
    found = CODES.get(code.upper())
    if found is None:
        close = difflib.get_close_matches(code.upper(), CODES, n=1)
        raise UsageError(
            f"there is no verdict code {code}", hint=f"did you mean {close[0]}?" if close else f"choose from {', '.join(CODES)}"
        )
    example = "\n".join(f"    {line}" for line in found.example.splitlines())
    return (
        f"{found.code} ({found.verdict}): {found.title}\n\n{found.what} {found.why}\n\nExample:\n\n{example}\n\n"
        f"How to make it travel: {found.travel}\n"
    )
