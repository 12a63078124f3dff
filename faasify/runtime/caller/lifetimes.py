"""Objects of whose end the program is told: a weak reference to them has a callback, which runs in the middle of the call that lets go of
the last reference. Elsewhere it would run when the call is over.

weakref.finalize(obj, log.append, "gone"), weakref.ref(obj, tell)     told
cache = weakref.WeakValueDictionary(); cache["x"] = obj               not told: nobody but the container notices, and that does not travel
"""

from __future__ import annotations

from _weakref import getweakrefcount, getweakrefs
from collections.abc import Iterable
from types import BuiltinFunctionType, FunctionType
from typing import Any

_CONTAINERS = frozenset({"weakref", "_weakrefset"})
_REMOVES = frozenset({"remove", "_remove"})


def first_told_of(objs: Iterable[Any]) -> Any:
    """The first of these objects whose end has something called; None where none has."""
    return next((obj for obj in objs if getweakrefcount(obj) and any(map(_tells, getweakrefs(obj)))), None)


def _tells(reference: Any) -> bool:
    call = reference.__callback__
    if call is None or (type(call) is BuiltinFunctionType and call.__name__ == "_destroy"):  # of an abstract class's registry
        return False
    return not (type(call) is FunctionType and call.__module__ in _CONTAINERS and call.__name__ in _REMOVES)
