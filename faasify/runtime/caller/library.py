"""Library state that the program changed and that is not carried (DECISIONS G4): `time.time = lambda: 0`, `csv.register_dialect(...)`.

A unit has the library as a fresh import leaves it. So what the program's imports left is remembered, module by module, and a
call whose snapshot reaches a
module that looks different by now runs here. Looked at: the module's attributes and those of the classes that the program's
source mentions (by identity),
the contents of containers that it mentions, and a few settings that live in C.
"""

from __future__ import annotations

import builtins
import sys
import time
from collections.abc import Callable, Iterable, Set
from importlib.machinery import ModuleSpec, SourceFileLoader
from operator import is_
from sys import get_int_max_str_digits
from types import ModuleType
from typing import Any

from faasify.runtime.unit.library_state import Watch, to_watch
from faasify.runtime.unit.settings import OWN_CACHES
from faasify.runtime.unit.stdin import input_
from faasify.runtime.unit.world import lookup

_INCIDENTAL = frozenset({"__warningregistry__", "__builtins__", "__spec__", "__loader__", "_"})
# What a library sets by itself while it is used.
_OWN = {
    "sys": {
        "stdin",
        "stdout",
        "stderr",
        "__stdin__",
        "__stdout__",
        "__stderr__",
        "argv",
        "path",
        "last_exc",
        "last_type",
        "last_value",
        "last_traceback",
    },
    "logging": {"_warnings_showwarning"},  # this and the next are carried: warning_state
    "warnings": {"showwarning", "_showwarnmsg_impl", "filters", "formatwarning"},
    "tempfile": {"tempdir", "_name_sequence"},
    "mimetypes": {"inited", "_db"},
    "time": {"tzname", "timezone", "altzone", "daylight"},  # new objects after each strptime: compared by value, in _PROBES
}


def _csv() -> Any:
    csv = sys.modules["_csv"]
    return sorted(csv.list_dialects()), csv.field_size_limit()


# State in C, by the module through which a unit would see it.
_PROBES: dict[str, Callable[[], Any]] = {
    "sys": lambda: [*sys.orig_argv],
    "csv": _csv,
    "time": lambda: (time.tzname, time.timezone, time.altzone, time.daylight),
    "datetime": lambda: (time.tzname, time.timezone),
    "copyreg": lambda: len(sys.modules["copyreg"].dispatch_table),
    "copy": lambda: len(sys.modules["copyreg"].dispatch_table),
    "pickle": lambda: len(sys.modules["copyreg"].dispatch_table),
    "locale": lambda: sys.modules["_locale"].setlocale(sys.modules["_locale"].LC_ALL),
}


# What a library looks up in another one while it works.
_BEHIND = {"datetime": {"time", "locale"}, "traceback": {"sys"}}


def behind(nodes: Iterable[list[Any]], names: Iterable[str] = ()) -> set[str]:
    """Modules of the library whose code works on the values that these nodes describe, or is named by them; and those of `names`."""
    found = set(names)
    for node in nodes:
        if node[0] == "ref":
            found.add(node[1].partition(":")[0])
        elif node[0] == "R":
            found.add(node[1].rpartition(".")[0])
    return found.union(*(_BEHIND[name] for name in found & _BEHIND.keys()))


class Record:
    """What one module looked like."""

    def __init__(self, name: str, module: ModuleType, mentioned: Iterable[str]) -> None:
        self.name = name
        self.attributes = dict(vars(module))
        self.objects = Watch(to_watch(mentioned, lookup))
        self.probe = _PROBES[name]() if name in _PROBES else None

    def difference(self, module: ModuleType) -> str | None:
        """The first thing that differs, or None."""
        now = vars(module)
        if len(now) != len(self.attributes) or not all(map(is_, now.values(), self.attributes.values())):
            for key in {**self.attributes, **now}:
                if now.get(key, is_) is not self.attributes.get(key, is_) and not self._own_doing(key, now):
                    return f"{self.name}.{key}"
        if changed := self.objects.changed():
            return changed[0].replace(":", ".")
        if self.name in _PROBES and _PROBES[self.name]() != self.probe:
            return f"a setting of {self.name}"
        return None

    def _own_doing(self, key: str, now: dict[str, Any]) -> bool:
        submodule = isinstance(now.get(key), ModuleType) and key not in self.attributes
        names = (self.name, str(now.get("__name__")))  # os.path, and posixpath
        return submodule or key in _INCIDENTAL or any(key in _OWN.get(name, ()) or key in OWN_CACHES.get(name, ()) for name in names)


