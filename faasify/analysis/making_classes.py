"""Classes that are made by a call: whom that tells, what it runs.

type("C", (B,), {"x": d})                 B.__init_subclass__, d.__set_name__, __new__ and __init__ of B's metaclass
types.new_class("C", (B,), kwds, fill)    the same, of the metaclass in kwds too, with its __prepare__; fill; __mro_entries__ of bases
dataclasses.make_dataclass("C", fields)   likewise

What the class is nobody knows: anything.
"""

from __future__ import annotations

from faasify.analysis import iteration
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import Here, call, call_method
from faasify.analysis.members import member
from faasify.analysis.metaclasses import metaclass_of
from faasify.analysis.records import tell_base
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured
from faasify.analysis.values import STR, UNKNOWN, Bound, Cls, Obj, Value, is_own


def made_by_type(state: State, here: Here) -> None:
    """`type(name, bases, names)`"""
    state.graph.put_unknown(here.result)
    names = here.args.positional[2] if len(here.args.positional) > 2 else None
    _make(state, here, here.args.positional[1], names)
    if names is not None:
        _set_names(state, names, here)


@structured("types:new_class", "types:prepare_class", "types:resolve_bases", "dataclasses:make_dataclass", result=True)
def _made(state: State, here: Here, given: Given, called: int) -> None:
    state.graph.put_unknown(here.result)
    kinds = state.graph.node()
    for node in given.get("kwds", ()):
        state.graph.watch(node, lambda v: state.held(v.site, kinds) if isinstance(v, Obj) else None)
    inner = Here(here.body, here.node, Arguments(double=kinds), here.result, False)
    for bases in given.get("bases") or [state.static(Obj("builtins:tuple"))]:
        _make(state, inner, bases, None)
        entries = iteration.elements(state, bases, here.body, here.node)
        telling = inner.implicit(Arguments([bases]), state.graph.node())
        state.graph.watch(entries, lambda v, telling=telling: call_method(state, v, "__mro_entries__", telling) if is_own(v) else None)  # type: ignore[misc]
    for names in given.get("namespace", ()):
        _set_names(state, names, here)
    state.graph.watch(kinds, lambda kind: _prepare(state, kind, inner))


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
