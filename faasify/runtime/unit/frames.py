"""Messages over a Unix stream socket: a kind, a length, the bytes.

    caller                       worker
    send(sock, CALL, b"12")  ->  recv(sock) == (CALL, b"12")
    recv(sock)               <-  send(sock, RESULT, [b"head", large])

On the wire: four bytes that are always the same, the length as an unsigned 64-bit number and the kind as one byte, little-endian, then
the payload. Whatever else is written to a channel (nothing should be) is noticed with its first bytes, and never waited for.

Large payloads go over the socket as well. A memory file for each (memfd_create, passed along by SCM_RIGHTS) was measured against that: 1 MB
there and back took 0.27 ms over the socket, 1.0 to 1.3 ms by a file that is written and read or mapped, 20 MB 27 ms against 71 to 95 ms,
with two to three times the CPU: the kernel makes and clears fresh pages for each file, which a socket's buffer needs only once.

What is allocated for a large payload is another matter. glibc maps each block of 128 KB or more by itself, and its pages are cleared anew,
until a larger one has been freed (mallopt(3), M_MMAP_THRESHOLD). So one is, before the first large payload: 1 MB of bytes there and back
took 2.1 ms before and takes 1.4. Up to 8 MB that are free are kept for the next one instead of being given back.

`_socket` is the C half of `socket`: the same objects, without the 8 ms that `socket` takes to import (enum, selectors), which every
rewritten program would pay at its start.
"""

from __future__ import annotations

import _socket
import struct

from faasify.runtime.unit import waiting

TYPE_CHECKING = False  # typing's own would cost its import, 5 ms
if TYPE_CHECKING:
    from collections.abc import Sequence

CALL, RESULT, ABORT, NEED, LINE, EFFECT, STEP, RESUME, BASE, BRIEF, DROP = range(1, 12)  # between the stub's side and a worker
READY, FAILED, START = range(16, 19)  # between the pool and a zygote or a new worker

LIMIT = 1 << 30  # bytes of one payload
SMALL = 1 << 16  # up to here, copying is cheaper than a second system call
ROOM = 4 << 20  # bytes: blocks up to this size are kept for the next payload

# A program may have set SIGPIPE to its default action; a worker that is gone must not end it. (macOS lacks the flag.)
NO_SIGNAL: int = getattr(_socket, "MSG_NOSIGNAL", 0)
_WHOLE: int = _socket.MSG_WAITALL
_HEADER = struct.Struct("<4sQB")
_MAGIC = b"\xfffsy"
_HEAD, _pack, _unpack, _unpack_from = _HEADER.size, _HEADER.pack, _HEADER.unpack, _HEADER.unpack_from
_made = list[bool]()  # room for large payloads, in this process
_OURS = (__file__, waiting.__file__)
_FOR_EVER_S = 1e9  # 30 years: the kernel counts them in a number that has an end
_AT_ONCE = 4096  # bytes: most messages with their head

Buffer = bytes | bytearray | memoryview


def timeout(seconds: float | None) -> bytes:
    """The value of SO_RCVTIMEO or SO_SNDTIMEO: the kernel's own timer. Python's would cost a poll for every frame."""
    micros = max(1, int(min(seconds, _FOR_EVER_S) * 1e6)) if seconds is not None else 0
    return struct.pack("@ll", *divmod(micros, 1_000_000))


class ConnectionClosed(ConnectionError):
    """The other side is gone; a frame may have been cut in the middle."""


class Garbage(ConnectionClosed):
    """What arrived is no frame: the channel is of no use any more."""


class NothingYet(BlockingIOError):
    """The socket's receive timeout has passed."""


class FrameTooLarge(ValueError):
    """A payload over `LIMIT` bytes. When `send` raises it nothing has been sent, and the channel is as good as before."""


def raise_as_ours(error: OSError, doing: str) -> None:
    """Raise an error of a system call as one of the above; come back if it is one already, or if a signal handler has raised it meanwhile:
    then it is on its way to the program (nothing but a Python function leaves an entry of its own in the traceback)."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if isinstance(error, ConnectionClosed) or trace is None or trace.tb_frame.f_code.co_filename not in _OURS:
        return
    if isinstance(error, BlockingIOError) and doing == "receive":
        raise NothingYet(*error.args) from None
    raise ConnectionClosed(f"cannot {doing}: {error.strerror or error}") from None


def send(sock: _socket.socket, kind: int, payload: Buffer | Sequence[Buffer] = b"") -> None:
    """Send one frame; `payload` is bytes or a list of byte buffers that are sent one behind the other, without joining large ones."""
    if type(payload) is bytes and len(payload) <= SMALL <= LIMIT:  # most are
        send_framed(sock, _pack(_MAGIC, len(payload), kind) + payload)
        return
    parts = payload if isinstance(payload, (list, tuple)) else (payload,)
    size = sum(map(len, parts))
    if size > LIMIT:
        raise FrameTooLarge(f"a message of {size:,} bytes is over the limit of {LIMIT:,}")
    head = _pack(_MAGIC, size, kind)
    if size > SMALL:
        _make_room()
    try:
        if size <= SMALL:
            sock.sendall(b"".join((head, *parts)), NO_SIGNAL)
            return
        sock.sendall(head, NO_SIGNAL)
        for part in parts:
            sock.sendall(part, NO_SIGNAL)
    except OSError as error:
        raise_as_ours(error, "send")
        raise


def _make_room() -> None:
    if _made:
        return
    _made.append(True)
    try:
        bytes(ROOM)  # mapped, never touched, and freed at once
    except MemoryError:  # under a limit of the program's or the unit's
        pass


def framed(kind: int, payload: bytes) -> bytes:
    """One frame's bytes."""
    if len(payload) > LIMIT:
        raise FrameTooLarge(f"a message of {len(payload):,} bytes is over the limit of {LIMIT:,}")
    return _pack(_MAGIC, len(payload), kind) + payload


