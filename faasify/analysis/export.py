"""An Analysis in the formats that `faasify analyze --format` writes.

json     the stable format: {"version": 1, "program": ..., "verdicts": {...}, "codes": {...}, "functions": [...], "units": [...]}
dot      Graphviz, one cluster a module, coloured by verdict
mermaid  the same for Markdown
pycg     {"caller": ["callee", ...]} with PyCG's names
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from faasify.analysis.dependencies import Installed, dependencies
from faasify.model.callgraph import Definition
from faasify.model.dependencies import Dependencies
from faasify.model.effects import Analysis, Effect, FunctionFacts, Reason, Step
from faasify.model.partition import Partition, Unit

COLOURS = {"travels": "#2e7d32", "guarded": "#f9a825", "stays": "#c62828"}


def to_json(analysis: Analysis, partition: Partition | None = None, installed: Installed | None = None) -> dict[str, Any]:
    """The document of `analyze --format json`, ready for json.dumps; `installed`: the environment that requirements are looked up in."""
    return {key: list(value) if isinstance(value, Iterator) else value for key, value in _members(analysis, partition, installed)}


def json_text(analysis: Analysis, partition: Partition | None = None) -> str:
    """The same, with one function or unit a line: that of a large program is many megabytes."""
    lines = []
    for key, value in _members(analysis, partition, None):
        text = _one_a_line(value) if isinstance(value, Iterator) else json.dumps(value)
        lines.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _one_a_line(values: Iterable[Any]) -> str:
    text = ",\n".join(f"  {json.dumps(value)}" for value in values)
    return f"[\n{text}\n ]" if text else "[]"


def _members(analysis: Analysis, partition: Partition | None, installed: Installed | None) -> Iterator[tuple[str, Any]]:
    """The document's keys, with what stands there or the parts of a list, which are made as they are asked for."""
    units = partition.units if partition is not None else {}
    left = partition.left if partition is not None else {}
    inside = {name: unit.name for unit in units.values() for name in unit.functions}
    inside |= {unit.entry: unit.name for unit in units.values()}
    environment = installed or Installed()
    functions = analysis.functions.values()
    yield from {
        "version": 1,
        "program": analysis.program.target,
        "verdicts": {verdict: sum(facts.verdict == verdict for facts in functions) for verdict in COLOURS},
        "codes": dict(Counter(code for facts in functions for code in dict.fromkeys(r.code for r in facts.reasons)).most_common()),
        "functions": (_function(analysis, facts, inside.get(facts.name), left.get(facts.name)) for facts in functions),
        "units": (_unit(unit, dependencies(analysis, unit.functions, environment)) for unit in units.values()),
        "damage": ({"file": d.path, "line": d.line, "message": d.message} for d in analysis.program.damage),
        **({"coarse": True} if analysis.coarse else {}),
    }.items()


def _function(analysis: Analysis, facts: FunctionFacts, unit: str | None, left: Reason | None) -> dict[str, Any]:
    definition = analysis.callgraph.definitions[facts.name]
    return {
        "name": facts.name,
        "file": definition.file,
        "line": definition.line,
        "verdict": facts.verdict,
        "unit": unit,
        "left": left.code if left is not None else None,
        "reasons": [_reason(reason) for reason in facts.reasons],
        "calls": [{"to": call.to, "line": call.line} for call in dict.fromkeys(analysis.callgraph.calls.get(facts.name, ()))],
        "reads": list(facts.reads),
        "writes": list(facts.writes),
        "mutates": list(facts.mutates),
        "effects": [_effect(effect) for effect in facts.effects],
        "imports": list(facts.imports),
    }


def _unit(unit: Unit, needs: Dependencies) -> dict[str, Any]:
    return {
        "name": unit.name,
        "entry": unit.entry,
        "functions": list(unit.functions),
        "requirements": [str(requirement) for requirement in needs.requirements],
        "missing": list(needs.missing),
        "modules": list(needs.modules),
        "program_modules": list(needs.program),
        "data_files": [{"path": f.path, "mode": f.mode, "exists": f.exists, "file": f.file, "line": f.line} for f in needs.files],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "message": reason.message,
        "file": reason.file,
        "line": reason.line,
        "steps": _steps(reason.steps),
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "kind": effect.kind,
        "what": effect.what,
        "detail": effect.detail,
        "file": effect.file,
        "line": effect.line,
        "via": list(effect.via),
        "steps": _steps(effect.steps),
    }


