"""One call as a transaction: snapshot, call, commit; or nothing has happened and the call runs here.

    Call(binding, fn, pos, kw, left).run()      (False, result) or (True, exception), committed; raises while nothing has happened

A result is not acknowledged to the worker, because nothing waits for that: a call leaves nothing in a worker that a later one could miss,
and what the caller has read whole it commits at once, whatever becomes of the worker (what a dead process had written to its socket can
still be read). What it has not read whole is no result, and the call is done again. So the commit, which happens here and once, is the
only point that decides; paper/bench/chaos.py kills workers on both sides of it. An effect outside (`--allow`) is announced by the
worker before it happens, and from then on the call is not done again.
"""

from __future__ import annotations

from sys import _getframe, getrecursionlimit
from time import perf_counter, thread_time
from typing import Any

from faasify.localcloud.limits import OverLimit, Watch
from faasify.localcloud.pool import WorkerDied
from faasify.runtime.caller import interaction
from faasify.runtime.caller.ahead import said
from faasify.runtime.caller.base import Brief
from faasify.runtime.caller.commit import commit
from faasify.runtime.caller.exchange import POLL_S, Aborted, Patience, exchange
from faasify.runtime.caller.faults import OnlyOnce
from faasify.runtime.caller.loop_clock import clock_of_loop
from faasify.runtime.caller.quick import Started
from faasify.runtime.caller.snapshot import Snapshot
from faasify.runtime.caller.trampoline import CO_COROUTINE, CO_GENERATOR
from faasify.runtime.unit import callstack, environment
from faasify.runtime.unit.before import Before
from faasify.runtime.unit.codec import Encoder, Untravellable
from faasify.runtime.unit.generators import EVERY
from faasify.runtime.unit.paths import path_to

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from faasify.runtime.caller.binding import Binding

__all__ = ["Aborted", "Call"]

LONG_S = 1.0  # a call that runs for so long beside other threads may be waiting for one of them
AGAIN = 4  # a call that is done again, while no other call may commit, is given up when it takes so many times longer
PAUSES = CO_GENERATOR | CO_COROUTINE
ATTEMPTS = 3  # a call whose worker dies is done again; then it runs here


