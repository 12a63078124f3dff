"""How instances change: of the program's classes, of exceptions, and of the types that scalars.py describes by their parts."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from types import TracebackType
from typing import Any

from faasify.runtime.unit import scalars
from faasify.runtime.unit.changeable import Flat, Kind, keeps_its_dict
from faasify.runtime.unit.changed_containers import CONTAINERS, deque_parts, keeps_its_maxlen
from faasify.runtime.unit.codec import Decoder, Encoder, Untravellable
from faasify.runtime.unit.edits import Plan, all_of, dict_edit, dict_plan, payload_plan, set_edit, try_class
from faasify.runtime.unit.exceptions import exception_fields, set_fields, shown_rows
from faasify.runtime.unit.instances import payload_of
from faasify.runtime.unit.kinds import get_field, set_field
from faasify.runtime.unit.layouts import attributes_of, layout_of, set_slots, slot_values
from faasify.runtime.unit.world import RUNTIME


class Instance(Kind):
    """Attributes, slots, what a mutable built-in base holds, and the class itself."""

    def __init__(self, cls: type) -> None:
        self.cls = cls
        self.layout = layout_of(cls)
        self.inner: Kind | None = None
        if self.layout.base in (list, dict, set, deque, defaultdict, OrderedDict, bytearray):
            self.inner = _PAYLOADS.get(self.layout.base) or CONTAINERS[self.layout.base]

    def flat(self, obj: Any) -> Flat:
        layout = self.layout if type(obj) is self.cls else layout_of(type(obj))
        space = attributes_of(obj) if layout.has_dict else _NO_DICT
        slots = slot_values(obj, layout) if layout.slots else []
        held = self.inner.flat(obj) if self.inner else []
        flat = [type(obj), space, len(space), *space, *space.values(), len(slots), *(x for pair in slots for x in pair)]
        if type(held) is bytes:
            return [*flat, *held]  # small integers are one object each
        return [*flat, len(held), *held]

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        layout, count = layout_of(type(obj)), before[2]
        old = dict(zip(before[3 : 3 + count], before[3 + count : 3 + 2 * count], strict=True))
        if layout.has_dict:
            keeps_its_dict(obj, before[1])
        attributes = dict_edit(enc, old, attributes_of(obj)) if layout.has_dict else None
        moved = enc.value(type(obj)) if type(obj) is not self.cls else None
        held = None
        if layout.base is set:
            held = set_edit(enc, obj, self._held(before))
        elif self.inner:
            if layout.base is deque:
                keeps_its_maxlen(obj, before[-1])
            held = payload_of(enc, obj, layout.base)
        return ["o", attributes, enc.pairs(slot_values(obj, layout)), held, moved]

    @staticmethod
    def _held(flat: list[Any]) -> list[Any]:
        """Of a snapshot, what the built-in base held."""
        slots = 3 + 2 * flat[2]
        return flat[slots + 1 + 2 * flat[slots] + 1 :]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        _, attributes, slots, held, moved = node
        cls = dec.value(moved) if moved is not None else type(obj)
        layout = layout_of(cls)
        if moved is not None:
            try_class(layout.trial, type(obj))
        plans: list[Plan] = [lambda: object.__setattr__(obj, "__class__", cls)] if moved is not None else []
        if attributes is not None:
            plans.append(dict_plan(dec, attributes_of(obj), attributes))
        if layout.slots:
            values = dict(dec.pairs(slots))
            plans.append(lambda: set_slots(obj, values))
        if self.inner is not None and held is not None:
            plans.append(payload_plan(dec, obj, self.layout.base, held))
        return all_of(plans)


_NO_DICT: dict[str, Any] = {}


def has_attributes_only(kind: Kind) -> bool:
    """Whether objects of that kind are instances with a `__dict__` and no other contents."""
    return isinstance(kind, Instance) and kind.inner is None and kind.layout.has_dict and not kind.layout.slots


def flat_attributes(cls: type, space: dict[str, Any], flat: list[Any]) -> Flat:
    """The snapshot of such an instance from its `__dict__` with the keys and values."""
    return [cls, space, len(flat) // 2, *flat, 0, 0]


class _Payload(Kind):
    """What a built-in base of an instance holds."""

    def __init__(self, parts: Callable[[Any], list[Any]]) -> None:
        self._parts = parts

    def flat(self, obj: Any) -> Flat:
        return self._parts(obj)


_PAYLOADS = {
    OrderedDict: _Payload(lambda obj: [*OrderedDict.keys(obj), *OrderedDict.values(obj)]),
    deque: _Payload(deque_parts),
}


class _Exception(Kind):
    def flat(self, obj: Any) -> Flat:
        space = attributes_of(obj)
        fields = exception_fields(obj)
        chain = [get_field(obj, name) for name in ("args", "__cause__", "__context__", "__suppress_context__")]
        return [space, program_traceback(obj), *chain, *(x for p in fields for x in p), *space, *space.values()]

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        keeps_its_dict(obj, before[0])
        now, was = program_traceback(obj), before[1]
        rows = shown_rows(enc, obj, was) if now is not was else None
        return [
            "e",
            *enc.values([get_field(obj, name) for name in ("args", "__cause__", "__context__")]),
            get_field(obj, "__suppress_context__"),
            enc.pairs(exception_fields(obj)),
            enc.pairs(attributes_of(obj).items()),
            rows,
            _ends_in(now, was),
        ]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        args, cause, context = dec.values(node[1:4])
        fields, space = dec.pairs(node[5]), dec.pairs(node[6])
        dec.world.check_frames(node[7])

        def apply() -> None:
            for name, value in (("args", args), ("__cause__", cause), ("__context__", context), ("__suppress_context__", node[4])):
                set_field(obj, name, value)
            set_fields(obj, fields)
            attributes_of(obj).clear()
            attributes_of(obj).update(space)
            dec.world.attach_frames(obj, node[7], get_field(obj, "__traceback__") if node[8] else None)

        return apply


def program_traceback(exc: BaseException) -> TracebackType | None:
    """The traceback from the first frame on that is no frame of ours."""
    tb: TracebackType | None = get_field(exc, "__traceback__")
    while tb is not None and tb.tb_frame.f_code.co_filename.startswith(RUNTIME):
        tb = tb.tb_next
    return tb


def _ends_in(tb: TracebackType | None, last: TracebackType | None) -> bool:
    """Whether the entries of `last` are the last of `tb`: the exception was raised once more."""
    while tb is not last and tb is not None:
        tb = tb.tb_next
    return tb is last


class _Parts(Kind):
    """Values of scalars.py that change in place."""

    def flat(self, obj: Any) -> Flat:
        return (*scalars.TABLE[scalars.NAMES[type(obj)]].take(obj), *scalars.attributes_of(obj))

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        if scalars.attributes_of(obj):
            raise Untravellable(f"a {type(obj).__name__} that was given attributes", obj)
        return ["R", enc.values(self.flat(obj))]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        parts = dec.values(node[1])
        return lambda: scalars.restore(obj, parts)


EXCEPTIONS = _Exception()
PARTS = _Parts()
