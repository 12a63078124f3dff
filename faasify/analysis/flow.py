"""Lets values flow through all bodies until nothing new is learnt.

    solve(program, scopes, catalogue)  ->  State: what every variable may be, and what every call site may call

Flow-insensitive: the order of statements does not matter, every assignment counts. A body is one function, class, lambda or module.
"""

from __future__ import annotations

import ast

from faasify.analysis.annotations import annotated
from faasify.analysis.expressions import evaluate
from faasify.analysis.importing import expand_stars
from faasify.analysis.library import Catalogue
from faasify.analysis.scopes import Scope, Scopes
from faasify.analysis.state import State
from faasify.analysis.statements import block
from faasify.analysis.syntax import all_arguments, body_of
from faasify.analysis.values import ANYTHING, NONE, Cls, Obj
from faasify.model.program import Program

_LIMIT = 40  # times a body is evaluated again; far above what converging takes, so that no program keeps us forever


def solve(program: Program, scopes: Scopes, catalogue: Catalogue) -> State:
    """Two phases: first only what is seen counts; then what nothing was seen for may be anything."""
    state = State(program, scopes, catalogue)
    expand_stars(state)
    _seed_receivers(state)
    _run(state)
    state.closing = True
    for scope in scopes.by_name.values():
        for name in scope.params:
            if not state.facts.get((scope.name, name)):
                state.add((scope.name, name), ANYTHING)
    _run(state)
    return state


def _run(state: State) -> None:
    bodies = [s for s in state.scopes.by_name.values() if s.kind != "comprehension"]
    rounds: dict[str, int] = {}
    for scope in bodies:
        state.enqueue(scope.name)
    while state.queue:
        name = state.queue.popleft()
        state.queued.discard(name)
        rounds[name] = rounds.get(name, 0) + 1
        if rounds[name] <= _LIMIT:
            state.current = name
            _body(state, state.scopes.by_name[name])


def _body(state: State, scope: Scope) -> None:
    node = scope.node
    if isinstance(node, ast.Lambda):
        _own_parameters(state, scope, node.args)
        state.add(("return", scope.name), evaluate(state, node.body, scope))
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        _own_parameters(state, scope, node.args)
        state.add(("return", scope.name), NONE)
    block(state, body_of(node), scope)


def _own_parameters(state: State, scope: Scope, args: ast.arguments) -> None:
    if args.vararg:
        state.add((scope.name, args.vararg.arg), frozenset([Obj("builtins:tuple", f"{scope.name}*")]))
    if args.kwarg:
        state.add((scope.name, args.kwarg.arg), frozenset([Obj("builtins:dict", f"{scope.name}**")]))
    for argument in all_arguments(args):
        if argument.annotation is not None and argument not in (args.vararg, args.kwarg):
            state.add((scope.name, argument.arg), annotated(state, argument.annotation, scope.parent or scope))


def _seed_receivers(state: State) -> None:
    """A method's first parameter is an instance of its class even where no call of it is seen."""
    for scope in state.scopes.by_name.values():
        node = scope.node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or scope.parent is None or scope.parent.kind != "class":
            continue
        flavours = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
        if "staticmethod" in flavours or not [*node.args.posonlyargs, *node.args.args]:
            continue
        by_class = "classmethod" in flavours or node.name in ("__new__", "__init_subclass__", "__class_getitem__")
        cls = scope.parent.name
        state.add((scope.name, scope.params[0]), frozenset([Cls(cls) if by_class else Obj(cls)]))
