"""The table of `analyze`: what moves, what stays, why, and what to type next.

travels                                      2 of 5 functions
function        where       why
app.fib         app.py:14   reads and writes counter
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType

from faasify.model.effects import Analysis, FunctionFacts, VerdictKind
from faasify.report.terminal import COLOURS, plain, table

GROUPS: tuple[tuple[VerdictKind, str], ...] = (
    ("travels", "everything it does is known and can be carried"),
    ("guarded", "something is not resolved: it is sent, and a guard stops what cannot be carried"),
    ("stays", "it runs here"),
)

REASONS = 2  # of a function, in the table; `--format json` has all


def show_verdicts(analysis: Analysis, console: Console, command: str) -> None:
    """All functions by verdict; `command` is how the user names the program, for the hints."""
    for verdict, meaning in GROUPS:
        facts = [each for each in analysis.functions.values() if each.verdict == verdict]
        if facts:
            console.print(heading(verdict, meaning, len(facts), len(analysis.functions)))
            console.print(rows(analysis, facts))
            console.print()
    for file in analysis.program.damage:
        console.print(plain(f"not analysed: {file.path}:{file.line}: {file.message}", "red"))
    for line in next_steps(analysis, command):
        console.print(plain(line))


def heading(verdict: VerdictKind, meaning: str, count: int, total: int) -> RenderableType:
    text = plain(verdict, f"bold {COLOURS[verdict]}")
    return text.append(f"  {count} of {total} functions; {meaning}", style="default")


def rows(analysis: Analysis, facts: Iterable[FunctionFacts]) -> RenderableType:
    made = table("function", "where", "why", wraps="why")
    for each in facts:
        definition = analysis.callgraph.definitions[each.name]
        made.add_row(plain(f"  {each.name}"), plain(f"{definition.file}:{definition.line}", "dim"), plain(why(each)))
    return made


def why(facts: FunctionFacts) -> str:
    """The reasons of a verdict with their lines; for a function that travels, what goes with it."""
    if facts.reasons:
        told = "; ".join(f"{reason.message} ({reason.file}:{reason.line}) [{reason.code}]" for reason in facts.reasons[:REASONS])
        return told + (f"; and {len(facts.reasons) - REASONS} more" if len(facts.reasons) > REASONS else "")
    return ", ".join(state(facts))


def state(facts: FunctionFacts) -> Iterator[str]:
    for verb, names in (("reads", facts.reads), ("writes", facts.writes), ("mutates", facts.mutates)):
        if names:
            yield f"{verb} {' '.join(names)}"
    if kinds := dict.fromkeys(effect.kind for effect in facts.effects):
        yield " ".join(kinds)


def next_steps(analysis: Analysis, command: str) -> Iterator[str]:
    """What one would type next, given what was found."""
    functions = analysis.functions.values()
    if not functions:
        yield "There is no function in it, so nothing can move."
        return
    codes = dict.fromkeys(reason.code for each in functions if each.verdict == "stays" for reason in each.reasons)
    if codes:
        yield f"why a function stays:    faasify explain {next(iter(codes))}"
    if analysis.program.main is None:
        yield "run a program in it:     faasify run SCRIPT, or faasify run -m MODULE"
    elif all(each.verdict == "stays" for each in functions):
        yield f"nothing moves; to compare anyway: faasify verify {command}"
    else:
        yield f"run it:                  faasify run {command}"
        yield f"see that it is the same: faasify verify {command}"
