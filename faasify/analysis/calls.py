"""Calls: arguments flow into parameters, results flow back, and the site remembers what it may have called.

def apply(f, x): return f(x)
apply(double, 3)             ->  ("app.apply", "f") holds Func("app.double"); the site f(x) targets app.double
"""

from __future__ import annotations

import ast

from faasify.analysis.members import bind, find_method, is_subclass, lookup, mro
from faasify.analysis.state import Arguments, State, Target
from faasify.analysis.summaries import Callback, LibraryClass, LibraryFunction, LibraryVariable, Summary
from faasify.analysis.values import (
    ANYTHING,
    INT,
    NOTHING,
    UNKNOWN,
    Bound,
    Cls,
    Func,
    Identity,
    Lib,
    Obj,
    Unknown,
    Value,
    Values,
    Wrapped,
)


def call(state: State, callee: Value, args: Arguments, node: ast.AST, *, direct: bool = True) -> Values:
    """The result of calling one abstract value at `node`; anything, where that leads back to itself (a partial of itself)."""
    going = (id(node), callee)
    if going in state.calling:
        return ANYTHING
    state.calling.add(going)
    try:
        return _call(state, callee, args, node, direct)
    finally:
        state.calling.discard(going)


def _call(state: State, callee: Value, args: Arguments, node: ast.AST, direct: bool) -> Values:
    match callee:
        case Func():
            state.target(node, Target(callee.name, direct))
            return call_function(state, callee, args)
        case Bound(receiver=receiver, func=Func() as func):
            state.target(node, Target(func.name, direct, receiver=True))
            return call_function(state, func, args, receiver)
        case Bound(receiver=receiver, func=Lib() as lib):
            return _call_library(state, lib.path, args, node, direct, receiver)
        case Cls():
            return _instantiate(state, callee, args, node, direct)
        case Lib():
            return _call_library(state, callee.path, args, node, direct)
        case Obj() if not callee.is_library or state.catalogue.member(callee.cls, "__call__") is not None:
            return _call_object(state, callee, args, node, direct)
        case Identity():
            return args.positional[0] if args.positional else ANYTHING
        case Wrapped():
            return call(state, callee.func, args, node, direct=direct)
        case Obj(cls="builtins:type"):
            return ANYTHING  # a class that the library made: namedtuple(...) and its like
        case Obj(cls="builtins:NoneType"):
            return NOTHING  # a field that is None until it is set: the call would raise TypeError
        case _:
            state.target(node, Target(None, direct))
            escape(state, args.everything())
            return ANYTHING


def call_method(state: State, receiver: Value, name: str, args: Arguments, node: ast.AST) -> Values:
    """An implicit call: `a + b` -> `a.__add__(b)`. Nothing where the receiver has no such method."""
    found = NOTHING
    if isinstance(receiver, Obj) and not receiver.is_library:
        found = bind(state, frozenset(v for v in find_method(state, receiver.cls, name) if not isinstance(v, Unknown)), receiver)
    elif isinstance(receiver, Obj) and (member := state.catalogue.member(receiver.cls, name)) is not None:
        found = frozenset([Bound(receiver, Lib(member.path))])
    result = NOTHING
    for method in found:
        # object's own methods are described for the sake of super(); as operators they say nothing
        if not (isinstance(method, Bound) and isinstance(method.func, Lib) and method.func.path.startswith("builtins:object.")):
            result |= call(state, method, args, node, direct=False)
    return result


def call_function(state: State, func: Func, args: Arguments, receiver: Obj | Cls | None = None) -> Values:
    """Bind the arguments and give what the function may return."""
    scope = state.function_scope(func)
    _bind_arguments(state, func, scope.node.args, args, receiver)  # type: ignore[attr-defined]
    kind = state.scopes.definitions[func.name].kind
    if kind == "generator":
        return frozenset([Obj("builtins:generator", func.name)])
    if kind in ("coroutine", "async_generator"):
        return frozenset([Obj(f"builtins:{kind}", func.name)])
    return state.get(("return", func.name))


def escape(state: State, values: Values) -> None:
    """Functions that went where analysis cannot follow may be called with anything."""
    for value in values:
        func = value.func if isinstance(value, Bound | Wrapped) else value
        if isinstance(func, Func):
            scope = state.function_scope(func)
            for name in scope.params[1:] if isinstance(value, Bound) else scope.params:
                state.add((func.name, name), ANYTHING)


def escape_methods(state: State, name: str) -> None:
    """`anything.name(...)`: every method of that name may be called with anything."""
    for method in state.methods_named.get(name, ()):
        for param in state.scopes.by_name[method].params[1:]:
            state.add((method, param), ANYTHING)


