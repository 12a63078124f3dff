"""The page of `verify --html`: every run with its points, and a diff where they differ."""

from __future__ import annotations

from collections.abc import Sequence

from faasify.report.comparison import Comparison
from faasify.report.pages import page
from faasify.report.terminal import printable


def html(program: str, comparisons: Sequence[Comparison], conclusion: str) -> str:
    """The whole page."""
    return page(
        "verify",
        title=printable(program),
        conclusion=conclusion,
        agrees=all(comparison.agrees for comparison in comparisons),
        runs=[_run(comparison) for comparison in comparisons],
    )


def _run(comparison: Comparison) -> dict[str, object]:
    slower = comparison.rewritten_s / comparison.original_s if comparison.original_s else 0.0
    return {
        "arguments": printable(" ".join(comparison.args)),
        "refused": printable(comparison.refused),
        "agrees": comparison.agrees,
        "points": [
            {
                "name": point.name,
                "verdict": point.verdict,
                "why": printable(point.why),
                "diff": [{"sign": line[:1], "text": printable(line)} for line in point.diff],
            }
            for point in comparison.points
        ],
        "facts": {
            "functions that moved": f"{len(comparison.functions_remote)}: {', '.join(comparison.functions_remote) or '-'}",
            "calls": f"{comparison.calls_remote:,}",
            "bytes": f"{comparison.bytes_sent:,} sent, {comparison.bytes_received:,} received",
            "time": f"original {comparison.original_s:.2f} s, rewritten {comparison.rewritten_s:.2f} s ({slower:.1f}x)",
            "prepared": f"in {comparison.prepare_s:.2f} s, once for this source",
            "ran here": "; ".join(comparison.fallbacks) or "-",
        },
    }
