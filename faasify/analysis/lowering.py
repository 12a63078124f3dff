"""A body on its way into the graph: where names lead, what assigning does, and what is remembered of it.

Every body is lowered once; afterwards only the graph is worked on.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from faasify.analysis.bodies import NO_ARGUMENTS, Arguments, Body, Name, Target
from faasify.analysis.calls import Here
from faasify.analysis.environment import Environment, Variable
from faasify.analysis.scopes import Scope
from faasify.analysis.state import State
from faasify.analysis.values import NONE, NOT_IMPLEMENTED, STR, UNKNOWN, Cls, Lib, Obj

_DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, type(None))
F = TypeVar("F", bound=Callable[..., Any])
_OF_MODULES = ("__name__", "__package__", "__doc__")  # which the module of the builtins has too
BUILTIN_NAMES = frozenset(dir(builtins))


@dataclass(eq=False)
class Literal:
    """A container whose contents are all seen, and which nobody else has: an assignment to an element replaces what was there."""

    cls: str
    items: dict[str, int]  # by the repr of the key or index
    step: int = -1  # `Lowering.steps` when this was so


@dataclass(frozen=True, slots=True)
class Given:
    """`receiver.name = <node>` was the last thing that ran."""

    receiver: int
    name: str
    node: int


class Lowering:
    def __init__(self, state: State, body: Body) -> None:
        self.state, self.graph, self.body = state, state.graph, body
        self.scope = body.scope
        self.env = Environment(state.graph, body.copies)
        self.loops: list[tuple[list, list]] = []  # type: ignore[type-arg]  # environments at `break` and `continue`
        self.literals: dict[int, Literal] = {}
        self.given: Given | None = None
        self.sure: list[ast.expr] = []  # what surely runs first in a statement
        self.quiet = False  # whether the statement surely runs no other code
        self.last: ast.expr | None = None  # what is bound last in it, when all other code in it has run
        self.hidden: dict[tuple[Scope, str], int] = {}  # variables that others may see, by what they have been bound to last
        self.steps = 0  # statements that may have run other code, which may have changed what several functions name
        self.called: ast.expr | None = None  # the function of the call that was come to last

    # -- nodes

    def fresh(self, *asked: int) -> int:
        return self.state.fresh(*asked)

    def static(self, value: object) -> int:
        return self.state.static(value)  # type: ignore[arg-type]

    def site_name(self, node: ast.AST) -> str:
        return self.state.site_name(self.body, node)

    def here(self, node: ast.AST, args: Arguments = NO_ARGUMENTS, result: int | None = None, *, direct: bool = False) -> Here:
        return Here(self.body, node, args, self.graph.node() if result is None else result, direct)

    # -- names

    def variable(self, where: Scope, name: str) -> Variable:
        return name if where is self.body.scope else (where.name, name)

    def own(self, name: str) -> str:
        """A variable as the scope that is being lowered has it."""
        return self.scope.spelled(name) if self.scope.kind == "class" else name

    def read(self, name: str, node: ast.AST) -> int:
        """The node of what a name means here."""
        name = self.own(name)
        where = self.scope.resolve(name)
        if where is None:
            return self._builtin(name)
        if where.owner is self.body.scope and name not in where.rebound and not self.later(where):
            version = self.env.get(self.variable(where, name))
            if version is not None:
                return version
            if where.kind == "class":
                return self._outside_class(where, name, node)
            if where.kind != "module" and name not in where.shared:
                return self.fresh()
        elif where.owner is not self.body.scope or (where.kind == "module" and self.later(where)):
            self.body.names.append(Name(where, name, False, getattr(node, "lineno", 0)))
        found = self.state.variable(where, name)
        self.state.opaque[found] = None
        return found

    def later(self, where: Scope) -> bool:
        """Whether a generator expression, which runs later, lies between the name and its variable."""
        scope: Scope | None = self.scope
        while scope is not None and scope is not where:
            if isinstance(scope.node, ast.GeneratorExp):
                return True
            scope = scope.parent
        return False

    def _outside_class(self, where: Scope, name: str, node: ast.AST) -> int:
        """A class body reads a name that it has not bound yet: the one around it."""
        around = where.parent.resolve(name) if where.parent is not None else None
        if around is None:
            return self._builtin(name)
        found = self.state.variable(around, name)
        self.body.names.append(Name(around, name, False, getattr(node, "lineno", 0)))
        self.state.opaque[found] = None
        return found

    def _builtin(self, name: str) -> int:
        if name in BUILTIN_NAMES and name not in _OF_MODULES:
            if name == "NotImplemented":
                return self.static(NOT_IMPLEMENTED)
            if name in ("Ellipsis", "__debug__"):
                return self.static(UNKNOWN)
            return self.static(Lib(f"builtins:{name}"))
        if name == "__class__" and (cls := self.state.scopes.enclosing_class(self.scope)) is not None:
            return self.static(Cls(cls.name))
        if name in ("__name__", "__package__"):
            module = self.state.program.modules[self.body.scope.module]
            package = module.name if module.is_package else module.name.rpartition(".")[0]
            return self.static(Obj("builtins:str", const=repr(module.import_name if name == "__name__" else package)))
        if name in ("__file__", "__doc__", "__qualname__", "__module__"):
            return self.static(STR)
        found = self.state.variable(self.scope.root, name)  # which may be put into the module: `globals()["f"] = g`
        self.state.opaque[found] = None
        return found

    def bind(self, name: str, node: int, at: ast.AST | None = None) -> None:
        """`name = <node>` in the scope that is being lowered."""
        name = self.own(name)
        where = self.scope.resolve(name) or self.scope
        if where.kind == "module" and not isinstance(at, _DEFINING):
            self.state.data.setdefault(where.name, set()).add(name)
        if where.owner is not self.body.scope:
            self.body.names.append(Name(where, name, True, getattr(at, "lineno", 0)))
            if where.kind == "module":
                self.state.data.setdefault(where.name, set()).add(name)
            self.graph.edge(node, self.state.variable(where, name))
            self.body.copies.append((node, self.state.variable(where, name)))
            return
        if name in where.rebound:
            self.graph.edge(node, self.state.variable(where, name))
            self.body.copies.append((node, self.state.variable(where, name)))
            self._remember_library(where, name, node)
            return
        is_set_elsewhere = where.kind == "module" or (where.kind == "class" and "locals" in where.used)  # perhaps, by its name
        if is_set_elsewhere and self.graph.is_fixed(node):
            constant, node = node, self.graph.node()
            self.graph.edge(constant, node)
        self.env.set(self.variable(where, name), node)
        if where.kind == "class":
            self.body.puts.append((self.static(Cls(where.name)), node, name))
        if is_set_elsewhere:
            self.state.versions.setdefault((where.name, name), []).append(node)
        if where.kind == "module" or name in where.shared:
            self.hidden[where, name] = node  # instead of what it was just before, which nobody else has seen
            if not (self.quiet or (at is not None and at is self.last)) or self.env.in_try or self.state.traits.has_threads:
                self.show()

    def show(self) -> None:
        """Other functions may run from here on, which see what the variables are now."""
        for (where, name), node in self.hidden.items():
            self.graph.edge(node, self.state.variable(where, name))
            self.body.copies.append((node, self.state.variable(where, name)))
            self._remember_library(where, name, node)
        self.hidden.clear()

    def _remember_library(self, where: Scope, name: str, node: int) -> None:
        if node in self.state.library_variables:
            self.state.library_variables[self.state.variable(where, name)] = self.state.library_variables[node]

    def unbind(self, name: str) -> None:
        name = self.own(name)
        where = self.scope.resolve(name)
        if where is not None and where.owner is not self.body.scope:
            self.body.names.append(Name(where, name, True, 0))
        elif where is not None and where.kind == "class" and self.env.now is not None:
            self.env.now.pop(self.variable(where, name), None)
            self.state.deleted.setdefault(where.name, set()).add(name)  # in a branch, perhaps

    # -- what is remembered

    def target(self, node: ast.AST, to: str | None, *, direct: bool = False) -> None:
        self.state.target(self.body, node, Target(to, direct))


HANDLERS: dict[type[ast.AST], Callable[..., int]] = {}


def lowers(*kinds: type[ast.AST]) -> Callable[[F], F]:
    """Registers a function for kinds of expressions."""

    def register(handler: F) -> F:
        HANDLERS.update(dict.fromkeys(kinds, handler))
        return handler

    return register


def lower(low: Lowering, node: ast.expr | None) -> int:
    """The node of what an expression may be."""
    if node is None:
        return low.static(NONE)
    handler = HANDLERS.get(node.__class__)
    if handler is None:
        return parts(low, node)
    return handler(low, node)


def parts(low: Lowering, node: ast.AST) -> int:
    """An expression whose own value says nothing."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            lower(low, child)
    return low.static(UNKNOWN)
