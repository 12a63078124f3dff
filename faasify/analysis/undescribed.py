"""What a library function may do that no effect stub describes: judged from how its module is made and what its source calls.

    find(catalogue, "configparser:ConfigParser")    kinds ("undescribed",): Python source, so the guard sees whatever it does
    find(catalogue, "http:HTTPStatus")              kinds (): an enumeration; so are exceptions and named tuples
    find(catalogue, "commands:run")                 kinds ("subprocess",): the first thing that its source does is subprocess.run(...)
    find(catalogue, "lxml.etree:parse")             kinds ("ctypes",): native code, whose effects need no audit event
    find(catalogue, "_struct:Struct")               kinds ("undescribed",): native, but of the standard library, which announces effects

Python source makes its caller guarded, unless it certainly does what a guard would refuse, or may reach native code that no guard sees.
Sources are parsed, never imported. What a source calls through a value (`file.read()`, a callback) is left to the guard.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec, PathFinder
from typing import Protocol

from faasify.analysis import typeshed
from faasify.analysis.summaries import Described, LibraryClass, LibraryFunction
from faasify.analysis.syntax import statements_in
from faasify.analysis.vocabulary import KINDS

GUARDED = "undescribed"
NATIVE = "ctypes"
DEEPEST = 6  # calls from one function of a library into the next
MOST = 150  # functions looked into for one question

# parts of the standard library in native code with effects that no audit event announces
_SILENT = {
    "readline": "terminal",
    "termios": "terminal",
    "tty": "terminal",
    "_curses": "terminal",
    "_curses_panel": "terminal",
    "_tkinter": "terminal",
    "_ctypes": "ctypes",
    "_posixshmem": "processes",
    "_multiprocessing": "processes",
    "_posixsubprocess": "subprocess",
    "resource": "processes",
    "faulthandler": "signals",
    "_signal": "signals",
    "select": "descriptors",
    "_ssl": "network",
    "_socket": "network",
    "pwd": "files",
    "grp": "files",
    "spwd": "files",
    "_gdbm": "files",
    "_dbm": "files",
    "_sqlite3": "files",
    "ossaudiodev": "files",
    "_tracemalloc": "introspection",
    "_locale": "locale",
    "posix": "files",
}
_IMPORT_INSIDE = re.compile(rb"^[ \t]+.*\bimport\b|:.*\bimport\b|;.*\bimport\b", re.MULTILINE)  # in a block, or behind another statement
_BRANCHES = (ast.If, ast.For, ast.While, ast.Try, ast.Match, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assert)
_PLAIN_BASES = {"builtins:BaseException", "enum:Enum", "typing:NamedTuple", "builtins:tuple", "typing:TypedDict", "typing:Protocol"}


class Known(Protocol):
    """What is asked of the catalogue of stubs."""

    def find(self, path: str) -> Described | None: ...

    def constructor(self, klass: str) -> LibraryFunction | None: ...


@dataclass(frozen=True)
class Undescribed:
    """The kinds of effect to reckon with, and why; no kinds: it has no effect."""

    path: str
    kinds: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Source:
    """A parsed module: its definitions, and what its names stand for."""

    name: str
    definitions: dict[str, ast.AST]  # "f", "C", "C.method"
    imported: dict[str, str]  # "sp" -> "subprocess"; "Popen" -> "subprocess:Popen"


def find(known: Known, path: str) -> Undescribed:
    """Judges `module:qualname`; see the module's text for the answers."""
    if typeshed.kind(path) in ("variable", "property", "module") and not typeshed.results(path):
        return Undescribed(path, (), "a value, not a call")
    if typeshed.kind(path) == "class" and _is_plain(path):
        return Undescribed(path, (), "an exception, enumeration or tuple: making one has no effect")
    module = path.partition(":")[0]
    native = native_kind(module)
    if native:
        return Undescribed(path, (native,), f"{module} is {'built in' if native == GUARDED else 'native code that no guard sees into'}")
    if source(module) is None:
        return Undescribed(path, (GUARDED,), f"{module} has no source here")
    return _Search(known).judge(path)


def _is_plain(path: str) -> bool:
    found = typeshed.default().find(path)
    return found is not None and any(klass.path in _PLAIN_BASES for klass in typeshed.default().ancestry(found))