def elements(state: State, values: Values, node: ast.AST) -> Values:
    """What iterating over `values` gives."""
    found = NOTHING
    for value in values:
        if isinstance(value, Obj) and value.is_library:
            if value.cls in ("builtins:str", "builtins:bytes"):
                found |= frozenset([Obj("builtins:str" if value.cls == "builtins:str" else "builtins:int")])
            elif value.cls == "builtins:range":
                found |= frozenset([Obj("builtins:int")])
            elif value.cls == "builtins:dict":
                found |= state.held(f"{value.site}#keys")
            elif value.cls in ("builtins:dict_items", "builtins:enumerate"):
                found |= _pairs(state, value)
            else:
                found |= state.held(value.site)
                if not value.cls.startswith("builtins:"):  # reading a stream line by line is an effect of the stream
                    call_method(state, value, "__iter__", Arguments(), node)
                    found |= call_method(state, value, "__next__", Arguments(), node)
        elif isinstance(value, Obj):
            iterators = call_method(state, value, "__iter__", Arguments(), node)
            for iterator in iterators - {value}:
                found |= elements(state, frozenset([iterator]), node) if isinstance(iterator, Obj) and iterator.is_library else NOTHING
            for iterator in iterators:
                if not (isinstance(iterator, Obj) and iterator.is_library):
                    found |= call_method(state, iterator, "__next__", Arguments(), node)
            if not iterators:
                found |= call_method(state, value, "__getitem__", Arguments([ANYTHING]), node)
    return found or (ANYTHING if state.closing or UNKNOWN in values else NOTHING)


def _pairs(state: State, value: Obj) -> Values:
    """`(key, value)` of a dict's items, `(index, value)` of an enumeration."""
    pair = Obj("builtins:tuple", f"{value.site}#pair")
    state.hold(pair.site, INT if value.cls == "builtins:enumerate" else ANYTHING, "0")
    state.hold(pair.site, state.held(value.site), "1")
    return frozenset([pair])


def _bind_arguments(state: State, func: Func, spec: ast.arguments, args: Arguments, receiver: Obj | Cls | None) -> None:
    given = [frozenset[Value]([receiver]), *args.positional] if receiver is not None else list(args.positional)
    names = [a.arg for a in [*spec.posonlyargs, *spec.args]]
    for name, values in zip(names, given, strict=False):
        state.add((func.name, name), values)
    if args.star is not None:
        for name in names[len(given) :]:
            state.add((func.name, name), args.star)
    if spec.vararg:
        for index, values in enumerate(given[len(names) :]):
            state.hold(f"{func.name}*", values, str(index))
        if args.star is not None:
            state.hold(f"{func.name}*", args.star)
    accepted = {a.arg for a in [*spec.args, *spec.kwonlyargs]}
    for name, values in args.keywords.items():
        if name in accepted:
            state.add((func.name, name), values)
        elif spec.kwarg:
            state.hold(f"{func.name}**", values, repr(name))
    if args.double is not None:
        for name in accepted:
            state.add((func.name, name), args.double)
        if spec.kwarg:
            state.hold(f"{func.name}**", args.double)


def _instantiate(state: State, cls: Cls, args: Arguments, node: ast.AST, direct: bool) -> Values:
    made = Obj(cls.name)
    result: Values = frozenset([made])
    if maker := [v for v in find_method(state, cls.name, "__new__") if isinstance(v, Func | Wrapped)]:
        for made_by in maker:
            func = made_by.func if isinstance(made_by, Wrapped) else made_by
            state.target(node, Target(func.name, direct, receiver=True))
            result |= call_function(state, func, args, cls) - ANYTHING
    state.mention(frozenset([cls]))
    if is_subclass(state, cls.name, "enum:Enum"):
        state.target(node, Target(cls.name, direct))
        return result
    initialisers = find_method(state, cls.name, "__init__")
    for value in bind(state, initialisers, made):
        call(state, value, args, node, direct=direct)
    if not initialisers:
        state.target(node, Target(cls.name, direct))
        for value in bind(state, find_method(state, cls.name, "__post_init__"), made):
            call(state, value, Arguments(), node, direct=False)
        for name, values in args.keywords.items():  # a dataclass keeps its arguments as fields
            state.add(("attr", cls.name, name), values)
    if "?" in mro(state, cls.name):
        state.target(node, Target(None, direct))
    return result


def _call_object(state: State, callee: Obj, args: Arguments, node: ast.AST, direct: bool) -> Values:
    methods = lookup(state, callee, "__call__")
    result = NOTHING
    for method in methods:
        result |= call(state, method, args, node, direct=direct)
    return result


