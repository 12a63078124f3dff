"""Which nodes of a body a call site passes for which parameter of the callee.

f(a, *b, k=c)           {"x": [a], "y": [elements of b], "k": [c]} for def f(x, y, *, k)
"""

from __future__ import annotations

import ast

from faasify.analysis.applying import bound_parameters
from faasify.analysis.bodies import Arguments, Body, Site, Target
from faasify.analysis.scopes import SENT, Scope
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryFunction
from faasify.analysis.values import Bound, Func, Lib, Partial, is_own


def given_nodes(state: State, body: Body, site: Site, target: Target) -> dict[str, list[int]]:
    """The callee's parameters with the nodes of what this site gives them."""
    scope = state.scopes.by_name[target.to or ""]
    spec: ast.arguments = scope.node.args  # type: ignore[attr-defined]
    names = scope.by_position
    receiver = body.receivers.get(site.node, site.func)
    given: dict[str, list[int]] = {}
    if not target.direct:
        asked = list(body.asked.get(site.node, ()))
        everything = [*site.inputs, *site.args.everything(), *([receiver] if receiver is not None else []), *asked]
        given = dict.fromkeys(scope.params, everything)
        if target.resumes:
            handed_on = [state.node("var", body.name, SENT)] if isinstance(site.node, ast.YieldFrom) else []
            given[SENT] = [*site.inputs, *site.args.everything(), *handed_on]
        if target.makes and names:
            given[names[0]] = list(site.targets[target])
        elif target.receiver and names and site.node in body.receivers and not isinstance(site.node, ast.Call):
            given[names[0]] = [body.receivers[site.node], *asked]
        elif target.receiver and names and (methods := [*callables(state, site, scope.name), *asked]):
            given[names[0]] = methods
        return given
    if target.receiver and names:
        made = list(site.targets[target]) if target.makes else []
        given[names[0]] = made or ([receiver] if receiver is not None else [])
        names = names[1:]
    rest = [spec.vararg.arg] if spec.vararg else []
    args = site.args
    for index, node in enumerate(args.positional):
        for name in names[index : index + 1] or rest:
            given.setdefault(name, []).append(node)
    if args.star is not None:
        for name in (*names[len(args.positional) :], *rest):
            given.setdefault(name, []).append(args.star)
    for keyword, node in args.keywords.items():
        name = keyword if keyword in scope.params else spec.kwarg.arg if spec.kwarg else ""
        given.setdefault(name, []).append(node)
    if args.double is not None:
        for name in scope.params:
            given.setdefault(name, []).append(args.double)
    return given


def surely_given(site: Site, target: Target, callee: Scope) -> set[str]:
    """The parameters that a call passes by position or by name; what *args and **kwargs may hold is not sure."""
    if not target.direct:
        return set()
    names = callee.by_position[1 if target.receiver else 0 :]
    return {*names[: len(site.args.positional)], *site.args.keywords}


def spread_parameters(node: ast.AST) -> tuple[str, ...]:
    """The parameters that are made for the call, *args and **kwargs."""
    spec: ast.arguments = node.args  # type: ignore[attr-defined]
    return tuple(a.arg for a in (spec.vararg, spec.kwarg) if a is not None)


def spread_sites(scope: Scope) -> list[tuple[str, str]]:
    """The same parameters with the sites of their tuple and dict."""
    spec: ast.arguments = scope.node.args  # type: ignore[attr-defined]
    return [(a.arg, f"{scope.name}{stars}") for a, stars in ((spec.vararg, "*"), (spec.kwarg, "**")) if a is not None]


def callables(state: State, site: Site, to: str) -> list[int]:
    """The arguments of a site that are that function, or a method bound to an object, called by the way: `map(xs.append, ys)`."""
    found = []
    for node in dict.fromkeys((*site.args.everything(), *site.inputs)):
        anything, names, is_partial = _called_by(state, node)
        if anything or is_partial or to in names:
            found.append(node)
    return found


def _called_by(state: State, node: int) -> tuple[bool, frozenset[str], bool]:
    """Whether calling the node's value may call anything; the functions that it may be, bound or not; whether it may be a partial."""
    values = state.graph.sets[node]
    found = state.called_by.get(values)
    if found is None:
        anything, names, is_partial = False, set[str](), False
        for value in state.graph.at(node):
            if isinstance(value, Bound):
                names.add(value.func.path if isinstance(value.func, Lib) else value.func.name)
            elif isinstance(value, Func):
                names.add(value.name)
            else:
                is_partial = is_partial or isinstance(value, Partial)
                anything = anything or is_own(value)
        found = state.called_by[values] = anything, frozenset(names), is_partial
    return found


def _initialises(site: Site, function: LibraryFunction) -> bool:
    """Whether the call of a class leads to this initialiser, which it inherits: its receiver is what the call makes."""
    called = site.node.func if isinstance(site.node, ast.Call) else None
    return called is not None and function.path.endswith(".__init__") and getattr(called, "attr", "") != "__init__"


def library_given(state: State, body: Body, function: LibraryFunction, site: Site, target: Target) -> dict[str, list[int]]:
    """The argument nodes by the library function's parameter names; the receiver is `self`. What a partial has is part of that."""
    given = _library_given(state, body, function, site, target)
    if not target.direct and (partials := _partials(state, site)):
        return {name: [*nodes, *partials] for name, nodes in given.items()}
    return given


def _partials(state: State, site: Site) -> list[int]:
    """What is called here, or is an argument, and may be a partial."""
    nodes = dict.fromkeys((*([site.func] if site.func is not None else []), *site.args.everything(), *site.inputs))
    return [node for node in nodes if _called_by(state, node)[2]]


def _library_given(state: State, body: Body, function: LibraryFunction, site: Site, target: Target) -> dict[str, list[int]]:
    receiver = body.receivers.get(site.node)
    args = site.args if target.direct else Arguments(list(site.inputs))
    if not function.is_method:
        return bound_parameters(function, args)
    if target.receiver:
        given = bound_parameters(function, args)
        asked = body.asked.get(site.node, ()) if not function.path.endswith("__") else ()  # by operator.methodcaller
        if not target.direct and isinstance(site.node, ast.Call) and (methods := [*callables(state, site, function.path), *asked]):
            given["self"] = methods
        elif _initialises(site, function) and site.result is not None:
            given["self"] = [site.result]
        elif receiver is not None or site.func is not None:
            given["self"] = [receiver if receiver is not None else site.func]  # type: ignore[list-item]
        return given
    given = bound_parameters(function, Arguments(args.positional[1:], args.keywords, args.star, args.double))
    if args.positional:
        given["self"] = args.positional[:1]
    return given
