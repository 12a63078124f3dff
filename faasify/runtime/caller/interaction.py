"""A unit that reads stdin: what it has shown so far is shown, the line is read here, and both are remembered (O2).

If the call cannot be finished over there, it runs here from the start: it is given the same lines again, and what the user has seen already is not
shown twice. Both are done inside the stream objects that the program has (`from sys import stdin` keeps a reference), never by putting others in their place.
"""

from __future__ import annotations

import builtins
import io
import sys
from typing import Any

from faasify.runtime.unit import output
from faasify.runtime.unit.stdin import input_


class Input(io.TextIOWrapper):
    """sys.stdin of a rewritten program: what it is everywhere, and lines can be put back."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        mode, encoding, errors, line_buffering = stream.mode, stream.encoding, stream.errors, stream.line_buffering
        super().__init__(stream.detach(), encoding, errors, None, line_buffering)  # type: ignore[arg-type]
        self.mode = mode
        self.faasify_again: list[str] = []

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        if self.faasify_again:
            return self._put_back(-1 if size is None else size, line=True)
        return super().readline(-1 if size is None else size)

    def read(self, size: int | None = -1, /) -> str:
        if self.faasify_again:
            if size is None or size < 0:
                text, self.faasify_again = "".join(self.faasify_again), []
                return text + super().read()
            return self._put_back(size, line=False)
        return super().read(size)

    def _put_back(self, size: int, *, line: bool) -> str:
        text = self.faasify_again.pop(0)
        end = text.find("\n") + 1 if line and "\n" in text else len(text)
        end = end if size < 0 else min(size, end)
        if end < len(text):
            self.faasify_again.insert(0, text[end:])
        return text[:end]

    def __next__(self) -> str:
        if not self.faasify_again:
            return super().__next__()
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def readlines(self, hint: int | None = -1, /) -> list[str]:  # type: ignore[override]
        return list(self) if self.faasify_again else super().readlines(-1 if hint is None else hint)


Input.__name__ = Input.__qualname__ = "TextIOWrapper"
Input.__module__ = "_io"


def install() -> Any:
    """Make sys.stdin one that lines can be put back into, before the program can have seen it; returns it."""
    if type(sys.stdin) is io.TextIOWrapper and sys.stdin is sys.__stdin__:
        sys.stdin = sys.__stdin__ = Input(sys.stdin)  # type: ignore[misc]
    return sys.stdin


class Dialogue:
    """Lines that were read and output that was shown during one call."""

    def __init__(self) -> None:
        self.used = False
        self.read: list[str] = []
        self.shown: list[Any] = []

    def answer(self, message: dict[str, Any], streams: dict[int, Any]) -> str:
        """Show what the unit has written, read what it asks for."""
        self.used = True
        entries = [tuple(entry) for entry in message["out"]]
        output.commit(entries, streams)
        self.shown.extend(entries)
        what, size = message["what"], message["size"]
        text = sys.stdin.read() if what == "all" else sys.stdin.readline(size) if what == "line" else sys.stdin.read(size)
        self.read.append(text)
        return str(text)

    def undo(self) -> Any:
        """Put back what was read and hold back what was shown, from now on; the function returned ends that."""
        if isinstance(sys.stdin, Input):
            sys.stdin.faasify_again[:0] = [t for t in self.read if t] + ([""] if self.read and not self.read[-1] else [])
        held = [
            _Held(stream, "".join(t if isinstance(t, str) else t.decode(errors="surrogateescape") for n, t in self.shown if n == fd and t is not None))
            for fd, stream in ((1, sys.stdout), (2, sys.stderr))
        ]
        builtin = builtins.input
        builtins.input = input_  # type: ignore[assignment]  # the builtin reads a terminal past sys.stdin

        def end() -> None:
            builtins.input = builtin
            for each in held:
                each.end()

        return end


class _Held:
    """Holds back the beginning of what is written to a stream, inside the stream."""

    def __init__(self, stream: Any, shown: str) -> None:
        self.stream = stream
        self.left = len(shown)
        if shown and type(stream) is io.TextIOWrapper:
            stream.flush()
            self.buffer = stream.buffer
            self.arguments = (stream.encoding, stream.errors, "\n", stream.line_buffering, stream.write_through)
            self.mode = stream.mode
            skip = len(shown.encode(stream.encoding, stream.errors or "strict"))
            self._renew(_Skipping(self.buffer, skip))
        else:
            self.left = 0
            if isinstance(stream, io.StringIO) and shown and stream.getvalue().endswith(shown):
                stream.seek(len(stream.getvalue()) - len(shown))
                stream.truncate()

    def _renew(self, buffer: Any) -> None:
        self.stream.__init__(buffer, *self.arguments)
        self.stream.mode = self.mode

    def end(self) -> None:
        if self.left:
            self.stream.flush()
            self._renew(self.buffer)


class _Skipping(io.BufferedIOBase):
    """A binary stream that drops the first `left` bytes."""

    def __init__(self, buffer: Any, left: int) -> None:
        self._buffer = buffer
        self._left = left

    def write(self, data: Any, /) -> int:
        size = len(data)
        held = min(self._left, size)
        self._left -= held
        if held < size:
            self._buffer.write(bytes(data)[held:])
        return size

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        self._buffer.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._buffer, name)

    def __del__(self) -> None:
        """The real stream stays open."""
