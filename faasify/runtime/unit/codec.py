"""The value codec: one object graph, with identities, as a table of plain nodes.

A *wire value* is None, a bool, an int, a float that is no NaN, a str, bytes, or `[i]`: node i of the table. A node is `[tag,
...]`. Two references to one object are the same `[i]`, so aliasing and cycles need nothing further (SEMANTICS V3).

    >>> enc = Encoder(World()); xs = [1, "a"]; enc.value((xs, xs)), enc.finish()
    ([0], [['t', [[1], [1]]], ['L', [1, 'a']]])

The tags, `x` a wire value, `x*` a list of them, `kv*` a flat list [key, value, key, value, ...]:

    pieces.py          p bytes count: a tree of containers, itself and the `count` inside it being objects of the table
    containers.py      L plain*   T text-with-NULs: str*   I bytes: 64-bit int*   l x*   t x*   D {plain: plain}   d kv*   dof [instance]
                       s x* recipe   z x* recipe   b bytes   B str|bytes: a long one   q maxlen x*   dd factory kv*   od kv* attributes-kv*
    scalars.py         R name parts* (iterators.py too)   c real imag   nan bytes   k name   obj   std name   opaque name
    functions.py       f key defaults kwdefaults cells* {extra}   cell [x]   m function self   sm function kv*   cm function kv*
                       prop get set del doc   cp function name doc   P function args dict attributes-kv*   mk maker parts* attributes-kv*
                       M module   ref "module:qualname"   bm owner name   bd type name   ef class name
    classes.py         C name qualname module metaclass bases* kv* [slot] registered* maker [first names] flags   ty name
                       ga origin args   un args
    instances.py       o class kv*|{"same": [i]} slots-kv* payload   em class value
                       e class args kv* fields-kv* cause context suppress traceback slots-kv* [message exceptions]
    caches.py          lc function maxsize typed hits misses [args* kv* x]* attributes-kv*
    logging_values.py  lg name   ls level name formatter filters   hl
    carried.py         X name class|None [root, nodes]: a type of which the project says how it is carried, in a table of its own
    typing_values.py   tv ta ts fr        numpy_values.py   na no nv ns nd        each module says what is in its nodes

Each of these modules registers an encoder by exact type and a maker by tag. A maker returns the object, filled or not; what must
wait (cycles, hashes of the program's own classes) is left as a *fill*: phase 0 populates classes, 1 instances and sequences, 2
whatever hashes its elements.

Where messages are bytes (`World.binary`), `p T I` stand for large plain values, and buffers from BESIDE bytes on are out of line
(wire.py); where they are JSON, none of these is written, and wire.py tags what JSON lacks. A plain value (an event that a person wrote,
a result that one reads) has its own form, in plain.py.

Limits: MAX_NODES objects in a table; 1 GiB in a message (frames.py); a plain tree is nested 200 deep (plain.py). Depth of lists, dicts,
instances and chains of immutable objects is not limited otherwise; frozensets and keys that hold one another end where Python's
recursion does. Over a limit, writing raises Untravellable and leaves nothing behind, reading raises CodecError.

Code never arrives: functions name a key of the unit's code table, library objects a line of the bundle's manifest (see `World`).
Raises Untravellable for a value that cannot be carried and CodecError for a damaged table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pickle import PickleBuffer
from types import CodeType, ModuleType, TracebackType
from typing import Any

from faasify.runtime.unit import pieces, wire
from faasify.runtime.unit.codes import CodeTable
from faasify.runtime.unit.failures import CodecError as CodecError
from faasify.runtime.unit.failures import Untravellable as Untravellable
from faasify.runtime.unit.garbage import uncollected
from faasify.runtime.unit.kinds import module_of, partial_space

PLAIN = frozenset({type(None), bool, int, str, bytes})  # carried as they are; identity not promised (C5)
PLAIN_OR_FLOAT = PLAIN | {float}
_INLINE = frozenset({type(None), bool, int})  # for these there is nothing to decide
_LONG = frozenset({str, bytes})  # of these, long ones are nodes: sent once, and referred to when they come back
MAX_NODES = 20_000_000
PHASES = 3
MANY = 500  # objects: from here on, the collector waits
BESIDE = 1 << 15  # bytes: from here on, a buffer goes out of line
ATTEMPTS, REWARD = 16, 4  # at containers as pieces: how many may fail, and how many more for each that succeeds
_WHOLE = frozenset({list, dict, tuple})
_FILLED_LATER = frozenset({"l", "d", "s", "q", "od", "dd", "cell"})  # tags of what is made empty


class World:
    """What encoder and decoder know of the process they are in; caller and worker each have one."""

    binary = False  # whether messages are bytes, so that pieces and buffers need no JSON form

    def __init__(self) -> None:
        self.codes = CodeTable()
        self.modules: dict[str, ModuleType] = {}  # the program's, by import name
        self.imports: frozenset[str] = frozenset()  # library modules that the program imports
        self.carried: Mapping[str, Any] = {}  # types of which the project says how to carry them, by name (carried.py)
        self.inspects_annotations = True  # some code of the program reads annotations, so they must travel

    def library_ref(self, obj: Any) -> str | None:
        """`module:qualname` under which the manifest lists `obj`, if it does."""
        return None

    def member_ref(self, obj: Any) -> str | None:
        """The reference by which an instance of the program's class goes (a member of an enumeration), where instances have names."""
        return None

    def resolve(self, ref: str) -> Any:
        raise CodecError(f"{ref} is not in the manifest")

    def stream_name(self, obj: Any) -> str | None:
        """ "stdin", "stdout" or "stderr" if `obj` is that original stream."""
        return None

    def stream(self, name: str) -> Any:
        raise CodecError(f"no stream {name}")

    def frames(self, exc: BaseException, until: TracebackType | None = None) -> list[Any] | None:
        """The traceback of `exc` as plain data, innermost last, up to `until`."""
        return None

    def attach_frames(self, exc: BaseException, frames: list[Any] | None, rest: TracebackType | None = None) -> None:
        """Give `exc` a traceback that shows `frames` and then `rest`."""

    def opaque(self, what: str) -> Any:
        """Stands for an object that is only handed around."""
        raise CodecError(f"a {what} cannot be made")

    def notes(self) -> Any:
        """What takes notes of outputs, and ends the call: there in a unit."""
        raise CodecError("notes are taken in a unit")

    def is_program_class(self, cls: type) -> bool:
        return module_of(cls) in self.modules


