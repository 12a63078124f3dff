"""Large graphs are made with the collector off: nothing of them is garbage, and looking for it takes longer than making them."""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_faasify_enabled, _faasify_disable, _faasify_enable = gc.isenabled, gc.disable, gc.enable  # kept when the guard covers them
P = ParamSpec("P")
T = TypeVar("T")


def uncollected(fn: Callable[P, T]) -> Callable[P, T]:
    """`fn` with the collector off meanwhile, if it was on."""

    @functools.wraps(fn)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if not _faasify_enabled():
            return fn(*args, **kwargs)
        _faasify_disable()
        try:
            return fn(*args, **kwargs)
        finally:
            _faasify_enable()

    return run
