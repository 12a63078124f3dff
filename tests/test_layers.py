"""The rules of who may import whom that import-linter cannot express: what travels has nothing but the standard library."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "faasify"
HEAVY = ("boto3", "botocore", "click", "jinja2", "kubernetes", "libcst", "networkx", "rich")


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """(line, absolute dotted name) of every import in a file, wherever it stands."""
    package = [*file.relative_to(PACKAGE.parent).parent.parts]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            yield from ((node.lineno, ".".join([*base, *([node.module] if node.module else []), alias.name])) for alias in node.names)


def strangers(folder: str, *allowed: str) -> list[str]:
    """Imports of the files below `folder` that are neither in the standard library nor below one of `allowed`."""
    found = []
    for file in sorted((PACKAGE / folder).rglob("*.py")):
        for line, name in imports(file):
            known = name.partition(".")[0] in sys.stdlib_module_names or any(f"{name}.".startswith(f"{each}.") for each in allowed)
            if not known:
                found.append(f"{file.relative_to(PACKAGE.parent)}:{line} imports {name}")
    return found


def test_a_unit_imports_nothing_but_the_standard_library_and_itself() -> None:
    assert strangers("runtime/unit", "faasify.runtime.unit") == []


def test_a_caller_imports_no_stage_because_it_runs_inside_the_users_program() -> None:
    assert strangers("runtime/caller", "faasify.runtime", "faasify.localcloud") == []


def test_the_embedded_runtime_travels_with_the_caller_so_it_has_the_same_limits() -> None:
    assert strangers("localcloud", "faasify.runtime", "faasify.localcloud", "faasify.errors") == []


@pytest.mark.parametrize("folder", ["runtime", "localcloud", "model", "errors.py"])
def test_what_a_program_loads_has_no_heavy_library(folder: str) -> None:
    files = [PACKAGE / folder] if folder.endswith(".py") else sorted((PACKAGE / folder).rglob("*.py"))
    assert files
    assert [name for file in files for _, name in imports(file) if name.partition(".")[0] in HEAVY] == []


@pytest.mark.parametrize("library", ["boto3", "kubernetes"])
def test_a_clouds_library_is_imported_in_targets_only(library: str) -> None:
    elsewhere = [file for file in PACKAGE.rglob("*.py") if file.relative_to(PACKAGE).parts[0] != "targets"]
    assert [file for file in elsewhere for _, name in imports(file) if name.partition(".")[0] == library] == []
