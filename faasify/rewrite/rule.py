"""What a rewrite rule is: it looks at one module, and says which lines to put in and what it leaves alone.

A rule never changes text. It yields `Insert`s (whole lines above a line of the original) and `Leave`s (with a reason), so that
formatting and comments survive by construction. Its examples are its tests and its documentation.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import libcst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from faasify.rewrite.lines import Lines


class NotFaithful(Exception):
    """libcst read a file, but would not write it back as it was."""


@dataclass(frozen=True)
class Wanted:
    """A unit whose definition stands in the module: `line` is that of its `def`."""

    name: str
    line: int


@dataclass(frozen=True)
class Insert:
    """Lines to put above `line` of the original (1-based; one more than there are: at the end)."""

    line: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Leave:
    """`unit` is not rewritten because of `line`; without a unit, the whole module is not."""

    reason: str
    line: int
    unit: str | None = None


@dataclass(frozen=True)
class Example:
    """One file before and after a rule; `after` None: left as it is, because of `why`.

    `units` are the bare names of functions that are to become units.
    """

    name: str
    before: str
    after: str | None = None
    units: tuple[str, ...] = ()
    main: bool = False
    why: str = ""


@dataclass(frozen=True)
class Source:
    """A module as rules see it: its lines, its libcst tree, the units in it; `render(template, **values)` gives inserted lines."""

    name: str
    main: bool
    lines: Lines
    units: tuple[Wanted, ...]
    render: Callable[..., tuple[str, ...]] = field(repr=False)

    @cached_property
    def tree(self) -> libcst.Module:
        tree = libcst.parse_module(self.lines.text)
        if tree.code != self.lines.text:  # it drops a form feed at the top of a file, and then its line numbers are no longer ours
            raise NotFaithful
        return tree

    @cached_property
    def _positions(self) -> Mapping[libcst.CSTNode, CodeRange]:
        return MetadataWrapper(self.tree, unsafe_skip_copy=True).resolve(PositionProvider)

    @cached_property
    def function_lines(self) -> frozenset[int]:
        """Lines on which a `def` or `async def` begins, as libcst sees them."""
        return frozenset(place.start.line for node, place in self._positions.items() if isinstance(node, libcst.FunctionDef))

    def start(self, statement: libcst.CSTNode) -> int:
        """The line a statement begins on, its decorators included."""
        decorators: Sequence[libcst.Decorator] = getattr(statement, "decorators", ())
        return min(self._positions[node].start.line for node in (statement, *decorators))

    def end(self, statement: libcst.CSTNode) -> int:
        return self._positions[statement].end.line


class Rule(ABC):
    """Base of the classes in `rules/rewrites/`; the class's docstring says what the rule is for."""

    ORDER: ClassVar[int] = 50  # where two rules insert above one line, the smaller goes first
    REWRITES: ClassVar[tuple[Example, ...]]
    LEAVES: ClassVar[tuple[Example, ...]]

    @abstractmethod
    def visit(self, source: Source) -> Iterator[Insert | Leave]:
        """Every edit this rule wants in `source`."""
