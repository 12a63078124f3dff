"""Where instances of a class keep their state: in a `__dict__`, in slots, in a built-in base.

layout_of(class P(list): __slots__ = ("x",))        base list, has_dict False, slots [("x", its descriptor)]
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from types import GetSetDescriptorType, MemberDescriptorType, SimpleNamespace
from typing import Any

from faasify.runtime.unit.codec import Encoder
from faasify.runtime.unit.kinds import class_attribute, told_of_class

HEAPTYPE, _IN_C = 1 << 9, 1 << 8  # classes written in C are the latter, and from 3.12 on often both
SEQUENCES = (list, deque)
MAPPINGS = (dict, defaultdict, OrderedDict)
SETS = (set,)
_IMMUTABLE = (int, float, complex, str, bytes, tuple, frozenset)
_OF_C = (GetSetDescriptorType, MemberDescriptorType)
BARE = (object, SimpleNamespace)  # bases that hold nothing beside the `__dict__`
PAYLOADS = (*BARE, *SEQUENCES, *MAPPINGS, *SETS, *_IMMUTABLE, bytearray)


def is_in_c(cls: type) -> bool:
    flags = told_of_class(cls, "__flags__")
    return not flags & HEAPTYPE or bool(flags & _IN_C)


class Layout:
    """Where instances of a class keep their state."""

    __slots__ = ("_makeable", "base", "cls", "has_dict", "slots")

    def __init__(self, cls: type) -> None:
        base: Any = cls
        while not is_in_c(base):
            base = told_of_class(base, "__base__")
        self.cls = cls
        self.base: type = base
        self._makeable: bool | None = None
        # A class may call something else `__dict__`; then nobody is told of the real one (classes.py).
        self.has_dict = told_of_class(cls, "__dictoffset__") != 0 and type(class_attribute(cls, "__dict__")) in _OF_C
        self.slots = _slots(cls)

    def makeable(self) -> bool:
        """Whether `base.__new__` makes instances: there are classes in C that look like Python's."""
        if self._makeable is None:
            try:
                self._makeable = class_attribute(self.cls, "__del__") is not None or self.trial() is not None
            except TypeError:
                self._makeable = False
        return self._makeable

    def trial(self) -> Any:
        """An instance that nobody sees."""
        base: Any = self.base
        return base.__new__(self.cls)


def _slots(cls: type) -> list[tuple[str, Any]]:
    """Name and descriptor of each slot; where two classes of the line have a slot of one name, the base's is called `name 2`, say."""
    found: dict[str, Any] = {}
    for base in told_of_class(cls, "__mro__"):
        if not is_in_c(base):
            for name, descriptor in told_of_class(base, "__dict__").items():
                if type(descriptor) is MemberDescriptorType:
                    found[name if name not in found else f"{name} {len(found)}"] = descriptor
    return list(found.items())


_layouts: dict[type, Layout] = {}


def layout_of(cls: type) -> Layout:
    found = _layouts.get(cls)
    if found is None:
        if len(_layouts) > 10_000:
            _layouts.clear()
        found = _layouts[cls] = Layout(cls)
    return found


def forget_classes() -> None:
    """Let go of the program's classes, for what they keep alive is to be finalised as if nobody had looked at it."""
    _layouts.clear()


def attributes_of(obj: Any) -> dict[str, Any]:
    """The `__dict__`, past any `__getattribute__` of the program."""
    return object.__getattribute__(obj, "__dict__")  # type: ignore[no-any-return]


def slot_values(obj: Any, layout: Layout) -> list[tuple[str, Any]]:
    values = []
    for name, descriptor in layout.slots:
        try:
            values.append((name, descriptor.__get__(obj, type(obj))))
        except AttributeError:
            pass
    return values


def set_slots(obj: Any, values: dict[str, Any]) -> None:
    """Set and delete slots so that exactly `values` are filled."""
    for name, descriptor in layout_of(type(obj)).slots:
        if name in values:
            descriptor.__set__(obj, values[name])
        else:
            try:
                descriptor.__delete__(obj)
            except AttributeError:
                pass


def is_python_class(enc: Encoder, cls: type) -> bool:
    """A class of the program, or one of the library that keeps its state in Python attributes."""
    return enc.world.is_program_class(cls) or enc.world.library_ref(cls) is not None
