"""Long lists of integers as bytes, in the narrowest of 16, 32 and 64 bits that has room for all of them.

    packed([1, 300, -2])                        (2, b"\\x01\\x00,\\x01\\xfe\\xff")
    packed([1, True]), packed([2**63])          (None, None): exactly int, and no more than 64 bits, or not at all
    unpacked(2, b"\\x01\\x00,\\x01\\xfe\\xff")      [1, 300, -2]

The loops over all elements are in C too (_integers.c), three times as fast, where there was a compiler when faasify was installed; what
they give is the same. That module is imported now, and not when it is first wanted, which a worker's guard would not let happen.
"""

from __future__ import annotations

from struct import error as _misfit
from struct import pack as _pack
from typing import Any

from faasify.runtime.unit.wire import WireError

compiled: Any
try:
    from faasify.runtime.unit import _integers as compiled  # type: ignore[attr-defined, no-redef]
except ImportError:  # there is none, or one that was made on another machine
    compiled = None

MANY = 64  # elements: from here on, a list of integers goes as bytes
_CODES: dict[int, Any] = {2: "h", 4: "i", 8: "q"}  # as `struct` and `memoryview.cast` have them


def packed(items: list[Any]) -> tuple[int, bytes] | None:
    """How many bytes an integer has, and the bytes of all; None if one has more than 64 bits, or is of another class than int."""
    if compiled is not None:
        found: tuple[int, bytes] | None = compiled.packed(items)
        return found
    if list(map(type, items)).count(int) != len(items):
        return None
    for width, code in _CODES.items():
        try:
            return width, _pack(f"{len(items)}{code}", *items)
        except _misfit:
            pass
    return None


def unpacked(width: Any, data: Any) -> list[int]:
    """What was packed; raises WireError for anything else. Equal integers may be one object: C5 leaves that open."""
    if type(width) is not int or width not in _CODES or type(data) not in (bytes, memoryview) or len(data) % width:
        raise WireError("no integers")
    here = compiled is None
    items: list[int] = memoryview(data).cast("B").cast(_CODES[width]).tolist() if here else compiled.unpacked(width, data)
    return items
