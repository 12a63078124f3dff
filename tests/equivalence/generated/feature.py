"""A feature: a part of the language or of the library that a program uses or does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Feature:
    """`source` stands at the top of the program, after `imports`; the rest are templates (maker.py) by kind of value."""

    name: str
    source: str = ""
    imports: str = ""
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)  # globals and paths from them, by kind
    expressions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    statements: Sequence[str] = ()
    decorators: Sequence[str] = ()  # for the program's functions
    shown: Sequence[str] = ()  # expressions that tell the feature's state; without any, its names do
    needs: Sequence[str] = ()  # other features, by name
