"""From a definition's name to its node in the syntax tree; the call graph holds names and lines only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from faasify.model.callgraph import Definition
from faasify.model.program import Module

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
DefinitionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def first_line(node: ast.stmt) -> int:
    """The line a statement begins on, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def definition_nodes(tree: ast.Module) -> Iterator[DefinitionNode]:
    """Every `def` and `class` of a module, at any depth."""
    return (node for node in ast.walk(tree) if isinstance(node, DefinitionNode))


@lru_cache(maxsize=256)
def index(tree: ast.Module) -> dict[tuple[str, int], DefinitionNode]:
    """(bare name, line of `def` or `class`) -> node; two definitions of one name never share a line."""
    return {(node.name, node.lineno): node for node in definition_nodes(tree)}


def node_of(nodes: dict[tuple[str, int], DefinitionNode], definition: Definition) -> DefinitionNode | None:
    """The node of `definition`; None for lambdas and module bodies."""
    return nodes.get((definition.qualname.rpartition(".")[2], definition.line))


def function_node(module: Module, definition: Definition) -> FunctionNode | None:
    """Like `node_of`, for one function."""
    node = node_of(index(module.tree), definition)
    return node if isinstance(node, FunctionNode) else None


def parameters(node: FunctionNode) -> tuple[str, ...]:
    """Parameter names in the order of `def`; `*args` and `**kw` under their own names."""
    spec = node.args
    star = [spec.vararg.arg] if spec.vararg else []
    double_star = [spec.kwarg.arg] if spec.kwarg else []
    return tuple([arg.arg for arg in (*spec.posonlyargs, *spec.args)] + star + [arg.arg for arg in spec.kwonlyargs] + double_star)
