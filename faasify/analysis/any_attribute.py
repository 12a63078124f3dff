"""Attributes whose names nobody knows before the program runs: whatever code of the program answers for an attribute may be called.

getattr(self, name)           every property of self's class, and its `__getattr__`
setattr(self, name, value)    every setter, and its `__setattr__`
getattr(anything, name)       cannot be resolved where a class of the program has properties
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from faasify.analysis.assignment import delete_attribute
from faasify.analysis.bodies import Arguments
from faasify.analysis.calls import call_method, call_node, has_method
from faasify.analysis.lowering import Lowering
from faasify.analysis.mro import order
from faasify.analysis.names import load_attribute
from faasify.analysis.setting import taken
from faasify.analysis.state import State
from faasify.analysis.values import STR, Cls, Mod, Obj, Unknown, Value, Wrapped, is_own

_HOOKS = {
    "getattr": ("__getattribute__", "__getattr__"),
    "hasattr": ("__getattribute__", "__getattr__"),
    "setattr": ("__setattr__",),
    "delattr": ("__delattr__",),
}
_DESCRIPTORS = ("__get__", "__set__", "__delete__")
_ACCESSORS = ("property", "write-only")


def any_attribute(low: Lowering, node: ast.AST, kind: str, given: list[int], result: int) -> None:
    """A call of `kind` (getattr, hasattr, setattr, delattr) by a name that may be any."""
    state = low.state
    here = low.here(node, Arguments([low.static(STR), *given[2:3]] if kind == "setattr" else [low.static(STR)]), result)

    def hooks(value: Value) -> None:
        if isinstance(value, Unknown):
            state.deferred.append(lambda: low.target(node, None) if _has_accessors(state) else None)
        for hook in _HOOKS[kind]:
            if isinstance(value, Mod) and hook == "__getattr__":
                scope = state.scopes.modules.get(value.name)
                if scope is not None and hook in scope.bound:
                    call_node(state, state.variable(scope, hook), here)
            elif hook in state.bound_in_classes:
                call_method(state, value, hook, here)

    def use(value: Value, name: str) -> None:
        if kind in ("getattr", "hasattr"):
            load_attribute(low, low.static(value), name, node, result)
        elif kind == "delattr":
            delete_attribute(low, value, name, node)
        elif len(given) > 2 and isinstance(value, Obj):
            taken(state, value, name, given[2], low.here(node), by_setattr=False)

    low.body.receivers.setdefault(node, given[0])
    low.graph.watch(given[0], hooks)
    _each_accessor(low, given[0], use)


def _each_accessor(low: Lowering, receiver: int, use: Callable[[Value, str], None]) -> None:
    """`use(value, name)` for what the receiver may be and its attributes that are code, those that are learnt later too."""
    state, seen = low.state, set[tuple[Value, str]]()
    last: tuple[frozenset[int], int] | None = None
    if not state.looks_for_accessors:
        state.looks_for_accessors = True
        state.queries.append(lambda: _refresh(state))  # before all that ask

    def query() -> bool:
        nonlocal last
        now = low.graph.sets[receiver], state.accessor_news
        if last is not None and last[0] is now[0] and last[1] == now[1]:
            return False
        last = now
        alike: dict[tuple[str, bool], list[Value]] = {}
        for value in low.graph.at(receiver):
            if isinstance(value, Cls):
                alike.setdefault((value.name, False), []).append(value)
            elif isinstance(value, Obj) and is_own(value):
                alike.setdefault((value.cls, value.below), []).append(value)
        found = ((v, name) for (cls, below), values in alike.items() for name in _accessors(low.state, cls, below=below) for v in values)
        new = [pair for pair in found if pair not in seen]
        for pair in new:
            seen.add(pair)
            use(*pair)
        return bool(new)

    state.queries.append(query)


def _refresh(state: State) -> bool:
    """Look again what the classes have, when there is nothing else to do; `accessor_news` counts how often there was something new."""
    before, state.own_accessors = state.own_accessors, {}
    if any(_own_accessors(state, cls) != found for cls, found in before.items()):  # then all are asked again
        state.accessors.clear()
        state.accessor_news += 1
    return False


def _accessors(state: State, cls: str, *, below: bool) -> list[str]:
    """The names under which a class, or one `below` it, has properties, or descriptors of the program."""
    found = state.accessors.get((cls, below))
    if found is None:
        classes = (*order(state, cls), *(state.below(cls) if below else ()))
        found = state.accessors[cls, below] = sorted({name for c in classes for name in _own_accessors(state, c)})
    return found


def _own_accessors(state: State, cls: str) -> list[str]:
    """Those of the class itself; looked up once each time that all are asked."""
    found = state.own_accessors.get(cls)
    if found is None:
        tables = (state.class_names, state.own_fields, state.stored_fields, state.filled)
        names = {name for table in tables if cls in table for name in state.managed & table[cls]}
        nodes = ((name, state.nodes.get(("var", cls, name))) for name in names)
        found = [name for name, node in nodes if node is not None and any(_answers(state, v) for v in state.graph.at(node))]
        state.own_accessors[cls] = found
    return found


def _has_accessors(state: State) -> bool:
    """Whether any class of the program has code for an attribute."""
    return state.hooked or next(accessors(state), None) is not None


def accessors(state: State) -> Iterator[str]:
    """The names of all properties, and of descriptors of the program, in its classes."""
    for cls, names in state.class_names.items():
        for name in sorted(names & state.managed):
            if any(_answers(state, v) for v in state.graph.at(state.node("var", cls, name))):
                yield name


def _answers(state: State, value: Value) -> bool:
    if isinstance(value, Wrapped):
        return value.kind in _ACCESSORS
    return isinstance(value, Obj) and is_own(value) and any(has_method(state, value.cls, name) for name in _DESCRIPTORS)
