"""Attributes that a class takes itself: by its `__setattr__`, a property's setter, a descriptor's `__set__`."""

from __future__ import annotations

from faasify.analysis.bodies import Arguments
from faasify.analysis.calls import Here, call, call_method, has_method
from faasify.analysis.mro import stored
from faasify.analysis.state import State
from faasify.analysis.values import NONE, STR, Bound, Func, Obj, Value, Wrapped


def taken(state: State, receiver: Obj, name: str, node: int, here: Here, *, by_setattr: bool = True) -> bool:
    """Whether the class takes the value itself; its `__setattr__` sees it too. `by_setattr`: not by object's own."""
    if by_setattr and has_method(state, receiver.cls, "__setattr__"):
        call_method(state, receiver, "__setattr__", here.implicit(Arguments([state.static(STR), node]), state.graph.node()))
    if name not in state.managed:
        return False
    found_one = False

    def learn(found: Value) -> None:
        nonlocal found_one
        if isinstance(found, Wrapped) and found.kind in ("property", "write-only"):
            found_one = True
            setters = state.node("setter", found.func.name)
            state.graph.watch(setters, lambda s: set_by(state, receiver, s, node, here))
        elif isinstance(found, Obj) and not found.is_library and has_method(state, found.cls, "__set__"):
            found_one = True
            inner = here.implicit(Arguments([state.static(receiver), node]), state.graph.node())
            call_method(state, found, "__set__", inner)

    state.graph.watch(stored(state, receiver.cls, name), learn)
    return found_one


def set_by(state: State, receiver: Obj, accessor: Value, node: int | None, here: Here) -> None:
    """A property's setter is called with the value, or its deleter."""
    args = Arguments([] if node is None else [node])
    if isinstance(accessor, Func):
        call(state, Bound(receiver, accessor), here.implicit(args, state.graph.node()))
    elif accessor != NONE:
        call(state, accessor, here.implicit(Arguments([state.static(receiver), *args.positional]), state.graph.node()))
