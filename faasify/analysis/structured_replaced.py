"""Functions of a library that it calls by their names, so that a program may put its own in their place.

warnings.showwarning = f
warnings.warn("...")              f
"""

from __future__ import annotations

from faasify.analysis.bodies import Arguments
from faasify.analysis.calls import Here, call_node
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured
from faasify.analysis.values import UNKNOWN


@structured("warnings:warn", "warnings:warn_explicit")
def _warned(state: State, here: Here, given: Given, called: int) -> None:
    anything = here.implicit(Arguments(star=state.static(UNKNOWN)), state.graph.node())
    for name in ("showwarning", "formatwarning"):
        call_node(state, state.node("replaced", "warnings", name), anything)
