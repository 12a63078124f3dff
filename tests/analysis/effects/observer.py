"""Runs a program and records what each of its functions did, callees included.

    observe({"app.py": "XS = []\\ndef f(n): XS.append(n)\\nf(1)"})   ->   {("app", 2, "f"): Seen(mutated={frozenset({"app.XS"})})}

A profile function sees calls and returns; globals, modules and streams report their own use (watching.py); what is changed in
place is found by comparing the objects below every parameter, captured variable and global before and after a call (reach.py).
"""

from __future__ import annotations

import ast
import collections
import datetime
import decimal
import inspect
import logging
import os
import random
import signal
import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from traceback import walk_stack
from types import CodeType, FrameType, ModuleType
from typing import Any

from tests.analysis.effects import watching
from tests.analysis.effects.reach import PROGRAM, Content, Picture, content, different, forget
from tests.analysis.effects.rewriting import CHANGE, LOAD, WRITE, has_setter, loader, observed

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Key = tuple[str, int, str]
"""(module, first line, name) of a function; decorators count as its first line."""

_PICTURES = frozenset([1, 2, 3, 5, 8, 13, 21, 34, 55])  # which calls of a function are compared before and after
_PATIENCE_S = 3.0  # of CPU time
_CALLABLE_KINDS: dict[Any, str] = {
    time.time: "clock",
    time.monotonic: "clock",
    time.perf_counter: "clock",
    time.sleep: "sleep",
    os.urandom: "entropy",
    time.localtime: "clock",
    datetime.datetime.now: "clock",
    os.getcwd: "hidden.cwd",
    os.chdir: "cwd",
    sys.setrecursionlimit: "settings",
    sys.getrecursionlimit: "hidden.recursionlimit",
    decimal.getcontext: "hidden.decimal",
    decimal.setcontext: "hidden.decimal",
    decimal.localcontext: "hidden.decimal",
    globals: "namespace",
    locals: "namespace",
    vars: "namespace",
    eval: "namespace",
    exec: "namespace",
    warnings.warn: "warnings",
    **{getattr(random, name): "hidden.random" for name in ("random", "getrandbits")},
}
_CHANGING = frozenset(  # methods of containers: what they change may be as it was when the function ends
    ["append", "appendleft", "extend", "insert", "remove", "clear", "sort", "reverse", "pop", "popleft", "popitem"]
    + ["update", "setdefault", "add", "discard"]
)
_CONTAINERS = (list, dict, set, collections.deque)
_OWN_FRAMES_ONLY = frozenset(["namespace"])  # library code that asks for these says nothing about the program
_SILENCING = frozenset(["warnings", "logging"])  # what happens inside is part of that effect
_RANDOM_CODES = frozenset(
    f.__code__
    for name, f in vars(random.Random).items()
    if hasattr(f, "__code__") and name not in ("__init__", "__init_subclass__", "_randbelow")
)
_ENVIRON_CODES = frozenset(f.__code__ for f in vars(type(os.environ)).values() if hasattr(f, "__code__") and f.__name__ != "__init__")
_WARNING_CODES = frozenset(f.__code__ for f in (warnings.simplefilter, warnings.filterwarnings, warnings.resetwarnings))
_LOG_CODE = logging.Logger._log.__code__


class Endless(BaseException):
    """The program was stopped; nothing in it catches this."""


@dataclass
class Seen:
    """What was observed of one function, all its calls together."""

    calls: int = 0
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    effects: set[str] = field(default_factory=set)
    mutated: set[frozenset[str]] = field(default_factory=set)  # for each changed object: the variables that it hung from
    cells: set[str] = field(default_factory=set)  # captured variables rebound below

    def mutated_roots(self) -> set[str]:
        return set().union(*self.mutated)


@dataclass
class Running:
    """One call that has not ended."""

    frame: FrameType
    seen: Seen | None  # None: a lambda, a comprehension, a module's top level
    picture: Picture | None = None
    globals: dict[str, dict[str, Any]] = field(default_factory=dict)
    free: dict[str, Any] = field(default_factory=dict)
    heard: Seen = field(default_factory=Seen)


