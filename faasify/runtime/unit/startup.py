"""A unit's start-up state: what a plain event finds in the program's modules. Calls from the program bring their own and need none of it.

The bundle lists the top-level statements that are certain to do nothing but bind names (bundle/startup.py). Those are executed, imports
of the program's own modules are looked up among the slices, and nothing else of a top level runs:

    import math                  executed
    from util import helper      helper of the slice of util, if it is there
    @trace                       left out, and told: trace is code of the program
    @dataclass                   kept: it makes what the class is
    class Point: x: int = 0      executed
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

from faasify.runtime.unit.codes import nested, walk
from faasify.runtime.unit.loaded import UnitWorld

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Link = ast.Import | ast.ImportFrom

# Decorators of the library that only say what a definition is. With any other, the definition stands there without it.
_KEPT = frozenset(
    f"{module}.{name}"
    for module, names in {
        "abc": ("abstractmethod",),
        "builtins": ("classmethod", "property", "staticmethod"),
        "contextlib": ("contextmanager",),
        "dataclasses": ("dataclass",),
        "enum": ("unique",),
        "functools": ("cache", "cached_property", "lru_cache", "singledispatch", "singledispatchmethod", "total_ordering"),
        "typing": ("final", "no_type_check", "overload", "override", "runtime_checkable"),
    }.items()
    for name in names
)
_PARTS = frozenset({"setter", "getter", "deleter", "register"})  # of a property, of a singledispatch function
_INSIDE = ("__func__", "fget", "fset", "fdel", "func", "__wrapped__")  # where decorators of the library keep the function


@dataclass(frozen=True)
class Start:
    """One module: what is executed, which imports are looked up, which decorators were left out: ("app.f", "trace")."""

    module: str
    code: CodeType
    links: tuple[Link, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Entry:
    """A unit's function, found in the start-up state. `owner`: the class that has it; `wrapper`: as what (staticmethod, ...)."""

    fn: Any
    owner: type | None = None
    wrapper: type | None = None


def start_of(world: UnitWorld, report_name: str, facts: Mapping[str, Any], source: bytes, shown_as: str) -> Start:
    """What of a slice is to be done; its code objects get the keys that they have in a call."""
    tree = ast.parse(source, shown_as)
    wanted, name = frozenset(facts["run"]), facts["import_name"]
    links = tuple(s for s in tree.body if isinstance(s, Link) and s.lineno not in wanted)
    tree.body = [s for s in tree.body if s.lineno in wanted]
    decorators = _Decorators(report_name, _origins(tree.body))
    for statement in tree.body:
        decorators.visit(statement, report_name)
    code = compile(ast.fix_missing_locations(tree), shown_as, "exec", dont_inherit=True)
    for inner in nested(code):
        world.codes.add(name, inner)
    return Start(name, code, links, tuple(decorators.left_out))


