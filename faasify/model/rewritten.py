"""The program after rewriting: which lines were put in, and which functions had to be left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from faasify.model.effects import Reason
from faasify.model.partition import Partition, Unit


@dataclass(frozen=True)
class RewrittenModule:
    """A module's new bytes; without the lines of `inserted` (1-based, in the new file) they are the old ones."""

    name: str
    path: str
    content: bytes
    inserted: tuple[int, ...] = ()
    units: tuple[str, ...] = ()

    @property
    def rewritten(self) -> bool:
        return bool(self.inserted)


@dataclass(frozen=True)
class RewrittenProgram:
    """Every module of the program, rewritten or as it was."""

    partition: Partition
    modules: Mapping[str, RewrittenModule]
    units: Mapping[str, Unit]  # those with a stub
    left: Mapping[str, Reason]  # partition.left and what no rule could rewrite
