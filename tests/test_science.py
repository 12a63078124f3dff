"""Programs of scientists, with numpy: analysis knows what their functions do, and they say the same elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from faasify.analysis import analyse
from faasify.frontend import load
from tests.conftest import Run

PROGRAMS = sorted((Path(__file__).parent / "science").glob("*.py"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_every_function_travels(program: Path) -> None:
    found = analyse(load(str(program), cwd=program.parent)).functions
    assert {name: facts.verdict for name, facts in found.items() if facts.verdict != "travels"} == {}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.stem)
def test_the_program_says_the_same_elsewhere(program: Path, faasify: Run, tmp_path: Path) -> None:
    plain = subprocess.run([sys.executable, program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    report = tmp_path / "report.json"
    moved = faasify("run", "--select", "all", "--placement", "remote", "--report", report, program, cwd=tmp_path)
    assert (moved.stdout, moved.stderr, moved.returncode) == (plain.stdout, plain.stderr, plain.returncode)
    assert plain.returncode == 0, plain.stderr
    assert f"{program.stem}.main" in json.loads(report.read_text())["functions_remote"]


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("waves.advance", ("u", "velocity")),
        ("waves.clamp_edges", ("u",)),
        ("waves.blur", ()),
        ("samples.standardise", ("points",)),
        ("samples.k_means", ("rng",)),
        ("samples.describe", ()),
        ("systems.Model.step", ("self",)),
        ("systems.generation", ("grid",)),
        ("systems.conjugate", ()),
    ],
)
def test_what_is_changed_is_known(name: str, changed: tuple[str, ...]) -> None:
    program = next(p for p in PROGRAMS if p.stem == name.partition(".")[0])
    assert analyse(load(str(program), cwd=program.parent)).functions[name].mutates == changed