def _origins(body: list[ast.stmt]) -> dict[str, str]:
    """What names stand for: {"dataclass": "dataclasses.dataclass", "functools": "functools", "property": "builtins.property"}."""
    found = {name.partition(".")[2]: name for name in _KEPT if name.startswith("builtins.")}
    for statement in body:
        if isinstance(statement, ast.Import):
            found |= {alias.asname or alias.name: alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            found |= {alias.asname or alias.name: f"{statement.module}.{alias.name}" for alias in statement.names}
        elif isinstance(statement, Definition):
            found.pop(statement.name, None)
    return found


class _Decorators:
    """Replaces decorators that are not kept by one that does nothing, so that the code objects keep their first line."""

    def __init__(self, module: str, origins: dict[str, str]) -> None:
        self._origins = origins
        self._made: set[str] = set()  # names whose `.setter` or `.register` may be used
        self.left_out: list[tuple[str, str]] = []

    def visit(self, node: ast.stmt, outer: str) -> None:
        if not isinstance(node, Definition):
            return
        name = f"{outer}.{node.name}"
        for number, decorator in enumerate(node.decorator_list):
            if self._kept(decorator):
                self._made.add(node.name)
            else:
                self.left_out.append((name, ast.unparse(decorator)))
                node.decorator_list[number] = _nothing(decorator)
        for child in node.body if isinstance(node, ast.ClassDef) else ():
            self.visit(child, name)

    def _kept(self, node: ast.expr) -> bool:
        called = node.func if isinstance(node, ast.Call) else node
        arguments = [*node.args, *(k.value for k in node.keywords)] if isinstance(node, ast.Call) else []
        if isinstance(called, ast.Attribute) and called.attr in _PARTS and isinstance(called.value, ast.Name):
            return called.value.id in self._made and all(isinstance(a, ast.Name) for a in arguments)
        head, dot, rest = ast.unparse(called).partition(".")
        return self._origins.get(head, "?") + dot + rest in _KEPT and all(isinstance(a, ast.Constant) for a in arguments)


def _nothing(place: ast.expr) -> ast.expr:
    node = ast.parse("lambda it: it", mode="eval").body
    for part in ast.walk(node):
        ast.copy_location(part, place)
    return node


def run(world: UnitWorld, starts: tuple[Start, ...]) -> None:
    """Fill the modules, which are empty. Raises whatever a statement raises (a library that is not installed here)."""
    _add_packages(world)
    for start in starts:
        exec(start.code, vars(world.modules[start.module]))
    for name, module in world.modules.items():
        parent, _, last = name.rpartition(".")
        if parent in sys.modules:
            vars(sys.modules[parent]).setdefault(last, module)
    while any(_linked(world, start) for start in starts):  # a name may come through several modules
        pass


def _add_packages(world: UnitWorld) -> None:
    """The packages around the modules; those without a slice are empty."""
    for name in world.modules:
        while name := name.rpartition(".")[0]:
            package = world.modules.get(name) or sys.modules.get(name) or ModuleType(name)
            vars(package).setdefault("__path__", [])
            sys.modules[name] = package


def _linked(world: UnitWorld, start: Start) -> bool:
    """Whether one of the module's imports could be resolved that could not be before."""
    space = vars(world.modules[start.module])
    new = {name: value for link in start.links for name, value in _bindings(world, start.module, link) if name not in space}
    space.update(new)
    return bool(new)


def _bindings(world: UnitWorld, importer: str, link: Link) -> Iterator[tuple[str, Any]]:
    if isinstance(link, ast.Import):
        for alias in link.names:
            bound = alias.name if alias.asname else alias.name.partition(".")[0]
            if _module(world, alias.name) is not None:
                yield alias.asname or bound, sys.modules[bound]
        return
    name = _absolute(world, importer, link)
    source = vars(_module(world, name) or ModuleType(name))
    for alias in link.names:
        if alias.name == "*":
            yield from ((key, source[key]) for key in source.get("__all__", [key for key in source if key[:1] != "_"]) if key in source)
        elif alias.name in source:
            yield alias.asname or alias.name, source[alias.name]
        elif (module := _module(world, f"{name}.{alias.name}")) is not None:
            yield alias.asname or alias.name, module


def _module(world: UnitWorld, name: str) -> ModuleType | None:
    """A module of the program, or one of the library that the unit imports."""
    inside = name in world.modules or any(own.startswith(name + ".") for own in world.modules)
    return sys.modules.get(name) if inside or name in world.imports else None


def _absolute(world: UnitWorld, importer: str, link: ast.ImportFrom) -> str:
    if not link.level:
        return link.module or ""
    package = (world.packages[importer] or "").split(".")
    return ".".join([*package[: len(package) - link.level + 1], *([link.module] if link.module else [])])


def code_of(world: UnitWorld, module: str, qualname: str, line: int) -> CodeType:
    """The code of the function of that name whose definition is the last to begin at or before `line` (a property has up to three)."""
    found = [c for name, code, _ in world.pending if name == module for c in walk(code) if c.co_qualname == qualname]
    return max((c for c in found if c.co_firstlineno <= line), key=lambda c: c.co_firstlineno)


def entry_of(world: UnitWorld, module: str, code: CodeType) -> Entry | None:
    """The function with that code; None where it needs variables of a function around it, or a class that is not there."""
    space = vars(world.modules[module])
    obj: Any = None
    owner: Any = None
    for name in code.co_qualname.split("."):
        owner, obj = obj, (space if obj is None else vars(obj)).get(name)
        if obj is None:
            break
        fn = _inside(obj, code)
        if fn is not None:
            return Entry(fn, owner, type(obj))
        if not isinstance(obj, type):
            break
    return None if code.co_freevars else Entry(FunctionType(code, space))


def _inside(obj: Any, code: CodeType) -> Any:
    """The function with `code` in what decorators of the library made of it."""
    todo = [obj]
    for found in todo:
        if isinstance(found, FunctionType) and found.__code__ == code:
            return found
        if not isinstance(found, type):
            todo.extend(inner for name in _INSIDE if (inner := getattr(found, name, None)) is not None and len(todo) < 20)
    return None
