"""Calls in loops whose next arguments can be told from the source: what the runtime needs to have them begin early.

    for i, x in enumerate(xs):            {"at": [2, 17, 2, 27], "of": "f", "target": ["i", "x"], "keywords": {},
        total += f(x, i + 1)               "over": ["enumerate", ["n", "xs"], ["c", 0]],
                                           "args": [["n", "x"], ["b", "Add", ["n", "i"], ["c", 1]]]}

`at` is the position that a frame has while it makes the call. An expression here is a name, a constant, an operation on these, an item, a
slice or an attribute, a display, a text with fields, or a call of a builtin that only computes (PURE); anything else might do something.
What is told is a guess: the runtime looks before it asks an object for anything, and compares with the call that is really made.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import Any

_VIEWS = ("items", "keys", "values")
PURE = frozenset({"abs", "bool", "float", "int", "list", "max", "min", "range", "round", "sorted", "str", "tuple"})
_HANDS_ON = frozenset({"tqdm", "track"})  # shows how far it is, and gives what it is given
_COMBINES = frozenset({"product", "combinations", "combinations_with_replacement", "permutations", "pairwise", "chain"})
_STEPS = frozenset({"arange", "linspace"})
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
Plan = dict[str, Any]


def loops(tree: ast.AST, called: Collection[str]) -> list[Plan]:
    """Of a module; `called` are the names of the functions that matter, without module and class."""
    return [plan for node in ast.walk(tree) for plan in _plans(node, called)]


def _plans(node: ast.AST, called: Collection[str]) -> Iterator[Plan]:
    if isinstance(node, ast.For):
        changed = {name for part in node.body for name in _stored(part)} - set(_stored(node.target))
        for part in node.body:
            yield from _in_loop(part, node.target, iterable(node.iter), changed, called)
        yield from _mapped(node.iter, node, called)
    elif isinstance(node, _Comprehension):
        last = node.generators[-1]
        over = iterable(last.iter)
        own = over if len(node.generators) > 1 else ["own", over]  # the frame of a comprehension holds its iterator
        values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for value in [*values, *last.ifs]:
            yield from _in_loop(value, last.target, own, set(), called)
        for outer, inner in itertools.pairwise(node.generators):
            found = iterable(outer.iter)
            yield from _in_loop(inner.iter, outer.target, ["own", found] if outer is node.generators[0] else found, set(), called)
    elif isinstance(node, ast.Call):
        for argument in node.args:
            yield from _mapped(argument, node, called)


def _in_loop(part: ast.AST, target: ast.AST, over: Any, changed: set[str], called: Collection[str]) -> Iterator[Plan]:
    """The calls in a loop's body that no inner loop or scope has for its own."""
    bound = _target(target)
    if over is None or bound is None or isinstance(part, _Scope):
        return
    if isinstance(part, ast.Call) and _name(part.func) in called:
        plan = _call(part)
        if plan is not None and not changed & _used(plan):
            yield {"at": _at(part), "of": _name(part.func), "target": bound, "over": over, **plan}
    if isinstance(part, ast.For | ast.While | ast.AsyncFor | _Comprehension):
        return
    for child in ast.iter_child_nodes(part):
        yield from _in_loop(child, target, over, changed, called)


def _call(call: ast.Call) -> Plan | None:
    arguments = [expression(argument) for argument in call.args]
    keywords = {keyword.arg or "": expression(keyword.value) for keyword in call.keywords}
    if None in arguments or None in keywords.values() or "" in keywords:
        return None
    return {"args": arguments, "keywords": keywords}


def _mapped(node: ast.AST, consumer: ast.AST, called: Collection[str]) -> Iterator[Plan]:
    """`map(f, xs, ys)`: a call for each element, made while `consumer` runs."""
    if not (isinstance(node, ast.Call) and _name(node.func) == "map" and len(node.args) > 1 and _name(node.args[0]) in called):
        return
    overs = [iterable(argument) for argument in node.args[1:]]
    names = [f"map {i}" for i in range(len(overs))]  # no identifiers
    if None not in overs:
        plan = {
            "of": _name(node.args[0]),
            "target": names,
            "over": ["zip", *overs],
            "args": [["n", name] for name in names],
            "keywords": {},
        }
        for at in {tuple(_at(consumer)), tuple(_at(node))}:
            yield {"at": list(at), **plan}


