"""A spare worker: forked before anybody asks for it, so that the next one that is asked for is there within two messages.

    spare.fork(60)      -> in the new process, a socket, over which its channel will come (`descriptors.received`); None in this one
    spare.hand(sock)    -> whether there was a spare, which serves `sock` from now on

A spare costs the memory of a worker and the CPU time of a fork. So there is none for a program that makes do with one worker, and it is
forked when the zygote has had nothing to do for a moment. One that nobody wants ends as a worker without calls does, and is the last until
a worker is asked for again; in the place of one that was killed there is another.
"""

from __future__ import annotations

import _socket
import os
import time

from faasify.runtime.unit import descriptors

QUIET_MS = 2  # without a request, before a spare is forked
_LOST = 10  # spares that nobody wanted ended before their time: there will be no more until a worker is asked for
_HERE = b"H"


class Spare:
    """At most one process."""

    def __init__(self) -> None:
        self._line: _socket.socket | None = None  # to the process
        self._ending = 0.0  # when it ends if nobody wants it, as time.monotonic
        self._lost = 0  # that ended before their time, one after the other

    def __bool__(self) -> bool:
        return self._line is not None

    def fileno(self) -> int:
        """Of its line, which is readable once it has ended; -1: there is none."""
        return self._line.fileno() if self._line is not None else -1

    def ended(self) -> bool:
        """It has; whether there is to be another: it was killed before its time, and so were not many others."""
        if self._line is not None:
            self._line.close()
            self._line = None
        self._lost += 1
        return self._lost < _LOST and time.monotonic() < self._ending

    def fork(self, idle_s: float) -> _socket.socket | None:
        """Where there can be none, there is none. `idle_s`: how long it waits for somebody."""
        try:
            ours, theirs = descriptors.pair()
        except OSError:
            return None
        try:
            if not os.fork():
                ours.close()
                return theirs
            self._line, self._ending = ours, time.monotonic() + idle_s
        except OSError:
            ours.close()
        theirs.close()
        return None

    def hand(self, sock: _socket.socket) -> bool:
        line, self._line = self._line, None
        self._lost = 0
        if line is None:
            return False
        try:
            descriptors.pass_on(line, _HERE, 0, sock)
        except OSError:  # it has ended meanwhile
            return False
        finally:
            line.close()
        return True
