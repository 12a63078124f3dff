"""Loggers and handlers as values (SEMANTICS O3).

`lg` name                                 a logger; both processes have one of that name
`ls` level name formatter filters         a handler that writes where only the caller can, a file say: in the unit a *sink*, which
                                          filters and formats and takes notes; what it noted is written when the call commits
`hl`                                      the lock of a handler, new on the other side

All other handlers, those of the program's classes too, are instances like others: what they do is done in the unit, where it
belongs between the statements of the function, and comes home with everything else.
"""

from __future__ import annotations

import functools
import sys
from _thread import RLock  # that of `threading`: to import that in a thread of the program would make this its main thread
from typing import Any, NoReturn

from faasify.runtime.unit.codec import ENCODERS, CodecError, Decoder, Encoder, Untravellable, makes
from faasify.runtime.unit.scalars import LAZY

_LOGGER = frozenset({"filters", "name", "level", "parent", "propagate", "handlers", "disabled", "_cache", "manager", "root"})
_PLAIN = (str, int, float, bool, type(None))
SINK = 5  # the number under which a sink's notes stand in the list of outputs


def _register() -> None:
    import logging

    ENCODERS[logging.Logger] = ENCODERS[logging.RootLogger] = _logger
    ENCODERS[logging.FileHandler] = _sink
    ENCODERS[logging.StreamHandler] = _stream_handler


def _register_lock() -> None:
    ENCODERS[RLock] = _lock


def _register_more() -> None:
    import logging.handlers as more

    for kind in (more.RotatingFileHandler, more.TimedRotatingFileHandler, more.WatchedFileHandler):
        ENCODERS[kind] = _sink


LAZY["logging"] = _register
LAZY["logging.handlers"] = _register_more
LAZY["_thread"] = _register_lock


def _logger(enc: Encoder, obj: Any) -> list[Any]:
    logging: Any = sys.modules["logging"]

    if obj is not logging.root and logging.Logger.manager.loggerDict.get(obj.name) is not obj:
        raise Untravellable(f"the logger {obj.name!r}, which logging.getLogger() does not give", obj)
    if not vars(obj).keys() <= _LOGGER:
        raise Untravellable(f"the logger {obj.name!r}, which has attributes of the program", obj)
    return ["lg", None if obj is logging.root else obj.name]


@makes("lg")
def _make_logger(dec: Decoder, i: int, node: list[Any]) -> Any:
    import logging

    if node[1] is not None and type(node[1]) is not str:
        raise CodecError("a logger's name is a str")
    return logging.getLogger(node[1])


def _stream_handler(enc: Encoder, obj: Any) -> list[Any]:
    """To a standard stream, a stream of the program's or one in memory it writes there; to any other, when the call commits."""
    from faasify.runtime.unit.instances import object_node

    stream = obj.stream
    kind = type(stream)
    if enc.world.stream_name(stream) is None and not enc.world.is_program_class(kind) and kind.__name__ not in ("StringIO", "BytesIO"):
        return _sink(enc, obj)
    return object_node(enc, obj)


def _sink(enc: Encoder, obj: Any) -> list[Any]:
    return ["ls", obj.level, obj.name, enc.value(obj.formatter), enc.value(obj.filters)]


@makes("ls")
def _make_sink(dec: Decoder, i: int, node: list[Any]) -> Any:
    _, level, name, formatter, filters = node
    sink: Any = object.__new__(_sink_class())
    vars(sink).update(_faasify=(i, dec.world.notes()), level=level, _name=name, lock=RLock(), formatter=None, filters=[], _closed=False)
    dec.later(1, lambda: vars(sink).update(formatter=dec.value(formatter), filters=dec.value(filters)))
    return sink


@functools.cache
def _sink_class() -> type:
    """The class of sinks, made when `logging` is there."""
    import logging

    class Sink(logging.Handler):
        def emit(self, record: Any) -> None:
            try:
                text = self.format(record)
            except RecursionError:
                raise
            except Exception:
                self.handleError(record)
                return
            i, world = vars(self)["_faasify"]
            world.noted(SINK, [i, text, {k: v for k, v in vars(record).items() if type(v) in _PLAIN}])

        def close(self) -> None:
            _refused(self, "close")

        def __setattr__(self, name: str, value: Any) -> None:
            _refused(self, name)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            _refused(self, name)

        @property
        def __class__(self) -> Any:  # who asks `isinstance(handler, FileHandler)` is told by the caller
            _refused(self, "class")

        @__class__.setter
        def __class__(self, value: Any) -> None:
            _refused(self, "class")

    return Sink


def _refused(sink: Any, what: str) -> NoReturn:
    vars(sink)["_faasify"][1].abort("logging", f"the {what} of a handler that writes in the caller")
    raise AssertionError("a call that was ended goes on")


def _lock(enc: Encoder, obj: Any) -> list[Any]:
    logging: Any = sys.modules.get("logging")
    handlers = () if logging is None else (ref() for ref in logging._handlerList)
    if not any(handler is not None and handler.lock is obj for handler in handlers):
        raise Untravellable("a lock", obj)
    return ["hl"]


@makes("hl")
def _make_lock(dec: Decoder, i: int, node: list[Any]) -> Any:
    return RLock()


def emit(handler: Any, text: str, record: dict[str, Any]) -> None:
    """In the caller: write what a sink noted, as the handler would have."""
    import logging

    handler.acquire()
    try:
        formatter, handler.formatter = handler.formatter, _Ready(text)
        try:
            handler.emit(logging.makeLogRecord(record))
        finally:
            handler.formatter = formatter
    finally:
        handler.release()


class _Ready:
    """Stands for the formatter while a record is written that was formatted already."""

    def __init__(self, text: str) -> None:
        self.text = text

    def format(self, record: Any) -> str:
        return self.text
