"""Operators and the expressions that run, wait or format; with names.py, containers.py and invoking.py all expressions are lowered.

a + b        calls a.__add__, or what builtins do
await x      what the coroutine returns
"""

from __future__ import annotations

import ast

from faasify.analysis import awaiting, iteration
from faasify.analysis.asking import ask, hashed, remember
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import call_method, has_method
from faasify.analysis.certain import constant, joined
from faasify.analysis.filling import fill_in
from faasify.analysis.lowering import Lowering, lower, lowers
from faasify.analysis.narrowing import Narrowed, assume, forget
from faasify.analysis.operators import COMPARISONS, OPERATORS, UNARY, answered, compared, operate, truth
from faasify.analysis.syntax import constant_truth
from faasify.analysis.texts import Part, concatenate, percent_parts
from faasify.analysis.values import (
    BOOL,
    STR,
    Obj,
    Unknown,
    Value,
    read_const,
)


@lowers(ast.BinOp)
def _binary(low: Lowering, node: ast.BinOp) -> int:
    left, right, found = joined(low, node)
    if found is None:
        found = _folded(low, constant(low, node.left, left), node.op, constant(low, node.right, right))
    if found is not None:
        return found
    result = operate(low, left, right, OPERATORS[node.op.__class__], node)
    if isinstance(node.op, ast.Mod):
        fill_in(low.state, left, right, low.here(node))
    if isinstance(node.op, ast.Mod) and (parts := _percent(low, node, right)) is not None:
        result = low.graph.node()
        concatenate(low.graph, parts, result)
    return result


def _folded(low: Lowering, left: str, operator: ast.operator, right: str) -> int | None:
    """What is worked out of two constants, `"on_" + "start"`, `2 - 1`, if that is short."""
    if not left or not right or not isinstance(operator, ast.Add | ast.Sub):
        return None
    first, second = read_const(left), read_const(right)
    adds = isinstance(operator, ast.Add)
    if isinstance(first, str) and isinstance(second, str) and adds:
        return _constant_node(low, first + second)
    if type(first) is int and type(second) is int:
        return _constant_node(low, first + second if adds else first - second)
    return None


def _constant_node(low: Lowering, value: str | int) -> int:
    return lower(low, ast.Constant(value))


def _percent(low: Lowering, node: ast.BinOp, right: int) -> list[Part] | None:
    """`"do_%s" % name`, as parts of the text."""
    text = node.left.value if isinstance(node.left, ast.Constant) else None
    if not low.state.traits.computes_names or not isinstance(text, str):
        return None
    if not isinstance(node.right, ast.Tuple):
        return percent_parts(text, [right])
    site = low.site_name(node.right)
    return percent_parts(text, [low.state.element(site, str(index)) for index in range(len(node.right.elts))])


@lowers(ast.Compare)
def _compare(low: Lowering, node: ast.Compare) -> int:
    left, result = lower(low, node.left), low.static(BOOL)
    results = dict[int, None]()
    for number, (operator, comparator) in enumerate(zip(node.ops, node.comparators, strict=True), 1):
        right, result = lower(low, comparator), low.static(BOOL)
        if isinstance(operator, ast.In | ast.NotIn):
            _contains(low, left, right, node)
        elif operator.__class__ in COMPARISONS:
            result = answered(low, left, right, COMPARISONS[operator.__class__], node)
        if number < len(node.ops):
            truth(low, result, node)
        results[result] = None
        left = right
    if len(results) == 1:
        return result
    anyone = low.graph.node()
    for each in results:
        low.graph.edge(each, anyone)
        low.body.copies.append((each, anyone))
    return anyone


def _contains(low: Lowering, item: int, container: int, node: ast.AST) -> None:
    here = low.here(node, Arguments([item]))
    low.body.receivers[node] = container
    low.body.iterated[container] = None

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.is_library and value.cls.startswith("builtins:"):
            if value.site:
                elements = low.graph.node()
                low.state.held(value.site, elements)
                remember(low.state, here, container)
                truth(low, compared(low, elements, item, COMPARISONS[ast.Eq], node), node)
            if value.cls not in ("builtins:list", "builtins:tuple"):
                hashed(low.state, low.body, node, item)
        elif isinstance(value, Obj) and not value.is_library and not has_method(low.state, value.cls, "__contains__"):
            call_method(low.state, value, "__contains__", here)  # of a library's base
            if not low.state.bound_in_classes.isdisjoint(("__iter__", "__getitem__")):
                found = iteration.elements(low.state, low.static(value), low.body, node)
                truth(low, compared(low, found, item, COMPARISONS[ast.Eq], node), node)
        else:
            call_method(low.state, value, "__contains__", here)
            if isinstance(value, Unknown):
                low.body.unknown(node, "__hash__", node=item)

    low.graph.watch(container, learn)
    truth(low, here.result, node)


