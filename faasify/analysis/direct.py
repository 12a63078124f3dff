"""What one body does by itself: its calls, the globals it names, what it changes in place, and its effects.

def record(x):                   reads   app.log
    log.append(x)                mutates app.log
    print(x)                     effect  stdout
"""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, field

from faasify.analysis import opening
from faasify.analysis.bodies import Body, Field, Name, Site, Target
from faasify.analysis.calls import has_method
from faasify.analysis.modules import has_no
from faasify.analysis.mro import order
from faasify.analysis.naming import decorators, shown
from faasify.analysis.passing import library_given
from faasify.analysis.roots import Holds, Roots
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryClass, LibraryFunction, LibraryVariable
from faasify.analysis.values import Cls, Lib, LibMod, Mod, Obj
from faasify.model.callgraph import Call


@dataclass(frozen=True, slots=True)
class Doing:
    """One effect of a body; `certain` unless it is one of several things that the line may do."""

    kind: str
    what: str
    line: int
    certain: bool = True
    detail: str = ""  # of kind "files": the constant path and mode, `"data.txt", "r"` (see opening.py)


@dataclass(frozen=True, slots=True)
class Edge:
    """A call of one program definition by another."""

    to: str
    line: int
    certain: bool


@dataclass
class Direct:
    calls: list[Call] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    effects: list[Doing] = field(default_factory=list)
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    mutates: Holds = 0


def direct_effects(state: State, body: Body, roots: Roots, changed: Holds) -> Direct:
    """Everything that one body does; `changed`: what it changes in place, by calls too."""
    return _Collector(state, body, roots).run(changed)


class _Collector:
    def __init__(self, state: State, body: Body, roots: Roots) -> None:
        self.state, self.body, self.roots = state, body, roots
        self.found = Direct()

    def run(self, changed: Holds) -> Direct:
        body, found = self.body, self.found
        for mentioned in body.names:
            self.name(mentioned)
        for each in body.fields:
            self.field(each)
        for site in body.sites.values():
            self.site(site)
        if (line := self.state.kept.get(body.name)) is not None:
            self.effect("comment", "# faasify: local", line)
        for name, line in body.imports:
            if body.scope.kind in ("function", "lambda"):
                self.effect("introspection" if name == "__main__" else "imports", name, line)
        for name, line in body.classes:
            found.edges.append(Edge(name, line, certain=True))
        found.mutates |= changed
        found.calls.sort(key=lambda call: call.line)
        return found

    # -- names and fields

    def name(self, name: Name) -> None:
        where = name.scope
        if where.kind == "module":
            if name.stored:
                self.found.writes.add(f"{where.module}.{name.name}")
            elif name.name in self.state.data.get(where.name, ()):
                self.found.reads.add(f"{where.module}.{name.name}")
        elif name.stored and self.body.scope.kind != "class":
            self.found.mutates |= self.roots.hold((where.name, name.name))

    def field(self, each: Field) -> None:
        receivers = self.state.graph.at(each.receiver)
        for receiver in receivers:
            if isinstance(receiver, Mod):
                if each.stored:
                    self.found.writes.add(f"{receiver.name}.{each.name}")
                elif each.name in self.state.data.get(receiver.name, ()):
                    self.found.reads.add(f"{receiver.name}.{each.name}")
            elif each.stored and has_no(receiver, each.name) and len(receivers) > 1:
                pass  # one of the others is meant
            elif each.stored and isinstance(receiver, LibMod | Lib):
                name = receiver.name if isinstance(receiver, LibMod) else _dotted(receiver.path)
                self.effect("library", f"{name}.{each.name}", each.line, certain=len(receivers) == 1)
            elif isinstance(receiver, Cls | Obj):
                self.class_attribute(receiver, each)

    def class_attribute(self, receiver: Cls | Obj, each: Field) -> None:
        """A variable of a class of the program is state that all its instances share."""
        if isinstance(receiver, Cls) and each.stored:
            self.found.writes.add(f"{receiver.name}.{each.name}")
        elif not each.stored and not (isinstance(receiver, Obj) and receiver.is_library):
            along = order(self.state, receiver.name if isinstance(receiver, Cls) else receiver.cls)
            if isinstance(receiver, Obj) and any(each.name in self.state.filled.get(cls, ()) for cls in along):
                return
            for cls in along:
                if each.name in self.state.class_data.get(cls, ()):
                    self.found.reads.add(f"{cls}.{each.name}")
                if cls in self.state.bases and each.name in self.state.scopes.by_name[cls].bound:
                    return

    # -- call sites

    def site(self, site: Site) -> None:
        targets = [t for t in site.targets if not t.resumes]
        if (line := self.state.kept_calls.get(site.node)) is not None:
            self.effect("comment", f"{callee_text(site.node)}(...)  # faasify: local", line)
        if isinstance(site.node, ast.Call) and site.func is not None and not targets:
            callees = self.state.graph.sets[site.func]
            targets = [Target(None)] if not callees or self.state.graph.unknown in callees else []
        text = callee_text(site.node)
        self.found.calls += [Call(self.body.name, _public(path), site.line, text) for path in decorators(self.state, site)]
        alternatives = Counter(map(_part, targets))
        for target in targets:
            certain = not target.guessed and alternatives[_part(target)] == 1
            if target.to in self.state.scopes.definitions or _is_written(target, site.node):
                names = shown(self.state, self.body, site, target) if target.to is not None and ":" in target.to else [target.to]
                self.found.calls += [Call(self.body.name, _public(name), site.line, text) for name in names]
            if target.to is None:
                self.effect("unknown", text, site.line, certain)
            elif ":" in target.to:
                self.library(target, site, certain)
            elif self.state.scopes.definitions[target.to].kind != "class":
                self.found.edges.append(Edge(target.to, site.line, certain))
        for target in site.targets:
            if target.resumes and target.to is not None:
                self.found.edges.append(Edge(target.to, site.line, certain=False))

    def library(self, target: Target, site: Site, certain: bool) -> None:
        path = target.to or ""
        described = self.state.catalogue.find(path)
        if isinstance(described, LibraryClass):
            described = self.state.catalogue.constructor(described.path)
            if described is None:
                return
        if not isinstance(described, LibraryFunction | LibraryVariable):
            for kind in self.state.catalogue.undescribed(path).kinds:
                self.effect(kind, _dotted(path), site.line, certain)
            return
        if "logging" in described.summary.effects:
            self.found.edges.extend(Edge(method, site.line, certain=False) for method in self.state.log_methods())
        for kind in described.summary.effects:
            detail = opening.detail(site.node, self.state.program.modules[self.body.scope.module]) if kind == "files" else ""
            self.effect(kind, _dotted(path), site.line, certain, detail)
        if isinstance(described, LibraryFunction):
            self.streams(described, target, site)
            self.given(described, target, site)

    def streams(self, described: LibraryFunction, target: Target, site: Site) -> None:
        """What a library function writes to among its arguments."""
        if not described.summary.writes_to:
            return
        given = library_given(self.state, self.body, described, site, target)
        for name, default in described.summary.writes_to:
            nodes = given.get(name, [])
            values = [v for node in nodes for v in self.state.graph.at(node)]
            if not nodes or any(isinstance(v, Obj) and v.cls == "builtins:NoneType" for v in values):
                self.effect(default, _dotted(described.path), site.line, certain=len(values) < 2)
            for value in values:
                self.stream(value, site, certain=len(values) == 1)

    def given(self, described: LibraryFunction, target: Target, site: Site) -> None:
        """Effects that come with an argument."""
        if described.summary.given:
            passed = library_given(self.state, self.body, described, site, target)
            for name, kind in described.summary.given:
                if name in passed:
                    self.effect(kind, _dotted(described.path), site.line)

    def stream(self, value: object, site: Site, *, certain: bool) -> None:
        """`print(..., file=stream)` writes by the stream's own `write`."""
        if isinstance(value, Obj) and value.cls == "builtins:NoneType":
            return
        if isinstance(value, Obj) and not value.is_library and has_method(self.state, value.cls, "write"):
            return  # a call of the program's own method: seen as such
        member = self.state.catalogue.member(value.cls, "write") if isinstance(value, Obj) and value.is_library else None
        if isinstance(member, LibraryFunction):
            for kind in member.summary.effects:
                self.effect(kind, _dotted(member.path), site.line, certain)
        else:
            self.effect("unknown", f"{callee_text(site.node)} to a stream", site.line, certain=False)

    def effect(self, kind: str, what: str, line: int, certain: bool = True, detail: str = "") -> None:
        self.found.effects.append(Doing(kind, what, line, certain, detail))


