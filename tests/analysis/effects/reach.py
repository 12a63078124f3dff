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
_EMPTY = CellType()
Content = tuple[Any, ...]


def content(x: Any) -> Content | None:
    """What an object consists of, one level deep; None for what has no state that counts."""
    kind = type(x)
    if kind in _ATOMS or isinstance(x, IGNORED):
        return None
    if kind in _READERS:
        return _READERS[kind](x)
    if isinstance(x, type):
        return _of_class(x)
    if isinstance(x, BaseException):
        return (*x.args, *vars(x).values())
    found: Content = ()
    if isinstance(x, list | tuple | collections.deque | set | frozenset):
        found = tuple(x)
    elif isinstance(x, dict):
        found = (*x.keys(), *x.values())
    state = getattr(x, "__dict__", None)
    if type(state) is dict:
        found = (*found, *state.keys(), *state.values())
    return found


def _of_class(x: type) -> Content:
    """The attributes of a class of the program."""
    if x.__module__ not in ("__main__", "util"):
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
    return (reduced[1][0] if reduced[1] else None, reduced[2] if len(reduced) > 2 else None)


def _of_generator(x: GeneratorType[Any, Any, Any]) -> Content:
    return (x.gi_frame.f_lasti, *x.gi_frame.f_locals.values()) if x.gi_frame else (-1,)


_READERS: dict[type, Callable[[Any], Content]] = {
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

    __slots__ = ("objects", "below", "cells")

    def __init__(self, roots: Mapping[str, Any]) -> None:
        self.objects: dict[int, tuple[Any, Content]] = {}
        self.cells: dict[int, str] = {}  # the names of captured variables
        self.below: dict[int, list[str]] = {}
        for name, value in roots.items():
            self._follow(name, value)

    def _follow(self, root: str, value: Any) -> None:
        queue, seen = [value], set[int]()
        while queue:
            x = queue.pop()
            kind = type(x)
            if kind in _ATOMS or id(x) in seen:
                continue
            seen.add(id(x))
            known = self.objects.get(id(x))
            if known is None:
                found = content(x)
                if found is None:
                    continue
                known = self.objects[id(x)] = (x, found)
                self.below[id(x)] = [root]
            elif self.below[id(x)][-1] != root:
                self.below[id(x)].append(root)
            queue.extend(known[1])
            if kind is FunctionType and x.__closure__:
                self.cells.update(zip(map(id, x.__closure__), x.__code__.co_freevars, strict=True))

    def changed(self, own: Container[str] = ()) -> Iterable[frozenset[str]]:
        """For each object that is different now, the variables that it hung from; a captured one of `own` hangs from itself."""
        for key, (x, before) in self.objects.items():
            after = content(x)
            if isinstance(x, GeneratorType):  # its locals come and go; what they hold is looked at by itself
                before, after = before[:1], (after or ())[:1]
            if after is None or len(after) != len(before) or not all(map(_same, before, after)):
                name = self.cells.get(key)
                yield frozenset([*self.below[key], *([name] if name in own else [])])  # type: ignore[list-item]


def _same(a: Any, b: Any) -> bool:
    return a is b or (type(a) in (int, str, float) and type(a) is type(b) and bool(operator.eq(a, b)))
