"""Types of which the program's project says how to carry them (`[tool.faasify] types`).

    CARRIED = {"shapely.geometry.point:Point": (parts, point)}             what a file of the project has
    parts(obj) -> (1.0, 2.0)      point(cls, 1.0, 2.0) -> obj              and a third, where an object changes in place:
    change(obj, 3.0, 4.0)                                                  make it what `make` would make of these parts

["X", "shapely.geometry.point:Point", class, [root, nodes]]: `class` is that of a program, None for one of the library's; the parts are a
table of their own, of plain values and what the library's types are made from: they are complete before the object is made, and share
nothing with what is around it.

The file comes with the build and is run once by each side. What arrives names an entry of its table, and never anything else (M1).
"""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from faasify.runtime.unit import changes, wire
from faasify.runtime.unit.codec import CodecError, Decoder, EncodeFn, Encoder, Untravellable, World, makes
from faasify.runtime.unit.kinds import is_kind

# What parts may consist of: built-in containers and atoms, values of the library, arrays, other types of the project's.
_CONTAINERS = ("p", "L", "T", "I", "l", "t", "D", "d", "od", "dd", "q", "s", "z", "b", "B")
_PARTS = frozenset({*_CONTAINERS, "R", "c", "nan", "k", "na", "nv", "no", "ns", "nd", "X"})


class Carried(NamedTuple):
    """One type: its name, and what its project says about it."""

    name: str
    take: Callable[[Any], tuple[Any, ...]]
    make: Callable[..., Any]
    change: Callable[..., None] | None = None


class BadTypes(Exception):
    """A file of the project's that fails, or says something else than it should."""


def load(folder: str, files: Iterable[str]) -> dict[str, Carried]:
    """The types that these files of a build carry, by name."""
    found: dict[str, Carried] = {}
    for file in files:
        path = os.path.join(folder, file)
        try:
            with open(path, "rb") as f:
                space: dict[str, Any] = {"__name__": f"faasify:{file}", "__file__": path, "__builtins__": builtins}
                exec(compile(f.read(), path, "exec", dont_inherit=True), space)
            found |= {name: Carried(name, *functions) for name, functions in space["CARRIED"].items()}
        except Exception as e:
            raise BadTypes(f"{file}: {type(e).__name__}: {e}") from e
    return found


def name_of(cls: type) -> str:
    return f"{cls.__module__}:{cls.__qualname__}"


def plan(world: World, carried: Carried, cls: type) -> EncodeFn:
    """What encodes the instances of a class that the project carries."""
    _compared_by_parts(world, carried, cls)
    of_program = world.is_program_class(cls)

    def encode(enc: Encoder, obj: Any) -> list[Any]:
        ref = None if of_program else world.library_ref(obj)
        if ref is not None:
            return ["ref", ref]
        return ["X", carried.name, enc.value(cls) if of_program else None, taken(world, carried, obj)]

    return encode


def taken(world: World, carried: Carried, obj: Any) -> list[Any]:
    """The parts of an object as a table of their own: [root, nodes]."""
    try:
        parts = carried.take(obj)
    except Exception as e:
        raise Untravellable(f"a {carried.name}, which cannot be taken apart ({type(e).__name__}: {e})", obj) from e
    if type(parts) is not tuple:
        raise Untravellable(f"a {carried.name}, whose parts are a {type(parts).__name__} and no tuple", obj)
    enc = Encoder(world)
    root = enc.root(parts)
    nodes = enc.finish()
    if odd := next((node[0] for node in nodes if node[0] not in _PARTS), None):
        raise Untravellable(f"a {carried.name}, whose parts are not all plain values (a node {odd!r})", obj)
    return [root, nodes]


def parts_of(world: World, table: Any) -> tuple[Any, ...]:
    root, nodes = table
    if type(nodes) is not list or not all(type(node) is list and node and node[0] in _PARTS for node in nodes):
        raise CodecError("parts that are no plain values")
    dec = Decoder(world, nodes)
    dec.run()
    parts = dec.value(root)
    if type(parts) is not tuple:
        raise CodecError("parts that are no tuple")
    return parts


@makes("X")
def _make(dec: Decoder, i: int, node: list[Any]) -> Any:
    _, name, own, table = node
    carried = dec.world.carried.get(name) if type(name) is str else None
    if carried is None:
        raise CodecError(f"the project carries no {name!r}")
    cls = dec.value(own) if own is not None else _library_class(dec.world, name)
    if not is_kind(cls, type) or name_of(cls) != name:
        raise CodecError(f"{name} is another class")
    _compared_by_parts(dec.world, carried, cls)
    parts = parts_of(dec.world, table)
    try:
        obj = carried.make(cls, *parts)
    except Exception as e:
        raise CodecError(f"{name} cannot be made again ({type(e).__name__}: {e})") from e
    if type(obj) is not cls:
        raise CodecError(f"what makes a {name} made a {type(obj).__name__}")
    return obj


def _library_class(world: World, name: str) -> Any:
    """The class with a name that stands in the project's table; its module is imported if it is none of the program's."""
    module, _, path = name.partition(":")
    if module in world.modules:
        raise CodecError(f"{name} is a class of the program")
    try:
        found: Any = sys.modules.get(module) or __import__(module, fromlist=["*"])
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as e:
        raise CodecError(f"there is no {name}: {e}") from e
    return found


def _compared_by_parts(world: World, carried: Carried, cls: type) -> None:
    kind = changes.KINDS.get(cls)
    if not isinstance(kind, _Kind) or kind.carried is not carried:
        changes.KINDS[cls] = _Kind(world, carried)


class _Kind(changes.Kind):
    """Compared by the parts that it is taken apart into."""

    def __init__(self, world: World, carried: Carried) -> None:
        self.world, self.carried = world, carried

    def flat(self, obj: Any) -> Any:
        message = wire.dumps(taken(self.world, self.carried, obj))
        return message if isinstance(message, bytes) else b"".join(message)

    def edit(self, enc: Encoder, obj: Any, before: Any) -> list[Any]:
        if self.carried.change is None:
            raise Untravellable(f"a {self.carried.name} was changed, and its project has no third function that does so", obj)
        return ["X", taken(enc.world, self.carried, obj)]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Callable[[], None]:
        parts, change = parts_of(dec.world, node[1]), self.carried.change
        if change is None:
            raise CodecError(f"a {self.carried.name} cannot be changed")
        return lambda: change(obj, *parts)


def find(world: World, cls: type) -> Carried | None:
    """What the project says about instances of exactly this class."""
    table: Mapping[str, Carried] = world.carried
    return table.get(name_of(cls)) if table else None
