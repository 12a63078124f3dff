"""A unit as it is loaded for events: its code, its start-up state (not run yet), and what its values may name.

load("units/app.fib").name      "app.fib"
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

from faasify.runtime.unit import loaded, startup, worker
from faasify.runtime.unit.loaded import UnitWorld


class EventWorld(UnitWorld):
    """Classes that start-up made, and members of its enums, are named in a graph; in a call from the program they are state."""

    binary = False

    def __init__(self, manifest: dict[str, Any]) -> None:
        super().__init__(manifest)
        self._names: dict[int, str] = {}
        self._made: dict[str, Any] = {}

    def define(self) -> None:
        """Name what is in the modules now."""
        for name, module in self.modules.items():
            for obj in list(vars(module).values()):
                if isinstance(obj, type) and obj.__module__ == name:
                    self._define(name, obj.__qualname__, obj)

    def _define(self, module: str, qualname: str, obj: Any) -> None:
        ref = f"{module}:{qualname}"
        if ref not in self._made:
            self._names[id(obj)], self._made[ref] = ref, obj
            inner = {k: v for k, v in vars(obj).items() if isinstance(v, type) and v.__module__ == module} if isinstance(obj, type) else {}
            members: Mapping[str, Any] = getattr(obj, "__members__", {}) if type(obj).__module__ == "enum" and isinstance(obj, type) else {}
            for name, part in {**inner, **members}.items():
                self._define(module, f"{qualname}.{name}", part)

    def library_ref(self, obj: Any) -> str | None:
        return self._names.get(id(obj)) or super().library_ref(obj)

    def member_ref(self, obj: Any) -> str | None:
        return self._names.get(id(obj))

    def resolve(self, ref: str) -> Any:
        return self._made[ref] if type(ref) is str and ref in self._made else super().resolve(ref)


@dataclass(frozen=True)
class Unit:
    """A unit that is loaded and has run nothing."""

    name: str
    module: str
    code: CodeType
    world: EventWorld
    starts: tuple[startup.Start, ...]

    def left_out(self) -> list[str]:
        """Decorators of the program that the event goes without. The unit's own is no part of it, unless it calls itself by name."""
        own = None if self.code.co_name in self.code.co_names else self.name
        return [f"{name} runs without @{decorator}" for start in self.starts for name, decorator in start.left_out if name != own]


def load(folder: str) -> Unit:
    """Read unit.json, import what the unit imports, compile its slices. The guard is to be installed before."""
    facts = facts_of(folder)
    world = EventWorld({"library": [], **facts})
    loaded.fill(world, facts, folder, {})
    starts = []
    for report_name, module in facts["modules"].items():
        with open(os.path.join(folder, module["slice"]), "rb") as f:
            shown_as = os.path.join(facts["program"]["root"], module["file"])
            starts.append(startup.start_of(world, report_name, module, f.read(), shown_as))
    worker.settle(world)
    name = facts["modules"][facts["module"]]["import_name"]
    return Unit(facts["name"], name, startup.code_of(world, name, facts["qualname"], facts["line"]), world, tuple(starts))


def facts_of(folder: str) -> dict[str, Any]:
    with open(os.path.join(folder, "unit.json"), encoding="utf-8") as f:
        facts: dict[str, Any] = json.load(f)
    return facts
