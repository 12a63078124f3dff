"""Whether something may be an instance of a class of the program that it does not inherit from, or the other way round.

class P(Protocol): ...            whatever has its attributes
class A(ABC): ...                 what is registered with it, or what a `__subclasshook__` says yes to
class C(metaclass=M): ...         what `M.__instancecheck__` says yes to
class X: __class__ = property()   an instance of whatever the property gives
"""

from __future__ import annotations

from faasify.analysis.metaclasses import metaclass_of
from faasify.analysis.mro import UNKNOWN_BASE, order
from faasify.analysis.state import State
from faasify.analysis.values import Cls, Lib, Obj, Value, is_own

PROTOCOLS = frozenset(["typing:Protocol", "typing_extensions:Protocol"])
_ANSWERS = ("__instancecheck__", "__subclasscheck__")


def is_virtual(state: State, cls: str) -> bool:
    """Whether instances of the class may be of classes that are not below it."""
    if not (state.traits.checks or state.traits.registers or state.traits.protocols):
        return False
    found = state.virtual.get(cls)  # until something more is learnt of classes
    if found is None:
        found = state.virtual[cls] = _is_virtual(state, cls, order(state, cls))
    return found


def _is_virtual(state: State, cls: str, along: tuple[str, ...]) -> bool:
    if not PROTOCOLS.isdisjoint(along) or answers_itself(state, cls):
        return True
    if not _may_be_abstract(state, cls, along):
        return False
    hooks = (state.class_names.get(c, ()) for c in (*along, *state.below(cls)))
    return state.traits.registers or (state.traits.checks and any("__subclasshook__" in names for names in hooks))


def answers_itself(state: State, cls: str) -> bool:
    """Whether a metaclass of the program says what is an instance of the class."""
    if not state.traits.checks:
        return False
    names = [m.name for m in _metaclasses(state, cls) if isinstance(m, Cls)]
    return any(name in state.class_names.get(c, ()) for meta in names for c in order(state, meta) for name in _ANSWERS)


def pretends(state: State, value: Value) -> bool:
    """Whether an object says itself what its class is."""
    if "__class__" not in state.bound_in_classes or not is_own(value) or not isinstance(value, Obj):
        return False
    return any("__class__" in state.class_names.get(c, ()) for c in order(state, value.cls))


def _may_be_abstract(state: State, cls: str, along: tuple[str, ...]) -> bool:
    if UNKNOWN_BASE in along or any(_of_library(c) for c in along):
        return True
    metaclasses = [m for m in _metaclasses(state, cls) if m != Lib("builtins:type")]
    return any(not isinstance(m, Cls) or any(_of_library(c) for c in order(state, m.name)) for m in metaclasses)


def _of_library(cls: str) -> bool:
    return ":" in cls and not cls.startswith("builtins:")


def _metaclasses(state: State, cls: str) -> list[Value]:
    node = metaclass_of(state, cls)
    return [] if node is None else state.graph.at(node)
