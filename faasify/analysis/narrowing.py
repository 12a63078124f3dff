"""What a test says of a variable: behind `isinstance(x, Shape)`, x is a Shape, or of a class below it.

if isinstance(x, A): x.a()      only those of x's values that may be an A; an A where nothing is known of x
else: x.b()                     those that are not surely one
if s.startswith("on_"): ...     the strings that do; `on_*` where it is any
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from faasify.analysis.elements import UNIONS
from faasify.analysis.environment import Variable
from faasify.analysis.lowering import Lowering, lower
from faasify.analysis.mro import is_subclass, order
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryClass
from faasify.analysis.texts import from_text
from faasify.analysis.values import STR, UNKNOWN, Bound, Cls, Func, Lib, LibMod, Mod, Obj, Unknown, Value, is_own, read_const
from faasify.analysis.virtual import answers_itself, is_virtual, pretends

Verdict = Literal["yes", "no", "maybe"]
Narrowed = dict[Variable, tuple[int, int]]
"""Variables with their versions before and behind a test."""

_CONCRETE = frozenset(
    f"builtins:{name}" for name in ("str", "bytes", "int", "float", "complex", "bool", "list", "tuple", "dict", "set", "frozenset")
)
_VIRTUAL = ("collections.abc:", "typing:", "numbers:", "abc:", "os:", "io:")  # classes that others may be registered with
_ANYTHING = "?anything"


@dataclass(frozen=True)
class Fact:
    """`isinstance(name, kinds)`, or that it is not."""

    name: ast.Name
    kinds: ast.expr
    holds: bool


def facts(test: ast.expr, truth: bool) -> list[Fact]:
    """What is known where a test came out true, or false."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return facts(inner, not truth)
        case ast.BoolOp(op=ast.And() as operator, values=values) | ast.BoolOp(op=ast.Or() as operator, values=values):
            together = isinstance(operator, ast.And) == truth
            return [fact for value in values for fact in facts(value, truth)] if together else []
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name() as name, kinds], keywords=[]) if _is_plain(kinds):
            return [Fact(name, kinds, truth)]
        case ast.Compare(left=ast.Call(func=ast.Name(id="type"), args=[ast.Name() as name]), ops=[ast.Is() | ast.Eq()], comparators=[kind]):
            return [Fact(name, kind, True)] if truth and _is_plain(kind) else []
    return []


def _is_plain(kinds: ast.expr) -> bool:
    """Names of classes, which may be looked at twice."""
    if isinstance(kinds, ast.Tuple):
        return all(_is_plain(kind) for kind in kinds.elts)
    while isinstance(kinds, ast.Attribute):
        kinds = kinds.value
    return isinstance(kinds, ast.Name)


def assume(low: Lowering, test: ast.expr, truth: bool) -> Narrowed:
    """From here on, variables are what the test says of them."""
    narrowed: Narrowed = {}
    for fact in facts(test, truth) if low.scope.resolve("isinstance") is None else ():
        version = _version(low, fact.name)
        if version is None:
            continue
        for variable, (before, after) in rename(low, fact.name, narrow(low, version, lower(low, fact.kinds), keep=fact.holds)).items():
            narrowed[variable] = (narrowed[variable][0] if variable in narrowed else before, after)
    for name, starts, text in _texts(test) if truth else ():
        version = _version(low, name)
        if version is None:
            continue
        for variable, (before, after) in rename(low, name, _known_text(low, version, starts, text)).items():
            narrowed[variable] = (narrowed[variable][0] if variable in narrowed else before, after)
    return narrowed


def _texts(test: ast.expr) -> list[tuple[ast.Name, bool, str]]:
    """`name.startswith("test_")` among what holds where the test came out true: (name, at the start, text)."""
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            return [found for value in values for found in _texts(value)]
        case ast.Call(
            func=ast.Attribute(value=ast.Name() as name, attr="startswith" | "endswith" as side),
            args=[ast.Constant(value=str(text))],
            keywords=[],
        ):
            return [(name, side == "startswith", text)]
    return []


