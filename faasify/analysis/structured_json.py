"""JSON: what encodes and decodes by functions and classes of the program, and what it asks of the program's containers and numbers.

json.dumps(x, default=f)              f gets what x has
json.JSONEncoder(default=f)           kept, for encode
json.dumps(Rows([1]))                 Rows.__iter__
"""

from __future__ import annotations

from faasify.analysis import iteration
from faasify.analysis.asking import remember
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import Here, call, call_method, call_node
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured
from faasify.analysis.values import Bound, Cls, Func, Obj, Value, is_own

_GONE_THROUGH = ("items", "__iter__", "__len__", "__repr__", "__float__")


@structured("json:JSONEncoder.__init__", "json:JSONDecoder.__init__")
def _json_made(state: State, here: Here, given: Given, called: int) -> None:
    """Kept for who encodes or decodes."""
    for node in (*here.args.positional, *here.args.keywords.values()):
        state.graph.edge(node, state.node("json", "kept"))


@structured("json:JSONEncoder.encode", "json:JSONEncoder.iterencode", "json:JSONDecoder.decode", "json:JSONDecoder.raw_decode")
def _json_kept(state: State, here: Here, given: Given, called: int) -> None:
    inner = here.implicit(Arguments(star=state.fresh()), state.graph.node())
    state.graph.watch(state.node("json", "kept"), lambda v: call(state, v, inner) if isinstance(v, Func | Bound) else None)


@structured("json:dumps", "json:dump", "json:loads", "json:load")
def _json(state: State, here: Here, given: Given, called: int) -> None:
    """`cls=` is a class whose instance does it; what `default` gives is looked through as well."""
    for node in given.get("obj", ()) if not state.bound_in_classes.isdisjoint(_GONE_THROUGH) else ():
        within = iteration.reached(state, [node], here.body)
        remember(state, here, node)
        inner = here.implicit(NO_ARGUMENTS, state.graph.node())
        for each in (node, within):
            for name in _GONE_THROUGH:
                state.graph.watch(each, lambda v, n=name, i=inner: call_method(state, v, n, i) if is_own(v) else None)  # type: ignore[misc]
    for default in given.get("default", ()):
        call_node(state, default, here.implicit(here.args.__class__([iteration.reached(state, [called], here.body)]), called))

    def learn(value: Value) -> None:
        if isinstance(value, Cls):
            unknown = state.fresh()
            call_node(state, state.static(value), here.implicit(NO_ARGUMENTS, state.graph.node()))
            for name in ("default", "decode", "encode", "iterencode", "raw_decode"):
                call_method(state, Obj(value.name), name, here.implicit(here.args.__class__([unknown]), state.graph.node()))

    for node in given.get("cls", ()):
        state.graph.watch(node, learn)