def send_framed(sock: _socket.socket, data: bytes) -> None:
    """Send what `framed` gave, of one frame or of several."""
    try:
        sock.sendall(data, NO_SIGNAL)
    except OSError as error:
        raise_as_ours(error, "send")
        raise


def recv(sock: _socket.socket) -> tuple[int, bytes]:
    """The next frame as (kind, payload). NothingYet when the socket has a receive timeout and it passes."""
    try:  # each part in one system call into a buffer of just its size, unless a signal or the end of the stream cuts it short
        head = sock.recv(_HEAD, _WHOLE)
        magic, size, kind = _unpack(head if len(head) == _HEAD else _continued(sock, head, _HEAD))
        if magic != _MAGIC or size > LIMIT:
            raise Garbage("what arrived is no frame")
        body = sock.recv(size, _WHOLE)
        return kind, body if len(body) == size else _continued(sock, body, size)
    except OSError as error:
        raise_as_ours(error, "receive")
        raise


def recv_into(sock: _socket.socket, buffer: bytearray) -> bytearray:
    """Fill `buffer` with bytes that are sent without a frame: the only copy is the caller's own."""
    done = 0
    try:
        with memoryview(buffer) as view:
            while done < len(buffer):
                received = sock.recv_into(view[done:])
                if not received:
                    raise ConnectionClosed(f"the other side closed the channel {done} bytes into {len(buffer)}")
                done += received
    except OSError as error:
        raise_as_ours(error, "receive")
        raise
    return buffer


class Reader:
    """The frames that arrive at a socket, one after the other: as `recv`, with one system call for a small one."""

    __slots__ = ("_rest", "_waiting", "sock")

    def __init__(self, sock: _socket.socket) -> None:
        self.sock = sock
        self._rest = b""  # of what arrived, behind the last frame
        self._waiting = waiting.Waiting()

    def waiting(self) -> bool:
        """Whether something of the next frame has been read already."""
        return bool(self._rest)

    def reply(self, *, amid: bool = False) -> tuple[int, bytes]:
        """The next frame, however long it takes: whoever sends it may be waiting for a person. `amid`: while code of the program's runs."""
        while True:
            try:
                return self.recv(amid)
            except NothingYet:
                pass

    def recv(self, amid: bool = False) -> tuple[int, bytes]:
        sock, data = self.sock, self._rest
        try:
            if not data:  # amid a call the guard would stop the look at how crowded the machine is
                data = sock.recv(_AT_ONCE) if amid else self._waiting.recv(sock, _AT_ONCE)
            while len(data) < _HEAD:
                more = sock.recv(_AT_ONCE)
                if not data or not more:
                    raise ConnectionClosed(f"the other side closed the channel {len(data)} bytes into {_HEAD}")
                data += more
            magic, size, kind = _unpack_from(data)
            if magic != _MAGIC or size > LIMIT:
                raise Garbage("what arrived is no frame")
            end = _HEAD + size
            if len(data) == end:
                self._rest = b""
                return kind, data[_HEAD:]
            if len(data) > end:
                self._rest = data[end:]
                return kind, data[_HEAD:end]
            self._rest = b""
            if size > SMALL:
                _make_room()
            if len(data) == _HEAD:
                data = sock.recv(size, _WHOLE)
                return kind, data if len(data) == size else _continued(sock, data, size)
            return kind, _continued(sock, data[_HEAD:], size)
        except OSError as error:
            raise_as_ours(error, "receive")
            raise


def _continued(sock: _socket.socket, data: bytes, size: int) -> bytes:
    """`size` bytes, of which `data` are here."""
    buffer = bytearray(size)
    buffer[: len(data)] = data
    done = len(data)
    with memoryview(buffer) as view:
        while done < size:
            received = sock.recv_into(view[done:], size - done, _WHOLE)
            if not received:
                raise ConnectionClosed(f"the other side closed the channel {done} bytes into {size}")
            done += received
    return bytes(buffer)
