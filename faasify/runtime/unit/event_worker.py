"""The worker for events: JSON in, JSON out, under the guard. `handler` says what the two look like.

EventWorker(unit).answer(b'{"x": 12}')    {"ret": 9, "stdout": "hello\\n"}
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from types import CoroutineType
from typing import Any, NoReturn

from faasify.runtime.unit import binding, frames, startup, wire
from faasify.runtime.unit.binding import EventError
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable
from faasify.runtime.unit.event_unit import Unit
from faasify.runtime.unit.pauses import Pauses
from faasify.runtime.unit.placing import reset_modules
from faasify.runtime.unit.plain import PlainError, to_plain
from faasify.runtime.unit.standard_streams import NOBODYS
from faasify.runtime.unit.worker import PROTOCOL, Worker

CALL = "$call"
_ROOM = 900  # frames for the unit
_NO_START = (
    "a plain event finds the program's definitions, imports and constants; what its start-up computes comes with calls from the program"
)
_TAGGED = (
    "the event has a {kind} there: what plain JSON lacks is tagged, the way a result tells it; "
    'an instance is {{"$graph": ...}}, a date {{"$datetime.date": [2024, 2, 29]}}, a set {{"$set": [1]}}'
)
_faasify_exit = os._exit  # kept when the guard covers it


class EventWorker(Worker):
    """Runs one event after the other, plain ones and those of stubs."""

    def __init__(self, unit: Unit) -> None:
        super().__init__(unit.world)
        self.unit = unit
        self.event: Mapping[str, Any] | None = None  # None while a stub's call runs
        self.arguments: tuple[Any, ...] = ()

    def serve(self, sock: Any) -> NoReturn:
        """Answer events, JSON in CALL frames, until the other side closes the channel (frames.ConnectionClosed)."""
        self.connect(sock)
        while True:
            kind, payload = frames.recv(sock)
            if kind == frames.CALL:
                frames.send(sock, frames.RESULT, as_bytes(self.answer(payload)))

    def answer(self, payload: bytes) -> dict[str, Any]:
        try:
            event = parse(payload)
            return self.called(event[CALL]) if CALL in event else self.plain(event)
        except EventError as error:
            return {"error": error.told(), "stdout": ""}

    def called(self, message: Any) -> dict[str, Any]:
        """The worker's own protocol, as JSON."""
        self.event = None
        try:
            call = wire.from_json(message)
            version = call["v"]
            if version == PROTOCOL:
                return {"$result": wire.to_json({"v": PROTOCOL, **self.run(call)})}
        except (wire.WireError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise EventError(f"the {CALL} is damaged: {type(error).__name__}: {error}") from None
        raise EventError(f"the {CALL} is of version {version!r} of the protocol, {self.unit.name} speaks {PROTOCOL}")

    def plain(self, event: Mapping[str, Any]) -> dict[str, Any]:
        if odd := [name for name in event if name.startswith("$")]:
            raise EventError(f"{odd[0]} is no parameter: a plain event has the parameters by name, and nothing else")
        self.event = event
        self.streams.open(NOBODYS, False)
        reset_modules(self.world, list(self.world.modules), {}, (), self.abort)
        for name, code, _ in self.world.pending:
            vars(self.world.modules[name])["__file__"] = code.co_filename
        ok, told = self.guarded({"allow": (), "depth": _ROOM, "limit": sys.getrecursionlimit()})
        notes = self.unit.left_out() if ok else []
        return {"ret" if ok else "error": told, **self.written(), **({"notes": notes} if notes else {})}

    def invoke(self) -> tuple[bool, Any]:
        """Under the guard. What a program's `__hash__` or `__str__` does while values come and go is the event's doing as well."""
        if self.event is None:
            return super().invoke()
        try:
            startup.run(self.world, self.unit.starts)
            self.unit.world.define()
            fn, pos, kw = binding.bind(self.unit.name, self.entry(), self.event, self.read_graph)
            self.arguments = (*pos, *kw.values())
            value = fn(*pos, **kw)
            if type(value) is CoroutineType:
                value = self.awaited(value)
        except EventError as error:
            return False, error.told()
        except BaseException as error:
            return False, self.told(error)
        try:
            return True, to_plain(value, self.graph)
        except Untravellable as error:
            return False, {"type": "ResultError", "message": f"the result of {self.unit.name} cannot be told in JSON: {error.why}"}

    def awaited(self, coroutine: Any) -> Any:
        """The result of an async function. It sleeps here; for anything else that it waits for, there is no event loop."""
        pauses = Pauses(self.abort)
        while True:
            try:
                seconds, _ = pauses.step(coroutine.send, None)
            except StopIteration as end:
                return end.value
            time.sleep(seconds)

    def judge_unsent(self) -> None:
        """Hidden state of a plain event is the process's own, and ends with it."""
        if self.event is None:
            super().judge_unsent()

    def entry(self) -> startup.Entry:
        entry = startup.entry_of(self.world, self.unit.module, self.unit.code)
        if entry is None:
            needed = ", ".join(self.unit.code.co_freevars)
            raise EventError(f"{self.unit.name} needs {needed} of what is around it: only calls from the program can bring that")
        return entry

    def graph(self, value: Any) -> Any:
        enc = Encoder(self.world)
        return wire.to_json({"v": PROTOCOL, "root": enc.root(value), "nodes": enc.finish()})

    def read_graph(self, content: Any) -> Any:
        try:
            tree = wire.from_json(content)
            if tree["v"] != PROTOCOL:
                raise PlainError(f"the $graph is of version {tree['v']!r}, not {PROTOCOL}")
            dec = Decoder(self.world, tree["nodes"])
            dec.run()
            return dec.value(tree["root"])
        except (wire.WireError, CodecError, Untravellable, LookupError, TypeError, RecursionError) as error:
            raise PlainError(f"the $graph is damaged: {error}") from None

    def told(self, error: BaseException, depth: int = 0) -> dict[str, Any]:
        """An exception as data, with those that it was raised from."""
        kind = type(error)
        name = kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
        told: dict[str, Any] = {"type": _text(name), "message": _text(_message(error)), "traceback": self.traceback(error)}
        if hint := self.hint(error):
            told["hint"] = hint
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is not None and depth < 10:
            told["cause"] = self.told(cause, depth + 1)
        return told

    def hint(self, error: BaseException) -> str | None:
        """What is to be known of events to understand the error."""
        if isinstance(error, NameError) and not isinstance(error, UnboundLocalError):
            return _NO_START
        if isinstance(error, AttributeError):
            obj = AttributeError.obj.__get__(error)  # type: ignore[attr-defined]
            if type(obj) in (dict, list, str) and _within(self.arguments, obj):
                return _TAGGED.format(kind=type(obj).__name__)
        return None

    def traceback(self, error: BaseException) -> list[dict[str, Any]]:
        """The user's frames, innermost last."""
        shown = self.world.frames(error) or []
        return [{"file": _text(file), "line": line, "function": _text(function)} for _, file, function, line, *_ in shown[-100:]]

    def written(self) -> dict[str, str]:
        """{"stdout": ..., "stderr": ...}, the second only if there is any."""
        texts = {1: "", 2: ""}
        for fd, data in self.streams.output():
            texts[fd] += data.decode("utf-8", "backslashreplace") if isinstance(data, bytes) else _text(data or "")
        return {"stdout": texts[1], **({"stderr": texts[2]} if texts[2] else {})}

    def abort(self, kind: str, what: str, name: tuple[str, str] | None = None) -> NoReturn:
        """The answer says why, and this process ends: nothing of the event can go on."""
        try:
            frames.send(self.sock, frames.RESULT, as_bytes(self.aborted(kind, _text(what[:500]))))
        finally:
            _faasify_exit(0)

    def aborted(self, kind: str, what: str) -> dict[str, Any]:
        if self.event is None:
            return {"$result": {"v": PROTOCOL, "abort": {"kind": kind, "what": what}}}
        message = f"{self.unit.name} was ended before an effect that no unit may have ({kind}): {what}"
        return {"error": {"type": "EffectError", "message": message, "effect": kind}, **self.written()}

    def announce(self) -> None:
        """Nobody listens: who sends an event decides whether to send it again."""

    def need(self, what: str, size: int) -> str:
        self.abort("stdin", "an event has no standard input to read")


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException as other:
        return f"<no message: its __str__ raised {type(other).__name__}>"


def _within(values: Iterable[Any], obj: Any) -> bool:
    """Whether `obj` itself is one of the values, or in lists and dicts of theirs."""
    waiting, met = list(values), set()
    while waiting:
        value = waiting.pop()
        if value is obj:
            return True
        if type(value) in (list, dict) and id(value) not in met:
            met.add(id(value))
            waiting.extend(value if type(value) is list else value.values())
    return False


def _text(text: str) -> str:
    """Without lone surrogates, which no UTF-8 can hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def as_bytes(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, allow_nan=False).encode()


def parse(payload: bytes | str) -> dict[str, Any]:
    """The event; EventError for what is no JSON object."""
    try:
        event = json.loads(payload)
    except RecursionError:
        raise EventError("the event is nested too deep") from None
    except ValueError as error:
        raise EventError(f"the event is no JSON: {error}") from None
    if not isinstance(event, dict):
        raise EventError(f'the event is no JSON object, but {json.dumps(event)[:40]}: it names the parameters, {{"x": 12}}')
    return event
