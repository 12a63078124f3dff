"""The observed copy of a program: loads of names that class bodies bind go through a function that hears them.

self.shared.append(Base.made)   ->   $load(self, "shared").append($load(Base, "made"))
"""

from __future__ import annotations

import ast
from collections import namedtuple
from collections.abc import Callable, Iterable
from types import CodeType, MemberDescriptorType
from typing import Any

LOAD = "$load"
_FIELDS = (MemberDescriptorType, type(namedtuple("_", "x").x))  # in a class, but each instance's own
Heard = Callable[[str, str], None]


def observed(text: str, classes: Iterable[ast.ClassDef], file: str) -> CodeType:
    """The code that is run; positions stay."""
    names = {name for node in classes for name in _bound(node)}
    if not any(f".{name}" in text for name in names):
        return compile(text, file, "exec")
    return compile(_Loads(names).visit(ast.parse(text)), file, "exec")


def _bound(node: ast.ClassDef) -> list[str]:
    targets = [t for s in node.body if isinstance(s, ast.Assign) for t in s.targets]
    targets += [s.target for s in node.body if isinstance(s, ast.AnnAssign)]
    return [t.id for t in targets if isinstance(t, ast.Name)]


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
        parts = ast.Name(LOAD, ast.Load()), ast.Constant(node.attr)
        call = ast.Call(parts[0], [node.value, parts[1]], [])
        for part in (*parts, call):
            ast.copy_location(part, node)
        return call


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
