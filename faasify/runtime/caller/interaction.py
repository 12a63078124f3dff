"""A unit that reads stdin: what it has shown so far is shown, the line is read here, and both are remembered (O2).

If the call cannot be finished over there, it runs here from the start: it is given the same lines again, and what the user has seen already is not
shown twice.
"""

from __future__ import annotations

import functools
import io
import sys
from typing import Any

from faasify.runtime.unit import output


class Dialogue:
    """Lines that were read and output that was shown during one call."""

    def __init__(self) -> None:
        self.used = False
        self.read: list[str] = []
        self.shown: list[Any] = []

    def answer(self, message: dict[str, Any]) -> str:
        """Show what the unit has written, read what it asks for."""
        self.used = True
        entries = [tuple(entry) for entry in message["out"]]
        output.commit(entries, {1: sys.stdout, 2: sys.stderr})
        self.shown.extend(entries)
        what, size = message["what"], message["size"]
        text = sys.stdin.read() if what == "all" else sys.stdin.readline(size) if what == "line" else sys.stdin.read(size)
        self.read.append(text)
        return text

    def continued(self, fn: Any) -> Any:
        """`fn`, for one call that reads the same and whose first output is held back."""

        @functools.wraps(fn)
        def run(*args: Any, **kwargs: Any) -> Any:
            stdin, stdout, stderr = sys.stdin, sys.stdout, sys.stderr
            sys.stdin = _Again(self.read, stdin)
            sys.stdout = _Quiet(_text(self.shown, 1), stdout)  # type: ignore[assignment]
            sys.stderr = _Quiet(_text(self.shown, 2), stderr)  # type: ignore[assignment]
            mine = (sys.stdin, sys.stdout, sys.stderr)
            try:
                return fn(*args, **kwargs)
            finally:
                if (sys.stdin, sys.stdout, sys.stderr) == mine:
                    sys.stdin, sys.stdout, sys.stderr = stdin, stdout, stderr

        return run


def _text(entries: list[Any], fd: int) -> str:
    parts = [e[1] for e in entries if e[0] == fd and e[1] is not None]
    return "".join(p if isinstance(p, str) else p.decode(errors="surrogateescape") for p in parts)


class _Again(io.TextIOBase):
    """Gives what was read once more, then goes on with the stream."""

    def __init__(self, read: list[str], stream: Any) -> None:
        self._read = list(read)
        self._stream = stream

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        return self._read.pop(0) if self._read else self._stream.readline(size)

    def read(self, size: int | None = -1, /) -> str:
        return self._read.pop(0) if self._read else self._stream.read(size)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Quiet(io.TextIOBase):
    """Holds back the beginning that was shown already."""

    def __init__(self, shown: str, stream: Any) -> None:
        self._left = len(shown)
        self._stream = stream

    def write(self, text: str, /) -> int:
        held = min(self._left, len(text))
        self._left -= held
        if held < len(text):
            self._stream.write(text[held:])
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def writable(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
