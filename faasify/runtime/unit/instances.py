"""Instances: of the program's classes, of plain Python classes of the library, and exceptions.

["o", class, attributes, slots, payload]: made without `__init__` or `__new__` of the program (C4). `attributes` is a flat list,
None where there is no `__dict__`, or `{"same": [i]}` where it is node i or that of node i (the Borg idiom); `payload` is what a
built-in base holds. ["e", class, args, attributes, fields, cause, context, suppress, traceback, slots, group]: an exception; `fields`
are those that C keeps (OSError.errno, ...), `group` the message and the exceptions of a group. ["em", class, value]: a member of an
enumeration of the library's.
"""

from __future__ import annotations

import sys
from collections import OrderedDict, defaultdict, deque
from functools import partial
from types import MemberDescriptorType, SimpleNamespace
from typing import Any

from faasify.runtime.unit import hashing
from faasify.runtime.unit.codec import ENCODERS, PLAIN, CodecError, Decoder, EncodeFn, Encoder, Untravellable, encodes_rest, makes
from faasify.runtime.unit.containers import fill_set, set_node
from faasify.runtime.unit.kinds import class_attribute, get_field, is_kind, set_field, told_of_class
from faasify.runtime.unit.scalars import known_type

HEAPTYPE, _IN_C = 1 << 9, 1 << 8  # classes written in C are the latter, and from 3.12 on often both
_SEQUENCES = (list, deque)
_MAPPINGS = (dict, defaultdict, OrderedDict)
_SETS = (set,)
_IMMUTABLE = (int, float, complex, str, bytes, tuple, frozenset)
_BARE = (object, SimpleNamespace)  # bases that hold nothing beside the `__dict__`
PAYLOADS = (*_BARE, *_SEQUENCES, *_MAPPINGS, *_SETS, *_IMMUTABLE, bytearray)


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
        self.has_dict = told_of_class(cls, "__dictoffset__") != 0
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


@encodes_rest
def _instance(enc: Encoder, obj: Any) -> list[Any]:
    """Any object whose exact type has no encoder. Asks `type(obj)`, never the object: its class may have a `__getattribute__`."""
    encode = enc.plans.get(type(obj))
    if encode is None:
        encode = enc.plans[type(obj)] = _plan(enc, obj)
    return encode(enc, obj)


def _plan(enc: Encoder, obj: Any) -> EncodeFn:
    """What encodes the instances of the class of `obj` in this message."""
    cls = type(obj)
    if issubclass(cls, type):
        from faasify.runtime.unit.classes import class_node

        return class_node
    of_program = enc.world.is_program_class(cls)
    if of_program and type(cls) is not type:
        from faasify.runtime.unit.classes import check_silent

        check_silent(cls)
    if enc.world.carried:
        from faasify.runtime.unit import carried

        if (found := carried.find(enc.world, cls)) is not None:
            return carried.plan(enc.world, found, cls)
    if issubclass(cls, BaseException):
        return _exception
    return _plan_of_own(enc, obj) if of_program else _plan_of_library(cls)


def _plan_of_library(cls: type) -> EncodeFn:
    is_enum, found = _is_enum(cls), list[EncodeFn]()

    def encode(enc: Encoder, obj: Any) -> list[Any]:
        if is_enum and type(obj._value_) in PLAIN:
            return ["em", enc.value(cls), obj._value_]
        ref = enc.world.library_ref(obj)
        if ref is not None:
            return ["ref", ref]
        if not found:
            found.append(ENCODERS[cls] if known_type(cls) else _plan_of_own(enc, obj))
        return found[0](enc, obj)

    return encode


def _plan_of_own(enc: Encoder, obj: Any) -> EncodeFn:
    """Raises Untravellable for what cannot be taken apart and made again."""
    layout = _layout(enc, obj)
    wire, base, slots = enc.value(layout.cls), layout.base, layout.slots
    member_ref, has_dict, bare = enc.world.member_ref, layout.has_dict, layout.base in _BARE

    def encode(enc: Encoder, obj: Any) -> list[Any]:
        ref = member_ref(obj)
        if ref is not None:
            return ["ref", ref]
        attributes = enc.attributes(obj, attributes_of(obj)) if has_dict else None
        return ["o", wire, attributes, enc.pairs(slot_values(obj, layout)) if slots else [], None if bare else payload_of(enc, obj, base)]

    return encode


