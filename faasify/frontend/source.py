"""One file to one Module: bytes, encoding (PEP 263, byte order mark), syntax tree; or the Damage that it is."""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
import warnings
from pathlib import Path

from faasify.model.program import Damage, Module


def read_module(file: Path, *, name: str, import_name: str, root: Path) -> Module | Damage:
    """Read and parse one file. `source` keeps the file's line endings; a byte order mark is dropped (encoding `utf-8-sig`)."""
    path = relative(file, root)
    try:
        raw = file.read_bytes()
    except OSError as error:
        return Damage(path, 1, f"cannot be read: {error.strerror or error}")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        source = raw.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        return Damage(path, 1, f"is no Python source: {error}")
    tree = parse(source, path)
    if isinstance(tree, Damage):
        return tree
    digest = hashlib.sha256(raw).hexdigest()
    return Module(name, import_name, file, path, source, encoding, digest, tree, is_package=file.name == "__init__.py")


def parse(source: str, path: str) -> ast.Module | Damage:
    """The tree, or where and why Python would refuse the file (`return` outside a function and the like included)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a doubtful escape is the program's affair, at its own run
            tree = ast.parse(source, filename=path)
            compile(tree, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return Damage(path, error.lineno or 1, f"does not parse: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        return Damage(path, 1, f"does not parse: {error or type(error).__name__}")
    return tree


def relative(file: Path, root: Path) -> str:
    """`file` as the program names it: below `root`, with `/`."""
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()
