"""Command lines: what options are made into, and what a parser's result has under their names.

p.add_argument("--x", type=kind)      parse_args calls kind; args.x is what it gives
p.set_defaults(func=run)              args.func is run
"""

from __future__ import annotations

import ast

from faasify.analysis.asking import remember
from faasify.analysis.bodies import Arguments
from faasify.analysis.calls import Here, call, call_method, call_node
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured
from faasify.analysis.values import STR, UNKNOWN, Cls, Obj, Value, is_own

_PARSERS = ("argparse:ArgumentParser",)


@structured(*(f"{parser}.set_defaults" for parser in _PARSERS))
def _set_defaults(state: State, here: Here, given: Given, called: int) -> None:
    for name, node in here.args.keywords.items():
        state.graph.edge(node, state.node("parsed", name))


@structured(*(f"{parser}.add_argument" for parser in _PARSERS))
def _add_argument(state: State, here: Here, given: Given, called: int) -> None:
    keywords = here.args.keywords
    result = state.node("parsed", _destination(here.node))
    for name in ("default", "const"):
        if name in keywords:
            state.graph.edge(keywords[name], result)
    if "type" in keywords:
        state.graph.edge(keywords["type"], state.node("parsed types", _destination(here.node)))
        state.parsed_types.setdefault(_destination(here.node))
    else:
        state.graph.put(result, [STR])
    if "action" in keywords:
        state.graph.edge(keywords["action"], state.node("parsed", "actions"))
        anything = here.implicit(Arguments(star=state.fresh(), double=state.fresh()), state.graph.node())
        state.graph.watch(keywords["action"], lambda v: call(state, v, anything) if isinstance(v, Cls) else None)
    if "choices" in keywords:
        state.graph.edge(keywords["choices"], state.node("parsed", "choices"))


def _destination(node: ast.AST) -> str:
    """The name that the result has the option under; "?" where that is not constant."""
    if not isinstance(node, ast.Call):
        return "?"
    named = [k.value for k in node.keywords if k.arg == "dest"] or sorted(node.args, key=lambda a: not _text(a).startswith("--"))
    return _text(named[0]).lstrip("-").replace("-", "_") or "?" if named else "?"


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@structured(*(f"{parser}.{name}" for parser in _PARSERS for name in ("parse_args", "parse_known_args", "parse_intermixed_args")))
def _parse(state: State, here: Here, given: Given, called: int) -> None:
    state.deferred.append(lambda: _convert(state, here))
    taking = here.implicit(Arguments([state.static(STR), state.static(UNKNOWN)]), state.graph.node())
    for node in given.get("namespace", (*here.args.positional[1:2], *(n for k, n in here.args.keywords.items() if k == "namespace"))):
        remember(state, here, node)
        state.graph.watch(node, lambda v: call_method(state, v, "__setattr__", taking) if is_own(v) else None)


def _convert(state: State, here: Here) -> None:
    for name in list(state.parsed_types):
        made = state.node("parsed", name)
        call_node(state, state.node("parsed types", name), here.implicit(Arguments([state.static(STR)]), made))

    def act(value: Value) -> None:
        if isinstance(value, Cls):
            call_method(state, Obj(value.name), "__call__", here.implicit(Arguments([state.static(UNKNOWN)] * 4)))

    def choose(value: Value) -> None:
        for name, args in (("__contains__", [state.static(STR)]), ("__iter__", [])) if is_own(value) else ():
            call_method(state, value, name, here.implicit(Arguments(list(args)), state.graph.node()))

    state.graph.watch(state.node("parsed", "actions"), act)
    state.graph.watch(state.node("parsed", "choices"), choose)
