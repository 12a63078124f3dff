"""Annotations are believed: `def area(s: Shape)` says what `s` is where no call does. A wrong one costs a fallback, never an answer.

list[Shape]          a list that holds Shapes
Shape | None         a Shape (or one of its subclasses) or None
"Shape"              the same, written as a string
Callable, Any, T     says nothing
"""

from __future__ import annotations

import ast

from faasify.analysis.members import lookup
from faasify.analysis.scopes import Scope
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryClass
from faasify.analysis.values import NONE, NOTHING, Cls, Lib, LibMod, Mod, Obj, Values

_SILENT = frozenset(["builtins:object", "builtins:type"])
_CONTAINERS = frozenset(["builtins:list", "builtins:set", "builtins:frozenset", "builtins:tuple", "collections:deque"])


def annotated(state: State, node: ast.expr, scope: Scope) -> Values:
    """Instances that the annotation allows; nothing where it says nothing."""
    match node:
        case ast.Constant(value=None):
            return NONE
        case ast.Constant(value=str() as text):
            return _quoted(state, text, scope)
        case ast.BinOp(op=ast.BitOr()):
            return _either(state, [node.left, node.right], scope)
        case ast.Subscript():
            return _generic(state, node, scope)
        case ast.Name() | ast.Attribute():
            return _instances(state, _named(state, node, scope))
        case _:
            return NOTHING


def _quoted(state: State, text: str, scope: Scope) -> Values:
    try:
        return annotated(state, ast.parse(text.strip(), mode="eval").body, scope)
    except SyntaxError:
        return NOTHING


def _either(state: State, nodes: list[ast.expr], scope: Scope) -> Values:
    """A union says something only if each of its members does."""
    parts = [annotated(state, node, scope) for node in nodes]
    return frozenset().union(*parts) if all(parts) else NOTHING


def _generic(state: State, node: ast.Subscript, scope: Scope) -> Values:
    inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    named = _named(state, node.value, scope)
    paths = {v.path for v in named if isinstance(v, Lib)}
    if "typing:Optional" in paths:
        return _either(state, [*inner, ast.Constant(None)], scope)
    if "typing:Union" in paths:
        return _either(state, inner, scope)
    if paths & {"typing:Final", "typing:ClassVar", "typing:Annotated"}:
        return annotated(state, inner[0], scope)
    found = _instances(state, named, site=f"{scope.module}@annotation:{node.lineno}:{node.col_offset}")
    for value in found:
        if isinstance(value, Obj) and value.cls in _CONTAINERS:
            state.hold(value.site, annotated(state, inner[0], scope))
        elif isinstance(value, Obj) and value.cls == "builtins:dict" and len(inner) == 2:
            state.hold(f"{value.site}#keys", annotated(state, inner[0], scope))
            state.hold(value.site, annotated(state, inner[1], scope))
    return found


def _named(state: State, node: ast.expr, scope: Scope) -> Values:
    if isinstance(node, ast.Attribute):
        found = NOTHING
        for value in _named(state, node.value, scope):
            if isinstance(value, Mod | LibMod | Cls | Lib):
                found |= lookup(state, value, node.attr)
        return found
    if not isinstance(node, ast.Name):
        return NOTHING
    where = scope.resolve(node.id)
    return state.get((where.name, node.id)) if where is not None else frozenset([Lib(f"builtins:{node.id}")])


def _instances(state: State, named: Values, site: str = "") -> Values:
    found = NOTHING
    for value in named:
        if isinstance(value, Cls):
            found |= {Obj(value.name)} | _subclasses(state, value)
        elif isinstance(value, Lib):
            described = state.catalogue.find(value.path)
            if isinstance(described, LibraryClass) and described.path not in _SILENT and not described.path.startswith("typing:"):
                found |= {Obj(described.path, site)}
    return found


def _subclasses(state: State, cls: Cls) -> Values:
    found: Values = NOTHING
    for value in state.get(("subclasses", cls.name)):
        if isinstance(value, Cls) and value != cls:
            found |= {Obj(value.name)} | (_subclasses(state, value) if Obj(value.name) not in found else NOTHING)
    return found
