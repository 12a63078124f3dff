"""A stretch in which no other thread of the program runs, though nobody can be asked to wait.

    with stretch:
        stretch.begin(0.001)
        ...                 # what is looked at here is still so when it is changed here
        stretch.end()       # before anything that takes long

The interpreter lets another thread run when that one has waited for the switch interval, and when this one waits for something. So the
interval is made long, and one `sleep(0)` gives way to whoever waits already: from then on nobody's waiting ends within the stretch. Nor
does our own: beside a thread that computes, that is how long we may have to wait. So the interval is many times what the stretch will take
(with fixed 10 s, each commit beside such a thread took 10 s), and not less than what the system may keep us from a core.
"""

from __future__ import annotations

import sys
from time import sleep

_TIMES, _SHORTEST_S, _LONGEST_S = 20, 0.05, 10.0
_HALF_S = 4e-7  # it is kept in whole microseconds, cut off: what is set again must not become less


class Stretch:
    """For one thread at a time: enter it with a lock held."""

    def __init__(self) -> None:
        self._before: float | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.end()

    def begin(self, seconds: float) -> None:
        """`seconds`: what it will take, as far as one knows."""
        if self._before is None:
            before = sys.getswitchinterval()
            sys.setswitchinterval(min(_LONGEST_S, max(before, _SHORTEST_S, _TIMES * seconds)))
            sleep(0)
            self._before = before

    def end(self) -> None:
        before, self._before = self._before, None
        if before is not None:
            sys.setswitchinterval(before + _HALF_S)
