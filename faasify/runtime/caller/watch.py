"""Tells whether a graph of objects is still what it was, without keeping anything of the program's alive.

    watch = Watch([fn, items], world)
    watch.look([fn, items])         the objects, in a fixed order; None when anything that is reached from the roots has changed

What is remembered is the id of every object and of every part of it: numbers. Ids are used again, but a graph in which every object has
the type, the parts and the aliases that it had differs in nothing that code could tell, as long as its leaves are the same objects; and
those, plain values and what belongs to the library, are kept. Not everything can be watched (`Unwatchable`): what is changed in place
below Python, what has a payload in C.
"""

from __future__ import annotations

import functools
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from operator import attrgetter
from types import (
    BuiltinMethodType,
    CellType,
    CodeType,
    FunctionType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    SimpleNamespace,
    WrapperDescriptorType,
)
from typing import Any

from faasify.runtime.unit import changes, scalars
from faasify.runtime.unit.changed_containers import deque_parts, ordered_parts
from faasify.runtime.unit.changed_functions import partial_parts
from faasify.runtime.unit.classes import class_state, registered
from faasify.runtime.unit.functions import FUNCTION_STATE
from faasify.runtime.unit.generated_functions import without_annotations
from faasify.runtime.unit.kinds import partial_space
from faasify.runtime.unit.layouts import HEAPTYPE, attributes_of, layout_of, slot_values
from faasify.runtime.unit.sets import Shape
from faasify.runtime.unit.world import ProcessWorld

Parts = Callable[[Any], Iterable[Any]]
LIMIT = 50_000  # parts: beyond, looking at them costs as much as sending them


class Unwatchable(Exception):
    """A value whose changes nobody would see."""


class Watch:
    """The graph below `roots`, a list of objects that is given again, for the same places, at each look."""

    def __init__(self, roots: list[Any], world: ProcessWorld) -> None:
        self._plan: list[tuple[int, int, Parts]] = []  # position of an object, id of its type, how it comes apart
        self._leaves: list[Any] = []
        self._position: dict[int, int] = {}  # of an object's first mention, by its id
        found, inline = list(roots), set[int]()
        for at, obj in enumerate(found):  # grows as it goes
            if id(obj) in self._position:
                continue
            self._position[id(obj)] = at
            if id(obj) in inline:
                continue
            if _is_leaf(obj, world):
                self._leaves.append(obj)
                continue
            parts, space = _parts_of(obj, world)
            self._plan.append((at, id(type(obj)), parts))
            found += parts(obj)
            if space:
                inline.add(id(space(obj)))
            if len(found) > LIMIT:
                raise Unwatchable("too much to look at")
        self._ids = list(map(id, found))

    def settle(self, objs: list[Any]) -> list[int | None]:
        """Where `look` finds these objects; None for those that are not of the graph. To be asked once, before anything changes."""
        position, self._position = self._position, {}
        return [position.get(id(obj)) for obj in objs]

    def look(self, roots: list[Any]) -> list[Any] | None:
        """`roots` becomes the list of all parts, in the order of the ids."""
        found = roots
        try:
            for at, kind, parts in self._plan:
                obj = found[at]
                if id(type(obj)) != kind:
                    return None
                found += parts(obj)
        except (IndexError, AttributeError, TypeError, ValueError):  # it is not even of the shape that it had
            return None
        return found if list(map(id, found)) == self._ids else None


# Kept: they never change and hold nothing of the program's.
_PLAIN = frozenset(
    {
        *(type(None), bool, int, float, complex, str, bytes, type(Ellipsis), type(NotImplemented), range, CodeType),
        *(MethodDescriptorType, WrapperDescriptorType, Shape),
    }
)
_VALUES = frozenset(
    {
        *("datetime.date", "datetime.timedelta", "datetime.timezone", "decimal.Decimal"),
        *("pathlib.PurePosixPath", "pathlib.PureWindowsPath", "pathlib.PosixPath", "re.Pattern", "zoneinfo.ZoneInfo"),
    }
)
_MARKERS = frozenset({"_MISSING_TYPE", "_FIELD_BASE", "_KW_ONLY_TYPE", "_HAS_DEFAULT_FACTORY_CLASS", "_tuplegetter"})


def _is_leaf(obj: Any, world: ProcessWorld) -> bool:
    kind = type(obj)
    if kind in _PLAIN:
        return True
    if world.is_program_class(kind):
        return False
    if scalars.known_type(kind) and scalars.NAMES.get(kind) in _VALUES:
        return True
    if kind.__module__ in ("dataclasses", "_collections", "collections") and kind.__name__ in _MARKERS:
        return True
    if issubclass(kind, type) and not obj.__flags__ & HEAPTYPE:
        return True  # a class in C
    if kind is BuiltinMethodType and type(obj.__self__) is ModuleType:
        return True
    return world.library_ref(obj) is not None


