"""Classes that are made by a call: whom that tells, what it runs.

type("C", (B,), {"x": d})                 B.__init_subclass__, d.__set_name__, __new__ and __init__ of B's metaclass
types.new_class("C", (B,), kwds, fill)    the same, of the metaclass in kwds too, with its __prepare__; fill; __mro_entries__ of bases
dataclasses.make_dataclass("C", fields)   likewise

What the class is nobody knows: anything.
"""

from __future__ import annotations

from faasify.analysis import iteration
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import Here, call, call_method, call_node
from faasify.analysis.members import member
from faasify.analysis.metaclasses import metaclass_of
from faasify.analysis.mro import classes_changed, order
from faasify.analysis.namespaces import fill_names
from faasify.analysis.records import tell_base
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured
from faasify.analysis.values import STR, UNKNOWN, Bound, Cls, Func, Lib, Obj, Partial, Value, Wrapped, is_own, read_const

_FOLLOWED = frozenset(["builtins", "typing", "abc", "enum"])  # by the values of what is given to them


def made_by_type(state: State, here: Here) -> None:
    """`type(name, bases, names)`"""
    state.graph.put_unknown(here.result)
    names = here.args.positional[2] if len(here.args.positional) > 2 else None
    _make(state, here, here.args.positional[1], names)
    stand_in(state, here)
    if names is not None:
        _set_names(state, names, here)
        _name_in_metaclass(state, names, here)


def _name_in_metaclass(state: State, names: int, here: Here) -> None:
    """`class C(metaclass=f)`, where f returns `type(name, bases, names)`: C has these names."""
    if not state.has_metaclasses:
        return

    def fill(table: Value, cls: Value) -> None:
        if isinstance(table, Obj) and isinstance(cls, Cls):
            state.deferred.append(lambda: fill_names(state, table.site, cls.name))

    made = state.node("classes made by", here.body.name)
    state.graph.watch(made, lambda cls: state.graph.watch(names, lambda table: fill(table, cls)))


@structured("types:new_class", "types:prepare_class", "types:resolve_bases", "dataclasses:make_dataclass", result=True)
def _made(state: State, here: Here, given: Given, called: int) -> None:
    state.graph.put_unknown(here.result)
    kinds = state.graph.node()
    for node in given.get("kwds", ()):
        state.graph.watch(node, lambda v: state.held(v.site, kinds) if isinstance(v, Obj) else None)
    inner = Here(here.body, here.node, Arguments(double=kinds), here.result, False)
    for bases in given.get("bases") or [state.static(Obj("builtins:tuple"))]:
        _make(state, inner, bases, None)
        for names in _given_names(state, here, given):
            _put_in_place(state, bases, names, here)
        entries = iteration.elements(state, bases, here.body, here.node)
        telling = inner.implicit(Arguments([bases]), state.graph.node())
        state.graph.watch(entries, lambda v, telling=telling: call_method(state, v, "__mro_entries__", telling) if is_own(v) else None)  # type: ignore[misc]
    for names in given.get("namespace", ()):
        _set_names(state, names, here)
    state.graph.watch(kinds, lambda kind: _prepare(state, kind, inner))


def _given_names(state: State, here: Here, given: Given) -> list[int]:
    """The names that such a class gets, with those that a function fills in."""
    filled = state.static(Obj("builtins:dict", f"{state.site_name(here.body, here.node)}#names"))
    for fill in given.get("exec_body", ()):
        call_node(state, fill, here.implicit(Arguments([filled]), state.graph.node()))
    return [*given.get("namespace", ()), filled]


def tell_bases(state: State, here: Here) -> None:
    """`M("C", (B,), names)`: B is told by its `__init_subclass__`."""
    entries = iteration.elements(state, here.args.positional[1], here.body, here.node)
    inner = here.implicit(Arguments([], here.args.keywords), state.graph.node())
    state.graph.watch(entries, lambda base: tell_base(state, base, inner) if isinstance(base, Cls) else None)


def stand_in(state: State, here: Here) -> None:
    """`type("C", (B,), {"f": g})`: where the methods of B ask an object for `f`, g may answer; and libraries may ask it for anything."""
    if len(here.args.positional) == 3:
        _put_in_place(state, here.args.positional[1], here.args.positional[2], here)


