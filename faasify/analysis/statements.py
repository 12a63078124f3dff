"""Statements: what flows into which name, which definitions and decorators make what, what `with` and `for` call."""

from __future__ import annotations

import ast
from collections.abc import Callable

from faasify.analysis import calls
from faasify.analysis.annotations import annotated
from faasify.analysis.expressions import assign, bind_defaults, evaluate
from faasify.analysis.importing import import_modules, import_names
from faasify.analysis.members import lookup
from faasify.analysis.operators import operate
from faasify.analysis.scopes import Scope
from faasify.analysis.state import Arguments, State
from faasify.analysis.values import ANYTHING, NONE, NOTHING, UNKNOWN, Bound, Cls, Func, Lib, Obj, Value, Values, Wrapped

_OPERATORS = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul"}


_FLAVOURS = {
    "builtins:staticmethod": "staticmethod",
    "builtins:classmethod": "classmethod",
    "builtins:property": "property",
    "functools:cached_property": "property",
    "abc:abstractproperty": "property",
}


def block(state: State, statements: list[ast.stmt], scope: Scope) -> None:
    for statement in statements:
        handler = _HANDLERS.get(type(statement), _parts)
        handler(state, statement, scope)


def _parts(state: State, node: ast.AST, scope: Scope) -> None:
    """Evaluate every expression of a statement and run the statements in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            evaluate(state, child, scope)
        elif isinstance(child, ast.stmt):
            block(state, [child], scope)
        else:
            _parts(state, child, scope)


def _function(state: State, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
    func = Func(state.scopes.by_node[node].name)
    bind_defaults(state, func, node.args, scope)
    values: Values = frozenset([func])
    for decorator in reversed(node.decorator_list):
        values = _decorated(state, decorator, values, node, scope)
    if values:
        assign(state, ast.Name(node.name, ast.Store()), values, scope)


def _decorated(state: State, decorator: ast.expr, values: Values, node: ast.AST, scope: Scope) -> Values:
    """What one decorator makes of the function; a property's setter is remembered by its getter."""
    if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "deleter", "getter"):
        for stored in evaluate(state, decorator.value, scope) if decorator.attr == "setter" else ():
            if isinstance(stored, Wrapped):
                state.add(("setter", stored.func.name), values)
        return NOTHING
    makers = evaluate(state, decorator, scope)
    result: set[Value] = set()
    for maker in makers:
        if isinstance(maker, Lib) and maker.path in _FLAVOURS:
            result |= {Wrapped(_FLAVOURS[maker.path], v) if isinstance(v, Func) else v for v in values}
        elif maker == UNKNOWN:
            calls.call(state, maker, Arguments([values]), decorator)
            result |= values | ANYTHING  # most decorators of unknown libraries still end in a call of the function
        else:
            result |= calls.call(state, maker, Arguments([values]), decorator)
    return frozenset(result) or (values if state.closing else NOTHING)


def _class(state: State, node: ast.ClassDef, scope: Scope) -> None:
    cls = Cls(state.scopes.by_node[node].name)
    state.base_count[cls.name] = len(node.bases)
    for index, base in enumerate(node.bases):
        values = evaluate(state, base, scope)
        state.add(("bases", cls.name, str(index)), values)
        for value in values:
            if isinstance(value, Cls):
                state.add(("subclasses", value.name), frozenset([cls]))
                hook = lookup(state, value, "__init_subclass__")
                for method in (v for v in hook if isinstance(v, Func | Bound)):
                    func = method.func if isinstance(method, Bound) else method
                    if isinstance(func, Func):
                        calls.call(state, Bound(cls, func), Arguments(), node, direct=False)
    for keyword in node.keywords:
        evaluate(state, keyword.value, scope)
    values = frozenset([cls])
    state.mention(values)
    for decorator in reversed(node.decorator_list):
        values = _decorated(state, decorator, values, node, scope)
    assign(state, ast.Name(node.name, ast.Store()), values | frozenset([cls]), scope)


def _return(state: State, node: ast.Return, scope: Scope) -> None:
    state.add(("return", scope.owner.name), evaluate(state, node.value, scope))


def _assign(state: State, node: ast.Assign, scope: Scope) -> None:
    values = evaluate(state, node.value, scope)
    for target in node.targets:
        assign(state, target, values, scope)


