"""Operators: a class of the program answers by its own methods, builtins combine as they do.

Part() + Part()      calls Part.__add__
1 / 2                a float
[f] + [g]            a list that holds f and g
"""

from __future__ import annotations

import ast
from typing import TypeGuard

from faasify.analysis.asking import ORDERINGS, ask, asked, given_back, remember
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import Here, call_method, has_method, returns
from faasify.analysis.chains import ask_maps
from faasify.analysis.elements import DEFAULTING, MAPPINGS, UNION
from faasify.analysis.lowering import Lowering
from faasify.analysis.mro import order, when_bases_are_known
from faasify.analysis.summaries import LibraryClass
from faasify.analysis.texts import concatenate
from faasify.analysis.values import BOOL, FLOAT, INT, NONE, STR, UNKNOWN, Cls, Lib, Obj, Unknown, Value, is_own

_NUMBERS = frozenset(["builtins:int", "builtins:float", "builtins:bool", "builtins:complex"])
_SETS = frozenset(["builtins:set", "builtins:frozenset", "builtins:dict_keys", "builtins:dict_items"])
_SEQUENCES = frozenset(["builtins:list", "builtins:tuple"])
_REPEATED = _SEQUENCES | {"builtins:str", "builtins:bytes"}


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


UNARY: dict[type[ast.AST], str] = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}


def operate(low: Lowering, left: int, right: int, name: str, node: ast.AST) -> int:
    """`left <op> right`: a program class's operator is called, builtins combine as they do."""
    graph, numbers = low.graph, low.state.statics
    if left in (numbers.get(INT), numbers.get(STR), numbers.get(FLOAT)) and left == right and name != "truediv":
        return left
    result = low.fresh(left, right)
    low.body.receivers[node] = left
    forward, backward = low.here(node, Arguments([right]), result), low.here(node, Arguments([left]), result)
    combined: set[tuple[str, bool]] = set()  # by class, and whether it is known what it holds: the right one is asked once for each
    repeating: list[int] = []

    def repeats(number: int) -> None:
        if number not in repeating:
            repeating.append(number)
            asked(low.state, number, "__index__", low.here(node))

    def from_left(value: Value) -> None:
        if is_own(value):
            call_method(low.state, value, f"__{name}__", forward)
            if name == "or" and isinstance(value, Obj) and "builtins:dict" in order(low.state, value.cls):
                graph.watch(right, lambda v: _asked_for_items(low, value, v, node) if is_own(v) else None)
        elif isinstance(value, Cls) and not (name == "or" and _is_class(low, value)):
            graph.put_unknown(result)
            call_method(low.state, value, f"__{name}__", forward)
        elif name == "or" and _is_class(low, value):
            _either_class(low, value, right, node, result)
        elif isinstance(value, Obj):
            if name == "or" and value.cls == UNION:
                _either_class(low, value, right, node, result)
                return
            if name == "or" and value == NONE:
                graph.watch(right, lambda v: _either_class(low, value, right, node, result) if _is_class(low, v) else None)
            if value.cls not in _NUMBERS and not value.cls.startswith("builtins:"):
                call_method(low.state, value, f"__{name}__", forward)
            if name == "mul" and value.cls in _REPEATED:
                repeats(right)
            kind = value.cls, bool(value.site)
            _combine(low, value, right, name, node, result, again=kind in combined)
            combined.add(kind)
        else:
            graph.put_unknown(result)
            if isinstance(value, Unknown):
                low.body.unknown(node, f"__{name}__")

    def from_right(value: Value) -> None:
        if is_own(value) or isinstance(value, Cls):
            remember(low.state, backward, right)
            call_method(low.state, value, f"__r{name}__", backward)
        elif isinstance(value, Unknown):
            graph.put_unknown(result)
            low.body.unknown(node, f"__r{name}__")
        elif name == "mul" and isinstance(value, Obj) and value.cls in _REPEATED:
            repeats(left)
        elif returns(low.state, value, f"__r{name}__"):
            call_method(low.state, value, f"__r{name}__", backward)
            if low.state.traits.chains:
                ask_maps(low.state, value, f"__r{name}__", backward)

    graph.watch(left, from_left)
    graph.watch(right, from_right)
    return result


