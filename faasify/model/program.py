"""The program as the frontend found it: modules with their syntax trees, and the files beside them."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

RunAs = Literal["script", "package", "module", "folder"]


@dataclass(frozen=True)
class Module:
    """One source file of the program.

    `name` is what reports call it (`app` for the main script, `pkg.mod` otherwise, `pkg.__main__` for a package that is run);
    `import_name` is its `__name__` while the program runs (`__main__` for the main module).
    """

    name: str
    import_name: str
    file: Path
    path: str  # relative to Program.root, with "/"
    source: str
    encoding: str
    sha256: str
    tree: ast.Module = field(compare=False, repr=False)
    is_package: bool = False


@dataclass(frozen=True)
class Damage:
    """A file that is no Python source: what is wrong with it, and where."""

    path: str
    line: int
    message: str


@dataclass(frozen=True)
class Program:
    """A script, a package, or several modules beside each other (`folder`: nothing is run, only analysed)."""

    root: Path
    run_as: RunAs
    target: str  # the script's path relative to root, or the module's dotted name
    main: str | None  # key of `modules`; None for a folder
    modules: Mapping[str, Module]
    data_files: tuple[str, ...] = ()
    damage: tuple[Damage, ...] = ()

    @cached_property
    def folders(self) -> frozenset[str]:
        """The dotted names of all folders that hold modules."""
        parts = (name.split(".") for name in self.modules)
        return frozenset(".".join(p[:i]) for p in parts for i in range(1, len(p)))
