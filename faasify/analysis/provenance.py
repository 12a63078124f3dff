"""Which variables a body's values hang from: what is changed when an object is changed in place, calls included.

def f(xs, n):
    for row in xs:      row hangs from xs
        row[0] = n      f changes xs
def g(table):
    f(table["rows"], 1) g changes table
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from faasify.analysis.bodies import Body
from faasify.analysis.hanging import Hanging
from faasify.analysis.marks import Marks
from faasify.analysis.places import World
from faasify.analysis.roots import Holds, Roots, Summary
from faasify.analysis.state import State
from faasify.analysis.trails import Trail

_MANY = 8_000  # calls: with more of them, the way is gone back from what is changed instead (marks.py)
_MUCH = 150_000  # steps (World.steps), a second or so: with more of them as well. Bodies that call each other in circles take so many
_ROUNDS = 8  # evaluations of one body; where recursion needs more of them, the way is gone back as well


def summarise(state: State) -> tuple[Roots, dict[str, Holds]]:
    """By function or lambda: the variables whose objects a call of it may change in place, as numbered by the Roots."""
    world = _world(state)
    edges = sum(map(len, world.callees.values()))
    if state.large or edges > _MANY or not _settled(world):
        return _by_marks(_world(state))
    changed = {name: summary.changes for name, summary in world.summaries.items()}
    return world.roots, changed | {scope: _deferred(world, scope, state.bodies[maker]) for scope, maker in state.deferred_from.items()}


def _world(state: State) -> World:
    """With an empty summary of each function."""
    found = {name: Summary() for name, body in state.bodies.items() if body.scope.kind in ("function", "lambda")}
    world = World(state, found, rounds=_ROUNDS)
    world.callees = {name: _targets(state, name, found) for name in found}
    return world


def _by_marks(world: World) -> tuple[Roots, dict[str, Holds]]:
    state = world.state
    changed = Marks(world, {name: Trail(world, state.bodies[name]) for name in world.summaries}).run()
    deferred = {scope: changed.get(maker, 0) for scope, maker in state.deferred_from.items()}
    return world.roots, changed | {scope: world.roots.known_to_all(holds) for scope, holds in deferred.items()}


def _settled(world: World) -> bool:
    """Work all bodies out, again where callees have become known to do more; whether that came to an end before it was too much."""
    found = world.summaries
    callers: dict[str, dict[str, None]] = {}
    for name, callees in world.callees.items():
        for to in callees:
            callers.setdefault(to, {})[name] = None
    queue = deque(_callees_first(world))
    queued, rounds = set(queue), dict.fromkeys(found, 0)
    while queue and world.steps <= _MUCH:
        name = queue.popleft()
        queued.discard(name)
        rounds[name] += 1
        before = found[name].size()
        Hanging(world, world.state.bodies[name]).run()
        if world.unsettled:
            return False
        stale = [*callers.get(name, ()), *world.take_stale()] if found[name].size() > before else world.take_stale()
        again = [c for c in dict.fromkeys(stale) if c not in queued]
        if any(rounds[c] >= world.rounds for c in again):
            return False
        queue.extend(again)
        queued.update(again)
    return not queue


def _deferred(world: World, scope: str, maker: Body) -> Holds:
    """What a generator expression changes, as others who go through it may know it: what is in it hangs from it for them."""
    own = Summary()
    Hanging(world, maker.part(maker.deferred[scope]), own).run()
    return world.roots.known_to_all(own.changes)


def _callees_first(world: World) -> Iterator[str]:
    seen: set[str] = set()
    for start in world.callees:
        if start in seen:
            continue
        seen.add(start)
        stack = [(start, iter(world.callees[start]))]
        while stack:
            name, rest = stack[-1]
            for to in rest:
                if to not in seen:
                    seen.add(to)
                    stack.append((to, iter(world.callees[to])))
                    break
            else:
                stack.pop()
                yield name


def _targets(state: State, name: str, known: dict[str, Summary]) -> list[str]:
    """Whom a body calls, class statements in it included."""
    body = state.bodies[name]
    found = [t.to for site in body.sites.values() for t in site.targets if t.to in known]
    for inner, _ in body.classes:
        found += _targets(state, inner, known)
    return found
