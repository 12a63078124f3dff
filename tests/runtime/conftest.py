"""Real workers for a program of the test: `caller(source)`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .units import Caller


@pytest.fixture
def caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Caller]]:
    made: list[Caller] = []
    for name in [name for name, module in sys.modules.items() if getattr(module, "__spec__", None) is None and name != "__main__"]:
        monkeypatch.delitem(sys.modules, name)  # made by hand, as a program's would be: then code that looks for modules runs here

    def make(source: str, **options: object) -> Caller:
        made.append(Caller(tmp_path / f"c{len(made)}", source, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()
