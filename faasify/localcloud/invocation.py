"""One event to one unit, by hand: a zygote of its own for the unit, one worker, and away with both.

    invoke("build", "app.fib", {"n": 10})   ->  {"ret": 55, "stdout": ""}
    invoke("build", "fib", {"m": 10})       UsageError: app.fib has no parameter 'm'; its parameters are n

What the unit raises is data (`{"error": ...}`); what is wrong with the event or the unit's name is a UsageError, a process that is lost
a TargetError.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from faasify.errors import TargetError, UsageError
from faasify.localcloud.limits import Limits, OverLimit
from faasify.localcloud.pool import Channel, Pool, WorkerDied, ZygoteFailed
from faasify.runtime.unit import environment, frames, wire

TIMEOUT_S = 300.0  # where the unit's settings have none
_WORKER = "faasify.runtime.unit.handler"


def invoke(build_dir: str, unit: str, event: Mapping[str, Any], *, timeout: float | None = None) -> dict[str, Any]:
    """The unit's answer; `timeout` in seconds overrules the unit's own."""
    bundle = os.path.join(build_dir, ".faasify")
    manifest = _manifest(bundle)
    name = full_name(unit, manifest["units"])
    facts = manifest["units"][name]
    folder = os.path.join(bundle, facts["folder"])
    if not os.path.isdir(folder):
        raise UsageError(f"{build_dir} holds no folder for {name}", hint="make one that does: faasify transform PROGRAM -o build")
    limits = Limits(facts["memory_mb"], timeout or facts["timeout_s"] or TIMEOUT_S)
    answer = _exchange(folder, name, manifest["program"]["root"], _payload(event), limits)
    error = answer.get("error", {})
    if error.get("type") == "EventError" and "parameters" in error:
        raise UsageError(error["message"])
    return answer


def full_name(typed: str, units: Mapping[str, Any]) -> str:
    """`app.fib` for `app.fib` or `fib`; UsageError names the nearest."""
    if typed in units:
        return typed
    ends = sorted(name for name in units if name.endswith(f".{typed}"))
    if len(ends) == 1:
        return ends[0]
    if ends:
        raise UsageError(f"{typed!r} is the name of {len(ends)} units", hint=f"choose from {', '.join(ends)}")
    short = {name.rpartition(".")[2]: name for name in units}
    close = [short.get(name, name) for name in get_close_matches(typed, [*units, *short], n=3)] or sorted(units)[:8]
    hint = f"choose from {', '.join(dict.fromkeys(close))}" if close else "no function of this program can move: see faasify analyze"
    raise UsageError(f"there is no unit {typed!r}", hint=hint)


def _manifest(bundle: str) -> dict[str, Any]:
    try:
        with open(os.path.join(bundle, "manifest.json"), encoding="utf-8") as f:
            manifest: dict[str, Any] = json.load(f)
    except FileNotFoundError:
        raise UsageError(
            f"{os.path.dirname(bundle)} is no build of faasify's", hint="make one: faasify transform PROGRAM -o build"
        ) from None
    return manifest


def _payload(event: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(event).encode()
    except RecursionError:
        raise UsageError("the event is nested too deep") from None
    except (TypeError, ValueError) as error:
        raise UsageError(f"the event is no JSON: {error}") from error


def _exchange(folder: str, name: str, root: str, payload: bytes, limits: Limits) -> dict[str, Any]:
    here = os.path.realpath(root)
    path = [entry for entry in sys.path if entry and os.path.realpath(entry) != here]  # a unit has its program from slices only
    pool = Pool(folder, sys.executable, options={"root": root, "path": path}, limit=1, worker=_WORKER)
    try:
        channel = pool.acquire()
        return _asked(pool, channel, name, payload, limits)
    except ZygoteFailed as error:
        raise TargetError(f"{name} cannot be started: {error}") from error
    finally:
        pool.close()


def _asked(pool: Pool, channel: Channel, name: str, payload: bytes, limits: Limits) -> dict[str, Any]:
    watch = limits.watch()
    assert watch is not None  # there is a timeout always
    try:
        channel.within(watch.left())
        channel.send(frames.CALL, payload)
        kind, data = watch.recv(channel)
        while kind == frames.NEED:  # a variable: there is no stdin
            value = environment.answer(wire.loads(data)["name"])
            channel.send(frames.LINE, wire.dumps({"environ": value}))
            kind, data = watch.recv(channel)
        answer: dict[str, Any] = json.loads(data)
        return answer
    except OverLimit as error:
        raise TargetError(f"{name} was ended: {error}", hint="give it more: # faasify: memory=MB timeout=SECONDS") from error
    except WorkerDied as error:
        raise TargetError(f"the process that ran {name} died: {pool.lost(channel).told()}") from error