def _layout(enc: Encoder, obj: Any) -> Layout:
    cls = type(obj)
    if cls is not SimpleNamespace and not (cls.__flags__ & HEAPTYPE and _is_python_class(enc, cls)):
        raise Untravellable(f"a {cls.__module__}.{cls.__qualname__}", obj)
    layout = layout_of(cls)
    if layout.base not in PAYLOADS or not layout.makeable():
        raise Untravellable(f"a {cls.__qualname__}, which extends {layout.base.__qualname__}", obj)
    return layout


def _is_enum(cls: type) -> bool:
    enum = sys.modules.get("enum")
    return enum is not None and issubclass(cls, enum.Enum)


@makes("em")
def _make_member(dec: Decoder, i: int, node: list[Any]) -> Any:
    """A member of an enumeration of the library's: the one that is there already."""
    cls: Any = dec.value(node[1])
    if not (is_kind(cls, type) and _is_enum(cls)) or dec.world.is_program_class(cls) or type(node[2]) not in PLAIN:
        raise CodecError("no enumeration of the library's")
    return cls(node[2])


def object_node(enc: Encoder, obj: Any) -> list[Any]:
    """An instance by its attributes, slots and what its built-in base holds, whatever encoder its type has."""
    return _plan_of_own(enc, obj)(enc, obj)


def _is_python_class(enc: Encoder, cls: type) -> bool:
    """A class of the program, or one of the library that keeps its state in Python attributes."""
    return enc.world.is_program_class(cls) or enc.world.library_ref(cls) is not None


def payload_of(enc: Encoder, obj: Any, base: Any) -> Any:
    """What the built-in base of an instance holds, as wire values."""
    if base in _BARE:
        return None
    if base in _SEQUENCES:
        held: list[Any] = [enc.values(list.__iter__(obj) if base is list else deque.__iter__(obj))]
        return [*held, vars(deque)["maxlen"].__get__(obj)] if base is deque else held
    if base in _MAPPINGS:
        hashing.check(enc, dict.keys(obj))
        held = [enc.pairs(dict.items(obj) if base is not OrderedDict else OrderedDict.items(obj))]
        return [*held, enc.value(vars(defaultdict)["default_factory"].__get__(obj))] if base is defaultdict else held
    if base in _SETS:
        return set_node(enc, obj, list(set.__iter__(obj)))
    if base is tuple or base is frozenset:
        return [enc.values(base.__iter__(obj))]
    if base is complex:
        return [vars(complex)["real"].__get__(obj), vars(complex)["imag"].__get__(obj)]
    if base is bytearray:
        return [bytes(memoryview(obj))]
    return [_PLAIN_FORM[base](obj)]


_PLAIN_FORM: dict[Any, Any] = {int: int.__int__, float: float.__float__, str: str.__str__, bytes: lambda b: bytes(memoryview(b))}


@makes("o")
def _make_instance(dec: Decoder, i: int, node: list[Any]) -> Any:
    _, cls_wire, attributes, slots, payload = node
    cls = dec.value(cls_wire)
    if not is_kind(cls, type):
        raise CodecError("an instance of what is no class")
    layout = layout_of(cls)
    base = layout.base
    obj = _new(dec, cls, base, payload)
    if type(attributes) is list:
        dec.spaces.append((obj, attributes))
    elif attributes:
        dec.later(1, lambda: dec.set_attributes(obj, attributes))
    if slots:
        dec.later(1, lambda: set_slots(obj, dict(dec.pairs(slots))))
    if base not in _BARE:
        _fill_payload(dec, obj, base, payload)
    return obj


def _fill_payload(dec: Decoder, obj: Any, base: Any, payload: Any) -> None:
    if base in _SEQUENCES:
        extend: Any = list.extend if base is list else deque.extend
        dec.later(1, lambda: extend(obj, dec.values(payload[0])))
    elif base in _MAPPINGS:
        dec.later(2, lambda: _fill_mapping(dec, obj, base, payload))
    elif base is set:
        dec.later(2, lambda: fill_set(dec, obj, *payload))


def _new(dec: Decoder, cls: type, base: Any, payload: Any) -> Any:
    if base in _BARE or base in (list, set, *_MAPPINGS):
        return base.__new__(cls)
    if base is deque:
        obj: Any = deque.__new__(cls)
        deque.__init__(obj, (), payload[1])
        return obj
    if base in (tuple, frozenset):
        return base.__new__(cls, dec.values(payload[0]))
    if base is complex:
        return complex.__new__(cls, payload[0], payload[1])
    if base is bytearray:
        obj = bytearray.__new__(cls)
        bytearray.__init__(obj, _exactly(bytes, payload[0]))
        return obj
    if base in (int, float, str, bytes):
        return base.__new__(cls, _exactly(base, payload[0]))
    raise CodecError(f"no instances of {base.__qualname__}")


