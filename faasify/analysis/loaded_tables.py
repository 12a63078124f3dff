"""Expressions that are `sys` or `gc`, or one of their tables; told from the syntax, and where one of the two modules is handed on so that
the syntax does not tell what becomes of it, it is taken for looked at.

    import sys as s; m = s; def f(_s=m): ...        s, m and _s are sys
    os.sys, __import__("sys"), from os import sys   so are these
    getattr(s, "modules"), vars(s)["modules"]       its table `modules`
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Set
from types import MappingProxyType
from typing import TypeVar

TABLES = frozenset({"modules", "meta_path", "path_importer_cache"})  # of sys
COLLECTED = frozenset({"get_objects", "get_referrers"})  # of gc
_MODULES = frozenset({"sys", "gc"})
_PRIVATE = frozenset({"_sys"})  # what libraries call it: `threading._sys`
_FOUND = TABLES | COLLECTED
_BY_NAME = frozenset({"get", "pop", "setdefault", "update", "__getitem__", "__setitem__", "__delitem__"})  # methods of sys.modules
_CHANGING = frozenset({"append", "insert", "remove", "clear"})  # of the others
_TOLD = frozenset({"isinstance", "type", "repr", "str", "print", "id", "hash", "bool", "hasattr", "dir", "setattr", "delattr", "callable"})
NO_ALIASES: Mapping[str, Set[str]] = MappingProxyType({})
_T = TypeVar("_T")
ANY = "*"  # a table that is not known, or all of them


class Tree:
    """A module's tree, gone through once: all its nodes by what is around them, and its imports."""

    def __init__(self, tree: ast.AST) -> None:
        self.parents: dict[ast.AST, ast.AST] = {}
        level: list[ast.AST] = [tree]
        for node in level:  # by levels, as `ast.walk` goes
            children = list(ast.iter_child_nodes(node))
            self.parents.update(dict.fromkeys(children, node))
            level += children
        self.imports = [node for node in self.parents if isinstance(node, ast.Import | ast.ImportFrom)]


