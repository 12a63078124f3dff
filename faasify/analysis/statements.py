"""Statements: which version of a variable is meant where, which definitions and decorators make what, what `with` and `for` call."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from faasify.analysis import awaiting, calls, iteration
from faasify.analysis.annotations import believe
from faasify.analysis.asking import tested
from faasify.analysis.assignment import assign, delete
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import call_method
from faasify.analysis.certain import is_quiet, joined_in_place, surely
from faasify.analysis.classes import define_class
from faasify.analysis.containers import shift
from faasify.analysis.decorators import decorated
from faasify.analysis.elements import MAPPINGS
from faasify.analysis.environment import Variable
from faasify.analysis.filling import fill_in
from faasify.analysis.importing import import_modules, import_names
from faasify.analysis.lowering import Given, Lowering, lower
from faasify.analysis.mro import is_subclass
from faasify.analysis.names import bind_defaults
from faasify.analysis.narrowing import Narrowed, assume, forget, rename
from faasify.analysis.operators import OPERATORS, operate, truth
from faasify.analysis.patterns import match_pattern
from faasify.analysis.raised import RAISED_OWN, any_raised, throw, thrown
from faasify.analysis.structured import merge
from faasify.analysis.syntax import all_arguments, assigned_names, constant_truth
from faasify.analysis.values import MISSING, RAISED, UNKNOWN, Cls, Func, Lib, Obj, Unknown, Value

_OF_KEYS = frozenset(f"builtins:{name}" for name in ("KeyError", "LookupError", "Exception", "BaseException"))


def block(low: Lowering, statements: Iterable[ast.stmt]) -> None:
    _run(low, statements)
    low.show()
    low.last, low.quiet = None, False


def _run(low: Lowering, statements: Iterable[ast.stmt]) -> None:
    for statement in statements:
        if low.env.now is None:
            return  # behind a `return`, `raise` or endless loop: never reached
        if low.given is not None and not _begins_with_attribute(statement):
            low.given = None
        quiet = low.quiet = is_quiet(low, statement)
        low.last = statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
        if not quiet:
            low.steps += 1
            low.show()
        low.sure = []
        _HANDLERS.get(statement.__class__, _parts)(low, statement)
        bound = isinstance(statement, ast.Assign) and isinstance(low.last, ast.Name) and not low.state.is_interrupted
        low.steps += not (quiet or bound)
        if low.given is not None and statement.__class__ is not ast.Assign:
            low.given = None  # in one branch, or in a loop that may not run


def _begins_with_attribute(statement: ast.stmt) -> bool:
    """Whether the first thing that it does is to look up `x.name`."""
    if not isinstance(statement, ast.Expr | ast.Assign | ast.Return):
        return False
    first = statement.value.func if isinstance(statement.value, ast.Call) else statement.value
    return isinstance(first, ast.Attribute) and isinstance(first.value, ast.Name)


def _parts(low: Lowering, node: ast.AST) -> None:
    """Evaluate every expression of a statement and run the statements in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            lower(low, child)
        elif isinstance(child, ast.stmt):
            block(low, [child])
        else:
            _parts(low, child)


def _expression(low: Lowering, node: ast.Expr) -> None:
    low.sure = list(surely(node.value))
    lower(low, node.value)


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


def _return(low: Lowering, node: ast.Return) -> None:
    low.sure = list(surely(node.value)) if node.value is not None else []
    result = lower(low, node.value)
    returned = low.state.node("return", low.body.name)
    if not (isinstance(node.value, ast.Name) and node.value.id in low.body.scope.given_back):
        low.graph.edge(result, returned)
    low.body.copies.append((result, returned))
    low.env.now = None


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


# -- control flow


def _if(low: Lowering, node: ast.If) -> None:
    if (known := constant_truth(node.test)) is not None:
        _separately(low, node.body if known else node.orelse)
        return
    truth(low, lower(low, node.test), node.test)
    before = low.env.copy()
    ends = []
    for truth_, branch in ((True, node.body), (False, node.orelse)):
        low.env.now = dict(before) if before is not None else None
        narrowed = assume(low, node.test, truth_)
        _separately(low, branch)
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


