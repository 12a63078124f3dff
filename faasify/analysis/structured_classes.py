"""What `type` and `object` do in the program's own classes: instances, `__new__` of a metaclass, subclasses, `__getattribute__`."""

from __future__ import annotations

from faasify.analysis.asking import remember
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments, Target
from faasify.analysis.calls import Here, call, call_method, call_node, load_from, make_instance
from faasify.analysis.elements import MAPPINGS, holder
from faasify.analysis.members import attribute_names, member, member_without_hook
from faasify.analysis.mro import each_below, order, when_bases_are_known, when_ordered
from faasify.analysis.namespaces import NAMES_OF_CLASS, fill_names
from faasify.analysis.records import look_up_member, tell_base
from faasify.analysis.state import Given, State
from faasify.analysis.structured import constants, structured
from faasify.analysis.values import STR, UNKNOWN, Bound, Cls, Func, Lib, Mod, Obj, Unknown, Value, Wrapped, is_own

_KINDS = (Func, Bound, Cls, Obj, Wrapped, Mod)
_CHOSEN: dict[str, tuple[type[Value], ...]] = {  # what the predicates of getmembers leave
    "inspect:ismethod": (Bound,),
    "inspect:isfunction": (Func,),
    "inspect:isclass": (Cls,),
    "inspect:ismodule": (Mod,),
}
_PLAIN = frozenset(["builtins:object", "typing:Generic", "typing:Protocol", "abc:ABC"])  # bases whose instances are as any others
_MADE_BY_NEW = frozenset(f"builtins:{name}" for name in ("int", "float", "complex", "str", "bytes", "tuple", "frozenset"))


@structured("builtins:type.__call__", result=True)
def _type_call(state: State, here: Here, given: Given, called: int) -> None:
    """`super().__call__(x)` in a metaclass: an instance of the class."""
    args = here.args
    for node in given["self"]:
        inner = here
        if args.positional[:1] == [node]:
            rest = here.args.__class__(args.positional[1:], args.keywords, args.star, args.double, args.starred, args.doubled)
            inner = Here(here.body, here.node, rest, here.result, here.direct)
        state.graph.watch(node, lambda v, inner=inner: _instance(state, v, inner))  # type: ignore[misc]


def _instance(state: State, cls: Value, here: Here) -> None:
    if isinstance(cls, Cls):
        make_instance(state, cls, here)
    elif not (isinstance(cls, Obj) and not cls.is_library):
        state.target(here.body, here.node, Target(None, here.direct), here.args, here.result)
        state.graph.put_unknown(here.result)


@structured("builtins:type.__new__", result=True)
def _type_new(state: State, here: Here, given: Given, called: int) -> None:
    """The class whose names are given: that of the class statement, in a metaclass's `__new__`."""

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.site.endswith(NAMES_OF_CLASS):
            made = Cls(value.site.removesuffix(NAMES_OF_CLASS))
            state.graph.put(here.result, [made])
            _tell_made(state, made, value.site, here)
        elif isinstance(value, Obj) and (value.cls in MAPPINGS or is_own(value)):
            state.deferred.append(lambda: of_another(holder(value).site))  # when the class has its own names

    def of_another(names: str) -> None:
        """Other names than those of the class statement: the classes are those that this metaclass makes."""
        for node in here.args.positional[:1]:
            state.graph.watch(node, lambda kind: state.graph.watch(_made_by(state, kind), lambda cls: named_by(cls, names)))

    def named_by(cls: Value, names: str) -> None:
        if isinstance(cls, Cls):
            if not state.large:  # there are too many of them to go wherever what this gives goes
                state.graph.put(here.result, [cls])
            fill_names(state, names, cls.name)
            _tell_made(state, cls, names, here)

    for node in here.args.everything():
        state.graph.watch(node, learn)


