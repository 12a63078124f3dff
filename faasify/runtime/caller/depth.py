"""How deep the program's stack may become, seen from a trampoline: its own frames, and those that we put in between (S2)."""

from __future__ import annotations

from sys import getrecursionlimit, setrecursionlimit

from faasify.runtime.unit import stack

TO_RUN_HERE = 12  # frames that `run` itself may need
LEVELS_HERE = 2  # the trampoline and `run` stand between the caller and the function


def raise_limit(by: int) -> int:
    """Make room for frames of ours, so that the program's recursion ends where it did (S2); for `lower_limit`."""
    raised = getrecursionlimit() + by
    setrecursionlimit(raised)
    return raised


def lower_limit(raised: int, by: int) -> None:
    """Undo that, unless the program has set a limit of its own meanwhile."""
    if getrecursionlimit() == raised:
        setrecursionlimit(raised - by)


def frames_left() -> int:
    """Frames that are left to the function before the recursion limit, if it were running here in its trampoline's place.

    To be called from `go`, which the trampoline calls.
    """
    return getrecursionlimit() - (stack.depth() - 2)
