"""Names that a program looks up in a dictionary: of a module, of an object, of what is imported.

globals()["a"]                 the module's variable a
vars(x)["f"], x.__dict__["f"]  the field f of x's class
globals()[name]                any variable of the module
self.__dict__.update(f=g)      the field f may be g
sys.modules["m"]               the module m; under a name that is not known, any module at all
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from faasify.analysis.calls import has_method
from faasify.analysis.mro import classes_changed, order
from faasify.analysis.state import State
from faasify.analysis.values import STR, UNKNOWN, Bound, Cls, Func, Mod, Obj, Partial, Unknown, Value, Wrapped, is_own, read_const

SYS_MODULES = "&sys:modules"
NAMES_OF_CLASS = ".<class>.__dict__"
_CALLED = ("__call__", "__get__")


def namespace(state: State, value: Value) -> Obj | None:
    """The `__dict__` of a module, class or instance of the program; None for what has none that is known.

    What it holds under a name is what the variable or field of that name holds; what is put into it is put there.
    """
    if isinstance(value, Mod):
        site = f"{value.name}.__dict__"
    elif isinstance(value, Cls):
        site = f"{value.name}{NAMES_OF_CLASS}"
    elif isinstance(value, Obj) and is_own(value):
        site = f"{value.cls}.__dict__"
    else:
        return None
    if site not in state.namespaces:
        shown = _Namespace(state, value, site)
        state.namespaces[site] = shown.write
        state.queries.append(shown.query)
        shown.query()
    return Obj("builtins:dict", site)


class _Namespace:
    def __init__(self, state: State, value: Mod | Cls | Obj, site: str) -> None:
        self.state, self.value, self.site = state, value, site
        self.value_name = value.cls if isinstance(value, Obj) else value.name
        self.size = -1
        self.known: set[tuple[str, str]] = set()
        self.anything = state.graph.node()  # what is put in under a name that is not known

    def query(self) -> bool:
        """Show the names that were learnt since; whether there were any."""
        size = sum(map(len, self.tables()))  # asked a thousand times in a large program, and names are only added
        if size == self.size:
            return False
        self.size = size
        new = sorted(set(self.names()) - self.known)
        for owner, name in new:
            self.known.add((owner, name))
            node = self.node(owner, name)
            self.state.graph.put(self.state.node("keys", self.site), [Obj("builtins:str", const=repr(name))])
            self.state.hold(self.site, node, repr(name))
            if self.is_data(name):
                self.state.graph.edge(self.anything, node)
        return bool(new)

    def tables(self) -> Iterator[Collection[str]]:
        """Where names are added."""
        state, value = self.state, self.value
        if isinstance(value, Mod):
            scope = state.scopes.modules.get(value.name)
            yield scope.bound if scope is not None else ()
        elif isinstance(value, Cls):
            yield state.class_names.get(value.name, ())
        else:
            for cls in order(state, value.cls):
                yield (cls,)
                for table in (state.own_fields, state.filled, state.stored_fields):
                    yield table.get(cls, ())

    def names(self) -> Iterator[tuple[str, str]]:
        state, value = self.state, self.value
        if isinstance(value, Mod):
            scope = state.scopes.modules.get(value.name)
            yield from ((value.name, name) for name in (scope.bound if scope is not None else ()))
        elif isinstance(value, Cls):
            yield from ((value.name, name) for name in state.class_names.get(value.name, ()))
        else:
            for cls in order(state, value.cls):
                for table in (state.own_fields, state.filled, state.stored_fields):
                    yield from ((cls, name) for name in table.get(cls, ()))

    def node(self, owner: str, name: str) -> int:
        return self.state.node("field" if isinstance(self.value, Obj) else "var", owner, name)

    def is_data(self, name: str) -> bool:
        """Whether what is put in under any name is taken to be meant: a function's name is not likely to be."""
        table = {Mod: self.state.data, Cls: self.state.class_data}.get(type(self.value))
        return table is None or name in table.get(self.value_name, ())

    def write(self, node: int, key: str) -> None:
        state, graph, value = self.state, self.state.graph, self.value
        if key[:1] not in ("'", '"'):
            graph.edge(node, self.anything)
            put_by_computed_name(state, value, node)
            return
        name = read_const(key)
        if (self.value_name, name) in self.known and node == self.node(self.value_name, name):
            return
        if isinstance(value, Mod):
            graph.edge(node, self.node(value.name, name))
            for version in state.versions.get((value.name, name), ()):
                graph.edge(node, version)
            if value.name in state.scopes.modules:
                state.scopes.modules[value.name].bound.add(name)
        elif isinstance(value, Cls):  # what `__prepare__` gave, before there is a class
            graph.edge(node, self.node(value.name, name))
            for version in state.versions.get((value.name, name), ()):  # a body that has asked for `locals()` may go on with it
                graph.edge(node, version)
            state.class_data.setdefault(value.name, set()).add(name)
            if name not in (names := state.class_names.setdefault(value.name, set())):
                names.add(name)
                state.managed.add(name)
                classes_changed(state, value.name)
        else:
            graph.edge(node, self.node(value.cls, name))
            state.stored_fields.setdefault(value.cls, set()).add(name)


