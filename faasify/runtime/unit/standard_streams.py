"""The standard streams of a unit as a whole: like the caller's, but they only take notes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from faasify.runtime.unit import streams
from faasify.runtime.unit.loaded import UnitWorld
from faasify.runtime.unit.logging_values import SINK
from faasify.runtime.unit.warning_state import RECORD

NOTES = frozenset({SINK, RECORD})
_STREAM = {"encoding": "utf-8", "errors": "strict", "isatty": False}
NOBODYS = {"stdin": _STREAM, "stdout": _STREAM, "stderr": {**_STREAM, "errors": "backslashreplace"}, "terminal": None}  # without a caller


class StandardStreams:
    """`out` is what was noted, not only of streams."""

    def __init__(self, world: UnitWorld, need: Callable[[str, int], str], abort: Callable[[str, str], Any]) -> None:
        self._world, self._need, self._abort = world, need, abort
        self._spec: Any = None
        self.out: list[Any] = []
        world.noted = lambda number, data: self.out.append((number, data))

    def open(self, spec: dict[str, Any], foreign: bool) -> None:
        """Standard streams like the caller's, that only take notes; made again only when the caller's are others.
        None in place of a stream of `spec`: the caller was started without it."""
        spec = {**spec, "foreign": foreign}
        if spec != self._spec:
            out, err = (3, 4) if foreign else (1, 2)
            self._world.captures = {
                "stdout": spec["stdout"] and streams.Capture(out, self.out, self._abort, name="<stdout>", **spec["stdout"]),
                "stderr": spec["stderr"] and streams.Capture(err, self.out, self._abort, name="<stderr>", **spec["stderr"]),
                "stdin": spec["stdin"] and streams.Stdin(self._need, self._abort, **spec["stdin"]),
            }
            self._spec = spec
            for name, stream in self._world.captures.items():
                setattr(sys, f"__{name}__", stream)
        for name, stream in self._world.captures.items():
            setattr(sys, name, stream)
        if "shutil" in sys.modules:
            sys.modules["shutil"].get_terminal_size = _terminal_size(spec["terminal"])  # type: ignore[attr-defined]

    def foreign(self, name: str) -> Any:
        """Stands for what the caller has put in place of a standard stream: it takes output, and whoever wants more of it ends
        the call."""
        return _Foreign(1 if name == "stdout" else 2, self.out, self._abort)

    def output(self, notes: frozenset[int] = frozenset()) -> list[list[Any]]:
        """What was written; of other notes, for which the caller need not be quick, those of these numbers."""
        spec = self._spec
        later = [entry for entry in self.out if entry[0] in NOTES - notes]
        if later:
            self.out[:] = [entry for entry in self.out if entry[0] not in NOTES]
        names = {1: "stdout", 2: "stderr", 3: "stdout", 4: "stderr"}
        buffered = {fd for fd, name in names.items() if spec[name] and spec[name].get("line_buffering")}
        entries = [list(entry) for entry in streams.take(self.out, () if spec["foreign"] else buffered)]
        self.out.extend(later)
        return entries


def _terminal_size(caller: list[int] | None) -> Any:
    """shutil.get_terminal_size with the caller's terminal in place of the worker's."""

    def get_terminal_size(fallback: tuple[int, int] = (80, 24)) -> os.terminal_size:
        asked = [int(os.environ.get(name, "0")) if os.environ.get(name, "0").isdecimal() else 0 for name in ("COLUMNS", "LINES")]
        size = caller or fallback
        return os.terminal_size((asked[0] or size[0] or fallback[0], asked[1] or size[1] or fallback[1]))

    return get_terminal_size


class _Foreign:
    """A stream of the program's own making that is only written to."""

    def __init__(self, fd: int, sink: list[Any], abort: Any) -> None:
        self._faasify = fd, sink, abort

    def write(self, text: str, /) -> int:
        if type(text) is not str:
            self._faasify[2]("descriptors", "a write of something else than str")
        self._faasify[1].append((self._faasify[0], text))
        return len(text)

    def flush(self) -> None:
        self._faasify[1].append((self._faasify[0], None))

    def __getattr__(self, name: str) -> Any:
        self._faasify[2]("descriptors", f"the attribute {name} of a stream of the program")