def _known_text(low: Lowering, subject: int, starts: bool, text: str) -> int:
    """The subject's values, of strings only those that begin, or end, with the text."""
    into = low.graph.node()
    low.body.copies.append((subject, into))
    found = from_text(f"{text}*" if starts else f"*{text}") if text and "*" not in text else STR

    def learn(value: Value) -> None:
        if value == STR:
            low.graph.put(into, [found])
        elif not (isinstance(value, Obj) and value.cls == "builtins:str" and value.const) or _has(value.const, starts, text):
            low.graph.put(into, [value])

    low.graph.watch(subject, learn)
    return into


def _has(const: str, starts: bool, text: str) -> bool:
    known = str(read_const(const))
    return known.startswith(text) if starts else known.endswith(text)


def rename(low: Lowering, name: ast.expr, after: int) -> Narrowed:
    """From here on, the variable is that node, if it is one of this body's own."""
    before = _version(low, name) if isinstance(name, ast.Name) else None
    if before is None or low.env.now is None or not isinstance(name, ast.Name) or after == before:
        return {}
    variable = low.variable(low.scope.resolve(name.id) or low.scope, name.id)
    low.env.now[variable] = after
    return {variable: (before, after)}


def _version(low: Lowering, name: ast.Name) -> int | None:
    where = low.scope.resolve(name.id)
    if where is None or where.owner is not low.body.scope or name.id in where.rebound:
        return None
    return low.env.get(low.variable(where, name.id))


def forget(low: Lowering, narrowed: Narrowed) -> None:
    """Where the test no longer counts; what has been assigned since stays."""
    for variable, (before, after) in narrowed.items():
        if low.env.now is not None and low.env.now.get(variable) == after:
            low.env.now[variable] = before


def narrow(low: Lowering, subject: int, kinds: int, *, keep: bool) -> int:
    """Those of the subject's values that may be instances of the kinds, or that are not surely ones."""
    into = low.graph.node()
    low.body.copies.append((subject, into))
    if keep:
        _Instances(low.state, into).watch(subject, kinds)
        low.state.annotated.append((into, _filler(low.state, kinds, into)))
    else:
        low.graph.watch(subject, lambda value: low.state.deferred.append(lambda: _unless_instance(low.state, value, kinds, into)))
    return into


def _unless_instance(state: State, value: Value, kinds: int, into: int) -> None:
    if all(verdict(state, value, kind) != "yes" for kind in each_kind(state, kinds)):
        state.graph.put(into, [value])


def each_kind(state: State, kinds: int) -> list[Value]:
    """The classes of `A`, `(A, B)`, `A | B`."""
    found: list[Value] = []
    for value in state.graph.at(kinds):
        if isinstance(value, Obj) and value.site and value.cls in UNIONS:
            found += [inner for inner in state.graph.at(state.node("held", value.site)) if not isinstance(inner, Obj)]
        else:
            found.append(value)
    return found


def _filler(state: State, kinds: int, into: int) -> Callable[[], bool]:
    """Where nothing fits, somebody else will bring an instance of the class that is asked for."""

    def fill() -> bool:
        made = [state.instance(kind.name) for kind in each_kind(state, kinds) if isinstance(kind, Cls)]
        state.graph.put(into, made)
        return bool(made)

    return fill


