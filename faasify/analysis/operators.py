"""Operators: a class of the program answers by its own methods, builtins combine as they do.

Part() + Part()      calls Part.__add__
1 / 2                a float
[f] + [g]            a list that holds f and g
"""

from __future__ import annotations

import ast

from faasify.analysis import calls
from faasify.analysis.state import Arguments, State
from faasify.analysis.values import ANYTHING, NOTHING, UNKNOWN, Obj, Value, Values, instance

_NUMBERS = frozenset(["builtins:int", "builtins:float", "builtins:bool", "builtins:complex"])


OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.MatMult: "matmul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
}


COMPARISONS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Eq: ("__eq__", "__eq__"),
    ast.NotEq: ("__ne__", "__ne__"),
    ast.Lt: ("__lt__", "__gt__"),
    ast.LtE: ("__le__", "__ge__"),
    ast.Gt: ("__gt__", "__lt__"),
    ast.GtE: ("__ge__", "__le__"),
}


UNARY: dict[type[ast.AST], str] = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__", ast.Not: "__bool__"}


def operate(state: State, left: Values, right: Values, name: str, node: ast.AST) -> Values:
    """`left <op> right`: a program class's operator is called, builtins combine as they do."""
    result = NOTHING
    for value in left:
        result |= calls.call_method(state, value, f"__{name}__", Arguments([right]), node) if is_own(value) else NOTHING
    for value in right:
        result |= calls.call_method(state, value, f"__r{name}__", Arguments([left]), node) if is_own(value) else NOTHING
    for value in left:
        if isinstance(value, Obj) and value.is_library:
            result |= _combine(state, value, right, name, node)
    if UNKNOWN in left or UNKNOWN in right:
        result |= ANYTHING
    return result


def is_own(value: Value) -> bool:
    return isinstance(value, Obj) and not value.is_library


def _combine(state: State, left: Obj, right: Values, name: str, node: ast.AST) -> Values:
    if left.cls in _NUMBERS:
        kinds = {v.cls for v in right if isinstance(v, Obj)} & _NUMBERS
        return instance("builtins:float") if name == "truediv" or "builtins:float" in kinds | {left.cls} else frozenset([Obj(left.cls)])
    if left.cls in ("builtins:list", "builtins:tuple") and left.site:
        made = Obj(left.cls, state.site_name(node))
        for value in (left, *right):
            if isinstance(value, Obj):
                state.hold(made.site, state.held(value.site))
        return frozenset([made])
    return frozenset([left])
