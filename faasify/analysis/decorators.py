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
from faasify.analysis.values import Func, Lib, Unknown, Value, Wrapped

_FLAVOURS = {
    "builtins:staticmethod": "staticmethod",
    "builtins:classmethod": "classmethod",
    "builtins:property": "property",
    "functools:cached_property": "property",
    "abc:abstractproperty": "property",
    "enum:property": "property",
    "types:DynamicClassAttribute": "property",
}


def decorated(low: Lowering, decorator: ast.expr, made: int, node: ast.AST) -> int | None:
    """The node of `decorator(made)`; None for a property's setter or deleter."""
    if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "deleter", "getter"):
        kept = lower(low, decorator.value)
        if decorator.attr == "setter":
            low.graph.watch(kept, lambda v: _remember(low, v, made))
        low.graph.watch(kept, lambda v: low.graph.edge(made, low.state.node("accessors", v.func.name)) if isinstance(v, Wrapped) else None)
        return None
    maker = lower(low, decorator)
    result = low.fresh()
    args = Arguments([made])
    here = low.here(decorator, args, result, direct=True)
    site = low.body.site(decorator) if not isinstance(decorator, ast.Call) else None
    if site is not None:
        site.func, site.args, site.result = maker, args, result

    def learn(value: Value) -> None:
        if isinstance(value, Lib) and value.path in _FLAVOURS:
            kind = _FLAVOURS[value.path]
            low.graph.watch(made, lambda v: low.graph.put(result, [Wrapped(kind, v) if isinstance(v, Func) else v]))
        else:
            calls.call(low.state, value, here)
            if isinstance(value, Unknown) or (isinstance(value, Lib) and low.state.catalogue.find(value.path) is None):
                low.graph.edge(made, result)  # most decorators of unknown libraries still end in a call of the function

    low.graph.watch(maker, learn)
    return result


def _remember(low: Lowering, getter: Value, setter: int) -> None:
    if isinstance(getter, Wrapped):
        low.graph.edge(setter, low.state.node("setter", getter.func.name))
