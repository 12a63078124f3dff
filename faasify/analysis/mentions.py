"""Which library modules the program imports and which library objects it mentions: what a unit may resolve, and nothing else.

import os.path                 imports  os, os.path
from math import sin           imports  math          library  math:sin
os.path.join(a, b)                                    library  os.path:join
"""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
from collections.abc import Mapping
from functools import cache

from faasify.analysis.modules import find_module, imported_from
from faasify.analysis.state import State
from faasify.analysis.syntax import all_arguments, statements_in
from faasify.analysis.values import Bound, Cls, Func, Lib, LibMod, Obj, Value, Wrapped
from faasify.frontend.discovery import constant_import
from faasify.model.program import Module


def imported_libraries(state: State) -> tuple[str, ...]:
    """Every library module that the program's source imports anywhere, packages around them included."""
    found: set[str] = set()
    names = {name for module in state.program.modules.values() for name in _imported(state, module)}
    for name in names | _imported_by_calls(state):
        if isinstance(find_module(state.program, name), LibMod):
            parts = name.split(".")
            found.update(".".join(parts[: i + 1]) for i in range(len(parts)))
    return tuple(sorted(found - {"__future__", "__main__", ""}))


def library_objects(state: State, mentioned: Mapping[str, frozenset[Value]]) -> tuple[str, ...]:
    """Every library object that any expression or import of the program names."""
    found = {value.path for values in mentioned.values() for value in values if isinstance(value, Lib)}
    found |= set(state.library_variables.values())
    for module in state.program.modules.values():
        found |= _star_names(state, module) | _in_annotations(state, module)
    return tuple(sorted(path for path in found if not path.startswith("__future__")))


def mentions(state: State) -> dict[str, frozenset[Value]]:
    """By body: every function, class and library object that its names and attributes gave."""
    values, sets = state.graph.values, state.graph.sets
    kinds = (Func, Cls, Lib, LibMod, Bound, Obj, Wrapped)
    found: dict[str, frozenset[Value]] = {}
    for name, body in state.bodies.items():
        numbers: set[int] = set()
        for node in body.loads:
            numbers |= sets[node]
        found[name] = frozenset(_named(v) for i in numbers if isinstance(v := values[i], kinds))
    return found


def _named(value: Value) -> Value:
    """A bound method names its function; a library variable's value the variable."""
    if isinstance(value, Bound | Wrapped):
        return _named(value.func)
    if isinstance(value, Obj) and value.site.startswith("&"):
        return Lib(value.site[1:])
    return value


def modules_of(values: frozenset[Value]) -> set[str]:
    """The library modules whose objects one body mentions."""
    found = set()
    for value in values:
        if isinstance(value, LibMod):
            found.add(value.name)
        elif isinstance(value, Lib) and not value.path.startswith("builtins:"):
            found.add(value.path.partition(":")[0])
    return found


def _imported(state: State, module: Module) -> set[str]:
    found: set[str] = set()
    for node in state.scopes.imports[module.name]:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif base := imported_from(state.program, module, node):
            found.add(base)
            if isinstance(find_module(state.program, base), LibMod):
                found.update(f"{base}.{a.name}" for a in node.names if a.name != "*" and is_library_module(f"{base}.{a.name}"))
    return found


def _imported_by_calls(state: State) -> set[str]:
    """The constant names that are given to `importlib.import_module` and `__import__`."""
    calls = (node for body in state.bodies.values() for node in body.sites if isinstance(node, ast.Call))
    return {constant for node in calls if (constant := constant_import(node)) and not constant.startswith(".")}


@cache
def is_library_module(name: str) -> bool:
    """Whether the dotted name is a module: known of the standard library, else looked for without importing its parent."""
    parent, _, last = name.rpartition(".")
    if not parent:
        return True
    module = sys.modules.get(parent)
    paths = getattr(module, "__path__", None)
    if module is None:
        paths = _package_path(parent)
    if name in sys.modules:
        return True
    if not paths or not last.isidentifier():
        return False
    return bool(_found(name, list(paths)))


@cache
def _package_path(name: str) -> tuple[str, ...]:
    """Where a package's modules are, found through its parents' folders; empty for a plain module."""
    parent, _, _ = name.rpartition(".")
    found = _found(name, list(_package_path(parent)) if parent else None)
    return tuple(found.submodule_search_locations or ()) if found else ()


def _found(name: str, paths: list[str] | None) -> importlib.machinery.ModuleSpec | None:
    try:
        return importlib.machinery.PathFinder.find_spec(name, paths)
    except KeyError:  # a folder without `__init__.py`: importlib would have the parent imported first
        folders = [os.path.join(path, name.rpartition(".")[2]) for path in paths or ()]
        spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [folder for folder in folders if os.path.isdir(folder)]
        return spec
    except (ImportError, ValueError):
        return None


def _in_annotations(state: State, module: Module) -> set[str]:
    """`def f(a: np.ndarray)`: code that reads annotations meets the class although no expression names it."""
    known = _modules_by_name(state, module)
    found: set[str] = set()
    for node in _annotations(module.tree):
        root, *names = ast.unparse(node).split(".")
        library = known.get(root)
        while library and names and is_library_module(f"{library}.{names[0]}"):
            library += f".{names.pop(0)}"
        if library and names and all(map(str.isidentifier, names)):
            found.add(f"{library}:{'.'.join(names)}")
    return found


def _annotations(tree: ast.Module) -> list[ast.Attribute]:
    """The dotted names in annotations."""
    found: list[ast.expr | None] = []
    for node in statements_in(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found += [node.returns, *(argument.annotation for argument in all_arguments(node.args))]
        elif isinstance(node, ast.AnnAssign):
            found.append(node.annotation)
    return [n for annotation in found if annotation is not None for n in ast.walk(annotation) if isinstance(n, ast.Attribute)]


def _modules_by_name(state: State, module: Module) -> dict[str, str]:
    """{"np": "numpy", "os": "os"}: the names that imports give to library modules, wherever they stand."""
    found: dict[str, str] = {}
    for node in state.scopes.imports[module.name]:
        if isinstance(node, ast.Import):
            found |= {a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0] for a in node.names}
        elif base := imported_from(state.program, module, node):
            found |= {a.asname or a.name: path for a in node.names if a.name != "*" and is_library_module(path := f"{base}.{a.name}")}
    return {name: path for name, path in found.items() if isinstance(find_module(state.program, path), LibMod)}


def _star_names(state: State, module: Module) -> set[str]:
    """`from tkinter import *`: any name that nothing else binds may be the library's."""
    bases = [
        base
        for node in state.scopes.imports[module.name]
        if isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names)
        if (base := imported_from(state.program, module, node)) and isinstance(find_module(state.program, base), LibMod)
    ]
    if not bases:
        return set()
    bound = state.scopes.modules[module.name].bound
    names = {n.id for n in ast.walk(module.tree) if isinstance(n, ast.Name) and n.id not in bound}
    return {f"{base}:{name}" for base in bases for name in names}
