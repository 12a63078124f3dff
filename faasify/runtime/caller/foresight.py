"""Fan-out without being asked: while a loop makes one call, its next ones are under way (ahead.py) on as many workers as there are cores.

    foresight.look(frame, values, names, begin, seconds)     before a call that will be made from `frame`; `begin(values)` starts one

What is started is a guess (guesses.py), which is taken only by a call that would send the same bytes, so a wrong one costs time. A loop
whose guesses are wrong more often than right, or whose calls do more than answer, is left alone from then on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from os.path import join
from types import CodeType, FrameType
from typing import Any

from faasify.runtime.caller.ahead import Ahead, Entry
from faasify.runtime.caller.expressions import Unforeseeable
from faasify.runtime.caller.guesses import Loop, Plan

SLOW_S = 0.0005  # what a shorter call gains is not worth a look at its loop
_WHILE_S = 0.008  # of work that each worker is to have before it
_MOST = 64  # calls under way
_ROOM = 1 << 24  # bytes of their messages
_SITES = 1000  # loops that are remembered
_FAILURES = 2  # guesses that could not begin or got no answer
_FORGOTTEN = 64  # calls elsewhere, after which a loop's guesses are dropped

Begin = Callable[[tuple[Any, ...]], Entry | None]
Site = tuple[CodeType, int]


class _Run:
    """A loop that is being made: `entries` are the present call and those after it."""

    __slots__ = ("after", "entries", "failures", "hits", "idle", "plan", "wasted")

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.entries: deque[Entry] = deque()
        self.after = self.hits = self.wasted = self.failures = self.idle = 0


class Foresight:
    """Of one run of a program."""

    def __init__(self, ahead: Ahead, manifest: Mapping[str, Any]) -> None:
        self._ahead, self._cores = ahead, ahead.cores
        self._root, self._modules = manifest["program"]["root"], manifest["modules"]
        self._plans: dict[str, dict[tuple[int, ...], Plan]] = {}  # by file and position
        self._runs: dict[Site, _Run | None] = {}  # None: not to be foreseen
        self.seen = 0  # calls that had others under way beside them

    def look(self, frame: FrameType, values: tuple[Any, ...], names: Sequence[str], begin: Begin, seconds: float) -> bool:
        """Whether calls are under way; `seconds` that the last one took, `names` of the function's parameters."""
        site = frame.f_code, frame.f_lasti
        run = self._run(site)
        if run is None:
            return False
        self._settle(run)
        self._forget_others(run)
        try:
            wanted = min(_MOST, self._cores * max(4, int(_WHILE_S / seconds)))
            if len(run.entries) <= wanted // 2:
                self._extend(run, Loop(run.plan, frame), values, names, begin, wanted)
        except Unforeseeable:
            run.failures += not run.entries
        if run.failures >= _FAILURES or run.wasted > run.hits + wanted:
            self._drop(run)
            self._runs[site] = None
        self.seen += bool(run.entries)
        return bool(run.entries)

    def knows(self, site: Site | None) -> bool:
        """Whether the call there is one of a loop whose calls may be foreseen."""
        return site is not None and self._run(site) is not None

    def forget(self) -> None:
        """Nothing is under way any more, and nothing kept."""
        for run in self._runs.values():
            if run is not None:
                self._drop(run)
        self._runs.clear()

    def _run(self, site: Site) -> _Run | None:
        if site not in self._runs:
            if len(self._runs) >= _SITES:
                self.forget()
            plan = self._plan(*site) if self._cores > 1 else None
            self._runs[site] = _Run(plan) if plan is not None else None
        return self._runs[site]

    def _plan(self, code: CodeType, at: int) -> Plan | None:
        """The plan for the call that a frame is at."""
        file = code.co_filename
        if file not in self._plans:
            found = (entry.get("loops", ()) for entry in self._modules.values() if join(self._root, entry["file"]) == file)
            self._plans[file] = {_order(*plan["at"]): plan for plans in found for plan in plans}
        first, last, column, end = next(islice(code.co_positions(), at // 2, None))
        return self._plans[file].get((first or 0, last or 0, column or 0, end or 0))

    def _settle(self, run: _Run) -> None:
        """Calls come in the order of the guesses: what was passed over is wrong."""
        taken = [at for at, entry in enumerate(run.entries) if entry.taken]
        passed = taken[-1] + 1 if taken else len(run.entries)
        for _ in range(passed):
            entry = run.entries.popleft()
            if entry.taken:
                run.hits += not entry.lost
                run.failures += entry.lost
            else:
                run.wasted += 1
                self._ahead.cancel(entry)

    def _extend(self, run: _Run, loop: Loop, values: tuple[Any, ...], names: Sequence[str], begin: Begin, wanted: int) -> None:
        at, shift = loop.place(values, run.after)
        run.after = 0 if loop.counts_from_here else at
        if at >= loop.count:
            return  # the last one
        if not run.entries:
            self._begin(run, begin, values)
        coming = at + len(run.entries) - 1
        for number in range(coming, min(loop.count, coming + wanted - len(run.entries))):
            full = sum(len(entry.payload) for entry in run.entries) > _ROOM
            if not run.entries or full or not self._begin(run, begin, loop.called(values, names, shift, number)):
                break
        self._ahead.look()

    def _begin(self, run: _Run, begin: Begin, values: tuple[Any, ...]) -> bool:
        entry = begin(values)
        if entry is None:
            run.failures += 1
            return False
        run.entries.append(entry)
        return True

    def _forget_others(self, present: _Run) -> None:
        """A loop that was left early does not come back for what it has begun."""
        present.idle = 0
        for run in self._runs.values():
            if run is not None and run.entries and run is not present:
                run.idle += 1
                if run.idle > _FORGOTTEN:
                    self._drop(run)

    def _drop(self, run: _Run) -> None:
        while run.entries:
            self._ahead.cancel(run.entries.pop())


def _order(line: int, column: int, end_line: int, end_column: int) -> tuple[int, int, int, int]:
    """As code objects tell positions."""
    return line, end_line, column, end_column
