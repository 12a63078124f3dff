"""What a run was seen to do (recorder.py) in the names of an Analysis.

["app.py", 3, "f.<locals>.<genexpr>"]     ->  app.f                a comprehension's frame belongs to what it stands in
["app.py", 7, "C.go"]                     ->  app.C.go             line 7 holds its first decorator
["app.py", 9, "f.<locals>.<lambda>"]      ->  both lambdas of line 9, where there are two
"""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Literal

from faasify.model.effects import Analysis
from faasify.model.program import Module

Kind = Literal["call", "generator", "operator", "resumed", "implicit"]
KINDS: tuple[Kind, ...] = ("call", "generator", "operator", "resumed", "implicit")  # the plainest first
APART = frozenset[Kind](["resumed", "implicit"])  # no call of the caller's own
Key = tuple[str, int, str]
RECORDER = Path(__file__).with_name("recorder.py")
COMPREHENSIONS = frozenset(["<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"])


@dataclass(frozen=True)
class Entry:
    """A function was entered: by whom, from which line, how."""

    caller: Key
    callee: Key
    line: int
    kind: Kind


@dataclass(frozen=True)
class Run:
    calls: tuple[Entry, ...]
    entered: tuple[Key, ...]


def record(
    folder: Path,
    program: Sequence[str],
    out: Path,
    *,
    cwd: Path,
    python: str = sys.executable,
    stdin: str = "",
    timeout: float | None = None,
) -> Run:
    """Run `python PROGRAM...` in `cwd` and watch the code below `folder`; the program's own output and exit code do not matter."""
    command = [python, str(RECORDER), str(out), str(folder), *program]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, cwd=cwd, input=stdin.encode(), capture_output=True, timeout=timeout, env=environment)
    return read(out)


def read(file: Path) -> Run:
    document = json.loads(file.read_text())
    calls = (Entry(_key(c["caller"]), _key(c["callee"]), c["line"], c["kind"]) for c in document["calls"])
    return Run(tuple(calls), tuple(_key(key) for key in document["entered"]))


def _key(parts: list[object]) -> Key:
    path, line, qualname = parts
    return str(path), int(str(line)), str(qualname)


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raises TimeoutError in the body that takes more CPU time."""

    def end(number: int, frame: object) -> None:
        raise TimeoutError(f"the analysis did not end in {seconds} s of CPU")

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def is_comprehension(key: Key) -> bool:
    return key[2].rpartition(".")[2] in COMPREHENSIONS


def names_by_code(analysis: Analysis, below: str = "") -> dict[Key, tuple[str, ...]]:
    """Code objects of the program as the recorder names them, with the definitions that they may be.

    `below`: the folder that the recorder watched, as a path from the program's root ("markdown/" for an installed package).
    """
    positions = {(d.file, d.line, d.col): d.name for d in analysis.callgraph.definitions.values() if d.kind != "module"}
    found: dict[Key, dict[str, None]] = {}
    for module in analysis.program.modules.values():
        starts: dict[tuple[int, str], list[str]] = {}
        for line, label, node in _definitions(module.tree):
            name = positions.get((module.path, node.lineno, node.col_offset))
            if name is not None:
                starts.setdefault((line, label), []).append(name)
        for code, owner in _owners(_compiled(module)):
            names = [module.name] if owner.co_name == "<module>" else starts.get((owner.co_firstlineno, owner.co_name), [])
            found.setdefault((module.path.removeprefix(below), code.co_firstlineno, code.co_qualname), {}).update(dict.fromkeys(names))
    return {key: tuple(names) for key, names in found.items()}


def _compiled(module: Module) -> CodeType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a doubtful escape is the program's affair
        return compile(module.tree, module.path, "exec", dont_inherit=True)


Defining = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda


def _definitions(tree: ast.Module) -> Iterator[tuple[int, str, Defining]]:
    """(first line of its code, name of its code, node)"""
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            yield node.lineno, "<lambda>", node
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield min([node.lineno, *(d.lineno for d in node.decorator_list)]), node.name, node


def _owners(code: CodeType, owner: CodeType | None = None) -> Iterator[tuple[CodeType, CodeType]]:
    """Every code object below `code`, itself included, with the one that it belongs to."""
    belongs = owner if owner is not None and code.co_name in COMPREHENSIONS else code
    yield code, belongs
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _owners(constant, belongs)
