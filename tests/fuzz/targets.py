"""What is fed with bytes, and what may come of it: a value, or one of the errors that are meant for it. Anything else raises.

    TARGETS["graph"](b'[["L", [1]]]')

The victim's classes note it when anything of theirs runs, and an audit hook ends a run that reaches for the system.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from faasify.runtime.unit import changes, pieces, wire
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable
from faasify.runtime.unit.plain import PlainError, from_plain
from tests.runtime.worlds import TwoWorlds, in_one_piece

VICTIM = """
    import abc, array, collections, dataclasses, datetime, decimal, enum, fractions, functools, io, itertools, operator, os, pathlib, re
    import subprocess, types, uuid, zoneinfo
    os.system, subprocess.Popen, os.environ, functools.partial, operator.methodcaller, collections.ChainMap, types.SimpleNamespace, len
    RAN = []
    class Quiet:
        def __init__(self, *args): RAN.append("__init__")
        __setstate__ = __reduce__ = __del = __init__
        x = 1
    class Loud(dict):
        def __setitem__(self, *args): RAN.append("__setitem__")
        update = __setattr__ = __getattribute__ = __setitem__
    class Hooks(type):
        def __call__(cls, *args): RAN.append("__call__")
        def __setattr__(cls, *args): RAN.append("__setattr__")
    class Abstract(abc.ABC):
        @classmethod
        def __subclasshook__(cls, other): RAN.append("__subclasshook__"); return NotImplemented
    Abstract.register(int)
    class Made(metaclass=Hooks):
        __slots__ = ("a",)
        def __init_subclass__(cls): RAN.append("__init_subclass__")
    class Color(enum.Enum):
        RED = 1
    @dataclasses.dataclass
    class Data:
        a: int
        b: list = dataclasses.field(default_factory=list)
    Pair = collections.namedtuple("Pair", "left right")
    class Failure(Exception): pass
    def f(a=[1], *, k=None): return a
    def outer(n):
        def inner(): return n
        return inner
    inner = outer([1])
