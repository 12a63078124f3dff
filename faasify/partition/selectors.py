"""Names and patterns of functions: `app.fib`, `app.Account.*`, `app.Account` (every method), `shapes` (every function of the module)."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from fnmatch import fnmatchcase

from faasify.errors import UsageError
from faasify.model.effects import Analysis


def matching(patterns: Iterable[str], analysis: Analysis, *, setting: str = "--select") -> set[str]:
    """Full names of the functions that any of `patterns` matches; one that matches nothing is an error naming the closest."""
    found: set[str] = set()
    for pattern in patterns:
        names = _match(pattern, analysis)
        if not names:
            raise UsageError(f"{setting} {pattern}: no function of the program has that name", hint=_closest(pattern, analysis))
        found |= names
    return found


def whole_names(words: tuple[str, ...], analysis: Analysis) -> tuple[str, ...]:
    """`words` between commas, with names that have a comma in them (a file may be called `a, b.py`) put together again.

    ("a", "b.f", "app.g")   ->   ("a, b.f", "app.g")
    """
    found, i = list[str](), 0
    while i < len(words):
        joined = ((end, comma.join(words[i:end])) for end in range(len(words), i + 1, -1) for comma in (",", ", "))
        i, word = next(((end, name) for end, name in joined if name in analysis.functions), (i + 1, words[i]))
        found.append(word)
    return tuple(found)


def _match(pattern: str, analysis: Analysis) -> set[str]:
    if pattern in analysis.functions:  # which may have brackets in it, as a file's name may
        return {pattern}
    direct = {name for name in analysis.functions if fnmatchcase(name, pattern)}
    definition = analysis.callgraph.definitions.get(pattern)
    if direct or (pattern not in analysis.program.modules and (definition is None or definition.kind != "class")):
        return direct
    return {name for name in analysis.functions if name.startswith(pattern + ".")}


def _closest(pattern: str, analysis: Analysis) -> str:
    names = sorted(analysis.functions)
    same_end = [name for name in names if name.rpartition(".")[2] == pattern.rpartition(".")[2]]
    close = list(dict.fromkeys([*same_end, *get_close_matches(pattern, names, n=3, cutoff=0.5)]))[:3]
    if close:
        return f"did you mean {' or '.join(close)}?"
    if not names:
        return "it has no functions at all"
    return f"its functions are {', '.join(names[:5])}{', ...' if len(names) > 5 else ''}"
