"""Expressions to abstract values.

[double, 3]      Obj("builtins:list", site) that holds Func("app.double") and an int
"a".join         Bound(Obj("builtins:str"), Lib("builtins:str.join"))
box.value        what any Box's field `value` was given; a property's getter is called
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable

from faasify.analysis import calls
from faasify.analysis.members import find_method, lookup
from faasify.analysis.operators import COMPARISONS, OPERATORS, UNARY, is_own, operate
from faasify.analysis.scopes import Scope
from faasify.analysis.state import Arguments, State, Target
from faasify.analysis.summaries import LibraryVariable
from faasify.analysis.syntax import ComprehensionNode
from faasify.analysis.values import (
    ANYTHING,
    BOOL,
    INT,
    NONE,
    NOTHING,
    STR,
    UNKNOWN,
    Bound,
    Cls,
    Func,
    Lib,
    Obj,
    Super,
    Value,
    Values,
    Wrapped,
    instance,
)

BUILTIN_NAMES = frozenset(dir(builtins))
_CONSTANTS = {bool: BOOL, int: INT, str: STR, type(None): NONE} | {t: instance(f"builtins:{t.__name__}") for t in (float, bytes, complex)}


def evaluate(state: State, node: ast.expr | None, scope: Scope) -> Values:
    """What `node` may be. Calls in it are made: arguments flow, sites remember."""
    if node is None:
        return NONE
    handler = _HANDLERS.get(type(node))
    values = handler(state, node, scope) if handler is not None else _parts(state, node, scope)
    return values or state.missing


def _parts(state: State, node: ast.AST, scope: Scope) -> Values:
    """An expression whose own value says nothing: evaluate what is in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            evaluate(state, child, scope)
    return ANYTHING


def _constant(state: State, node: ast.Constant, scope: Scope) -> Values:
    return _CONSTANTS.get(type(node.value), ANYTHING)


def _name(state: State, node: ast.Name, scope: Scope) -> Values:
    found = scope.resolve(node.id)
    if found is not None:
        values = state.get((found.name, node.id))
        if found.kind == "class" and not values and node.id in BUILTIN_NAMES:
            values = _builtin(node.id)
    elif node.id in BUILTIN_NAMES:
        values = _builtin(node.id)
    elif node.id == "__class__" and (cls := state.scopes.enclosing_class(scope)) is not None:
        values = frozenset([Cls(cls.name)])
    else:
        values = STR if node.id in ("__name__", "__file__", "__doc__") else ANYTHING
    state.mention(values)
    return settle(state, values, node)


def _builtin(name: str) -> Values:
    if name in ("NotImplemented", "Ellipsis", "__debug__"):
        return ANYTHING
    return frozenset([Lib(f"builtins:{name}")])


def settle(state: State, values: Values, node: ast.AST) -> Values:
    """Library variables become what they hold (`sys.stdout` a stream), and the site remembers the reading."""
    if not any(isinstance(v, Lib) for v in values):
        return values
    settled: set[Value] = set()
    for value in values:
        described = state.catalogue.find(value.path) if isinstance(value, Lib) else None
        if isinstance(described, LibraryVariable):
            state.target(node, Target(described.path, direct=False))
            settled |= {Obj(path, f"&{described.path}") for path in described.summary.returns} or ANYTHING
        else:
            settled.add(value)
    return frozenset(settled)


def _attribute(state: State, node: ast.Attribute, scope: Scope) -> Values:
    result: set[Value] = set()
    for receiver in evaluate(state, node.value, scope):
        if receiver == UNKNOWN:
            calls.escape_methods(state, node.attr)
        for value in lookup(state, receiver, node.attr):
            if isinstance(value, Wrapped) and value.kind == "property" and isinstance(receiver, Obj):
                result |= calls.call(state, Bound(receiver, value.func), Arguments(), node, direct=False)
            elif isinstance(value, Obj) and is_own(value) and is_own(receiver) and find_method(state, value.cls, "__get__"):
                result |= calls.call_method(state, value, "__get__", Arguments([frozenset([receiver]), ANYTHING]), node) or state.missing
            else:
                result.add(value)
    found = frozenset(result)
    state.mention(found)
    return settle(state, found, node)


def _call(state: State, node: ast.Call, scope: Scope) -> Values:
    if isinstance(node.func, ast.Name) and node.func.id == "super" and scope.resolve("super") is None:
        return _super(state, node, scope)
    callees = evaluate(state, node.func, scope)
    args = arguments(state, node, scope)
    result = NOTHING
    for callee in callees:
        result |= calls.call(state, callee, args, node)
    if callees and isinstance(node.func, ast.Name) and node.func.id in ("getattr", "setattr"):
        result |= _dynamic_attribute(state, node, args)
    return result


