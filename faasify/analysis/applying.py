"""What a described library function does with its arguments: calls some, keeps some, gives some back.

sorted(xs, key=f)      Calls[key(xs)] | Yields[xs] | Returns[list]     f gets elements of xs; the list holds them
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from faasify.analysis import iteration, typed
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments, Target
from faasify.analysis.calls import Here, call, call_method, call_node, escape
from faasify.analysis.state import Lazy, State
from faasify.analysis.summaries import Callback, Held, LibraryClass, LibraryFunction, LibraryVariable
from faasify.analysis.values import Bound, Cls, Func, Identity, Lib, Obj, Partial, Value, is_own

Given = dict[str, list[int]]


def call_library(state: State, path: str, here: Here, receiver: Obj | Cls | None = None) -> None:
    if path in _SPECIAL and (here.args.positional or path == "dataclasses:field"):
        state.target(here.body, here.node, Target(path, here.direct), here.args, here.result)
        _SPECIAL[path](state, here)
        return
    described = state.catalogue.find(path)
    target = Target(described.path if described is not None else path, here.direct, receiver is not None)
    state.target(here.body, here.node, target, here.args, here.result)
    if isinstance(described, LibraryClass):
        # what a library makes at this site (defaultdict(list)) is another object than what the expression gives
        made = Obj(described.path, state.site_name(here.body, here.node) + ("" if here.direct else "#inner"))
        initialiser = state.catalogue.constructor(described.path)
        if initialiser is not None:
            apply(state, initialiser, Here(here.body, here.node, here.args, state.graph.node(), here.direct), made)
        if described.path in iteration.MAPPINGS and here.args.positional:
            _fill_mapping(state, made, here.args.positional[-1], here)
        state.graph.put(here.result, [made])
    elif isinstance(described, LibraryFunction):
        apply(state, described, here, receiver)
    elif isinstance(described, LibraryVariable) and described.summary.returns:
        state.graph.put_unknown(here.result)
    else:
        for node in here.args.everything():
            escape(state, node)
        typed.result(state, path, here)


def _fill_mapping(state: State, made: Obj, given: int, here: Here) -> None:
    """`dict(other)` has the keys and values of the other, `dict(pairs)` those of the pairs."""
    keys, values = state.node("keys", made.site), state.graph.node()
    state.hold(made.site, values)
    here.body.puts.append((here.result, given, "[:]"))

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.cls in iteration.MAPPINGS:
            state.held(value.site, values)
            state.graph.edge(state.node("keys", value.site), keys)
        elif isinstance(value, Obj) and made.cls != "collections:defaultdict":
            pairs = iteration.elements(state, state.static(value), here.body, here.node)
            here.body.puts.append((here.result, pairs, "[:]"))
            state.graph.watch(pairs, pair)

    def pair(value: Value) -> None:
        if isinstance(value, Obj) and value.cls in ("builtins:tuple", "builtins:list"):
            state.held(value.site, keys, "0")
            state.held(value.site, values, "1")

    state.graph.watch(given, learn)


def _partial(state: State, here: Here) -> None:
    site = state.site_name(here.body, here.node)
    args = here.args
    state.partials[site] = (args.positional[0], Arguments(args.positional[1:], args.keywords, args.star, args.double))
    state.graph.put(here.result, [Partial(site)])
    here.body.copies.append((args.positional[0], here.result))


def _type(state: State, here: Here) -> None:
    """`type(x)` is the class of x; `type(name, bases, names)` makes one."""
    if len(here.args.positional) > 1:
        state.graph.put_unknown(here.result)
        return

    def learn(value: Value) -> None:
        if isinstance(value, Obj):
            state.graph.put(here.result, [Lib(value.cls) if value.is_library else Cls(value.cls)])
            for below in state.below(value.cls) if value.below else ():
                state.graph.put(here.result, [Cls(below)])
        else:
            state.graph.put_unknown(here.result)

    state.graph.watch(here.args.positional[0], learn)


def _field(state: State, here: Here) -> None:
    """`dataclasses.field(default_factory=list)`: what every instance gets."""
    if (default := here.args.keywords.get("default")) is not None:
        state.graph.edge(default, here.result)
    if (factory := here.args.keywords.get("default_factory")) is not None:
        call_node(state, factory, here.implicit(NO_ARGUMENTS))


def _copy(state: State, here: Here) -> None:
    """Another object of the same class, with the same parts."""
    state.graph.edge(here.args.positional[0], here.result)
    here.body.puts.append((here.result, here.args.positional[0], "[:]"))


def _deepcopy(state: State, here: Here) -> None:
    state.graph.edge(here.args.positional[0], here.result)


_SPECIAL: dict[str, Callable[[State, Here], None]] = {
    "functools:partial": _partial,
    "builtins:type": _type,
    "dataclasses:field": _field,
    "copy:copy": _copy,
    "copy:deepcopy": _deepcopy,
}


def apply(state: State, function: LibraryFunction, here: Here, receiver: Obj | Cls | None) -> None:
    """Call a described function, or the method or initialiser of `receiver`."""
    args, given = here.args, bound_parameters(function, here.args)
    if receiver is None and function.is_method and args.positional:  # dict.update(d, x): the receiver is the first argument
        given = bound_parameters(function, Arguments(args.positional[1:], args.keywords, args.star, args.double))
        given["self"] = [args.positional[0]]
    else:
        given["self"] = [state.static(receiver)] if receiver is not None else []
    _Application(state, function, here, given, _lazy(state, function, here, receiver)).run()


def _lazy(state: State, function: LibraryFunction, here: Here, receiver: Obj | Cls | None) -> Lazy | None:
    """What is kept for later where the function makes an iterator."""
    made = [*function.summary.returns, *([receiver.cls] if isinstance(receiver, Obj) and function.path.endswith(".__init__") else [])]
    if any(state.catalogue.member(cls, "__next__") is not None for cls in made if ":" in cls):
        return state.lazy(state.site_name(here.body, here.node))
    return None


@dataclass(frozen=True)
class _Application:
    """One call of a described function."""

    state: State
    function: LibraryFunction
    here: Here
    given: Given
    lazy: Lazy | None

    def run(self) -> None:
        state, summary, here = self.state, self.function.summary, self.here
        called = state.graph.node()
        for callback in summary.calls:
            self.call_back(callback, called)
        for returned in summary.returns:
            self.give(returned, summary.yields)
        for name in summary.gives:
            self.contents(name, here.result)
        for held in summary.holds:
            self.hold(held)
        if not (summary.returns or summary.gives):
            if summary.calls and not _is_special(summary.calls):
                state.graph.edge(called, here.result)
            else:
                typed.result(state, self.function.path, here)

    def give(self, returned: str, yields: tuple[str, ...]) -> None:
        state, here = self.state, self.here
        if returned == "decorator":
            state.graph.put(here.result, [Identity()])
        elif returned.startswith("="):
            for node in self.given.get(returned[1:], ()):
                state.graph.edge(node, here.result)
        else:
            described = state.catalogue.find(returned)
            made = Obj(described.path if described is not None else returned, state.site_name(here.body, here.node))
            state.graph.put(here.result, [made])
            _keys(state, self.given, made)
            for name in yields:
                held = state.graph.node()
                self.contents(name, held)
                state.hold(made.site, held)

    def elements(self, node: int) -> int:
        """A library that makes a container of something asks it for its length first, as a hint."""
        state = self.state
        if not state.bound_in_classes.isdisjoint(("__len__", "__length_hint__")):
            hint = self.here.implicit(NO_ARGUMENTS, state.graph.node())

            def learn(value: Value) -> None:
                for name in ("__len__", "__length_hint__") if is_own(value) else ():
                    call_method(state, value, name, hint)

            state.graph.watch(node, learn)
        return self.iterate(node)

    def iterate(self, node: int) -> int:
        """The library goes through an argument: here, and if it makes an iterator of it, wherever that is used."""
        if self.lazy is not None:
            self.lazy.sources.put(node)
        return iteration.elements(self.state, node, self.here.body, self.here.node)

    def contents(self, name: str, into: int) -> None:
        """The elements of a parameter; of the receiver what it holds (a dict's values, not its keys)."""
        state = self.state
        if name != "self":
            for node in self.given.get(name, ()):
                state.graph.edge(self.elements(node), into)
            return

        def learn(value: Value) -> None:
            if isinstance(value, Obj):
                state.held(value.site, into)

        for node in self.given["self"]:
            state.graph.watch(node, learn)
        state.opaque[into] = None

    def hold(self, held: Held) -> None:
        if held.made_by is not None:
            node = self.state.graph.node()
            self.call_back(held.made_by, node)
            nodes = [node]
        else:
            nodes = self.given.get(held.param, [])
        if held.each:
            nodes = [self.elements(node) for node in nodes]
        for node in nodes:
            _keep(self.state, self.given["self"], node)

    def call_back(self, callback: Callback, result: int) -> None:
        """The library calls one of its arguments, or a method of it, with elements of others."""
        state, here = self.state, self.here
        nodes = self.given.get(callback.param, [])
        if callback.attr == "__iter__":
            for node in nodes:
                self.iterate(node)
            return
        if callback.attr:
            given = Arguments([node for name in callback.of for node in self.given.get(name, ())[:1]])
            for node in nodes:
                state.graph.watch(node, lambda v: self.method(v, callback.attr, here.implicit(given, result)))
            return
        if callback.param == "self":
            held = state.graph.node()
            for node in nodes:
                state.graph.watch(node, lambda v: state.held(v.site, held) if isinstance(v, Obj) else None)
            nodes = [held]
        else:
            nodes = nodes + _misplaced(state, nodes, self.given)
        args = self.passed(callback)
        for node in nodes:
            if self.lazy is not None:
                self.lazy.calls.put((node, args))
            state.graph.watch(node, lambda v: _call_if_any(state, v, here.implicit(args, result)))

    def method(self, value: Value, name: str, here: Here) -> None:
        if name == "__next__" and isinstance(value, Obj) and value.is_library:
            self.iterate(self.state.static(value))
        elif not (isinstance(value, Obj) and value.cls.startswith("builtins:")):  # len([1]) calls list.__len__: of no interest to anyone
            call_method(self.state, value, name, here)

    def passed(self, callback: Callback) -> Arguments:
        """What the callback gets: elements of other parameters, or anything."""
        state, passed = self.state, list[int]()
        for name in callback.of:
            node = state.graph.node()
            if ":" in name:
                state.graph.put(node, [Obj(name)])
            else:
                for source in self.given.get(name, ()):
                    state.graph.edge(self.iterate(source), node)
                if not self.given.get(name):
                    state.graph.put_unknown(node)
            passed.append(node)
        unknown = state.fresh()
        return Arguments(passed) if passed else Arguments(star=unknown, double=unknown)


def _call_if_any(state: State, value: Value, here: Here) -> None:
    if not (isinstance(value, Obj) and value.cls == "builtins:NoneType"):
        call(state, value, here)


def _is_special(callbacks: tuple[Callback, ...]) -> bool:
    """Only methods of arguments are called: their results are not the function's."""
    return all(c.attr for c in callbacks)


def _keys(state: State, given: Given, made: Obj) -> None:
    """A view or copy of a mapping has its keys."""

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.cls in iteration.MAPPINGS:
            state.graph.edge(state.node("keys", value.site), state.node("keys", made.site))
            if made.cls == "builtins:dict_keys":
                state.hold(made.site, state.node("keys", value.site))

    for node in given["self"]:
        state.graph.watch(node, learn)


def _keep(state: State, holders: list[int], node: int) -> None:
    def learn(holder: Value) -> None:
        if isinstance(holder, Obj):
            state.hold(holder.site, node)

    for holder in holders:
        state.graph.watch(holder, learn)


def _misplaced(state: State, nodes: list[int], given: Given) -> list[int]:
    """A function that stands where another argument belongs, `map(xs, f)`: the one that is called was meant."""
    if any(not isinstance(v, Obj) for node in nodes for v in state.graph.at(node)) or not nodes:
        return []
    others = [node for name, found in given.items() for node in found if node not in nodes]
    return [node for node in others if any(isinstance(v, Func | Bound) for v in state.graph.at(node))]


def bound_parameters(function: LibraryFunction, args: Arguments) -> Given:
    """Argument nodes by the library function's parameter names."""
    given: Given = {}
    for index, node in enumerate(args.positional):
        name = function.positional[index] if index < len(function.positional) else function.vararg
        if name is not None:
            given.setdefault(name, []).append(node)
    if args.star is not None:
        names = [*function.positional[len(args.positional) :], *([function.vararg] if function.vararg else [])]
        for name in names:
            given.setdefault(name, []).append(args.star)
    for name, node in args.keywords.items():
        if name in function.positional or name in function.keyword:
            given.setdefault(name, []).append(node)
        elif function.kwarg:
            given.setdefault(function.kwarg, []).append(node)
    return given


__all__ = ["apply", "bound_parameters", "call_library", "call_node"]
