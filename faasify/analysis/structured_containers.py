"""Containers that ask what they hold: those of classes of the program that inherit from a library's, and what `super()` of them does.

class Rows(list): ...
repr(Rows([x]))              x.__repr__
Rows([x]) < Rows([y])        x.__eq__ and x.__lt__
dict(Own())                  Own.keys and Own.__getitem__
defaultdict(f).copy()["a"]   f
"""

from __future__ import annotations

from faasify.analysis import iteration
from faasify.analysis.asking import ask_elements, indexed
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments, Target
from faasify.analysis.calls import Here, call, call_method, has_method
from faasify.analysis.elements import MAPPINGS, holder
from faasify.analysis.mro import described_order
from faasify.analysis.state import Given, State
from faasify.analysis.structured import Structured, elements, receivers, structured
from faasify.analysis.values import BOOL, INT, STR, Cls, Obj, Value, is_own

_ORDERED = ("__repr__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
_METHODS = {
    "builtins:list": _ORDERED,
    "builtins:tuple": (*_ORDERED, "__hash__"),
    "builtins:dict": ("__repr__", "__eq__", "__ne__"),
    "builtins:frozenset": (*_ORDERED, "__hash__"),
    "collections:deque": _ORDERED,
}
_ASKING = {f"{cls}.{name}": name for cls, names in _METHODS.items() for name in names}
_LOOKED_UP = ("__getitem__", "__iter__", "keys")
_GIVEN = {"__repr__": STR, "__hash__": INT}


def asks_each(state: State, path: str, here: Here, receiver: Obj | Cls) -> bool:
    """Whether this is one of these methods; a comparison may meet many receivers, which may hold each other, and asks what each of their
    sites holds once."""
    name = _ASKING.get(path)
    if name is None or not isinstance(receiver, Obj):
        return False
    site = holder(receiver).site
    state.graph.put(here.result, [_GIVEN.get(name, BOOL)])
    key = (here.node, path, site)
    if key not in state.hooks:
        state.hooks.add(key)
        if here.direct:
            state.target(here.body, here.node, Target(path, receiver=True), here.args, here.result)
        ask_elements(state, site, name, here.implicit(here.args, state.graph.node()))
    return True


def _of_each(name: str) -> Structured:
    def ask(state: State, here: Here, given: Given, called: int) -> None:
        """`list.__repr__(xs)`"""
        inner = here.implicit(here.args, state.graph.node())
        receivers(state, given, lambda container: ask_elements(state, container.site, name, inner))

    return ask


for _path, _name in _ASKING.items():
    structured(_path)(_of_each(_name))


@structured("builtins:list.__getitem__", "builtins:tuple.__getitem__", "builtins:list.__setitem__")
def _under_an_index(state: State, here: Here, given: Given, called: int) -> None:
    """`xs.__getitem__(i)` asks i as `xs[i]` does, and `xs.__setitem__(slice(0, 1), ys)` goes through ys."""

    def put(index: Value) -> None:
        if isinstance(index, Obj) and index.cls == "builtins:slice":
            for node in given.get("value", ()):
                iteration.collected(state, node, here.body, here.node)
            _shifted(state, here, given, called)

    for index in given.get("index", ()):
        for base in given["self"]:
            indexed(state, here.body, here.node, base, index)
        if "value" in given:
            state.graph.watch(index, put)


@structured(*(f"builtins:list.{name}" for name in ("insert", "reverse", "sort", "pop", "remove")))
def _shifted(state: State, here: Here, given: Given, called: int) -> None:
    """`list.insert(xs, 0, f)`, or by a bound method: the elements are under other indices then."""
    receivers(state, given, lambda value: state.shift(value.site))


@structured("operator:delitem", "heapq:heapify", "heapq:heappop")
def _shifted_by_function(state: State, here: Here, given: Given, called: int) -> None:
    """`operator.delitem(xs, 0)`: the same."""

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.cls not in MAPPINGS:
            state.shift(holder(value).site)

    for node in (*given.get("a", ()), *given.get("heap", ())):
        state.graph.watch(node, learn)


@structured("builtins:list.__delitem__")
def _deleted(state: State, here: Here, given: Given, called: int) -> None:
    _under_an_index(state, here, given, called)
    _shifted(state, here, given, called)


@structured("collections:Counter.__init__", "collections:Counter.update", "collections:Counter.subtract")
def _counted(state: State, here: Here, given: Given, called: int) -> None:
    """What is counted are keys. A mapping is asked for its items, and as `dict(m)` asks where there is nothing yet."""
    for node in given.get("iterable", ()):
        state.graph.watch(node, lambda v: _ask_for_items(state, v, here))
    for keys in elements(state, here, given.get("iterable", ())):
        receivers(state, given, lambda table, keys=keys: state.graph.edge(keys, state.node("keys", table.site)))  # type: ignore[misc]


def _ask_for_items(state: State, value: Value, here: Here) -> None:
    if isinstance(value, Obj) and is_own(value) and not state.bound_in_classes.isdisjoint(("items", *_LOOKED_UP)):
        state.deferred.append(lambda: _look_up(state, value, here))
        call_method(state, value, "items", here.implicit(NO_ARGUMENTS, state.graph.node()))


def _look_up(state: State, value: Obj, here: Here) -> None:
    along = described_order(state, value.cls)
    if has_method(state, value.cls, "__iter__" if "builtins:dict" in along else "keys"):
        call_method(state, value, "keys", here.implicit(NO_ARGUMENTS, state.graph.node()))
        call_method(state, value, "__getitem__", here.implicit(Arguments([state.fresh()]), state.graph.node()))


@structured("builtins:dict.__init__")
def _from_mapping(state: State, here: Here, given: Given, called: int) -> None:
    """`dict(m)` looks up what `m.keys()` gives; a dictionary is taken as it is, unless its class has its own way to go through."""
    if state.bound_in_classes.isdisjoint(_LOOKED_UP):
        return

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and is_own(value):
            state.deferred.append(lambda: _look_up(state, value, here))

    for node in given.get("iterable", ()):
        state.graph.watch(node, learn)


@structured(*(f"collections:defaultdict.{name}" for name in ("copy", "__copy__", "__or__", "__ror__")))
def _copied_with_factory(state: State, here: Here, given: Given, called: int) -> None:
    factory = state.node("factory", state.site_name(here.body, here.node))
    receivers(state, given, lambda table: state.graph.edge(state.node("factory", table.site), factory))
    _made_again(state, here, given, called)


@structured(*(f"collections:deque.{name}" for name in ("copy", "__copy__", "__add__", "__mul__", "__rmul__")))
def _made_again(state: State, here: Here, given: Given, called: int) -> None:
    """Another one of a class of the program is made by calling that."""
    inner = here.implicit(Arguments(star=state.fresh()), here.result)
    for node in given["self"]:
        state.graph.watch(node, lambda v: call(state, Cls(v.cls), inner) if isinstance(v, Obj) and is_own(v) else None)
