"""What a call that touches files says by constants: which path, and in which mode.

open("data.txt", "w")                          ->  '"data.txt", "w"'
open(path, mode="w")                           ->  '..., "w"'
(Path(__file__).parent / "d.csv").read_text()  ->  '"pkg/d.csv", "r"'     in pkg/load.py
DATA = "words.txt"; open(DATA)                 ->  '"words.txt", "r"'

Paths are relative to the program's folder: those that are built from `__file__` are told with the module's own folder.
"""

from __future__ import annotations

import ast
import json
import posixpath
from collections.abc import Iterator
from functools import lru_cache

from faasify.model.program import Module

UNKNOWN = "..."
_MODES = {"read_text": "r", "read_bytes": "rb", "write_text": "w", "write_bytes": "wb", "touch": "a"}
_OF_A_PATH = frozenset(
    [*_MODES, "exists", "is_file", "is_dir", "iterdir", "glob", "rglob", "stat", "mkdir", "rmdir", "unlink", "rename", "replace"]
)
_SAME_PLACE = frozenset(["resolve", "absolute", "abspath", "realpath", "expanduser", "str", "fspath", "normpath"])
_DEPTH = 20  # of an expression that makes a path; deeper ones are not made by hand


def detail(node: ast.AST, module: Module) -> str:
    """The constant path and mode of a call, as Python literals; empty where neither is constant."""
    if not isinstance(node, ast.Call):
        return ""
    path, mode = _path_and_mode(node, module)
    if path is None and mode is None:
        return ""
    words = [UNKNOWN if path is None else json.dumps(path, ensure_ascii=False)]
    return ", ".join(words if mode is None else [*words, json.dumps(mode)])


def taken_apart(detail: str) -> tuple[str | None, str | None]:
    """The path and the mode of a detail, None for what is not constant.

    >>> taken_apart('"data.txt", "r"'), taken_apart('..., "w"'), taken_apart("")
    (('data.txt', 'r'), (None, 'w'), (None, None))
    """
    try:
        words = ast.literal_eval(f"[{detail}]")
    except (SyntaxError, ValueError):
        return None, None
    path, mode = [*words, None, None][:2]
    return (path if isinstance(path, str) else None), (mode if isinstance(mode, str) else None)


def _path_and_mode(node: ast.Call, module: Module) -> tuple[str | None, str | None]:
    name = _last_name(node.func)
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    if receiver is not None and not _is_module(receiver):
        path = _path(receiver, module)
        if name in _OF_A_PATH:
            return path, _MODES.get(name)
        if name == "open" and path is not None:
            return path, _mode(node, 0)
    if name in ("open", "fdopen"):
        return _first(node, module), _mode(node, 1)
    return _first(node, module), None


def _first(node: ast.Call, module: Module) -> str | None:
    given = node.args[:1] or [keyword.value for keyword in node.keywords if keyword.arg in ("file", "path", "filename")]
    return _path(given[0], module) if given else None


def _mode(node: ast.Call, position: int) -> str | None:
    """The constant mode of an open(), which is "r" where none is given."""
    if any(isinstance(arg, ast.Starred) for arg in node.args) or any(keyword.arg is None for keyword in node.keywords):
        return None
    given = node.args[position : position + 1] or [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
    if not given:
        return "r"
    return given[0].value if isinstance(given[0], ast.Constant) and isinstance(given[0].value, str) else None


def _path(node: ast.expr, module: Module, depth: int = 0) -> str | None:
    """The path that an expression of constants makes."""
    if depth > _DEPTH:
        return None
    match node:
        case ast.Constant(value=str(text)):
            return text if text and "\0" not in text else None
        case ast.Name(id="__file__"):
            return module.path
        case ast.Name(id=name):
            constant = _constants(module.tree).get(name)
            return _path(constant, module, depth + 1) if constant is not None else None
        case ast.Attribute(value=value, attr="parent"):
            return _parent(_path(value, module, depth + 1))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _joined([left, right], module, depth)
        case ast.Call(func=func, args=args, keywords=[]):
            return _made_path(func, args, module, depth)
        case _:
            return None


def _made_path(func: ast.expr, args: list[ast.expr], module: Module, depth: int) -> str | None:
    """`Path(...)`, `os.path.join(...)`, `.with_name(...)` and the like."""
    name = _last_name(func)
    receiver = [func.value] if isinstance(func, ast.Attribute) and not _is_module(func.value) else []
    if name in ("Path", "PurePath", "PosixPath", "join", "joinpath"):
        return _joined([*(receiver if name == "joinpath" else []), *args], module, depth)
    if name in _SAME_PLACE and len(receiver) + len(args) == 1:
        return _path([*receiver, *args][0], module, depth + 1)
    if name == "dirname" and len(args) == 1:
        return _parent(_path(args[0], module, depth + 1))
    if name == "with_name" and receiver and len(args) == 1:
        folder, last = _parent(_path(receiver[0], module, depth + 1)), _path(args[0], module, depth + 1)
        return posixpath.normpath(posixpath.join(folder, last)) if folder is not None and last is not None else None
    return None


def _joined(parts: list[ast.expr], module: Module, depth: int) -> str | None:
    found = [_path(part, module, depth + 1) for part in parts]
    known = [part for part in found if part is not None]
    return posixpath.normpath(posixpath.join(*known)) if known and len(known) == len(found) else None


def _parent(path: str | None) -> str | None:
    return (posixpath.dirname(path) or ".") if path is not None else None


def _last_name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _is_module(node: ast.expr) -> bool:
    """Whether an expression looks like the name of a library module: `os`, `os.path`, `io`."""
    if isinstance(node, ast.Attribute):
        return node.attr == "path" and _is_module(node.value)
    return isinstance(node, ast.Name) and node.id in (
        "os",
        "io",
        "codecs",
        "shutil",
        "gzip",
        "bz2",
        "lzma",
        "tokenize",
        "pathlib",
        "builtins",
    )


@lru_cache(maxsize=256)
def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Names of a module that are bound once, at its top, by a plain assignment."""
    assigned = {
        statement.targets[0].id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name)
    }
    seen = set[str]()
    for name in _bindings(tree):
        if name in seen:
            assigned.pop(name, None)
        seen.add(name)
    return assigned


def _bindings(tree: ast.Module) -> Iterator[str]:
    """Every name that is bound anywhere in the module, as often as it is: a local of the same name may be meant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
