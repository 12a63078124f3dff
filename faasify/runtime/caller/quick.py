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
from time import perf_counter
from typing import Any

from faasify.localcloud.pool import Channel, WorkerDied
from faasify.runtime.caller.base import Base, Brief, plain
from faasify.runtime.unit import frames, stack, wire
from faasify.runtime.unit.codec import PLAIN, PLAIN_OR_FLOAT

NEAR_LIMIT = 250  # frames: what a transaction itself may need, with room to spare


class Started:
    """A call that is out: a frame has come, or `error` instead of one."""

    __slots__ = ("brief", "channel", "error", "frame", "sent")

    def __init__(self, brief: Brief, channel: Channel, sent: int, frame: tuple[int, bytes] | None, error: Exception | None) -> None:
        self.brief, self.channel, self.sent, self.frame, self.error = brief, channel, sent, frame, error


class Quick:
    """For the calls of one function as long as one base holds."""

    __slots__ = ("_base", "_budget", "_kept", "_pool", "_space", "_stats", "_unit", "_world")

    def __init__(self, unit: Any, base: Base) -> None:
        runtime = unit.runtime
        self._unit, self._base, self._world, self._pool = unit, base, runtime.world, runtime.pool
        self._kept = runtime.kept
        self._stats, self._budget, self._space = unit.stats, unit.placement.budget, vars(builtins)

    def call(self, fn: Any, values: tuple[Any, ...]) -> tuple[bool, Any] | Started | None:
        unit, base = self._unit, self._base
        limit = sys.getrecursionlimit()
        left = limit - (stack.depth() - 3)  # as transaction.frames_left; `_quickly` stands in between
        if left < NEAR_LIMIT or unit.here is not None or unit.sites or self._kept or self._budget.exhausted or other_threads():
            return None
        asyncio: Any = sys.modules.get("asyncio")
        if asyncio is not None and asyncio._get_running_loop() is not None:  # whose clock stands still meanwhile
            return None
        kinds = set(map(type, values))
        if not kinds <= PLAIN and not plain(values):
            return None
        if not self._same_builtins():
            return None
        found = base.look(fn)
        if found is None:
            return None
        channel = self._pool.at_hand()
        return None if channel is None else self._exchange(channel, fn, found, list(values), left, limit)

    def _same_builtins(self) -> bool:
        base, space = self._base, self._space
        try:
            return len(space) == base.builtins_count and all(map(is_, base.builtins_of(space), base.builtins))
        except KeyError:
            return False

    def _exchange(self, channel: Channel, fn: Any, found: list[Any], pos: list[Any], left: int, limit: int) -> tuple[bool, Any] | Started:
        base, pool = self._base, self._pool
        started = perf_counter()
        sent, frame, error, reply = 0, None, None, None
        try:
            if base.number not in channel.bases:
                sent = base.sent_to(channel)
            payload = wire.dumps_plain([base.number, left, limit, pos, [], None])
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
        value, duration = reply
        self._unit.done_quickly(perf_counter() - started, duration / 1e9, sent, len(frame[1]))
        return False, value


def answers(reply: list[Any]) -> bool:
    """Whether a list is what a worker answers when a call did nothing but return a plain value: that, and nanoseconds."""
    return len(reply) == 2 and type(reply[0]) in PLAIN_OR_FLOAT and type(reply[1]) is int
