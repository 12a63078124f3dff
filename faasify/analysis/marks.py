"""For large programs: what calling each function may change in place, by going back from what is changed to where that comes from.

def f(xs):
    row = xs[0]
    row.append(1)       row is changed: something in xs is, so f changes its parameter
def g(table):
    f(table["rows"])    and g a part of its own

A node of a body is marked with what happens to it: it is changed, it is returned, it is put somewhere; and with how far from it that is
(trails.py). Each is marked once, whatever leads to it, so the work grows as the program does. Which attribute of which object is meant is
told apart as in provenance.py inside one body; of callees it counts that a parameter is put somewhere into a class or into what is made at
a site, a "cell". More is claimed so; less only of what a function puts into a cell in which callees change
something that it did not give them, and of the limits below.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

from faasify.analysis.called import Call
from faasify.analysis.components import components
from faasify.analysis.places import World
from faasify.analysis.roots import Holds, Place
from faasify.analysis.trails import PART, SAME, WITHIN, Passing, Trail

_CHANGED, _RETURNED, _KEPT = 0, 1, 2
"""What happens to a node's object: the tags of its marks."""
_CELLS = 16  # of what goes on into more of them, by callees of callees, those are told apart that the function itself puts it into
_GIVEN_BACK = 250  # variables whose objects a function may give back; of one that may give back more of them, no more are followed
_KEPT_BACK = 16  # the same where what a function gives back is put somewhere
_ALL = sys.maxsize  # of each, unless the program is a large one


