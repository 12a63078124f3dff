"""Which functions become units, and the reason for every one that does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from faasify.model.effects import Analysis, Reason


@dataclass(frozen=True)
class Limits:
    """What a unit gets that no comment speaks of; None: the target decides. `of`: patterns of names, the later ones win."""

    memory_mb: int | None = None
    timeout_s: float | None = None
    of: tuple[tuple[str, Limits], ...] = ()


@dataclass(frozen=True)
class Unit:
    """A function that runs elsewhere, with the definitions that go with it."""

    name: str  # the entry's name, app.fib
    entry: str
    functions: Sequence[str]
    imports: Sequence[str]
    memory_mb: int | None = None
    timeout_s: float | None = None


@dataclass(frozen=True)
class Partition:
    analysis: Analysis
    units: Mapping[str, Unit]
    left: Mapping[str, Reason]  # functions that are no unit: why (verdict, not selected, only called from inside a unit, ...)
    warnings: tuple[str, ...] = ()  # what was selected by name and stays all the same
