"""Special methods that the language or a library asks a value for.

str(x)             x.__str__, or where its class has none, x.__repr__
print([x, (y,)])   x.__repr__ and y.__repr__: a container asks what it holds
min(objects)       __lt__ of each, with the others, or what is mirrored: __gt__
{(x, 1): 2}        x.__hash__, and x.__eq__ where two are alike
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from faasify.analysis.attribute_hooks import is_defined
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments, Body
from faasify.analysis.calls import Here, call_method, call_node, has_method, implicit_methods
from faasify.analysis.elements import MAPPINGS, OPEN, holder
from faasify.analysis.mro import order
from faasify.analysis.state import State
from faasify.analysis.values import BOOL, MISSING, NOT_IMPLEMENTED, Bound, Cls, Lib, Obj, Partial, Unknown, Value, is_own

_INSTEAD = {"__str__": "__repr__", "__format__": "__str__", "__ne__": "__eq__", "__bool__": "__len__", "__int__": "__index__"}
_INSTEAD |= {"__float__": "__index__", "__complex__": "__float__", "__trunc__": "__int__"}
_AS_WELL = {"__lt__": "__gt__", "__gt__": "__lt__", "__le__": "__ge__", "__ge__": "__le__", "__hash__": "__eq__", "__add__": "__radd__"}
ORDERINGS = ("__lt__", "__gt__", "__le__", "__ge__")
_SHOWING = ("__str__", "__repr__", "__format__")
_OF_ELEMENTS = {
    **dict.fromkeys(_SHOWING, ("__repr__",)),
    **dict.fromkeys(("__eq__", "__ne__"), ("__eq__",)),
    **dict.fromkeys(("__lt__", "__gt__"), ("__eq__", "__lt__", "__gt__")),  # of the first two that are not equal
    **dict.fromkeys(("__le__", "__ge__"), ("__eq__", "__le__", "__ge__")),
    "__hash__": ("__hash__", "__eq__"),
}
_KEEPING = frozenset(["__setitem__", "__iadd__", "__ior__"])  # what is given to these is in the container afterwards
COMPARING = frozenset(["__eq__", *ORDERINGS])
_TRUTH = ("__bool__", "__len__")
_WITH_ZONES = frozenset(["datetime:datetime", "datetime:time"])
HOOKS = ("__getattribute__", "__getattr__")


def ask(state: State, value: Value, name: str, here: Here) -> None:
    """Call what `value` answers with to `name`: its own method, one that stands in for it, or those of what it holds."""
    if isinstance(value, Cls):
        for method in (name, _AS_WELL.get(name)):
            if method is not None:
                call_method(state, value, method, here)
    elif isinstance(value, Obj) and value.is_library:
        if name in _SHOWING and state.catalogue.is_exception(value.cls):
            ask_elements(state, value.site, name, here, _SHOWING[:2])  # the one argument by `__str__`
        elif name in _OF_ELEMENTS and _is_container(value):
            ask_elements(state, value.site, name, here)
            if value.cls == "collections:defaultdict" and name in _SHOWING:
                asked(state, state.node("factory", value.site), "__repr__", here)
        elif not value.cls.startswith("builtins:") or name in _KEEPING:  # len([1]) calls list.__len__: of no interest to anyone
            call_method(state, value, name, here)
    elif isinstance(value, Obj):
        for method in answers(state, value.cls, name):
            call_method(state, value, method, _followed(state, name, method, here))
        if name in _SHOWING and is_exception(state, value.cls) and not has_method(state, value.cls, name):
            ask_elements(state, holder(value).site, name, here, _SHOWING[:2])
        elif name in _OF_ELEMENTS:
            _when_a_record(state, value.cls, name, lambda made: ask_elements(state, made, name, here))
    elif isinstance(value, Bound | Partial) and name in _SHOWING and (here.node, here.result, value) not in state.shown:
        state.shown.add((here.node, here.result, value))  # a partial may be among its own arguments
        for node in _named_by(state, value):
            asked(state, node, "__repr__", here)
    elif isinstance(value, Unknown):
        here.body.unknown(here.node, name)


def _named_by(state: State, value: Bound | Partial) -> list[int]:
    """What the text of a method or partial has in it."""
    if isinstance(value, Bound):
        return [state.static(value.receiver)]
    function, args = state.partials.get(value.site, (None, NO_ARGUMENTS))
    return [*([function] if function is not None else []), *args.everything()]


def ask_hooks(state: State, value: Value, name: str, here: Here) -> None:
    """`x.__name__`, where it is not the interpreter that asks for it: hooks of attributes answer for special names too."""
    if not (isinstance(value, Cls) or is_own(value)) or state.bound_in_classes.isdisjoint(HOOKS):
        return
    named = here.implicit(Arguments([state.static(Obj("builtins:str", const=repr(name)))]))
    for hook in HOOKS:
        if hook in state.bound_in_classes and (hook != "__getattr__" or not _has_anyway(state, value, name)):
            call_method(state, value, hook, named)


def _has_anyway(state: State, value: Value, name: str) -> bool:
    """Whether `__getattr__` is not called: a class has the name, or every object or class does."""
    if hasattr(object if isinstance(value, Cls) else object(), name) or name in ("__dict__", "__module__", "__weakref__"):
        return True
    cls = value.name if isinstance(value, Cls) else value.cls if isinstance(value, Obj) else ""
    libraries = (c for c in order(state, cls) if ":" in c)
    return is_defined(state, cls, name) or any(state.catalogue.member(c, name) is not None for c in libraries)


def _is_container(value: Obj) -> bool:
    return bool(value.site) and (value.cls.startswith(("builtins:", "collections:")) or value.cls in OPEN or value.cls in MAPPINGS)


def is_exception(state: State, cls: str) -> bool:
    return any(":" in base and state.catalogue.is_exception(base) for base in order(state, cls))


def answers(state: State, cls: str, name: str) -> Iterator[str]:
    """The methods that asking for `name` may call; a class below may have one that its base has not."""
    if name in _AS_WELL:
        yield _AS_WELL[name]
    if state.traits.orders_totally and name in ORDERINGS and not has_method(state, cls, name):
        yield from ("__eq__", *ORDERINGS)
        return
    while name:
        yield name
        name = "" if has_method(state, cls, name) else _INSTEAD.get(name, "")


def asked(state: State, node: int, name: str, here: Here, holder: int | None = None) -> None:
    """Ask whatever the node turns out to be; `holder` is what it is kept in, if it has no variable of its own."""
    remember(state, here, node if holder is None else holder)
    state.graph.watch(node, lambda value: ask(state, value, name, here))


def remember(state: State, here: Here, node: int) -> None:
    """What answers at this place is this node's object, or something in it: that is what may be changed by answering."""
    asked = here.body.asked.setdefault(here.node, {})
    if node not in asked:
        part = state.graph.node()
        here.body.parts.append((node, part, ""))
        asked.update({node: None, part: None})


