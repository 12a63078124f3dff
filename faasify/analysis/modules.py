"""Which module an import names, seen from inside the program."""

from __future__ import annotations

import ast
import builtins
from types import BuiltinFunctionType

from faasify.analysis.state import State
from faasify.analysis.values import Lib, LibMod, Mod, Value
from faasify.frontend.discovery import absolute_name
from faasify.model.program import Module, Program

_OF_BUILTIN = frozenset(dir(len))


def package_of(program: Program, module: Module) -> str:
    """What relative imports in `module` start from; a main script has no package."""
    if module.name == program.main and program.run_as != "module":
        return ""
    return module.name if module.is_package else module.name.rpartition(".")[0]


def submodule(program: Program, name: str) -> Mod | None:
    """The program's module of that name, or a folder that holds some; `__main__` is the one that is run."""
    if name == "__main__" and program.main is not None:
        return Mod(program.main)
    if program.run_as == "folder" and name.partition(".")[0] == program.root.name and name not in program.modules:
        name = name.partition(".")[2] or name  # inside a package that is analysed by its folder: `import pkg.x` is `x`
    if name in program.modules or name in program.folders:
        return Mod(name)
    return None


def find_module(program: Program, name: str) -> Mod | LibMod:
    return submodule(program, name) or LibMod(name)


def imported_from(program: Program, module: Module, node: ast.ImportFrom) -> str | None:
    """The absolute name of the module in `from ... import`; None where Python would refuse it.

    In a folder that is only analysed, a relative import that leads to its top means the folder."""
    package = package_of(program, module)
    if program.run_as == "folder" and node.level == (package.count(".") + 1 if package else 0) + 1:
        return node.module or program.root.name
    return absolute_name(node.module or "", node.level, package)


def library_member(state: State, module: str, name: str) -> Value:
    """`module.name`: a module if stubs or the standard library know it as one, else an object of the module."""
    dotted = f"{module}.{name}"
    if state.catalogue.is_module(dotted):
        return LibMod(dotted)
    return Lib(f"{module}:{name}")


def has_no(value: Value, name: str) -> bool:
    """Whether asking it for the attribute, or giving it one, surely raises: builtin functions have what all have, and take nothing."""
    if not isinstance(value, Lib) or name in _OF_BUILTIN:
        return False
    module, _, function = value.path.partition(":")
    return module == "builtins" and isinstance(getattr(builtins, function, None), BuiltinFunctionType)
