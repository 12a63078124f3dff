"""What one body does by itself: its calls, the globals it names, what it changes in place, and its effects.

def record(x):                   reads   app.log
    log.append(x)                mutates app.log
    print(x)                     effect  stdout
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from faasify.analysis import opening
from faasify.analysis.expressions import evaluate
from faasify.analysis.modules import find_module, imported_from
from faasify.analysis.passing import callee_text, given_arguments, passed_roots
from faasify.analysis.roots import Root, Roots, scoped_nodes
from faasify.analysis.scopes import Scope
from faasify.analysis.state import State, Target
from faasify.analysis.summaries import LibraryClass, LibraryFunction, LibraryVariable, Summary
from faasify.analysis.values import Lib, LibMod, Mod, Obj, Unknown
from faasify.model.callgraph import Call

# A method of these names on an object that nothing resolves most likely is a builtin container's, and changes it.
_MUTATING_METHODS = frozenset(
    ["append", "extend", "insert", "remove", "clear", "sort", "reverse", "add", "discard", "update", "setdefault", "popitem"]
    + ["appendleft", "popleft", "extendleft", "pop", "rotate", "difference_update", "intersection_update", "move_to_end"]
)


@dataclass(frozen=True)
class Doing:
    """One effect of a body; `certain` unless it is one of several things that the line may do."""

    kind: str
    what: str
    line: int
    certain: bool = True
    detail: str = ""  # of kind "files": the constant path and mode, `"data.txt", "r"` (see opening.py)


@dataclass(frozen=True)
class Edge:
    """A call of one program definition by another; `passed` says which roots become which parameter of the callee."""

    to: str
    line: int
    certain: bool
    passed: tuple[tuple[str, frozenset[Root]], ...] = ()


@dataclass
class Direct:
    calls: list[Call] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    effects: list[Doing] = field(default_factory=list)
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    mutates: set[Root] = field(default_factory=set)


def direct_effects(state: State, body: Scope, variables: dict[str, set[str]]) -> Direct:
    """Everything that the nodes of one body do; `variables` are the modules' data globals."""
    return _Collector(state, body, variables).run()


def module_variables(state: State) -> dict[str, set[str]]:
    """The names of each module that hold data: bound by more than `def`, `class` and `import`."""
    found: dict[str, set[str]] = {name: set() for name in state.scopes.modules}
    for body in state.scopes.by_name.values():
        if body.kind == "comprehension":
            continue
        for node, scope in scoped_nodes(state, body):
            name = node.id if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) else None
            if name is None and isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
                name = node.name
            if name is not None and (where := scope.resolve(name)) is not None and where.kind == "module":
                found[where.module].add(name)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name in scope.globals:
                found[scope.module].add(node.name)
    return found