def _dynamic_attribute(state: State, node: ast.Call, args: Arguments) -> Values:
    """`getattr(x, "constant")` is `x.constant`; `setattr` too."""
    if len(args.positional) < 2 or not isinstance(node.args[1], ast.Constant) or not isinstance(node.args[1].value, str):
        return ANYTHING
    result: set[Value] = set()
    for receiver in args.positional[0]:
        if isinstance(node.func, ast.Name) and node.func.id == "setattr":
            if len(args.positional) > 2:
                store_attribute(state, receiver, node.args[1].value, args.positional[2])
        else:
            result |= lookup(state, receiver, node.args[1].value)
    return frozenset(result)


def arguments(state: State, node: ast.Call, scope: Scope) -> Arguments:
    args = Arguments()
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            inner = calls.elements(state, evaluate(state, argument.value, scope), argument)
            args.star = (args.star or NOTHING) | inner
        elif args.star is not None:
            args.star |= evaluate(state, argument, scope)
        else:
            args.positional.append(evaluate(state, argument, scope))
    for keyword in node.keywords:
        values = evaluate(state, keyword.value, scope)
        if keyword.arg is not None:
            args.keywords[keyword.arg] = values
        else:
            args.double = (args.double or NOTHING) | frozenset().union(*(state.held(v.site) for v in values if isinstance(v, Obj)))
            args.double = args.double or state.missing
    return args


def _super(state: State, node: ast.Call, scope: Scope) -> Values:
    """`super()` for each receiver the method may have; `super(C, self)` likewise."""
    cls = state.scopes.enclosing_class(scope)
    function = scope
    while function.parent is not None and function.parent is not cls:
        function = function.parent
    if node.args:
        named = [v for v in evaluate(state, node.args[0], scope) if isinstance(v, Cls)]
        receivers = evaluate(state, node.args[1], scope) if len(node.args) > 1 else NOTHING
    else:
        named = [Cls(cls.name)] if cls is not None else []
        receivers = state.get((function.name, function.params[0])) if function.params else NOTHING
    return frozenset(Super(c.name, r) for c in named for r in receivers if isinstance(r, Obj | Cls))


def _binary(state: State, node: ast.BinOp, scope: Scope) -> Values:
    left, right = evaluate(state, node.left, scope), evaluate(state, node.right, scope)
    return operate(state, left, right, OPERATORS[type(node.op)], node)


def _compare(state: State, node: ast.Compare, scope: Scope) -> Values:
    left = evaluate(state, node.left, scope)
    for operator, comparator in zip(node.ops, node.comparators, strict=True):
        right = evaluate(state, comparator, scope)
        if isinstance(operator, ast.In | ast.NotIn):
            for value in filter(is_own, right):
                calls.call_method(state, value, "__contains__", Arguments([left]), node)
        elif type(operator) in COMPARISONS:
            forward, backward = COMPARISONS[type(operator)]
            for value in filter(is_own, left):
                calls.call_method(state, value, forward, Arguments([right]), node)
            if not any(map(is_own, left)):
                for value in filter(is_own, right):
                    calls.call_method(state, value, backward, Arguments([left]), node)
        left = right
    return BOOL


def _unary(state: State, node: ast.UnaryOp, scope: Scope) -> Values:
    operand = evaluate(state, node.operand, scope)
    result = NOTHING
    for value in filter(is_own, operand):
        result |= calls.call_method(state, value, UNARY[type(node.op)], Arguments(), node)
    if isinstance(node.op, ast.Not):
        return BOOL
    return result | frozenset(v for v in operand if not is_own(v))


def _either(state: State, node: ast.BoolOp, scope: Scope) -> Values:
    return frozenset().union(*(evaluate(state, value, scope) for value in node.values))


def _if(state: State, node: ast.IfExp, scope: Scope) -> Values:
    evaluate(state, node.test, scope)
    return evaluate(state, node.body, scope) | evaluate(state, node.orelse, scope)


