"""Objects to nodes: see codec.py for what they look like."""

from __future__ import annotations

from functools import partial
from pickle import PickleBuffer
from types import ModuleType
from typing import Any

from faasify.runtime.unit import integers, pieces, wire
from faasify.runtime.unit.failures import Untravellable
from faasify.runtime.unit.garbage import uncollected
from faasify.runtime.unit.hash_methods import TELLING, may_tell
from faasify.runtime.unit.kinds import is_kind, partial_space
from faasify.runtime.unit.registry import ENCODERS, FALLBACK, MANY, MAX_NODES, PLAIN, EncodeFn, World

_INLINE = frozenset({type(None), bool, int})  # for these there is nothing to decide
_LONG = frozenset({str, bytes})  # of these, long ones are nodes: sent once, and referred to when they come back
_WHOLE = frozenset({list, dict, tuple})
BESIDE = 1 << 15  # bytes: from here on, a buffer goes out of line
ATTEMPTS, REWARD = 16, 4  # at containers as pieces: how many may fail, and how many more for each that succeeds


class Encoder:
    """Objects to nodes. `objs` are all objects by number; `codes` are the keys of all code met, `programs` the program modules."""

    def __init__(self, world: World, known: list[Any] | None = None) -> None:
        self.world = world
        self.objs: list[Any] = list(known or ())
        self.base = len(self.objs)
        self.memo: dict[int, int] = dict(zip(map(id, self.objs), range(len(self.objs)), strict=True))
        self._dicts: dict[int, int] = {}  # id of an object's __dict__ -> number of the object
        self._dicts_of_known = not self.base  # whether those of `known` are in it
        self.nodes: list[Any] = []
        self.codes: list[str] = []
        self._seen_codes: set[str] = set()
        self.programs: list[str] = []
        self.plans: dict[type, EncodeFn] = {}  # how instances of a class are encoded, see instances.py
        self._todo: list[tuple[int, Any]] = []  # (index of the node, object)
        self._attempts = ATTEMPTS if world.binary else 0
        self.pops = False  # whether sets may have popped, which they remember
        self._long = {id(o) for o in self.objs if type(o) in _LONG}

    def value(self, obj: Any) -> Any:
        """The wire value of `obj`; what it refers to is encoded by the next `drain`."""
        kind = type(obj)
        if (kind in PLAIN and (kind not in _LONG or len(obj) < pieces.LONG)) or (kind is float and obj == obj):
            return obj
        if kind in TELLING and may_tell(obj):
            raise Untravellable("a `__hash__`, which may be an address", obj)
        i = self.memo.get(id(obj))
        if i is None:
            if kind in _WHOLE and self._attempts > 0 and pieces.promising(obj):
                return self._whole(obj)
            return self._new(obj)
        return [i]

    def _new(self, obj: Any) -> list[int]:
        i = self.memo[id(obj)] = len(self.objs)
        self.objs.append(obj)
        if type(obj) in _LONG:
            self._long.add(id(obj))
        self._todo.append((len(self.nodes), obj))
        self.nodes.append(None)
        return [i]

    def hash_of_class(self, obj: Any) -> Any:
        """As `value`, of what a class has for its `__hash__`: the program is told by `hash`, which is seen to."""
        if not may_tell(obj):
            return self.value(obj)
        i = self.memo.get(id(obj))
        return self._new(obj) if i is None else [i]

    def _whole(self, obj: Any) -> list[int]:
        """A container with all that is in it as one node, if nothing in it is known already; else a node for itself."""
        node = self.integers(obj)
        if node is not None:
            self.nodes.append(node)
            self.memo[id(obj)] = len(self.objs)
            self.objs.append(obj)
            return [self.memo[id(obj)]]
        taken = pieces.take(obj, self._long)
        if taken is not None:
            data, inner = taken
            if self.pops and pieces.has_sets(obj, inner):
                return self._new(obj)
            if self.memo.keys().isdisjoint(inner) and self.dicts().keys().isdisjoint(inner) and id(obj) not in self.dicts():
                self._attempts += REWARD
                i = self.memo[id(obj)] = len(self.objs)
                self.memo.update(zip(inner, range(i + 1, i + 1 + len(inner)), strict=True))
                self.objs.append(obj)
                self.objs += inner.values()
                self.nodes.append(["p", self.buffer(data), len(inner)])
                return [i]
        self._attempts -= 1
        return self._new(obj)

    def integers(self, obj: Any) -> list[Any] | None:
        """The node of a long list of integers; None: it is something else."""
        if type(obj) is not list or len(obj) < integers.MANY or type(obj[0]) is not int:
            return None
        packed = integers.packed(obj)
        return ["I", packed[0], self.buffer(packed[1])] if packed is not None else None

    def buffer(self, data: bytes) -> Any:
        """`data` as a wire value that large messages keep out of line."""
        return PickleBuffer(data) if len(data) >= BESIDE and self.world.binary else data

    def values(self, objs: Any) -> list[Any]:
        value, plain, long = self.value, _INLINE, pieces.LONG
        return [o if (t := type(o)) in plain or (t is str and len(o) < long) else value(o) for o in objs]

    def pairs(self, items: Any) -> list[Any]:
        """A flat [key, value, key, value, ...]."""
        value, plain, long = self.value, _INLINE, pieces.LONG
        return [x if (t := type(x)) in plain or (t is str and len(x) < long) else value(x) for pair in items for x in pair]

    def attributes(self, obj: Any, space: dict[Any, Any]) -> Any:
        """`obj.__dict__` as a flat list, or {"same": [i]} where it is node i, or the `__dict__` of node i."""
        me, owner = self.memo[id(obj)], self.owner(space)
        if owner is None and id(space) in self.memo:
            owner = self.memo[id(space)]
        if owner is not None and owner != me:
            return {"same": [owner]}
        self._dicts[id(space)] = me
        return self.pairs(space.items())

    def owner(self, space: dict[Any, Any]) -> int | None:
        """The number of the object whose `__dict__` this is, if that has been met."""
        return self.dicts().get(id(space))

    def dicts(self) -> dict[int, int]:
        """The id of each `__dict__` of an object that has been met, with the object's number."""
        if not self._dicts_of_known:
            self._dicts_of_known = True
            known = self.objs[: self.base]
            having = {cls for cls in set(map(type, known)) if not issubclass(cls, type | ModuleType) and _shows_dict(cls)}
            for i, obj in enumerate(known if having else ()):
                if type(obj) in having:
                    space = partial_space(obj) if type(obj) is partial else object.__getattribute__(obj, "__dict__")
                    if space is not None:
                        self._dicts.setdefault(id(space), i)
        return self._dicts

    def drain(self) -> None:
        """Encode everything that is referenced and not encoded yet; raises Untravellable."""
        todo, nodes = self._todo, self.nodes
        rest = FALLBACK[0]
        while todo:
            at, obj = todo.pop()
            nodes[at] = (ENCODERS.get(type(obj)) or rest)(self, obj)
            if len(nodes) > MANY:
                self._drain_many()

    @uncollected
    def _drain_many(self) -> None:
        todo, nodes, rest = self._todo, self.nodes, FALLBACK[0]
        while todo:
            at, obj = todo.pop()
            nodes[at] = (ENCODERS.get(type(obj)) or rest)(self, obj)

    def root(self, obj: Any) -> Any:
        """Encode `obj` and all it reaches, or leave no trace and raise Untravellable."""
        mark, nodes, codes, programs = len(self.objs), len(self.nodes), len(self.codes), len(self.programs)
        try:
            reference = self.value(obj)
            self.drain()
            if len(self.objs) > MAX_NODES:
                raise Untravellable(f"a value of more than {MAX_NODES:,} objects", obj)
        except Untravellable:
            self.forget(mark, nodes, codes, programs)
            raise
        except RecursionError:
            self.forget(mark, nodes, codes, programs)
            raise Untravellable("keys or elements of sets that are nested too deeply", obj) from None
        return reference

    def forget(self, mark: int, nodes: int, codes: int, programs: int) -> None:
        for obj in self.objs[mark:]:
            del self.memo[id(obj)]
            self._long.discard(id(obj))
        self._dicts = {k: i for k, i in self._dicts.items() if i < mark}
        del self.objs[mark:], self.nodes[nodes:], self.programs[programs:]
        self._seen_codes.difference_update(self.codes[codes:])
        del self.codes[codes:]
        self._todo.clear()
        self.plans.clear()  # they hold numbers of classes

    def met_code(self, key: str) -> None:
        if key not in self._seen_codes:
            self._seen_codes.add(key)
            self.codes.append(key)

    def finish(self) -> list[Any]:
        self.drain()
        if self.world.copies_deeply:
            self._refuse_memos()
        return self.nodes

    def _refuse_memos(self) -> None:
        """What `deepcopy` notes on the way are addresses: it keeps what they belong to under that of the memo itself."""
        for obj in self.objs:
            if is_kind(obj, dict) and (dict.__contains__(obj, id(obj)) or _is_copied_memo(obj)):
                raise Untravellable("the memo of a deepcopy, which holds addresses", obj)


def encoded_size(world: World, obj: Any) -> int:
    """The bytes that `obj` with all it reaches takes in a message; 0 if it cannot travel."""
    enc = Encoder(world)
    try:
        enc.root(obj)
        return wire.size(wire.dumps(enc.finish()))
    except Untravellable:
        return 0


def _is_copied_memo(obj: Any) -> bool:
    """Whether a dict has what a memo has: under an address that is none of theirs, a list of objects of which it has the addresses."""
    first = next(dict.__iter__(obj), None)
    if type(first) is not int or first < _ADDRESSES:
        return False
    for key, value in dict.items(obj):
        if type(value) is list and value and type(key) is int:
            addresses = set(map(id, value))
            if key not in addresses and all(dict.__contains__(obj, address) for address in addresses):
                return True
    return False


_ADDRESSES = 1 << 16  # below, nothing lies


def _shows_dict(cls: type) -> bool:
    """Whether instances have a `__dict__`, and let it be seen: type variables have one since 3.12 that they do not show."""
    look = type.__getattribute__
    return bool(cls.__dictoffset__) and any("__dict__" in look(c, "__dict__") for c in look(cls, "__mro__"))
