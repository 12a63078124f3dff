"""What is the same for all bodies while their summaries are made: where objects are kept, and what has been put there for everybody.

self.rows = xs          ("rows", "app.Box") for every instance of Box
table["a"] = xs         ("", site) for all elements of the containers made at a site
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from faasify.analysis.bodies import Body
from faasify.analysis.members import order
from faasify.analysis.roots import NO_HOLDS, Hold, Place, Summary
from faasify.analysis.scopes import Scope
from faasify.analysis.state import State
from faasify.analysis.values import Cls, Func, Lib, LibMod, Mod, Obj, Partial, Value, is_own

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

    def __init__(self, state: State, summaries: dict[str, Summary], *, heavy: bool, rounds: int) -> None:
        self.state, self.summaries, self.heavy, self.rounds = state, summaries, heavy, rounds
        self.shared: dict[Place, set[Hold]] = {}
        self.readers: dict[Place, dict[str, None]] = {}  # the bodies that looked
        self._stale: dict[str, None] = {}  # those of them that have to look again
        self.spread: dict[Hold, set[Place]] = {}  # the same by what is kept
        self._places: dict[tuple[int, str], frozenset[Place]] = {}
        self._of_class: dict[tuple[int, str], frozenset[Hold]] = {}
        self._whole: dict[int, frozenset[str]] = {}
        self._captures: dict[str, dict[tuple[Scope, str], None]] = {}  # by function

    def places(self, node: int, name: str) -> frozenset[Place]:
        """Where `node.name`, or its elements, are kept."""
        found = self._places.get((node, name))
        if found is None:
            values = [v for v in self.state.graph.at(node) if isinstance(v, Obj | Cls | Partial)]
            found = self._places[node, name] = frozenset(place for v in values for place in self._places_in(v, name))
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
        elif name:
            cls = value.cls if isinstance(value, Obj) else value.name
            if isinstance(value, Obj):
                yield (name, cls)
            yield from ((name, c) for c in order(self.state, cls) if name in self.state.class_data.get(c, ()))

    def kept_in(self, place: Place, reader: str) -> Set[Hold]:
        """What hangs from variables that everybody sees and has been put there, as far as is known."""
        self.readers.setdefault(place, {})[reader] = None
        return self.shared.get(place, NO_HOLDS)

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
            around = self.state.scopes.by_name[value.name].parent
            return value.name not in self.state.attributed and around is not None and around.owner.kind not in ("function", "lambda")
        return isinstance(value, Mod | LibMod | Lib) or getattr(value, "cls", "") in _IMMUTABLE

    def of_class(self, node: int, name: str) -> Set[Hold]:
        """`obj.name` where a class has the attribute: an object that all instances share."""
        found = self._of_class.get((node, name))
        if found is None:
            owners = {self.owner(cls, name) for cls in self._classes(node)}
            found = self._of_class[node, name] = frozenset(owner for owner in owners if owner is not None)
        return found

    def surely_of_class(self, node: int, name: str) -> bool:
        """Whether no instance has an attribute of its own that hides the class's."""
        for cls in self._classes(node):
            along = [c for c in order(self.state, cls) if c in self.state.bases]
            own = any(name in self.state.own_fields.get(c, ()) or name in self.state.filled.get(c, ()) for c in along)
            if own or self.owner(cls, name) is None:
                return False
        return True

    def _classes(self, node: int) -> list[str]:
        values = [v for v in self.state.graph.at(node) if isinstance(v, Cls) or is_own(v)]
        return [v.name if isinstance(v, Cls) else v.cls for v in values]  # type: ignore[union-attr]

    def owner(self, cls: str, name: str) -> Hold | None:
        """The variable of the class that has the attribute."""
        along = [c for c in order(self.state, cls) if c in self.state.bases]
        if any(name in self.state.filled.get(c, ()) for c in along):
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
            values = [v for v in self.state.graph.at(node) if isinstance(v, Obj | Cls | Partial)]
            found = self._whole[node] = frozenset(name for v in values if (name := _whole_of(v)))
        return found