def _sequence(state: State, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Values:
    made = Obj(f"builtins:{type(node).__name__.lower()}", state.site_name(node))
    certain = True  # after a starred element, positions are not known
    for index, element in enumerate(node.elts):
        if isinstance(element, ast.Starred):
            certain = False
            state.hold(made.site, calls.elements(state, evaluate(state, element.value, scope), element))
        else:
            state.hold(made.site, evaluate(state, element, scope), str(index) if certain else "")
    return frozenset([made])


def _dict(state: State, node: ast.Dict, scope: Scope) -> Values:
    made = Obj("builtins:dict", state.site_name(node))
    for key, value in zip(node.keys, node.values, strict=True):
        values = evaluate(state, value, scope)
        if key is None:
            state.hold(made.site, frozenset().union(*(state.held(v.site) for v in values if isinstance(v, Obj))))
            continue
        state.hold(f"{made.site}#keys", evaluate(state, key, scope))
        state.hold(made.site, values, repr(key.value) if isinstance(key, ast.Constant) else "")
    return frozenset([made])


def _comprehension(state: State, node: ComprehensionNode, scope: Scope) -> Values:
    inner = state.scopes.by_node[node]
    for index, generator in enumerate(node.generators):
        values = evaluate(state, generator.iter, inner if index else scope)
        assign(state, generator.target, calls.elements(state, values, generator.iter), inner)
        for condition in generator.ifs:
            evaluate(state, condition, inner)
    made = Obj(_COMPREHENSIONS[type(node)], state.site_name(node))
    if isinstance(node, ast.DictComp):
        state.hold(f"{made.site}#keys", evaluate(state, node.key, inner))
        state.hold(made.site, evaluate(state, node.value, inner))
    else:
        state.hold(made.site, evaluate(state, node.elt, inner))
    return frozenset([made])


_COMPREHENSIONS: dict[type[ast.AST], str] = {
    ast.ListComp: "builtins:list",
    ast.SetComp: "builtins:set",
    ast.DictComp: "builtins:dict",
    ast.GeneratorExp: "builtins:generator",
}


def _subscript(state: State, node: ast.Subscript, scope: Scope) -> Values:
    index = evaluate(state, node.slice, scope)
    result = NOTHING
    for receiver in evaluate(state, node.value, scope):
        if isinstance(receiver, Obj) and not receiver.is_library:
            result |= calls.call_method(state, receiver, "__getitem__", Arguments([index]), node) or ANYTHING
        elif isinstance(receiver, Obj):
            result |= _item(state, receiver, node)
        elif isinstance(receiver, Cls | Lib):
            result |= frozenset([receiver])  # Stack[int], list[str]
        else:
            result |= ANYTHING
    return result


def _item(state: State, receiver: Obj, node: ast.Subscript) -> Values:
    if state.catalogue.member(receiver.cls, "__getitem__") is not None and receiver.cls not in ("builtins:dict", "builtins:list"):
        calls.call_method(state, receiver, "__getitem__", Arguments([ANYTHING]), node)
    if isinstance(node.slice, ast.Slice):
        return frozenset([receiver])
    if receiver.cls in ("builtins:str", "builtins:bytes"):
        return STR if receiver.cls == "builtins:str" else INT
    return state.held(receiver.site, constant_key(node.slice, receiver.cls)) or state.missing


def constant_key(node: ast.expr, cls: str) -> str:
    """How a constant index or key is named among a container's elements; empty where it is not constant."""
    if not isinstance(node, ast.Constant):
        return ""
    return repr(node.value) if cls in ("builtins:dict", "builtins:list", "builtins:tuple") else ""


def _lambda(state: State, node: ast.Lambda, scope: Scope) -> Values:
    func = Func(state.scopes.by_node[node].name)
    bind_defaults(state, func, node.args, scope)
    state.mention(frozenset([func]))
    return frozenset([func])


def bind_defaults(state: State, func: Func, args: ast.arguments, scope: Scope) -> None:
    """Defaults are values that parameters may have."""
    positional = [*args.posonlyargs, *args.args]
    pairs = list(zip(reversed(positional), reversed(args.defaults), strict=False))
    pairs += [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is not None]
    for argument, default in pairs:
        state.add((func.name, argument.arg), evaluate(state, default, scope))


def _named(state: State, node: ast.NamedExpr, scope: Scope) -> Values:
    values = evaluate(state, node.value, scope)
    assign(state, node.target, values, scope.owner)
    return values


def _await(state: State, node: ast.Await, scope: Scope) -> Values:
    values = evaluate(state, node.value, scope)
    made = [v.site for v in values if isinstance(v, Obj) and v.cls == "builtins:coroutine"]
    return frozenset().union(*(state.get(("return", name)) for name in made)) if made else ANYTHING


def _yield(state: State, node: ast.Yield, scope: Scope) -> Values:
    state.hold(scope.owner.name, evaluate(state, node.value, scope))
    return ANYTHING


def _yield_from(state: State, node: ast.YieldFrom, scope: Scope) -> Values:
    state.hold(scope.owner.name, calls.elements(state, evaluate(state, node.value, scope), node))
    return ANYTHING


def _formatted(state: State, node: ast.JoinedStr, scope: Scope) -> Values:
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            for value in filter(is_own, evaluate(state, part.value, scope)):
                for name in ("__format__", "__str__", "__repr__"):
                    if calls.call_method(state, value, name, Arguments([STR] if name == "__format__" else []), part):
                        break
            evaluate(state, part.format_spec, scope)
    return STR


def _starred(state: State, node: ast.Starred, scope: Scope) -> Values:
    return calls.elements(state, evaluate(state, node.value, scope), node)


def assign(state: State, target: ast.expr, values: Values, scope: Scope) -> None:
    """Values flow into a name, a field, an element or, by parts, a tuple."""
    if isinstance(target, ast.Name):
        found = scope.resolve(target.id) or scope
        state.add((found.name, target.id), values)
    elif isinstance(target, ast.Attribute):
        for receiver in evaluate(state, target.value, scope):
            store_attribute(state, receiver, target.attr, values, target)
    elif isinstance(target, ast.Subscript):
        index = evaluate(state, target.slice, scope)
        for receiver in evaluate(state, target.value, scope):
            _store_item(state, receiver, target, index, values)
    elif isinstance(target, ast.Starred):
        inner = Obj("builtins:list", state.site_name(target))
        state.hold(inner.site, values)
        assign(state, target.value, frozenset([inner]), scope)
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(state, target, values, scope)


def _unpack(state: State, target: ast.Tuple | ast.List, values: Values, scope: Scope) -> None:
    exact = all(isinstance(v, Obj) and v.cls in ("builtins:tuple", "builtins:list") and v.site for v in values)
    starred = any(isinstance(e, ast.Starred) for e in target.elts)
    for index, element in enumerate(target.elts):
        if exact and not starred:
            parts = frozenset().union(*(state.held(v.site, str(index)) for v in values if isinstance(v, Obj)))
        else:
            parts = calls.elements(state, values, target)
        assign(state, element, parts or state.missing, scope)


def store_attribute(state: State, receiver: Value, name: str, values: Values, node: ast.AST | None = None) -> None:
    """`receiver.name = values`; a property's setter is called."""
    if isinstance(receiver, Obj) and not receiver.is_library:
        if not _described_store(state, receiver, name, values, node):
            state.add(("attr", receiver.cls, name), values)
    elif isinstance(receiver, Cls):
        state.add((receiver.name, name), values)
    elif isinstance(receiver, Func):
        state.add(("attr", receiver.name, name), values)
    elif hasattr(receiver, "name") and receiver.name in state.scopes.modules:
        state.scopes.modules[receiver.name].bound.add(name)
        state.add((receiver.name, name), values)


def _described_store(state: State, receiver: Obj, name: str, values: Values, node: ast.AST | None) -> bool:
    """Whether the class takes the value itself: by a property's setter, a descriptor's `__set__` or its own `__setattr__`."""
    if node is None:
        return False
    for method in find_method(state, receiver.cls, "__setattr__"):
        if isinstance(method, Func):
            calls.call(state, Bound(receiver, method), Arguments([STR, values]), node, direct=False)
    taken = False
    for stored in find_method(state, receiver.cls, name):
        if isinstance(stored, Wrapped):
            for setter in state.get(("setter", stored.func.name)):
                if isinstance(setter, Func):
                    taken = True
                    calls.call(state, Bound(receiver, setter), Arguments([values]), node, direct=False)
        elif is_own(stored) and isinstance(stored, Obj) and find_method(state, stored.cls, "__set__"):
            taken = True
            calls.call_method(state, stored, "__set__", Arguments([frozenset([receiver]), values]), node)
    return taken


def _store_item(state: State, receiver: Value, target: ast.Subscript, index: Values, values: Values) -> None:
    if not isinstance(receiver, Obj):
        return
    if receiver.is_library:
        key = constant_key(target.slice, receiver.cls)
        state.hold(receiver.site, values, key)
        if receiver.cls == "builtins:dict":
            state.hold(f"{receiver.site}#keys", index)
        elif receiver.cls != "builtins:list":
            calls.call_method(state, receiver, "__setitem__", Arguments([index, values]), target)
    else:
        calls.call_method(state, receiver, "__setitem__", Arguments([index, values]), target)


_HANDLERS: dict[type[ast.expr], Callable[..., Values]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.BinOp: _binary,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.BoolOp: _either,
    ast.IfExp: _if,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dict,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Subscript: _subscript,
    ast.Lambda: _lambda,
    ast.NamedExpr: _named,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.JoinedStr: _formatted,
    ast.Starred: _starred,
}
