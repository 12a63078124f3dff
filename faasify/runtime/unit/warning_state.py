"""What decides which warnings are shown: filters, what was shown already, who shows them (SEMANTICS O3, hidden state).

    take(enc)             in the caller
    apply(dec, state)     in the unit; what is in force, for `changed`
    changed(enc, before)  in the unit
    commit(dec, state)    in the caller

A warning is shown in the unit, on its sys.stderr; where the caller records warnings in a list, it is noted and recorded when the call
commits. Registries of what was shown hold a number of the interpreter's that counts changes of the filters; each side has its own.
The state: {"filters": {"rows": [[action, text, category, text, line], ...]} | x, "once": kv*, "shown": [[module, kv*], ...],
"show": x | "record" | "logging"}, what is usual left out; x is a wire value, or {"stays": why}.
"""

from __future__ import annotations

import re
import sys
import warnings as _module
from collections.abc import Set
from operator import is_
from types import BuiltinMethodType, FunctionType
from typing import Any

from faasify.runtime.unit.codec import Decoder, Encoder, Untravellable

RECORD = 6  # the number under which a recorded warning stands in the list of outputs
REGISTRY = "__warningregistry__"

_WARNINGS: Any = _module
_SHOWWARNING, _SHOWWARNMSG = _WARNINGS.showwarning, _WARNINGS._showwarnmsg_impl
_usual: list[Any] | None = None  # the filters that the zygote was started with
_told: tuple[list[Any], list[Any] | None] = [], None  # filters that a call was sent with, as rows
_adopted: tuple[Any, list[Any]] = None, []  # rows that a call brought, and the filters


def describe() -> list[Any] | None:
    """In the caller, when the zygote starts: the filters in force as plain data; None where they cannot be described."""
    global _usual
    rows = _rows(list(_WARNINGS.filters), frozenset())
    if rows is not None:
        _usual = list(_WARNINGS.filters)
    return rows


def adopt(rows: list[Any] | None) -> None:
    """In the zygote: the filters that the caller described."""
    global _usual
    if rows is not None:
        _usual = _filters(rows)
        _set_filters(_WARNINGS, _usual)


def _rows(filters: list[Any], imports: Set[str]) -> list[Any] | None:
    """Filters as plain data, if their categories are builtins or of the modules that the program imports."""
    rows = []
    for action, message, category, module, line in filters:
        home, name = category.__module__, category.__qualname__
        if home != "builtins" and (home.partition(".")[0] not in imports or getattr(sys.modules.get(home), name, None) is not category):
            return None
        rows.append([action, _as_text(message), f"{home}:{name}", _as_text(module), line])
    return rows


def _filters(rows: list[Any]) -> list[Any]:
    return [(action, _as_pattern(m), _category(name), _as_pattern(mod), line) for action, m, name, mod, line in rows]


def _category(text: str) -> type[Warning]:
    """Of a module that is there: nothing is imported for it."""
    module, _, name = text.partition(":")
    found = getattr(sys.modules.get(module), name, None)
    if not (isinstance(found, type) and issubclass(found, Warning)):
        raise Untravellable(f"a warning filter for {module}.{name}")
    return found


def _as_text(pattern: Any) -> Any:
    return [pattern.pattern, pattern.flags] if isinstance(pattern, re.Pattern) else pattern


def _as_pattern(text: Any) -> Any:
    return re.compile(*text) if type(text) is list else text


def _set_filters(warnings: Any, filters: list[Any]) -> None:
    if not _identical(warnings.filters, filters):
        warnings.filters[:] = filters
        warnings._filters_mutated()


def _identical(a: Any, b: Any) -> bool:
    return len(a) == len(b) and all(map(is_, a, b))


def version() -> int:
    """The interpreter's number: it only tells it in the registry of a warning, so one is ignored."""
    import _warnings
    import warnings

    registry: Any = {}
    kept, warnings.filters = warnings.filters, [("ignore", None, Warning, None, 0)]
    try:
        _warnings.warn_explicit("", Warning, "", 1, "", registry)
    finally:
        warnings.filters = kept
    return int(registry["version"])


