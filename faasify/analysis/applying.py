"""What a described library function does with its arguments: calls some, keeps some, gives some back.

sorted(xs, key=f)      Calls[key(xs)] | Yields[xs] | Returns[list]     f gets elements of xs; the list holds them
"""

from __future__ import annotations

from collections.abc import Callable

from faasify.analysis import iteration, typed
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments, Target
from faasify.analysis.calls import Here, call, call_method, call_node, escape
from faasify.analysis.state import State
from faasify.analysis.summaries import Callback, LibraryClass, LibraryFunction, LibraryVariable
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
    summary = function.summary
    given = bound_parameters(function, here.args)
    if receiver is None and function.is_method and here.args.positional:  # dict.update(d, x): the receiver is the first argument
        args = here.args
        given = bound_parameters(function, Arguments(args.positional[1:], args.keywords, args.star, args.double))
        given["self"] = [args.positional[0]]
    else:
        given["self"] = [state.static(receiver)] if receiver is not None else []
    called = state.graph.node()
    for callback in summary.calls:
        _call_back(state, callback, given, here, called)
    for returned in summary.returns:
        _return(state, returned, summary.yields, given, here)
    for name in summary.gives:
        _contents(state, name, given, here, here.result)
    _hold(state, function, given, here)
    if not (summary.returns or summary.gives):
        if summary.calls and not _is_special(summary.calls):
            state.graph.edge(called, here.result)
        else:
            typed.result(state, function.path, here)


def _is_special(callbacks: tuple[Callback, ...]) -> bool:
    """Only methods of arguments are called: their results are not the function's."""
    return all(c.attr for c in callbacks)


def _return(state: State, returned: str, yields: tuple[str, ...], given: Given, here: Here) -> None:
    if returned == "decorator":
        state.graph.put(here.result, [Identity()])
    elif returned.startswith("="):
        for node in given.get(returned[1:], ()):
            state.graph.edge(node, here.result)
    else:
        described = state.catalogue.find(returned)
        made = Obj(described.path if described is not None else returned, state.site_name(here.body, here.node))
        state.graph.put(here.result, [made])
        _keys(state, given, made)
        for name in yields:
            held = state.graph.node()
            _contents(state, name, given, here, held)
            state.hold(made.site, held)


def _elements(state: State, node: int, here: Here) -> int:
    """A library that makes a container of something asks it for its length first, as a hint."""
    if not state.bound_in_classes.isdisjoint(("__len__", "__length_hint__")):
        hint = here.implicit(NO_ARGUMENTS, state.graph.node())

        def learn(value: Value) -> None:
            for name in ("__len__", "__length_hint__") if is_own(value) else ():
                call_method(state, value, name, hint)

        state.graph.watch(node, learn)
    return iteration.elements(state, node, here.body, here.node)


def _keys(state: State, given: Given, made: Obj) -> None:
    """A view or copy of a mapping has its keys."""

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.cls in iteration.MAPPINGS:
            state.graph.edge(state.node("keys", value.site), state.node("keys", made.site))
            if made.cls == "builtins:dict_keys":
                state.hold(made.site, state.node("keys", value.site))

    for node in given["self"]:
        state.graph.watch(node, learn)


def _contents(state: State, name: str, given: Given, here: Here, into: int) -> None:
    """The elements of a parameter; of the receiver what it holds (a dict's values, not its keys)."""
    if name != "self":
        for node in given.get(name, ()):
            state.graph.edge(_elements(state, node, here), into)
        return

    def learn(value: Value) -> None:
        if isinstance(value, Obj):
            state.held(value.site, into)

    for node in given["self"]:
        state.graph.watch(node, learn)
    state.opaque[into] = None


def _hold(state: State, function: LibraryFunction, given: Given, here: Here) -> None:
    for held in function.summary.holds:
        if held.made_by is not None:
            node = state.graph.node()
            _call_back(state, held.made_by, given, here, node)
            nodes = [node]
        else:
            nodes = given.get(held.param, [])
        if held.each:
            nodes = [_elements(state, node, here) for node in nodes]
        for node in nodes:
            _keep(state, given["self"], node)


def _keep(state: State, holders: list[int], node: int) -> None:
    def learn(holder: Value) -> None:
        if isinstance(holder, Obj):
            state.hold(holder.site, node)

    for holder in holders:
        state.graph.watch(holder, learn)


def _call_back(state: State, callback: Callback, given: Given, here: Here, result: int) -> None:
    """The library calls one of its arguments, with elements of others."""
    nodes = given.get(callback.param, [])
    if callback.param == "self" and not callback.attr:
        held = state.graph.node()
        for node in nodes:
            state.graph.watch(node, lambda v: state.held(v.site, held) if isinstance(v, Obj) else None)
        nodes = [held]
    elif not callback.attr and callback.param != "self":
        nodes = nodes + _misplaced(state, nodes, given)
    passed = []
    for name in callback.of:
        node = state.graph.node()
        if ":" in name:
            state.graph.put(node, [Obj(name)])
        else:
            for source in given.get(name, ()):
                state.graph.edge(iteration.elements(state, source, here.body, here.node), node)
            if not given.get(name):
                state.graph.put_unknown(node)
        passed.append(node)
    unknown = state.fresh()
    args = Arguments(passed) if passed else NO_ARGUMENTS if callback.attr else Arguments(star=unknown, double=unknown)
    inner = here.implicit(args, result)

    if callback.attr == "__iter__":
        here.body.iterated.update(dict.fromkeys(nodes))
    later = state.node("later", state.site_name(here.body, here.node))

    def learn(value: Value) -> None:
        func = value.func if isinstance(value, Bound) else value
        if isinstance(func, Func):
            state.graph.put(later, [func])  # `map(f, xs)` calls f when somebody asks it for an element
        if callback.attr:
            if not (isinstance(value, Obj) and value.cls.startswith("builtins:")):
                call_method(state, value, callback.attr, inner)  # len([1]) calls list.__len__, which is of no interest to anyone
        elif not (isinstance(value, Obj) and value.cls == "builtins:NoneType"):
            call(state, value, inner)

    for node in nodes:
        state.graph.watch(node, learn)


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
