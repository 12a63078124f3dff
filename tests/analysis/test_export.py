"""The formats of `faasify analyze`."""

from __future__ import annotations

import json
from collections.abc import Callable

from faasify.analysis import export
from faasify.model.effects import Analysis
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
    assert list(f) == ["name", "file", "line", "verdict", "unit", "reasons", "calls", "reads", "writes", "mutates", "effects", "imports"]
    assert (f["name"], f["file"], f["line"], f["verdict"], f["unit"]) == ("app.f", "app.py", 5, "travels", "app.f")
    assert f["effects"] == [{"kind": "stdout", "what": "print", "file": "app.py", "line": 7, "via": []}]
    assert (f["reads"], f["mutates"], f["imports"]) == (["app.log"], ["app.log"], ["math"])
    assert {"to": "app.g", "line": 6} in f["calls"]
    assert g["unit"] == "app.f"
    assert document["units"] == [{"name": "app.f", "entry": "app.f", "functions": ["app.f", "app.g"], "requirements": ["math"]}]


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
