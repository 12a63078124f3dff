"""One attempt of a call at one worker: sent, answered what it asks for meanwhile, and its result read whole.

    message = exchange(call, snapshot)      what the worker answered; a plain value alone is a list (unit/worker.py)

The worker of an attempt that was interrupted, by whatever, is thrown away.
"""

from __future__ import annotations

import math
from time import perf_counter
from typing import Any, NamedTuple

from faasify.localcloud.pool import Channel, Garbled, WorkerDied
from faasify.runtime.caller.ahead import answers
from faasify.runtime.caller.base import Brief
from faasify.runtime.caller.faults import OnlyOnce
from faasify.runtime.caller.quick import Started
from faasify.runtime.caller.snapshot import Snapshot
from faasify.runtime.unit import environment, frames, wire
from faasify.runtime.unit.before import Before
from faasify.runtime.unit.codec import Untravellable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from faasify.runtime.caller.transaction import Call

POLL_S = 0.05  # between two looks at whether a call waits in vain
_LOOKING = 10  # for so many times as long as it takes to look, nobody looks again


class Patience(NamedTuple):
    """How long there is use in waiting for an answer while other threads run."""

    seen: Before | None = None  # what the call has read: it may run until another thread changes just that, and then has to go on here
    first: float = POLL_S  # seconds until that is looked at, and between two looks
    most: float = math.inf  # seconds


class Aborted(Exception):
    """The unit ended the call before it had an effect; `kind` and `what` say why; `name`: of a global that was not sent."""

    def __init__(self, kind: str, what: str, name: Sequence[str] | None = None) -> None:
        super().__init__(what)
        self.kind, self.what, self.name = kind, what, name


def exchange(call: Call, snapshot: Snapshot | Brief, patience: Patience | None = None) -> Any:
    """Raises Untravellable when the call has waited in vain, Aborted when it has taken too long."""
    runtime = call.runtime
    call.variables = {}
    started, call.started = call.started, None
    if started is not None and started.channel is None:
        call.unit.stats.sent += started.sent
        return started.message
    if started is None and isinstance(snapshot, Brief) and runtime.ahead and not runtime.concurrent():
        early = runtime.ahead.take(wire.joined(snapshot.payload))
        if early is not None:
            call.worker, call.sent, call.received = early.worker, len(early.payload), early.received
            call.span = early.ended - early.seconds, early.ended
            call.unit.stats.sent += call.sent
            call.unit.stats.received += call.received
            return early.message
    channel: Channel = started.channel if started is not None and started.channel is not None else runtime.acquire()
    try:
        message = _Exchange(call, snapshot, channel, patience).run(started)
    except Garbled:
        runtime.pool.discard(channel)
        raise
    except frames.FrameTooLarge as e:
        runtime.pool.discard(channel)
        raise Untravellable(f"{e}; the most of it is {snapshot.largest(call.arguments())}") from None
    except WorkerDied:
        ending = runtime.pool.lost(channel)
        died = WorkerDied(f"its worker is gone: {ending.told()}")
        died.passing = ending.killed
        raise died from None
    except BaseException:
        runtime.pool.discard(channel)
        raise
    runtime.pool.release(channel)
    return message


class _Exchange:
    """What goes to and fro; `held` is output that came before a read of stdin and needed not be shown for it."""

    def __init__(self, call: Call, snapshot: Snapshot | Brief, channel: Channel, patience: Patience | None) -> None:
        self.call, self.snapshot, self.channel, self.patience = call, snapshot, channel, patience
        self.held: list[Any] = []
        call.worker = channel.pid

    def run(self, started: Started | None) -> Any:
        self.send(started)
        frame = started.frame if started is not None else None
        while True:
            if self.patience is not None:
                self.wait(self.patience)
            kind, data = frame or self.receive()
            frame = None
            self.call.received += len(data)
            self.call.unit.stats.received += len(data)
            if kind == frames.EFFECT and self.call.runtime.allow:
                self.call.effects = True
                continue
            message = understood(data)
            if kind == frames.NEED:
                self.provide(message)
            elif kind == frames.RESULT:
                self.accept(message)
                return message
            elif kind == frames.ABORT:
                raise self.aborted(message)
            else:
                raise Garbled(f"its worker answered with a frame of kind {kind}")

    def send(self, started: Started | None) -> None:
        call, channel = self.call, self.channel
        if started is None:
            channel.within(call.watch.left() if call.watch else None)
            call.sent = self.snapshot.sent_to(channel)
        else:
            call.sent = started.sent
            if started.error is not None:
                raise started.error
        call.unit.stats.sent += call.sent

    def wait(self, patience: Patience) -> None:
        """Until something has arrived, as long as there is use in that."""
        call, waited, look = self.call, 0.0, patience.first
        while not self.channel.wait(POLL_S):
            waited += POLL_S
            if call.watch is not None:
                call.watch.look(self.channel)
            if waited >= patience.most:
                raise Aborted("threads", "it takes longer than before, perhaps because it waits for another thread, which waits for it")
            if patience.seen is not None and waited >= look:
                started = perf_counter()
                if not call.valid(self.snapshot, patience.seen):
                    raise Untravellable("another thread has changed what the call waits for")
                look = waited + max(patience.first, _LOOKING * (perf_counter() - started))

    def receive(self) -> tuple[int, bytes]:
        return self.call.watch.recv(self.channel) if self.call.watch else self.channel.recv()

    def provide(self, message: dict[str, Any]) -> None:
        """A variable of the environment, or what is read from stdin."""
        call = self.call
        if message["what"] == "environ":
            value = call.variables[message["name"]] = environment.answer(message["name"])
            self.channel.send(frames.LINE, wire.dumps({"environ": value}))
        else:
            text, unshown = self.read(message)
            self.held.extend(unshown)
            self.channel.send(frames.LINE, wire.dumps({"text": text}))

    def read(self, message: dict[str, Any]) -> tuple[str, list[Any]]:
        """From stdin. While a person thinks about it, the unit's time stands still."""
        call, before = self.call, perf_counter()
        try:
            return call.dialogue.answer(message, call.runtime.output_streams())
        finally:
            if call.watch is not None:
                call.watch.extend(perf_counter() - before)

    def accept(self, message: Any) -> None:
        """A result; Garbled if it is none."""
        if type(message) is list:
            if self.held or not answers(message):
                raise Garbled("its worker sent garbage: a list that is no answer")
            return
        message["out"][:0] = self.held
        if "stale" in message and isinstance(self.snapshot, Brief):
            self.channel.bases.pop(self.snapshot.base.number)

    def aborted(self, message: dict[str, Any]) -> Exception:
        if message["effects"]:
            return OnlyOnce(f"{self.call.unit.name} ended after an effect that --allow lets happen: {message['what']}")
        return Aborted(message["kind"], message["what"], message["name"])


def understood(data: bytes) -> Any:
    """What a frame says; raises Garbled."""
    try:
        return wire.loads(data)
    except wire.WireError as e:
        raise Garbled(f"its worker sent garbage: {e}") from None
