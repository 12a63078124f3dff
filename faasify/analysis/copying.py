"""Copies and pickles: how an object of the program has itself taken apart, and what puts it together again.

copy.copy(x)                  x.__copy__, or x.__reduce_ex__, __reduce__, __getstate__, and what these name to make it again
copy.deepcopy([x])            the same of all that is reached, with __deepcopy__
pickle.dumps(x), asdict(x)    likewise
replace(p, n=2)               P is called, with the fields of p and those that are given
"""

from __future__ import annotations

from collections.abc import Iterable

from faasify.analysis import iteration
from faasify.analysis.asking import ask_hooks, asked, remember
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments, Target
from faasify.analysis.calls import Here, call, call_method, call_node, has_method, made_by
from faasify.analysis.mro import order, stored
from faasify.analysis.namespaces import namespace
from faasify.analysis.state import State
from faasify.analysis.structured import structured
from faasify.analysis.values import NONE, Cls, Obj, Value, is_own

_REDUCING = ("__reduce_ex__", "__reduce__")
TAKING_APART = (*_REDUCING, "__getstate__", "__getnewargs__", "__getnewargs_ex__")
_COPYING = ("__copy__", "__deepcopy__", *TAKING_APART, "__setstate__")
_FILLED_BY = {
    "builtins:list": ("extend", "append", "__iter__"),
    "builtins:dict": ("__setitem__", "items", "__iter__"),
    "collections:OrderedDict": ("__setitem__", "items", "__iter__"),
    "collections:defaultdict": ("__setitem__",),
    "collections:deque": ("extend", "append", "__iter__"),
}
_CALLED_AGAIN = frozenset(  # whose `__reduce__` or `__copy__` names the class
    [f"builtins:{name}" for name in ("set", "frozenset", "bytearray")]
    + [f"collections:{name}" for name in ("deque", "Counter", "OrderedDict", "defaultdict", "ChainMap")]
    + [f"datetime:{name}" for name in ("date", "time", "timedelta", "timezone", "tzinfo")]
    + ["array:array", "fractions:Fraction"]
)
_THEN = {"2": ("__setstate__",), "3": ("append",), "4": ("__setitem__",)}  # of the tuple that `__reduce__` gives
_MAKING = ("__new__", "__init__")
_REDUCED_BY = ("__reduce__", "__getnewargs_ex__", "__getnewargs__", "__getstate__")
_GONE_THROUGH_BY = {
    **dict.fromkeys(("builtins:dict", "collections:OrderedDict"), ("items",)),
    **dict.fromkeys(("builtins:list", "builtins:set", "builtins:frozenset", "collections:deque"), ("__iter__",)),
}
_WITH_ARGUMENT = frozenset(["__deepcopy__", "__setstate__", "__reduce_ex__"])


def ask_to_copy(state: State, here: Here, own: str, given: Iterable[int], *, deep: bool = False) -> None:
    """`own` is the method whose result is the copy; without it, the object is taken apart and made again."""
    if state.traits.has_reducers:
        state.target(here.body, here.node, Target(None, here.direct))  # what is registered for a class is not followed
    if state.hooked:
        _ask_hooks_to_copy(state, here, own if deep else "__setstate__", given, deep=deep)
    names = (own, *TAKING_APART, "__setstate__")
    _ask_to_fill(state, here, given, deep=deep)
    _make_new(state, here, own, given, deep=deep)
    if state.bound_in_classes.isdisjoint(names):
        return
    for name, result in _take_apart(state, here, names, given, deep=deep):
        if name == own:
            state.graph.edge(result, here.result)
            here.body.copies.append((result, here.result))
        elif name in _REDUCING:
            _make_again(state, result, here)


def _ask_to_fill(state: State, here: Here, given: Iterable[int], *, deep: bool) -> None:
    """Copies of lists and dictionaries of the program's classes are filled by their methods."""
    if state.bound_in_classes.isdisjoint(name for names in _FILLED_BY.values() for name in names):
        return
    inner = here.implicit(Arguments(star=state.fresh()), state.graph.node())

    def learn(value: Value) -> None:
        if is_own(value) and isinstance(value, Obj):
            state.deferred.append(lambda: fill(value))

    def fill(value: Obj) -> None:
        for name in {n for c in order(state, value.cls) for n in _FILLED_BY.get(c, ()) if has_method(state, value.cls, n)}:
            call_method(state, value, name, inner)

    for node in [_everything_in(state, here, given)] if deep else given:
        state.graph.watch(node, learn)


def _make_new(state: State, here: Here, own: str, given: Iterable[int], *, deep: bool) -> None:
    """What has no method of its own to copy it is made again: by the `__new__` of its class, or by calling that, as libraries' ask for."""
    if state.bound_in_classes.isdisjoint(_MAKING):
        return
    inner = here.implicit(Arguments(star=state.fresh()), state.graph.node())
    classes: set[str] = set()

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and is_own(value) and value.cls not in classes:
            classes.add(value.cls)
            state.deferred.append(lambda: make(value.cls))

    def make(cls: str) -> None:
        if any(has_method(state, cls, name) for name in (own, *_REDUCING)):
            return
        if any(c in _CALLED_AGAIN or (":" in c and state.catalogue.is_exception(c)) for c in order(state, cls)):
            if any(has_method(state, cls, name) for name in _MAKING):
                call(state, Cls(cls), inner)
        else:
            state.graph.watch(stored(state, cls, "__new__"), lambda maker: made_by(state, maker, Cls(cls), inner))

    for node in [_everything_in(state, here, given)] if deep else given:
        state.graph.watch(node, learn)


