"""What hangs from what inside one body: forward along its copies, parts and what it puts into containers and fields.

def f(xs, n):
    for row in xs:      row hangs from xs, in part
        row[0] = n      f changes xs
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from faasify.analysis.bodies import Body
from faasify.analysis.called import Callees
from faasify.analysis.places import Closure, World
from faasify.analysis.roots import NO_HOLDS, Hold, Place
from faasify.analysis.scopes import Scope
from faasify.analysis.values import Mod, Obj

_PLACES = 400  # where one object may be put; beyond that, analysis has lost sight of it anyway
_IN_PLACE = frozenset(
    ["builtins:list", "builtins:set", "builtins:bytearray", "builtins:dict", "collections:deque", "collections:Counter", "array:array"]
)


class Hanging:
    """Works one body out, given what is known of its callees."""

    def __init__(self, world: World, body: Body) -> None:
        self.world, self.state, self.body, self.me = world, world.state, body, body.name
        self.own = world.summaries[body.name]
        self.holds: dict[int, set[Hold]] = {}
        self.inside: dict[Hold, set[Place]] = {}  # where what hangs from variables of this body has been put
        self.known_deep: dict[int, set[Hold]] = {}  # what `deep` gave in this round
        self.inside_of: dict[Hold, set[str]] = {}
        self.grown = False
        self.bodies = [body, *world.class_bodies(body)]
        self.closures = world.closures(self.bodies)
        self.callees = Callees(self)

    def run(self) -> None:
        self.seed()
        for _ in range(self.world.rounds):
            self.grown = False
            self.known_deep = {}
            for closure in self.closures:
                self.close(closure)
            for body in self.bodies:
                for source, into in body.copies:
                    self.flow(into, self.holds.get(source))
                for whole, part, name in body.parts:
                    self.part(whole, part, name)
                for container, item, name in body.puts:
                    self.put(container, item, name)
            self.callees.apply()
            if not self.grown:
                break
        self.conclude()

    def seed(self) -> None:
        scope = self.body.scope
        for name in scope.params:
            self.plant(scope, name)
        for mentioned in (m for body in self.bodies for m in body.names):
            if not mentioned.stored:
                self.plant(mentioned.scope, mentioned.name)
        for closure in self.closures:
            for where, name in closure.captured:
                if where.name != self.me:
                    self.plant(where, name)

    def plant(self, scope: Scope, name: str) -> None:
        variable = self.state.variable(scope, name)
        if self.world.may_change(variable):
            self.flow(variable, {(scope.name, name, False)})

    def conclude(self) -> None:
        own = self.own
        for body in self.bodies:
            for node in (*body.changes, *filter(self.is_iterator, body.iterated)):
                own.changes |= self.holds.get(node, NO_HOLDS)
            for each in body.fields:
                if each.stored:
                    own.changes |= self.holds.get(each.receiver, NO_HOLDS)
            for node, right, _ in body.rebinds:
                if self.changes_in_place(node, right):
                    own.changes |= self.holds.get(node, NO_HOLDS)
        own.returns |= self.holds.get(self.state.node("return", self.me), NO_HOLDS)
        yielded = ("", self.me)
        own.returns |= {hold for hold, places in self.inside.items() if yielded in places}
        own.returns |= self.world.kept_in(yielded, self.me)
        for mentioned in self.body.names:
            if not mentioned.stored:
                continue
            if mentioned.scope.kind in ("function", "lambda"):
                own.rebinds.add((mentioned.scope.name, mentioned.name))
            if holds := self.holds.get(variable := self.state.variable(mentioned.scope, mentioned.name)):
                own.binds.setdefault(variable, set()).update(holds)
        for hold, places in () if self.world.heavy else self.inside.items():
            if hold[1] in self.body.scope.params:
                own.stores.setdefault(hold, set()).update(places)

    def changes_in_place(self, node: int, right: int) -> bool:
        """`xs += [1]` changes a list in place; `n += 1` rebinds a number."""
        values = [v for v in self.state.graph.at(node) if isinstance(v, Obj)]
        if any(v.cls in _IN_PLACE for v in values):
            return True
        return not values and any(isinstance(v, Obj) and v.cls in _IN_PLACE for v in self.state.graph.at(right))

    def is_iterator(self, node: int) -> bool:
        """Iterating over an iterator uses it up."""
        values = [v for v in self.state.graph.at(node) if isinstance(v, Obj) and v.is_library]
        return any(self.state.catalogue.member(v.cls, "__next__") is not None for v in values)

    def change(self, holds: Set[Hold]) -> None:
        if not holds <= self.own.changes:
            self.own.changes |= holds
            self.grown = True

    # -- flow

    def flow(self, node: int, holds: Set[Hold] | None) -> None:
        if holds:
            known = self.holds.get(node)
            if known is None:
                self.holds[node] = set(holds)
                self.grown = True
            elif not holds <= known:
                known |= holds
                self.grown = True

    def close(self, closure: Closure) -> None:
        """A function has what it captures, and its defaults, with it."""
        for where, name in closure.captured:
            holds = self.holds.get(self.state.variable(where, name), NO_HOLDS)
            self.flow(closure.node, {(scope, root, True) for scope, root, _ in holds})
        for name, default in closure.defaults:
            self.keep({(name, closure.name)}, self.holds.get(default, NO_HOLDS))
            self.flow(closure.node, {(scope, root, True) for scope, root, _ in self.holds.get(default, NO_HOLDS)})

    def anywhere_in(self, whole: str) -> set[Hold]:
        """What has been put into any attribute or element of a container, or of a class of this body."""
        return {hold for hold, put in self.inside_of.items() if whole in put}

    def put_into(self, place: Place) -> set[Hold]:
        """What has been put there, by this call or for everybody."""
        return {hold for hold, put in self.inside.items() if place in put} | self.world.kept_in(place, self.me)

    def part(self, whole: int, part: int, name: str) -> None:
        of_class = self.world.of_class(whole, name) if name else NO_HOLDS
        holds = set(of_class)
        if not of_class or not self.world.surely_of_class(whole, name):
            holds |= {(scope, root, True) for scope, root, _ in self.holds.get(whole, NO_HOLDS)}
        places = self.world.places(whole, name)
        if places:
            holds.update(hold for hold, put in self.inside.items() if not put.isdisjoint(places))
            for place in places:
                holds |= self.world.kept_in(place, self.me)
        if name:
            for value in self.state.graph.at(whole):
                if isinstance(value, Mod):
                    holds.add((value.name, name, False))
        self.flow(part, holds)

    def put(self, container: int, item: int, name: str) -> None:
        holds = self.deep(item) if name == "[:]" else self.holds.get(item, NO_HOLDS)
        if holds:
            self.keep(self.world.places(container, "" if name == "[:]" else name), holds)

    def keep(self, places: Set[Place], holds: Iterable[Hold]) -> None:
        """What hangs from a parameter or local is in there during this call; what hangs from another scope's variable for everybody."""
        for hold in holds if places else ():
            if hold[0] == self.me:
                known = self.inside.setdefault(hold, set())
                if not places <= known and len(known) < _PLACES:
                    known |= places
                    self.inside_of.setdefault(hold, set()).update(place[1] for place in places)
                    self.grown = True
            else:
                everywhere = self.world.spread.setdefault(hold, set())
                for place in places - everywhere if len(everywhere) < _PLACES else ():
                    everywhere.add(place)
                    self.world.keep(place, hold)
                    self.grown = True

    def deep(self, node: int) -> set[Hold]:
        """What parts of the object may hang from: the object's own roots, and what was put into it."""
        known = self.known_deep.get(node)
        if known is not None:
            return known
        holds = self.known_deep[node] = {(scope, root, True) for scope, root, _ in self.holds.get(node, NO_HOLDS)}
        if whole := self.world.whole(node):
            holds.update(hold for hold, put in self.inside_of.items() if not put.isdisjoint(whole))
            for place in self.world.places(node, ""):
                holds |= self.world.kept_in(place, self.me)
        return holds