def imported(tree: Tree, given: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The tables that imports bind, by name; `given`: the same of the program's modules, which others may import from them."""
    found: dict[str, str] = {}
    for node in tree.imports:
        if isinstance(node, ast.Import):
            continue
        own = {name: name for name in _FOUND} if node.module in _MODULES else _given(node.module or "", given)
        for alias in node.names:
            if alias.name == "*":
                found |= own
            elif alias.name in own:
                found[alias.asname or alias.name] = own[alias.name]
    return found


def tables_of(trees: Mapping[str, Tree]) -> dict[str, dict[str, str]]:
    """The tables that the imports of each module bind, by name, also where they come from a module that has them from another."""
    given: dict[str, dict[str, str]] = {}
    while True:
        now = {module: imported(tree, given) for module, tree in trees.items()}
        if now == given:
            return given
        given = now


def _given(module: str, given: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {name: table for tables in _with_last_name(module, given) for name, table in tables.items()}


def _of_last_name(module: str, aliases: Mapping[str, Set[str]]) -> set[str]:
    return set().union(*_with_last_name(module, aliases))


def _with_last_name(module: str, by_module: Mapping[str, _T]) -> list[_T]:
    """Those of any module of the program with that last name: relative imports need no care then."""
    last = module.rpartition(".")[2]
    return [found for path, found in by_module.items() if path.rpartition(".")[2] == last]


def names_of(trees: Mapping[str, Tree], given: Mapping[str, Mapping[str, str]]) -> dict[str, Names]:
    """By module, with what the others call `sys` and `gc`: one may have the name from another."""
    aliases: dict[str, Set[str]] = {}
    while True:
        names = {module: Names(tree, given, aliases) for module, tree in trees.items()}
        now: dict[str, Set[str]] = {module: others for module, found in names.items() if (others := found.modules - _MODULES)}
        if now == aliases:
            return names
        aliases = now


class Names:
    """What names of a module stand for `sys` or `gc`, or for a table of theirs. Scopes are not told apart. `given`, `aliases`: the tables
    and the two modules by the names that other modules of the program have for them."""

    def __init__(self, tree: Tree, given: Mapping[str, Mapping[str, str]], aliases: Mapping[str, Set[str]] = NO_ALIASES) -> None:
        self.aliases = aliases
        self.called = _MODULES.union(_PRIVATE, *aliases.values())  # as attributes of whatever has one
        self.parents = tree.parents
        self.tables = imported(tree, given)
        self.modules: set[str] = set()
        self.libraries: dict[str, str] = {}  # what imports bind: os, helper
        self._given = given
        for node in tree.imports:
            self._bind(node)
        while any(self._hands_on(node) for node in self.parents if isinstance(node, ast.expr) and named_modules(node, self)):
            pass

    def _bind(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            own = _MODULES | (_of_last_name(node.module or "", self.aliases) if isinstance(node, ast.ImportFrom) else set())
            if alias.name == "*":
                self.modules |= own
            elif alias.name in own:
                self.modules.add(alias.asname or alias.name)
            else:
                self.libraries[alias.asname or alias.name.partition(".")[0]] = alias.name

    def _hands_on(self, node: ast.expr) -> bool:
        """Give the module's other names to what it is assigned to; whether there was a new one."""
        names = {*_targets(node, self.parents)} - self.modules
        self.modules |= names
        return bool(names)

    def table(self, node: ast.expr) -> str | None:
        """Which of the tables this is, if it is one; "" for another attribute of one of the modules."""
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name in self.tables:
                return self.tables[name]
            case ast.Subscript(value=space, slice=name) if self._is_space(space):
                return _asked(name)
            case ast.Attribute() | ast.Call() if self._is_space(node):
                around = self.parents[node]
                return "" if isinstance(around, ast.Subscript) and around.value is node else ANY
            case ast.Attribute(value=of, attr="__getattribute__") if self._is_module(of):
                return ANY
            case ast.Attribute(value=of, attr=str(name)) if self._is_module(of):
                return name if name in _FOUND else ""
            case ast.Attribute(value=ast.Name(id=module), attr=str(name)) if module in self.libraries:
                return _given(self.libraries[module], self._given).get(name)
            case ast.Attribute(value=ast.Attribute(attr=module), attr=str(name)):  # of a package
                return _given(module, self._given).get(name)
            case ast.Call(func=ast.Name(id="getattr"), args=[of, name, *_]) if self._is_module(of):
                asked = [_asked(each) for each in _possible(name, self.parents)]
                return ANY if ANY in asked else max(asked, default="")
        return None

    def _is_space(self, node: ast.expr) -> bool:
        """`sys.__dict__`, `vars(sys)`"""
        match node:
            case ast.Attribute(value=of, attr="__dict__") | ast.Call(func=ast.Name(id="vars"), args=[of]):
                return self._is_module(of)
        return False

    def _is_module(self, node: ast.expr) -> bool:
        """Whether it is one of the modules, or may be: `x.sys`."""
        match node:
            case ast.Attribute(attr=attr):
                return attr in self.called
            case ast.Subscript(slice=ast.Constant(value=name)):
                return name in self.called
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=name), *_]):
                return name in self.called
        return named_modules(node, self)

    def escapes(self, node: ast.expr) -> bool:
        """Whether the module goes where the syntax does not tell what becomes of it."""
        around = self.parents[node]
        match around:
            case (
                ast.Attribute() | ast.Compare() | ast.FormattedValue() | ast.Expr() | ast.UnaryOp() | ast.If() | ast.While() | ast.Assert()
            ):
                return False
            case ast.IfExp(test=test):
                return test is not node
            case ast.BoolOp(values=values):
                return values[-1] is node
            case ast.Call(func=ast.Name(id="getattr" | "vars"), args=[of, *_]) if of is node:
                return False  # as `table` says
            case ast.Call(args=[of, *_]) if of is node and _is_reload(around, self):
                return False  # the call is the module again
            case ast.Call(func=func, args=args) if node in args:
                name = next(iter(args[args.index(node) + 1 :]), None)
                told = isinstance(func, ast.Name) and func.id in _TOLD
                return not told and not (isinstance(name, ast.Constant) and isinstance(name.value, str) and name.value not in _FOUND)
        return not any(True for _ in _targets(node, self.parents))


