"""What `analyze --format` writes: for other programs to read, or for a browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from faasify.analysis import export
from faasify.model.partition import Partition


def _svg(partition: Partition) -> str:
    from faasify.report.picture import picture  # pictures take 50 ms to import, a tenth of what analysing a small program takes
    from faasify.report.svg import svg

    return svg(picture(partition.analysis))


def _html(partition: Partition) -> str:
    from faasify.report.html import html

    return html(partition.analysis)


EXPORTS: Mapping[str, Callable[[Partition], str]] = {
    "json": lambda partition: export.json_text(partition.analysis, partition),
    "dot": lambda partition: export.to_dot(partition.analysis),
    "mermaid": lambda partition: export.to_mermaid(partition.analysis),
    "svg": _svg,
    "html": _html,
    "pycg": lambda partition: json.dumps(export.to_pycg(partition.analysis), indent=1),
}


def exported(partition: Partition, format_: str) -> str:
    """The text in that format, a key of EXPORTS, with a newline at its end."""
    return EXPORTS[format_](partition).rstrip("\n") + "\n"
