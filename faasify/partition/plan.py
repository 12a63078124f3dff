"""The partition itself: candidates, selection, comments, and the reasons for what is left.

app.main stays, app.fib travels, --select auto  ->  Partition(units={"app.fib": ...}, left={"app.main": Reason("FILES", ...)})
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from faasify.config import Selection
from faasify.frontend.comments import Remark, inherited, remarks
from faasify.model.callgraph import Definition
from faasify.model.effects import Analysis, FunctionFacts, Reason
from faasify.model.partition import Limits, Partition, Unit
from faasify.partition.frontier import frontier
from faasify.partition.selectors import matching, whole_names

CODES: Mapping[str, str] = {
    "INSIDE_UNIT": "only units call it, so it goes inside them; `--select all` or its name makes it a unit of its own",
    "NOT_SELECTED": "`--select` names other functions",
    "COMMENT": "a comment `# faasify: local` keeps it here",
    "EXCLUDED": "`exclude` in [tool.faasify] keeps it here",
    "NO_DEF": "a lambda has no `def` that a stub could stand on; it runs wherever the function is that calls it",
}


DEFAULT_SELECTION = Selection()
NO_LIMITS = Limits()


def partition(
    analysis: Analysis, selection: Selection = DEFAULT_SELECTION, limits: Limits = NO_LIMITS, *, exclude: tuple[str, ...] = ()
) -> Partition:
    """Divide the program; raises `UsageError` for a pattern that matches nothing and for a comment that says nothing known."""
    definitions = analysis.callgraph.definitions
    selection = replace(selection, patterns=whole_names(selection.patterns, analysis))
    comments = _all_remarks(analysis)
    remark = {name: inherited(comments, definitions[name], definitions) for name in analysis.functions if name in definitions}
    blocked = _blocked(analysis, remark, exclude, selection)
    candidates = set(analysis.functions) - set(blocked)
    own = _own_limits(analysis, limits)
    chosen, named = _choose(analysis, selection, candidates)
    if not (selection.typed and selection.mode == "patterns"):
        chosen |= {name for name in candidates if name in remark and remark[name].placement == "remote"}
    units = {name: _unit(analysis.functions[name], remark[name], own.get(name, limits)) for name in sorted(chosen)}
    left = {name: blocked.get(name) or _unselected(analysis, name, selection) for name in analysis.functions if name not in units}
    asked = named | {name for name in remark if remark[name].placement == "remote"}
    warnings = tuple(_warning(name, blocked[name]) for name in sorted(asked) if name in blocked)
    return Partition(analysis, units, left, warnings)


def _own_limits(analysis: Analysis, limits: Limits) -> dict[str, Limits]:
    """What the settings say of single functions, over what they say of all."""
    own: dict[str, Limits] = {}
    for pattern, special in limits.of:
        for name in matching((pattern,), analysis, setting="[tool.faasify.units]"):
            before = own.get(name, limits)
            own[name] = Limits(special.memory_mb or before.memory_mb, special.timeout_s or before.timeout_s)
    return own


def _all_remarks(analysis: Analysis) -> dict[str, Remark]:
    found: dict[str, Remark] = {}
    by_module: dict[str, list[Definition]] = {}
    for definition in analysis.callgraph.definitions.values():
        by_module.setdefault(definition.module, []).append(definition)
    for name, module in analysis.program.modules.items():
        found |= remarks(module, by_module.get(name, ()))
    return found


def _blocked(analysis: Analysis, remark: Mapping[str, Remark], exclude: tuple[str, ...], selection: Selection) -> dict[str, Reason]:
    """Functions that cannot be units, or that the settings and comments keep here: why."""
    excluded = matching(exclude, analysis, setting="exclude") if exclude else set()
    typed = set(selection.patterns) if selection.typed else set()  # a full name on the command line wins over comments and settings
    blocked: dict[str, Reason] = {}
    for name, facts in analysis.functions.items():
        definition = analysis.callgraph.definitions.get(name)
        if facts.verdict == "stays" and not (name in typed and _only_own_comment(facts, definition)):
            blocked[name] = _first_reason(facts, definition)
        elif definition is None or definition.kind not in ("function", "generator", "coroutine", "async_generator"):
            blocked[name] = _reason("NO_DEF", definition)
        elif name in excluded and name not in typed:
            blocked[name] = _reason("EXCLUDED", definition)
        elif remark[name].placement == "local" and name not in typed:
            blocked[name] = _reason("COMMENT", definition, remark[name].line)
    return blocked


def _only_own_comment(facts: FunctionFacts, definition: Definition | None) -> bool:
    """Whether nothing else keeps it here than a comment of its own, over which its name on the command line wins."""
    own = (reason.code == "COMMENT" and reason.what == "# faasify: local" and not reason.steps for reason in facts.reasons)
    return definition is not None and all(own)


def _choose(analysis: Analysis, selection: Selection, candidates: set[str]) -> tuple[set[str], set[str]]:
    """The chosen candidates, and every function that was asked for by its full name."""
    if selection.mode == "auto":
        return frontier(analysis, candidates), set()
    if selection.mode == "all":
        return set(candidates), set()
    matched = matching(selection.patterns, analysis, setting="--select" if selection.typed else "select")
    return matched & candidates, matched & set(selection.patterns)


def _unit(facts: FunctionFacts, remark: Remark, limits: Limits) -> Unit:
    return Unit(
        name=facts.name,
        entry=facts.name,
        functions=facts.closure,
        imports=facts.imports,
        memory_mb=remark.memory_mb or limits.memory_mb,
        timeout_s=remark.timeout_s or limits.timeout_s,
    )


def _unselected(analysis: Analysis, name: str, selection: Selection) -> Reason:
    code = "INSIDE_UNIT" if selection.mode == "auto" else "NOT_SELECTED"
    return _reason(code, analysis.callgraph.definitions.get(name))


def _first_reason(facts: FunctionFacts, definition: Definition | None) -> Reason:
    return facts.reasons[0] if facts.reasons else _reason("STAYS", definition)


def _reason(code: str, definition: Definition | None, line: int | None = None) -> Reason:
    file, own_line = (definition.file, definition.line) if definition else ("", 0)
    return Reason(code, CODES.get(code, "it cannot run elsewhere"), file, line or own_line)


def _warning(name: str, reason: Reason) -> str:
    return f"{name} was selected, but stays: {reason.message} ({reason.file}:{reason.line})"
