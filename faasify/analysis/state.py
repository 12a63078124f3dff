"""The facts of one analysis: the graph, the nodes that have names, the bodies, and what is known of classes.

("var", scope, name) a variable that several bodies see; ("field", class, name); ("held", site) all elements of a container,
("held", site, key) those under a constant key, ("held", site, "?") those under any; ("keys", site); ("return", function).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from contextlib import suppress

from faasify.analysis.bodies import Arguments, Body, Target
from faasify.analysis.graph import WIDEST, Graph
from faasify.analysis.lazies import Lazy
from faasify.analysis.library import Catalogue
from faasify.analysis.put_names import put_names
from faasify.analysis.scopes import DELEGATING, Scope, Scopes
from faasify.analysis.summaries import LibraryClass, LibraryVariable
from faasify.analysis.tables import ClassTables, ContainerTables, LookupTables
from faasify.analysis.values import NONE, Func, Obj, Partial, Value
from faasify.errors import UsageError
from faasify.frontend.comments import Remark, inherited, kept_calls, remarks
from faasify.model.program import Program

Key = tuple[str, ...]
Given = dict[str, list[int]]
"""The nodes of a library function's arguments by the names of its parameters; the receiver is `self`."""
Rename = Callable[[str], str | None]
_LARGE = 30_000  # lines; in larger programs nodes are told apart less, so that the work stays in proportion
_LEARNT = 8_000_000  # how often somebody learns of a value, some 15 seconds; where all hangs together, a program is taken for a large one
_WIDEST_IN_LARGE = 30
_LOG_METHODS = (
    *("handle", "emit", "filter", "format", "formatMessage", "formatTime", "formatException", "formatStack", "usesTime"),
    "process",
)
_COMPARING = frozenset(  # their comparisons call what a class below them defines: __iter__, __getitem__, __contains__
    ["Mapping", "MutableMapping", "UserDict", "ChainMap", "Counter", "Set", "MutableSet", "AbstractSet"]
    + ["KeysView", "ItemsView", "ValuesView"]
)
_ASKING_DATES = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__", "__str__", "__repr__", "__format__")
_CHECKS = frozenset(["__instancecheck__", "__subclasscheck__", "__subclasshook__", "__subclasses__"])
_LOOKS = ("args", "value", "code", "__cause__", "__context__", DELEGATING)
_ABSTRACT = re.compile(r"\b(abc|ABC|ABCMeta|numbers|typing|PathLike|io|importlib)\b")
_RENAMED = re.compile(r" as (\w+)")
_LAST_WORD = re.compile(r"\w+$")
_REMADE = re.compile(r"__class__\s*=(?!=)|\bmodules\s*\[[^]]*\]\s*=(?!=)")  # of a module, perhaps
_INTERRUPTING = re.compile(r"weakref|settrace|setprofile|gc\.callbacks|sys\.monitoring")
_SUSPENDED = re.compile(r"\b(?:yield|await)\b")
_ENDING = re.compile(r"\b(?:finally|with|GeneratorExit|BaseException)\b|\bexcept\s*:")
_FAMILY = 6  # methods of one name that a call of it on anything is taken to mean
names_made_of_text = frozenset(["getattr", "setattr", "globals", "vars", "importlib", "import_module", "__import__"])


