"""How near the recursion limit a unit is, for what stands in for C with Python (print, input).

A stand-in takes frames that the original does not. Where they would be the ones that reach the limit, the program could see the
difference (it may catch the
RecursionError), so the call ends and runs in the caller (S2: near the limit, calls run here).
"""

from __future__ import annotations

import sys

ROOM = 60  # frames that the stand-ins and the message behind them may take
_getframe = sys._getframe
_deepest = 1 << 30


def set_limit(limit: int) -> None:
    """A call begins, with this recursion limit."""
    global _deepest
    _deepest = max(limit - ROOM, 1)


def near() -> bool:
    """Whether a stand-in might reach the limit before the original would."""
    try:
        _getframe(_deepest)
    except ValueError:
        return False
    return True


# Up to 3.11 a call of a C function counts as a level as well.
_C_CALL = 1 if sys.version_info < (3, 12) else 0
_BEFORE = len("cannot set the recursion limit to 1 at the recursion depth ")
_faasify_limit = sys.setrecursionlimit  # kept when the guard covers it


def depth() -> int:
    """The recursion depth of the function that calls this, as the interpreter counts it: its frame's, the program's first being 1.

    The interpreter tells it only in the error for a limit that is too low; that costs the same at any depth.
    """
    try:
        _faasify_limit(1)
    except RecursionError as e:
        told: str = e.args[0]
        return int(told[_BEFORE : told.index(":", _BEFORE)]) - 1 - _C_CALL
    raise AssertionError("a recursion limit of 1 was accepted")


def exec_levels() -> int:
    """Levels that `exec` takes between the function that calls it and the code that it runs."""
    return _C_CALL