EncodeFn = Callable[["Encoder", Any], list[Any]]
MakeFn = Callable[["Decoder", int, list[Any]], Any]
ENCODERS: dict[type, EncodeFn] = {}
MAKERS: dict[str, MakeFn] = {}
_fallback: list[EncodeFn] = []


def encodes(*types: type) -> Callable[[EncodeFn], EncodeFn]:
    def register(fn: EncodeFn) -> EncodeFn:
        for t in types:
            ENCODERS[t] = fn
        return fn

    return register


def encodes_rest(fn: EncodeFn) -> EncodeFn:
    """Register the encoder for types that have none of their own."""
    _fallback[:] = [fn]
    return fn


def makes(*tags: str) -> Callable[[MakeFn], MakeFn]:
    def register(fn: MakeFn) -> MakeFn:
        for tag in tags:
            assert tag not in MAKERS, tag
            MAKERS[tag] = fn
        return fn

    return register


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

    def _whole(self, obj: Any) -> list[int]:
        """A container with all that is in it as one node, if nothing in it is known already; else a node for itself."""
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
        rest = _fallback[0]
        while todo:
            at, obj = todo.pop()
            nodes[at] = (ENCODERS.get(type(obj)) or rest)(self, obj)
            if len(nodes) > MANY:
                self._drain_many()

    @uncollected
    def _drain_many(self) -> None:
        todo, nodes, rest = self._todo, self.nodes, _fallback[0]
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
        return self.nodes


def encoded_size(world: World, obj: Any) -> int:
    """The bytes that `obj` with all it reaches takes in a message; 0 if it cannot travel."""
    enc = Encoder(world)
    try:
        enc.root(obj)
        return wire.size(wire.dumps(enc.finish()))
    except Untravellable:
        return 0


def _shows_dict(cls: type) -> bool:
    """Whether instances have a `__dict__`, and let it be seen: type variables have one since 3.12 that they do not show."""
    look = type.__getattribute__
    return bool(cls.__dictoffset__) and any("__dict__" in look(c, "__dict__") for c in look(cls, "__mro__"))


_UNSET: Any = object()


class Decoder:
    """Nodes to objects, after `known` objects that are there already. `nodes[i]` is that of object `base + i`, None inside pieces."""

    def __init__(self, world: World, nodes: list[Any], known: list[Any] | None = None) -> None:
        if type(nodes) is not list or len(nodes) > MAX_NODES:
            raise CodecError("the node table is no list, or too long")
        self.world = world
        known = known if known is not None else []
        self.base = len(known)
        self.objs: list[Any] = known + [_UNSET] * len(nodes)
        self.nodes = nodes
        if world.binary:
            self._unpack()
        self._fills: list[list[Callable[[], None]]] = [[] for _ in range(PHASES)]
        self.spaces: list[tuple[Any, list[Any]]] = []  # instances and their attributes, filled behind phase 0
        self.dataclasses: dict[type, Callable[[], None]] = {}  # generates the methods of each; bases first

    def _unpack(self) -> None:
        """Make the pieces, whose inner objects have numbers of their own."""
        nodes, objs = list[Any](), self.objs[: self.base]
        for node in self.nodes:
            nodes.append(node)
            if type(node) is not list or node[:1] != ["p"]:
                objs.append(_UNSET)
                continue
            try:
                _, data, count = node
                obj, inner = pieces.make(data, count)
            except (wire.WireError, ValueError) as e:
                raise CodecError(f"damaged piece: {e}") from None
            objs.append(obj)
            objs += inner.values()
            nodes += [None] * len(inner)
        self.nodes, self.objs = nodes, objs

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


def load_types() -> None:
    """Import the modules that register types; done once by caller and unit, not at import, to keep imports acyclic."""
    from faasify.runtime.unit import (  # noqa: F401
        caches,
        carried,
        classes,
        containers,
        functions,
        instances,
        iterators,
        logging_values,
        numpy_values,
        typing_values,
    )
