"""Library state that changes without any event: `time.time = lambda: 0`, `sys.excepthook = ...` (DECISIONS G4).

Looked at before and after a call, by identity; a few microseconds a module.

    before = snapshot_settings(("time", "json"))
    time.time = lambda: 0.0
    changed_settings(before)                    -> ["time.time"]
"""

from __future__ import annotations

import builtins
import gc
import sys
import time
from _locale import LC_ALL, setlocale
from _thread import _count
from operator import is_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Set by the interpreter or by a library for itself, and seen by nobody else.
_INCIDENTAL = frozenset({"__warningregistry__", "__builtins__", "_", "last_exc", "last_type", "last_value", "last_traceback"})
# What a library computes once for itself when it is first used, the same in every process: no change of the program's.
OWN_CACHES = {
    "_strptime": {"_TimeRE_cache"},
    "base64": {"_a85chars", "_a85chars2", "_b85chars", "_b85chars2", "_b85dec"},
    "ipaddress": {"_address_fmt_re"},
    "platform": {"_uname_cache", "_os_release_cache"},
    "posixpath": {"_varprog", "_varprogb", "_varsub", "_varsubb"},
    "random": {"_sha512"},
    "typing": {"Pattern", "Match", "ContextManager", "AsyncContextManager"} if sys.version_info >= (3, 13) else set[str](),
    "urllib.parse": {"_hextobyte", "_typeprog", "_hostprog", "_portprog"},
    "uuid": {"_node"},
}
_COMPARED_BY_VALUE = {"time": {"tzname", "timezone", "altzone", "daylight"}}  # new objects after each tzset
_MISSING = object()


def _contents(items: object) -> tuple[object, ...]:
    return tuple(items) if isinstance(items, (list, tuple)) else (items,)


def _attributes(*names: str) -> Callable[[], tuple[object, ...]]:
    return lambda: tuple(getattr(sys, name, _MISSING) for name in names)


# Label -> what is compared, item by item: by identity, or by value for numbers and strings.
_SETTINGS: dict[str, Callable[[], tuple[object, ...]]] = {
    "sys hooks": _attributes("excepthook", "displayhook", "unraisablehook", "breakpointhook"),
    "sys streams": _attributes("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__"),
    "sys.tracebacklimit": _attributes("tracebacklimit", "dont_write_bytecode", "modules"),
    "sys.path": lambda: _contents(sys.path),
    "sys.orig_argv": lambda: _contents(sys.orig_argv),
    "sys.meta_path": lambda: _contents(sys.meta_path),
    "sys.path_hooks": lambda: _contents(sys.path_hooks),
    "sys.settrace": lambda: (sys.gettrace(), sys.getprofile()),
    "sys limits": lambda: (sys.getrecursionlimit(), sys.getswitchinterval(), sys.get_int_max_str_digits()),
    "gc": lambda: (gc.isenabled(), *gc.get_threshold()),
    "gc.callbacks": lambda: _contents(gc.callbacks),
    "locale": lambda: (setlocale(LC_ALL),),
    "time zone": lambda: (*time.tzname, time.timezone, time.altzone, time.daylight),
    "threads": lambda: (_count(),),
}


class Settings:
    """What was in force: the attributes of library modules and the interpreter's settings."""

    __slots__ = ("modules", "values")

    def __init__(self, modules: dict[str, dict[str, object]], values: dict[str, tuple[object, ...]]) -> None:
        self.modules, self.values = modules, values


def snapshot_settings(modules: Iterable[str] = ()) -> Settings:
    """Remembers the attributes of `modules` (names; those not imported are skipped), builtins and the settings above."""
    contents = {name: vars(sys.modules[name]).copy() for name in modules if name in sys.modules}
    contents["builtins"] = vars(builtins).copy()
    return Settings(contents, {label: look() for label, look in _SETTINGS.items()})


def changed_settings(before: Settings) -> list[str]:
    """The names of what differs now; empty almost always."""
    changed = [label for label, look in _SETTINGS.items() if not _same(before.values[label], look())]
    for name, old in before.modules.items():
        module = sys.modules.get(name)
        now = vars(module) if module is not None else {}
        if len(now) != len(old) or not all(map(is_, now.values(), old.values())):
            changed += _differences(name, old, now)
    return changed


def _same(before: tuple[object, ...], now: tuple[object, ...]) -> bool:
    return len(before) == len(now) and (all(map(is_, before, now)) or all(map(_equal, before, now)))


def _equal(before: object, now: object) -> bool:
    """One object, or equal numbers or strings; an `__eq__` of the program is not asked."""
    return before is now or (type(before) is type(now) and type(now) in (int, float, str) and before == now)


def _differences(name: str, old: dict[str, object], now: dict[str, object]) -> list[str]:
    ignored = _INCIDENTAL | OWN_CACHES.get(name, set()) | _COMPARED_BY_VALUE.get(name, set())
    names = [key for key in {**old, **now} if key not in ignored and old.get(key, _MISSING) is not now.get(key, _MISSING)]
    return [f"{name}.{key}" for key in names if not _is_submodule(name, key, old, now)]


def _is_submodule(name: str, key: str, old: dict[str, object], now: dict[str, object]) -> bool:
    """An import of json.tool sets json's attribute `tool`."""
    return key not in old and sys.modules.get(f"{name}.{key}", _MISSING) is now.get(key)
