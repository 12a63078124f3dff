"""The loggers of the caller in a unit: levels, handlers, filters, what is disabled (SEMANTICS O3, hidden state).

A record that a unit logs goes through the program's own loggers, over there. Handlers travel (see logging_values): those that cannot
end the call when a record reaches them.

    take(enc)            in the caller; None where nothing that travels can log
    apply(dec, state)    in the unit; what is in force, for `changed`
    changed(enc, before) in the unit: what the call set up
    commit(dec, state)   in the caller

The state: {"off": level up to which all is disabled, "loggers": [[name, level, propagate, disabled, handlers, filters], ...] of those
that are not as made, "made": names of the others, "levels": [number, name, ...] if there are more than the usual, and what a record
tells about where it was made}. A handler or filter is a wire value, or {"stays": [name of logger, attribute, position, why]}.
"""

from __future__ import annotations

import os
import sys
from operator import is_
from typing import Any

from faasify.runtime.unit.codec import Decoder, Encoder, Untravellable

_AS_MADE = (0, True, False, (), ())
_ROOT = (30, True, False, (), ())
_LEVELS = {50: "CRITICAL", 40: "ERROR", 30: "WARNING", 20: "INFO", 10: "DEBUG", 0: "NOTSET"}
_USUAL = (_LEVELS, {name: level for level, name in _LEVELS.items()} | {"FATAL": 50, "WARN": 30})


class InForce:
    """What `apply` put in place in this process."""

    def __init__(self, disabled: int, loggers: dict[str | None, Any], levels: Any, stays: dict[int, Any], names: set[str]) -> None:
        self.disabled, self.loggers, self.levels, self.stays, self.names = disabled, loggers, levels, stays, names


def _loggers(logging: Any) -> dict[str | None, Any]:
    """Every logger by name, the root's being None."""
    found: dict[str | None, Any] = {None: logging.root}
    for name, logger in list(logging.Logger.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger):
            found[name] = logger
    return found


def _flat(logger: Any) -> tuple[Any, ...]:
    return (logger.level, logger.propagate, logger.disabled, tuple(logger.handlers), tuple(logger.filters))