"""
ALLOWED = (wire.WireError, CodecError, Untravellable, PlainError)
# Modules are loaded, their files read, named tuples and dataclasses generated: that is the codec's own doing.
_HARMLESS = frozenset(
    {
        *("import", "open", "exec", "compile", "marshal.loads", "os.listdir", "os.scandir", "code.__new__", "function.__new__"),
        *("object.__getattr__", "object.__setattr__", "object.__delattr__", "gc.get_referents", "sys._getframe", "builtins.id"),
        *("sys.excepthook", "sys.unraisablehook", "cpython._PySys_ClearAuditHooks"),
    }
)
_watching = False


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if _watching and (event not in _HARMLESS or (event == "open" and _foreign(args[0]))):
        raise SystemError(f"{event} {args!r}")


def _foreign(path: object) -> bool:
    return not str(path).endswith((".py", ".pyc", ".so")) and "zoneinfo" not in str(path) and "tzdata" not in str(path)


class Victim:
    """One program, on a transport of bytes and on one of JSON."""

    def __init__(self) -> None:
        self.binary, self.json = TwoWorlds(VICTIM), TwoWorlds(VICTIM, json_wire=True)
        for pair in (self.binary, self.json):
            pair.space["RAN"].clear()  # what its own top level did
            vars(pair.unit.modules["app"])["RAN"] = pair.space["RAN"]
        self.known = _known(self.json)

    def ran(self) -> list[str]:
        return [*self.binary.space["RAN"], *self.json.space["RAN"]]


_victims: list[Victim] = []


def victim() -> Victim:
    if not _victims:
        _victims.append(Victim())
        sys.addaudithook(_hook)
    return _victims[0]


def message(data: bytes) -> None:
    """The bytes of a message, as `local` has them."""
    tree = wire.loads(data)
    Decoder(victim().binary.unit, tree if type(tree) is list else [tree]).run()


def piece(data: bytes) -> None:
    pieces.make(data[1:], data[0] if data else 0)


def graph(data: bytes) -> None:
    """A node table as JSON, which is all that a unit takes from elsewhere."""
    Decoder(victim().json.unit, wire.from_json(_json(data))).run()


def edits(data: bytes) -> None:
    """What a call changed, as it arrives: [nodes, [[number, edit], ...]]."""
    nodes, changed = _json(data)
    world = victim().json.caller
    dec = Decoder(world, wire.from_json(nodes), list(victim().known))
    dec.run()
    for number, node in wire.from_json(changed):
        changes.planned(dec, dec.objs[number], node, world.is_program_class)


def plain(data: bytes) -> None:
    """An event that a person wrote."""

    def graph_of(content: Any) -> Any:
        nodes = wire.from_json(content)
        return Decoder(victim().json.unit, nodes).run()

    from_plain(_json(data), graph_of)


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise wire.WireError("no JSON") from None


TARGETS: dict[str, Callable[[bytes], None]] = {t.__name__: t for t in (message, piece, graph, edits, plain)}


def run(target: Callable[[bytes], None], data: bytes) -> bool:
    """Whether `data` was taken; raises what must not be raised."""
    global _watching
    there = victim()
    _watching = True
    try:
        target(data)
        taken = True
    except ALLOWED:
        taken = False
    except (TypeError, ValueError, IndexError):
        if target is not edits:
            raise
        taken = False  # of the target's own unpacking
    finally:
        _watching = False
    if ran := there.ran():
        raise AssertionError(f"it ran {ran}")
    return taken


def seeds(name: str) -> list[bytes]:
    """Good input of a target, to begin with."""
    there = victim()
    pair = there.binary if name in ("message", "piece") else there.json
    found = [data for value in _values(pair) if (data := _seed(name, pair, value)) is not None]
    if name == "plain":
        found += [
            b'{"a": [1, {"$tuple": [2]}], "$set": []}',
            b'{"$datetime.date": [2024, 2, 29]}',
            b'{"$dict": [[{"$bytes": "YWI="}, 1.5]]}',
        ]
    if name == "edits":
        found += [json.dumps([[], [[number, node]]]).encode() for number in range(len(there.known)) for node in _EDITS]
        found.append(json.dumps([[["L", [1]], ["t", [[6], [0]]]], [[0, ["l", [[6], [7], 5]]]]]).encode())
    return found


def _seed(name: str, pair: TwoWorlds, value: Any) -> bytes | None:
    if name == "piece":
        taken = pieces.take(value)
        return bytes([len(taken[1]) % 256]) + taken[0] if taken is not None else None
    if name == "edits":
        return None
    enc = Encoder(pair.caller)
    enc.root(value)
    if name == "message":
        return in_one_piece(wire.dumps(enc.finish()))
    nodes = wire.to_json(enc.finish())
    return json.dumps(nodes if name == "graph" else {"$graph": nodes}).encode()


_EDITS = [
    ["l", [1, [1]]],
    ["Δ", ["a"], ["b", [0]]],
    ["s", [1, 3], []],
    ["b", {"$b": "YWI="}],
    ["e", 1, None, None, False, [], []],
    ["R", [[0], 1]],
    ["o", ["Δ", ["a"], ["c", 1]], [], None, None],
    ["o", ["d", ["c", [0]]], ["a", 1], None, [6]],
    ["f", None, None, "f", "f", None, "app", ["x", 1]],
    ["C", ["x"], ["y", [0]]],
    ["cell", 5],
    ["dd", ["Δ", [], ["z", 1]], None],
    ["od", ["z", 1], []],
]


def _known(pair: TwoWorlds) -> list[Any]:
    """Objects of the caller that a call may have changed; the first six are those that the edits below are meant for."""
    from collections import OrderedDict, defaultdict, deque

    space = pair.space
    cell = space["inner"].__closure__[0]
    plain = [[1, [2]], {"a": 1}, {1, 2}, bytearray(b"x"), ValueError(1), iter([1, 2])]
    others = [space["f"], space["Quiet"], space["Made"], cell, defaultdict(list, a=1), OrderedDict(b=1), deque([1])]
    return [*plain, *_values(pair)[7], *others]


def _values(pair: TwoWorlds) -> list[Any]:
    import datetime
    import decimal
    import fractions
    import functools
    import itertools
    import pathlib
    import re
    import uuid
    import zoneinfo
    from array import array
    from collections import ChainMap, OrderedDict, defaultdict, deque

    space = pair.space
    shared: list[Any] = [1, "a", None]
    cycle: list[Any] = [shared, shared]
    cycle.append({"up": cycle})
    quiet = space["Quiet"].__new__(space["Quiet"])
    vars(quiet).update(a=shared, b=quiet)
    made = object.__new__(space["Made"])
    loud = dict.__new__(space["Loud"])
    dict.update(loud, key=shared)
    return [
        shared,
        [[300 * i for i in range(64)], [1 << i % 40 for i in range(64)]],
        cycle,
        [[{"id": i, "tags": ["x", (i, [i])]} for i in range(3)], {1, 2}, frozenset("a"), bytearray(b"b")],
        [1.5, float("inf"), float("nan"), -0.0, 2**70, 1j, ..., "\ud800", b"\xff"],
        [datetime.datetime(2024, 2, 29, tzinfo=datetime.UTC), datetime.timedelta(1), decimal.Decimal("1.50"), fractions.Fraction(1, 3)],
        [
            uuid.UUID(int=5),
            pathlib.PurePosixPath("a/b"),
            re.compile("a+"),
            zoneinfo.ZoneInfo("UTC"),
            range(3),
            slice(1, 2),
            array("d", [1]),
        ],
        [deque([1], 3), defaultdict(list, a=1), OrderedDict(b=[2]), ChainMap({"a": 1}), iter([1, 2]), itertools.count(3)],
        [quiet, made, loud, space["Color"].RED, space["Data"](1, [2]), space["Pair"](1, [2]), space["Failure"]("x")],
        [space["f"], space["inner"], quiet.__init__, functools.partial(space["f"], 1), len, int, ValueError, [].append],
        [space["Quiet"], space["Hooks"], space["Made"], space["Data"], space["Abstract"], list[int], int | None],
    ]
