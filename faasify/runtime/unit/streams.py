"""The standard streams of a unit: `output`, `stdin`, and what happens to descriptors 1 and 2 below Python.

entries: list[Entry] = []
sys.stdout = sys.__stdout__ = Capture(1, entries, abort, encoding="utf-8", isatty=False)
sys.stderr = sys.__stderr__ = Capture(2, entries, abort, errors="backslashreplace", line_buffering=True)
sys.stdin = sys.__stdin__ = Stdin(need, abort)
install_input()
below = FdCapture()
...                                   # the call
if below.dirty(): ...                 # end the call: something wrote past the recording
take(entries, {2})                    # to `commit` in the caller; stderr is line-buffered
"""

from __future__ import annotations

import os

from .output import Capture, commit, take
from .stdin import Stdin, input_, install_input

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Capture", "FdCapture", "Stdin", "commit", "input_", "given_attributes", "install_input", "take"]


def given_attributes(captures: Mapping[str, object | None]) -> list[str]:
    """Attributes that the program has set on the streams of a unit."""
    present = ((name, stream) for name, stream in captures.items() if stream is not None)
    return [f"sys.{name}.{found}" for name, stream in present for found in vars(stream) if found not in _OWN]


_OWN = frozenset({"mode", "_faasify", "_faasify_name", "_faasify_write"})


class FdCapture:
    """Descriptors 1 and 2 of a worker, below Python: they lead to memory, and nobody is meant to write there.

    Made in each worker after the fork: a file that two workers inherited would tell each of the other's writes.
    """

    def __init__(self) -> None:
        memory = _anonymous_file()
        os.dup2(memory, 1)
        os.dup2(memory, 2)
        os.close(memory)

    def dirty(self) -> bool:
        """Whether something wrote there or closed them (an extension in C, `os.write` that was allowed). One system call each."""
        try:
            return os.fstat(1).st_size != 0 or os.fstat(2).st_size != 0
        except OSError:
            return True


def _anonymous_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("faasify-output")
    import tempfile

    fd, path = tempfile.mkstemp()
    os.unlink(path)
    return fd
