"""Scopes and definitions: which variable a name means, and what every function, class and lambda is called.

    def outer(x):            app.outer                  kind function, binds x, inner
        def inner(): x       app.outer.<locals>.inner   x means (app.outer, x)
        return inner

Names are Python's own qualnames below the module's name. Where two definitions share one (a property's getter and setter, a function
defined in both branches of an `if`), the later ones are told apart by their line: `app.C.x@14`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from faasify.analysis.looked import LOOKING, PUTTING, Looked
from faasify.analysis.syntax import ComprehensionNode, all_arguments
from faasify.model.callgraph import Definition, DefinitionKind
from faasify.model.program import Module, Program

ScopeKind = Literal["module", "function", "class", "lambda", "comprehension"]
_NAMESPACES = ("__dict__", "__globals__", "f_globals", "patch")  # who asks for one may change any variable of a module
DELEGATING = "yield from"  # stands among the attributes that are asked for
SENT = "yield"  # stands among the variables of a generator for what it is sent


@dataclass(eq=False)
class Scope:
    """One namespace while it is being filled; afterwards only read."""

    name: str  # unique: the definition's name; a comprehension's own
    qualname: str
    kind: ScopeKind
    module: str
    node: ast.AST
    parent: Scope | None
    bound: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    params: tuple[str, ...] = ()
    defaults: frozenset[str] = frozenset()  # parameters that have one
    used: set[str] = field(default_factory=set)  # names that its own code mentions
    shared: set[str] = field(default_factory=set)  # its variables that code of other scopes mentions
    yields: bool = False
    assigned: set[str] = field(default_factory=set)  # names that its own code binds, parameters not counted
    returned: set[str] = field(default_factory=set)  # names that stand behind a `return`
    rebound: set[str] = field(default_factory=set)  # its variables that code of other scopes binds
    put_into: set[str] = field(default_factory=set)  # attributes that it likely gives to a class and that may call: `C.x = property(f)`

    @cached_property
    def received(self) -> tuple[str, ...]:
        """What callers may pass: the parameters, and what a generator is sent."""
        return (*self.params, SENT) if self.yields else self.params

    @cached_property
    def optional(self) -> tuple[str, ...]:
        """The parameters that have a default, in their order."""
        return tuple(name for name in self.params if name in self.defaults)

    @cached_property
    def given_back(self) -> frozenset[str]:
        """Parameters that a call gives back as they are: `return self`."""
        plain = isinstance(self.node, ast.FunctionDef) and not self.yields
        spread = {a.arg for a in (self.node.args.vararg, self.node.args.kwarg) if a} if isinstance(self.node, ast.FunctionDef) else set()
        return frozenset(self.returned.intersection(self.params) - self.assigned - self.rebound - spread) if plain else frozenset()

    @cached_property
    def _private_to(self) -> str:
        """The name of the class around this code, as private names begin with it; empty outside classes."""
        scope: Scope | None = self
        while scope is not None and scope.kind != "class":
            scope = scope.parent
        return scope.node.name.lstrip("_") if scope is not None and isinstance(scope.node, ast.ClassDef) else ""

    def spelled(self, name: str) -> str:
        """A name as the compiler keeps it: `__x` is `_C__x` in the body of class C and its methods, so that no other class has it."""
        return f"_{self._private_to}{name}" if name[:2] == "__" and name[-2:] != "__" and self._private_to else name

    @property
    def variable(self) -> str:
        """The variable of the scope around that its definition binds."""
        label = self.qualname.rpartition(".")[2]
        return self.parent.spelled(label) if self.parent is not None and self.parent.kind == "class" else label

    @property
    def owner(self) -> Scope:
        """The module, function, class or lambda that this scope's code belongs to: a comprehension's is the one around it."""
        scope = self
        while scope.kind == "comprehension" and scope.parent:
            scope = scope.parent
        return scope

    def resolve(self, name: str) -> Scope | None:
        """The scope whose variable `name` is, None where no scope of the module binds it (a builtin, or nothing)."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.globals:
                return scope.root
            # a class body's names are seen by itself alone, also the first iterable of a comprehension belongs to it
            if name in scope.bound and name not in scope.nonlocals and (scope is self or scope.kind != "class"):
                return scope
            scope = scope.parent
        return None

    @property
    def root(self) -> Scope:
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    @cached_property
    def by_position(self) -> tuple[str, ...]:
        """A function's parameters that may be given by position, *args not among them."""
        spec: ast.arguments = self.node.args  # type: ignore[attr-defined]
        return tuple(a.arg for a in (*spec.posonlyargs, *spec.args))

    @cached_property
    def by_name(self) -> dict[str, None]:
        """A function's parameters that may be given by name, in their order, **kwargs not among them."""
        spec: ast.arguments = self.node.args  # type: ignore[attr-defined]
        return dict.fromkeys(a.arg for a in (*spec.args, *spec.kwonlyargs))

    @cached_property
    def functions_around(self) -> tuple[str, ...]:
        """The functions and lambdas that this scope lies in, whose variables it may capture."""
        found, around = [], self.parent
        while around is not None:
            if around.kind in ("function", "lambda"):
                found.append(around.name)
            around = around.parent
        return tuple(found)


@dataclass(frozen=True)
class Scopes:
    """Every scope and definition of a program."""

    modules: Mapping[str, Scope]
    by_node: Mapping[ast.AST, Scope]
    by_name: Mapping[str, Scope]
    definitions: Mapping[str, Definition]
    imports: Mapping[str, list[ast.Import | ast.ImportFrom]]  # by module, wherever in it they stand
    looked: Looked

    def seen_elsewhere(self, name: str) -> bool:
        """Whether a module's variable of that name may be got at other than by the name: `m.x`, `from m import x`, `globals()`."""
        if name in self.looked.names_put or self.looked.puts_any or self._shows_all:
            return True
        return not self._imported.isdisjoint((name, "*")) or self.looked.may_be((name, *_NAMESPACES))

    @cached_property
    def _imported(self) -> set[str]:
        return {a.name for nodes in self.imports.values() for node in nodes if isinstance(node, ast.ImportFrom) for a in node.names}

    @cached_property
    def _shows_all(self) -> bool:
        return any(not scope.used.isdisjoint(("globals", "vars", "locals", "patch")) for scope in self.by_name.values())

    @cached_property
    def runs_text(self) -> bool:
        """Whether `eval` or `exec` is mentioned anywhere."""
        return any(not scope.used.isdisjoint(("eval", "exec")) for scope in self.by_name.values())

    def enclosing_class(self, scope: Scope) -> Scope | None:
        """The class whose body the function of `scope` is written in, however deeply nested the function is."""
        current: Scope | None = scope
        while current is not None and current.kind != "class":
            current = current.parent
        return current


def build_scopes(program: Program) -> Scopes:
    """Read all modules once."""
    modules: dict[str, Scope] = {}
    by_node: dict[ast.AST, Scope] = {}
    definitions: dict[str, Definition] = {}
    imports: dict[str, list[ast.Import | ast.ImportFrom]] = {}
    looked = Looked()
    for module in program.modules.values():
        builder = _Builder(module, by_node, definitions, looked)
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
    def __init__(self, module: Module, by_node: dict[ast.AST, Scope], definitions: dict[str, Definition], looked: Looked) -> None:
        self.module, self.by_node, self.definitions, self.looked = module, by_node, definitions, looked
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
        elif name in self.definitions:
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
