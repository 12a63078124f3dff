"""Calls: arguments flow into parameters, results flow back, and the site remembers what it may have called.

def apply(f, x): return f(x)
apply(double, 3)             ->  ("var", "app.apply", "f") holds Func("app.double"); the site f(x) targets app.double
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from faasify.analysis.binding import bind_arguments, bind_receiver, one_of_many, use_defaults
from faasify.analysis.bodies import Arguments, Body, Target
from faasify.analysis.members import member
from faasify.analysis.metaclasses import metaclass_of
from faasify.analysis.mro import each_below, find_stored, is_subclass, may_have_library_base, order, stored
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryFunction
from faasify.analysis.values import NONE, UNKNOWN, Bound, Cls, Func, Getter, Identity, Lib, Obj, Partial, Unknown, Value, Wrapped, is_own

_Names = str | set[str]


def _with(names: _Names | None, name: str) -> _Names | None:
    """The names and this one; None where it is among them."""
    if names is None:
        return name
    if type(names) is set:
        if name in names:
            return None
        names.add(name)
        return names
    return None if names == name else {names, name}  # type: ignore[arg-type]


@dataclass(slots=True, eq=False)
class Here:
    """Where a call is made: the body, the expression, its arguments and its result's node."""

    body: Body
    node: ast.AST
    args: Arguments
    result: int
    direct: bool = True
    bound: _Names | None = None  # the functions that have the arguments; most places call one
    bound_methods: _Names | None = None  # the same, of those that are called as methods

    def binds(self, func: str) -> bool:
        """Whether the function is to get the arguments: once, however many objects it is a method of."""
        if (more := _with(self.bound, func)) is not None:
            self.bound = more
        return more is not None

    def binds_method(self, func: str) -> bool:
        if (more := _with(self.bound_methods, func)) is not None:
            self.bound_methods = more
        return more is not None

    def implicit(self, args: Arguments, result: int | None = None) -> Here:
        return Here(self.body, self.node, args, self.result if result is None else result, False)


@dataclass(slots=True, eq=False)
class _Calling:
    """Learns callees. There may be a million of them, and an object with slots is a third of a closure."""

    state: State
    here: Here

    def __call__(self, value: Value) -> None:
        call(self.state, value, self.here)


def call_node(state: State, callee: int, here: Here) -> None:
    """Call whatever `callee` turns out to be."""
    state.graph.watch(callee, _Calling(state, here))


def call(state: State, callee: Value, here: Here) -> None:
    """Call one abstract value."""
    if type(callee) is Bound and type(callee.func) is Func and not here.binds_method(callee.func.name):  # most calls of a large program
        bind_receiver(state, callee.func, callee.receiver, here.result)
        return
    from faasify.analysis.applying import call_library

    if type(callee) is Bound and type(callee.func) is Lib:
        call_library(state, callee.func.path, here, callee.receiver)
        return
    from faasify.analysis.records import make_tuple
    from faasify.analysis.wrapping import cached, call_partial, dispatch, enter_around, got, look_in_cache, register

    match callee:
        case Func():
            if here.binds(callee.name):
                state.target(here.body, here.node, Target(callee.name, here.direct), here.args, here.result)
                call_function(state, callee, here)
                look_in_cache(state, callee, here)
        case Bound(receiver=receiver, func=Func() as func):
            state.target(here.body, here.node, state.method_target(func.name, direct=here.direct), here.args, here.result)
            call_function(state, func, here, receiver)
            look_in_cache(state, func, here, receiver)
        case Cls():
            _instantiate(state, callee, here)
        case Lib():
            call_library(state, callee.path, here)
        case Partial():
            call_partial(state, callee, here)
        case Identity(caches=True):
            cached(state, here)
        case Identity():
            for node in here.args.positional[:1]:
                state.graph.edge(node, here.result)
                here.body.copies.append((node, here.result))
        case Bound(receiver=receiver, func=Wrapped() as func):
            dispatch(state, func, here, receiver)
        case Wrapped(kind="dispatch" | "register" as kind):
            {"dispatch": dispatch, "register": register}[kind](state, callee, here)
        case Wrapped(kind="get" | "get staticmethod" | "get classmethod"):
            got(state, callee, here)
        case Wrapped():
            call(state, callee.func, here)
        case Getter():
            load(state, callee, here)  # a library asks for it: `x.numerator`
        case Obj(cls="builtins:type"):
            make_tuple(state, callee, here)
        case Obj(cls="builtins:NoneType"):
            return  # a field that is None until it is set: the call would raise TypeError
        case Obj(cls="builtins:generator") if callee.site in state.scopes.definitions:
            enter_around(state, callee, here)  # of a function with @contextmanager: anything else would raise TypeError
        case Obj() if not callee.is_library or state.catalogue.member(callee.cls, "__call__") is not None:
            methods = member(state, callee, "__call__")
            if here.binds(f"#{methods}"):  # an object may be its own `__call__`
                call_node(state, methods, here)
        case _:
            state.target(here.body, here.node, Target(None, here.direct), here.args, here.result)
            for node in here.args.everything():
                escape(state, node)
            state.graph.put_unknown(here.result)


