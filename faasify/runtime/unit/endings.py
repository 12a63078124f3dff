"""How a worker ended: the zygote, whose child it was, keeps that for whoever asks.

endings = Endings()
endings.watch()                         in the zygote: from here on its dead children are collected
endings.of(4711)  -> Ending(9, True)    its status, and whether the kernel has been killing for memory
Ending(9, True).told()                  "it was killed (SIGKILL): the machine, or its share of it, ran out of memory"
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the C half of `signal`, without enum
import os
import struct
from time import monotonic, sleep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_FORM = struct.Struct("<iB")
SIZE = _FORM.size
_ALIVE = -1  # in place of a status
_KEPT = 256  # endings that are remembered
_PATIENCE_S = 0.2  # between the end of a process's channel and its own
_SIGKILL = 9
_CRASHES = {4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 11: "SIGSEGV", 31: "SIGSYS"}  # Linux's numbers
_OTHERS = {1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 9: "SIGKILL", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU"}


class Ending:
    """`status` is that of os.waitpid, None where nobody knows; `no_memory`: the kernel has killed for memory since the last such ending."""

    __slots__ = ("no_memory", "status")

    def __init__(self, status: int | None, no_memory: bool = False) -> None:
        self.status, self.no_memory = status, no_memory

    def packed(self) -> bytes:
        return _FORM.pack(_ALIVE if self.status is None else self.status, self.no_memory)

    @classmethod
    def unpacked(cls, data: bytes) -> Ending:
        status, no_memory = _FORM.unpack(data)
        return cls(None if status == _ALIVE else status, bool(no_memory))

    @property
    def killed(self) -> bool:
        """Whether somebody ended it from outside, and not for want of memory: the next process may fare better. So may it where nobody
        knows: then the zygote was killed, too."""
        if self.status is None:
            return True
        return -os.waitstatus_to_exitcode(self.status) in _OTHERS and not self.no_memory

    def told(self) -> str:
        """One clause: "it crashed (SIGSEGV)"."""
        if self.status is None:
            return "nobody knows how it ended"
        code = os.waitstatus_to_exitcode(self.status)
        if code >= 0:
            return f"it ended with exit code {code}"
        if -code == _SIGKILL and self.no_memory:
            return "it was killed (SIGKILL): the machine, or its share of it, ran out of memory"
        if -code in _CRASHES:
            return f"it crashed ({_CRASHES[-code]})"
        return f"it was killed ({_OTHERS.get(-code, f'signal {-code}')})"


class Endings:
    """The endings of this process's children, by their number."""

    def __init__(self, kills: Callable[[], int] | None = None) -> None:
        self._kills = kills or kills_for_memory
        self._known: dict[int, Ending] = {}
        self._before = self._kills()

    def watch(self) -> None:
        """Collect children as they end; the handler runs between two instructions of this process, which mostly waits."""
        _signal.signal(_signal.SIGCHLD, self._collect)

    def of(self, pid: int) -> Ending:
        """The ending of a child whose channel has ended. Waits a little for the process to follow."""
        until = monotonic() + _PATIENCE_S
        while pid not in self._known and monotonic() < until:
            sleep(0.001)  # SIGCHLD comes in between
        return self._known.pop(pid, None) or Ending(None)

    def _collect(self, *_: object) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            self._known[pid] = Ending(status, self._ran_out(status))
            while len(self._known) > _KEPT:
                del self._known[next(iter(self._known))]

    def _ran_out(self, status: int) -> bool:
        if status != _SIGKILL:
            return False
        before, self._before = self._before, self._kills()
        return self._before > before


def kills_for_memory() -> int:
    """How many processes the kernel has killed for want of memory; 0 where it does not count them."""
    try:
        with open("/proc/vmstat", "rb") as file:
            _, found, rest = file.read().partition(b"\noom_kill ")
        return int(rest.split(None, 1)[0]) if found else 0
    except OSError:
        return 0
