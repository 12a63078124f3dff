"""What `value.name` may be: fields, methods along the method resolution order, modules' variables, library members.

class A: def f(self): ...
class B(A): pass
B().f              ->  Bound(Obj("app.B"), Func("app.A.f"))
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from faasify.analysis.attribute_hooks import from_getattr, hook_all, hook_instance
from faasify.analysis.bodies import Arguments
from faasify.analysis.descriptors import binder
from faasify.analysis.elements import OPEN, holder
from faasify.analysis.metaclasses import from_metaclass, of_metaclass
from faasify.analysis.modules import has_no, library_member, submodule
from faasify.analysis.mro import each_below, find_stored, is_subclass, order, stored, when_bases_are_known, when_ordered
from faasify.analysis.raised import CARRIED, CHAINED, chained, from_exception
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryFunction, LibraryVariable
from faasify.analysis.values import RAISED, UNKNOWN, Bound, Cls, Func, Identity, Lib, LibMod, Mod, Obj, Partial, Super, Value, Wrapped

_COMPLETE = (
    "builtins:",
    "collections:",
    "numpy:ndarray",
    "numpy:generic",
)  # the stubs of these describe every attribute that their classes have
OF_FRAMES = ("f_globals", "f_locals")
_FRAME = "&frame"


def member(state: State, value: Value, name: str) -> int:
    """The node of attribute `name` of `value`; a property's is a Getter, for the load to call."""
    found = state.members.get((value, name))
    if found is None:
        found = state.members[value, name] = state.graph.node()
        _find(state, value, name, found)
        if isinstance(value, Obj) and "__getattribute__" in state.bound_in_classes and not value.is_library and name[:2] != "__":
            hook_all(state, value, name, found)(stored(state, value.cls, "__getattribute__"))
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


def _find(state: State, value: Value, name: str, node: int) -> None:
    if name == "__dict__" and _namespace(state, value, node):
        return
    if name in OF_FRAMES and isinstance(value, Obj) and value.cls == "types:FrameType":
        of_frame(state, node)
    match value:
        case Obj(cls=cls) if value.is_library:
            _library_attribute(state, value, cls, name, node)
        case Obj() | Cls() | Super():
            _of_class(state, value, name, node)
        case Func(name=of) if name == "__globals__" and of in state.scopes.by_name:
            _namespace(state, Mod(state.scopes.by_name[of].module), node)
        case Mod() if name in _ON_MODULES:
            site = f"{value.name}.{name}"
            state.partials[site] = state.static(Lib(_ON_MODULES[name])), Arguments([state.static(value)])
            state.graph.put(node, [Partial(site)])
        case Mod():
            module_attribute(state, value.name, name, node)
            if state.traits.remakes_modules:
                _of_remade(state, value.name, name, node)
        case LibMod():
            found = library_member(state, value.name, name)
            settled = state.settled(found.path) if isinstance(found, Lib) else None
            state.graph.put(node, [found] if settled is None else settled or [UNKNOWN])
            state.graph.edge(state.node("replaced", value.name, name), node)
        case Lib():
            state.graph.put(node, [Lib(f"{value.path}.{name}")] if not has_no(value, name) else ())
        case Func() | Bound() | Wrapped() if name in _OF_FUNCTIONS:
            state.graph.put(node, [_of_function(value, name)])
        case Func():
            state.graph.edge(state.node("field", value.name, name), node)
            state.opaque[node] = None
        case Bound(func=Func() as func):
            state.graph.edge(member(state, func, name), node)
        case Partial(site=site) if name in _OF_PARTIALS:
            _of_partial(state, site, name, node)
        case _:
            state.graph.put_unknown(node)


_ON_MODULES = {"__setattr__": "builtins:setattr", "__delattr__": "builtins:delattr"}  # which every module has
_OF_PARTIALS = frozenset(["func", "args", "keywords"])


