"""Paths made of objects of the program: what is no path is asked for its class first, and after that for its text, which the stubs say.

Path(x)          x.__class__, by its hooks or a property of that name
"""

from __future__ import annotations

from faasify.analysis.calls import Here
from faasify.analysis.class_checks import check
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured
from faasify.analysis.values import Lib

_MADE_OF = ("__init__", "joinpath", "relative_to", "is_relative_to", "__truediv__", "__rtruediv__")


@structured(*(f"pathlib:{cls}.{name}" for cls in ("PurePath", "Path") for name in _MADE_OF))
def _made_of(state: State, here: Here, given: Given, called: int) -> None:
    for node in (*given.get("args", ()), *given.get("key", ())):
        check(state, state.static(Lib("pathlib:PurePath")), node, here, of_instance=True)
