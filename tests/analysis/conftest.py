"""Small programs as strings, analysed."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from faasify.analysis import analyse
from faasify.frontend import load
from faasify.model.effects import Analysis

Analysed = Callable[..., Analysis]


@pytest.fixture
def analysed(tmp_path: Path) -> Analysed:
    """`analysed("def f(): ...")`, with other modules as keywords: `util="x = 1"`."""

    def run(source: str, *, rules: tuple[Path, ...] = (), allow: frozenset[str] = frozenset(), **modules: str) -> Analysis:
        for name, text in {"app": source, **modules}.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        return analyse(load("app.py", cwd=tmp_path), rules=rules, allow=allow)

    return run
