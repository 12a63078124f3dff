"""The context of an exception that comes from elsewhere (SEMANTICS E1)."""

from __future__ import annotations

from sys import exception
from typing import Any

from faasify.runtime.unit.kinds import get_field, set_field


def with_context(exc: BaseException) -> Any:
    """The context that `exc` has if it is raised here: its own chain, ending in what the caller is handling."""
    handled = exception()
    if handled is None or handled is exc:
        return get_field(exc, "__context__")
    last: BaseException = exc
    seen = {id(exc)}
    while (below := get_field(last, "__context__")) is not None and id(below) not in seen:
        last = below
        seen.add(id(last))
        if last is handled:
            return get_field(exc, "__context__")
    if last is exc:
        return handled
    set_field(last, "__context__", handled)
    return get_field(exc, "__context__")
