"""What a picture of an analysis shows: a box for every function, lambda and module body, an edge for every call between them.

A program with more than LIMIT of them is shown by its modules: nobody can read more boxes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from faasify.analysis.export import by_module, edges, short
from faasify.model.effects import Analysis, FunctionFacts, VerdictKind
from faasify.report.chains import chain
from faasify.report.verdicts import state
from faasify.report.words import counted

LIMIT = 1000


@dataclass(frozen=True)
class Node:
    name: str
    label: str
    module: str
    verdict: VerdictKind | None  # None: no function
    tooltip: str


@dataclass(frozen=True)
class Picture:
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]
    note: str = ""


def picture(analysis: Analysis, *, limit: int = LIMIT) -> Picture:
    """Everything, or the modules of a large program."""
    nodes = tuple(_node(analysis, module, name) for module, names in by_module(analysis).items() for name in names)
    known = {node.name for node in nodes}
    calls = tuple((a, b) for a, b in edges(analysis) if a in known and b in known)
    functions = counted(len(analysis.functions), "function")
    title = f"{analysis.program.target}: {functions}, {counted(len(calls), 'call')} between them"
    if len(nodes) <= limit:
        return Picture(title, nodes, calls)
    note = f"{functions} are too many for a picture: these are the modules"
    return Picture(title, tuple(_modules(nodes)), _between(nodes, calls), note)


def _node(analysis: Analysis, module: str, name: str) -> Node:
    facts = analysis.functions.get(name)
    definition = analysis.callgraph.definitions[name]
    head = f"{name}\n{definition.file}:{definition.line}"
    if facts is None:
        return Node(name, short(analysis, name), module, None, head)
    return Node(name, short(analysis, name), module, facts.verdict, "\n".join([head, *told(analysis, facts)]))


def told(analysis: Analysis, facts: FunctionFacts) -> list[str]:
    """The verdict, and a line for each reason."""
    verdict = "travels, guarded" if facts.verdict == "guarded" else facts.verdict
    return [verdict, *(f"{reason.code}: {chain(analysis, facts, reason)}" for reason in facts.reasons), *state(analysis, facts)]


def _modules(nodes: Iterable[Node]) -> Iterable[Node]:
    members: dict[str, list[Node]] = {}
    for node in nodes:
        members.setdefault(node.module, []).append(node)
    for module, inside in members.items():
        counts = {verdict: sum(node.verdict == verdict for node in inside) for verdict in ("travels", "guarded", "stays")}
        told = ", ".join(f"{count} {'travel' if verdict == 'travels' else verdict}" for verdict, count in counts.items() if count)
        yield Node(module, f"{module} ({len(inside) - 1})", module, None, f"{module}\n{told or 'no functions'}")


def _between(nodes: Iterable[Node], calls: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    home = {node.name: node.module for node in nodes}
    return tuple(dict.fromkeys((home[a], home[b]) for a, b in calls if home[a] != home[b]))