def in_force() -> list[Any]:
    return list(_WARNINGS.filters)


def unchanged(filters: list[Any]) -> bool:
    """Whether these are the filters in force, and warnings are shown in the usual way, each as often as if it were the first."""
    return (
        _identical(_WARNINGS.filters, filters)
        and _WARNINGS.showwarning is _SHOWWARNING
        and _WARNINGS._showwarnmsg_impl is _SHOWWARNMSG
        and not _WARNINGS.onceregistry
    )


def take_filters(enc: Encoder) -> dict[str, Any]:
    """The filters alone."""
    global _told
    filters = list(_WARNINGS.filters)
    if _usual is not None and _identical(filters, _usual):
        return {}
    if not _identical(_told[0], filters):
        _told = filters, _rows(filters, enc.world.imports)
    return {"filters": {"rows": _told[1]} if _told[1] is not None else _or_why(enc, filters)}


def take(enc: Encoder) -> dict[str, Any] | None:
    warnings: Any = sys.modules["warnings"]
    state = take_filters(enc)
    if warnings.onceregistry:
        state["once"] = enc.pairs(warnings.onceregistry.items())
    shown = [(name, space[REGISTRY]) for name, module in enc.world.modules.items() if REGISTRY in (space := vars(module))]
    if shown:
        now = version()
        state["shown"] = [[name, _entries(enc, registry)] for name, registry in shown if registry.get("version") == now]
    if (show := _shown_by(enc, warnings)) is not None:
        state["show"] = show
    return state or None


def is_plain(state: dict[str, Any] | None, *, registries: bool = False) -> bool:
    """Whether nothing is told but filters, as plain data; with `registries`, or that modules have a registry in which nothing stands.

    They have that after a warning that the filters ignore, as of a file that nobody closed.
    """
    told = dict(state or {})
    filters = told.pop("filters", None)
    nothing = not told or (registries and set(told) == {"shown"} and not any(entries for _, entries in told["shown"]))
    return nothing and (filters is None or (type(filters) is dict and "rows" in filters))


def _entries(enc: Encoder, registry: dict[Any, Any]) -> list[Any]:
    return enc.pairs((key, value) for key, value in registry.items() if key != "version")


def _or_why(enc: Encoder, value: Any) -> Any:
    """The wire value, or {"stays": why} for what cannot travel: then no unit can warn."""
    try:
        return enc.root(value)
    except Untravellable as e:
        return {"stays": e.why}


def _shown_by(enc: Encoder, warnings: Any) -> Any:
    """Who shows warnings, None for the usual."""
    by, below = warnings.showwarning, warnings._showwarnmsg_impl
    if by is not warnings._showwarning_orig:
        logging = sys.modules.get("logging")
        if logging is not None and by is logging._showwarning:
            return "logging"
        return _or_why(enc, by)
    if type(below) is BuiltinMethodType and type(below.__self__) is list:  # catch_warnings(record=True)
        return {"stays": "a list of warnings that the call can see"} if id(below.__self__) in enc.memo else "record"
    if type(below) is not FunctionType or below.__module__ != "warnings" or warnings.formatwarning is not warnings._formatwarning_orig:
        return {"stays": "warnings.formatwarning, which the program has changed"}
    return None


class InForce:
    """What `apply` put in place in this process."""

    def __init__(self, filters: list[Any], once: dict[Any, Any], shown: dict[str, Any], number: int) -> None:
        self.filters, self.once, self.shown, self.number = filters, once, shown, number


_own_show: Any = None  # (showwarning, _showwarnmsg_impl) of this process
_why: str | None = None  # why no warning can be issued in the current call


def stays() -> str | None:
    return _why


