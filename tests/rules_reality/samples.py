"""Sample values: by type, by a parameter's name, by function. All are expressions, evaluated anew for each call.

expressions("mode", (Type("builtins:str"),)) == ["'r'"]
instances("re:Match") == ["re.match('(?P<n>a)(b)?', 'abc')"]
"""

from __future__ import annotations

import builtins
import importlib
import os
import random
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from faasify.analysis.annotated import Type
from tests.rules_reality import arguments, arrays, written
from tests.rules_reality.written import BY_NAME, BY_TYPE, STANDS_FOR

__all__ = ["CALLS", "STANDS_FOR"]

CALLS = arguments.CALLS | arrays.calls() | arrays.REQUESTS
INSTANCES = written.INSTANCES | arrays.INSTANCES

ANY = ["3", "'abc'", "[3, 1, 2]", "(1, 2)", "{'a': 1}", "1.5", "b'abc'", "recorder()", "int", "None"]
WRITTEN = {"stdout", "stderr", "stdin", "exit"}  # kinds that are seen whenever they happen
# what is part of an effect
IMPLIED = {
    "logging": {"stdout", "stderr", "locks", "introspection"},
    "subprocess": {"files", "descriptors", "processes", "threads", "signals"},
    "processes": {"files", "signals", "settings", "descriptors"},
    "files": {"descriptors", "warnings"},
    "descriptors": {"files"},
    "network": {"files", "descriptors", "threads"},
    "terminal": {"files", "descriptors", "subprocess", "signals", "hidden.environ"},
    "eventloop": {"network", "files", "descriptors", "threads", "warnings", "signals", "settings", "sleep"},
    "threads": {"locks", "sleep", "descriptors"},
    "locks": {"threads", "sleep"},
    "introspection": {"files", "settings"},
    "settings": {"warnings", "introspection"},
    "imports": {"files"},
    "library": {"settings"},
    "namespace": {"files", "warnings"},
}
OUTSIDE = {"files", "network", "subprocess", "introspection", "logging", "processes", "terminal", "imports"}
# kinds whose receiver is the thing touched: it changes, and a call with such an effect does not travel unseen
OF_RECEIVER = {
    "files",
    "descriptors",
    "stdin",
    "locks",
    "logging",
    "threads",
    "warnings",
    "settings",
    "terminal",
    "network",
    "introspection",
}
OF_RECEIVER |= {"eventloop", "stdout", "stderr", "hidden.environ", "hidden.decimal", "subprocess", "unknown"}
_NAMESPACE: dict[str, Any] = {}
_COMPILED: dict[str, Any] = {}


class Recorder:
    """A callback that remembers that it was called; its result is its first argument, or 1."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        return args[0] if args else 1


class _Modules(dict[str, Any]):
    """A name that is no builtin is a module."""

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            raise KeyError(name)
        return importlib.import_module(name)


def prepare() -> None:
    """The names that samples use, and the modules that would load others in the middle of a call."""
    import asyncio  # noqa: F401
    import contextlib
    import pdb  # noqa: F401

    with contextlib.suppress(ImportError):
        import numpy.ma  # noqa: F401
    _NAMESPACE.update(recorder=Recorder, async_items=async_items, __builtins__=builtins)


async def async_items() -> AsyncIterator[int]:
    yield 1


def furnish() -> None:
    """The sandbox as it is before each function: the current folder, with a few files."""
    for entry in os.scandir():
        if entry.name == "folder" and entry.is_dir() and not os.listdir("folder"):
            continue
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry)
        elif not entry.name.startswith(".stream"):
            os.unlink(entry)
    random.seed(7)
    Path("sample.txt").write_text("one\ntwo\n")
    Path("data.json").write_text('{"a": [1, 2]}')
    Path("empty.py").touch()
    Path("numbers.txt").write_text("1 2\n3 4\n")
    Path("folder").mkdir(exist_ok=True)
    Path("link").symlink_to("sample.txt")


def evaluate(text: str) -> Any:
    if text not in _COMPILED:
        _COMPILED[text] = compile(text, "<sample>", "eval")
    return eval(_COMPILED[text], _Modules(_NAMESPACE))


def expressions(name: str, types: tuple[Type, ...]) -> list[str]:
    """Samples for a parameter; at least one."""
    paths = [t.path for t in types]
    if name in BY_NAME and ("builtins:str" in paths or "?" in paths or not paths or name in ("args", "kwds")):
        return BY_NAME[name]
    found: list[str] = []
    for t in types:
        found += of_type(t)
    known = [expression for expression in dict.fromkeys(found) if not expression.startswith("__missing__")]
    return known or found[:1] or ["3"]


def of_type(t: Type) -> list[str]:
    if t.path == "?":
        return ANY
    if t.path in BY_TYPE:
        return BY_TYPE[t.path]
    name = t.path.rpartition(":")[2]
    is_protocol = name.startswith(("_Supports", "Supports", "_Has", "_Readable", "_Writable"))
    return INSTANCES.get(t.path) or (ANY if is_protocol else [f"__missing__({t.path!r})"])


def instances(path: str) -> list[str]:
    """Receivers for the methods of a class."""
    if path in INSTANCES:
        return INSTANCES[path]
    if path in BY_TYPE:
        return BY_TYPE[path]
    module, _, name = path.partition(":")
    return [f"__import__({module!r}, fromlist=['x']).{name}()"]


def classes(path: str) -> Any:
    """What `isinstance` takes for a class of the stubs; some of them are only described."""
    from collections.abc import Iterator

    if path == "builtins:generator":
        return Iterator
    if path in STANDS_FOR:
        return evaluate(STANDS_FOR[path])
    from tests.rules_reality.calls import runtime

    try:
        return runtime(path)
    except (AttributeError, ImportError):
        return type(evaluate(instances(path)[0]))
