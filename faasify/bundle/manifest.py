"""The manifest of a build: what the runtime must know about the program, its modules and its units. Plain data, the same every time.

{"version": 1, "program": {"main": "app", ...}, "modules": {"app": {"inserted": [1, 2, 5], "run": [1, 4], ...}},
 "units": {"app.fib": {"module": "app", "qualname": "fib", "line": 3, ...}}, "imports": ["math"], "library": ["math:sin"], ...}
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from typing import Any

import faasify
from faasify.frontend.comments import kept_calls
from faasify.frontend.definitions import function_node, parameters
from faasify.frontend.loops import loops
from faasify.model.bundle import Slice
from faasify.model.effects import Analysis
from faasify.model.partition import Unit
from faasify.model.program import Module
from faasify.model.rewritten import RewrittenProgram

VERSION = 1
FOLDER_LENGTH = 120  # a file system takes 255 bytes
# Effects of what reads or sets the recursion limit, or may: code that the analysis did not see into.
_MAY_MEET_THE_LIMIT = frozenset(
    {"hidden.recursionlimit", "settings", "unknown", "undescribed", "namespace"}
    | {"introspection", "imports", "threads", "signals", "finalisers"}
)


def manifest(program: RewrittenProgram, slices: Mapping[str, Slice]) -> dict[str, Any]:
    """The manifest of the whole build; `slices` are the union slices by module."""
    analysis = program.partition.analysis
    source = analysis.program
    return {
        "version": VERSION,
        "faasify": faasify.__version__,
        "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "program": {"root": str(source.root), "main": source.main, "run_as": source.run_as, "target": source.target},
        "modules": {name: _module(program, name, slices[name]) for name in sorted(source.modules)},
        "units": {name: unit_facts(program, unit) for name, unit in sorted(program.units.items())},
        "left": {name: {"code": reason.code, "message": reason.message, "file": reason.file, "line": reason.line}
                 for name, reason in sorted(program.left.items())},
        "limit": _methods_read_limit(analysis),
        "imports": sorted(analysis.imports),
        "library": sorted(analysis.library),
        "program_files": sorted(module.path for module in source.modules.values()),
    }  # fmt: skip


def _methods_read_limit(analysis: Analysis) -> bool:
    """Whether an operator, a property or a finaliser may read the recursion limit: which functions use those is not in their effects."""
    return any(
        effect.kind == "hidden.recursionlimit"
        for name, facts in analysis.functions.items()
        for effect in facts.effects
        if analysis.callgraph.definitions[name].qualname.rpartition(".")[0].rpartition(".")[2] not in ("", "<locals>")
    )


def _module(program: RewrittenProgram, name: str, cut: Slice) -> dict[str, Any]:
    module = program.partition.analysis.program.modules[name]
    rewritten = program.modules[name]
    return {
        "import_name": module.import_name,
        "file": module.path,
        "sha256": module.sha256,
        "package": module.is_package,
        "rewritten": rewritten.rewritten,
        "inserted": list(rewritten.inserted),
        "slice": f"slices/{module.path}",
        "run": list(cut.run),
        "links": list(cut.links),
        "kept": kept_lines(module),
        "loops": loops(module.tree, {unit.rpartition(".")[2] for unit in program.units}),
    }


def kept_lines(module: Module) -> list[int]:
    """The lines at which a frame is while it makes a call that a comment keeps here."""
    return sorted({line for call in kept_calls(module) for line in (call.lineno, call.func.end_lineno or call.lineno)})


def unit_facts(program: RewrittenProgram, unit: Unit) -> dict[str, Any]:
    """A unit's entry in the manifest: where it stands, how it is called, why its verdict is what it is."""
    analysis = program.partition.analysis
    definition = analysis.callgraph.definitions[unit.entry]
    facts = analysis.functions[unit.entry]
    node = function_node(analysis.program.modules[definition.module], definition)
    return {
        "module": definition.module,
        "qualname": definition.qualname,
        "line": definition.line,
        "col": node.col_offset if node else definition.col,
        "verdict": facts.verdict,
        "parameters": list(parameters(node)) if node else [],
        "reasons": [{"code": reason.code, "message": reason.message, "file": reason.file, "line": reason.line} for reason in facts.reasons],
        "draws": any(effect.kind == "hidden.random" for effect in facts.effects),
        "limit": any(effect.kind in _MAY_MEET_THE_LIMIT for effect in facts.effects),
        "memory_mb": unit.memory_mb,
        "timeout_s": unit.timeout_s,
        "folder": f"units/{unit_folder(unit.name)}",
    }


def unit_folder(name: str) -> str:
    """The folder of a unit: its name, cut where a file system would not take it."""
    raw = name.encode("utf-8", "surrogateescape")
    if len(raw) <= FOLDER_LENGTH:
        return name
    return f"{raw[:FOLDER_LENGTH].decode('utf-8', 'ignore')}-{hashlib.sha256(raw).hexdigest()[:12]}"


def dump(document: Mapping[str, Any]) -> bytes:
    """JSON that a person can read and a `diff` can compare; lone surrogates of file names survive as escapes."""
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=True) + "\n").encode()