def _separately(low: Lowering, statements: Iterable[ast.stmt]) -> None:
    """What is known of containers does not outlast a branch that may not be taken, or be taken again; nor what an attribute was given."""
    low.literals, low.given = {}, None
    block(low, statements)
    low.literals, low.given = {}, None


def _variables(low: Lowering, *statements: ast.stmt) -> list[Variable]:
    return [low.variable(low.scope.resolve(n) or low.scope, n) for n in sorted(map(low.own, assigned_names(statements)))]


def _while(low: Lowering, node: ast.While) -> None:
    if constant_truth(node.test) is False:
        _separately(low, node.orelse)
        return
    joins = low.env.open_loop(_variables(low, node))
    truth(low, lower(low, node.test), node.test)
    head = low.env.copy()
    assume(low, node.test, True)
    _loop(low, node, joins, head)


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
    _separately(low, node.body)
    low.loops.pop()
    for end in (low.env.copy(), *continues):
        low.env.close_loop(joins, end)
    low.env.now = before  # type: ignore[assignment]
    if isinstance(node, ast.While) and constant_truth(node.test):
        low.env.now = None  # while True: only `break` leads on
    _separately(low, node.orelse)
    low.env.join(low.env.now, *breaks)


def _break(low: Lowering, node: ast.Break) -> None:
    if low.loops:
        low.loops[-1][0].append(low.env.copy())
    low.env.now = None


def _continue(low: Lowering, node: ast.Continue) -> None:
    if low.loops:
        low.loops[-1][1].append(low.env.copy())
    low.env.now = None


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
    _separately(low, node.body)
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


def _try(low: Lowering, node: ast.Try) -> None:
    before = low.env.copy()
    joins = low.env.open_try(_variables(low, *node.body))
    _separately(low, node.body)
    low.env.close_try()
    if isinstance(node, ast.TryStar):
        _split(low, node)
    raised = {**before, **joins} if before is not None else None
    everything = low.env.open_try(_variables(low, *(h for h in node.handlers), *node.orelse)) if node.finalbody else {}  # type: ignore[arg-type]
    _separately(low, node.orelse)
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
    _separately(low, node.finalbody)
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
    _separately(low, node.body)


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


def _assert(low: Lowering, node: ast.Assert) -> None:
    truth(low, lower(low, node.test), node.test)
    if node.msg is not None:
        lower(low, node.msg)
    assume(low, node.test, True)


def _match(low: Lowering, node: ast.Match) -> None:
    subject = lower(low, node.subject)
    before = low.env.copy()
    ends = [before]
    for case in node.cases:
        low.env.now = dict(before) if before is not None else None
        narrowed = rename(low, node.subject, match_pattern(low, case.pattern, subject))
        if case.guard is not None:
            truth(low, lower(low, case.guard), case.guard)
        _separately(low, case.body)
        forget(low, narrowed)
        ends.append(low.env.copy())
    if node.cases and _fits_all(node.cases[-1]):
        ends.pop(0)
    low.env.join(*ends)


def _fits_all(case: ast.match_case) -> bool:
    """`case _:` and `case name:`"""
    return isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None


def _delete(low: Lowering, node: ast.Delete) -> None:
    for target in node.targets:
        delete(low, target)


def _nothing(low: Lowering, node: ast.stmt) -> None:
    """Says nothing by itself."""


def _type_alias(low: Lowering, node: ast.stmt) -> None:
    low.bind(node.name.id, low.static(UNKNOWN), node)  # type: ignore[attr-defined]


_HANDLERS: dict[type[ast.stmt], Callable[..., None]] = {
    ast.Expr: _expression,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Return: _return,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated_assign,
    ast.AugAssign: _augmented,
    ast.If: _if,
    ast.While: _while,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Match: _match,
    ast.Delete: _delete,
    ast.Import: import_modules,
    ast.ImportFrom: import_names,
    ast.Global: _nothing,
    ast.Nonlocal: _nothing,
    ast.Pass: _nothing,
}
if hasattr(ast, "TypeAlias"):
    _HANDLERS[ast.TypeAlias] = _type_alias
