"""Arguments to parameters: by position, by name, from `*args` by index and from `**kwargs` by key; defaults where nothing is given.

def f(a, b=g, *rest)
f(*[x, y, z])        a is x, b is y, rest holds z
f(x)                 b is g
"""

from __future__ import annotations

import ast

from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.elements import shifted
from faasify.analysis.mro import order
from faasify.analysis.scopes import Scope
from faasify.analysis.state import State
from faasify.analysis.values import STR, UNKNOWN, Cls, Func, Obj, Value

_RECEIVERS = 2  # of a method, that are told apart in a large program


def use_defaults(state: State, scope: Scope) -> None:
    """The function is called without its optional arguments."""
    for name in scope.optional:
        parameter = state.variable(scope, name)
        if (default := state.defaults.get(parameter)) is not None:
            state.graph.edge(default, parameter)


def bind_arguments(state: State, func: Func, args: Arguments, receiver: Obj | Cls | None = None, result: int | None = None) -> None:
    """What is given flows to the parameters; to those that are not surely given, their defaults too.

    A parameter that the function gives back flows to the result of this very call, not to those of others."""
    state.bound.add(func.name)
    _Binding(state, func, args, result).bind(receiver)


def bind_receiver(state: State, func: Func, receiver: Obj | Cls, result: int | None) -> None:
    """A further object whose method is called with the same arguments.

    In a large program an operator meets some hundred objects at each of ten thousand places: nearly all are known to the method."""
    known = state.received.setdefault(func.name, set())
    if receiver in known and (result is None or not state.function_scope(func).given_back):
        return
    known.add(receiver)
    binding = _Binding(state, func, NO_ARGUMENTS, result)
    binding.receive(receiver, binding.scope.by_position[:1])


class _Binding:
    """One call of one function."""

    def __init__(self, state: State, func: Func, args: Arguments, result: int | None) -> None:
        self.state, self.func, self.args, self.result = state, func, args, result
        self.scope = state.function_scope(func)
        self.spec: ast.arguments = self.scope.node.args  # type: ignore[attr-defined]
        self.given_back = self.scope.given_back if result is not None else frozenset[str]()

    def bind(self, receiver: Obj | Cls | None) -> None:
        spec, args = self.spec, self.args
        names, by_name = self.scope.by_position, self.scope.by_name
        if receiver is not None:
            names = self.receive(receiver, names)
        given = {*names, *args.keywords}.difference(self.positional(names))
        for name, node in args.keywords.items():
            if name in by_name:
                self.flow(node, name)
            elif spec.kwarg:
                self.state.hold(f"{self.func.name}**", node, repr(name))
                self.state.graph.put(self.state.node("keys", f"{self.func.name}**"), [Obj("builtins:str", const=repr(name))])
        if args.double is not None:
            self.mapping([name for name in by_name if name not in given], args.double)
        for name in self.scope.optional:
            if name not in given and (default := self.state.defaults.get(self.variable(name))) is not None:
                self.flow(default, name)

    def variable(self, name: str) -> int:
        return self.state.variable(self.scope, name)

    def flow(self, node: int, name: str) -> None:
        self.state.graph.edge(node, self.variable(name))
        if name in self.given_back and self.result is not None:
            self.state.graph.edge(node, self.result)

    def element(self, site: str, key: str, name: str) -> None:
        self.state.held(site, self.variable(name), key)
        if name in self.given_back and self.result is not None:
            self.state.held(site, self.result, key)

    def receive(self, receiver: Obj | Cls, names: tuple[str, ...]) -> tuple[str, ...]:
        """The names that are left."""
        if names:
            self.state.graph.put(self.variable(names[0]), [_told_apart(self.state, self.func, self.scope, receiver)])
            if names[0] in self.given_back and self.result is not None:
                self.state.graph.put(self.result, [receiver])
        elif self.spec.vararg:
            self.state.hold(f"{self.func.name}*", self.state.static(receiver))
        return names[1:]

    def positional(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The parameters that these arguments do not surely give."""
        state, args, rest = self.state, self.args, f"{self.func.name}*" if self.spec.vararg else ""
        count = len(args.positional)
        for name, node in zip(names, args.positional, strict=False):
            self.flow(node, name)
        for index, node in enumerate(args.positional[len(names) :] if rest else ()):
            state.hold(rest, node, str(index))
        if args.star is None:
            return names[count:]
        star, following, skipped = args.star, names[count:], max(0, len(names) - count)

        def spread(value: Value) -> None:
            site = value.site if isinstance(value, Obj) and value.cls in ("builtins:tuple", "builtins:list") else ""
            for index, name in enumerate(following):
                if site:
                    self.element(site, str(index), name)
                else:
                    self.flow(star, name)
            if rest and site and count <= len(names):
                state.pour(site, rest, lambda key: shifted(key, skipped))
            elif rest:
                state.hold(rest, star)

        if args.starred is not None:
            state.graph.watch(args.starred, spread)
        else:
            spread(UNKNOWN)
        return following

    def mapping(self, names: list[str], double: int) -> None:
        """`**mapping` to the parameters that nothing else gives."""
        state, rest = self.state, f"{self.func.name}**" if self.spec.kwarg else ""
        taken, keys = frozenset(map(repr, self.scope.params)), state.node("keys", rest)

        def put_key(key: Value) -> None:
            if not (isinstance(key, Obj) and key.const in taken):
                state.graph.put(keys, [key])

        def spread(value: Value) -> None:
            site = value.site if isinstance(value, Obj) and value.cls == "builtins:dict" else ""
            for name in names:
                if site:
                    self.element(site, repr(name), name)
                else:
                    self.flow(double, name)
            if rest and site:
                state.pour(site, rest, lambda key: None if key in taken else key)
                state.graph.watch(state.node("keys", site), put_key)
            elif rest:
                state.hold(rest, double)
                state.graph.put(keys, [STR])

        if self.args.doubled is not None:
            state.graph.watch(self.args.doubled, spread)
        else:
            spread(UNKNOWN)


def one_of_many(state: State, func: Func, receiver: Obj | Cls) -> Obj | Cls:
    """The receiver as the method's first parameter will have it, where nothing else becomes of it: a class may have a thousand below it,
    and every place where one of them may be compared would call each."""
    scope = state.function_scope(func)
    return receiver if scope.given_back else _told_apart(state, func, scope, receiver)


def _told_apart(state: State, func: Func, scope: Scope, receiver: Obj | Cls) -> Obj | Cls:
    """In a large program, a method with many receivers has one: its class or any below it. Classes that borrow it stay apart."""
    known = state.receivers.get(func.name, ())
    if not state.large or receiver in known:
        return receiver
    cls = scope.parent.name if scope.parent is not None else ""
    if cls in state.bases and isinstance(receiver, Obj) and cls in order(state, receiver.cls):
        known = state.receivers.setdefault(func.name, set())
        if len(known) < _RECEIVERS:
            known.add(receiver)
        else:
            return Obj(cls, below=True)
    return receiver


def joined(state: State, first: Arguments, then: Arguments) -> Arguments:
    """Those of a partial, then those of its call."""
    keywords = {**first.keywords, **then.keywords}
    double, doubled = (then.double, then.doubled) if then.double is not None else (first.double, first.doubled)
    if first.star is None:
        return Arguments([*first.positional, *then.positional], keywords, then.star, double, then.starred, doubled)
    star = state.graph.node()
    for node in (first.star, *then.positional, *([then.star] if then.star is not None else [])):
        state.graph.edge(node, star)
    return Arguments(first.positional, keywords, star, double, None, doubled)
