"""The pool: worker processes on this machine, each reached over a socket of its own, with nobody in between.

    pool = Pool("/build/.faasify", sys.executable, options={})
    pool.start()                       # returns at once; zygote and first worker warm up beside the program
    channel = pool.acquire()
    channel.send(frames.CALL, b"...")
    kind, payload = channel.recv()     # WorkerDied: nothing of the call has happened
    pool.release(channel)              # or discard(channel): its worker is killed
    pool.close()                       # or end in any way: the processes end with the caller

Several threads may use one pool, each with the channel it acquired. A pool belongs to one run of one program (DECISIONS T3). A process that
is forked off the program forgets the pool it inherits and starts a zygote of its own when it needs one.

A signal handler or a finaliser of the program can come in between any two steps here and use the pool itself: state is kept in containers
whose single operations are atomic, and the lock is re-entrant. What an exception of a handler's lets fall between two hands is closed when
it is collected, and counts no more: channels are counted by weak references.
"""

from __future__ import annotations

import os
from _thread import RLock, allocate_lock
from functools import partial
from os import X_OK, access
from os.path import exists, isfile
from weakref import ref

from faasify.localcloud.channel import Channel, Garbled, NoAnswer, WorkerDied, close
from faasify.localcloud.spawn import Zygote, ZygoteFailed, spawn
from faasify.runtime.unit import descriptors, frames
from faasify.runtime.unit.endings import Ending
from faasify.runtime.unit.zygote import WORKER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _thread import LockType
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["Channel", "Garbled", "Pool", "WorkerDied", "ZygoteFailed"]

_ATTEMPTS = 3  # a zygote or a newborn worker may be killed; three in a row is no accident


