"""Where a call runs. Both places mean the same, so this is only about time.

`remote` sends everything that can go; `auto` measures a call here and one there (several, where they run side by side) and goes on with
the faster place; `budget_s` ends sending once that many seconds were spent on remote calls. Without a budget, what the calls cost beyond
their own computing is bounded (OVERHEAD_S): a function called a million times from a loop must not turn a second into an hour.
"""

from __future__ import annotations

import functools
from _thread import _count as other_threads
from collections.abc import Callable
from time import perf_counter, process_time, thread_time
from typing import Any

OVERHEAD_S = 20.0
TRIALS = 8  # calls there that are measured, where several are under way at once


class Budget:
    """Seconds that may be spent remotely, or on top of the computing itself."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self.spent = 0.0
        self.exhausted = False

    def spend(self, elapsed: float, computing: float) -> None:
        self.spent += elapsed if self.seconds is not None else max(0.0, elapsed - computing)
        if self.spent > (OVERHEAD_S if self.seconds is None else self.seconds):
            self.exhausted = True

    def why(self) -> str:
        if self.seconds is None:
            return f"remote calls had cost {OVERHEAD_S:g} s more than their computing"
        return f"the budget of {self.seconds:g} s was spent"


class Placement:
    """Of one unit, `remote`: always there."""

    def __init__(self, unit: Any, budget: Budget) -> None:
        self.unit = unit
        self.budget = budget

    def there(self) -> bool:
        if self.budget.exhausted:
            self.unit.stats.fallback("budget", self.budget.why())
            self.unit.stay(self.budget.why())
            return False
        return True

    def likely(self) -> bool:
        """As `there`, which counts and decides."""
        return not self.budget.exhausted

    def timed(self, fn: Callable[..., Any], site: Any = None) -> Callable[..., Any]:
        """`fn` for a call here, from `site`: measured, where that is of use."""
        return fn

    def went(self, elapsed: float, computing: float) -> None:
        self.budget.spend(elapsed, computing)

    def lost(self, elapsed: float) -> None:
        """An attempt that came to nothing."""
        self.budget.spend(elapsed, 0.0)

    def why(self) -> str:
        return "everything that can go is sent"


class Auto(Placement):
    """Measures one call here and, if it took long enough to matter, one there."""

    TINY_S = 0.005  # no round trip pays for less
    TINY_IN_A_LOOP_S = 0.001  # whose next calls are under way meanwhile
    SEVERAL = 1.1  # CPU of the process over that of this thread: those of a library (BLAS) use the cores, and would be in each other's way
    SLOW, SLOW_S = 3, 0.25  # a call there that takes so many times longer, and so much: there is no use in trying more

    def __init__(self, unit: Any, budget: Budget) -> None:
        super().__init__(unit, budget)
        self.here_s: float | None = None
        self.there_s: float | None = None
        self.spreads = False  # what it calls runs side by side when it runs here
        self.cores = 1.0  # that one call uses when it runs here
        self._trials: list[float] = []  # seconds of the first calls there

    def there(self) -> bool:
        return self.here_s is not None and super().there()

    def likely(self) -> bool:
        return self.here_s is not None and super().likely()

    def timed(self, fn: Callable[..., Any], site: Any = None) -> Callable[..., Any]:
        if self.here_s is not None:
            return fn
        tiny = self.TINY_IN_A_LOOP_S if self.unit.runtime.foresight.knows(site) else self.TINY_S

        @functools.wraps(fn)
        def measured(*args: Any, **kwargs: Any) -> Any:
            foresight = self.unit.runtime.foresight
            started, alone, all_threads, seen = perf_counter(), thread_time(), process_time(), foresight.seen
            try:
                return fn(*args, **kwargs)
            finally:
                self.here_s = self.unit.seconds = perf_counter() - started
                self.spreads = foresight.seen > seen
                if self.here_s >= tiny and not other_threads():
                    self.cores = (process_time() - all_threads) / max(thread_time() - alone, 1e-6)
                if self.here_s < tiny or self.spreads or self.cores > self.SEVERAL:
                    self.unit.stay(self.why())

        return measured

    def went(self, elapsed: float, computing: float) -> None:
        super().went(elapsed, computing)
        self._trials.append(elapsed)
        if self.there_s is not None or self.here_s is None:
            return
        if elapsed > self.SLOW * self.here_s + self.SLOW_S:
            self.there_s = elapsed
            self.unit.stay(self.why())
            self.unit.runtime.ahead.give_way()  # what is under way would only be in the way
            return
        if len(self._trials) < (TRIALS if self.unit.fans_out else 1):
            return
        trials = self._trials[self.unit.runtime.ahead.cores :] or self._trials  # each worker's first call is not like the others
        self.there_s = sum(trials) / len(trials)
        if self.there_s > self.here_s:
            self.unit.stay(self.why())

    def why(self) -> str:
        if self.here_s is None:
            return "not called"
        if self.spreads:
            return "what it calls runs side by side from here"
        if self.cores > self.SEVERAL:
            return f"a call has the work of {self.cores:.1f} threads done by itself"
        if self.there_s is None:
            return f"a call takes {1e3 * self.here_s:.2g} ms here: too short to send"
        faster = "there" if self.there_s <= self.here_s else "here"
        return f"a call took {1e3 * self.here_s:.3g} ms here and {1e3 * self.there_s:.3g} ms there: it runs {faster}"
