"""Scopes and definitions: which variable a name means, and what every function, class and lambda is called.

    def outer(x):            app.outer                  kind function, binds x, inner
        def inner(): x       app.outer.<locals>.inner   x means (app.outer, x)
        return inner

Names are Python's own qualnames below the module's name. Where two definitions share one (a property's getter and setter, a function
defined in both branches of an `if`), the later ones are told apart by their line: `app.C.x@14`; so is a function of a package from a
module in it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from faasify.analysis.looked import Looked
from faasify.model.callgraph import Definition

ScopeKind = Literal["module", "function", "class", "lambda", "comprehension"]
_NAMESPACES = ("__dict__", "__globals__", "f_globals", "patch")  # who asks for one may change any variable of a module
DELEGATING = "yield from"  # stands among the attributes that are asked for
SENT = "yield"  # stands among the variables of a generator for what it is sent


@dataclass(eq=False)
class Scope:
    """One namespace while it is being filled; afterwards only read."""

    name: str  # unique: the definition's name; a comprehension's own
    qualname: str
    kind: ScopeKind
    module: str
    node: ast.AST
    parent: Scope | None
    bound: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    params: tuple[str, ...] = ()
    defaults: frozenset[str] = frozenset()  # parameters that have one
    used: set[str] = field(default_factory=set)  # names that its own code mentions
    shared: set[str] = field(default_factory=set)  # its variables that code of other scopes mentions
    yields: bool = False
    assigned: set[str] = field(default_factory=set)  # names that its own code binds, parameters not counted
    returned: set[str] = field(default_factory=set)  # names that stand behind a `return`
    rebound: set[str] = field(default_factory=set)  # its variables that code of other scopes binds
    put_into: set[str] = field(default_factory=set)  # attributes that it likely gives to a class and that may call: `C.x = property(f)`

    @cached_property
    def received(self) -> tuple[str, ...]:
        """What callers may pass: the parameters, and what a generator is sent."""
        return (*self.params, SENT) if self.yields else self.params

    @cached_property
    def optional(self) -> tuple[str, ...]:
        """The parameters that have a default, in their order."""
        return tuple(name for name in self.params if name in self.defaults)

    @cached_property
    def given_back(self) -> frozenset[str]:
        """Parameters that a call gives back as they are: `return self`."""
        plain = isinstance(self.node, ast.FunctionDef) and not self.yields
        spread = {a.arg for a in (self.node.args.vararg, self.node.args.kwarg) if a} if isinstance(self.node, ast.FunctionDef) else set()
        return frozenset(self.returned.intersection(self.params) - self.assigned - self.rebound - spread) if plain else frozenset()

    @cached_property
    def _private_to(self) -> str:
        """The name of the class around this code, as private names begin with it; empty outside classes."""
        scope: Scope | None = self
        while scope is not None and scope.kind != "class":
            scope = scope.parent
        return scope.node.name.lstrip("_") if scope is not None and isinstance(scope.node, ast.ClassDef) else ""

    def spelled(self, name: str) -> str:
        """A name as the compiler keeps it: `__x` is `_C__x` in the body of class C and its methods, so that no other class has it."""
        return f"_{self._private_to}{name}" if name[:2] == "__" and name[-2:] != "__" and self._private_to else name

    @property
    def variable(self) -> str:
        """The variable of the scope around that its definition binds."""
        label = self.qualname.rpartition(".")[2]
        return self.parent.spelled(label) if self.parent is not None and self.parent.kind == "class" else label

    @property
    def owner(self) -> Scope:
        """The module, function, class or lambda that this scope's code belongs to: a comprehension's is the one around it."""
        scope = self
        while scope.kind == "comprehension" and scope.parent:
            scope = scope.parent
        return scope

    def resolve(self, name: str) -> Scope | None:
        """The scope whose variable `name` is, None where no scope of the module binds it (a builtin, or nothing)."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.globals:
                return scope.root
            # a class body's names are seen by itself alone, also the first iterable of a comprehension belongs to it
            if name in scope.bound and name not in scope.nonlocals and (scope is self or scope.kind != "class"):
                return scope
            scope = scope.parent
        return None

    @property
    def root(self) -> Scope:
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    @cached_property
    def by_position(self) -> tuple[str, ...]:
        """A function's parameters that may be given by position, *args not among them."""
        spec: ast.arguments = self.node.args  # type: ignore[attr-defined]
        return tuple(a.arg for a in (*spec.posonlyargs, *spec.args))

    @cached_property
    def by_name(self) -> dict[str, None]:
        """A function's parameters that may be given by name, in their order, **kwargs not among them."""
        spec: ast.arguments = self.node.args  # type: ignore[attr-defined]
        return dict.fromkeys(a.arg for a in (*spec.args, *spec.kwonlyargs))

    @cached_property
    def functions_around(self) -> tuple[str, ...]:
        """The functions and lambdas that this scope lies in, whose variables it may capture."""
        found, around = [], self.parent
        while around is not None:
            if around.kind in ("function", "lambda"):
                found.append(around.name)
            around = around.parent
        return tuple(found)


@dataclass(frozen=True)
class Scopes:
    """Every scope and definition of a program."""

    modules: Mapping[str, Scope]
    by_node: Mapping[ast.AST, Scope]
    by_name: Mapping[str, Scope]
    definitions: Mapping[str, Definition]
    imports: Mapping[str, list[ast.Import | ast.ImportFrom]]  # by module, wherever in it they stand
    looked: Looked

    def seen_elsewhere(self, name: str) -> bool:
        """Whether a module's variable of that name may be got at other than by the name: `m.x`, `from m import x`, `globals()`."""
        if name in self.looked.names_put or self.looked.puts_any or self._shows_all:
            return True
        return not self._imported.isdisjoint((name, "*")) or self.looked.may_be((name, *_NAMESPACES))

    @cached_property
    def _imported(self) -> set[str]:
        return {a.name for nodes in self.imports.values() for node in nodes if isinstance(node, ast.ImportFrom) for a in node.names}

    @cached_property
    def _shows_all(self) -> bool:
        return any(not scope.used.isdisjoint(("globals", "vars", "locals", "patch")) for scope in self.by_name.values())

    @cached_property
    def runs_text(self) -> bool:
        """Whether `eval` or `exec` is mentioned anywhere."""
        return any(not scope.used.isdisjoint(("eval", "exec")) for scope in self.by_name.values())

    def enclosing_class(self, scope: Scope) -> Scope | None:
        """The class whose body the function of `scope` is written in, however deeply nested the function is."""
        current: Scope | None = scope
        while current is not None and current.kind != "class":
            current = current.parent
        return current
