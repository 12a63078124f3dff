"""Strings that are known in part, for the names that programs put together.

"visit_" + kind              visit_*; the two names themselves where `kind` is one of two constants
f"on_{name}_done"            on_*_done
getattr(self, "visit_" + k)  every attribute that fits
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import product
from math import prod

from faasify.analysis.graph import Graph
from faasify.analysis.values import STR, Obj, Value, read_const

_SHORT = 60  # characters of a literal that is told apart from others
_ALTERNATIVES = 8  # texts of one part; beyond them it may be anything
_COMBINATIONS = 64  # of the texts of several parts; beyond them each part that is not certain may be anything
_NAME_LIKE = re.compile(r"[\w.*-]*\w[\w.*-]*")
_DIRECTIVE = re.compile(r"%(?:%|[-#0 +]*\d*(?:\.\d+)?[sdriu])")
Part = str | int
"""Text that is known, or the node of what stands there."""


def text_of(value: Value) -> str:
    """A constant's text, a pattern, or `*`."""
    if not isinstance(value, Obj) or not (value.const or value.pattern):
        return "*"
    text = value.pattern or str(read_const(value.const))
    return text if value.pattern or "*" not in text else "*"


def from_text(text: str) -> Obj:
    """The string that a text stands for, told apart from others where it may be a name or a part of one."""
    if "*" not in text:
        return Obj("builtins:str", const=repr(text)) if len(text) < _SHORT else STR
    return Obj("builtins:str", pattern=text) if len(text) < _SHORT and _NAME_LIKE.fullmatch(text) else STR


def concatenate(graph: Graph, parts: Sequence[Part], result: int) -> None:
    """What the parts give, one behind the other, flows to `result`."""
    texts: list[dict[str, None]] = [{part: None} if isinstance(part, str) else {} for part in parts]

    def learn(index: int, value: Value) -> None:
        text = text_of(value)
        known = texts[index]
        if len(known) >= _ALTERNATIVES:
            text = "*"
        if text in known:
            return
        known[text] = None
        others = [({text: None} if i == index else t) for i, t in enumerate(texts)]
        if prod(map(len, others)) > _COMBINATIONS:
            others = [t if len(t) == 1 else {"*": None} for t in others]
        graph.put(result, [from_text(re.sub(r"\*+", "*", "".join(chosen))) for chosen in product(*others)])

    nodes = [(i, part) for i, part in enumerate(parts) if isinstance(part, int)]
    if not nodes:
        graph.put(result, [from_text("".join(map(str, parts)))])
    for index, node in nodes:
        graph.watch(node, lambda value, index=index: learn(index, value))  # type: ignore[misc]


def percent_parts(text: str, operands: Sequence[int]) -> list[Part] | None:
    """`"do_%s" % name` as parts; None where the operands do not fit."""
    parts: list[Part] = []
    waiting = list(operands)
    last = 0
    for found in _DIRECTIVE.finditer(text):
        parts.append(text[last : found.start()])
        last = found.end()
        if found[0] == "%%":
            parts.append("%")
        elif not waiting:
            return None
        else:
            parts.append(waiting.pop(0))
    return None if waiting or "%" in text[last:] else [*parts, text[last:]]


def format_parts(text: str, positional: Sequence[int], keywords: dict[str, int]) -> list[Part] | None:
    """`"do_{}".format(name)` as parts; None where a field is more than a name or a number."""
    parts: list[Part] = []
    count = 0
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return None
    for literal, name, spec, _ in fields:
        parts.append(literal)
        if name is None:
            continue
        key = name or str(count)
        count += not name
        found = positional[int(key)] if key.isdigit() and int(key) < len(positional) else keywords.get(key)
        if found is None or spec:
            return None
        parts.append(found)
    return parts


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile("(?s:.*)".join(map(re.escape, pattern.split("*"))))


def fits(pattern: str, name: str) -> bool:
    """
    >>> fits("visit_*", "visit_Name"), fits("visit_*", "visit")
    (True, False)
    """
    return _expression(pattern).fullmatch(name) is not None


def fitting(pattern: str, names: Iterable[str]) -> list[str]:
    """Those of the names, in alphabetical order."""
    return sorted(name for name in names if fits(pattern, name))