class Library:
    """Records of the library modules that the program imports, each from right after its import."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self.names = frozenset(manifest["imports"])
        self._by_last: dict[str, list[str]] = {}  # "parse": ["urllib.parse"], as code names it: urllib.parse.urljoin(...)
        for name in self.names:
            self._by_last.setdefault(name.rpartition(".")[2], []).append(name)
        self._mentioned: dict[str, set[str]] = {}
        for ref in manifest["library"]:
            self._mentioned.setdefault(ref.partition(":")[0], set()).add(ref)
        self._records: dict[str, Record] = {}
        self._program = {"__main__", *(m["import_name"] for m in manifest.get("modules", {}).values())}
        self._loaded = set(sys.modules)
        self._builtins = dict(vars(builtins))
        self._digits = get_int_max_str_digits()
        for name in self.names:
            if name in sys.modules:
                self.note(name, sys.modules[name])

    def note(self, name: str, module: ModuleType) -> None:
        """`module` has just been imported."""
        new = sys.modules.keys() - self._loaded
        self._loaded |= new
        for record in self._records.values():
            record.objects.imported(new - self._program)
        self._records[name] = Record(name, module, self._mentioned.get(name, ()))

    def forget(self) -> None:
        """Let go of the library's objects."""
        self._records, self._builtins = {}, {}

    def named_by(self, names: Set[str]) -> set[str]:
        """The modules that code with these names may mean."""
        return {name for last in names & self._by_last.keys() for name in self._by_last[last]}

    def changed_builtins(self) -> str | None:
        """The builtin that is another one now, or None."""
        now = vars(builtins)
        if len(now) != len(self._builtins) or not all(map(is_, now.values(), self._builtins.values())):
            changed = [
                k
                for k in {**now, **self._builtins}
                if now.get(k, is_) is not self._builtins.get(k, is_) and k != "_" and now.get(k) is not input_
            ]
            if changed:
                return f"builtins.{changed[0]}"
        return None

    def difference(self, reached: set[str]) -> str | None:
        """What a unit that reaches these modules would find otherwise than the caller has it, or None. Builtins apart."""
        if get_int_max_str_digits() != self._digits:
            return "sys.set_int_max_str_digits"
        for name in reached:
            record, module = self._records.get(name), sys.modules.get(name)
            if record is not None and module is not None and (found := record.difference(module)):
                return found
        return None

    def made_by_hand(self) -> list[str]:
        """Modules in `sys.modules` that no import put there."""
        return [name for name, module in list(sys.modules.items()) if getattr(module, "__spec__", self) is None and name != "__main__"]


class Watching:
    """A loader that tells when its module is ready; everything else is the loader's that it stands for."""

    def __init__(self, spec: ModuleSpec, note: Callable[[str, ModuleType], None]) -> None:
        self._loader: Any = spec.loader
        self._note = note

    def create_module(self, spec: ModuleSpec) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        assert spec is not None
        spec.loader = module.__loader__ = self._loader
        try:
            self._loader.exec_module(module)
        except BaseException as e:
            e.__traceback__ = e.__traceback__.tb_next if e.__traceback__ is not None else None  # the first entry is this frame
            raise
        self._note(spec.name, sys.modules.get(spec.name, module))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    # A warning whose `stacklevel` names whoever imports the module goes past the frames of imports, which are told by their file.
    exec_module.__code__ = exec_module.__code__.replace(co_filename=SourceFileLoader.exec_module.__code__.co_filename)