class Pool:
    """Workers for the bundle at `manifest_dir`, run by the interpreter `python`.

    `options` go to `worker.preload`; the pool itself reads `path` (the workers' sys.path), `environ` (what libraries find while they are
    imported; as it is when the zygote is started if not given), `whole_environ` (workers have all of it, see unit/environment.py),
    `hash_seed`, `debug` (keep stderr), `start_timeout` (seconds until a new worker must be ready, 60) and `idle_s` (seconds without a call
    after which a worker ends by itself, 60; the zygote stays, and the next call has a new one forked). At most `limit` workers at a
    time; beyond, `acquire` waits. With `sandbox`, workers are cut off (unit/sandbox.py); `lacking` is told once what they lack of that.
    """

    def __init__(
        self,
        manifest_dir: str,
        python: str,
        *,
        options: Mapping[str, Any] | None = None,
        limit: int = 0,
        worker: str = WORKER,
        lacking: Callable[[str], None] = lambda missing: None,
    ) -> None:
        self._manifest_dir = manifest_dir
        self._python = python
        self._options = dict(options or {})
        self._worker = worker
        self._lacking = lacking
        self._limit = limit or max(4, 2 * (os.cpu_count() or 1))
        self._closed = False
        self._broken: str | None = None
        self._proven = False  # a worker was ready once: whatever ends them now, it is not the interpreter
        self._reset()
        _pools.append(self)

    @property
    def limit(self) -> int:
        """Workers at once."""
        return self._limit

    def spare(self) -> int:
        """How many workers `acquire` gives before it waits."""
        return self._limit - len(self._channels) + len(self._idle)

    def start(self) -> None:
        """Have a zygote and a first worker warm up. Neither waits nor fails: `acquire` meets the error again."""
        try:
            channel = self._ask()
        except ZygoteFailed:
            return
        if channel is not None:
            self._idle.append(channel)

    def acquire(self) -> Channel:
        """A channel to a worker that is ready and in nobody else's hands. ZygoteFailed when none can be had."""
        failures = 0
        while True:
            channel = self._idle_or_new()
            if channel is None:
                self._wait()
                continue
            try:
                if channel.idle() if channel.pid else self._greeted(channel):
                    return channel  # the way of nearly all calls
            except BaseException:
                self.discard(channel)
                raise
            failures += not channel.pid
            self.discard(channel)
            if failures >= _ATTEMPTS:
                raise ZygoteFailed(self._diagnosis(), passing=self._proven)

    def at_hand(self) -> Channel | None:
        """What `acquire` gives where nothing has to be started or waited for; else None."""
        try:
            channel = self._idle.pop()
        except IndexError:
            return None
        try:
            if channel.pid and channel.idle():
                return channel
        except BaseException:
            self.discard(channel)
            raise
        self._idle.append(channel)  # `acquire` sees to it
        return None

    def release(self, channel: Channel) -> None:
        """Give a channel back between two calls, for the next one. One that is in the middle of a call (Ctrl-C) is discarded."""
        if channel.closed or channel.owed or id(channel) not in self._channels:
            self.discard(channel)
        else:
            channel.used = True
            self._idle.append(channel)
            if self._waiting:
                self._wake()

    def lost(self, channel: Channel) -> Ending:
        """Discard a channel whose worker is gone; how that ended."""
        ending = channel.zygote.ending(channel.pid)
        self.discard(channel)
        return ending

    def discard(self, channel: Channel) -> None:
        """Kill the worker, whatever it is doing. A channel that is discarded already is left alone."""
        if id(channel) in self._channels:
            channel.close()
            if channel.pid:
                channel.zygote.kill(channel.pid)
            self._forget(id(channel))

    def close(self) -> None:
        """End the zygote and all workers, those in a call too."""
        self._closed = True
        self._let_go()
        if self in _pools:
            _pools.remove(self)

    def _reset(self) -> None:
        self._lock = RLock()
        self._zygote: Zygote | None = None
        self._channels: dict[int, ref[Channel]] = {}  # all that count towards the limit, by id
        self._idle: list[Channel] = []  # the last one used is the warmest
        self._waiting: list[LockType] = []  # locks, each held by a thread that waits to get it a second time

    def _let_go(self) -> None:
        """Close everything. In a forked child that is our copies only: the processes are the parent's, and so is a held lock."""
        channels = [channel for known in list(self._channels.values()) if (channel := known()) is not None]
        zygotes = {channel.zygote for channel in channels} | ({self._zygote} if self._zygote else set())
        for channel in channels:
            channel.close()
        for zygote in zygotes:
            zygote.close()
        waiting = self._waiting
        self._reset()
        for ticket in waiting:
            ticket.release()

    def _idle_or_new(self) -> Channel | None:
        """None when the limit is reached."""
        try:
            return self._idle.pop()
        except IndexError:
            return self._ask() if len(self._channels) < self._limit else None

    def _ask(self) -> Channel | None:
        """A channel to a worker that is yet to be forked; None when the limit has been reached meanwhile."""
        with self._lock:
            if len(self._channels) >= self._limit:
                return None
            for _ in range(_ATTEMPTS):
                zygote = self._living_zygote()
                try:
                    ours, theirs = descriptors.pair()
                except OSError as error:
                    raise ZygoteFailed(f"no channel to a worker can be made: {error.strerror}", passing=True) from None
                try:
                    zygote.request(theirs)
                except frames.ConnectionClosed:
                    close(ours)
                    continue
                finally:
                    theirs.close()
                channel = Channel(ours, zygote)
                number = id(channel)
                self._channels[number] = ref(channel, partial(self._forget, number))
                return channel
            raise ZygoteFailed(self._diagnosis(), passing=self._proven)

    def _forget(self, number: int, _lost: object = None) -> None:
        """A channel counts no more: it was discarded, or its last reference is gone."""
        self._channels.pop(number, None)
        self._wake()

    def _living_zygote(self) -> Zygote:
        if self._closed or self._broken is not None:
            raise ZygoteFailed(self._broken or "the pool is closed")
        if self._zygote is None or self._zygote.failure() is not None:
            self._raise_last_words(self._zygote)
            self._zygote = spawn(self._python, self._manifest_dir, self._options, self._worker)
        return self._zygote

    def _raise_last_words(self, zygote: Zygote | None) -> None:
        """A zygote that could not load the units would fail again: remember what it said, and say it from now on."""
        with self._lock:
            words = zygote.failure() if zygote else None
        if words:
            self._broken = f"the program's units cannot be loaded: {words}"
            raise ZygoteFailed(self._broken)

    def _greeted(self, channel: Channel) -> bool:
        """Wait until a new worker is ready; False when it, or the zygote that was to fork it, died before."""
        try:
            kind, payload = channel.recv(self._options.get("start_timeout", 60.0))
        except WorkerDied:
            self._raise_last_words(channel.zygote)
            return False
        except NoAnswer:
            raise ZygoteFailed("no worker became ready in time") from None
        if kind == frames.FAILED:
            raise ZygoteFailed(payload.decode())
        channel.pid = int.from_bytes(payload[:4], "little")
        if payload[4:] and not self._proven:
            self._lacking(payload[4:].decode())
        self._proven = True
        return True

    def _diagnosis(self) -> str:
        python = self._python
        if not exists(python):
            return f"there is no interpreter {python}"
        if not isfile(python) or not access(python, X_OK):
            return f"{python} is not a program that can be run"
        return f"{python} ended before a worker was ready, {_ATTEMPTS} times in a row"

    def _wait(self) -> None:
        """Until a channel is released or discarded, or at once if that has just happened."""
        ticket = allocate_lock()
        ticket.acquire()
        waiting = self._waiting
        waiting.append(ticket)
        try:
            if not self._closed and not self._idle and len(self._channels) >= self._limit:
                ticket.acquire()
        except BaseException:
            self._wake()  # the turn may have been ours already
            raise
        finally:
            try:
                waiting.remove(ticket)
            except ValueError:  # whoever wakes us has taken it
                pass

    def _wake(self) -> None:
        try:
            self._waiting.pop(0).release()
        except IndexError:
            pass


_pools: list[Pool] = []  # those that are open


def _forget_all() -> None:
    for pool in _pools:
        pool._let_go()


os.register_at_fork(after_in_child=_forget_all)
