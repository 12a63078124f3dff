"""The formats of `faasify analyze`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from faasify.analysis import analyse, export
from faasify.frontend import load
from faasify.model.effects import Analysis, Reason
from faasify.model.partition import Partition, Unit

Analysed = Callable[..., Analysis]

SOURCE = (
    "import math\nlog = []\ndef g(x):\n    return math.sin(x)\ndef f(x):\n    log.append(g(x))\n    print(sorted(log, key=lambda v: v))\n"
)


def test_json_has_every_field_and_survives_json(analysed: Analysed) -> None:
    analysis = analysed(SOURCE)
    partition = Partition(analysis, {"app.f": Unit("app.f", "app.f", ("app.f", "app.g"), ("math",))}, {})
    document = json.loads(export.json_text(analysis, partition))
    assert document["version"] == 1
    g, f = document["functions"]
    assert set(f) >= {"name", "file", "line", "verdict", "unit", "reasons", "calls", "reads", "writes", "mutates", "effects", "imports"}
    assert (f["name"], f["file"], f["line"], f["verdict"], f["unit"]) == ("app.f", "app.py", 5, "travels", "app.f")
    assert f["effects"] == [{"kind": "stdout", "what": "print", "detail": "", "file": "app.py", "line": 7, "via": [], "steps": []}]
    assert (f["reads"], f["mutates"], f["imports"]) == (["app.log"], ["app.log"], ["math"])
    assert {"to": "app.g", "line": 6} in f["calls"]
    assert g["unit"] == "app.f"
    (unit,) = document["units"]
    assert (unit["name"], unit["entry"], unit["functions"]) == ("app.f", "app.f", ["app.f", "app.g"])
    assert (unit["requirements"], unit["missing"], unit["modules"]) == ([], [], ["math"])
    assert (document["verdicts"], document["codes"]) == ({"travels": 2, "guarded": 0, "stays": 0}, {})


def test_json_has_one_function_and_one_unit_a_line(analysed: Analysed) -> None:
    analysis = analysed(SOURCE)
    partition = Partition(analysis, {"app.f": Unit("app.f", "app.f", ("app.f", "app.g"), ("math",))}, {})
    text = export.json_text(analysis, partition)
    document = export.to_json(analysis, partition)
    assert json.loads(text) == document
    lines = [line.strip().rstrip(",") for line in text.splitlines()]
    assert all(json.dumps(each) in lines for each in [*document["functions"], *document["units"]])


def test_json_has_the_steps_of_a_reason_and_the_requirements_and_files_of_a_unit(analysed: Analysed) -> None:
    analysis = analysed("import pytest\ndef f(x):\n    return g(pytest.approx(x))\ndef g(x):\n    return open('data.txt')\n")
    partition = Partition(analysis, {"app.f": Unit("app.f", "app.f", ("app.f", "app.g"), ("pytest",))}, {"app.g": Reason("X", "x", "", 1)})
    document = export.to_json(analysis, partition)
    f, g = document["functions"]
    assert f["reasons"][0]["steps"] == [{"function": "app.g", "file": "app.py", "line": 3}]
    effect = next(effect for effect in f["effects"] if effect["kind"] == "files")
    assert (effect["via"], effect["steps"], effect["detail"]) == (["app.g"], f["reasons"][0]["steps"], '"data.txt", "r"')
    assert (f["left"], g["left"]) == (None, "X")
    assert document["units"][0]["requirements"] == [f"pytest=={pytest.__version__}"]
    assert document["units"][0]["data_files"] == [{"path": "data.txt", "mode": "r", "exists": False, "file": "app.py", "line": 5}]
    assert document["verdicts"] == {"travels": 0, "guarded": 0, "stays": 2}
    assert document["codes"]["FILES"] == 2


def test_names_cannot_break_out_of_a_graph(tmp_path: Path) -> None:
    (tmp_path / 'a"]--><b>\n.py').write_text("def f(): pass\n")
    analysis = analyse(load(".", cwd=tmp_path))
    mermaid = export.to_mermaid(analysis)
    assert mermaid.count("\n") == len(mermaid.splitlines())
    assert 'm1["a#quot;]--#gt;#lt;b#gt;\\n"]' in mermaid
    assert '"a\\"]--><b>\\n.f"' in export.to_dot(analysis)


def test_an_unresolved_call_goes_to_null(analysed: Analysed) -> None:
    (function,) = export.to_json(analysed("def f(g): g()"))["functions"]
    assert function["calls"] == [{"to": None, "line": 1}]


def test_dot_and_mermaid_show_definitions_and_calls(analysed: Analysed) -> None:
    analysis = analysed(SOURCE)
    assert '"app.f" -> "app.g";' in export.to_dot(analysis)
    mermaid = export.to_mermaid(analysis)
    assert mermaid.startswith("flowchart LR")
    assert "-->" in mermaid


def test_pycg_names(analysed: Analysed) -> None:
    analysis = analysed(
        "class C:\n    def __init__(self): pass\nclass D: pass\ndef f():\n    def g(): 'a'.join([])\n    g(); C(); D()\n"
        "    (lambda: print())()\nf()\n"
    )
    graph = export.to_pycg(analysis)
    assert graph["app"] == ["app.f"]
    assert graph["app.f"] == ["app.C.__init__", "app.f.<lambda1>", "app.f.g"]
    assert graph["app.f.g"] == ["<**PyStr**>.join"]
    assert graph["app.f.<lambda1>"] == ["<builtin>.print"]


IN_ANY_ORDER = """
class Asked:
    def __lt__(self, other):
        print("asked")
        return True
def compare(first=Asked(), second=Asked(), third=Asked()):
    first < 1
    second < 1
    return third < 1
def main():
    return compare()
"""


def test_the_same_program_gives_the_same_json_whatever_texts_hash_to(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(IN_ANY_ORDER)
    command = [sys.executable, "-m", "faasify", "analyze", "--format", "json", "app.py"]
    found = {
        subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("0", "1", "4")
    }
    assert len(found) == 1