def _steps(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    return [{"function": step.function, "file": step.file, "line": step.line} for step in steps]


def to_dot(analysis: Analysis) -> str:
    """Graphviz: program definitions and the calls between them."""
    lines = ["digraph program {", "  rankdir=LR; node [shape=box, style=rounded, fontname=Helvetica];"]
    for index, (module, names) in enumerate(by_module(analysis).items()):
        lines.append(f"  subgraph cluster_{index} {{ label={json.dumps(module)};")
        lines += [f"    {json.dumps(name)} [label={json.dumps(short(analysis, name))}{_dot_colour(analysis, name)}];" for name in names]
        lines.append("  }")
    lines += [f"  {json.dumps(caller)} -> {json.dumps(callee)};" for caller, callee in edges(analysis)]
    return "\n".join([*lines, "}"]) + "\n"


def to_mermaid(analysis: Analysis) -> str:
    """A Mermaid flowchart of the same."""
    numbers = {name: f"n{i}" for i, name in enumerate(name for names in by_module(analysis).values() for name in names)}
    lines = ["flowchart LR"]
    for module, names in by_module(analysis).items():
        lines.append(f'  subgraph {f"m{len(lines)}"}["{_escaped(module)}"]')
        lines += [f'    {numbers[name]}["{_escaped(short(analysis, name))}"]{_mermaid_class(analysis, name)}' for name in names]
        lines.append("  end")
    lines += [f"  {numbers[caller]} --> {numbers[callee]}" for caller, callee in edges(analysis)]
    lines += [f"  classDef {verdict} stroke:{colour}" for verdict, colour in COLOURS.items()]
    return "\n".join(lines) + "\n"


def to_pycg(analysis: Analysis) -> dict[str, list[str]]:
    """Callers with what they call, named as PyCG names them: a constructor is `C.__init__` only where a class of the program defines it,
    and `super().__init__()` that ends at `object` calls nothing."""
    definitions = analysis.callgraph.definitions
    names = _pycg_names(analysis)
    graph: dict[str, set[str]] = {names[d.name]: set() for d in definitions.values() if d.kind != "class"}
    for caller, calls in analysis.callgraph.calls.items():
        found = graph.setdefault(names[caller], set())
        for call in calls:
            if call.to == _OF_OBJECT and call.text != "object.__init__":
                continue
            if call.to is not None and call.to not in definitions:
                found.add(_pycg_library(call.to))
            elif call.to is not None and definitions[call.to].kind != "class":
                found.add(names[call.to])
    return {caller: sorted(callees) for caller, callees in graph.items()}


_OF_OBJECT = "builtins.object.__init__"


def _pycg_names(analysis: Analysis) -> dict[str, str]:
    """`app.outer.<locals>.inner` -> `app.outer.inner`; lambdas are numbered from 1 in the scope they stand in."""
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for definition in sorted(analysis.callgraph.definitions.values(), key=lambda d: (d.module, d.line, d.col, d.kind != "module")):
        if definition.parent is None:
            names[definition.name] = definition.name
            continue
        parent = names.get(definition.parent, definition.parent)
        if definition.kind == "lambda":
            counts[parent] = counts.get(parent, 0) + 1
            names[definition.name] = f"{parent}.<lambda{counts[parent]}>"
        else:
            names[definition.name] = f"{parent}.{definition.qualname.rpartition('.')[2]}"
    return names


def _pycg_library(to: str) -> str:
    """`builtins.str.join` -> `<**PyStr**>.join`, `builtins.print` -> `<builtin>.print`."""
    module, _, rest = to.partition(".")
    if module != "builtins":
        return to
    kind, _, method = rest.partition(".")
    if method and kind in _PYCG_TYPES:
        return f"<**{_PYCG_TYPES[kind]}**>.{method}"
    return f"<builtin>.{rest}"


_PYCG_TYPES = {"str": "PyStr", "list": "PyList", "dict": "PyDict", "tuple": "PyTuple", "set": "PySet", "int": "PyNum", "float": "PyNum"}


def by_module(analysis: Analysis) -> dict[str, list[str]]:
    """What a graph shows: every function, lambda and module body, by module; a class is no node."""
    found: dict[str, list[str]] = {}
    for definition in analysis.callgraph.definitions.values():
        if definition.kind != "class":
            found.setdefault(definition.module, []).append(definition.name)
    return found


def edges(analysis: Analysis) -> Iterator[tuple[str, str]]:
    """(caller, callee), each pair once."""
    definitions = analysis.callgraph.definitions
    for caller in analysis.callgraph.calls:
        if definitions[caller].kind != "class":
            yield from ((caller, to) for to in analysis.callgraph.callees(caller) if definitions[to].kind != "class")


def short(analysis: Analysis, name: str) -> str:
    """A definition's name inside its module."""
    definition: Definition = analysis.callgraph.definitions[name]
    return definition.qualname or f"{definition.module} (top level)"


def _dot_colour(analysis: Analysis, name: str) -> str:
    facts = analysis.functions.get(name)
    return f', color="{COLOURS[facts.verdict]}"' if facts is not None else ""


def _mermaid_class(analysis: Analysis, name: str) -> str:
    facts = analysis.functions.get(name)
    return f":::{facts.verdict}" if facts is not None else ""


def _escaped(text: str) -> str:
    """Text inside a quoted label: Mermaid's own escapes for what would end it or mean something."""
    safe = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
    return safe.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
