"""`match` statements: what a pattern says of its subject, and what its names are bound to.

case Point(x=0, y=f): f()       the subject's attribute y, where it is a Point
case [first, *rest]: ...        by position
case {"run": g, **rest}: g()    what the subject holds under "run"
"""

from __future__ import annotations

import ast

from faasify.analysis import iteration
from faasify.analysis.asking import ask, hashed
from faasify.analysis.assignment import part_of
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import call_method
from faasify.analysis.class_checks import check
from faasify.analysis.elements import MAPPINGS
from faasify.analysis.lowering import Lowering, lower
from faasify.analysis.mro import order
from faasify.analysis.names import load_attribute
from faasify.analysis.narrowing import narrow
from faasify.analysis.operators import COMPARISONS, compared, truth
from faasify.analysis.state import State
from faasify.analysis.values import INT, Cls, Obj, Unknown, Value, read_const

_NAMES = "__match_args__"


def match_pattern(low: Lowering, pattern: ast.pattern, subject: int) -> int:
    """Binds the names of the pattern; the node of the subject as far as the pattern fits it."""
    match pattern:
        case ast.MatchValue(value=value):
            truth(low, compared(low, subject, lower(low, value), COMPARISONS[ast.Eq], value), value)
        case ast.MatchSequence(patterns=parts):
            _sequence(low, pattern, parts, subject)
        case ast.MatchMapping():
            _mapping(low, pattern, subject)
        case ast.MatchClass():
            return _class(low, pattern, subject)
        case ast.MatchAs(pattern=inner, name=name):
            found = subject if inner is None else match_pattern(low, inner, subject)
            if name is not None:
                low.bind(name, _copy(low, found), pattern)
            return found
        case ast.MatchOr(patterns=alternatives):
            return _either(low, alternatives, subject)
    return subject


def _copy(low: Lowering, node: int) -> int:
    """Another name for the same object."""
    found = low.graph.node()
    low.graph.edge(node, found)
    low.body.copies.append((node, found))
    return found


def _either(low: Lowering, alternatives: list[ast.pattern], subject: int) -> int:
    before, ends, found = low.env.copy(), [], low.graph.node()
    for alternative in alternatives:
        low.env.now = dict(before) if before is not None else None
        fitted = match_pattern(low, alternative, subject)
        low.graph.edge(fitted, found)
        low.body.copies.append((fitted, found))
        ends.append(low.env.copy())
    low.env.join(*ends)
    return found


def _sequence(low: Lowering, pattern: ast.pattern, parts: list[ast.pattern], subject: int) -> None:
    star = next((i for i, part in enumerate(parts) if isinstance(part, ast.MatchStar)), None)
    if star is None or len(parts) > 1:
        _asked_for_length(low, subject, pattern)
    picked = star is not None and _is_wildcard(parts[star])  # then the others are looked up by their index
    for index, part in enumerate(parts):
        if picked and _is_wildcard(part):
            continue
        if picked:
            _asked_for_item(low, subject, pattern)
        found = part_of(low, subject, index, star, part)
        if not isinstance(part, ast.MatchStar):
            match_pattern(low, part, found)
        elif part.name is not None:
            low.bind(part.name, found, part)


def _is_wildcard(part: ast.pattern) -> bool:
    return isinstance(part, ast.MatchAs | ast.MatchStar) and part.name is None and getattr(part, "pattern", None) is None


def _asked_for_length(low: Lowering, subject: int, pattern: ast.pattern) -> None:
    """A sequence or mapping is asked how long it is, before it is asked for anything else."""
    if "__len__" not in low.state.bound_in_classes:
        return
    here = low.here(pattern, NO_ARGUMENTS)

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and not value.is_library:
            low.state.deferred.append(lambda: ask(low.state, value, "__len__", here) if _may_be_taken_apart(low.state, value.cls) else None)
        elif isinstance(value, Unknown):
            low.body.unknown(pattern, "__len__")

    low.graph.watch(subject, learn)


def _may_be_taken_apart(state: State, cls: str) -> bool:
    """Whether it may count as a sequence or mapping: by what a library's class above it is, or because it was registered with one."""
    return state.traits.registers or any(c != "builtins:object" for c in order(state, cls) if c not in state.bases)


def _asked_for_item(low: Lowering, subject: int, pattern: ast.pattern) -> None:
    here = low.here(pattern, Arguments([low.static(INT)]))

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and not value.is_library:
            call_method(low.state, value, "__getitem__", here)
        elif isinstance(value, Unknown):
            low.body.unknown(pattern, "__getitem__")

    low.graph.watch(subject, learn)


