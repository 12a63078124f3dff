"""The places where units can run: one file each, found by looking at this folder.

    faasify/targets/local.py:  TARGET = Target(name="local", ...)      ->  find("local").name == "local"

A target's file holds one `TARGET` and imports what it needs inside its functions, so that naming the targets stays cheap.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faasify.errors import UsageError


@dataclass(frozen=True)
class Target:
    """What the commands need to know of a target."""

    name: str
    summary: str
    costs: str  # what a call costs, in words
    problem: Callable[[], str]  # why it cannot be used on this machine now; "" when it can
    invoke: Callable[[Path, str, Mapping[str, Any]], dict[str, Any]]  # (build, unit, plain event) -> result


def targets() -> Iterator[Target]:
    """Every target that faasify has, by name."""
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        target = importlib.import_module(f"{__name__}.{module.name}").TARGET
        assert isinstance(target, Target)
        yield target


def find(name: str) -> Target:
    """The target of that name; `UsageError` names the choices."""
    known = {target.name: target for target in targets()}
    if name not in known:
        raise UsageError(f"there is no target {name!r}", hint=f"choose from {', '.join(known)}")
    return known[name]
