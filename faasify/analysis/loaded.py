"""Programs that look at all that is loaded in their process, and would find ours there: the modules, the classes below one of the library,
the objects that the collector knows. There is no hiding ours from them, so nothing of such a program moves.

    len(sys.modules), "json" in sys.modules, sys.meta_path[0], BaseException.__subclasses__(), gc.get_objects()        found
    from sys import *; len(modules), getattr(sys, "modules"), vars(sys), os.sys.modules, m = sys; len(m.modules)       found
    from helper import s, t; len(s.modules), len(t), where helper has `import sys as s; from sys import modules as t`    found
    look(sys), [sys], getattr(sys, name): what may do it                                                               found
    sys.modules[__name__], "numpy" in sys.modules, sys.meta_path.append(f), Base.__subclasses__() of a class of its own     not found
    getattr(sys, "argv"), patch.object(sys, "stdin", f), sys is None, def f(_sys=sys): _sys.exit()                     not found
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from faasify.analysis.loaded_tables import ANY, COLLECTED, TABLES, Names, Tree, is_harmless, named_modules, names_of, tables_of
from faasify.model.callgraph import CallGraph
from faasify.model.program import Module, Program

Place = tuple[str, int]  # file and line
_SUBCLASSES = "__subclasses__"
_OF_TYPE = "builtins.type.__subclasses__"  # of a class of the program
_ALWAYS_THERE = frozenset({"__main__", "builtins", "sys"})
_WORDS = (*TABLES, *COLLECTED, _SUBCLASSES)


def places(program: Program, graph: CallGraph) -> dict[str, Place]:
    """The first such place of each module that has one."""
    found: dict[str, Place] = {}
    asking = _asking_for_subclasses(graph) if any(_SUBCLASSES in module.source for module in program.modules.values()) else {}
    own = _ALWAYS_THERE | {module.import_name.partition(".")[0] for module in program.modules.values()}
    has_gc = any(_GC.search(module.source) for module in program.modules.values())
    names = _names(program.modules)
    for name, module in program.modules.items():
        looks = _looks(names[name], own, has_gc) if name in names else ()
        lines = [*asking.get(name, ()), *(node.lineno for node in looks)]
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


def _names(modules: Mapping[str, Module]) -> dict[str, Names]:
    """Of the modules that can look: those with a word for it, and where one calls `sys` or a table otherwise, all."""
    trees = {name: Tree(module.tree) for name, module in modules.items() if any(word in module.source for word in ("sys", "gc", *_WORDS))}
    found = names_of(trees, given := tables_of(trees))
    if len(trees) == len(modules) or not (any(given.values()) or any(names.aliases for names in found.values())):
        return found
    trees = {name: trees.get(name) or Tree(module.tree) for name, module in modules.items()}
    return names_of(trees, tables_of(trees))


def _looks(names: Names, own: frozenset[str], has_gc: bool) -> Iterator[ast.expr]:
    """Names and attributes by which a module looks at all modules, or at all objects."""
    for node in names.parents:
        if isinstance(node, _KINDS) and _is_look(node, names, own, has_gc):
            yield node


_GC = re.compile(r"\bgc\b|__import__|import_module")
_KINDS = (ast.Attribute, ast.Call, ast.Constant, ast.Name, ast.Subscript)


def _is_look(node: ast.expr, names: Names, own: frozenset[str], has_gc: bool) -> bool:
    """`has_gc`: whether any module of the program can have gc; without it, methods called as those of gc are others."""
    if isinstance(node, ast.Constant):
        text = node.value
        return isinstance(text, str) and (text == _SUBCLASSES or (has_gc and text in COLLECTED))  # for `getattr`
    if isinstance(node, ast.Name) and node.id not in names.tables and node.id not in names.modules:
        return False  # most of them
    match node:
        case ast.Attribute(attr=attr) if has_gc and attr in COLLECTED:
            return True
        case ast.Attribute(value=ast.Name(id="type"), attr=attr) if attr == _SUBCLASSES:  # `type.__subclasses__(C)`
            return True
        case ast.Call(func=ast.Name(id="eval" | "exec" | "compile" | "attrgetter") | ast.Attribute(attr="attrgetter"), args=args):
            texts = [arg.value for arg in args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if any(word in text for text in texts for word in _WORDS):
                return True
    table = names.table(node)
    if table is not None:
        return table == ANY or table in COLLECTED or (table in TABLES and not is_harmless(node, table, names.parents, own))
    return named_modules(node, names) and names.escapes(node)
