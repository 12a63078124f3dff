"""Functions of a library that it calls by their names, so that a program may put its own in their place.

warnings.showwarning = f
warnings.warn("...")              f
warnings.warn("...", Own)         Own.__init__ and Own.__str__
"""

from __future__ import annotations

from faasify.analysis.asking import asked
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import Here, call, call_node
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured
from faasify.analysis.values import UNKNOWN, Cls


@structured("warnings:warn", "warnings:warn_explicit")
def _warned(state: State, here: Here, given: Given, called: int) -> None:
    anything = here.implicit(Arguments(star=state.static(UNKNOWN)), state.graph.node())
    for name in ("showwarning", "formatwarning"):
        call_node(state, state.node("replaced", "warnings", name), anything)
    made = state.graph.node()
    categories, messages = (
        [*here.args.positional[at : at + 1], *(here.args.keywords[n] for n in (name,) if n in here.args.keywords)]
        for at, name in ((1, "category"), (0, "message"))
    )
    for node in categories:
        state.graph.watch(node, lambda v: call(state, v, here.implicit(anything.args, made)) if isinstance(v, Cls) else None)
    for node in (*messages, made):
        asked(state, node, "__str__", here.implicit(NO_ARGUMENTS, state.graph.node()))