class _Instances:
    """Passes on what may be an instance."""

    def __init__(self, state: State, into: int) -> None:
        self.state, self.into = state, into
        self.values: dict[Value, None] = {}
        self.kinds: dict[Value, None] = {}
        self.tuples = set[str]()
        self.virtual = set[Cls]()

    def watch(self, subject: int, kinds: int) -> None:
        self.state.graph.watch(kinds, self.kind)
        self.state.graph.watch(subject, self.value)

    def kind(self, kind: Value) -> None:
        if isinstance(kind, Obj) and kind.cls in UNIONS and kind.site:
            if kind.site not in self.tuples:  # a tuple that is made in a loop may hold one made there before
                self.tuples.add(kind.site)
                self.state.graph.watch(self.state.node("held", kind.site), self.kind)
            return
        self.kinds[kind] = None
        if isinstance(kind, Cls) and (self.state.traits.checks or self.state.traits.registers or self.state.traits.protocols):
            self.state.queries.append(lambda: self.revisit(kind))
        for value in list(self.values):
            self.both(value, kind)

    def revisit(self, kind: Cls) -> bool:
        """Once it is known that more than what is below a class may be an instance of it."""
        if kind in self.virtual or not is_virtual(self.state, kind.name):
            return False
        self.virtual.add(kind)
        for value in list(self.values):
            self.both(value, kind)
        return True

    def value(self, value: Value) -> None:
        self.values[value] = None
        for kind in list(self.kinds):
            self.both(value, kind)

    def both(self, value: Value, kind: Value) -> None:
        if verdict(self.state, value, kind) != "no":
            self.fit(value, kind)
        elif isinstance(value, Obj) and is_own(value):
            self.state.wanted.setdefault(value.cls, []).append(lambda: self.again(value, kind))

    def again(self, value: Value, kind: Value) -> None:
        """The value's class has been found to inherit from something more."""
        if verdict(self.state, value, kind) != "no":
            self.fit(value, kind)

    def fit(self, value: Value, kind: Value) -> None:
        self.state.graph.put(self.into, refined(self.state, value, kind))


def refined(state: State, value: Value, kind: Value) -> list[Value]:
    """The value as an instance of the kind."""
    if isinstance(kind, Cls) and (is_virtual(state, kind.name) or pretends(state, value)):
        return [value, state.instance(kind.name)] if isinstance(value, Unknown) else [value]
    if isinstance(kind, Cls):
        anything = isinstance(value, Unknown) or (isinstance(value, Obj) and kind.name not in order(state, value.cls))
        return [state.instance(kind.name) if anything else value]
    if isinstance(kind, Lib) and isinstance(value, Unknown) and kind.path in _CONCRETE:
        state.hold(_ANYTHING, state.static(UNKNOWN))
        state.graph.put(state.node("keys", _ANYTHING), [UNKNOWN])
        return [Obj(kind.path, _ANYTHING if kind.path not in ("builtins:str", "builtins:bytes") else "")]
    return [value]


def verdict(state: State, value: Value, kind: Value) -> Verdict:
    """Whether a value is an instance of a class."""
    if isinstance(kind, Cls):
        found = _of_own(state, value, kind.name)
        if found == "no" and (is_virtual(state, kind.name) or pretends(state, value)):
            return "maybe"
        return "maybe" if found == "yes" and answers_itself(state, kind.name) else found
    if isinstance(kind, Lib):
        found = _of_library(state, value, kind.path)
        return "maybe" if found == "no" and pretends(state, value) else found
    return "maybe"


def _of_own(state: State, value: Value, cls: str) -> Verdict:
    if isinstance(value, Obj) and is_own(value):
        along = order(state, value.cls)
        if cls in along:
            return "yes"
        return "maybe" if "?" in along or (value.below and cls in state.below(value.cls)) else "no"
    if isinstance(value, Obj):
        return "maybe" if is_subclass(state, cls, value.cls) else "no"
    return "no" if isinstance(value, Func | Bound | Mod | LibMod) else "maybe"


def _of_library(state: State, value: Value, path: str) -> Verdict:
    described = state.catalogue.find(path)
    if not isinstance(described, LibraryClass) or path.startswith(_VIRTUAL):
        return "maybe"
    if isinstance(value, Obj) and is_own(value):
        if is_subclass(state, value.cls, described.path):
            return "yes"
        return "maybe" if value.below or "?" in order(state, value.cls) else "no"
    if isinstance(value, Obj):
        ancestry = [found.path for found in state.catalogue.ancestry(value.cls)]
        if described.path in ancestry:
            return "yes"
        below = any(found.path == value.cls for found in state.catalogue.ancestry(described.path))
        return "maybe" if not ancestry or below else "no"
    return "no" if isinstance(value, Func | Bound | Mod | LibMod) and described.path in _CONCRETE else "maybe"
