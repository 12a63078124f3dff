"""Hidden state of numpy: what it does about floating-point errors. Its global generator is in generators.py.

take(enc) -> {"numpy errors": {...}}     what is as usual left out
"""

from __future__ import annotations

import sys
from typing import Any

from faasify.runtime.unit.codec import Encoder, Untravellable

_USUAL = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}


def take(enc: Encoder) -> dict[str, Any]:
    numpy = sys.modules["numpy"]
    state: dict[str, Any] = {}
    if "numpy" in enc.world.imports and hasattr(numpy, "geterr"):
        if (errors := numpy.geterr()) != _USUAL:
            state["numpy errors"] = errors
        if numpy.geterrcall() is not None:
            raise Untravellable("numpy.seterrcall, which the program has called")
    return state


def reset() -> None:
    """In a unit, before a call: what an earlier call has set is gone."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and numpy.geterr() != _USUAL:
        numpy.seterr(**_USUAL)


def put(state: dict[str, Any]) -> None:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return
    if "numpy errors" in state:
        numpy.seterr(**state["numpy errors"])


def changed(before: dict[str, Any]) -> dict[str, Any]:
    """The items that are different now."""
    state: dict[str, Any] = {}
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return state
    if (errors := numpy.geterr()) != before.get("numpy errors", _USUAL):
        state["numpy errors"] = errors
    return state
