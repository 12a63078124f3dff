"""The laid-out programs of $FAASIFY_CASES: every one is rewritten and sliced, and nothing of it is lost."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path

import pytest

from faasify.bundle.build import bundle
from faasify.errors import ProgramError
from faasify.pipeline import Request, rewritten
from faasify.rewrite.lines import without

CASES = Path(os.environ.get("FAASIFY_CASES", "")) if os.environ.get("FAASIFY_CASES") else None
FOUND = sorted(CASES.glob("**/case.json")) if CASES else []

pytestmark = [pytest.mark.yardstick, pytest.mark.skipif(not FOUND, reason="$FAASIFY_CASES names no laid-out programs")]


@pytest.mark.parametrize("case", FOUND, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_nothing_of_a_program_is_lost(case: Path) -> None:
    facts = json.loads(case.read_text(encoding="utf-8"))
    module, target = facts["program"].startswith("-m "), facts["program"].removeprefix("-m ")
    try:
        program = rewritten(Request(target, run_as="module" if module else None, select="all", cwd=case.parent / "files" / facts["cwd"]))
    except ProgramError as error:
        pytest.skip(f"refused: {error.message}")
    files = bundle(program, units=False).files
    for name, changed in program.modules.items():
        original = program.partition.analysis.program.modules[name]
        assert without(changed.content, changed.inserted) == original.file.read_bytes()
        ast.parse(changed.content)
        places = {(type(node), node.lineno, node.col_offset) for node in definitions(original.tree)}
        assert {
            (type(node), node.lineno, node.col_offset) for node in definitions(ast.parse(files[f".faasify/slices/{changed.path}"]))
        } == places
    assert program.units.keys() | program.left.keys() == program.partition.analysis.functions.keys()


def definitions(tree: ast.Module) -> list[ast.stmt]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
