"""The parameters of a library function as its type stub has them, one tuple an overload."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from faasify.analysis.annotated import Reader, Type, module_of
from faasify.analysis.typeshed import Found, default


@dataclass(frozen=True)
class Parameter:
    name: str
    kind: str  # positional, keyword, star, stars
    types: tuple[Type, ...]
    optional: bool


def signatures(path: str) -> list[tuple[Parameter, ...]]:
    """Without the receiver; a class has those of its constructor; [] if no type stub knows the function."""
    found = default().find(path)
    if found is not None and found.kind == "variable":  # an instance with __call__
        from faasify.analysis.typeshed import attribute

        found = next((f for t in attribute(path) if (f := default().find(f"{t.path}.__call__"))), found)
    if found is None or found.kind not in ("function", "property"):
        return []
    return [_parameters(node, found) for node in found.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def constructor(path: str) -> list[tuple[Parameter, ...]]:
    """Those of `__new__` or `__init__`, whichever is not object's."""
    for name in ("__init__", "__new__"):
        found = default().find(f"{path}.{name}")
        if found is not None and found.owner is not None and found.owner.path != "builtins:object":
            return signatures(f"{path}.{name}")
    return [()]


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef, found: Found) -> tuple[Parameter, ...]:
    reader = Reader(default(), found.owner or module_of(found), found.owner)
    args = node.args
    positional = [*args.posonlyargs, *args.args]
    first_optional = len(positional) - len(args.defaults)
    is_static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
    made = [_made(reader, arg, "positional", n >= first_optional) for n, arg in enumerate(positional)]
    if found.owner is not None and not is_static:
        made = made[1:]
    made += [_made(reader, arg, "star", True) for arg in [args.vararg] if arg]
    made += [_made(reader, a, "keyword", d is not None) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True)]
    made += [_made(reader, arg, "stars", True) for arg in [args.kwarg] if arg]
    return tuple(made)


def _made(reader: Reader, arg: ast.arg, kind: str, optional: bool) -> Parameter:
    return Parameter(arg.arg, kind, tuple(reader.read(arg.annotation)), optional)
