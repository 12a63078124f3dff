"""Imports bind names: to modules of the program, to library modules, to what is in them.

import a.b as c          c is Mod("a.b"), or LibMod("a.b")
from util import *       every public name of util
"""

from __future__ import annotations

import ast

from faasify.analysis.expressions import assign
from faasify.analysis.members import module_attribute
from faasify.analysis.modules import find_module, imported_from, library_member
from faasify.analysis.scopes import Scope
from faasify.analysis.state import State
from faasify.analysis.values import ANYTHING, LibMod, Mod


def import_modules(state: State, node: ast.Import, scope: Scope) -> None:
    for alias in node.names:
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        module = find_module(state.program, name)
        state.mention(frozenset([module, find_module(state.program, alias.name)]))
        assign(state, ast.Name(alias.asname or name, ast.Store()), frozenset([module]), scope)


def import_names(state: State, node: ast.ImportFrom, scope: Scope) -> None:
    base = imported_from(state.program, state.program.modules[scope.module], node)
    module = find_module(state.program, base) if base is not None else None
    for alias in node.names:
        if alias.name == "*":
            _star(state, module, scope)
            continue
        if isinstance(module, Mod):
            values = module_attribute(state, module.name, alias.name)
        elif isinstance(module, LibMod):
            values = frozenset([library_member(state, module.name, alias.name)])
        else:
            values = ANYTHING
        state.mention(values)
        assign(state, ast.Name(alias.asname or alias.name, ast.Store()), values, scope)


def _star(state: State, module: Mod | LibMod | None, scope: Scope) -> None:
    if isinstance(module, Mod) and module.name in state.scopes.modules:
        for name in list(state.scopes.modules[module.name].bound):
            if not name.startswith("_"):
                state.add((scope.name, name), state.get((module.name, name)))
    elif isinstance(module, LibMod):
        for name in state.catalogue.members(module.name):
            if not name.startswith("_"):
                state.add((scope.name, name), frozenset([library_member(state, module.name, name)]))


def expand_stars(state: State) -> None:
    """`from m import *` binds m's public names: known before anything is resolved; modules may star-import each other."""
    grown = True
    while grown:
        grown = False
        for module in state.program.modules.values():
            scope = state.scopes.modules[module.name]
            for node in module.tree.body if module.tree else ():
                for inner in ast.walk(node):
                    if isinstance(inner, ast.ImportFrom) and any(a.name == "*" for a in inner.names):
                        names = _star_names(state, imported_from(state.program, module, inner))
                        grown = grown or not names <= scope.bound
                        scope.bound |= names


def _star_names(state: State, base: str | None) -> set[str]:
    if base is None:
        return set()
    module = find_module(state.program, base)
    if isinstance(module, LibMod):
        return {name for name in state.catalogue.members(module.name) if not name.startswith("_")}
    found = state.scopes.modules.get(module.name)
    return {name for name in found.bound if not name.startswith("_")} if found else set()
