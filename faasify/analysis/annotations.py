"""Annotations are believed where nothing else is seen: `def area(s: Shape)` says what `s` is where no call does.

list[Shape]          a list that holds Shapes
Shape | None         a Shape (or one of its subclasses) or None
"Shape"              the same, written as a string
Callable, Any, T     says nothing

A wrong one costs a fallback, never an answer.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from faasify.analysis.lowering import Lowering
from faasify.analysis.members import member
from faasify.analysis.scopes import Scope
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryClass
from faasify.analysis.values import NONE, Cls, Lib, LibMod, Mod, Obj, Value

_SILENT = frozenset(["builtins:object", "builtins:type"])
_CONTAINERS = frozenset(
    ["builtins:list", "builtins:set", "builtins:frozenset", "builtins:tuple", "collections:deque", "builtins:generator"]
)
_ABSTRACT = {
    **{f"{module}:{name}": "builtins:list" for module in ("typing", "collections.abc") for name in ("Sequence", "Iterable", "Collection")},
    **{f"{module}:{name}": "builtins:generator" for module in ("typing", "collections.abc") for name in ("Iterator", "Generator")},
    **{f"{module}:{name}": "builtins:dict" for module in ("typing", "collections.abc") for name in ("Mapping", "MutableMapping")},
    "typing:List": "builtins:list",
    "typing:Dict": "builtins:dict",
    "typing:Set": "builtins:set",
    "typing:Tuple": "builtins:tuple",
    "typing:MutableSequence": "builtins:list",
    "collections.abc:MutableSequence": "builtins:list",
    "typing:FrozenSet": "builtins:frozenset",
}


def believe(low: Lowering, annotation: ast.expr, node: int) -> None:
    """Remember what to fill the node with if nothing, or only anything, is seen for it."""
    state, scope = low.state, low.scope
    state.annotated.append((node, filler(state, annotation, scope, node)))


def filler(state: State, annotation: ast.expr, scope: Scope, node: int) -> Callable[[], bool]:
    def fill() -> bool:
        found = list(_Reader(state, scope).values(annotation) or ())
        state.graph.put(node, found)
        return bool(found)

    return fill


class _Reader:
    """Reads one annotation, once all names are known."""

    def __init__(self, state: State, scope: Scope) -> None:
        self.state, self.scope = state, scope

    def values(self, node: ast.expr) -> list[Value]:
        """Instances that the annotation allows; nothing where it says nothing."""
        match node:
            case ast.Constant(value=None):
                return [NONE]
            case ast.Constant(value=str() as text):
                return self.quoted(text)
            case ast.BinOp(op=ast.BitOr()):
                return self.either([node.left, node.right])
            case ast.Subscript():
                return self.generic(node)
            case ast.Name() | ast.Attribute():
                return self.instances(self.named(node), self.site(node))
            case _:
                return []

    def site(self, node: ast.expr) -> str:
        return f"{self.scope.module}@annotation:{node.lineno}:{node.col_offset}"

    def quoted(self, text: str) -> list[Value]:
        try:
            return self.values(ast.parse(text.strip(), mode="eval").body)
        except (SyntaxError, ValueError):
            return []

    def either(self, nodes: list[ast.expr]) -> list[Value]:
        """A union says something only if each of its members does."""
        found = [self.values(node) for node in nodes]
        return [value for values in found for value in values] if all(found) else []

    def generic(self, node: ast.Subscript) -> list[Value]:
        inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) and node.slice.elts else [node.slice]  # tuple[()] holds nothing
        named = self.named(node.value)
        paths = {v.path for v in named if isinstance(v, Lib)}
        if "typing:Optional" in paths:
            return self.either([*inner, ast.Constant(None)])
        if "typing:Union" in paths:
            return self.either(inner)
        if paths & {"typing:Final", "typing:ClassVar", "typing:Annotated"}:
            return self.values(inner[0])
        if paths & {"typing:Type", "builtins:type"}:
            return [Cls(v.cls) for v in self.values(inner[0]) if isinstance(v, Obj) and not v.is_library]
        found = self.instances(named, self.site(node))
        for value in found:
            if isinstance(value, Obj) and value.cls in _CONTAINERS:
                self.hold(value.site, inner[0])
            elif isinstance(value, Obj) and value.cls == "builtins:dict" and len(inner) == 2:
                self.state.graph.put(self.state.node("keys", value.site), self.values(inner[0]))
                self.hold(value.site, inner[1])
        return found

    def hold(self, site: str, inner: ast.expr) -> None:
        held = self.state.graph.of(*self.values(inner))
        self.state.hold(site, held)

    def named(self, node: ast.expr) -> list[Value]:
        graph = self.state.graph
        if isinstance(node, ast.Attribute):
            owners = [v for v in self.named(node.value) if isinstance(v, Mod | LibMod | Cls | Lib)]
            nodes = [member(self.state, v, node.attr) for v in owners]
            graph.solve()
            return [v for n in nodes for v in graph.at(n)]
        if not isinstance(node, ast.Name):
            return []
        where = self.scope.resolve(node.id)
        if where is None:
            return [Lib(f"builtins:{node.id}")]
        return graph.at(self.state.variable(where, node.id))

    def instances(self, named: list[Value], site: str) -> list[Value]:
        return list(dict.fromkeys(found for value in named for found in self.instance(value, site)))

    def instance(self, value: Value, site: str) -> Iterator[Value]:
        if isinstance(value, Cls):
            yield self.state.instance(value.name)
        elif isinstance(value, Lib):
            described = self.state.catalogue.find(value.path)
            path = _ABSTRACT.get(value.path) or (described.path if isinstance(described, LibraryClass) else "")
            if path and path not in _SILENT and not path.startswith("typing:"):
                yield Obj(path, site)