def _followed(state: State, name: str, method: str, here: Here) -> Here:
    """Where what is answered is asked in turn: a length for its number, and whether two keys are alike for its truth."""
    then = {"__len__": "__index__", "__eq__": "__bool__" if name == "__hash__" else ""}.get(method, "")
    if not then or state.bound_in_classes.isdisjoint(_TRUTH if then == "__bool__" else (then,)):
        return here
    found = state.followed.get((here, then))
    if found is None:
        answer = state.graph.node()
        if then == "__bool__":
            tested(state, answer, here)
        else:
            asked(state, answer, then, here.implicit(NO_ARGUMENTS, state.graph.node()))
        found = state.followed[here, then] = here.implicit(here.args, answer)
    return found


def tested(state: State, answer: int, here: Here) -> None:
    """What a method or callback has returned is asked for its truth by who called it."""
    if state.bound_in_classes.isdisjoint(_TRUTH):
        return
    inner = here.implicit(NO_ARGUMENTS, state.graph.node())

    def learn(value: Value) -> None:
        if is_own(value):
            remember(state, here, answer)
            ask(state, value, "__bool__", inner)
        elif isinstance(value, Unknown):
            here.body.unknown(here.node, "__bool__")

    state.graph.watch(answer, learn)


def given_back(state: State, body: Body, returned: int, result: int) -> None:
    """What methods of an operator return is what it gives, but for what says that they do not answer; bools, as most are, say nothing."""
    same: list[tuple[int, int]] = []

    def learn(value: Value) -> None:
        if value not in (BOOL, NOT_IMPLEMENTED):
            state.graph.put(result, [value])
            if not same:
                same.append((returned, result))
                body.copies.extend(same)

    state.graph.watch(returned, learn)


def hashed(state: State, body: Body, at: ast.AST, keys: int, holder: int | None = None) -> None:
    """What stands as a key, or in a set."""
    if not state.bound_in_classes.isdisjoint(("__hash__", "__eq__")):
        asked(state, keys, "__hash__", Here(body, at, Arguments([keys]), state.graph.node(), False), holder)


def looked_for(state: State, body: Body, key: int) -> None:
    """What may not be there as a key: the KeyError has it, and shows it. Objects of the program count, by themselves or in a tuple."""
    if state.bound_in_classes.isdisjoint(_SHOWING):
        return

    def learn(value: Value) -> None:
        if is_own(value) or (isinstance(value, Obj) and value.cls == "builtins:tuple" and value.site):
            state.hold(MISSING.site, state.static(value))

    state.graph.watch(key, learn)
    body.puts.append((state.static(MISSING), key, ""))


