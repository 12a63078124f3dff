"""What a described library function does with its arguments: calls some, keeps some, gives some back.

sorted(xs, key=f)      Calls[key(xs)] | Yields[xs] | Returns[list]     f gets elements of xs; the list holds them
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from faasify.analysis import iteration, named_tuples, typed
from faasify.analysis.application import Application
from faasify.analysis.asking import remember
from faasify.analysis.bodies import Arguments, Target
from faasify.analysis.calls import Here, call_method, call_node, escape, has_method
from faasify.analysis.chains import CHAIN, ask_maps
from faasify.analysis.copying import ask_to_copy
from faasify.analysis.elements import COPIED, DEFAULTING, MAPPINGS, OPEN
from faasify.analysis.handing_over import call_kept, hand_over, keep, may_ask_own
from faasify.analysis.hooks import call_asked_of_self, call_hooks
from faasify.analysis.importing_by_name import dunder_import, import_module
from faasify.analysis.lazies import Lazy
from faasify.analysis.making_classes import made_by_type
from faasify.analysis.patching import PATCH, patch
from faasify.analysis.records import field_factory
from faasify.analysis.state import Given, State
from faasify.analysis.structured import STRUCTURED, in_mapping, names_given, put_pair
from faasify.analysis.structured_containers import asks_each
from faasify.analysis.summaries import LibraryClass, LibraryFunction, LibraryVariable
from faasify.analysis.values import Cls, Lib, Obj, Partial, Unknown, Value, is_own
from faasify.analysis.wrapping import CACHES, FLAVOURS, cached, dispatched, enter_around, flavoured, method_type, update_wrapper, wraps


def call_library(state: State, path: str, here: Here, receiver: Obj | Cls | None = None) -> None:
    if receiver is not None:
        call_asked_of_self(state, path, here, receiver)
    if receiver is not None and asks_each(state, path, here, receiver):
        return
    if path in _SPECIAL and (here.args.positional or path in _BY_KEYWORD or (path in _ATTRIBUTES and here.args.star is not None)):
        state.target(here.body, here.node, Target(path, here.direct), here.args, here.result)
        _SPECIAL[path](state, here)
        return
    if path == _AROUND and receiver is not None:
        enter_around(state, receiver, here)
    if path == named_tuples.REPLACE and isinstance(receiver, Obj):
        named_tuples.replace(state, here, receiver)
        return
    if path == named_tuples.MAKE and receiver is not None:
        named_tuples.make(state, here, receiver)
        return
    if path.startswith(PATCH):
        patch(state, path, here)
    call_hooks(state, path, here, receiver)
    described = state.catalogue.find(path)
    if receiver is not None and isinstance(described, LibraryFunction) and _is_by_itself(state, described, receiver):
        _apply_by_itself(state, described, here, receiver)
        return
    target = Target(described.path if described is not None else path, here.direct, receiver is not None)
    state.target(here.body, here.node, target, here.args, here.result)
    if isinstance(described, LibraryClass):
        # what a library makes at this site (defaultdict(list)) is another object than what the expression gives
        made = Obj(described.path, state.site_name(here.body, here.node) + ("" if here.direct else "#inner"))
        initialiser = state.catalogue.constructor(described.path)
        if initialiser is not None:
            apply(state, initialiser, Here(here.body, here.node, here.args, state.graph.node(), here.direct), made)
        if described.path in MAPPINGS and here.args.positional:
            _fill_mapping(state, made, here.args.positional[-1], here)
        if described.path in MAPPINGS:
            _keyword_elements(state, made, here)
        if described.path in OPEN:
            _fill_open(state, made, here)
        state.graph.put(here.result, [made])
    elif isinstance(described, LibraryFunction):
        apply(state, described, here, receiver)
    elif isinstance(described, LibraryVariable) and described.summary.returns:
        state.graph.put_unknown(here.result)
    else:
        for node in here.args.everything():
            escape(state, node)
        if not isinstance(described, LibraryVariable):
            hand_over(state, here)
            module = path.partition(":")[0]
            for node in here.args.everything():
                keep(state, module, node)
            if receiver is not None:
                call_kept(state, module, here)
            if isinstance(receiver, Obj) and receiver.is_library:
                may_ask_own(state, module, here)
        typed.result(state, path, here, receiver)


def _fill_mapping(state: State, made: Obj, given: int, here: Here) -> None:
    """`dict(other)` has the keys and values of the other, `dict(pairs)` those of the pairs."""
    keys, values = state.node("keys", made.site), state.graph.node()
    state.hold(made.site, values)
    here.body.puts.append((here.result, given, "[:]"))

    def learn(value: Value) -> None:
        if made.cls == _PROXY and isinstance(value, Obj) and (is_own(value) or value.cls in (DEFAULTING, CHAIN)):
            state.graph.put(here.result, [value])  # which answers for all that the proxy is asked for
            here.body.copies.append((given, here.result))
            if is_own(value):
                return
        if isinstance(value, Obj) and value.cls == CHAIN:
            ask_maps(state, value, "items", here)
        if isinstance(value, Obj) and value.cls in MAPPINGS:
            state.pour(value.site, made.site)
            state.graph.edge(state.node("keys", value.site), keys)
        elif isinstance(value, Unknown):
            state.graph.put_unknown(keys)
            state.graph.put_unknown(values)
        elif isinstance(value, Obj) and made.cls != "collections:defaultdict":
            pairs = iteration.elements(state, state.static(value), here.body, here.node)
            here.body.puts.append((here.result, pairs, "[:]"))
            state.graph.watch(pairs, pair)

    def pair(value: Value) -> None:
        put_pair(state, value, keys, values, here)

    state.graph.watch(given, learn)


def _fill_open(state: State, made: Obj, here: Here) -> None:
    """`SimpleNamespace(f=g)`, `Namespace(**options)`"""
    for name, node in here.args.keywords.items():
        state.graph.edge(node, state.node("attribute", made.site, name))
        state.hold(made.site, node)
        here.body.puts.append((here.result, node, ""))
    if here.args.double is not None:
        state.graph.edge(here.args.double, state.node("attribute", made.site, "?"))
        state.hold(made.site, here.args.double)
    if here.args.positional:
        state.graph.put_unknown(state.node("attribute", made.site, "?"))


def _keyword_elements(state: State, made: Obj, here: Here) -> None:
    """`dict(a=f)` has the key "a"."""
    for name in here.args.keywords:
        state.graph.put(state.node("keys", made.site), [Obj("builtins:str", const=repr(name))])
        here.body.puts.append((state.static(made), here.args.keywords[name], ""))
    names_given(state, here, made)


def _partial(state: State, here: Here, *, method: bool = False) -> None:
    site = state.site_name(here.body, here.node)
    args = here.args
    state.partials[site] = (args.positional[0], Arguments(args.positional[1:], args.keywords, args.star, args.double))
    state.graph.put(here.result, [Partial(site, method)])
    here.body.copies.append((args.positional[0], here.result))


def _partialmethod(state: State, here: Here) -> None:
    _partial(state, here, method=True)


def _type(state: State, here: Here) -> None:
    """`type(x)` is the class of x; `type(name, bases, names)` makes one, and tells its bases."""
    if len(here.args.positional) > 1:
        made_by_type(state, here)
        return

    def learn(value: Value) -> None:
        if isinstance(value, Obj):
            state.graph.put(here.result, [Lib(value.cls) if value.is_library else Cls(value.cls)])
            for below in state.below(value.cls) if value.below else ():
                state.graph.put(here.result, [Cls(below)])
        else:
            state.graph.put_unknown(here.result)
            here.body.parts.append((here.args.positional[0], here.result, "__class__"))

    state.graph.watch(here.args.positional[0], learn)


def _iter(state: State, here: Here) -> None:
    """`iter(x)` gives what an `__iter__` of the program gives, and of anything else an iterator that goes through it."""
    described = state.catalogue.find("builtins:iter")
    if not isinstance(described, LibraryFunction):
        return
    if here.args != Arguments(here.args.positional[:1]):
        apply(state, described, here, None)
        return
    given, others = here.args.positional[0], state.graph.node()
    inner = here.implicit(Arguments(), here.result)

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and is_own(value) and has_method(state, value.cls, "__iter__"):
            call_method(state, value, "__iter__", inner)
            return
        if not state.graph.at(others):
            apply(state, described, Here(here.body, here.node, Arguments([others]), here.result, here.direct), None)
        state.graph.put(others, [value])

    remember(state, inner, given)
    here.body.copies.append((given, others))
    here.body.parts.append((given, here.result, ""))
    state.graph.watch(given, learn)


def _by_name(kind: str) -> Callable[[State, Here], None]:
    def use(state: State, here: Here) -> None:
        from faasify.analysis.dynamic import called_as_a_value

        called_as_a_value(state, here, kind)

    return use


def _copy(state: State, here: Here) -> None:
    """Another object of the same class, with the same parts; a class or function is itself."""
    state.graph.edge(here.args.positional[0], here.result)

    def learn(value: Value) -> None:
        if not (isinstance(value, Obj) and value.cls in COPIED):
            here.body.copies.append((here.args.positional[0], here.result))

    state.graph.watch(here.args.positional[0], learn)
    here.body.puts.append((here.result, here.args.positional[0], "[:]"))
    ask_to_copy(state, here, "__copy__", here.args.positional[:1])


def _deepcopy(state: State, here: Here) -> None:
    state.graph.edge(here.args.positional[0], here.result)
    ask_to_copy(state, here, "__deepcopy__", here.args.positional[:1], deep=True)


_PROXY = "types:MappingProxyType"
_AROUND = "contextlib:ContextDecorator.__call__"
_BY_KEYWORD = frozenset(["dataclasses:field", "builtins:property", "importlib:import_module", "builtins:__import__", *CACHES])
_ATTRIBUTES = {f"builtins:{kind}": kind for kind in ("getattr", "setattr", "hasattr", "delattr")}
_SPECIAL: dict[str, Callable[[State, Here], None]] = {
    "functools:partial": _partial,
    "builtins:type": _type,
    "builtins:iter": _iter,
    **{path: _by_name(kind) for path, kind in _ATTRIBUTES.items()},
    "dataclasses:field": field_factory,
    "importlib:import_module": import_module,
    "builtins:__import__": dunder_import,
    "functools:singledispatch": dispatched,
    "functools:singledispatchmethod": dispatched,
    "functools:partialmethod": _partialmethod,
    "functools:wraps": wraps,
    "functools:update_wrapper": update_wrapper,
    "types:MethodType": method_type,
    **dict.fromkeys(CACHES, cached),
    **{path: partial(flavoured, kind=kind, path=path) for path, kind in FLAVOURS.items()},
    "copy:copy": _copy,
    "copy:deepcopy": _deepcopy,
}


def apply(state: State, function: LibraryFunction, here: Here, receiver: Obj | Cls | None) -> None:
    given = bound_parameters(function, here.args)
    unbound = receiver is None and function.is_method and function.flavour != "classmethod"
    if unbound and here.args.positional:  # dict.update(d, x): the receiver is the first argument
        args = here.args
        given = bound_parameters(function, Arguments(args.positional[1:], args.keywords, args.star, args.double))
        given["self"] = [args.positional[0]]
    else:
        given["self"] = [state.static(receiver)] if receiver is not None else []
    if here.args.double is not None:
        _from_mapping(state, function, here.args, given)
    Application(state, function, here, given, _lazy(state, function, here, receiver)).run()


def _from_mapping(state: State, function: LibraryFunction, args: Arguments, given: Given) -> None:
    """`sorted(xs, **options)`: what the mapping has under the names of parameters."""
    for name in (*function.positional, *function.keyword) if args.doubled is not None else ():
        if name not in given:
            given[name] = [in_mapping(state, args, name)]


def _is_by_itself(state: State, method: LibraryFunction, receiver: Obj | Cls) -> bool:
    """Whether calls of a method do the same with all arguments, and give the same for all receivers."""
    alone = method.needs_no_arguments if "__index__" in state.bound_in_classes else method.needs_only_indices
    return alone and method.path not in STRUCTURED and not (isinstance(receiver, Obj) and receiver.cls in MAPPINGS)


def _apply_by_itself(state: State, method: LibraryFunction, here: Here, receiver: Obj | Cls) -> None:
    """A call like `a == b` of arrays, which meets many receivers at many places, and each with several arguments: what it calls is called
    once for each place and receiver, what it gives is given once for each call."""
    first = here.binds(method.path)
    if first:
        state.target(here.body, here.node, Target(method.path, here.direct, receiver=True), here.args, here.result)
    node = state.static(receiver)
    asked = (here.node, method.path, node)
    calls = () if asked in state.asked_itself else method.summary.calls
    if not first and not calls:
        return
    application = Application(state, method, here, {"self": [node]}, _lazy(state, method, here, receiver))
    called = state.graph.node()
    for callback in calls:
        state.asked_itself.add(asked)
        application.call_back(callback, called)
    for returned in method.summary.returns if first else ():
        application.give(returned, called)


def _lazy(state: State, function: LibraryFunction, here: Here, receiver: Obj | Cls | None) -> Lazy | None:
    """What is kept for later where the function makes an iterator."""
    made = [*function.summary.returns, *([receiver.cls] if isinstance(receiver, Obj) and function.path.endswith(".__init__") else [])]
    if any(state.catalogue.member(cls, "__next__") is not None for cls in made if ":" in cls):
        lazy = state.lazy(state.site_name(here.body, here.node))
        lazy.made[here.body.site(here.node)] = None
        return lazy
    return None


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
