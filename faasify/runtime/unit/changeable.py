"""How an object of some type changes: its snapshot, the edit that says what a call changed, the plan that applies it (R1-R3).

before = kind.flat(obj)                                     in the unit, before the call
if not same(before, kind.flat(obj)):
    node = kind.edit(enc, obj, before)                      behind the call
kind.plan(dec, obj, node)()                                 in the caller
"""

from __future__ import annotations

from operator import is_
from typing import Any

from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable
from faasify.runtime.unit.edits import Plan
from faasify.runtime.unit.layouts import attributes_of

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


def keeps_its_dict(obj: Any, before: dict[str, Any]) -> None:
    """An edit says what is in the `__dict__`, not which dict it is."""
    if attributes_of(obj) is not before:
        raise Untravellable(f"a {type(obj).__qualname__} that was given another __dict__", obj)


FROZEN = Kind()  # its snapshots are None always: no change is ever found
