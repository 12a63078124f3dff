"""Which objects hang from which variable before a call, and which of them are different after it.

before = Picture({"xs": xs, "app.D": D})
xs[0].append(1)
before.changed()     ->   [frozenset({"xs"})]      the inner list, which hangs from xs alone
"""

from __future__ import annotations

import collections
import functools
import io
import operator
import random
from collections.abc import Callable, Container, Iterable, Mapping
from types import CellType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any

from tests.analysis.effects.watching import Input, Output, Watched

_ATOMS = frozenset([int, str, float, bool, type(None), bytes, complex, range, type(Ellipsis), type(len), ModuleType])
_ITERATORS: tuple[type, ...] = (type(iter([])), type(iter(())))
IGNORED = (Watched, Output, Input, io.TextIOWrapper)
_WRAPPERS = (staticmethod, classmethod)
PROGRAM_FILES = frozenset(["app.py", "util.py"])
PROGRAM = frozenset(["__main__", "util"])  # `__module__` of what may change
_EMPTY = CellType()
Content = tuple[Any, ...]
Reader = Callable[[Any], Content | None]
_BY_KIND: dict[type, Reader] = {}


def content(x: Any) -> Content | None:
    """What an object consists of, one level deep; None for what has no state that counts."""
    kind = type(x)
    reader = _READERS.get(kind) or _BY_KIND.get(kind)
    if reader is None:
        reader = _BY_KIND[kind] = _reader(kind)
    return reader(x)


def forget() -> None:
    """The classes of the last program."""
    _BY_KIND.clear()


def _reader(kind: type) -> Reader:
    if kind in _ATOMS or issubclass(kind, IGNORED):
        return lambda x: None
    if issubclass(kind, type):
        return _of_class
    if issubclass(kind, BaseException):
        return lambda x: (*x.args, *vars(x).values())
    slots = tuple(name for k in kind.__mro__ if k.__module__ in PROGRAM for name in vars(k).get("__slots__", ()))
    if issubclass(kind, list | tuple | collections.deque | set | frozenset):
        return lambda x: (*x, *_state(x, slots))
    if issubclass(kind, dict):
        return lambda x: (*x.keys(), *x.values(), *_state(x, slots))
    return lambda x: _state(x, slots)


def _state(x: Any, slots: tuple[str, ...]) -> Content:
    """The attributes of an instance."""
    state = getattr(x, "__dict__", None)
    found = (*state.keys(), *state.values()) if type(state) is dict else ()
    return (*found, *(getattr(x, name, None) for name in slots)) if slots else found


def _of_class(x: type) -> Content:
    """The attributes of a class of the program."""
    if x.__module__ not in PROGRAM:
        return ()
    found = []
    for name, value in vars(x).items():
        if name[:2] != "__":
            found.append(name)
            kind = type(value)
            found.append(value.__func__ if kind in _WRAPPERS else value.fget if kind is property else value)
    return tuple(found)


def _of_function(x: FunctionType) -> Content:
    """Defaults, attributes, captured variables; of a library's own functions what they wrap, but not their caches."""
    if x.__code__.co_filename not in PROGRAM_FILES:
        return (x.__dict__.get("__wrapped__"),)
    if not (x.__dict__ or x.__defaults__ or x.__kwdefaults__ or x.__closure__):
        return ()
    return (*(x.__defaults__ or ()), *(x.__kwdefaults__ or {}).values(), *x.__dict__.keys(), *x.__dict__.values(), *(x.__closure__ or ()))


def _of_iterator(x: Any) -> Content:
    reduced = x.__reduce__()
    return (reduced[1][0], reduced[2]) if len(reduced) > 2 else (None, None)  # one that is used up names a new list each time


def _of_generator(x: GeneratorType[Any, Any, Any]) -> Content:
    return (x.gi_frame.f_lasti, *x.gi_frame.f_locals.values()) if x.gi_frame else (-1,)


_READERS: dict[type, Reader] = {
    list: tuple,
    tuple: lambda x: x,
    dict: lambda x: (*x.keys(), *x.values()),
    set: tuple,
    FunctionType: _of_function,
    CellType: lambda x: () if x == _EMPTY else (x.cell_contents,),
    MethodType: lambda x: (x.__self__, x.__func__),
    functools.partial: lambda x: (x.func, *x.args, *x.keywords.values()),
    GeneratorType: _of_generator,
    map: lambda x: x.__reduce__()[1][1:],
    io.StringIO: lambda x: (x.getvalue(),),
    bytearray: lambda x: (bytes(x),),
    random.Random: lambda x: (hash(x.getstate()),),
    **dict.fromkeys(_ITERATORS, _of_iterator),
}


class Picture:
    """The object graph below some variables, at one moment. A captured variable is an object too: the cell that its functions share."""

    __slots__ = ("objects", "below", "cells", "_parts")

    def __init__(self, roots: Mapping[str, Any]) -> None:
        self.objects: dict[int, tuple[Any, Content]] = {}
        self.cells: dict[int, str] = {}  # the names of captured variables
        self.below: dict[int, list[str]] = {}
        self._parts: dict[int, list[Any]] = {}  # by object: those of its parts that may have state
        for name, value in roots.items():
            if type(value) not in _ATOMS:
                if self._parts.get(id(value)) or self._look(value):
                    self._follow(name, value)
                elif id(value) in self.objects:
                    self.below.setdefault(id(value), []).append(name)

    def _follow(self, root: str, value: Any) -> None:
        queue, seen = [value], set[int]()
        while queue:
            x = queue.pop()
            key = id(x)
            if key in seen:
                continue
            seen.add(key)
            parts = self._parts.get(key)
            if parts is None:
                parts = self._look(x)
            if key in self.objects:
                self.below.setdefault(key, []).append(root)
                queue += parts

    def _look(self, x: Any) -> list[Any]:
        found = content(x)
        if found is None:
            parts = []
        else:
            self.objects[id(x)] = (x, found)
            parts = [part for part in found if type(part) not in _ATOMS]
            if type(x) is FunctionType and x.__closure__:
                self.cells.update(zip(map(id, x.__closure__), x.__code__.co_freevars, strict=True))
        self._parts[id(x)] = parts
        return parts

    def changed(self, own: Container[str] = ()) -> Iterable[frozenset[str]]:
        """For each object that is different now, the variables that it hung from; a captured one of `own` hangs from itself."""
        for key, (x, before) in self.objects.items():
            after = content(x)
            if isinstance(x, GeneratorType):  # its locals come and go; what they hold is looked at by itself
                before, after = before[:1], (after or ())[:1]
            if different(before, after):
                name = self.cells.get(key)
                yield frozenset([*self.below[key], *([name] if name in own else [])])  # type: ignore[list-item]


def different(before: Content | None, after: Content | None) -> bool:
    return before is None or after is None or len(after) != len(before) or not all(map(_same, before, after))


def _same(a: Any, b: Any) -> bool:
    return a is b or (type(a) in (int, str, float) and type(a) is type(b) and bool(operator.eq(a, b)))
