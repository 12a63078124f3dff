"""Which attributes a program may ask for, wherever that is: by a dot, by a pattern's keyword, by a name that is text.

e.code, getattr(e, "code"), case SystemExit(code=c)     code
getattr(self, f"visit_{kind}")                          whatever begins with visit_
getattr(e, name)                                        anything
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

LOOKING = frozenset(["getattr", "attrgetter", "methodcaller", "__getattribute__", "getattr_static", "getmembers"])
"""Functions that are told a name, or look at all."""
PUTTING = frozenset(["setattr", "delattr", "__setattr__", "__delattr__"])
_SELF = ("self", "cls")


@dataclass(eq=False, slots=True)
class Looked:
    """All modules of a program together."""

    names: set[str] = field(default_factory=set)
    shapes: set[tuple[str, str]] = field(default_factory=set)  # how names that are put together begin and end

    names_put: set[str] = field(default_factory=set)  # by setattr and the like, perhaps in a module
    puts_any: bool = False

    def may_be(self, names: Iterable[str]) -> bool:
        """Whether one of these is asked for, or may be."""
        return any(name in self.names or self._fits(name) for name in names)

    def _fits(self, name: str) -> bool:
        return any(name.startswith(begin) and name.endswith(end) for begin, end in self.shapes)

    def anything(self) -> None:
        self.shapes.add(("", ""))

    def call(self, function: str, args: list[ast.expr]) -> None:
        """One of LOOKING is called."""
        told = {"getattr": args[1:2], "__getattribute__": args[-1:], "methodcaller": args[:1], "attrgetter": args}.get(function)
        for name in told or ():
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                self.names.update(name.value.split("."))
            else:
                self.shapes.add(_shape(name))
        if not told or any(isinstance(arg, ast.Starred) for arg in args):
            self.anything()

    def put(self, function: str, args: list[ast.expr]) -> None:
        """One of PUTTING is called."""
        if args and isinstance(args[0], ast.Name) and args[0].id in _SELF:
            return  # no module
        told = args[: 1 if function == "__delattr__" else 2]
        texts = [name.value for name in told if isinstance(name, ast.Constant) and isinstance(name.value, str)]
        self.names_put.update(text.rpartition(".")[2] for text in texts)
        self.puts_any |= not texts


def _shape(name: ast.expr) -> tuple[str, str]:
    """How the text begins and ends, as far as it is written there."""
    match name:
        case ast.JoinedStr(values=values) if values:
            return _constant(values[0]), _constant(values[-1])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _shape(left)[0], _shape(right)[1]
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod()):
            return text.partition("%")[0], ""
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
            return text.partition("{")[0], ""
    return _constant(name), _constant(name)


def _constant(part: ast.expr) -> str:
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""