def apply(dec: Decoder, state: dict[str, Any] | None, noted: Any) -> InForce:
    """`noted(number, data)` puts something into the list of outputs."""
    global _why
    import warnings

    state = state or {}
    _why = next((part["stays"] for part in (state.get("filters"), state.get("show")) if type(part) is dict and "stays" in part), None)
    _set_filters(warnings, _sent(dec, state.get("filters")))
    registry: Any = warnings.onceregistry  # type: ignore[attr-defined]
    registry.clear()
    registry.update(dec.pairs(state.get("once", [])))
    _show_by(dec, warnings, state.get("show"), noted)
    shown: dict[str, Any] = {}
    number = version()
    for name, pairs in state.get("shown", ()):
        shown[name] = dict(dec.pairs(pairs))
        vars(dec.world.modules[name])[REGISTRY] = {**shown[name], "version": number}
    return InForce(list(warnings.filters), dict(registry), shown, number)


def _sent(dec: Decoder, filters: Any) -> list[Any]:
    global _adopted
    if filters is None or (type(filters) is dict and "stays" in filters):
        return list(_usual or _WARNINGS.filters)
    if type(filters) is not dict:
        return list(dec.value(filters))
    if _adopted[0] != filters["rows"]:
        _adopted = filters["rows"], _filters(filters["rows"])
    return _adopted[1]


def _show_by(dec: Decoder, warnings: Any, show: Any, noted: Any) -> None:
    global _own_show
    if _own_show is None:
        _own_show = warnings.showwarning, warnings._showwarnmsg_impl
    warnings.showwarning, warnings._showwarnmsg_impl = _own_show
    if show == "record":
        warnings._showwarnmsg_impl = lambda m: noted(RECORD, [m.message, m.category, m.filename, m.lineno, m.line, m.source])
    elif show == "logging":
        import logging

        logging._warnings_showwarning = warnings.showwarning  # type: ignore[attr-defined]
        warnings.showwarning = logging._showwarning  # type: ignore[attr-defined]
    elif show is not None and type(show) is not dict:
        warnings.showwarning = dec.value(show)


def is_in_force(before: InForce) -> bool:
    return _identical(_WARNINGS.filters, before.filters)


def changed(enc: Encoder, before: InForce) -> dict[str, Any] | None:
    """What is different now; None for nothing."""
    warnings: Any = sys.modules["warnings"]
    state: dict[str, Any] = {}
    if not _identical(warnings.filters, before.filters):
        state["filters"] = enc.root(list(warnings.filters))
    if warnings.onceregistry != before.once:
        state["once"] = enc.pairs(warnings.onceregistry.items())
    registries = {name: space[REGISTRY] for name, module in enc.world.modules.items() if REGISTRY in (space := vars(module))}
    number = version() if registries or state else before.number
    if number != before.number:
        state["moved"] = True
    for name, registry in registries.items():
        entries = {k: v for k, v in registry.items() if k != "version"} if registry.get("version") == number else {}
        if entries != ({} if "moved" in state else before.shown.get(name, {})):
            state.setdefault("shown", []).append([name, enc.pairs(entries.items())])
    return state or None


def commit(dec: Decoder, state: dict[str, Any]) -> None:
    import warnings

    if "filters" in state:
        warnings.filters[:] = dec.value(state["filters"])  # type: ignore[index]
    if "filters" in state or "moved" in state:
        warnings._filters_mutated()  # type: ignore[attr-defined]
    if "once" in state:
        registry: Any = warnings.onceregistry  # type: ignore[attr-defined]
        registry.clear()
        registry.update(dec.pairs(state["once"]))
    shown = state.get("shown")
    if shown:
        number = version()
        for name, pairs in shown:
            entries = vars(dec.world.modules[name]).setdefault(REGISTRY, {})
            if entries.get("version") != number:
                entries.clear()
            entries.update(dec.pairs(pairs))
            entries["version"] = number


def record(parts: list[Any]) -> None:
    """In the caller: a warning that a unit noted, into the list of the caller's."""
    import warnings

    message, category, filename, line, text, source = parts
    found = warnings.WarningMessage(message, category, filename, line, None, text, source)
    warnings._showwarnmsg_impl(found)  # type: ignore[attr-defined]