class Observer:
    """Knows what runs, and takes notes."""

    def __init__(self, files: Mapping[str, str]) -> None:
        forget()
        self.trees = {name.removesuffix(".py"): ast.parse(text, name) for name, text in files.items()}
        nodes = {name: list(ast.walk(tree)) for name, tree in self.trees.items()}
        self.data = {name: data_names(tree, nodes[name]) for name, tree in self.trees.items()}
        classes = {name: [node for node in nodes[name] if isinstance(node, ast.ClassDef)] for name in self.trees}
        self.functions = {name: [node for node in nodes[name] if isinstance(node, FunctionNode)] for name in self.trees}
        self.code = {name: observed(tree, files[f"{name}.py"], classes[name], f"{name}.py") for name, tree in self.trees.items()}
        self.keys: dict[CodeType, Key] = {}
        for module, code in self.code.items():
            self.keys.update({inner: (module, inner.co_firstlineno, inner.co_name) for inner in _inner_codes(code) if _runs_as_call(inner)})
        self.results: dict[Key, Seen] = {}
        self.names: dict[str, watching.Names] = {}
        self.stack: list[Running] = []
        self.parameters: dict[FrameType, dict[str, Any]] = {}
        self.silence = 0
        self.changing: list[tuple[Any, Content | None]] = []  # methods of containers that are running, with what the containers held
        self.modules = {"__main__" if name == "app" else name: name for name in self.trees}  # by `__module__`
        self.load = loader(self.hear, self.modules)

    # -- what is heard

    def hear(self, what: str, name: str) -> None:
        if self.stack and not self.silence:
            getattr(self.stack[-1].heard, what).add(name)

    def change(self, x: Any, name: str = "") -> Any:
        """What `$change` is: an attribute of the object, or an element where no name is given, is about to be stored."""
        if isinstance(x, ModuleType):
            self.write(x.__name__, name)
        elif name and not has_setter(x, name):
            if isinstance(x, type) and x.__module__ in self.modules:
                self.write(self.modules[x.__module__], f"{x.__qualname__}.{name}")
            self.changed(x)
        elif not name and isinstance(x, _CONTAINERS) and type(x).__module__ not in self.modules:
            self.changed(x)
        return x

    def changed(self, x: Any) -> None:
        for running in self.stack:
            if running.picture is not None and (roots := running.picture.below.get(id(x))):
                running.heard.mutated.add(frozenset(roots))

    def write(self, module: str, name: str) -> None:
        for running in self.stack:
            running.heard.writes.add(f"{module}.{name}")

    def profile(self, frame: FrameType, event: str, arg: Any) -> None:
        if event == "call":
            self.call(frame)
        elif event == "return":
            self.end(frame)
        elif event == "c_call":
            kind = _kind_of(arg)
            if kind is not None and (kind not in _OWN_FRAMES_ONLY or frame.f_code in self.keys):
                self.hear("effects", kind)
                self.silence += kind in _SILENCING
            elif kind is None and arg.__name__ in _CHANGING and isinstance(getattr(arg, "__self__", None), _CONTAINERS):
                self.changing.append((arg, content(arg.__self__)))
        elif self.changing and _same_call(self.changing[-1][0], arg):
            if different(self.changing.pop()[1], content(arg.__self__)):
                self.changed(arg.__self__)
        elif _kind_of(arg) in _SILENCING:
            self.silence -= 1

    def call(self, frame: FrameType) -> None:
        code = frame.f_code
        if code in self.keys:
            self.enter(frame, self.keys[code])
        elif code in _RANDOM_CODES:
            if frame.f_locals.get("self") is random._inst:
                self.hear("effects", "hidden.random")
        elif code in _ENVIRON_CODES:
            if frame.f_locals.get("self") is os.environ and not _asks_for_colours(frame):
                self.hear("effects", "hidden.environ")
        elif code in _WARNING_CODES:
            self.hear("effects", "warnings")
        elif code is _LOG_CODE:
            self.hear("effects", "logging")
            self.silence += 1

    def end(self, frame: FrameType) -> None:
        if frame.f_code is _LOG_CODE:
            self.silence -= 1
        elif frame.f_code in self.keys and any(running.frame is frame for running in self.stack):
            while self.stack[-1].frame is not frame:
                self.leave(self.stack.pop())
            self.leave(self.stack.pop())

    # -- calls

    def enter(self, frame: FrameType, key: Key) -> None:
        self.look_at_decimals()
        if key[2].startswith("<"):
            self.stack.append(Running(frame, None))
            return
        seen = self.results.setdefault(key, Seen())
        seen.calls += 1
        running = Running(frame, seen)
        self.stack.append(running)
        if seen.calls not in _PICTURES:
            return
        code, local = frame.f_code, frame.f_locals
        if frame not in self.parameters:  # a generator is entered several times; its parameters may have been rebound by then
            count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
            self.parameters[frame] = {name: local[name] for name in code.co_varnames[:count] if name in local}
        running.free = {name: local[name] for name in code.co_freevars if name in local and name != "__class__"}
        running.globals = {module: dict(names) for module, names in self.names.items()}
        roots = {
            f"{module}.{name}": value
            for module, names in running.globals.items()
            for name, value in names.items()
            if name[:2] != "__" and type(value) is not ModuleType and getattr(value, "__module__", "__main__") in PROGRAM
        }
        running.picture = Picture({**self.parameters[frame], **running.free, **roots, **_local_classes(self.parameters[frame])})

    def leave(self, running: Running) -> None:
        self.look_at_decimals(running)
        heard = running.heard
        if running.picture is not None:
            heard.mutated.update(running.picture.changed(running.frame.f_code.co_freevars))
            for name, value in running.free.items():
                if running.frame.f_locals.get(name) is not value:
                    heard.cells.add(name)
                    heard.mutated.add(frozenset([name]))
            heard.writes.update(self.rebound(running.globals))
        if running.seen is not None:
            for what in ("reads", "writes", "effects", "mutated", "cells"):
                getattr(running.seen, what).update(getattr(heard, what))
        if self.stack:
            above = self.stack[-1].heard
            for what in ("reads", "effects", "cells"):
                getattr(above, what).update(getattr(heard, what))

    def rebound(self, before: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
        for module, names in before.items():
            now = self.names[module]
            for name in self.data[module]:
                if names.get(name) is not dict.get(now, name):
                    yield f"{module}.{name}"

    def look_at_decimals(self, running: Running | None = None) -> None:
        """The context's flags say whether arithmetic used it since they were cleared."""
        flags = decimal.getcontext().flags
        if any(flags.values()):
            decimal.getcontext().clear_flags()
            if running or self.stack:
                (running or self.stack[-1]).heard.effects.add("hidden.decimal")

    # -- the run

    def new_names(self, module: str) -> watching.Names:
        found = self.names[module] = watching.Names(self.hear, module, self.data[module])
        found["__builtins__"] = watching.own_builtins(self.hear, frozenset(self.code) - {"app"})
        found["__builtins__"] |= {LOAD: self.load, CHANGE: self.change, WRITE: partial(self.write, module)}
        return found

    def run(self) -> str | None:
        """Run `app`; the result names the exception that ended it, if one did."""
        names = self.new_names("app")
        names.update(__name__="__main__", __file__="app.py")
        finder = watching.Finder({n: c for n, c in self.code.items() if n != "app"}, self.new_names)
        with _world(self, finder):
            sys.setprofile(self.profile)
            try:
                exec(self.code["app"], names)
            except BaseException as problem:
                return f"{type(problem).__name__}: {problem}"
            finally:
                sys.setprofile(None)
        return None


def observe(files: Mapping[str, str]) -> tuple[dict[Key, Seen], str | None]:
    """What each function did, and how the program ended if not well. Changes this process: call it in one of its own."""
    observer = Observer(files)
    problem = observer.run()
    return observer.results, problem


def data_names(tree: ast.Module, nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The module's globals that are bound by more than `def`, `class` and `import`."""
    found = {n.id for s in tree.body for n in _outside_functions(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    found |= {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    return frozenset(found)


def _local_classes(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The classes of a method's object that a function defines: no global leads to them."""
    first = next(iter(parameters.values()), None)
    kinds = first.__mro__ if isinstance(first, type) else type(first).__mro__
    return {k.__name__: k for k in kinds if k.__module__ in PROGRAM and "<locals>" in k.__qualname__}


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, FunctionNode | ast.Lambda | ast.ClassDef | ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp):
        for child in ast.iter_child_nodes(node):
            yield from _outside_functions(child)


def _inner_codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _inner_codes(constant)


def _runs_as_call(code: CodeType) -> bool:
    """Not the body of a class, whose names are no fast locals."""
    return bool(code.co_flags & inspect.CO_OPTIMIZED) or code.co_name == "<module>"


def _asks_for_colours(frame: FrameType) -> bool:
    """From 3.13 on, what prints a traceback looks whether colours are wanted."""
    return any(each.f_globals.get("__name__") == "_colorize" for each, _ in walk_stack(frame))


def _same_call(began: Any, ended: Any) -> bool:
    """From 3.12 on, each event has a bound method of its own."""
    return began.__self__ is getattr(ended, "__self__", None) and began.__name__ == ended.__name__


def _kind_of(function: Any) -> str | None:
    try:
        return _CALLABLE_KINDS.get(function)
    except TypeError:  # a method of an object without a hash
        return None


_ACTIVE: list[Observer] = []
_FILE_EVENTS = frozenset(["open", "os.mkdir", "os.remove", "os.rename", "os.listdir", "os.scandir", "os.rmdir"])


def _audit(event: str, args: Any) -> None:
    if _ACTIVE and event in _FILE_EVENTS and not _shows_source(args):
        _ACTIVE[-1].hear("effects", "files")


def _shows_source(args: Any) -> bool:
    """A traceback shows lines of the program: its source is there wherever it runs. From 3.13 on that imports modules, and parses."""
    if not args or not isinstance(args[0], str):
        return False
    return args[0].removesuffix(".py") in _ACTIVE[-1].trees or args[0] == "<unknown>" or args[0].endswith(".pyc")


@contextmanager
def _world(observer: Observer, finder: watching.Finder) -> Iterator[None]:
    """Streams, arguments, hidden state: the same at the start of every program, and as before afterwards."""
    if not _AUDITED:
        sys.addaudithook(_audit)
        _AUDITED.append(True)
    before = sys.stdin, sys.stdout, sys.stderr, sys.argv, dict(os.environ)
    sys.stdin, sys.stdout, sys.stderr = (
        watching.Input("3\n" * 50),
        watching.Output(observer.hear, "stdout"),
        watching.Output(observer.hear, "stderr"),
    )
    sys.stdin.heard = observer.hear
    sys.argv = watching.Arguments(["app.py", "4", "x"])
    sys.argv.heard = observer.hear
    random.seed(1)
    decimal.setcontext(decimal.Context())
    sys.meta_path.insert(0, finder)
    handler = signal.signal(signal.SIGVTALRM, _too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, _PATIENCE_S)
    _ACTIVE.append(observer)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.simplefilter("ignore", ResourceWarning)  # of files that only the collector closes
            yield
    finally:
        _ACTIVE.pop()
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, handler)
        sys.meta_path.remove(finder)
        for name in observer.code:
            sys.modules.pop(name, None)
        sys.stdin, sys.stdout, sys.stderr, sys.argv = before[:4]
        os.environ.clear()
        os.environ.update(before[4])


_AUDITED: list[bool] = []


def _too_long(*_: object) -> None:
    raise Endless("takes too long")
