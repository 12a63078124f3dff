"""The standard input of a unit: everything that is read is asked of the caller.

sys.stdin.readline()  -> need("line", -1)
sys.stdin.read()      -> need("all", -1)
sys.stdin.read(3)     -> need("n", 3)
"""

from __future__ import annotations

import builtins
import io
import sys

from .output import Nowhere
from .stack import near

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from .output import Abort

    Need = Callable[[str, int], str]
    """What sys.stdin.readline(limit), read() or read(size) says in the caller."""


class Stdin(io.TextIOWrapper):
    """sys.stdin of a unit: everything that is read is asked of the caller, through `need`."""

    def __init__(self, need: Need, abort: Abort, *, encoding: str = "utf-8", errors: str = "strict", isatty: bool = False) -> None:
        self._faasify = need, abort, isatty
        super().__init__(_StdinBuffer(Nowhere("<stdin>", "rb")), encoding, errors)
        self.mode = "r"  # type: ignore[misc]  # as sys.stdin has it

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # None is -1, as in C
        if near():
            self._faasify[1]("recursion", "a read near the recursion limit")
        return self._faasify[0]("line", -1 if size is None else size)

    def read(self, size: int | None = -1, /) -> str:
        if size is None or size < 0:
            return self._faasify[0]("all", -1)
        return self._faasify[0]("n", size)

    def readlines(self, hint: int | None = -1, /) -> list[str]:  # type: ignore[override]  # likewise
        lines: list[str] = []
        total = 0
        while line := self.readline():
            lines.append(line)
            total += len(line)
            if hint is not None and 0 < hint < total:
                break
        return lines

    def __next__(self) -> str:  # type: ignore[override]  # text, not bytes
        if line := self.readline():
            return line
        raise StopIteration

    def isatty(self) -> bool:
        return self._faasify[2]

    def flush(self) -> None:
        """Of an input, nothing."""

    def __repr__(self) -> str:
        return f"<_io.TextIOWrapper name='<stdin>' mode='r' encoding={self.encoding!r}>"

    def _faasify_cannot(self, what: str, kind: str = "descriptors") -> NoReturn:
        self._faasify[1](kind, f"stdin.{what}")

    @property
    def buffer(self) -> Any:
        self._faasify_cannot("buffer")

    @property
    def newlines(self) -> Any:  # type: ignore[override]
        self._faasify_cannot("newlines")

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
        """Likewise not closed."""


class _StdinBuffer(io.BufferedReader):
    def __del__(self) -> None:
        """Likewise not closed."""


Stdin.__name__ = Stdin.__qualname__ = "TextIOWrapper"  # as sys.stdin's type is called
Stdin.__module__ = "_io"


def input_(*prompt: object, **named: object) -> str:
    """`input()` over whatever sys.stdin and sys.stdout are, as the builtin does it when they are no terminal."""
    if named:
        raise TypeError("input() takes no keyword arguments")
    if len(prompt) > 1:
        raise TypeError(f"input expected at most 1 argument, got {len(prompt)}")
    stdin, stdout, stderr = (_standard_stream(name) for name in ("stdin", "stdout", "stderr"))
    _try_to_flush(stderr)
    if prompt:
        stdout.write(str(prompt[0]))
    _try_to_flush(stdout)
    line = stdin.readline()
    if not isinstance(line, str):
        raise TypeError("object.readline() returned non-string")
    if not line:
        raise EOFError if _on_terminal(stdin, stdout) else EOFError("EOF when reading a line")
    return line[:-1] if line.endswith("\n") else line


def _on_terminal(stdin: Any, stdout: Any) -> bool:
    """Where the builtin reads the terminal itself, it ends without a text."""
    return bool(stdin.isatty() and stdout.isatty())


input_.__name__ = input_.__qualname__ = "input"
input_.__module__ = "builtins"
input_.__doc__ = builtins.input.__doc__


def _standard_stream(name: str) -> Any:
    stream = getattr(sys, name, None)
    if stream is None:
        raise RuntimeError(f"input(): lost sys.{name}")
    return stream


def _try_to_flush(stream: Any) -> None:
    try:
        stream.flush()
    except Exception:  # the builtin goes on, too
        pass


def install_input() -> None:
    """Replaces builtins.input in this process."""
    builtins.input = input_