@lowers(ast.UnaryOp)
def _unary(low: Lowering, node: ast.UnaryOp) -> int:
    operand = lower(low, node.operand)
    if isinstance(node.op, ast.Not):
        truth(low, operand, node.operand)
        return low.static(BOOL)
    result = low.fresh(operand)
    here = low.here(node, NO_ARGUMENTS, result)

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.is_library:
            low.graph.put(result, [Obj(value.cls)])
        elif isinstance(value, Obj):
            call_method(low.state, value, UNARY[node.op.__class__], here)
        else:
            low.graph.put_unknown(result)
            if isinstance(value, Unknown):
                low.body.unknown(node, UNARY[node.op.__class__])

    low.body.receivers[node] = operand
    low.graph.watch(operand, learn)
    return result


@lowers(ast.BoolOp)
def _either(low: Lowering, node: ast.BoolOp) -> int:
    result = low.graph.node()
    ends = []
    narrowed: list[Narrowed] = []
    for index, value in enumerate(node.values):
        found = lower(low, value)
        low.graph.edge(found, result)
        low.body.copies.append((found, result))
        end = low.env.copy()
        for earlier in reversed(narrowed):
            forget(low, earlier)
        ends.append(low.env.copy())
        low.env.now = end
        if index < len(node.values) - 1:
            if constant_truth(value) is isinstance(node.op, ast.Or):
                break  # the rest is never come to
            truth(low, found, value)
            narrowed.append(assume(low, value, isinstance(node.op, ast.And)))
    low.env.join(*ends)
    return result


@lowers(ast.IfExp)
def _if(low: Lowering, node: ast.IfExp) -> int:
    if (known := constant_truth(node.test)) is not None:
        return lower(low, node.body if known else node.orelse)
    truth(low, lower(low, node.test), node.test)
    before = low.env.copy()
    result = low.graph.node()
    ends = []
    for outcome, branch in ((True, node.body), (False, node.orelse)):
        low.env.now = dict(before) if before is not None else None
        narrowed = assume(low, node.test, outcome)
        found = lower(low, branch)
        low.graph.edge(found, result)
        low.body.copies.append((found, result))
        forget(low, narrowed)
        ends.append(low.env.copy())
    low.env.join(*ends)
    return result


@lowers(ast.Await)
def _await(low: Lowering, node: ast.Await) -> int:
    result = low.fresh()
    awaiting.await_on(low.state, lower(low, node.value), low.here(node, NO_ARGUMENTS, result))
    return result


@lowers(ast.Yield)
def _yield(low: Lowering, node: ast.Yield) -> int:
    _yielded(low, lower(low, node.value))
    return awaiting.sent(low.state, low.body.name)


def _yielded(low: Lowering, node: int) -> None:
    """A generator is a container of what it yields."""
    low.state.hold(low.body.name, node)
    low.body.puts.append((low.static(Obj("builtins:generator", low.body.name)), node, ""))


@lowers(ast.YieldFrom)
def _yield_from(low: Lowering, node: ast.YieldFrom) -> int:
    inner, result = lower(low, node.value), low.fresh()
    _yielded(low, iteration.elements(low.state, inner, low.body, node))
    awaiting.delegate(low.state, inner, low.body.name, low.here(node, NO_ARGUMENTS, result))
    return result


@lowers(ast.JoinedStr)
def _formatted(low: Lowering, node: ast.JoinedStr) -> int:
    parts: list[Part] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            found = low.body.receivers[part] = lower(low, part.value)
            low.graph.watch(found, lambda v, part=part: _format(low, v, part))  # type: ignore[misc]
            parts.append(found if part.format_spec is None and part.conversion in (-1, ord("s")) else "*")
            if part.format_spec is not None:
                lower(low, part.format_spec)
        elif isinstance(part, ast.Constant):
            parts.append(str(part.value))
    if None not in (known := [_text(low, *each) for each in zip(node.values, parts, strict=True)]):
        return _constant_node(low, "".join(map(str, known)))
    if not low.state.traits.computes_names:
        return low.static(STR)
    result = low.graph.node()
    concatenate(low.graph, parts, result)
    return result


def _text(low: Lowering, node: ast.expr, part: Part) -> str | None:
    """What stands in this place of a text, if that is constant."""
    if isinstance(node, ast.FormattedValue):
        known = constant(low, node.value, part) if isinstance(part, int) else ""
        return str(read_const(known)) if known else None
    return str(part)


def _format(low: Lowering, value: Value, part: ast.FormattedValue) -> None:
    name = {-1: "__format__", 115: "__str__"}.get(part.conversion, "__repr__")
    if isinstance(value, Obj) and value.is_library and value.site:
        remember(low.state, low.here(part), low.body.receivers[part])
    ask(low.state, value, name, low.here(part, Arguments([low.static(STR)]) if name == "__format__" else NO_ARGUMENTS))


@lowers(ast.Starred)
def _starred(low: Lowering, node: ast.Starred) -> int:
    return iteration.collected(low.state, lower(low, node.value), low.body, node)
