"""What is typed after `faasify invoke PROGRAM`: a unit's name and a plain JSON event, checked before anything is started."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from faasify.errors import UsageError


def parse_event(text: str) -> dict[str, Any]:
    """`{"x": 12}`: the parameters by name."""
    try:
        event = json.loads(text)
    except RecursionError:
        raise UsageError("the event is nested too deep", hint="a tree of plain JSON may be 200 deep") from None
    except ValueError as error:
        raise UsageError(f"the event is no JSON: {error}", hint="""like '{"x": 12}'""") from error
    if not isinstance(event, dict):
        raise UsageError(f"the event is no JSON object but {json.dumps(event)[:40]}", hint="""name the parameters: '{"x": 12}'""")
    if state := [name for name in event if name.startswith("$")]:
        raise UsageError(f"{state[0]} is no parameter", hint="a plain event has the parameters by name and nothing else")
    return event


def find_unit(build: Path, typed: str, event: Mapping[str, Any]) -> str:
    """The full name of the unit that was typed (`fib` means `app.fib`), which takes the event's parameters."""
    manifest = json.loads((build / ".faasify" / "manifest.json").read_text(encoding="utf-8"))
    name = full_name(typed, manifest["units"])
    known = [parameter.lstrip("*") for parameter in manifest["units"][name]["parameters"]]
    if unknown := [parameter for parameter in event if parameter not in known]:
        choices = f"its parameters are {', '.join(known)}" if known else "it has no parameters"
        raise UsageError(f"{name} has no parameter {unknown[0]!r}", hint=choices)
    return name


def full_name(typed: str, units: Mapping[str, Any]) -> str:
    if typed in units:
        return typed
    ends = [name for name in units if name.endswith(f".{typed}")]
    if len(ends) == 1:
        return ends[0]
    if ends:
        raise UsageError(f"{typed!r} is the name of {len(ends)} units", hint=f"choose from {', '.join(sorted(ends))}")
    close = get_close_matches(typed, units, n=3) or sorted(units)[:8]
    hint = f"choose from {', '.join(close)}" if close else "no function of this program can move: see faasify analyze"
    raise UsageError(f"there is no unit {typed!r}", hint=hint)