def _combine(low: Lowering, left: Obj, right: int, name: str, node: ast.AST, result: int, *, again: bool) -> None:
    """`again`: one of its kind was combined so before."""
    if left.cls in _NUMBERS:
        if again:
            return

        def number(value: Value) -> None:
            if isinstance(value, Obj) and value.cls in _NUMBERS:
                low.graph.put(result, [_number(left.cls, value.cls, name)])
            elif isinstance(value, Obj) and value.is_library:
                low.graph.put(result, [value if value.cls in _SEQUENCES else Obj(value.cls)])

        low.graph.watch(right, number)
    elif left.cls in _SEQUENCES and left.site:
        made = Obj(left.cls, low.site_name(node))
        low.graph.put(result, [made])
        held = low.state.node("held", left.site)
        low.state.hold(made.site, held)
        if again:
            return
        low.graph.watch(right, lambda v: low.state.hold(made.site, low.state.node("held", v.site)) if isinstance(v, Obj) else None)
        low.body.puts.append((result, low.body.receivers[node], "[:]"))
        low.body.puts.append((result, right, "[:]"))
    elif name == "or" and left.cls in MAPPINGS | _SETS and left.site:
        made = Obj(left.cls, low.site_name(node))
        _united(low, left, made)
        if again:
            return
        low.graph.put(result, [made])
        for side in (low.body.receivers[node], right):
            low.body.puts.append((result, side, "[:]"))
        low.graph.watch(right, lambda v: _united(low, v, made))
        low.graph.watch(right, lambda v: low.graph.put(result, [Obj(v.cls, made.site)]) if _is_defaulting(v) else None)
        low.graph.watch(right, lambda v: _asked_for_items(low, left, v, node) if is_own(v) else None)
    elif left.cls == "builtins:str" and name == "add" and low.state.traits.computes_names:
        concatenate(low.graph, [low.static(left), right], result)
    else:
        low.graph.put(result, [Obj(left.cls, left.site)])


def _is_class(low: Lowering, value: Value) -> bool:
    """Whether this is a class that combines as classes do, not by its metaclass."""
    if isinstance(value, Cls):
        return value.name not in low.state.metaclasses or low.state.bound_in_classes.isdisjoint(("__or__", "__ror__"))
    return isinstance(value, Lib) and isinstance(low.state.catalogue.find(value.path), LibraryClass)


def _either_class(low: Lowering, left: Value, right: int, node: ast.AST, result: int) -> None:
    """`A | B` of classes stands for both."""
    made = Obj(UNION, low.site_name(node))
    low.graph.put(result, [made])
    low.state.hold(made.site, low.static(left))
    low.state.hold(made.site, right)


def _united(low: Lowering, value: Value, made: Obj) -> None:
    """`a | b` of dicts or sets has what both have."""
    if isinstance(value, Obj) and value.is_library and value.site:
        low.state.pour(value.site, made.site)
        if value.cls == DEFAULTING:
            low.graph.edge(low.state.node("factory", value.site), low.state.node("factory", made.site))
        low.graph.edge(low.state.node("keys", value.site), low.state.node("keys", made.site))


def _is_defaulting(value: Value) -> TypeGuard[Obj]:
    """`{} | d` of a `defaultdict` is one, too."""
    return isinstance(value, Obj) and value.cls == DEFAULTING


def _asked_for_items(low: Lowering, left: Obj, right: Value, node: ast.AST) -> None:
    """An ordered dictionary asks each mapping that is not a plain one, a plain one those that have their own way to be gone through."""
    if left.cls == "collections:OrderedDict" or (isinstance(right, Obj) and has_method(low.state, right.cls, "__iter__")):
        for name in ("keys", "__getitem__"):
            call_method(low.state, right, name, low.here(node, Arguments([low.static(STR)] if name == "__getitem__" else [])))


def _number(left: str, right: str, name: str) -> Obj:
    kinds = {left, right}
    if "builtins:complex" in kinds:
        return Obj("builtins:complex")
    if name == "truediv" or "builtins:float" in kinds:
        return FLOAT
    return BOOL if kinds == {"builtins:bool"} and name in ("and", "or", "xor") else INT


