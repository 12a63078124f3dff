"""What a coroutine in a unit waits for: sleeping is told to the caller, whose event loop does it; all else ends the call.

    pauses = Pauses(abort)
    pauses.step(coroutine.send, None)       -> (0.5, "result"), for `await asyncio.sleep(0.5, "result")`; (0, None) for sleep(0)

`asyncio.sleep` asks the running loop for a future and to call it later; here that is an object that remembers how much later.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from time import monotonic
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from faasify.runtime.unit.guard import Abort
    from faasify.runtime.unit.wrappers import Check


_ASKS = ("get_running_loop", "get_event_loop", "current_task", "all_tasks")


def cover(check: Check) -> None:
    """Once `asyncio` is imported: what asks for the caller's loop or task. `asyncio.sleep` looks for the loop elsewhere."""
    for name in ("asyncio", "asyncio.tasks"):
        module = sys.modules.get(name)
        for ask in _ASKS:
            original = getattr(module, ask, None)
            if original is not None and not hasattr(original, "faasify"):
                setattr(module, ask, _asking(original, check))


def _asking(original: Callable[..., Any], check: Check) -> Callable[..., Any]:
    def ask(*args: Any, **kwargs: Any) -> Any:
        here = _getframe()
        caller = here.f_back
        if caller is None or caller.f_globals.get("__name__") != "logging":  # a record is told its task by logging_state
            check("eventloop", f"asyncio.{original.__name__}", (), here)
        return original(*args, **kwargs)

    ask.__name__ = ask.__qualname__ = original.__name__
    ask.faasify = True  # type: ignore[attr-defined]
    return ask


_getframe = sys._getframe


class Pauses:
    def __init__(self, abort: Abort) -> None:
        self._abort = abort
        self._loop = _Loop(abort)

    def step(self, do: Callable[[Any], Any], what: Any) -> tuple[float, Any]:
        """Run a coroutine to its next pause; raises what it raises, StopIteration too."""
        events: Any = sys.modules.get("asyncio.events")
        if events is None:
            waits_for = do(what)
        else:
            events._set_running_loop(self._loop)
            try:
                waits_for = do(what)
            finally:
                events._set_running_loop(None)
        if waits_for is None:  # sleep(0)
            return 0.0, None
        if not isinstance(waits_for, _Future) or waits_for.delay is None:
            self._abort("eventloop", f"it awaits a {type(waits_for).__name__}")
        return waits_for.delay, waits_for.result


class _Future:
    """Awaited, it stops the coroutine."""

    def __init__(self) -> None:
        self.delay: float | None = None
        self.result: Any = None

    def __await__(self) -> Generator[_Future, None, Any]:
        yield self
        return self.result

    def cancel(self, msg: Any = None) -> bool:
        return True


class _Loop:
    """All that `asyncio.sleep` asks of an event loop."""

    def __init__(self, abort: Abort) -> None:
        self._abort = abort

    def create_future(self) -> _Future:
        return _Future()

    def call_later(self, delay: float, callback: Any, future: Any, result: Any) -> _Handle:
        if not isinstance(future, _Future):
            self._abort("eventloop", "call_later")
        future.delay, future.result = delay, result
        return _Handle()

    def time(self) -> float:
        return monotonic()

    def __getattr__(self, name: str) -> Any:
        self._abort("eventloop", name)


class _Handle:
    def cancel(self) -> None:
        """Nothing is waiting."""
