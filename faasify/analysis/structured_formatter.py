"""`string.Formatter`: what it looks up and shows, and the methods of a class below it by which it does that.

string.Formatter().format("{} {x!r}", a, x=b)       a.__format__, b.__repr__
class Shout(string.Formatter): def get_value ...    Shout().format("{x}", x=b) calls get_value("x", (), {"x": b}), and shows what it gives
"""

from __future__ import annotations

from faasify.analysis import iteration
from faasify.analysis.asking import asked
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import Here, call_method, has_method
from faasify.analysis.filling import look_up
from faasify.analysis.opened import open_attributes, open_fields
from faasify.analysis.state import Given, State
from faasify.analysis.structured import named, structured
from faasify.analysis.values import STR, Obj, Value, is_own

_SHOWN = ("__format__", "__str__", "__repr__")


@structured("string:Formatter.format")
def _format(state: State, here: Here, given: Given, called: int) -> None:
    values = state.graph.node()
    told = here.args
    for node in (*told.positional[1:], *told.keywords.values(), *(n for n in (told.star, told.double) if n is not None)):
        state.graph.edge(node, values)
        here.body.copies.append((node, values))
    open_fields(state, here, told.positional[:1], values)
    _formatted(state, here, given["self"], values, "vformat")


@structured("string:Formatter.vformat")
def _vformat(state: State, here: Here, given: Given, called: int) -> None:
    values = state.graph.node()
    for node in given.get("args", ()):
        state.graph.edge(iteration.elements(state, node, here.body, here.node), values)
    for node in given.get("kwargs", ()):
        look_up(state, node, values, here)
    open_fields(state, here, given.get("format_string", ()), values)
    _formatted(state, here, given["self"], values)


@structured("string:Formatter.get_field")
def _get_field(state: State, here: Here, given: Given, called: int) -> None:
    values = state.graph.node()
    for node in here.args.positional[1:]:
        state.graph.edge(iteration.elements(state, node, here.body, here.node), values)
        look_up(state, node, values, here)
    open_attributes(state, here, values, values, None)


@structured("string:Template.substitute", "string:Template.safe_substitute")
def _substitute(state: State, here: Here, given: Given, called: int) -> None:
    values = state.graph.node()
    for node in given.get("mapping", ()):
        look_up(state, node, values, here)
    for name in _SHOWN[1:]:
        asked(state, values, name, here.implicit(NO_ARGUMENTS, state.graph.node()))


def _formatted(state: State, here: Here, formatters: list[int], values: int, *others: str) -> None:
    """`values`: the node of what is looked up and shown."""
    for name in _SHOWN:
        asked(state, values, name, here.implicit(NO_ARGUMENTS, state.graph.node()))
    row, table = Obj("builtins:tuple", named(state, here, "args")), Obj("builtins:dict", named(state, here, "kwargs"))
    for container in (row, table):
        state.hold(container.site, values)
        here.body.puts.append((state.static(container), values, ""))
    text, given = state.static(STR), [state.static(row), state.static(table)]
    field = state.graph.node()  # of get_field: the value, and which argument it is of
    state.graph.watch(field, lambda v: state.held(v.site, values, "0") if isinstance(v, Obj) else None)
    here.body.parts.append((field, values, ""))
    hooks = {
        **{name: ([text, *given], state.graph.node()) for name in others},
        "parse": ([text], state.graph.node()),
        "get_field": ([text, *given], field),
        "get_value": ([text, *given], values),
        "convert_field": ([values, text], values),
        "format_field": ([values, text], state.graph.node()),
        "check_unused_args": ([state.graph.of(Obj("builtins:set")), *given], state.graph.node()),
    }

    def learn(value: Value) -> None:
        for name, (args, result) in hooks.items():
            if isinstance(value, Obj) and is_own(value) and has_method(state, value.cls, name):
                call_method(state, value, name, here.implicit(Arguments(list(args)), result))

    for node in formatters:
        state.graph.watch(node, learn)