class _Collector:
    def __init__(self, state: State, body: Scope, variables: dict[str, set[str]]) -> None:
        self.state, self.body, self.variables = state, body, variables
        self.roots = Roots(state, body)
        self.found = Direct()
        state.current = body.name

    def run(self) -> Direct:
        sites = self.state.sites[self.body.name]
        for node, scope in scoped_nodes(self.state, self.body):
            self.node(node, scope)
            if node in sites:
                self.site(node, scope, list(sites[node]))
            elif isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id == "super"):
                self.nothing_called(node, scope)
        self.found.calls.sort(key=lambda call: call.line)
        return self.found

    def nothing_called(self, node: ast.Call, scope: Scope) -> None:
        """A call without any target: of a class that a library made, or of nothing that was ever seen."""
        values = evaluate(self.state, node.func, scope)
        if not values or any(isinstance(v, Unknown) for v in values):
            self.site(node, scope, [Target(None)])

    # -- nodes

    def node(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.Name():
                self.name(node.id, node.ctx, scope)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                self.name(name, ast.Store(), scope)
            case ast.ClassDef(name=name):
                self.name(name, ast.Store(), scope)
                self.found.edges.append(Edge(self.state.scopes.by_node[node].name, node.lineno, certain=True))
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                self.name(name, ast.Store(), scope)
            case ast.MatchMapping(rest=str() as name) | ast.alias(asname=str() as name):
                self.name(name, ast.Store(), scope)
            case ast.alias(name=name) if name != "*":
                self.name(name.partition(".")[0], ast.Store(), scope)
            case ast.AugAssign():
                self.augmented(node, scope)
            case ast.Attribute():
                self.attribute(node, scope)
            case ast.Subscript() if not isinstance(node.ctx, ast.Load):
                self.found.mutates |= self.roots.of(node.value, scope, elements=True)
            case ast.Import() | ast.ImportFrom():
                self.imports(node, scope)
            case _:
                return

    def name(self, name: str, context: ast.expr_context, scope: Scope) -> None:
        where = scope.resolve(name)
        if where is None or where.owner is self.body:
            return
        if where.kind == "module":
            if not isinstance(context, ast.Load):
                self.found.writes.add(f"{where.module}.{name}")
            elif name in self.variables[where.module]:
                self.found.reads.add(f"{where.module}.{name}")
        elif not isinstance(context, ast.Load) and self.body.kind != "class":
            self.found.mutates.add((where.name, name))

    def augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        """`xs += [1]` changes a list in place; `n += 1` rebinds a number."""
        if not isinstance(node.target, ast.Name):
            return
        where = scope.resolve(node.target.id)
        if where is not None and where.kind == "module" and where is not self.body:
            self.found.reads.add(f"{where.module}.{node.target.id}")
        values = self.state.facts.get((where.name, node.target.id), set()) if where is not None else set()
        holds = any(isinstance(v, Obj) and v.cls in _IN_PLACE for v in values)
        if holds or isinstance(node.value, ast.List | ast.ListComp | ast.Set):
            self.found.mutates |= self.roots.of(node.target, scope)

    def attribute(self, node: ast.Attribute, scope: Scope) -> None:
        receivers = evaluate(self.state, node.value, scope)
        stored = not isinstance(node.ctx, ast.Load)
        for receiver in receivers:
            if isinstance(receiver, Mod):
                if stored:
                    self.found.writes.add(f"{receiver.name}.{node.attr}")
                elif node.attr in self.variables.get(receiver.name, ()):
                    self.found.reads.add(f"{receiver.name}.{node.attr}")
            elif stored and isinstance(receiver, LibMod | Lib):
                name = receiver.name if isinstance(receiver, LibMod) else _dotted(receiver.path)
                self.effect("library", f"{name}.{node.attr}", node, certain=len(receivers) == 1)
        if stored and not any(isinstance(r, Mod) for r in receivers):
            self.found.mutates |= self.roots.of(node.value, scope, elements=True)

    def imports(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        """Importing a module of the program may run its top level."""
        if self.body.kind not in ("function", "lambda"):
            return
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            base = imported_from(self.state.program, self.state.program.modules[scope.module], node)
            names = [base] if base else []
        for name in names:
            if isinstance(find_module(self.state.program, name), Mod):
                self.effect("imports", name, node)

    # -- call sites

    def site(self, node: ast.AST, scope: Scope, targets: list[Target]) -> None:
        text = callee_text(node)
        for target in targets:
            certain = _is_certain(target, targets)
            line = getattr(node, "lineno", self.body_line())
            if isinstance(node, ast.Call) or target.to in self.state.scopes.definitions:
                self.found.calls.append(Call(self.body.name, _public(target.to), line, text))
            if target.to is None:
                self.effect("unknown", text, node, certain)
                self.guess(node, scope)
            elif ":" in target.to:
                self.library(target, node, scope, certain)
            elif self.state.scopes.definitions[target.to].kind != "class":
                passed = passed_roots(self.roots, target, self.state.scopes.by_name[target.to], node, scope)
                self.found.edges.append(Edge(target.to, line, certain, passed))

    def body_line(self) -> int:
        return getattr(self.body.node, "lineno", 1)

    def guess(self, node: ast.AST, scope: Scope) -> None:
        """What an unresolved method call most likely changes: its receiver, if builtin containers alone have such a method."""
        func = node.func if isinstance(node, ast.Call) else None
        if isinstance(func, ast.Attribute) and func.attr in _MUTATING_METHODS - self.state.methods_named.keys():
            self.found.mutates |= self.roots.of(func.value, scope, elements=True)

    def library(self, target: Target, node: ast.AST, scope: Scope, certain: bool) -> None:
        path = target.to or ""
        described = self.state.catalogue.find(path)
        if isinstance(described, LibraryClass):
            described = self.state.catalogue.constructor(described.path)
            if described is None:
                return
        if isinstance(described, LibraryVariable):
            self.kinds(described.summary, path, node, certain)
        elif isinstance(described, LibraryFunction):
            self.kinds(described.summary, path, node, certain)
            self.arguments(described, target, node, scope)
        else:
            self.effect("undescribed", _dotted(path), node, certain)
            self.guess(node, scope)

    def kinds(self, summary: Summary, path: str, node: ast.AST, certain: bool) -> None:
        for kind in summary.effects:
            self.effect(kind, _dotted(path), node, certain)

    def arguments(self, described: LibraryFunction, target: Target, node: ast.AST, scope: Scope) -> None:
        """What a library function changes or writes to among its arguments."""
        summary = described.summary
        if not (summary.mutates or summary.writes_to):
            return
        given = given_arguments(described, target, node)
        for name in summary.mutates:
            for expression in given.get(name, ()):
                self.found.mutates |= self.roots.of(expression, scope, elements=True)
        for name, default in summary.writes_to:
            streams = given.get(name, [])
            if not streams or all(isinstance(s, ast.Constant) and s.value is None for s in streams):
                self.effect(default, _dotted(described.path), node)
            for stream in streams:
                self.stream(stream, node, scope)

    def stream(self, stream: ast.expr, node: ast.AST, scope: Scope) -> None:
        """`print(..., file=stream)` writes by the stream's own `write`."""
        values = evaluate(self.state, stream, scope)
        for value in values:
            member = self.state.catalogue.member(value.cls, "write") if isinstance(value, Obj) and value.is_library else None
            if isinstance(member, LibraryFunction):
                self.kinds(member.summary, member.path, node, certain=len(values) == 1)
                if member.summary.mutates:
                    self.found.mutates |= self.roots.of(stream, scope, elements=True)
            elif not (isinstance(value, Obj) and value.cls == "builtins:NoneType"):
                self.effect("unknown", f"{callee_text(stream)}.write", node, certain=False)

    def effect(self, kind: str, what: str, node: ast.AST, certain: bool = True) -> None:
        detail = opening.detail(node, self.state.program.modules[self.body.module]) if kind == "files" else ""
        self.found.effects.append(Doing(kind, what, getattr(node, "lineno", self.body_line()), certain, detail))


_IN_PLACE = frozenset(["builtins:list", "builtins:set", "builtins:bytearray", "collections:deque", "collections:Counter", "array:array"])


def _is_certain(target: Target, targets: list[Target]) -> bool:
    """The only thing that may happen here: no other target of the same part in this expression."""
    if target.direct:
        return sum(t.direct for t in targets) == 1
    name = (target.to or "").rpartition(".")[2]
    if name.startswith("__"):
        return sum(not t.direct and (t.to or "").endswith(f".{name}") for t in targets) == 1
    return sum(not t.direct and not (t.to or "").rpartition(".")[2].startswith("__") for t in targets) == 1


def _dotted(path: str) -> str:
    return path.removeprefix("builtins:").replace(":", ".")


def _public(to: str | None) -> str | None:
    return _dotted(to) if to is not None and ":" in to and not to.startswith("builtins:") else to.replace(":", ".") if to else None
