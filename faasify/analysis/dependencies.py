"""What a function needs besides the program's code: library modules, the distributions they come from, the files that it opens.

    import numpy as np, json             modules  numpy          (json is imported, but the function never uses it)
    def f(x):                            requirements  numpy==1.26.4
        return np.loadtxt("data.csv")    files  data.csv

Pure functions over an Analysis; what is installed is an argument.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from faasify.analysis.opening import taken_apart
from faasify.model.dependencies import DataFile, Dependencies, Requirement
from faasify.model.effects import Analysis, Effect

if TYPE_CHECKING:
    from importlib import metadata

_SUFFIXES = (".py", ".so", ".pyd", ".pyi")


@dataclass(frozen=True)
class Installed:
    """The distributions of an environment, looked up by the modules that they install. `path`: None is the running interpreter's."""

    path: tuple[str, ...] | None = None
    _found: dict[str, tuple[Requirement, ...]] = field(default_factory=dict, compare=False, repr=False)

    def distributions(self, module: str) -> tuple[Requirement, ...]:
        """Those that a module's files come from: one, or several for a namespace package; none for what is not installed."""
        if module not in self._found:
            self._found[module] = tuple(sorted(self._look_up(module), key=lambda found: found.name))
        return self._found[module]

    def _look_up(self, module: str) -> Iterable[Requirement]:
        candidates = self._by_top_level.get(module.partition(".")[0], ())
        if len(candidates) <= 1:
            return [_requirement(each) for each in candidates]
        parts = tuple(module.split("."))
        while parts:  # the module itself, else the package around it: an attribute is no file
            if owners := [each for each in candidates if parts in self._modules(each)]:
                return [_requirement(each) for each in owners]
            if holders := [each for each in candidates if any(name[: len(parts)] == parts for name in self._modules(each))]:
                return [_requirement(each) for each in holders]
            parts = parts[:-1]
        return [_requirement(each) for each in candidates]

    @cached_property
    def _by_top_level(self) -> Mapping[str, list[metadata.Distribution]]:
        """Top-level names to distributions, as their own lists say, else as their files do."""
        from importlib import metadata  # with what reads messages, which programs of the standard library alone do without

        found: dict[str, list[metadata.Distribution]] = {}
        seen = set[str]()
        for distribution in metadata.distributions() if self.path is None else metadata.distributions(path=list(self.path)):
            name = distribution.metadata["Name"]
            if not name or _normal(name) in seen:  # the first one on the path is the one that is imported
                continue
            seen.add(_normal(name))
            for top in sorted(self._top_level(distribution)):
                found.setdefault(top, []).append(distribution)
        return found

    def _top_level(self, distribution: metadata.Distribution) -> set[str]:
        listed = (distribution.read_text("top_level.txt") or "").split()
        from_files = {name[0] for name in self._modules(distribution)}
        return {*listed, *from_files} or {distribution.metadata["Name"].replace("-", "_")}  # an editable install has no files

    def _modules(self, distribution: metadata.Distribution) -> frozenset[tuple[str, ...]]:
        """The dotted names, taken apart, of the modules and packages among a distribution's files."""
        return frozenset(name for file in distribution.files or () if (name := _module_of(PurePosixPath(str(file)))))


def _module_of(file: PurePosixPath) -> tuple[str, ...]:
    """`google/cloud/storage/__init__.py` -> ("google", "cloud", "storage"); () for what is no module."""
    if file.suffix not in _SUFFIXES or file.is_absolute() or ".." in file.parts:
        return ()
    stem = file.name.partition(".")[0]  # of `_speedups.cpython-311-x86_64-linux-gnu.so` too
    parts = file.parent.parts if stem == "__init__" else (*file.parent.parts, stem)
    return parts if all(part.isidentifier() for part in parts) else ()


def _requirement(distribution: metadata.Distribution) -> Requirement:
    return Requirement(distribution.metadata["Name"], distribution.version)


def _normal(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")


def dependencies(analysis: Analysis, functions: Sequence[str], installed: Installed) -> Dependencies:
    """What `functions` need, the definitions that they reach included; names that are imported and never used are not among it."""
    facts = [analysis.functions[name] for name in functions if name in analysis.functions]
    modules = sorted({module for each in facts for module in each.imports})
    libraries = [module for module in modules if module.partition(".")[0] not in sys.stdlib_module_names]
    found = {module: _owners(module, analysis.imports, installed) for module in libraries}
    effects = [effect for each in facts for effect in each.effects]
    return Dependencies(
        modules=tuple(modules),
        program=tuple(
            sorted({analysis.callgraph.definitions[name].module for name in functions if name in analysis.callgraph.definitions})
        ),
        requirements=tuple(sorted({each for several in found.values() for each in several}, key=lambda each: each.name.lower())),
        missing=tuple(module for module, several in found.items() if not several),
        files=data_files(analysis.program.root, effects),
    )


def _owners(module: str, imported: Sequence[str], installed: Installed) -> tuple[Requirement, ...]:
    """The distributions of a module; of a namespace that several share, only those that the program imports something of."""
    owners = installed.distributions(module)
    inside = [name for name in imported if name.startswith(f"{module}.")]
    if len(owners) <= 1 or not inside:
        return owners
    return tuple(dict.fromkeys(owner for name in inside for owner in installed.distributions(name) if owner in owners))


def data_files(root: Path, effects: Iterable[Effect]) -> tuple[DataFile, ...]:
    """The files that effects name by a constant path, each once, with the line that names it first."""
    found: dict[str, DataFile] = {}
    for effect in sorted((each for each in effects if each.kind == "files"), key=lambda each: (each.file, each.line)):
        path, mode = taken_apart(effect.detail)
        if path is not None and path not in found:
            found[path] = DataFile(path, mode, _exists(root, path), effect.file, effect.line)
    return tuple(sorted(found.values(), key=lambda each: each.path))


def _exists(root: Path, path: str) -> bool:
    try:
        return (root / path).exists()
    except (OSError, ValueError):  # a name that no file system takes
        return False
