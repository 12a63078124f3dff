"""The smallest program that still shows a miss: statements are taken away as long as it stays.

minimised(files, Miss("app.f0", "mutates", "app.XS"))   ->   XS = [] ... def f0(n): XS.append(n) ... f0(1)
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.analysis.effects.campaign import examine
from tests.analysis.effects.compare import Miss

_MOST_TRIES = 300


def minimised(files: Mapping[str, str], miss: Miss, folder: Path) -> dict[str, str]:
    """A program of one-minimal `app.py`: without any single statement more, that function no longer has that miss."""
    tries = [0]

    def shows(text: str) -> bool:
        tries[0] += 1
        found, _ = examine({**files, "app.py": text}, folder)
        return any(m.function == miss.function and m.field == miss.field for m in found.misses)

    text = _in_chunks(ast.unparse(ast.parse(files["app.py"])), shows)
    before = ""
    while before != text and tries[0] < _MOST_TRIES:
        before = text
        text = _one_round(text, shows, tries)
    return {**files, "app.py": text + "\n"}


def _in_chunks(text: str, shows: Callable[[str], bool]) -> str:
    """Whole runs of top-level statements first, in halves."""
    size = len(ast.parse(text).body) // 2
    while size > 1:
        at = 0
        while at < len(ast.parse(text).body):
            tree = ast.parse(text)
            del tree.body[at : at + size]
            if tree.body and shows(changed := ast.unparse(tree)):
                text = changed
            else:
                at += size
        size //= 2
    return text


def _one_round(text: str, shows: Callable[[str], bool], tries: list[int]) -> str:
    """Each statement tried once, the last first; a block is replaced by its content where it cannot go."""
    count = sum(1 for _ in _places(ast.parse(text)))
    for index in reversed(range(count)):
        for change in (_without, _unwrapped):
            tree = ast.parse(text)
            places = list(_places(tree))
            if index >= len(places) or tries[0] >= _MOST_TRIES or not change(*places[index]):
                continue
            changed = _unparsed(tree)
            if changed is not None and changed != text and shows(changed):
                text = changed
                break
    return text


def _places(tree: ast.AST) -> Iterator[tuple[list[ast.stmt], int]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield from ((block, i) for i in range(len(block)))


def _without(block: list[ast.stmt], index: int) -> bool:
    if len(block) == 1 and isinstance(block[0], ast.Pass):
        return False
    block[index : index + 1] = [] if len(block) > 1 else [ast.Pass()]
    return True


def _unwrapped(block: list[ast.stmt], index: int) -> bool:
    statement = block[index]
    if not isinstance(statement, ast.If | ast.For | ast.While | ast.With | ast.Try):
        return False
    block[index : index + 1] = statement.body
    return True


def _unparsed(tree: ast.Module) -> str | None:
    try:
        text = ast.unparse(ast.fix_missing_locations(tree))
        compile(text, "app.py", "exec")
    except (SyntaxError, ValueError):
        return None
    return text