def call_method(state: State, receiver: Value, name: str, here: Here) -> None:
    """An implicit call: `a + b` -> `a.__add__(b)`. Nothing where the receiver has no such method."""
    if isinstance(receiver, Cls) or is_own(receiver):
        methods = implicit_methods(state, receiver, name)  # type: ignore[arg-type]
        if methods is not None:
            call_node(state, methods, here)
            if isinstance(receiver, Obj) and may_have_library_base(state, receiver.cls):
                from faasify.analysis.hooks import call_inherited

                call_inherited(state, receiver, name, here)
    elif isinstance(receiver, Obj):
        found = state.catalogue.member(receiver.cls, name)
        if found is not None and not found.path.startswith("builtins:object."):
            call(state, Bound(receiver, Lib(found.path)), here)
        elif found is None and ":" in receiver.cls and state.catalogue.find(receiver.cls) is None:
            from faasify.analysis.handing_over import call_kept, may_ask_own

            call_kept(state, receiver.cls.partition(":")[0], here)
            may_ask_own(state, receiver.cls.partition(":")[0], here)
    elif isinstance(receiver, Unknown):
        here.body.unknown(here.node, name)


def returns(state: State, value: Value, name: str) -> bool:
    """Whether a class of a library, not a builtin, says by its stub what its special method gives."""
    if not isinstance(value, Obj) or ":" not in value.cls or value.cls.startswith("builtins:"):
        return False
    found = state.catalogue.member(value.cls, name)
    return isinstance(found, LibraryFunction) and bool(found.summary.returns) and not found.path.startswith("builtins:object.")


def implicit_methods(state: State, receiver: Obj | Cls, name: str) -> int | None:
    """What an implicit call of an object's, or a class's, special method calls; None where there certainly is none."""
    if isinstance(receiver, Cls):
        return _own_methods(state, receiver, name) if receiver.name in state.metaclasses else None
    if receiver.below or name in state.bound_in_classes or may_have_library_base(state, receiver.cls):
        return _own_methods(state, receiver, name)
    return None


def _own_methods(state: State, receiver: Obj | Cls, name: str) -> int:
    """What an implicit call of `receiver.name` calls: one node for all sites, since a class may have hundreds below it."""
    found = state.own_methods.get((receiver, name))
    if found is None:
        found = state.own_methods[receiver, name] = into = state.graph.unbounded()
        if isinstance(receiver, Cls):
            meta = state.metaclasses[receiver.name]
            state.graph.watch(meta, lambda m: _own_method(state, m.name, receiver, name, into) if isinstance(m, Cls) else None)
            return found
        _own_method(state, receiver.cls, receiver, name, into)
        if receiver.below:
            each_below(state, receiver.cls, lambda sub: state.graph.edge(_own_methods(state, state.instance(sub), name), into))
    return found


def _own_method(state: State, cls: str, receiver: Obj | Cls, name: str, into: int) -> None:
    def learn(value: Value) -> None:
        if isinstance(value, Func):
            state.graph.put(into, [Bound(one_of_many(state, value, receiver), value)])
        elif isinstance(value, Lib):
            # object's own methods are described for the sake of super(); as operators they say nothing
            if not value.path.startswith("builtins:object.") and state.catalogue.find(value.path) is not None:
                state.graph.put(into, [Bound(receiver, value)])
        elif isinstance(value, Wrapped) and value.kind == "property":
            state.graph.put(into, [Getter(receiver, value.func)])
        elif not isinstance(value, Unknown):
            state.graph.put(into, [value])

    state.graph.watch(stored(state, cls, name), learn)