def _tell_made(state: State, cls: Cls, names: str, here: Here) -> None:
    """It is `type.__new__` that tells the bases of a class, and what is in it."""
    key = here.node, here.body.name, "told", cls
    if key in state.hooks:
        return
    state.hooks.add(key)
    if "__init_subclass__" in state.bound_in_classes:
        telling = here.implicit(Arguments([], here.args.keywords, None, here.args.double), state.graph.node())
        for base in state.bases.get(cls.name, ()):
            state.graph.watch(base, lambda v: tell_base(state, v, telling) if isinstance(v, Cls) else None)
    if "__set_name__" in state.bound_in_classes:
        naming, held = here.implicit(Arguments([state.static(cls), state.static(STR)]), state.graph.node()), state.graph.node()
        state.held(names, held)
        state.graph.watch(held, lambda v: call_method(state, v, "__set_name__", naming) if is_own(v) else None)


def _made_by(state: State, metaclass: Value) -> int:
    return state.node("classes made by", metaclass.name) if isinstance(metaclass, Cls) else state.static(UNKNOWN)


@structured("builtins:object.__new__", result=True)
def _object_new(state: State, here: Here, given: Given, called: int) -> None:
    """`object.__new__(C)` is a C; `int.__new__(int, x)`, and `super().__new__(cls, x)` in one below it, ask x for what `int(x)` does."""
    from faasify.analysis.applying import apply

    args = here.args
    inner = here.implicit(Arguments(args.positional[1:], args.keywords, args.star, args.double), state.graph.node())

    def make(path: str) -> None:
        initialiser = state.catalogue.constructor(path) if path in _MADE_BY_NEW else None
        if initialiser is not None:
            apply(state, initialiser, inner, Obj(path))

    def learn(value: Value) -> None:
        if isinstance(value, Lib):
            make(value.path)
        elif isinstance(value, Cls):
            when_ordered(state, value.name, lambda: make(next((c for c in order(state, value.name) if c in _MADE_BY_NEW), "")))

    def of_nobody_knows(cls: str) -> None:
        if any(c not in _PLAIN and c not in state.bases for c in order(state, cls)):
            state.graph.put_unknown(here.result)  # what such a class takes from its arguments is not followed

    def made(value: Value) -> None:
        if not isinstance(value, Cls):
            state.graph.put_unknown(here.result)
            return
        state.graph.put(here.result, [Obj(value.name)])
        state.graph.edge(state.node("becomes", value.name), here.result)
        when_bases_are_known(state, value.name, lambda: look_up_member(state, value, inner) if state.is_enum(value.name) else None)
        when_ordered(state, value.name, lambda: of_nobody_knows(value.name))

    for node in args.positional[:1]:
        state.graph.watch(node, made)
        if inner.args.everything():
            state.graph.watch(node, learn)
    if not args.positional:
        state.graph.put_unknown(here.result)


@structured("builtins:type.__subclasses__", result=True)
def _subclasses(state: State, here: Here, given: Given, called: int) -> None:
    made = Obj("builtins:list", state.site_name(here.body, here.node))
    state.graph.put(here.result, [made])

    def use(cls: str, sub: str) -> None:
        if sub in state.subclasses.get(cls, ()):
            state.hold(made.site, state.static(Cls(sub)))

    def learn(value: Value) -> None:
        if isinstance(value, Cls):
            each_below(state, value.name, lambda sub: use(value.name, sub))
        else:
            state.hold(made.site, state.static(UNKNOWN))

    for node in given["self"]:
        state.graph.watch(node, learn)


@structured("builtins:object.__getattribute__", result=True)
def _getattribute(state: State, here: Here, given: Given, called: int) -> None:
    def learn(name: str) -> None:
        for node in given["self"]:
            state.graph.watch(node, lambda v: load_from(state, member_without_hook(state, v, name), here.implicit(NO_ARGUMENTS)))

    def other(value: Value) -> None:
        if not (isinstance(value, Obj) and value.const):
            state.graph.put_unknown(here.result)

    constants(given.get("name", ()), state, learn)
    for node in given.get("name", ()):
        state.graph.watch(node, other)
    here.body.parts += [(node, here.result, "") for node in given["self"]]


