"""Who shows exceptions: tracebacks, logs, and what is called with an exception that nobody caught.

traceback.print_exc(), log.exception("...")     __str__ of whatever is being handled, which may be anything that the program raises
traceback.format_exception(e)                   __str__ of e, and of what it was raised from or while handling; e.__notes__, and their text;
                                                __bool__ of e, and what answers for e.__cause__, e.__context__ and their like
TracebackException(..., capture_locals=True)    __repr__ of whatever a variable of any frame has: not known
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from faasify.analysis import iteration
from faasify.analysis.asking import HOOKS, ask_hooks, asked
from faasify.analysis.bodies import NO_ARGUMENTS, Target
from faasify.analysis.calls import Here, load_from
from faasify.analysis.members import member
from faasify.analysis.raised import RAISED_OWN, thrown
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured
from faasify.analysis.values import RAISED, Value, is_own

_SHOWN = ("__str__", "__repr__")
_TRUTH = ("__bool__", "__len__")
_ATTRIBUTES = ("__cause__", "__context__", "__suppress_context__", "__traceback__")
_TRACED = (*_TRUTH, *_ATTRIBUTES)
_HANDED = ("exc", "value", "args", "exc_value", "exctype", "unraisable")  # parameters that are exceptions, or have one


def show(state: State, here: Here, given: Iterable[int] = (), *, traced: bool = True) -> None:
    """These exceptions and all that hang together with them are asked for their text. `traced`: by traceback, which asks for more."""
    asks = {*_SHOWN, *HOOKS, *(_TRACED if traced else ())}
    if state.bound_in_classes.isdisjoint(asks) and not state.traits.has_notes:
        return
    inner = here.implicit(NO_ARGUMENTS, state.graph.node())
    shown = [*given, thrown(state, here.body, state.node(RAISED_OWN)), state.static(RAISED)]
    if traced and not state.bound_in_classes.isdisjoint((*_ATTRIBUTES, *HOOKS)):
        shown.append(_looked_into(state, here, shown))
    for node in shown:
        asked(state, node, "__str__", inner)
        if traced and not state.bound_in_classes.isdisjoint(_TRUTH):
            asked(state, node, "__bool__", here.implicit(NO_ARGUMENTS, state.graph.node()))
    if state.traits.has_notes or not state.bound_in_classes.isdisjoint(HOOKS):
        _show_notes(state, here, shown)


def _looked_into(state: State, here: Here, shown: Iterable[int]) -> int:
    """Properties and hooks answer for `e.__cause__` and its like; what they give is shown, too."""
    given = state.graph.node()

    def learn(value: Value) -> None:
        for name in _ATTRIBUTES if is_own(value) else ():
            ask_hooks(state, value, name, here)
            if name in state.bound_in_classes:
                load_from(state, member(state, value, name), here.implicit(NO_ARGUMENTS, given))

    for node in (*shown, given):
        state.graph.watch(node, learn)
    return given


def _show_notes(state: State, here: Here, shown: Iterable[int]) -> None:
    """`e.__notes__`: of a sequence what it has is shown, of anything else itself."""
    notes, inner = state.graph.node(), here.implicit(NO_ARGUMENTS, state.graph.node())
    state.graph.edge(state.node("notes"), notes)

    def learn(value: Value) -> None:
        if is_own(value):
            ask_hooks(state, value, "__notes__", here)
        if is_own(value) and "__notes__" in state.bound_in_classes:
            load_from(state, member(state, value, "__notes__"), here.implicit(NO_ARGUMENTS, notes))

    for node in shown:
        here.body.parts.append((node, notes, "__notes__"))
        state.graph.watch(node, learn)
    for node in (notes, iteration.elements(state, notes, here.body, here.node)):
        for name in _SHOWN:
            asked(state, node, name, inner)


@structured(
    *(f"traceback:{name}" for name in ("print_exc", "format_exc", "print_last", "print_exception", "format_exception")),
    *(f"traceback:{name}" for name in ("format_exception_only", "TracebackException.__init__", "TracebackException.from_exception")),
)
def _traceback(state: State, here: Here, given: Given, called: int) -> None:
    show(state, here, [node for name in _HANDED for node in given.get(name, ())])
    if here.args.keywords.keys() & {"capture_locals"} and not _is_off(here.node, "capture_locals"):
        _show_frames(state, here)


@structured("sys:excepthook", "sys:__excepthook__", "threading:excepthook", "sys:unraisablehook")
def _hooked(state: State, here: Here, given: Given, called: int) -> None:
    show(state, here, [node for name in _HANDED for node in given.get(name, ())], traced=False)


@structured("traceback:StackSummary.extract")
def _extracted(state: State, here: Here, given: Given, called: int) -> None:
    if here.args.keywords.keys() & {"capture_locals"} and not _is_off(here.node, "capture_locals"):
        _show_frames(state, here)


def _show_frames(state: State, here: Here) -> None:
    if "__repr__" in state.bound_in_classes:
        state.target(here.body, here.node, Target(None, here.direct))


def logged(state: State, path: str, here: Here) -> None:
    """`log.exception(...)`, and `exc_info=` of the others: an exception, a tuple that has one, or that what is being handled is meant."""
    told = here.args.keywords.get("exc_info")
    if told is not None and not _is_off(here.node):
        show(state, here, [told])
    elif path.endswith("exception") or here.args.double is not None:
        show(state, here)


def _is_off(call: ast.AST, keyword: str = "exc_info") -> bool:
    """`exc_info=False`"""
    keywords = call.keywords if isinstance(call, ast.Call) else []
    return any(k.arg == keyword and isinstance(k.value, ast.Constant) and not k.value.value for k in keywords)
