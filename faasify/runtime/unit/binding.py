"""A plain event's values become a call's arguments: `{"a": 1, "args": [2], "kw": {"k": 3}}` -> f(1, 2, k=3).

Parameters go by name, those that take several (`*args`, `**kw`) are one key each under their own name (DECISIONS S4); defaults apply.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from faasify.runtime.unit.plain import PlainError, from_plain
from faasify.runtime.unit.startup import Entry

_SHOWN_DEFAULTS = (type(None), bool, int, float, str)
_MISSING: Any = object()


class EventError(Exception):
    """The event is not what the unit takes; `parameters` says what that is."""

    def __init__(self, message: str, parameters: list[str] | None = None) -> None:
        super().__init__(message)
        self.parameters = parameters

    def told(self) -> dict[str, Any]:
        return {"type": "EventError", "message": str(self), "parameters": self.parameters or []}


class Parameters:
    """What a function takes, from its code; no annotation or `__signature__` of the program is asked."""

    def __init__(self, fn: Any) -> None:
        code = fn.__code__
        names = code.co_varnames
        count, keyword_only = code.co_argcount, code.co_kwonlyargcount
        self.positional = names[:count]
        self.only_positional = frozenset(names[: code.co_posonlyargcount])
        self.keyword = names[count : count + keyword_only]
        rest = list(names[count + keyword_only :])
        self.args = rest.pop(0) if code.co_flags & inspect.CO_VARARGS else None
        self.kwargs = rest.pop(0) if code.co_flags & inspect.CO_VARKEYWORDS else None
        given = fn.__defaults__ or ()
        self.defaults = {**dict(zip(self.positional[count - len(given) :], given, strict=True)), **(fn.__kwdefaults__ or {})}

    @property
    def names(self) -> list[str]:
        return [name for name in (*self.positional, self.args, *self.keyword, self.kwargs) if name is not None]

    def shown(self) -> list[str]:
        """["a", "b=2", "*args", "**kw"]"""
        return [{self.args: "*", self.kwargs: "**"}.get(name, "") + name + self._default(name) for name in self.names]

    def _default(self, name: str) -> str:
        if name not in self.defaults:
            return ""
        value = self.defaults[name]
        return f"={value!r}" if type(value) in _SHOWN_DEFAULTS and len(repr(value)) < 40 else "=..."


def bind(unit: str, entry: Entry, event: Mapping[str, Any], read_graph: Callable[[Any], Any]) -> tuple[Any, list[Any], dict[str, Any]]:
    """(function, positional arguments, keyword arguments); EventError says what the unit takes."""
    return _Binding(unit, entry, event, read_graph).made()


class _Binding:
    def __init__(self, unit: str, entry: Entry, event: Mapping[str, Any], read_graph: Callable[[Any], Any]) -> None:
        self.unit, self.entry, self.event, self.read_graph = unit, entry, event, read_graph
        self.takes = Parameters(entry.fn)
        first = self.takes.positional[:1]
        self.first = first[0] if first and entry.owner is not None and entry.wrapper is not staticmethod else None

    def made(self) -> tuple[Any, list[Any], dict[str, Any]]:
        takes = self.takes
        if unknown := [name for name in self.event if name not in takes.names]:
            raise self.error(f"{self.unit} has no parameter {unknown[0]!r}")
        values = {name: self.value(name) for name in (*takes.positional, *takes.keyword)}
        if missing := [name for name, value in values.items() if value is _MISSING]:
            raise self.error(f"{self.unit} needs the parameter {missing[0]!r}{self.about(missing[0])}")
        positional = [values[name] for name in takes.positional] + self.several(takes.args, list)
        keywords = {name: values[name] for name in takes.keyword}
        extra = dict(self.several(takes.kwargs, dict))
        if twice := [name for name in extra if name in keywords or name in set(takes.positional) - takes.only_positional]:
            raise self.error(f"{twice[0]!r} is a parameter of its own, not one of **{takes.kwargs}")
        return self.entry.fn, positional, {**keywords, **extra}

    def value(self, name: str) -> Any:
        """Given, or the default, or the class of a classmethod."""
        if name not in self.event:
            if name == self.first and self.entry.wrapper is classmethod:
                return self.entry.owner
            return self.takes.defaults.get(name, _MISSING)
        value = self.understood(name)
        owner = self.entry.owner
        if name == self.first and self.entry.wrapper is not classmethod and owner not in type(value).__mro__:
            raise self.error(f"the {name} of {self.unit} is no {type(value).__name__}{self.about(name)}")
        return value

    def understood(self, name: str) -> Any:
        try:
            return from_plain(self.event[name], self.read_graph)
        except PlainError as error:
            raise self.error(f"the value of {name!r} cannot be understood: {error}") from None

    def several(self, name: str | None, kind: type) -> Any:
        """What is given for `*args` or `**kw`."""
        if name is None or name not in self.event:
            return kind()
        value = self.understood(name)
        if kind is list and type(value) in (list, tuple):
            return list(value)
        if kind is dict and type(value) is dict and all(type(key) is str for key in value):
            return value
        raise self.error(f"{name!r} takes {'a list of values' if kind is list else 'an object of values by name'}")

    def about(self, name: str) -> str:
        if name != self.first or self.entry.wrapper is classmethod:
            return ""
        cls = type.__dict__["__qualname__"].__get__(self.entry.owner)
        return f', an instance of {cls}: no plain JSON has one, give it as {{"$graph": ...}}, the way a result tells it'

    def error(self, message: str) -> EventError:
        shown = self.takes.shown()
        takes = f"its parameters are {', '.join(shown)}" if shown else "it has no parameters"
        return EventError(f"{message}; {takes}", shown)
