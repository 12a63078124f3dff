"""What hangs from what inside one body: forward along its copies, parts and what it puts into containers and fields.

def f(xs, n):
    for row in xs:      row hangs from xs, in part
        row[0] = n      f changes xs
"""

from __future__ import annotations

from collections.abc import Collection

from faasify.analysis.bodies import Body
from faasify.analysis.called import Callees
from faasify.analysis.places import Closure, World
from faasify.analysis.roots import Holds, Kept, Place, Summary
from faasify.analysis.scopes import Scope
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryFunction
from faasify.analysis.values import Obj

_IN_PLACE = frozenset(
    ["builtins:list", "builtins:set", "builtins:bytearray", "builtins:dict", "collections:deque", "collections:Counter", "array:array"]
)


class Hanging:
    """Works one body out, given what is known of its callees."""

    def __init__(self, world: World, body: Body, own: Summary | None = None) -> None:
        self.world, self.state, self.body, self.me = world, world.state, body, body.name
        self.own = world.summaries[body.name] if own is None else own
        self.roots = world.roots
        self.holds: dict[int, Holds] = {}
        self.inside = Kept(world.roots)  # where what hangs from variables of this body has been put
        self.known_deep: dict[int, Holds] = {}  # what `deep` gave in this round
        self.known_all_deep: dict[tuple[int, ...], Holds] = {}  # and `all_deep`
        self.known_kept: dict[frozenset[Place], tuple[int, Holds]] = {}  # what `kept_in` gave, and when
        self.looked = set[Place]()  # what is there for everybody has been asked
        self.grown = False
        self.bodies = [body, *world.class_bodies(body)]
        self.closures = world.closures(self.bodies)
        self.callees = Callees(self)

    def run(self) -> None:
        self.seed()
        for _ in range(self.world.rounds):
            self.grown = False
            self.known_deep, self.known_all_deep = {}, {}
            for closure in self.closures:
                self.close(closure)
            for body in self.bodies:
                for source, into in body.copies:
                    self.flow(into, self.holds.get(source, 0))
                for whole, part, name in body.parts:
                    self.part(whole, part, name)
                for container, item, name in body.puts:
                    self.put(container, item, name)
            self.callees.apply()
            if not self.grown:
                break
        else:
            self.world.unsettled = True
        self.conclude()

    def seed(self) -> None:
        scope = self.body.scope
        for name in scope.received:
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
            self.flow(variable, self.world.hold(scope.name, name))

    def conclude(self) -> None:
        own = self.own
        for body in self.bodies:
            for node in (*body.changes, *(n for n in body.iterated if is_iterator(self.state, n))):
                own.changes |= self.holds.get(node, 0)
            for each in body.fields:
                if each.stored or self.world.caches(each.receiver, each.name):
                    own.changes |= self.holds.get(each.receiver, 0)
            for node, right, _ in body.rebinds:
                if changes_in_place(self.state, node, right):
                    own.changes |= self.holds.get(node, 0)
        own.changes_others |= own.changes & ~self.roots.of(self.me)
        for name in self.world.callees.get(self.me, ()):
            own.changes_others |= self.world.summaries[name].changes_others
        own.changes |= self.put_into_parts(own.changes_others)
        own.returns |= self.holds.get(self.state.node("return", self.me), 0)
        for mentioned in self.body.names:
            if not mentioned.stored:
                continue
            if mentioned.scope.kind in ("function", "lambda"):
                own.rebinds.add((mentioned.scope.name, mentioned.name))
            if holds := self.holds.get(self.state.variable(mentioned.scope, mentioned.name)):
                root = (mentioned.scope.name, mentioned.name)
                own.binds[root] = own.binds.get(root, 0) | holds
        params = 0
        for name in self.body.scope.received:
            params |= self.world.hold(self.me, name)
        params |= self.roots.deep(params)
        own.store({place: stored for place, holds in self.inside.at.items() if (stored := holds & params)})

    def put_into_parts(self, others: Holds) -> Holds:
        """What this body has put into something of everybody's, of which a callee changes a part: `ROWS.append(xs); change_last_row()`."""
        found = 0
        if not self.inside.at:
            return found
        for number in self.roots.each(others ^ others & self.roots.themselves):
            found |= self.deep(self.world.variable(*self.roots.root(number, self.me)))
        return found & self.roots.of(self.me)

    def change(self, holds: Holds) -> None:
        if holds & ~self.own.changes:
            self.own.changes |= holds
            self.grown = True

    def changed(self, node: int) -> None:
        self.change(self.holds.get(node, 0))

    # -- flow

    def same(self, node: int, into: int) -> None:
        self.flow(into, self.holds.get(node, 0))

    def taken(self, whole: int, into: int) -> None:
        self.flow(into, self.deep(whole))

    def part_of(self, whole: int, into: int) -> None:
        self.flow(into, self.roots.deep(self.holds.get(whole, 0)))

    def flow(self, node: int, holds: Holds) -> None:
        known = self.holds.get(node, 0)
        if holds & ~known:
            self.holds[node] = known | holds
            self.grown = True

    def close(self, closure: Closure) -> None:
        """A function has what it captures, and its defaults, with it."""
        for where, name in closure.captured:
            self.flow(closure.node, self.roots.deep(self.holds.get(self.state.variable(where, name), 0)))
        for name, default in closure.defaults:
            self.keep({(name, closure.name)}, self.holds.get(default, 0))
            self.flow(closure.node, self.roots.deep(self.holds.get(default, 0)))

    def anywhere_in(self, whole: str) -> Holds:
        """What has been put into any attribute or element of a container, or of a class of this body."""
        return self.inside.within.get(whole, 0)

    def kept_in(self, places: frozenset[Place]) -> Holds:
        """What has been put there, by this call or for everybody."""
        if not places <= self.looked:
            self.world.look(places - self.looked, self.me)
            self.looked |= places
        inside, shared = self.inside, self.world.shared
        growth = inside.growth + shared.growth
        then, found = self.known_kept.get(places, (-1, 0))
        if then == growth:
            return found
        own, everybodys = inside.at, shared.at
        for place in places:
            found |= own.get(place, 0) | everybodys.get(place, 0)
        self.known_kept[places] = growth, found
        return found

    def part(self, whole: int, part: int, name: str) -> None:
        of_class = self.world.of_class(whole, name) if name else 0
        holds = of_class
        if not of_class or not self.world.surely_of_class(whole, name):
            holds |= self.roots.deep(self.holds.get(whole, 0))
        holds |= self.kept_in(self.world.places(whole, name))
        if name:
            holds |= self.world.of_modules(whole, name)
        self.flow(part, holds)

    def put(self, container: int, item: int, name: str) -> None:
        holds = self.deep(item) if name == "[:]" else self.holds.get(item, 0)
        if holds:
            self.keep(self.world.places(container, "" if name == "[:]" else name), holds)

    def keep(self, places: Collection[Place], holds: Holds) -> None:
        """What hangs from a parameter or local is in there during this call; what hangs from another scope's variable for everybody."""
        mine = holds & self.roots.of(self.me)
        if mine and self.inside.put(places, mine):
            self.grown = True
        if holds != mine and self.world.keep(places, holds ^ mine):
            self.grown = True

    def deep(self, node: int) -> Holds:
        """What parts of the object may hang from: the object's own roots, and what was put into it."""
        known = self.known_deep.get(node)
        if known is not None:
            return known
        holds = self.roots.deep(self.holds.get(node, 0))
        if whole := self.world.whole(node):
            within = self.inside.within
            for each in whole if len(whole) < len(within) else whole & within.keys():
                holds |= within.get(each, 0)
            holds |= self.kept_in(self.world.places(node, ""))
        self.known_deep[node] = holds
        return holds

    def all_of(self, nodes: tuple[int, ...]) -> Holds:
        holds = 0
        for node in nodes:
            holds |= self.holds.get(node, 0)
        return holds

    def all_deep(self, nodes: tuple[int, ...]) -> Holds:
        """`deep` of each: what is called by the way may be given any of the same nodes, in each place and whoever it is."""
        holds = self.known_all_deep.get(nodes)
        if holds is None:
            holds = 0
            for node in nodes:
                holds |= self.deep(node)
            self.known_all_deep[nodes] = holds
        return holds


def changes_in_place(state: State, node: int, right: int) -> bool:
    """`xs += [1]` changes a list in place; `n += 1` rebinds a number."""
    values = [v for v in state.graph.at(node) if isinstance(v, Obj)]
    if any(_can_change(state, v.cls) for v in values):
        return True
    return not values and any(isinstance(v, Obj) and _can_change(state, v.cls) for v in state.graph.at(right))


def _can_change(state: State, cls: str) -> bool:
    if ":" not in cls or cls.startswith("builtins:") or cls in _IN_PLACE:
        return cls in _IN_PLACE
    methods = (state.catalogue.member(cls, name) for name in ("__iadd__", "__ior__"))
    return any(isinstance(method, LibraryFunction) and "self" in method.summary.mutates for method in methods)


def is_iterator(state: State, node: int) -> bool:
    """Iterating over an iterator uses it up."""
    values = [v for v in state.graph.at(node) if isinstance(v, Obj) and v.is_library]
    return any(state.catalogue.member(v.cls, "__next__") is not None for v in values)
