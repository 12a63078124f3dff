"""Where a program begins and where its imports are looked up: what `python PROGRAM` and `python -m PROGRAM` make of a name.

Files are asked for with os.path: of a name that no file system takes it says that there is no such file, where pathlib raises.
"""

from __future__ import annotations

import ast
import importlib.util
import os.path
import sys
from dataclasses import dataclass
from pathlib import Path

from faasify.errors import ProgramError
from faasify.model.program import RunAs

# Found before sys.path is asked: compiled into the interpreter, or imported before the program's first line.
_ALWAYS_LIBRARY = frozenset(sys.builtin_module_names) | frozenset(
    ["os", "io", "abc", "codecs", "site", "stat", "posixpath", "genericpath", "encodings", "zipimport", "importlib"]
    + ["_collections_abc", "_sitebuiltins"]
)


@dataclass(frozen=True)
class Start:
    """A main file (None: a folder that is only analysed) and the folder that its absolute imports are looked up in."""

    root: Path
    run_as: RunAs
    target: str
    main_file: Path | None = None
    main_name: str = ""
    only_below: str = ""  # an installed package: only this folder of `root` belongs to it
    root_package: str = ""  # `root` itself is this package: `import <root_package>.x` finds `x`

    @property
    def package(self) -> str:
        """What relative imports of the main module start from; empty for a script."""
        return self.main_name.rpartition(".")[0] if self.run_as == "module" else ""


def find_start(target: str, *, run_as: RunAs | None, cwd: Path) -> Start:
    """Decide what `target` is. Raises ProgramError that says what to type."""
    if run_as == "module":
        return _module(target, cwd)
    path = (cwd / target).absolute()
    if os.path.isdir(path):
        return _folder(target, path, run_as)
    if os.path.isfile(path):
        return _script(path)
    if run_as is None and (installed := _installed(target)):
        return installed
    hint = _nearest(path) or "name a script, a package folder with __main__.py, or -m MODULE"
    raise ProgramError(f"there is no program {target}", hint=hint)


def find_module(root: Path, name: str) -> Path | None:
    """The file of the dotted module `name` below `root`, as the import system would choose: a package before a module.

    A folder without `__init__.py` is a namespace package: it holds modules but has no file.
    """
    top = name.partition(".")[0]
    if top in _ALWAYS_LIBRARY or not all(part.isidentifier() for part in name.split(".")):
        return None
    base = root.joinpath(*name.split("."))
    for candidate in (base / "__init__.py", base.with_name(base.name + ".py")):
        if os.path.isfile(candidate):
            return candidate
    return None


def _script(path: Path) -> Start:
    """Imports are looked up beside the file that a link leads to, as the interpreter does."""
    file = Path(os.path.realpath(path))
    # A package of the script's own name wins `import app`; then the script can only be told apart as __main__.
    taken = os.path.isfile(file.parent / path.stem / "__init__.py")
    return Start(file.parent, "script", path.name, file, "__main__" if taken else path.stem)


def _folder(target: str, path: Path, run_as: RunAs | None) -> Start:
    main = path / "__main__.py"
    is_package = os.path.isfile(path / "__init__.py")
    if os.path.isfile(main) and run_as != "folder":
        if is_package and _needs_its_package(main, path.name):
            return Start(path.parent, "module", path.name, main, f"{path.name}.__main__")
        return Start(path, "package", path.name, main, f"{path.name}.__main__")
    if run_as in ("package", "script"):
        raise ProgramError(f"{target} is a folder without __main__.py", hint="name the script to run in it, or -m MODULE")
    return Start(path, "folder", path.name, root_package=path.name if is_package else "")


def _needs_its_package(main: Path, package: str) -> bool:
    """Whether `__main__.py` begins with an import that can only succeed below `python -m`: then that is what is meant.

    An import that is tried, or made under a condition, says nothing; nor does one of the package by its name where the file sees to it
    that it is found, or where it is installed.
    """
    try:
        tree = ast.parse(main.read_bytes())
    except (SyntaxError, ValueError):
        return False
    if any(isinstance(node, ast.ImportFrom) and node.level for node in tree.body):
        return True
    named = any(_names_package(node, package) for node in tree.body)
    finds = any(isinstance(node, ast.Attribute) and node.attr == "path" for node in ast.walk(tree))  # sys.path
    return named and not finds and _installed(package) is None


def _names_package(node: ast.stmt, package: str) -> bool:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0] == package
    return isinstance(node, ast.Import) and any(alias.name.partition(".")[0] == package for alias in node.names)


def _module(name: str, cwd: Path) -> Start:
    root = cwd.absolute()
    found = find_module(root, name)
    if found is None and not os.path.isfile(root.joinpath(*name.split("."), "__main__.py")):
        raise ProgramError(f"there is no module {name} in {root}", hint="name a module of this folder, or a script")
    if found is not None and found.name != "__init__.py":
        return Start(root, "module", name, found, name)
    main = root.joinpath(*name.split("."), "__main__.py")
    if not os.path.isfile(main):
        raise ProgramError(f"{name} is a package without __main__.py and cannot be run", hint=f"name a module of it: -m {name}.MODULE")
    return Start(root, "module", name, main, f"{name}.__main__")


def _installed(name: str) -> Start | None:
    """A package or module on sys.path, by its dotted top-level name; found, never imported."""
    if not name.isidentifier():
        return None
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        return None
    origin = Path(spec.origin)
    if origin.name == "__init__.py":
        return Start(origin.parent.parent, "folder", name, only_below=origin.parent.name)
    return Start(origin.parent, "script", origin.name, origin, name)


def _nearest(path: Path) -> str:
    """The name that was probably meant: with `.py` added, or another capitalisation."""
    if os.path.isfile(f"{path}.py"):
        return f"try: {path.name}.py"
    if os.path.isdir(path.parent):
        for other in path.parent.iterdir():
            if other.name.lower() == path.name.lower():
                return f"try: {other.name}"
    return ""
