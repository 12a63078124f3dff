"""What was claimed against what happened, for one program.

Verdict(misses=[Miss("app.f", "mutates", "app.XS")], ...)    f changed XS, and no claim of f covers it
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from faasify.model.effects import Analysis, FunctionFacts
from tests.analysis.effects.observer import FunctionNode, Key, Seen

_LINE = re.compile(r"@\d+(\.\d+)?")
UNKNOWN = frozenset(["unknown", "undescribed", "namespace"])  # the last: names that analysis cannot see


@dataclass(frozen=True)
class Miss:
    """Something that happened and was not foreseen; `what` of a mutation lists every variable that the changed object hung from."""

    function: str
    field: str
    what: str


@dataclass
class Comparison:
    functions: int = 0  # that were called
    unknown: int = 0  # of these: with an explicit unknown
    excused: int = 0  # misses in functions with an explicit unknown
    claims: Counter[str] = field(default_factory=Counter)  # by field; effects by kind
    idle: Counter[str] = field(default_factory=Counter)  # of these: never happened
    misses: list[Miss] = field(default_factory=list)
    idle_claims: list[Miss] = field(default_factory=list)

    def add(self, other: Comparison) -> None:
        self.functions += other.functions
        self.unknown += other.unknown
        self.excused += other.excused
        self.claims += other.claims
        self.idle += other.idle
        self.misses += other.misses
        self.idle_claims += other.idle_claims


def compare(analysis: Analysis, observed: Mapping[Key, Seen], functions: Mapping[str, list[FunctionNode]]) -> Comparison:
    """Every function that was called; the others say nothing."""
    result = Comparison()
    names = _names(analysis, functions)
    for key, seen in observed.items():
        facts = analysis.functions.get(names.get(key, ""))
        if facts is None:
            result.misses.append(Miss(f"{key[0]}.{key[2]}", "function", "is called, and not known"))
            continue
        result.functions += 1
        _judge(facts, seen, result)
    return result


def _names(analysis: Analysis, functions: Mapping[str, list[FunctionNode]]) -> dict[Key, str]:
    """A function as the run knows it -> its name in the analysis."""
    by_line = {
        (d.module, d.line, d.qualname.rpartition(".")[2].partition("@")[0]): name for name, d in analysis.callgraph.definitions.items()
    }
    found: dict[Key, str] = {}
    for module, nodes in functions.items():
        for node in nodes:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            name = by_line.get((module, node.lineno, node.name)) or by_line.get((module, first, node.name))
            if name is not None:
                found[module, first, node.name] = name
    return found


def _unnumbered(names: Iterable[str]) -> set[str]:
    """Two definitions of one name are told apart by their lines in the analysis alone."""
    return {name if "@" not in name else _LINE.sub("", name) for name in names}


def _judge(facts: FunctionFacts, seen: Seen, result: Comparison) -> None:
    kinds = {effect.kind for effect in facts.effects}
    misses = [
        *(Miss(facts.name, "reads", name) for name in seen.reads - _unnumbered(facts.reads)),
        *(Miss(facts.name, "writes", name) for name in seen.writes - _unnumbered(facts.writes)),
        *(Miss(facts.name, "effects", kind) for kind in seen.effects - kinds),
        *(Miss(facts.name, "mutates", " or ".join(sorted(roots))) for roots in seen.mutated if not _covered(roots, facts)),
    ]
    if kinds & UNKNOWN:
        result.unknown += 1
        result.excused += len(misses)
    else:
        result.misses += misses
    happened = {
        "reads": seen.reads,
        "writes": seen.writes | seen.mutated_roots(),
        "mutates": seen.mutated_roots() | seen.cells | seen.writes,
    }
    for what, names in happened.items():
        claimed = _unnumbered(getattr(facts, what))
        _count(result, facts.name, what, what, claimed, {c for c in claimed if _happened(c, names)})
    for kind in kinds - UNKNOWN:
        _count(result, facts.name, "effects", kind, {kind}, {kind} & seen.effects)


def _covered(roots: frozenset[str], facts: FunctionFacts) -> bool:
    """A claim may name the variable, or more exactly an attribute of it (`app.C.made`); a class attribute that is set counts as written."""
    return any(
        claim == root or claim.startswith(root + ".")
        for root in roots
        for claim in (*facts.mutates, *facts.writes)
        if claim == root or "." in root
    )


def _happened(claim: str, names: Iterable[str]) -> bool:
    return any(claim == name or ("." in name and claim.startswith(name + ".")) for name in names)


def _count(result: Comparison, function: str, what: str, kind: str, claimed: set[str], happened: set[str]) -> None:
    label = what if what == kind else f"{what} {kind}"
    result.claims[label] += len(claimed)
    result.idle[label] += len(claimed) - len(happened)
    result.idle_claims += [Miss(function, what, name) for name in sorted(claimed - happened)]
