"""What is written for a target: files as data, so that only the writer touches the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faasify.model.rewritten import RewrittenProgram


@dataclass(frozen=True)
class Slice:
    """A module without what a unit does not need, everything that is left at its original line and column.

    `run` are the lines of the top-level statements that make a unit's start-up state; `links` are those that import other modules of
    the program, for whom slices stand in; the others are there for their code.
    """

    module: str
    path: str
    text: str
    run: tuple[int, ...]
    links: tuple[int, ...] = ()


@dataclass(frozen=True)
class Bundle:
    """A build directory that does not exist yet: `files` are contents, `copies` are taken from the program's folder."""

    program: RewrittenProgram
    files: Mapping[str, bytes]
    copies: tuple[str, ...]

    @property
    def root(self) -> Path:
        return self.program.partition.analysis.program.root
