"""Which warnings were shown for lines of the library: `RuntimeWarning: Mean of empty slice` in numpy's own code, once for each line.

elsewhere = Elsewhere(modules of the program)     in the zygote
elsewhere.added()                                 in a worker, after a call: the module that it was warned for, or None
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from faasify.runtime.unit.warning_state import REGISTRY, version


class Elsewhere:
    """What was shown for lines of the library. Its registries do not travel: in a worker they begin empty, and a call that adds to one is
    to run where the others were shown."""

    def __init__(self, own: Iterable[ModuleType]) -> None:
        self._own = {id(vars(module)) for module in own}
        self._spaces: list[dict[str, Any]] = []
        self._count = 0
        for space in self._of_library():
            space.pop(REGISTRY, None)

    def _of_library(self) -> list[dict[str, Any]]:
        if len(sys.modules) != self._count:
            self._count = len(sys.modules)
            spaces = (_space(module) for module in list(sys.modules.values()) if isinstance(module, ModuleType))
            self._spaces = [space for space in spaces if id(space) not in self._own]
        return self._spaces

    def added(self) -> str | None:
        """The module in whose registry something stands that counts."""
        found = [space for space in self._of_library() if REGISTRY in space]
        number = version() if found else 0
        return next((str(space["__name__"]) for space in found if _counts(space[REGISTRY], number)), None)


_space: Any = vars(ModuleType)["__dict__"].__get__  # asks no module that would load itself then


def _counts(registry: Any, number: int) -> bool:
    return type(registry) is dict and len(registry) > 1 and registry.get("version") == number
