"""A feature: a part of the language or of the library that a program uses or does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Feature:
    """All as text. `source` stands at the top of the program, after `imports`. The others are templates (maker.py), one a line:
    `expressions` with the kind of value in front, `statements`, `decorators` of functions. In a template, `\\n` is a line end, and a
    backslash at the end of a line joins it with the next.
    """

    name: str
    source: str = ""
    imports: str = ""
    names: str = ""  # globals and paths from them, each behind its kind: "int N, list XS, list A.shared"
    expressions: str = ""
    statements: str = ""
    decorators: str = ""
    shown: str = ""  # expressions that tell the feature's state; without any, its names do
    needs: str = ""  # other features

    def names_by_kind(self) -> dict[str, list[str]]:
        return _by_kind(entry.strip() for entry in self.names.split(",") if entry.strip())

    def expressions_by_kind(self) -> dict[str, list[str]]:
        return _by_kind(_lines(self.expressions))

    def all_statements(self) -> list[str]:
        return _lines(self.statements)

    def all_decorators(self) -> list[str]:
        return _lines(self.decorators)

    def state(self) -> list[str]:
        return self.shown.split(", ") if self.shown else [name for names in self.names_by_kind().values() for name in names]


def _lines(text: str) -> list[str]:
    joined = text.replace("\\\n", "").splitlines()
    return [line.replace("\\n", "\n") for line in joined if line.strip() and not line.startswith("#")]


def _by_kind(entries: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in entries:
        kind, _, text = entry.partition(" ")
        found.setdefault(kind, []).append(text.strip())
    return found
