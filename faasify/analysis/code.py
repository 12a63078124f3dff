"""What is told about one reason of a verdict: a small program that has it, and the same program changed so that it travels."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Decides = Literal["guarded", "stays", "no unit"]


@dataclass(frozen=True)
class Sample:
    """A program `app.py`, with the files beside it; `subject` is the function in it that is spoken of."""

    source: str
    files: Mapping[str, str] = field(default_factory=dict)
    subject: str = "app.f"

    def shown(self) -> str:
        """As `explain` prints it: other files than app.py under their names."""
        parts = [self.source, *(f"# {name}\n{text}" for name, text in self.files.items())]
        return textwrap.indent("\n".join(part.rstrip("\n") + "\n" for part in parts), "    ")


@dataclass(frozen=True)
class Code:
    """One reason: its title, what was found, why it decides the verdict, a program with it, what one can do, and the program then."""

    code: str
    verdict: Decides
    title: str
    what: str
    why: str
    travel: str
    example: Sample
    mended: Sample

    def text(self) -> str:
        """What `faasify explain` prints."""
        return (
            f"{self.code} ({self.verdict}): {self.title}\n\n"
            f"{_filled(self.what)}\n\nWhy: {_filled(self.why)}\n\nExample: {self.example.subject}\n\n{self.example.shown()}\n"
            f"How to make it travel: {_filled(self.travel)}\n\n{self.mended.shown()}"
        )


def sample(source: str, subject: str = "app.f", **files: str) -> Sample:
    """`sample("def f(): ...", helpers="...")`: an indented string, and other modules by name (`pyproject`: a pyproject.toml)."""
    names = {"pyproject": "pyproject.toml"}
    return Sample(_dedented(source), {names.get(name, f"{name}.py"): _dedented(text) for name, text in files.items()}, subject)


def _dedented(text: str) -> str:
    return textwrap.dedent(text).strip("\n") + "\n"


def _filled(text: str) -> str:
    return textwrap.fill(text, 96)
