"""Runs the call that a worker has in place, under the guard, and judges what it did beyond what can be told."""

from __future__ import annotations

import builtins
import gc
import sys
from collections.abc import Callable
from types import AsyncGeneratorType, CodeType, CoroutineType, GeneratorType
from typing import Any

from faasify.runtime.unit import callstack, generators, guard, library_state, loaded, stack, streams
from faasify.runtime.unit.base import Base, Seen
from faasify.runtime.unit.codes import ends_late
from faasify.runtime.unit.loaded import UnitWorld
from faasify.runtime.unit.talking import Talker

NO_MEMORY = "an allocation failed: how much there is depends on the process"
FRAMES_TO_FUNCTION = 2  # from `armed`: `invoke`, the function
FRAMES_TO_CLOSED = 1  # from `closed`
_faasify_limit, _faasify_told = sys.setrecursionlimit, sys.getrecursionlimit  # kept when the guard covers them
initial: dict[str, Any] = {}  # what a worker finds before its first call


def told_limit() -> int:
    """sys.getrecursionlimit() of a unit: the caller's (S2)."""
    return int(initial.get("limit", 1000))


class Runner(Talker):
    """One call at a time: `fn` with `pos` and `kw`, from what `base` and `seen` describe."""

    base: Base
    seen: Seen
    fn: Any
    pos: Any
    kw: dict[str, Any]
    handled: Any  # the exception that the caller handles
    state: dict[str, Any]  # hidden state

    def __init__(self, world: UnitWorld) -> None:
        super().__init__(world)
        self.world = world
        self.callers: list[list[Any]] = []
        self.brief_depth = 0  # of `armed` and `closed` in a brief call
        self.limit = _faasify_told()
        self.barrier = loaded.barrier()
        world.abort = self.abort
        self.below = streams.FdCapture()
        streams.install_input()

    def guarded(self, call: dict[str, Any], do: Callable[[], tuple[bool, Any]] | None = None) -> tuple[bool, Any]:
        """(True, value) or (False, exception) of the call itself, or of what `do` does; it has changed nothing but what can be told."""
        initial["limit"] = call["limit"]
        settings = guard.snapshot_settings(initial["settings"])
        modules = library_state.Modules("sys:modules" in self.world.mentioned)
        outcome = self.armed(frozenset([*call["allow"], "os.getcwd"]), call["depth"], stack.depth() + 1, do)
        self.judge(settings, modules)
        self.judge_exception(*outcome)
        return outcome

    def armed(self, allow: frozenset[str], left: int, depth: int, do: Callable[[], tuple[bool, Any]] | None = None) -> tuple[bool, Any]:
        """The call, with the guard armed meanwhile. `left`: frames that the function may take; `depth`: our own."""
        self.barrier.abort = self.abort
        guard.arm(self.abort, allow=allow, program_files=self.world.program_files, announce=self.announce)
        before = _faasify_told()
        deepest = max(depth + FRAMES_TO_FUNCTION + callstack.levels(self.callers) + left, 50)
        stack.set_limit(deepest)
        _faasify_limit(deepest)
        try:
            return (do or self.invoke)()
        finally:
            _faasify_limit(before)
            guard.disarm()
            self.barrier.abort = None

    def closed(self, base: Base, left: int) -> tuple[bool, Any]:
        """As `armed`, for code that is closed: it imports nothing, so nothing has to be covered first."""
        guard.arm_again(base.armed)
        deepest = max(self.brief_depth + FRAMES_TO_CLOSED + left, 50)
        stack.set_limit(deepest)
        _faasify_limit(deepest)
        try:
            return True, base.fn(*self.pos, **self.kw)
        except BaseException as e:
            return False, e
        finally:
            _faasify_limit(self.limit)
            guard.disarm()

    def judge(self, settings: guard.Settings, modules: library_state.Modules) -> None:
        """End the call if it changed what nobody carries."""
        self.judge_unsent()
        changed = [
            *guard.changed_settings(settings),
            *initial["library"].changed(),
            *modules.changed(),
            *streams.given_attributes(self.world.captures),
        ]
        if changed:
            self.abort("settings", ", ".join(changed))
        if self.below.dirty():
            self.abort("descriptors", "something wrote to a standard descriptor below Python")

    def judge_unsent(self) -> None:
        """End the call if it has used hidden state that was not sent: a global generator, which the caller sends next time, or what the
        library has warned of."""
        if warned := initial["elsewhere"].added():
            self.abort("warnings", f"a warning for a line of {warned}, which may have been shown before")
        if drawn := generators.drawn_unsent(self.state):
            self.abort(generators.DRAWN, " ".join(drawn))

    def judge_exception(self, ok: bool, value: Any) -> None:
        if not ok and isinstance(value, RecursionError):
            self.abort("recursion", "the recursion limit was reached: where exactly depends on the caller's stack")
        if not ok and isinstance(value, MemoryError):
            self.abort("memory", NO_MEMORY)

    def judge_ends(self) -> None:
        """End the call if a generator or coroutine of it waits for the collector, or for an exception to be done with: what it does when it
        is let go of is to be done then, in the caller."""
        if self.base.ends_late:
            for obj in gc.get_objects():
                code = _code_of(obj) if type(obj) in _PAUSING else None
                if code is not None and ends_late(code) and self.world.codes.key_of(code) is not None:
                    self.abort("generator", f"{code.co_qualname} is suspended when the call returns")

    def invoke(self) -> tuple[bool, Any]:
        fn, pos, kw = callstack.through(self.callers, self.space, (self.fn, self.pos, self.kw))
        try:
            if self.handled is None:
                return True, fn(*pos, **kw)
            try:
                raise self.handled
            except BaseException:
                return True, fn(*pos, **kw)
        except BaseException as e:
            return False, e

    def space(self, module: str) -> dict[str, Any]:
        """The globals of a caller's frame; of a library's, nothing but the name."""
        found = self.world.modules.get(module)
        return vars(found) if found is not None else {"__name__": module, "__builtins__": builtins.__dict__}


_PAUSING: dict[type, tuple[str, str]] = {GeneratorType: ("gi_frame", "gi_code"), CoroutineType: ("cr_frame", "cr_code")}
_PAUSING[AsyncGeneratorType] = ("ag_frame", "ag_code")


def _code_of(obj: Any) -> CodeType | None:
    """Of a generator or the like that has not ended."""
    frame, code = _PAUSING[type(obj)]
    return getattr(obj, code) if getattr(obj, frame) is not None else None
