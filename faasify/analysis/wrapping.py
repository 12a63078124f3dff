"""Functions that stand in for others: what calling them calls.

@singledispatch def f(x)       Wrapped("dispatch", f): f, or whatever was registered with it
@f.register def _(x: int)      Wrapped("register", f): keeps `_` with f, and gives it back
C.go = partialmethod(f, 1)     a Partial that is bound to the object that it is found on
MethodType(f, x), f.__get__(x) f bound to x
@wraps(f) def g()              g, whose field `__wrapped__` is f
@lru_cache() def f(x)          f, whose calls ask x for its hash, and which has `cache_clear()` and its like
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from faasify.analysis import iteration
from faasify.analysis.asking import ask_hooks, hashed
from faasify.analysis.bodies import Arguments, Target
from faasify.analysis.calls import Here, call, call_method, call_node, has_method
from faasify.analysis.descriptors import bound
from faasify.analysis.elements import UNIONS
from faasify.analysis.state import State
from faasify.analysis.values import NONE, UNKNOWN, Bound, Cls, Func, Identity, Lib, Obj, Partial, Value, Wrapped

FLAVOURS = {
    "builtins:staticmethod": "staticmethod",
    "builtins:classmethod": "classmethod",
    "builtins:property": "property",
    "functools:cached_property": "property",
    "abc:abstractproperty": "property",
    "enum:property": "property",
    "types:DynamicClassAttribute": "property",
}
CACHES = ("functools:cache", "functools:lru_cache")
_OF_CACHES = ("cache_clear", "cache_info", "cache_parameters")  # nothing says what these do to a cache: who calls them is guarded
CACHING = "functools:cached_property"  # keeps its value in the object that it is asked of
REGISTER = "functools:singledispatchmethod.register"


def dispatched(state: State, here: Here) -> None:
    """`singledispatch(f)`"""

    def learn(value: Value) -> None:
        func = value.func if isinstance(value, Wrapped) else value
        if isinstance(func, Func):
            state.graph.put(state.node("registered", func.name), [value])
            state.graph.put(here.result, [Wrapped("dispatch", func)])
        else:
            state.graph.put_unknown(here.result)

    for node in here.args.positional[:1]:
        state.graph.watch(node, learn)


def dispatch(state: State, callee: Wrapped, here: Here, receiver: Obj | Cls | None = None) -> None:
    """Which of the functions is called depends on the class of an argument: it may be any of them."""

    def learn(value: Value) -> None:
        call(state, value if receiver is None else bound(state, value, receiver), here)

    state.graph.watch(state.node("registered", callee.name), learn)
    if state.traits.checks and here.args.positional:
        from faasify.analysis.class_checks import check

        check(state, state.node("registered for", callee.name), here.args.positional[0], here, of_instance=True)


def _is_annotated(state: State, func: Func) -> bool:
    node = state.function_scope(func).node
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(a.annotation is not None for a in node.args.args)


def register(state: State, callee: Wrapped, here: Here) -> None:
    """`f.register(g)`, `f.register(int, g)`, or `f.register(int)`, which is called with g."""
    args = here.args
    state.target(here.body, here.node, Target(REGISTER, here.direct), args, here.result)
    registered = state.node("registered", callee.name)
    given = [*args.positional, *(args.keywords[name] for name in ("cls", "func") if name in args.keywords)]
    kinds = state.node("registered for", callee.name)
    for node in given[1:2]:
        state.graph.edge(given[0], kinds)
        state.graph.edge(node, registered)
        state.graph.edge(node, here.result)

    def learn(value: Value) -> None:
        if isinstance(value, Cls | Lib) or (isinstance(value, Obj) and value.cls in UNIONS):
            state.graph.put(kinds, [value])
        elif not isinstance(value, Func) or _is_annotated(state, value):
            state.graph.put_unknown(kinds)
        if isinstance(value, Func | Wrapped | Bound | Partial):
            state.graph.put(registered, [value])
            state.graph.put(here.result, [value])
        elif isinstance(value, Cls | Lib):
            state.graph.put(here.result, [callee])
        else:
            state.graph.put(here.result, [callee])
            state.graph.put_unknown(registered)

    if len(given) == 1:
        state.graph.watch(given[0], learn)
    elif not given:
        state.graph.put_unknown(registered)


def cached(state: State, here: Here) -> None:
    """`cache(f)`, `lru_cache(f)`, and what `lru_cache(maxsize=9)` gives, called with f."""

    def learn(value: Value) -> None:
        func = value.func if isinstance(value, Bound | Wrapped) else value
        if isinstance(value, Obj) and value.is_library:
            state.graph.put(here.result, [Identity(caches=True)])  # a size
            return
        state.graph.put(here.result, [value])
        if isinstance(func, Func):
            state.graph.put(state.node("cached", func.name), [func])
            state.graph.put(state.node("field", func.name, "__wrapped__"), [func])
            for name in _OF_CACHES:
                state.graph.put(state.node("field", func.name, name), [Lib(f"functools:_lru_cache_wrapper.{name}")])

    for node in here.args.positional[:1]:
        state.graph.watch(node, learn)
        here.body.copies.append((node, here.result))
    if not here.args.positional:
        state.graph.put(here.result, [Identity(caches=True)])


def look_in_cache(state: State, func: Func, here: Here, receiver: Obj | Cls | None = None) -> None:
    """A call of a function with a cache hashes its arguments and compares them with those that it was called with."""
    if not state.traits.caches:
        return
    own = state.static(receiver) if receiver is not None else None
    callers = state.cache_callers.get(func.name)
    if callers is None:
        callers = state.cache_callers[func.name] = CacheCallers(state)
        state.graph.watch(state.node("cached", func.name), callers.learn)
    callers.add(here, own)


@dataclass(slots=True, eq=False)
class CacheCallers:
    """The calls of a function that may turn out to have a cache. There may be millions of them: nothing is made for one."""

    state: State
    has_cache: bool = False
    calls: list[Here] = field(default_factory=list)
    receivers: list[int | None] = field(default_factory=list)

    def add(self, here: Here, receiver: int | None) -> None:
        if self.has_cache:
            self.look_up(here, receiver)
        else:
            self.calls.append(here)
            self.receivers.append(receiver)

    def learn(self, _: Value) -> None:
        if self.has_cache:
            return
        self.has_cache = True
        for here, receiver in zip(self.calls, self.receivers, strict=True):
            self.look_up(here, receiver)
        self.calls.clear()
        self.receivers.clear()

    def look_up(self, here: Here, receiver: int | None) -> None:
        for node in (*here.args.everything(), *([receiver] if receiver is not None else [])):
            hashed(self.state, here.body, here.node, node)


def method_type(state: State, here: Here) -> None:
    """`MethodType(f, x)`"""
    for node in here.args.positional[1:2]:
        bind(state, here.args.positional[0], node, here.result)


def bind(state: State, function: int, receiver: int, result: int) -> None:
    def learn(value: Value) -> None:
        state.graph.watch(receiver, lambda r: state.graph.put(result, [_bound_to(value, r)]))

    state.graph.watch(function, learn)


def _bound_to(function: Value, receiver: Value) -> Value:
    fits = isinstance(function, Func | Lib) and isinstance(receiver, Obj | Cls)
    return Bound(receiver, function) if fits else UNKNOWN  # type: ignore[arg-type]


def got(state: State, callee: Wrapped, here: Here) -> None:
    """`f.__get__(x)`, `f.__get__(x, C)`"""
    if callee.kind == "get staticmethod":
        state.graph.put(here.result, [callee.func])
        return
    to = slice(1, 2) if callee.kind == "get classmethod" and len(here.args.positional) > 1 else slice(1)
    for node in here.args.positional[to]:
        bind(state, state.static(callee.func), node, here.result)


def wraps(state: State, here: Here) -> None:
    """`wraps(f)` is `partial(update_wrapper, wrapped=f)`."""
    site = state.site_name(here.body, here.node)
    state.partials[site] = (state.static(Lib("functools:update_wrapper")), Arguments([], {"wrapped": here.args.positional[0]}))
    state.graph.put(here.result, [Partial(site)])


def update_wrapper(state: State, here: Here) -> None:
    """The wrapper, which has what it wraps."""
    args = here.args
    wrapped = args.positional[1] if len(args.positional) > 1 else args.keywords.get("wrapped")
    state.graph.edge(args.positional[0], here.result)

    def learn(value: Value) -> None:
        if isinstance(value, Func) and wrapped is not None:
            state.graph.edge(wrapped, state.node("field", value.name, "__wrapped__"))

    state.graph.watch(args.positional[0], learn)
    if wrapped is not None and state.hooked:
        asked = here.implicit(Arguments(), state.graph.node())
        state.graph.watch(wrapped, lambda v: ask_hooks(state, v, "__name__", asked))


def call_partial(state: State, partial: Partial, here: Here) -> None:
    """The function with the arguments that it was given before, bound to the object for a partialmethod."""
    from faasify.analysis.binding import joined

    if (partial, here.node) in state.joined:  # a partial of itself
        return
    state.joined.add((partial, here.node))
    function, given = state.partials[partial.site]
    if (manager := state.around.get(partial.site)) is not None:
        _enter(state, manager, here)
    inner = Here(here.body, here.node, joined(state, given, here.args), here.result, False)
    receiver = partial.receiver
    if receiver is None:
        call_node(state, function, inner)
    else:
        state.graph.watch(function, lambda value: call(state, bound(state, value, receiver), inner))


def flavour_of(value: Value, kind: str) -> Value:
    """What `@staticmethod` and its like make of a function; of a property `@classmethod` makes one that is asked of the class."""
    if kind == "classmethod" and isinstance(value, Wrapped) and value.kind == "property":
        return Wrapped("class property", value.func)
    return Wrapped(kind, value) if isinstance(value, Func) else value


def flavoured(state: State, here: Here, kind: str, path: str = "") -> None:
    """`staticmethod(f)`, `classmethod(f)`, `property(get, put, delete)`: what the decorators make."""
    names = ("func",) if path == CACHING else ("fget", "fset", "fdel") if kind == "property" else ("f",)
    given = dict(zip(names, here.args.positional, strict=False)) | here.args.keywords
    if spread := [node for node in (here.args.star, here.args.double) if node is not None]:
        rest = state.graph.node()
        for node in spread:
            state.graph.edge(node, rest)
        given = dict.fromkeys(names, rest) | given  # each may be any of what stands behind a star
    first = given.get(names[0])
    if first is None:
        first = state.static(NONE)

    def learn(value: Value) -> None:
        if isinstance(value, Func):
            state.graph.put(here.result, [Wrapped(kind, value)])
            keep(value)
            if path == CACHING:
                state.caching.add(value.name)
        elif isinstance(value, Wrapped) and (made := flavour_of(value, kind)) != value:
            state.graph.put(here.result, [made])
        elif value == NONE and "fset" in given:
            state.graph.watch(given["fset"], write_only)
        elif kind == "staticmethod":
            site = state.site_name(here.body, here.node)
            state.partials[site] = (first, Arguments())
            state.graph.put(here.result, [Partial(site)])
        else:
            state.graph.put_unknown(here.result)

    def write_only(value: Value) -> None:
        if isinstance(value, Func):
            state.graph.put(here.result, [Wrapped("write-only", value)])
            keep(value)

    def keep(key: Func) -> None:
        for name, accessor in (("fset", "setter"), ("fdel", "deleter")):
            if name in given:
                state.graph.edge(given[name], state.node(accessor, key.name))
                state.graph.edge(given[name], state.node("accessors", key.name))

    state.graph.watch(first, learn)


def enter_around(state: State, manager: Value, here: Here) -> None:
    """`@manager def f()`: every call of f happens inside the manager."""
    for node in here.args.positional[:1]:
        site = f"{state.site_name(here.body, here.node)}#around"
        state.partials[site] = node, Arguments()
        state.around[site] = manager
        state.graph.put(here.result, [Partial(site)])
        state.graph.edge(node, here.result)


def _enter(state: State, manager: Value, here: Here) -> None:
    if isinstance(manager, Obj) and manager.is_library:
        iteration.elements(state, state.static(manager), here.body, here.node)
        return
    again = state.graph.node()  # one for this call alone
    call_method(state, manager, "_recreate_cm", here.implicit(Arguments(), again))
    if not isinstance(manager, Obj) or not has_method(state, manager.cls, "_recreate_cm"):
        state.graph.put(again, [manager])
    unknown = state.static(UNKNOWN)
    for name, args in (("__enter__", []), ("__exit__", [unknown] * 3)):
        inner = here.implicit(Arguments(args), state.graph.node())
        state.graph.watch(again, lambda value, name=name, inner=inner: call_method(state, value, name, inner))  # type: ignore[misc]
