"""Statements in a row: each is lowered by what has registered itself for its kind; statements.py and control_flow.py do.

@runs(ast.If)
def _if(low, node): ...        separately(low, node.body): a branch, which may not be taken
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from faasify.analysis.certain import is_quiet
from faasify.analysis.lowering import Lowering, lower

F = TypeVar("F", bound=Callable[..., None])
HANDLERS: dict[type[ast.stmt], Callable[[Lowering, Any], None]] = {}


def runs(*kinds: type[ast.stmt]) -> Callable[[F], F]:
    """Registers a function for kinds of statements."""

    def register(handler: F) -> F:
        HANDLERS.update(dict.fromkeys(kinds, handler))
        return handler

    return register


def block(low: Lowering, statements: Iterable[ast.stmt]) -> None:
    _run(low, statements)
    low.show()
    low.last, low.quiet = None, False


def _run(low: Lowering, statements: Iterable[ast.stmt]) -> None:
    for statement in statements:
        if low.env.now is None:
            return  # behind a `return`, `raise` or endless loop: never reached
        if low.given is not None and not _begins_with_attribute(statement):
            low.given = None
        quiet = low.quiet = is_quiet(low, statement)
        low.last = statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
        if not quiet:
            low.steps += 1
            low.show()
        low.sure = []
        HANDLERS.get(statement.__class__, _parts)(low, statement)
        bound = isinstance(statement, ast.Assign) and isinstance(low.last, ast.Name) and not low.state.traits.is_interrupted
        low.steps += not (quiet or bound)
        if low.given is not None and statement.__class__ is not ast.Assign:
            low.given = None  # in one branch, or in a loop that may not run


def _begins_with_attribute(statement: ast.stmt) -> bool:
    """Whether the first thing that it does is to look up `x.name`."""
    if not isinstance(statement, ast.Expr | ast.Assign | ast.Return):
        return False
    first = statement.value.func if isinstance(statement.value, ast.Call) else statement.value
    return isinstance(first, ast.Attribute) and isinstance(first.value, ast.Name)


def _parts(low: Lowering, node: ast.AST) -> None:
    """Evaluate every expression of a statement and run the statements in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            lower(low, child)
        elif isinstance(child, ast.stmt):
            block(low, [child])
        else:
            _parts(low, child)


def separately(low: Lowering, statements: Iterable[ast.stmt]) -> None:
    """What is known of containers does not outlast a branch that may not be taken, or be taken again; nor what an attribute was given."""
    low.literals, low.given = {}, None
    block(low, statements)
    low.literals, low.given = {}, None
