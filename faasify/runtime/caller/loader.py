"""Runs the rewritten files as what they stand for: the original's file name, line numbers and names.

The rewritten file is parsed, its header dropped, each stub decorator turned into a constant (so that no name of ours is visible
in the program), and
every position moved back to the original's line. Compiled code is kept beside the manifest under the hash of the rewritten source.
"""

from __future__ import annotations

import ast
import bisect
import importlib.machinery
import sys
import warnings
from collections.abc import Callable
from hashlib import sha256  # kept, whatever the program puts in their place before it imports the next module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import MAGIC_NUMBER
from marshal import dumps, load, loads
from os import environ, getpid, mkdir, replace, rmdir, sep, unlink
from os.path import dirname, join
from types import CodeType, ModuleType
from typing import Any

from faasify.runtime.caller.constants import marshalled
from faasify.runtime.caller.library import Library, Watching
from faasify.runtime.unit.registry import ENCODERS

_MARK = "\0faasify unit:"


def code_of(build: str, entry: dict[str, Any], shown_as: str, decorator: Callable[[str], Any]) -> CodeType:
    """The code of one rewritten module, as if compiled from the original at `shown_as`; `decorator(name)` makes the stub decorators."""
    with open(join(build, entry["file"]), "rb") as f:
        source = f.read()
    plain = _compiled(build, entry, source, shown_as)
    return _patched(plain, decorator)


def root_of(build: str, manifest: dict[str, Any]) -> str:
    """Where the original is, if it still is what was transformed; else the build folder stands for itself."""
    root: str = manifest["program"]["root"]
    for entry in manifest["modules"].values():
        try:
            with open(join(root, entry["file"]), "rb") as f:
                if sha256(f.read()).hexdigest() != entry["sha256"]:
                    return build
        except OSError:
            return build
    return root


def _compiled(build: str, entry: dict[str, Any], source: bytes, shown_as: str) -> CodeType:
    digest = _digest(source, shown_as, entry)
    kept = _kept(build, entry)
    try:
        with open(kept, "rb") as f:
            data = f.read()
        if data[:32] == digest:
            return loads(data[32:])  # type: ignore[no-any-return]
    except (OSError, ValueError, EOFError, TypeError):
        pass
    tree = original_tree(source, entry.get("inserted") or ())
    code: CodeType = _quietly(compile, tree, shown_as, "exec", dont_inherit=True)
    try:
        _write(kept, digest + marshalled(code, tree))
    except OSError:
        pass  # a read-only or full folder only costs time
    return code


def _digest(source: bytes, shown_as: str, entry: dict[str, Any]) -> bytes:
    seed = hash("seed") if not sys.flags.hash_randomization or environ.get("PYTHONHASHSEED", "random") != "random" else None
    told = repr((entry.get("inserted"), sys.flags.optimize, seed))
    parts = (source, shown_as.encode("utf-8", "surrogatepass"), told.encode())
    return sha256(b"\0".join(parts)).digest()


def _kept(build: str, entry: dict[str, Any], ending: str = "") -> str:
    name = f"{entry['import_name']}.{sys.implementation.cache_tag}.{sys.flags.optimize}{ending}"
    return join(build, ".faasify", "code", name)


def _write(file: str, data: bytes) -> None:
    """Write so that another run of the program sees the old file or the new one."""
    _make(dirname(file))
    temporary = f"{file}.{getpid()}"
    try:
        with open(temporary, "wb") as f:
            f.write(data)
        replace(temporary, file)
    except OSError:
        _remove(temporary)  # the disk is full: half a file helps nobody
        raise


def _make(folder: str) -> None:
    """As os.makedirs, which asks whatever the program has for os.path.exists."""
    try:
        mkdir(folder)
    except FileExistsError:
        pass
    except FileNotFoundError:
        _make(dirname(folder))
        try:
            mkdir(folder)
        except FileExistsError:
            pass


def _remove(file: str) -> None:
    try:
        unlink(file)
    except OSError:
        pass


