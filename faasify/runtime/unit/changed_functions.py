"""How functions, classes and what binds or holds them change: cells, `partial`, descriptors."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from operator import is_
from types import CellType, FunctionType
from typing import Any

from faasify.runtime.unit.changeable import Flat, Kind, keeps_its_dict
from faasify.runtime.unit.classes import class_state, is_fixed, set_class_attribute
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable
from faasify.runtime.unit.edits import ABSENT, Plan
from faasify.runtime.unit.functions import function_state, registry_of
from faasify.runtime.unit.kinds import partial_space


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
        state = function_state(obj)
        if state[6] is not before[6] or state[7] is not before[7]:
            raise CodecError("a function was given other code or annotations")
        keeps_its_dict(obj, before[8])
        registry = registry_of(obj)
        if registry and not all(map(is_, registry, before[9:])):
            raise Untravellable("a function that dispatches to others was given one more", obj)
        return ["f", *enc.values(state[:6]), enc.pairs(obj.__dict__.items())]

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
        if any(old.get(name, ABSENT) is not new.get(name, ABSENT) for name in old.keys() | new.keys() if is_fixed(name)):
            raise CodecError(f"class {obj.__qualname__} was given other bases or another name, or what was generated for it was changed")
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
            keeps_its_dict(obj, before[3])
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


FUNCTIONS: dict[type, Kind] = {
    CellType: _Cell(),
    FunctionType: _Function(),
    type: _Class(),
    partial: _Partial(),
    property: _Watched(lambda p: [p.fget, p.fset, p.fdel, p.__doc__]),
    **dict.fromkeys((staticmethod, classmethod, cached_property), _Watched(lambda o: [*vars(o), *vars(o).values()])),
}
