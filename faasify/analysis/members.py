"""What `value.name` may be: fields, methods along the method resolution order, modules' variables, library members.

class A: def f(self): ...
class B(A): pass
B().f              ->  Bound(Obj("app.B"), Func("app.A.f"))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from faasify.analysis.bodies import Arguments
from faasify.analysis.elements import holder
from faasify.analysis.modules import library_member, submodule
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryFunction, LibraryVariable
from faasify.analysis.values import UNKNOWN, Bound, Cls, Func, Getter, Identity, Lib, LibMod, Mod, Obj, Partial, Super, Value, Wrapped

UNKNOWN_BASE = "?"
OPEN = frozenset(["types:SimpleNamespace", "argparse:Namespace"])  # which have the attributes that they are given
_COMPLETE = (
    "builtins:",
    "collections:",
    "numpy:ndarray",
    "numpy:generic",
)  # the stubs of these describe every attribute that their classes have


def member(state: State, value: Value, name: str) -> int:
    """The node of attribute `name` of `value`; a property's is a Getter, for the load to call."""
    found = state.members.get((value, name))
    if found is None:
        found = state.members[value, name] = state.graph.node()
        _find(state, value, name, found)
        if isinstance(value, Obj) and "__getattribute__" in state.bound_in_classes and not value.is_library and name[:2] != "__":
            _hook_all(state, value, name, found)(stored(state, value.cls, "__getattribute__"))
    return found


def member_without_hook(state: State, value: Value, name: str) -> int:
    """The attribute as `object.__getattribute__` finds it."""
    key = value, f"{name} without a hook"
    found = state.members.get(key)
    if found is None:
        found = state.members[key] = state.graph.node()
        if isinstance(value, Obj) and not value.is_library:
            _of_class(state, value, name, found, hooked=False)
        else:
            _find(state, value, name, found)
    return found


def _hook_all(state: State, value: Obj, name: str, node: int) -> Callable[[int], None]:
    """`__getattribute__` is called for every attribute; what it gives may be what the instance has."""

    def learn(method: Value) -> None:
        if isinstance(method, Func):
            _give_name(state, method, name, 1)
            state.graph.put(node, [Getter(value, method)])

    return lambda stored: state.graph.watch(stored, learn)


def _find(state: State, value: Value, name: str, node: int) -> None:
    if name == "__dict__" and _namespace(state, value, node):
        return
    match value:
        case Obj(cls=cls) if value.is_library:
            _library_attribute(state, value, cls, name, node)
        case Obj() | Cls() | Super():
            _of_class(state, value, name, node)
        case Mod():
            module_attribute(state, value.name, name, node)
        case LibMod():
            found = library_member(state, value.name, name)
            settled = state.settled(found.path) if isinstance(found, Lib) else None
            state.graph.put(node, [found] if settled is None else settled or [UNKNOWN])
        case Lib():
            state.graph.put(node, [Lib(f"{value.path}.{name}")])
        case Func() | Bound() | Wrapped() if name in _OF_FUNCTIONS:
            state.graph.put(node, [_of_function(value, name)])
        case Func():
            state.graph.edge(state.node("field", value.name, name), node)
            state.opaque[node] = None
        case Bound(func=Func() as func):
            state.graph.edge(member(state, func, name), node)
        case _:
            state.graph.put_unknown(node)


_OF_FUNCTIONS = frozenset(["__call__", "__func__", "__self__", "__get__", "register"])


def _of_function(value: Func | Bound | Wrapped, name: str) -> Value:
    """What every function has, every method, and every function that dispatches."""
    if name == "__call__":
        return value
    if name in ("__func__", "__self__") and isinstance(value, Bound):
        return value.func if name == "__func__" else value.receiver
    if name == "__func__" and isinstance(value, Wrapped) and value.kind in ("staticmethod", "classmethod"):
        return value.func
    if name == "__get__" and isinstance(value, Func):
        return Wrapped("get", value)
    if name == "register" and isinstance(value, Wrapped) and value.kind == "dispatch":
        return Wrapped("register", value.func)
    return UNKNOWN


