"""A reason told as a chain: what happens, on which line, through which calls.

def save(p): open(p, "w")      app.py:41
def report(): save("x")        app.py:12
->  writes a file (open "w", app.py:41) through save() (app.py:12)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from faasify.model.effects import Analysis, FunctionFacts, Reason, Step

SHOWN_STEPS = 3  # of a long chain, in a table: the first calls and the last


def chain(analysis: Analysis, facts: FunctionFacts, reason: Reason, *, steps: int | None = None) -> str:
    """The sentence for one reason of a function; `steps`: at most so many calls are told."""
    if not reason.what:
        return f"{reason.message} ({reason.file}:{reason.line})"
    told = f"{reason.meaning} ({reason.what}, {reason.file}:{reason.line})"
    if not reason.steps:
        return told
    definition = analysis.callgraph.definitions.get(facts.name)
    home = definition.module if definition else ""
    words = [f"{called(analysis, step, home)} ({step.file}:{step.line})" for step in reason.steps]
    if steps is not None and len(words) > steps:
        words = [*words[: steps - 1], f"{len(words) - steps} more", words[-1]]
    return f"{told} through {', '.join(words)}"


def called(analysis: Analysis, step: Step, home: str) -> str:
    """`save()` in the function's own module, `util.save()` elsewhere."""
    definition = analysis.callgraph.definitions.get(step.function)
    if definition is None or definition.module != home:
        return f"{step.function}()"
    return f"{definition.qualname}()"


def sentence(analysis: Analysis, facts: FunctionFacts) -> str:
    """`report() stays: writes a file (open "w", app.py:41) through save() (app.py:12)`: the whole verdict in one line."""
    definition = analysis.callgraph.definitions.get(facts.name)
    name = definition.qualname if definition else facts.name
    verdict = "travels, guarded" if facts.verdict == "guarded" else facts.verdict
    reasons = "; ".join(chain(analysis, facts, reason) for reason in facts.reasons)
    return f"{name}() {verdict}{': ' if reasons else ''}{reasons}"


def counted_codes(functions: Iterable[FunctionFacts]) -> Mapping[str, int]:
    """How many functions have each code, the most frequent first."""
    found = Counter(code for facts in functions for code in dict.fromkeys(reason.code for reason in facts.reasons))
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