_IN_FOLDER = "__main__.pyc"  # the name that the interpreter looks for in a folder that it is started on
_PYC_HEADER = 16  # magic, flags, and 8 bytes that nobody looks at when a .pyc is run: the digest's first
_START = '__import__("faasify.runtime.caller").runtime.caller.start()'
_UNIT = '__import__("faasify.runtime.caller").runtime.caller.unit({!r})'


def main_pyc(build: str, entry: dict[str, Any], shown_as: str, *, folder: bool = False) -> str:
    """A .pyc of the main module that the interpreter can be started on; behind it in the file, the original's code without any stub.

    `folder`: it is to be started on the file's folder. What the original has below it on the stack, if it is a folder or run with -m
    (two frames of runpy, which tracebacks show), is there then too.
    """
    with open(join(build, entry["file"]), "rb") as f:
        source = f.read()
    inserted = entry.get("inserted") or ()
    header = MAGIC_NUMBER + bytes(4) + _digest(source, shown_as, entry)[:8]
    kept = _kept(build, entry, join(".folder", _IN_FOLDER) if folder else ".pyc")
    try:
        with open(kept, "rb") as f:
            if f.read(_PYC_HEADER) == header:
                return kept
    except OSError:
        pass
    tree = _main_tree(source, inserted)
    code: CodeType = _quietly(compile, tree, shown_as, "exec", dont_inherit=True)
    plain = _quietly(compile, original_tree(source, inserted, _without), shown_as, "exec", dont_inherit=True)
    data = header + marshalled(code, tree) + dumps(plain) + dumps(_warnings_of(shown_as))
    try:
        _write(kept, data)
    except OSError:
        import tempfile

        kept = join(tempfile.mkdtemp(prefix="faasify-"), _IN_FOLDER)
        try:
            with open(kept, "wb") as f:
                f.write(data)
        except OSError:
            drop_temporary(kept, build)
            raise
    return kept


def plain_of(pyc: str) -> CodeType:
    """The second code object of a `main_pyc`."""
    return _parts_of(pyc)[1]  # type: ignore[no-any-return]


def warned_of(pyc: str) -> list[tuple[str, int]]:
    """The syntax warnings that compiling the original main module gives, with their lines."""
    return _parts_of(pyc)[2]  # type: ignore[no-any-return]


def _parts_of(pyc: str) -> list[Any]:
    with open(pyc, "rb") as f:
        f.seek(_PYC_HEADER)
        return [load(f) for _ in range(3)]


