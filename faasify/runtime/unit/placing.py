"""The program's modules in a unit, as a call finds them: what was sent and nothing else."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from faasify.runtime.unit.loaded import UnitWorld

Abort = Callable[..., Any]  # kind, what; of a global, its module and name as well


def reset_modules(world: UnitWorld, modules: list[str], poisons: Mapping[str, Any], asked: Iterable[Any], abort: Abort) -> None:
    """`modules` can be imported by name. A builtins dict with a trip-wire catches look-ups of what could not be sent (C1); `asked` are
    [module, names] of modules that are values, and of which the caller looked for these names and no others."""
    sent, looked_for = set(modules), {name: frozenset(names) for name, names in asked}
    for name, module in world.modules.items():
        space = vars(module)
        space.clear()
        space["__name__"] = name
        space["__package__"] = world.packages[name]
        space["__builtins__"] = builtins if name == "__main__" else builtins.__dict__
        poison = frozenset(poisons.get(name, ()))
        if poison:
            space["__builtins__"] = _TripWire(builtins.__dict__, poison, name, abort)
        if poison or name in looked_for:
            space["__getattr__"] = _attribute_wire(name, poison, looked_for.get(name), abort)
        if name in sent or name == "__main__":
            sys.modules[name] = module
        else:
            sys.modules.pop(name, None)


def reorder(space: dict[str, Any], order: list[str]) -> None:
    """Bring the names of a module into the caller's order; what the caller lacks goes."""
    values = dict(space)
    space.clear()
    space.update((name, values[name]) for name in order if name in values)


class _TripWire(dict):  # type: ignore[type-arg]
    """Builtins that end the call when a global is looked up that exists in the caller and could not travel."""

    def __init__(self, names: dict[str, Any], poison: frozenset[str], module: str, abort: Any) -> None:
        super().__init__({name: value for name, value in names.items() if name not in poison})  # the program's own may be named like one
        self._poison, self._module, self._abort = poison, module, abort

    def __missing__(self, name: str) -> Any:
        if name in self._poison:
            self._abort("value", f"the global {self._module}.{name}, which cannot travel", (self._module, name))
        raise KeyError(name)


_IMPORTING = frozenset({"__spec__", "__path__", "__loader__"})  # the interpreter asks for these


def _attribute_wire(module: str, poison: frozenset[str], asked: frozenset[str] | None, abort: Any) -> Any:
    def __getattr__(name: str) -> Any:
        if name in poison:
            abort("value", f"the global {module}.{name}, which cannot travel", (module, name))
        if asked is not None and name not in asked and name not in _IMPORTING:
            abort("value", f"{module}.{name}, which no code of the call names")
        raise AttributeError(f"module {module!r} has no attribute {name!r}", name=name, obj=sys.modules.get(module))

    return __getattr__
