"""The files beside the modules: found with care, because a script may lie in a home folder or in /tmp."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from faasify.model.program import Module

SKIPPED = frozenset(
    [".git", ".hg", ".svn", "__pycache__", ".venv", "venv", ".tox", ".nox", "node_modules"]
    + [".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".idea", ".faasify"]
)
SCAN_LIMIT = 20_000  # files looked at in a folder that is analysed as a whole
FOLDER_LIMIT = 2_000  # a larger folder is not the program's own: only files that the source names are taken


def data_files(root: Path, modules: Iterable[Module], *, only_below: str = "") -> tuple[str, ...]:
    """Paths below `root` of the files that are no modules of the program, sorted; see the limits above."""
    modules = list(modules)
    own = {module.path for module in modules}
    if only_below:
        return ()
    found = []
    for count, path in enumerate(_walk(root)):
        if count >= FOLDER_LIMIT:
            return tuple(sorted(_named_by_source(root, modules) - own))
        found.append(path)
    return tuple(sorted(set(found) - own))


def python_files(root: Path, only_below: str = "") -> Iterator[Path]:
    """The Python files of a folder, in a stable order."""
    below = root / only_below
    paths = (below / path for count, path in zip(range(SCAN_LIMIT), _walk(below), strict=False))
    yield from sorted(path for path in paths if path.suffix == ".py")


def _walk(root: Path) -> Iterator[str]:
    """Relative paths of the files below `root`, without caches and environments; links to folders are not followed."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED and not os.path.exists(os.path.join(folder, f, "pyvenv.cfg")))
        prefix = os.path.relpath(folder, root)
        for name in sorted(names):
            if os.path.isfile(os.path.join(folder, name)):  # no sockets, no pipes, no dangling links
                yield (name if prefix == "." else f"{prefix}/{name}").replace(os.sep, "/")


def _named_by_source(root: Path, modules: Iterable[Module]) -> set[str]:
    names = set()
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 200 and "\0" not in node.value:
                path = Path(node.value)
                if not path.is_absolute() and ".." not in path.parts and os.path.isfile(root / path):
                    names.add(path.as_posix())
    return names
