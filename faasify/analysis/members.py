"""What `value.name` may be: fields, methods along the method resolution order, modules' variables, library members.

class A: def f(self): ...
class B(A): pass
B().f              ->  Bound(Obj("app.B"), Func("app.A.f"))
"""

from __future__ import annotations

from faasify.analysis.modules import library_member, submodule
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryFunction
from faasify.analysis.values import ANYTHING, NOTHING, Bound, Cls, Func, Lib, LibMod, Mod, Obj, Super, Value, Values, Wrapped

UNKNOWN_BASE = "?"
_COMPLETE = ("builtins:", "collections:")  # the stubs of these describe every attribute that their classes have


def lookup(state: State, value: Value, name: str) -> Values:
    """All that attribute `name` of `value` may be; a property is given as it is stored, for the caller to call."""
    match value:
        case Obj(cls=cls) if value.is_library:
            return library_attribute(state, value, cls, name)
        case Obj():
            return _instance_attribute(state, value, name)
        case Cls():
            return _class_attribute(state, value, name)
        case Mod():
            return module_attribute(state, value.name, name)
        case LibMod():
            return frozenset([library_member(state, value.name, name)])
        case Lib():
            return frozenset([Lib(f"{value.path}.{name}")])
        case Super():
            return _super_attribute(state, value, name)
        case Func():
            return state.get(("attr", value.name, name)) or state.missing
        case _:
            return ANYTHING


def module_attribute(state: State, module: str, name: str) -> Values:
    """A program module's variable or submodule."""
    found = NOTHING
    scope = state.scopes.modules.get(module)
    if scope is not None and name in scope.bound:
        found = state.get((module, name))
    if (inner := submodule(state.program, f"{module}.{name}")) is not None:
        found |= {inner}
    if not found and (scope is None or name not in scope.bound):
        return state.missing
    return found


def mro(state: State, cls: str) -> tuple[str, ...]:
    """Program classes by name, library classes by path, `?` for a base that nothing resolves; C3, or depth first where C3 fails."""
    state.get(("bases", cls))
    if cls not in state.mro_cache:
        state.mro_cache[cls] = ()  # a circle (a class that inherits from its own name) ends here
        parents = _bases(state, cls)
        state.mro_cache[cls] = (cls, *_merge([list(mro(state, p)) if p in state.scopes.by_name else [p] for p in parents] + [parents]))
    return state.mro_cache[cls]


def find_method(state: State, cls: str, name: str) -> Values:
    """`name` as stored in the first class of the MRO that has it: functions unbound, library methods as Lib."""
    return _along(state, mro(state, cls), name)


def library_attribute(state: State, receiver: Obj, cls: str, name: str) -> Values:
    member = state.catalogue.member(cls, name)
    if member is None and cls.startswith(_COMPLETE) and not state.catalogue.is_exception(cls):
        return NOTHING  # the program would raise AttributeError: one of the other types is meant
    path = member.path if member is not None else f"{cls}.{name}"
    if isinstance(member, LibraryFunction) or member is None:
        return frozenset([Bound(receiver, Lib(path))])
    return frozenset([Lib(path)])


def bind(state: State, stored: Values, receiver: Obj | Cls) -> Values:
    """Descriptors: functions become methods, classmethods bind the class, staticmethods nothing; properties stay as they are."""
    bound: set[Value] = set()
    for value in stored:
        if isinstance(value, Func | Lib) and isinstance(receiver, Obj):
            bound.add(Bound(receiver, value))
        elif isinstance(value, Wrapped) and value.kind == "classmethod":
            bound.add(Bound(Cls(receiver.cls) if isinstance(receiver, Obj) else receiver, value.func))
        elif isinstance(value, Wrapped) and value.kind == "staticmethod":
            bound.add(value.func)
        elif isinstance(value, Wrapped) and isinstance(receiver, Cls):
            bound |= ANYTHING
        else:
            bound.add(value)
    return frozenset(bound)


def _instance_attribute(state: State, receiver: Obj, name: str) -> Values:
    if name == "__class__":
        return frozenset([Cls(receiver.cls)])
    order = mro(state, receiver.cls)
    found = NOTHING
    for cls in order:
        if cls in state.scopes.by_name:
            found |= state.get(("attr", cls, name))
    stored = _along(state, order, name)
    found |= bind(state, stored, receiver)
    return found or state.missing


def _class_attribute(state: State, receiver: Cls, name: str) -> Values:
    stored = _along(state, mro(state, receiver.name), name)
    if "enum:Enum" in _ancestors(state, receiver.name) and stored and not any(isinstance(v, Func | Wrapped | Cls) for v in stored):
        return frozenset([Obj(receiver.name)])  # Color.RED is a Color, whatever was assigned
    return bind(state, stored, receiver) or state.missing


def _super_attribute(state: State, value: Super, name: str) -> Values:
    receiver = value.receiver
    order = mro(state, receiver.cls if isinstance(receiver, Obj) else receiver.name)
    after = order[order.index(value.cls) + 1 :] if value.cls in order else mro(state, value.cls)[1:]
    stored = _along(state, (*after, "builtins:object"), name)
    return bind(state, stored, receiver) or state.missing


def _along(state: State, order: tuple[str, ...], name: str) -> Values:
    for cls in order:
        if cls == UNKNOWN_BASE:
            return ANYTHING
        if cls in state.scopes.by_name:
            stored = state.get((cls, name))
            if stored or name in state.scopes.by_name[cls].bound:
                return stored
        elif (member := state.catalogue.member(cls, name)) is not None:
            return frozenset([Lib(member.path)])
        elif state.catalogue.find(cls) is None:
            return frozenset([Lib(f"{cls}.{name}")])  # an undescribed base may have it
    return NOTHING


def _ancestors(state: State, cls: str) -> set[str]:
    found = set[str]()
    for base in mro(state, cls):
        found.add(base)
        if ":" in base:
            found.update(described.path for described in state.catalogue.ancestry(base))
    return found


def is_subclass(state: State, cls: str, base: str) -> bool:
    """Whether a program class inherits from a library class, as far as bases and stubs tell."""
    return base in _ancestors(state, cls)


def _bases(state: State, cls: str) -> list[str]:
    """Direct bases; flow-insensitive, so a base that may be one of two classes counts as both."""
    found: list[str] = []
    index = 0
    while (values := state.get(("bases", cls, str(index)))) or index < state.base_count.get(cls, 0):
        for value in sorted(values or state.missing, key=repr):
            match value:
                case Cls(name=name):
                    found.append(name)
                case Lib(path=path):
                    described = state.catalogue.find(path)
                    found.append(described.path if described is not None else path)
                case Obj(cls="builtins:type"):
                    found.append("builtins:tuple")  # namedtuple(...) and its like
                case _:
                    found.append(UNKNOWN_BASE)
        index += 1
    return [name for name in dict.fromkeys(found) if name != cls]


def _merge(sequences: list[list[str]]) -> list[str]:
    """C3; where no order fits (the program would fail), what is left in the order it comes."""
    merged: list[str] = []
    sequences = [s for s in sequences if s]
    while sequences:
        tails = {name for s in sequences for name in s[1:]}
        head = next((s[0] for s in sequences if s[0] not in tails), sequences[0][0])
        merged.append(head)
        sequences = [rest for s in sequences if (rest := [name for name in s if name != head])]
    return merged
