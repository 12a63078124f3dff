"""What is put into logging: who is asked when something is logged, besides the methods of the program's handlers, filters and formatters.

logger.addFilter(f)            f, or its `filter`
StreamHandler(s)               s.write and s.flush
setLogRecordFactory(f)         f
setLoggerClass(L)              L makes what getLogger gives
"""

from __future__ import annotations

from faasify.analysis.bodies import Arguments
from faasify.analysis.calls import Here, call, call_method, call_node
from faasify.analysis.state import Given, State
from faasify.analysis.structured import Structured, structured
from faasify.analysis.values import STR, Bound, Cls, Func, Value, is_own

_ASKED = {"filters": ("filter",), "streams": ("write", "flush")}


def _put_in(kind: str, *keywords: str) -> Structured:
    def put(state: State, here: Here, given: Given, called: int) -> None:
        positional = () if keywords and not here.args.positional else here.args.positional
        for node in (*positional, *(here.args.keywords[name] for name in keywords if name in here.args.keywords)):
            state.graph.edge(node, state.node("logging", kind))

    return put


structured("logging:Logger.addFilter", "logging:Handler.addFilter")(_put_in("filters", "filter"))
structured("logging:Handler.__init__")(_put_in("streams", "stream"))
structured("logging:basicConfig")(_put_in("streams", "stream"))
structured("logging:setLogRecordFactory")(_put_in("factories", "factory"))
structured("logging:setLoggerClass")(_put_in("classes", "klass"))


def tell_put_in(state: State, here: Here) -> None:
    """Something is logged."""
    args = Arguments(star=state.fresh())
    inner = here.implicit(args, state.graph.node())

    def filtered(value: Value) -> None:
        if isinstance(value, Func | Bound):
            call(state, value, inner)

    def learn(value: Value, names: tuple[str, ...]) -> None:
        for name in names if is_own(value) else ():
            call_method(state, value, name, inner)

    state.graph.watch(state.node("logging", "filters"), filtered)
    for kind, names in _ASKED.items():
        state.graph.watch(state.node("logging", kind), lambda v, names=names: learn(v, names))  # type: ignore[misc]
    call_node(state, state.node("logging", "factories"), inner)


@structured("logging:getLogger")
def _get_logger(state: State, here: Here, given: Given, called: int) -> None:
    def learn(value: Value) -> None:
        if isinstance(value, Cls):
            call(state, value, here.implicit(Arguments([state.static(STR)])))

    state.graph.watch(state.node("logging", "classes"), learn)
