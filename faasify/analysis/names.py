"""Names, literals, attributes and lambdas to nodes.

x                the version of x that is meant here
box.value        what any Box's field `value` was given; a property's getter is called
"a".join         Bound(Obj("builtins:str"), Lib("builtins:str.join"))
"""

from __future__ import annotations

import ast

from faasify.analysis import calls
from faasify.analysis.asking import ask_hooks
from faasify.analysis.bodies import NO_ARGUMENTS, Field, Name, Target
from faasify.analysis.lowering import HANDLERS, Lowering, lower, lowers
from faasify.analysis.members import OF_FRAMES, member, of_frame
from faasify.analysis.raised import CARRIED
from faasify.analysis.values import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    NONE,
    STR,
    UNKNOWN,
    Bound,
    Cls,
    Func,
    LibMod,
    Mod,
    Obj,
    Unknown,
    Value,
)

_TYPES = {bool: BOOL, type(None): NONE, float: FLOAT, bytes: BYTES, complex: Obj("builtins:complex")}


_TAKING = frozenset(["__setattr__", "__getattribute__"])
_SHORT = 60  # characters of a literal that is told apart from others


@lowers(ast.Constant)
def _constant(low: Lowering, node: ast.Constant) -> int:
    value = node.value
    if isinstance(value, str) and len(value) < _SHORT:
        return low.static(Obj("builtins:str", const=repr(value)))
    if type(value) is int and -1000 < value < 1000:
        return low.static(Obj("builtins:int", const=repr(value)))
    if type(value) in (str, int):
        return low.static(STR if isinstance(value, str) else INT)
    return low.static(_TYPES.get(type(value), UNKNOWN))


@lowers(ast.Name)
def _name(low: Lowering, node: ast.Name) -> int:
    found = low.read(node.id, node)
    low.literals.pop(found, None)  # somebody else may have it from here on
    mention(low, found, node)
    return found


def mention(low: Lowering, found: int, node: ast.AST) -> None:
    low.body.loads[found] = None
    path = low.state.library_variables.get(found)
    if path is not None:
        low.target(node, path)


_READING = frozenset(["get", "index", "count", "copy"])  # called at once; a view would show later versions


@lowers(ast.Attribute)
def _attribute(low: Lowering, node: ast.Attribute) -> int:
    given, low.given = low.given, None
    called = low.called is node  # before another call is come to in it
    receiver, name = peeked(low, node.value), low.scope.spelled(node.attr)
    literal = low.literals.pop(receiver, None)
    if literal is not None and called and name in _READING:
        low.literals[receiver] = literal
        for item in literal.items.values():
            low.literals.pop(item, None)  # which is given away
    result = low.fresh(receiver)
    low.body.fields.append(Field(receiver, name, False, node.lineno))
    low.body.parts.append((receiver, result, name))
    if name in CARRIED and low.state.traits.carries:
        low.body.parts.append((receiver, result, ""))
    just_given = given.node if given is not None and (given.receiver, given.name) == (receiver, name) else None
    load_attribute(low, receiver, name, node, result, just_given)
    low.body.loads[result] = None
    return result


def peeked(low: Lowering, node: ast.expr) -> int:
    """A receiver: looking into a container that nobody else has leaves it so."""
    if isinstance(node, ast.Name):
        found = low.read(node.id, node)
        mention(low, found, node)
        return found
    if isinstance(node, ast.Subscript):
        return HANDLERS[ast.Subscript](low, node, peek=True)
    return lower(low, node)


def load_attribute(low: Lowering, receiver: int, name: str, node: ast.AST, result: int, given: int | None = None) -> None:
    """`given`: what the attribute was given just before, which is what a plain instance has then."""
    state, graph = low.state, low.graph
    here = low.here(node, NO_ARGUMENTS, result)
    managed = name in state.managed
    plain = given is not None and not managed and state.bound_in_classes.isdisjoint(_TAKING)

    def learn(value: Value) -> None:
        if plain and isinstance(value, Obj) and not value.is_library:
            graph.edge(given, result)  # type: ignore[arg-type]
            return
        if isinstance(value, Unknown):
            _guess(low, name, result)
            return
        if isinstance(value, LibMod) and (path := f"{value.name}:{name}") and state.settled(path) is not None:
            state.target(low.body, node, Target(path, direct=False))
        if name == "obj" and isinstance(value, Obj) and value.is_library and state.catalogue.is_exception(value.cls):
            state.target(low.body, node, Target(None, direct=False))  # whatever an attribute was looked for on
        found = member(state, value, name)
        if name[:2] == "__":
            ask_hooks(state, value, name, here)
        if managed or state.hooked:
            low.body.receivers.setdefault(node, receiver)
        if managed or (isinstance(value, Obj | Mod | Cls) and state.hooked):
            calls.load_from(state, found, here)
        else:
            graph.edge(found, result)

    graph.watch(receiver, learn)


def _guess(low: Lowering, name: str, result: int) -> None:
    """`anything.name`: where one family of classes alone has a method of that name, most likely one of theirs is meant."""
    state = low.state
    low.graph.put_unknown(result)
    if name in OF_FRAMES:
        of_frame(state, result)
    for func in state.family(name):
        owner = func.rpartition(".")[0]
        low.graph.put(result, [Bound(Obj(owner), Func(func))])


@lowers(ast.Lambda)
def _lambda(low: Lowering, node: ast.Lambda) -> int:
    scope = low.state.scopes.by_node[node]
    func = Func(scope.name)
    bind_defaults(low, func, node.args)
    low.state.todo.append(scope)
    found = low.static(func)
    low.body.loads[found] = None
    return found


def bind_defaults(low: Lowering, func: Func, args: ast.arguments) -> None:
    """Defaults are values that parameters may have."""
    low.body.functions.append((func.name, low.static(func)))
    positional = [*args.posonlyargs, *args.args]
    pairs = list(zip(reversed(positional), reversed(args.defaults), strict=False))
    pairs += [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is not None]
    for argument, default in pairs:
        if not isinstance(default, ast.Constant):
            low.state.attributed.add(func.name)  # an object that the function keeps
        low.state.defaults[low.state.node("var", func.name, argument.arg)] = lower(low, default)


@lowers(ast.NamedExpr)
def _named(low: Lowering, node: ast.NamedExpr) -> int:
    found = lower(low, node.value)
    low.literals.pop(found, None)  # the name has it, and whoever the expression is given to
    owner = low.scope.owner
    if owner.kind == "module" and owner is low.body.scope and low.later(owner):
        low.body.names.append(Name(owner, node.target.id, True, node.lineno))
    around, low.scope = low.scope, owner
    low.bind(node.target.id, found, node)
    low.scope = around
    return found