def _same(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    return a[:3] == b[:3] and all(len(x) == len(y) and all(map(is_, x, y)) for x, y in zip(a[3:], b[3:], strict=True))


def ready() -> Any:
    """The module, if it is imported to its end."""
    logging = sys.modules.get("logging")
    return logging if logging is not None and hasattr(logging, "lastResort") else None


def take(enc: Encoder) -> dict[str, Any] | None:
    logging = ready()
    if logging is None:
        return None
    everything = {name: _flat(logger) for name, logger in _loggers(logging).items()}
    special = {name: flat for name, flat in everything.items() if not _same(flat, _ROOT if name is None else _AS_MADE)}
    off = logging.Logger.manager.disable
    if not special and not off and "logging" not in enc.world.imports:
        return None
    state: dict[str, Any] = {
        "off": off,
        "loggers": [[name, *flat[:3], *_components(enc, name, flat)] for name, flat in special.items()],
        "made": [name for name in everything if name not in special],
        "origin": _origin(logging),
    }
    if (logging._levelToName, logging._nameToLevel) != _USUAL:
        state["levels"] = [list(part.items()) for part in _level_names(logging)]
    return state


def _components(enc: Encoder, name: str | None, flat: tuple[Any, ...]) -> list[Any]:
    found = []
    for attribute, parts in (("handlers", flat[3]), ("filters", flat[4])):
        wires = []
        for position, part in enumerate(parts):
            try:
                wires.append(enc.root(part))
            except Untravellable as e:
                wires.append({"stays": [name, attribute, position, e.why]})
        found.append(wires)
    return found


def _origin(logging: Any) -> dict[str, Any]:
    """What a record tells about the process, the thread and the task that made it."""
    import threading

    origin: dict[str, Any] = {"process": os.getpid(), "thread": threading.current_thread().name, "start": logging._startTime}
    multiprocessing = sys.modules.get("multiprocessing")
    if multiprocessing is not None:
        origin["processName"] = multiprocessing.current_process().name
    asyncio = sys.modules.get("asyncio")
    if asyncio is not None and sys.version_info >= (3, 12):
        try:
            origin["taskName"] = asyncio.current_task().get_name()
        except (RuntimeError, AttributeError):
            pass
    return origin


_initial: dict[str | None, Any] = {}
_as_initial = True  # no call has brought loggers since this process was made, or they were put back
origin: dict[str, Any] = {}  # of the records of the current call


def settle() -> None:
    """In the zygote, when the library is imported: what loggers are like before any call."""
    logging = ready()
    if logging is not None:
        _initial.update({name: _flat(logger) for name, logger in _loggers(logging).items()})


def apply(dec: Decoder, state: dict[str, Any] | None, abort: Any) -> InForce | None:
    """With no state, loggers are as before any call: what an earlier one brought would be taken for what this one did."""
    global _as_initial
    if state is None:
        if not _as_initial:
            _put_back()
        return None
    import logging

    _as_initial = False

    stays: dict[int, Any] = {}

    def component(wire: Any) -> Any:
        if type(wire) is not dict:
            return dec.value(wire)
        part = _Stays(wire["stays"][3], abort)
        stays[id(part)] = wire["stays"][:3]
        return part

    loggers: dict[str | None, Any] = {name: _initial.get(name, _AS_MADE) for name in _loggers(logging)}
    loggers |= {name: _ROOT if name is None else _AS_MADE for name in state["made"]}
    for name, level, propagate, disabled, handlers, filters in state["loggers"]:
        loggers[name] = (level, propagate, disabled, tuple(map(component, handlers)), tuple(map(component, filters)))
    for name, flat in loggers.items():
        _put(logging.getLogger(name), flat)
    manager: Any = logging.Logger.manager
    manager.disable = state["off"]
    manager._clear_cache()
    _set_levels(logging, state.get("levels"))
    origin.clear()
    origin.update(state["origin"])
    logging._startTime = origin.pop("start")  # type: ignore[attr-defined]
    return InForce(state["off"], loggers, _level_names(logging), stays, set(manager.loggerDict))


def _put_back() -> None:
    global _as_initial
    logging = ready()
    for name, logger in _loggers(logging).items():
        _put(logger, _initial.get(name, _ROOT if name is None else _AS_MADE))
    logging.Logger.manager.disable = 0
    logging.Logger.manager._clear_cache()
    _set_levels(logging, None)
    _as_initial = True


def _level_names(logging: Any) -> tuple[dict[int, str], dict[str, int]]:
    return (dict(logging._levelToName), dict(logging._nameToLevel))


def _set_levels(logging: Any, levels: Any) -> None:
    for part, wanted in zip((logging._levelToName, logging._nameToLevel), map(dict, levels) if levels else _USUAL, strict=True):
        if part != wanted:
            part.clear()
            part.update(wanted)


def _put(logger: Any, flat: tuple[Any, ...]) -> None:
    logger.level, logger.propagate, logger.disabled = flat[:3]
    for name, parts in (("handlers", flat[3]), ("filters", flat[4])):
        held = getattr(logger, name)
        if len(held) != len(parts) or not all(map(is_, held, parts)):
            held[:] = parts


class _Stays:
    """Stands for a handler or filter that could not travel: a record that reaches it ends the call."""

    level = 0

    def __init__(self, why: str, abort: Any) -> None:
        self._faasify = why, abort

    def __getattr__(self, name: str) -> Any:
        why, abort = vars(self)["_faasify"]
        abort("logging", f"a handler or filter stays here: {why}")


def changed(enc: Encoder, before: InForce | None) -> dict[str, Any] | None:
    """What is different now; None for nothing."""
    logging = ready()
    if logging is None:
        return None
    if before is None:  # nothing was sent: the caller's are as made, and this process must not have done anything either
        return _found_without(enc, logging)
    state: dict[str, Any] = {}
    now = _loggers(logging)
    edits = []
    for name, logger in now.items():
        flat = _flat(logger)
        if not _same(flat, before.loggers.get(name, _AS_MADE)):
            edits.append([name, *flat[:3], *_components_back(enc, flat, before)])
    if edits:
        state["loggers"] = edits
    if made := [name for name in now if name is not None and name not in before.names]:
        state["made"] = made
    if logging.Logger.manager.disable != before.disabled:
        state["off"] = logging.Logger.manager.disable
    if _level_names(logging) != before.levels:
        state["levels"] = [list(part.items()) for part in _level_names(logging)]
    for logger in now.values():
        if id(logger.handlers) in enc.memo or id(logger.filters) in enc.memo:
            raise Untravellable("the list of a logger's handlers or filters")
    return state or None


def _found_without(enc: Encoder, logging: Any) -> dict[str, Any] | None:
    """As `changed`, where the caller had nothing to send."""
    initial = {None: _ROOT, **_initial}
    before = InForce(0, initial, _level_names(logging), {}, set(logging.Logger.manager.loggerDict))
    return changed(enc, before)


def _components_back(enc: Encoder, flat: tuple[Any, ...], before: InForce) -> list[Any]:
    return [[before.stays.get(id(part)) or {"is": enc.root(part)} for part in parts] for parts in flat[3:]]


def commit(dec: Decoder, state: dict[str, Any]) -> None:
    import logging

    def component(part: Any) -> Any:
        if type(part) is dict:
            return dec.value(part["is"])
        name, attribute, position = part
        return getattr(logging.getLogger(name), attribute)[position]

    for name in state.get("made", ()):
        logging.getLogger(name)
    wanted = [
        (logging.getLogger(name), (level, propagate, disabled, tuple(map(component, handlers)), tuple(map(component, filters))))
        for name, level, propagate, disabled, handlers, filters in state.get("loggers", ())
    ]
    known: Any = {id(ref()) for ref in logging._handlerList}  # type: ignore[attr-defined]
    for logger, flat in wanted:
        _put(logger, flat)
        for handler in flat[3]:
            if id(handler) not in known:  # made over there: it is closed at exit like those that were made here
                logging._addHandlerRef(handler)  # type: ignore[attr-defined]
    manager: Any = logging.Logger.manager
    if "off" in state:
        manager.disable = state["off"]
    manager._clear_cache()
    if "levels" in state:
        _set_levels(logging, state["levels"])
