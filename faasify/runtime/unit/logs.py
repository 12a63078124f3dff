"""Covers for `logging` and `warnings`, which are Python: the caller's handlers and filters decide what they do (O3).

A unit has neither, so a record that is offered to a logger, and a warning that is about to be shown, end the call.
`allow` of "logging" or "warnings" lets them through.

    logging.info("x")                          -> abort("logging", "logging.Logger.isEnabledFor")
    warnings.warn("old", DeprecationWarning)   -> nothing: the default filters hide it
    warnings.warn("careful")                   -> abort("warnings", "warnings.showwarning")
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    from .wrappers import Check

_getframe = sys._getframe
_LOGGER_METHODS = ("isEnabledFor", "setLevel", "addHandler", "removeHandler", "handle", "hasHandlers", "getEffectiveLevel")
_LOGGING_FUNCTIONS = ("getLogger", "basicConfig", "disable", "captureWarnings", "addLevelName", "setLoggerClass", "setLogRecordFactory")
_covered: set[int] = set()


def cover(check: Check) -> None:
    """Covers those of the two modules that are imported by now, once."""
    logging, warnings = sys.modules.get("logging"), sys.modules.get("warnings")
    if logging is not None and id(logging) not in _covered and hasattr(logging, "basicConfig"):
        _covered.add(id(logging))
        _cover_logging(logging, check)
    if warnings is not None and id(warnings) not in _covered and hasattr(warnings, "_showwarnmsg"):
        _covered.add(id(warnings))
        _cover_warnings(warnings, check)


def _cover_logging(logging: ModuleType, check: Check) -> None:
    for name in _LOGGER_METHODS:
        _replace(logging.Logger, name, "logging", f"logging.Logger.{name}", check)
    for name in _LOGGING_FUNCTIONS:
        _replace(logging, name, "logging", f"logging.{name}", check)


def _cover_warnings(warnings: ModuleType, check: Check) -> None:
    """Python and C both show a warning through this name. Inside `catch_warnings(record=True)` it shows nothing."""
    shows = warnings._showwarnmsg_impl
    _replace(warnings, "_showwarnmsg", "warnings", "warnings.showwarning", check, when=lambda: warnings._showwarnmsg_impl is shows)


def _replace(owner: Any, name: str, kind: str, what: str, check: Check, when: Callable[[], bool] = lambda: True) -> None:
    original = getattr(owner, name)

    def guarded(*args: Any, **kwargs: Any) -> Any:
        if when():
            check(kind, what, (), _getframe())
        return original(*args, **kwargs)

    for attribute in ("__name__", "__qualname__", "__module__", "__doc__"):
        setattr(guarded, attribute, getattr(original, attribute))
    guarded.__wrapped__ = original  # type: ignore[attr-defined]  # inspect.signature() follows it
    setattr(owner, name, guarded)
