"""What a library is given that no effect stub describes: it may call it, whatever it is.

timeit.timeit(f)             f
re.Scanner([("a", f)])       an unknown call: f may be called, and so may the methods of an object of the program
@lib.register                an unknown call: most decorators keep what they are given for later
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from faasify.analysis.bodies import Arguments, Body
from faasify.analysis.calls import Here, call
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryClass, LibraryFunction
from faasify.analysis.values import Bound, Cls, Func, Obj, Partial, Value, Wrapped, is_own

_DEEPEST = 2  # a list of tuples


def hand_over(state: State, here: Here) -> None:
    """The functions among the arguments are called where they are given, with anything."""
    if not isinstance(here.node, ast.Call) or not here.direct:
        return
    inner: list[Here] = []

    def learn(value: Value) -> None:
        if _is_function(value):
            if not inner:
                unknown = state.fresh()
                inner.append(here.implicit(Arguments(star=unknown, double=unknown), state.graph.node()))
            call(state, value, inner[0])

    for node in here.args.everything():
        state.graph.watch(node, learn)


def _is_function(value: Value) -> bool:
    return isinstance(value, Func | Partial) or (isinstance(value, Bound) and isinstance(value.func, Func))


def places(state: State, body: Body) -> Iterator[tuple[int, str]]:
    """Lines where a library may call something of the program that nobody follows, with the library's function, when all is known."""
    for site in body.sites.values():
        for target in site.targets:
            if target.to is None or ":" not in target.to or not target.direct:
                continue
            described = state.catalogue.find(target.to)
            if isinstance(described, LibraryClass):
                described = state.catalogue.constructor(described.path)
            if isinstance(described, LibraryFunction):
                if "unknown" in described.summary.effects:
                    yield site.line, target.to
            elif described is None and any(_may_be_called(state, node, site.node) for node in site.args.everything()):
                yield site.line, target.to


def _may_be_called(state: State, node: int, at: ast.AST, depth: int = 0) -> bool:
    for value in state.graph.at(node):
        if is_own(value) or isinstance(value, Cls | Wrapped):
            return True
        if _is_function(value) and (depth or not isinstance(at, ast.Call)):
            return True
        if isinstance(value, Obj) and value.site and depth < _DEEPEST:
            held = state.nodes.get(("held", value.site))
            if held is not None and _may_be_called(state, held, at, depth + 1):
                return True
    return False
