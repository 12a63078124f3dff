"""What is put into logging: who is asked when something is logged, besides the methods of the program's handlers, filters and formatters.

logger.addFilter(f)            f, or its `filter`
StreamHandler(s)               s.write and s.flush
setFormatter(f)                f.format, also by a handler's own `self.format(record)`
handler.emit = f               f, whatever the attribute; likewise Formatter.converter = f
setLogRecordFactory(f)         f
setLoggerClass(L)              L makes what getLogger gives
"""

from __future__ import annotations

from faasify.analysis.bodies import Arguments
from faasify.analysis.calls import Here, call, call_method, call_node, has_method
from faasify.analysis.filling import look_up
from faasify.analysis.state import Given, State
from faasify.analysis.structured import Structured, structured
from faasify.analysis.values import STR, Bound, Cls, Func, Obj, Partial, Value, is_own

_ASKED = {"filters": ("filter",), "streams": ("write", "flush"), "formatters": ("format",)}


def _put_in(kind: str, *keywords: str) -> Structured:
    def put(state: State, here: Here, given: Given, called: int) -> None:
        positional = () if keywords and not here.args.positional else here.args.positional
        for node in (*positional, *(here.args.keywords[name] for name in keywords if name in here.args.keywords)):
            state.graph.edge(node, state.node("logging", kind))

    return put


structured("logging:Logger.addFilter", "logging:Handler.addFilter")(_put_in("filters", "filter"))
structured("logging:Handler.__init__")(_put_in("streams", "stream"))
structured("logging:basicConfig")(_put_in("streams", "stream"))
structured("logging:Handler.setFormatter")(_put_in("formatters", "fmt"))
structured("logging:setLogRecordFactory")(_put_in("factories", "factory"))
structured("logging:setLoggerClass")(_put_in("classes", "klass"))


def tell_set(state: State, cls: str, node: int) -> None:
    """An attribute of an object, or class, of a library is given a value."""
    if cls.startswith("logging"):
        state.graph.edge(node, state.node("logging", "set"))


def tell_put_in(state: State, here: Here) -> None:
    """Something is logged."""
    args = Arguments(star=state.fresh())
    inner = here.implicit(args, state.graph.node())

    def called(value: Value) -> None:
        if isinstance(value, Func | Bound | Partial):
            call(state, value, inner)

    def filtered(value: Value) -> None:
        called(value)
        if isinstance(value, Obj) and is_own(value) and not has_method(state, value.cls, "filter"):
            call_method(state, value, "__call__", inner)

    def learn(value: Value, names: tuple[str, ...]) -> None:
        for name in names if is_own(value) else ():
            call_method(state, value, name, inner)

    state.graph.watch(state.node("logging", "filters"), filtered)
    state.graph.watch(state.node("logging", "set"), called)
    for kind, names in _ASKED.items():
        state.graph.watch(state.node("logging", kind), lambda v, names=names: learn(v, names))  # type: ignore[misc]
    call_node(state, state.node("logging", "factories"), inner)
    if not state.bound_in_classes.isdisjoint(("__getitem__", "__missing__")):
        for values in here.args.positional[1:]:
            look_up(state, values, state.graph.node(), inner)


def make_record(state: State, here: Here) -> None:
    """`makeLogRecord`, which no stub describes, makes it by what was set."""
    inner = here.implicit(Arguments(star=state.fresh()), state.graph.node())
    state.graph.watch(state.node("logging", "factories"), lambda v: call(state, v, inner) if isinstance(v, Func | Bound | Cls) else None)


@structured("logging:Handler.format")
def _format(state: State, here: Here, given: Given, called: int) -> None:
    """`self.format(record)` in a handler of the program asks the formatter that it was given."""
    inner = here.implicit(here.args, here.result)
    state.graph.watch(state.node("logging", "formatters"), lambda v: call_method(state, v, "format", inner) if is_own(v) else None)


@structured("logging:captureWarnings")
def _capture(state: State, here: Here, given: Given, called: int) -> None:
    """Who warns then logs: which handler that reaches nobody knows."""
    state.graph.put_unknown(state.node("replaced", "warnings", "showwarning"))


@structured("logging:getLogger")
def _get_logger(state: State, here: Here, given: Given, called: int) -> None:
    def learn(value: Value) -> None:
        if isinstance(value, Cls):
            call(state, value, here.implicit(Arguments([state.static(STR)])))

    state.graph.watch(state.node("logging", "classes"), learn)
