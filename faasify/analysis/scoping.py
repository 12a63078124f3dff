"""Reading the modules for their scopes and definitions: each module once, before anything is lowered.

    build_scopes(program)  ->  Scopes: what is bound where, and who shares whose variables

What is said on the way that no scope has goes into `Looked`: which attributes are asked for by name, and which are put.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from faasify.analysis.looked import LOOKING, PUTTING, Looked
from faasify.analysis.scopes import DELEGATING, Scope, ScopeKind, Scopes
from faasify.analysis.syntax import ComprehensionNode, all_arguments
from faasify.model.callgraph import Definition, DefinitionKind
from faasify.model.program import Module, Program


def build_scopes(program: Program) -> Scopes:
    """Read all modules once."""
    modules: dict[str, Scope] = {}
    by_node: dict[ast.AST, Scope] = {}
    definitions: dict[str, Definition] = {}
    imports: dict[str, list[ast.Import | ast.ImportFrom]] = {}
    looked = Looked()
    for module in program.modules.values():
        builder = _Builder(module, by_node, definitions, looked, program.modules.keys())
        modules[module.name] = builder.run()
        imports[module.name] = builder.imports
    for scope in by_node.values():
        _link(scope)
    by_name = {scope.name: scope for scope in by_node.values()}
    return Scopes(modules, by_node, by_name, definitions, imports, looked)


def _link(scope: Scope) -> None:
    """Tell the scopes around `scope` which of their variables it uses; what runs later (not at once) shares them."""
    for name in scope.used:
        where = scope.resolve(name)
        if where is None or where is scope:
            continue
        if scope.owner is not where.owner or _runs_later(scope, where):
            where.shared.add(name)
    for name in scope.globals | scope.nonlocals:
        where = scope.resolve(name)
        if where is not None and where is not scope:
            where.shared.add(name)
            where.rebound.add(name)


def _runs_later(scope: Scope, where: Scope) -> bool:
    """Whether a generator expression lies between a name and its variable."""
    inner: Scope | None = scope
    while inner is not None and inner is not where:
        if isinstance(inner.node, ast.GeneratorExp):
            return True
        inner = inner.parent
    return False


class _Builder:
    def __init__(
        self,
        module: Module,
        by_node: dict[ast.AST, Scope],
        definitions: dict[str, Definition],
        looked: Looked,
        modules: Collection[str],  # the names of all: a package may have a function called like a module in it
    ) -> None:
        self.module, self.by_node, self.definitions, self.looked, self.modules = module, by_node, definitions, looked, modules
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.scope = Scope(module.name, "", "module", module.name, module.tree, None)

    def run(self) -> Scope:
        root = self.by_node[self.module.tree] = self.scope
        self.define(self.scope, self.module.tree, "module", end=self.module.source.count("\n") + 1)
        for statement in self.module.tree.body:
            self.visit(statement)
        return root

    def visit(self, node: ast.AST) -> None:
        handler = _HANDLERS.get(node.__class__)
        if handler is not None:
            handler(self, node)
        else:
            self.parts(node)

    def parts(self, node: ast.AST) -> None:
        for name in node._fields:
            part = getattr(node, name, None)
            if part.__class__ is list:
                for item in part:
                    if isinstance(item, ast.AST):
                        self.visit(item)
            elif isinstance(part, ast.AST) and part.__class__ not in _LEAVES:
                self.visit(part)

    # -- scopes

    def enter(self, node: ast.AST, label: str, kind: ScopeKind) -> Scope:
        around = self.scope
        if label in around.globals:
            qualname = label
        elif around.kind in ("module", "class"):
            qualname = f"{around.qualname}.{label}" if around.qualname else label
        else:
            qualname = f"{around.qualname}.<locals>.{label}"
        name = f"{self.module.name}.{qualname}"
        line, col = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        if kind == "comprehension":
            name = f"{name}@{line}.{col}"
        elif name in self.definitions or name in self.modules:
            name = f"{name}@{line}" if f"{name}@{line}" not in self.definitions else f"{name}@{line}.{col}"
        scope = self.by_node[node] = Scope(name, qualname, kind, self.module.name, node, around)
        return scope

    def define(self, scope: Scope, node: ast.AST, kind: DefinitionKind, *, end: int | None = None) -> None:
        self.definitions[scope.name] = Definition(
            name=scope.name,
            module=self.module.name,
            qualname=scope.qualname,
            kind=kind,
            file=self.module.path,
            line=getattr(node, "lineno", 1),
            end_line=end or getattr(node, "end_lineno", None) or 1,
            col=getattr(node, "col_offset", 0),
            parent=scope.parent.owner.name if scope.parent else None,
            is_method=scope.parent is not None and scope.parent.kind == "class" and kind not in ("class", "lambda"),
            decorators=tuple(ast.unparse(d) for d in getattr(node, "decorator_list", None) or ()),
        )

    def inside(self, scope: Scope, nodes: list[ast.AST]) -> None:
        around, self.scope = self.scope, scope
        for node in nodes:
            self.visit(node)
        self.scope = around

    def bind(self, name: str) -> None:
        name = self.own(name)
        self.scope.bound.add(name)
        self.scope.assigned.add(name)

    def own(self, name: str) -> str:
        """A variable as its scope has it: local variables of methods are nobody else's anyway."""
        return self.scope.spelled(name) if self.scope.kind == "class" else name

    def leaf(self, node: ast.AST) -> None:
        """Nothing is named in it."""

    # -- definitions

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.function(node, node.name)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.function(node, node.name)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.outside(node.args)
        scope = self.enter(node, "<lambda>", "lambda")
        self.define(scope, node, "lambda")
        self.parameters(scope, node.args)
        self.inside(scope, [node.body])

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, label: str) -> None:
        self.bind(label)
        for decorator in node.decorator_list:
            self.visit(decorator)
        self.outside(node.args)
        if node.returns:
            self.visit(node.returns)
        scope = self.enter(node, label, "function")
        self.define(scope, node, "function")
        self.parameters(scope, node.args)
        self.type_parameters(scope, node)
        self.inside(scope, list(node.body))
        if scope.yields or isinstance(node, ast.AsyncFunctionDef):
            kind: DefinitionKind = "generator" if isinstance(node, ast.FunctionDef) else "async_generator" if scope.yields else "coroutine"
            self.definitions[scope.name] = replace(self.definitions[scope.name], kind=kind)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.bind(node.name)
        for part in [*node.decorator_list, *node.bases, *node.keywords]:
            self.visit(part)
        scope = self.enter(node, node.name, "class")
        self.define(scope, node, "class")
        self.type_parameters(scope, node)
        self.inside(scope, list(node.body))

    def outside(self, args: ast.arguments) -> None:
        """Defaults and annotations belong to the scope around the function."""
        for default in [*args.defaults, *args.kw_defaults]:
            if default is not None:
                self.visit(default)
        for arg in all_arguments(args):
            if arg.annotation:
                self.visit(arg.annotation)

    def parameters(self, scope: Scope, args: ast.arguments) -> None:
        scope.params = tuple(arg.arg for arg in all_arguments(args))
        scope.bound.update(scope.params)
        positional = [*args.posonlyargs, *args.args]
        with_default = [*positional[len(positional) - len(args.defaults) :]]
        with_default += [a for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is not None]
        scope.defaults = frozenset(arg.arg for arg in with_default)

    def type_parameters(self, scope: Scope, node: ast.AST) -> None:
        scope.bound.update(parameter.name for parameter in getattr(node, "type_params", ()))

    def comprehension(self, node: ComprehensionNode) -> None:
        self.visit(node.generators[0].iter)
        scope = self.enter(node, _COMPREHENSION_LABEL[type(node)], "comprehension")
        elements: list[ast.AST] = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        parts: list[ast.AST] = []
        for index, generator in enumerate(node.generators):
            parts += [generator.target, *([generator.iter] if index else []), *generator.ifs]
        self.inside(scope, parts + elements)

    # -- bindings

    def attribute(self, node: ast.Attribute) -> None:
        self.looked.names.add(self.scope.spelled(node.attr))
        if node.attr in LOOKING:
            self.looked.anything()
        self.visit(node.value)

    def call(self, node: ast.Call) -> None:
        name = _last_name(node.func)
        if name in PUTTING:
            self.looked.put(name, node.args)
        if name not in LOOKING:
            self.parts(node)
            return
        self.looked.call(name, node.args)
        if isinstance(node.func, ast.Name):
            self.scope.used.add(name)
        elif isinstance(node.func, ast.Attribute):
            self.visit(node.func.value)
        for part in (*node.args, *node.keywords):
            self.visit(part)

    def class_pattern(self, node: ast.MatchClass) -> None:
        self.looked.names.update(node.kwd_attrs)
        self.parts(node)

    def visit_Name(self, node: ast.Name) -> None:
        self.scope.used.add(self.own(node.id))
        if node.id in LOOKING:  # not where it is called
            self.looked.anything()
        if node.ctx.__class__ is not ast.Load:
            self.bind(node.id)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        owner = self.scope.owner
        owner.bound.add(node.target.id)
        owner.assigned.add(node.target.id)
        owner.used.add(node.target.id)
        self.visit(node.value)

    def yields(self, node: ast.Yield | ast.YieldFrom) -> None:
        self.scope.owner.yields = True
        if isinstance(node, ast.YieldFrom):
            self.looked.names.add(DELEGATING)
        self.parts(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if isinstance(node.value, ast.Call):
            makes = _last_name(node.value.func) in ("property", "cached_property")
            for target in node.targets:
                if isinstance(target, ast.Attribute) and (makes or _last_name(target.value)[:1].isupper()):
                    self.scope.put_into.add(target.attr)
        self.parts(node)

    def visit_Return(self, node: ast.Return) -> None:
        if isinstance(node.value, ast.Name):
            self.scope.returned.add(node.value.id)
        self.parts(node)

    def importing(self, node: ast.Import | ast.ImportFrom) -> None:
        self.imports.append(node)
        for alias in node.names:
            self.visit_alias(alias)

    def visit_Global(self, node: ast.Global) -> None:
        self.scope.globals.update(node.names)
        self.scope.root.bound.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.scope.nonlocals.update(node.names)

    def visit_alias(self, node: ast.alias) -> None:
        if node.asname and node.name in LOOKING:
            self.looked.anything()
        if node.name != "*":
            self.bind(node.asname or node.name.partition(".")[0])

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.bind(node.name)
        self.parts(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self.bind(node.name)
        self.parts(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.bind(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.bind(node.rest)
        self.parts(node)


def _last_name(node: ast.expr) -> str:
    """`b` of `a.b`."""
    return getattr(node, "attr", "") or getattr(node, "id", "")


_COMPREHENSION_LABEL = {ast.ListComp: "<listcomp>", ast.SetComp: "<setcomp>", ast.DictComp: "<dictcomp>", ast.GeneratorExp: "<genexpr>"}
_LEAVES = frozenset([ast.Load, ast.Store, ast.Del, ast.Constant, ast.Pass, ast.Break, ast.Continue])
_HANDLERS: dict[type[ast.AST], Callable[[_Builder, Any], None]] = {
    ast.FunctionDef: _Builder.visit_FunctionDef,
    ast.AsyncFunctionDef: _Builder.visit_AsyncFunctionDef,
    ast.Lambda: _Builder.visit_Lambda,
    ast.ClassDef: _Builder.visit_ClassDef,
    ast.ListComp: _Builder.comprehension,
    ast.SetComp: _Builder.comprehension,
    ast.DictComp: _Builder.comprehension,
    ast.GeneratorExp: _Builder.comprehension,
    ast.Name: _Builder.visit_Name,
    ast.Attribute: _Builder.attribute,
    ast.Call: _Builder.call,
    ast.MatchClass: _Builder.class_pattern,
    ast.NamedExpr: _Builder.visit_NamedExpr,
    ast.Yield: _Builder.yields,
    ast.Assign: _Builder.visit_Assign,
    ast.Return: _Builder.visit_Return,
    ast.YieldFrom: _Builder.yields,
    ast.Global: _Builder.visit_Global,
    ast.Nonlocal: _Builder.visit_Nonlocal,
    ast.Import: _Builder.importing,
    ast.ImportFrom: _Builder.importing,
    ast.ExceptHandler: _Builder.visit_ExceptHandler,
    ast.MatchAs: _Builder.visit_MatchAs,
    ast.MatchStar: _Builder.visit_MatchStar,
    ast.MatchMapping: _Builder.visit_MatchMapping,
    ast.Constant: _Builder.leaf,
}
