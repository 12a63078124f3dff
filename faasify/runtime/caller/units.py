"""A unit of the program: decorates its function, runs its calls, remembers what cannot go.

stub = Unit(runtime, "app.total"); fn = stub(fn)         the decorator: fn's code becomes a trampoline
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from types import FunctionType
from typing import Any

from faasify.runtime.caller.binding import Binding
from faasify.runtime.caller.depth import LEVELS_HERE, lower_limit, raise_limit
from faasify.runtime.caller.trampoline import CO_COROUTINE, CO_GENERATOR
from faasify.runtime.unit.generators import EVERY, NONE, Drawn

OVER = 3  # calls over a limit in a row, after which the unit's calls stay here
LOST = 20  # calls in a row that could not go, likewise

LOOKS_DOWN = "a generator or coroutine, in a program whose code may look at the frames below it"
READS_LIMIT = "it may read the recursion limit, which is raised while a call runs here"
HANDS_OUT = "the program does more with the code of functions than look at its name"


class Unit:
    """A unit of the program: decorates its function, runs its calls, remembers what cannot go."""

    def __init__(self, runtime: Any, name: str) -> None:
        self.runtime = runtime
        self.name = name
        self.here: str | None = None  # why all calls run here from now on
        self.sites: set[Any] = set()  # call sites whose values cannot travel (V5)
        self.bindings: set[weakref.ref[Binding]] = set()
        self.running_here = 0
        self.lost = 0  # attempts that came to nothing, one behind the other
        self.over = 0  # calls over a limit, one behind the other
        self.seconds = 0.0  # of computing, of the last call
        self.begins_early = True  # its coroutines, before their first step
        self.fans_out = False  # calls were under way before they were made
        once = bool(runtime.allow)  # a call that had an effect is not made again
        self.drawn = EVERY if once or runtime.draws(name) else NONE  # global generators that its calls are sent
        self.limits = runtime.limits_of(name)
        self.stats = runtime.report.unit(name)
        self.placement = runtime.placement_of(self)
        self.keep()

    def __call__(self, fn: Any) -> Any:
        """The decorator."""
        if type(fn) is FunctionType and self.here is None and self.runtime.remote:
            if fn.__code__.co_flags & (CO_GENERATOR | CO_COROUTINE) and self.runtime.world.asks_callers:  # its stub would be what it sees
                self.stats.fallback("introspection", LOOKS_DOWN)
                self.here = LOOKS_DOWN
            else:
                Binding(self, fn)
        return fn

    def done_quickly(self, elapsed: float, computing: float, sent: int, received: int) -> None:
        """A call is done that had nothing to commit."""
        stats = self.stats
        stats.remote += 1
        stats.seconds += elapsed
        stats.sent += sent
        stats.received += received
        self.seconds = computing
        self.lost = self.over = 0
        self.placement.went(elapsed, computing)

    def stay(self, why: str) -> None:
        """All calls run here from now on: functions get their own code back, so they cost nothing more."""
        self.here = why
        self._each(Binding.restore)

    def was_over(self, why: str) -> None:
        """A call was over a limit."""
        self.over += 1
        if self.over >= OVER:
            self.stay(f"limit: {why}, {OVER} times in a row")

    def could_not_go(self) -> None:
        """A call runs here after all."""
        self.lost += 1
        if self.lost >= LOST and self.here is None:
            self.stay(f"{LOST} calls in a row could not go")

    def draws(self, generators: Iterable[str]) -> None:
        """A call has used global generators that it was not sent."""
        self.drawn = Drawn(self.drawn.expected, self.drawn.shown | frozenset(generators))
        self._each(Binding.begin_anew)

    def keep(self) -> None:
        """Functions keep their own code where the program would see what stands for it, in code objects or in the recursion limit."""
        world = self.runtime.world
        if self.here is None and world.hands_out_code:
            self.stats.fallback("code", HANDS_OUT)
            self.stay(HANDS_OUT)
        if self.here is None and world.reads_limit and (world.reads_limit_beside or self.runtime.meets_limit(self.name)):
            self.stats.fallback("introspection", READS_LIMIT)
            self.stay(READS_LIMIT)

    def end(self) -> None:
        """The program ends: nothing of ours may keep its objects alive, or their `__del__` would run too late, or never."""
        self.here = "the program ends"
        self._each(Binding.forget)

    def _each(self, do: Any) -> None:
        for binding in [found for ref in list(self.bindings) if (found := ref()) is not None]:
            do(binding)

    def run_here(self, fn: Any, undo: Any = None, *, frames: int = 0) -> Any:
        """`fn` as a callable that runs with the unit's functions being their originals, so that a recursion is as deep as it was.

        `undo` prepares streams for a call that was under way already; `frames` are those between `fn` and the function.
        """

        def run(*args: Any, **kwargs: Any) -> Any:
            end = undo() if undo is not None else None
            self.running_here += 1
            self._each(Binding.restore)
            levels = LEVELS_HERE + frames
            raised = raise_limit(levels)
            try:
                return fn(*args, **kwargs)
            finally:
                lower_limit(raised, levels)
                self.running_here -= 1
                if not self.running_here and self.here is None:
                    self._each(Binding.install)
                if end is not None:
                    end()

        return run
