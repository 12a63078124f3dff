"""A generator's or coroutine's conversation with the worker that runs it; see runtime/unit/steps.py for what goes to and fro.

The unit runs ahead of us; before a value is handed out, what the unit has read must still be what it was, else it has to be told.
A unit that does more than compute ends the session (Over): nothing was committed.
"""

from __future__ import annotations

from collections import deque
from time import perf_counter
from typing import Any

from faasify.localcloud.channel import Garbled
from faasify.localcloud.limits import OverLimit, Watch
from faasify.localcloud.pool import Channel, WorkerDied, ZygoteFailed
from faasify.runtime.caller import faults
from faasify.runtime.caller.commit import commit
from faasify.runtime.caller.contexts import with_context
from faasify.runtime.caller.exchange import understood
from faasify.runtime.caller.loop_clock import NO_CLOCK, clock_of_loop
from faasify.runtime.caller.snapshot import Snapshot
from faasify.runtime.caller.tracebacks import is_ours
from faasify.runtime.caller.trampoline import CO_COROUTINE
from faasify.runtime.unit import frames, wire
from faasify.runtime.unit.before import Before
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable

MANY = 20_000  # values, after which it is asked whether each is
CHANGED = "what it reads changes while it runs"
TINY_S = 1e-4  # made and used in less: then the body makes them once more here, at the most in two seconds, and goes on


class Over(Exception):
    """The unit cannot go on, for a `reason` as the report's fallbacks have it.

    `fault`: what --strict tells of the target's failure, behind the unit's name; empty where it did not fail.
    `passing`: the next session may fare better.
    """

    def __init__(self, why: str, reason: str = "steps", *, fault: str = "", passing: bool = False) -> None:
        super().__init__(why)
        self.reason, self.fault, self.passing = reason, fault, passing


