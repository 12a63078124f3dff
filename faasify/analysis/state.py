"""The facts that grow while values flow: what each variable, field and element may be, and what each call site may call.

Everything here only ever grows, so evaluating every body again until nothing grows ends, and the order does not matter. A body is
evaluated again when something that it looked at has grown.
"""

from __future__ import annotations

import ast
from collections import deque
from dataclasses import dataclass, field

from faasify.analysis.library import Catalogue
from faasify.analysis.scopes import Scope, Scopes
from faasify.analysis.values import ANYTHING, NOTHING, Func, Value, Values
from faasify.model.program import Program

Key = tuple[str, ...]
"""(scope, name) a variable; ("attr", class, name) a field; ("held", site, key) and ("held", site) elements; ("return", function)."""


@dataclass
class Arguments:
    """The abstract values at a call site."""

    positional: list[Values] = field(default_factory=list)
    keywords: dict[str, Values] = field(default_factory=dict)
    star: Values | None = None  # elements of *args
    double: Values | None = None  # values of **kwargs

    def everything(self) -> Values:
        parts = [*self.positional, *self.keywords.values(), self.star or NOTHING, self.double or NOTHING]
        return frozenset().union(*parts)


@dataclass(frozen=True)
class Target:
    """What a site may call: a program definition, a library path, or None for anything.

    `direct`: called by this very expression, so that its arguments are the callee's; else through a library (`map(f, xs)`) or an
    operator. `receiver`: bound to what stands before the dot.
    """

    to: str | None
    direct: bool = True
    receiver: bool = False


class State:
    def __init__(self, program: Program, scopes: Scopes, catalogue: Catalogue) -> None:
        self.program, self.scopes, self.catalogue = program, scopes, catalogue
        self.facts: dict[Key, set[Value]] = {}
        self.readers: dict[Key, set[str]] = {}
        self.sites: dict[str, dict[ast.AST, dict[Target, None]]] = {name: {} for name in scopes.by_name}
        self.mentioned: dict[str, set[Value]] = {}  # by body: functions, classes and library objects that its expressions gave
        self.queue: deque[str] = deque()
        self.queued: set[str] = set()
        self.current = ""
        self.calling: set[tuple[int, Value]] = set()  # abstract calls that are being worked out
        self.closing = False  # the second phase: what nothing was found for may be anything
        self.site_names: dict[ast.AST, str] = {}
        self.mro_cache: dict[str, tuple[str, ...]] = {}
        self.base_count: dict[str, int] = {}
        self.methods_named: dict[str, list[str]] = {}
        for definition in scopes.definitions.values():
            if definition.is_method:
                self.methods_named.setdefault(definition.qualname.rpartition(".")[2], []).append(definition.name)

    @property
    def missing(self) -> Values:
        """What a look-up without a result means: nothing yet, or, once all is seen, anything."""
        return ANYTHING if self.closing else NOTHING

    def get(self, key: Key) -> Values:
        """What is known now; whoever asked is asked again when it grows."""
        self.readers.setdefault(key, set()).add(self.current)
        known = self.facts.get(key)
        return frozenset(known) if known else NOTHING

    def add(self, key: Key, values: Values) -> None:
        known = self.facts.setdefault(key, set())
        before = len(known)
        known |= values
        if len(known) > before:
            if key[0] == "bases":
                self.mro_cache.clear()
            for reader in self.readers.get(key, ()):
                self.enqueue(reader)

    def enqueue(self, body: str) -> None:
        if body not in self.queued:
            self.queued.add(body)
            self.queue.append(body)

    # -- elements of containers

    def hold(self, site: str, values: Values, key: str = "") -> None:
        if site:
            self.add(("held", site), values)
            self.add(("held", site, key), values)

    def held(self, site: str, key: str = "") -> Values:
        if not site:
            return NOTHING
        if key:
            return self.get(("held", site, key)) | self.get(("held", site, ""))
        return self.get(("held", site))

    # -- what was seen where

    def target(self, node: ast.AST, target: Target) -> None:
        self.sites[self.current].setdefault(node, {})[target] = None

    def mention(self, values: Values) -> None:
        self.mentioned.setdefault(self.current, set()).update(values)

    def site_name(self, node: ast.AST) -> str:
        name = self.site_names.get(node)
        if name is None:
            name = self.site_names[node] = f"{self.current}@{getattr(node, 'lineno', 0)}:{getattr(node, 'col_offset', 0)}"
        return name

    def function_scope(self, func: Func) -> Scope:
        return self.scopes.by_name[func.name]
