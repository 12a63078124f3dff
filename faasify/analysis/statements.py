"""Statements that have no branches: definitions and what their decorators make of them, assignments, what is returned and raised."""

from __future__ import annotations

import ast
from collections.abc import Callable

from faasify.analysis import calls, iteration
from faasify.analysis.annotations import believe
from faasify.analysis.assignment import assign, delete
from faasify.analysis.blocks import runs
from faasify.analysis.bodies import Arguments
from faasify.analysis.calls import call_method
from faasify.analysis.certain import joined_in_place, surely
from faasify.analysis.classes import define_class
from faasify.analysis.containers import shift
from faasify.analysis.decorators import decorated
from faasify.analysis.elements import MAPPINGS
from faasify.analysis.filling import fill_in
from faasify.analysis.importing import import_modules, import_names
from faasify.analysis.lowering import Given, Lowering, lower
from faasify.analysis.names import bind_defaults
from faasify.analysis.narrowing import assume
from faasify.analysis.operators import OPERATORS, operate, truth
from faasify.analysis.raised import throw
from faasify.analysis.structured import merge
from faasify.analysis.syntax import all_arguments
from faasify.analysis.values import UNKNOWN, Cls, Func, Lib, Obj, Unknown, Value


@runs(ast.Expr)
def _expression(low: Lowering, node: ast.Expr) -> None:
    low.sure = list(surely(node.value))
    lower(low, node.value)


@runs(ast.FunctionDef, ast.AsyncFunctionDef)
def _function(low: Lowering, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    scope = low.state.scopes.by_node[node]
    func = Func(scope.name)
    bind_defaults(low, func, node.args)
    _annotations(low, *(argument.annotation for argument in all_arguments(node.args)), node.returns)
    low.state.todo.append(scope)
    made = low.static(func)
    low.body.loads[made] = None
    for decorator in reversed(node.decorator_list):
        kept = decorated(low, decorator, made, node)
        if kept is None:
            return  # a property's setter: kept with its getter, whose name stays what it was
        made = kept
    low.bind(node.name, made, node)


def _annotations(low: Lowering, *annotations: ast.expr | None) -> None:
    """Annotations that may call something are worked out where they stand: `Annotated[int, Between(0, 9)]`."""
    for annotation in annotations:
        if annotation is not None and any(isinstance(part, ast.Call) for part in ast.walk(annotation)):
            lower(low, annotation)


@runs(ast.ClassDef)
def _class(low: Lowering, node: ast.ClassDef) -> None:
    made = define_class(low, node)
    for decorator in reversed(node.decorator_list):
        kept = decorated(low, decorator, made, node)
        if kept is not None:
            low.state.annotated.append((kept, _itself(low, made, kept)))
            made = kept
    low.bind(node.name, made, node)


def _itself(low: Lowering, made: int, kept: int) -> Callable[[], bool]:
    """A decorator of which nothing is seen most likely gives the class back."""

    def fill() -> bool:
        low.graph.edge(made, kept)
        return True

    return fill


@runs(ast.Return)
def _return(low: Lowering, node: ast.Return) -> None:
    low.sure = list(surely(node.value)) if node.value is not None else []
    result = lower(low, node.value)
    returned = low.state.node("return", low.body.name)
    if not (isinstance(node.value, ast.Name) and node.value.id in low.body.scope.given_back):
        low.graph.edge(result, returned)
    low.body.copies.append((result, returned))
    low.env.now = None


@runs(ast.Assign)
def _assign(low: Lowering, node: ast.Assign) -> None:
    low.sure = list(surely(node.value))
    found = lower(low, node.value)
    if len(node.targets) > 1:
        low.literals.pop(found, None)
    for target in node.targets:
        assign(low, target, found)
    last = node.targets[-1]
    if len(node.targets) == 1 and isinstance(last, ast.Attribute):
        low.given = Given(low.body.receivers[last], low.scope.spelled(last.attr), found)


@runs(ast.AnnAssign)
def _annotated_assign(low: Lowering, node: ast.AnnAssign) -> None:
    if node.value is not None:
        low.sure = list(surely(node.value))
        given = lower(low, node.value)
        if given in low.literals:
            assign(low, node.target, given)
            return
        found = low.graph.node()
        low.graph.edge(given, found)
        low.body.copies.append((given, found))
    elif isinstance(node.target, ast.Name) and low.scope.kind not in ("class", "module"):
        return
    else:
        found = low.graph.node()
    if node.value is not None or isinstance(node.target, ast.Name):
        believe(low, node.annotation, found)
        assign(low, node.target, found)
    if low.scope.kind in ("class", "module"):
        _annotations(low, node.annotation)
    if isinstance(node.target, ast.Name) and low.scope.kind == "class":
        believe(low, node.annotation, low.state.node("field", low.scope.name, low.own(node.target.id)))


@runs(ast.AugAssign)
def _augmented(low: Lowering, node: ast.AugAssign) -> None:
    if joined_in_place(low, node):
        return
    load = ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target) if isinstance(node.target, ast.Name) else node.target
    left, right = lower(low, load), lower(low, node.value)
    low.literals.pop(left, None)
    name = OPERATORS[node.op.__class__]
    low.body.receivers[node] = left
    low.body.rebinds.append((left, right, node.target.id if isinstance(node.target, ast.Name) else ""))
    own = low.graph.node()
    here = low.here(node, Arguments([right]), own)
    inner = iteration.collected(low.state, right, low.body, node) if name in ("add", "or") else None

    def learn(value: Value) -> None:
        if isinstance(value, Unknown):
            low.body.unknown(node, f"__i{name}__")
        if not isinstance(value, Obj):
            return
        if not value.is_library:
            call_method(low.state, value, f"__i{name}__", here)
        elif value.cls in ("builtins:list", "builtins:set", "collections:deque") and inner is not None:
            low.state.hold(value.site, inner)
            low.graph.put(own, [value])
        elif value.cls in ("builtins:list", "collections:deque") and name == "mul":
            shift(low, value)
            low.graph.put(own, [value])
        elif value.cls in MAPPINGS and name == "or":
            low.graph.watch(right, lambda v: merge(low.state, here, v, value))
            low.graph.put(own, [value])

    low.graph.watch(left, learn)
    if name == "mod":
        fill_in(low.state, left, right, low.here(node))
    result = operate(low, left, right, name, node)
    low.graph.edge(own, result)
    low.body.copies.append((left, result))
    low.literals.pop(result, None)
    assign(low, node.target, result)