# An object's `__dict__` is a part, for its identity, and its contents stand behind it.


def _function(annotated: bool, fn: Any) -> Iterable[Any]:
    found = _state(fn)
    if found[-1]:
        found = (*found, *found[-1], *found[-1].values())
    return [*found, fn.__annotations__] if annotated else found


_state = attrgetter(*FUNCTION_STATE, "__closure__", "__dict__")
_space = attrgetter("__dict__")


def _with_space(*parts: Any, space: dict[Any, Any]) -> list[Any]:
    return [*parts, space, *space, *space.values()]


def _class(annotated: bool, cls: Any) -> list[Any]:
    state = class_state(cls)
    if not annotated:
        state = without_annotations(state)
    own = {name: value for name, value in state.items() if not name.startswith("field ")}  # those are parts of __dataclass_fields__
    return [type(cls), cls.__qualname__, *own, *own.values(), *(registered(cls) or ())]


def _wrapper(obj: Any) -> list[Any]:
    return _with_space(obj.__func__, space=vars(obj))


_PARTS: dict[type, Parts] = {
    tuple: lambda obj: list(tuple.__iter__(obj)),
    frozenset: lambda obj: list(frozenset.__iter__(obj)),
    object: lambda obj: [],
    property: lambda obj: [obj.fget, obj.fset, obj.fdel, obj.__doc__],
    staticmethod: _wrapper,
    classmethod: _wrapper,
    functools.cached_property: lambda obj: [obj.func, obj.attrname, obj.__doc__],
    functools.partial: partial_parts,
    SimpleNamespace: lambda obj: _with_space(space=attributes_of(obj)),
    MethodType: lambda obj: [obj.__func__, obj.__self__],
    BuiltinMethodType: lambda obj: [obj.__self__, sys.intern(obj.__name__)],
    MemberDescriptorType: lambda obj: [obj.__objclass__, obj.__name__],
    deque: deque_parts,
    OrderedDict: ordered_parts,
} | {kind: changes.KINDS[kind].flat for kind in (list, dict, set, defaultdict, CellType)}
# Immutable by agreement: written in Python, with slots that can be set.
_SLOTTED: dict[str, Parts] = {
    "fractions.Fraction": attrgetter("_numerator", "_denominator"),
    "uuid.UUID": attrgetter("int", "__class__"),
}
# Of `dataclasses`: what the node of a class says about its fields.
_FIELDS: dict[str, Parts] = {
    "Field": lambda obj: (
        [obj.name, obj.default, obj.default_factory, obj.init, obj.repr, obj.hash, obj.compare, obj.kw_only, obj._field_type]
        + ([obj.metadata] if obj.metadata else [])
    ),
    "_DataclassParams": lambda obj: [obj.init, obj.repr, obj.eq, obj.order, obj.unsafe_hash, obj.frozen],
}


def _parts_of(obj: Any, world: ProcessWorld) -> tuple[Parts, Callable[[Any], Any] | None]:
    """How the object comes apart, and what gets its `__dict__`, if that is among the parts; Unwatchable."""
    kind = type(obj)
    if kind in _PARTS:
        return _PARTS[kind], _SPACIOUS.get(kind)
    if kind is FunctionType:
        return functools.partial(_function, world.inspects_annotations), _space
    if issubclass(kind, type) and world.is_program_class(obj):
        return functools.partial(_class, world.inspects_annotations), None
    if kind is ModuleType and world.modules.get(obj.__name__) is obj:
        return lambda obj: [], None
    if kind.__module__ == "dataclasses" and kind.__name__ in _FIELDS:
        return _FIELDS[kind.__name__], None
    if world.is_program_class(kind) and layout_of(kind).base in _PAYLOADS:
        return _instance, attributes_of if layout_of(kind).has_dict else None
    if scalars.known_type(kind) and scalars.NAMES.get(kind) in _SLOTTED:
        return _SLOTTED[scalars.NAMES[kind]], None
    raise Unwatchable(f"a {kind.__name__}")


_SPACIOUS: dict[type, Callable[[Any], Any]] = {
    staticmethod: _space,
    classmethod: _space,
    SimpleNamespace: _space,
    functools.partial: partial_space,
}


_PAYLOADS: dict[type, Parts] = {kind: _PARTS[kind] for kind in (object, tuple, frozenset, list, dict, set, deque, defaultdict)}


def _instance(obj: Any) -> list[Any]:
    layout = layout_of(type(obj))
    slots = [x for pair in slot_values(obj, layout) for x in pair]
    own = _with_space(space=attributes_of(obj)) if layout.has_dict else ()
    return [type(obj), *own, *slots, *_PAYLOADS[layout.base](obj)]