def _namespace(state: State, value: Value, node: int) -> bool:
    from faasify.analysis.namespaces import namespace

    found = namespace(state, value)
    if found is not None:
        state.graph.put(node, [found])
    return found is not None


def module_attribute(state: State, module: str, name: str, node: int) -> None:
    """A program module's variable or submodule."""
    scope = state.scopes.modules.get(module)
    state.graph.edge(state.node("var", module, name), node)
    if (inner := submodule(state.program, f"{module}.{name}")) is not None:
        state.graph.put(node, [inner])
    elif scope is None or name not in scope.bound:
        state.opaque[node] = None
        if scope is not None and "__getattr__" in scope.bound:
            _from_getattr(state, state.variable(scope, "__getattr__"), name, node)


def _from_getattr(state: State, hook: int, name: str, node: int) -> None:
    def learn(value: Value) -> None:
        if isinstance(value, Func):
            state.graph.put(node, [Getter(Obj("builtins:module"), value)])
            _give_name(state, value, name, 0)

    state.graph.watch(hook, learn)


def _give_name(state: State, func: Func, name: str, index: int) -> None:
    scope = state.function_scope(func)
    if len(scope.params) > index:
        state.graph.put(state.variable(scope, scope.params[index]), [Obj("builtins:str", const=repr(name))])


# -- classes


def order(state: State, cls: str) -> tuple[str, ...]:
    """The MRO: program classes by name, library classes by path, `?` for a base that nothing resolves; C3, or depth first."""
    if cls not in state.orders:
        state.orders[cls] = (cls,)  # a circle (a class that inherits from its own name) ends here
        parents = _bases(state, cls)
        state.orders[cls] = (cls, *_merge([list(order(state, p)) if p in state.bases else [p] for p in parents] + [parents]))
    return state.orders[cls]


def classes_changed(state: State, cls: str) -> None:
    """A base or a name of the class was learnt: what was looked up in it, or below it, is to be looked up again."""
    state.changed_classes[cls] = None


def has_library_base(state: State, cls: str) -> bool:
    return any(":" in base or base == UNKNOWN_BASE for base in order(state, cls))


def each_below(state: State, cls: str, use: Callable[[str], None]) -> None:
    """`use(name)` for every class that inherits from `cls`, also for those that are learnt later."""
    used: set[str] = set()

    def look() -> None:
        for sub in state.below(cls):
            if sub not in used:
                used.add(sub)
                use(sub)

    state.wanted_below.setdefault(cls, []).append(look)
    look()


def look_again(state: State) -> bool:
    """Once for all classes that have changed, when there is nothing else to do; whether there is now."""
    changed = list(state.changed_classes)
    state.changed_classes.clear()
    affected = dict.fromkeys(name for cls in changed for name in (cls, *state.below(cls)))
    for name in affected:
        state.orders.pop(name, None)
    for name in affected:
        for again in list(state.wanted.get(name, ())):
            again()
    for name in dict.fromkeys(base for cls in changed for base in order(state, cls)):
        for again in list(state.wanted_below.get(name, ())):
            again()
    deferred, state.deferred = state.deferred, []
    for once in deferred:
        once()
    return bool([query for query in list(state.queries) if query()] or changed or deferred)


def find_stored(state: State, cls: str, name: str, use: Callable[[int], None], *, after: str = "", extra: tuple[str, ...] = ()) -> None:
    """`use(node)` for `name` as stored in the first class of the order that has it, and again when the order grows.

    `after`: only classes behind that one count (super); `extra` are tried last."""
    used: list[int] = []

    def look() -> None:
        along = order(state, cls)
        along = along[along.index(after) + 1 :] if after in along else along
        node = _stored(state, (*along, *extra), name)
        if node is not None and node not in used:
            used.append(node)
            use(node)

    _when_ordered(state, cls, look)


def _when_ordered(state: State, cls: str, look: Callable[[], None]) -> None:
    """Now, and again whenever the order of the class has changed."""
    state.wanted.setdefault(cls, []).append(look)
    look()


@dataclass(slots=True, eq=False)
class _Stored:
    """Looks for what a class has under a name. Large programs have a hundred thousand of these: no closures."""

    state: State
    cls: str
    name: str
    into: int

    def __call__(self) -> None:
        node = _stored(self.state, order(self.state, self.cls), self.name)
        if node is not None:
            self.state.graph.edge(node, self.into)


