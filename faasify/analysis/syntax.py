"""Small questions about syntax trees: which parameters a function has, which names statements bind."""

from __future__ import annotations

import ast
from collections.abc import Iterable

ComprehensionNode = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def all_arguments(args: ast.arguments) -> list[ast.arg]:
    """Every parameter, in the order of the signature."""
    return [
        *args.posonlyargs,
        *args.args,
        *([args.vararg] if args.vararg else []),
        *args.kwonlyargs,
        *([args.kwarg] if args.kwarg else []),
    ]


def constant_truth(test: ast.expr) -> bool | None:
    """Whether a condition holds that is written as a constant; None for any other.

    >>> constant_truth(ast.parse("not 0", mode="eval").body), constant_truth(ast.parse("x", mode="eval").body)
    (True, None)
    """
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = constant_truth(test.operand)
        return None if inner is None else not inner
    return None


def assigned_names(statements: Iterable[ast.AST]) -> set[str]:
    """The names that these statements bind in their own scope, however deep: targets, definitions, imports, captures."""
    found: set[str] = set()
    queue: list[ast.AST] = list(statements)
    while queue:
        node = queue.pop()
        kind = node.__class__
        if kind is ast.Name:
            if node.ctx.__class__ is ast.Store:  # type: ignore[attr-defined]
                found.add(node.id)  # type: ignore[attr-defined]
            continue
        if kind in _DEFINITIONS:
            found.add(node.name)  # type: ignore[attr-defined]
            continue
        if kind is ast.alias:
            found.add(node.asname or node.name.partition(".")[0])  # type: ignore[attr-defined]
        elif kind in _CAPTURES and (name := getattr(node, "name", None) or getattr(node, "rest", None)):
            found.add(name)
        if kind is not ast.Lambda and kind is not ast.Constant:
            for field in node._fields:
                part = getattr(node, field, None)
                if part.__class__ is list:
                    queue.extend(p for p in part if isinstance(p, ast.AST))
                elif isinstance(part, ast.AST):
                    queue.append(part)
    return found


def statements_in(tree: ast.AST) -> list[ast.AST]:
    """The node, and all statements, handlers and cases in it, level by level as `ast.walk` goes: a tenth of the tree."""
    found = [tree]
    for node in found:
        for field in _BLOCKS:
            found += getattr(node, field, ())
    return found


_BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")
_DEFINITIONS = frozenset([ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef])
_CAPTURES = frozenset([ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping])
