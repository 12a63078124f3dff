"""The output of a unit: recorded in order, committed in the caller (R5).

What was written is kept as it was written, one list for both streams: text to the stream, bytes to its buffer, flushes.

    print("a"); sys.stderr.write("b"); sys.stdout.buffer.write(b"c"); sys.stdout.flush()
    take(entries) -> [(1, "a\\n"), (2, "b"), (1, b"c"), (1, None)]
"""

from __future__ import annotations

import io

from .stack import near

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from typing import Any, NoReturn, TextIO

    Entry = tuple[int, str | bytes | None]
    """(1 or 2, what). str: written to the stream; bytes: to its buffer; None: the stream was flushed; b"": its buffer was."""

    Abort = Callable[[str, str], NoReturn]


class Capture(io.TextIOWrapper):
    """sys.stdout or sys.stderr of a unit: a text stream like the caller's that only takes notes.

    `encoding`, `errors`, `isatty` and the rest are the caller's, so that what cannot be encoded raises here as it would
    there. What a recording cannot do (fileno, close, detach, seek) calls `abort(kind, what)`.
    """

    def __init__(
        self,
        fd: int,
        sink: list[Entry],
        abort: Abort,
        *,
        encoding: str = "utf-8",
        errors: str = "strict",
        isatty: bool = False,
        line_buffering: bool = False,
        write_through: bool = False,
        name: str | None = None,
    ) -> None:
        self._faasify_name = name or {1: "<stdout>", 2: "<stderr>"}[fd]
        self._faasify = fd, sink, abort, isatty
        buffer = _CaptureBuffer(self._faasify_name, fd, sink, abort, isatty)
        super().__init__(buffer, encoding, errors, "\n", line_buffering, write_through)
        self.mode = "w"  # type: ignore[misc]  # as sys.stdout has it
        self._faasify_write = _recorder(fd, sink, encoding, errors, abort)

    def write(self, text: str, /) -> int:
        return self._faasify_write(text)

    def flush(self) -> None:
        fd, sink, _, _ = self._faasify
        sink.append((fd, None))

    def isatty(self) -> bool:
        return self._faasify[3]

    def take(self) -> list[Entry]:
        """What was written since the last `take` to all streams that share the sink. See the function `take`."""
        fd, sink, _, _ = self._faasify
        return take(sink, (fd,) if self.line_buffering else ())

    def __repr__(self) -> str:
        return f"<_io.TextIOWrapper name={self._faasify_name!r} mode='w' encoding={self.encoding!r}>"

    def _faasify_cannot(self, what: str, kind: str = "descriptors") -> NoReturn:
        self._faasify[2](kind, f"{self._faasify_name[1:-1]}.{what}")

    def fileno(self) -> int:
        self._faasify_cannot("fileno")

    def close(self) -> None:
        self._faasify_cannot("close")

    def detach(self) -> NoReturn:
        self._faasify_cannot("detach")

    def seekable(self) -> bool:
        self._faasify_cannot("seekable")

    def seek(self, cookie: int, whence: int = 0, /) -> int:
        self._faasify_cannot("seek")

    def tell(self) -> int:
        self._faasify_cannot("tell")

    def truncate(self, pos: int | None = None, /) -> int:
        self._faasify_cannot("truncate")

    def reconfigure(self, **kwargs: object) -> None:
        self._faasify_cannot("reconfigure", "settings")

    def __del__(self) -> None:
        """Not closed when it is collected: nothing of it is the unit's to close."""


def _recorder(fd: int, sink: list[Entry], encoding: str, errors: str, abort: Abort) -> Callable[[str], int]:
    """The write of a Capture. Encodes, if only to fail where TextIOWrapper.write would."""
    note = sink.append

    def write(text: str) -> int:
        if near():
            abort("recursion", "a write near the recursion limit")
        if type(text) is not str:
            if not isinstance(text, str):
                raise TypeError(f"write() argument must be str, not {type(text).__name__}")
            text = str.__str__(text)  # of a subclass, the plain text: what TextIOWrapper encodes
        if not text.isascii():
            text.encode(encoding, errors)
        note((fd, text))
        return len(text)

    return write


class Nowhere(io.RawIOBase):
    """Below a recording: nothing arrives here."""

    def __init__(self, name: str, mode: str) -> None:
        self.name, self.mode = name, mode

    def readable(self) -> bool:
        return self.mode == "rb"

    def writable(self) -> bool:
        return self.mode == "wb"


