"""Hashing the program's own objects where nobody sees it (DECISIONS C4).

A dict or set with instances of the program's classes as keys is built again in the unit, and its order looked into here, which
calls their `__hash__` and `__eq__`. That goes unnoticed if these only look: they name no global but harmless builtins and classes,
call no method that changes anything, and store nothing. Others do not travel.
"""

from __future__ import annotations

import builtins
import opcode
import sys
from types import CodeType, FunctionType
from typing import Any

from faasify.runtime.unit.codec import Encoder, Untravellable
from faasify.runtime.unit.codes import CodeTable, global_names, walk
from faasify.runtime.unit.kinds import is_kind

_LOOKING = frozenset(
    {
        *("NotImplemented", "True", "False", "None", "hash", "id", "isinstance", "issubclass", "type", "repr", "len", "sorted"),
        *("super", "abs", "all", "any", "zip", "sum", "min", "max"),
    }
)
_STORES = frozenset(
    opcode.opmap[name]
    for name in opcode.opmap
    if name.startswith(("STORE_ATTR", "STORE_GLOBAL", "STORE_SUBSCR", "STORE_DEREF", "DELETE_", "IMPORT_", "YIELD"))
    and name != "DELETE_FAST"
)
# Methods that only look, whatever they are called on, as long as that is a value of a built-in type.
_READING = frozenset(
    {name for kind in (str, bytes, int, float, tuple, frozenset) for name in dir(kind)} | {"get", "items", "keys", "values", "isoformat"}
)
_quiet: dict[type, bool] = {}


def check(enc: Encoder, keys: Any) -> None:
    """Raise Untravellable if hashing or comparing the keys could be noticed."""
    for kind in set(map(type, keys)):
        if kind is tuple or kind is frozenset:
            for key in keys:
                if type(key) is kind:
                    check(enc, key)
        elif enc.world.is_program_class(kind) and not quiet(kind, enc.world.codes):
            raise Untravellable(f"keys of class {kind.__qualname__}, whose __hash__ or __eq__ may be noticed")


def quiet(kind: type, codes: CodeTable) -> bool:
    """Whether `__hash__` and `__eq__` of a class only look."""
    found = _quiet.get(kind)
    if found is None:
        if len(_quiet) > 10_000:
            _quiet.clear()
        found = _quiet[kind] = all(_only_looks(getattr(kind, name), kind, codes) for name in ("__hash__", "__eq__"))
    return found


def _only_looks(method: Any, kind: type, codes: CodeTable) -> bool:
    if type(method) is not FunctionType:
        return True  # C's
    code = codes.as_written(method.__code__)
    for inner in walk(code):
        if any(op in _STORES for op in inner.co_code[::2]) or not _READING.issuperset(_methods(inner)):
            return False
        if any(type(getattr(kind, name, None)) is property for name in inner.co_names):
            return False
    return all(_harmless(name, method.__globals__) for name in global_names(code))


def _methods(code: CodeType) -> list[str]:
    """Names of the methods that `code` calls."""
    import dis  # takes longer than most programs need it

    found = []
    for step in dis.get_instructions(code):
        flagged = step.opname in ("LOAD_ATTR", "LOAD_SUPER_ATTR") and sys.version_info >= (3, 12) and (step.arg or 0) & 1
        if step.opname == "LOAD_METHOD" or flagged:
            found.append(str(step.argval))
    return found


def _harmless(name: str, space: dict[str, Any]) -> bool:
    if name in space:
        return is_kind(space[name], type, int, str, float)
    return name in _LOOKING or isinstance(getattr(builtins, name, None), type)


def forget_classes() -> None:
    """As layouts.forget_classes."""
    _quiet.clear()
