"""What exceptions carry from where they are raised to where somebody looks into them.

raise ValueError(xs)               e.args has xs, wherever a ValueError is caught
raise Stop(xs)                     e.value is xs, where Stop is below StopIteration; as is what `yield from` an iterator gives
raise SystemExit(xs), sys.exit(xs) e.code
raise A from b                     e.__cause__ and e.__context__ may be any exception that the program raises

Exceptions of the library are one object, RAISED, which has the arguments of all; those of the program are told apart by their class.
"""

from __future__ import annotations

from collections.abc import Callable

from faasify.analysis.bodies import Body
from faasify.analysis.elements import holder
from faasify.analysis.mro import is_subclass, order, when_ordered
from faasify.analysis.state import State
from faasify.analysis.values import NONE, RAISED, THROWN, UNKNOWN, Obj, Value

RAISED_OWN = "raised"
CHAINED = ("__cause__", "__context__")
CARRIED = {"value": "builtins:StopIteration", "code": "builtins:SystemExit"}
"""The attributes that are the first argument, with the class that has them."""


def throw(state: State, raised: int, body: Body) -> None:
    """The node's exceptions may be caught by anybody, with what they carry."""

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.is_library:
            state.pour(value.site, RAISED.site)
        elif isinstance(value, Obj):
            state.graph.put(state.node(RAISED_OWN), [value])

    state.graph.watch(raised, learn)
    body.puts.append((state.static(THROWN), raised, ""))
    if state.traits.carries:
        body.puts.append((state.static(RAISED), raised, "[:]"))


def thrown(state: State, body: Body, caught: int) -> int:
    """The node, which may be an exception that somebody else has: one that was a parameter or global when it was raised."""
    body.parts.append((state.static(THROWN), caught, ""))
    return caught


def any_raised(state: State, body: Body) -> int:
    """What a context manager is given when it is left: an exception or None; anything, since libraries raise others."""
    key = ("any", RAISED_OWN)
    if key not in state.nodes:
        found = state.nodes[key] = state.graph.of(RAISED, NONE, UNKNOWN) if state.traits.carries else state.static(UNKNOWN)
        if state.traits.carries:
            state.graph.edge(state.node(RAISED_OWN), found)
    found = state.nodes[key]
    if "__exit__" not in state.bound_in_classes:
        return found
    raised = state.graph.node()
    state.graph.edge(found, raised)
    return thrown(state, body, raised)


def stopped_with(state: State, body: Body, into: int) -> None:
    """What the StopIteration carries that a `__next__` of the program raises."""
    state.held(RAISED.site, into)
    body.parts.append((state.static(RAISED), into, ""))

    def learn(value: Value) -> None:
        if isinstance(value, Obj):
            _if_below(state, value, "builtins:StopIteration", lambda: carried(value))

    def carried(value: Obj) -> None:
        state.held(holder(value).site, into)
        body.parts.append((state.static(value), into, ""))

    state.graph.watch(state.node(RAISED_OWN), learn)


def from_exception(state: State, value: Obj, name: str, into: int) -> None:
    """`e.value`, `e.code`, `e.__cause__` of an exception of the program's own class."""
    if name in CARRIED:
        _if_below(state, value, CARRIED[name], lambda: state.held(holder(value).site, into))
    elif name in CHAINED and any(":" in c and state.catalogue.is_exception(c) for c in order(state, value.cls)):
        chained(state, into)


def chained(state: State, into: int) -> None:
    state.graph.put(into, [RAISED, NONE])
    state.graph.edge(state.node(RAISED_OWN), into)


def _if_below(state: State, value: Obj, base: str, use: Callable[[], None]) -> None:
    """Once, when the bases of the object's class are known."""
    used: list[Obj] = []

    def look() -> None:
        if not used and is_subclass(state, value.cls, base):
            used.append(value)
            use()

    when_ordered(state, value.cls, look)