def indexed(state: State, body: Body, at: ast.AST, base: int, index: int) -> None:
    """`xs[i]` of a sequence asks i for its `__index__`."""
    if state.bound_in_classes.isdisjoint(("__index__",)):
        return
    here = Here(body, at, NO_ARGUMENTS, state.graph.node(), False)

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.is_library and value.cls not in MAPPINGS:
            asked(state, index, "__index__", here)
            state.graph.watch(index, ends)

    def ends(value: Value) -> None:
        if isinstance(value, Obj) and value.cls == "builtins:slice" and value.site:
            asked(state, state.node("held", value.site), "__index__", here, index)

    state.graph.watch(base, learn)


def _when_a_record(state: State, cls: str, name: str, use: Callable[[str], None]) -> None:
    """A dataclass without the method of its own compares and shows its fields: `use` of their class, once it is known to have some."""
    along = [c for c in order(state, cls) if c in state.bases]
    if any(name in state.class_names.get(c, ()) for c in along):
        return
    made = next((c for c in along if state.filled.get(c)), "")
    if made:
        use(made)
    elif not state.bound_in_classes.isdisjoint(_OF_ELEMENTS[name]):
        for each in along:
            state.unfilled.setdefault(each, []).append(lambda each=each: use(each))  # type: ignore[misc]


def ask_elements(state: State, site: str, name: str, here: Here, methods: tuple[str, ...] = ()) -> None:
    for method in methods or _OF_ELEMENTS[name]:
        if method not in state.bound_in_classes and not (state.traits.orders_totally and method in ORDERINGS):
            continue
        callees, others = _asked_of(state, site, method)
        if state.large:
            state.graph.edge(callees, _asked_at(state, method, others, here))
        else:
            _call_with(state, callees, others, method, here)


def _call_with(state: State, callees: int, others: int, method: str, here: Here) -> None:
    answer = state.graph.node()
    if not state.large:  # there those of all containers are one: see `_asked_at`
        here.body.unknown(here.node, method, node=others)
    call_node(state, callees, here.implicit(Arguments([others]) if method in COMPARING else NO_ARGUMENTS, answer))
    if method in COMPARING:
        tested(state, answer, here)


def _asked_at(state: State, method: str, others: int, here: Here) -> int:
    """In a large program, where a place may compare a thousand containers: what the elements of all of them answer with."""
    found = state.asked_at.get((here.node, method))
    if found is None:
        found, callees = state.graph.unbounded(), state.graph.unbounded()
        state.asked_at[here.node, method] = found

        def learn(value: Value) -> None:
            if isinstance(value, Unknown):
                here.body.unknown(here.node, method)
            else:
                state.graph.put(callees, [value])

        state.graph.watch(found, learn)
        _call_with(state, callees, others, method, here)
    return found


def _asked_of(state: State, site: str, name: str) -> tuple[int, int]:
    """What the elements of a container, or the fields of a record, answer with, at any depth; and all these elements."""
    found = state.asked.get((site, name))
    if found is not None:
        return found
    graph = state.graph
    callees, others = state.asked[site, name] = graph.unbounded(), _others(state, name)

    def learn(value: Value) -> None:
        if is_own(value) and isinstance(value, Obj):
            for method in answers(state, value.cls, name):
                if (methods := implicit_methods(state, value, method)) is not None:
                    graph.edge(methods, callees)
            _when_a_record(state, value.cls, name, go_into)
        elif isinstance(value, Obj) and _is_container(value):
            go_into(value.site)
        elif isinstance(value, Obj) and state.traits.has_zones and value.cls in _WITH_ZONES:
            graph.put(callees, [Bound(value, Lib(f"{value.cls}.{name}"))])
        elif isinstance(value, Unknown) and state.large:
            graph.put_unknown(callees)

    def go_into(inner: str) -> None:
        if inner and inner != site:
            more = _asked_of(state, inner, name)
            graph.edge(more[0], callees)
            graph.edge(more[1], others)

    fields = state.filled.get(site)
    for node in [state.node("field", site, f) for f in sorted(fields)] if fields else [state.node("held", site), state.node("keys", site)]:
        graph.edge(node, others)
        graph.watch(node, learn)
    return callees, others


def _others(state: State, name: str) -> int:
    """What the elements of a container are compared with: one another. In a large program, with all that are compared so."""
    if not state.large:
        return state.graph.node()
    if name not in state.compared:
        state.compared[name] = state.graph.node()
    return state.compared[name]
