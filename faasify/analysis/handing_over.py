"""What a library is given that no effect stub describes: it may call it, whatever it is.

timeit.timeit(f)             f
re.Scanner([("a", f)])       an unknown call: f may be called, and so may the methods of an object of the program
@lib.register                an unknown call: most decorators keep what they are given for later
scheduler.enter(1, 1, f)     f, here and where another method of such an object is called: scheduler.run()
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set

from faasify.analysis.bodies import Arguments, Body, Target
from faasify.analysis.calls import Here, call
from faasify.analysis.mro import each_fitting, order
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryClass, LibraryFunction
from faasify.analysis.values import Bound, Cls, Func, Obj, Partial, Value, Wrapped, is_own

_DEEPEST = 2  # a list of tuples


def hand_over(state: State, here: Here) -> None:
    """The functions among the arguments are called where they are given, with anything."""
    if not isinstance(here.node, ast.Call) or not here.direct:
        return
    inner: list[Here] = []

    def learn(value: Value) -> None:
        if _is_function(value):
            if not inner:
                unknown = state.fresh()
                inner.append(here.implicit(Arguments(star=unknown, double=unknown), state.graph.node()))
                state.graph.watch(inner[0].result, made)
            call(state, value, inner[0])

    def made(value: Value) -> None:
        """An object of the program that a factory gives: which of its methods the library calls nobody knows."""
        if isinstance(value, Obj) and not value.is_library:
            here.body.unknown(here.node, *sorted(state.class_names.get(value.cls, ())))

    for node in here.args.everything():
        state.graph.watch(node, learn)


def keep(state: State, module: str, node: int) -> None:
    """What objects of an undescribed library are given, their methods may call later. Which of them has it is not looked at."""
    if module == "codecs":  # what is registered there is followed by codec_hooks.py
        return
    kept = _kept_by(state, module)
    state.graph.watch(node, lambda v: state.graph.put(kept, [v]) if _is_function(v) or is_own(v) or isinstance(v, Cls) else None)


def _kept_by(state: State, module: str) -> int:
    return state.node("kept by", module.partition(".")[0])  # a package knows its modules


def call_kept(state: State, module: str, here: Here) -> None:
    """A method of an object of an undescribed module, or what the language asks of one: functions are called with anything, and which
    methods of an object of the program nobody knows."""
    key = here.node, here.body.name, module, "kept"
    if key in state.hooks:
        return
    state.hooks.add(key)
    unknown = state.fresh()
    inner = here.implicit(Arguments(star=unknown, double=unknown), state.graph.node())

    def learn(value: Value) -> None:
        if _is_function(value):
            call(state, value, inner)
        else:
            state.target(here.body, here.node, Target(None, direct=False), inner.args, inner.result)

    state.graph.watch(_kept_by(state, module), learn)


def may_ask_own(state: State, module: str, here: Here) -> None:
    """A method of a library's object, which one of the program may have made: `parser["a"]["b"]` of an own parser."""

    key = here.node, here.body.name, module, "own"
    if key in state.hooks:
        return
    state.hooks.add(key)
    package = module.partition(".")[0]

    def is_of(cls: str) -> bool:
        return any(package == above.partition(":")[0].partition(".")[0] for above in order(state, cls) if ":" in above)

    def ask(cls: str) -> None:
        here.body.unknown(here.node, *sorted(state.class_names.get(cls, ())))

    each_fitting(state, ("of", package), is_of, ask)


def _is_function(value: Value) -> bool:
    return isinstance(value, Func | Partial) or (isinstance(value, Bound) and isinstance(value.func, Func))


def places(state: State, body: Body, stand_ins: Set[str]) -> Iterator[tuple[int, str]]:
    """Lines where a library may call something of the program that nobody follows, with the library's function, when all is known.

    `stand_ins`: classes of libraries, of which objects of the program's classes may be where the library's are seen."""
    for site in body.sites.values():
        for target in site.targets:
            if target.to is None or ":" not in target.to or not target.direct:
                continue
            described = state.catalogue.find(target.to)
            if isinstance(described, LibraryClass):
                described = state.catalogue.constructor(described.path)
            if isinstance(described, LibraryFunction):
                if "unknown" in described.summary.effects:
                    yield site.line, target.to
            elif described is None and any(_may_be_called(state, node, site.node, stand_ins) for node in site.args.everything()):
                yield site.line, target.to


def _may_be_called(state: State, node: int, at: ast.AST, stand_ins: Set[str], depth: int = 0) -> bool:
    for value in state.graph.at(node):
        if is_own(value) or isinstance(value, Cls | Wrapped) or (isinstance(value, Obj) and value.cls in stand_ins):
            return True
        if _is_function(value) and (depth or not isinstance(at, ast.Call)):
            return True
        if isinstance(value, Obj) and value.site and depth < _DEEPEST:
            held = state.nodes.get(("held", value.site))
            if held is not None and _held_may_be_called(state, held, at, stand_ins, depth + 1):
                return True
    return False


def _held_may_be_called(state: State, node: int, at: ast.AST, stand_ins: Set[str], depth: int) -> bool:
    """The same of what a container holds, whatever the place; in large programs many places have the same containers."""
    found = state.held_called.get((node, depth))
    if found is None:
        found = state.held_called[node, depth] = _may_be_called(state, node, at, stand_ins, depth)
    return found
