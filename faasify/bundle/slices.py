"""Cuts a module down to what units need; what is kept stays at its line and column, the rest is blank.

    import math            |  import math                 run: 1
    print("loading")       |
    def area(r):           |  def area(r):                run: 3
        return math.pi * r |      return math.pi * r

Two cuts of one module: the *union* slice (every definition, for all units of a build) and the slice of one unit (its closure only).
Also kept are statements that hold a `def` or `lambda` inside something else (`key = lambda x: x.name`, a function in an `if`): for
the code in them, not to be run.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from faasify.bundle.makers import may_make_value
from faasify.bundle.page import Page
from faasify.bundle.startup import StartUp, constant
from faasify.errors import FaasifyError
from faasify.model.bundle import Slice
from faasify.model.program import Module, Program

CODE = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


class Cutter:
    """Cuts slices out of one module; what all of them share is computed once."""

    def __init__(self, module: Module, program: Program) -> None:
        self.module = module
        self.body = module.tree.body
        self.own = {name.partition(".")[0] for own in program.modules.values() for name in (own.name, own.import_name)}
        self.page = Page.of(module.source, self.body)

    def union(self) -> Slice:
        """Everything that any function of the module may need."""
        kept = [bool(uses) for uses in self._uses]
        slice_ = self._cut(kept)
        _check(self.module, slice_.text, [statement for statement, wanted in zip(self.body, kept, strict=True) if wanted])
        return slice_

    def unit(self, names: Set[str]) -> Slice:
        """Only the top-level definitions in `names`, and what their text mentions, step by step."""
        needed = self._needed(names)
        return self._cut([number in needed for number in range(len(self.body))])

    def _cut(self, kept: Sequence[bool]) -> Slice:
        start = StartUp(self.own)
        ran = [wanted and start.accepts(statement) for statement, wanted in zip(self.body, kept, strict=True)]
        skipped = {self.body[number].lineno for number, wanted in enumerate(kept) if wanted and not ran[number]}
        run = {statement.lineno for statement, accepted in zip(self.body, ran, strict=True) if accepted}
        links = {statement.lineno for number, statement in enumerate(self.body) if kept[number] and is_link(statement, self.own)}
        return Slice(self.module.name, self.module.path, self.page.keep(kept), tuple(sorted(run - skipped)), tuple(sorted(links)))

    @cached_property
    def _uses(self) -> list[Uses | None]:
        """Of each statement: None if no slice holds it."""
        return [Uses.of(statement) if _always(statement) or holds_code(statement) else None for statement in self.body]

    def _needed(self, names: Set[str]) -> set[int]:
        """Numbers of the statements that bind `names`, and of those that bind what these mention."""
        binders: dict[str, list[int]] = defaultdict(list)
        needed = set()
        for number, uses in enumerate(self._uses):
            for name in uses.binds if uses else ():
                binders[name].append(number)
            if uses and uses.unconditional:
                needed.add(number)
        waiting, seen = list(names), set(names)
        while waiting:
            for number in binders[waiting.pop()]:
                uses = self._uses[number]
                if number not in needed and uses:
                    needed.add(number)
                    waiting.extend(uses.mentions - seen)
                    seen |= uses.mentions
        return needed


@dataclass(frozen=True)
class Uses:
    """The names that a statement binds, at any depth, and those it mentions."""

    binds: frozenset[str]
    mentions: frozenset[str]
    unconditional: bool  # every slice has it: a future import changes the code of all others, a star import binds who knows what

    @classmethod
    def of(cls, statement: ast.stmt) -> Uses:
        binds, mentions = set(), set()
        for node in ast.walk(statement):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                binds.add(node.name)
            elif isinstance(node, ast.Name):
                mentions.add(node.id)
                if isinstance(node.ctx, ast.Store):
                    binds.add(node.id)
            elif isinstance(node, ast.alias):
                binds.add((node.asname or node.name).partition(".")[0])
        forced = isinstance(statement, ast.ImportFrom) and (statement.module == "__future__" or "*" in binds)
        return cls(frozenset(binds), frozenset(mentions), forced)


def is_link(statement: ast.stmt, own: Set[str]) -> bool:
    """Whether `statement` imports modules of the program, whose top-level names are `own`, and nothing else."""
    if isinstance(statement, ast.ImportFrom):
        return bool(statement.level) or (statement.module or "").partition(".")[0] in own
    return isinstance(statement, ast.Import) and all(alias.name.partition(".")[0] in own for alias in statement.names)


def holds_code(statement: ast.stmt) -> bool:
    return any(isinstance(node, CODE) for node in ast.walk(statement))


def _always(statement: ast.stmt) -> bool:
    """Imports, constants and what is made from them, the docstring."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return True
    if isinstance(statement, ast.Assign):
        return all(isinstance(target, ast.Name) for target in statement.targets) and _settled(statement.value)
    if isinstance(statement, ast.AnnAssign):
        return statement.value is not None and isinstance(statement.target, ast.Name) and _settled(statement.value)
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str)


def _settled(value: ast.expr) -> bool:
    return constant(value) or may_make_value(value)


def _check(module: Module, text: str, kept: Sequence[ast.stmt]) -> None:
    """The slice parses, and every statement is where it was."""
    try:
        places = {(type(node), node.lineno, node.col_offset) for node in ast.parse(text).body}
    except SyntaxError as error:
        raise FaasifyError(f"the slice of {module.path} does not parse: {error}", hint="please report this program") from error
    if lost := [node for node in kept if (type(node), node.lineno, node.col_offset) not in places]:
        raise FaasifyError(f"the slice of {module.path} lost line {lost[0].lineno}", hint="please report this program")