def _put_in_place(state: State, bases: int, names: int, here: Here) -> None:
    keys, held = state.graph.node(), state.graph.node()
    entries = iteration.elements(state, bases, here.body, here.node)
    sites: dict[str, None] = {}

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.site and value.site not in sites:
            sites[value.site] = None
            state.graph.edge(state.node("keys", value.site), keys)
            state.held(value.site, held)

    def name_of(key: Value) -> None:
        if isinstance(key, Obj) and key.const and key.cls == "builtins:str":
            name = read_const(key.const)
            state.graph.watch(entries, lambda base: state.deferred.append(lambda: put(base, name, key.const)))

    def put(base: Value, name: str, key: str) -> None:
        if not isinstance(base, Cls):
            return
        along = order(state, base.name)
        owner = next((c for c in along if name in state.class_names.get(c, ())), "")
        if not owner and name[:2] == "__" and not any(":" in c for c in along):
            owner = base.name
            state.class_names.setdefault(owner, set()).add(name)
            state.managed.add(name)
            classes_changed(state, owner)
        into = state.node("var", owner, name) if owner else state.graph.node()
        answering = state.graph.node()
        for site in sites:
            state.held(site, answering, key)
        state.graph.watch(answering, lambda v: state.graph.put(into, [v]) if _is_function(v) else None)

    def found_one(function: Value) -> None:
        if _is_function(function):
            state.graph.watch(entries, lambda base: state.deferred.append(lambda: tell(base)))

    def tell(base: Value) -> None:
        above = order(state, base.name) if isinstance(base, Cls) else [base.path] if isinstance(base, Lib) else []
        packages = {c.partition(":")[0].partition(".")[0] for c in above if ":" in c}
        state.made_below.update(packages - _FOLLOWED)

    state.graph.watch(names, learn)
    state.graph.watch(keys, name_of)
    state.graph.watch(held, found_one)


def _is_function(value: Value) -> bool:
    return isinstance(value, Func | Bound | Wrapped | Partial)


def _make(state: State, here: Here, bases: int, names: int | None) -> None:
    """`here.args` has the keywords of the class."""
    positional = [state.static(STR), bases, names if names is not None else state.static(UNKNOWN)]
    told = Arguments(positional, here.args.keywords, None, here.args.double)
    making = here.implicit(told, state.graph.node())

    def learn(base: Value) -> None:
        if isinstance(base, Cls):
            tell_base(state, base, here)
            if state.has_metaclasses:
                state.deferred.append(lambda: by_metaclass(base))  # when its bases are known

    def by_metaclass(base: Cls) -> None:
        if (kinds := metaclass_of(state, base.name)) is not None:
            state.graph.watch(kinds, lambda kind: _prepare(state, kind, making))

    state.graph.watch(iteration.elements(state, bases, here.body, here.node), learn)


def _prepare(state: State, metaclass: Value, here: Here) -> None:
    if isinstance(metaclass, Cls):
        call(state, metaclass, here.implicit(here.args, state.graph.node()))
        preparing = here.implicit(Arguments(here.args.positional[:2], here.args.keywords, None, here.args.double), state.graph.node())
        state.graph.watch(member(state, metaclass, "__prepare__"), lambda v: call(state, v, preparing) if isinstance(v, Bound) else None)
        ordering = here.implicit(NO_ARGUMENTS, state.graph.node())
        state.graph.watch(member(state, Obj(metaclass.name), "mro"), lambda v: call(state, v, ordering) if isinstance(v, Bound) else None)


def _set_names(state: State, names: int, here: Here) -> None:
    """What is to be an attribute of the new class is told so by its `__set_name__`."""
    held = state.graph.node()
    inner = here.implicit(Arguments([state.static(UNKNOWN), state.static(STR)]), state.graph.node())
    here.body.parts.append((names, held, ""))
    state.graph.watch(names, lambda v: state.held(v.site, held) if isinstance(v, Obj) else None)
    state.graph.watch(held, lambda v: call_method(state, v, "__set_name__", inner) if is_own(v) else None)


def order_again(state: State, cls: Cls, here: Here) -> None:
    """`C.__bases__ = ...`: its metaclass is asked for the order of the bases, by its `mro`."""
    if "mro" in state.bound_in_classes and state.has_metaclasses:
        state.deferred.append(lambda: _order_again(state, cls, here))  # when its bases are known


def _order_again(state: State, cls: Cls, here: Here) -> None:
    if (found := metaclass_of(state, cls.name)) is not None:
        inner = here.implicit(NO_ARGUMENTS, state.graph.node())
        state.graph.watch(found, lambda meta: call_method(state, Obj(meta.name), "mro", inner) if isinstance(meta, Cls) else None)
