"""Runs a program and writes down which of a folder's functions were entered, and from where: `recorder.py OUT FOLDER [-m] PROGRAM ARGS...`.

    def f(): return [g(x) for x in (1, 2)]           {"calls": [{"caller": ["app.py", 1, "f"], "callee": ["app.py", 2, "g"],
    def g(x): return x                                           "line": 1, "kind": "call"}], "entered": [["app.py", 1, "f"], ...]}

A code object is named by its file below FOLDER, its first line (a decorator's, where there is one) and its qualname. The caller is the
nearest Python frame: `map(g, xs)` in `f` is a call of `g` by `f`. What the interpreter compiled from a string has no file and is left out.
A generator is entered when it is first resumed, which is what can be observed; whoever resumes it need not have called it. The kinds:

    call       a call that stands in the source, or one that a C function makes of what it was given (`sorted(key=g)`, `map`)
    generator  a generator or coroutine is started by code that names it: `for x in gen()`
    resumed    the same by code that does not: it was handed over, and somebody else called it (or it is called by another name)
    operator   the caller's own syntax asks for it: `a + b`, `with a`, `for x in a`, `a[k]`, a property
    implicit   a special method that the interpreter or a C function calls for its own purposes: `__eq__` in a dict's lookup,
               `__len__` by `len`, `__str__` by `print`

Nothing but the standard library, so that it runs in any environment.
"""

from __future__ import annotations

import dis
import functools
import json
import os
import runpy
import sys
import threading
from types import CodeType, FrameType
from typing import Any

RESUMABLE = 0x20 | 0x80 | 0x200  # CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR
OPTIMIZED = 0x1  # CO_OPTIMIZED: a function's body; without it a module's or a class's
SOURCE_CALLS = frozenset(["__init__", "__new__", "__call__"])  # what calling a class or an instance means
Key = tuple[str, int, str]


class Recorder:
    """The profile function and what it has seen; a pair of positions is looked at once."""

    def __init__(self, folder: str) -> None:
        self.folder = os.path.realpath(folder) + os.sep
        self.seen: set[tuple[int, int, int, int]] = set()
        self.alive: list[CodeType] = []  # what `seen` names by id must not be collected
        self.edges: dict[tuple[Key, Key, str], int] = {}
        self.entered: dict[Key, None] = {}
        self.path = functools.cache(self.path)  # type: ignore[method-assign]

    def path(self, filename: str) -> str | None:
        """The file below the folder, None outside it and for what no file holds."""
        if filename.startswith("<"):
            return None
        real = os.path.realpath(filename)
        return real.removeprefix(self.folder).replace(os.sep, "/") if real.startswith(self.folder) else None

    def key(self, code: CodeType) -> Key | None:
        path = self.path(code.co_filename)
        return None if path is None else (path, code.co_firstlineno, code.co_qualname)

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        if event != "call":
            return
        back, code = frame.f_back, frame.f_code
        position = (id(back.f_code) if back else 0, back.f_lasti if back else 0, id(code), frame.f_lasti)
        if position in self.seen:
            return
        self.seen.add(position)
        self.alive.append(code)
        if back is not None:
            self.alive.append(back.f_code)
        if not code.co_flags & OPTIMIZED or (code.co_flags & RESUMABLE and not is_start(code, frame.f_lasti)):
            return
        callee = self.key(code)
        if callee is None:
            return
        self.entered[callee] = None
        caller = self.key(back.f_code) if back is not None else None
        if back is not None and caller is not None:
            self.edges.setdefault((caller, callee, kind_of(back.f_code, back.f_lasti, code)), back.f_lineno)

    def result(self) -> dict[str, Any]:
        calls = [{"caller": c, "callee": d, "line": line, "kind": kind} for (c, d, kind), line in self.edges.items()]
        return {"calls": calls, "entered": list(self.entered)}


@functools.cache
def opcodes(code: CodeType) -> bytes:
    return code.co_code


def is_start(code: CodeType, at: int) -> bool:
    """Whether a generator's frame that is entered at `at` has not run before: RESUME says 0, and 1 to 3 after a `yield` or an `await`.
    One that an exception is thrown into stands at no RESUME; so does one that is closed, on whatever line it is let go of."""
    said = opcodes(code)
    return dis.opname[said[at]] == "RESUME" and said[at + 1] & 3 == 0


def kind_of(caller: CodeType, at: int, callee: CodeType) -> str:
    """Which of the kinds of the module's docstring this entry is, by the instruction that the caller stands at."""
    said, name = opcodes(caller), callee.co_name
    while at > 0 and said[at] == 0:  # an instruction's inline cache
        at -= 2
    special = name.startswith("__") and name.endswith("__") and name not in SOURCE_CALLS
    named = name in caller.co_names or name in caller.co_varnames or name in caller.co_freevars
    instruction = dis.opname[said[at]]
    if "CALL" in instruction or "IMPORT" in instruction:
        if special and not named:  # `super().__setitem__(k, v)` is written out; an import asks a module for `__path__`
            return "implicit"
    elif special or "ATTR" in instruction:
        return "operator"
    if callee.co_flags & RESUMABLE:
        return "generator" if named else "resumed"
    return "call"


def main() -> None:
    out, folder, *program = sys.argv[1:]
    out, as_module = os.path.abspath(out), program[0] == "-m"
    sys.argv = program[as_module:]
    recorder = Recorder(folder)
    sys.path[0] = os.getcwd() if as_module else os.path.dirname(os.path.abspath(sys.argv[0]))
    threading.setprofile(recorder)
    sys.setprofile(recorder)
    try:
        if as_module:
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(sys.argv[0], run_name="__main__")
    finally:
        sys.setprofile(None)
        with open(out, "w") as file:
            json.dump(recorder.result(), file)


if __name__ == "__main__":
    main()
