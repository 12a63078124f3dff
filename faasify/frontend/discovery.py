"""From the main module to every module of the program, by following imports through the trees.

    app.py: from shapes import area          ->  app, shapes, shapes.circle, util
    shapes/__init__.py: from .circle import area
    shapes/circle.py: def area(r): import util

Imports count wherever they stand: in functions, under conditions, in `try`, and as `importlib.import_module("constant")`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from faasify.frontend.files import python_files
from faasify.frontend.layout import Start, find_module
from faasify.frontend.source import read_module
from faasify.model.program import Damage, Module


def discover(start: Start, main: Module) -> tuple[dict[str, Module], list[Damage]]:
    """All modules that `main` reaches, itself first, and the imported files that do not parse."""
    modules, damage, seen = {main.name: main}, list[Damage](), {main.file: main.name}
    queue = [(main, start.package)]
    queue += [(m, m.name) for m in _take(start.root, _prefixes(start.package), seen, modules, damage)]
    while queue:
        module, package = queue.pop(0)
        for found in _take(start.root, imported_names(module.tree, package), seen, modules, damage):
            queue.append((found, found.name if found.is_package else found.name.rpartition(".")[0]))
    return modules, damage


def whole_folder(start: Start) -> tuple[dict[str, Module], list[Damage]]:
    """Every Python file below a folder as a module; the folder's own `__init__.py` is named as the folder."""
    modules, damage = dict[str, Module](), list[Damage]()
    for file in python_files(start.root, start.only_below):
        name = _name_of(file, start)
        found = read_module(file, name=name, import_name=name, root=start.root)
        if isinstance(found, Damage):
            damage.append(found)
        else:
            modules[name] = found
    return modules, damage


def imported_names(tree: ast.Module, package: str) -> Iterator[str]:
    """Dotted names that may be modules of the program: `from a import b` gives `a` and `a.b`.

    >>> list(imported_names(ast.parse("from .b import c"), "pkg"))
    ['pkg', 'pkg.b', 'pkg.b.c']
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _prefixes(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = absolute_name(node.module or "", node.level, package)
            if base is not None:
                yield from _prefixes(base)
                yield from (f"{base}.{alias.name}" if base else alias.name for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Call) and (constant := constant_import(node)):
            level = len(constant) - len(constant.lstrip("."))
            name = absolute_name(constant[level:], level, package)
            yield from _prefixes(name or "")


def absolute_name(module: str, level: int, package: str) -> str | None:
    """What `from <level dots><module>` means inside `package`; None where Python would refuse it.

    >>> absolute_name("b", 2, "pkg.sub"), absolute_name("", 1, "pkg"), absolute_name("b", 1, "")
    ('pkg.b', 'pkg', None)
    """
    if not level:
        return module
    parts = package.split(".") if package else []
    if level > len(parts):
        return None
    return ".".join([*parts[: len(parts) - level + 1], *([module] if module else [])])


def constant_import(node: ast.Call) -> str | None:
    """The name in `importlib.import_module("name")`, `import_module("name")` or `__import__("name")`."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
    if name in ("import_module", "__import__") and node.args:
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            return first.value
    return None


def _take(root: Path, names: Iterator[str], seen: dict[Path, str], modules: dict[str, Module], damage: list[Damage]) -> list[Module]:
    """Read those of `names` that are files of the program and were not read yet."""
    taken = []
    for name in names:
        file = find_module(root, name)
        if file is None or file in seen or name in modules:
            continue
        seen[file] = name
        found = read_module(file, name=name, import_name=name, root=root)
        if isinstance(found, Damage):
            damage.append(found)
        else:
            modules[name] = found
            taken.append(found)
    return taken


def _prefixes(name: str) -> Iterator[str]:
    """`a.b.c` -> a, a.b, a.b.c: importing a module imports the packages around it."""
    parts = name.split(".") if name else []
    yield from (".".join(parts[: i + 1]) for i in range(len(parts)))


def _name_of(file: Path, start: Start) -> str:
    parts = list(file.relative_to(start.root).with_suffix("").parts)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    elif parts == ["__init__"]:
        parts = [start.root.name]
    return ".".join(parts)
