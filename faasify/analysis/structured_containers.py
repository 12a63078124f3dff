"""Containers that ask what they hold: those of classes of the program that inherit from a library's, and what `super()` of them does.

class Rows(list): ...
repr(Rows([x]))              x.__repr__
Rows([x]) < Rows([y])        x.__eq__ and x.__lt__
"""

from __future__ import annotations

from faasify.analysis.asking import ask_elements
from faasify.analysis.calls import Here
from faasify.analysis.state import Given, State
from faasify.analysis.structured import Structured, elements, receivers, structured

_ORDERED = ("__repr__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
_ASKING = {
    "builtins:list": _ORDERED,
    "builtins:tuple": (*_ORDERED, "__hash__"),
    "builtins:dict": ("__repr__", "__eq__", "__ne__"),
    "builtins:frozenset": (*_ORDERED, "__hash__"),
    "collections:deque": _ORDERED,
}


def _of_each(name: str) -> Structured:
    def ask(state: State, here: Here, given: Given, called: int) -> None:
        inner = here.implicit(here.args, state.graph.node())
        receivers(state, given, lambda container: ask_elements(state, container.site, name, inner))

    return ask


for _cls, _names in _ASKING.items():
    for _name in _names:
        structured(f"{_cls}.{_name}")(_of_each(_name))


@structured("collections:Counter.__init__", "collections:Counter.update", "collections:Counter.subtract")
def _counted(state: State, here: Here, given: Given, called: int) -> None:
    """What is counted are keys."""
    for keys in elements(state, here, given.get("iterable", ())):
        receivers(state, given, lambda table, keys=keys: state.graph.edge(keys, state.node("keys", table.site)))  # type: ignore[misc]
