"""Whether something can be read from a socket, also where a signal handler or another thread asks while it is being asked."""

from __future__ import annotations

import _socket
from select import POLLIN, poll  # kept, whatever the program puts in their place


class Arrivals:
    """Arrivals(socket).within(milliseconds) -> whether there is something to read, or the end."""

    __slots__ = ("_poll", "_sock")

    def __init__(self, sock: _socket.socket) -> None:
        self._sock, self._poll = sock, _poll_of(sock)

    def within(self, milliseconds: float) -> bool:
        try:
            return bool(self._poll.poll(milliseconds))
        except RuntimeError:  # a poll object serves one at a time
            return bool(_poll_of(self._sock).poll(milliseconds))


def _poll_of(sock: _socket.socket) -> poll:
    arrivals = poll()
    arrivals.register(sock, POLLIN)
    return arrivals
