"""Which argument expression becomes which parameter, of a library function or of one of the program."""

from __future__ import annotations

import ast

from faasify.analysis.roots import Root, Roots
from faasify.analysis.scopes import Scope
from faasify.analysis.state import Target
from faasify.analysis.summaries import LibraryFunction


def given_arguments(described: LibraryFunction, target: Target, node: ast.AST) -> dict[str, list[ast.expr]]:
    """The argument expressions by the described function's parameter names; the receiver is `self`."""
    given: dict[str, list[ast.expr]] = {}
    if not isinstance(node, ast.Call):
        operand = getattr(node, "value", None) or getattr(node, "left", None) or getattr(node, "target", None)
        return {"self": [operand]} if isinstance(operand, ast.expr) else {}
    arguments = list(node.args)
    if described.is_method:
        if target.receiver and isinstance(node.func, ast.Attribute):
            given["self"] = [node.func.value]
        elif arguments and not target.receiver:
            given["self"] = [arguments.pop(0)]
    for index, argument in enumerate(arguments):
        name = described.positional[index] if index < len(described.positional) else described.vararg
        if name is not None:
            given.setdefault(name, []).append(argument)
    for keyword in node.keywords:
        if keyword.arg is not None:
            given.setdefault(keyword.arg, []).append(keyword.value)
    return given


def callee_text(node: ast.AST) -> str:
    """How the callee is written, as far as names and dots go."""
    match node:
        case ast.Call(func=func):
            return callee_text(func)
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{callee_text(value)}.{attr}"
        case ast.Subscript(value=value):
            return f"{callee_text(value)}[...]"
        case _:
            return "(...)" if isinstance(node, ast.expr) else type(node).__name__.lower()


Passed = tuple[tuple[str, frozenset[Root]], ...]


def passed_roots(roots: Roots, target: Target, callee: Scope, node: ast.AST, scope: Scope) -> Passed:
    """The callee's parameters with the roots of what this site gives them, as far as they have any."""
    if isinstance(node, ast.Call) and target.direct:
        return _passed(roots, target, callee, node, scope)
    return _received(roots, callee, node, scope)


def _passed(roots: Roots, target: Target, callee: Scope, node: ast.Call, scope: Scope) -> Passed:
    """Parameters of the callee, each with the roots of the argument that this call gives it."""
    spec: ast.arguments = callee.node.args  # type: ignore[attr-defined]
    names = [a.arg for a in [*spec.posonlyargs, *spec.args]]
    pairs: list[tuple[str, frozenset[Root]]] = []
    arguments: list[ast.expr] = list(node.args)
    if target.receiver:
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        if names and receiver is not None:
            pairs.append((names[0], roots.of(receiver, scope, elements=True)))
        names = names[1:]
    for index, argument in enumerate(arguments):
        name = names[index] if index < len(names) else spec.vararg.arg if spec.vararg else None
        if isinstance(argument, ast.Starred):
            pairs += [(rest, roots.of(argument, scope, elements=True)) for rest in names[index:]]
            break
        if name is not None:
            pairs.append((name, roots.of(argument, scope, elements=True)))
    for keyword in node.keywords:
        if keyword.arg is not None:
            pairs.append((keyword.arg, roots.of(keyword.value, scope, elements=True)))
    return tuple((name, found) for name, found in pairs if found)


def _received(roots: Roots, callee: Scope, node: ast.AST, scope: Scope) -> Passed:
    """An operator, a property or `with`: the callee's receiver is the left operand, the object, the manager."""
    operand: ast.expr | None = None
    match node:
        case ast.Attribute(value=operand) | ast.Subscript(value=operand) | ast.BinOp(left=operand) | ast.AugAssign(target=operand):
            pass
        case ast.With(items=[item, *_]):
            operand = item.context_expr
        case ast.For(iter=operand) | ast.Call(args=[operand, *_]):
            pass
        case _:
            return ()
    found = roots.of(operand, scope, elements=True) if operand is not None else frozenset()
    return ((callee.params[0], found),) if callee.params and found else ()
