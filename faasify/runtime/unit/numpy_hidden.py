"""Hidden state of numpy: its global generator, and what it does about floating-point errors.

take(enc, generator) -> {"numpy": state, "numpy errors": {...}}     what is as usual left out
"""

from __future__ import annotations

import sys
from typing import Any

from faasify.runtime.unit.codec import Encoder, Untravellable

_USUAL = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}


def take(enc: Encoder, generator: bool) -> dict[str, Any]:
    numpy = sys.modules["numpy"]
    state: dict[str, Any] = {}
    if generator and (random := sys.modules.get("numpy.random")) is not None:
        state["numpy"] = _generator(random)
    if "numpy" in enc.world.imports and hasattr(numpy, "geterr"):
        if (errors := numpy.geterr()) != _USUAL:
            state["numpy errors"] = errors
        if numpy.geterrcall() is not None:
            raise Untravellable("numpy.seterrcall, which the program has called")
    return state


def _generator(module: Any) -> Any:
    kind, keys, position, has_gauss, gauss = module.get_state()
    return [str(kind), keys.tobytes(), int(position), int(has_gauss), float(gauss)]


def reset() -> None:
    """In a unit, before a call: what an earlier call has set is gone."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and numpy.geterr() != _USUAL:
        numpy.seterr(**_USUAL)


def put(state: dict[str, Any]) -> None:
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return
    if "numpy" in state and (random := sys.modules.get("numpy.random")) is not None:
        kind, keys, position, has_gauss, gauss = state["numpy"]
        random.set_state((kind, numpy.frombuffer(keys, dtype=numpy.uint32), position, has_gauss, gauss))
    if "numpy errors" in state:
        numpy.seterr(**state["numpy errors"])


def changed(before: dict[str, Any]) -> dict[str, Any]:
    """The items that are different now."""
    state: dict[str, Any] = {}
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return state
    if "numpy" in before and (random := sys.modules.get("numpy.random")) is not None and (now := _generator(random)) != before["numpy"]:
        state["numpy"] = now
    if (errors := numpy.geterr()) != before.get("numpy errors", _USUAL):
        state["numpy errors"] = errors
    return state
