"""Faults put into the analysis, one at a time: the comparison has to see each. `python -m tests.analysis.effects.seeded [PROGRAMS]`

A fault takes a transfer rule out (a kind of statement or expression that the engine then no longer follows), or a term of an effect stub.
It shows where programs have misses that they do not have without it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from faasify.analysis import blocks, library, lowering
from faasify.analysis.stubs import parse_stub
from tests.analysis.effects.campaign import Campaign, campaign
from tests.analysis.effects.compare import Miss
from tests.analysis.effects.gaps import GAPS

_AT_ONCE = 3  # programs


@dataclass(frozen=True)
class Fault:
    """`apply` changes the engine of the process that it is called in."""

    name: str
    apply: Callable[[], None]


def stub_without(module: str, line: str, term: str) -> None:
    """The stub of `module` as if `term` were not in the lines that start so."""
    original = library.read_stub  # type: ignore[attr-defined]

    def read(path: Path) -> Any:
        if path.name != f"{module}.pyi":
            return original(path)
        text = path.read_text()
        changed = re.sub(rf"(?m)^(\s*{re.escape(line)}.*)$", lambda found: found.group(1).replace(term, "Pure"), text)
        if changed == text:
            raise LookupError(f"{path.name} has no {term} in a line that starts with {line}")
        return parse_stub(changed, module=module, file=str(path))

    library.read_stub = cache(read)  # type: ignore[attr-defined]


def without_statement(*kinds: type[ast.stmt]) -> None:
    """The engine passes over statements of these kinds."""
    for kind in kinds:
        blocks.HANDLERS[kind]  # a rule that is not there cannot be taken out
        blocks.HANDLERS[kind] = lambda low, node: None


def without_expression(*kinds: type[ast.expr]) -> None:
    """The engine looks at the parts of such an expression, and knows nothing of its value."""
    for kind in kinds:
        lowering.HANDLERS[kind]
        lowering.HANDLERS[kind] = _parts_only


def _parts_only(low: Any, node: ast.expr) -> int:
    lowering.parts(low, node)
    return int(low.fresh())


_STATEMENTS = {
    "for": (ast.For,),
    "with": (ast.With,),
    "try": (ast.Try,),
    "augmented assignment": (ast.AugAssign,),
    "return": (ast.Return,),
    "assignment": (ast.Assign,),
    "match": (ast.Match,),
    "if": (ast.If,),
}
_EXPRESSIONS = {
    "lambda": (ast.Lambda,),
    "call": (ast.Call,),
    "attribute": (ast.Attribute,),
    "subscript": (ast.Subscript,),
    "conditional expression": (ast.IfExp,),
    "list": (ast.List,),
    "dict": (ast.Dict,),
    "yield": (ast.Yield,),
}
_STUBS = {
    "print writes": ("builtins", "def print(", "WritesTo[file, stdout]"),
    "input reads": ("builtins", "def input(", "Reads[stdin]"),
    "list.append changes": ("builtins", "def append(", "Mutates[self]"),
    "dict.update changes": ("builtins", "def update(", "Mutates[self]"),
    "open touches files": ("builtins", "def open(", "Touches[files]"),
    "next changes": ("builtins", "def next(", "Mutates[iterator]"),
    "sorted calls its key": ("builtins", "def sorted(", "Calls[key(iterable)]"),
    "random.randint": ("random", "def randint(", "Writes[hidden.random]"),
    "random.shuffle changes": ("random", "def shuffle(", "Mutates[x]"),
    "heapq.heappush changes": ("heapq", "def heappush(", "Mutates[heap]"),
    "functools.partial holds": ("functools", "def __init__(self, func, /, *args", "Holds[func]"),
    "time.sleep": ("time", "def sleep(", "Touches[sleep]"),
    "sys.argv": ("sys", "argv:", "Reads[hidden.argv]"),
}
FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        *(Fault(f"statement: {name}", partial(without_statement, *kinds)) for name, kinds in _STATEMENTS.items()),
        *(Fault(f"expression: {name}", partial(without_expression, *kinds)) for name, kinds in _EXPRESSIONS.items()),
        *(Fault(f"stub: {name}", partial(stub_without, *what)) for name, what in _STUBS.items()),
    )
}


def apply(name: str) -> None:
    FAULTS[name].apply()


def shown_by(name: str, seeds: Sequence[int], before: Campaign) -> list[tuple[int, Miss]]:
    """The misses that the first programs to show this fault have with it, and did not have without it; tried a few at a time."""
    known = set(before.misses)
    for at in range(0, len(seeds), _AT_ONCE):
        found = campaign(seeds[at : at + _AT_ONCE], prepare=partial(apply, name), leave_out=GAPS)
        if new := [miss for miss in found.misses if miss not in known]:
            return new
    return []


def table(seeds: Sequence[int], jobs: int = 1) -> dict[str, dict[str, Any]]:
    """By fault: how many programs were tried until one showed it, which, and by what miss."""
    before = campaign(seeds, jobs=jobs, leave_out=GAPS)
    found: dict[str, dict[str, Any]] = {}
    for name in FAULTS:
        misses = shown_by(name, seeds, before)
        seed, miss = misses[0] if misses else (None, None)
        found[name] = {"shown": bool(misses), "program": seed, "miss": f"{miss.function} {miss.field} {miss.what}" if miss else ""}
    return found


def main(arguments: Sequence[str]) -> int:
    found = table(range(int(arguments[0]) if arguments else 120), jobs=2)
    for name, row in found.items():
        print(f"{name:40} {'shown by' if row['shown'] else 'not shown'} {row['program']}   {row['miss']}")
    return 0 if all(row["shown"] for row in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
