"""Descriptors that the program never meets, and how one goes from process to process."""

from __future__ import annotations

import _socket
import sys
from fcntl import F_DUPFD_CLOEXEC, fcntl  # kept, whatever the program puts in their place
from os import close

from faasify.runtime.unit import frames

FLOOR = 700  # our descriptors live up here: a file that a unit opens gets the number it would get without us
BYTES = 4  # of a number in a request
ROOM = 1 << 20  # bytes under way in each direction, as far as the system allows it (net.core.wmem_max): see `pair`
_LOWEST = 5  # above the standard streams and what a zygote inherits


def lifted(fd: int) -> int:
    """`fd` under a high number instead of its own, closed on exec: 3 -> 700. Lower where the limit of open files is low."""
    try:
        for floor in (FLOOR, 200, 50):
            try:
                return fcntl(fd, F_DUPFD_CLOEXEC, floor)
            except OSError:
                pass
        return fcntl(fd, F_DUPFD_CLOEXEC, _LOWEST)
    finally:
        close(fd)


def socket_of(fd: int) -> _socket.socket:
    return _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, fd)


def pair() -> tuple[_socket.socket, _socket.socket]:
    """Two connected sockets under high numbers, without the program's socket.setdefaulttimeout.

    A message that fits into their buffers is sent without waiting for its reader. With what Linux gives by itself, 208 KB, both sides of a
    large one wake each other again and again: on a busy machine 1 MB there and back took 1.1 ms so, and 0.6 ms with twice that or more.
    """
    ends = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM, 0)
    one, other = (socket_of(lifted(end.detach())) for end in ends)
    for end in (one, other):
        end.settimeout(None)
        end.setsockopt(_socket.SOL_SOCKET, _socket.SO_SNDBUF, ROOM)
    return one, other


def pass_on(line: _socket.socket, kind: bytes, number: int, sock: _socket.socket) -> None:
    """Send a request and a socket along (SCM_RIGHTS); OSError."""
    passed = (_socket.SOL_SOCKET, _socket.SCM_RIGHTS, sock.fileno().to_bytes(BYTES, sys.byteorder))
    line.sendmsg([kind + number.to_bytes(BYTES, "little")], [passed], frames.NO_SIGNAL)


def received(line: _socket.socket) -> tuple[bytes, int, _socket.socket] | None:
    """The next request with the socket passed along; None at the end of the stream."""
    while True:
        data, ancillary, _, _ = line.recvmsg(1 + BYTES, _socket.CMSG_SPACE(BYTES), getattr(_socket, "MSG_CMSG_CLOEXEC", 0))
        if not data:
            return None
        try:
            sock = socket_of(lifted(int.from_bytes(ancillary[0][2][:BYTES], sys.byteorder)))
        except (IndexError, OSError):  # no descriptor is left for it here: it is closed, and who asked sees that
            continue
        return data[:1], int.from_bytes(data[1:], "little"), sock