def call_function(state: State, func: Func, here: Here, receiver: Obj | Cls | None = None) -> None:
    """Bind the arguments; what the function may return flows to the result."""
    bind_arguments(state, func, here.args, receiver, here.result)
    kind = state.scopes.definitions[func.name].kind
    if kind in ("function", "lambda"):
        state.graph.edge(state.node("return", func.name), here.result)
    else:
        state.graph.put(here.result, [Obj(f"builtins:{kind}", func.name)])


def escape(state: State, node: int) -> None:
    """Functions that went where analysis cannot follow may be called with anything."""
    if node in state.escaped:
        return
    state.escaped.add(node)

    def learn(value: Value) -> None:
        func = value.func if isinstance(value, Bound | Wrapped) else value
        func = func.func if isinstance(func, Wrapped) else func
        if isinstance(func, Func):
            scope = state.function_scope(func)
            for name in scope.params[1:] if isinstance(value, Bound) else scope.params:
                state.graph.put_unknown(state.variable(scope, name))
            use_defaults(state, scope)

    state.graph.watch(node, learn)


def _instantiate(state: State, cls: Cls, here: Here) -> None:
    if state.calls_classes:
        state.deferred.append(lambda: _called(state, cls, here))  # when it is known what the class inherits
    else:
        make_instance(state, cls, here)


def _called(state: State, cls: Cls, here: Here) -> None:
    """A metaclass's `__call__` is called in place of what makes an instance."""
    node = metaclass_of(state, cls.name)
    metaclasses = [m for m in state.graph.at(node) if isinstance(m, Cls)] if node is not None else []
    having = [m for m in metaclasses if has_method(state, m.name, "__call__")]
    if node is not None and having:
        state.metaclasses.setdefault(cls.name, node)
        call_method(state, cls, "__call__", here)
    if not having or len(having) < len(metaclasses):
        make_instance(state, cls, here)


def make_instance(state: State, cls: Cls, here: Here) -> None:
    """What `type.__call__` does: `__new__` and `__init__`."""
    from faasify.analysis import records

    made = Obj(cls.name)
    state.graph.put(here.result, [made])
    if state.traits.changes_class:
        state.graph.edge(state.node("becomes", cls.name), here.result)
    state.graph.watch(stored(state, cls.name, "__new__"), lambda maker: made_by(state, maker, cls, here))
    if is_subclass(state, cls.name, "enum:Enum"):
        state.target(here.body, here.node, Target(cls.name, here.direct), here.args, here.result)
        records.look_up_member(state, cls, here)
        return
    nothing = here.implicit(here.args, state.graph.node())
    nothing = Here(nothing.body, nothing.node, nothing.args, nothing.result, here.direct)

    def learn(value: Value) -> None:
        if isinstance(value, Func):
            target = Target(value.name, here.direct, receiver=True, makes=True)
            state.target(here.body, here.node, target, here.args, here.result)
            call_function(state, value, nothing, made)
        elif isinstance(value, Lib):
            call(state, Bound(made, value), nothing)
        elif isinstance(value, Wrapped):
            call(state, value.func, nothing)

    initialised: list[int] = []

    def use(node: int) -> None:
        initialised.append(node)
        state.graph.watch(node, learn)

    find_stored(state, cls.name, "__init__", use)

    def by_fields() -> None:
        if is_subclass(state, cls.name, "enum:Enum"):  # its bases were not known before
            records.look_up_member(state, cls, here)
        records.keep_arguments(state, made, here)
        if may_have_library_base(state, cls.name) and not has_method(state, cls.name, "__init__"):
            from faasify.analysis.hooks import call_asked_of_self

            call_asked_of_self(state, "?.__init__", here, made)
        if implicit_methods(state, made, "__del__") is not None:  # whoever makes an object is the one that is sure to let go of it
            call_method(state, made, "__del__", here.implicit(Arguments(), state.graph.node()))
        if state.record_bases:
            records.fill_record(state, cls, here)
        if "mro" in state.bound_in_classes and is_subclass(state, cls.name, "builtins:type"):  # `M("C", (), {})`
            call_method(state, made, "mro", here.implicit(Arguments(), state.graph.node()))
        if len(here.args.positional) == 3 and state.has_metaclasses and is_subclass(state, cls.name, "builtins:type"):
            from faasify.analysis.making_classes import stand_in, tell_bases

            tell_bases(state, here)
            stand_in(state, here)
        if not initialised or is_subclass(state, cls.name, "typing:NamedTuple"):
            _without_initialiser(state, cls, here)

    state.deferred.append(by_fields)
    if "?" in order(state, cls.name):
        state.target(here.body, here.node, Target(None, here.direct), here.args, here.result)


