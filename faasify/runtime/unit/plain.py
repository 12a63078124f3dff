"""Values as plain JSON and back, for events that a person types and results that a person reads.

What JSON has is itself. What it lacks is an object with one key that begins with `$`:

    (1, 2)   {"$tuple": [1, 2]}          b"ab"          {"$bytes": "YWI="}        {1: "a"}          {"$dict": [[1, "a"]]}
    {1}      {"$set": [1]}               float("nan")   {"$float": "nan"}         date(2024, 2, 29) {"$datetime.date": [2024, 2, 29]}
    1j       {"$complex": [0.0, 1.0]}    10**5000       {"$int": "0x14f6..."}     Decimal("1.50")   {"$decimal.Decimal": ["1.50"]}

A value that is no such tree (an instance, a list that is in there twice, a cycle) is one `{"$graph": ...}`, for which the caller of
this module supplies the ways: `graph` encodes a value whole, `read` decodes it. No tag names code: each stands for a type in the
tables below (DECISIONS M1).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from faasify.runtime.unit import scalars
from faasify.runtime.unit.wire import MAX_DECIMAL_BITS

GRAPH = "$graph"
MAX_DEPTH = 200  # of a tree; json's own limit is a few times that

# Library types made from parts that are plain themselves: tag -> (module, name), taken apart as scalars.TABLE says.
_LIBRARY = {
    f"${module}.{name}": (module, name)
    for module, names in {
        "array": ["array"],
        "builtins": ["range", "slice"],
        "datetime": ["date", "datetime", "time", "timedelta", "timezone"],
        "decimal": ["Decimal"],
        "fractions": ["Fraction"],
        "pathlib": ["PosixPath", "PurePosixPath", "PureWindowsPath"],
        "re": ["Pattern"],
        "uuid": ["UUID"],
        "zoneinfo": ["ZoneInfo"],
    }.items()
    for name in names
}


class PlainError(ValueError):
    """JSON that stands for no value; the message is for the person who wrote it."""


class _NoTree(Exception):
    """The value has to be told as a graph."""


# Values to JSON


def to_plain(value: Any, graph: Callable[[Any], Any]) -> Any:
    """`value` for `json.dumps`; `graph(value)` tells what is no tree."""
    try:
        return _Teller().tell(value, 0)
    except _NoTree:
        return {GRAPH: graph(value)}


class _Teller:
    """Goes through one value; what is mutable must be met once only, or its identity would be lost."""

    def __init__(self) -> None:
        self._met: set[int] = set()

    def tell(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in _ATOMS:
            return _ATOMS[kind](value)
        if depth >= MAX_DEPTH:
            raise _NoTree
        if kind in _CONTAINERS:
            if kind not in (tuple, frozenset) or not all(type(x) in _ATOMS for x in value):  # of a flat one, a copy is as good
                self._once(value)
            return _CONTAINERS[kind](value, lambda x: self.tell(x, depth + 1))
        tag = _tag_of(kind)
        if tag is None:
            raise _NoTree
        if scalars.mutable(value):
            self._once(value)
        return {tag: [self.tell(part, depth + 1) for part in scalars.TABLE[scalars.NAMES[kind]].take(value)]}

    def _once(self, value: Any) -> None:
        if id(value) in self._met:
            raise _NoTree
        self._met.add(id(value))


def _tag_of(kind: type) -> str | None:
    tag = f"${'pathlib' if kind.__module__.startswith('pathlib.') else kind.__module__}.{kind.__qualname__}"
    return tag if tag in _LIBRARY and _library_type(tag) is kind and scalars.known_type(kind) else None


def _library_type(tag: str) -> Any:
    module, name = _LIBRARY[tag]
    return getattr(__import__(module), name)


def _int(value: int) -> Any:
    return value if value.bit_length() <= MAX_DECIMAL_BITS else {"$int": hex(value)}


def _float(value: float) -> Any:
    return value if value - value == 0 else {"$float": repr(value)}


def _str(value: str) -> Any:
    """Lone surrogates cannot be written as UTF-8, and JSON would join a pair of them."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return {"$str": value.encode("unicode_escape").decode("ascii")}
    return value


def _base64(data: bytes | bytearray) -> str:
    return base64.b64encode(data).decode("ascii")


