"""The way that most calls go: on a base that holds, with plain arguments, answered by a plain value and nothing else.

    quick = Quick(unit, base)
    quick.call(fn, values)      (False, value): done.  None: the call is for the long way (transaction.py), and nothing was sent.
                                Started: it was sent, and the answer wants more; the long way goes on with that

Whatever the long way looks at before it sends a call is looked at here. What such a call has no need of is left out: there is nothing to
commit, no other thread to be careful with, no limit to watch, no report to fill.
"""

from __future__ import annotations

import builtins
import sys
from _thread import _count as other_threads
from operator import is_
from sys import getrecursionlimit
from time import perf_counter
from typing import Any

from faasify.localcloud.pool import Channel, WorkerDied
from faasify.runtime.caller.ahead import Ahead, Entry, answers, said
from faasify.runtime.caller.base import Base, Brief, plain
from faasify.runtime.unit import frames, stack, wire
from faasify.runtime.unit.codec import PLAIN

LONG = 4096  # bytes: from here on, the search that begins slowly is the faster one
NEAR_LIMIT = 250  # frames: what a transaction itself may need, with room to spare


class Started:
    """A call that is out: a frame has come, or `error` instead of one; or its answer is there, as `message`, and no channel is its own."""

    __slots__ = ("brief", "channel", "error", "frame", "message", "sent")

    def __init__(
        self,
        brief: Brief,
        channel: Channel | None,
        sent: int,
        frame: tuple[int, bytes] | None,
        error: Exception | None,
        message: Any = None,
    ) -> None:
        self.brief, self.channel, self.sent, self.frame, self.error, self.message = brief, channel, sent, frame, error, message


class Quick:
    """For the calls of one function as long as one base holds."""

    __slots__ = ("_ahead", "_base", "_budget", "_kept", "_pool", "_space", "_stats", "_unit", "_world")

    def __init__(self, unit: Any, base: Base) -> None:
        runtime = unit.runtime
        self._unit, self._base, self._world, self._pool = unit, base, runtime.world, runtime.pool
        self._kept = runtime.kept
        self._ahead: Ahead = runtime.ahead
        self._stats, self._budget, self._space = unit.stats, unit.placement.budget, vars(builtins)

    def call(self, fn: Any, values: tuple[Any, ...]) -> tuple[bool, Any] | Started | None:
        limit = getrecursionlimit()
        left = limit - (stack.depth() - 3)  # as transaction.frames_left; `_quickly` stands in between
        found = self._holding(fn, values, left)
        if found is None:
            return None
        payload = wire.dumps_plain([self._base.number, left, limit, values, (), None])
        if wire.ADDRESS in payload if len(payload) < LONG else wire.has_address(payload):
            return None
        if self._ahead:
            started = perf_counter()
            entry = self._ahead.take(payload)
            if entry is not None:
                return self._taken(entry, fn, found, list(values), left, started)
        channel = self._pool.at_hand()
        return None if channel is None else self._exchange(channel, payload, fn, found, list(values), left)

    def start(self, fn: Any, values: tuple[Any, ...], left: int, *, timeless: bool = False) -> Entry | None:
        """Have a call begin that the program may make later, with so many frames left to it; `timeless`: only where any time will do."""
        if self._unit.runtime.allow or (timeless and not self._base.timeless) or self._holding(fn, values, left, looping=True) is None:
            return None
        return self._ahead.start(self._base, wire.dumps_plain([self._base.number, left, getrecursionlimit(), values, (), None]))

    def _holding(self, fn: Any, values: tuple[Any, ...], left: int, *, looping: bool = False) -> list[Any] | None:
        """The base's objects, if it holds and the call is one for the short way; `looping`: also while an event loop runs."""
        unit = self._unit
        if left < NEAR_LIMIT or unit.here is not None or unit.sites or self._kept or self._budget.exhausted or other_threads():
            return None
        asyncio: Any = sys.modules.get("asyncio")
        if not looping and asyncio is not None and asyncio._get_running_loop() is not None:  # whose clock stands still meanwhile
            return None
        kinds = set(map(type, values))
        if not kinds <= PLAIN and not plain(values):
            return None
        return self._base.look(fn) if self._same_builtins() else None

    def _taken(self, entry: Entry, fn: Any, found: list[Any], pos: list[Any], left: int, started: float) -> tuple[bool, Any] | Started:
        """The answer to a call that was made ahead."""
        message = entry.message
        if type(message) is list:
            self._unit.done_quickly(perf_counter() - started, message[1] / 1e9, len(entry.payload), entry.received)
            return False, said(message, pos)
        self._stats.received += entry.received
        return Started(Brief(self._base, fn, found, pos, [], left), None, len(entry.payload), None, None, message)

    def _same_builtins(self) -> bool:
        base, space = self._base, self._space
        try:
            return len(space) == base.builtins_count and all(map(is_, base.builtins_of(space), base.builtins))
        except KeyError:
            return False

    def _exchange(
        self, channel: Channel, payload: bytes, fn: Any, found: list[Any], pos: list[Any], left: int
    ) -> tuple[bool, Any] | Started:
        base, pool = self._base, self._pool
        started = perf_counter()
        sent, frame, error, reply = 0, None, None, None
        try:
            if base.number not in channel.bases:
                sent = base.sent_to(channel)
            frame = channel.ask(frames.BRIEF, payload)
            if frame[0] == frames.RESULT:
                reply = wire.loads(frame[1])
        except (WorkerDied, frames.FrameTooLarge) as e:
            error = e
        except wire.WireError:  # the long way meets it again
            pass
        except BaseException:
            pool.discard(channel)
            raise
        sent += len(payload)
        if type(reply) is not list or not answers(reply):
            return Started(Brief(base, fn, found, pos, [], left), channel, sent, frame, error)
        pool.release(channel)
        assert frame is not None
        value = said(reply, pos)
        self._unit.done_quickly(perf_counter() - started, reply[1] / 1e9, sent, len(frame[1]))
        return False, value