def fill_names(state: State, source: str, cls: str) -> None:
    """A class gets the names of another dictionary than that of its body: what this does not tell apart may be under each of them.

    `{name: wrap(value) for name, value in names.items()}`. A method of a class is there under its own name, as the body has put it there.
    """
    if (source, cls) in state.poured or source == f"{cls}{NAMES_OF_CLASS}":
        return
    state.poured.add((source, cls))
    filled = list[str]()

    def fill(_: Value) -> None:
        if not filled:
            filled.append(cls)
            _fill(state, source, cls)

    if state.large:  # most of such dictionaries have nothing that the class has not
        state.graph.watch(_put_from(state, source, "?"), fill)
    else:
        _fill(state, source, cls)


def _fill(state: State, source: str, cls: str) -> None:
    into = namespace(state, Cls(cls))
    if into is None:
        return
    names = state.class_names.setdefault(cls, set())
    unknown = list[str]()

    def use(key: Value) -> None:
        if not (isinstance(key, Obj) and key.cls == "builtins:str" and key.const):
            for name in sorted(names):
                put(repr(name))
            if state.large:  # of most such dictionaries no function is put there that the class has not
                state.graph.watch(_put_from(state, source, "?"), lambda v: None if isinstance(v, Unknown) else may_have_any())
            else:
                may_have_any()
        elif (name := read_const(key.const)) in names or name not in state.bound_in_classes:
            put(key.const)  # the other classes that are made so have the other names

    def may_have_any() -> None:
        """It may have any name then, as from a base that nobody knows."""
        if not unknown:
            unknown.append(cls)
            state.bases.setdefault(cls, []).insert(0, state.static(UNKNOWN))
            classes_changed(state, cls)

    def put(key: str) -> None:
        state.hold(into.site, _put_from(state, source, "?" if state.large else key), key)

    state.graph.watch(state.node("keys", source), use)


def _put_from(state: State, source: str, key: str) -> int:
    """What a dictionary has under a key that may stand in a class in place of what its body has there."""
    name = "put into classes", source, key
    found = state.nodes.get(name)
    if found is None:
        found, held = state.node(*name), state.graph.node()
        state.held(source, held, key)
        state.graph.watch(held, lambda v: state.graph.put(found, [_told(state, v)]) if _may_be_put(state, v) else None)
    return found


def _told(state: State, value: Value) -> Value:
    """In a large program, where a dictionary has all that any class has, objects that can be called are something that nobody knows."""
    return UNKNOWN if state.large and isinstance(value, Obj) else value


def _may_be_put(state: State, value: Value) -> bool:
    """A function, or what stands for one."""
    func = value.func if isinstance(value, Wrapped | Bound) else value
    if isinstance(func, Func):
        return not state.scopes.definitions[func.name].is_method
    return isinstance(func, Partial) or (isinstance(func, Obj) and is_own(func) and any(has_method(state, func.cls, n) for n in _CALLED))


def put_by_computed_name(state: State, value: Value, node: int) -> None:
    """`setattr(cls, f"is_{name}", node)`: where an attribute is asked for that nobody has, this may be it."""
    if isinstance(value, Cls):
        into = state.computed_names[value.name] = state.node("computed", value.name)
        state.graph.edge(node, into)


def put_anywhere(state: State, value: Value, node: int) -> None:
    """`setattr(value, name, <node>)` with a name that is not known."""
    if (found := namespace(state, value)) is not None:
        state.namespaces[found.site](node, "?")
        state.graph.put(state.node("keys", found.site), [STR])


def fill_modules(state: State) -> None:
    """`sys.modules`: the modules of the program by the names that they are imported by, and whatever else is imported."""
    names = {module.import_name: name for name, module in state.program.modules.items()}
    for import_name, name in {**{folder: folder for folder in sorted(state.program.folders)}, **names}.items():
        state.hold(SYS_MODULES, state.static(Mod(name)), repr(import_name))
    state.graph.put_unknown(state.node("held", SYS_MODULES))
    state.graph.put(state.node("keys", SYS_MODULES), [STR])
