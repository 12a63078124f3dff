"""The default selection: the functions at which a program crosses from what stays to what travels.

    main()  (stays)  ->  report()  (travels)  ->  fib()  (travels) -> fib()        frontier: report

A function is on the frontier if it is called from code that stays, from the body of a module or class, from a *guarded* function (whose
call may turn out to run here), or from where nobody can see: because its name is used as a value, or because nothing calls it by name. So
is one that a loop calls whose next calls can be told: where the loop runs here, they run side by side. Everything else is only called from
inside units, and goes inside with them.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set

from faasify.frontend.loops import loops
from faasify.model.effects import Analysis
from faasify.model.program import Module


def frontier(analysis: Analysis, candidates: Set[str]) -> set[str]:
    """Those of `candidates` that something else than a travelling candidate may call."""
    inner = {name for name in candidates if analysis.functions[name].verdict == "travels"}
    callers = _callers(analysis)
    escaping = _escaping(analysis) | _in_loops(analysis, candidates)
    entries = set()
    for name in candidates:
        others = callers[name] - {name}
        if not others or not others <= inner or name.rpartition(".")[2] in escaping:
            entries.add(name)
    return entries | _unreached(analysis, candidates, entries)


def _callers(analysis: Analysis) -> dict[str, set[str]]:
    callers: dict[str, set[str]] = defaultdict(set)
    for caller, calls in analysis.callgraph.calls.items():
        for call in calls:
            if call.to is not None:
                callers[call.to].add(caller)
    return callers


def _escaping(analysis: Analysis) -> set[str]:
    """Bare names of functions that the program mentions other than by calling them where the call resolves.

    Names, not functions: `table = {"a": obj.step}` lets every function named `step` escape. Too many stubs do no harm; inside a unit
    they are the functions themselves.
    """
    resolved: dict[str, set[tuple[int, str]]] = defaultdict(set)
    definitions = analysis.callgraph.definitions
    for caller, calls in analysis.callgraph.calls.items():
        owner = definitions[caller].module if caller in definitions else ""
        resolved[owner] |= {(call.line, call.to.rpartition(".")[2]) for call in calls if call.to}
    escaping: set[str] = set()
    for name, module in analysis.program.modules.items():
        escaping |= set(_mentioned(module, resolved[name]))
    return escaping


def _in_loops(analysis: Analysis, candidates: Set[str]) -> set[str]:
    """Bare names, likewise, of functions that are called in loops."""
    names = {name.rpartition(".")[2] for name in candidates}
    return {plan["of"] for module in analysis.program.modules.values() for plan in loops(module.tree, names)}


def _mentioned(module: Module, resolved: Set[tuple[int, str]]) -> Iterator[str]:
    called = {id(node.func) for node in ast.walk(module.tree) if isinstance(node, ast.Call)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            bare = node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            bare = node.attr
        else:
            continue
        if id(node) not in called or (node.lineno, bare) not in resolved:
            yield bare


def _unreached(analysis: Analysis, candidates: Set[str], entries: Set[str]) -> set[str]:
    """Candidates that no entry reaches: functions that only call each other."""
    calls: Mapping[str, tuple[str, ...]] = {name: analysis.callgraph.callees(name) for name in analysis.callgraph.definitions}
    reached: set[str] = set()
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(calls.get(name, ()))
    return set(candidates) - reached
