"""A project's own ways to carry types, `[tool.faasify] types = ["my_types"]`: read and checked, never run, while a build is made.

my_types.py                                                          ->  {"types/my_types.py": b"..."}
    def parts(point): return point.x, point.y
    def point(cls, x, y): return cls(x, y)
    CARRIED = {"shapely.geometry.point:Point": (parts, point)}

Caller and units each run the file that is in the build (runtime/unit/carried.py); a message only ever says a name that stands there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from faasify.errors import UsageError

FOLDER = "types"
TABLE = "CARRIED"
_WANTED = f'{TABLE} = {{"module:Class": (take_apart, make_again), ...}}, with a third function where an object can change in place'


def carried_files(types: Iterable[str]) -> dict[str, bytes]:
    """The files of a build for these modules, by their place in it; UsageError names the line of what is wrong with one."""
    return {f"{FOLDER}/{Path(file).name}": _checked(Path(file)) for file in types}


def _checked(file: Path) -> bytes:
    source = file.read_bytes()
    try:
        tree = ast.parse(source, str(file))
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"{file}: {error}") from None
    tables = [node for node in tree.body if isinstance(node, ast.Assign) and any(_names(target) for target in node.targets)]
    if len(tables) != 1 or not isinstance(tables[0].value, ast.Dict):
        raise UsageError(f"{file} does not say which types it carries", hint=f"one line at its top level: {_WANTED}")
    for key, value in zip(tables[0].value.keys, tables[0].value.values, strict=True):
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.count(":") == 1):
            raise UsageError(f"{file}:{getattr(key, 'lineno', tables[0].lineno)}: a type goes by its module and its name", hint=_WANTED)
        if not (isinstance(value, ast.Tuple) and len(value.elts) in (2, 3)):
            raise UsageError(f"{file}:{value.lineno}: {key.value} needs two functions, or three", hint=_WANTED)
    return source


def _names(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == TABLE
