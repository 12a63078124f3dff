"""Random object graphs, with sharing and cycles, and whether two graphs have one shape."""

from __future__ import annotations

import itertools
import math
import re
from array import array
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import partial
from pathlib import Path, PurePosixPath
from random import Random
from types import CellType, FunctionType, MethodType
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

SOURCE = """
    from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
    from dataclasses import dataclass
    from functools import partial
    from random import Random
    from types import SimpleNamespace
    import array, datetime, decimal, fractions, enum, pathlib, re, zoneinfo
    len
    class Plain:
        def __init__(self): raise RuntimeError("ran")
    class Other: pass
    class Slots:
        __slots__ = ("a", "__private", "b")
    class Both(Slots): pass
    class MyList(list): pass
    class MyDict(dict): pass
    class MyDeque(deque): pass
    class MyOrdered(OrderedDict): pass
    class MyDefault(defaultdict): pass
    class MyBytes(bytearray): pass
    class MyTuple(tuple): pass
    class MyInt(int): pass
    class MyStr(str): pass
    class Failure(Exception):
        def __init__(self, a, b): super().__init__(a); self.b = b
    @dataclass
    class Data:
        a: object
        b: object = None
    @dataclass(frozen=True, slots=True)
    class Frozen:
        a: object
        b: object = None
    Point = namedtuple("Point", "x y")
    class Color(enum.Enum): RED = 1; BLUE = [2]
    class Level(enum.IntEnum): LOW = 1
    class Perm(enum.IntFlag): R = 1; W = 2
    class Named:
        def method(self): return self
    def outer(cell):
        def inner(a=None, *, k=None): return cell
        return inner
"""

floats = st.floats(allow_nan=True, allow_infinity=True)
text = st.text(st.characters(codec=None, exclude_categories=()), max_size=6) | st.sampled_from(["", "\0", "\ud800", "$d", "$b"])
integers = st.integers() | st.sampled_from([64, 65, 16_600, 40_000]).map(lambda bits: -(1 << bits))  # as JSON, a large one is hexadecimal
decimals = st.decimals() | st.sampled_from([Decimal("sNaN"), Decimal("-NaN12"), Decimal("-0.00"), Decimal("1E+999")])
zones = st.none() | st.sampled_from([UTC, timezone(timedelta(hours=-3, seconds=7), "odd"), ZoneInfo("UTC")])
plain = st.none() | st.booleans() | integers | floats | text | st.binary(max_size=5)
leaves = (
    plain
    | st.complex_numbers()
    | decimals
    | st.fractions()
    | st.dates()
    | st.datetimes(timezones=zones)
    | st.timedeltas()
    | st.uuids()
    | st.builds(slice, st.integers(), st.none(), st.integers())
    | st.builds(range, st.integers(0, 9), st.integers(0, 9), st.integers(1, 3))
    | st.times(timezones=zones)
    | st.sampled_from([..., NotImplemented, int, len, ValueError, object])
    | st.sampled_from([Path("a/b"), PurePosixPath("/"), re.compile("a+", re.I), re.compile(b"b"), ZoneInfo("UTC"), UTC])
)
keys = st.none() | st.booleans() | st.integers(-9, 9) | text | st.floats(allow_nan=False) | st.tuples(st.integers(0, 3), text)

MUTABLE = ["list", "dict", "deque", "bytearray", "defaultdict", "OrderedDict", "Counter", "array", "Plain", "Slots", "Both"]
MUTABLE += ["MyList", "MyDict", "MyDeque", "MyOrdered", "MyDefault", "MyBytes", "set", "Failure", "SimpleNamespace"]
MUTABLE += ["Data", "Frozen", "ChainMap", "closure", "partial"]
FIXED = ["tuple", "frozenset", "MyTuple", "MyInt", "MyStr", "leaf", "Point", "member", "method", "Group", "Random"]


@st.composite
def specs(draw: Any, size: int = 10) -> list[Any]:
    """Each node: its kind, keys, leaves and references to others by number."""
    node = st.tuples(
        st.sampled_from(MUTABLE * 2 + FIXED),
        st.lists(keys, max_size=4, unique_by=lambda k: k),
        st.lists(leaves, max_size=3),
        st.lists(st.integers(0, size - 1), max_size=4),
    )
    return draw(st.lists(node, min_size=1, max_size=size))


