"""The embedded runtime of this machine: worker processes, forked from one that holds the program's definitions.

It needs nothing but Linux and Python, and it defines what the other targets are held to.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from faasify.targets import Target


def problem() -> str:
    return "" if sys.platform.startswith("linux") else f"Linux is the platform, this is {sys.platform}"


def invoke(build: Path, unit: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Run one unit on a plain event, in a process of its own."""
    from faasify.localcloud import invoke as call

    result: dict[str, Any] = call(str(build), unit, dict(event))
    return result


TARGET = Target(
    name="local",
    summary="the embedded runtime of this machine: processes, nothing to install or to pay",
    costs="nothing",
    problem=problem,
    invoke=invoke,
)