@dataclass(slots=True, eq=False)
class _Fields:
    """Looks for what any method of any class of the order gave `self.name`."""

    state: State
    cls: str
    name: str
    into: int

    def __call__(self) -> None:
        for cls in order(self.state, self.cls):
            if cls in self.state.bases:
                self.state.graph.edge(self.state.node("field", cls, self.name), self.into)


def stored(state: State, cls: str, name: str) -> int:
    """The node of `name` as a class of the program has it, or the first one that it inherits from and that has it."""
    found = state.stored.get((cls, name))
    if found is None:
        found = state.stored[cls, name] = state.graph.node()
        _when_ordered(state, cls, _Stored(state, cls, name, found))
    return found


def _stored(state: State, along: tuple[str, ...], name: str) -> int | None:
    for cls in along:
        if cls == UNKNOWN_BASE:
            return state.static(UNKNOWN)
        if cls in state.bases:
            if name in state.class_names.get(cls, ()):
                return state.node("var", cls, name)
        elif (found := state.catalogue.member(cls, name)) is not None:
            return state.static(Lib(found.path))
        elif state.catalogue.find(cls) is None:
            return state.static(Lib(f"{cls}.{name}"))  # an undescribed base may have it
    return None


def _of_class(state: State, value: Obj | Cls | Super, name: str, node: int, *, hooked: bool = True) -> None:
    if isinstance(value, Super):
        receiver: Obj | Cls = value.receiver
        cls = receiver.cls if isinstance(receiver, Obj) else receiver.name
        if isinstance(receiver, Cls) and value.cls not in order(state, cls):
            _of_metaclass(state, receiver, name, node, after=value.cls)
            return
        if name == "__class_getitem__" and isinstance(receiver, Cls):
            state.graph.put(node, [_subscribed(state, receiver)])
        find_stored(state, cls, name, _binder(state, receiver, node), after=value.cls, extra=("builtins:object",))
        return
    if isinstance(value, Cls):
        if name in ("__name__", "__qualname__"):
            qualname = state.scopes.by_name[value.name].qualname
            text = qualname if name == "__qualname__" else qualname.rpartition(".")[2]
            state.graph.put(node, [Obj("builtins:str", const=repr(text))])
            return
        _binder(state, value, node)(stored(state, value.name, name))
        _from_metaclass(state, value, name, node)
        return
    if name == "__class__":
        state.graph.put(node, [Cls(value.cls)])
        return
    if name == "args" and any(":" in c and state.catalogue.is_exception(c) for c in order(state, value.cls)):
        state.graph.put(node, [Obj("builtins:tuple", holder(value).site)])
        return
    _when_ordered(state, value.cls, _Fields(state, value.cls, name, node))  # fields are kept by class
    _binder(state, value, node)(stored(state, value.cls, name))
    if name in ("value", "_value_") and value.cls in state.class_data and is_subclass(state, value.cls, "enum:Enum"):
        for each in state.class_data[value.cls]:
            state.graph.edge(state.node("var", value.cls, each), node)
    if value.below:
        each_below(state, value.cls, lambda sub: _member_below(state, sub, name, node))
    if hooked and state.hooked and name not in state.class_names.get(value.cls, ()) and not name.startswith("__"):
        _hook(state, value, name, node)(stored(state, value.cls, "__getattr__"))


def _subscribed(state: State, cls: Cls) -> Partial:
    """What `Generic.__class_getitem__` gives stands for the class."""
    site = f"{cls.name}[]"
    state.partials[site] = state.static(Identity()), Arguments([state.static(cls)])
    return Partial(site)


def _member_below(state: State, cls: str, name: str, node: int) -> None:
    if name in state.class_names.get(cls, ()) or name in state.own_fields.get(cls, ()):  # the others have what the class has
        state.graph.edge(member(state, state.instance(cls), name), node)


