"""Namespaces that say who looks: the globals of an observed program, its modules, its streams and its command line.

names = Names(heard, "app")       LOAD_GLOBAL of a dictionary of a subclass goes through its __getitem__
exec(code, names)                 heard("reads", "app.XS")
"""

from __future__ import annotations

import builtins
import importlib.abc
import importlib.machinery
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from types import CodeType, ModuleType
from typing import Any

Heard = Callable[[str, str], None]


class Names(dict[str, Any]):
    """The globals of one module; every look-up of a data global is heard."""

    __slots__ = ("heard", "module", "data")

    def __init__(self, heard: Heard, module: str, data: frozenset[str]) -> None:
        super().__init__()
        self.heard, self.module, self.data = heard, module, data

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if name in self.data:
            self.heard("reads", f"{self.module}.{name}")
        return value


class Watched(ModuleType):
    """A module of the program as other modules see it: its attributes are the names."""

    def __getattribute__(self, name: str) -> Any:
        names: Names | None = ModuleType.__getattribute__(self, "__dict__").get("$names")
        if names is None or name in ("__class__", "__spec__", "__loader__", "__path__"):
            return ModuleType.__getattribute__(self, name)
        if name == "__dict__":
            return names
        try:
            return names[name]
        except KeyError:
            raise AttributeError(f"module has no attribute {name!r}") from None

    def __setattr__(self, name: str, value: object) -> None:
        names: Names | None = ModuleType.__getattribute__(self, "__dict__").get("$names")
        if names is None or name.startswith("__"):
            ModuleType.__setattr__(self, name, value)
        else:
            names[name] = value


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the program's other modules from code in memory, each with watched names."""

    def __init__(self, code: Mapping[str, CodeType], names: Callable[[str], Names]) -> None:
        self.code, self.names = code, names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(fullname, self) if fullname in self.code else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return Watched(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        name = module.__spec__.name if module.__spec__ else ""
        names = self.names(name)
        names.update(__name__=name, __file__=f"{name}.py")
        ModuleType.__getattribute__(module, "__dict__")["$names"] = names
        exec(self.code[name], names)


class Output(io.TextIOBase):
    """A stream that hears what is written, and forgets it."""

    def __init__(self, heard: Heard, kind: str) -> None:
        self.heard, self.kind = heard, kind

    def write(self, text: str) -> int:
        self.heard("effects", self.kind)
        return len(text)

    def flush(self) -> None:
        pass


class Input(io.StringIO):
    """Standard input: the same few lines for every program."""

    heard: Heard

    def readline(self, *args: Any) -> str:  # type: ignore[override]
        self.heard("effects", "stdin")
        return super().readline(*args) or "3\n"

    def read(self, *args: Any) -> str:
        self.heard("effects", "stdin")
        return super().read(*args)


class Arguments(list[str]):
    """`sys.argv`."""

    heard: Heard

    def __getitem__(self, index: Any) -> Any:
        self.heard("effects", "hidden.argv")
        return super().__getitem__(index)

    def __len__(self) -> int:
        self.heard("effects", "hidden.argv")
        return super().__len__()


def own_builtins(heard: Heard, modules: frozenset[str]) -> dict[str, Any]:
    """The builtins, with an `__import__` that hears the program's own modules."""
    found = dict(vars(builtins))

    def import_(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] in modules and sys._getframe(1).f_code.co_name != "<module>":
            heard("effects", "imports")
        return builtins.__import__(name, *args, **kwargs)

    found["__import__"] = import_
    return found
