"""`faasify rules`: the rewrite rules and the effect stubs as lists, and one of them with its examples; one described function.

faasify rules json          the stub of json, and what its kinds of effect mean
faasify rules json.dump     its line of the stub, and each effect in words
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from textwrap import dedent, indent

from rich.console import Console

from faasify.analysis import typeshed
from faasify.analysis.library import Catalogue
from faasify.analysis.summaries import LibraryAlias, LibraryClass, LibraryFunction, LibraryVariable
from faasify.analysis.vocabulary import KINDS
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


def effect_stubs(rules: Sequence[str] = ()) -> Iterator[EffectStub]:
    """Ours, then those of the project's own folders, as a Catalogue reads them."""
    for folder in Catalogue.folders([Path(rule) for rule in rules]):
        for file in sorted(folder.glob("*.pyi")):
            yield EffectStub(file.name.removesuffix(".pyi"), file)


def show_rules(console: Console, rules: Sequence[str] = ()) -> None:
    """`rules`: folders of the project's own, as everywhere here."""
    made = table("rewrite", "what it does", wraps="what it does")
    for entry in discover(rules):
        made.add_row(plain(entry.name), plain(entry.summary))
    console.print(made)
    console.print()
    made = table("library", "described", "what it is", wraps="what it is")
    for stub in effect_stubs(rules):
        made.add_row(plain(stub.name), plain(str(stub.described)), plain(stub.summary))
    console.print(made)
    console.print()
    console.print(plain("one of them with its examples: faasify rules NAME; one function of a library: faasify rules json.dump"))


def show_rule(name: str, console: Console, rules: Sequence[str] = ()) -> None:
    """A rewrite rule with its examples, a library's stub with the kinds of effect that it speaks of, or one function of a library."""
    rewrites = {entry.name: entry for entry in discover(rules)}
    stubs = {stub.name: stub for stub in effect_stubs(rules)}
    if name in rewrites:
        show_lines(rewrite_lines(rewrites[name]), console)
    elif name in stubs:
        show_lines(stub_lines(stubs[name]), console)
    elif (lines := member_lines(name, rules)) is not None:
        show_lines(lines, console)
    else:
        known = [*rewrites, *stubs]
        raise UsageError(f"there is no rule {name!r}", hint=f"choose from {', '.join(get_close_matches(name, known) or known)}")


def show_lines(lines: Iterable[str], console: Console) -> None:
    """Source as it is: a line at a time, because `plain` shows a line break as text, and none of them folded."""
    for text in lines:
        for line in text.split("\n"):
            console.print(plain(line), soft_wrap=True)


def stub_lines(stub: EffectStub) -> Iterator[str]:
    yield str(stub.file)
    yield ""
    yield stub.text.rstrip()
    words = {ast.unparse(node) for node in ast.walk(ast.parse(stub.text)) if isinstance(node, ast.Name | ast.Attribute)}
    kinds = [kind for kind in KINDS if kind in words]
    if kinds:
        yield ""
        yield from (kind_line(kind) for kind in kinds)


def kind_line(kind: str) -> str:
    """As in `files: touches the file system; a function that does it stays`."""
    fates = {"carried": "carried with the call", "guarded": "decided by the guard as it runs", "stays": "a function that does it stays"}
    return f"{kind}: {KINDS[kind].meaning}; {fates[KINDS[kind].fate]}"


def member_lines(name: str, rules: Sequence[str] = ()) -> list[str] | None:
    """One function, method, class or variable of a library; what is reckoned with if its module is known and the name is not described.

    None: no such library."""
    catalogue = Catalogue.default([Path(rule) for rule in rules])
    module, qualname = _split(name, catalogue)
    if not qualname:
        return None
    found = catalogue.find(f"{module}:{qualname}")
    if found is None:
        if typeshed.kind(f"{module}:{qualname}") is None:
            return None
        judged = catalogue.undescribed(f"{module}:{qualname}")
        kinds = [kind_line(kind) for kind in judged.kinds] or ["no effect"]
        return [f"{name}: no effect stub describes it: {judged.why}", "", *kinds]
    if isinstance(found, LibraryAlias):
        return [f"{name} is the module {found.path}"]
    where = "" if found.path == f"{module}:{qualname}" else f" (described as {found.path.replace(':', '.')})"
    lines = [f"{name}{where}", "", _defined(found.path, rules)]
    effects = _effects(found, catalogue)
    return [*lines, "", *map(kind_line, effects)] if effects else lines


def _effects(found: LibraryFunction | LibraryVariable | LibraryClass, catalogue: Catalogue) -> list[str]:
    """The kinds of effect of a description; a class has those of making an instance."""
    described = catalogue.constructor(found.path) if isinstance(found, LibraryClass) else found
    if described is None:
        return []
    summary = described.summary
    return list(dict.fromkeys([*summary.effects, *(kind for _, kind in (*summary.writes_to, *summary.given))]))


def _split(name: str, catalogue: Catalogue) -> tuple[str, str]:
    """ "os.path.join" -> ("os.path", "join"): the longest part that is a module; a builtin needs no module."""
    parts = name.split(".")
    for n in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:n])
        if catalogue.members(module) or typeshed.kind(module) == "module":
            return module, ".".join(parts[n:])
    return ("builtins", name) if parts[0] in catalogue.members("builtins") else (name, "")


def _defined(path: str, rules: Sequence[str]) -> str:
    """The text that describes `module:qualname` in its stub."""
    module, _, qualname = path.partition(":")
    stub = next(stub for stub in reversed(list(effect_stubs(rules))) if stub.name == module)
    body: list[ast.stmt] = ast.parse(stub.text).body
    node: ast.stmt | None = None
    for name in qualname.split("."):
        node = next((n for n in body if name in (getattr(n, "name", ""), getattr(getattr(n, "target", None), "id", ""))), None)
        body = node.body if isinstance(node, ast.ClassDef) else []
    return dedent(ast.get_source_segment(stub.text, node, padded=True) or "") if node is not None else path


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
