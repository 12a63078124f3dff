"""Program to Analysis: what calls what, what each function does, and its verdict. Nothing of the program is imported or run.

    def fib(n):                          app.fib   travels
        return n if n < 2 else fib(n - 1) + fib(n - 2)
    def save(path, x):                   app.save  stays   FILES  app.py:4
        open(path, "w").write(str(x))

The stages, one module each: scopes (names) -> flow (values, call targets) -> direct (what one body does) -> propagate (callees
included) -> verdicts. What libraries do is read from `rules/effects/*.pyi`.
"""

from __future__ import annotations

import ast
import gc
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from faasify.analysis.direct import Direct, direct_effects
from faasify.analysis.flow import solve
from faasify.analysis.library import Catalogue
from faasify.analysis.members import is_subclass, order
from faasify.analysis.mentions import imported_libraries, library_objects, mentions, modules_of
from faasify.analysis.propagate import Whole, propagate
from faasify.analysis.provenance import summarise
from faasify.analysis.roots import Root
from faasify.analysis.scopes import build_scopes
from faasify.analysis.state import State
from faasify.analysis.values import Cls, Func, Value
from faasify.analysis.verdicts import Judge
from faasify.analysis.vocabulary import KINDS
from faasify.errors import UsageError
from faasify.model.callgraph import CallGraph, Definition
from faasify.model.effects import Analysis, FunctionFacts
from faasify.model.lazy import Lazy
from faasify.model.program import Program

__all__ = ["FUNCTION_KINDS", "analyse"]

FUNCTION_KINDS = ("function", "generator", "coroutine", "async_generator")
_RECURSION_LIMIT = 20_000  # an expression may be nested as deep as CPython's parser allows


def analyse(program: Program, *, rules: Sequence[Path] = (), allow: frozenset[str] = frozenset()) -> Analysis:
    """Everything later stages need to know. `rules`: the user's folders of effect stubs; `allow`: kinds of effects that may travel.

    Raises StubError for a rule file that means nothing, UsageError for an unknown kind in `allow`.
    """
    for kind in sorted(allow - KINDS.keys()):
        raise UsageError(
            f"there is no effect {kind} to allow", hint=f"choose from {', '.join(k.name for k in KINDS.values() if k.fate == 'stays')}"
        )
    with _undisturbed():
        state = solve(program, build_scopes(program), Catalogue.default(rules))
        summaries = summarise(state)
        direct = {name: direct_effects(state, state.bodies[name], summaries.get(name)) for name in state.scopes.definitions}
        members = _members(state)
        mentioned = mentions(state)
        modules = {name: modules_of(values) for name, values in mentioned.items()}
        whole = propagate(direct, {name: _references(state, name, mentioned, members) for name in direct}, state.scopes, modules)
        return _analysis(state, direct, whole, allow)


def _analysis(state: State, direct: dict[str, Direct], whole: dict[str, Whole], allow: frozenset[str]) -> Analysis:
    definitions = state.scopes.definitions
    judge = Judge(
        state.program,
        {name: definition.file for name, definition in definitions.items()},
        frozenset(name for name, d in definitions.items() if d.kind == "class" and is_subclass(state, name, "builtins:type")),
        allow,
    )
    return Analysis(
        program=state.program,
        callgraph=CallGraph(definitions, {name: tuple(found.calls) for name, found in direct.items()}),
        functions={
            name: _facts(state, definition, whole[name], judge)
            for name, definition in definitions.items()
            if definition.kind in FUNCTION_KINDS
        },
        imports=imported_libraries(state),
        library=library_objects(state),
    )


def _facts(state: State, definition: Definition, whole: Whole, judge: Judge) -> FunctionFacts:
    name = definition.name
    changed = tuple(sorted({shown for root in whole.mutates if (shown := _shown(state, name, root))}))
    suspends = definition.kind != "coroutine" or _awaits(state.scopes.by_name[name].node)
    verdict, reasons = judge.verdict(definition, whole, (*sorted(whole.writes), *changed), suspends=suspends)
    return FunctionFacts(
        name=name,
        verdict=verdict,
        reasons=reasons,
        reads=tuple(sorted(whole.reads)),
        writes=tuple(sorted(whole.writes)),
        mutates=changed,
        effects=Lazy(lambda: tuple(reached.effect() for reached in whole.effects)),
        imports=tuple(sorted(whole.modules)),
        closure=whole.closure,
    )


def _awaits(node: ast.AST) -> bool:
    """Whether a coroutine function may wait for something; what is defined in it counts as well."""
    parts = list(ast.walk(node))
    comprehensions = any(isinstance(part, ast.comprehension) and part.is_async for part in parts)
    return comprehensions or any(isinstance(part, ast.Await | ast.AsyncFor | ast.AsyncWith) for part in parts)


def _shown(state: State, function: str, root: Root) -> str | None:
    """A root as the report names it: a parameter or captured variable by its name, a global with its module; own locals not at all."""
    scope_name, name = root
    owner, own = state.scopes.by_name[scope_name], state.scopes.by_name[function]
    if owner.kind == "module":
        return f"{owner.module}.{name}"
    if owner is own:
        return name if name in own.params else None
    around = own.parent
    while around is not None and around is not owner:
        around = around.parent
    return name if around is owner and owner.kind != "class" else None


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
def _undisturbed() -> Iterator[None]:
    """Room for deep expressions; and no collection of cycles, which would look at millions of live objects again and again."""
    before, collects = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(before, _RECURSION_LIMIT))
    gc.disable()
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
        if collects:
            gc.enable()