def compared(low: Lowering, left: int, right: int, methods: tuple[str, str], node: ast.AST) -> int:
    """`left < right` calls the left one's method, or the right one's mirrored; containers compare their elements.

    What it gives: a bool, or what a method of the program returns.
    """
    others = ("__eq__",) if methods[0] == "__ne__" else ORDERINGS if low.state.traits.orders_totally and methods[0] in ORDERINGS else ()
    if low.state.bound_in_classes.isdisjoint((*methods, *others)) and not low.state.traits.chains:
        return low.static(BOOL)
    low.body.receivers.setdefault(node, left)
    returned, result = low.graph.node(), low.graph.of(BOOL)
    for side, name, other in ((left, methods[0], right), (right, methods[1], left)):
        itself, elements = low.here(node, Arguments([other]), returned), low.here(node, Arguments([other]))

        def learn(value: Value, name: str = name, itself: Here = itself, elements: Here = elements) -> None:
            ask(low.state, value, name, elements if isinstance(value, Obj) and value.is_library else itself)
            if low.state.traits.chains:
                ask_maps(low.state, value, name, elements)
            if isinstance(value, Obj) and value.cls == "collections:Counter":
                low.graph.watch(elements.args.positional[0], lambda v: _counts(low, v, node) if is_own(v) else None)

        low.graph.watch(side, learn)
    _remember_right(low, left, right, methods[0], low.here(node))
    given_back(low.state, low.body, returned, result)
    if others:  # `not self == other`, `self < other or self == other`
        truth(low, result, node)
    return result


def _counts(low: Lowering, value: Value, node: ast.AST) -> None:
    """A counter looks up what another one has, and what itself has in that."""
    call_method(low.state, value, "__iter__", low.here(node))
    call_method(low.state, value, "__getitem__", low.here(node, Arguments([low.static(UNKNOWN)])))


def answered(low: Lowering, left: int, right: int, methods: tuple[str, str], node: ast.AST) -> int:
    """What `left < right` gives: that, or what a library's class says (an array of bools)."""
    result = compared(low, left, right, methods, node)
    result = low.graph.of(BOOL) if result == low.static(BOOL) else result
    for side, name, other in ((left, methods[0], right), (right, methods[1], left)):
        here = low.here(node, Arguments([other]), result)
        low.graph.watch(side, lambda v, n=name, h=here: call_method(low.state, v, n, h) if returns(low.state, v, n) else None)  # type: ignore[misc]
    return result


def _remember_right(low: Lowering, left: int, right: int, method: str, here: Here) -> None:
    """The right one is asked where the left one has no answer, or first where its class inherits from another."""

    def from_left(value: Value) -> None:
        if _holds_something(value):
            remember(low.state, here, left)
        if not (isinstance(value, Obj) and is_own(value) and has_method(low.state, value.cls, method)):
            remember(low.state, here, right)

    def from_right(value: Value) -> None:
        if isinstance(value, Obj) and is_own(value) and any(c in low.state.bases for c in order(low.state, value.cls)[1:]):
            remember(low.state, here, right)

    low.graph.watch(left, from_left)
    low.graph.watch(right, from_right)


def _holds_something(value: Value) -> bool:
    return isinstance(value, Obj) and value.is_library and bool(value.site)


def truth(low: Lowering, tested: int, node: ast.AST) -> None:
    """`if x:` calls `x.__bool__`, or `x.__len__`."""
    if low.state.bound_in_classes.isdisjoint(("__bool__", "__len__")):
        return
    here = low.here(node, NO_ARGUMENTS)
    shared = isinstance(node, ast.Call) or low.body.receivers.setdefault(node, tested) != tested

    def learn(value: Value) -> None:
        if is_own(value):
            if shared:  # `if xs[i]:`, `if f():`, where xs or f answers at the same place
                remember(low.state, here, tested)
            ask(low.state, value, "__bool__", here)
        elif isinstance(value, Unknown):
            low.body.unknown(node, "__bool__")
        elif isinstance(value, Cls):
            if low.state.has_metaclasses:
                when_bases_are_known(low.state, value.name, lambda: of_class(value))
        else:
            ask_maps(low.state, value, "__bool__", here)

    def of_class(cls: Cls) -> None:
        for name in ("__bool__", "__len__"):
            call_method(low.state, cls, name, here)

    low.graph.watch(tested, learn)