@structured("builtins:dict.__getitem__")
def _missing(state: State, here: Here, given: Given, called: int) -> None:
    """A subclass of dict may have `__missing__`."""
    inner = here.implicit(here.args.__class__(list(given.get("key", ()))))
    for node in given["self"]:
        state.graph.watch(node, lambda v: call_method(state, v, "__missing__", inner) if is_own(v) else None)


@structured("inspect:getmembers")
def _getmembers(state: State, here: Here, given: Given, called: int) -> None:
    """Every attribute of an object is asked for: its class's properties and descriptors answer. The list has pairs, (name, value)."""
    found = here.implicit(NO_ARGUMENTS, state.graph.node())
    site = state.site_name(here.body, here.node)
    values = state.graph.node()
    pair = Obj("builtins:tuple", f"{site}#member")
    state.hold(pair.site, state.static(STR), "0")
    state.hold(pair.site, values, "1")
    state.hold(site, state.static(pair))
    predicates = given.get("predicate", ())
    chosen: list[tuple[type[Value], ...]] = []

    def keep(value: Value) -> None:
        if not isinstance(value, _KINDS) or any(isinstance(value, kinds) for kinds in chosen):
            state.graph.put(values, [value])

    def choose(predicate: Value) -> None:
        kinds = _CHOSEN.get(predicate.path) if isinstance(predicate, Lib) else None
        chosen.append(kinds or _KINDS)
        state.graph.watch(found.result, keep)
        if kinds is None:
            state.graph.put_unknown(values)  # what every object has

    for node in predicates:
        state.graph.watch(node, choose)
    if not predicates:
        choose(UNKNOWN)
    asked = set[tuple[Value, str]]()

    def ask(value: Obj | Cls | Mod) -> None:
        cls = value.cls if isinstance(value, Obj) else value.name
        if not isinstance(value, Mod) and any(c not in _PLAIN and c not in state.bases for c in order(state, cls)):
            state.graph.put_unknown(values)
        for name in sorted(attribute_names(state, value)):
            if (value, name) not in asked:
                asked.add((value, name))
                load_from(state, member(state, value, name), found)

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and is_own(value):
            call_method(state, value, "__dir__", found)
            when_ordered(state, value.cls, lambda: ask(value))
            return
        if isinstance(value, Cls):
            when_ordered(state, value.name, lambda: ask(value))
        elif isinstance(value, Mod):
            ask(value)
        else:
            state.graph.put_unknown(values)
        if isinstance(value, Unknown):
            state.target(here.body, here.node, Target(None), here.args, here.result)

    for node in given.get("object", ()):
        remember(state, here, node)
        here.body.parts.append((node, here.result, ""))
        state.graph.watch(node, learn)


@structured("builtins:dir")
def _dir(state: State, here: Here, given: Given, called: int) -> None:
    """A module that has a function of that name is asked for its names."""

    def learn(value: Value) -> None:
        if isinstance(value, Mod) and "__dir__" in state.scopes.modules[value.name].bound:
            call_node(state, member(state, value, "__dir__"), here.implicit(NO_ARGUMENTS, state.graph.node()))

    for node in given.get("obj", ()):
        state.graph.watch(node, learn)


@structured("enum:auto.__init__")
def _auto(state: State, here: Here, given: Given, called: int) -> None:
    """The enumeration whose body this is may say by itself what the next value is."""
    cls = here.body.name
    if here.body.scope.kind == "class" and "_generate_next_value_" in state.bound_in_classes:
        inner = here.implicit(Arguments(star=state.fresh()), state.graph.node())
        state.deferred.append(lambda: _next_value(state, cls, inner))  # when its bases are known


def _next_value(state: State, cls: str, here: Here) -> None:
    methods = member(state, Cls(cls), "_generate_next_value_")
    state.graph.watch(methods, lambda v: call(state, v, here) if isinstance(v, Func | Bound) else None)