def _call_library(state: State, path: str, args: Arguments, node: ast.AST, direct: bool, receiver: Obj | Cls | None = None) -> Values:
    described = state.catalogue.find(path)
    state.target(node, Target(described.path if described is not None else path, direct, receiver is not None))
    if isinstance(described, LibraryClass):
        # what a library makes at this site (defaultdict(list)) is another object than what the expression gives
        made = Obj(described.path, state.site_name(node) + ("" if direct else "#made"))
        initialiser = state.catalogue.constructor(described.path)
        if initialiser is not None:
            _apply(state, initialiser, args, node, made)
        return frozenset([made])
    if isinstance(described, LibraryFunction):
        return _apply(state, described, args, node, receiver)
    if isinstance(described, LibraryVariable) and described.summary.returns:
        return ANYTHING
    escape(state, args.everything())
    return ANYTHING


def _apply(state: State, function: LibraryFunction, args: Arguments, node: ast.AST, receiver: Obj | Cls | None) -> Values:
    """What a described library function does with its arguments: calls some, keeps some, gives some back."""
    summary, given = function.summary, bound_parameters(function, args)
    if receiver is None and function.is_method and args.positional:  # dict.update(d, x): the receiver is the first argument
        shifted = Arguments(args.positional[1:], args.keywords, args.star, args.double)
        given = bound_parameters(function, shifted)
        receivers = args.positional[0]
    else:
        receivers = frozenset([receiver]) if receiver is not None else NOTHING
    given["self"] = receivers
    called: set[Value] = set()
    for callback in summary.calls:
        called |= _call_back(state, callback, given, node)
    result: set[Value] = set()
    for returned in summary.returns:
        result |= _returned(returned, given, node, state)
    for name in summary.gives:
        result |= _contents(state, name, given, node)
    for name in summary.yields:
        for value in result:
            if isinstance(value, Obj):
                state.hold(value.site, _contents(state, name, given, node))
    _hold(state, summary, receivers, given, node)
    if not (summary.returns or summary.gives):
        return frozenset(called) if summary.calls and called else ANYTHING
    return frozenset(result)


def _returned(returned: str, given: dict[str, Values], node: ast.AST, state: State) -> Values:
    if returned == "decorator":
        return frozenset([Identity()])
    if returned.startswith("="):
        return given.get(returned[1:], NOTHING)
    described = state.catalogue.find(returned)
    return frozenset([Obj(described.path if described is not None else returned, state.site_name(node))])


def _contents(state: State, name: str, given: dict[str, Values], node: ast.AST) -> Values:
    """The elements of a parameter; of the receiver what it holds (a dict's values, not its keys)."""
    values = given.get(name, NOTHING)
    if name != "self":
        return elements(state, values, node) if values else NOTHING
    return frozenset().union(*(state.held(v.site) for v in values if isinstance(v, Obj))) or state.missing


def _hold(state: State, summary: Summary, holders: Values, given: dict[str, Values], node: ast.AST) -> None:
    for held in summary.holds:
        if held.made_by is not None:
            values = _call_back(state, held.made_by, given, node)
        else:
            values = given.get(held.param, NOTHING)
        if held.each:
            values = elements(state, values, node) if values else NOTHING
        for holder in holders:
            if isinstance(holder, Obj):
                state.hold(holder.site, values)


def _call_back(state: State, callback: Callback, given: dict[str, Values], node: ast.AST) -> Values:
    """The library calls one of its arguments, with elements of others."""
    values = given.get(callback.param, NOTHING)
    if callback.param == "self" and not callback.attr:
        values = frozenset().union(*(state.held(v.site) for v in values if isinstance(v, Obj)))
    passed = [
        frozenset([Obj(name)]) if ":" in name else elements(state, given[name], node) if given.get(name) else ANYTHING
        for name in callback.of
    ]
    result = NOTHING
    for value in values:
        if callback.attr:
            if isinstance(value, Obj) and value.cls.startswith("builtins:"):
                continue  # len([1]) calls list.__len__, which is of no interest to anyone
            result |= call_method(state, value, callback.attr, Arguments(passed), node)
        elif not (isinstance(value, Obj) and value.cls == "builtins:NoneType"):
            args = Arguments(passed) if passed else Arguments(star=ANYTHING, double=ANYTHING)
            result |= call(state, value, args, node, direct=False)
    return result


def bound_parameters(function: LibraryFunction, args: Arguments) -> dict[str, Values]:
    """A described function's parameters with the values that a call gives them."""
    given: dict[str, Values] = dict(zip(function.positional, args.positional, strict=False))
    if function.vararg:
        given[function.vararg] = frozenset().union(*args.positional[len(function.positional) :], args.star or NOTHING)
    elif args.star is not None:
        for name in function.positional[len(args.positional) :]:
            given[name] = args.star
    for name, values in args.keywords.items():
        if name in function.positional or name in function.keyword:
            given[name] = values
        elif function.kwarg:
            given[function.kwarg] = given.get(function.kwarg, NOTHING) | values
    return given
