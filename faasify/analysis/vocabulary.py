"""The closed vocabulary of effects: what a function can do besides computing its result, and whether a call can carry it.

An effect's kind is one of `KINDS`. `rules/effects/*.pyi` uses the same words:

    def seed(a=None) -> Writes[hidden.random]: ...
    def system(command) -> Touches[subprocess]: ...

>>> KINDS["stdout"].fate, KINDS["files"].fate, KINDS["namespace"].fate
('carried', 'stays', 'guarded')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fate = Literal["carried", "guarded", "stays"]


@dataclass(frozen=True)
class Kind:
    """One kind of effect. `code` is the reason's code where the kind does not simply travel (see codes.py)."""

    name: str
    fate: Fate  # carried: goes and comes back with the call; guarded: the guard decides while it runs; stays: certain to be refused
    meaning: str
    code: str = ""


_ALL = (
    # carried with the call
    Kind("stdout", "carried", "writes to standard output"),
    Kind("stderr", "carried", "writes to standard error"),
    Kind("stdin", "carried", "reads standard input: asked for while it runs, and replayed"),
    Kind("clock", "carried", "reads a clock"),
    Kind("sleep", "carried", "waits"),
    Kind("entropy", "carried", "asks the system for random bytes"),
    Kind("exit", "carried", "ends the program by SystemExit"),
    Kind("hidden.random", "carried", "uses the state of the global random generator"),
    Kind("hidden.decimal", "carried", "uses the decimal context"),
    Kind("hidden.numpy", "carried", "uses numpy's settings of errors and printing"),
    Kind("hidden.argv", "carried", "uses sys.argv"),
    Kind("hidden.environ", "carried", "uses the process environment"),
    Kind("hidden.warnings", "carried", "reads the warning filters"),
    Kind("warnings", "carried", "warns, or changes the warning filters"),
    Kind("logging", "carried", "logs, or sets logging up"),
    # decided while it runs
    Kind("hidden.recursionlimit", "guarded", "reads the recursion limit or how deep the stack is", "HIDDEN_STATE"),
    Kind("hidden.locale", "guarded", "reads the locale", "HIDDEN_STATE"),
    Kind("hidden.cwd", "guarded", "reads the current working directory", "HIDDEN_STATE"),
    Kind("hidden.modules", "guarded", "reads the table of loaded modules or the module search path", "HIDDEN_STATE"),
    Kind("namespace", "guarded", "reaches names that analysis cannot see (eval, exec, globals(), vars())", "NAMESPACE"),
    Kind("library", "guarded", "sets an attribute of a library module or class", "LIBRARY_STATE"),
    Kind("locks", "guarded", "makes or uses a lock or a queue, whose value cannot travel", "LOCKS"),
    Kind("finalisers", "guarded", "makes weak references or finalisers, which depend on when objects die", "FINALISERS"),
    Kind("unknown", "guarded", "calls something that analysis cannot resolve", "UNRESOLVED_CALL"),
    Kind("undescribed", "guarded", "calls a library function that no effect stub describes", "UNDESCRIBED_CALL"),
    # certain to be refused by the guard, or out of its sight
    Kind("files", "stays", "touches the file system", "FILES"),
    Kind("network", "stays", "touches the network", "NETWORK"),
    Kind("subprocess", "stays", "starts another program", "SUBPROCESS"),
    Kind("processes", "stays", "forks, kills or asks about processes", "PROCESSES"),
    Kind("threads", "stays", "starts threads or uses their identity", "THREADS"),
    Kind("eventloop", "stays", "runs or drives an event loop", "EVENT_LOOP"),
    Kind("signals", "stays", "sets or sends signals", "SIGNALS"),
    Kind("introspection", "stays", "looks at frames, at source files, or traces the interpreter", "INTROSPECTION"),
    Kind("ctypes", "stays", "calls native code, which no guard sees into", "CTYPES"),
    Kind("imports", "stays", "imports a module of the program while it runs, or changes how imports work", "IMPORTS"),
    Kind("cwd", "stays", "changes the current working directory", "CWD"),
    Kind("locale", "stays", "changes the locale", "LOCALE"),
    Kind("settings", "stays", "changes a setting of the interpreter", "SETTINGS"),
    Kind("descriptors", "stays", "uses file descriptors by number", "DESCRIPTORS"),
    Kind("comment", "stays", "runs what a comment keeps here", "COMMENT"),
    Kind("terminal", "stays", "drives the terminal or a window", "TERMINAL"),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}

TERMS: dict[str, str] = {
    "Pure": "no effect",
    "Reads[kind]": "depends on that state",
    "Writes[kind]": "changes that state, or writes to that stream",
    "Touches[kind]": "has that effect",
    "WritesTo[file, stdout]": "writes to the stream given as parameter `file`; without one, to stdout",
    "Given[filename, files]": "has that effect where parameter `filename` is given",
    "Mutates[x]": "changes parameter `x` (or `self`) in place; `Mutates[x, overwrite]` where parameter `overwrite` is given",
    "Calls[f]": "calls parameter `f`; `Calls[f(xs)]` with elements of `xs`, or with an instance of a class of the stub; "
    "`Calls[f(*args, **kwargs)]` with these arguments, `Calls[f(*each(xss))]` with an element of each, "
    "`Calls[f(deep(x))]` with what `x` holds at any depth, `Calls[f(itself(x))]` with `x`; "
    "`Calls[x.__len__]` a method of `x`, `Calls[each(xs).close]` of its elements; "
    "in a method, `Calls[self]` calls what was put in by Holds. "
    "Without Returns or Gives, the result is that of the call",
    "Holds[x]": "the receiver keeps `x` as an element; `Holds[each(x)]` the elements of `x`; `Holds[f(xs)]` what calling `f` gives, "
    "`Holds[f()]` without arguments",
    "Yields[x]": "the result has the elements of `x` (of `self`: its values); `Yields[f()]` what calling `f` gives",
    "Returns[T]": "the result is a T: a class of this stub or of builtins, `module.Class`, a parameter (its very value), `self`, "
    "`decorator` (gives back the function that it is applied to); `Returns[list[str]]` says what it holds",
    "Gives[x]": "the result is an element of parameter `x` (or of `self`)",
    "Views[x]": "the result, whose type Returns names, shares memory with parameter `x` (or `self`): who changes it changes `x`; "
    "`Views[x, copy]` where parameter `copy` is given",
    "Unknown": "anything may happen",
}
