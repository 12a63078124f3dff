"""Copy-restore: what a call changed, found by comparing snapshots, carried as edits, applied in place.

A snapshot of an object is the flat list of what it refers to, compared by identity (R2: an equal element that was replaced is a
change). Every object that arrived is compared, still reachable or not (R1). `edit` describes the change as a node, `plan` turns
the node into a function that applies it with the smallest steps (R3) and cannot fail any more, so a commit happens whole or not
at all.

    Before(objs, is_program_class).edits(enc)       in the unit (before.py): [[i, node], ...]
    planned(dec, obj, node, is_program_class)()     in the caller
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from functools import cached_property, partial
from operator import is_
from types import CellType, FunctionType, SimpleNamespace, TracebackType
from typing import Any

from faasify.runtime.unit import hashing, scalars, sets
from faasify.runtime.unit.classes import class_state, is_fixed, set_class_attribute
from faasify.runtime.unit.codec import ENCODERS, CodecError, Decoder, Encoder, Untravellable
from faasify.runtime.unit.edits import (
    ABSENT,
    FACTORY,
    SPARSE,
    Plan,
    all_of,
    dict_edit,
    dict_plan,
    edit_deque,
    edit_list,
    ordered_plan,
    payload_plan,
    set_edit,
    set_plan,
    try_class,
    unchanged,
)
from faasify.runtime.unit.functions import function_state, registry_of
from faasify.runtime.unit.instances import (
    HEAPTYPE,
    PAYLOADS,
    attributes_of,
    exception_fields,
    layout_of,
    payload_of,
    set_fields,
    set_slots,
    slot_values,
)
from faasify.runtime.unit.kinds import get_field, partial_space, set_field
from faasify.runtime.unit.walks import Walk, touch
from faasify.runtime.unit.world import RUNTIME

Flat = Any  # a list of references, or a value compared with ==


class Kind:
    """How objects of some types change."""

    def flat(self, obj: Any) -> Flat:
        return None

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        raise CodecError(f"a {type(obj).__name__} cannot change")

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        raise CodecError(f"a {type(obj).__name__} cannot change")


def same(before: Flat, after: Flat) -> bool:
    """Whether two snapshots of one object show no change."""
    if type(before) is list and type(after) is list:
        return len(before) == len(after) and all(map(is_, before, after))
    return type(before) is type(after) and bool(before == after)


class _Frozen(Kind):
    pass


class _List(Kind):
    def flat(self, obj: Any) -> Flat:
        return list(list.__iter__(obj))

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        return ["l", enc.values(obj)]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        new = dec.values(node[1])
        return lambda: edit_list(obj, new)


class _Deque(_List):
    def flat(self, obj: Any) -> Flat:
        return Walk(obj, deque_parts(obj))

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        _keeps_its_maxlen(obj, before.parts[-1])
        return ["l", enc.values(deque.__iter__(obj)), before.touched()]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        new, touched = dec.values(node[1]), node[2]

        def apply() -> None:
            edit_deque(obj, new)
            if touched:
                touch(obj)

        return apply


def deque_parts(obj: deque[Any]) -> list[Any]:
    return [*deque.__iter__(obj), maxlen_of(obj)]


def maxlen_of(obj: deque[Any]) -> int | None:
    """The same object for equal numbers."""
    size: int | None = vars(deque)["maxlen"].__get__(obj)
    return _sizes.setdefault(size, size)


_sizes: dict[int | None, int | None] = {}


def _keeps_its_maxlen(obj: deque[Any], before: int | None) -> None:
    if maxlen_of(obj) is not before:
        raise Untravellable("a deque that was given another maxlen", obj)


class _Dict(Kind):
    def flat(self, obj: Any) -> Flat:
        return [*dict.keys(obj), *dict.values(obj)]

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        return dict_edit(enc, dict(zip(before[: len(before) // 2], before[len(before) // 2 :], strict=True)), obj)

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        return dict_plan(dec, obj, node)


class _DefaultDict(_Dict):
    def flat(self, obj: Any) -> Flat:
        return [*super().flat(obj), FACTORY.__get__(obj), None]

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        return ["dd", super().edit(enc, obj, before[:-2]), enc.value(obj.default_factory)]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        inner, factory = super().plan(dec, obj, node[1]), dec.value(node[2])

        def apply() -> None:
            inner()
            obj.default_factory = factory

        return apply


class _Ordered(Kind):
    def flat(self, obj: Any) -> Flat:
        return Walk(obj, ordered_parts(obj))

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        hashing.check(enc, OrderedDict.keys(obj))
        return ["od", enc.pairs(OrderedDict.items(obj)), enc.pairs(vars(obj).items()), before.touched()]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        space, touched = dict(dec.pairs(node[2])), node[3]

        def attributes() -> None:
            vars(obj).clear()
            vars(obj).update(space)
            if touched:
                touch(obj)

        return all_of([ordered_plan(obj, dec.pairs(node[1])), attributes])


def ordered_parts(obj: OrderedDict[Any, Any]) -> list[Any]:
    return [*OrderedDict.keys(obj), *OrderedDict.values(obj), *vars(obj), *vars(obj).values()]


class _Set(Kind):
    def flat(self, obj: Any) -> Flat:
        items = list(set.__iter__(obj))
        return [*items, SPARSE] if sets.sparse(items, obj) else items

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        return ["s", *set_edit(enc, obj, before)]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        return set_plan(obj, dec.values(node[1]), node[2])


class _Bytes(Kind):
    def flat(self, obj: Any) -> Flat:
        return bytes(obj)

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        return ["b", bytes(obj)]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        return lambda: bytearray.__setitem__(obj, slice(None), node[1])


class _Cell(Kind):
    def flat(self, obj: Any) -> Flat:
        try:
            return [obj.cell_contents]
        except ValueError:
            return []

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        return ["cell", *enc.values(self.flat(obj))]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        if len(node) == 1:
            return lambda: delattr(obj, "cell_contents")
        value = dec.value(node[1])
        return lambda: setattr(obj, "cell_contents", value)


class _Function(Kind):
    def flat(self, obj: Any) -> Flat:
        return [*function_state(obj), obj.__dict__, *registry_of(obj), *obj.__dict__, *obj.__dict__.values()]

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        if function_state(obj)[6] is not before[6]:
            raise CodecError("a function was given other code")
        _keeps_its_dict(obj, before[7])
        registry = registry_of(obj)
        if registry and not all(map(is_, registry, before[8:])):
            raise Untravellable("a function that dispatches to others was given one more", obj)
        return ["f", *enc.values(function_state(obj)[:6]), enc.pairs(obj.__dict__.items())]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        names = ("__defaults__", "__kwdefaults__", "__name__", "__qualname__", "__doc__", "__module__")
        values, space = dec.values(node[1:7]), dec.pairs(node[7])

        def apply() -> None:
            for name, value in zip(names, values, strict=True):
                if getattr(obj, name) is not value:
                    setattr(obj, name, value)
            obj.__dict__.clear()
            obj.__dict__.update(space)

        return apply


class _Class(Kind):
    def flat(self, obj: Any) -> Flat:
        state = class_state(obj)
        return [*state, *state.values()]

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        half = len(before) // 2
        old, new = dict(zip(before[:half], before[half:], strict=True)), class_state(obj)
        if any(old.get(name) is not value for name, value in new.items() if is_fixed(name)):
            raise CodecError(f"class {obj.__qualname__} was given other bases or another name, or a field another default")
        if [*(k for k in old if k in new), *(k for k in new if k not in old)] != list(new):
            raise CodecError(f"class {obj.__qualname__} was given an attribute once more, after it was deleted")
        return ["C", [k for k in old if k not in new], enc.pairs((k, v) for k, v in new.items() if old.get(k, ABSENT) is not v)]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        removed, changed = node[1], dec.pairs(node[2])

        def apply() -> None:
            for name in removed:
                type.__delattr__(obj, name)
            for name, value in changed:
                set_class_attribute(obj, name, value)

        return apply


class _Partial(Kind):
    def flat(self, obj: Any) -> Flat:
        return partial_parts(obj)

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        if before[3] is not None:
            _keeps_its_dict(obj, before[3])
        space = partial_space(obj)
        return ["P", *enc.values((obj.func, obj.args, obj.keywords)), enc.pairs(space.items()) if space is not None else None]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        state, new = dec.values(node[1:4]), dec.pairs(node[4]) if node[4] is not None else None

        def apply() -> None:
            space = partial_space(obj)
            if new is not None:
                space = {} if space is None else space
                space.clear()
                space.update(new)
            obj.__setstate__((*state, space))

        return apply


def partial_parts(obj: Any) -> list[Any]:
    space = partial_space(obj)
    return [obj.func, obj.args, obj.keywords, space, *(space or ()), *(space or {}).values()]


class _Watched(Kind):
    """Objects that programs hardly ever change: when one does, the call runs here."""

    def __init__(self, look: Callable[[Any], list[Any]]) -> None:
        self._look = look

    def flat(self, obj: Any) -> Flat:
        return self._look(obj)

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        raise Untravellable(f"a {type(obj).__name__} that was changed", obj)


class _Instance(Kind):
    """Attributes, slots, what a mutable built-in base holds, and the class itself."""

    def __init__(self, cls: type) -> None:
        self.cls = cls
        self.layout = layout_of(cls)
        self.inner: Kind | None = None
        if self.layout.base in (list, dict, set, deque, defaultdict, OrderedDict, bytearray):
            self.inner = _PAYLOADS.get(self.layout.base) or KINDS[self.layout.base]

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
            _keeps_its_dict(obj, before[1])
        attributes = dict_edit(enc, old, attributes_of(obj)) if layout.has_dict else None
        moved = enc.value(type(obj)) if type(obj) is not self.cls else None
        held = None
        if layout.base is set:
            held = set_edit(enc, obj, self._held(before))
        elif self.inner:
            if layout.base is deque:
                _keeps_its_maxlen(obj, before[-1])
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


def _keeps_its_dict(obj: Any, before: dict[str, Any]) -> None:
    """An edit says what is in the `__dict__`, not which dict it is."""
    if attributes_of(obj) is not before:
        raise Untravellable(f"a {type(obj).__qualname__} that was given another __dict__", obj)


def has_attributes_only(kind: Kind) -> bool:
    """Whether objects of that kind are instances with a `__dict__` and no other contents."""
    return isinstance(kind, _Instance) and kind.inner is None and kind.layout.has_dict and not kind.layout.slots


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
        _keeps_its_dict(obj, before[0])
        now, was = program_traceback(obj), before[1]
        rows = enc.world.frames(obj, was) if now is not was else None
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


FROZEN = _Frozen()
KINDS: dict[type, Kind] = {
    list: _List(),
    dict: _Dict(),
    set: _Set(),
    deque: _Deque(),
    defaultdict: _DefaultDict(),
    OrderedDict: _Ordered(),
    bytearray: _Bytes(),
    CellType: _Cell(),
    FunctionType: _Function(),
    type: _Class(),
    partial: _Partial(),
    property: _Watched(lambda p: [p.fget, p.fset, p.fdel, p.__doc__]),
    **dict.fromkeys((staticmethod, classmethod, cached_property), _Watched(lambda o: [*vars(o), *vars(o).values()])),
    tuple: FROZEN,
    frozenset: FROZEN,
    object: FROZEN,
}
_exceptions = _Exception()


_classified: dict[type, Kind] = {}  # those of KINDS that were found out; the types of some that stand there are heap types as well


def forget_classes() -> None:
    """As instances.forget_classes."""
    for cls, kind in _classified.items():
        if KINDS.get(cls) is kind:
            del KINDS[cls]
    _classified.clear()


def kind_of(obj: Any, is_program_class: Callable[[type], bool]) -> Kind:
    """The kind of `obj`, found once for each type."""
    cls = type(obj)
    kind = KINDS.get(cls)
    if kind is None:
        kind = KINDS[cls] = _classified[cls] = _classify(obj, cls)
    if kind is KINDS[type] and not is_program_class(obj):
        return FROZEN
    if kind is KINDS[FunctionType] and obj.__module__ is not None and not isinstance(obj.__globals__.get("__name__"), str):
        return FROZEN
    return kind


def by_object(obj: Any) -> bool:
    """Whether the kind depends on more than the type."""
    return KINDS.get(type(obj)) in (KINDS[type], KINDS[FunctionType])


def planned(dec: Decoder, obj: Any, node: Any, is_program_class: Callable[[type], bool]) -> Plan:
    """The plan for one edit that arrived; raises CodecError (or Untravellable) for whatever is wrong with it."""
    try:
        return kind_of(obj, is_program_class).plan(dec, obj, node)
    except (CodecError, Untravellable):
        raise
    except Exception as e:
        raise CodecError(f"damaged edit: {type(e).__name__}: {e}") from e


def _classify(obj: Any, cls: type) -> Kind:
    if issubclass(cls, type):
        return KINDS[type]
    if issubclass(cls, BaseException):
        return _exceptions
    if cls in scalars.NAMES:
        return _Parts() if scalars.mutable(obj) else FROZEN
    layout = layout_of(cls)
    if (cls in ENCODERS and cls.__name__ != "StreamHandler") or layout.base not in PAYLOADS:
        return FROZEN
    if cls is SimpleNamespace or (cls.__flags__ & HEAPTYPE and (layout.has_dict or layout.slots or layout.base is not object)):
        return _Instance(cls)
    return FROZEN


__all__ = ["Kind", "kind_of", "planned", "same", "unchanged"]