class State(ClassTables, ContainerTables, LookupTables):
    def __init__(self, program: Program, scopes: Scopes, catalogue: Catalogue, *, coarse: bool | None = None) -> None:
        super().__init__()
        self.program, self.scopes, self.catalogue = program, scopes, catalogue
        lines = sum(module.source.count("\n") for module in program.modules.values())
        self.large = lines >= _LARGE if coarse is None else coarse
        self.graph = Graph(_WIDEST_IN_LARGE) if self.large else Graph(WIDEST, _LEARNT if coarse is None else None)
        self.receivers: dict[str, set[Value]] = {}  # by method, in a large program
        self.said: dict[tuple[ast.AnnAssign, str], bool] = {}  # by annotation and name: whether that is in it
        self.received: dict[str, set[Value]] = {}  # by method: what its first parameter has got already
        self.bodies: dict[str, Body] = {}
        self.targets: dict[Target, Target] = {}  # one object for all sites that may call the same
        self.method_targets: dict[tuple[str, bool], Target] = {}  # by definition, and whether the call is direct
        self.todo: list[Scope] = []  # functions and lambdas that are still to be lowered
        self.nodes: dict[Key, int] = {}
        self.statics: dict[Value, int] = {}
        self.library_variables: dict[int, str] = {}  # nodes that `from sys import argv` makes, with the variable's path
        self.nothing = {self.graph.number(NONE)}  # a default of None says nothing of what callers give
        self.data: dict[str, set[str]] = {}  # by module: its variables that are bound by more than def, class and import
        self.opaque: dict[int, None] = {}  # nodes for which nothing may be found: loads, results, parameters
        self.asked_of: dict[int, tuple[int, ...]] = {}  # of these: the nodes that they are worked out from
        self.annotated: list[tuple[int, Callable[[], bool]]] = []  # nodes, with what fills them from an annotation
        self.partials: dict[str, tuple[int, Arguments]] = {}
        self.joined: set[tuple[Partial, ast.AST]] = set()  # calls of partials that are worked out
        self.shown: set[tuple[ast.AST, int, Value]] = set()  # methods and partials that are asked for their text, with the places
        self.escaped: set[int] = set()  # nodes whose functions went where analysis cannot follow
        self.defaults: dict[int, int] = {}  # by a parameter's node: the node of its default
        self.bound: set[str] = set()  # functions that a call was seen of
        self.versions: dict[tuple[str, str], list[int]] = {}  # of modules' variables, and classes'
        self.parsed_types: dict[str, None] = {}  # by the name of an option: it has a `type=` function
        self.with_members: dict[str, bool] = {}  # by class: see `tells_members`
        self.around: dict[str, Value] = {}  # by the site of a partial: the context manager that is entered around its call
        self._builtin_methods: set[str] = set()
        self._log_methods: list[str] | None = None
        self.instances: dict[str, Obj] = {}  # by class: what `instance` gives
        self.base_names = {_last_name(base) for scope in scopes.by_name.values() for base in getattr(scope.node, "bases", ())}
        self.bound_in_classes = {name for scope in scopes.by_name.values() if scope.kind == "class" for name in scope.bound}
        sources = [module.source for module in program.modules.values()]
        self.names_put = put_names(sources)
        self.bound_in_classes |= self.names_put
        self.computes_names = any(not names_made_of_text.isdisjoint(scope.used) for scope in scopes.by_name.values())
        bases = self.base_names | _before_renaming(self.base_names, sources)
        if not bases.isdisjoint(_COMPARING):
            self.bound_in_classes.update(("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"))
        self.has_zones = "tzinfo" in bases  # which dates ask when they are shown and compared
        if self.has_zones:
            self.bound_in_classes.update(_ASKING_DATES)
        if "Integral" in bases:
            self.bound_in_classes.add("__index__")  # which asks for `__int__`
        if not bases.isdisjoint(("Complex", "Real", "Rational", "Integral")):
            self.bound_in_classes.add("__bool__")  # which asks for `__eq__`
        hashes = not self.bound_in_classes.isdisjoint(("__hash__", "__eq__"))
        self.caches = hashes and any("cache" in source for source in sources)  # by functools.cache or lru_cache
        self.orders_totally = any("total_ordering" in source for source in sources)
        self.checks = not self.bound_in_classes.isdisjoint(_CHECKS)
        self.registers = scopes.looked.may_be(["register"]) and _has_abstract(sources)  # classes with abstract ones
        self.protocols = any("Protocol" in source for source in sources)
        self.carries = "__await__" in self.bound_in_classes or scopes.looked.may_be(_LOOKS)  # somebody looks into exceptions
        self.has_reducers = any("copyreg" in source or "dispatch_table" in source for source in sources)  # of copies, by class
        self.has_threads = any(word in source for source in sources for word in ("thread", "signal", "concurrent"))
        # whether other code may run between two statements: when an object is dropped, or at each line
        self.is_interrupted = "__del__" in self.bound_in_classes or any(
            _INTERRUPTING.search(source) or _ends_when_dropped(source) for source in sources
        )
        self.chains = any("ChainMap" in source for source in sources)
        self.buffers_logs = any("MemoryHandler" in source for source in sources)
        self.has_codecs = any("codecs" in source for source in sources)  # which the program may have registered
        self.has_path_hooks = any("path_hooks" in source for source in sources)
        self.has_importers = self.has_path_hooks or any("meta_path" in source for source in sources)
        self.changes_class = any("__class__" in source for source in sources)  # of an object, perhaps
        self.remakes_modules = any(_REMADE.search(source) for source in sources)
        self.has_notes = any("__notes__" in source for source in sources)  # exceptions that bring more to show
        self.stops = self.carries and any("StopIteration" in source for source in sources)  # what generators return may be asked for
        self.kept, self.kept_calls = _kept(program, scopes)
        for definition in scopes.definitions.values():
            if definition.is_method:
                self.methods_named.setdefault(definition.qualname.rpartition(".")[2], []).append(definition.name)

    def settle(self) -> None:
        """All is learnt: what waits for more, most of what a large program takes, is let go."""
        self.graph.settle()
        self.fitting.clear()
        for waiting in (self.wanted, self.wanted_below, self.annotated, self.deferred, self.queries, self.pours, self.loads, self.lazies):
            waiting.clear()
        self.unfilled.clear()
        for found in (self.opaque, self.elements_of, self.members, self.stored, self.own_methods, self.asked, self.asked_at, self.statics):
            found.clear()
        for seen in (self.poured, self.joined, self.shown, self.escaped, self.element_keys, self.versions, self.partials, self.hooks):
            seen.clear()
        self.asked_itself.clear()
        self.targets.clear()

    # -- nodes

    def node(self, *key: str) -> int:
        found = self.nodes.get(key)
        if found is None:
            found = self.nodes[key] = self.graph.node()
        return found

    def variable(self, scope: Scope, name: str) -> int:
        return self.node("var", scope.name, name)

    def static(self, value: Value) -> int:
        """One node for all that are certainly this value; nothing is ever added to it."""
        found = self.statics.get(value)
        if found is None:
            found = self.statics[value] = self.graph.of(value)
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
            found = self.instances[cls] = Obj(cls, below=cls.rpartition(".")[2] in self.base_names)
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


def _before_renaming(names: set[str], sources: list[str]) -> set[str]:
    """What these names may have been imported from: `Integral` of `from numbers import Integral as Whole`."""
    renamed = ((source, found) for source in sources for found in _RENAMED.finditer(source) if found[1] in names)
    words = (_LAST_WORD.search(source[: found.start()].splitlines()[-1].rstrip()) for source, found in renamed)
    return {word[0] for word in words if word is not None}


def _has_abstract(sources: list[str]) -> bool:
    """Whether there may be a class that others can be registered with: it is made by ABCMeta, or comes from a library that has some."""
    return any(_ABSTRACT.search(source) for source in sources)


def _ends_when_dropped(source: str) -> bool:
    """Whether there may be a generator that does something more when nobody has it any longer."""
    return _SUSPENDED.search(source) is not None and _ENDING.search(source) is not None


def _last_name(node: ast.expr) -> str:
    """The name that a base goes by: `Base` of `models.Base[T]`."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


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