def _hook(state: State, value: Obj, name: str, node: int) -> Callable[[int], None]:
    """`__getattr__` gives what nothing else does; whether anything else does is not known before the end, so it always may."""

    def use(stored: int) -> None:
        def learn(method: Value) -> None:
            if isinstance(method, Func) and not _is_defined(state, value.cls, name):
                _give_name(state, method, name, 1)
                state.graph.put(node, [Getter(value, method)])

        state.graph.watch(stored, learn)

    return use


def _is_defined(state: State, cls: str, name: str) -> bool:
    along = [c for c in order(state, cls) if c in state.bases]
    return any(name in state.class_names.get(c, ()) or name in state.own_fields.get(c, ()) for c in along)


def attribute_names(state: State, value: Value) -> set[str]:
    """The attributes that are known of an instance, a class or a module of the program."""
    if isinstance(value, Mod):
        scope = state.scopes.modules.get(value.name)
        return set(scope.bound) if scope is not None else set()
    cls = value.cls if isinstance(value, Obj) else value.name if isinstance(value, Cls) else None
    if cls is None or ":" in cls:
        return set()
    classes = {*order(state, cls), *(state.below(cls) if isinstance(value, Obj) and value.below else ())}
    names = [table.get(c, ()) for c in classes for table in (state.class_names, state.own_fields, state.stored_fields, state.filled)]
    return {name for found in names for name in found}


def metaclass_of(state: State, cls: str) -> int | None:
    """The node of the class's metaclass, its own or the first that it inherits."""
    return next((state.metaclasses[c] for c in order(state, cls) if c in state.metaclasses), None)


def _from_metaclass(state: State, value: Cls, name: str, node: int) -> None:
    if value.name in state.metaclasses:
        _of_metaclass(state, value, name, node)
        if state.hooked and not name.startswith("__"):
            hooks = state.graph.node()
            _of_metaclass(state, value, "__getattr__", hooks)
            state.graph.watch(hooks, lambda hook: _class_hook(state, value, name, hook, node))
    elif name in ("mro", "__subclasses__"):
        state.graph.put(node, [Bound(value, Lib(f"builtins:type.{name}"))])


def _of_metaclass(state: State, value: Cls, name: str, node: int, *, after: str = "") -> None:
    """What the class has as an instance of its metaclass."""

    def learn(found: Value) -> None:
        state.graph.put(node, [_bound_to_class(found, value)])

    def use(meta: Value) -> None:
        if isinstance(meta, Cls):
            extra = ("builtins:type",) if after or name in ("mro", "__subclasses__") else ()
            find_stored(state, meta.name, name, lambda stored: state.graph.watch(stored, learn), after=after, extra=extra)

    found = metaclass_of(state, value.name)
    if found is not None:
        state.graph.watch(found, use)


def _bound_to_class(value: Value, cls: Cls) -> Value:
    if isinstance(value, Func) or isinstance(value, Lib) and not value.path.endswith(".__new__"):
        return Bound(cls, value)
    if isinstance(value, Wrapped) and value.kind == "property":
        return Getter(cls, value.func)
    return value.func if isinstance(value, Wrapped) and value.kind == "staticmethod" else value


def _class_hook(state: State, cls: Cls, name: str, hook: Value, node: int) -> None:
    """The metaclass's `__getattr__` gives what the class has not."""
    if isinstance(hook, Bound) and isinstance(hook.func, Func) and not _is_defined(state, cls.name, name):
        _give_name(state, hook.func, name, 1)
        state.graph.put(node, [Getter(cls, hook.func)])


def _binder(state: State, receiver: Obj | Cls, node: int) -> Callable[[int], None]:
    """Descriptors: functions become methods, classmethods bind the class, staticmethods nothing; properties become Getters."""

    def learn(value: Value) -> None:
        state.graph.put(node, [bound(state, value, receiver)])

    return lambda stored: state.graph.watch(stored, learn)


