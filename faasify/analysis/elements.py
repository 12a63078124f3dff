"""Under which key a container holds what: `table["x"]` finds what was put under "x", or under a key that is not known."""

from __future__ import annotations

import math

from faasify.analysis.values import Func, Obj, Value

DEFAULTING = "collections:defaultdict"
MAPPINGS = frozenset(
    ["builtins:dict", "types:MappingProxyType"]
    + [f"collections:{name}" for name in ("OrderedDict", "defaultdict", "Counter", "ChainMap", "UserDict")]
)
COPIED = MAPPINGS | {"builtins:list", "builtins:set", "collections:deque"}  # whose elements are kept by their site
INDEXED = MAPPINGS | {"builtins:list", "builtins:tuple"}
OPEN = frozenset(["types:SimpleNamespace", "argparse:Namespace"])  # which have the attributes that they are given, and show them
UNION = "types:UnionType"
UNIONS = frozenset(["builtins:tuple", UNION])  # what stands for several classes


def holder(value: Obj) -> Obj:
    """The object with a site for what it holds: all instances of a class of the program hold what any of them does."""
    return value if value.is_library or value.site else Obj(value.cls, f"{value.cls}.<elements>")


def constant_key(value: object) -> str:
    """How a constant is named as a key: those that are equal are one.

    >>> constant_key(1.0), constant_key(True), constant_key("1"), constant_key(1.5)
    ('1', '1', "'1'", '1.5')
    """
    if isinstance(value, bool | float | complex) and math.isfinite(value.real) and value == int(value.real):
        return repr(int(value.real))
    return repr(value)


def key_of(index: Value, cls: str) -> str:
    """How a constant index or key is named among a container's elements, also a function or a member; "?" where it is not constant."""
    if cls in MAPPINGS and isinstance(index, Func):
        return f"<{index.name}>"
    if cls in MAPPINGS and isinstance(index, Obj) and index.member:
        return f"<{index.cls}.{index.member}>"
    if not isinstance(index, Obj) or not index.const or cls not in INDEXED:
        return "?"
    return index.const if cls in MAPPINGS or index.const.isdigit() else "?"


def shifted(key: str, start: int, stop: int | None = None) -> str | None:
    """An index among the elements from `start` on; None outside, "?" for what is no index.

    >>> shifted("3", 2), shifted("1", 2), shifted("'a'", 2)
    ('1', None, '?')
    """
    if not key.isdigit():
        return "?"
    index = int(key)
    return str(index - start) if index >= start and (stop is None or index < stop) else None
