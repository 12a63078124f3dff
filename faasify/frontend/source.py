"""One file to one Module: bytes, encoding (PEP 263, byte order mark), syntax tree; or the Damage that it is."""

from __future__ import annotations

import ast
import codecs
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
    decoded = decode(raw, path)
    if isinstance(decoded, Damage):
        return decoded
    source, encoding = decoded
    tree = parse(source, path)
    if isinstance(tree, Damage):
        return tree
    digest = hashlib.sha256(raw).hexdigest()
    return Module(name, import_name, file, path, source, encoding, digest, tree, is_package=file.name == "__init__.py")


def decode(raw: bytes, path: str) -> tuple[str, str] | Damage:
    """The text and its encoding, or the line that has no such encoding."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Damage(path, 1, "is no Python source: it is UTF-16, which Python does not read; save it as UTF-8")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        return raw.decode(encoding), encoding
    except UnicodeDecodeError as error:
        return Damage(path, raw.count(b"\n", 0, error.start) + 1, f"is no Python source: {error}")
    except (SyntaxError, UnicodeError, LookupError) as error:
        return Damage(path, _first_bad_line(raw), f"is no Python source: {error}")


def _first_bad_line(raw: bytes) -> int:
    """Of the two lines that may name an encoding, the one that is no text; else the first."""
    for number, line in enumerate(raw.split(b"\n")[:2], 1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return number
    return 1


def parse(source: str, path: str) -> ast.Module | Damage:
    """The tree, or where and why Python would refuse the file (`return` outside a function and the like included)."""
    if "\0" in source:
        return Damage(path, source.count("\n", 0, source.index("\0")) + 1, "does not parse: it contains null bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a doubtful escape is the program's affair, at its own run
            compile(source, path, "exec", dont_inherit=True)  # of the tree, it would refuse what Python runs: a thousand `elif`
            tree = ast.parse(source, filename=path)
    except SyntaxError as error:
        return Damage(path, error.lineno or 1, f"does not parse: {error.msg}")
    except (RecursionError, MemoryError):  # neither names a line
        return Damage(path, _deepest_line(source), "does not parse: its expressions are nested too deeply for Python")
    except ValueError as error:
        return Damage(path, 1, f"does not parse: {error}")
    return tree


def _deepest_line(source: str) -> int:
    """The longest line: what is nested too deeply for the parser stands on one, as far as anyone has seen."""
    lines = source.split("\n")
    return max(range(len(lines)), key=lambda number: len(lines[number])) + 1


def relative(file: Path, root: Path) -> str:
    """`file` as the program names it: below `root`, with `/`."""
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()
