"""The facts of one analysis: the graph, the nodes that have names, the bodies, and what is known of classes.

("var", scope, name) a variable that several bodies see; ("field", class, name); ("held", site) all elements of a container,
("held", site, key) those under a constant key, ("held", site, "?") those under any; ("keys", site); ("return", function).
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import suppress

from faasify.analysis.bodies import Arguments, Body, Target
from faasify.analysis.elements import key_of
from faasify.analysis.graph import WIDEST, Graph
from faasify.analysis.lazies import Lazy
from faasify.analysis.library import Catalogue
from faasify.analysis.scopes import Scope, Scopes
from faasify.analysis.summaries import LibraryClass, LibraryVariable
from faasify.analysis.tables import CallTables, ClassTables, ContainerTables, LookupTables, NodeTables
from faasify.analysis.traits import Traits
from faasify.analysis.values import NONE, Func, Obj, Value
from faasify.errors import UsageError
from faasify.frontend.comments import Remark, inherited, kept_calls, remarks
from faasify.model.program import Program

Given = dict[str, list[int]]
"""The nodes of a library function's arguments by the names of its parameters; the receiver is `self`."""
Rename = Callable[[str], str | None]
_LARGE = 30_000  # lines; in larger programs nodes are told apart less, so that the work stays in proportion
_LEARNT = 8_000_000  # how often somebody learns of a value, some 15 seconds; where all hangs together, a program is taken for a large one
_WIDEST_IN_LARGE = 30
_VERY_LARGE = 250_000  # lines; half the time and memory for what has more than a few values, and few would look through more
_WIDEST_IN_VERY_LARGE = 8
_LOG_METHODS = (
    *("handle", "emit", "filter", "format", "formatMessage", "formatTime", "formatException", "formatStack", "usesTime"),
    "process",
)
_FAMILY = 6  # methods of one name that a call of it on anything is taken to mean


