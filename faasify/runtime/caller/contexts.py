"""The context of an exception that comes from elsewhere (SEMANTICS E1)."""

from __future__ import annotations

from sys import exception


def with_context(exc: BaseException) -> BaseException | None:
    """The context that `exc` has if it is raised here: its own chain, ending in what the caller is handling."""
    handled = exception()
    if handled is None or handled is exc:
        return exc.__context__
    last: BaseException = exc
    seen = {id(exc)}
    while last.__context__ is not None and id(last.__context__) not in seen:
        last = last.__context__
        seen.add(id(last))
        if last is handled:
            return exc.__context__
    if last is exc:
        return handled
    last.__context__ = handled
    return exc.__context__
