"""Code that compares plain values by identity (`is`), which is not carried (DECISIONS C5): such values stay where they are.

    INF = float("inf")
    if d is INF: ...                            compared(code).names == {"INF"}: what is sent must not have that global
    if mode is Mode.FAST: ...                   compared(code).attributes == {"FAST"}: nor a class or module with that attribute
    if mode is "fast": ...                      compared(code).literal: nor that code

Objects with an identity of their own, None, small integers and single characters are themselves everywhere.
"""

from __future__ import annotations

import opcode
import sys
from collections.abc import Iterable, Mapping
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from faasify.runtime.unit.codes import walk
from faasify.runtime.unit.kinds import is_kind, told_of_class

_OPS = {name: opcode.opmap.get(name, -1) for name in ("IS_OP", "LOAD_ATTR", "LOAD_CONST", "LOAD_GLOBAL", "LOAD_NAME", "LOAD_METHOD")}
_SKIPPED = frozenset({opcode.opmap["CACHE"], opcode.opmap["EXTENDED_ARG"]})
_SHIFT = {_OPS["LOAD_GLOBAL"]: 1, _OPS["LOAD_NAME"]: 0, _OPS["LOAD_ATTR"]: 1 if sys.version_info >= (3, 12) else 0}
_LOADS = frozenset(op for name, op in opcode.opmap.items() if name.startswith("LOAD_")) - {_OPS["LOAD_ATTR"], _OPS["LOAD_METHOD"]}
_SMALL = range(-5, 257)


class Compared(NamedTuple):
    """Names of globals and of attributes that stand beside an `is`; whether a literal does."""

    names: frozenset[str]
    attributes: frozenset[str]
    literal: bool


def compared(codes: Iterable[CodeType]) -> Compared:
    """Of code objects and everything inside them."""
    names, attributes, literal = set[str](), set[str](), False
    for code in codes:
        for inner in walk(code):
            if _OPS["IS_OP"] not in inner.co_code[::2]:
                continue
            steps = _steps(inner)
            for at, (op, _) in enumerate(steps):
                for kind, found in _operands(inner, steps, at) if op == _OPS["IS_OP"] else ():
                    if kind == _OPS["LOAD_CONST"]:
                        literal = literal or is_copied(found)
                    else:
                        (attributes if kind == _OPS["LOAD_ATTR"] else names).add(found)
    return Compared(frozenset(names), frozenset(attributes), literal)


def is_copied(value: Any) -> bool:
    """Whether a value that arrives elsewhere is another object than one that arrived before."""
    kind = type(value)
    if kind is int:
        return value not in _SMALL
    return (kind is str and len(value) > 1) or (kind is bytes and len(value) > 1) or (kind is float and value == value) or kind is complex


def first_copied(objs: list[Any], attributes: frozenset[str]) -> str | None:
    """The first of these attributes that a class or module among `objs` has with such a value."""
    kinds = {kind for kind in set(map(type, objs)) if issubclass(kind, type | ModuleType)}
    for obj in objs:
        if type(obj) in kinds:
            space: Mapping[str, Any] = told_of_class(obj, "__dict__") if is_kind(obj, type) else vars(obj)
            for name in attributes & space.keys():
                if is_copied(space[name]):
                    return name
    return None


def _steps(code: CodeType) -> list[tuple[int, int]]:
    found, extended = list[tuple[int, int]](), 0
    for op, arg in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        if op == opcode.opmap["EXTENDED_ARG"]:
            extended = (extended | arg) << 8
        elif op not in _SKIPPED:
            found.append((op, extended | arg))
            extended = 0
    return found


def _operands(code: CodeType, steps: list[tuple[int, int]], at: int) -> list[tuple[int, Any]]:
    """(instruction, name or constant) of what is loaded for the comparison at `at`; None on either side settles it."""
    right = base = at - 1
    while steps[base][0] == _OPS["LOAD_ATTR"] and base:
        base -= 1
    places = (base - 1, right) if steps[base][0] in _LOADS and base else (right,)
    found = list[tuple[int, Any]]()
    for op, arg in map(steps.__getitem__, places):
        if op == _OPS["LOAD_CONST"]:
            found.append((op, code.co_consts[arg]))
        elif op in _SHIFT:
            found.append((op, code.co_names[arg >> _SHIFT[op]]))
    settled = any(op == _OPS["LOAD_CONST"] and not is_copied(value) for op, value in found)
    return [] if settled else found
