"""`faasify analyze` and `explain` as a user types them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Typed

STEPS = "def save():\n    open('out.txt', 'w')\n\ndef report():\n    save()\n"


def test_analyze_groups_functions_by_verdict(program: Path, typed: Typed) -> None:
    done = typed("analyze", "app.py")
    assert (done.returncode, done.stderr) == (0, "")
    groups = re.split(r"^(travels|guarded|stays)  ", done.stdout, flags=re.MULTILINE)
    found = dict(zip(groups[1::2], groups[2::2], strict=True))
    assert "app.add" in found["travels"] + found.get("guarded", "")
    assert re.search(r"app\.save +app\.py:11 .*app\.py:12", found["stays"])
    assert "faasify run app.py" in done.stdout
    assert "\x1b" not in done.stdout  # plain text where there is no terminal


def test_analyze_as_json(program: Path, typed: Typed) -> None:
    done = typed("analyze", "--format", "json", "app.py")
    document = json.loads(done.stdout)
    functions = {each["name"]: each for each in document["functions"]}
    assert document["version"] == 1
    assert functions["app.save"]["verdict"] == "stays"
    assert {"name", "file", "line", "verdict", "unit", "reasons", "calls", "reads", "writes", "mutates", "effects", "imports"} <= set(
        functions["app.add"]
    )
    assert functions["app.add"]["writes"] == ["app.counter"]


def test_analyze_as_json_counts_codes_and_tells_the_steps(program: Path, typed: Typed) -> None:
    (program / "steps.py").write_text(STEPS)
    document = json.loads(typed("analyze", "--format", "json", "steps.py").stdout)
    assert (document["verdicts"], document["codes"]["FILES"]) == ({"travels": 0, "guarded": 0, "stays": 2}, 2)
    (report,) = [each for each in document["functions"] if each["name"] == "steps.report"]
    assert report["reasons"][0]["steps"] == [{"function": "steps.save", "file": "steps.py", "line": 5}]
    assert report["left"] == "FILES"


def test_analyze_tells_the_whole_chain(program: Path, typed: Typed) -> None:
    (program / "steps.py").write_text(STEPS)
    said = 'writes a file (open "out.txt", "w", steps.py:2) through save() (steps.py:5) [FILES]'
    assert said in typed("analyze", "steps.py").stdout


def test_analyze_goes_on_after_a_damaged_file(program: Path, typed: Typed) -> None:
    (program / "broken.py").write_text("x = 1\ndef f(:\n")
    (program / "uses.py").write_text("import broken, app\ndef g():\n    return app.add(1)\n")
    done = typed("analyze", "uses.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert "not analysed: broken.py:2: does not parse: " in done.stdout
    assert "uses.g" in done.stdout


@pytest.mark.parametrize("format_", ["table", "json", "dot", "mermaid", "svg", "html", "pycg"])
def test_every_format_takes_names_that_are_no_text(format_: str, program: Path, typed: Typed) -> None:
    (program / os.fsdecode(b"\xff.py")).write_text("def f(): return g()\ndef g(): pass\n")
    done = typed("analyze", "--format", format_, "-o", "out", os.fsdecode(b"\xff.py"))
    assert (done.returncode, done.stderr) == (0, "")
    (program / "out").read_text(encoding="utf-8")
    assert typed("analyze", "--format", format_, os.fsdecode(b"\xff.py")).returncode == 0


def test_analyze_all_is_an_option(typed: Typed) -> None:
    assert typed("analyze", "--all", "app.py").returncode == 0


def test_explain_shows_an_example_and_how_to_mend_it(typed: Typed) -> None:
    text = typed("explain", "files").stdout
    assert text.startswith("FILES (stays): touches the file system\n")
    assert 'print(f("words.txt"))' in text
    assert 'print(f(open("words.txt").read()))' in text
    assert typed("explain", "inside_unit").stdout.startswith("INSIDE_UNIT (no unit): ")


@pytest.mark.parametrize(
    ("format_", "begins"), [("dot", "digraph"), ("mermaid", "flowchart"), ("svg", "<svg"), ("html", "<!doctype html>"), ("pycg", "{")]
)
def test_analyze_writes_graphs_into_a_file(format_: str, begins: str, program: Path, typed: Typed) -> None:
    done = typed("analyze", "--format", format_, "-o", "graph.txt", "app.py")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert begins in (program / "graph.txt").read_text().lstrip().splitlines()[0]


def test_every_code_that_a_verdict_can_have_is_explained(program: Path, typed: Typed) -> None:
    document = json.loads(typed("analyze", "--format", "json", "app.py").stdout)
    codes = {reason["code"] for function in document["functions"] for reason in function["reasons"]}
    assert codes
    for code in codes:
        done = typed("explain", code)
        assert done.returncode == 0
        assert code in done.stdout
