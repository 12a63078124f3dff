"""Generators and coroutines that run elsewhere, step by step: what the trampoline iterates over or awaits in place of their own.

`begin(call)` gives that. When the session with the unit (session.py) ends before the body does, the function's own body does the same steps
here, unseen, and goes on: the unit has only computed.
"""

from __future__ import annotations

import opcode
import sys
from collections.abc import Callable, Generator
from typing import Any

from faasify.runtime.caller.faults import TargetFailed
from faasify.runtime.caller.session import Over, Session, working
from faasify.runtime.caller.snapshot import Snapshot
from faasify.runtime.unit.codec import Untravellable

MUCH = 20_000  # objects that a unit may read: they are looked at for each value
LEFT = 2  # workers that sessions leave for other calls
ATTEMPTS = 3  # sessions in a row that lost their worker, after which there are no more
_SEND = opcode.opmap["SEND"]
_TRY = 1 if sys.version_info >= (3, 12) else 0  # entries in the exception table of a generator without `try`


def begin(call: Any) -> Any:
    """What to iterate over or to await instead of the function's own generator or coroutine; raises Untravellable."""
    runtime = call.runtime
    concurrent = runtime.concurrent()  # before anything is looked at: a thread may end meanwhile
    with runtime.lock:
        snapshot: Snapshot = call.snapshot()
    if len(snapshot.enc.objs) > MUCH:
        raise Untravellable("a generator over more objects than can be looked at for each value")
    session = Session(call, snapshot)
    if concurrent:
        before = snapshot.kept()
        with runtime.lock:
            if call.snapshot().kept() != before:
                raise Untravellable("other threads change what it reads while that is written down")
    _make_room(runtime, coroutine=session.coroutine)
    return resumed(session)


def resumed(session: Session) -> Any:
    """As `begin`, for a session that may have begun."""
    return (_Awaited if session.coroutine else _iterated)(session, _own(session.call))


def has_room(runtime: Any, reserved: int) -> bool:
    """Whether one more coroutine can have a worker, and so many others still."""
    return bool(len(working) + reserved < runtime.pool.limit - LEFT)


def _own(call: Any) -> Callable[[], Any]:
    """The function's own generator or coroutine."""
    original = call.binding.original(call.fn)
    return lambda: original(*call.pos, **dict(call.kw))


def _make_room(runtime: Any, *, coroutine: bool) -> None:
    """Leave some workers to other calls: coroutines that have one come to their end first; generators may take for ever."""
    most = max(1, runtime.pool.limit - LEFT)
    for session in [s for s in working if s.coroutine]:
        if len(working) < most:
            return
        session.drain()
    if len(working) >= most:
        raise Untravellable(f"{most} generators are at work already")


def _iterated(session: Session, own: Callable[[], Any]) -> Generator[Any, Any, Any]:
    sent: Any = None
    thrown: BaseException | None = None
    try:
        session.begin()
        while True:
            more, value = session.advance(sent, thrown)
            if not more:
                return value
            sent = thrown = None
            try:
                sent = yield value
            except GeneratorExit as e:
                if not _handles(session.call.binding.code):
                    session.count(0.0, changed=False)
                    raise
                thrown = e
            except BaseException as e:
                thrown = e
    except Over as e:
        why = e
        session.close(str(e))
    finally:
        session.close()
    body = _caught_up(session, own, why)
    for _ in range(session.steps):
        next(body)
    return (yield from _from_here(body, sent, thrown))


def _awaited(session: Session, own: Callable[[], Any]) -> Generator[Any, Any, Any]:
    slept: list[tuple[float, Any]] = []  # how long, and what that gave
    thrown: BaseException | None = None
    try:
        if not session.begun:
            session.begin()
        while True:
            more, value = session.advance(None, thrown)
            if not more:
                return value
            slept.append(value)
            thrown = None
            try:
                yield from sys.modules["asyncio"].sleep(value[0]).__await__()
            except GeneratorExit as e:
                if not _handles(session.call.binding.code):
                    raise
                thrown = e
            except BaseException as e:
                thrown = e
    except Over as e:
        why = e
        session.close(str(e))
    finally:
        session.close()
    body = _caught_up(session, own, why)
    for _, result in slept:
        future = body.send(None)
        if future is not None:  # asyncio.sleep's, which has waited over there
            future._asyncio_future_blocking = False
            future.set_result(result)
    return (yield from _from_here(body, None, thrown))


def _from_here(body: Any, sent: Any, thrown: BaseException | None) -> Generator[Any, Any, Any]:
    """`yield from body`, which begins by sending or throwing something into it."""
    try:
        value = body.throw(thrown) if thrown is not None else body.send(sent)
        while True:
            try:
                sent = yield value
            except GeneratorExit:
                body.close()
                raise
            except BaseException as e:
                value = body.throw(e)
            else:
                value = body.send(sent)
    except StopIteration as e:
        return e.value


def _caught_up(session: Session, own: Callable[[], Any], why: Over) -> Any:
    """The function's own generator or coroutine, to be run to where the unit was: nobody sees that, it has only computed."""
    unit = session.unit
    unit.stats.fallback(why.reason, str(why))
    if why.fault:
        unit.runtime.strictly(f"{unit.name} {why.fault}")
    unit.stats.here += 1
    if why.reason == "limit":
        unit.was_over(str(why))
    elif not why.passing and (why.reason != "target" or unit.lost + 1 >= ATTEMPTS):
        unit.stay(str(why))
    unit.could_not_go()
    if session.changed or (session.steps and not session.valid()):
        raise TargetFailed(f"{unit.name} stopped between two of its values, and cannot go on here: {why}")
    return own()


def _handles(code: Any) -> bool:
    """Whether the body may do something when it is closed: the exception table has an entry for each `try` and `with`, and what it
    iterates over by `yield from`, or awaits, is closed with it."""
    return sum(byte >> 7 for byte in code.co_exceptiontable) > _TRY or _SEND in code.co_code[::2]


class _Awaited:
    """Awaited, it waits for a session."""

    def __init__(self, session: Session, own: Callable[[], Any]) -> None:
        self._session, self._own = session, own

    def __await__(self) -> Generator[Any, Any, Any]:
        return _awaited(self._session, self._own)