class State(NodeTables, CallTables, ClassTables, ContainerTables, LookupTables):
    def __init__(self, program: Program, scopes: Scopes, catalogue: Catalogue, *, coarse: bool | None = None) -> None:
        super().__init__()
        self.program, self.scopes, self.catalogue = program, scopes, catalogue
        self.traits = Traits(tuple(module.source for module in program.modules.values()), scopes)
        self.bound_in_classes = self.traits.bound_in_classes
        lines = sum(module.source.count("\n") for module in program.modules.values())
        self.large = lines >= _LARGE if coarse is None else coarse
        widest = _WIDEST_IN_VERY_LARGE if lines >= _VERY_LARGE else _WIDEST_IN_LARGE
        self.graph = Graph(widest) if self.large else Graph(WIDEST, _LEARNT if coarse is None else None)
        self.nothing = {self.graph.number(NONE)}  # a default of None says nothing of what callers give
        self._builtin_methods: set[str] = set()
        self._log_methods: list[str] | None = None
        self.kept, self.kept_calls = _kept(program, scopes)
        for definition in scopes.definitions.values():
            if definition.is_method:
                self.methods_named.setdefault(definition.qualname.rpartition(".")[2], []).append(definition.name)

    def settle(self) -> None:
        """All is learnt: what waits for more, most of what a large program takes, is let go."""
        self.graph.settle()
        waiting = (self.wanted, self.wanted_below, self.annotated, self.deferred, self.queries, self.pours, self.loads, self.lazies)
        found = (self.opaque, self.elements_of, self.members, self.stored, self.own_methods, self.asked, self.asked_at, self.statics)
        seen = (self.poured, self.joined, self.shown, self.escaped, self.element_keys, self.versions, self.partials, self.hooks)
        places = (self.targets, self.asked_itself, self.cache_callers, self.followed)
        for table in (*waiting, self.unfilled, *found, self.fitting, *seen, *places):
            table.clear()

    # -- nodes

    def node(self, *key: str) -> int:
        found = self.nodes.get(key)
        if found is None:
            found = self.nodes[key] = self.graph.node()
        return found

    def variable(self, scope: Scope, name: str) -> int:
        return self.node("var", scope.name, name)

    def static(self, value: Value) -> int:
        """One node for all that are certainly this value; in a large program nothing is ever added to it."""
        found = self.statics.get(value)
        if found is None:
            found = self.statics[value] = self.graph.fixed(value) if self.large else self.graph.of(value)
        return found

    def fresh(self, *asked: int) -> int:
        """A node that something is to be found for, when it is known what the nodes in `asked` are."""
        node = self.graph.node()
        self.opaque[node] = None
        if asked:
            self.asked_of[node] = asked
        return node

    # -- elements of containers

    def element(self, site: str, key: str = "?") -> int:
        """What is certainly put under a key. In a large program elements are not told apart: each may be any of the container's."""
        return self.node("held", site) if self.large else self.node("held", site, key)

    def hold(self, site: str, node: int, key: str = "?") -> None:
        if not site:
            return
        if (write := self.namespaces.get(site)) is not None:
            write(node, "?" if key[:1] == "<" else key)
        key = "?" if self.large else key
        self.graph.edge(node, self.node("held", site))
        self.graph.edge(node, self.element(site, key))
        keys = self.element_keys.setdefault(site, {})
        if key not in keys:
            keys[key] = None
            for pour in self.pours.get(site, ()):
                pour(key)

    def pour(self, source: str, target: str, rename: Rename = str) -> None:
        """All that one container holds, now and later, the other one holds too, under the same keys; `rename` may leave out some (None)."""
        if source == target or not source or not target or (source, target) in self.poured:
            return
        self.poured.add((source, target))
        if rename is str:  # before the keys are known
            self.graph.edge(self.node("held", source), self.node("held", target))

        def each(key: str) -> None:
            renamed = key if key == "?" else rename(key)
            if renamed is not None:
                self.hold(target, self.element(source, key), renamed)

        self.pours.setdefault(source, []).append(each)
        for key in list(self.element_keys.get(source, ())):
            each(key)

    def shift(self, site: str) -> None:
        """The elements are no longer under the indices that they were put under."""
        self.hold(site, self.node("held", site))

    def held(self, site: str, target: int, key: str = "?") -> None:
        """The container's elements flow to `target`: those under `key`, or all."""
        if site and key != "?":
            self.graph.edge(self.element(site, key), target)
            self.graph.edge(self.element(site), target)
        elif site:
            self.graph.edge(self.node("held", site), target)

    def held_under(self, container: Obj, index: int, target: int) -> None:
        """The elements under a key, or at an index, flow to `target`."""
        site, cls = container.site, container.cls
        if self.large:
            self.held(site, target)
        else:
            self.graph.watch(index, lambda key: self.held(site, target, key_of(key, cls)))

    def hold_under(self, container: Obj, index: int, node: int) -> None:
        """An item is put under a key, or at an index."""
        site, cls = container.site, container.cls
        if self.large and site not in self.namespaces:
            self.hold(site, node)
        else:
            self.graph.edge(node, self.node("held", site))  # whatever the key is, and before that is known
            self.graph.watch(index, lambda key: self.hold(site, node, key_of(key, cls)))

    def site_name(self, body: Body, node: ast.AST) -> str:
        """Where a value is made; its end tells `[f] + [g]` from `[f]`."""
        line, col, end = getattr(node, "lineno", 0), getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 0)
        return f"{body.name}@{line}:{col}-{end}"

    def lazy(self, site: str) -> Lazy:
        """What the iterator made there does later."""
        found = self.lazies.get(site)
        if found is None:
            found = self.lazies[site] = Lazy()
        return found

    # -- what was seen where

    def method_target(self, name: str, *, direct: bool) -> Target:
        """A method, called of what stands before the dot. Most calls of a large program are."""
        found = self.method_targets.get((name, direct))
        if found is None:
            found = self.method_targets[name, direct] = Target(name, direct, receiver=True)
        return found

    def target(self, body: Body, node: ast.AST, target: Target, args: Arguments | None = None, result: int | None = None) -> None:
        site = body.site(node)
        results = site.targets.get(target)
        if results is None:
            results = site.targets[self.targets.setdefault(target, target)] = {}
        if result is not None:
            results[result] = None
        if args is not None and not target.direct:
            site.inputs.update(dict.fromkeys(args.everything()))

    def function_scope(self, func: Func) -> Scope:
        return self.scopes.by_name[func.name]

    def settled(self, path: str) -> tuple[Value, ...] | None:
        """What a library variable holds; None for what is none."""
        described = self.catalogue.find(path)
        if not isinstance(described, LibraryVariable):
            return None
        return tuple(Obj(cls, f"&{described.path}") for cls in described.summary.returns)

    def below(self, cls: str) -> tuple[str, ...]:
        """All classes that inherit from a class of the program, nearest first."""
        known = self.all_below.get(cls)
        if known is None:
            found = dict.fromkeys(self.subclasses.get(cls, ()))
            level = list(found)
            for name in level:
                new = [sub for sub in self.subclasses.get(name, ()) if sub not in found]
                found.update(dict.fromkeys(new))
                level.extend(new)
            found.pop(cls, None)
            known = self.all_below[cls] = tuple(found)
        return known

    def instance(self, cls: str) -> Obj:
        """An instance of the class, or of one below it."""
        found = self.instances.get(cls)
        if found is None:
            found = self.instances[cls] = Obj(cls, below=cls.rpartition(".")[2] in self.traits.base_names)
        return found

    def is_enum(self, cls: str) -> bool:
        from faasify.analysis.mro import is_subclass

        return is_subclass(self, cls, "enum:Enum")

    def tells_members(self, cls: str) -> bool:
        """Whether members of this class are told apart by their names."""
        from faasify.analysis.enumerations import has_different_members

        found = self.with_members.get(cls)
        if found is None:
            found = self.with_members[cls] = not self.large and has_different_members(self, cls)
        return found

    def family(self, name: str) -> list[str]:
        """The methods of a name, if the classes that have it are of one family and no described library class has it."""
        found = self.families.get(name)
        if found is None:
            found = self.families[name] = self._family(name)
        return found

    def _family(self, name: str) -> list[str]:
        from faasify.analysis.mro import order

        methods = self.methods_named.get(name, [])
        if not methods or name.startswith("__") or len(methods) > _FAMILY or name in self.builtin_methods():
            return []
        roots = [set(order(self, method.rpartition(".")[0])) - {"?", "builtins:object"} for method in methods]
        return methods if len(methods) == 1 or set.intersection(*roots) else []

    def log_methods(self) -> list[str]:
        """What a log record is handed to, once all is solved: methods of the program's handlers, filters and formatters."""
        from faasify.analysis.mro import order

        if self._log_methods is None:
            made_for_logs = [c for c in self.bases if any(base.startswith("logging") for base in order(self, c))]
            self._log_methods = [method for c in made_for_logs for method in self.log_methods_of(c)]
        return self._log_methods

    def log_methods_of(self, cls: str) -> list[str]:
        """Those that the class defines itself."""
        return [method for name in _LOG_METHODS if (method := f"{cls}.{name}") in self.scopes.definitions]

    def builtin_methods(self) -> set[str]:
        """Names that a value of a builtin type has."""
        if not self._builtin_methods:
            for described in self.catalogue.members("builtins").values():
                if isinstance(described, LibraryClass):
                    self._builtin_methods.update(described.members)
        return self._builtin_methods


def _kept(program: Program, scopes: Scopes) -> tuple[dict[str, int], dict[ast.AST, int]]:
    """Functions and calls that a comment keeps here, each with the comment's line."""
    own: dict[str, Remark] = {}
    calls = dict[ast.AST, int]()
    commented = [module for module in program.modules.values() if "faasify:" in module.source]
    for module in commented:
        with suppress(UsageError):  # told when the program is divided
            own |= remarks(module, [d for d in scopes.definitions.values() if program.modules[d.module] is module])
        calls |= dict(kept_calls(module).items())
    remark_of = {name: inherited(own, definition, scopes.definitions) for name, definition in scopes.definitions.items()} if own else {}
    return {name: remark.line for name, remark in remark_of.items() if remark.placement == "local"}, calls
