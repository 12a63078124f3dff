"""The smallest program that still differs: statements are taken away as long as it does, many tries at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TypeVar

from tests.equivalence.generated.running import Bench, Case

K = TypeVar("K")
_AT_ONCE = 12


def smaller(case: Case, bench: Bench) -> Case:
    """`case` without any statement whose absence keeps the two forms different: halves of it first, single statements last."""
    text = ast.unparse(ast.parse(case.source))
    size = _count(text) // 2
    while size:
        shorter = _shortest(case, text, size, bench)
        if shorter is None:
            size //= 2
        else:
            text = shorter
            size = min(size, _count(text))
    return replace(case, source=text + "\n", select=_selected(case, text))


def _shortest(case: Case, text: str, size: int, bench: Bench) -> str | None:
    """What is left after the best try of those that take `size` statements away; the first that differs among single ones."""
    count = _count(text)
    tries = [_without(text, set(range(at, min(at + size, count))), 0) for at in reversed(range(0, count, max(1, size // 2)))]
    if size == 1:
        tries += [_without(text, {at}, 1) for at in reversed(range(count))]
    candidates = sorted({t for t in tries if t is not None}, key=len)
    for at in range(0, len(candidates), _AT_ONCE):
        found = list(_different(case, dict(enumerate(candidates[at : at + _AT_ONCE])), bench))
        if found:
            return candidates[at + min(found)]
    return None


def _count(text: str) -> int:
    return sum(1 for _ in _places(ast.parse(text)))


def _different(case: Case, tries: dict[K, str], bench: Bench) -> Iterator[K]:
    keys = [key for key, text in tries.items() if _selected(case, text)]
    for at in range(0, len(keys), _AT_ONCE):
        part = keys[at : at + _AT_ONCE]
        cases = [Case(f"{case.name}_{n}", tries[key], _selected(case, tries[key])) for n, key in enumerate(part)]
        pairs = bench.run(cases)
        yield from (key for key, one in zip(part, cases, strict=True) if not pairs[one.name].same)


def _selected(case: Case, text: str) -> tuple[str, ...]:
    """The patterns that still match a function."""
    functions = [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    return tuple(p for p in case.select if any(fnmatchcase(name, p) for name in functions))


def _places(tree: ast.AST) -> Iterator[tuple[list[ast.stmt], int]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield from ((block, i) for i in range(len(block)))


def _without(text: str, gone: set[int], how: int) -> str | None:
    """`text` without these statements (0), or with the content of a block in its place (1); None where that is no program."""
    tree = ast.parse(text)
    places = list(_places(tree))
    for index in sorted(gone, reverse=True):
        block, at = places[index]
        statement = block[at]
        if isinstance(statement, ast.Pass) and len(block) == 1:
            return None
        if how and not isinstance(statement, ast.If | ast.For | ast.While | ast.With | ast.Try):
            return None
        block[at] = ast.Pass()
        if how:
            block[at : at + 1] = statement.body  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and any(isinstance(s, ast.Pass) for s in block):
                kept = [s for s in block if not isinstance(s, ast.Pass)]
                block[:] = kept or ([ast.Pass()] if name == "body" else [])
    try:
        changed = ast.unparse(ast.fix_missing_locations(tree))
        compile(changed, "app.py", "exec")
    except (SyntaxError, ValueError, IndexError):
        return None
    return changed if changed != text else None
