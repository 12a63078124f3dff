"""Generators and coroutines that run elsewhere, step by step; see runtime/unit/steps.py for what goes to and fro.

`begin(call)` gives what the trampoline iterates over or awaits. The unit runs ahead of us; before a value is handed out, what the unit
has read must still be what it was, else it has to be told. A unit that does more than compute ends the session; as nothing was
committed, the function's own body then does the same steps here, unseen, and goes on.
"""

from __future__ import annotations

import opcode
import sys
from collections import deque
from collections.abc import Callable, Generator
from time import perf_counter
from typing import Any

from faasify.localcloud.pool import Channel, WorkerDied
from faasify.runtime.caller.commit import commit
from faasify.runtime.caller.contexts import with_context
from faasify.runtime.caller.faults import TargetFailed
from faasify.runtime.caller.loop_clock import NO_CLOCK, clock_of_loop
from faasify.runtime.caller.snapshot import Snapshot
from faasify.runtime.caller.trampoline import CO_COROUTINE
from faasify.runtime.unit import frames, wire
from faasify.runtime.unit.before import Before
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable

MUCH = 20_000  # objects that a unit may read: they are looked at for each value
MANY = 20_000  # values, after which it is asked whether each is
TINY_S = 1e-4  # made and used in less: then the body makes them once more here, at the most in two seconds, and goes on
LEFT = 2  # workers that sessions leave for other calls
_SEND = opcode.opmap["SEND"]
_TRY = 1 if sys.version_info >= (3, 12) else 0  # entries in the exception table of a generator without `try`


class Over(Exception):
    """The unit cannot go on; `why`."""


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
        self.in_step = False
        self.changed = False  # what the unit reads has changed since it began
        self.asked = False  # for more values
        self.started = perf_counter()
        self.channel: Channel | None = None
        self.begun = False
        self.coroutine = bool(call.fn.__code__.co_flags & CO_COROUTINE)
        self.clock = clock_of_loop() if self.coroutine else NO_CLOCK

    def begin(self, *, skip: int = 0, ahead: bool = True) -> None:
        """Send the snapshot to a worker; raises Over."""
        self.begun = True
        with self.clock:
            self._begin({"skip": skip, "ahead": ahead})

    def _begin(self, plan: dict[str, Any]) -> None:
        try:
            self.channel = self.runtime.acquire()
            _sessions.append(self)
            self._send(frames.CALL, {**self.snapshot.call, "steps": plan})
        except Exception as e:
            self.close()
            raise Over(f"{type(e).__name__}: {e}") from None

    def advance(self, value: Any = None, throw: BaseException | None = None) -> tuple[bool, Any]:
        """The next step: (True, what is yielded) or (False, result). Raises what the body raises, and Over."""
        with self.clock:
            return self._advance(value, throw)

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
            self.steps += 1
            if not self.coroutine and not self.asked and self.last is None:
                self._send(frames.RESUME, {})  # the next ones are made while these are used
                self.asked = True
            return True, self.ready.popleft()
        return False, self._end()

    # -- messages

    def _send(self, kind: int, message: dict[str, Any]) -> None:
        assert self.channel is not None
        payload = wire.dumps(message)
        self.unit.stats.sent += wire.size(payload)
        try:
            self.channel.send(kind, payload)
        except (WorkerDied, frames.FrameTooLarge) as e:
            raise Over(str(e)) from None

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
        assert self.channel is not None
        try:
            kind, data = self.channel.recv()
        except WorkerDied as e:
            raise Over(str(e)) from None
        self.unit.stats.received += len(data)
        if kind not in (frames.STEP, frames.RESULT, frames.ABORT, frames.NEED):
            raise Over(f"a frame of kind {kind}")
        message: dict[str, Any] = wire.loads(data)
        if kind == frames.ABORT:
            raise Over(f"{message['kind']}: {message['what']}")
        if kind == frames.NEED:
            raise Over("it reads what only the caller has")
        self.runtime.report.ran.update(message["ran"])
        self.clock.computed(message["seconds"])
        return message

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
        changed = bool(self.last["edits"] or self.last["globals"])
        self.unit.begins_early &= not changed
        self.count(self.last["seconds"], changed=changed)
        if raised:
            self.runtime.pending[id(value)] = (value, with_context(value))
            raise value
        return value

    def count(self, seconds: float, *, changed: bool) -> None:
        """It was a remote call, of which `seconds` were computing."""
        elapsed = perf_counter() - self.started
        self.unit.stats.remote_call(elapsed, seconds, changed)
        self.unit.placement.went(min(elapsed, seconds), seconds)

    def drain(self) -> None:
        """Have a coroutine's frames come to their end, so that its worker is free."""
        while self.last is None:
            self._receive()

    def _let_go(self) -> None:
        if self.channel is not None:
            self.runtime.pool.release(self.channel)
            self.channel = None
        self._forget()

    def close(self) -> None:
        if self.channel is not None:
            self.runtime.pool.discard(self.channel)
            self.channel = None
        self._forget()

    def _forget(self) -> None:
        if self in _sessions:
            _sessions.remove(self)

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
            self.close()
            self.ready.clear()
            self.last = None
            self.begin(skip=self.steps, ahead=False)
            self.in_step = True
            self.unit.stay("what it reads changes while it runs")
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


