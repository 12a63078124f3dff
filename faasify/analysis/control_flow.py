"""Statements with branches: which version of a variable is meant behind them, and what `with`, `for` and `except` call.

if c: x = f                    behind it x is what it was, or f
while True: ... break          only `break` leads on
except E as e                  e is what was raised of the kinds that E may be
"""

from __future__ import annotations

import ast

from faasify.analysis import awaiting, calls, iteration
from faasify.analysis.asking import tested
from faasify.analysis.assignment import assign
from faasify.analysis.blocks import runs, separately
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import call_method
from faasify.analysis.environment import Variable
from faasify.analysis.lowering import Lowering, lower
from faasify.analysis.mro import is_subclass
from faasify.analysis.narrowing import Narrowed, assume, forget, rename
from faasify.analysis.operators import truth
from faasify.analysis.patterns import match_pattern
from faasify.analysis.raised import RAISED_OWN, any_raised, thrown
from faasify.analysis.syntax import assigned_names, constant_truth
from faasify.analysis.values import MISSING, RAISED, UNKNOWN, Cls, Lib, Obj, Unknown, Value

_OF_KEYS = frozenset(f"builtins:{name}" for name in ("KeyError", "LookupError", "Exception", "BaseException"))


@runs(ast.If)
def _if(low: Lowering, node: ast.If) -> None:
    if (known := constant_truth(node.test)) is not None:
        separately(low, node.body if known else node.orelse)
        return
    truth(low, lower(low, node.test), node.test)
    before = low.env.copy()
    ends = []
    for truth_, branch in ((True, node.body), (False, node.orelse)):
        low.env.now = dict(before) if before is not None else None
        narrowed = assume(low, node.test, truth_)
        separately(low, branch)
        ends.append((low.env.copy(), narrowed))
    _rejoin(low, ends)


def _rejoin(low: Lowering, ends: list[tuple[dict[Variable, int] | None, Narrowed]]) -> None:
    """Go on behind several branches: what was tested counts on only where one of them alone leads on."""
    alive = [(end, narrowed) for end, narrowed in ends if end is not None]
    joined = []
    for end, narrowed in alive:
        low.env.now = dict(end)
        if len(alive) > 1:
            forget(low, narrowed)
        joined.append(low.env.copy())
    low.env.join(*joined)


def _variables(low: Lowering, *statements: ast.stmt) -> list[Variable]:
    return [low.variable(low.scope.resolve(n) or low.scope, n) for n in sorted(map(low.own, assigned_names(statements)))]


@runs(ast.While)
def _while(low: Lowering, node: ast.While) -> None:
    if constant_truth(node.test) is False:
        separately(low, node.orelse)
        return
    joins = low.env.open_loop(_variables(low, node))
    truth(low, lower(low, node.test), node.test)
    head = low.env.copy()
    assume(low, node.test, True)
    _loop(low, node, joins, head)


@runs(ast.For, ast.AsyncFor)
def _for(low: Lowering, node: ast.For | ast.AsyncFor) -> None:
    source = lower(low, node.iter)
    if isinstance(node, ast.AsyncFor):
        found = awaiting.async_elements(low.state, source, low.here(node))
    else:
        found = iteration.elements(low.state, source, low.body, node)
    joins = low.env.open_loop(_variables(low, node))
    head = low.env.copy()
    low.literals = {}  # `for d["k"] in xs` may put several things there, or nothing
    assign(low, node.target, found)
    _loop(low, node, joins, head)


def _loop(low: Lowering, node: ast.While | ast.For | ast.AsyncFor, joins: dict[Variable, int], head: object = None) -> None:
    before = low.env.copy() if head is None else head
    breaks: list[dict[Variable, int] | None] = []
    continues: list[dict[Variable, int] | None] = []
    low.loops.append((breaks, continues))
    separately(low, node.body)
    low.loops.pop()
    for end in (low.env.copy(), *continues):
        low.env.close_loop(joins, end)
    low.env.now = before  # type: ignore[assignment]
    if isinstance(node, ast.While) and constant_truth(node.test):
        low.env.now = None  # while True: only `break` leads on
    separately(low, node.orelse)
    low.env.join(low.env.now, *breaks)


@runs(ast.Break)
def _break(low: Lowering, node: ast.Break) -> None:
    if low.loops:
        low.loops[-1][0].append(low.env.copy())
    low.env.now = None


@runs(ast.Continue)
def _continue(low: Lowering, node: ast.Continue) -> None:
    if low.loops:
        low.loops[-1][1].append(low.env.copy())
    low.env.now = None


@runs(ast.With, ast.AsyncWith)
def _with(low: Lowering, node: ast.With | ast.AsyncWith) -> None:
    prefix = "__a" if isinstance(node, ast.AsyncWith) else "__"
    for item in node.items:
        manager = lower(low, item.context_expr)
        entered = low.fresh()
        low.body.parts.append((manager, entered, ""))
        low.body.receivers.setdefault(node, manager)
        low.graph.watch(manager, lambda v, entered=entered: _enter(low, v, prefix, entered, node))  # type: ignore[misc]
        if item.optional_vars is not None:
            assign(low, item.optional_vars, entered)
    before = low.env.copy()
    joins = low.env.open_try(_variables(low, *node.body))
    separately(low, node.body)
    low.env.close_try()
    low.env.join(low.env.now, {**before, **joins} if before is not None else None)  # the manager may swallow an exception