def _of_partial(state: State, site: str, name: str, node: int) -> None:
    function, given = state.partials[site]
    if name == "func":
        state.graph.edge(function, node)
        return
    kept = f"{site}#{name}"
    if name == "args":
        parts = {str(index): part for index, part in enumerate(given.positional)}
    else:
        parts = {repr(keyword): part for keyword, part in given.keywords.items()}
        state.graph.put(state.node("keys", kept), [Obj("builtins:str", const=key) for key in parts])
    for key, part in parts.items():
        state.hold(kept, part, key)
    if (rest := given.star if name == "args" else given.double) is not None:
        state.hold(kept, rest)
        state.graph.put_unknown(state.node("keys", kept))
    state.graph.put(node, [Obj("builtins:tuple" if name == "args" else "builtins:dict", kept)])


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
    if name == "__get__" and isinstance(value, Wrapped) and value.kind in ("staticmethod", "classmethod"):
        return Wrapped(f"get {value.kind}", value.func)
    if name == "register" and isinstance(value, Wrapped) and value.kind == "dispatch":
        return Wrapped("register", value.func)
    return UNKNOWN


def _namespace(state: State, value: Value, node: int) -> bool:
    from faasify.analysis.namespaces import namespace

    found = namespace(state, value)
    if found is not None:
        state.graph.put(node, [found])
    return found is not None


def of_frame(state: State, node: int) -> None:
    """What a frame has under one of `OF_FRAMES`: the variables of any module. In a large program only what is put there is followed."""
    if state.large:
        state.namespaces.setdefault(_FRAME, partial(_put_into_modules, state))
        state.graph.put_unknown(state.node("held", _FRAME))
        state.graph.put(node, [Obj("builtins:dict", _FRAME)])
        return
    for module in state.program.modules:
        _namespace(state, Mod(module), node)


def _put_into_modules(state: State, item: int, key: str) -> None:
    for module in state.program.modules:
        _namespace(state, Mod(module), state.graph.node())
        state.namespaces[f"{module}.__dict__"](item, key)


def module_attribute(state: State, module: str, name: str, node: int) -> None:
    """A program module's variable or submodule."""
    scope = state.scopes.modules.get(module)
    state.graph.edge(state.node("var", module, name), node)
    if (inner := submodule(state.program, f"{module}.{name}")) is not None:
        state.graph.put(node, [inner])
    elif scope is None or name not in scope.bound:
        state.opaque[node] = None
        if scope is not None and "__getattr__" in scope.bound:
            from_getattr(state, state.variable(scope, "__getattr__"), name, node)


def _of_remade(state: State, module: str, name: str, node: int) -> None:
    """`sys.modules[__name__].__class__ = M`, `sys.modules[__name__] = M()`: what an M has besides, or in its place."""
    scope = state.scopes.modules.get(module)
    has_it = scope is not None and name in scope.bound
    look = member_without_hook if has_it else member
    state.graph.watch(state.node("module becomes", module), lambda v: state.graph.edge(look(state, v, name), node))
    for key in (module, "?"):
        state.graph.watch(state.node("module replaced", key), lambda v: state.graph.edge(member(state, v, name), node))


@dataclass(slots=True, eq=False)
class _Fields:
    """Looks for what any method of any class of the order gave `self.name`."""

    state: State
    cls: str
    name: str
    into: int
    seen: tuple[str, ...] = ()  # asked at every change of the order, which mostly is what it was

    def __call__(self) -> None:
        state = self.state
        starts = (self.cls, *sorted(state.had_been.get(self.cls, ())))
        along = tuple(cls for start in starts for cls in order(state, start) if cls in state.bases)
        if along == self.seen:
            return
        self.seen = along
        for cls in along:
            state.graph.edge(state.node("field", cls, self.name), self.into)


