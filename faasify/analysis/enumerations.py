"""Which enumerations have members that are told apart by their names.

class Color(Enum): RED = 1; BLUE = 2       Color.RED is no other member, and equal to nothing else
class Level(IntEnum): LOW = 0              is equal to a number
class Color(Enum): RED = 1; CRIMSON = 1    one member with two names
"""

from __future__ import annotations

import ast

from faasify.analysis.elements import constant_key
from faasify.analysis.mro import order
from faasify.analysis.state import State

_PLAIN = frozenset(["enum:Enum", "builtins:object"])
_CHANGING = frozenset(["__eq__", "__hash__", "__new__", "_generate_next_value_"])


def has_different_members(state: State, cls: str) -> bool:
    """Whether each name of the body that is assigned a constant, or `auto()`, is a member of its own that is equal to itself alone."""
    scope = state.scopes.by_name.get(cls)
    node = scope.node if scope is not None else None
    if scope is None or not isinstance(node, ast.ClassDef) or node.keywords or not set(order(state, cls)[1:]) <= _PLAIN:
        return False
    if not _CHANGING.isdisjoint(state.traits.names_put):
        return False
    values: list[ast.expr] = []
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name[:1] != "_":
                values.append(value)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name not in _CHANGING:
                pass
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case _:
                return False
    if all(isinstance(value, ast.Constant) for value in values):
        return len({constant_key(value.value) for value in values}) == len(values)  # type: ignore[attr-defined]
    imported = {name for node in state.scopes.imports[scope.module] for name in _automatic(node)}
    return all(_is_automatic(value, imported) for value in values)


def _automatic(node: ast.Import | ast.ImportFrom) -> list[str]:
    """How `auto` is written where it is imported like this."""
    if isinstance(node, ast.Import):
        return [f"{alias.asname or alias.name}.auto" for alias in node.names if alias.name == "enum"]
    return [alias.asname or alias.name for alias in node.names if node.module == "enum" and alias.name == "auto"]


def _is_automatic(value: ast.expr, imported: set[str]) -> bool:
    return isinstance(value, ast.Call) and not value.args and not value.keywords and ast.unparse(value.func) in imported