class _CaptureBuffer(io.BufferedWriter):
    """sys.stdout.buffer of a unit."""

    def __init__(self, name: str, fd: int, sink: list[Entry], abort: Abort, isatty: bool) -> None:
        super().__init__(Nowhere(name, "wb"))
        self._faasify_name = name
        self._faasify = fd, sink, abort, isatty

    def write(self, data: Any, /) -> int:
        fd, sink, _, _ = self._faasify
        if isinstance(data, str):
            raise TypeError("a bytes-like object is required, not 'str'")
        written = memoryview(data).tobytes()
        if written:
            sink.append((fd, written))
        return len(written)

    def flush(self) -> None:
        fd, sink, _, _ = self._faasify
        sink.append((fd, b""))

    def isatty(self) -> bool:
        return self._faasify[3]

    def __repr__(self) -> str:
        return f"<_io.BufferedWriter name={self._faasify_name!r}>"

    def _faasify_cannot(self, what: str) -> NoReturn:
        self._faasify[2]("descriptors", f"{self._faasify_name[1:-1]}.buffer.{what}")

    @property
    def raw(self) -> io.RawIOBase:  # type: ignore[override]  # the original writes past the buffer
        self._faasify_cannot("raw")

    def fileno(self) -> int:
        self._faasify_cannot("fileno")

    def close(self) -> None:
        self._faasify_cannot("close")

    def detach(self) -> io.RawIOBase:
        self._faasify_cannot("detach")

    def seek(self, target: int, whence: int = 0, /) -> int:
        self._faasify_cannot("seek")

    def tell(self) -> int:
        self._faasify_cannot("tell")

    def truncate(self, pos: int | None = None, /) -> int:
        self._faasify_cannot("truncate")

    def __del__(self) -> None:
        """Likewise not closed."""


Capture.__name__ = Capture.__qualname__ = "TextIOWrapper"  # type(sys.stdout).__name__ is what the program would see
_CaptureBuffer.__name__ = _CaptureBuffer.__qualname__ = "BufferedWriter"
Capture.__module__ = _CaptureBuffer.__module__ = "_io"


def take(sink: list[Entry], line_buffered: Collection[int] = ()) -> list[Entry]:
    """Empties a sink. Neighbours are joined where nobody could tell: what ends in a new line on a line-buffered stream, flushes.

    A stream that is not line-buffered holds back text, and how much depends on each single write, its binary layer again
    on what it is handed. Joined there, text would come out before or after that of the other stream (`> log 2>&1`)
    or of the stream's own buffer, other than it did originally.

        [(2, "a"), (2, "\\n"), (2, "b"), (1, "a"), (1, "\\n")] with 2 line-buffered -> [(2, "a\\n"), (2, "b"), (1, "a"), (1, "\\n")]
    """
    entries: list[Entry] = []
    pending: list[str] = []  # of a line-buffered stream, up to `whole` it is flushed
    owner = whole = 0

    def close_run() -> None:
        if whole:
            entries.append((owner, "".join(pending[:whole])))
        entries.extend((owner, text) for text in pending[whole:])
        pending.clear()

    for fd, data in sink:
        if pending and (fd != owner or type(data) is not str):
            close_run()
            whole = 0
        if type(data) is str and fd in line_buffered:
            owner = fd
            pending.append(data)
            if "\n" in data or "\r" in data:
                whole = len(pending)
        elif data is not None or not entries or entries[-1] != (fd, None):
            entries.append((fd, data))
    close_run()
    sink.clear()
    return entries


def commit(entries: Iterable[Entry], streams: Mapping[int, TextIO], others: Mapping[int, Callable[[Any], None]] | None = None) -> None:
    """Does in the caller what was recorded in the unit: the meaning of an entry. `streams` is {1: sys.stdout, 2: sys.stderr};
    `others` are what is to be done with notes of other numbers."""
    for fd, data in entries:
        if others is not None and fd in others:
            others[fd](data)
            continue
        stream = streams[fd]
        if data is None:
            stream.flush()
        elif isinstance(data, str):
            stream.write(data)
        elif data:
            stream.buffer.write(data)
        else:
            stream.buffer.flush()
