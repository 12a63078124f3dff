"""What a program can change about objects of the library: attributes of classes, functions and instances, contents of containers.

`settings` compares the modules' own attributes; this is what lies behind them, of the objects that the program's source mentions.

    contents(json.JSONEncoder)                  ["item_separator", ", ", ...]      by reference; None: nothing could change
    watch = Watch({"json:JSONEncoder": json.JSONEncoder})
    json.JSONEncoder.item_separator = "|"
    watch.changed()                             ["json:JSONEncoder"]
"""

from __future__ import annotations

import sys
from abc import get_cache_token
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from itertools import chain
from operator import attrgetter, is_, methodcaller
from types import FunctionType, ModuleType
from typing import Any

_HEAPTYPE, _IMMUTABLE = 1 << 9, 1 << 8
_MAPPINGS = (dict, OrderedDict, defaultdict)
_SEQUENCES = (list, set, deque)
# Their state is carried, or compared, by itself.
APART = ("sys", "os", "logging", "warnings", "random", "builtins", "threading", "contextvars")
_values = methodcaller("values")
_of_function = attrgetter("__defaults__", "__kwdefaults__", "__code__", "__module__", "__name__", "__qualname__", "__doc__")
# What functions of the library change beside their arguments, where it is no attribute of their module that becomes another object.
_HOLDERS = {
    "calendar:setfirstweekday": "calendar:c",
    "doctest:register_optionflag": "doctest:OPTIONFLAGS_BY_NAME",
    "email.charset:add_alias": "email.charset:ALIASES",
    "email.charset:add_charset": "email.charset:CHARSETS",
    "email.charset:add_codec": "email.charset:CODEC_MAP",
    "gettext:bindtextdomain": "gettext:_localedirs",
    "shutil:register_archive_format": "shutil:_ARCHIVE_FORMATS",
    "shutil:register_unpack_format": "shutil:_UNPACK_FORMATS",
    "shutil:unregister_archive_format": "shutil:_ARCHIVE_FORMATS",
    "shutil:unregister_unpack_format": "shutil:_UNPACK_FORMATS",
    "webbrowser:register": "webbrowser:_browsers",
    "xml.etree.ElementTree:register_namespace": "xml.etree.ElementTree:_namespace_map",
}


def space_of(obj: Any) -> Mapping[Any, Any] | None:
    """The mapping in which `obj` keeps what can change about it; None where there is none."""
    cls: Any = type(obj)
    if isinstance(obj, type):
        return vars(obj) if obj.__flags__ & _HEAPTYPE and not obj.__flags__ & _IMMUTABLE else None
    if cls in _MAPPINGS:
        return obj  # type: ignore[no-any-return]
    if cls is FunctionType or (cls.__flags__ & _HEAPTYPE and cls.__dictoffset__ and not isinstance(obj, ModuleType)):
        space = object.__getattribute__(obj, "__dict__")
        return space if type(space) is dict else None  # a class of the program may call something else so
    return None


def contents(obj: Any) -> list[Any] | None:
    """Everything about `obj` that a program could change, for comparison by identity."""
    if type(obj) in _SEQUENCES:
        return list(obj)
    if type(obj).__name__ == "Context" and type(obj).__module__ == "decimal":
        return [repr(obj)]
    space = space_of(obj)
    if space is None:
        return None
    found = [part for name, value in space.items() if not str(name).startswith("__annot") for part in (name, value)]
    if isinstance(obj, FunctionType):
        found += _of_function(obj)
    if isinstance(obj, type) and "_abc_impl" in space:
        found.append(len(_registered(obj)))
    return found


def _registered(cls: type) -> Collection[Any]:
    """Weak references to what is registered with an abstract class."""
    found: Collection[Any] = sys.modules["_abc"]._get_dump(cls)[0]
    return found


def differs(before: list[Any], now: list[Any] | None) -> bool:
    """Whether one list refers to something else than the other; numbers and strings are compared by value."""
    return now is None or len(before) != len(now) or not all(map(_same, before, now))


def _same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and type(a) in (int, str) and a == b)


class Watch:
    """Objects by name, as they are now. `changed` costs a few microseconds where nothing has."""

    def __init__(self, objs: Mapping[str, Any]) -> None:
        looked = {name: (obj, before) for name, obj in objs.items() if (before := contents(obj)) is not None}
        self._objs = looked
        self._spaces = [space for obj, _ in looked.values() if (space := space_of(obj)) is not None]
        self._functions = [obj for obj, _ in looked.values() if type(obj) is FunctionType]
        self._others = {name: pair for name, pair in looked.items() if space_of(pair[0]) is None}
        self._sizes, self._values = self._now()

    def _now(self) -> tuple[list[object], list[Any]]:
        """Sizes, and how often anything was registered with an abstract class; values, and the parts of functions."""
        sizes = [get_cache_token(), *map(len, self._spaces)]
        return sizes, [*chain.from_iterable(map(_values, self._spaces)), *chain.from_iterable(map(_of_function, self._functions))]

    def changed(self) -> list[str]:
        sizes, values = self._now()
        if sizes == self._sizes and all(map(is_, values, self._values)):
            return self._different(self._others)
        return self._different(self._objs)

    def imported(self, modules: Set[str]) -> None:
        """These modules are new: what they have registered with abstract classes is no change of the program's. (`import numpy` does it
        with `numbers.Integral`.)"""
        if self._sizes[0] == get_cache_token():
            return
        for obj, before in self._objs.values():
            if isinstance(obj, type) and "_abc_impl" in vars(obj):
                before[-1] += sum(getattr(ref(), "__module__", None) in modules for ref in _registered(obj))
        if not self._different(self._objs):
            self._sizes[0] = get_cache_token()

    @staticmethod
    def _different(objs: Mapping[str, tuple[Any, list[Any]]]) -> list[str]:
        return [name for name, (obj, before) in objs.items() if differs(before, contents(obj))]


class Modules:
    """`sys.modules` before a call, where the program's source mentions it: what was put there or taken away by hand is a change."""

    def __init__(self, mentioned: bool) -> None:
        self._before = dict(sys.modules) if mentioned else None

    def changed(self) -> list[str]:
        if self._before is None:
            return []
        gone = [name for name, module in self._before.items() if sys.modules.get(name) is not module]
        new = [name for name, module in sys.modules.items() if name not in self._before and not _imported(name, module)]
        return [f"sys.modules[{name!r}]" for name in gone + new]


def _imported(name: str, module: Any) -> bool:
    spec = getattr(module, "__spec__", None)
    return spec is not None and spec.name == name


def to_watch(refs: Iterable[str], lookup: Callable[[str], Any]) -> dict[str, Any]:
    """The objects behind `refs` ("json:JSONEncoder.default": the class, too) whose state is nobody else's to look after."""
    found, named = {}, set(chain.from_iterable(map(_prefixes, refs)))
    for ref in sorted(named.union(*([_HOLDERS[ref]] for ref in named & _HOLDERS.keys()))):
        try:
            obj = lookup(ref)
        except (KeyError, AttributeError):
            continue
        if isinstance(obj, type) or ref.partition(":")[0].partition(".")[0] not in APART:
            found[ref] = obj
    return found


def _prefixes(ref: str) -> list[str]:
    module, _, path = ref.partition(":")
    parts = path.split(".")
    return [f"{module}:{'.'.join(parts[: i + 1])}" for i in range(len(parts))] if path else []