def _without_initialiser(state: State, cls: Cls, here: Here) -> None:
    from faasify.analysis import records

    state.target(here.body, here.node, Target(cls.name, here.direct), here.args, here.result)
    records.fill_fields(state, cls, here)


def made_by(state: State, maker: Value, cls: Cls, here: Here) -> None:
    func = maker.func if isinstance(maker, Wrapped) else maker
    if isinstance(func, Func):
        state.target(here.body, here.node, Target(func.name, here.direct, receiver=True), here.args, here.result)
        call_function(state, func, here, cls)


def load(state: State, value: Value, here: Here) -> None:
    """What an attribute or name gives: a property is called, anything else is itself."""
    if isinstance(value, Getter):
        receiver, func = value.receiver, value.func
        if isinstance(func, Obj):
            _get_by(state, func, receiver, here)
        else:
            call(state, Bound(receiver, func) if not value_is_module(value) else func, here)
    elif is_own(value) and isinstance(value, Obj) and has_method(state, value.cls, "__get__"):
        call_method(state, value, "__get__", here.implicit(Arguments([state.static(UNKNOWN), state.static(UNKNOWN)])))
    else:
        state.graph.put(here.result, [value])


def _get_by(state: State, descriptor: Obj, receiver: Obj | Cls, here: Here) -> None:
    """`descriptor.__get__(obj, cls)`, or of a class `descriptor.__get__(None, cls)`."""
    given = state.graph.of(receiver if isinstance(receiver, Obj) else NONE)
    owner = receiver.name if isinstance(receiver, Cls) else receiver.cls
    below = state.below(owner) if isinstance(receiver, Obj) and receiver.below else ()
    if isinstance(receiver, Obj) and (loaded := here.body.receivers.get(here.node)) is not None:
        here.body.copies.append((loaded, given))
    here.body.asked.setdefault(here.node, {})[here.result] = None  # it is what the attribute names, not only what that hangs from
    args = Arguments([given, state.graph.of(*map(Cls, (owner, *below)))])
    call_method(state, descriptor, "__get__", here.implicit(args))


@dataclass(slots=True, eq=False)
class Loads:
    """What one attribute gives to all who load it: by an edge what is itself, to each of them what calls something."""

    state: State
    plain: int
    calling: list[Value] = field(default_factory=list)
    sites: list[Here] = field(default_factory=list)

    def learn(self, value: Value) -> None:
        if isinstance(value, Getter) or (isinstance(value, Obj) and is_own(value) and has_method(self.state, value.cls, "__get__")):
            self.calling.append(value)
            for here in list(self.sites):
                load(self.state, value, here)
        else:
            self.state.graph.put(self.plain, [value])


def load_from(state: State, found: int, here: Here) -> None:
    """Whatever the node turns out to hold is loaded at a site."""
    loads = state.loads.get(found)
    if loads is None:
        loads = state.loads[found] = Loads(state, state.graph.node())
        state.graph.watch(found, loads.learn)
    state.graph.edge(loads.plain, here.result)
    loads.sites.append(here)
    for value in list(loads.calling):
        load(state, value, here)


def value_is_module(value: Getter) -> bool:
    return isinstance(value.receiver, Obj) and value.receiver.cls == "builtins:module"


def has_method(state: State, cls: str, name: str) -> bool:
    """Whether a class of the program, or one that it inherits from, defines the method."""
    return any(name in state.class_names.get(c, ()) for c in order(state, cls))