class Call:
    """One call on its way: its snapshot, what it read from stdin, what it showed before it committed."""

    def __init__(
        self, binding: Binding, fn: Any, pos: list[Any], kw: list[tuple[str, Any]], left: int, started: Started | None = None
    ) -> None:
        self.binding = binding
        self.runtime = binding.unit.runtime
        self.unit = binding.unit
        self.bases = binding.bases
        self.fn, self.pos, self.kw = fn, pos, kw
        self.started = started
        self.worker: int = 0  # process of the attempt
        self.span: tuple[float, float] | None = None  # when it ran, if it had begun before the call was made
        self.sent: int = 0  # its bytes
        self.received: int = 0
        self.dialogue = interaction.Dialogue()
        self.depth = left
        self.variables: dict[bytes | None, Any] = {}  # of the environment, as the attempt was told
        self.disturbed = 0  # results that came too late
        self.looked = 0.0  # seconds that it took to see what is sent
        self.effects = False  # an effect that the user allowed may have happened
        self.watch: Watch | None = self.unit.limits.watch()

    def describe(self, e: Untravellable) -> str:
        path = path_to(self.arguments(), e.obj) if e.obj is not None else ""
        return f"{path}: {e.why}" if path else e.why

    def located(self, aborted: Aborted) -> str:
        """Why the unit ended the call; of a global that it was not sent, with the way to what in it cannot travel."""
        module, name = aborted.name or ("", "")
        space = vars(self.runtime.world.modules[module]) if module in self.runtime.world.modules else {}
        if name in space:
            try:
                Encoder(self.runtime.world).root(space[name])
            except Untravellable as e:
                if e.obj is not None and (path := path_to({f"globals.{module}.{name}": space[name]}, e.obj)):
                    return f"{path}: {aborted.what}: {e.why}"
        return aborted.what

    def arguments(self) -> dict[str, Any]:
        values = zip(self.unit_parameters(), [*self.pos, *(v for _, v in self.kw)], strict=False)
        return {f"args.{name}": value for name, value in values}

    def unit_parameters(self) -> list[str]:
        code = self.fn.__code__
        return [*code.co_varnames[: code.co_argcount], *(k for k, _ in self.kw)]

    def run(self) -> tuple[bool, Any]:
        """(False, result) or (True, exception), committed. Raises while nothing has happened."""
        died = 0
        while True:
            try:
                return self.attempt()
            except OverLimit as e:
                self._once(e)
                if not e.used or self.dialogue.used:  # a worker that has served before may keep what other calls took
                    raise
                self.unit.stats.retries += 1
            except WorkerDied as e:
                self._once(e)
                self.unit.stats.retries += 1
                died += 1
                if died == ATTEMPTS or self.dialogue.used:
                    raise
            finally:
                if self.started is not None:  # nobody took its answer
                    if self.started.channel is not None:
                        self.runtime.pool.discard(self.started.channel)
                    self.started = None

    def _once(self, error: Exception) -> None:
        """A call that may have had an allowed effect is not done again."""
        if self.effects:
            raise OnlyOnce(f"{self.unit.name}: {error}; with --allow it is called at most once") from None

    def attempt(self) -> tuple[bool, Any]:
        started = perf_counter()
        with clock_of_loop() as clock:
            raised, value, seconds = self._attempt()
            clock.computed(seconds)
        self.unit.seconds = seconds
        self.unit.placement.went(perf_counter() - started, seconds)
        return raised, value

    def _attempt(self) -> tuple[bool, Any, float]:
        runtime = self.runtime
        started = perf_counter()
        with runtime.lock:
            self.check_builtins()  # first: our own code uses them too
            snapshot, seen = self.begun()
        reply = self.timed(snapshot, None if seen is None else Patience(seen, POLL_S if "sleep" in snapshot.names else LONG_S))
        once = perf_counter() - started
        with runtime.lock, runtime.stretch:
            while seen is not None and not self.settled(snapshot, seen):
                snapshot, seen = self.seen(self.snapshot)  # somebody was faster: again, with no other call committing meanwhile (T2)
                reply = self.timed(snapshot, Patience(most=LONG_S + AGAIN * once))
            if type(reply) is list:
                raised, changed, value, seconds = (
                    False,
                    False,
                    said(reply, self.pos),
                    reply[1] / 1e9,
                )  # it did nothing but return a plain value
            else:
                raised, value = self.commit(snapshot, reply)
                seconds, changed = reply["seconds"], bool(reply["edits"] or reply["globals"])
                runtime.report.ran.update(reply["ran"])
                self.learn(snapshot, reply)
        self.unit.stats.remote_call(perf_counter() - started, seconds, changed)
        return raised, value, seconds

    def check_builtins(self) -> None:
        changed = self.runtime.library.changed_builtins()
        if changed is not None:
            raise Untravellable(f"{changed}, which the program has changed")

    def learn(self, snapshot: Snapshot | Brief, reply: dict[str, Any]) -> None:
        """What the next call can do with less."""
        if isinstance(snapshot, Snapshot):
            self.bases.met(snapshot, self.pos, self.kw)
        elif "stale" in reply:
            self.bases.lost(snapshot)

    def snapshot(self) -> Snapshot:
        runtime = self.runtime
        drawn = EVERY if self.binding.code.co_flags & PAUSES else self.unit.drawn  # what has paused could not begin again
        snapshot = Snapshot(runtime.world, runtime.library, self.fn, self.pos, self.kw, runtime.environ, drawn)
        snapshot.call.update(
            unit=self.unit.name,
            depth=self.depth,
            limit=getrecursionlimit(),
            streams=runtime.stream_spec(),
            allow=sorted(runtime.allow),
            callers=[] if callstack.ASKS.isdisjoint(snapshot.names) else callstack.above(_getframe(1)),
        )
        return snapshot

    def begun(self) -> tuple[Snapshot | Brief, Before | None]:
        """What is to be sent, and where other threads run, how all that it tells of looks."""
        if self.started is not None:
            return self.started.brief, self.started.brief.seen() if self.runtime.concurrent() else None
        return self.seen(self.told) if self.runtime.concurrent() else (self.told(), None)

    def told(self) -> Snapshot | Brief:
        return self.bases.brief(self.fn, self.pos, self.kw, self.depth) or self.snapshot()

    def seen(self, make: Callable[[], Snapshot | Brief]) -> tuple[Snapshot | Brief, Before]:
        """A snapshot and how its objects look, both of one moment: what another thread changes between the two would be neither sent nor
        missed. So what is written once more after the look has to say the same."""
        started = thread_time()
        told = make()
        for _ in range(ATTEMPTS):
            before, seen = told.kept(), told.seen()
            again = make()
            if again.kept() == before:
                self.looked = thread_time() - started
                return told, seen
            told = again
        raise Aborted("threads", "other threads keep changing what the call reads")

    def settled(self, snapshot: Snapshot | Brief, seen: Before) -> bool:
        """Whether the call may be committed: then no other thread runs until that is done. What runs here asks for no lock."""
        self.runtime.stretch.begin(self.looked)
        if self.valid(snapshot, seen):
            return True
        self.runtime.stretch.end()
        self._once(RuntimeError("another thread has changed what it had read"))
        self.disturbed += 1
        if self.disturbed == ATTEMPTS:
            raise Aborted("threads", "other threads keep changing what the call reads")
        return False

    def valid(self, snapshot: Snapshot | Brief, seen: Before) -> bool:
        return snapshot.holds(seen) and all(environment.answer(k) == v for k, v in self.variables.items())

    def timed(self, snapshot: Snapshot | Brief, patience: Patience | None = None) -> Any:
        """`exchange`, noted in the timeline where there is one."""
        timeline = self.runtime.report.timeline
        if timeline is None:
            return self.exchange(snapshot, patience)
        self.worker = self.sent = self.received = 0
        self.span = None
        start, outcome = timeline.begins(self.unit.name), "done"
        try:
            return self.exchange(snapshot, patience)
        except BaseException as e:
            outcome = f"{type(e).__name__}: {e}"
            raise
        finally:
            timeline.ended(self.unit.name, self.worker, self.span or (start, perf_counter()), outcome, self.sent, self.received)

    def exchange(self, snapshot: Snapshot | Brief, patience: Patience | None = None) -> Any:
        return exchange(self, snapshot, patience)

    def commit(self, snapshot: Snapshot | Brief, reply: dict[str, Any]) -> tuple[bool, Any]:
        return commit(self.runtime, snapshot.objs, reply)
