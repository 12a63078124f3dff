"""Every number of the paper comes from `paper/results/`, and the rendered paper is the one of these results."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAPER = ROOT / "paper"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper with its results, to be rendered anew."""
    folder = tmp_path_factory.mktemp("paper")
    (folder / "results").mkdir()
    for name in ("render.py", "paper.md.j2", *(f"results/{file.name}" for file in (PAPER / "results").glob("*.json"))):
        (folder / name).write_bytes((PAPER / name).read_bytes())
    return folder


def render(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, folder / "render.py"], cwd=ROOT, capture_output=True, text=True)


def test_the_paper_is_what_its_results_say(copy: Path) -> None:
    assert render(copy).returncode == 0
    assert (copy / "paper.md").read_text() == (PAPER / "paper.md").read_text(), "make paper"


def test_another_result_is_another_paper(copy: Path) -> None:
    results = json.loads((copy / "results" / "bench.json").read_text())
    results["stub_call"]["median_us"] = 123.4
    (copy / "results" / "bench.json").write_text(json.dumps(results))
    assert render(copy).returncode == 0
    assert "| 123.4 µs |" in (copy / "paper.md").read_text()


def test_a_number_that_was_not_measured_is_an_error(copy: Path) -> None:
    results = json.loads((copy / "results" / "bench.json").read_text())
    del results["stub_call"]
    (copy / "results" / "bench.json").write_text(json.dumps(results))
    assert render(copy).returncode != 0


def test_no_measured_number_stands_in_the_template() -> None:
    prose = re.sub(r"{[{%].*?[%}]}", "", (PAPER / "paper.md.j2").read_text(), flags=re.DOTALL)
    assert re.findall(r"\d+(?:\.\d+)? ?(?:µs|ms|%\B|s\b)", re.sub(r"\| (?:10|90) %", "", prose)) == []


def test_pictures_are_there() -> None:
    text = (PAPER / "paper.md.j2").read_text()
    assert all((PAPER / name).is_file() for name in re.findall(r"!\[[^]]*\]\(([^)]*)\)", text))
