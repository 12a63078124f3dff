"""Copy-restore: what a call changed, found by comparing snapshots, carried as edits, applied in place.

A snapshot of an object is the flat list of what it refers to, compared by identity (R2: an equal element that was replaced is a
change). Every object that arrived is compared, still reachable or not (R1). `edit` describes the change as a node, `plan` turns
the node into a function that applies it with the smallest steps (R3) and cannot fail any more, so a commit happens whole or not
at all.

    Before(objs, is_program_class).edits(enc)       in the unit (before.py): [[i, node], ...]
    planned(dec, obj, node, is_program_class)()     in the caller

How objects of one type do it: changed_containers.py, changed_functions.py, changed_instances.py, caches.py; numpy_values.py, carried.py.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, SimpleNamespace
from typing import Any

from faasify.runtime.unit import scalars
from faasify.runtime.unit.changeable import FROZEN, Kind, same
from faasify.runtime.unit.changed_containers import CONTAINERS
from faasify.runtime.unit.changed_functions import FUNCTIONS
from faasify.runtime.unit.changed_instances import EXCEPTIONS, PARTS, Instance
from faasify.runtime.unit.codec import ENCODERS, CodecError, Decoder, Untravellable
from faasify.runtime.unit.edits import Plan
from faasify.runtime.unit.layouts import HEAPTYPE, PAYLOADS, layout_of

KINDS: dict[type, Kind] = {**CONTAINERS, **FUNCTIONS, tuple: FROZEN, frozenset: FROZEN, object: FROZEN}
_classified: dict[type, Kind] = {}  # those of KINDS that were found out; the types of some that stand there are heap types as well


def forget_classes() -> None:
    """As layouts.forget_classes."""
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
        return EXCEPTIONS
    if cls in scalars.NAMES:
        return PARTS if scalars.mutable(obj) else FROZEN
    layout = layout_of(cls)
    if (cls in ENCODERS and cls.__name__ != "StreamHandler") or layout.base not in PAYLOADS:
        return FROZEN
    if cls is SimpleNamespace or (cls.__flags__ & HEAPTYPE and (layout.has_dict or layout.slots or layout.base is not object)):
        return Instance(cls)
    return FROZEN


__all__ = ["FROZEN", "KINDS", "Kind", "by_object", "forget_classes", "kind_of", "planned", "same"]