class _Search:
    """Goes from a function to those that its source calls by name, until one with a certain effect is described."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.seen: set[str] = set()

    def judge(self, path: str) -> Undescribed:
        queue = [(path, True, 0)]
        while queue and len(self.seen) < MOST:
            at, certain, depth = queue.pop(0)
            for called, always in calls(at):
                kind = self.kind(called, certain and always)
                if kind:
                    return Undescribed(path, (kind,), f"its source calls {called.replace(':', '.')}")
                if called not in self.seen and depth < DEEPEST and self.known.find(called) is None:
                    self.seen.add(called)
                    queue.append((called, certain and always, depth + 1))
        return Undescribed(path, (GUARDED,), "Python source, which the guard sees into")

    def kind(self, called: str, certain: bool) -> str:
        """A kind that stays, which calling this has; "" if there is none, or if the guard sees it should it happen."""
        described = self.known.find(called)
        if isinstance(described, LibraryClass):
            described = self.known.constructor(called)
        if isinstance(described, LibraryFunction):
            stays = (kind for kind in described.summary.effects if KINDS[kind].fate == "stays" and kind not in _HARMLESS)
            return next(stays, "") if certain else ""
        native = native_kind(called.partition(":")[0])
        return native if native != GUARDED else ""


# what a library does for itself, which the guard lets through where it is harmless
_HARMLESS = frozenset({"warnings", "introspection", "logging", "imports"})


def calls(path: str) -> Iterator[tuple[str, bool]]:
    """The paths that the source of a function, or of a class's constructor, calls by name, and whether it always gets there."""
    module, _, qualname = path.partition(":")
    parsed = source(module)
    node = parsed.definitions.get(qualname) if parsed else None
    if parsed is None or node is None:
        return
    if isinstance(node, ast.ClassDef):
        if f"{qualname}.__init__" in parsed.definitions:
            yield from calls(f"{path}.__init__")
        return
    always = True
    for statement in getattr(node, "body", ()):
        always = always and not isinstance(statement, _BRANCHES)  # a branch may leave the function
        for call in ast.walk(statement):
            if isinstance(call, ast.Call):
                named = _named(call.func, parsed, qualname.rpartition(".")[0])
                if named:
                    yield named, always and not any(isinstance(part, ast.Lambda | ast.IfExp | ast.BoolOp) for part in ast.walk(statement))


def _named(node: ast.expr, parsed: Source, klass: str) -> str:
    """`sp.Popen` -> "subprocess:Popen", `helper` -> "this:helper", `self.save` -> "this:C.save"; "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    if node.id in ("self", "cls") and klass and len(parts) == 1:
        return f"{parsed.name}:{klass}.{parts[0]}" if f"{klass}.{parts[0]}" in parsed.definitions else ""
    if node.id in parsed.definitions:
        return f"{parsed.name}:{'.'.join([node.id, *parts])}"
    target = parsed.imported.get(node.id)
    if target is None:
        return "" if parts else f"builtins:{node.id}"
    if ":" in target:
        return ".".join([target, *parts])
    return f"{target}:{'.'.join(parts)}" if parts else ""


def native_kind(module: str) -> str:
    """The kind that calling into a module of native code has: "" for a module of Python source, or for none at all."""
    if module in _SILENT:
        return _SILENT[module]
    if module in sys.builtin_module_names:
        return GUARDED
    spec = _spec(module)
    if spec is None or spec.origin is None or not spec.origin.endswith(tuple(EXTENSION_SUFFIXES)):
        return ""
    return GUARDED if module.partition(".")[0] in sys.stdlib_module_names else NATIVE


@cache
def source(module: str) -> Source | None:
    """A module's source, parsed; None for native modules and for those that are not installed or do not parse."""
    spec = _spec(module)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    try:
        with open(spec.origin, "rb") as file:
            text = file.read()
            tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None
    found = Source(module, {}, {})
    package = module if spec.submodule_search_locations else module.rpartition(".")[0]
    _collect(tree.body, "", found, package, imports_inside=_IMPORT_INSIDE.search(text) is not None)
    return found


def _collect(body: list[ast.stmt], prefix: str, found: Source, package: str, *, imports_inside: bool) -> None:
    """`imports_inside`: whether functions may import something."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.definitions.setdefault(prefix + node.name, node)
            inner = f"{prefix}{node.name}." if isinstance(node, ast.ClassDef) else None
            if inner:
                _collect(node.body, inner, found, package, imports_inside=imports_inside)
            elif imports_inside:
                imports: list[ast.stmt] = [n for n in statements_in(node) if isinstance(n, ast.Import | ast.ImportFrom)]
                _collect(imports, "", found, package, imports_inside=imports_inside)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                found.imported.setdefault(
                    alias.asname or alias.name.partition(".")[0], alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            start = ".".join(parents[: len(parents) - node.level + 1]) if node.level else ""
            base = ".".join(part for part in (start, node.module) if part)
            for alias in node.names:
                found.imported.setdefault(alias.asname or alias.name, f"{base}:{alias.name}" if node.module else f"{base}.{alias.name}")
        elif isinstance(node, ast.If | ast.Try):
            statements = [*node.body, *node.orelse, *(n for h in getattr(node, "handlers", ()) for n in h.body)]
            _collect(statements, prefix, found, package, imports_inside=imports_inside)


@cache
def _spec(module: str) -> ModuleSpec | None:
    """Where a module lies, found without importing its packages."""
    path: list[str] | None = None
    spec: ModuleSpec | None = None
    name = ""
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        try:
            spec = PathFinder.find_spec(name, path)
        except (ImportError, ValueError, OSError):
            return None
        if spec is None:
            return None
        path = list(spec.submodule_search_locations or ())
    return spec
