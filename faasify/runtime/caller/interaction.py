"""A unit that reads stdin: what it has shown so far is shown, the line is read here, and both are remembered (O2).

If the call cannot be finished over there, it runs here from the start: it is given the same lines again, and what the user has
seen already is not
shown twice. Both are done inside the stream objects that the program has (`from sys import stdin` keeps a reference), and only
until the last of those
lines has been read again: from there on everything is C's, and the stack as deep as in the original.
"""

from __future__ import annotations

import builtins
import io
import sys
from collections.abc import Callable
from typing import Any

from faasify.runtime.unit import output
from faasify.runtime.unit.stdin import input_


class Input(io.TextIOWrapper):
    """sys.stdin of a rewritten program: what it is everywhere, and lines can be put back (it becomes an `_Again` until they are read)."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        mode, encoding, errors, line_buffering = stream.mode, stream.encoding, stream.errors, stream.line_buffering
        super().__init__(stream.detach(), encoding, errors, "\n", line_buffering)
        self.mode = mode  # type: ignore[misc]

    def __repr__(self) -> str:
        return super().__repr__().replace("<TextIOWrapper", "<_io.TextIOWrapper", 1)  # 3.13 shows a subclass by its own name


class _Again(Input):
    """Gives the lines of `faasify_lines` first; after the last it becomes an `Input` again and calls `faasify_done`."""

    faasify_lines: list[str]
    faasify_done: Callable[[], None]

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        return self._next(-1 if size is None else size, line=True)

    def read(self, size: int | None = -1, /) -> str:
        if size is None or size < 0:
            text, self.faasify_lines[:] = "".join(self.faasify_lines), []
            self._finish()
            return text + self.read()
        return self._next(size, line=False)

    def _next(self, size: int, *, line: bool) -> str:
        text = self.faasify_lines.pop(0)
        end = text.find("\n") + 1 if line and "\n" in text else len(text)
        end = end if size < 0 else min(size, end)
        if end < len(text):
            self.faasify_lines.insert(0, text[end:])
        elif not self.faasify_lines:
            self._finish()
        return text[:end]

    def _finish(self) -> None:
        self.__class__ = Input  # type: ignore[assignment]  # that is the point: from here on reading is C's
        self.faasify_done()

    def __next__(self) -> str:  # type: ignore[override]
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def readlines(self, hint: int | None = -1, /) -> list[str]:  # type: ignore[override]
        lines = self.faasify_lines[:]
        self.faasify_lines.clear()
        self._finish()
        return [*(t for t in lines if t), *io.TextIOWrapper.readlines(self, -1)]


_class: type
for _class in (Input, _Again):
    _class.__name__ = _class.__qualname__ = "TextIOWrapper"
    _class.__module__ = "_io"


def install() -> Any:
    """Make sys.stdin one that lines can be put back into, before the program can have seen it; returns it."""
    if type(sys.stdin) is io.TextIOWrapper and sys.stdin is sys.__stdin__:
        sys.stdin = sys.__stdin__ = Input(sys.stdin)  # type: ignore[misc]
    return sys.stdin


class Dialogue:
    """Lines that were read and output that was shown during one call."""

    def __init__(self) -> None:
        self.used = False
        self.ended = False  # stdin has ended for good: reading on waits for nobody, so nothing more need be shown for it
        self.read: list[str] = []
        self.shown: list[Any] = []

    def answer(self, message: dict[str, Any], streams: dict[int, Any]) -> tuple[str, list[Any]]:
        """Show what the unit has written and read what it asks for: the text, and the output that was not shown yet."""
        self.used = True
        entries = [tuple(entry) for entry in message["out"]]
        if not self.ended:
            output.commit(entries, streams)
            self.shown.extend(entries)
            entries = []
        what, size = message["what"], message["size"]
        text = sys.stdin.read() if what == "all" else sys.stdin.readline(size) if what == "line" else sys.stdin.read(size)
        if not self.ended:
            self.read.append(text)
            self.ended = not text and not sys.stdin.isatty()
        return str(text), [list(entry) for entry in entries]

    def undo(self) -> Callable[[], None]:
        """Put back what was read and hold back what was shown, from now on; the function returned ends that."""
        held = [_Held(stream, self._text(fd)) for fd, stream in ((1, sys.stdout), (2, sys.stderr))]
        builtin = builtins.input

        def end() -> None:
            builtins.input = builtin
            for each in held:
                each.end()

        if isinstance(sys.stdin, Input) and self.read:
            stdin: Any = sys.stdin
            waiting = stdin.faasify_lines if isinstance(stdin, _Again) else []
            stdin.faasify_lines = [*self.read, *waiting]
            stdin.faasify_done = end
            stdin.__class__ = _Again
            if stdin.isatty():
                builtins.input = input_  # the builtin reads a terminal past sys.stdin
        return end

    def _text(self, fd: int) -> str:
        parts = [text for n, text in self.shown if n == fd and text is not None]
        return "".join(t if isinstance(t, str) else t.decode(errors="surrogateescape") for t in parts)


class _Kept(io.BytesIO):
    """Bytes on their way to `buffer`, which a program that asks is told about."""

    def __init__(self, buffer: Any) -> None:
        super().__init__()
        self.name = buffer.name
        self._buffer = buffer

    def isatty(self) -> bool:
        return bool(self._buffer.isatty())

    def fileno(self) -> int:
        return int(self._buffer.fileno())


class _Held:
    """Keeps what is written to a stream until `end`, which drops the beginning that was shown already."""

    def __init__(self, stream: Any, shown: str) -> None:
        self.stream = stream
        self.buffer: Any = None
        if not shown:
            return
        if type(stream) is io.TextIOWrapper:
            stream.flush()
            self.buffer = stream.buffer
            self.arguments = (stream.encoding, stream.errors, "\n", stream.line_buffering, stream.write_through)
            self.mode = stream.mode
            self.skip = len(shown.encode(stream.encoding, stream.errors or "strict"))
            self.kept = _Kept(stream.buffer)
            self._renew(self.kept)
        elif isinstance(stream, io.StringIO) and stream.getvalue().endswith(shown):
            stream.seek(len(stream.getvalue()) - len(shown))
            stream.truncate()

    def _renew(self, buffer: Any) -> None:
        self.stream.__init__(buffer, *self.arguments)
        self.stream.mode = self.mode

    def end(self) -> None:
        if self.buffer is not None:
            self.stream.flush()
            data = self.kept.getvalue()
            self._renew(self.buffer)
            self.buffer.write(data[self.skip :])
            self.buffer = None
