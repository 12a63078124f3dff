"""Imports bind names: to modules of the program, to library modules, to what is in them.

import a.b as c          c is Mod("a.b"), or LibMod("a.b")
from util import *       every public name of util
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import call_node, load_from
from faasify.analysis.import_hooks import ask_importers
from faasify.analysis.lowering import Lowering
from faasify.analysis.members import member
from faasify.analysis.modules import find_module, imported_from, library_member
from faasify.analysis.state import State
from faasify.analysis.values import LibMod, Mod, Obj


def import_modules(low: Lowering, node: ast.Import) -> None:
    for alias in node.names:
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        for module in {find_module(low.state.program, n): None for n in (name, alias.name)}:
            low.body.loads[low.static(module)] = None
        low.bind(alias.asname or name, low.static(find_module(low.state.program, name)), node)
        _runs(low, alias.name, node)


def import_names(low: Lowering, node: ast.ImportFrom) -> None:
    state = low.state
    base = imported_from(state.program, state.program.modules[low.scope.module], node)
    module = find_module(state.program, base) if base is not None else None
    if base is not None:
        _runs(low, base, node)
    for alias in node.names:
        if isinstance(module, Mod):
            _asks(low, module, "__all__" if alias.name == "*" else alias.name, node)
        if alias.name == "*":
            _star(low, module)
            continue
        found = low.graph.node()
        if isinstance(module, Mod):
            load_from(state, member(state, module, alias.name), low.here(node, NO_ARGUMENTS, found))
            if isinstance(find_module(state.program, f"{base}.{alias.name}"), Mod):
                _runs(low, f"{base}.{alias.name}", node)
        elif isinstance(module, LibMod):
            found = _library_name(low, module, alias.name)
        else:
            low.graph.put_unknown(found)
        low.body.loads[found] = None
        low.bind(alias.asname or alias.name, found, node)


def _asks(low: Lowering, module: Mod, name: str, node: ast.ImportFrom) -> None:
    """`from m import x` calls m's `__getattr__` for what m lacks, also for the `__path__` that only a package has."""
    scope = low.state.scopes.modules.get(module.name)
    if scope is None or "__getattr__" not in scope.bound:
        return
    is_package = low.state.program.modules[module.name].is_package
    for asked in [*([name] if name == "__all__" else []), *([] if is_package else ["__path__"])]:
        if asked not in scope.bound:
            args = Arguments([low.static(Obj("builtins:str", const=repr(asked)))])
            call_node(low.state, low.state.variable(scope, "__getattr__"), low.here(node, args, low.graph.node()))


def _library_name(low: Lowering, module: LibMod, name: str) -> int:
    """A node of its own for a library's variable, so that reading the name is seen to read the variable."""
    state = low.state
    path = f"{module.name}:{name}"
    if state.settled(path) is None:
        return low.static(library_member(state, module.name, name))
    found = low.graph.node()
    low.graph.edge(member(state, module, name), found)
    state.library_variables[found] = path
    return found


def _runs(low: Lowering, name: str, node: ast.AST) -> None:
    if low.state.traits.has_importers:
        ask_importers(low.state, low.here(node), name)
    if isinstance(find_module(low.state.program, name), Mod):
        low.body.imports.append((name, getattr(node, "lineno", 1)))


def _star(low: Lowering, module: Mod | LibMod | None) -> None:
    state = low.state
    if isinstance(module, Mod) and module.name in state.scopes.modules:
        for name in sorted(_public(state, module.name)):
            low.bind(name, state.node("var", module.name, name))
    elif isinstance(module, LibMod):
        for name in state.catalogue.members(module.name):
            if not name.startswith("_"):
                low.bind(name, _library_name(low, module, name))


def expand_stars(state: State) -> None:
    """`from m import *` binds m's public names: known before anything is resolved; modules may star-import each other."""
    stars = [
        (state.program.modules[name], node)
        for name, nodes in state.scopes.imports.items()
        for node in nodes
        if isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names)
    ]
    grown = True
    while grown:
        grown = False
        for module, node in stars:
            scope = state.scopes.modules[module.name]
            names = _star_names(state, imported_from(state.program, module, node))
            grown = grown or not names <= scope.bound
            scope.bound |= names


def _star_names(state: State, base: str | None) -> set[str]:
    if base is None:
        return set()
    module = find_module(state.program, base)
    if isinstance(module, LibMod):
        return {name for name in state.catalogue.members(module.name) if not name.startswith("_")}
    return _public(state, module.name)


def _public(state: State, module: str) -> set[str]:
    """What a star takes: the names of `__all__`, else those without an underscore; both where it is not clear what `__all__` lists."""
    found = state.scopes.modules.get(module)
    if found is None:
        return set()
    public = {name for name in found.bound if not name.startswith("_")}
    listed, clear = _listed(found.node)
    return (listed if listed and clear else listed | public) & found.bound


def _listed(tree: ast.AST) -> tuple[set[str], bool]:
    """The names that statements of the module's top level put into `__all__`, and whether these are all."""
    names: set[str] = set()
    clear = True
    for statement in getattr(tree, "body", ()):
        for value in _put_into_all(statement):
            if isinstance(value, ast.List | ast.Tuple) and all(_is_text(element) for element in value.elts):
                names.update(str(element.value) for element in value.elts if isinstance(element, ast.Constant))
            else:
                names.update(n.value for n in ast.walk(value) if isinstance(n, ast.Constant) and isinstance(n.value, str))
                clear = False
    return names, clear


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _put_into_all(statement: ast.stmt) -> Iterator[ast.AST]:
    """`__all__ = [...]`, `__all__ += [...]`, `__all__.extend([...])`, `__all__.append("f")`; a branch that mentions it, whole."""
    match statement:
        case ast.Assign(targets=targets, value=value) if any(_is_all(t) for t in targets):
            yield value
        case ast.AugAssign(target=target, value=value) | ast.AnnAssign(target=target, value=ast.expr() as value) if _is_all(target):
            yield value
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr="extend"), args=[value])) if _is_all(owner):
            yield value
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr="append"), args=[value])) if _is_all(owner):
            yield ast.List([value], ast.Load())
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return
        case _:
            if any(_is_all(n) for n in ast.walk(statement)):
                yield statement


def _is_all(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "__all__"
