"""What `transform` prints: a unit a line, what was left and why, and how to run the result."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from faasify.model.effects import Analysis
from faasify.model.partition import Unit
from faasify.model.rewritten import RewrittenProgram
from faasify.report.chains import SHOWN_STEPS, chain
from faasify.report.terminal import COLOURS, plain, table
from faasify.report.words import counted

NAMED = 4  # functions that go with a unit; of more, the number is told


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
            place = plain(f"{definition.file}:{definition.line}", "dim")
            made.add_row(plain(name), place, plain(verdict, COLOURS[verdict]), plain(companions(analysis, unit)))
        console.print(made)
    for warning in rewritten.partition.warnings:
        console.print(plain(warning, "yellow"))
    if rewritten.left:
        made = table("left", "because", wraps="because")
        for name, reason in rewritten.left.items():
            facts = analysis.functions[name]
            made.add_row(plain(name), plain(chain(analysis, facts, reason, steps=SHOWN_STEPS)))
        console.print(made)
    main = analysis.program.main
    files = sum(module.rewritten for module in rewritten.modules.values())
    console.print(plain(f"{counted(len(rewritten.units), 'unit')}, {counted(files, 'file')} rewritten in {output}"))
    if main is not None:
        console.print(plain(f"run it: python {output / analysis.program.modules[main].path}"))


def companions(analysis: Analysis, unit: Unit) -> str:
    """The functions inside the unit besides its entry."""
    names = [name for name in unit.functions if name != unit.entry and name in analysis.functions]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
