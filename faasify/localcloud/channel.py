"""A channel to one worker: frames there and back, and an account of whether it can be used again.

channel.send(frames.CALL, b"...")
kind, payload = channel.recv()
"""

from __future__ import annotations

import _socket

from faasify.localcloud.arrivals import Arrivals
from faasify.runtime.unit import frames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from faasify.localcloud.spawn import Zygote


FAILURES = (frames.NothingYet, frames.ConnectionClosed)  # of a frame


class WorkerDied(ConnectionError):
    """The worker ended, was killed or lost its channel: discard the channel, nothing of the call has happened."""

    passing = False  # it was killed by somebody, and not for what it did: the next one may fare better


class NoAnswer(TimeoutError):
    """The time for an answer is over."""


class Garbled(WorkerDied):
    """The worker may live, but what it says is no answer."""


class Channel:
    """One worker, for one thread at a time.

    `pid` is 0 until the worker has said that it is ready. `closed`: only good for discarding. `owed`: it was sent something and has not
    answered, so that its next frame would be taken for the answer to another call. `used`: it has run a call before. `bases` is an account
    of what the worker has been sent to keep (frames.BASE), for whoever sends it.
    """

    __slots__ = ("__weakref__", "_arrivals", "_reader", "_sock", "_timeout", "bases", "closed", "owed", "pid", "used", "zygote")

    def __init__(self, sock: _socket.socket, zygote: Zygote) -> None:
        self._sock = sock
        self._reader = frames.Reader(sock)
        self._timeout: float | None = None
        self._arrivals = Arrivals(sock)
        self.zygote = zygote
        self.pid = 0
        self.bases: dict[int, Any] = {}
        self.closed = False
        self.owed = False
        self.used = False

    def send(self, kind: int, payload: frames.Buffer | Sequence[frames.Buffer] = b"") -> None:
        """Send one frame. Raises WorkerDied, or FrameTooLarge (then the channel is as good as before)."""
        owed, self.owed = self.owed, True
        try:
            self._do(frames.send, self._sock, kind, payload)
        except frames.FrameTooLarge:
            self.owed = owed
            raise

    def send_many(self, batch: Sequence[tuple[int, bytes]]) -> None:
        """Send several frames at once. As `send`; each of them has its answer."""
        data = b"".join([frames.framed(kind, payload) for kind, payload in batch])
        self.owed = True
        self._do(frames.send_framed, self._sock, data)

    def fileno(self) -> int:
        """To be polled, together with others."""
        return self._sock.fileno()

    def ask(self, kind: int, payload: bytes) -> tuple[int, bytes]:
        """`send` and `recv` in one, without a time limit. Most calls are this, so what `_do` does is done here."""
        if self._timeout is not None:
            self._set_timeout(None)
        self.owed = True
        try:
            frames.send(self._sock, kind, payload)
            frame = self._reader.recv()
        except frames.FrameTooLarge:
            self.owed = False
            raise
        except FAILURES as error:
            raise self._failed(error) from None
        except BaseException:  # KeyboardInterrupt: who knows how much of a frame is out
            self.closed = True
            raise
        self.owed = False
        return frame

    def recv(self, timeout: float | None = None) -> tuple[int, bytes]:
        """The next frame; NoAnswer after `timeout` seconds without a byte. After any exception the channel is to be discarded."""
        self.within(timeout)
        frame: tuple[int, bytes] = self._do(self._reader.recv)
        self.owed = False
        return frame

    def within(self, timeout: float | None) -> None:
        """From now on a `send` that finds no reader for so many seconds fails as if the worker were dead; None: it waits."""
        if timeout != self._timeout:
            self._set_timeout(timeout)

    def idle(self) -> bool:
        """Whether the worker is alive and has nothing to say, as between two calls it should."""
        return not (self.closed or self._reader.waiting() or self._arrivals.within(0))

    def wait(self, seconds: float) -> bool:
        """Whether something has arrived, within that time; the channel stays as good as before."""
        return self._reader.waiting() or self._arrivals.within(seconds * 1e3)

    def close(self) -> None:
        self.closed = True
        close(self._sock)

    def __del__(self) -> None:
        """Lost on the way from one hand to the next (an exception of a signal handler's): a worker that has a call is not left at it."""
        if not self.closed:
            self.close()
            if self.owed and self.pid:
                self.zygote.kill(self.pid)

    def _do(self, step: Callable[..., Any], *args: Any) -> Any:
        """What `step` gives. However it ends otherwise, the channel is only good for discarding, unless nothing was sent."""
        try:
            return step(*args)
        except frames.FrameTooLarge:
            raise
        except FAILURES as error:
            raise self._failed(error) from None
        except BaseException:  # KeyboardInterrupt: who knows how much of a frame is out
            self.closed = True
            raise

    def _failed(self, error: OSError) -> OSError:
        """What to raise for one of FAILURES."""
        self.closed = True
        if isinstance(error, frames.NothingYet):
            return NoAnswer(f"no answer from worker {self.pid} in {self._timeout} s")
        if isinstance(error, frames.Garbage):
            return Garbled(f"worker {self.pid} sent garbage: {error}")
        return WorkerDied(f"worker {self.pid} is gone: {error}")

    def _set_timeout(self, timeout: float | None) -> None:
        value = frames.timeout(timeout)
        try:
            for option in (_socket.SO_RCVTIMEO, _socket.SO_SNDTIMEO):
                self._sock.setsockopt(_socket.SOL_SOCKET, option, value)
        except OSError as error:
            raise self._failed(error) from None
        self._timeout = timeout


def close(sock: _socket.socket) -> None:
    """Close `sock`, whatever the program has done to its descriptor."""
    try:
        sock.close()
    except OSError:
        pass
