"""Programs that look at all that is loaded in their process, and would find ours there: the modules, the classes below one of the library,
the objects that the collector knows. There is no hiding ours from them, so nothing of such a program moves.

    len(sys.modules), "json" in sys.modules, sys.meta_path[0], BaseException.__subclasses__(), gc.get_objects()        found
    from sys import *; len(modules), getattr(sys, "modules"), vars(sys), os.sys.modules                                found
    sys.modules[__name__], "numpy" in sys.modules, sys.meta_path.append(f), Base.__subclasses__() of a class of its own     not found
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from faasify.model.callgraph import CallGraph
from faasify.model.program import Module, Program

Place = tuple[str, int]  # file and line
_SUBCLASSES = "__subclasses__"
_TABLES = frozenset({"modules", "meta_path", "path_importer_cache"})  # of sys
_COLLECTED = frozenset({"get_objects", "get_referrers"})
_OF_TYPE = "builtins.type.__subclasses__"  # of a class of the program
_BY_NAME = frozenset({"get", "pop", "setdefault", "update", "__getitem__", "__setitem__", "__delitem__"})  # methods of sys.modules
_CHANGING = frozenset({"append", "insert", "remove", "clear"})  # of the others
_SPACES = ("vars", "__dict__")
_EVERYTHING = "*"
_ALL = {**{name: ("sys", name) for name in _TABLES}, **{name: ("gc", name) for name in _COLLECTED}}  # what `*` brings
_ALWAYS_THERE = frozenset({"__main__", "builtins", "sys"})


def places(program: Program, graph: CallGraph) -> dict[str, Place]:
    """The first such place of each module that has one."""
    found: dict[str, Place] = {}
    asking = _asking_for_subclasses(graph) if any(_SUBCLASSES in module.source for module in program.modules.values()) else {}
    own = _ALWAYS_THERE | {module.import_name.partition(".")[0] for module in program.modules.values()}
    for name, module in program.modules.items():
        lines = [*asking.get(name, ()), *(node.lineno for node in _looks(module, own))]
        if lines:
            found[name] = (module.path, min(lines))
    return found


def _asking_for_subclasses(graph: CallGraph) -> dict[str, list[int]]:
    """The lines of each module that ask a class of the library, or one that is not known, for the classes below it."""
    found: dict[str, list[int]] = {}
    for caller, calls in graph.calls.items():
        for call in calls:
            if _SUBCLASSES in call.text and call.to not in graph.definitions and call.to != _OF_TYPE:
                found.setdefault(graph.definitions[caller].module, []).append(call.line)
    return found


def _looks(module: Module, own: frozenset[str]) -> Iterator[ast.expr]:
    """Names and attributes by which a module looks at all modules, or at all objects."""
    if not any(word in module.source for word in (*_TABLES, _SUBCLASSES, *_COLLECTED, *_SPACES)):
        return
    parents = {child: node for node in ast.walk(module.tree) for child in ast.iter_child_nodes(node)}
    imported = [node for node in parents if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.asname or alias.name for node in imported if isinstance(node, ast.Import) for alias in node.names if alias.name == "sys"}
    alone = {alias.asname or alias.name: (getattr(node, "module", None), alias.name) for node in imported for alias in node.names}
    starred = {node.module for node in imported if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"}
    alone |= {name: origin for name, origin in _ALL.items() if origin[0] in starred}
    for node in parents:
        table = _table(node, names, parents)
        if isinstance(node, ast.Name) and node.id in alone:
            origin, name = alone[node.id]
            table = name if origin == "sys" else ""
            if origin == "gc" and name in _COLLECTED:
                yield node
        elif isinstance(node, ast.Attribute):
            of_type = node.attr == _SUBCLASSES and isinstance(node.value, ast.Name) and node.value.id == "type"  # `type.__subclasses__(C)`
            if of_type or node.attr in _COLLECTED:
                yield node
        elif isinstance(node, ast.Constant) and (node.value == _SUBCLASSES or node.value in _COLLECTED):  # for `getattr`
            yield node
        if isinstance(node, ast.expr) and (table == _EVERYTHING or (table in _TABLES and not _is_harmless(node, table, parents, own))):
            yield node


def _table(node: ast.AST, names: set[str], parents: dict[ast.AST, ast.AST]) -> str:
    """Which of the attributes of sys this is, if it is one; its whole namespace is EVERYTHING, unless it is asked for one name."""
    match node:
        case ast.Attribute(value=of, attr="__dict__") | ast.Call(func=ast.Name(id="vars"), args=[of]) if _is_sys(of, names):
            around = parents[node]
            asked = around.slice if isinstance(around, ast.Subscript) else None
            return "" if isinstance(asked, ast.Constant) and asked.value not in _TABLES else _EVERYTHING
        case ast.Attribute(value=of, attr=str(name)) | ast.Call(func=ast.Name(id="getattr"), args=[of, ast.Constant(value=str(name)), *_]):
            return name if _is_sys(of, names) else ""
    return ""


def _is_sys(node: ast.expr, names: set[str]) -> bool:
    return (isinstance(node, ast.Name) and node.id in names) or (isinstance(node, ast.Attribute) and node.attr == "sys")  # `os.sys`


def _is_harmless(node: ast.expr, table: str, parents: dict[ast.AST, ast.AST], own: frozenset[str]) -> bool:
    around = parents[node]
    if table == "modules":
        return _by_name(node, parents, own)
    return isinstance(around, ast.Attribute) and around.attr in _CHANGING


def _by_name(table: ast.expr, parents: dict[ast.AST, ast.AST], own: frozenset[str]) -> bool:
    """Whether `sys.modules` is only asked for, or given, one module, which is there with us if and only if it is there without us."""
    around = parents[table]
    if isinstance(around, ast.Subscript) and around.value is table:
        return _is_told_alike(around.slice, own)
    if isinstance(around, ast.Attribute) and around.attr in _BY_NAME:
        call = parents[around]
        return isinstance(call, ast.Call) and call.func is around and (not call.args or _is_told_alike(call.args[0], own))
    if isinstance(around, ast.Compare) and around.comparators == [table] and isinstance(around.ops[0], ast.In | ast.NotIn):
        return isinstance(around.left, ast.Constant | ast.Name) and _is_told_alike(around.left, own) and not _is_variable(around.left)
    return isinstance(around, ast.Call) and isinstance(around.func, ast.Attribute) and around.func.attr == "dict"  # mock.patch.dict


def _is_variable(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id != "__name__"


def _is_told_alike(key: ast.expr, own: frozenset[str]) -> bool:
    """A name that is not constant is most often that of a module that something is of."""
    if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
        return True
    top = key.value.partition(".")[0]
    return top in own or top not in sys.stdlib_module_names
