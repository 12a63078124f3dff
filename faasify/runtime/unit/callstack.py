"""Frames that stand for the callers of a function (DECISIONS S2): what `warnings.warn(..., stacklevel=2)` looks for.

A function that runs elsewhere, or here below a stub, has other frames below it than in the original. Where its code may ask about them,
the next few are described, and the function is called through frames that look the same: file, name, line and globals.

    rows = above(frame)                        [["/x/app.py", "main", 7, "__main__"], ...], innermost first
    fn, args, kwargs = through(rows, spaces, (fn, args, kwargs))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CodeType, FrameType
from typing import Any

from faasify.runtime.unit.codes import stands_for
from faasify.runtime.unit.positions import at_line
from faasify.runtime.unit.stack import exec_levels
from faasify.runtime.unit.world import RUNTIME

LEVELS = 6  # callers that are described
_NAMES = ("_faasify_call", "_faasify_args", "_faasify_keywords")
_CALL = compile("{}(*{}, **{})".format(*_NAMES), "", "eval")
# Code that names one of these may be after its callers.
ASKS = frozenset({"warn", "stacklevel"})


def above(frame: FrameType | None) -> list[list[Any]]:
    """What `frame` and the frames below it look like, those of stubs left out."""
    rows: list[list[Any]] = []
    while frame is not None and len(rows) < LEVELS:
        code = frame.f_code
        if not code.co_filename.startswith(RUNTIME) and stands_for(code) is None:
            rows.append([code.co_filename, code.co_name, frame.f_lineno, str(frame.f_globals.get("__name__"))])
        frame = frame.f_back
    return rows


Call = tuple[Callable[..., Any], Sequence[Any], dict[str, Any]]


def through(rows: list[list[Any]], spaces: Callable[[str], dict[str, Any]], call: Call) -> Call:
    """`call` made from frames that look like `rows`, as another call; `spaces` gives the globals of a module by its name."""
    for file, name, line, module in rows:
        code = _CALL.replace(
            co_filename=file, co_name=name, co_qualname=name, co_firstlineno=max(line, 0), co_linetable=at_line(_CALL, line)
        )
        call = (eval, (code, spaces(module), dict(zip(_NAMES, call, strict=True))), {})
    return call


def levels(rows: list[Any]) -> int:
    """How many levels of recursion the stand-ins take."""
    return len(rows) * (1 + exec_levels())


def is_stand_in(code: CodeType) -> bool:
    """Whether a frame with this code stands for a caller's."""
    return code.co_names == _NAMES
