"""Call expressions to nodes, and the builtins that say by a constant what they do.

f(x, *xs, k=y)        whatever f may be is called with these
getattr(x, "name")    x.name
super()               the next class of the order, for each receiver that the method may have
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from faasify.analysis import iteration
from faasify.analysis.bodies import Arguments
from faasify.analysis.calls import call_node
from faasify.analysis.certain import changed
from faasify.analysis.containers import element_values, replace_element, shift
from faasify.analysis.decorators import ACCESSORS, accessor_by_call
from faasify.analysis.dynamic import dynamic_attribute, evaluated, format_fields, made_text, names_as_dictionary
from faasify.analysis.elements import constant_key
from faasify.analysis.lowering import Lowering, lower, lowers
from faasify.analysis.mro import classes_changed
from faasify.analysis.values import (
    NONE,
    UNKNOWN,
    Cls,
    Obj,
    Super,
    Value,
    is_own,
)

_ALL_NAMES = ("globals", "locals", "vars")
_SHIFTING = frozenset(["insert", "reverse", "sort", "pop", "remove", "rotate", "appendleft", "popleft", "extendleft"])


@lowers(ast.Call)
def _call(low: Lowering, node: ast.Call) -> int:
    if isinstance(node.func, ast.Name) and low.scope.resolve(node.func.id) is None:
        if node.func.id == "super":
            return _super(low, node)
        if node.func.id in ("getattr", "setattr", "delattr", "hasattr"):
            return dynamic_attribute(low, node)
        if node.func.id in _ALL_NAMES and (names := names_as_dictionary(low, node)) is not None:
            return names
    if node in low.sure and (done := changed(low, node)) is not None:
        return done
    if low.sure[:1] == [node] and (replaced := _updated(low, node)) is not None:
        return replaced
    low.called = node.func
    receiver = func = lower(low, node.func)
    if isinstance(node.func, ast.Attribute):
        receiver = low.body.fields[-1].receiver if low.body.fields else func
    args = arguments(low, node)
    result = low.fresh(func)
    site = low.body.site(node)
    site.func, site.args, site.result = func, args, result
    if isinstance(node.func, ast.Attribute):
        low.body.receivers[node] = receiver
        if node.func.attr in _SHIFTING:
            low.graph.watch(receiver, lambda v: shift(low, v))
        if node.func.attr in ACCESSORS and len(args.positional) == 1:
            accessor_by_call(low, node.func.attr, receiver, args.positional[0], result)
    call_node(low.state, func, low.here(node, args, result, direct=True))
    if isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec") and low.scope.resolve(node.func.id) is None:
        return _run_text(low, node, result)
    format_fields(low, node, args)
    return made_text(low, node, args) or result


def _updated(low: Lowering, node: ast.Call) -> int | None:
    """`d.update({"a": f})` of a dict that nobody else has is an assignment to its elements."""
    func = node.func
    if not (isinstance(func, ast.Attribute) and func.attr == "update" and isinstance(func.value, ast.Name) and len(node.args) == 1):
        return None
    given = node.args[0]
    if not isinstance(given, ast.Dict) or not all(isinstance(k, ast.Constant) for k in given.keys):
        return None
    base = low.read(func.value.id, func.value)
    literal = low.literals.get(base)
    if literal is None or literal.cls != "builtins:dict" or low.env.get(func.value.id) != base:
        return None
    if any(isinstance(part, ast.Name) and part.id in (func.value.id, *_ALL_NAMES) for v in given.values for part in ast.walk(v)):
        return None
    for key, value in zip(given.keys, given.values, strict=True):
        replace_element(low, func.value, constant_key(key.value), lower(low, value), node)  # type: ignore[union-attr]
    low.body.changes.append(base)
    low.target(node, "builtins:dict.update", direct=True)
    return low.static(NONE)


def arguments(low: Lowering, node: ast.Call) -> Arguments:
    args = Arguments()
    for argument in spread_out(node.args):
        if isinstance(argument, ast.Starred):
            container = lower(low, argument.value)
            inner = iteration.collected(low.state, container, low.body, argument)
            args.starred = container if args.star is None else None
            if args.star is None:
                args.star = low.graph.node()
            low.graph.edge(inner, args.star)
            low.body.copies.append((inner, args.star))
        elif args.star is not None:
            given = lower(low, argument)
            args.starred = None
            low.graph.edge(given, args.star)
            low.body.copies.append((given, args.star))
        else:
            args.positional.append(lower(low, argument))
    for name, value in _keywords(node.keywords):
        given = lower(low, value)
        if name is not None:
            args.keywords[name] = given
            continue
        args.doubled = given if args.double is None else None
        if args.double is None:
            args.double = low.fresh()
        double = args.double
        low.body.parts.append((given, double, ""))
        low.graph.watch(given, lambda v, double=double: element_values(low, v, double, node))  # type: ignore[misc]
    return args


def spread_out(nodes: Iterable[ast.expr]) -> Iterator[ast.expr]:
    """`f, *[g, h]` is `f, g, h`."""
    for node in nodes:
        if isinstance(node, ast.Starred) and isinstance(node.value, ast.List | ast.Tuple):
            yield from spread_out(node.value.elts)
        else:
            yield node


def _keywords(keywords: Iterable[ast.keyword]) -> Iterator[tuple[str | None, ast.expr]]:
    """`**{"a": f}` is `a=f`."""
    for keyword in keywords:
        given = keyword.value
        if keyword.arg is None and isinstance(given, ast.Dict) and all(_is_name(key) for key in given.keys):
            yield from zip((key.value for key in given.keys), given.values, strict=True)  # type: ignore[union-attr]
        else:
            yield keyword.arg, given


def _is_name(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Constant) and isinstance(key.value, str)


def _run_text(low: Lowering, node: ast.Call, result: int) -> int:
    """What is evaluated may call anything, if it is not seen."""
    given = evaluated(low, node)
    if given is not None:
        return given
    low.target(node, None, direct=True)
    low.graph.put_unknown(result)
    if low.body.scope.kind == "class":  # it may have any name then, as from a base that nobody knows
        low.state.bases[low.body.scope.name].insert(0, low.static(UNKNOWN))
        classes_changed(low.state, low.body.scope.name)
    return result


def _super(low: Lowering, node: ast.Call) -> int:
    """`super()` for each receiver the method may have; `super(C, self)` likewise."""
    state, result = low.state, low.fresh()
    low.target(node, "builtins:super", direct=True)
    low.body.site(node).result = result
    cls = state.scopes.enclosing_class(low.scope)
    if node.args:
        named = lower(low, node.args[0])
        receiver = lower(low, node.args[1]) if len(node.args) > 1 else low.fresh()
    else:
        function = low.scope
        while function.parent is not None and function.parent is not cls:
            function = function.parent
        named = low.static(Cls(cls.name)) if cls is not None else low.fresh()
        receiver = state.variable(function, function.params[0]) if function.params else low.fresh()
    low.body.copies.append((receiver, result))

    def learn(value: Value) -> None:
        if isinstance(value, Cls):
            low.graph.watch(receiver, lambda r: _supers(low, result, value, r))

    low.graph.watch(named, learn)
    return result


def _supers(low: Lowering, result: int, cls: Cls, receiver: Value) -> None:
    if isinstance(receiver, Cls) or (isinstance(receiver, Obj) and is_own(receiver)):
        low.graph.put(result, [Super(cls.name, receiver)])
