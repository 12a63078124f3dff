"""Calls that are under way before the program makes them: many at once, on a few workers, several in one message.

    entry = ahead.start(base, payload)      a brief call (base.py) is on its way, or waits for a worker
    message = ahead.take(payload)           the answer to a call that began with just these bytes; None: make the call
    ahead.settled(entry), ahead.wait()      whether there is nothing to wait for; until one more has come

What has begun has no effect (design: a call is a transaction): its answer is what the call would answer that begins now if that would send
the same bytes on a base that still holds, and is dropped otherwise. A call that ends, that wants something of the caller, or whose worker
dies is dropped too, and made when its turn comes; those behind it at that worker start over.

No thread is behind this: workers are given more whenever the program starts a call, takes an answer or asks whether there is one.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from select import POLLIN, poll  # kept, whatever the program puts in their place
from time import perf_counter
from typing import Any

from faasify.localcloud.pool import Channel, Pool, WorkerDied, ZygoteFailed
from faasify.runtime.caller.base import Base
from faasify.runtime.unit import frames, wire
from faasify.runtime.unit.codec import PLAIN_OR_FLOAT

ATTEMPTS = 3
AT_ONCE = 64  # calls that wait before workers are looked after
LEAST, DEEPEST = 2, 256  # calls that one worker has
BUSY_NS = 2_000_000  # for which a worker is given calls
ROOM = 1 << 16  # bytes on the way to one worker: sending them never has to wait for its answers
LEFT = 2  # workers that others may need


class Entry:
    """One call. `message` is the answer; `lost`: there will be none."""

    __slots__ = ("attempts", "base", "ended", "lost", "message", "payload", "received", "seconds", "taken", "worker")

    def __init__(self, base: Base, payload: bytes) -> None:
        self.base, self.payload = base, payload
        self.message: Any = None
        self.received = self.attempts = self.worker = 0
        self.ended = self.seconds = 0.0  # when its answer was read, and how long it computed
        self.lost = False
        self.taken = False  # the call was made

    @property
    def settled(self) -> bool:
        return self.lost or self.message is not None


class _Lane:
    """One worker and the calls that it has, in their order."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.calls: deque[Entry] = deque()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self.calls)


