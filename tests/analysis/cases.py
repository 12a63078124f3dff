"""Small programs in files `constructs/*.test`, each with the calls that its analysis is wrong about.

[case callback_in_a_list]          a program, in main.py
def f(): pass
for g in [f]: g()
[file helper.py]                   another module of it
[may]                              edges that are claimed although the run does not have them
main -> main.f
[missing]                          edges that the run has and the graph has not
main -> helper.g
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Edge = tuple[str, str]
FOLDER = Path(__file__).with_name("constructs")


@dataclass
class Case:
    name: str  # "decorators/with_arguments"
    files: dict[str, list[str]]
    may: set[Edge] = field(default_factory=set)
    missing: set[Edge] = field(default_factory=set)

    def lay_out(self, folder: Path) -> None:
        for name, lines in self.files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join(lines) + "\n")


def read(file: Path) -> Iterator[Case]:
    """The cases of one file."""
    case: Case | None = None
    section: list[str] | set[Edge] = []
    for line in file.read_text().splitlines():
        title = re.fullmatch(r"\[(case|file|may|missing)(?: (\S+))?\]", line)
        if title is None and isinstance(section, list):
            section.append(line)
        elif title is None and isinstance(section, set):
            caller, _, callee = line.partition(" -> ")
            section.add((caller, callee))
        elif title is not None and title[1] == "case":
            if case is not None:
                yield case
            section = []
            case = Case(f"{file.stem}/{title[2]}", {"main.py": section})
        elif title is not None and case is not None:
            section = case.files.setdefault(title[2], []) if title[1] == "file" else getattr(case, title[1])
    if case is not None:
        yield case


def every_case() -> list[Case]:
    return [case for file in sorted(FOLDER.glob("*.test")) for case in read(file)]


def compare(real: set[Edge], claimed: set[Edge], modules: set[str]) -> tuple[set[Edge], set[Edge]]:
    """(missing, false) edges. A library's function may go by several names: `os.path.join` and `posixpath.join` are one."""

    def names_a_library(edge: Edge) -> bool:
        return not edge[1].startswith("<") and edge[1].partition(".")[0] not in modules

    def is_own(edge: Edge) -> bool:
        return edge[1].partition(".")[0] in modules

    missing, false = real - claimed, claimed - real
    pairs = [
        (a, b)
        for a in missing
        for b in false
        if a[0] == b[0] and a[1].rpartition(".")[2] == b[1].rpartition(".")[2] and not is_own(a) and not is_own(b)
        if names_a_library(a) or names_a_library(b)
    ]
    return missing - {a for a, _ in pairs}, false - {b for _, b in pairs}