def _enter(low: Lowering, manager: Value, prefix: str, entered: int, node: ast.AST) -> None:
    if not isinstance(manager, Obj):
        low.graph.put_unknown(entered)
        if isinstance(manager, Unknown):
            low.body.unknown(node, f"{prefix}enter__")
        if not isinstance(manager, Cls):
            return
    elif manager.cls in ("builtins:generator", "builtins:async_generator"):  # @contextmanager: what it yields
        low.graph.edge(iteration.elements(low.state, low.static(manager), low.body, node), entered)
        return
    given = entered if prefix == "__" else low.fresh()
    call_method(low.state, manager, f"{prefix}enter__", low.here(node, NO_ARGUMENTS, given))
    if given != entered:
        awaiting.await_on(low.state, given, low.here(node, NO_ARGUMENTS, entered))
    unknown = low.static(UNKNOWN)
    left = low.here(node, Arguments([unknown, any_raised(low.state, low.body), unknown]))
    call_method(low.state, manager, f"{prefix}exit__", left)
    swallows = low.here(node, NO_ARGUMENTS)
    if prefix != "__":
        awaiting.await_on(low.state, left.result, swallows)
    tested(low.state, left.result if prefix == "__" else swallows.result, swallows)
    if isinstance(manager, Obj) and manager.is_library and low.state.catalogue.member(manager.cls, f"{prefix}enter__") is None:
        low.graph.put(entered, [manager])


@runs(ast.Try, ast.TryStar)
def _try(low: Lowering, node: ast.Try) -> None:
    before = low.env.copy()
    joins = low.env.open_try(_variables(low, *node.body))
    separately(low, node.body)
    low.env.close_try()
    if isinstance(node, ast.TryStar):
        _split(low, node)
    raised = {**before, **joins} if before is not None else None
    everything = low.env.open_try(_variables(low, *(h for h in node.handlers), *node.orelse)) if node.finalbody else {}  # type: ignore[arg-type]
    separately(low, node.orelse)
    ends = [low.env.copy()]
    for handler in node.handlers:
        low.env.now = dict(raised) if raised is not None else None
        _except(low, handler)
        ends.append(low.env.copy())
    if not node.finalbody:
        low.env.join(*ends)
        return
    low.env.close_try()
    reached = any(end is not None for end in ends)
    if raised is not None:
        for name, join in everything.items():
            raised[name] = low.env.phi(join, *([raised[name]] if name in raised else []))
    low.env.join(*ends, raised)
    separately(low, node.finalbody)
    if not reached:
        low.env.now = None


def _split(low: Lowering, node: ast.AST) -> None:
    """`except*` takes a group apart, which a class of the program may do by its own `derive`."""
    if "derive" in low.state.bound_in_classes:
        here = low.here(node, Arguments([low.static(Obj("builtins:list"))]))
        low.graph.watch(low.state.node(RAISED_OWN), lambda v: calls.call_method(low.state, v, "derive", here))


def _except(low: Lowering, node: ast.ExceptHandler) -> None:
    if node.type is not None:
        kinds = lower(low, node.type)
        caught = low.fresh()
        low.graph.watch(kinds, lambda v: _caught(low, v, caught))
        thrown(low.state, low.body, caught)
        if node.name:
            low.bind(node.name, caught, node)
    separately(low, node.body)


def _caught(low: Lowering, value: Value, caught: int) -> None:
    if isinstance(value, Cls):
        low.graph.put(caught, [low.state.instance(value.name)])
    elif isinstance(value, Lib):
        described = low.state.catalogue.find(value.path)
        path = getattr(described, "path", value.path)
        low.graph.put(caught, [Obj(path, RAISED.site)])
        if path in _OF_KEYS:
            keys = low.state.graph.node()
            low.state.held(MISSING.site, keys)
            low.graph.watch(keys, lambda v: low.graph.put(caught, [Obj(path, MISSING.site)]))
        own = low.state.node(RAISED_OWN)
        low.state.deferred.append(lambda: low.graph.watch(own, lambda v: _caught_own(low, v, path, caught)))  # when the bases are known
    elif isinstance(value, Obj) and value.cls == "builtins:tuple":
        inner = low.state.node("held", value.site)
        low.graph.watch(inner, lambda v: _caught(low, v, caught) if not isinstance(v, Obj) else None)


def _caught_own(low: Lowering, raised: Value, path: str, caught: int) -> None:
    """An exception of the program is caught as one of the library's that its class inherits from."""
    if isinstance(raised, Obj) and is_subclass(low.state, raised.cls, path):
        low.graph.put(caught, [raised])


@runs(ast.Match)
def _match(low: Lowering, node: ast.Match) -> None:
    subject = lower(low, node.subject)
    before = low.env.copy()
    ends = [before]
    for case in node.cases:
        low.env.now = dict(before) if before is not None else None
        narrowed = rename(low, node.subject, match_pattern(low, case.pattern, subject))
        if case.guard is not None:
            truth(low, lower(low, case.guard), case.guard)
        separately(low, case.body)
        forget(low, narrowed)
        ends.append(low.env.copy())
    if node.cases and _fits_all(node.cases[-1]):
        ends.pop(0)
    low.env.join(*ends)


def _fits_all(case: ast.match_case) -> bool:
    """`case _:` and `case name:`"""
    return isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None
