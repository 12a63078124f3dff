"""The page of `analyze --format html`: the picture, and every function with its reasons in a table that can be filtered.

One file that needs nothing else: it can be sent by mail.
"""

from __future__ import annotations

from dataclasses import dataclass

from faasify.model.effects import Analysis, FunctionFacts, VerdictKind
from faasify.report.chains import chain, counted_codes
from faasify.report.pages import page
from faasify.report.picture import picture
from faasify.report.svg import svg
from faasify.report.terminal import printable
from faasify.report.verdicts import GROUPS, state

FREQUENT = 6  # codes named at the top


@dataclass(frozen=True)
class Told:
    code: str
    text: str


@dataclass(frozen=True)
class Line:
    """A function in the table."""

    name: str
    place: str
    verdict: VerdictKind
    reasons: tuple[Told, ...]
    state: tuple[str, ...]


def html(analysis: Analysis) -> str:
    """The whole page."""
    from markupsafe import Markup

    shown = picture(analysis)
    functions = analysis.functions.values()
    return page(
        "analyze",
        title=printable(shown.title),
        counts={verdict: sum(facts.verdict == verdict for facts in functions) for verdict, _ in GROUPS},
        codes=list(counted_codes(functions).items())[:FREQUENT],
        damages=[printable(f"{damage.path}:{damage.line}: {damage.message}") for damage in analysis.program.damage],
        picture=Markup(svg(shown)),
        rows=[_line(analysis, facts) for facts in functions],
    )


def _line(analysis: Analysis, facts: FunctionFacts) -> Line:
    definition = analysis.callgraph.definitions[facts.name]
    return Line(
        name=printable(facts.name),
        place=printable(f"{definition.file}:{definition.line}"),
        verdict=facts.verdict,
        reasons=tuple(Told(reason.code, printable(chain(analysis, facts, reason))) for reason in facts.reasons),
        state=tuple(printable(line) for line in state(analysis, facts)),
    )
