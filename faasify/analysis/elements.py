"""Under which key a container holds what: `table["x"]` finds what was put under "x", or under a key that is not known."""

from __future__ import annotations

from faasify.analysis.values import Obj, Value

MAPPINGS = frozenset(
    ["builtins:dict", *(f"collections:{name}" for name in ("OrderedDict", "defaultdict", "Counter", "ChainMap", "UserDict"))]
)
INDEXED = MAPPINGS | {"builtins:list", "builtins:tuple"}


def key_of(index: Value, cls: str) -> str:
    """How a constant index or key is named among a container's elements; "?" where it is not constant."""
    if not isinstance(index, Obj) or not index.const or cls not in INDEXED:
        return "?"
    if cls not in MAPPINGS and not index.const.isdigit():  # from the end, or what the program would raise TypeError for
        return "?"
    return index.const