def named_modules(node: ast.expr, names: Names) -> bool:
    """Whether it is surely `sys` or `gc`: by a name, as an attribute of what was imported, or imported by a call."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            return name in names.modules
        case ast.Attribute(value=of, attr=attr, ctx=ast.Load()) if attr in names.called:
            while isinstance(of, ast.Attribute):
                of = of.value
            return isinstance(of, ast.Name) and of.id in names.libraries
        case ast.Call(func=ast.Name(id="__import__" | "import_module"), args=[ast.Constant(value=name), *_]):
            return name in _MODULES
        case ast.Call(func=ast.Attribute(attr="import_module" | "__import__"), args=[ast.Constant(value=name), *_]):
            return name in _MODULES
        case ast.Call(args=[of, *_]) if _is_reload(node, names):
            return named_modules(of, names)
        case ast.Subscript(value=table, slice=ast.Constant(value=name)) if name in _MODULES:
            return names.table(table) == "modules"
    return False


def _is_reload(call: ast.Call, names: Names) -> bool:
    """`importlib.reload(x)`, where nothing but the import is called importlib."""
    match call.func:
        case ast.Attribute(value=ast.Name(id=library), attr="reload"):
            return names.libraries.get(library) == "importlib" and not _is_bound(library, names.parents)
    return False


def _is_bound(name: str, parents: Iterable[ast.AST]) -> bool:
    """Whether a statement other than an import, a parameter or a definition has that name."""
    for node in parents:
        match node:
            case ast.Name(id=bound, ctx=ast.Store() | ast.Del()) | ast.arg(arg=bound) if bound == name:
                return True
            case ast.FunctionDef(name=bound) | ast.ClassDef(name=bound) if bound == name:
                return True
    return False


def _targets(node: ast.expr, parents: Mapping[ast.AST, ast.AST]) -> Iterator[str]:
    """The names that a value goes to, where it goes to names alone."""
    around = parents[node]
    match around:
        case ast.Assign(targets=targets) if all(isinstance(target, ast.Name) for target in targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is node:
            yield name
        case ast.arguments(posonlyargs=first, args=args, defaults=defaults) if node in defaults:
            yield [*first, *args][defaults.index(node) - len(defaults)].arg
        case ast.arguments(kwonlyargs=args, kw_defaults=defaults) if node in defaults:
            yield args[defaults.index(node)].arg


def _asked(name: ast.expr) -> str:
    """The table of that name; "" for another attribute."""
    if not isinstance(name, ast.Constant):
        return ANY
    return name.value if name.value in _FOUND else ""


def _possible(name: ast.expr, parents: Mapping[ast.AST, ast.AST]) -> list[ast.expr]:
    """What an expression may be: one of two, one of those that a loop goes over."""
    if isinstance(name, ast.IfExp):
        return [*_possible(name.body, parents), *_possible(name.orelse, parents)]
    if not isinstance(name, ast.Name):
        return [name]
    bound = [node for node in parents if isinstance(node, ast.Name) and node.id == name.id and not isinstance(node.ctx, ast.Load)]
    if not bound or any(isinstance(node, ast.arg) and node.arg == name.id for node in parents):
        return [name]
    found: list[ast.expr] = []
    for each in bound:
        match parents[each]:
            case ast.For(target=target, iter=ast.Tuple(elts=elements) | ast.List(elts=elements)) if target is each:
                found += elements
            case ast.comprehension(target=target, iter=ast.Tuple(elts=elements) | ast.List(elts=elements)) if target is each:
                found += elements
            case ast.Assign(value=ast.Constant() as value):
                found.append(value)
            case _:
                found.append(name)
    return found


def is_harmless(node: ast.expr, table: str, parents: Mapping[ast.AST, ast.AST], own: frozenset[str]) -> bool:
    """Whether a table of sys is only changed, or asked for one module."""
    around = parents[node]
    if table == "modules":
        return _by_name(node, parents, own)
    return isinstance(around, ast.Attribute) and around.attr in _CHANGING


def _by_name(table: ast.expr, parents: Mapping[ast.AST, ast.AST], own: frozenset[str]) -> bool:
    """Whether `sys.modules` is only asked for, or given, one module, which is there with us if and only if it is there without us."""
    around = parents[table]
    if isinstance(around, ast.Subscript) and around.value is table:
        return _are_told_alike(around.slice, parents, own)
    if isinstance(around, ast.Attribute) and around.attr in _BY_NAME:
        call = parents[around]
        return isinstance(call, ast.Call) and call.func is around and (not call.args or _are_told_alike(call.args[0], parents, own))
    if isinstance(around, ast.Compare) and around.comparators == [table] and isinstance(around.ops[0], ast.In | ast.NotIn):
        told = not _is_variable(around.left) or all(isinstance(each, ast.Constant) for each in _possible(around.left, parents))
        return isinstance(around.left, ast.Constant | ast.Name) and told and _are_told_alike(around.left, parents, own)
    return isinstance(around, ast.Call) and isinstance(around.func, ast.Attribute) and around.func.attr == "dict"  # mock.patch.dict


def _is_variable(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id != "__name__"


def _are_told_alike(key: ast.expr, parents: Mapping[ast.AST, ast.AST], own: frozenset[str]) -> bool:
    return all(_is_told_alike(each, own) for each in _possible(key, parents))


def _is_told_alike(key: ast.expr, own: frozenset[str]) -> bool:
    """A name that is not constant is most often that of a module that something is of."""
    if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
        return True
    top = key.value.partition(".")[0]
    return top in own or top not in sys.stdlib_module_names
