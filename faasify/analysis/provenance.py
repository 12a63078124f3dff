"""Which variables a body's values hang from: what is changed when an object is changed in place, calls included.

def f(xs, n):
    for row in xs:      row hangs from xs
        row[0] = n      f changes xs
def g(table):
    f(table["rows"], 1) g changes table
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

from faasify.analysis.applying import bound_parameters
from faasify.analysis.bodies import Arguments, Body, Site, Target
from faasify.analysis.members import order
from faasify.analysis.scopes import Scope
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryClass, LibraryFunction
from faasify.analysis.values import Cls, Func, Lib, LibMod, Mod, Obj, Value, is_own

Root = tuple[str, str]
"""(scope, name): a parameter or local of a function, or a module's global."""
Hold = tuple[str, str, bool]
"""A root, and whether a part of its object is meant."""
Place = tuple[str, str]
"""What is put where: ("", site) elements of a container, (attribute, class) a field."""

_NONE: frozenset[Hold] = frozenset()
_ROUNDS_IN_LARGE = 2
_HEAVY = 8_000  # calls: with more of them, what callees put into containers is not followed
_PLACES = 400  # where one object may be put; beyond that, analysis has lost sight of it anyway
_ROUNDS = 8  # evaluations of one body; recursion through more than that many levels of parts is not followed

# A method of these names on an object that nothing resolves most likely is a builtin container's, and changes it.
MUTATING_METHODS = frozenset(
    ["append", "extend", "insert", "remove", "clear", "sort", "reverse", "add", "discard", "update", "setdefault", "popitem"]
    + ["appendleft", "popleft", "extendleft", "pop", "rotate", "difference_update", "intersection_update", "move_to_end"]
)
_IMMUTABLE = frozenset(f"builtins:{n}" for n in ("int", "float", "bool", "complex", "str", "bytes", "NoneType", "range"))
_IN_PLACE = frozenset(
    ["builtins:list", "builtins:set", "builtins:bytearray", "builtins:dict", "collections:deque", "collections:Counter", "array:array"]
)


@dataclass
class Summary:
    """What calling a function does to what hangs from its parameters and from variables of others."""

    changes: set[Hold] = field(default_factory=set)
    returns: set[Hold] = field(default_factory=set)
    stores: dict[Hold, set[Place]] = field(default_factory=dict)
    binds: dict[int, set[Hold]] = field(default_factory=dict)  # by the node of a variable of another scope

    def size(self) -> int:
        return len(self.changes) + len(self.returns) + sum(map(len, self.stores.values())) + sum(map(len, self.binds.values()))


def summarise(state: State) -> dict[str, Summary]:
    """By function or lambda."""
    found = {name: Summary() for name, body in state.bodies.items() if body.scope.kind in ("function", "lambda")}
    callers: dict[str, dict[str, None]] = {}
    edges = 0
    for name in found:
        for to in _targets(state, name, found):
            callers.setdefault(to, {})[name] = None
            edges += 1
    world = _World(state, found, heavy=state.large or edges > _HEAVY)
    limit = _ROUNDS_IN_LARGE if world.heavy else _ROUNDS
    queue = deque(_callees_first(state, found))
    queued, rounds = set(queue), dict.fromkeys(found, 0)
    while queue:
        name = queue.popleft()
        queued.discard(name)
        rounds[name] += 1
        before = found[name].size()
        _Body(world, state.bodies[name]).run()
        stale = [*callers.get(name, ()), *world.take_stale()] if found[name].size() > before else world.take_stale()
        again = [c for c in dict.fromkeys(stale) if c not in queued and rounds[c] < limit]
        queue.extend(again)
        queued.update(again)
    return found


def _callees_first(state: State, names: dict[str, Summary]) -> Iterator[str]:
    seen: set[str] = set()
    for start in names:
        if start in seen:
            continue
        seen.add(start)
        stack = [(start, iter(_targets(state, start, names)))]
        while stack:
            name, rest = stack[-1]
            for to in rest:
                if to not in seen:
                    seen.add(to)
                    stack.append((to, iter(_targets(state, to, names))))
                    break
            else:
                stack.pop()
                yield name


