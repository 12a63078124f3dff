"""What a decorator makes of a function or class.

@property def x(self)      Wrapped("property", x): loading it calls x
@x.setter def x(self, v)   remembered with the getter
@cache def f(n)            the library gives f back
@mine def f(n)             what mine(f) returns
"""

from __future__ import annotations

import ast

from faasify.analysis import calls
from faasify.analysis.bodies import Arguments
from faasify.analysis.lowering import Lowering, lower
from faasify.analysis.values import NONE, Func, Lib, Obj, Unknown, Value, Wrapped
from faasify.analysis.wrapping import CACHING, FLAVOURS, flavour_of

ACCESSORS = ("setter", "deleter", "getter")


def decorated(low: Lowering, decorator: ast.expr, made: int, node: ast.AST) -> int | None:
    """The node of `decorator(made)`; None for a property's setter or deleter."""
    if isinstance(decorator, ast.Attribute) and decorator.attr in ACCESSORS:
        kept = lower(low, decorator.value)
        if decorator.attr != "getter":
            low.graph.watch(kept, lambda v: _remember(low, v, decorator.attr, made))
        low.graph.watch(kept, lambda v: low.graph.edge(made, low.state.node("accessors", v.func.name)) if isinstance(v, Wrapped) else None)
        same = isinstance(decorator.value, ast.Name) and decorator.value.id == getattr(node, "name", "")
        return None if same and decorator.attr != "getter" else _accessor(low, decorator.attr, kept, made)
    maker = lower(low, decorator)
    result = low.fresh()
    args = Arguments([made])
    here = low.here(decorator, args, result, direct=True)
    site = low.body.site(decorator) if not isinstance(decorator, ast.Call) else None
    if site is not None:
        site.func, site.args, site.result = maker, args, result

    def learn(value: Value) -> None:
        if isinstance(value, Lib) and value.path in FLAVOURS:
            kind = FLAVOURS[value.path]
            low.graph.watch(made, lambda v: low.graph.put(result, [flavour_of(v, kind)]))
            if value.path == CACHING:
                low.graph.watch(made, lambda v: low.state.caching.add(v.name) if isinstance(v, Func) else None)
        else:
            calls.call(low.state, value, here)
            if _is_not_described(low, value):
                low.graph.edge(made, result)  # most decorators of unknown libraries still end in a call of the function

    low.graph.watch(maker, learn)
    return result


def accessor_by_call(low: Lowering, kind: str, kept: int, made: int, result: int) -> None:
    """`x = Base.x.setter(f)` in a class body: a property like `@Base.x.setter` makes."""

    def learn(value: Value) -> None:
        if isinstance(value, Wrapped) and value.kind == "property":
            if kind != "getter":
                _remember(low, value, kind, made)
            low.graph.edge(made, low.state.node("accessors", value.func.name))
            low.graph.edge(_accessor(low, kind, low.static(value), made), result)

    low.graph.watch(kept, learn)


def _is_not_described(low: Lowering, decorator: Value) -> bool:
    if isinstance(decorator, Lib):
        return low.state.catalogue.find(decorator.path) is None
    made = isinstance(decorator, Obj) and decorator.is_library and decorator != NONE  # `@lib.register("x")`
    return isinstance(decorator, Unknown) or (made and low.state.catalogue.member(decorator.cls, "__call__") is None)  # type: ignore[union-attr]


def _remember(low: Lowering, getter: Value, kind: str, accessor: int) -> None:
    if isinstance(getter, Wrapped):
        low.graph.edge(accessor, low.state.node(kind, getter.func.name))


def _accessor(low: Lowering, kind: str, kept: int, made: int) -> int:
    """The property that `@p.setter` makes under another name; with `@p.getter` another function gets the value."""
    if kind != "getter":
        return kept
    result = low.fresh(kept)

    def learn(value: Value) -> None:
        if isinstance(value, Func):
            low.graph.put(result, [Wrapped("property", value)])
            low.graph.watch(kept, lambda v: _inherit_accessors(low, v, value))

    low.graph.watch(made, learn)
    return result


def _inherit_accessors(low: Lowering, before: Value, getter: Func) -> None:
    if isinstance(before, Wrapped):
        for kind in ("setter", "deleter", "accessors"):
            low.graph.edge(low.state.node(kind, before.name), low.state.node(kind, getter.name))
