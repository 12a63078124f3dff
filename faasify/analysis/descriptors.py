"""What a stored value becomes when it is taken from an object: functions become methods, properties are called, as descriptors do."""

from __future__ import annotations

from collections.abc import Callable

from faasify.analysis.mro import is_subclass, order, when_bases_are_known
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryFunction, LibraryVariable
from faasify.analysis.values import UNKNOWN, Bound, Cls, Func, Getter, Lib, Obj, Partial, Value, Wrapped, is_own


def binder(state: State, receiver: Obj | Cls, node: int, name: str = "") -> Callable[[int], None]:
    """Descriptors: functions become methods, classmethods bind the class, staticmethods nothing; properties become Getters."""

    def learn(value: Value) -> None:
        if _may_be_a_member(value):
            when_bases_are_known(state, _class_of(receiver), lambda: state.graph.put(node, [bound(state, value, receiver, name)]))
        else:
            state.graph.put(node, [bound(state, value, receiver, name)])

    return lambda stored: state.graph.watch(stored, learn)


def bound(state: State, value: Value, receiver: Obj | Cls, name: str = "") -> Value:
    cls = _class_of(receiver)
    if is_descriptor(state, value):
        return Getter(receiver, value)  # type: ignore[arg-type]
    if isinstance(value, Func | Lib) and isinstance(receiver, Obj):
        described = state.catalogue.find(value.path) if isinstance(value, Lib) else None
        if isinstance(described, LibraryVariable):
            return UNKNOWN
        return Bound(receiver, value)
    if isinstance(value, Lib) and _is_classmethod(state, value):
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
        if value.kind == "class property":
            return Getter(Cls(cls), value.func)
        if value.kind == "property":  # `@A.x.setter` in a class below asks the class for it
            return Getter(receiver, value.func) if isinstance(receiver, Obj) else value
        return UNKNOWN
    if _may_be_a_member(value) and is_subclass(state, cls, "enum:Enum"):
        if isinstance(value, Obj) and value.cls == cls:
            return value
        return Obj(cls, member=name if name and state.tells_members(cls) else "")  # Color.RED is a Color, whatever was assigned
    return value


def _is_classmethod(state: State, value: Lib) -> bool:
    described = state.catalogue.find(value.path)
    return isinstance(described, LibraryFunction) and described.flavour == "classmethod"


def is_descriptor(state: State, value: Value) -> bool:
    """Whether it is an object of the program whose class has a `__get__`."""
    if "__get__" not in state.bound_in_classes or not (isinstance(value, Obj) and is_own(value)):
        return False
    return any("__get__" in state.class_names.get(c, ()) for c in order(state, value.cls))


def _class_of(receiver: Obj | Cls) -> str:
    return receiver.cls if isinstance(receiver, Obj) else receiver.name


def _may_be_a_member(value: Value) -> bool:
    """Whether an enumeration makes a member of what its body assigns."""
    return not isinstance(value, Func | Cls | Lib | Wrapped)


def bound_to_class(value: Value, cls: Cls) -> Value:
    if isinstance(value, Func) or isinstance(value, Lib) and not value.path.endswith(".__new__"):
        return Bound(cls, value)
    if isinstance(value, Wrapped) and value.kind == "property":
        return Getter(cls, value.func)
    return value.func if isinstance(value, Wrapped) and value.kind == "staticmethod" else value
