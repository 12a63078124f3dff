"""Who calls whom: definitions, call sites, and the explicit unknowns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

DefinitionKind = Literal["module", "function", "generator", "coroutine", "async_generator", "class", "lambda"]


@dataclass(frozen=True, slots=True)
class Definition:
    """A module body, a function, a class or a lambda of the program.

    `name` is `<module>.<qualname>` with Python's own qualname: `app.outer.<locals>.inner`.
    """

    name: str
    module: str
    qualname: str
    kind: DefinitionKind
    file: str
    line: int
    end_line: int
    col: int
    parent: str | None  # the enclosing definition's name
    is_method: bool = False
    decorators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One edge from a call site; `to` is a program name, a library name (`math.sin`), or None where nothing resolves it."""

    caller: str
    to: str | None
    line: int
    text: str = ""


@dataclass(frozen=True)
class CallGraph:
    definitions: Mapping[str, Definition]
    calls: Mapping[str, tuple[Call, ...]]  # by caller

    def callees(self, name: str) -> tuple[str, ...]:
        """Program definitions that `name` calls, each once, in order of first call."""
        return tuple(dict.fromkeys(c.to for c in self.calls.get(name, ()) if c.to in self.definitions))  # type: ignore[misc]
