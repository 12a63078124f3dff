"""What a unit needs besides the program's code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Requirement:
    """A distribution as it is installed.

    >>> str(Requirement("numpy", "1.26.4"))
    'numpy==1.26.4'
    """

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


@dataclass(frozen=True)
class DataFile:
    """A file that the source names: `path` relative to the program's folder (or absolute), and the line that names it."""

    path: str
    mode: str | None  # None: it is not opened, or in a mode that is not constant
    exists: bool
    file: str
    line: int


@dataclass(frozen=True)
class Dependencies:
    modules: tuple[str, ...]  # of libraries, the standard library's included
    program: tuple[str, ...]  # modules of the program
    requirements: tuple[Requirement, ...]
    missing: tuple[str, ...]  # library modules that no installed distribution has
    files: tuple[DataFile, ...]
