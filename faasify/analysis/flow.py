"""Lets values flow through all bodies until nothing new is learnt.

    solve(program, scopes, catalogue)  ->  State: what every variable may be, and what every call site may call

Every body becomes constraints once (flow-sensitive for its own variables), then the graph is solved: first only what is seen
counts; then annotations speak for what nothing was seen of; then what is still empty may be anything.
"""

from __future__ import annotations

import ast

from faasify.analysis import (  # noqa: F401  they register what they lower, or what a library does
    control_flow,
    expressions,
    invoking,
    parsing,
    statements,
    structured_classes,
    structured_containers,
    structured_coroutines,
    structured_csv,
    structured_dates,
    structured_exceptions,
    structured_formatter,
    structured_iterators,
    structured_json,
    structured_kept,
    structured_operator,
    structured_paths,
    structured_replaced,
    structured_servers,
    structured_sets,
)
from faasify.analysis.annotations import filler
from faasify.analysis.binding import use_defaults
from faasify.analysis.blocks import block
from faasify.analysis.bodies import Body
from faasify.analysis.classes import register
from faasify.analysis.importing import expand_stars
from faasify.analysis.lazies import go_on
from faasify.analysis.library import Catalogue
from faasify.analysis.lowering import Lowering, lower
from faasify.analysis.mro import look_again
from faasify.analysis.namespaces import fill_modules
from faasify.analysis.scopes import Scope, Scopes
from faasify.analysis.state import State
from faasify.analysis.syntax import all_arguments
from faasify.analysis.values import NONE, Cls, Obj
from faasify.model.program import Program

_PATIENT_ROUNDS = 12  # of telling empty nodes that they may be anything, each with what follows from it
_ROUNDS = 24  # the later ones do not ask what else is empty


def solve(program: Program, scopes: Scopes, catalogue: Catalogue, *, coarse: bool | None = None) -> State:
    """`coarse`: whether little is told apart, as in a large program; None: by its number of lines."""
    state = State(program, scopes, catalogue, coarse=coarse)
    state.graph.idle = lambda: look_again(state)
    expand_stars(state)
    register(state)
    fill_modules(state)
    for name in program.modules:
        _lower_body(state, scopes.modules[name])
        while state.todo:
            _lower_body(state, state.todo.pop())
    for name, scope in scopes.by_name.items():
        if scope.kind != "comprehension" and name not in state.bodies:
            state.bodies[name] = Body(scope)  # stands where nothing is ever reached
    state.graph.solve()
    _believe_defaults(state)
    _believe_receivers(state)
    _believe_annotations(state)
    for number in range(_ROUNDS):
        if not _close(state, patient=number < _PATIENT_ROUNDS):
            break
    state.deferred_from |= go_on(state.resumed, state.lazies, state.own_deferred)
    state.settle()
    return state


def _lower_body(state: State, scope: Scope) -> None:
    if scope.name in state.bodies:
        return
    body = state.bodies[scope.name] = Body(scope)
    low = Lowering(state, body)
    node = scope.node
    if isinstance(node, ast.Module):
        block(low, node.body)
        return
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    _own_parameters(low, scope, node.args)
    returned = state.node("return", scope.name)
    if isinstance(node, ast.Lambda):
        result = lower(low, node.body)
        state.graph.edge(result, returned)
        body.copies.append((result, returned))
        return
    block(low, node.body)
    if low.env.now is not None:
        state.graph.put(returned, [NONE])
    if node.returns is not None and not scope.given_back:
        state.annotated.append((returned, filler(state, node.returns, scope.parent or scope, returned)))


def _own_parameters(low: Lowering, scope: Scope, args: ast.arguments) -> None:
    state = low.state
    for name in scope.params:
        low.env.set(name, state.variable(scope, name))
        state.opaque[state.variable(scope, name)] = None
    if args.vararg:
        state.graph.put(state.variable(scope, args.vararg.arg), [Obj("builtins:tuple", f"{scope.name}*")])
    if args.kwarg:
        state.graph.put(state.variable(scope, args.kwarg.arg), [Obj("builtins:dict", f"{scope.name}**")])
    for argument in all_arguments(args):
        if argument.annotation is not None and argument not in (args.vararg, args.kwarg):
            node = state.variable(scope, argument.arg)
            state.annotated.append((node, filler(state, argument.annotation, scope.parent or scope, node)))


def _believe_defaults(state: State) -> None:
    """What no call is seen of may be called without its optional arguments."""
    for scope in state.scopes.by_name.values():
        if scope.defaults and scope.name not in state.bound:
            use_defaults(state, scope)
    state.graph.solve()


def _believe_receivers(state: State) -> None:
    """A method's first parameter is an instance of its class, or of one below it, even where no call of it is seen."""
    for scope in state.scopes.by_name.values():
        node = scope.node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or scope.parent is None or scope.parent.kind != "class":
            continue
        flavours = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
        if "staticmethod" in flavours or not [*node.args.posonlyargs, *node.args.args]:
            continue
        by_class = "classmethod" in flavours or node.name in ("__new__", "__init_subclass__", "__class_getitem__")
        cls = scope.parent.name
        receiver = state.variable(scope, scope.params[0])
        if not state.graph.sets[receiver]:
            below = bool(state.subclasses.get(cls))
            state.graph.put(receiver, [Cls(cls) if by_class else Obj(cls, below=below)])
    state.graph.solve()


def _believe_annotations(state: State) -> None:
    """Until nothing more is learnt: a filled parameter may lead to the next one."""
    waiting = state.annotated
    learnt = True
    while learnt and waiting:
        learnt, still = False, []
        for node, fill in waiting:
            if state.graph.sets[node] - {state.graph.unknown, *state.nothing}:
                continue
            if fill():
                learnt = True
            else:
                still.append((node, fill))
        waiting = still
        state.graph.solve()


def _close(state: State, *, patient: bool) -> bool:
    """What nothing was found for may be anything; whether there was something like that.

    Not all at once, because what is worked out from such a node may have an answer then: `table[key]` is one of the table's elements,
    whatever the key is. First the parameters of functions that no call is seen of, then what is worked out from nothing that is empty
    itself, then other parameters.
    """
    graph, sets = state.graph, state.graph.sets
    empty = {node: None for node in state.opaque if not sets[node]}
    parameters = {
        node: scope.name in state.bound
        for scope in state.scopes.by_name.values()
        for name in scope.params
        if (node := state.variable(scope, name)) in empty
    }
    chosen = [node for node, called in parameters.items() if not (patient and called)]
    if not chosen and patient:
        chosen = [n for n in empty if n not in parameters and all(sets[asked] for asked in state.asked_of.get(n, ()))] or list(parameters)
    for node in chosen or empty:
        graph.put_unknown(node)
    graph.solve()
    return bool(empty)
