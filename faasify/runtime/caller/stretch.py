"""A stretch in which no other thread of the program runs, though nobody can be asked to wait.

    with stretch:
        stretch.begin()
        ...                 # what is looked at here is still so when it is changed here
        stretch.end()       # before anything that takes long

The interpreter lets another thread run when that one has waited for the switch interval, and when this one waits for something. So the
interval is made long, and one `sleep(0)` gives way to whoever waits already: from then on nobody's waiting ends within the stretch.
"""

from __future__ import annotations

import sys
from time import sleep

_LONG_S = 10.0
_HALF_S = 4e-7  # it is kept in whole microseconds, cut off: what is set again must not become less


class Stretch:
    """For one thread at a time: enter it with a lock held."""

    def __init__(self) -> None:
        self._before: float | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.end()

    def begin(self) -> None:
        if self._before is None:
            before = sys.getswitchinterval()
            sys.setswitchinterval(_LONG_S)
            sleep(0)
            self._before = before

    def end(self) -> None:
        before, self._before = self._before, None
        if before is not None:
            sys.setswitchinterval(before + _HALF_S)
