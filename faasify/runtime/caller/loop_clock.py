"""Time on an event loop whose thread waits for workers: that waiting is none of the program's, so its timers do not count it.

Two tasks that sleep for 2 and 4 ms wake in that order because they began at the same moment. If each beginning took 5 ms they would not.
So the loop's clock stands still while it is blocked by us, except for the time that the unit computed, which the original takes too: it
leaps, where that was done before it was asked for.
"""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Any


class LoopClock:
    """Within it, the loop's time stands still."""

    def __init__(self, loop: Any = None) -> None:
        self._lost = 0.0
        self._depth = 0
        self._entered = self._computing = 0.0
        if loop is not None:
            self._time = loop.time
            loop.time = self.time

    def time(self) -> float:
        return float(self._time()) - self._lost

    def computed(self, seconds: float) -> None:
        """So much of what is being waited for is the program's own."""
        self._computing += seconds

    def __enter__(self) -> LoopClock:
        self._depth += 1
        if self._depth == 1:
            self._entered, self._computing = perf_counter(), 0.0
        return self

    def __exit__(self, *exc: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._lost += perf_counter() - self._entered - self._computing


NO_CLOCK = LoopClock()


def clock_of_loop() -> LoopClock:
    """That of the running event loop; of a loop that will not have it, one that does nothing."""
    asyncio: Any = sys.modules.get("asyncio")
    loop = asyncio._get_running_loop() if asyncio is not None else None
    if loop is None:
        return NO_CLOCK
    clock = getattr(loop.time, "__self__", None)
    if isinstance(clock, LoopClock):
        return clock
    try:
        return LoopClock(loop)
    except AttributeError:  # a loop in C
        return NO_CLOCK
