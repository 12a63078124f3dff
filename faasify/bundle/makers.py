"""Calls in start-up state that only make a value: `WORD = re.compile("[a-z]+")`, `lines: list = field(default_factory=list)`.

Known by name, with arguments that are constants, names of such values, or such calls again: nothing of `list(sys.stdin)`. A few take any
name that is bound, because they only keep it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

_MODULES: Mapping[str, str] = {
    "builtins": "bytes dict float frozenset int list object set str tuple",
    "collections": "ChainMap Counter OrderedDict defaultdict deque namedtuple",
    "dataclasses": "field",
    "datetime": "date datetime time timedelta timezone",
    "decimal": "Decimal",
    "enum": "auto",
    "fractions": "Fraction",
    "operator": "attrgetter itemgetter methodcaller",
    "pathlib": "PurePath PurePosixPath PureWindowsPath",
    "re": "compile",
    "string": "Template",
    "struct": "Struct",
    "types": "MappingProxyType SimpleNamespace",
    "typing": "NewType TypeVar",
    "uuid": "UUID",
}
MAKERS = frozenset(f"{module}.{name}" for module, names in _MODULES.items() for name in names.split())
KEEPERS = frozenset({"collections.defaultdict", "dataclasses.field", "types.MappingProxyType", "typing.NewType", "typing.TypeVar"})
SIZED = frozenset({"builtins.bytes"})  # bytes(10**9): a number is not the value but its size
_LAST = frozenset(name.rpartition(".")[2] for name in MAKERS)
_OF_TEXT = frozenset({"encode", "lower", "split", "splitlines", "strip", "upper"})  # methods of a literal string


def builtin_origins() -> dict[str, str]:
    """{"frozenset": "builtins.frozenset", ...}: what these names stand for until something else is bound to them."""
    return {name: f"builtins.{name}" for name in _MODULES["builtins"].split()}


Test = Callable[[ast.expr], bool]


def makes_value(node: ast.expr, origins: Mapping[str, str], is_value: Test, is_bound: Test) -> bool:
    """Whether `node` is such a call; `origins` tells what names stand for, the tests what arguments are."""
    if not isinstance(node, ast.Call) or any(keyword.arg is None for keyword in node.keywords):
        return False
    head, dot, rest = ast.unparse(node.func).partition(".")
    origin = origins.get(head, "?") + dot + rest
    if not _is_method_of_text(node.func) and origin not in MAKERS:
        return False
    arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
    if origin in SIZED and any(not _is_text(argument) for argument in arguments[:1]):
        return False
    return all(
        is_value(argument) or makes_value(argument, origins, is_value, is_bound) or (origin in KEEPERS and is_bound(argument))
        for argument in arguments
    )


def may_make_value(node: ast.expr) -> bool:
    """Whether `node` looks like such a call, whatever its names stand for: reason enough to have it in a slice."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
    return name in _LAST or _is_method_of_text(node.func)


def _is_method_of_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in _OF_TEXT and _is_text(node.value)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