def _quietly(do: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Compile without the warnings, which are about a file that the user does not know."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return do(*args, **kwargs)


def _warnings_of(file: str) -> list[tuple[str, int]]:
    """What the interpreter says about the main module's syntax each time that it compiles it."""
    try:
        with open(file, "rb") as f, warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            compile(f.read(), file, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return []
    return [(str(w.message), w.lineno) for w in found if w.category is SyntaxWarning]


def drop_temporary(pyc: str, build: str) -> None:
    """Remove a main module that had to be written elsewhere than beside the build."""
    if not pyc.startswith(build + sep):
        _remove(pyc)
        rmdir(dirname(pyc))


def _main_tree(source: bytes, inserted: Any) -> ast.Module:
    """As `original_tree`, with `start()` for the first statement and decorators that the interpreter can evaluate."""
    tree = original_tree(source, inserted, lambda name: ast.parse(_UNIT.format(name), mode="eval").body)
    at = 0
    if ast.get_docstring(tree, clean=False) is not None:
        at = 1
    while at < len(tree.body) and isinstance(future := tree.body[at], ast.ImportFrom) and future.module == "__future__":
        at += 1
    statement = _placed(ast.Expr(ast.parse(_START, mode="eval").body), 1)
    tree.body.insert(at, statement)
    return tree


def _placed(node: Any, line: int) -> Any:
    """Without columns: the first position in a code object is part of its key, and must be the original's."""
    for part in ast.walk(node):
        if "lineno" in part._attributes:
            part.lineno = part.end_lineno = line  # type: ignore[attr-defined]
            part.col_offset = part.end_col_offset = -1  # type: ignore[attr-defined]
    return node


def _marked(name: str) -> ast.expr:
    return ast.Constant(_MARK + name)


def _without(name: str) -> None:
    return None


def original_tree(source: bytes, inserted: Any, decorator: Callable[[str], ast.expr | None] = _marked) -> ast.Module:
    """The syntax tree of the original: without header, at the original's lines, stub decorators replaced by `decorator(name)`."""
    tree: ast.Module = _quietly(ast.parse, source)
    lines = sorted(inserted)
    if not lines:
        return tree
    marks = set(lines)
    tree.body = [node for node in tree.body if node.lineno not in marks]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorators = [_stub(d, decorator) if d.lineno in marks else d for d in node.decorator_list]
            node.decorator_list = [d for d in decorators if d is not None]
    for node in ast.walk(tree):
        line = getattr(node, "lineno", None)
        if line is not None:
            node.lineno = line - bisect.bisect_left(lines, line)  # type: ignore[attr-defined]
            end = getattr(node, "end_lineno", None)
            if end is not None:
                node.end_lineno = end - bisect.bisect_left(lines, end)  # type: ignore[attr-defined]
    return tree


def _stub(inserted: ast.expr, decorator: Callable[[str], ast.expr | None]) -> ast.expr | None:
    assert isinstance(inserted, ast.Call) and isinstance(inserted.args[0], ast.Constant)
    made = decorator(str(inserted.args[0].value))
    return None if made is None else _placed(made, inserted.lineno)


def _patched(code: CodeType, decorator: Callable[[str], Any]) -> CodeType:
    consts = tuple(
        _patched(c, decorator)
        if isinstance(c, CodeType)
        else decorator(c[len(_MARK) :])
        if isinstance(c, str) and c.startswith(_MARK)
        else c
        for c in code.co_consts
    )
    return code if all(a is b for a, b in zip(consts, code.co_consts, strict=True)) else code.replace(co_consts=consts)


class _Loader(SourceFileLoader):
    """Loads a module of the program from its rewritten file; everything else about it is the original's.

    `exec_module` is inherited: a frame of ours below the module's code would be seen in tracebacks, and would count in recursions.
    """

    def __init__(self, name: str, path: str, load: Callable[[], CodeType], loaded: Callable[[ModuleType], None]) -> None:
        super().__init__(name, path)
        self._load = load
        self._loaded = loaded

    def get_code(self, fullname: str) -> CodeType:
        return self._load()

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = ModuleType(spec.name)
        self._loaded(module)
        return module


def register() -> None:
    """Let the codec treat our loader like the one that it stands for."""
    ENCODERS[_Loader] = ENCODERS[SourceFileLoader]


class Finder:
    """Finds the program's modules where Python would find them, and has them loaded from the rewritten program.

    `files` maps the original path of a module to (import name, loader of its code).
    """

    def __init__(
        self, files: dict[str, tuple[str, Callable[[], CodeType]]], loaded: Callable[[ModuleType], None], library: Library
    ) -> None:
        self._files = files
        self._library = library
        self._names = frozenset(name for name, _ in files.values())
        self._loaded = loaded

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name not in self._names:
            return self._watched(name, path, target) if name in self._library.names else None
        spec = PathFinder.find_spec(name, path, target)
        found = self._files.get(spec.origin or "") if spec is not None else None
        if spec is None or found is None or found[0] != name or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return None
        spec.loader = _Loader(name, spec.origin or "", found[1], self._loaded)
        return spec

    def _watched(self, name: str, path: Any, target: Any) -> ModuleSpec | None:
        """A library module, found by whoever finds it, with a loader that has it noted."""
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                spec: ModuleSpec | None = finder.find_spec(name, path, target)
                if spec is not None:
                    if hasattr(spec.loader, "exec_module"):
                        spec.loader = Watching(spec, self._library.note)  # type: ignore[assignment]
                    return spec
        return None
