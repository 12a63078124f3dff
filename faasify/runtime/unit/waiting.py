"""How to wait for the next frame: asleep, or looking for it again and again.

    waiting = Waiting()
    data = waiting.recv(sock, 4096)     as sock.recv(4096)

Whoever sleeps has to be woken, which on idle cores takes longer than a tiny call itself: two processes that play ping-pong took 19
microseconds a round there when they slept in between, and 9 when both looked. Where others want the cores it is the other way round: who
looks uses up the time that it is due, and waits up to 4 ms for the next. Which it is nobody says, and it changes; so both are tried, and
the quicker one is kept:

    ASLEEP   16 frames slept for, timed                  then TRYING; or RESTING, if they took so long that a look is not worth it, or if
             more processes want a core than there are
    TRYING   128 frames looked for, letting others have the core after each look, so that the scheduler finds one for each of the two
             processes, and 64 that are timed
    LOOKING  frames looked for, as long as 64 of them take less than they would asleep; after 16,384 ASLEEP, to know whether that holds
    RESTING  frames slept for and not timed, 512 at first and four times as many each time that a trial fails; then ASLEEP

A trial where others want the cores costs one wait of some ms or two on each side, which is rare enough for the mean and not for the 99th
percentile of the first thousand calls. Letting others have the core (sched_yield) costs more: Linux has whoever does so go without all that
is left of its slice, and with a process for each core beside it one run of four had a 99th percentile of 40 to 90 times the median when
that was done after each look, and none of 24 since it is done in trials alone. Linux tells how many processes want one just now, in 5
microseconds, so it is asked first.
"""

from __future__ import annotations

import _socket
import fcntl
import os
import time
from time import perf_counter

ASLEEP, TRYING, LOOKING, RESTING = range(4)
TIMED, SETTLED, KEPT = 64, 128, 16_384  # frames
SLEPT, USUAL = 16, 14  # frames asleep, and of these without the longest waits: those in which others had the core
REST, REST_AT_MOST = 512, 16_384  # frames
CAP_S = 1e-3  # a longer wait counts as one of so many seconds: that the function or the program takes long says nothing about waiting
LONG_S = 3e-4  # a wait that a look of some microseconds hardly shortens
MUCH, ROOM_S = 1.5, 5e-4  # a trial is broken off when it takes so many times the time asleep and so much more
GAIN = 0.9  # of the time asleep: less is worth the trouble
LOOKS = 60  # of some 1.5 microseconds each

_AT_HAND: int = _socket.MSG_DONTWAIT
_CORES = os.cpu_count() or 1
_FLOOR = 700  # as descriptors.py
# Kept, whatever the program does to `os` (and by its name: when the guard covers it).
_yield = getattr(os, "sched_yield", None) or (lambda: time.sleep(0))
_faasify_pread = os.pread


def _opened() -> int | None:
    """Once, before the program begins, which may have hooks that hear of opened files; under a number that it does not meet."""
    try:
        fd = os.open("/proc/loadavg", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # another system
        return None
    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _FLOOR)
    except OSError:  # few descriptors may be open: a trial will tell
        return None
    finally:
        os.close(fd)


LOAD = _opened()  # a descriptor


class Waiting:
    """One side's waits on one socket."""

    __slots__ = ("_asleep", "_asleep_s", "_left", "_rest", "_spent", "state")

    def __init__(self) -> None:
        self._asleep = list[float]()  # what frames take that are slept for
        self._asleep_s = 0.0  # what TIMED of them would take
        self._rest = REST
        self._spent = 0.0
        self._begin(ASLEEP, SLEPT)

    def recv(self, sock: _socket.socket, size: int) -> bytes:
        """As sock.recv(size)."""
        if self.state == RESTING:
            self._left -= 1
            if not self._left:
                self._begin(ASLEEP, SLEPT)
            return sock.recv(size)
        began = perf_counter()
        data = (_soon(sock, size, self.state == TRYING and self._left > TIMED) if self.state != ASLEEP else b"") or sock.recv(size)
        self.took(perf_counter() - began)
        return data

    def took(self, seconds: float) -> None:
        """Account for a wait of so many seconds in the present state."""
        self._left -= 1
        self._spent += min(seconds, CAP_S)
        if self.state == ASLEEP:
            self._asleep.append(seconds)
            if not self._left:
                self._compare()
        elif self.state == TRYING:
            if self._left == TIMED:
                self._spent = 0.0
            done = (TIMED if self._left < TIMED else SETTLED + TIMED) - self._left
            if self._spent > MUCH * done / TIMED * self._asleep_s + ROOM_S:
                self._give_up()
            elif not self._left:
                self._judge()
        elif self._left % TIMED == 0 or self._spent > self._asleep_s + ROOM_S:
            self._judge()

    def _compare(self) -> None:
        usual = sorted(self._asleep)[:USUAL]
        self._asleep.clear()
        self._asleep_s = sum(usual) * TIMED / USUAL
        if self._asleep_s >= TIMED * LONG_S:
            self._give_up()
        elif crowded():
            self._begin(RESTING, REST)
        else:
            self._begin(TRYING, SETTLED + TIMED)

    def _judge(self) -> None:
        """After TIMED frames that were looked for."""
        if self._spent > GAIN * self._asleep_s:
            self._give_up()
        elif self.state == TRYING:
            self._rest = REST
            self._begin(LOOKING, KEPT)
        elif self._left:
            self._spent = 0.0
        else:
            self._begin(ASLEEP, SLEPT)

    def _give_up(self) -> None:
        self._begin(RESTING, self._rest)
        self._rest = min(4 * self._rest, REST_AT_MOST)

    def _begin(self, state: int, frames: int) -> None:
        self.state, self._left, self._spent = state, frames, 0.0


def crowded() -> bool:
    """Whether more processes want a core just now than there are, as far as the system tells."""
    if LOAD is None:
        return False
    try:
        told = _faasify_pread(LOAD, 64, 0)  # b"0.74 1.19 1.58 2/88 15016\n": of 88 tasks 2 are running or could
        return int(told.split()[3].partition(b"/")[0]) > _CORES
    except (OSError, ValueError, IndexError) as error:  # the program has closed all descriptors that it found
        if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
            raise
        return False


def _soon(sock: _socket.socket, size: int, settling: bool) -> bytes:
    """What arrives within some microseconds; empty: nothing did, or the other side has closed the channel. `settling`: others that want the
    core have it after each look."""
    for _ in range(LOOKS):
        try:
            return sock.recv(size, _AT_HAND)
        except BlockingIOError as error:
            if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
                raise  # a signal handler of the program's raised it
            if settling:
                _yield()
    return b""
