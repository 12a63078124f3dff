"""What is reported of one function: its verdict, and what a call of it reads, writes, changes and needs, worked out when it is asked for.

Root("app", "log")                 app.log
Root("app.f", "xs")                xs, in app.f itself and in what is defined inside it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from functools import partial

from faasify.analysis.propagate import Reached, Whole
from faasify.analysis.roots import Holds, Root, Roots
from faasify.analysis.verdicts import Judge
from faasify.model.callgraph import Definition
from faasify.model.effects import Effect, FunctionFacts
from faasify.model.lazy import Lazy


class Facts:
    """Makes the facts of a program's functions. Those that share a set of names (propagate.py) share the names in order, too."""

    def __init__(self, definitions: Mapping[str, Definition], roots: Roots, judge: Judge) -> None:
        self.definitions, self.roots, self.judge = definitions, roots, judge
        self._in_order: dict[frozenset[str], Sequence[str]] = {}

    def of(self, definition: Definition, params: tuple[str, ...], whole: Whole) -> FunctionFacts:
        own = tuple(name for _, name in self.roots.names(whole.changes, definition.name) if name in params)
        mutates = Lazy(partial(_mutated, self.definitions, definition, params, own, self.roots, whole.passed_on))
        verdict, reasons = self.judge.verdict(definition, whole, mutates)
        return FunctionFacts(
            name=definition.name,
            verdict=verdict,
            reasons=reasons,
            reads=self._sorted(whole.reads),
            writes=self._sorted(whole.writes),
            mutates=mutates,
            effects=Lazy(partial(_effects, whole.effects)),
            imports=self._sorted(whole.modules),
            closure=whole.closure,
        )

    def _sorted(self, names: frozenset[str]) -> Sequence[str]:
        found = self._in_order.get(names)
        if found is None:
            found = self._in_order[names] = Lazy(partial(_in_order, names))
        return found


def _in_order(names: Set[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _effects(reached: Sequence[Reached]) -> tuple[Effect, ...]:
    return tuple(each.effect() for each in reached)


def _mutated(
    definitions: Mapping[str, Definition], function: Definition, params: tuple[str, ...], own: tuple[str, ...], roots: Roots, others: Holds
) -> tuple[str, ...]:
    shown = {name for root in roots.names(others, function.name) if (name := _shown(definitions, function, params, root)) is not None}
    return tuple(sorted(shown.union(own)))


def _shown(definitions: Mapping[str, Definition], function: Definition, params: tuple[str, ...], root: Root) -> str | None:
    """A root as the report names it: a parameter or captured variable by its name, a global with its module; own locals not at all."""
    scope, name = root
    owner = definitions.get(scope)
    if owner is None:
        return None
    if owner.kind == "module":
        return f"{owner.module}.{name}"
    if owner is function:
        return name if name in params else None
    around = function.parent
    while around is not None and around != scope:
        around = definitions[around].parent
    return name if around == scope and owner.kind != "class" else None
