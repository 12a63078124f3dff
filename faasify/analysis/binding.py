"""Arguments to parameters: by position, by name, from `*args` by index and from `**kwargs` by key; defaults where nothing is given.

def f(a, b=g, *rest)
f(*[x, y, z])        a is x, b is y, rest holds z
f(x)                 b is g
"""

from __future__ import annotations

import ast

from faasify.analysis.bodies import Arguments
from faasify.analysis.elements import shifted
from faasify.analysis.scopes import Scope
from faasify.analysis.state import State
from faasify.analysis.values import UNKNOWN, Cls, Func, Obj, Value

_RECEIVERS = 4  # of a method, that are told apart in a large program


def use_defaults(state: State, scope: Scope) -> None:
    """The function is called without its optional arguments."""
    for name in scope.defaults:
        parameter = state.variable(scope, name)
        if (default := state.defaults.get(parameter)) is not None:
            state.graph.edge(default, parameter)


def bind_arguments(state: State, func: Func, args: Arguments, receiver: Obj | Cls | None = None) -> None:
    """What is given flows to the parameters; to those that are not surely given, their defaults too."""
    scope = state.function_scope(func)
    spec: ast.arguments = scope.node.args  # type: ignore[attr-defined]
    names = [a.arg for a in (*spec.posonlyargs, *spec.args)]
    state.bound.add(func.name)
    if receiver is not None:
        if names:
            state.graph.put(state.variable(scope, names[0]), [_told_apart(state, func, scope, receiver)])
            names = names[1:]
        elif spec.vararg:
            state.hold(f"{func.name}*", state.static(receiver))
    by_name = {a.arg for a in (*spec.args, *spec.kwonlyargs)}
    open_names = _bind_positional(state, func, scope, names, args, rest=spec.vararg is not None)
    given = {*names, *args.keywords}.difference(open_names)
    for name, node in args.keywords.items():
        if name in by_name:
            state.graph.edge(node, state.variable(scope, name))
        elif spec.kwarg:
            state.hold(f"{func.name}**", node, repr(name))
    if args.double is not None:
        _bind_mapping(state, func, scope, [n for n in by_name if n not in given], args, rest=spec.kwarg is not None)
    for name in scope.defaults:
        parameter = state.variable(scope, name)
        if name not in given and (default := state.defaults.get(parameter)) is not None:
            state.graph.edge(default, parameter)


def _bind_positional(state: State, func: Func, scope: Scope, names: list[str], args: Arguments, *, rest: bool) -> list[str]:
    """The parameters that these arguments do not surely give."""
    count = len(args.positional)
    for name, node in zip(names, args.positional, strict=False):
        state.graph.edge(node, state.variable(scope, name))
    for index, node in enumerate(args.positional[len(names) :] if rest else ()):
        state.hold(f"{func.name}*", node, str(index))
    if args.star is None:
        return names[count:]
    star, following, skipped = args.star, names[count:], max(0, len(names) - count)

    def spread(value: Value) -> None:
        in_order = isinstance(value, Obj) and value.cls in ("builtins:tuple", "builtins:list") and bool(value.site)
        for index, name in enumerate(following):
            if in_order and isinstance(value, Obj):
                state.held(value.site, state.variable(scope, name), str(index))
            else:
                state.graph.edge(star, state.variable(scope, name))
        if rest and in_order and isinstance(value, Obj) and count <= len(names):
            state.pour(value.site, f"{func.name}*", lambda key: shifted(key, skipped))
        elif rest:
            state.hold(f"{func.name}*", star)

    if args.starred is not None:
        state.graph.watch(args.starred, spread)
    else:
        spread(UNKNOWN)
    return following


def _bind_mapping(state: State, func: Func, scope: Scope, names: list[str], args: Arguments, *, rest: bool) -> None:
    """`**mapping` to the parameters that nothing else gives."""
    double, taken = args.double, frozenset(map(repr, scope.params))
    assert double is not None

    def spread(value: Value) -> None:
        by_key = isinstance(value, Obj) and value.cls == "builtins:dict" and bool(value.site)
        for name in names:
            if by_key and isinstance(value, Obj):
                state.held(value.site, state.variable(scope, name), repr(name))
            else:
                state.graph.edge(double, state.variable(scope, name))
        if rest and by_key and isinstance(value, Obj):
            state.pour(value.site, f"{func.name}**", lambda key: None if key in taken else key)
        elif rest:
            state.hold(f"{func.name}**", double)

    if args.doubled is not None:
        state.graph.watch(args.doubled, spread)
    else:
        spread(UNKNOWN)


def _told_apart(state: State, func: Func, scope: Scope, receiver: Obj | Cls) -> Obj | Cls:
    """In a large program, a method with many receivers has one: its class or any below it."""
    if state.large and isinstance(receiver, Obj) and scope.parent is not None and scope.parent.name in state.bases:
        known = state.receivers.setdefault(func.name, set())
        if receiver in known or len(known) < _RECEIVERS:
            known.add(receiver)
        else:
            return Obj(scope.parent.name, below=True)
    return receiver


def joined(state: State, first: Arguments, then: Arguments) -> Arguments:
    """Those of a partial, then those of its call."""
    keywords = {**first.keywords, **then.keywords}
    double, doubled = (then.double, then.doubled) if then.double is not None else (first.double, first.doubled)
    if first.star is None:
        return Arguments([*first.positional, *then.positional], keywords, then.star, double, then.starred, doubled)
    star = state.graph.node()
    for node in (first.star, *then.positional, *([then.star] if then.star is not None else [])):
        state.graph.edge(node, star)
    return Arguments(first.positional, keywords, star, double, None, doubled)