def _exactly(kind: type, value: Any) -> Any:
    """`value`, which must be of that type: `bytes(10**12)` would be a large thing to make."""
    if type(value) is not kind:
        raise CodecError(f"a {kind.__name__} expected")
    return value


def _fill_mapping(dec: Decoder, obj: Any, base: Any, payload: Any) -> None:
    if base is defaultdict:
        obj.default_factory = dec.value(payload[1])
    put = OrderedDict.__setitem__ if base is OrderedDict else dict.__setitem__
    for key, value in dec.pairs(payload[0]):
        put(obj, key, value)


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


# Exceptions

_FIELDS: dict[type, tuple[str, ...]] = {
    OSError: ("errno", "strerror", "filename", "filename2"),
    SystemExit: ("code",),
    StopIteration: ("value",),
    ImportError: ("name", "path", "msg"),
    SyntaxError: ("msg", "filename", "lineno", "offset", "text", "end_lineno", "end_offset", "print_file_and_line"),
    UnicodeEncodeError: ("encoding", "object", "start", "end", "reason"),
    UnicodeDecodeError: ("encoding", "object", "start", "end", "reason"),
    UnicodeTranslateError: ("object", "start", "end", "reason"),
    NameError: ("name",),
    AttributeError: ("name", "obj"),
}


def exception_fields(obj: BaseException) -> list[tuple[str, Any]]:
    """The attributes that the C structure keeps, beside `args`."""
    for kind, names in _FIELDS.items():
        if is_kind(obj, kind):
            return [(n, get_field(obj, n, kind)) for n in names]
    return []


def _exception(enc: Encoder, obj: Any) -> list[Any]:
    cls = type(obj)
    if not _is_python_class(enc, cls):
        raise Untravellable(f"a {cls.__module__}.{cls.__qualname__}", obj)
    group = (
        enc.values([get_field(obj, n, BaseExceptionGroup) for n in ("message", "exceptions")]) if is_kind(obj, BaseExceptionGroup) else None
    )
    return [
        "e",
        enc.value(cls),
        enc.value(get_field(obj, "args")),
        enc.attributes(obj, attributes_of(obj)) if layout_of(cls).has_dict else [],
        enc.pairs(exception_fields(obj)),
        enc.value(get_field(obj, "__cause__")),
        enc.value(get_field(obj, "__context__")),
        get_field(obj, "__suppress_context__"),
        enc.world.frames(obj),
        enc.pairs(slot_values(obj, layout_of(cls))),
        group,
    ]


@makes("e")
def _make_exception(dec: Decoder, i: int, node: list[Any]) -> Any:
    cls = dec.value(node[1])
    if not (is_kind(cls, type) and issubclass(cls, BaseException)):
        raise CodecError("the exception is none")
    if issubclass(cls, BaseExceptionGroup):
        obj: Any = BaseExceptionGroup.__new__(cls, *dec.values(node[10]))
    else:
        base: Any = layout_of(cls).base
        obj = base.__new__(cls)
    dec.later(1, partial(_fill_exception, dec, obj, node))  # no closure: a frame keeps its function, and frames of it stay (tracebacks.py)
    return obj


def _fill_exception(dec: Decoder, obj: Any, node: list[Any]) -> None:
    set_field(obj, "args", dec.value(node[2]))
    if node[3]:
        dec.set_attributes(obj, node[3])
    set_fields(obj, dec.pairs(node[4]))
    for name, value in (("__cause__", dec.value(node[5])), ("__context__", dec.value(node[6])), ("__suppress_context__", node[7])):
        set_field(obj, name, value)
    dec.world.attach_frames(obj, node[8])
    set_slots(obj, dict(dec.pairs(node[9])))


def set_fields(obj: BaseException, fields: list[tuple[str, Any]]) -> None:
    for name, value in fields:
        for kind, names in _FIELDS.items():
            if is_kind(obj, kind) and name in names:
                if value is None and kind is OSError:  # None given and nothing given are shown differently
                    vars(kind)[name].__delete__(obj)
                else:
                    vars(kind)[name].__set__(obj, value)
                break
