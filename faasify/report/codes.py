"""What `faasify explain` says: the codes of verdicts from the analysis, and those of the partition."""

from __future__ import annotations

from difflib import get_close_matches

from faasify.analysis.code import Code
from faasify.analysis.codes import CODES
from faasify.errors import UsageError
from faasify.report.codes_partition import PARTITION

ALL_CODES: dict[str, Code] = {**CODES, **PARTITION}


def explanation(code: str) -> str:
    """The text for one code; `UsageError` names the nearest.

    >>> print(explanation("excluded").splitlines()[0])
    EXCLUDED (no unit): `exclude` in [tool.faasify] keeps it here
    """
    name = code.upper()
    if name in ALL_CODES:
        return ALL_CODES[name].text().rstrip()
    close = get_close_matches(name, ALL_CODES, n=1)
    raise UsageError(
        f"there is no verdict code {code}", hint=f"did you mean {close[0]}?" if close else f"choose from {', '.join(ALL_CODES)}"
    )
