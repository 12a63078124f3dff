"""Instances: of the program's classes, and of plain Python classes of the library.

["o", class, attributes, slots, payload]: made without `__init__` or `__new__` of the program (C4). `attributes` is a flat list,
None where there is no `__dict__`, or `{"same": [i]}` where it is node i or that of node i (the Borg idiom); `payload` is what a
built-in base holds. ["em", class, value]: a member of an enumeration of the library's. Exceptions: exceptions.py.
"""

from __future__ import annotations

import sys
from collections import OrderedDict, defaultdict, deque
from types import SimpleNamespace
from typing import Any

from faasify.runtime.unit import hashing
from faasify.runtime.unit.codec import ENCODERS, PLAIN, CodecError, Decoder, EncodeFn, Encoder, Untravellable, encodes_rest, makes
from faasify.runtime.unit.containers import fill_set, set_node
from faasify.runtime.unit.exceptions import exception_node
from faasify.runtime.unit.kinds import is_kind
from faasify.runtime.unit.layouts import (
    BARE,
    HEAPTYPE,
    MAPPINGS,
    PAYLOADS,
    SEQUENCES,
    SETS,
    Layout,
    attributes_of,
    is_python_class,
    layout_of,
    set_slots,
    slot_values,
)
from faasify.runtime.unit.scalars import known_type


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
        return exception_node
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
    member_ref, has_dict, bare = enc.world.member_ref, layout.has_dict, layout.base in BARE

    def encode(enc: Encoder, obj: Any) -> list[Any]:
        ref = member_ref(obj)
        if ref is not None:
            return ["ref", ref]
        attributes = enc.attributes(obj, attributes_of(obj)) if has_dict else None
        return ["o", wire, attributes, enc.pairs(slot_values(obj, layout)) if slots else [], None if bare else payload_of(enc, obj, base)]

    return encode


def _layout(enc: Encoder, obj: Any) -> Layout:
    cls = type(obj)
    if cls is not SimpleNamespace and not (cls.__flags__ & HEAPTYPE and is_python_class(enc, cls)):
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


def payload_of(enc: Encoder, obj: Any, base: Any) -> Any:
    """What the built-in base of an instance holds, as wire values."""
    if base in BARE:
        return None
    if base in SEQUENCES:
        held: list[Any] = [enc.values(list.__iter__(obj) if base is list else deque.__iter__(obj))]
        return [*held, vars(deque)["maxlen"].__get__(obj)] if base is deque else held
    if base in MAPPINGS:
        hashing.check(enc, dict.keys(obj), obj)
        held = [enc.pairs(dict.items(obj) if base is not OrderedDict else OrderedDict.items(obj))]
        return [*held, enc.value(vars(defaultdict)["default_factory"].__get__(obj))] if base is defaultdict else held
    if base in SETS:
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
    if base not in BARE:
        _fill_payload(dec, obj, base, payload)
    return obj


def _fill_payload(dec: Decoder, obj: Any, base: Any, payload: Any) -> None:
    if base in SEQUENCES:
        extend: Any = list.extend if base is list else deque.extend
        dec.later(1, lambda: extend(obj, dec.values(payload[0])))
    elif base in MAPPINGS:
        dec.later(2, lambda: _fill_mapping(dec, obj, base, payload))
    elif base is set:
        dec.later(2, lambda: fill_set(dec, obj, *payload))


def _new(dec: Decoder, cls: type, base: Any, payload: Any) -> Any:
    if base in BARE or base in (list, set, *MAPPINGS):
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