def callee_text(node: ast.AST) -> str:
    """How the callee is written, as far as names and dots go."""
    match node:
        case ast.Call(func=func):
            return callee_text(func)
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{callee_text(value)}.{attr}"
        case ast.Subscript(value=value):
            return f"{callee_text(value)}[...]"
        case _:
            return "(...)" if isinstance(node, ast.expr) else type(node).__name__.lower()


def _is_written(target: Target, node: ast.AST) -> bool:
    """Whether the source itself calls what no definition of the program is: what libraries call of one another is not listed.

    `Stack()` that inherits `__init__` from a library calls that; from a builtin type or `object`, nothing that anybody would name."""
    if target.to is None:
        return isinstance(node, ast.Call) or not target.direct
    if not isinstance(node, ast.Call):
        return False
    name = target.to.rpartition(".")[2].rpartition(":")[2]
    if not target.direct:
        return False
    if not (name.startswith("__") and name.endswith("__")) or (isinstance(node.func, ast.Name) and node.func.id == name):
        return True
    named = isinstance(node.func, ast.Attribute) and node.func.attr == name
    return named or (name == "__init__" and not target.to.startswith("builtins:"))


def _part(target: Target) -> str:
    """The part of an expression that calls the target, which is certain if it is the only one of that part: the expression itself, a
    special method by its name, or what is called by the way."""
    name = (target.to or "").rpartition(".")[2]
    return "()" if target.direct else name if name.startswith("__") else ""


def _dotted(path: str) -> str:
    return path.removeprefix("builtins:").replace(":", ".")


def _public(to: str | None) -> str | None:
    return _dotted(to) if to is not None and ":" in to and not to.startswith("builtins:") else to.replace(":", ".") if to else None