def _mapping(low: Lowering, pattern: ast.MatchMapping, subject: int) -> None:
    graph = low.graph
    if pattern.keys:
        _asked_for_length(low, subject, pattern)
    for key, part in zip(pattern.keys, pattern.patterns, strict=True):
        index, found = lower(low, key), low.fresh()
        low.body.parts.append((subject, found, ""))
        hashed(low.state, low.body, key, index)
        graph.watch(subject, lambda v, i=index, into=found: _under(low, v, i, into, pattern))  # type: ignore[misc]
        match_pattern(low, part, found)
    if pattern.rest is not None:
        made = Obj("builtins:dict", low.site_name(pattern))
        rest = graph.of(made)
        graph.watch(subject, lambda v: _rest(low, v, made, pattern))
        low.body.puts.append((rest, subject, "[:]"))
        low.bind(pattern.rest, rest, pattern)


def _rest(low: Lowering, value: Value, made: Obj, at: ast.AST) -> None:
    if isinstance(value, Obj) and not value.is_library or isinstance(value, Unknown):
        into = low.fresh()
        iteration.unpacked(low.state, value, low.body, at, into)
        low.state.hold(made.site, into)
    elif isinstance(value, Obj):
        low.state.pour(value.site, made.site)
        low.graph.edge(low.state.node("keys", value.site), low.state.node("keys", made.site))


def _under(low: Lowering, value: Value, index: int, into: int, at: ast.AST) -> None:
    if isinstance(value, Obj) and value.cls in MAPPINGS and value.site:
        low.state.held_under(value, index, into)
    elif isinstance(value, Obj) and not value.is_library:
        call_method(low.state, value, "get", low.here(at, Arguments([index]), into))
        low.graph.put_unknown(into)
    else:
        low.graph.put_unknown(into)


def _class(low: Lowering, pattern: ast.MatchClass, subject: int) -> int:
    kinds = lower(low, pattern.cls)
    check(low.state, kinds, subject, low.here(pattern, Arguments([subject])), of_instance=True)
    found = narrow(low, subject, kinds, keep=True)
    for name, part in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
        match_pattern(low, part, _attribute(low, found, name, part))
    for index, part in enumerate(pattern.patterns):
        inner = low.fresh()
        low.body.parts.append((found, inner, ""))
        low.graph.watch(kinds, lambda kind, i=index, into=inner, at=part: _positional(low, kind, found, i, into, at))  # type: ignore[misc]
        match_pattern(low, part, inner)
    return found


def _attribute(low: Lowering, owner: int, name: str, at: ast.AST) -> int:
    found = low.fresh()
    low.body.parts.append((owner, found, name))
    load_attribute(low, owner, name, at, found)
    return found


def _positional(low: Lowering, kind: Value, owner: int, index: int, into: int, at: ast.AST) -> None:
    """`Point(x, y)` by `__match_args__`; `str(text)` is the string itself."""
    if not isinstance(kind, Cls):
        low.graph.edge(owner, into)
        return
    names = _match_args(low, kind.name)
    if _NAMES in low.state.bound_in_classes:
        _by_match_args(low, kind, owner, index, into, at)
    if index < len(names):
        low.body.parts.append((owner, into, names[index]))
        load_attribute(low, owner, names[index], at, into)
    else:
        low.graph.edge(owner, into)  # of a class below `int` or `str`
        low.graph.put_unknown(into)


def _by_match_args(low: Lowering, kind: Cls, owner: int, index: int, into: int, at: ast.AST) -> None:
    """The class is asked for its `__match_args__`, which a property or descriptor may answer."""
    given, names = low.fresh(), low.fresh()
    load_attribute(low, low.static(kind), _NAMES, at, given)
    low.graph.watch(given, lambda v: low.state.held(v.site, names, str(index)) if isinstance(v, Obj) and v.site else learn(v))

    def learn(name: Value) -> None:
        if isinstance(name, Obj) and name.cls == "builtins:str" and name.const:
            load_attribute(low, owner, read_const(name.const), at, into)
        else:
            low.body.unknown(at, _NAMES)
            low.graph.put_unknown(into)

    low.graph.watch(names, learn)


def _match_args(low: Lowering, cls: str) -> list[str]:
    """As written in `__match_args__`, or the fields of a dataclass in their order."""
    fields: dict[str, None] = {}
    for name in reversed(order(low.state, cls)):
        scope = low.state.scopes.by_name.get(name)
        for statement in scope.node.body if scope is not None and isinstance(scope.node, ast.ClassDef) else ():
            if isinstance(statement, ast.Assign) and any(isinstance(t, ast.Name) and t.id == _NAMES for t in statement.targets):
                elements = statement.value.elts if isinstance(statement.value, ast.Tuple | ast.List) else []
                return [e.value for e in elements if isinstance(e, ast.Constant) and isinstance(e.value, str)]
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.target.id != _NAMES:
                fields[statement.target.id] = None
    return list(fields)