@runs(ast.Raise)
def _raise(low: Lowering, node: ast.Raise) -> None:
    if node.exc is not None:
        raised = lower(low, node.exc)
        here = low.here(node)
        for thrown in (raised, here.result):
            throw(low.state, thrown, low.body)
        low.graph.watch(raised, lambda v: calls.call(low.state, v, here) if isinstance(v, Cls | Lib) else None)  # `raise C` makes one
    if node.cause is not None:
        throw(low.state, lower(low, node.cause), low.body)
    low.env.now = None


@runs(ast.Assert)
def _assert(low: Lowering, node: ast.Assert) -> None:
    truth(low, lower(low, node.test), node.test)
    if node.msg is not None:
        lower(low, node.msg)
    assume(low, node.test, True)


@runs(ast.Delete)
def _delete(low: Lowering, node: ast.Delete) -> None:
    for target in node.targets:
        delete(low, target)


@runs(ast.Global, ast.Nonlocal, ast.Pass)
def _nothing(low: Lowering, node: ast.stmt) -> None:
    """Says nothing by itself."""


def _type_alias(low: Lowering, node: ast.stmt) -> None:
    low.bind(node.name.id, low.static(UNKNOWN), node)  # type: ignore[attr-defined]


runs(ast.Import)(import_modules)
runs(ast.ImportFrom)(import_names)
if hasattr(ast, "TypeAlias"):
    runs(ast.TypeAlias)(_type_alias)
