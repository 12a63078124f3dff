"""What is the same for all bodies while their summaries are made: where objects are kept, and what has been put there for everybody.

self.rows = xs          ("rows", "app.Box") for every instance of Box
table["a"] = xs         ("", site) for all elements of the containers made at a site
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from faasify.analysis.members import order
from faasify.analysis.roots import NO_HOLDS, Hold, Place, Summary
from faasify.analysis.state import State
from faasify.analysis.values import Cls, Func, Lib, LibMod, Mod, Obj, Value, is_own

_IMMUTABLE = frozenset(f"builtins:{n}" for n in ("int", "float", "bool", "complex", "str", "bytes", "NoneType", "range"))


def _whole_of(value: Obj | Cls) -> str:
    if isinstance(value, Cls):
        return value.name
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

    def places(self, node: int, name: str) -> frozenset[Place]:
        """Where `node.name`, or its elements, are kept."""
        found = self._places.get((node, name))
        if found is None:
            values = [v for v in self.state.graph.at(node) if isinstance(v, Obj | Cls)]
            found = self._places[node, name] = frozenset(place for v in values for place in self._places_in(v, name))
        return found

    def _places_in(self, value: Obj | Cls, name: str) -> Iterator[Place]:
        if isinstance(value, Obj) and (value.is_library or not name):
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
            values = [v for v in self.state.graph.at(node) if isinstance(v, Obj | Cls)]
            found = self._whole[node] = frozenset(name for v in values if (name := _whole_of(v)))
        return found
