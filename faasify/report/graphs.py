"""What `analyze --format` writes: for other programs to read, or for a browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from faasify.analysis import export
from faasify.model.partition import Partition
from faasify.report.html import html
from faasify.report.picture import picture
from faasify.report.svg import svg

EXPORTS: Mapping[str, Callable[[Partition], str]] = {
    "json": lambda partition: export.json_text(partition.analysis, partition),
    "dot": lambda partition: export.to_dot(partition.analysis),
    "mermaid": lambda partition: export.to_mermaid(partition.analysis),
    "svg": lambda partition: svg(picture(partition.analysis)),
    "html": lambda partition: html(partition.analysis),
    "pycg": lambda partition: json.dumps(export.to_pycg(partition.analysis), indent=1),
}


def exported(partition: Partition, format_: str) -> str:
    """The text in that format, a key of EXPORTS, with a newline at its end."""
    return EXPORTS[format_](partition).rstrip("\n") + "\n"
