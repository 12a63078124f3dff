"""Hidden state of numpy: what it does about floating-point errors, how it prints, its buffer. Its global generator is in generators.py.

take() -> {"numpy settings": {"errors": {...}, "print": {...}, "buffer": 8192}}     {} where all is as usual
"""

from __future__ import annotations

import sys
from typing import Any

from faasify.runtime.unit.codec import Untravellable

KEY = "numpy settings"
_PRINT = {"edgeitems": 3, "threshold": 1000, "floatmode": "maxprec", "precision": 8, "suppress": False, "linewidth": 75}
_PRINT |= {"nanstr": "nan", "infstr": "inf", "sign": "-", "legacy": False}
_USUAL = {"errors": {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}, "print": _PRINT, "buffer": 8192}


def take() -> dict[str, Any]:
    """Raises Untravellable for what numpy is to call."""
    numpy = _loaded()
    now = _settings(numpy) if numpy is not None else _USUAL
    return {KEY: now} if now != _USUAL else {}


def _loaded() -> Any:
    """numpy, if it is there and not just being imported."""
    found = sys.modules.get("numpy")
    return found if hasattr(found, "geterr") and hasattr(found, "get_printoptions") else None


def _settings(numpy: Any) -> dict[str, Any]:
    printing = numpy.get_printoptions()
    if numpy.geterrcall() is not None:
        raise Untravellable("numpy.seterrcall, which the program has called")
    if odd := [name for name in printing.keys() - _PRINT.keys() if printing[name] is not None]:
        raise Untravellable(f"numpy.set_printoptions, which the program has called with {min(odd)}")
    return {"errors": numpy.geterr(), "print": {name: printing[name] for name in _PRINT}, "buffer": numpy.getbufsize()}


def reset() -> None:
    """In a unit, before a call: what an earlier call has set is gone."""
    numpy = _loaded()
    if numpy is None:
        return
    if numpy.geterrcall() is not None:
        numpy.seterrcall(None)
    put({KEY: _USUAL})


def put(state: dict[str, Any]) -> None:
    numpy, wanted = _loaded(), state.get(KEY)
    if numpy is None or wanted is None:
        return
    if numpy.geterr() != wanted["errors"]:
        numpy.seterr(**wanted["errors"])
    if numpy.getbufsize() != wanted["buffer"]:
        numpy.setbufsize(wanted["buffer"])
    printing = numpy.get_printoptions()
    if printing != {**dict.fromkeys(printing), **wanted["print"]}:  # what the program sets besides does not travel
        numpy.set_printoptions(**wanted["print"])


def changed(before: dict[str, Any]) -> dict[str, Any]:
    """What is different now, as a whole. Raises Untravellable."""
    numpy = _loaded()
    now = _settings(numpy) if numpy is not None else _USUAL
    return {KEY: now} if now != before.get(KEY, _USUAL) else {}