def bound(state: State, value: Value, receiver: Obj | Cls) -> Value:
    cls = receiver.cls if isinstance(receiver, Obj) else receiver.name
    if isinstance(value, Func | Lib) and isinstance(receiver, Obj):
        described = state.catalogue.find(value.path) if isinstance(value, Lib) else None
        if isinstance(described, LibraryVariable):
            return UNKNOWN
        return Bound(receiver, value)
    if isinstance(value, Partial) and value.method and isinstance(receiver, Obj):
        return Partial(value.site, receiver=receiver)
    if isinstance(value, Wrapped) and value.kind == "dispatch":
        return Bound(receiver, value) if isinstance(receiver, Obj) else value
    if isinstance(value, Wrapped):
        if value.kind == "staticmethod":
            return value.func
        if value.kind == "classmethod":
            return Bound(Cls(cls), value.func)
        return Getter(receiver, value.func) if isinstance(receiver, Obj) and value.kind == "property" else UNKNOWN
    if isinstance(receiver, Cls) and not isinstance(value, Func | Cls | Lib) and is_subclass(state, cls, "enum:Enum"):
        return Obj(cls)  # Color.RED is a Color, whatever was assigned
    return value


def is_subclass(state: State, cls: str, base: str) -> bool:
    """Whether a program class inherits from a library class, as far as bases and stubs tell."""
    for name in order(state, cls):
        if name == base or (":" in name and any(described.path == base for described in state.catalogue.ancestry(name))):
            return True
    return False


def _bases(state: State, cls: str) -> list[str]:
    """Direct bases; a base that may be one of two classes counts as both."""
    found: list[str] = []
    for node in state.bases.get(cls, ()):
        for value in state.graph.at(node):
            match value:
                case Cls(name=name):
                    found.append(name)
                case Lib(path=path):
                    described = state.catalogue.find(path)
                    found.append(described.path if described is not None else path)
                case Obj(cls="builtins:type", site=site):
                    found.append("builtins:tuple")  # namedtuple(...) and its like
                    if (names := state.records.get(site)) is not None:
                        state.record_bases.setdefault(cls, {})[names] = None
                case _:
                    found.append(UNKNOWN_BASE)
    return [name for name in dict.fromkeys(found) if name != cls]


def _merge(sequences: list[list[str]]) -> list[str]:
    """C3; where no order fits (the program would fail), what is left in the order it comes."""
    merged: list[str] = []
    sequences = [s for s in sequences if s]
    while sequences:
        tails = {name for s in sequences for name in s[1:]}
        head = next((s[0] for s in sequences if s[0] not in tails), sequences[0][0])
        merged.append(head)
        sequences = [rest for s in sequences if (rest := [name for name in s if name != head])]
    return merged


# -- libraries


def _library_attribute(state: State, receiver: Obj, cls: str, name: str, node: int) -> None:
    found = state.catalogue.member(cls, name)
    if name == "args" and receiver.site and state.catalogue.is_exception(cls):
        state.graph.put(node, [Obj("builtins:tuple", receiver.site)])
        state.hold(receiver.site, state.static(UNKNOWN))  # whom these objects belong to is not followed
        return
    if found is None and receiver.site.endswith("#made"):
        names = state.records.get(receiver.site.removesuffix("#made"), ())
        if name == "_replace":
            state.graph.put(node, [Bound(receiver, Lib("builtins:tuple._replace"))])
            return
        state.held(receiver.site, node, str(names.index(name)) if name in names else "?")  # a field of a namedtuple
        state.opaque[node] = None
        return
    if found is None and cls.startswith(_COMPLETE) and not state.catalogue.is_exception(cls):
        return  # the program would raise AttributeError: one of the other types is meant
    path = found.path if found is not None else f"{cls}.{name}"
    if found is None and (cls in OPEN or name in state.library_attributes):
        for key in (name, "?"):
            state.graph.edge(state.node("attribute", receiver.site or cls, key), node)
        if cls == "argparse:Namespace":
            state.graph.edge(state.node("parsed", name), node)
            state.graph.edge(state.node("parsed", "?"), node)
        if cls in OPEN or state.catalogue.find(cls) is not None:
            state.opaque[node] = None
            return
    if isinstance(found, LibraryFunction) or found is None:
        state.graph.put(node, [Bound(receiver, Lib(path))])
    elif isinstance(found, LibraryVariable):
        state.graph.put(node, state.settled(path) or [UNKNOWN])
    else:
        state.graph.put(node, [Lib(path)])