def _targets(state: State, name: str, known: dict[str, Summary]) -> list[str]:
    return [t.to for site in state.bodies[name].sites.values() for t in site.targets if t.to in known]


class _World:
    """What is the same for all bodies: the solved graph, the summaries, what hangs from variables that everybody sees."""

    def __init__(self, state: State, summaries: dict[str, Summary], *, heavy: bool) -> None:
        self.state, self.summaries, self.heavy = state, summaries, heavy
        self.shared: dict[Place, set[Hold]] = {}
        self.readers: dict[Place, dict[str, None]] = {}  # the bodies that looked
        self._stale: dict[str, None] = {}  # those of them that have to look again
        self.spread: dict[Hold, set[Place]] = {}  # the same by what is kept
        self._places: dict[tuple[int, str], frozenset[Place]] = {}
        self._of_class: dict[tuple[int, str], frozenset[Hold]] = {}
        self._whole: dict[int, frozenset[str]] = {}

    def places(self, node: int, name: str) -> frozenset[Place]:
        """Where `node.name`, or its elements, are kept."""
        found = self._places.get((node, name))
        if found is None:
            values = [v for v in self.state.graph.at(node) if isinstance(v, Obj)]
            found = frozenset(
                (name, v.cls) if name and not v.is_library else ("", v.site) for v in values if (name and not v.is_library) or v.site
            )
            self._places[node, name] = found
        return found

    def kept_in(self, place: Place, reader: str) -> Set[Hold]:
        """What hangs from variables that everybody sees and has been put there, as far as is known."""
        self.readers.setdefault(place, {})[reader] = None
        return self.shared.get(place, _NONE)

    def keep(self, place: Place, hold: Hold) -> None:
        self.shared.setdefault(place, set()).add(hold)
        self._stale.update(self.readers.get(place, {}))

    def take_stale(self) -> list[str]:
        found = list(self._stale)
        self._stale.clear()
        return found

    def may_change(self, node: int) -> bool:
        """Whether something of what the node may be can be changed in place."""
        values = self.state.graph.at(node)
        return not values or not all(self._is_fixed(v) for v in values)

    def _is_fixed(self, value: Value) -> bool:
        if isinstance(value, Func):
            return value.name not in self.state.attributed
        return isinstance(value, Mod | LibMod | Lib) or getattr(value, "cls", "") in _IMMUTABLE

    def of_class(self, node: int, name: str) -> Set[Hold]:
        """`obj.name` where no instance has the attribute, but its class: an object that all instances share."""
        found = self._of_class.get((node, name))
        if found is None:
            values = [v for v in self.state.graph.at(node) if isinstance(v, Cls) or is_own(v)]
            owners = {self.owner(v.name if isinstance(v, Cls) else v.cls, name) for v in values}  # type: ignore[union-attr]
            found = self._of_class[node, name] = frozenset() if None in owners else frozenset(owners)  # type: ignore[arg-type]
        return found

    def owner(self, cls: str, name: str) -> Hold | None:
        """The variable of the class that has the attribute; None where it may be an instance's."""
        along = [c for c in order(self.state, cls) if c in self.state.bases]
        if any(name in self.state.own_fields.get(c, ()) or name in self.state.filled.get(c, ()) for c in along):
            return None
        for owner in along:
            if name in self.state.class_data.get(owner, ()):
                scope = self.state.scopes.by_name[owner]
                return (scope.parent.name if scope.parent else scope.module, scope.qualname.rpartition(".")[2], True)
        return None

    def whole(self, node: int) -> frozenset[str]:
        """The classes and sites of an object: all places in it end in one of them."""
        found = self._whole.get(node)
        if found is None:
            values = [v for v in self.state.graph.at(node) if isinstance(v, Obj)]
            found = self._whole[node] = frozenset(v.site if v.is_library else v.cls for v in values if v.site or not v.is_library)
        return found


