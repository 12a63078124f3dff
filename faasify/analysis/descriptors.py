"""What a stored value becomes when it is taken from an object: functions become methods, properties are called, as descriptors do."""

from __future__ import annotations

from collections.abc import Callable

from faasify.analysis.mro import is_subclass
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryVariable
from faasify.analysis.values import UNKNOWN, Bound, Cls, Func, Getter, Lib, Obj, Partial, Value, Wrapped


def binder(state: State, receiver: Obj | Cls, node: int) -> Callable[[int], None]:
    """Descriptors: functions become methods, classmethods bind the class, staticmethods nothing; properties become Getters."""

    def learn(value: Value) -> None:
        state.graph.put(node, [bound(state, value, receiver)])

    return lambda stored: state.graph.watch(stored, learn)


def bound(state: State, value: Value, receiver: Obj | Cls) -> Value:
    cls = receiver.cls if isinstance(receiver, Obj) else receiver.name
    if isinstance(value, Func | Lib) and isinstance(receiver, Obj):
        described = state.catalogue.find(value.path) if isinstance(value, Lib) else None
        if isinstance(described, LibraryVariable):
            return UNKNOWN
        return Bound(receiver, value)
    if isinstance(value, Partial) and value.method and isinstance(receiver, Obj):
        return Partial(value.site, receiver=receiver)
    if isinstance(value, Wrapped) and value.kind == "dispatch":
        return Bound(receiver, value) if isinstance(receiver, Obj) else value
    if isinstance(value, Wrapped):
        if value.kind == "staticmethod":
            return value.func
        if value.kind == "classmethod":
            return Bound(Cls(cls), value.func)
        if value.kind == "property":  # `@A.x.setter` in a class below asks the class for it
            return Getter(receiver, value.func) if isinstance(receiver, Obj) else value
        return UNKNOWN
    if isinstance(receiver, Cls) and not isinstance(value, Func | Cls | Lib) and is_subclass(state, cls, "enum:Enum"):
        return Obj(cls)  # Color.RED is a Color, whatever was assigned
    return value


def bound_to_class(value: Value, cls: Cls) -> Value:
    if isinstance(value, Func) or isinstance(value, Lib) and not value.path.endswith(".__new__"):
        return Bound(cls, value)
    if isinstance(value, Wrapped) and value.kind == "property":
        return Getter(cls, value.func)
    return value.func if isinstance(value, Wrapped) and value.kind == "staticmethod" else value