def _dict(value: dict[Any, Any], tell: Callable[[Any], Any]) -> Any:
    if all(type(key) is str and not key.startswith("$") and type(_str(key)) is str for key in value):
        return {key: tell(item) for key, item in value.items()}
    return {"$dict": [[tell(key), tell(item)] for key, item in value.items()]}


_ATOMS: dict[type, Callable[[Any], Any]] = {
    type(None): lambda value: None,
    bool: lambda value: value,
    int: _int,
    float: _float,
    str: _str,
    bytes: lambda value: {"$bytes": _base64(value)},
    complex: lambda value: {"$complex": [_float(value.real), _float(value.imag)]},
}
_CONTAINERS: dict[type, Callable[[Any, Callable[[Any], Any]], Any]] = {
    list: lambda value, tell: [tell(item) for item in value],
    dict: _dict,
    tuple: lambda value, tell: {"$tuple": [tell(item) for item in value]},
    set: lambda value, tell: {"$set": [tell(item) for item in value]},
    frozenset: lambda value, tell: {"$frozenset": [tell(item) for item in value]},
    bytearray: lambda value, tell: {"$bytearray": _base64(value)},
}


# JSON to values


def from_plain(tree: Any, read: Callable[[Any], Any]) -> Any:
    """The value that `tree` stands for; `read` takes what is under a `$graph`. Raises PlainError."""
    return _value(tree, read, 0)


def _value(tree: Any, read: Callable[[Any], Any], depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise PlainError(f"it is nested more than {MAX_DEPTH} deep")
    if type(tree) is list:
        return [_value(item, read, depth + 1) for item in tree]
    if type(tree) is not dict:
        return tree
    tag = next((key for key in tree if key.startswith("$")), None)
    if tag is None:
        return {key: _value(item, read, depth + 1) for key, item in tree.items()}
    if tag == GRAPH and len(tree) == 1:
        return read(tree[tag])
    if len(tree) > 1 or (tag not in _READERS and tag not in _LIBRARY):
        raise PlainError(f'{tag} is no tag: keys that begin with $ are written as {{"$dict": [[key, value], ...]}}; tags are {_choices()}')
    return _untagged(tag, tree[tag], lambda item: _value(item, read, depth + 1))


def _choices() -> str:
    return ", ".join([*_READERS, GRAPH, *_LIBRARY])


def _untagged(tag: str, content: Any, value: Callable[[Any], Any]) -> Any:
    wanted, make = _READERS.get(tag, (list, _read_library(tag)))
    if type(content) is not wanted:
        raise PlainError(f"{tag} holds {_SHOWN[wanted]}, not {_SHOWN.get(type(content), 'null')}")
    try:
        return make(content, value)
    except PlainError:
        raise
    except Exception as error:  # whatever a constructor says to nonsense
        raise PlainError(f"{tag} cannot be made: {error or type(error).__name__}") from None


_SHOWN = {list: "a list", str: "a string", dict: "an object", bool: "true or false", int: "a number", float: "a number"}


def _read_library(tag: str) -> Callable[[Any, Callable[[Any], Any]], Any]:
    def read(content: list[Any], value: Callable[[Any], Any]) -> Any:
        kind = _library_type(tag)
        scalars.known_type(kind)
        return scalars.TABLE[scalars.NAMES[kind]].make(*[value(part) for part in content])

    return read


def _read_float(content: str, value: Any) -> float:
    if content not in ("nan", "inf", "-inf"):
        raise PlainError('$float holds "nan", "inf" or "-inf"')
    return float(content)


def _read_complex(content: list[Any], value: Any) -> complex:
    real, imag = map(value, content)
    return complex(float(real), float(imag))


def _read_bytes(content: str, value: Any) -> bytes:
    return base64.b64decode(content, validate=True)


_READERS: dict[str, tuple[type, Callable[[Any, Callable[[Any], Any]], Any]]] = {
    "$tuple": (list, lambda content, value: tuple(map(value, content))),
    "$set": (list, lambda content, value: set(map(value, content))),
    "$frozenset": (list, lambda content, value: frozenset(map(value, content))),
    "$dict": (list, lambda content, value: {value(key): value(item) for key, item in content}),
    "$bytes": (str, _read_bytes),
    "$bytearray": (str, lambda content, value: bytearray(_read_bytes(content, value))),
    "$str": (str, lambda content, value: content.encode("ascii").decode("unicode_escape")),
    "$int": (str, lambda content, value: int(content, 16)),
    "$float": (str, _read_float),
    "$complex": (list, _read_complex),
}