@dataclass(frozen=True, slots=True)
class _Call:
    summary: Summary
    target: Target
    callee: Scope
    func: int | None
    given: dict[str, list[int]]
    results: tuple[int, ...]
    defaults: frozenset[str]  # parameters that may be left to their default


class _Body:
    """Works one body out, given what is known of its callees."""

    def __init__(self, world: _World, body: Body) -> None:
        self.world, self.state, self.body, self.me = world, world.state, body, body.name
        self.own = world.summaries[body.name]
        self.holds: dict[int, set[Hold]] = {}
        self.inside: dict[Hold, set[Place]] = {}  # where what hangs from variables of this body has been put
        self.known_deep: dict[int, set[Hold]] = {}  # what `deep` gave in this round
        self.inside_of: dict[Hold, set[str]] = {}
        self.grown = False
        self.libraries: list[tuple[Site, Target, tuple[int, ...]]] = []
        self.guesses: list[Site] = []
        self.calls = list(self.prepare())

    def run(self) -> None:
        self.seed()
        for _ in range(_ROUNDS_IN_LARGE if self.world.heavy else _ROUNDS):
            self.grown = False
            self.known_deep = {}
            for source, into in self.body.copies:
                self.flow(into, self.holds.get(source))
            for whole, part, name in self.body.parts:
                self.part(whole, part, name)
            for container, item, name in self.body.puts:
                self.put(container, item, name)
            for call in self.calls:
                self.program(call)
            for site, target, results in self.libraries:
                self.library(site, target, results)
            for site in self.guesses:
                self.guess(site)
            if not self.grown:
                break
        self.conclude()

    def prepare(self) -> Iterator[_Call]:
        for site in self.body.sites.values():
            for target, results in site.targets.items():
                if target.to is None:
                    self.guesses.append(site)
                elif (summary := self.world.summaries.get(target.to)) is not None:
                    callee = self.state.scopes.by_name[target.to]
                    defaults = callee.defaults - _surely_given(site, target, callee)
                    yield _Call(summary, target, callee, site.func, self.given(site, target), tuple(results), defaults)
                elif ":" in target.to:
                    self.libraries.append((site, target, tuple(results)))

    def seed(self) -> None:
        scope = self.body.scope
        for name in scope.params:
            self.plant(scope, name)
        for mentioned in self.body.names:
            if not mentioned.stored:
                self.plant(mentioned.scope, mentioned.name)

    def plant(self, scope: Scope, name: str) -> None:
        variable = self.state.variable(scope, name)
        if self.world.may_change(variable):
            self.flow(variable, {(scope.name, name, False)})

    def conclude(self) -> None:
        own = self.own
        for node in (*self.body.changes, *filter(self.is_iterator, self.body.iterated)):
            own.changes |= self.holds.get(node, _NONE)
        for each in self.body.fields:
            if each.stored:
                own.changes |= self.holds.get(each.receiver, _NONE)
        for node, right, _ in self.body.rebinds:
            if self.changes_in_place(node, right):
                own.changes |= self.holds.get(node, _NONE)
        own.returns |= self.holds.get(self.state.node("return", self.me), _NONE)
        yielded = ("", self.me)
        own.returns |= {hold for hold, places in self.inside.items() if yielded in places}
        own.returns |= self.world.kept_in(yielded, self.me)
        for mentioned in self.body.names:
            if mentioned.stored and (holds := self.holds.get(variable := self.state.variable(mentioned.scope, mentioned.name))):
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

    def part(self, whole: int, part: int, name: str) -> None:
        of_class = self.world.of_class(whole, name) if name else _NONE
        holds = {(scope, root, True) for scope, root, _ in self.holds.get(whole, _NONE)} if not of_class else set(of_class)
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
        holds = self.deep(item) if name == "[:]" else self.holds.get(item, _NONE)
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
        holds = self.known_deep[node] = {(scope, root, True) for scope, root, _ in self.holds.get(node, _NONE)}
        if whole := self.world.whole(node):
            holds.update(hold for hold, put in self.inside_of.items() if not put.isdisjoint(whole))
            for place in self.world.places(node, ""):
                holds |= self.world.kept_in(place, self.me)
        return holds

    # -- call sites

    def guess(self, site: Site) -> None:
        """What an unresolved method call most likely changes: its receiver, if builtin containers alone have such a method."""
        func = site.node.func if isinstance(site.node, ast.Call) else None
        receiver = self.body.receivers.get(site.node)
        if isinstance(func, ast.Attribute) and receiver is not None:
            if func.attr in MUTATING_METHODS and func.attr not in self.state.methods_named:
                self.change(self.holds.get(receiver, _NONE))
            if site.result is not None:
                self.flow(site.result, {(scope, root, True) for scope, root, _ in self.holds.get(receiver, _NONE)})

    def change(self, holds: Set[Hold]) -> None:
        if not holds <= self.own.changes:
            self.own.changes |= holds
            self.grown = True

    def program(self, call: _Call) -> None:
        for hold in tuple(call.summary.changes):
            mapped = self.mapped(hold, call)
            if mapped is None:  # another's variable: if this body has bound it, what it was bound to
                bound = self.state.nodes.get(("var", hold[0], hold[1]))
                mapped = self.holds.get(bound, _NONE) if bound is not None else _NONE
            self.change(mapped)
        for hold in tuple(call.summary.returns):
            mapped = self.mapped(hold, call)
            for result in call.results:
                self.flow(result, mapped if mapped is not None else {hold})
        for variable, holds in tuple(call.summary.binds.items()):
            for hold in tuple(holds):
                mapped = self.mapped(hold, call)
                self.flow(variable, mapped if mapped is not None else {hold})
            self.own.binds.setdefault(variable, set()).update(self.holds.get(variable, _NONE))
        for hold, places in tuple(call.summary.stores.items()):
            if mapped := self.mapped(hold, call):
                self.keep(places, mapped)

    def mapped(self, hold: Hold, call: _Call) -> Set[Hold] | None:
        """A hold of the callee's in terms of this body's variables; None: it is another's, and stays what it is."""
        scope, name, deep = hold
        if scope == call.callee.name:
            if name not in call.callee.params:
                return _NONE
            spread = name in spread_parameters(call.callee.node)  # only what is in *args is the caller's
            found: set[Hold] = self.default(call) if name in call.defaults else set()
            for node in call.given.get(name, ()):
                if deep:
                    found |= self.deep(node)
                if not deep or spread:
                    found |= self.holds.get(node, _NONE)
            return _NONE if spread and not deep else found
        if scope == self.me:
            variable = self.state.variable(self.body.scope, name)
            return self.deep(variable) if deep else self.holds.get(variable, _NONE)
        return None

    def default(self, call: _Call) -> set[Hold]:
        """The object that the def statement made for a parameter is state of the function, however that is called here."""
        around = call.callee.parent
        kept = {(around.name, call.callee.qualname.rpartition(".")[2], True)} if around is not None else set()
        return kept | self.holds.get(call.func, _NONE) if call.func is not None else kept

    def given(self, site: Site, target: Target) -> dict[str, list[int]]:
        """The callee's parameters with the nodes of what this site gives them."""
        scope = self.state.scopes.by_name[target.to or ""]
        spec: ast.arguments = scope.node.args  # type: ignore[attr-defined]
        names = [a.arg for a in (*spec.posonlyargs, *spec.args)]
        receiver = self.body.receivers.get(site.node, site.func)
        given: dict[str, list[int]] = {}
        if not target.direct:
            everything = [*site.inputs, *site.args.everything(), *([receiver] if receiver is not None else [])]
            given = dict.fromkeys(scope.params, everything)
            if target.makes and names:
                given[names[0]] = list(site.targets[target])
            elif target.receiver and names and site.node in self.body.receivers and not isinstance(site.node, ast.Call):
                given[names[0]] = [self.body.receivers[site.node]]
            return given
        if target.receiver and names:
            made = list(site.targets[target]) if target.makes else []
            given[names[0]] = made or ([receiver] if receiver is not None else [])
            names = names[1:]
        rest = [spec.vararg.arg] if spec.vararg else []
        args = site.args
        for index, node in enumerate(args.positional):
            for name in names[index : index + 1] or rest:
                given.setdefault(name, []).append(node)
        if args.star is not None:
            for name in (*names[len(args.positional) :], *rest):
                given.setdefault(name, []).append(args.star)
        for keyword, node in args.keywords.items():
            name = keyword if keyword in scope.params else spec.kwarg.arg if spec.kwarg else ""
            given.setdefault(name, []).append(node)
        if args.double is not None:
            for name in scope.params:
                given.setdefault(name, []).append(args.double)
        return given

    def library(self, site: Site, target: Target, results: tuple[int, ...]) -> None:
        described = self.state.catalogue.find(target.to or "")
        if isinstance(described, LibraryClass):
            constructor = self.state.catalogue.constructor(described.path)
            if constructor is not None:
                self.described(constructor, site, target, results, receivers=list(results))
        elif isinstance(described, LibraryFunction):
            self.described(described, site, target, results)
        elif described is None:
            self.guess(site)

    def described(
        self, function: LibraryFunction, site: Site, target: Target, results: tuple[int, ...], receivers: list[int] | None = None
    ) -> None:
        summary = function.summary
        if not (summary.mutates or summary.gives or summary.returns or summary.yields or summary.holds):
            return
        if receivers is None:
            given = library_given(self.body, function, site, target)
        else:
            given = bound_parameters(function, site.args if target.direct else Arguments(list(site.inputs))) | {"self": receivers}
        for name in summary.mutates:
            for node in given.get(name, ()):
                self.change(self.holds.get(node, _NONE))
        for result in results:
            for name in summary.gives:
                for node in given.get(name, ()):
                    self.flow(result, self.deep(node))
            for returned in summary.returns:
                for node in given.get(returned[1:], ()) if returned.startswith("=") else ():
                    self.flow(result, self.holds.get(node))
            for name in summary.yields:
                for node in given.get(name, ()):
                    self.put(result, node, "[:]")
        for held in summary.holds:
            for node in given.get(held.param, ()):
                for receiver in given.get("self", ()):
                    self.put(receiver, node, "[:]" if held.each else "")


