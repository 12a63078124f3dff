"""The table of `analyze`: what moves, what stays, why, and what to type next.

    stays  1 of 6 functions
      they run here
      app.main  app.py:39  reads a file (pathlib.Path.read_text "text.txt", app.py:41) [FILES]
      most often FILES (1 function): faasify explain FILES

On a terminal everything fits its width, and a long group is cut short. In a pipe or a file a function takes one line, and nothing is cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from faasify.config import ALLOWABLE
from faasify.model.effects import Analysis, FunctionFacts, VerdictKind
from faasify.report.chains import SHOWN_STEPS, chain, counted_codes
from faasify.report.columns import Row, columns, wrapped
from faasify.report.terminal import COLOURS, plain
from faasify.report.words import counted

GROUPS: tuple[tuple[VerdictKind, str], ...] = (
    ("travels", "everything they do is known and can be carried"),
    ("guarded", "something is not known before they run: they are sent, and a guard stops what cannot be carried"),
    ("stays", "they run here"),
)
ROWS = 25  # of a group, on a terminal
REASONS = 2  # of a function; `--format json` has all
NAMED = 6  # globals and the like of a function that travels
INDENT = 2
COARSE = (
    "A large or entangled program: what a container holds is not told apart, nor are effects of one kind that callees have. "
    "More may be claimed here than happens."
)


@dataclass(frozen=True)
class Page:
    """Where a report goes: `width` None is no terminal, `command` is how the user names the program."""

    console: Console
    width: int | None
    command: str
    everything: bool = False

    def line(self, text: Text, indent: int = 0) -> None:
        for each in wrapped(text, self.width, indent):
            self.console.print(each, soft_wrap=True)

    def advice(self, hint: tuple[str, str], indent: int = 0) -> None:
        """Why, and what to type: on one line if it fits, else the command has its own, whole, to be copied."""
        text, typed = plain(f"{hint[0]}:"), plain(hint[1], "bold")
        if self.width is None or indent + cell_len(f"{text.plain} {typed.plain}") <= self.width:
            self.line(text.append(" ").append_text(typed), indent)
            return
        self.line(text, indent)
        self.console.print(Text(" " * (indent + INDENT)).append_text(typed), soft_wrap=True)


def show_verdicts(analysis: Analysis, console: Console, command: str, *, everything: bool = False) -> None:
    """All functions by verdict. `everything`: no group is cut short, however long."""
    page = Page(console, console.width if console.is_terminal else None, command, everything)
    for verdict, meaning in GROUPS:
        if group := [each for each in analysis.functions.values() if each.verdict == verdict]:
            _show_group(page, analysis, verdict, meaning, group)
    for damage in analysis.program.damage:
        page.line(plain(f"not analysed: {damage.path}:{damage.line}: {damage.message}", "red"))
    if analysis.coarse:
        page.line(plain(COARSE))
    if not analysis.functions:
        page.line(plain("There is no function in it, so nothing can move."))
    for hint in next_steps(analysis, command):
        page.advice(hint)


def _show_group(page: Page, analysis: Analysis, verdict: VerdictKind, meaning: str, group: Sequence[FunctionFacts]) -> None:
    heading = plain(verdict, f"bold {COLOURS[verdict]}")
    page.line(heading.append(f"  {len(group)} of {counted(len(analysis.functions), 'function')}", style="default"))
    page.line(plain(meaning, "dim"), INDENT)
    shown = group if page.width is None or page.everything else group[:ROWS]
    for text in columns([_row(analysis, facts) for facts in shown], page.width, INDENT):
        page.console.print(text, soft_wrap=True)
    if len(shown) < len(group):
        page.line(plain(f"and {len(group) - len(shown)} more: faasify analyze --all {page.command}", "dim"), INDENT)
    for hint in _advice(group, page.command):
        page.advice(hint, INDENT)
    page.console.print()


def _row(analysis: Analysis, facts: FunctionFacts) -> Row:
    definition = analysis.callgraph.definitions[facts.name]
    return Row(facts.name, f"{definition.file}:{definition.line}", why(analysis, facts))


def why(analysis: Analysis, facts: FunctionFacts) -> str:
    """The reasons of a verdict with their lines; for a function that travels, what goes with it."""
    if not facts.reasons:
        return "; ".join(state(analysis, facts))
    told = [f"{chain(analysis, facts, reason, steps=SHOWN_STEPS)} [{reason.code}]" for reason in facts.reasons[:REASONS]]
    if len(facts.reasons) > REASONS:
        told.append(f"and {len(facts.reasons) - REASONS} more")
    return "; ".join(told)


def state(analysis: Analysis, facts: FunctionFacts) -> Iterator[str]:
    """`reads WORD, util.limit`, `changes text`, `stdout`: what a call of it carries besides its arguments and result."""
    own = f"{analysis.callgraph.definitions[facts.name].module}."
    for verb, names in (("reads", facts.reads), ("writes", facts.writes), ("changes", facts.mutates)):
        if names:
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            yield f"{verb} {', '.join(name.removeprefix(own) for name in names[:NAMED])}{more}"
    if kinds := dict.fromkeys(effect.kind for effect in facts.effects):
        yield ", ".join(kinds)


def _advice(group: Sequence[FunctionFacts], command: str) -> Iterator[tuple[str, str]]:
    """What most of a group have in common, and what to type about it."""
    codes = counted_codes(group)
    if not codes:
        return
    code, count = next(iter(codes.items()))
    yield f"most often {code} ({counted(count, 'function')})", f"faasify explain {code}"
    if code.lower() in ALLOWABLE and group[0].verdict == "stays":
        yield "to let it travel all the same", f"faasify run --allow {code.lower()} {command}"


def next_steps(analysis: Analysis, command: str) -> Iterator[tuple[str, str]]:
    """What one would type next, given what was found."""
    functions = analysis.functions.values()
    if not functions:
        return
    if analysis.program.main is None:
        yield "run a program in it", "faasify run SCRIPT, or faasify run -m MODULE"
    elif all(each.verdict == "stays" for each in functions):
        yield "nothing moves; to compare anyway", f"faasify verify {command}"
    else:
        yield "run it", f"faasify run {command}"
        yield "see that it is the same", f"faasify verify {command}"
    yield "look at all of it", f"faasify analyze --format html -o analysis.html {command}"