def iterable(node: ast.AST) -> Any:
    """["range", e, ...], ["enumerate", over, e], ["zip", over, ...], ["reversed", over], ["items", e], ["list", e, ...],
    ["combine", e of the function, [over, ...], [e, ...]] of itertools, ["steps", e of the function, e, ...] of numpy, or an expression;
    None: another."""
    if isinstance(node, ast.List | ast.Tuple):
        return _all(["list"], [expression(element) for element in node.elts])
    if not isinstance(node, ast.Call):
        return expression(node)
    name, arguments = _name(node.func), node.args
    if name in _HANDS_ON and arguments:
        return iterable(arguments[0])
    if name == "enumerate" and arguments:
        given = arguments[1:] + [keyword.value for keyword in node.keywords if keyword.arg == "start"]
        return _all(["enumerate"], [iterable(arguments[0]), expression(given[0]) if given else ["c", 0]])
    if node.keywords:
        return None
    if isinstance(node.func, ast.Attribute) and name in _VIEWS and not arguments:
        return _all([name], [expression(node.func.value)])
    if name == "range" and arguments:
        return _all(["range"], [expression(argument) for argument in arguments])
    if name == "zip" and arguments:
        return _all(["zip"], [iterable(argument) for argument in arguments])
    if name == "reversed" and len(arguments) == 1:
        return _all(["reversed"], [iterable(arguments[0])])
    if name in _COMBINES and arguments:
        many = name in ("product", "chain")  # the others take one, and perhaps a length
        overs, rest = (arguments, []) if many else (arguments[:1], arguments[1:])
        return _all(["combine"], [expression(node.func), _all([], [*map(iterable, overs)]), _all([], [*map(expression, rest)])])
    if name in _STEPS:
        return _all(["steps"], [expression(node.func), *map(expression, arguments)])
    return expression(node)


def expression(node: ast.AST) -> Any:
    """["n", name], ["c", constant], ["b", operator, e, e], ["-", e], ["i", e, e], ["s", e, e, e, e], ["a", e, name], ["len", over],
    ["tuple", e, ...], ["list", e, ...], ["text", e, ...], ["pure", name, e, ...]; None: another."""
    match node:
        case ast.Name():
            return ["n", node.id]
        case ast.Constant(value=int() | float() | str() | None):
            return ["c", node.value]
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.FloorDiv() | ast.Mod()):
            return _all(["b", type(node.op).__name__], [expression(node.left), expression(node.right)])
        case ast.UnaryOp(op=ast.USub()):
            return _all(["-"], [expression(node.operand)])
        case ast.Subscript(slice=ast.Slice(lower=lower, upper=upper, step=step)):
            return _all(["s"], [expression(node.value), *(expression(part) if part else ["c", None] for part in (lower, upper, step))])
        case ast.Subscript():
            return _all(["i"], [expression(node.value), expression(node.slice)])
        case ast.Attribute():
            value = expression(node.value)
            return None if value is None else ["a", value, node.attr]
        case ast.Tuple() | ast.List():
            return _all([type(node).__name__.lower()], [*map(expression, node.elts)])
        case ast.JoinedStr():
            return _all(["text"], [*map(_field, node.values)])
        case ast.Call(func=ast.Name(id="len"), args=[only], keywords=[]):
            return _all(["len"], [expression(only)])
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in PURE:
            return _all(["pure", name], [*map(expression, node.args)])
    return None


def _field(node: ast.expr) -> Any:
    """Of an f-string: how a value is formatted that is not plain is its own affair."""
    if not isinstance(node, ast.FormattedValue):
        return expression(node)
    return expression(node.value) if node.conversion == -1 and node.format_spec is None else None


def _all(head: list[Any], parts: Sequence[Any]) -> Any:
    return None if None in parts else [*head, *parts]


def _used(tree: Any) -> set[str]:
    """The names in a plan's expressions."""
    if isinstance(tree, dict):
        return {name for part in tree.values() for name in _used(part)}
    if not isinstance(tree, list):
        return set()
    if tree[:1] == ["n"]:
        return {tree[1]}
    return set() if tree[:1] == ["c"] else {name for part in tree for name in _used(part)}


def _stored(node: ast.AST) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)]


def _target(node: ast.AST) -> Any:
    """A name, or a list of targets that take an element apart; None: anything else."""
    if isinstance(node, ast.Name):
        return node.id
    return _all([], [_target(part) for part in node.elts]) if isinstance(node, ast.Tuple | ast.List) else None


def _name(node: ast.AST) -> str:
    """The last component of a dotted name; "" for anything else."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _at(node: Any) -> list[int]:
    return [node.lineno, node.col_offset, node.end_lineno, node.end_col_offset]
