"""What lowering leaves of a body: its call sites, what it loads and stores, and how its values hang together.

Nothing here is evaluated again: nodes are looked at once the graph is solved.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from faasify.analysis.scopes import Scope


@dataclass(slots=True)
class Arguments:
    """The nodes of a call's arguments."""

    positional: list[int] = field(default_factory=list)
    keywords: dict[str, int] = field(default_factory=dict)
    star: int | None = None  # elements of *args, and what follows them
    double: int | None = None  # values of **kwargs
    starred: int | None = None  # the container itself, where it is the only one and nothing follows it
    doubled: int | None = None  # the mapping itself, where it is the only one

    def everything(self) -> list[int]:
        return [*self.positional, *self.keywords.values(), *(n for n in (self.star, self.double) if n is not None)]


NO_ARGUMENTS = Arguments()


class Target(NamedTuple):
    """What a site may call: a program definition, a library path, or None for anything.

    `direct`: called by this very expression, so that its arguments are the callee's; else through a library (`map(f, xs)`) or an
    operator. `receiver`: bound to what stands before the dot. `resumes`: a generator's body goes on here; no call.
    `guessed`: found by its name alone. `makes`: an initialiser, whose receiver is what the call makes.
    """

    to: str | None
    direct: bool = True
    receiver: bool = False
    resumes: bool = False
    guessed: bool = False
    makes: bool = False


@dataclass(eq=False, slots=True)
class Site:
    """An expression or statement that may call something."""

    node: ast.AST
    line: int
    func: int | None = None  # nodes of a call
    args: Arguments = field(default_factory=Arguments)
    result: int | None = None
    inputs: dict[int, None] = field(default_factory=dict)  # arguments of what it calls by the way
    targets: dict[Target, dict[int, None]] = field(default_factory=dict)  # with the nodes of their results


@dataclass(frozen=True, slots=True)
class Name:
    """A variable of another body, loaded, bound or deleted."""

    scope: Scope
    name: str
    stored: bool
    line: int


@dataclass(frozen=True, slots=True)
class Field:
    """`receiver.name`, loaded or stored."""

    receiver: int
    name: str
    stored: bool
    line: int


@dataclass(frozen=True, slots=True)
class Deferred:
    """What of a body belongs to a generator expression: it happens where that is gone through."""

    names: list[Name]
    fields: list[Field]
    changes: list[int]
    nodes: frozenset[ast.AST]  # the sites in it


@dataclass(eq=False)
class Body:
    """A function, lambda, class or module."""

    scope: Scope
    sites: dict[ast.AST, Site] = field(default_factory=dict)
    names: list[Name] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    receivers: dict[ast.AST, int] = field(default_factory=dict)  # by site: what stands before the dot, the left operand, the manager
    loads: dict[int, None] = field(default_factory=dict)  # nodes of the names and attributes that it mentions
    iterated: dict[int, None] = field(default_factory=dict)  # nodes of what it iterates over: an iterator is used up
    changes: list[int] = field(default_factory=list)  # nodes of objects that it changes in place
    rebinds: list[tuple[int, int, str]] = field(default_factory=list)  # x += y of the node of x: in place if x can; its variable
    copies: list[tuple[int, int]] = field(default_factory=list)  # (from, to): the same object
    parts: list[tuple[int, int, str]] = field(default_factory=list)  # (whole, part, attribute, or "" for an element)
    puts: list[tuple[int, int, str]] = field(default_factory=list)  # (container, what is put into it, attribute or "")
    asked: dict[ast.AST, dict[int, None]] = field(default_factory=dict)  # by site: what is asked for a special method, see asking.py
    unanswered: dict[tuple[ast.AST, str, int], None] = field(default_factory=dict)  # see `unknown`
    functions: list[tuple[str, int]] = field(default_factory=list)  # functions and lambdas that it makes, with their nodes
    classes: list[tuple[str, int]] = field(default_factory=list)  # class bodies that run as part of it, with their lines
    deferred: dict[str, Deferred] = field(default_factory=dict)  # by the scope of a generator expression
    imports: list[tuple[str, int]] = field(default_factory=list)  # modules imported while the body runs, with their lines

    @property
    def name(self) -> str:
        return self.scope.name

    def part(self, of: Deferred) -> Body:
        """That of it which a generator expression does."""
        sites = {node: site for node, site in self.sites.items() if node in of.nodes}
        part = replace(self, names=of.names, fields=of.fields, changes=of.changes)
        return replace(part, sites=sites, iterated={}, rebinds=[], imports=[], classes=[], deferred={})

    def unknown(self, at: ast.AST, *names: str, node: int = -1) -> None:
        """A value of which nothing is known is asked for special methods; `node`: if it holds one, which is seen when all is known."""
        for name in names:
            self.unanswered[at, name, node] = None

    def site(self, node: ast.AST) -> Site:
        found = self.sites.get(node)
        if found is None:
            found = self.sites[node] = Site(node, getattr(node, "lineno", getattr(self.scope.node, "lineno", 1)))
        return found
