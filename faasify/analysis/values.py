"""What an expression may be while the program runs, as far as the analysis tells values apart.

A set of these is an expression's abstract value; the empty set means "not seen yet", UNKNOWN "anything else as well". Sets hold numbers
(graph.py): two equal values are one number.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_READ = (ast.UnaryOp, ast.BinOp, ast.Tuple, ast.List, ast.Set, ast.Dict)  # what `ast.literal_eval` can read, but for constants


@lru_cache(maxsize=1 << 16)
def read_const(const: str) -> Any:
    """What the repr of a constant stands for. Each time anew, the functions that `ast.literal_eval` makes would stay until the end."""
    return ast.literal_eval(const)


def read_literal(node: ast.expr) -> Any:
    """What a literal stands for; most that are asked are constants, or none at all: ValueError."""
    if isinstance(node, ast.Constant):
        return node.value
    if not isinstance(node, _READ):
        raise ValueError(node)
    return ast.literal_eval(node)


@dataclass(frozen=True, slots=True)
class Func:
    """A function or lambda of the program."""

    name: str


@dataclass(frozen=True, slots=True)
class Cls:
    """A class of the program."""

    name: str


@dataclass(frozen=True, slots=True)
class Obj:
    """An instance. `cls` is a program class's name or a library path (`builtins:list`).

    `site` tells containers apart by where they were made (`app.f@12:4`); what they hold is kept for each site. `const` is the repr of a
    short literal, so that `getattr(x, "name")` and `table["key"]` find what they name; `pattern` what is known of a string that is put
    together, `visit_*`. `below`: the class or any of its subclasses. `member`: its name in its enumeration, where no other member is equal.
    """

    cls: str
    site: str = ""
    const: str = ""
    below: bool = False
    pattern: str = ""
    member: str = ""

    @property
    def is_library(self) -> bool:
        return ":" in self.cls


@dataclass(frozen=True, slots=True)
class Mod:
    """A module of the program."""

    name: str


@dataclass(frozen=True, slots=True)
class LibMod:
    """A library module."""

    name: str


@dataclass(frozen=True, slots=True)
class Lib:
    """Anything in a library module, by path: `math:sin`, `collections:deque`, `datetime:datetime.now`."""

    path: str


@dataclass(frozen=True, slots=True)
class Bound:
    """A method with its receiver."""

    receiver: Obj | Cls
    func: Func | Lib | Wrapped


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What a staticmethod, classmethod or property object holds, or a function that dispatches to others (see wrapping.py)."""

    kind: str
    func: Func

    @property
    def name(self) -> str:
        return self.func.name


@dataclass(frozen=True, slots=True)
class Getter:
    """A property found on an instance, or a descriptor of the program: the load that finds it calls it."""

    receiver: Obj | Cls
    func: Func | Obj


@dataclass(frozen=True, slots=True)
class Super:
    """`super()` in a method of `cls`, for this receiver."""

    cls: str
    receiver: Obj | Cls


@dataclass(frozen=True, slots=True)
class Partial:
    """`functools.partial(...)` made at a site; the site's record has its function and arguments.

    `method`: a partialmethod's, which is bound to the `receiver` that it is found on.
    """

    site: str
    method: bool = False
    receiver: Obj | Cls | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """A decorator that gives back what it is applied to; `caches`: calls of that hash their arguments from now on."""

    caches: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything."""


Value = Func | Cls | Obj | Mod | LibMod | Lib | Bound | Wrapped | Getter | Super | Partial | Identity | Unknown

UNKNOWN = Unknown()
NOT_IMPLEMENTED = Obj("builtins:NotImplementedType")
MISSING = Obj("builtins:KeyError", "<missing>")  # what has the keys that may not have been there
THROWN = Obj("builtins:list", "<thrown>")  # what has all exceptions that are raised, themselves
RAISED = Obj("builtins:BaseException", "<raised>")  # what has the arguments of all exceptions of the library that are raised


def instance(cls: str) -> Obj:
    return Obj(f"builtins:{cls}")


NONE, BOOL, INT, FLOAT, STR, BYTES = (instance(n) for n in ("NoneType", "bool", "int", "float", "str", "bytes"))


def is_own(value: Value) -> bool:
    """An instance of a class of the program."""
    return isinstance(value, Obj) and ":" not in value.cls
