"""Runs the rewritten files as what they stand for: the original's file name, line numbers and names.

The rewritten file is parsed, its header dropped, each stub decorator turned into a constant (so that no name of ours is visible
in the program), and
every position moved back to the original's line. Compiled code is kept beside the manifest under the hash of the rewritten source.
"""

from __future__ import annotations

import ast
import bisect
import hashlib
import importlib.machinery
import marshal
import os
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

from faasify.runtime.unit import codec

_MARK = "\0faasify unit:"


def code_of(build: str, entry: dict[str, Any], shown_as: str, decorator: Callable[[str], Any]) -> CodeType:
    """The code of one rewritten module, as if compiled from the original at `shown_as`; `decorator(name)` makes the stub decorators."""
    with open(os.path.join(build, entry["file"]), "rb") as f:
        source = f.read()
    plain = _compiled(build, entry, source, shown_as)
    return _patched(plain, decorator)


def _compiled(build: str, entry: dict[str, Any], source: bytes, shown_as: str) -> CodeType:
    digest = hashlib.sha256(b"\0".join((source, shown_as.encode("utf-8", "surrogatepass"), repr(entry.get("inserted")).encode()))).digest()
    kept = os.path.join(build, ".faasify", "code", f"{entry['import_name']}.{sys.implementation.cache_tag}.{sys.flags.optimize}")
    try:
        with open(kept, "rb") as f:
            data = f.read()
        if data[:32] == digest:
            return marshal.loads(data[32:])  # type: ignore[no-any-return]
    except (OSError, ValueError, EOFError, TypeError):
        pass
    code = compile(original_tree(source, entry.get("inserted") or ()), shown_as, "exec", dont_inherit=True)
    try:
        os.makedirs(os.path.dirname(kept), exist_ok=True)
        temporary = f"{kept}.{os.getpid()}"
        with open(temporary, "wb") as f:
            f.write(digest + marshal.dumps(code))
        os.replace(temporary, kept)
    except OSError:
        pass  # a read-only or full folder only costs time
    return code


def original_tree(source: bytes, inserted: Any) -> ast.Module:
    """The syntax tree of the original: without header, stub decorators as constants, at the original's lines."""
    tree = ast.parse(source)
    lines = sorted(inserted)
    if not lines:
        return tree
    marks = set(lines)
    tree.body = [node for node in tree.body if node.lineno not in marks]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.decorator_list = [_constant(d) if d.lineno in marks else d for d in node.decorator_list]
    for node in ast.walk(tree):
        line = getattr(node, "lineno", None)
        if line is not None:
            node.lineno = line - bisect.bisect_left(lines, line)  # type: ignore[attr-defined]
            end = getattr(node, "end_lineno", None)
            if end is not None:
                node.end_lineno = end - bisect.bisect_left(lines, end)  # type: ignore[attr-defined]
    return tree


def _constant(decorator: ast.expr) -> ast.expr:
    """Without columns: the first position in a code object is part of its key, and must be the original's."""
    assert isinstance(decorator, ast.Call) and isinstance(decorator.args[0], ast.Constant)
    line = decorator.lineno
    return ast.Constant(_MARK + str(decorator.args[0].value), lineno=line, end_lineno=line, col_offset=-1, end_col_offset=-1)


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
    """Loads a module of the program from its rewritten file; everything else about it is the original's."""

    def __init__(self, name: str, path: str, load: Callable[[], CodeType], loaded: Callable[[ModuleType], None]) -> None:
        super().__init__(name, path)
        self._load = load
        self._loaded = loaded

    def get_code(self, fullname: str) -> CodeType:
        return self._load()

    def exec_module(self, module: ModuleType) -> None:
        self._loaded(module)
        super().exec_module(module)


def register() -> None:
    """Let the codec treat our loader like the one that it stands for."""
    codec.ENCODERS[_Loader] = codec.ENCODERS[SourceFileLoader]


class Finder:
    """Finds the program's modules where Python would find them, and has them loaded from the rewritten program.

    `files` maps the original path of a module to (import name, loader of its code).
    """

    def __init__(self, files: dict[str, tuple[str, Callable[[], CodeType]]], loaded: Callable[[ModuleType], None]) -> None:
        self._files = files
        self._names = frozenset(name for name, _ in files.values())
        self._loaded = loaded

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name not in self._names:
            return None
        spec = PathFinder.find_spec(name, path, target)
        found = self._files.get(spec.origin or "") if spec is not None else None
        if spec is None or found is None or found[0] != name or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return None
        spec.loader = _Loader(name, spec.origin or "", found[1], self._loaded)
        return spec
