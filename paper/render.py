"""Renders paper.md from paper.md.j2 and the measurements in results/: `python paper/render.py` (or `make paper`).

A number that was not measured is an error where the text needs it, and a section that is left out where it stands alone.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jinja2

import faasify

HERE = Path(__file__).resolve().parent
SECTIONS = (  # left out where they were not measured
    *("callgraph", "chaos", "codec", "equivalence", "generated", "instances", "mutants", "recall", "scale", "thousand", "verdicts"),
)


def microseconds(value: float) -> str:
    """
    >>> microseconds(8.71), microseconds(23456.0)
    ('8.7 µs', '23.5 ms')
    """
    return f"{value:.1f} µs" if value < 1000 else f"{value / 1000:.1f} ms"


def edges(pairs: list[list[str]]) -> str:
    """
    >>> edges([["main", "main.f"]]), edges([])
    ('`main` → `main.f`', '')
    """
    return ", ".join(f"`{caller}` → `{callee}`" for caller, callee in pairs)


def render(results: dict[str, Any]) -> str:
    """The paper's text; `results` by the name of their file."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    known = {**dict.fromkeys(SECTIONS), **results}
    return environment.get_template("paper.md.j2").render(version=faasify.__version__, us=microseconds, edges=edges, **known)


def main() -> None:
    results = {file.stem: json.loads(file.read_text()) for file in sorted((HERE / "results").glob("*.json"))}
    if "bench" not in results:
        sys.exit("paper/results/bench.json is missing: make bench")
    (HERE / "paper.md").write_text(render(results), encoding="utf-8")


if __name__ == "__main__":
    main()