def _of_class(state: State, value: Obj | Cls | Super, name: str, node: int, *, hooked: bool = True) -> None:
    if name == "_fields" and not isinstance(value, Super):
        _field_names(state, value, node)
    if isinstance(value, Super):
        receiver: Obj | Cls = value.receiver
        cls = receiver.cls if isinstance(receiver, Obj) else receiver.name
        if isinstance(receiver, Cls) and value.cls not in order(state, cls):
            of_metaclass(state, receiver, name, node, after=value.cls)
            return
        if name == "__class_getitem__" and isinstance(receiver, Cls):
            state.graph.put(node, [_subscribed(state, receiver)])
        find_stored(state, cls, name, binder(state, receiver, node), after=value.cls, extra=("builtins:object",))
        return
    if isinstance(value, Cls):
        if name in ("__name__", "__qualname__"):
            qualname = state.scopes.by_name[value.name].qualname
            text = qualname if name == "__qualname__" else qualname.rpartition(".")[2]
            state.graph.put(node, [Obj("builtins:str", const=repr(text))])
            return
        if name == "__new__":
            find_stored(state, value.name, name, binder(state, value, node), extra=("builtins:object",))
        else:
            binder(state, value, node, name)(stored(state, value.name, name))
        from_metaclass(state, value, name, node)
        return
    if name == "__class__":
        state.graph.put(node, [Cls(value.cls)])
        if "__class__" not in state.bound_in_classes:
            return
    if name == "args" and any(":" in c and state.catalogue.is_exception(c) for c in order(state, value.cls)):
        state.graph.put(node, [Obj("builtins:tuple", holder(value).site)])
        return
    if name in CARRIED or name in CHAINED:
        from_exception(state, value, name, node)
    when_ordered(state, value.cls, _Fields(state, value.cls, name, node))  # fields are kept by class
    binder(state, value, node)(stored(state, value.cls, name))
    if name in ("value", "_value_") and value.cls in state.class_data and is_subclass(state, value.cls, "enum:Enum"):
        for each in sorted(state.class_data[value.cls]):
            state.graph.edge(state.node("var", value.cls, each), node)
    if value.below:
        each_below(state, value.cls, _Below(state, value.cls, name, node))
    if hooked and state.hooked and name not in state.class_names.get(value.cls, ()) and not name.startswith("__"):
        hook_instance(state, value, name, node)(stored(state, value.cls, "__getattr__"))


def _subscribed(state: State, cls: Cls) -> Partial:
    """What `Generic.__class_getitem__` gives stands for the class."""
    site = f"{cls.name}[]"
    state.partials[site] = state.static(Identity()), Arguments([state.static(cls)])
    return Partial(site)


@dataclass(slots=True, eq=False)
class _Below:
    """Looks for what instances of a class below have: its own, or what it has from another base, `class C(Mixin, Base)`."""

    state: State
    base: str
    name: str
    into: int

    def __call__(self, cls: str) -> None:
        if _has(self.state, cls, self.name):  # the others have what the class has
            self._use(cls)
        elif len(self.state.bases.get(cls, ())) > 1:
            when_bases_are_known(self.state, cls, partial(self._from_another_base, cls))

    def _from_another_base(self, cls: str) -> None:
        along = order(self.state, self.base)
        for c in order(self.state, cls):
            if c not in along and _has(self.state, c, self.name):
                self._use(cls)
                return

    def _use(self, cls: str) -> None:
        self.state.graph.edge(member(self.state, self.state.instance(cls), self.name), self.into)


def _has(state: State, cls: str, name: str) -> bool:
    return name in state.class_names.get(cls, ()) or name in state.own_fields.get(cls, ())


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


# -- libraries


def _library_attribute(state: State, receiver: Obj, cls: str, name: str, node: int) -> None:
    found = state.catalogue.member(cls, name)
    if name == "args" and receiver.site and state.catalogue.is_exception(cls):
        state.graph.put(node, [Obj("builtins:tuple", receiver.site)])
        state.hold(receiver.site, state.static(UNKNOWN))  # whom these objects belong to is not followed
        return
    if name == "value" and cls in ("builtins:StopIteration", "builtins:Exception", RAISED.cls):
        _returned(state, receiver, node)
        return
    if name == "code" and cls in ("builtins:SystemExit", RAISED.cls):
        state.held(receiver.site, node)
        state.opaque[node] = None
        return
    if name in CHAINED and state.catalogue.is_exception(cls):
        chained(state, node)
        return
    if found is None and receiver == RAISED:
        state.graph.put_unknown(node)  # of one of the classes below
        return
    if name == "_fields" and receiver.site.removesuffix("#made") in state.records:
        _field_names(state, receiver, node)
        return
    if found is None and cls == "builtins:type" and name == "_make" and receiver.site in state.records:
        state.graph.put(node, [Bound(receiver, Lib("builtins:tuple._make"))])
        return
    if found is None and receiver.site.endswith("#made"):
        names = state.records.get(receiver.site.removesuffix("#made"), ())
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


def _field_names(state: State, of: Obj | Cls, node: int) -> None:
    from faasify.analysis.named_tuples import field_names

    state.deferred.append(lambda: field_names(state, of, node))  # when it is known what the class inherits


def _returned(state: State, stop: Obj, into: int) -> None:
    """`StopIteration.value`: what any generator or coroutine of the program has returned, or the exception was made with."""
    for definition in state.scopes.definitions.values():
        if definition.kind in ("generator", "coroutine"):
            state.graph.edge(state.node("return", definition.name), into)
    state.held(stop.site, into)
    state.opaque[into] = None
