"""A unit's definitions as the zygote loads them: the slices' code by key, empty modules of the program, the library it imports.

Nothing of a module's top level runs: slices are compiled, and their code objects are found by key when a snapshot refers to them.
"""

from __future__ import annotations

import ast
import json
import os
import sys
from types import CodeType, ModuleType, TracebackType
from typing import Any

from faasify.runtime.unit import carried, guard
from faasify.runtime.unit.callstack import is_stand_in
from faasify.runtime.unit.codec import load_types
from faasify.runtime.unit.kinds import get_field
from faasify.runtime.unit.world import ANNOTATION_READERS, RUNTIME, ProcessWorld, may_copy_deeply, place

_MARK = "\0faasify ran"


class UnitWorld(ProcessWorld):
    """The world of a worker; its standard streams are the captures of the current call."""

    binary = True

    def __init__(self, manifest: dict[str, Any]) -> None:
        super().__init__(manifest)
        self.captures: dict[str, Any] = {}
        self.abort: Any = None  # of the current worker: ends the call
        self.noted: Any = None  # likewise: noted(number, data) puts something into the list of outputs
        self.names_by_index: list[str] = []
        self.ran = bytearray()
        self.program_files: frozenset[str] = frozenset()
        self.packages: dict[str, str | None] = {}  # __package__ by import name
        self.pending: list[tuple[str, CodeType, CodeType]] = []

    def streams(self) -> dict[str, Any]:
        return self.captures

    def opaque(self, what: str) -> Any:
        return Opaque(what, self.abort)

    def notes(self) -> UnitWorld:
        return self

    def frames(self, exc: BaseException, until: TracebackType | None = None) -> list[Any] | None:
        """[key or None, file, name, line, end line, column, end column] for each frame that is the user's, outermost first."""
        found = []
        tb = get_field(exc, "__traceback__")
        while tb is not until and tb is not None:
            code = tb.tb_frame.f_code
            if not code.co_filename.startswith(RUNTIME) and not is_stand_in(code):
                positions = list(code.co_positions())[tb.tb_lasti // 2] if tb.tb_lasti >= 0 else (tb.tb_lineno, None, None, None)
                line = tb.tb_lineno or 0
                where = positions if positions[0] == line else (line, None, None, None)
                found.append([self.codes.key_of(code), code.co_filename, code.co_name, line, *where[1:]])
            tb = tb.tb_next
        return found


def _ends_the_call(name: str) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        what, abort = object.__getattribute__(self, "_faasify")
        abort("introspection", f"{name} of a {what}")

    return method


class Opaque:
    """An object of the caller that is only handed around; whoever looks at it ends the call."""

    __slots__ = ("_faasify",)

    def __init__(self, what: str, abort: Any) -> None:
        object.__setattr__(self, "_faasify", (what, abort))

    for _name in (
        "__getattribute__",
        "__setattr__",
        "__delattr__",
        "__repr__",
        "__str__",
        "__eq__",
        "__hash__",
        "__bool__",
        "__format__",
        "__dir__",
    ):
        locals()[_name] = _ends_the_call(_name)


def load(manifest_dir: str, options: dict[str, Any]) -> UnitWorld:
    """Read the manifest, import the library modules that the program imports, compile the slices."""
    with open(os.path.join(manifest_dir, "manifest.json"), encoding="utf-8") as f:
        manifest = json.load(f)
    if "shown" in options:
        place(manifest, options["root"], options["shown"])
    world = UnitWorld(manifest)
    fill(world, manifest, manifest_dir, options)
    return world


def fill(world: UnitWorld, manifest: dict[str, Any], folder: str, options: dict[str, Any]) -> None:
    """Import the library, compile the slices that lie below `folder`."""
    load_types()
    world.carried = carried.load(folder, manifest.get("types", ()))
    for name in manifest["imports"]:
        _import(name)
    for name in sorted({text.partition(":")[0] for text in manifest["library"]}):
        if "__getattr__" in vars(sys.modules.get(name.rpartition(".")[0], sys)):  # numpy imports `numpy.random` when it is asked for it
            _import(name)
    root = manifest["program"]["root"]
    world.program_files = frozenset(os.path.join(root, m["file"]) for m in manifest["modules"].values())
    for report_name, module in manifest["modules"].items():
        if module.get("slice"):
            _add_module(world, report_name, module, os.path.join(folder, module["slice"]), os.path.join(root, module["file"]), options)
    world.ran = bytearray(len(world.names_by_index))
    _patch_marks(world)
    names = world.codes.every_name()
    world.inspects_annotations, world.copies_deeply = bool(names & ANNOTATION_READERS), may_copy_deeply(world, names)
    sys.meta_path[:] = [barrier := _Barrier(world), *sys.meta_path, _LastBarrier(barrier)]


def _import(name: str) -> None:
    try:
        __import__(name)
    except BaseException:  # optional in the program too, or only for another platform: whoever needs it here will say so
        pass


def _add_module(world: UnitWorld, report_name: str, entry: dict[str, Any], slice_file: str, shown_as: str, options: dict[str, Any]) -> None:
    with open(slice_file, "rb") as f:
        source = f.read()
    tree = ast.parse(source, shown_as)
    plain = compile(tree, shown_as, "exec", dont_inherit=True)
    code = plain
    name = entry["import_name"]
    if options.get("trace"):
        code = compile(_marked(tree, len(world.names_by_index)), shown_as, "exec", dont_inherit=True)
        world.names_by_index.extend(f"{report_name}.{qualname}" for qualname in _function_names(plain, tree))
    module = ModuleType(name)
    dotted = report_name if name == "__main__" else name
    world.packages[name] = dotted if entry.get("package") else dotted.rpartition(".")[0] or (None if name == "__main__" else "")
    world.modules[name] = module
    world.pending.append((name, code, plain))


def _functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def _function_names(code: CodeType, tree: ast.Module) -> list[str]:
    """Qualified names in the order in which `_marked` numbers the functions."""
    names: dict[int, str] = {}

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                names[id(child)] = prefix + child.name
                visit(child, f"{prefix}{child.name}.<locals>.")
            elif isinstance(child, ast.ClassDef):
                visit(child, f"{prefix}{child.name}.")
            elif isinstance(child, ast.Lambda):
                visit(child, f"{prefix}<lambda>.<locals>.")
            else:
                visit(child, prefix)

    visit(tree, "")
    return [names[id(n)] for n in _functions(tree)]


def _marked(tree: ast.Module, start: int) -> ast.Module:
    """A statement at the start of every function that notes that it ran; positions of everything else stay."""
    for number, node in enumerate(_functions(tree), start):
        first = node.body[0]
        documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
        target = ast.Subscript(ast.Constant(_MARK), ast.Constant(number), ast.Store())
        mark = ast.Assign([target], ast.Constant(1))
        for part in (mark, *ast.walk(mark)):
            ast.copy_location(part, first)
        node.body.insert(1 if documented else 0, mark)
    return ast.fix_missing_locations(tree)


def _patch_marks(world: UnitWorld) -> None:
    """Put the bytearray where the mark stands; then register the code."""

    def patched(code: CodeType) -> CodeType:
        consts = tuple(
            patched(c) if isinstance(c, CodeType) else world.ran if c == _MARK and isinstance(c, str) else c for c in code.co_consts
        )
        return code if all(a is b for a, b in zip(consts, code.co_consts, strict=True)) else code.replace(co_consts=consts)

    for name, code, plain in world.pending:
        world.codes.add(name, patched(code), plain)


class _Barrier:
    """Importing a module of the program would run its top level in the unit; it is there if the caller sent it, else the call
    cannot go on here. `importlib.import_module` announces nothing to the guard, so all imports are looked at."""

    def __init__(self, world: UnitWorld) -> None:
        self._names = frozenset(world.modules)
        self.abort: Any = None

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if self.abort is not None and (name in self._names or guard.imports_program(name)):
            self.abort("import", name)


class _LastBarrier:
    """Asked for what is found nowhere: it may be a folder or a compiled module beside the program."""

    def __init__(self, barrier: _Barrier) -> None:
        self._barrier = barrier

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if self._barrier.abort is not None and guard.imports_program(name, last=True):
            self._barrier.abort("import", name)


def barrier() -> _Barrier:
    return next(f for f in sys.meta_path if isinstance(f, _Barrier))
