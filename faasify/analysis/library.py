"""What is known about libraries: the effect stubs, found by listing folders and read when a module is first asked for.

>>> catalogue = Catalogue.default()
>>> catalogue.find("random:seed").summary.effects
('hidden.random',)
>>> catalogue.find("nowhere:nothing") is None
True
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from faasify.analysis import undescribed
from faasify.analysis.stubs import read_stub
from faasify.analysis.summaries import Described, LibraryAlias, LibraryClass, LibraryFunction
from faasify.resources import folder

_OBJECT = "builtins:object"


class Catalogue:
    """Effect stubs of several folders; a later folder's description of a name wins over an earlier one's."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._files: dict[str, list[Path]] = {}
        for place in folders:
            for file in sorted(place.glob("*.pyi")):
                self._files.setdefault(file.name.removesuffix(".pyi"), []).append(file)
        self._modules: dict[str, Mapping[str, Described]] = {}
        self._ancestry: dict[str, list[LibraryClass]] = {}
        self._found: dict[str, Described | None] = {}
        self._members: dict[tuple[str, str], Described | None] = {}
        self._undescribed: dict[str, undescribed.Undescribed] = {}

    @classmethod
    def default(cls, rules: Sequence[Path] = ()) -> Catalogue:
        """The stubs that ship with faasify, then those of the user's folders (a folder of stubs, or one with `effects/` in it)."""
        return cls(cls.folders(rules))

    @staticmethod
    def folders(rules: Sequence[Path] = ()) -> list[Path]:
        own = [rule / "effects" if (rule / "effects").is_dir() else rule for rule in rules]
        return [folder("rules") / "effects", *own]

    def modules(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def members(self, module: str) -> Mapping[str, Described]:
        """What the stubs of a module describe; empty for a module without one."""
        if module not in self._modules:
            merged: dict[str, Described] = {}
            for file in self._files.get(module, ()):
                merged.update(read_stub(file))
            self._modules[module] = merged
        return self._modules[module]

    def is_module(self, name: str) -> bool:
        """Whether `name` is a module as far as stubs and the standard library's list tell."""
        return name in self._files or name in sys.stdlib_module_names

    def find(self, path: str) -> Described | None:
        """The description of `module:qualname`, inherited members included, aliases followed."""
        if path not in self._found:
            self._found[path] = self._find(path)
        return self._found[path]

    def _find(self, path: str) -> Described | None:
        for _ in range(10):  # a chain of aliases ends; a circle of them is described by nobody
            found = self._walk(path)
            if not isinstance(found, LibraryAlias):
                return found
            path = found.path
        return None

    def member(self, klass: str, name: str) -> Described | None:
        """`klass`'s attribute `name`, looked up along its described bases; `object`'s as the last."""
        key = klass, name
        if key not in self._members:
            self._members[key] = self._member(klass, name)
        return self._members[key]

    def _member(self, klass: str, name: str) -> Described | None:
        for described in self.ancestry(klass):
            if name in described.members:
                found = described.members[name]
                return self.find(found.path) if isinstance(found, LibraryAlias) else found
        return None

    def ancestry(self, klass: str) -> list[LibraryClass]:
        """The described classes that `klass` inherits from, itself first."""
        if klass not in self._ancestry:
            queue, found = [klass], dict[str, LibraryClass]()
            while queue:
                described = self.find(queue.pop(0))
                if isinstance(described, LibraryClass) and described.path not in found:
                    found[described.path] = described
                    queue.extend(described.bases)
                if not queue and found and _OBJECT not in found:  # behind all of several bases
                    queue.append(_OBJECT)
            self._ancestry[klass] = list(found.values())
        return self._ancestry[klass]

    def is_exception(self, klass: str) -> bool:
        return any(described.path == "builtins:BaseException" for described in self.ancestry(klass))

    def constructor(self, klass: str) -> LibraryFunction | None:
        """`__init__` as the stub has it; None: making an instance has no effect."""
        found = self.member(klass, "__init__")
        return found if isinstance(found, LibraryFunction) else None

    def undescribed(self, path: str) -> undescribed.Undescribed:
        """The kinds of effect that calling `path`, which no stub describes, has to be reckoned with, and why.

        >>> Catalogue.default().undescribed("readline:get_line_buffer").kinds       # native code, which no guard sees into
        ('terminal',)
        >>> Catalogue.default().undescribed("sched:scheduler").kinds       # Python source: the guard sees what it does
        ('undescribed',)
        """
        if path not in self._undescribed:
            self._undescribed[path] = undescribed.find(self, path)
        return self._undescribed[path]

    def _walk(self, path: str) -> Described | None:
        module, _, qualname = path.partition(":")
        names = qualname.split(".")
        found = self.members(module).get(names[0])
        for name in names[1:]:
            if isinstance(found, LibraryAlias):
                found = self.find(found.path)
            if isinstance(found, LibraryFunction) and found.flavour:  # an instance of a class of the stub, which has other methods too
                found = self.members(module).get(found.flavour)
            if not isinstance(found, LibraryClass):
                return None
            found = self.member(found.path, name)
        return found
