"""Command lines: what options are made into, and what a parser's result has under their names.

p.add_argument("--x", type=kind)      parse_args calls kind; args.x is what it gives
p.set_defaults(func=run)              args.func is run
p.add_argument("x", choices=kinds)    add_argument and help go through kinds, parse_args looks for x in them
p.add_subparsers(parser_class=P)      add_parser makes a P, and parse_args asks it
"""

from __future__ import annotations

import ast

from faasify.analysis.asking import HOOKS, asked, remember
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import Here, call, call_method, call_node, has_method
from faasify.analysis.hooks import call_overridden
from faasify.analysis.state import Given, State
from faasify.analysis.structured import elements, in_mapping, structured
from faasify.analysis.values import STR, UNKNOWN, Cls, Lib, Obj, Value, is_own

_PARSERS = ("argparse:ArgumentParser",)
_OPTIONS = ("default", "const", "type", "action", "choices")


@structured(*(f"{parser}.set_defaults" for parser in _PARSERS))
def _set_defaults(state: State, here: Here, given: Given, called: int) -> None:
    for name, node in here.args.keywords.items():
        state.graph.edge(node, state.node("parsed", name))


@structured(*(f"{parser}.add_argument" for parser in _PARSERS))
def _add_argument(state: State, here: Here, given: Given, called: int) -> None:
    keywords = here.args.keywords
    if here.args.double is not None:
        keywords = {name: in_mapping(state, here.args, name) for name in _OPTIONS} | keywords
    result = state.node("parsed", _destination(here.node))
    for name in ("default", "const"):
        if name in keywords:
            state.graph.edge(keywords[name], result)
    if "type" in keywords:
        state.graph.edge(keywords["type"], state.node("parsed types", _destination(here.node)))
        state.parsed_types.setdefault(_destination(here.node))
    if "type" not in here.args.keywords:
        state.graph.put(result, [STR])
    if "action" in keywords:
        state.graph.edge(keywords["action"], state.node("parsed", "actions"))
        anything = here.implicit(Arguments(star=state.fresh(), double=state.fresh()), state.graph.node())
        state.graph.watch(keywords["action"], lambda v: call(state, v, anything) if isinstance(v, Cls) else None)
    if "choices" in keywords:
        state.graph.edge(keywords["choices"], state.node("parsed", "choices"))
        _show(state, here, keywords["choices"])
    _format(state, here)


def _show(state: State, here: Here, choices: int) -> None:
    """Choices are gone through, and each is shown."""
    for each in elements(state, here, [choices]):
        asked(state, each, "__str__", here.implicit(NO_ARGUMENTS, state.graph.node()))


def _format(state: State, here: Here) -> None:
    """Which parser has which formatter is not looked at."""
    inner = here.implicit(Arguments(double=state.fresh()), state.graph.node())

    def learn(value: Value) -> None:
        if isinstance(value, Cls):  # its methods are called by their names
            if has_method(state, value.name, "__init__"):
                call_method(state, Obj(value.name), "__init__", inner)
        elif not isinstance(value, Lib):
            call(state, value, inner)

    state.graph.watch(state.node("parsed", "formatters"), learn)


@structured("argparse:ArgumentParser.__init__")
def _made(state: State, here: Here, given: Given, called: int) -> None:
    if "formatter_class" in here.args.keywords:
        state.graph.edge(here.args.keywords["formatter_class"], state.node("parsed", "formatters"))
        _format(state, here)


@structured(*(f"argparse:ArgumentParser.{name}" for name in ("format_help", "format_usage", "print_help", "print_usage", "error")))
def _helped(state: State, here: Here, given: Given, called: int) -> None:
    _format(state, here)
    _show(state, here, state.node("parsed", "choices"))


@structured("argparse:ArgumentParser.add_subparsers")
def _add_subparsers(state: State, here: Here, given: Given, called: int) -> None:
    """Those below are of the class of the parser above, if no other is given."""
    classes = state.node("parsed", "classes")
    for name in ("parser_class", "action"):
        if name in here.args.keywords:
            state.graph.edge(here.args.keywords[name], classes if name == "parser_class" else state.node("parsed", "actions"))
    for node in given["self"] if "parser_class" not in here.args.keywords else ():
        state.graph.watch(node, lambda v: state.graph.put(classes, [Cls(v.cls)]) if isinstance(v, Obj) and is_own(v) else None)
    _format(state, here)


@structured("argparse:Subparsers.add_parser")
def _add_parser(state: State, here: Here, given: Given, called: int) -> None:
    _made(state, here, given, called)
    keywords = {name: node for name, node in here.args.keywords.items() if name not in ("help", "aliases")}
    inner = here.implicit(Arguments([], keywords, None, here.args.double), here.result)
    state.graph.watch(state.node("parsed", "classes"), lambda v: call(state, v, inner) if not isinstance(v, Lib) else None)


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
        for method in ("__setattr__", *HOOKS):  # it is asked for what it has already
            state.graph.watch(node, lambda v, method=method: call_method(state, v, method, taking) if is_own(v) else None)  # type: ignore[misc]


def _convert(state: State, here: Here) -> None:
    for name in list(state.parsed_types):
        made = state.node("parsed", name)
        call_node(state, state.node("parsed types", name), here.implicit(Arguments([state.static(STR)]), made))

    def act(value: Value) -> None:
        if isinstance(value, Cls):
            call_method(state, Obj(value.name), "__call__", here.implicit(Arguments([state.static(UNKNOWN)] * 4)))

    def choose(value: Value) -> None:
        if is_own(value):
            call_method(state, value, "__contains__", here.implicit(Arguments([state.static(STR)]), state.graph.node()))

    def ask(value: Value) -> None:
        if isinstance(value, Cls):
            call_overridden(state, value.name, here)

    state.graph.watch(state.node("parsed", "actions"), act)
    state.graph.watch(state.node("parsed", "choices"), choose)
    state.graph.watch(state.node("parsed", "classes"), ask)
    for each in elements(state, here, [state.node("parsed", "choices")]):
        for method in ("__eq__", "__hash__", "__repr__"):  # the last where what is given is not among them
            asked(state, each, method, here.implicit(Arguments([each]), state.graph.node()))
    _format(state, here)
    _show(state, here, state.node("parsed", "choices"))
