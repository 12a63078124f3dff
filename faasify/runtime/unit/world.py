"""What the codec knows of a process: the program's modules and code, and which library objects may be named.

A library object travels as "module:qualname". Only names in the bundle's manifest (what the program's source mentions) and in
`ALWAYS` resolve, with exceptions and named tuples, and only in modules that are imported already: nothing that arrives imports or
reaches anything else (DECISIONS M1).
"""

from __future__ import annotations

import sys
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from faasify.runtime.unit.everyday import ALWAYS
from faasify.runtime.unit.failures import CodecError
from faasify.runtime.unit.kinds import is_kind, module_of
from faasify.runtime.unit.registry import World

# Modules whose every function is a value like another: no effect, no state.
PURE_MODULES = ("math", "cmath", "operator", "itertools")
# Names by which code gets at `deepcopy`, where it does not import `copy`.
DEEP_COPIERS = frozenset({"deepcopy", "__deepcopy__", "modules", "__import__", "import_module", "exec", "eval"})
# Names by which code gets at annotations; where the program has none of them, annotations stay at home.
ANNOTATION_READERS = frozenset(
    {
        *("__annotations__", "get_type_hints", "get_annotations", "signature", "getfullargspec", "singledispatchmethod", "inspect"),
        *("fields", "__dataclass_fields__", "__type_params__"),
    }
)
_BY_VALUE = (str, bytes, int, float, complex, tuple, frozenset, type(None), list, dict, set, bytearray)
RUNTIME = __file__.rpartition("unit")[0]  # the folder whose frames no traceback shows


def _unnamed(cls: type) -> bool:
    """Whether the library makes instances of the class that a program handles without a mention of it: exceptions, named tuples."""
    return issubclass(cls, BaseException) or (
        issubclass(cls, tuple) and any("_fields" in vars(c) and "_make" in vars(c) for c in cls.__mro__)
    )


def may_copy_deeply(world: World, names: frozenset[str]) -> bool:
    """Whether a program that uses these names may get at `deepcopy`."""
    return "copy" in world.imports or bool(names & DEEP_COPIERS)


def lookup(ref: str) -> Any:
    """The object at "module:qualname" (qualname may be empty: the module) among the modules that are imported; KeyError,
    AttributeError."""
    module, _, path = ref.partition(":")
    obj: Any = sys.modules[module]
    for name in path.split(".") if path else ():
        obj = vars(obj)[name] if isinstance(obj, type) and name in vars(obj) else getattr(obj, name)
        if isinstance(obj, staticmethod | classmethod) and path.startswith(("enum", "Enum", "Flag")):
            obj = obj.__func__
    return obj


def place(manifest: dict[str, Any], root: str, main_file: str) -> None:
    """Say in a manifest where the program is this time, and what its main file is called: `/home/me/./app.py`."""
    program = manifest["program"]
    program["root"], manifest["modules"][program["main"]]["file"] = root, main_file


class ProcessWorld(World):
    """A world whose library is the manifest's."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        super().__init__()
        self.mentioned = frozenset(manifest["library"])  # by the program's source
        self.allowed = self.mentioned | ALWAYS | {f"{name}:" for name in manifest["imports"]}
        own = {m["import_name"] for m in manifest["modules"].values()} | {"__main__"}
        self.allowed = frozenset(ref for ref in self.allowed if ref.partition(":")[0] not in own)
        for name in PURE_MODULES:
            if name in manifest["imports"]:
                self.allowed |= {f"{name}:{attribute}" for attribute in dir(__import__(name)) if not attribute.startswith("_")}
        self.imports: frozenset[str] = frozenset(manifest["imports"])
        self._refs: dict[int, tuple[str, Any]] = {}
        self._known_modules = -1

    def library_ref(self, obj: Any) -> str | None:
        if is_kind(obj, type) and (module_of(obj) == "builtins" or (_unnamed(obj) and module_of(obj) not in self.modules)):
            ref = f"{obj.__module__}:{obj.__qualname__}"
            if self._always_class(ref, obj):
                return ref
        found = self._refs.get(id(obj))
        if found is None and len(sys.modules) != self._known_modules:
            self._index()
            found = self._refs.get(id(obj))
        return found[0] if found is not None and found[1] is obj else None

    def _index(self) -> None:
        """Where every listed object is in memory, for those whose modules are imported by now."""
        self._known_modules = len(sys.modules)
        for ref in sorted(self.allowed):
            try:
                obj = lookup(ref)
            except (KeyError, AttributeError):
                continue
            if isinstance(obj, ModuleType | type | FunctionType | BuiltinFunctionType) or not isinstance(obj, _BY_VALUE):
                self._refs.setdefault(id(obj), (ref, obj))

    def _always_class(self, ref: str, obj: Any = None) -> bool:
        """Built-in types; exceptions and named tuples of modules that the program imports."""
        try:
            found = lookup(ref)
        except (KeyError, AttributeError):
            return False
        return isinstance(found, type) and (obj is None or found is obj) and (ref.startswith("builtins:") or _unnamed(found))

    def resolve(self, ref: str) -> Any:
        if type(ref) is not str or not (ref in self.allowed or self._always_class(ref)):
            raise CodecError(f"{ref!r} is not in the manifest")
        try:
            return lookup(ref)
        except (KeyError, AttributeError):
            raise CodecError(f"{ref} cannot be found in the unit") from None

    def stream_name(self, obj: Any) -> str | None:
        for name in ("stdout", "stderr", "stdin"):
            if obj is not None and obj is self.streams().get(name):  # None: it was closed at the start
                return name
        return None

    def streams(self) -> dict[str, Any]:
        """The original standard streams."""
        return {"stdin": sys.__stdin__, "stdout": sys.__stdout__, "stderr": sys.__stderr__}

    def stream(self, name: str) -> Any:
        found = self.streams().get(name)
        if found is None:
            raise CodecError(f"no stream {name!r}")
        return found