class Session:
    """One generator or coroutine over there."""

    def __init__(self, call: Any, snapshot: Snapshot) -> None:
        self.call, self.runtime, self.unit = call, call.runtime, call.unit
        self.snapshot = snapshot
        self.objs = list(snapshot.enc.objs)
        self.before = Before(self.objs, snapshot.world.is_program_class)
        self.steps = 0  # values that were handed out
        self.ready: deque[Any] = deque()  # values that have arrived
        self.last: dict[str, Any] | None = None  # how it ends, once that has arrived
        self.ended = False  # and that is committed
        self.in_step = False
        self.changed = False  # what the unit reads has changed since it began
        self.asked = False  # for more values
        self.started = perf_counter()
        self.channel: Channel | None = None
        self.gone: Over | None = None  # why, where that was met by others
        self.begun = False
        self.coroutine = bool(call.fn.__code__.co_flags & CO_COROUTINE)
        self.clock = clock_of_loop() if self.coroutine else NO_CLOCK
        self.watch = call.watch
        self.idle_since = perf_counter()  # the unit's time is what somebody waits for it
        self.begun_at = 0.0
        self.sent = self.received = 0  # bytes

    def begin(self, *, skip: int = 0, ahead: bool = True) -> None:
        """Send the snapshot to a worker; raises Over."""
        self.begun = True
        with self.clock:
            self._begin({"skip": skip, "ahead": ahead})

    def _begin(self, plan: dict[str, Any]) -> None:
        try:
            self.channel = self.runtime.acquire()
            self.begun_at, self.sent, self.received = perf_counter(), 0, 0
            working.append(self)
            self._send(frames.CALL, {**self.snapshot.call, "steps": plan, "allow": []})  # what it does may be done again here
        except Over as e:
            self.close(str(e))
            raise
        except ZygoteFailed as e:
            self.close(str(e))
            raise Over(str(e), "target", fault=faults.cannot_run(e), passing=e.passing) from None
        except Exception as e:
            self.close(str(e))
            raise Over(f"{type(e).__name__}: {e}") from None

    def advance(self, value: Any = None, throw: BaseException | None = None) -> tuple[bool, Any]:
        """The next step: (True, what is yielded) or (False, result). Raises what the body raises, and Over."""
        with self.clock:
            try:
                return self._advance(value, throw)
            except Exception as e:
                if self.ended or isinstance(e, Over) or not is_ours(e):
                    raise
                self.runtime.bug(e)  # before anything was committed: the program must not meet it
                raise Over(f"{type(e).__name__}: {e}", "bug", fault=faults.own(f"{type(e).__name__}: {e}")) from None

    def _advance(self, value: Any, throw: BaseException | None) -> tuple[bool, Any]:
        valid = self.valid()
        if self.in_step or value is not None or throw is not None or not valid:
            return self._in_step(value, throw)
        if self.steps and not self.steps % MANY and perf_counter() - self.started < self.steps * TINY_S:
            raise Over("to bring so many values, each made in no time, takes longer than to make them")
        while not self.ready and self.last is None:
            if self.asked or self.coroutine or not self.steps:
                self._receive()
            else:
                self._send(frames.RESUME, {})
                self.asked = True
        if self.ready:
            if not self.coroutine and not self.asked and self.last is None:
                self._send(frames.RESUME, {})  # the next ones are made while these are used
                self.asked = True
            self.steps += 1  # not before: what cannot be asked for more is over, and has not handed this one out
            return True, self.ready.popleft()
        return False, self._end()

    # -- messages

    def _send(self, kind: int, message: dict[str, Any]) -> None:
        channel = self._open()
        payload = wire.dumps(message)
        self.sent += wire.size(payload)
        self.unit.stats.sent += wire.size(payload)
        try:
            if self.watch is not None:
                self._stand_still(self.watch)
                channel.within(self.watch.left())
            channel.send(kind, payload)
        except frames.FrameTooLarge as e:
            raise Over(str(e), "value") from None
        except (WorkerDied, OverLimit) as e:
            raise self._failed(channel, e) from None

    def _receive(self) -> None:
        message = self._message()
        if "values" in message:
            self.asked = False
            self.ready.extend(self._decoded(message).values(message["values"]))
        else:
            self.last = message
            self._let_go()

    def _message(self) -> dict[str, Any]:
        """The next frame; what is none of a session's ends it."""
        kind, message = self._frame()
        if kind == frames.ABORT:
            if message["kind"] == "bug":
                raise Over(message["what"], "bug", fault=faults.own(message["what"]))
            raise Over(f"{message['kind']}: {message['what']}")
        if kind == frames.NEED:
            raise Over("it reads what only the caller has")
        self.runtime.report.ran.update(message["ran"])
        self.clock.computed(message["seconds"])
        return message

    def _frame(self) -> tuple[int, dict[str, Any]]:
        channel, timeline = self._open(), self.runtime.report.timeline
        if timeline is not None:
            timeline.begins(self.unit.name)
        try:
            kind, data = channel.recv() if self.watch is None else self._watched(channel, self.watch)
            self.received += len(data)
            self.unit.stats.received += len(data)
            message = understood(data)
            if kind not in (frames.STEP, frames.RESULT, frames.ABORT, frames.NEED) or type(message) is not dict:
                raise Garbled(f"its worker answered with a frame of kind {kind}")
        except (WorkerDied, OverLimit) as e:
            raise self._failed(channel, e) from None
        finally:
            if timeline is not None:
                timeline.waited(self.unit.name)
        return kind, message

    def _open(self) -> Channel:
        if self.channel is None:
            raise self.gone or Over("its worker was needed")
        return self.channel

    def _watched(self, channel: Channel, watch: Watch) -> tuple[int, bytes]:
        """As `recv`, within the unit's limits."""
        self._stand_still(watch)
        try:
            watch.look(channel)
            return watch.recv(channel)
        finally:
            self.idle_since = perf_counter()

    def _stand_still(self, watch: Watch) -> None:
        """While the program used what it had got, the unit's time did not go on."""
        now = perf_counter()
        watch.extend(now - self.idle_since)
        self.idle_since = now

    def _failed(self, channel: Channel, error: WorkerDied | OverLimit) -> Over:
        if isinstance(error, OverLimit):
            return Over(str(error), "limit", fault=faults.over_limit(error), passing=True)
        if isinstance(error, Garbled):
            return Over(str(error), "target", fault=faults.cannot_run(error))
        ending = self.runtime.pool.lost(channel)
        why = f"its worker is gone: {ending.told()}"
        return Over(why, "target", fault=faults.cannot_run(why), passing=ending.killed)

    def _decoded(self, message: dict[str, Any]) -> Decoder:
        try:
            dec = Decoder(self.runtime.world, message["nodes"], list(self.objs))
            dec.run()
        except CodecError as e:
            raise Over(f"a value that cannot be taken over: {e}") from None
        return dec

    def _end(self) -> Any:
        """The result, committed; raises what the body raised."""
        assert self.last is not None
        try:
            with self.runtime.lock:
                raised, value = commit(self.runtime, self.objs, self.last)
        except Untravellable as e:
            raise Over(e.why) from None
        self.ended = True
        changed = bool(self.last["edits"] or self.last["globals"])
        self.unit.begins_early &= not changed
        self.count(self.last["seconds"], changed=changed)
        if raised:
            self.runtime.pending[id(value)] = (value, with_context(value))
            raise value
        return value

    def count(self, seconds: float, *, changed: bool) -> None:
        """It was a remote call, of which `seconds` were computing."""
        self.unit.lost = self.unit.over = 0
        elapsed = perf_counter() - self.started
        self.unit.stats.remote_call(elapsed, seconds, changed)
        self.unit.placement.went(min(elapsed, seconds), seconds)

    def drain(self) -> None:
        """Have a coroutine's frames come to their end, so that its worker is free. Raises nothing."""
        try:
            while self.last is None:
                self._receive()
        except Over as e:  # it is told when it is wanted again
            self.gone = e
            self.close(str(e))
            self.ready.clear()

    def _let_go(self) -> None:
        if self.channel is not None:
            self.runtime.pool.release(self.channel)
            self._forget(self.channel, "done")

    def close(self, outcome: str = "done") -> None:
        """Nobody wants more of it, for a reason that the timeline is to tell."""
        if self.channel is not None:
            self.runtime.pool.discard(self.channel)
            self._forget(self.channel, outcome)

    def _forget(self, channel: Channel, outcome: str) -> None:
        self.channel = None
        self._note(channel, outcome)
        if self in working:
            working.remove(self)

    def _note(self, channel: Channel, outcome: str) -> None:
        timeline = self.runtime.report.timeline
        if timeline is not None:
            timeline.note(self.unit.name, channel.pid, (self.begun_at, perf_counter()), outcome, self.sent, self.received)

    def note_end_of_program(self) -> None:
        """The report is written, and it has still a worker."""
        if self.channel is not None:
            self._note(self.channel, "done")

    # -- what changes here meanwhile

    def valid(self) -> bool:
        """Whether all that the unit may have read is as it was."""
        try:
            now = self.snapshot.hidden_now(Encoder(self.runtime.world, self.objs))
        except Untravellable as e:
            raise Over(e.why) from None
        return self.before.same() and self.snapshot.globals_unchanged() and bool(now == self.snapshot.call["hidden"])

    def _in_step(self, value: Any, throw: BaseException | None) -> tuple[bool, Any]:
        """One step with all that is different here told before, and all that it does committed behind."""
        if not self.in_step:
            self.close(CHANGED)
            self.ready.clear()
            self.last = None
            self.begin(skip=self.steps, ahead=False)
            self.in_step = True
            self.unit.stay(CHANGED)
        self._send(frames.RESUME, self._news(value, throw))
        message = self._message()
        self.changed = True
        if "yield" not in message:
            self.last = message
            self._let_go()
            return False, self._end()
        message["ret"] = message.pop("yield")
        _, found = commit(self.runtime, self.objs, message)
        self.steps += 1
        self.before = Before(self.objs, self.runtime.world.is_program_class)
        return True, found

    def _news(self, value: Any, throw: BaseException | None) -> dict[str, Any]:
        world = self.runtime.world
        enc = Encoder(world, self.objs)
        try:
            message: dict[str, Any] = {"throw": enc.root(throw)} if throw is not None else {"send": enc.root(value)}
            message["edits"] = self.before.edits(enc)
            message["globals"] = self.snapshot.changed_globals(enc)
            message["hidden"] = self.snapshot.hidden_now(enc)
            message["nodes"] = enc.finish()
        except Untravellable as e:
            raise Over(e.why) from None
        if enc.codes:
            raise Over("code that it has not seen before reaches it")
        self.objs = enc.objs
        return message


working: list[Session] = []  # those that have a worker
