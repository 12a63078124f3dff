"""Applies the rules to every module that has units, and to the main module, which starts the runtime.

def fib(n): ...     ->      from faasify.runtime.caller import boot as _faasify_boot, unit as _faasify_unit  # faasify
                            @_faasify_unit("shapes.fib")
                            def fib(n): ...
"""

from __future__ import annotations

import ast
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence

from libcst import ParserSyntaxError

from faasify.errors import ProgramError
from faasify.model.effects import Reason
from faasify.model.partition import Partition
from faasify.model.program import Module
from faasify.model.rewritten import RewrittenModule, RewrittenProgram
from faasify.rewrite.lines import Lines
from faasify.rewrite.rule import Insert, Leave, NotFaithful, Rule, Source, Wanted
from faasify.rewrite.rulebook import discover
from faasify.rewrite.templates import render

TARGET = "local"


def rewrite(partition: Partition, rules: Sequence[Rule] | None = None, *, extra_rules: tuple[str, ...] = ()) -> RewrittenProgram:
    """Every module, rewritten where it has units; what no rule could rewrite is left, with the reason."""
    applied = rules if rules is not None else [entry.rule for entry in discover(extra_rules)]
    program = partition.analysis.program
    wanted = _wanted(partition)
    modules: dict[str, RewrittenModule] = {}
    left: dict[str, Reason] = dict(partition.left)
    for name, module in program.modules.items():
        if wanted.get(name) or name == program.main:
            modules[name], leaves = rewrite_module(module, wanted.get(name, ()), applied, main=name == program.main)
            left |= leaves
        else:
            modules[name] = RewrittenModule(name, module.path, _content(module))
    if program.main is not None and not modules[program.main].rewritten:  # nothing would start the runtime
        modules = {name: RewrittenModule(name, module.path, _content(module)) for name, module in program.modules.items()}
        left |= {unit: left.get(unit) or _main_reason(program.modules[program.main]) for unit in partition.units}
    units = {name: unit for name, unit in partition.units.items() if name not in left}
    return RewrittenProgram(partition, modules, units, left)


def rewrite_module(
    module: Module, wanted: Sequence[Wanted], rules: Sequence[Rule], *, main: bool = False
) -> tuple[RewrittenModule, dict[str, Reason]]:
    """One module: the new bytes, and the reasons for units that cannot have a stub."""
    content = _content(module)
    source = Source(module.name, main, Lines.of(content, module.encoding), tuple(wanted), _render)
    try:
        edits = [edit for rule in rules for edit in rule.visit(source)]
    except ParserSyntaxError as error:
        edits = [Leave(f"libcst cannot read this file: {error.message}", error.raw_line)]
    except NotFaithful:
        edits = [Leave("libcst does not give this file back as it was", 1)]
    left = {edit.unit: _left(module, edit) for edit in edits if isinstance(edit, Leave) and edit.unit}
    untouched = RewrittenModule(module.name, module.path, content)
    whole = next((edit for edit in edits if isinstance(edit, Leave) and not edit.unit), None)
    if whole:
        return untouched, {unit.name: _left(module, whole) for unit in wanted}
    if len(left) == len(wanted) and not main:
        return untouched, left
    rewritten, inserted = source.lines.insert(_by_line(edits))
    try:
        ast.parse(rewritten)
    except (SyntaxError, ValueError) as error:
        return untouched, {unit.name: _left(module, Leave(f"the stubs do not fit in: {error}", unit.line)) for unit in wanted}
    return RewrittenModule(module.name, module.path, rewritten, inserted, tuple(u.name for u in wanted if u.name not in left)), left


def _wanted(partition: Partition) -> Mapping[str, tuple[Wanted, ...]]:
    wanted: dict[str, list[Wanted]] = defaultdict(list)
    for name, unit in partition.units.items():
        definition = partition.analysis.callgraph.definitions[unit.entry]
        wanted[definition.module].append(Wanted(name, definition.line))
    return {module: tuple(sorted(units, key=lambda unit: unit.line)) for module, units in wanted.items()}


def _by_line(edits: Sequence[Insert | Leave]) -> dict[int, tuple[str, ...]]:
    above: dict[int, tuple[str, ...]] = {}
    for edit in edits:
        if isinstance(edit, Insert):
            above[edit.line] = above.get(edit.line, ()) + edit.lines
    return above


def _render(template: str, **values: object) -> tuple[str, ...]:
    return tuple(render(TARGET, template, **values).splitlines())


def _content(module: Module) -> bytes:
    content = module.file.read_bytes()
    if hashlib.sha256(content).hexdigest() != module.sha256:
        raise ProgramError(f"{module.file} changed while it was read", hint="run faasify again")
    return content


def _left(module: Module, leave: Leave) -> Reason:
    return Reason("NO_STUB", leave.reason, module.path, leave.line)


def _main_reason(module: Module) -> Reason:
    return Reason("NO_STUB", "the program's main module cannot be rewritten, so nothing would start the runtime", module.path, 1)
