"""The README's table of SEMANTICS points, from the tests named after them: `python -m tests.semantics.table` writes it.

A row has the point with the first line of its test module, what its tests show, and of these what is kept by running here (`home=`).

    test_o3_records_for_a_file_are_written_here(same)    ->    | O3 | ... | records for a file are written here, ... | ... |
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
README = FOLDER.parents[1] / "README.md"
BEGIN, END = "<!-- semantics: python -m tests.semantics.table -->", "<!-- end of semantics -->"
_TEST = re.compile(r"test_([vsoelpd]\d)_(\w+)")
_ORDER = "vsoelpd"


@dataclass(frozen=True)
class Shown:
    """One test: its point, what it shows, whether some function of it has to run here for that."""

    point: str
    words: str
    here: bool


def shown() -> Iterator[Shown]:
    for file in sorted(FOLDER.glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and (match := _TEST.fullmatch(node.name)):
                here = any(isinstance(part, ast.keyword) and part.arg == "home" for part in ast.walk(node))
                yield Shown(match[1], match[2].replace("_", " "), here)


def titles() -> dict[str, str]:
    """What each point is: the first line of the module that is named after it, without the point."""
    found: dict[str, str] = {}
    for file in sorted(FOLDER.glob("test_*.py")):
        if match := _TEST.match(file.stem):
            text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            line = text.splitlines()[0].partition(": ")[2].rstrip(".")
            found[match[1]] = f"{found[match[1]]}; {line}" if match[1] in found else line
    return found


def table() -> str:
    tests, names = list(shown()), titles()
    points = sorted({test.point for test in tests}, key=lambda point: (_ORDER.index(point[0]), point))
    rows = ["| | the rewritten program shares | shown by tests | of these, runs here |", "|---|---|---|---|"]
    for point in points:
        mine = [test for test in tests if test.point == point]
        there = ", ".join(test.words for test in mine if not test.here)
        here = ", ".join(test.words for test in mine if test.here)
        rows.append(f"| {point.upper()} | {names.get(point, '')} | {there} | {here} |")
    return "\n".join(rows)


def written(readme: str) -> str:
    """`readme` with the table of this moment."""
    before, _, rest = readme.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