class Ahead:
    """Of one run of a program, which has one thread only; `pool` is asked for when it is needed."""

    def __init__(self, pool: Callable[[], Pool]) -> None:
        self._pool = pool
        self.cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._lanes: list[_Lane] = []
        self._waiting: deque[Entry] = deque()
        self._entries: dict[bytes, deque[Entry]] = {}
        self.dropped: deque[Entry] = deque()  # that nobody will take; put here by finalisers, which may run at any moment
        self._depths: dict[int, int] = {}  # by base
        self._spoiled: set[int] = set()  # bases whose calls do more than answer
        self._unseen = 0  # calls that were started since workers were looked after

    def __bool__(self) -> bool:
        """Whether any answer may be had."""
        return bool(self._entries)

    def start(self, base: Base, payload: bytes) -> Entry | None:
        """None: calls on this base cannot be made ahead."""
        if base.number in self._spoiled:
            return None
        entry = Entry(base, payload)
        self._waiting.append(entry)
        self._entries.setdefault(payload, deque()).append(entry)
        self._unseen += 1
        if self._unseen >= AT_ONCE or self.dropped or len(self._lanes) < self.cores:
            self.look()
        return entry

    def take(self, payload: bytes) -> Entry | None:
        """The call that began with these bytes, answered; it is nobody else's from now on. Waits."""
        entries = self._entries.get(payload)
        if entries is None:
            return None
        entry = entries.popleft()
        entry.taken = True
        if not entries:
            del self._entries[payload]
        while not entry.settled:
            self.wait()
        if not self._entries:
            self._rest()
        return None if entry.lost else entry

    def cancel(self, entry: Entry) -> bool:
        """Whether that was in time: nobody will take it."""
        entries = self._entries.get(entry.payload, ())
        if entry not in entries:
            return False
        assert isinstance(entries, deque)
        entries.remove(entry)
        if not entries:
            del self._entries[entry.payload]
        if entry in self._waiting:
            self._waiting.remove(entry)
        entry.lost = True
        return True

    def look(self) -> None:
        """Take what has arrived, hand out what waits."""
        while self.dropped:
            self.cancel(self.dropped.pop())
        self._receive(0)
        self._hand_out()
        if not self._entries:
            self._rest()

    def wait(self) -> None:
        """Until something has arrived."""
        self._hand_out()
        if any(lane.calls for lane in self._lanes):
            self._receive(None)
            self._hand_out()
        else:  # no worker can be had
            self._lose_waiting()

    def give_way(self) -> None:
        """Somebody else needs a worker, and there is none left: what is under way is given up. Several threads may come to this at once."""
        for lane in list(self._lanes):
            self._give_up(lane, to_blame=False)
        self._lose_waiting()

    def _lose_waiting(self) -> None:
        while True:
            try:
                self._waiting.popleft().lost = True
            except IndexError:
                return

    # -- handing out

    def _hand_out(self) -> None:
        self._unseen = 0
        if self._waiting:
            self._staff()
        if self._waiting and self._depth(self._waiting[0]) == LEAST:
            self._deal()
            return
        share = -(-len(self._waiting) // max(1, len(self._lanes)))
        for lane in sorted(self._lanes, key=_Lane.__len__):  # none has two while another has none
            if self._waiting and len(lane) <= self._depth(self._waiting[0]) // 2:
                self._fill(lane, share)

    def _deal(self) -> None:
        """Hand out calls that take long, or may: one to each idle worker, and one more to have while the caller does something else. The
        last ones are kept for whoever is done first, lest one has two to do while another has none."""
        for having in range(LEAST):
            for lane in list(self._lanes):
                if len(self._waiting) > having * len(self._lanes) and len(lane) == having:
                    self._fill(lane, 1)

    def _staff(self) -> None:
        """A worker for each core, where calls wait and none is idle."""
        pool = self._pool()
        wanted = min(self.cores, len(self._waiting) + sum(bool(lane.calls) for lane in self._lanes))
        while len(self._lanes) < wanted and pool.spare() > LEFT:
            try:
                self._lanes.append(_Lane(pool.acquire()))
            except ZygoteFailed:
                return

    def _depth(self, entry: Entry) -> int:
        """How many such calls a worker is given: what keeps it busy while the caller does something else, and no more."""
        return self._depths.get(entry.base.number, LEAST)

    def _fill(self, lane: _Lane, share: int) -> None:
        """Hand calls to a worker, in one message."""
        batch: list[tuple[int, bytes]] = []
        bases, waiting = lane.channel.bases, self._waiting
        while waiting and len(batch) < share:
            entry = waiting[0]
            if entry.lost or entry.base.number in self._spoiled:
                waiting.popleft()
                entry.lost = True
                continue
            size = len(entry.payload) + (0 if entry.base.number in bases else wire.size(entry.base.payload))
            if lane.calls and (len(lane.calls) >= self._depth(entry) or lane.bytes + size > ROOM):
                break
            batch += [(kind, wire.joined(payload)) for kind, payload in entry.base.frames_for(lane.channel)]
            batch.append((frames.BRIEF, entry.payload))
            lane.calls.append(waiting.popleft())
            lane.bytes += len(entry.payload)
        if batch:
            try:
                lane.channel.send_many(batch)
            except (WorkerDied, frames.FrameTooLarge):
                self._give_up(lane)
            except BaseException:
                self._give_up(lane, to_blame=False)
                raise

    # -- what comes back

    def _receive(self, timeout: float | None) -> None:
        """Every frame that has arrived; with no timeout, at least one."""
        for lane in self._ready(timeout):
            try:
                while lane.calls:
                    self._answered(lane, *lane.channel.recv())
                    if lane.channel.idle():
                        break
            except WorkerDied:
                self._give_up(lane)
            except BaseException:
                self._give_up(lane, to_blame=False)
                raise

    def _ready(self, timeout: float | None) -> Iterator[_Lane]:
        busy = [lane for lane in self._lanes if lane.calls]
        ready = [lane for lane in busy if not lane.channel.idle()]
        if not ready and timeout is None and busy:
            arrivals = poll()
            for lane in busy:
                arrivals.register(lane.channel.fileno(), POLLIN)
            descriptors = {fd for fd, _ in arrivals.poll()}
            ready = [lane for lane in busy if lane.channel.fileno() in descriptors]
        yield from ready

    def _answered(self, lane: _Lane, kind: int, data: bytes) -> None:
        message = _understood(kind, data)
        entry = lane.calls.popleft()
        lane.bytes -= len(entry.payload)
        if message is None:
            entry.lost = True
            self._spoiled.add(entry.base.number)
            raise WorkerDied("it wants something, or has ended the call")
        entry.message, entry.received, entry.worker, entry.ended = message, len(data), lane.channel.pid, perf_counter()
        if type(message) is list:
            self._took(entry, message[1])
        else:
            self._took(entry, int(1e9 * message["seconds"]))
            if "stale" in message:
                lane.channel.bases.pop(entry.base.number, None)
                self._spoiled.add(entry.base.number)
                if lane.calls:  # they are for a base that is no more
                    raise WorkerDied("it has changed what the calls behind it begin with")

    def _took(self, entry: Entry, duration_ns: int) -> None:
        entry.seconds = duration_ns / 1e9
        self._depths[entry.base.number] = max(LEAST, min(DEEPEST, 2 * self._depth(entry), BUSY_NS // (duration_ns + 1)))

    def _give_up(self, lane: _Lane, *, to_blame: bool = True) -> None:
        """A worker is gone, or is to go. `to_blame`: the call that it was at is not tried too often."""
        try:
            self._lanes.remove(lane)
        except ValueError:  # somebody else has given it up meanwhile
            to_blame = False
        self._pool().discard(lane.channel)
        if lane.calls and to_blame:
            first = lane.calls[0]
            first.attempts += 1
            if first.attempts == ATTEMPTS:
                self._spoiled.add(first.base.number)
        if not to_blame:
            for entry in lane.calls:
                entry.lost = True
            return
        self._waiting.extendleft(reversed(lane.calls))

    def _rest(self) -> None:
        """Nobody waits for anything: workers are free for others."""
        for lane in [lane for lane in self._lanes if not lane.calls]:
            self._lanes.remove(lane)
            self._pool().release(lane.channel)


def _understood(kind: int, data: bytes) -> Any:
    """The answer to a call; None for any other frame."""
    if kind != frames.RESULT:
        return None
    try:
        message = wire.loads(data)
    except wire.WireError:
        return None
    return message if type(message) is dict or answers(message) else None


def answers(reply: list[Any]) -> bool:
    """Whether a list is what a worker answers when a call did nothing but return a plain value: that, and nanoseconds; for a large value
    that is one of the arguments, None, nanoseconds and the argument's number."""
    if len(reply) == 3:
        return reply[0] is None and type(reply[1]) is int and type(reply[2]) is int and reply[2] >= 0
    return len(reply) == 2 and type(reply[0]) in PLAIN_OR_FLOAT and type(reply[1]) is int


def said(reply: list[Any], values: Sequence[Any]) -> Any:
    """The value that a worker answers to a call with these arguments; IndexError."""
    return reply[0] if len(reply) == 2 else values[reply[2]]
