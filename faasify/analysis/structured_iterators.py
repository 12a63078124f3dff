"""Iterators of the library whose elements are made of those that they go through: `zip`, `itertools`."""

from __future__ import annotations

from faasify.analysis import iteration
from faasify.analysis.asking import remember
from faasify.analysis.bodies import NO_ARGUMENTS
from faasify.analysis.calls import Here, call_method
from faasify.analysis.state import Given, State
from faasify.analysis.structured import elements, named, receivers, structured, tuple_of
from faasify.analysis.values import Obj, is_own


@structured("builtins:zip.__init__", "itertools:zip_longest.__init__", "itertools:product.__init__")
def _zip(state: State, here: Here, given: Given, called: int) -> None:
    parts = elements(state, here, given.get("iterables", ()))
    made = tuple_of(state, named(state, here, "tuple"), ((str(i), node) for i, node in enumerate(parts)))
    for filling in given.get("fillvalue", ()):  # in place of what the shorter ones have not
        state.hold(made.site, filling)
        here.body.puts.append((given["self"][0], filling, ""))
    for part in parts if "repeat" in here.args.keywords else ():  # `product(xs, repeat=2)`: each again in another place
        state.hold(made.site, part)
    receivers(state, given, lambda zipped: state.hold(zipped.site, state.static(made)))
    for part in parts:
        here.body.puts.append((given["self"][0], part, "[:]"))


@structured(
    *(f"itertools:{name}.__init__" for name in ("combinations", "permutations", "combinations_with_replacement", "pairwise", "batched"))
)
def _tuples(state: State, here: Here, given: Given, called: int) -> None:
    parts = elements(state, here, given.get("iterable", ()))
    made = tuple_of(state, named(state, here, "tuple"), (("?", node) for node in parts))
    receivers(state, given, lambda combined: state.hold(combined.site, state.static(made)))
    for part in parts:
        here.body.puts.append((given["self"][0], part, "[:]"))


@structured("itertools:groupby.__init__")
def _groupby(state: State, here: Here, given: Given, called: int) -> None:
    group = Obj("builtins:generator", named(state, here, "group"))
    parts = elements(state, here, given.get("iterable", ()))
    for part in parts:
        state.hold(group.site, part)
        here.body.puts.append((given["self"][0], part, "[:]"))
    keys = [called] if given.get("key") else parts
    made = tuple_of(state, named(state, here, "tuple"), [*(("0", key) for key in keys), ("1", state.static(group))])
    receivers(state, given, lambda grouped: state.hold(grouped.site, state.static(made)))


@structured("builtins:reversed.__init__")
def _reversed(state: State, here: Here, given: Given, called: int) -> None:
    """What an object's own `__reversed__` gives is gone through."""
    if "__reversed__" not in state.bound_in_classes:
        return
    found = state.fresh()
    for node in given.get("sequence", ()):
        state.graph.watch(node, lambda v: call_method(state, v, "__reversed__", here.implicit(NO_ARGUMENTS, found)) if is_own(v) else None)
    part = iteration.elements(state, found, here.body, here.node)
    receivers(state, given, lambda made: state.hold(made.site, part))
    here.body.puts.append((given["self"][0], part, ""))


@structured("itertools:chain.from_iterable")
def _flattened(state: State, here: Here, given: Given, called: int) -> None:
    made = Obj("builtins:generator", state.site_name(here.body, here.node))
    lazy = state.lazy(made.site)
    for node in given.get("iterable", ()):
        inner = iteration.elements(state, node, here.body, here.node)
        remember(state, here, node)
        for source in (node, inner):
            lazy.sources.put(source)
        found = iteration.elements(state, inner, here.body, here.node)
        state.hold(made.site, found)
        here.body.puts.append((state.static(made), found, ""))
