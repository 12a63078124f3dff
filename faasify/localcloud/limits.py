"""The limits of a unit, kept by whoever waits for its answer: time and memory, and a worker that is over one of them is ended.

    watch = Limits(memory_mb=256, timeout_s=30.0).watch()
    watch.recv(channel)          # the answer; OverLimit: the worker is to be discarded, nothing of the call has happened

Why nobody sets RLIMIT_AS or RLIMIT_DATA in the worker: an allocation that fails there is a MemoryError of the program's, which may catch
it and say something else than it does without a limit. Besides, they count address space, of which numpy's threads alone reserve
gigabytes. So the memory that a worker really has (resident and swapped out, with what it shares with the zygote) is looked at from here,
the more often the nearer it is to the limit. The time is one deadline for the call, all its attempts included; while the caller reads a
line of stdin for the unit, it stands still.

Two more limits need no number. A unit has the variables of the environment that it reads, and no others (unit/environment.py). It has no
temporary files: the guard ends it before it makes one, and the call runs here; with --sandbox, code in C that does finds 64 MB of its own
worker's memory, and nothing else that can be written.
"""

from __future__ import annotations

from time import monotonic

from faasify.localcloud.channel import Channel, NoAnswer

_RATE_MB_S = 4096.0  # nobody fills memory faster
_SHORTEST_S, _LONGEST_S = 0.001, 0.05  # between two looks
_KINDS = (b"\nVmRSS:", b"\nVmSwap:")


class OverLimit(RuntimeError):
    """The worker took more than its unit may have: discard the channel, nothing of the call has happened.

    `used`: it had run other calls before, and may have kept what those took.
    """

    def __init__(self, text: str, *, used: bool = False) -> None:
        super().__init__(text)
        self.used = used


class Limits:
    """Of one unit; None: as much as it likes."""

    __slots__ = ("memory_mb", "timeout_s")

    def __init__(self, memory_mb: int | None = None, timeout_s: float | None = None) -> None:
        self.memory_mb, self.timeout_s = memory_mb, timeout_s

    def watch(self) -> Watch | None:
        """To be made when the call begins; None where there is nothing to look at."""
        return Watch(self) if self.memory_mb or self.timeout_s else None


class Watch:
    """One call's time, and the memory of the workers that it is tried on."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._deadline = monotonic() + limits.timeout_s if limits.timeout_s else None
        self._pause = _SHORTEST_S

    def left(self) -> float | None:
        """Seconds; None: no end. OverLimit when none is left."""
        if self._deadline is None:
            return None
        left = self._deadline - monotonic()
        if left <= 0:
            raise self._late()
        return left

    def extend(self, seconds: float) -> None:
        """Time that the unit had to wait for us."""
        if self._deadline is not None:
            self._deadline += seconds

    def pause(self) -> float:
        """How long may be waited until the next `look`."""
        left = self.left()
        longest = self._pause if self._limits.memory_mb else _LONGEST_S
        return longest if left is None else min(longest, left)

    def look(self, channel: Channel) -> None:
        """Raises OverLimit."""
        self.left()
        most = self._limits.memory_mb
        if most:
            has = memory_mb(channel.pid)
            if has > most:
                raise OverLimit(f"over its memory limit of {most} MB", used=channel.used)
            self._pause = min(_LONGEST_S, max(_SHORTEST_S, (most - has) / _RATE_MB_S))

    def recv(self, channel: Channel) -> tuple[int, bytes]:
        """The next frame, with a look at the worker now and then meanwhile."""
        while not channel.wait(self.pause()):
            self.look(channel)
        try:
            return channel.recv(self.left())
        except NoAnswer:
            raise self._late() from None

    def _late(self) -> OverLimit:
        return OverLimit(f"over its time limit of {self._limits.timeout_s:g} s")


def memory_mb(pid: int) -> float:
    """Megabytes (2**20 bytes) that a process has in memory and in swap; 0 for none of that number, or where nobody tells."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            status = file.read()
    except OSError:
        return 0.0
    found = (status.partition(kind)[2].split(None, 1) for kind in _KINDS)
    return sum(int(words[0]) for words in found if words) / 1024
