"""Functions of `operator` and builtins that stand for an operator, and those that are made to pick something, when they are called.

operator.lt(a, b), round(a)     what a method of the program returns
itemgetter("a")(table)          what the table holds under "a"
"""

from __future__ import annotations

from faasify.analysis.asking import ask_hooks, given_back, remember
from faasify.analysis.bodies import NO_ARGUMENTS
from faasify.analysis.calls import Here, call_method, call_node, load, returns
from faasify.analysis.chains import CHAIN
from faasify.analysis.elements import DEFAULTING
from faasify.analysis.filling import fill_in
from faasify.analysis.members import member
from faasify.analysis.state import Given, State
from faasify.analysis.structured import BY_METHOD, constants, receivers, structured
from faasify.analysis.values import FLOAT, Obj, Value, is_own

_NUMBERS = frozenset(["builtins:int", "builtins:float", "builtins:bool", "builtins:complex"])
_ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "matmul", "and", "or", "xor")
_OPERATOR = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "matmul", "and_", "or_", "xor", "concat", "getitem"),
    *("lt", "le", "eq", "ne", "gt", "ge", "neg", "pos", "abs", "invert", "inv"),
    *(f"i{name}" for name in (*_ARITHMETIC, "concat")),
)


BY_METHOD.update(f"operator:{name}" for name in _OPERATOR)
BY_METHOD.update(f"builtins:{name}" for name in ("abs", "round", "divmod", "pow", "sum"))
_MORE = frozenset({"builtins:abs", "operator:mod", "operator:imod"})  # of these there is more to say, below
BY_METHOD.update(f"math:{name}" for name in ("ceil", "floor", "trunc", "prod"))


@structured(*(BY_METHOD - _MORE))
def _by_method(state: State, here: Here, given: Given, called: int) -> None:
    """What a method of the program returns."""
    given_back(state, here.body, called, here.result)


@structured("builtins:abs", result=True)
def _abs(state: State, here: Here, given: Given, called: int) -> None:
    """What `__abs__` gave; a number gives one, and of what else nobody describes anything may come."""
    given_back(state, here.body, called, here.result)

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.cls in _NUMBERS:
            state.graph.put(here.result, [FLOAT if value.cls == "builtins:complex" else Obj(value.cls)])
        elif not is_own(value) and not returns(state, value, "__abs__"):
            state.graph.put_unknown(here.result)

    for node in given.get("x", ()):
        state.graph.watch(node, learn)


@structured("operator:mod", "operator:imod")
def _mod(state: State, here: Here, given: Given, called: int) -> None:
    _by_method(state, here, given, called)
    for text in given.get("a", ()):
        for values in given.get("b", ()):
            fill_in(state, text, values, here)


@structured("operator:attrgetter.__call__")
def _attrgetter(state: State, here: Here, given: Given, called: int) -> None:
    def learn(name: str) -> None:
        nodes = given.get("obj", [])
        for part in name.split("."):
            nodes = [_attribute(state, here, node, part) for node in nodes]
        for node in nodes:
            state.graph.edge(node, here.result)

    receivers(state, given, lambda getter: constants([state.node("held", getter.site)], state, learn))


def _attribute(state: State, here: Here, node: int, name: str) -> int:
    found = state.fresh()
    inner = here.implicit(NO_ARGUMENTS, found)

    def learn(value: Value) -> None:
        state.graph.watch(member(state, value, name), lambda m: load(state, m, inner))
        if name[:2] == "__":
            ask_hooks(state, value, name, inner)

    state.graph.watch(node, learn)
    here.body.parts.append((node, found, name))
    return found


@structured("operator:itemgetter.__call__")
def _itemgetter(state: State, here: Here, given: Given, called: int) -> None:
    keys = state.graph.node()
    receivers(state, given, lambda getter: state.held(getter.site, keys))

    def learn(container: Value) -> None:
        if isinstance(container, Obj) and container.is_library:
            state.held_under(container, keys, here.result)
            if container.cls in (DEFAULTING, CHAIN):
                call_method(state, container, "__getitem__", here.implicit(here.args.__class__([keys])))
        elif isinstance(container, Obj):
            call_method(state, container, "__getitem__", here.implicit(here.args.__class__([keys])))

    for node in given.get("obj", ()):
        state.graph.watch(node, learn)
        here.body.parts.append((node, here.result, ""))


@structured("operator:methodcaller.__call__")
def _methodcaller(state: State, here: Here, given: Given, called: int) -> None:
    def learn(name: str) -> None:
        for node in given.get("obj", ()):
            remember(state, here, node)
            method = _attribute(state, here, node, name)
            unknown = state.fresh()
            call_node(state, method, here.implicit(here.args.__class__(star=unknown, double=unknown)))

    receivers(state, given, lambda caller: constants([state.node("held", caller.site)], state, learn))
