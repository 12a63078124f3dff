"""Coroutines that wait for their first turn begin side by side: `await asyncio.gather(*map(f, xs))` computes on several workers.

    begin_others(call, 1)   a coroutine of a unit is at its first step: those behind it in the event loop's queue are sent to workers, too
    session = taken(frame)  the one that began for the coroutine with this frame, if all that it may have read is as it was

What began early has no effect (stepwise.py): its result is committed at the step at which the coroutine would have done its work.
"""

from __future__ import annotations

import sys
import weakref
from collections import deque
from collections.abc import Iterator
from itertools import islice
from types import CoroutineType, FrameType
from typing import Any

from faasify.runtime.caller import closed
from faasify.runtime.caller.session import CHANGED, Over, Session
from faasify.runtime.caller.stepwise import MUCH, has_room
from faasify.runtime.caller.transaction import Call
from faasify.runtime.unit.codec import Untravellable
from faasify.runtime.unit.codes import StandsFor

FAR = 64  # handles of the event loop that are looked through
# What a coroutine may use of asyncio and begin at any time all the same.
_ASYNCIO = frozenset({"asyncio", "sleep", "gather"})
_early: list[tuple[weakref.ref[Any], Session]] = []


def begin_others(call: Call, reserved: int) -> None:
    """Raises nothing: what cannot begin early is met at its own step. `reserved`: workers that are needed at once."""
    for coroutine in _waiting() if call.unit.begins_early else ():
        if not has_room(call.runtime, reserved):
            return
        try:
            session = _session(coroutine, call.depth)
        except (Untravellable, Over):
            continue
        if session is not None:
            _early.append((weakref.ref(coroutine, _gone), session))


def taken(frame: FrameType, depth: int) -> Session | None:
    for entry in list(_early):
        coroutine, session = entry[0](), entry[1]
        if coroutine is not None and coroutine.cr_frame is frame:
            _early.remove(entry)
            if session.call.depth == depth and _holds(session):
                return session
            session.close(CHANGED)
            session.unit.begins_early = False
    return None


def _holds(session: Session) -> bool:
    try:
        return session.valid()
    except Over:
        return False


def _gone(reference: weakref.ref[Any]) -> None:
    """A coroutine that never ran."""
    for entry in list(_early):
        if entry[0] is reference:
            _early.remove(entry)
            entry[1].close("nobody has awaited it")


def _waiting() -> Iterator[Any]:
    """Coroutines of tasks that have not begun, in their order. Nothing of the program is asked: only asyncio's own loop and tasks."""
    asyncio: Any = sys.modules.get("asyncio")
    if asyncio is None:  # the program drives its coroutines itself
        return
    loop = asyncio._get_running_loop()
    ready = getattr(loop, "_ready", None) if type(loop).__module__.startswith("asyncio.") else None
    if type(ready) is not deque:
        return
    for handle in list(islice(ready, FAR)):
        task: Any = getattr(handle._callback, "__self__", None) if not handle._cancelled else None
        coroutine: Any = task.get_coro() if type(task) is asyncio.Task else None
        if type(coroutine) is CoroutineType and coroutine.cr_frame is not None and not coroutine.cr_running and not coroutine.cr_suspended:
            yield coroutine


def _session(coroutine: Any, depth: int) -> Session | None:
    binding: Any = next((const for const in coroutine.cr_code.co_consts if isinstance(const, StandsFor)), None)
    fn = binding.fn() if binding is not None else None
    if fn is None or binding.unit.here is not None or not binding.unit.begins_early or any(entry[0]() is coroutine for entry in _early):
        return None
    found = coroutine.cr_frame.f_locals
    values = tuple(found[name] for name in binding.signature.names)
    if type(found) is dict:
        found.clear()  # up to 3.12 it would keep the arguments alive as long as the frame
    pos, kw = binding.signature.bound(values)
    call = Call(binding, fn, pos, kw, depth)
    with call.runtime.lock:
        snapshot = call.snapshot()
    codes = [call.runtime.world.codes.plain_of(key) for key in snapshot.enc.codes]
    asks = snapshot.names & set(dir(sys.modules["asyncio"])) - _ASYNCIO
    if snapshot.call["handled"] is not None or asks or not closed.timeless(snapshot.libraries - {"asyncio"}, snapshot.names, codes):
        return None
    if len(snapshot.enc.objs) > MUCH or "asyncio" in snapshot.libraries and "time" in snapshot.names:
        return None
    session = Session(call, snapshot)
    session.begin()
    return session
