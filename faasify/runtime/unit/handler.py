"""A unit as a function of JSON: what a generated handler.py calls, on any target.

    handle(folder, {"x": 12})                  ->  {"ret": 9, "stdout": "hello\\n"}
    handle(folder, {"x": "?"})                 ->  {"error": {"type": "TypeError", "message": ..., "traceback": [...]}, "stdout": ""}
    handle(folder, {"y": 12})                  ->  {"error": {"type": "EventError", "message": ..., "parameters": ["x"]}, "stdout": ""}
    handle(folder, {"$call": {"v": 1, ...}})   ->  {"$result": {"v": 1, ...}}     a stub's message, see worker.py, in wire's JSON form

`stderr` stands beside `stdout` when there is any. Besides the program's own, an error's type is EventError (the event is not what the unit
takes), EffectError (the guard ended the call before an effect that no unit may have), ResultError (the result cannot be told in JSON)
and UnitDied; `notes` are beside a result that may differ from the program's.

Each event runs in a process of its own, forked from the one that has loaded the unit: what it changes is gone with it, and the guard can
end it. The folder is the bundle's: unit.json and the unit's slices.
"""

from __future__ import annotations

import _socket
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from faasify.runtime.unit import frames, guard
from faasify.runtime.unit.binding import EventError
from faasify.runtime.unit.event_unit import Unit, facts_of, load
from faasify.runtime.unit.event_worker import EventWorker

_faasify_exit = os._exit  # kept when the guard covers it


# As the worker module of a zygote (localcloud.invocation)

_served: list[Unit] = []


def preload(folder: str, options: dict[str, Any]) -> None:
    """Once in the zygote."""
    guard.install((options["root"],))
    _served.append(load(folder))


def ready(*, spare: bool) -> Callable[[Any], NoReturn]:
    return EventWorker(_served[0]).serve


# As a function

_units: dict[str, Unit] = {}


def handle(folder: str, event: Mapping[str, Any] | str | bytes) -> dict[str, Any]:
    """Run the unit in `folder` on an event, a dict or its JSON text. Raises only where the folder is no unit's."""
    if folder not in _units:
        if not _units:
            guard.install((facts_of(folder)["program"]["root"],))
        _units[folder] = load(folder)
    try:
        payload = event if isinstance(event, str | bytes) else json.dumps(event)
    except (TypeError, ValueError, RecursionError) as error:
        return {"error": EventError(f"the event is no JSON: {error}").told(), "stdout": ""}
    return _in_a_child(_units[folder], payload.encode() if isinstance(payload, str) else payload)


def _in_a_child(unit: Unit, payload: bytes) -> dict[str, Any]:
    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM, 0)
    pid = os.fork()
    if not pid:
        _child(unit, ours, theirs)
    theirs.close()
    try:
        frames.send(ours, frames.CALL, payload)
        answer: dict[str, Any] | None = json.loads(frames.recv(ours)[1])
    except frames.ConnectionClosed:
        answer = None
    finally:
        ours.close()
        _, status = os.waitpid(pid, 0)
    return answer or {"error": {"type": "UnitDied", "message": f"the process that ran {unit.name} {_end(status)}"}, "stdout": ""}


def _child(unit: Unit, ours: _socket.socket, theirs: _socket.socket) -> NoReturn:
    try:
        ours.close()
        EventWorker(unit).serve(theirs)
    except frames.ConnectionClosed:
        pass  # the answer was taken
    finally:
        _faasify_exit(70)


def _end(status: int) -> str:
    if os.WIFSIGNALED(status):
        import signal

        return f"was killed by signal {os.WTERMSIG(status)} ({signal.strsignal(os.WTERMSIG(status))})"
    return f"ended with exit code {os.waitstatus_to_exitcode(status)}"


def main(folder: str, words: list[str]) -> int:
    """`python handler.py '{"x": 12}'`: prints the result. Exit code 0; 1: an error; 2: the event is not what the unit takes."""
    if len(words) > 1 or (words and words[0] in ("-h", "--help")):
        print("usage: python handler.py '{\"parameter\": value, ...}'", file=sys.stderr)
        return 0 if len(words) == 1 else 2
    told = handle(folder, words[0] if words else "{}")
    print(json.dumps(told, ensure_ascii=False))
    if "error" not in told:
        return 0
    return 2 if told["error"]["type"] == "EventError" and "parameters" in told["error"] else 1
