"""From what each body does by itself to what calling it does: along the call graph, recursion as one component.

    main -> save -> open(...)      gives   main: Reached(files, open, owner "app.save", steps (app.save, called at app.py:12))

An effect is certain for a caller only if every call on the way is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from faasify.analysis.direct import Direct, Doing, Edge
from faasify.analysis.roots import Root
from faasify.analysis.scopes import Scopes
from faasify.model.effects import Effect, Step
from faasify.model.lazy import Lazy

_ONE_FOR_ALL = frozenset(["unknown", "undescribed"])  # of these, callers learn one each: there may be thousands


NONE_NAMED: Mapping[str, Set[str]] = MappingProxyType({})
Key = tuple[str, str, str]  # kind, what, detail: effects that agree in them are one


@dataclass(frozen=True)
class Reached:
    """An effect as a caller sees it: where it happens, the call that leads to it, whether it surely happens.

    The way is linked, not copied: `call` leads to the function that has `onward`. A large program has millions of steps.
    """

    doing: Doing
    owner: str
    certain: bool
    file: str  # of the call, or of the effect itself where there is none
    call: Edge | None = None
    onward: Reached | None = None
    depth: int = 0  # calls on the way

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every call on the way, the first one first."""
        found, here = [], self
        while here.call is not None and here.onward is not None:
            found.append(Step(here.call.to, here.file, here.call.line))
            here = here.onward
        return tuple(found)

    @property
    def via(self) -> tuple[str, ...]:
        """The functions on the way, the one that has the effect last."""
        return tuple(step.function for step in self.steps)

    @property
    def source(self) -> str:
        """The file in which the effect is."""
        here = self
        while here.onward is not None:
            here = here.onward
        return here.file

    def effect(self) -> Effect:
        """The same for the report."""
        steps = self.steps
        via = tuple(step.function for step in steps)
        return Effect(self.doing.kind, self.doing.what, self.source, self.doing.line, via, steps, self.doing.detail)


@dataclass
class Whole:
    """What a call of one definition may do, callees included."""

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    mutates: Set[Root] = frozenset()
    passed_on: Set[Root] = frozenset()  # those that the callers change too
    modules: frozenset[str] = frozenset()
    closure: Sequence[str] = ()
    effects: list[Reached] = field(default_factory=list)


def propagate(
    direct: Mapping[str, Direct],
    references: Mapping[str, frozenset[str]],
    scopes: Scopes,
    modules: Mapping[str, Set[str]] = NONE_NAMED,
) -> dict[str, Whole]:
    """`references`: the definitions that each body names, which it needs even where it does not call them; `modules`: of libraries."""
    whole = {name: Whole() for name in direct}
    calls = {name: {edge.to for edge in found.edges} for name, found in direct.items()}
    for component, inner in _components(calls):
        reads = frozenset[str]().union(*(direct[n].reads for n in component), *(whole[n].reads for n in inner))
        writes = frozenset[str]().union(*(direct[n].writes for n in component), *(whole[n].writes for n in inner))
        # what hangs from own parameters is known by now (provenance.py); globals and captured variables are the callers' too
        others = {root for n in component for root in direct[n].mutates if root[0] != n}.union(*(whole[n].passed_on for n in inner))
        for name in component:
            whole[name].reads, whole[name].writes, whole[name].passed_on = reads, writes, others
            whole[name].mutates = direct[name].mutates | others
    needs = {name: calls[name] | references.get(name, frozenset()) for name in direct}
    for component, inner in _components(needs):
        named = frozenset[str]().union(*(modules.get(n, frozenset()) for n in component), *(whole[n].modules for n in inner))
        for name in component:
            whole[name].modules = named
            whole[name].closure = Lazy(partial(_reached, needs, name))
    _effects(direct, whole, {name: definition.file for name, definition in scopes.definitions.items()})
    return whole


def _reached(needs: Mapping[str, Set[str]], start: str) -> tuple[str, ...]:
    """All that `start` leads to, itself included, in alphabetical order."""
    found, waiting = {start}, [start]
    while waiting:
        new = {name for name in needs[waiting.pop()] if name in needs and name not in found}
        found |= new
        waiting += new
    return tuple(sorted(found))


def _components(edges: Mapping[str, set[str]]) -> Iterator[tuple[list[str], set[str]]]:
    """Strongly connected components, callees first, each with the names outside it that it leads to."""
    import networkx  # imported here: it takes longer to load than a small program to analyse

    graph: Any = networkx.DiGraph()
    graph.add_nodes_from(edges)
    graph.add_edges_from((name, to) for name, targets in edges.items() for to in targets if to in edges)
    for component in networkx.strongly_connected_components(graph):  # in reverse topological order
        yield sorted(component), {to for name in component for to in graph.successors(name)} - component


def _effects(direct: Mapping[str, Direct], whole: Mapping[str, Whole], files: Mapping[str, str]) -> None:
    """Each effect spreads to callers breadth first, so that its way is a shortest one; certain ways first."""
    callers = _callers(direct)
    known: dict[str, dict[Key, Reached]] = {name: {} for name in direct}
    for certain in (True, False):
        queue: deque[tuple[str, Reached]] = deque()
        for name, found in direct.items():
            for doing in found.effects:
                if doing.certain == certain and _own_key(doing) not in known[name]:
                    known[name][_own_key(doing)] = reached = Reached(doing, name, certain, files[name])
                    queue.append((name, reached))
            if not certain:  # what is certain for the callee, but the call is not
                queue.extend((name, r) for r in list(known[name].values()) if r.certain)
        while queue:
            callee, reached = queue.popleft()
            key, own_key = _key(reached.doing), _own_key(reached.doing)
            for caller, edge in callers.get(callee, ()):
                sure = reached.certain and edge.certain
                if sure == certain and key not in known[caller] and own_key not in known[caller]:
                    known[caller][key] = passed = Reached(
                        reached.doing, reached.owner, sure, files[caller], edge, reached, reached.depth + 1
                    )
                    queue.append((caller, passed))
    for name, effects in known.items():
        whole[name].effects = sorted(effects.values(), key=lambda r: (r.depth, r.doing.line))


def _own_key(doing: Doing) -> Key:
    return (doing.kind, doing.what, doing.detail)


def _key(doing: Doing) -> Key:
    return (doing.kind, "", "") if doing.kind in _ONE_FOR_ALL else _own_key(doing)


def _callers(direct: Mapping[str, Direct]) -> dict[str, list[tuple[str, Edge]]]:
    found: dict[str, list[tuple[str, Edge]]] = {}
    for name, body in direct.items():
        for edge in body.edges:
            found.setdefault(edge.to, []).append((name, edge))
    return found