class Marks:
    def __init__(self, world: World, trails: Mapping[str, Trail]) -> None:
        self.world, self.roots, self.trails = world, world.roots, trails
        self.cells_at_most, self.given_back_at_most = (_CELLS, _GIVEN_BACK) if world.state.large else (_ALL, _ALL)
        self.kept_back_at_most = _KEPT_BACK if world.state.large else _ALL
        self.changes: dict[str, Holds] = dict.fromkeys(trails, 0)
        self.returns: dict[str, Holds] = dict.fromkeys(trails, 0)
        self.keeps: dict[str, Holds] = dict.fromkeys(trails, 0)  # what is put somewhere
        self.rebinds: dict[str, set[str]] = {}  # by function: those whose variables it binds, or a callee does
        self.callers: dict[str, list[tuple[Trail, Passing]]] = {}
        self.binders: dict[int, list[Trail]] = {}  # by the node of a variable: who binds it from outside its scope
        self.numbers: dict[str, int] = {}  # of cells into which something is put
        self.placed: dict[int, Holds] = {}  # by cell: variables that several scopes know whose objects are there
        self.bound: Holds = 0  # those that are changed, so that who binds them has been marked
        self.kept_results: dict[str, dict[tuple[int, ...], None]] = {}  # by function: the cells that what it gives back is put into
        self.lookers: dict[int, list[tuple[Trail, int]]] = {}  # by cell
        self.news: dict[int, Holds] = {}  # by cell: of `placed`, what nobody has been told of
        self.cells: dict[frozenset[str], tuple[int, ...]] = {}  # by their names
        self.untold: dict[tuple[str, int], Holds] = {}  # by function and tag: variables that its callers do not know of
        self.waiting: list[tuple[Trail, int, int, int]] = []

    def run(self) -> dict[str, Holds]:
        """By function: the variables whose objects it may change."""
        for trail in self.trails.values():
            for passing in trail.calls:
                self.callers.setdefault(passing.call.callee.name, []).append((trail, passing))
            for node in trail.stored:
                self.binders.setdefault(node, []).append(trail)
            for cell in trail.cells:
                trail.own_cells.add(self.numbers.setdefault(cell, len(self.numbers)))
        self.names = list(self.numbers)
        self.reached = self._reached_cells()
        for trail in self.trails.values():
            self._start(trail)
        waiting = self.waiting
        while waiting or self.untold or self.news:
            if waiting:
                self._step(*waiting.pop())
            elif self.untold:
                key = next(iter(self.untold))  # the one that has waited longest
                self._tell_callers(*key, self.untold.pop(key))
            else:
                self._tell(*self.news.popitem())
        return self.changes

    def _start(self, trail: Trail) -> None:
        for node in trail.changes:
            self._mark(trail, node, _CHANGED, SAME)
        self._mark(trail, self.world.state.node("return", trail.me), _RETURNED, SAME)
        self._at_places(trail, frozenset([("", trail.me)]), _RETURNED, SAME)  # what it yields
        for code, cells in trail.kept:
            self._mark(trail, code >> 1, _KEPT, WITHIN if code & 1 else SAME)
            self._place_shared(trail, code >> 1, self._cells(cells), WITHIN if code & 1 else SAME)
        for scope in sorted(trail.rebound):
            self._rebind(trail.me, scope)

    def _reached_cells(self) -> dict[str, frozenset[int] | None]:
        """By function: the cells that it or a callee puts something into; None for very many."""
        calls = {name: {passing.call.callee.name for passing in trail.calls} for name, trail in self.trails.items()}
        most = self.cells_at_most
        found: dict[str, frozenset[int] | None] = {}
        for component, inner in components(calls):
            sets = [self.trails[name].own_cells for name in component] + [found[name] for name in inner]
            known = [each for each in sets if each is not None]
            cells = frozenset[int]().union(*known) if len(known) == len(sets) and all(len(each) <= most for each in known) else None
            found.update(dict.fromkeys(component, cells if cells is not None and len(cells) <= most else None))
        return found

    # -- inside a body

    def _mark(self, trail: Trail, node: int, tag: int, level: int) -> None:
        code = node << 4 | level << 2 | tag
        if code not in trail.seen:
            trail.seen.add(code)
            self.waiting.append((trail, node, tag, level))

    def _step(self, trail: Trail, node: int, tag: int, level: int) -> None:
        for code in trail.back.get(node, ()):
            self._mark(trail, code >> 2, tag, code & 3 or level)
        for whole, name in trail.parts.get(node, ()):
            self._part(trail, whole, name, tag, level)
        if roots := trail.roots.get(node, 0):
            self._reach(trail, roots, tag, level)
        for passing in trail.results.get(node, ()) if tag != _KEPT else ():
            passing.marks.append((tag, level))
            self._returned(trail, passing, self.returns[passing.call.callee.name], tag, level)
        if tag == _CHANGED:
            for binder in self.binders.get(node, ()):
                self._mark(binder, node, tag, level)
        if level != SAME:
            self._inside(trail, node, tag, level)

    def _part(self, trail: Trail, whole: int, name: str, tag: int, level: int) -> None:
        world = self.world
        of_class = world.of_class(whole, name) if name else 0
        if not of_class or not world.surely_of_class(whole, name):
            self._mark(trail, whole, tag, PART)
        if shared := of_class | (world.of_modules(whole, name) if name else 0):
            self._reach(trail, shared, tag, level)
        self._at_places(trail, world.places(whole, name), tag, level)

    def _inside(self, trail: Trail, node: int, tag: int, level: int) -> None:
        """Something in the node's object."""
        for code in trail.loose.get(node, ()):
            self._item(trail, code, tag)
        if level == WITHIN and (cells := self._cells(self.world.whole(node))):
            self._in_cells(trail, cells, tag)

    def _cells(self, names: frozenset[str]) -> tuple[int, ...]:
        """The numbers of those of them that something is put into."""
        found = self.cells.get(names)
        if found is None:
            found = self.cells[names] = tuple(sorted(self.numbers[name] for name in names if name in self.numbers))
        return found

    def _item(self, trail: Trail, code: int, tag: int) -> None:
        if not code & 1:
            self._mark(trail, code >> 1, tag, SAME)
        self._mark(trail, code >> 1, tag, WITHIN)

    def _at_places(self, trail: Trail, places: frozenset[Place], tag: int, level: int) -> None:
        if not places or (places, tag, level) in trail.been:
            return
        trail.been.add((places, tag, level))
        for place in sorted(places) if len(places) < len(trail.puts) else [p for p in trail.puts if p in places]:
            for code in trail.puts.get(place, ()):
                self._mark(trail, code >> 1, tag, WITHIN if code & 1 else level)
        self._look(trail, self._cells(frozenset(cell for _, cell in places)), tag)

    def _in_cells(self, trail: Trail, cells: tuple[int, ...], tag: int) -> None:
        entered = trail.entered.setdefault(tag, set())
        new = [number for number in cells if number not in entered]
        entered.update(new)
        for number in new:
            if number in trail.own_cells:
                for code in trail.cells[self.names[number]]:
                    self._item(trail, code, tag)
        self._look(trail, new, tag)
        for kept, node, how in trail.given_away if new else ():
            if how == SAME and not kept.isdisjoint(new):
                self._mark(trail, node, tag, WITHIN)

    def _look(self, trail: Trail, cells: Iterable[int], tag: int) -> None:
        """What callees put there, and what anybody put there that others know too."""
        looked = trail.looked.setdefault(tag, set())
        new = [number for number in cells if number not in looked]
        if not new:
            return
        looked.update(new)
        shared = 0
        for number in new:
            shared |= self.placed.get(number, 0)
            self.lookers.setdefault(number, []).append((trail, tag))
        if shared:
            self._reach(trail, shared, tag, SAME)
        for kept, node, how in trail.given_away:
            if not kept.isdisjoint(new):
                self._mark(trail, node, tag, how)

    # -- from body to body

    def _reach(self, trail: Trail, roots: Holds, tag: int, level: int) -> None:
        """The way has come to variables."""
        roots = roots if level == SAME else self.roots.deep(roots)
        if tag == _KEPT:
            self._kept(trail, roots)
            return
        found = self.changes if tag == _CHANGED else self.returns
        new = roots & ~found[trail.me]
        if not new or (tag == _RETURNED and found[trail.me].bit_count() > self.given_back_at_most):
            return
        found[trail.me] |= new
        self.untold[trail.me, tag] = self.untold.get((trail.me, tag), 0) | new

    def _tell_callers(self, function: str, tag: int, new: Holds) -> None:
        """Many variables at once: functions that call each other have tens of thousands in common, and each way brings some."""
        trail = self.trails[function]
        if tag == _CHANGED:
            self._changed(trail, new)
            return
        for cells in self.kept_results.get(function, ()):
            self._place_returned(self.returns[function], cells)
        for caller, passing in self.callers.get(trail.me, ()):
            for mark in tuple(passing.marks):
                self._returned(caller, passing, new, *mark)

    def _changed(self, trail: Trail, new: Holds) -> None:
        own = new & self.roots.of(trail.me)
        others = new ^ own
        local = others & self.world.local
        for number in self.roots.each(own):
            for caller, passing in self.callers.get(trail.me, ()):
                self._argument(caller, passing.call, number, _CHANGED, SAME)
        for caller, passing in self.callers.get(trail.me, ()) if local else ():
            self._variables_of_functions(caller, passing.call, local, _CHANGED, SAME)
        unbound = others & ~self.bound
        self.bound |= unbound
        for number in self.roots.each(unbound):
            variable = self.world.variable(*self.roots.root(number, trail.me))
            for binder in self.binders.get(variable, ()):
                self._mark(binder, variable, _CHANGED, SAME)

    def _returned(self, caller: Trail, passing: Passing, roots: Holds, tag: int, level: int) -> None:
        call = passing.call
        theirs = roots & self.roots.of(call.callee.name)
        for number in self.roots.each(theirs):
            self._argument(caller, call, number, tag, level)
        if others := roots ^ theirs:
            self._reach(caller, others, tag, level)
            if local := others & self.world.local:
                self._variables_of_functions(caller, call, local, tag, level)

    def _variables_of_functions(self, caller: Trail, call: Call, roots: Holds, tag: int, level: int) -> None:
        """Captured variables: the caller's own, or part of the function object that it calls."""
        for number in self.roots.each(roots & self.roots.of(caller.me)):
            name = self.roots.root(number, caller.me)[1]
            self._mark(caller, self.world.variable(caller.me, name), tag, WITHIN if self.roots.is_part(number) else level)
            self._in_cells(caller, self._cells(frozenset([f"{caller.me}.<locals>.{name}"])), tag)
        if any(roots & self.roots.of(scope) for scope in call.around):
            for node in call.functions:
                self._mark(caller, node, tag, PART)

    def _argument(self, caller: Trail, call: Call, number: int, tag: int, level: int) -> None:
        """What the call gives for a parameter is marked."""
        name = self.roots.root(number, call.callee.name)[1]
        for node, how in self._given(call, name, deep=self.roots.is_part(number)):
            self._mark(caller, node, tag, how or level)
        if name in call.defaults:
            self._default(caller, call, tag, level)

    def _default(self, caller: Trail, call: Call, tag: int, level: int) -> None:
        """The object that the def statement made for a parameter is state of the function, however that is called here."""
        around = call.callee.parent
        if around is not None:
            self._reach(caller, self.world.hold(around.name, call.callee.variable), tag, PART)
        self._at_places(caller, frozenset((name, call.callee.name) for name in call.defaults), tag, level)
        for node in call.functions:
            self._mark(caller, node, tag, level)

    def _kept(self, trail: Trail, roots: Holds) -> None:
        """What hangs from a parameter is put into cells. Where callees put things into very many, that is not followed any further."""
        new = roots & ~self.keeps[trail.me] & self.roots.of(trail.me)
        self.keeps[trail.me] |= new
        if self.reached[trail.me] is not None:
            for number in self.roots.each(new):
                name, deep = self.roots.root(number, trail.me)[1], self.roots.is_part(number)
                for caller, passing in self.callers.get(trail.me, ()):
                    self._argument_kept(caller, passing.call, name, deep=deep)

    def _argument_kept(self, caller: Trail, call: Call, name: str, *, deep: bool) -> None:
        cells = self.reached[call.callee.name] or frozenset()
        for node, how in self._given(call, name, deep=deep):
            caller.given_away.append((cells, node, how))
            self._mark(caller, node, _KEPT, how)
            if shared := caller.shared(node)[0]:
                self._place(cells, shared if how == SAME else self.roots.deep(shared))
            for looking, looked in tuple(caller.looked.items()):
                if not cells.isdisjoint(looked):
                    self._mark(caller, node, looking, how)
                if how == SAME and not cells.isdisjoint(caller.entered.get(looking, ())):
                    self._mark(caller, node, looking, WITHIN)

    def _place_shared(self, trail: Trail, node: int, cells: tuple[int, ...], level: int) -> None:
        """What others know is put into cells, be it that a callee gives it back: of what it gives back, parts of it are not followed."""
        if not cells:
            return
        shared, callees = trail.shared(node)
        if shared:
            self._place(cells, shared if level == SAME else self.roots.deep(shared))
        for callee in sorted(callees) if level == SAME else ():
            kept = self.kept_results.setdefault(callee, {})
            if cells not in kept:
                kept[cells] = None
                self._place_returned(self.returns[callee], cells)

    def _place_returned(self, roots: Holds, cells: tuple[int, ...]) -> None:
        shared = self.roots.known_to_all(roots & self.roots.themselves) & ~self.world.local
        if shared and shared.bit_count() <= self.kept_back_at_most:
            self._place(cells, shared)

    def _place(self, cells: Iterable[int], roots: Holds) -> None:
        """Variables that several scopes know are there for whoever looks: told when there is nothing else to do, many at once."""
        for number in cells:
            before = self.placed.get(number, 0)
            if new := roots & ~before:
                self.placed[number] = before | new
                self.news[number] = self.news.get(number, 0) | new

    def _tell(self, number: int, roots: Holds) -> None:
        for trail, tag in tuple(self.lookers.get(number, ())):
            self._reach(trail, roots, tag, SAME)

    def _rebind(self, function: str, scope: str) -> None:
        known = self.rebinds.setdefault(function, set())
        if scope in known:
            return
        known.add(scope)
        for caller, passing in self.callers.get(function, ()):
            if scope in passing.call.around:
                for node in passing.call.functions:
                    self._mark(caller, node, _CHANGED, PART)
            if scope != caller.me:
                self._rebind(caller.me, scope)

    def _given(self, call: Call, name: str, *, deep: bool) -> Sequence[tuple[int, int]]:
        """The nodes of what a call gives for a parameter, or of what holds it (`deep`: a part of it), and how far from them it is."""
        nodes = call.given.get(name)
        if not nodes or name not in call.callee.received:
            return ()
        if name in call.made:  # only what is in *args is the caller's
            return [(node, how) for node in nodes for how in (WITHIN, SAME)] if deep else ()
        if deep:
            return [(node, WITHIN) for node in nodes]
        if call.target.direct:
            return [(node, SAME) for node in nodes]
        # what is called by the way has its arguments with it
        return [pair for node in nodes for pair in ([(node, WITHIN), (node, SAME)] if node == call.func else [(node, SAME)])]
