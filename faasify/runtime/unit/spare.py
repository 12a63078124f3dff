"""A spare worker: forked before anybody asks for it, so that the next one that is asked for is there within two messages.

    spare.fork()        -> in the new process, a socket, over which its channel will come (`descriptors.received`); None in this one
    spare.hand(sock)    -> whether there was a spare, which serves `sock` from now on

A spare costs the memory of a worker and the CPU time of a fork. So there is none for a program that makes do with one worker, and it is
forked when the zygote has had nothing to do for a moment. One that nobody wants ends as a worker without calls does.
"""

from __future__ import annotations

import _socket
import os

from faasify.runtime.unit import descriptors

QUIET_MS = 2  # without a request, before a spare is forked
_HERE = b"H"


class Spare:
    """At most one process."""

    def __init__(self) -> None:
        self._line: _socket.socket | None = None  # to the process

    def __bool__(self) -> bool:
        return self._line is not None

    def fork(self) -> _socket.socket | None:
        """Where there can be none, there is none."""
        try:
            ours, theirs = descriptors.pair()
        except OSError:
            return None
        try:
            if not os.fork():
                ours.close()
                return theirs
            self._line = ours
        except OSError:
            ours.close()
        theirs.close()
        return None

    def hand(self, sock: _socket.socket) -> bool:
        line, self._line = self._line, None
        if line is None:
            return False
        try:
            descriptors.pass_on(line, _HERE, 0, sock)
        except OSError:  # it has ended meanwhile
            return False
        finally:
            line.close()
        return True
