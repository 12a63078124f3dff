"""Small questions about syntax trees: what a body runs itself, what a function's kind is, which parameters it has."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from faasify.model.callgraph import DefinitionKind

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


ComprehensionNode = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def all_arguments(args: ast.arguments) -> list[ast.arg]:
    """Every parameter, in the order of the signature."""
    return [
        *args.posonlyargs,
        *args.args,
        *([args.vararg] if args.vararg else []),
        *args.kwonlyargs,
        *([args.kwarg] if args.kwarg else []),
    ]


def own_nodes(body: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run as part of `body` itself, in source order: nested definitions only with their decorators, defaults and bases."""
    queue: list[ast.AST] = [*reversed(body_of(body))]
    while queue:
        node = queue.pop()
        yield node
        queue.extend(reversed(list(_own_children(node))))


def _own_children(node: ast.AST) -> Iterable[ast.AST]:
    if isinstance(node, FUNCTIONS):
        defaults = [*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]
        return [*getattr(node, "decorator_list", ()), *defaults]
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    return ast.iter_child_nodes(node)


def body_of(node: ast.AST) -> list[ast.stmt]:
    """The statements of a module, function or class; a lambda's one expression as a statement."""
    if isinstance(node, ast.Lambda):
        return [ast.copy_location(ast.Expr(node.body), node.body)]
    return list(getattr(node, "body", ()))


def function_kind(node: ast.FunctionDef | ast.AsyncFunctionDef) -> DefinitionKind:
    """What calling it gives: a value, a generator, a coroutine or an asynchronous generator."""
    yields = any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in own_nodes(node))
    if isinstance(node, ast.AsyncFunctionDef):
        return "async_generator" if yields else "coroutine"
    return "generator" if yields else "function"


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


_DEFINITIONS = frozenset([ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef])
_CAPTURES = frozenset([ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping])