_sessions: list[Session] = []  # those that have a worker


def begin(call: Any) -> Any:
    """What to iterate over or to await instead of the function's own generator or coroutine; raises Untravellable."""
    runtime = call.runtime
    with runtime.lock:
        snapshot: Snapshot = call.snapshot()
    if len(snapshot.enc.objs) > MUCH:
        raise Untravellable("a generator over more objects than can be looked at for each value")
    session = Session(call, snapshot)
    _make_room(runtime, coroutine=session.coroutine)
    return resumed(session)


def resumed(session: Session) -> Any:
    """As `begin`, for a session that may have begun."""
    return (_Awaited if session.coroutine else _iterated)(session, _own(session.call))


def has_room(runtime: Any, reserved: int) -> bool:
    """Whether one more coroutine can have a worker, and so many others still."""
    return bool(len(_sessions) + reserved < runtime.pool.limit - LEFT)


def _own(call: Any) -> Callable[[], Any]:
    """The function's own generator or coroutine."""
    original = call.binding.original(call.fn)
    return lambda: original(*call.pos, **dict(call.kw))


def _make_room(runtime: Any, *, coroutine: bool) -> None:
    """Leave some workers to other calls: coroutines that have one come to their end first; generators may take for ever."""
    most = max(1, runtime.pool.limit - LEFT)
    for session in [s for s in _sessions if s.coroutine]:
        if len(_sessions) < most:
            return
        try:
            session.drain()
        except Over:
            session.close()
            session.ready.clear()
    if len(_sessions) >= most:
        raise Untravellable(f"{most} generators are at work already")


def _iterated(session: Session, own: Callable[[], Any]) -> Generator[Any, Any, Any]:
    sent: Any = None
    thrown: BaseException | None = None
    try:
        session.begin()
        while True:
            more, value = session.advance(sent, thrown)
            if not more:
                return value
            sent = thrown = None
            try:
                sent = yield value
            except GeneratorExit as e:
                if not _handles(session.call.binding.code):
                    session.count(0.0, changed=False)
                    raise
                thrown = e
            except BaseException as e:
                thrown = e
    except Over as e:
        why = e
    finally:
        session.close()
    body = _caught_up(session, own, why)
    for _ in range(session.steps):
        next(body)
    return (yield from _from_here(body, sent, thrown))


def _awaited(session: Session, own: Callable[[], Any]) -> Generator[Any, Any, Any]:
    slept: list[tuple[float, Any]] = []  # how long, and what that gave
    thrown: BaseException | None = None
    try:
        if not session.begun:
            session.begin()
        while True:
            more, value = session.advance(None, thrown)
            if not more:
                return value
            slept.append(value)
            thrown = None
            try:
                yield from sys.modules["asyncio"].sleep(value[0]).__await__()
            except GeneratorExit as e:
                if not _handles(session.call.binding.code):
                    raise
                thrown = e
            except BaseException as e:
                thrown = e
    except Over as e:
        why = e
    finally:
        session.close()
    body = _caught_up(session, own, why)
    for _, result in slept:
        future = body.send(None)
        if future is not None:  # asyncio.sleep's, which has waited over there
            future._asyncio_future_blocking = False
            future.set_result(result)
    return (yield from _from_here(body, None, thrown))


def _from_here(body: Any, sent: Any, thrown: BaseException | None) -> Generator[Any, Any, Any]:
    """`yield from body`, which begins by sending or throwing something into it."""
    try:
        value = body.throw(thrown) if thrown is not None else body.send(sent)
        while True:
            try:
                sent = yield value
            except GeneratorExit:
                body.close()
                raise
            except BaseException as e:
                value = body.throw(e)
            else:
                value = body.send(sent)
    except StopIteration as e:
        return e.value


def _caught_up(session: Session, own: Callable[[], Any], why: Over) -> Any:
    """The function's own generator or coroutine, to be run to where the unit was: nobody sees that, it has only computed."""
    unit = session.unit
    unit.stats.fallback("steps", str(why))
    unit.stats.here += 1
    unit.stay(str(why))
    if session.changed or (session.steps and not session.valid()):
        raise TargetFailed(f"{unit.name} stopped between two of its values, and cannot go on here: {why}")
    return own()


def _handles(code: Any) -> bool:
    """Whether the body may do something when it is closed: the exception table has an entry for each `try` and `with`, and what it
    iterates over by `yield from`, or awaits, is closed with it."""
    return sum(byte >> 7 for byte in code.co_exceptiontable) > _TRY or _SEND in code.co_code[::2]


class _Awaited:
    """Awaited, it waits for a session."""

    def __init__(self, session: Session, own: Callable[[], Any]) -> None:
        self._session, self._own = session, own

    def __await__(self) -> Generator[Any, Any, Any]:
        return _awaited(self._session, self._own)
