"""The stable codes of verdict reasons: what `faasify explain CODE` says.

>>> CODES["FILES"].verdict
'stays'
>>> print(explain("CLOCK_AND_STDIN").splitlines()[0])
CLOCK_AND_STDIN (stays): reads a clock or entropy as well as standard input
"""

from __future__ import annotations

import difflib

from faasify.analysis.code import Code
from faasify.analysis.codes_guarded import GUARDED
from faasify.analysis.codes_shapes import SHAPES
from faasify.analysis.codes_stays import EFFECTS
from faasify.errors import UsageError

CODES: dict[str, Code] = {code.code: code for code in (*EFFECTS, *SHAPES, *GUARDED)}


def explain(code: str) -> str:
    """The text of `faasify explain CODE`. Raises UsageError that names the nearest code."""
    found = CODES.get(code.upper())
    if found is None:
        close = difflib.get_close_matches(code.upper(), CODES, n=1)
        raise UsageError(
            f"there is no verdict code {code}", hint=f"did you mean {close[0]}?" if close else f"choose from {', '.join(CODES)}"
        )
    return found.text()
