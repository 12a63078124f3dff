"""The observed copy of a program: what comparing before and after cannot show goes through functions that hear it.

self.shared.append(Base.made)   ->   $load(self, "shared").append($load(Base, "made"))      names that class bodies bind
Scope.depth -= 1                ->   $change(Scope, "depth").depth -= 1                     what is put back later, or was so before
global N; N = 1                 ->   global N; N = 1; $write("N")
"""

from __future__ import annotations

import ast
from collections import namedtuple
from collections.abc import Callable, Iterable
from types import CodeType, MemberDescriptorType
from typing import Any

LOAD, CHANGE, WRITE = "$load", "$change", "$write"
_FIELDS = (MemberDescriptorType, type(namedtuple("_", "x").x))  # in a class, but each instance's own
Heard = Callable[[str, str], None]


def observed(tree: ast.Module, text: str, classes: Iterable[ast.ClassDef], file: str) -> CodeType:
    """The code that is run, made of the tree itself; positions stay."""
    tree = _Stores().visit(tree)
    names = {name for node in classes for name in _bound(node)}
    if any(f".{name}" in text for name in names):
        tree = _Loads(names).visit(tree)
    return compile(tree, file, "exec")


def _bound(node: ast.ClassDef) -> list[str]:
    targets = [t for s in node.body if isinstance(s, ast.Assign) for t in s.targets]
    targets += [s.target for s in node.body if isinstance(s, ast.AnnAssign)]
    return [t.id for t in targets if isinstance(t, ast.Name)]


def _call(name: str, like: ast.expr | ast.stmt, *args: ast.expr) -> ast.Call:
    parts = ast.Name(name, ast.Load()), *(arg for arg in args if isinstance(arg, ast.Constant))
    call = ast.Call(parts[0], list(args), [])
    for part in (*parts, call):
        ast.copy_location(part, like)
    return call


class _Loads(ast.NodeTransformer):
    def __init__(self, names: set[str]) -> None:
        self.names = names

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        return self.load(node) if isinstance(node.ctx, ast.Load) and node.attr in self.names else node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt | list[ast.stmt]:
        """`Base.made += 1` looks the attribute up first."""
        self.generic_visit(node)
        if not isinstance(node.target, ast.Attribute) or node.target.attr not in self.names:
            return node
        return [ast.copy_location(ast.Expr(self.load(node.target)), node), node]

    def load(self, node: ast.Attribute) -> ast.Call:
        return _call(LOAD, node, node.value, ast.Constant(node.attr))


class _Stores(ast.NodeTransformer):
    """What is stored, in an object or in a global of the module."""

    def __init__(self) -> None:
        self.globals: frozenset[str] = frozenset()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        around, self.globals = self.globals, frozenset(name for s in node.body if isinstance(s, ast.Global) for name in s.names)
        self.generic_visit(node)
        self.globals = around
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        around, self.globals = self.globals, frozenset()
        self.generic_visit(node)
        self.globals = around
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            node.value = _call(CHANGE, node.value, node.value, ast.Constant(node.attr))
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load) and not isinstance(node.slice, ast.Slice):
            node.value = _call(CHANGE, node.value, node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt | list[ast.stmt]:
        """Where working the value out may fail, what is compared has to do."""
        if any(isinstance(part, ast.Call | ast.Subscript) for part in ast.walk(node.value)):
            node.value = self.visit(node.value)
            return node
        return self.assigned(node)

    def assigned(self, node: ast.stmt) -> ast.stmt | list[ast.stmt]:
        self.generic_visit(node)
        return [node, *self.written(node)]

    visit_Assign = visit_AnnAssign = visit_Delete = assigned

    def visit_For(self, node: ast.For) -> ast.For:
        names = self.written(node.target)
        self.generic_visit(node)
        node.body[:0] = names
        return node

    def written(self, node: ast.AST) -> list[ast.stmt]:
        stored = [n for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load) and n.id in self.globals]
        return [ast.copy_location(ast.Expr(_call(WRITE, name, ast.Constant(name.id))), name) for name in stored]


def loader(heard: Heard, modules: dict[str, str]) -> Callable[[Any, str], Any]:
    """What `$load` is; `modules`: `__module__` of the program's classes -> the name in reports."""

    def load(x: Any, name: str) -> Any:
        value = getattr(x, name)
        is_class = isinstance(x, type)
        if is_class or name not in getattr(x, "__dict__", {}):
            for k in (x if is_class else type(x)).__mro__:
                if name in vars(k) or name in getattr(k, "_member_map_", {}):
                    if k.__module__ in modules and type(vars(k).get(name)) not in _FIELDS:
                        heard("reads", f"{modules[k.__module__]}.{k.__qualname__}.{name}")
                    break
        return value

    return load


def has_setter(x: Any, name: str) -> bool:
    """Whether storing the attribute calls a property or descriptor instead."""
    for k in type(x).__mro__:
        if name in vars(k):
            found = vars(k)[name]
            return hasattr(type(found), "__set__") and not isinstance(found, MemberDescriptorType)
    return False