def build(spec: list[Any], space: dict[str, Any]) -> list[Any]:
    """The objects of a `spec`; classes of the program come from `space`."""
    objs: list[Any] = []
    for kind, names, values, refs in spec:
        parts = [*values, *(objs[r] for r in refs if r < len(objs))]
        objs.append(_new(kind, names, values, parts, space))
    for obj, (_, names, values, refs) in zip(objs, spec, strict=True):
        fill(obj, names, [*values, *(objs[r % len(objs)] for r in refs)])
    return objs


def _member(parts: list[Any], space: dict[str, Any]) -> Any:
    color, perm = space["Color"], space["Perm"]
    return (color.RED, color.BLUE, space["Level"].LOW, perm.R, perm.R | perm.W, perm(0))[len(parts) % 6]


_MAKE = {
    "Point": lambda parts, space: space["Point"](parts, parts[0] if parts else None),
    "member": _member,
    "method": lambda parts, space: MethodType(space["Named"].method, next((p for p in reversed(parts) if p is not None), 1)),
    "Group": lambda parts, space: ExceptionGroup("g", [p for p in parts if isinstance(p, Exception)] or [ValueError(1)]),
    "ChainMap": lambda parts, space: ChainMap(),
    "Random": lambda parts, space: Random(len(parts)),
    "closure": lambda parts, space: space["outer"](None),
    "partial": lambda parts, space: partial(len, *parts, k=len(parts)),
}


def _new(kind: str, names: list[Any], values: list[Any], parts: list[Any], space: dict[str, Any]) -> Any:
    if kind == "leaf":
        return values[0] if values else None
    if kind == "tuple":
        return tuple(parts)
    if kind == "frozenset":
        return frozenset(n for n in names if n is not None)
    if kind == "set":
        return {n for n in names if n is not None}  # None hashes by address on 3.11: no order to keep
    if kind == "MyTuple":
        return space[kind](parts)
    if kind == "MyInt":
        return space[kind](len(parts))
    if kind == "MyStr":
        return space[kind]("s" * len(parts))
    if kind == "array":
        return array("d", [float(len(names))])
    if kind in _MAKE:
        return _MAKE[kind](parts, space)
    if kind in ("deque", "MyDeque"):
        return space[kind](maxlen=None if len(names) % 2 else 3)
    if kind == "Failure":
        return space[kind](1, 2)
    found = space.get(kind) or {"list": list, "dict": dict, "bytearray": bytearray}[kind]
    return found.__new__(found)


_SLOTTED = {"Slots": ("a", "_Slots__private"), "Both": ("a", "_Slots__private"), "Frozen": ("a", "b")}


def fill(obj: Any, names: list[Any], parts: list[Any]) -> None:
    """Put `parts` into a mutable object, under `names` where it has keys."""
    pairs = list(zip(names, parts, strict=False))
    if isinstance(obj, list | deque):
        obj.extend(parts)
    elif isinstance(obj, dict):
        for name, part in pairs:
            obj[name] = part
        if isinstance(obj, defaultdict):
            obj.default_factory = list
    elif isinstance(obj, bytearray):
        obj.extend(b"%d" % len(parts))
    elif type(obj).__name__ in _SLOTTED:
        for name, part in zip(_SLOTTED[type(obj).__name__], parts, strict=False):
            object.__setattr__(obj, name, part)
    elif isinstance(obj, ChainMap):
        obj.maps.extend(part for part in parts if type(part) is dict)
        return
    elif isinstance(obj, FunctionType) and obj.__closure__ and parts:
        obj.__closure__[0].cell_contents, obj.__defaults__, obj.__kwdefaults__ = parts[0], tuple(parts), {"k": parts[-1]}
    elif isinstance(obj, Enum | MethodType | Random):
        return
    elif isinstance(obj, BaseException):
        obj.b = parts
        obj.__cause__ = next((p for p in parts if isinstance(p, BaseException) and p is not obj), None)
    if hasattr(obj, "__dict__") and not isinstance(obj, type):
        for i, part in enumerate(parts):
            setattr(obj, f"x{i}", part)