def _surely_given(site: Site, target: Target, callee: Scope) -> set[str]:
    """The parameters that a call passes by position or by name; what *args and **kwargs may hold is not sure."""
    if not target.direct:
        return set()
    spec: ast.arguments = callee.node.args  # type: ignore[attr-defined]
    names = [a.arg for a in (*spec.posonlyargs, *spec.args)][1 if target.receiver else 0 :]
    return {*names[: len(site.args.positional)], *site.args.keywords}


def spread_parameters(node: ast.AST) -> tuple[str, ...]:
    """The parameters that are made for the call, *args and **kwargs."""
    spec: ast.arguments = node.args  # type: ignore[attr-defined]
    return tuple(a.arg for a in (spec.vararg, spec.kwarg) if a is not None)


def library_given(body: Body, function: LibraryFunction, site: Site, target: Target) -> dict[str, list[int]]:
    """The argument nodes by the library function's parameter names; the receiver is `self`."""
    receiver = body.receivers.get(site.node)
    args = site.args if target.direct else Arguments(list(site.inputs))
    if not function.is_method:
        return bound_parameters(function, args)
    if target.receiver:
        given = bound_parameters(function, args)
        if receiver is not None or site.func is not None:
            given["self"] = [receiver if receiver is not None else site.func]  # type: ignore[list-item]
        return given
    given = bound_parameters(function, Arguments(args.positional[1:], args.keywords, args.star, args.double))
    if args.positional:
        given["self"] = args.positional[:1]
    return given
