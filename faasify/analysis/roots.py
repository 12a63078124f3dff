"""Which variables an expression's object hangs from: what is changed when that object is changed in place.

def f(xs, n):
    for row in xs:      row hangs from xs
        row[0] = n      changes xs
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from faasify.analysis.scopes import Scope
from faasify.analysis.state import State
from faasify.analysis.syntax import COMPREHENSIONS, own_nodes
from faasify.analysis.values import Mod

Root = tuple[str, str]
"""(scope, name): a parameter or local of a function, or a module's global."""

_SHARING_METHODS = frozenset(["items", "values", "get", "setdefault", "pop", "popleft", "copy", "most_common"])
_SHARING_FUNCTIONS = frozenset(["enumerate", "zip", "reversed", "sorted", "iter", "next", "list", "tuple", "filter", "min", "max"])


def scoped_nodes(state: State, body: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """The nodes of one body, each with the scope its names are looked up in (a comprehension has its own)."""
    owners: dict[ast.AST, Scope] = {}
    for node in own_nodes(body.node):
        scope = owners.pop(node, body)
        yield node, scope
        inner = state.scopes.by_node[node] if isinstance(node, COMPREHENSIONS) else scope
        if inner is body:
            continue
        for child in ast.iter_child_nodes(node):
            owners[child] = inner
        if isinstance(node, COMPREHENSIONS):
            owners[node.generators[0]] = inner


class Roots:
    """The roots of one body's expressions; local names stand for what they were assigned."""

    def __init__(self, state: State, body: Scope) -> None:
        self.state, self.body = state, body
        self.aliases: dict[Root, list[tuple[ast.expr, Scope, bool]]] = {}
        for node, scope in scoped_nodes(state, body):
            self._learn(node, scope)

    def of(self, node: ast.expr, scope: Scope, *, elements: bool = False) -> frozenset[Root]:
        """`elements`: an element of the object is meant, which `list(xs)` shares with `xs` though the list itself is new."""
        found: set[Root] = set()
        self._collect(node, scope, elements, found, set())
        return frozenset(found)

    def _collect(self, node: ast.expr, scope: Scope, elements: bool, found: set[Root], seen: set[Root]) -> None:
        match node:
            case ast.Name(id=name):
                self._variable(name, scope, found, seen)
            case ast.Attribute():
                if (module := self._module(node.value, scope)) is not None:
                    found.add((module, node.attr))
                else:
                    self._collect(node.value, scope, True, found, seen)
            case ast.Subscript():
                if not isinstance(node.slice, ast.Slice) or elements:  # xs[1:] is a new list of the same elements
                    self._collect(node.value, scope, True, found, seen)
            case ast.Starred() | ast.NamedExpr():
                self._collect(node.value, scope, elements, found, seen)
            case ast.IfExp():
                self._collect(node.body, scope, elements, found, seen)
                self._collect(node.orelse, scope, elements, found, seen)
            case ast.BoolOp():
                for value in node.values:
                    self._collect(value, scope, elements, found, seen)
            case ast.Call(func=ast.Attribute(attr=attr) as func) if attr in _SHARING_METHODS and (
                elements or attr not in ("copy", "items")
            ):
                self._collect(func.value, scope, True, found, seen)
            case ast.Call(func=ast.Name(id=name)) if name in _SHARING_FUNCTIONS and (elements or name in ("iter", "next", "min", "max")):
                for argument in node.args:
                    self._collect(argument, scope, True, found, seen)
            case ast.Call(func=ast.Name(id="super")) if self.body.params:
                found.add((self.body.name, self.body.params[0]))
            case _:
                return

    def _variable(self, name: str, scope: Scope, found: set[Root], seen: set[Root]) -> None:
        where = scope.resolve(name)
        if where is None or (where.name, name) in seen:
            return
        root = (where.name, name)
        seen.add(root)
        if root not in self.aliases or name in where.params or where.kind in ("module", "class") or where.owner is not self.body:
            found.add(root)
        for expression, inner, elements in self.aliases.get(root, ()):
            self._collect(expression, inner, elements, found, seen)

    def _module(self, node: ast.expr, scope: Scope) -> str | None:
        """The program module that `node` names, for `config.x`."""
        if not isinstance(node, ast.Name) or (where := scope.resolve(node.id)) is None:
            return None
        values = self.state.facts.get((where.name, node.id), set())
        return next((v.name for v in values if isinstance(v, Mod)), None) if len(values) == 1 else None

    def _learn(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.Assign():
                for target in node.targets:
                    self._bind(target, node.value, scope, elements=False)
            case ast.AnnAssign(value=ast.expr() as value) | ast.NamedExpr(value=value):
                self._bind(node.target, value, scope, elements=False)
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                self._bind(node.target, node.iter, scope, elements=True)
            case ast.withitem(optional_vars=ast.expr() as target):
                self._bind(target, node.context_expr, scope, elements=False)
            case _:
                return

    def _bind(self, target: ast.expr, value: ast.expr, scope: Scope, *, elements: bool) -> None:
        if isinstance(target, ast.Name):
            where = scope.resolve(target.id)
            if where is not None and where.kind != "module":
                self.aliases.setdefault((where.name, target.id), []).append((value, scope, elements))
        elif isinstance(target, ast.Tuple | ast.List):
            parts = value.elts if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts) else None
            for index, element in enumerate(target.elts):
                self._bind(element, parts[index] if parts else value, scope, elements=elements or parts is None)
        elif isinstance(target, ast.Starred):
            self._bind(target.value, value, scope, elements=True)
