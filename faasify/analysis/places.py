"""What is the same for all bodies while their summaries are made: where objects are kept, and what has been put there for everybody.

self.rows = xs          ("rows", "app.Box") for every instance of Box
table["a"] = xs         ("", site) for all elements of the containers made at a site
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faasify.analysis.bodies import Body
from faasify.analysis.elements import holder
from faasify.analysis.mro import order
from faasify.analysis.roots import Holds, Kept, Place, Root, Roots, Summary
from faasify.analysis.scopes import Scope
from faasify.analysis.state import State
from faasify.analysis.values import Cls, Func, Lib, LibMod, Mod, Obj, Partial, Value, Wrapped, is_own

if TYPE_CHECKING:
    from faasify.analysis.called import Sites

_WITHIN = 60  # classes and sites that are looked for in one object
_IMMUTABLE = frozenset(f"builtins:{n}" for n in ("int", "float", "bool", "complex", "str", "bytes", "NoneType", "range"))


@dataclass(frozen=True)
class Closure:
    """A function or lambda where it is made: its node, the variables around it that it or what is inside it captures, its defaults."""

    name: str
    node: int
    captured: tuple[tuple[Scope, str], ...]
    defaults: tuple[tuple[str, int], ...]  # parameters, with the nodes of their default values


def _whole_of(value: Obj | Cls | Partial) -> str:
    if isinstance(value, Cls):
        return value.name
    if isinstance(value, Partial):
        return value.site
    return value.site if value.is_library else value.cls


class World:
    """What is the same for all bodies: the solved graph, the summaries, what hangs from variables that everybody sees."""

    def __init__(self, state: State, summaries: dict[str, Summary], *, rounds: int) -> None:
        self.state, self.summaries, self.rounds = state, summaries, rounds
        self.unsettled = False  # a body would have taken more rounds than that
        self.roots = Roots()
        self.steps = 0  # how often something of a callee has been put in terms of a caller
        self.callees: dict[str, list[str]] = {}  # whose summaries there are
        self.sites: dict[Body, Sites] = {}  # of bodies that have been worked out, maybe not for the last time
        self.local: Holds = 0  # variables of functions that other scopes know
        self.shared = Kept(self.roots)  # what hangs from variables that everybody sees
        self.variables: dict[int, Holds] = {}  # by the node of a variable that something may hang from
        self._readers: dict[Place, dict[str, None]] = {}  # the bodies that looked
        self._stale: dict[str, None] = {}  # those of them that have to look again
        bodies = state.bodies.values()
        self._seen_from_inside = {(m.scope.name, m.name) for body in bodies for m in body.names if m.scope is not body.scope}
        # by what a node may be, and a name
        self._places: dict[tuple[frozenset[int], str], frozenset[Place]] = {}
        self._of_class: dict[tuple[frozenset[int], str], Holds] = {}
        self._surely: dict[tuple[frozenset[int], str], bool] = {}
        self._of_modules: dict[tuple[frozenset[int], str], Holds] = {}
        self._whole: dict[frozenset[int], frozenset[str]] = {}
        self._held: dict[Obj, tuple[Obj, ...]] = {}
        self._defaults: dict[str, frozenset[str]] = {}  # by function
        self._captures: dict[str, dict[tuple[Scope, str], None]] = {}  # by function

    def hold(self, scope: str, name: str) -> Holds:
        """What hangs from a variable."""
        root = (scope, name)
        outside = self.known_outside(root)
        hold = self.roots.hold(root) if outside else self.roots.own(root)
        around = self.state.scopes.by_name.get(scope) if outside else None
        if around is not None and around.kind in ("function", "lambda"):
            self.local |= hold | self.roots.deep(hold)
        self.variables.setdefault(self.variable(scope, name), hold | self.roots.deep(hold))
        return hold

    def known_outside(self, root: Root) -> bool:
        """Whether more than its own scope knows the variable: an inner scope, or all if it is no function's or names a definition."""
        scope, name = root
        around = self.state.scopes.by_name.get(scope)
        if around is None or around.kind not in ("function", "lambda") or root in self._seen_from_inside:
            return True
        return f"{around.module}.{around.qualname}.<locals>.{name}" in self.state.scopes.by_name  # without the line of a second one

    def variable(self, scope: str, name: str) -> int:
        return self.state.node("var", scope, name)

    def places(self, node: int, name: str) -> frozenset[Place]:
        """Where `node.name`, or its elements, are kept."""
        key = (self.state.graph.sets[node], name)
        found = self._places.get(key)
        if found is None:
            values = [v for v in self.state.graph.at(node) if isinstance(v, Obj | Cls | Partial)]
            found = self._places[key] = frozenset(place for v in values for place in self._places_in(v, name))
        return found

    def class_bodies(self, body: Body) -> Iterator[Body]:
        """The class statements in a body run as part of it."""
        for name, _ in body.classes:
            inner = self.state.bodies[name]
            yield inner
            yield from self.class_bodies(inner)

    def closures(self, bodies: Iterable[Body]) -> list[Closure]:
        """The functions that these bodies make."""
        return [self._closure(name, node) for body in bodies for name, node in body.functions]

    def _closure(self, name: str, node: int) -> Closure:
        scope, state = self.state.scopes.by_name[name], self.state
        defaults = [(p, state.defaults[n]) for p in sorted(scope.defaults) if (n := state.variable(scope, p)) in state.defaults]
        return Closure(name, node, tuple(self._captured(name)), tuple(defaults))

    def _captured(self, name: str) -> dict[tuple[Scope, str], None]:
        found = self._captures.get(name)
        if found is None:
            body = self.state.bodies[name]
            bodies = [body, *self.class_bodies(body)]
            found = dict.fromkeys((m.scope, m.name) for b in bodies for m in b.names if m.scope.kind in ("function", "lambda"))
            for inner in (inner for b in bodies for inner, _ in b.functions):
                found.update(self._captured(inner))
            found = self._captures[name] = {where: None for where in found if where[0].name != name}
        return found

    def _places_in(self, value: Obj | Cls | Partial, name: str) -> Iterator[Place]:
        if isinstance(value, Partial):
            yield ("", value.site)
        elif isinstance(value, Obj) and (value.is_library or not name):
            if value.site:
                yield ("", value.site)
            elif not value.is_library:
                yield ("", holder(value).site)
        elif name:
            cls = value.cls if isinstance(value, Obj) else value.name
            if isinstance(value, Obj):
                yield (name, cls)
            yield from ((name, c) for c in order(self.state, cls) if name in self.state.class_data.get(c, ()))

    def look(self, places: Iterable[Place], reader: str) -> None:
        """The body has to look again when something else is put there."""
        for place in places:
            self._readers.setdefault(place, {})[reader] = None

    def keep(self, places: Iterable[Place], holds: Holds) -> bool:
        """Whether that was news."""
        grown = self.shared.put(places, holds)
        for place in sorted(grown):
            self._stale.update(self._readers.get(place, {}))
        return bool(grown)

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
            around = self.state.scopes.by_name[value.name].parent
            return value.name not in self.state.attributed and around is not None and around.owner.kind not in ("function", "lambda")
        return isinstance(value, Mod | LibMod | Lib) or getattr(value, "cls", "") in _IMMUTABLE

    def changeable_defaults(self, function: Scope) -> frozenset[str]:
        """The parameters whose default is an object that may be changed: `xs=[]`, not `xs=None`."""
        found = self._defaults.get(function.name)
        if found is None:
            nodes = {name: self.state.defaults.get(self.state.variable(function, name)) for name in function.defaults}
            changeable = (name for name, node in nodes.items() if node is None or self.may_change(node))
            found = self._defaults[function.name] = frozenset(changeable)
        return found

    def of_class(self, node: int, name: str) -> Holds:
        """`obj.name` where a class has the attribute: an object that all instances share."""
        key = (self.state.graph.sets[node], name)
        found = self._of_class.get(key)
        if found is None:
            found = 0
            for cls in self._classes(node):
                found |= self.owner(cls, name)
            self._of_class[key] = found
        return found

    def of_modules(self, node: int, name: str) -> Holds:
        """`module.name`"""
        key = (self.state.graph.sets[node], name)
        found = self._of_modules.get(key)
        if found is None:
            found = 0
            for value in self.state.graph.at(node):
                if isinstance(value, Mod):
                    found |= self.hold(value.name, name)
            self._of_modules[key] = found
        return found

    def caches(self, node: int, name: str) -> bool:
        """Whether asking for the attribute makes the object keep it: a cached_property."""
        state = self.state
        if not state.caching:
            return False
        along = {c for cls in self._classes(node) for c in order(state, cls)}
        found = (v for c in along for v in state.graph.at(self.variable(c, name)))
        return any(isinstance(v, Wrapped) and v.name in state.caching for v in found)

    def surely_of_class(self, node: int, name: str) -> bool:
        """Whether no instance has an attribute of its own that hides the class's."""
        key = (self.state.graph.sets[node], name)
        found = self._surely.get(key)
        if found is None:
            found = self._surely[key] = all(self._hides_nothing(cls, name) for cls in self._classes(node))
        return found

    def _hides_nothing(self, cls: str, name: str) -> bool:
        along = [c for c in order(self.state, cls) if c in self.state.bases]
        own = any(name in self.state.own_fields.get(c, ()) or name in self.state.filled.get(c, ()) for c in along)
        return not own and bool(self.owner(cls, name))

    def _classes(self, node: int) -> list[str]:
        values = [v for v in self.state.graph.at(node) if isinstance(v, Cls) or is_own(v)]
        return [v.name if isinstance(v, Cls) else v.cls for v in values]  # type: ignore[union-attr]

    def owner(self, cls: str, name: str) -> Holds:
        """The variable of the class that has the attribute."""
        along = [c for c in order(self.state, cls) if c in self.state.bases]
        if any(name in self.state.filled.get(c, ()) for c in along) and not self._is_default(along, name):
            return 0
        for owner in along:
            if name in self.state.class_data.get(owner, ()):
                scope = self.state.scopes.by_name[owner]
                return self.roots.deep(self.hold(scope.parent.name if scope.parent else scope.module, scope.variable))
        return 0

    def _is_default(self, along: list[str], name: str) -> bool:
        """Whether a field may be what its class has for it, an object that may be changed: all that leave it to the class have that."""
        left = any(name in self.state.left_to_class.get(c, ()) for c in along)
        having = [c for c in along if name in self.state.class_data.get(c, ())] if left else []
        return any(self.may_change(self.variable(c, name)) for c in having)

    def whole(self, node: int) -> frozenset[str]:
        """The classes and sites of an object, and of what it holds: all places in it end in one of them."""
        key = self.state.graph.sets[node]
        found = self._whole.get(key)
        if found is None:
            seen = dict[str, None]()
            waiting = [v for v in self.state.graph.at(node) if isinstance(v, Obj | Cls | Partial)]
            while waiting and len(seen) < _WITHIN:
                value = waiting.pop()
                name = _whole_of(value)
                if name and name not in seen:
                    seen[name] = None
                    waiting += () if self.state.large else self._held_by(value)
            found = self._whole[key] = frozenset(seen)
        return found

    def _held_by(self, value: Obj | Cls | Partial) -> tuple[Obj, ...]:
        """What is in a container, or in the attributes of an object: one of those that `whole` takes for the same, the last."""
        if not isinstance(value, Obj):
            return ()
        found = self._held.get(value)
        if found is None:
            last = dict[str, Obj]()
            for each in reversed([*self._all_held_by(value)]):
                last.setdefault(_whole_of(each), each)
            found = self._held[value] = tuple(reversed(last.values()))
        return found

    def _all_held_by(self, value: Obj) -> Iterator[Obj]:
        state = self.state
        nodes = [state.nodes.get(("held", value.site if value.is_library else holder(value).site))]
        for cls in order(state, value.cls) if not value.is_library else ():
            names = {name for table in (state.own_fields, state.filled, state.stored_fields) for name in table.get(cls, ())}
            nodes += [state.nodes.get(("field", cls, name)) for name in sorted(names)]
        for node in nodes:
            if node is not None:
                yield from (v for v in state.graph.at(node) if isinstance(v, Obj) and (v.site or not v.is_library))