def _ask_hooks_to_copy(state: State, here: Here, name: str, given: Iterable[int], *, deep: bool) -> None:
    """These are looked up in the object, not in its class alone."""
    inner = here.implicit(Arguments(), state.graph.node())
    for node in [_everything_in(state, here, given)] if deep else given:
        remember(state, here, node)
        state.graph.watch(node, lambda v: ask_hooks(state, v, name, inner))


def _take_apart(state: State, here: Here, names: Iterable[str], given: Iterable[int], *, deep: bool) -> list[tuple[str, int]]:
    """Asks for all these methods; their names, with the nodes of what they give."""
    unknown, results = state.fresh(), []
    for node in [_everything_in(state, here, given)] if deep else given:
        for name in names:
            result = state.graph.node()
            asked(state, node, name, here.implicit(Arguments([unknown] if name in _WITH_ARGUMENT else []), result))
            results.append((name, result))
    return results


def _everything_in(state: State, here: Here, given: Iterable[int]) -> int:
    """What these hold at any depth, in containers and in attributes of the program's objects."""
    found, within = state.graph.node(), state.graph.node()
    for node in (*given, within):
        state.graph.edge(iteration.reached(state, [node], here.body), found)
        here.body.copies.append((node, found))
    here.body.parts.append((found, within, ""))
    classes: set[str] = set()

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and is_own(value) and value.cls not in classes:
            classes.add(value.cls)
            if (attributes := namespace(state, value)) is not None:
                state.held(attributes.site, within)

    state.graph.watch(found, learn)
    return found


def _make_again(state: State, reduced: int, here: Here) -> None:
    """`return make, (a, b)` of `__reduce__`: make(a, b) is the copy."""

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.cls == "builtins:tuple" and value.site:
            maker, packed, each = (state.graph.node() for _ in range(3))
            state.held(value.site, maker, "0")
            state.held(value.site, packed, "1")
            state.graph.watch(packed, lambda args: state.held(args.site, each) if isinstance(args, Obj) else None)
            call_node(state, maker, here.implicit(Arguments(star=each)))
            for index, names in _THEN.items():
                state.held(value.site, then := state.graph.node(), index)
                state.graph.watch(then, lambda v, names=names: fill(names) if v != NONE else None)  # type: ignore[misc]

    filled: set[tuple[str, ...]] = set()

    def fill(names: tuple[str, ...]) -> None:
        """What the maker gives gets the state and the items that are named, too."""
        inner = here.implicit(Arguments(star=state.fresh()), state.graph.node())
        for name in names if names not in filled else ():
            state.graph.watch(here.result, lambda v, name=name: call_method(state, v, name, inner) if is_own(v) else None)  # type: ignore[misc]
        filled.add(names)

    state.graph.watch(reduced, learn)


@structured("builtins:object.__reduce_ex__", "builtins:object.__reduce__")
def _reduced(state: State, here: Here, given: dict[str, list[int]], called: int) -> None:
    """`super().__reduce_ex__(2)` asks for what makes the object again, its state and its items."""
    inner = here.implicit(NO_ARGUMENTS, state.graph.node())

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and is_own(value):
            state.deferred.append(lambda: ask(value))

    def ask(value: Obj) -> None:
        along = order(state, value.cls)
        for name in (*_REDUCED_BY, *(name for cls in along for name in _GONE_THROUGH_BY.get(cls, ()))):
            if has_method(state, value.cls, name):
                call_method(state, value, name, inner)

    for node in given["self"]:
        state.graph.watch(node, learn)


@structured("pickle:dumps", "pickle:dump")
def _pickle(state: State, here: Here, given: dict[str, list[int]], called: int) -> None:
    if not state.bound_in_classes.isdisjoint(TAKING_APART):
        _take_apart(state, here, TAKING_APART, given.get("obj", ()), deep=True)


@structured("dataclasses:asdict", "dataclasses:astuple")
def _as_container(state: State, here: Here, given: dict[str, list[int]], called: int) -> None:
    """What the fields hold is copied."""
    if not state.bound_in_classes.isdisjoint(_COPYING):
        inner = here.implicit(here.args, state.graph.node())
        ask_to_copy(state, inner, "__deepcopy__", given.get("obj", ()), deep=True)


@structured("dataclasses:replace", "copy:replace")
def _replace(state: State, here: Here, given: dict[str, list[int]], called: int) -> None:
    def learn(value: Value) -> None:
        attributes = namespace(state, value) if is_own(value) else None
        if attributes is not None and isinstance(value, Obj):
            others = state.graph.node()
            state.held(attributes.site, others)
            args = Arguments([], dict(here.args.keywords), None, others)
            call_node(state, state.static(Cls(value.cls)), here.implicit(args))

    for node in given.get("obj", ()):
        state.graph.watch(node, learn)
        here.body.puts.append((here.result, node, "[:]"))
