"""What a class has as an instance of its metaclass."""

from __future__ import annotations

from faasify.analysis.attribute_hooks import hook_class
from faasify.analysis.descriptors import bound_to_class
from faasify.analysis.mro import find_stored, order
from faasify.analysis.state import State
from faasify.analysis.values import Bound, Cls, Lib, Value


def metaclass_of(state: State, cls: str) -> int | None:
    """The node of the class's metaclass, its own or the first that it inherits."""
    return next((state.metaclasses[c] for c in order(state, cls) if c in state.metaclasses), None)


def from_metaclass(state: State, value: Cls, name: str, node: int) -> None:
    if value.name in state.metaclasses:
        of_metaclass(state, value, name, node)
        if state.hooked and not name.startswith("__"):
            hooks = state.graph.node()
            of_metaclass(state, value, "__getattr__", hooks)
            state.graph.watch(hooks, lambda hook: hook_class(state, value, name, hook, node))
    elif name in ("mro", "__subclasses__"):
        state.graph.put(node, [Bound(value, Lib(f"builtins:type.{name}"))])


def of_metaclass(state: State, value: Cls, name: str, node: int, *, after: str = "") -> None:
    """What the class has as an instance of its metaclass."""

    def learn(found: Value) -> None:
        state.graph.put(node, [bound_to_class(found, value)])

    def use(meta: Value) -> None:
        if isinstance(meta, Cls):
            extra = ("builtins:type",) if after or name in ("mro", "__subclasses__") else ()
            find_stored(state, meta.name, name, lambda stored: state.graph.watch(stored, learn), after=after, extra=extra)

    found = metaclass_of(state, value.name)
    if found is not None:
        state.graph.watch(found, use)
