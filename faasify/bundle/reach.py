"""What a unit's slice takes from other modules of the program: the names that its imports bring.

    from settings import LIMIT        {"settings": {"LIMIT"}}
    import settings                   {"settings": {every attribute that the slice mentions}}
    from .shapes import *             {"pkg.shapes": {every name that it binds at its top}}

A unit needs slices of these as well, though no function of it may stand there: a plain event finds its constants in them.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set

from faasify.frontend.discovery import absolute_name
from faasify.model.program import Module, Program


class Reach:
    """Looks modules up by the names under which they are imported."""

    def __init__(self, program: Program) -> None:
        self._modules = {module.import_name: module for module in program.modules.values()}

    def of(self, module: Module, text: str) -> Mapping[str, Set[str]]:
        """The names that `text`, a slice of `module`, takes from each module, by the module's name in reports."""
        tree = ast.parse(text)
        attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        found: dict[str, set[str]] = defaultdict(set)
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                wanted: Iterator[tuple[str, Set[str]]] = ((alias.name, attributes) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                wanted = self._from(module, node, attributes)
            else:
                continue
            for name, names in wanted:
                for known in self._with_packages(name):
                    found[known.name] |= names
        return found

    def _from(self, importer: Module, node: ast.ImportFrom, attributes: Set[str]) -> Iterator[tuple[str, Set[str]]]:
        package = importer.import_name if importer.is_package else importer.name.rpartition(".")[0]
        name = absolute_name(node.module or "", node.level, package)
        source = self._modules.get(name or "")
        for alias in node.names:
            if alias.name != "*":
                yield f"{name}.{alias.name}", attributes  # where it is a module
                yield name or "", {alias.name}
            elif source is not None:
                yield name or "", _bound(source)

    def _with_packages(self, name: str) -> Iterator[Module]:
        """The module `a.b`, and the package `a` around it: what is asked of one may be bound in the other."""
        while name:
            if name in self._modules:
                yield self._modules[name]
            name = name.rpartition(".")[0]


def _bound(module: Module) -> Set[str]:
    names = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
    return names
