"""The PyCG micro-benchmark: `python paper/bench/callgraph.py SCORE.py SNIPPETS -o paper/results/callgraph.json`.

SCORE.py is the benchmark's judge (`--bench DIR --cmd COMMAND --json FILE`), SNIPPETS the folder `micro-benchmark/snippets` of the
repository vitsalis/PyCG; neither is part of this project. What is kept of the judge's result: totals, categories, and the tests that are
not exact with their false and missing edges.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

COMMAND = f"{shlex.quote(sys.executable)} -P -m faasify analyze --format pycg {{dir}}"


def kept(full: dict[str, Any]) -> dict[str, Any]:
    """
    >>> test = {"complete": True, "sound": False, "false_edges": [], "missing_edges": [["main", "main.f"]]}
    >>> kept({"tests": {"a/b": test}, "total": {"n": 1, "exact": 0}, "precision": 1.0, "recall": 0.5, "categories": {}})["inexact"]
    [{'test': 'a/b', 'false': [], 'missing': [['main', 'main.f']]}]
    """
    inexact = [
        {"test": name, "false": test["false_edges"], "missing": test["missing_edges"]}
        for name, test in full["tests"].items()
        if not (test["complete"] and test["sound"])
    ]
    shares = {name: round(full[name], 4) for name in ("precision", "recall")}
    return {"tests": len(full["tests"]), **full["total"], **shares, "categories": full["categories"], "inexact": inexact}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("score", type=Path)
    parser.add_argument("bench", type=Path)
    parser.add_argument("-o", "--output", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        full = Path(temporary, "full.json")
        subprocess.run([sys.executable, chosen.score, "--bench", chosen.bench, "--cmd", COMMAND, "--json", full, "--show"], check=True)
        result = kept(json.loads(full.read_text()))
    if chosen.output:
        chosen.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
