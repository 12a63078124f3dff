"""Reads the annotations of type stubs as types: `-> Match[str] | None` as (Match of str, NoneType).

What a stub leaves open (type variables, Any, object) is `Type("?")`, once and last. Exceptions that say more than they seem to:
a type variable with constraints is one of them, `Self` is the class asked, typeshed's `MaybeNone` (an Any that stands for None) is None.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faasify.analysis.typeshed import Found, Typeshed


@dataclass(frozen=True)
class Type:
    """`Type("builtins:list", (Type("builtins:str"),))` is `list[str]`; `tuple[int, ...]` has `Type("...")` as its second argument."""

    path: str
    args: tuple[Type, ...] = ()

    def __repr__(self) -> str:
        return f"Type({self.path!r}{', ' + repr(self.args) if self.args else ''})"


OPEN = Type("?")
REST = Type("...")
NONE = Type("builtins:NoneType")
COROUTINE = "builtins:coroutine"
_CONTEXTS = {
    "contextmanager": "contextlib:_GeneratorContextManager",
    "asynccontextmanager": "contextlib:_AsyncGeneratorContextManager",
}
_WRAPPERS = {"typing:Final", "typing:ClassVar", "typing:Annotated", "typing:Required", "typing:NotRequired", "typing:ReadOnly"}
_MEANINGS = {
    "typing:LiteralString": "builtins:str",
    "typing:TypeGuard": "builtins:bool",
    "typing:TypeIs": "builtins:bool",
    "_typeshed:MaybeNone": NONE.path,
}
_NOTHING = {"typing:NoReturn", "typing:Never"}
_ANYTHING = {"builtins:object", "typing:Any", "typing:Generic", "typing:Protocol"}
_VARIABLES = {"TypeVar", "NewType"}


@dataclass(frozen=True)
class Reader:
    """Reads annotations that stand at `place`, a module or class, of a member that was asked of `receiver`."""

    stubs: Typeshed
    place: Found
    receiver: Found | None = None
    variables: tuple[tuple[str, Type], ...] = ()  # what type variables stand for
    within: frozenset[str] = frozenset()  # the aliases that are being read, which may be parts of themselves

    def bound(self, owner: Found, args: tuple[Type, ...]) -> Reader:
        """With the type variables of `owner` as the receiver and its bases fix them: for a member of `str`, Sequence's variable is str."""
        start = self.receiver or owner
        known = {start.path: tuple(zip(parameters(start), args, strict=False))}
        for klass in self.stubs.ancestry(start):
            if klass.path == owner.path:
                return replace(self, variables=known.get(klass.path, ()))
            here = Reader(self.stubs, klass.owner or module_of(klass), self.receiver, known.get(klass.path, ()))
            for node in _bases(klass):
                base = self.stubs.resolve(here.place, node.value) if isinstance(node, ast.Subscript) else None
                if base is not None and base.path not in known and isinstance(node, ast.Subscript):
                    given = [here.argument(item) for item in _items(node.slice)]
                    known[base.path] = tuple((n, t) for n, t in zip(parameters(base), given, strict=False) if t != OPEN)
        return self

    def called(self, found: Found) -> tuple[Type, ...]:
        """What a function or property gives back; a class: its instance."""
        if found.kind == "class":
            return (Type(self.stubs.public(found)),)
        nodes = found.nodes[:1] if found.kind == "property" else found.nodes  # of a property the getter, not the setter
        functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        return united(made for node in functions for made in self._result(node))

    def _result(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[Type, ...]:
        types = united(self.read(node.returns))
        for decorator in node.decorator_list:
            name = ast.unparse(decorator).rpartition(".")[2]
            if name in _CONTEXTS:
                return (Type(_CONTEXTS[name], types[0].args[:1] if types else ()),)
        return (Type(COROUTINE, types),) if isinstance(node, ast.AsyncFunctionDef) else types

    def variable(self, found: Found) -> tuple[Type, ...]:
        """What a variable holds: its annotation, or the plain value it is given; a member of an enumeration is its instance."""
        node = found.nodes[0]
        if found.owner is not None and isinstance(node, ast.Assign) and self._is_enumeration(found.owner):
            return (Type(self.stubs.public(found.owner)),)
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(node, ast.AnnAssign) and self._path(node.annotation) != "typing:Final":
            return united(self.read(node.annotation))
        if isinstance(value, ast.Constant) and value.value is not ...:
            return (_of_value(value.value),)
        if isinstance(value, ast.Name | ast.Attribute) and found.path not in self.within:  # IGNORECASE = RegexFlag.IGNORECASE
            other = self.stubs.resolve(self.place, value)
            if other is not None and other.kind == "variable":
                return Reader(self.stubs, other.owner or module_of(other), within=self.within | {found.path}).variable(other)
        return (OPEN,)

    def _is_enumeration(self, klass: Found) -> bool:
        return any(base.path == "enum:Enum" for base in self.stubs.ancestry(klass))

    def read(self, node: ast.expr | None) -> Iterator[Type]:
        """The members of the union that an annotation means."""
        if node is None:
            yield OPEN
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from self.read(_parsed(node.value))
        elif isinstance(node, ast.Constant):
            yield NONE if node.value is None else OPEN
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            yield from self.read(node.left)
            yield from self.read(node.right)
        elif isinstance(node, ast.Subscript):
            yield from self._subscripted(node)
        elif isinstance(node, ast.Name | ast.Attribute):
            yield from self._named(node, ())
        else:
            yield OPEN

    def _subscripted(self, node: ast.Subscript) -> Iterator[Type]:
        items = _items(node.slice)
        name = self._path(node.value)
        if name == "typing:Literal":
            yield from (_of_value(item.value) if isinstance(item, ast.Constant) else OPEN for item in items)
        elif name in ("typing:Union", "typing:Optional") or name in _WRAPPERS:
            for item in items[:1] if name in _WRAPPERS else items:
                yield from self.read(item)
            if name == "typing:Optional":
                yield NONE
        elif name in ("collections.abc:Callable", "typing:Callable"):
            yield Type("collections.abc:Callable", (self.argument(items[-1]),))
        elif name in ("typing:Concatenate", "typing:Unpack"):
            yield OPEN
        else:
            yield from self._named(node.value, tuple(self.argument(item) for item in items))

    def argument(self, node: ast.expr) -> Type:
        """A type as an argument of another: one type; open if it is a union."""
        if isinstance(node, ast.Constant) and node.value is ...:
            return REST
        types = united(self.read(node))
        return types[0] if len(types) == 1 else OPEN

    def _path(self, node: ast.expr) -> str:
        found = self.stubs.resolve(self.place, node)
        if found is None:
            return ""
        return found.path.replace("typing_extensions:", "typing:")

    def _named(self, node: ast.expr, args: tuple[Type, ...]) -> Iterator[Type]:
        known = dict(self.variables).get(node.id) if isinstance(node, ast.Name) else None
        name, found = self._path(node), self.stubs.resolve(self.place, node)
        if known is not None:
            yield known
        elif name == "typing:Self":
            yield Type(self.stubs.public(self.receiver)) if self.receiver is not None else OPEN
        elif name in _MEANINGS:
            yield Type(_MEANINGS[name])
        elif name in _NOTHING:
            return
        elif found is None or name in _ANYTHING:
            yield OPEN
        elif found.kind == "class":
            yield Type(self.stubs.public(found), () if args == (OPEN,) * len(args) else args)
        elif found.kind == "variable" and found.path not in self.within:
            place = found.owner or module_of(found)
            yield from Reader(self.stubs, place, self.receiver, within=self.within | {found.path}).alias(found)
        else:
            yield OPEN

    def alias(self, found: Found) -> Iterator[Type]:
        """`_Text: TypeAlias = str | bytes`, `T = TypeVar("T", str, bytes)`, `type X = ...`, `UserId = NewType(...)`."""
        value = getattr(found.nodes[0], "value", None)
        if isinstance(value, ast.Call):
            made = ast.unparse(value.func).rpartition(".")[2]
            options = value.args[1:] if made in _VARIABLES else []
            yield from (option for node in options for option in self.read(node))
            if not options:
                yield OPEN
        else:
            yield from self.read(value if isinstance(value, ast.expr) else None)


def parameters(klass: Found) -> list[str]:
    """The type variables of a class in order: those of Generic or Protocol if it has them, else as its bases mention them."""
    listed: dict[str, None] = {}
    for node in _bases(klass):
        if isinstance(node, ast.Subscript):
            names = [item.id for item in ast.walk(node.slice) if isinstance(item, ast.Name)]
            if ast.unparse(node.value).rpartition(".")[2] in ("Generic", "Protocol"):
                return names
            listed.update(
                dict.fromkeys(name for name in names if name.lstrip("_").isupper() or name.endswith(("_co", "_contra")) or name == "AnyStr")
            )
    return list(listed)


def module_of(found: Found) -> Found:
    return type(found)(found.module, "")


def united(types: Iterable[Type]) -> tuple[Type, ...]:
    """Each type once; what is open last."""
    unique = dict.fromkeys(types)
    return (*(t for t in unique if t != OPEN), *((OPEN,) if OPEN in unique else ()))


def _bases(klass: Found) -> list[ast.expr]:
    node = klass.nodes[0]
    return node.bases if isinstance(node, ast.ClassDef) else []


def _items(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        return None


def _of_value(value: object) -> Type:
    return NONE if value is None else Type(f"builtins:{type(value).__name__}")
