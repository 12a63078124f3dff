"""Analyses made by hand: what a test says about its functions is taken as it is, so that the later stages are tested alone.

    analysis = handmade(tmp_path, {"app.py": "def f(): g()\\ndef g(): pass\\nf()\\n"}, verdicts={"app.g": "stays"})

Every function without a verdict travels. Calls of plain names are edges to the module's functions, other calls are unresolved.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from faasify.frontend import load
from faasify.model.callgraph import Call, CallGraph, Definition
from faasify.model.effects import Analysis, FunctionFacts, Reason, VerdictKind
from faasify.model.program import Module, RunAs


def handmade(
    folder: Path,
    files: Mapping[str, str | bytes],
    *,
    target: str = "app.py",
    run_as: RunAs | None = None,
    verdicts: Mapping[str, VerdictKind] | None = None,
) -> Analysis:
    """Write `files` below `folder`, and describe the program `target` in it."""
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    program = load(target, run_as=run_as, cwd=folder)
    definitions = {d.name: d for module in program.modules.values() for d in _definitions(module)}
    calls = {name: tuple(_calls(d, program.modules[d.module], definitions)) for name, d in definitions.items()}
    graph = CallGraph(definitions, calls)
    wanted = verdicts or {}
    functions = {name: _facts(graph, d, wanted.get(name, "travels")) for name, d in definitions.items() if d.kind in ("function", "lambda")}
    return Analysis(program, graph, functions, ("math",), ("math:sin",))


def _definitions(module: Module) -> Iterator[Definition]:
    yield Definition(module.name, module.name, "", "module", module.path, 1, 1, 0, None)
    yield from _inside(module, module.tree, "", module.name)


def _inside(module: Module, node: ast.AST, prefix: str, parent: str) -> Iterator[Definition]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            qualname = prefix + getattr(child, "name", "<lambda>")
            kind = "class" if isinstance(child, ast.ClassDef) else "lambda" if isinstance(child, ast.Lambda) else "function"
            name = f"{module.name}.{qualname}"
            end = child.end_lineno or child.lineno
            yield Definition(name, module.name, qualname, kind, module.path, child.lineno, end, child.col_offset, parent)  # type: ignore[arg-type]
            yield from _inside(module, child, qualname + ("." if kind == "class" else ".<locals>."), name)
        else:
            yield from _inside(module, child, prefix, parent)


def _calls(definition: Definition, module: Module, definitions: Mapping[str, Definition]) -> Iterator[Call]:
    node = next((n for n in ast.walk(module.tree) if getattr(n, "lineno", 0) == definition.line and _is(n, definition)), module.tree)
    for call in _own_calls(node):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        found = f"{module.name}.{name}" if f"{module.name}.{name}" in definitions else None
        yield Call(definition.name, found, call.lineno, ast.unparse(call))


def _is(node: ast.AST, definition: Definition) -> bool:
    return getattr(node, "name", None) == definition.qualname.rpartition(".")[2]


def _own_calls(node: ast.AST) -> Iterator[ast.Call]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from _own_calls(child)


def _facts(graph: CallGraph, definition: Definition, verdict: VerdictKind) -> FunctionFacts:
    reasons = (Reason("FILES", "opens a file", definition.file, definition.line),) if verdict == "stays" else ()
    closure = (definition.name, *graph.callees(definition.name))
    return FunctionFacts(definition.name, verdict, reasons, (), (), (), (), (), closure)
