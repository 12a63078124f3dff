"""What `transform` prints: a unit a line, what was left and why, and how to run the result."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from faasify.model.rewritten import RewrittenProgram
from faasify.report.terminal import COLOURS, plain, table


def show_changes(rewritten: RewrittenProgram, output: Path, console: Console) -> None:
    """
    unit      where       goes with it
    app.fib   app.py:14   app.waste_time
    """
    analysis = rewritten.partition.analysis
    if rewritten.units:
        made = table("unit", "where", "verdict", "goes with it", wraps="goes with it")
        for name, unit in rewritten.units.items():
            definition = analysis.callgraph.definitions[unit.entry]
            verdict = analysis.functions[unit.entry].verdict
            others = ", ".join(each for each in unit.functions if each != unit.entry)
            made.add_row(plain(name), plain(f"{definition.file}:{definition.line}", "dim"), plain(verdict, COLOURS[verdict]), plain(others))
        console.print(made)
    if rewritten.left:
        made = table("left", "because", wraps="because")
        for name, reason in rewritten.left.items():
            made.add_row(plain(name), plain(f"{reason.message} ({reason.file}:{reason.line})"))
        console.print(made)
    main = analysis.program.main
    files = sum(module.rewritten for module in rewritten.modules.values())
    console.print(plain(f"{len(rewritten.units)} units, {files} files rewritten in {output}"))
    if main is not None:
        console.print(plain(f"run it: python {output / analysis.program.modules[main].path}"))
