"""Nodes to objects: makes what a table says, then fills in what had to wait (see codec.py)."""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any

from faasify.runtime.unit import integers, pieces, wire
from faasify.runtime.unit.failures import CodecError, Untravellable
from faasify.runtime.unit.garbage import uncollected
from faasify.runtime.unit.registry import MAKERS, MANY, MAX_NODES, World

PHASES = 3
_FILLED_LATER = frozenset({"l", "d", "s", "q", "od", "dd", "cell"})  # tags of what is made empty
_UNSET: Any = object()


class Decoder:
    """Nodes to objects, after `known` objects that are there already. `nodes[i]` is that of object `base + i`, None inside pieces.

    `late`: the objects inside pieces, which for most calls nobody asks for, have their places in `objs` only after `number_all`."""

    def __init__(self, world: World, nodes: list[Any], known: list[Any] | None = None, *, late: bool = False) -> None:
        if type(nodes) is not list or len(nodes) > MAX_NODES:
            raise CodecError("the node table is no list, or too long")
        self.world = world
        known = known if known is not None else []
        self.base = len(known)
        self.objs: list[Any] = known + [_UNSET] * len(nodes)
        self.nodes = nodes
        self._late: list[tuple[int, int]] | None = [] if late else None  # pieces: the place, how many are inside
        self._rest = bool(nodes)  # there is more than pieces
        if world.binary:
            self._unpack()
        self._fills: list[list[Callable[[], None]]] = [[] for _ in range(PHASES)]
        self.spaces: list[tuple[Any, list[Any]]] = []  # instances and their attributes, filled behind phase 0
        self.dataclasses: dict[type, Callable[[], None]] = {}  # generates the methods of each; bases first

    def _unpack(self) -> None:
        """Make the lists of integers and the pieces, whose inner objects have numbers of their own."""
        nodes, objs, self._rest = list[Any](), self.objs[: self.base], False
        for node in self.nodes:
            nodes.append(node)
            tag = node[0] if type(node) is list and node else None
            if tag != "p" and tag != "I":
                objs.append(_UNSET)
                self._rest = True
                continue
            try:
                if tag == "I":
                    _, width, data = node
                    objs.append(integers.unpacked(width, data))
                    continue
                _, data, count = node
                if self._late is None:
                    obj, inner = pieces.make(data, count)
                    objs += (obj, *inner.values())
                else:
                    self._late.append((len(objs), count))
                    objs += (pieces.read(data, count), *[_UNSET] * count)
            except (wire.WireError, ValueError) as e:
                raise CodecError(f"damaged {'piece' if tag == 'p' else 'integers'}: {e}") from None
            nodes += [None] * count
        self.nodes, self.objs = nodes, objs

    def number_all(self) -> None:
        """Every object is at its place in `objs`."""
        if self._late:
            late, self._late = self._late, None
            for at, count in late:
                try:
                    self.objs[at + 1 : at + 1 + count] = pieces.inside(self.objs[at], count)
                except wire.WireError as e:
                    raise CodecError(f"damaged piece: {e}") from None

    def run(self) -> list[Any]:
        """All objects, filled."""
        return self._run() if len(self.nodes) < MANY else uncollected(self._run)()

    def _run(self) -> list[Any]:
        try:
            try:
                self._make_all()
            except RecursionError:  # a long chain of immutable objects
                self._make_in_order()
            for phase, fills in enumerate(self._fills):
                for fill in fills:
                    fill()
                if phase == 0:
                    self._fill_spaces()
            self._fills, self.spaces, self.dataclasses = [], [], {}  # they refer to us and would keep all alive until a collection
        except (CodecError, Untravellable):
            raise
        except RecursionError:
            raise CodecError("immutable values nested too deeply") from None
        except Exception as e:
            raise CodecError(f"damaged node: {type(e).__name__}: {e}") from e
        return self.objs

    def _make_all(self) -> None:
        if not self._rest:
            return
        if self._late:  # something may refer to what is inside
            self.number_all()
        for i in range(len(self.objs) - 1, self.base - 1, -1):
            if self.objs[i] is _UNSET:
                self.make(i)

    def _make_in_order(self) -> None:
        """As `_make_all`, each object after those that it cannot be made without, so that making descends no further than one step."""
        expanded: set[int] = set()
        for start in range(len(self.objs) - 1, self.base - 1, -1):
            todo = [start]
            while todo:
                i = todo[-1]
                waits = self._missing(i) if i not in expanded else []
                expanded.add(i)
                if waits:
                    todo += waits
                elif self.objs[todo.pop()] is _UNSET:
                    self.make(i)

    def _missing(self, i: int) -> list[int]:
        """The objects that node `i` refers to and that are not made yet, if it is of a kind that refers to them when it is made."""
        node = self.nodes[i - self.base]
        if self.objs[i] is not _UNSET or type(node) is not list or (node and node[0] in _FILLED_LATER):
            return []
        found, parts = list[int](), [node]
        while parts:
            for part in parts.pop():
                if type(part) is list:
                    whole = len(part) == 1 and type(part[0]) is int and 0 <= part[0] < len(self.objs)
                    found += part if whole and self.objs[part[0]] is _UNSET else ()
                    parts += () if whole else (part,)
        return found

    def _fill_spaces(self) -> None:
        """The attributes of all instances, most of what many graphs are; past any `__getattribute__` of the program."""
        values, space_of = self.values, object.__getattribute__
        for obj, flat in self.spaces:
            found = values(flat)
            space_of(obj, "__dict__").update(zip(found[::2], found[1::2], strict=True))

    def make(self, i: int) -> Any:
        if self._late:
            self.number_all()
            if self.objs[i] is not _UNSET:
                return self.objs[i]
        node = self.nodes[i - self.base]
        maker = MAKERS.get(node[0]) if type(node) is list and node and type(node[0]) is str else None
        if maker is None:
            raise CodecError(f"node {i} has no known tag")
        obj = maker(self, i, node)
        self.objs[i] = obj
        return obj

    def value(self, wire: Any) -> Any:
        if type(wire) is not list:
            return wire
        try:
            (i,) = wire
            obj = self.objs[i if i >= 0 else len(self.objs)]
        except (ValueError, TypeError, IndexError):
            raise CodecError("a reference is out of range") from None
        return obj if obj is not _UNSET else self.make(i)

    def values(self, wires: list[Any]) -> list[Any]:
        value = self.value
        return [value(w) if type(w) is list else w for w in wires]

    def pairs(self, flat: list[Any]) -> list[tuple[Any, Any]]:
        values = self.values(flat)
        return list(zip(values[::2], values[1::2], strict=True))

    def set_attributes(self, obj: Any, wire: Any) -> None:
        """Fill the `__dict__`, or have that of another object, as `Encoder.attributes` says."""
        if type(wire) is dict:
            other = self.value(wire["same"])
            object.__setattr__(obj, "__dict__", other if type(other) is dict else object.__getattribute__(other, "__dict__"))
        else:
            object.__getattribute__(obj, "__dict__").update(self.pairs(wire))

    def put(self, i: int, obj: Any) -> None:
        """Announce an object before its parts are made, so that they can refer to it."""
        self.objs[i] = obj

    def later(self, phase: int, fill: Callable[[], None]) -> None:
        self._fills[phase].append(fill)

    def code(self, key: Any) -> CodeType:
        code = self.world.codes.code_of(key) if type(key) is str else None
        if code is None:
            raise CodecError(f"the unit has no code {key!r}")
        return code
