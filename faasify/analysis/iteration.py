"""What iterating over a value gives, and whom it calls.

for k in {"a": f}        k is "a"
for x in Countdown(3)    calls Countdown.__iter__ and __next__; x is what __next__ returns
for x in numbers()       resumes the generator; x is what it yields
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from faasify.analysis.asking import ask, remember, tested
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments, Body, Target
from faasify.analysis.calls import Here, call, call_method, has_method, returns
from faasify.analysis.chains import CHAIN, ask_maps
from faasify.analysis.elements import COPIED, MAPPINGS, holder
from faasify.analysis.lazies import Lazy
from faasify.analysis.mro import is_subclass, when_bases_are_known
from faasify.analysis.state import State
from faasify.analysis.values import INT, STR, Cls, Obj, Unknown, Value, is_own

_OF = {"builtins:str": STR, "builtins:bytes": INT, "builtins:range": INT, "builtins:bytearray": INT}
_CONTAINERS = COPIED | {"builtins:tuple", "builtins:frozenset"}
_LENGTHS = ("__len__", "__length_hint__")
_PAIRS = frozenset(["builtins:dict_items", "builtins:enumerate"])
_HANDED_ON = ("send", "throw", "close")  # by `yield from`, to what it iterates over


def elements(state: State, container: int, body: Body, node: ast.AST) -> int:
    """The node of what iterating over `container` gives."""
    found = state.elements_of.get((container, node))
    if found is None:
        found = state.elements_of[container, node] = state.fresh(container)
        _Iteration(state, body, node, found).over(container)
        body.parts.append((container, found, ""))
        body.iterated[container] = None
        if not isinstance(node, ast.Call) and body.receivers.setdefault(node, container) != container:  # `... for x in xs[i]`
            remember(state, Here(body, node, NO_ARGUMENTS, state.graph.node(), False), container)
    return found


def collected(state: State, container: int, body: Body, node: ast.AST) -> int:
    """The same where a container is made of the elements: the length is asked for first, as a hint."""
    if not state.bound_in_classes.isdisjoint(_LENGTHS):
        hint = Here(body, node, NO_ARGUMENTS, state.graph.node(), False)

        def learn(value: Value) -> None:
            for name in _LENGTHS if is_own(value) else ():
                ask(state, value, name, hint)
            if isinstance(value, Unknown):
                body.unknown(node, *_LENGTHS)
            if isinstance(value, Cls) and state.has_metaclasses:
                when_bases_are_known(state, value.name, lambda: measure(value))

        def measure(cls: Cls) -> None:
            for name in _LENGTHS:
                call_method(state, cls, name, hint)

        state.graph.watch(container, learn)
    return elements(state, container, body, node)


def unpacked(state: State, value: Value, body: Body, node: ast.AST, into: int, names: int | None = None) -> None:
    """`**x`, `dict.update(x)`: an object of the program is asked for its keys, which flow to `names`, and for what is under each."""
    if is_own(value):
        keys = state.fresh()
        call_method(state, value, "keys", Here(body, node, NO_ARGUMENTS, keys, False))
        if names is not None:
            state.graph.edge(elements(state, keys, body, node), names)
        call_method(state, value, "__getitem__", Here(body, node, Arguments([state.fresh()]), into, False))
    elif isinstance(value, Unknown):
        body.unknown(node, "keys")
        state.graph.put_unknown(into)
        if names is not None:
            state.graph.put_unknown(names)
    elif state.traits.chains:
        ask_maps(state, value, "items", Here(body, node, NO_ARGUMENTS, into, False))


def pair_of(state: State, value: Value, body: Body, node: ast.AST, into: tuple[int, int]) -> None:
    """`dict([x])` goes through x, for a key and a value."""
    found = collected(state, state.static(value), body, node)
    for each in into:
        state.graph.edge(found, each)


def reached(state: State, nodes: Iterable[int], body: Body) -> int:
    """The node of what these hold at any depth, themselves included; containers that are gone through apart."""
    everything, found = state.graph.node(), state.graph.node()
    gone_through: set[str] = set()

    def learn(value: Value) -> None:
        if not (isinstance(value, Obj) and value.cls in _CONTAINERS):
            state.graph.put(found, [value])
        elif value.site and value.site not in gone_through:
            gone_through.add(value.site)
            state.held(value.site, everything)

    state.graph.watch(everything, learn)
    for node in nodes:
        state.graph.edge(node, everything)
        body.copies.append((node, everything))
    body.parts.append((everything, everything, ""))
    body.copies.append((everything, found))
    return found


def _takes_the_rest(node: ast.AST) -> bool:
    """`first, *rest = xs` makes a list of the iterator that has given the first: it is asked for an iterator and its length as well."""
    return isinstance(node, ast.Starred) and isinstance(node.ctx, ast.Store)


class _Iteration:
    def __init__(self, state: State, body: Body, node: ast.AST, into: int, seen: tuple[Lazy, ...] = ()) -> None:
        self.state, self.body, self.node, self.into, self.seen = state, body, node, into, seen

    def over(self, container: int) -> None:
        self.state.graph.watch(container, self.learn)

    def learn(self, value: Value) -> None:
        state, graph = self.state, self.state.graph
        if isinstance(value, Cls):
            when_bases_are_known(state, value.name, lambda: self.through_class(value))
        elif not isinstance(value, Obj):
            graph.put_unknown(self.into)
            if isinstance(value, Unknown):
                self.body.unknown(self.node, "__aiter__" if isinstance(self.node, ast.AsyncFor) else "__iter__")
        elif value.is_library:
            self.library(value)
        elif has_method(state, value.cls, "__iter__"):
            self.through_own(value)
        elif has_method(state, value.cls, "__next__"):
            self.method(value, "__next__", self.into)
        elif has_method(state, value.cls, "__getitem__"):
            call_method(state, value, "__getitem__", self.here(self.into, Arguments([state.static(INT)])))
        else:
            iterators = state.graph.node()
            call_method(state, value, "__iter__", self.here(iterators, NO_ARGUMENTS))
            graph.watch(iterators, lambda v: self.method(v, "__next__", self.into) if is_own(v) else None)  # a stream is its own
            self.held(holder(value).site)
            if not is_subclass(state, value.cls, "builtins:list") and not is_subclass(state, value.cls, "builtins:set"):
                graph.put_unknown(self.into)

    def through_class(self, value: Cls) -> None:
        """An enumeration has its members, unless its metaclass says otherwise; else the metaclass says."""
        if self.state.is_enum(value.name):
            self.state.graph.put(self.into, [Obj(value.name)])
        if value.name in self.state.metaclasses or not self.state.is_enum(value.name):
            self.through_own(value)

    def through_own(self, value: Value) -> None:
        """What the `__iter__` of the program gives is gone through."""
        iterators = self.state.fresh()
        self.method(value, "__iter__", iterators)
        self.body.parts.append((iterators, self.into, ""))
        self.state.graph.watch(iterators, self.iterator)

    def here(self, result: int, args: Arguments) -> Here:
        return Here(self.body, self.node, args, result, False)

    def method(self, value: Value, name: str, result: int) -> None:
        call_method(self.state, value, name, self.here(result, NO_ARGUMENTS))

    def iterator(self, iterator: Value) -> None:
        if isinstance(iterator, Obj) and iterator.is_library:
            self.learn(iterator)
        elif isinstance(iterator, Obj):
            self.method(iterator, "__next__", self.into)
            for name in _HANDED_ON if isinstance(self.node, ast.YieldFrom) else ():
                if has_method(self.state, iterator.cls, name):
                    self.method(iterator, name, self.into)
            for name in ("__iter__", *_LENGTHS) if _takes_the_rest(self.node) else ():
                if has_method(self.state, iterator.cls, name):
                    self.method(iterator, name, self.state.graph.node())
        else:
            self.state.graph.put_unknown(self.into)
            if isinstance(iterator, Unknown):
                self.body.unknown(self.node, "__next__")

    def held(self, site: str) -> None:
        self.state.held(site, self.into)

    def library(self, value: Obj) -> None:
        state = self.state
        if value.cls in _OF:
            state.graph.put(self.into, [_OF[value.cls]])
        elif value.cls in MAPPINGS:
            state.graph.edge(state.node("keys", value.site), self.into)
            if value.cls == CHAIN:
                ask_maps(state, value, "__iter__", self.here(self.into, NO_ARGUMENTS))
        elif value.cls in _PAIRS:
            self.pairs(value)
        else:
            if value.cls in ("builtins:generator", "builtins:async_generator") and value.site in state.scopes.definitions:
                state.target(self.body, self.node, Target(value.site, direct=False, resumes=True))
            elif value.site in state.deferred_in:
                maker, scope = state.deferred_in[value.site]
                if maker != self.body.name:
                    state.deferred_from[scope] = maker
                    state.target(self.body, self.node, Target(scope, direct=False, resumes=True))
                elif state.large:
                    state.own_deferred.setdefault(self.body.site(self.node), {})[scope] = maker
            if not returns(state, value, "__next__"):  # a stream gives its lines, not what it reads from
                self.held(value.site)
            if value.site and state.catalogue.member(value.cls, "__next__") is not None:
                self.go_on(value.site.removesuffix("#inner"))
            if not value.cls.startswith("builtins:"):  # reading a stream line by line is an effect of the stream
                iterators = state.graph.node()
                self.method(value, "__iter__", iterators)
                self.method(value, "__next__", self.into)
                if returns(state, value, "__iter__"):  # its iterator is described, what it goes through is told by that
                    state.graph.watch(iterators, lambda v: self.learn(v) if v != value else None)

    def go_on(self, made: str) -> None:
        """With an iterator of the library. In a large program, what it does is added when all is known."""
        lazy = self.state.lazy(made)
        if self.state.large:
            self.state.resumed.setdefault(self.body.site(self.node), {})[made] = None
        else:
            self.resumed(lazy)

    def resumed(self, lazy: Lazy) -> None:
        """An iterator of the library goes on: it asks its sources for an element, and calls what it was given."""
        state = self.state
        if lazy in self.seen:
            return
        unused = state.graph.node()
        inner = _Iteration(state, self.body, self.node, unused, (*self.seen, lazy))
        lazy.sources.each(lambda source: state.graph.watch(source, inner.learn))
        lazy.calls.each(lambda call: state.graph.watch(call[0], lambda v: self.later(v, call[1], call[2])))

    def later(self, callee: Value, args: Arguments, truth: bool) -> None:
        if not (isinstance(callee, Obj) and callee.cls == "builtins:NoneType"):
            here = self.here(self.state.graph.node(), args)
            call(self.state, callee, here)
            if truth:
                tested(self.state, here.result, here)

    def pairs(self, value: Obj) -> None:
        """`(key, value)` of a dict's items, `(index, value)` of an enumeration."""
        state = self.state
        pair = Obj("builtins:tuple", f"{value.site}#pair")
        first = state.static(INT) if value.cls == "builtins:enumerate" else state.node("keys", value.site)
        state.hold(pair.site, first, "0")
        second = state.graph.node()
        self.state.held(value.site, second)
        state.hold(pair.site, second, "1")
        state.graph.put(self.into, [pair])
