"""For large programs: the ways back from what a body's nodes hold to where that comes from, written down once (marks.py walks them).

def f(xs, box):
    row = xs[0]         row is a part of xs
    box.rows = row      what is in the field `rows` of a Box, may be row
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from faasify.analysis.bodies import Body
from faasify.analysis.called import Call, sites_of
from faasify.analysis.described import guess, library
from faasify.analysis.hanging import changes_in_place, is_iterator
from faasify.analysis.places import Closure, World
from faasify.analysis.roots import Holds, Place
from faasify.analysis.scopes import Scope

SAME, PART, WITHIN = 0, 1, 2
"""How far from a node one is: the object itself, a part that it came with, anything that is in it."""
_HOWS = 4


@dataclass(slots=True, eq=False)
class Passing:
    """A call of a function of the program, with the marks that its results have: (tag, level)."""

    call: Call
    marks: list[tuple[int, int]]


class Trail:
    """One function or lambda, the class statements in it included."""

    def __init__(self, world: World, body: Body) -> None:
        self.world, self.state, self.body, self.me = world, world.state, body, body.name
        self.back: dict[int, list[int]] = {}  # by node: _HOWS * another + how: what is marked with it
        self.parts: dict[int, list[tuple[int, str]]] = {}  # by node: what it is `whole.name` of, or an element
        self.puts: dict[Place, list[int]] = {}  # 2 * item, + 1 where what is in the item is put there
        self.cells: dict[str, list[int]] = {}  # the same by class or site, whatever the attribute
        self.loose: dict[int, list[int]] = {}  # the same by the node of a container of which no class or site is known
        self.roots: dict[int, Holds] = {}  # by the node of a variable
        self.results: dict[int, list[Passing]] = {}
        self.calls: list[Passing] = []
        self.changes: dict[int, None] = {}  # nodes of what is changed in place here
        self.stored: list[int] = []  # nodes of variables of other scopes that are bound here
        self.rebound: set[str] = set()  # the functions whose variables these are
        self.kept: list[tuple[int, frozenset[str]]] = []  # what is put where, as in `puts`, by cells
        self.given_away: list[tuple[frozenset[int], int, int]] = []  # (cells that a callee puts it into, its node, how)
        self.seen: set[int] = set()  # marks, see marks.py
        self.been: set[tuple[frozenset[Place], int, int]] = set()  # places, with tag and level
        self.own_cells: set[int] = set()  # those of `cells`, by number
        self.entered: dict[int, set[int]] = {}  # by tag: the cells of which anything is meant
        self.looked: dict[int, set[int]] = {}  # by tag: the cells that are looked into
        bodies = [body, *world.class_bodies(body)]
        self._flows(bodies)
        for closure in world.closures(bodies):
            self._closure(closure)
        self._calls(bodies)
        self._changes(bodies)
        self._variables(bodies)

    # -- what described.py tells

    def changed(self, node: int) -> None:
        self.changes[node] = None

    def same(self, node: int, into: int) -> None:
        self._lead(into, node, SAME)

    def taken(self, whole: int, into: int) -> None:
        self._lead(into, whole, WITHIN)

    def part_of(self, whole: int, into: int) -> None:
        self._lead(into, whole, PART)

    def put(self, container: int, item: int, name: str) -> None:
        code = 2 * item + (name == "[:]")
        places = self.world.places(container, "" if name == "[:]" else name)
        for place in sorted(places):
            self._put(place, code)
        if places:
            self.kept.append((code, frozenset(cell for _, cell in places)))
        else:
            self.loose.setdefault(container, []).append(code)

    def _keep(self, place: Place, code: int) -> None:
        self._put(place, code)
        self.kept.append((code, frozenset([place[1]])))

    def _put(self, place: Place, code: int) -> None:
        self.puts.setdefault(place, []).append(code)
        self.cells.setdefault(place[1], []).append(code)

    def _lead(self, node: int, back: int, how: int) -> None:
        self.back.setdefault(node, []).append(_HOWS * back + how)

    def shared(self, node: int) -> tuple[Holds, set[str]]:
        """The variables that other scopes know, whose objects, or parts of them, the node may be inside this body; whose results it is."""
        seen, waiting, found, callees = {node}, [node], 0, set[str]()
        while waiting:
            at = waiting.pop()
            found |= self.roots.get(at, 0)
            callees.update(passing.call.callee.name for passing in self.results.get(at, ()))
            further = [code >> 2 for code in self.back.get(at, ())] + [whole for whole, _ in self.parts.get(at, ())]
            new = [each for each in further if each not in seen]
            seen.update(new)
            waiting += new
        return found & ~self.world.roots.of(self.me), callees

    # -- the body

    def _flows(self, bodies: Iterable[Body]) -> None:
        for body in bodies:
            for source, into in body.copies:
                self._lead(into, source, SAME)
            for whole, part, name in body.parts:
                self.parts.setdefault(part, []).append((whole, name))
            for container, item, name in body.puts:
                self.put(container, item, name)

    def _closure(self, closure: Closure) -> None:
        """A function has what it captures, and its defaults, with it."""
        for where, name in closure.captured:
            self._lead(closure.node, self.state.variable(where, name), PART)
            if where.name != self.me:
                self._plant(where, name)
        for name, default in closure.defaults:
            self._keep((name, closure.name), 2 * default)
            self._lead(closure.node, default, PART)

    def _calls(self, bodies: Iterable[Body]) -> None:
        sites = sites_of(self.world, self.body, bodies)
        for call in sites.calls:
            passing = Passing(call, [])
            self.calls.append(passing)
            for result in call.results:
                self.results.setdefault(result, []).append(passing)
            for place, nodes in call.spread:
                for node in nodes:
                    self._keep(place, 2 * node)
        for where, target, results in sites.libraries:
            library(self.state, self.body, where, target, results, self)
        for where in sites.guesses:
            guess(self.state, self.body, where, self)

    def _changes(self, bodies: Iterable[Body]) -> None:
        for body in bodies:
            self.changes.update(dict.fromkeys(body.changes))
            self.changes.update((node, None) for node in body.iterated if is_iterator(self.state, node))
            for each in body.fields:
                if each.stored or self.world.caches(each.receiver, each.name):
                    self.changes[each.receiver] = None
            self.changes.update((node, None) for node, right, _ in body.rebinds if changes_in_place(self.state, node, right))

    def _variables(self, bodies: Iterable[Body]) -> None:
        for name in self.body.scope.received:
            self._plant(self.body.scope, name)
        for mentioned in (m for body in bodies for m in body.names if not m.stored):
            self._plant(mentioned.scope, mentioned.name)
        for mentioned in (m for m in self.body.names if m.stored):
            self.stored.append(self.state.variable(mentioned.scope, mentioned.name))
            if mentioned.scope.kind in ("function", "lambda"):
                self.rebound.add(mentioned.scope.name)

    def _plant(self, scope: Scope, name: str) -> None:
        variable = self.state.variable(scope, name)
        if self.world.may_change(variable):
            self.roots[variable] = self.roots.get(variable, 0) | self.world.hold(scope.name, name)
