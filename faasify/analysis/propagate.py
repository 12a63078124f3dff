"""From what each body does by itself to what calling it does: along the call graph, recursion as one component.

    main -> save -> open(...)      gives   main: Reached(files, open, owner "app.save", steps (app.save, called at app.py:12))

An effect is certain for a caller only if every call on the way is. Of effects that a program may have by the thousand, callers learn the
nearest one. In a large program (state.py) that is so for every kind of effect, except for those that name a file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from faasify.analysis.components import components
from faasify.analysis.direct import Direct, Doing, Edge
from faasify.analysis.roots import Holds, Roots
from faasify.model.effects import Effect, Step
from faasify.model.lazy import Lazy

_ONE_FOR_ALL = frozenset(["unknown", "undescribed"])  # of these, callers learn one each: there may be thousands


NONE_NAMED: Mapping[str, Set[str]] = MappingProxyType({})
T = TypeVar("T")
Key = tuple[str, str, str]  # kind, what, detail: effects that agree in them are one


@dataclass(slots=True, eq=False)
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
    _step: Step | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every call on the way, the first one first."""
        found, here = [], self
        while here.call is not None and here.onward is not None:
            here._step = here._step or Step(here.call.to, here.file, here.call.line)
            found.append(here._step)
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


@dataclass(slots=True)
class Whole:
    """What a call of one definition may do, callees included. Functions that lead to the same have the same set, not an equal one."""

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    changes: Holds = 0  # what hangs from its own parameters, by itself or by callees (provenance.py)
    passed_on: Holds = 0  # globals and captured variables that are changed in place, by callees too
    modules: frozenset[str] = frozenset()
    closure: Sequence[str] = ()
    effects: list[Reached] = field(default_factory=list)


def propagate(
    direct: Mapping[str, Direct],
    references: Mapping[str, frozenset[str]],
    files: Mapping[str, str],
    roots: Roots,
    modules: Mapping[str, Set[str]] = NONE_NAMED,
    *,
    large: bool = False,
) -> dict[str, Whole]:
    """All by definition. `references`: the definitions that a body names, which it needs even where it does not call them; `files`: where
    it stands; `modules`: of libraries."""
    whole = {name: Whole() for name in direct}
    calls = {name: {edge.to for edge in found.edges} for name, found in direct.items()}
    for component, inner in components(calls):
        reads = united([*(direct[n].reads for n in component), *(whole[n].reads for n in inner)])
        writes = united([*(direct[n].writes for n in component), *(whole[n].writes for n in inner)])
        passed_on = 0
        for name in component:
            passed_on |= direct[name].mutates & ~roots.of(name)
        for name in inner:
            passed_on |= whole[name].passed_on
        for name in component:
            each = whole[name]
            each.reads, each.writes, each.passed_on = reads, writes, passed_on
            each.changes = direct[name].mutates & roots.of(name)
    needs = {name: calls[name] | references.get(name, frozenset()) for name in direct}
    for component, inner in components(needs):
        named = united([*(modules.get(n, frozenset()) for n in component), *(whole[n].modules for n in inner)])
        for name in component:
            whole[name].modules = named
            whole[name].closure = Lazy(partial(_reached, needs, name, references))
    for name, effects in _effects(direct, files, large=large).items():
        whole[name].effects = effects
    return whole


def united(sets: Iterable[Set[T]]) -> frozenset[T]:
    """The union; the largest set itself where that has everything, as it mostly has: half of a large program leads to the same."""
    distinct = {id(each): each for each in sets if each}
    if not distinct:
        return frozenset()
    largest = max(distinct.values(), key=len)
    missing = [each for each in distinct.values() if not each <= largest]
    return frozenset(largest).union(*missing) if missing else frozenset(largest)


def _reached(needs: Mapping[str, Set[str]], start: str, definitions: Container[str]) -> tuple[str, ...]:
    """The definitions that `start` leads to, itself included, in alphabetical order."""
    found, waiting = {start}, [start]
    while waiting:
        new = {name for name in needs[waiting.pop()] if name in needs and name not in found}
        found |= new
        waiting += new
    return tuple(sorted(name for name in found if name in definitions))


def _effects(direct: Mapping[str, Direct], files: Mapping[str, str], *, large: bool) -> dict[str, list[Reached]]:
    """Each effect spreads to callers breadth first, so that its way is a shortest one; certain ways first."""
    callers = _callers(direct)
    numbers: dict[Key, int] = {}  # a number is looked up faster than three strings, and a large program has millions to look up
    keys: dict[int, tuple[int, int]] = {}  # by the identity of an effect of a body: under which number that body knows it, and its callers
    for doing in (doing for found in direct.values() for doing in found.effects):
        own_key = _own_key(doing)
        kept_as = _kept_as(doing, own_key, large=large)
        keys[id(doing)] = numbers.setdefault(own_key, len(numbers)), numbers.setdefault(kept_as, len(numbers))
    known: dict[str, dict[int, Reached]] = {name: {} for name in direct}
    for certain in (True, False):
        queue: deque[tuple[str, Reached]] = deque()
        for name, found in direct.items():
            for doing in found.effects:
                if doing.certain == certain and (own := keys[id(doing)][0]) not in known[name]:
                    known[name][own] = reached = Reached(doing, name, certain, files[name])
                    queue.append((name, reached))
            if not certain:  # what is certain for the callee, but the call is not
                queue.extend((name, r) for r in list(known[name].values()) if r.certain)
        while queue:
            callee, reached = queue.popleft()
            own, kept = keys[id(reached.doing)]
            for caller, edge in callers.get(callee, ()):
                effects = known[caller]
                if kept not in effects and own not in effects and (reached.certain and edge.certain) == certain:
                    passed = Reached(reached.doing, reached.owner, certain, files[caller], edge, reached, reached.depth + 1)
                    effects[kept] = passed
                    queue.append((caller, passed))
    return {name: sorted(effects.values(), key=lambda r: (r.depth, r.doing.line)) for name, effects in known.items()}


def _own_key(doing: Doing) -> Key:
    return (doing.kind, doing.what, doing.detail)


def _kept_as(doing: Doing, own_key: Key, *, large: bool) -> Key:
    """Effects that agree in this are one for callers."""
    one_for_all = doing.kind in _ONE_FOR_ALL or (large and not doing.detail)
    return (doing.kind, "", "") if one_for_all else own_key


def _callers(direct: Mapping[str, Direct]) -> dict[str, list[tuple[str, Edge]]]:
    """By callee; of the calls of one caller the first one that is certain, and the first one that is not."""
    found: dict[str, list[tuple[str, Edge]]] = {}
    for name, body in direct.items():
        seen: set[tuple[str, bool]] = set()
        for edge in body.edges:
            if (edge.to, edge.certain) not in seen:
                seen.add((edge.to, edge.certain))
                found.setdefault(edge.to, []).append((name, edge))
    return found
