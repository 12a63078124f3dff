"""Covers for what `logging` and `warnings` ask of the caller: its frames, and what cannot be carried.

The rest of both is state that goes along (logging_state, warning_state), so that a unit logs and warns as the caller would (O3).

    logging.info("x", stack_info=True)              -> abort("introspection", ...): the caller's stack
    warnings.warn("old", stacklevel=2)              -> likewise, where that leads out of the unit
    logging.shutdown()                              -> abort("logging", "logging.shutdown")
"""

from __future__ import annotations

import sys

from . import callers, logging_state, warning_state
from .callstack import is_stand_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, ModuleType
    from typing import Any

    from .wrappers import Check

_getframe = sys._getframe
_LOGGING_FUNCTIONS = ("shutdown", "captureWarnings", "setLoggerClass", "setLogRecordFactory")
_covered: set[int] = set()


def cover(check: Check) -> None:
    """Covers those of the two modules that are imported by now, once."""
    logging, warnings = logging_state.ready(), sys.modules.get("warnings")
    if logging is not None and id(logging) not in _covered:
        _covered.add(id(logging))
        _cover_logging(logging, check)
    if warnings is not None and id(warnings) not in _covered and hasattr(warnings, "_showwarnmsg"):
        _covered.add(id(warnings))
        _cover_warnings(warnings, check)


def _cover_logging(logging: ModuleType, check: Check) -> None:
    for name in _LOGGING_FUNCTIONS:
        _replace(logging, name, "logging", f"logging.{name}", check)
    _replace(logging.Handler, "handleError", "introspection", "logging.Handler.handleError", check)  # it shows the stack
    make = logging.Logger.makeRecord

    def makeRecord(self: Any, name: str, level: int, fn: str, *args: Any, **kwargs: Any) -> Any:
        record = make(self, name, level, fn, *args, **kwargs)
        if record.stack_info is not None or callers.is_runtime_file(fn):
            check("introspection", "a log record about the caller's frame", (), _getframe())
        _tell_origin(record)
        return record

    makeRecord.__qualname__, makeRecord.__doc__ = make.__qualname__, make.__doc__
    logging.Logger.makeRecord = makeRecord


def _tell_origin(record: Any) -> None:
    """A record is made in the caller's process, thread and task."""
    origin = logging_state.origin
    if not origin:
        return
    if record.process is not None:
        record.process = origin["process"]
    if record.threadName is not None:
        record.threadName = origin["thread"]
    if record.processName is not None and "processName" in origin:
        record.processName = origin["processName"]
    if "taskName" in origin:
        record.taskName = origin["taskName"]


def _cover_warnings(warnings: Any, check: Check) -> None:
    issue = warnings.warn

    def warn(*args: Any, **kwargs: Any) -> None:
        level = args[2] if len(args) > 2 else kwargs.pop("stacklevel", 1)
        if type(level) is int:
            if kwargs.get("skip_file_prefixes") or (level > 1 and _leads_out(_getframe().f_back, level)):
                check("introspection", "a warning about the caller's frame", (), _getframe())
            level = max(level, 1) + 1
        if len(args) > 2:
            args = (*args[:2], level, *args[3:])
        else:
            kwargs["stacklevel"] = level
        issue(*args, **kwargs)

    for attribute in ("__name__", "__qualname__", "__module__", "__doc__"):
        setattr(warn, attribute, getattr(issue, attribute))
    warnings.warn = warn
    show = warnings._showwarnmsg

    def _showwarnmsg(message: Any) -> None:
        """Python and C both show a warning through this name."""
        why = warning_state.stays()
        if why is not None:
            check("warnings", why, (), _getframe())
        show(message)

    warnings._showwarnmsg = _showwarnmsg


def _leads_out(frame: FrameType | None, level: int) -> bool:
    """Whether a warning about the frame `level` - 1 callers up is about one that is not in the unit."""
    while frame is not None and level > 1:
        frame = frame.f_back
        while frame is not None and "importlib" in frame.f_code.co_filename and "_bootstrap" in frame.f_code.co_filename:
            frame = frame.f_back
        level -= 1
    return frame is None or callers.is_runtime(frame) or (is_stand_in(frame.f_code) and "__spec__" not in frame.f_globals)


def _replace(owner: Any, name: str, kind: str, what: str, check: Check) -> None:
    original = getattr(owner, name)

    def guarded(*args: Any, **kwargs: Any) -> Any:
        check(kind, what, (), _getframe())
        return original(*args, **kwargs)

    for attribute in ("__name__", "__qualname__", "__module__", "__doc__"):
        setattr(guarded, attribute, getattr(original, attribute))
    guarded.__wrapped__ = original  # type: ignore[attr-defined]  # inspect.signature() follows it
    setattr(owner, name, guarded)
