"""Where in some values an object is, for people: `args.cfg['log'].stream`. Nothing of the program's runs: only types and storage are asked.

path_to({"args.cfg": {"log": handler}}, handler.stream)        "args.cfg['log'].stream"
largest({"args.xs": [0.5] * 10**6, "args.y": 1}, size)         "args.xs"
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any

from faasify.runtime.unit.kinds import get_field, partial_space
from faasify.runtime.unit.layouts import attributes_of, layout_of, slot_values

_SEARCHED = 50_000  # objects
_SHOWN = (str, bytes, int, float, bool, type(None))  # keys that are shown as they are
_OURS = f"{__name__.partition('.')[0]}."  # what stands in a unit for an object of the caller leads to all that the unit knows
_module_of = type.__dict__["__module__"].__get__
_STEPS = 6  # that `largest` goes down


def path_to(roots: Mapping[str, Any], culprit: Any, limit: int = _SEARCHED) -> str:
    """The shortest way to `culprit`; "" where the search gives up."""
    seen: set[int] = set()
    todo = deque(roots.items())
    while todo and len(seen) < limit:
        path, obj = todo.popleft()
        if obj is culprit:
            return path
        if id(obj) not in seen:
            seen.add(id(obj))
            todo.extend((path + step, part) for step, part in parts(obj))
    return ""


def largest(roots: Mapping[str, Any], size: Callable[[Any], int]) -> str:
    """The way to what is largest by itself: the root, and from there on as long as one part is more than half of it."""
    path, obj, most = "", None, -1
    for name, root in roots.items():
        if (found := size(root)) > most:
            path, obj, most = name, root, found
    for _ in range(_STEPS):
        step = next(((step, part, found) for step, part in parts(obj) if (found := size(part)) * 2 > most), None)
        if step is None:
            break
        path, obj, most = path + step[0], step[1], step[2]
    return path


def parts(obj: Any) -> Iterable[tuple[str, Any]]:
    """What an object refers to, each with the step that leads there."""
    kind = type(obj)
    if issubclass(kind, type | ModuleType) or str(_module_of(kind)).startswith(_OURS):
        return
    if issubclass(kind, dict):
        for key, value in dict.items(obj):
            yield f"[{_shown(key)}]", value
            yield f" key {_shown(key)}", key
    elif issubclass(kind, list | tuple | deque):
        base: Any = next(base for base in (list, tuple, deque) if issubclass(kind, base))
        for i, part in enumerate(base.__iter__(obj)):
            yield f"[{i}]", part
    elif issubclass(kind, set | frozenset):
        for part in (set if issubclass(kind, set) else frozenset).__iter__(obj):
            yield "{...}", part
    elif kind is FunctionType:
        yield from _of_function(obj)
    elif issubclass(kind, BaseException):
        for name in ("args", "__cause__", "__context__"):
            yield f".{name}", get_field(obj, name)
    elif kind is partial:
        space = partial_space(obj) or {}
        yield from ((".func", obj.func), (".args", obj.args), (".keywords", obj.keywords), *((f".{key}", space[key]) for key in space))
        return
    elif kind is MethodType:
        yield from ((".__self__", obj.__self__), (".__func__", obj.__func__))
    layout = layout_of(kind)
    if layout.has_dict:
        for key, value in attributes_of(obj).items():
            yield f".{key}", value
    for name, value in slot_values(obj, layout):
        yield f".{name.partition(' ')[0]}", value


def _of_function(fn: Any) -> Iterable[tuple[str, Any]]:
    for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True):
        try:
            yield f".<{name}>", cell.cell_contents
        except ValueError:  # empty
            pass
    for i, default in enumerate(fn.__defaults__ or ()):
        yield f".__defaults__[{i}]", default
    for name, default in (fn.__kwdefaults__ or {}).items():
        yield f".__kwdefaults__[{name!r}]", default


def _shown(key: Any) -> str:
    """Not the `__repr__` of the program's own keys."""
    text = repr(key) if type(key) in _SHOWN else f"<{type(key).__name__}>"
    return text if len(text) <= 60 else f"{text[:57]}..."