def _annotated_assign(state: State, node: ast.AnnAssign, scope: Scope) -> None:
    values = annotated(state, node.annotation, scope)
    if node.value is not None:
        given = evaluate(state, node.value, scope)
        values = given | (values if given <= ANYTHING | NONE else NOTHING)
        if values - ANYTHING:
            values -= ANYTHING  # the annotation says more than a value of unknown type
    if values:
        assign(state, node.target, values, scope)


def _augmented(state: State, node: ast.AugAssign, scope: Scope) -> None:
    load = _as_load(node.target)
    left, right = evaluate(state, load, scope), evaluate(state, node.value, scope)
    name = _OPERATORS.get(type(node.op), type(node.op).__name__.lower())
    for value in left:
        if isinstance(value, Obj) and not value.is_library:
            calls.call_method(state, value, f"__i{name}__", Arguments([right]), node)
        elif isinstance(value, Obj) and value.cls == "builtins:list":
            state.hold(value.site, calls.elements(state, right, node))
    result = operate(state, left, right, name, node) if name in ("add", "sub", "mul") else left
    assign(state, node.target, result, scope)


def _as_load(target: ast.expr) -> ast.expr:
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(target.id, ast.Load()), target)
    return target


def _for(state: State, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
    values = evaluate(state, node.iter, scope)
    assign(state, node.target, calls.elements(state, values, node), scope)
    block(state, [*node.body, *node.orelse], scope)


def _with(state: State, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
    prefix = "__a" if isinstance(node, ast.AsyncWith) else "__"
    for item in node.items:
        managers = evaluate(state, item.context_expr, scope)
        entered = NOTHING
        for manager in managers:
            if isinstance(manager, Obj):
                given = calls.call_method(state, manager, f"{prefix}enter__", Arguments(), node)
                calls.call_method(state, manager, f"{prefix}exit__", Arguments([ANYTHING] * 3), node)
                entered |= given or frozenset([manager])
                if manager.cls == "builtins:generator":  # @contextmanager: what it yields
                    entered = (entered - {manager}) | state.held(manager.site)
            else:
                entered |= ANYTHING
        if item.optional_vars is not None:
            assign(state, item.optional_vars, entered, scope)
    block(state, node.body, scope)


def _except(state: State, node: ast.ExceptHandler, scope: Scope) -> None:
    if node.type is not None:
        caught: set[Value] = set()
        for value in evaluate(state, node.type, scope):
            kinds = state.held(value.site) if isinstance(value, Obj) else frozenset([value])
            for kind in kinds:
                if isinstance(kind, Cls):
                    caught.add(Obj(kind.name))
                elif isinstance(kind, Lib):
                    caught.add(Obj(kind.path))
        if node.name:
            assign(state, ast.Name(node.name, ast.Store()), frozenset(caught) or state.missing, scope)
    block(state, node.body, scope)


def _try(state: State, node: ast.Try, scope: Scope) -> None:
    block(state, node.body, scope)
    for handler in node.handlers:
        _except(state, handler, scope)
    block(state, [*node.orelse, *node.finalbody], scope)


def _raise(state: State, node: ast.Raise, scope: Scope) -> None:
    for part in (node.exc, node.cause):
        if part is not None:
            for value in evaluate(state, part, scope):
                if isinstance(value, Cls | Lib) and part is node.exc:  # `raise C` makes an instance
                    calls.call(state, value, Arguments(), node, direct=False)


def _match(state: State, node: ast.Match, scope: Scope) -> None:
    subject = evaluate(state, node.subject, scope)
    for case in node.cases:
        for part in ast.walk(case.pattern):
            if isinstance(part, ast.expr):
                evaluate(state, part, scope)
            elif isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                values = subject if isinstance(part, ast.MatchAs) and part.pattern is None else ANYTHING
                assign(state, ast.Name(part.name, ast.Store()), values | ANYTHING, scope)
            elif isinstance(part, ast.MatchMapping) and part.rest:
                assign(state, ast.Name(part.rest, ast.Store()), ANYTHING, scope)
        if case.guard is not None:
            evaluate(state, case.guard, scope)
        block(state, case.body, scope)


_HANDLERS: dict[type[ast.stmt], Callable[..., None]] = {
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Return: _return,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated_assign,
    ast.AugAssign: _augmented,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Raise: _raise,
    ast.Match: _match,
    ast.Import: import_modules,
    ast.ImportFrom: import_names,
}
