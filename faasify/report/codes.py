"""What `faasify explain` says: the codes of verdicts from the analysis, and those of the partition."""

from __future__ import annotations

from difflib import get_close_matches

from faasify.analysis.codes import CODES, explain
from faasify.errors import UsageError
from faasify.partition.plan import CODES as PARTITION_CODES


def explanation(code: str) -> str:
    """The text for one code; `UsageError` names the nearest.

    >>> print(explanation("excluded"))
    EXCLUDED (no unit): `exclude` in [tool.faasify] keeps it here
    """
    name = code.upper()
    if name in CODES:
        return explain(name).rstrip()
    if name in PARTITION_CODES:
        return f"{name} (no unit): {PARTITION_CODES[name]}"
    known = [*CODES, *PARTITION_CODES]
    close = get_close_matches(name, known, n=1)
    raise UsageError(f"there is no verdict code {code}", hint=f"did you mean {close[0]}?" if close else f"choose from {', '.join(known)}")
