"""`faasify rules`: the rewrite rules and the effect stubs as lists, and one of them with its examples."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from textwrap import indent

from rich.console import Console

from faasify import resources
from faasify.errors import UsageError
from faasify.report.terminal import plain, table
from faasify.rewrite.rule import Example
from faasify.rewrite.rulebook import Entry, discover


@dataclass(frozen=True)
class EffectStub:
    """One library's file in `rules/effects/`."""

    name: str
    file: Path

    @property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    @property
    def summary(self) -> str:
        documentation = ast.get_docstring(ast.parse(self.text)) or ""
        return documentation.partition("\n")[0]

    @property
    def described(self) -> int:
        """How many functions and methods the file describes."""
        return sum(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(ast.parse(self.text)))


def effect_stubs() -> Iterator[EffectStub]:
    for folder in resources.rule_folders("effects"):
        for file in sorted(folder.glob("*.pyi")):
            yield EffectStub(file.stem, file)


def show_rules(console: Console) -> None:
    made = table("rewrite", "what it does", wraps="what it does")
    for entry in discover():
        made.add_row(plain(entry.name), plain(entry.summary))
    console.print(made)
    console.print()
    made = table("library", "described", "what it is", wraps="what it is")
    for stub in effect_stubs():
        made.add_row(plain(stub.name), plain(str(stub.described)), plain(stub.summary))
    console.print(made)
    console.print()
    console.print(plain("one of them with its examples: faasify rules NAME"))


def show_rule(name: str, console: Console) -> None:
    """A rewrite rule with its examples, or a library's stub as it is."""
    rewrites = {entry.name: entry for entry in discover()}
    stubs = {stub.name: stub for stub in effect_stubs()}
    if name in rewrites:
        console.print(plain("\n".join(rewrite_lines(rewrites[name]))))
    elif name in stubs:
        console.print(plain(f"{stubs[name].file}\n\n{stubs[name].text.rstrip()}"))
    else:
        known = [*rewrites, *stubs]
        raise UsageError(f"there is no rule {name!r}", hint=f"choose from {', '.join(get_close_matches(name, known) or known)}")


def rewrite_lines(entry: Entry) -> Iterator[str]:
    yield f"{entry.name}  ({entry.file})"
    yield ""
    yield (entry.rule.__doc__ or "").strip()
    for example in (*entry.rule.REWRITES, *entry.rule.LEAVES):
        yield ""
        yield from example_lines(example)


def example_lines(example: Example) -> Iterator[str]:
    yield f"-- {example.name}" + (f": left as it is, {example.why}" if example.after is None else "")
    yield indent(example.before.rstrip(), "    ")
    if example.after is not None:
        yield "  becomes"
        yield indent(example.after.rstrip(), "    ")