def isomorphic(a: Any, b: Any) -> str:
    """ "" if both graphs have one shape, types, values, orders; else where they differ. Plain values count by value (C5)."""
    there: dict[int, int] = {}
    back: dict[int, int] = {}
    keep: list[Any] = []
    todo = [("", a, b)]
    while todo:
        path, x, y = todo.pop()
        if _name(type(x)) != _name(type(y)):
            return f"{path}: {type(x)} became {type(y)}"
        if type(x) in (type(None), bool, int, str, bytes, float, complex):
            if not _equal(x, y):
                return f"{path}: {x!r} became {y!r}"
            if not (type(x) is float and x != x):
                continue
        if id(x) in there or id(y) in back:
            if there.get(id(x)) != id(y) or back.get(id(y)) != id(x):
                return f"{path}: identities differ"
            continue
        there[id(x)], back[id(y)] = id(y), id(x)
        keep.append((x, y))
        left, right = parts(x), parts(y)
        if [p for p, _ in left] != [p for p, _ in right]:
            return f"{path}: {left} became {right}"
        todo.extend((path + p, one, other) for (p, one), (_, other) in zip(left, right, strict=True))
    return ""


def _name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _equal(x: Any, y: Any) -> bool:
    if type(x) is complex:
        return _equal(x.real, y.real) and _equal(x.imag, y.imag)
    if type(x) is float:
        return (math.isnan(x) and math.isnan(y)) or (x == y and math.copysign(1, x) == math.copysign(1, y))
    return bool(x == y)


def parts(obj: Any) -> list[tuple[str, Any]]:
    """What an object consists of, each part with a path; an atom's value is in the path."""
    found: list[tuple[str, Any]] = []
    if isinstance(obj, Enum):
        return [(f"{obj!r}", obj.value)]
    if isinstance(obj, MethodType):
        return [(obj.__func__.__qualname__, obj.__self__)]
    if isinstance(obj, Random):
        return [(repr(obj.getstate()), None)]
    if isinstance(obj, ChainMap):
        return [(".maps", obj.maps)]
    if isinstance(obj, FunctionType) and obj.__closure__:
        cells = [(".cell", cell) for cell in obj.__closure__]
        return [*cells, (".defaults", obj.__defaults__), (".kwdefaults", obj.__kwdefaults__), (".dict", vars(obj))]
    if isinstance(obj, CellType):
        return [(".contents", obj.cell_contents)]
    if isinstance(obj, partial):
        return [(".func", obj.func), (".args", obj.args), (".keywords", obj.keywords), (".dict", vars(obj))]
    if isinstance(obj, list | tuple | deque):
        found = [(f"[{i}]", v) for i, v in enumerate(obj)]
        found += [(f"maxlen {obj.maxlen}", None)] if isinstance(obj, deque) else []
    elif isinstance(obj, dict):
        found = list(itertools.chain.from_iterable(((f".key{i}", k), (f".value{i}", v)) for i, (k, v) in enumerate(obj.items())))
        found += [(".factory", obj.default_factory)] if isinstance(obj, defaultdict) else []
    elif isinstance(obj, set | frozenset):
        found = [(f".item{i}", v) for i, v in enumerate(obj)] + [(f"size {obj.__sizeof__()}", None)]
    elif isinstance(obj, BaseException):
        found = [(".args", obj.args), (".cause", obj.__cause__), (f"suppress {obj.__suppress_context__}", None)]
        found += [(".exceptions", obj.exceptions)] if isinstance(obj, BaseExceptionGroup) else []
    elif isinstance(obj, type) or callable(obj):
        return [(obj.__qualname__, None)]
    elif isinstance(
        obj, Decimal | Fraction | date | datetime | time | timedelta | bytearray | array | slice | range | int | str
    ) or not _has_state(obj):
        found = [(repr(obj), None)]
    if _has_state(obj):
        space = getattr(obj, "__dict__", {})
        found += [(f".{k}", v) for k, v in space.items()]
        slots = [s for c in type(obj).__mro__ for s in vars(c).get("__slots__", ())]
        names = ["_Slots" + s if s.startswith("__") else s for s in slots]
        found += [(f".{n}", getattr(obj, n)) for n in names if hasattr(obj, n)]
    return found


def _has_state(obj: Any) -> bool:
    return hasattr(obj, "__dict__") or type(obj).__name__ in _SLOTTED


__all__ = ["SOURCE", "Counter", "OrderedDict", "build", "fill", "isomorphic", "leaves", "plain", "specs"]
