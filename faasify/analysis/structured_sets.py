"""Sets of the program that have their operators from `collections.abc.Set`: what these make, and by whom.

s & t       S._from_iterable(generator), where S has none S(generator); going through it goes through t and asks s.__contains__
"""

from __future__ import annotations

import ast

from faasify.analysis.bodies import Arguments
from faasify.analysis.calls import Here, call, call_node, has_method, implicit_methods
from faasify.analysis.members import member
from faasify.analysis.state import Given, State
from faasify.analysis.structured import elements, named, structured
from faasify.analysis.values import Cls, Obj, Value, is_own

_OPERATORS = [f"__{reflected}{name}__" for name in ("and", "or", "sub", "xor") for reflected in ("", "r")]


@structured(*(f"collections.abc:Set.{name}" for name in _OPERATORS), "collections.abc:MutableSet.__ixor__")
def _combined(state: State, here: Here, given: Given, called: int) -> None:
    """Another set of the class, made of a generator that has elements of both."""
    made = Obj("builtins:generator", named(state, here, "combined"))
    lazy = state.lazy(made.site)
    lazy.made[here.body.site(here.node)] = None
    others = [*given.get("other", ()), *given.get("it", ())]
    for node in (*given["self"], *others):
        lazy.sources.put(node)
    parts = elements(state, here, (*given["self"], *others))
    for part in parts:
        state.hold(made.site, part)
        here.body.puts.append((state.static(made), part, ""))
    inner = _call_of_its_own(state, here, state.static(made))

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and is_own(value):
            state.deferred.append(lambda: from_iterable(value))  # when it is known what the class has
            contains = implicit_methods(state, value, "__contains__")
            if contains is not None:
                for part in parts:
                    lazy.calls.put((contains, Arguments([part]), True))

    def from_iterable(value: Obj) -> None:
        if has_method(state, value.cls, "_from_iterable"):
            call_node(state, member(state, value, "_from_iterable"), inner)
        else:
            call(state, Cls(value.cls), inner)

    for node in given["self"]:
        state.graph.watch(node, learn)


def _call_of_its_own(state: State, here: Here, given: int) -> Here:
    """A site besides that of the operator: of the operands, nothing but their elements goes there."""
    node = state.inner_calls.get(here.node)
    if node is None:
        node = ast.copy_location(ast.Call(ast.Name("_from_iterable", ast.Load()), [], []), here.node)
        state.inner_calls[here.node] = node
    args = here.body.site(node).args = Arguments([given])
    return Here(here.body, node, args, here.result)
