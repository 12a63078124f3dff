"""Program to Analysis: what calls what, what each function does, and its verdict. Nothing of the program is imported or run.

    def fib(n):                          app.fib   travels
        return n if n < 2 else fib(n - 1) + fib(n - 2)
    def save(path, x):                   app.save  stays   FILES  app.py:4
        open(path, "w").write(str(x))

The stages, one module each: scoping (names) -> flow (values, call targets) -> direct (what one body does) -> propagate (callees
included) -> verdicts -> facts. What libraries do is read from `rules/effects/*.pyi`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from faasify.analysis import loaded
from faasify.analysis.bodies import Body
from faasify.analysis.direct import Direct, direct_effects
from faasify.analysis.facts import Facts
from faasify.analysis.flow import solve
from faasify.analysis.graph import TooMuchToLearn
from faasify.analysis.implicit_unknowns import ImplicitUnknowns
from faasify.analysis.library import Catalogue
from faasify.analysis.mentions import imported_libraries, library_objects, mentions, modules_of
from faasify.analysis.mro import is_subclass, order
from faasify.analysis.propagate import propagate
from faasify.analysis.provenance import summarise
from faasify.analysis.roots import Roots
from faasify.analysis.scoping import build_scopes
from faasify.analysis.state import State
from faasify.analysis.values import Cls, Func, Value
from faasify.analysis.verdicts import Judge
from faasify.analysis.vocabulary import KINDS
from faasify.errors import UsageError
from faasify.frontend.collection import put_off
from faasify.model.callgraph import Call, CallGraph, Definition
from faasify.model.effects import Analysis
from faasify.model.program import Program

__all__ = ["FUNCTION_KINDS", "analyse"]

FUNCTION_KINDS = ("function", "generator", "coroutine", "async_generator")
_RECURSION_LIMIT = 20_000  # an expression may be nested as deep as CPython's parser allows


def analyse(program: Program, *, rules: Sequence[Path] = (), allow: frozenset[str] = frozenset(), coarse: bool | None = None) -> Analysis:
    """Everything later stages need to know. `rules`: the user's folders of effect stubs; `allow`: kinds of effects that may travel;
    `coarse`: whether little is told apart, as in a large program, so that the work stays in proportion (None: by the number of lines,
    and by the work where all hangs together).

    Raises StubError for a rule file that means nothing, UsageError for an unknown kind in `allow`.
    """
    for kind in sorted(allow - KINDS.keys()):
        raise UsageError(
            f"there is no effect {kind} to allow", hint=f"choose from {', '.join(k.name for k in KINDS.values() if k.fate == 'stays')}"
        )
    with put_off(), _room_for_depth():
        known = _learn(program, rules, coarse)
        definitions = known.definitions
        files = {name: definition.file for name, definition in definitions.items()}
        files |= {scope: files[maker] for scope, maker in known.deferred.items()}
        whole = propagate(known.direct, known.references, files, known.roots, known.modules, large=known.large)
        graph = CallGraph(definitions, {name: _calls(known, name) for name in definitions})
        judge = Judge(program, files, known.metaclasses, known.suspending, allow, loaded.places(program, graph))
        facts = Facts(definitions, known.roots, judge)
        return Analysis(
            program=program,
            callgraph=graph,
            functions={
                name: facts.of(definition, known.params[name], whole[name])
                for name, definition in definitions.items()
                if definition.kind in FUNCTION_KINDS
            },
            imports=known.imports,
            library=known.library,
            coarse=known.large,
        )


@dataclass(frozen=True)
class _Known:
    """What is left of the value flow, by definition: all else, gigabytes for a large program, is gone before the next stage begins."""

    definitions: Mapping[str, Definition]
    params: Mapping[str, tuple[str, ...]]
    direct: Mapping[str, Direct]  # of generator expressions that others go through, too
    deferred: Mapping[str, str]  # these, with the bodies that make them
    references: Mapping[str, frozenset[str]]
    modules: Mapping[str, Set[str]]  # of libraries
    implicit: Mapping[str, Sequence[Call]]  # that nothing resolves
    metaclasses: frozenset[str]
    suspending: frozenset[str]
    imports: tuple[str, ...]
    library: tuple[str, ...]
    roots: Roots
    large: bool


def _learn(program: Program, rules: Sequence[Path], coarse: bool | None) -> _Known:
    try:
        state = solve(program, build_scopes(program), Catalogue.default(rules), coarse=coarse)
    except TooMuchToLearn:
        state = solve(program, build_scopes(program), Catalogue.default(rules), coarse=True)
    roots, changed = summarise(state)
    definitions = state.scopes.definitions
    members = _members(state)
    mentioned = mentions(state)
    direct = {name: direct_effects(state, body, roots, changed.get(name, 0)) for name, body in _bodies(state).items()}
    implicit = ImplicitUnknowns(state)
    return _Known(
        definitions=definitions,
        params={name: state.scopes.by_name[name].params for name in definitions},
        direct=direct,
        deferred=dict(state.deferred_from),
        references={name: _references(state, name, mentioned, members) for name in definitions},
        modules={name: modules_of(values) for name, values in mentioned.items()},
        implicit={name: implicit.of(state.bodies[name], direct[name].calls) for name in definitions},
        metaclasses=frozenset(name for name, d in definitions.items() if d.kind == "class" and is_subclass(state, name, "builtins:type")),
        suspending=frozenset(name for name, d in definitions.items() if _suspends(d, state.scopes.by_name[name].node)),
        imports=imported_libraries(state),
        library=library_objects(state, mentioned),
        roots=roots,
        large=state.large,
    )


def _calls(known: _Known, name: str) -> tuple[Call, ...]:
    return tuple(sorted([*known.direct[name].calls, *known.implicit[name]], key=lambda call: call.line))


def _bodies(state: State) -> dict[str, Body]:
    found = {name: state.bodies[name] for name in state.scopes.definitions}
    for scope, maker in state.deferred_from.items():
        found[scope] = state.bodies[maker].part(state.bodies[maker].deferred[scope])
    return found


def _suspends(definition: Definition, node: ast.AST) -> bool:
    """Whether its calls may be left and entered again before their end. What is defined in a coroutine function counts as well."""
    if definition.kind != "coroutine":
        return definition.kind == "generator"
    parts = list(ast.walk(node))
    comprehensions = any(isinstance(part, ast.comprehension) and part.is_async for part in parts)
    return comprehensions or any(isinstance(part, ast.Await | ast.AsyncFor | ast.AsyncWith) for part in parts)


def _members(state: State) -> dict[str, list[str]]:
    """The definitions in each class body."""
    found: dict[str, list[str]] = {}
    for definition in state.scopes.definitions.values():
        if definition.parent is not None:
            found.setdefault(definition.parent, []).append(definition.name)
    return found


def _references(state: State, body: str, mentioned: Mapping[str, frozenset[Value]], members: Mapping[str, list[str]]) -> frozenset[str]:
    """The definitions that a body needs: those it names, a class with its methods and bases, the classes around a method's `self`."""
    found = {value.name for value in mentioned[body] if isinstance(value, Func | Cls)}
    definition = state.scopes.definitions[body]
    if definition.kind == "class":
        found.update(members.get(body, ()))
        found.update(base for base in order(state, body) if base in state.scopes.definitions)
    return frozenset(found)


@contextmanager
def _room_for_depth() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
