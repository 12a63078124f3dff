"""What runs when somebody asks whether something is an instance of a class, or a class below it.

isinstance(x, C)            x.__class__, where that is a property; __instancecheck__ and __subclasscheck__ of C's metaclass; then, as an
                            abstract class does: __subclasshook__ of C, of the classes below C, and of those that are registered
isinstance(x, (A, B | C))   the same of each of them
isinstance(x, P)            of a protocol: x is asked for each of its attributes (Python 3.11)
issubclass(D, C)            as above, and D.__bases__ where D is no class
match x: case C(): ...      as isinstance
"""

from __future__ import annotations

from collections.abc import Callable

from faasify.analysis.asking import HOOKS, ask_hooks, remember, tested
from faasify.analysis.bodies import Arguments, Target
from faasify.analysis.calls import Here, call_method, call_node, implicit_methods, load_from
from faasify.analysis.elements import UNIONS
from faasify.analysis.members import member
from faasify.analysis.mro import bases_of, each_below, is_subclass, order, when_ordered
from faasify.analysis.scopes import Scope
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured
from faasify.analysis.values import UNKNOWN, Bound, Cls, Func, Lib, Obj, Unknown, Value, Wrapped, is_own
from faasify.analysis.virtual import PROTOCOLS

_SUPPORTS = "typing:Supports"  # the library's own protocols: SupportsInt asks for __int__
_OF_PROTOCOLS = frozenset(
    ["__annotations__", "__class_getitem__", "__doc__", "__init__", "__module__", "__new__", "__slots__", "__subclasshook__"]
)
"""Names in a protocol's body that are none of its attributes."""


def check(state: State, kinds: int, asked: int, here: Here, *, of_instance: bool) -> None:
    """`kinds`: the node of the class, or of a tuple or union of them; `asked`: of the instance, or the class."""
    given = _class_of(state, asked, here) if of_instance else _given_class(state, asked, here)
    if state.traits.checks or not state.bound_in_classes.isdisjoint(("__bases__", *HOOKS)):
        _ask_kinds(state, kinds, asked, given, here, of_instance=of_instance)
    if of_instance and (state.traits.protocols or state.hooked):
        _each_kind(state, kinds, lambda kind: _ask_for_attributes(state, kind, asked, here))


@structured("builtins:isinstance")
def _isinstance(state: State, here: Here, given: Given, called: int) -> None:
    for kinds in given.get("class_or_tuple", ()):
        for node in given.get("obj", ()):
            check(state, kinds, node, here, of_instance=True)


@structured("builtins:issubclass")
def _issubclass(state: State, here: Here, given: Given, called: int) -> None:
    for kinds in given.get("class_or_tuple", ()):
        for node in given.get("cls", ()):
            check(state, kinds, node, here, of_instance=False)


@structured("contextlib:suppress.__init__")
def _suppress(state: State, here: Here, given: Given, called: int) -> None:
    """Whether an exception's class is below these; taken to be asked where they are given."""
    for kinds in given.get("exceptions", ()) if state.traits.checks else ():
        check(state, kinds, state.static(UNKNOWN), here, of_instance=False)


def _each_kind(state: State, kinds: int, learn: Callable[[Value], None]) -> None:
    """What stands in tuples and unions at any depth."""
    seen = set[str]()

    def look(value: Value) -> None:
        if not (isinstance(value, Obj) and value.is_library):
            learn(value)
        elif value.cls in UNIONS and value.site not in seen:
            seen.add(value.site)
            state.held(value.site, found)

    found = state.graph.node()
    state.graph.edge(kinds, found)
    state.graph.watch(found, look)


# -- what is asked


def _class_of(state: State, node: int, here: Here) -> int:
    """The node of the classes of what a node may be, as `isinstance` finds them: `x.__class__` may be a property."""
    found = state.graph.node()

    def learn(value: Value) -> None:
        if isinstance(value, Obj) and value.is_library:
            state.graph.put(found, [Lib(value.cls)])
        elif isinstance(value, Obj):
            state.graph.put(found, [Cls(value.cls)])
        else:
            state.graph.put_unknown(found)

    state.graph.watch(node, learn)
    _ask_attribute(state, node, "__class__", here, found)
    return found


def _given_class(state: State, node: int, here: Here) -> int:
    """What is no class is asked for its bases."""
    _ask_attribute(state, node, "__bases__", here, state.graph.node())
    return node


def _ask_attribute(state: State, node: int, name: str, here: Here, into: int) -> None:
    """`x.name`, by what x or its class has for it, or by its hooks."""
    hooked = not state.bound_in_classes.isdisjoint(HOOKS)
    if name not in state.managed and name not in state.bound_in_classes and not hooked:
        return
    inner = here.implicit(Arguments(), into)

    def learn(value: Value) -> None:
        if not (isinstance(value, Cls) or (isinstance(value, Obj) and is_own(value))):
            return
        load_from(state, member(state, value, name), inner)
        ask_hooks(state, value, name, inner)

    remember(state, here, node)
    state.graph.watch(node, learn)


def _ask_for_attributes(state: State, kind: Value, asked: int, here: Here) -> None:
    if isinstance(kind, Lib) and kind.path.startswith(_SUPPORTS):
        _ask_attribute(state, asked, f"__{kind.path.removeprefix(_SUPPORTS).lower()}__", here, state.graph.node())
    elif isinstance(kind, Cls) and state.traits.protocols:
        _ask_for_those_of(state, kind, asked, here)


def _ask_for_those_of(state: State, protocol: Cls, asked: int, here: Here) -> None:
    told = set[str]()

    def look() -> None:
        if PROTOCOLS.isdisjoint(bases_of(state, protocol.name)):
            return
        protocols = [c for c in order(state, protocol.name) if c in state.bases and not PROTOCOLS.isdisjoint(bases_of(state, c))]
        for name in dict.fromkeys(name for cls in protocols for name in _attributes(state.scopes.by_name[cls])):
            if name not in told:
                told.add(name)
                _ask_attribute(state, asked, name, here, state.graph.node())

    when_ordered(state, protocol.name, look)


def _attributes(scope: Scope) -> list[str]:
    return sorted(name for name in scope.bound if name not in _OF_PROTOCOLS and not name.startswith("_abc_"))


# -- who is asked


def _ask_kinds(state: State, kinds: int, asked: int, given: int, here: Here, *, of_instance: bool) -> None:
    about_instance = here.implicit(Arguments([asked]), state.graph.node())
    about_class = here.implicit(Arguments([given]), state.graph.node())

    def learn(kind: Value) -> None:
        if isinstance(kind, Unknown) and state.traits.checks:
            state.target(here.body, here.node, Target(None, direct=False), here.args)
        elif isinstance(kind, Cls | Lib) and state.traits.checks:
            call_node(state, _checks_of(state, kind.name if isinstance(kind, Cls) else _known(state, kind.path)), about_class)
        elif isinstance(kind, Obj):
            call_method(state, kind, "__subclasscheck__", about_class)
            _ask_attribute(state, state.static(kind), "__bases__", here, state.graph.node())
        if of_instance and isinstance(kind, Cls | Obj):
            call_method(state, kind, "__instancecheck__", about_instance)

    _each_kind(state, kinds, learn)
    for about in (about_instance, about_class):
        tested(state, about.result, here)


def _known(state: State, path: str) -> str:
    described = state.catalogue.find(path)
    return described.path if described is not None else path


def _checks_of(state: State, name: str) -> int:
    """What a class asks about another one: methods of its own, of classes below it, and of any that may be registered with it."""
    key = ("checks", name)
    found = state.nodes.get(key)
    if found is None:
        found = state.nodes[key] = state.graph.unbounded()
        if state.traits.registers:
            state.graph.edge(_checks_of_any(state, "builtins:object"), found)
        elif ":" in name:
            state.graph.edge(_checks_of_any(state, name), found)
        if ":" not in name:
            _tell(state, name, found)
            each_below(state, name, lambda sub: _tell(state, sub, found))
    return found


def _checks_of_any(state: State, base: str) -> int:
    """Of all classes of the program below one of a library that check anything by themselves."""
    key = ("checks below", base)
    if key in state.nodes:
        return state.nodes[key]
    found = state.nodes[key] = state.graph.unbounded()
    told = set[str]()

    def look() -> bool:
        checking = [
            c for c in state.bases if c not in told and (c in state.metaclasses or "__subclasshook__" in state.class_names.get(c, ()))
        ]
        new = [cls for cls in checking if base == "builtins:object" or is_subclass(state, cls, base)]
        told.update(new)
        for cls in new:
            _add_checks(state, cls, found)
        return bool(new)

    state.queries.append(look)
    return found


def _tell(state: State, cls: str, into: int) -> None:
    state.deferred.append(lambda: _add_checks(state, cls, into))  # when its metaclass is known


def _add_checks(state: State, cls: str, into: int) -> None:
    def learn(value: Value) -> None:
        func = value.func if isinstance(value, Bound) else value
        if isinstance(func, Func | Wrapped):
            state.graph.put(into, [value])

    if "__subclasshook__" in state.bound_in_classes:
        state.graph.watch(member(state, Cls(cls), "__subclasshook__"), learn)
    for name in ("__subclasscheck__", "__subclasses__"):
        if name in state.bound_in_classes and (methods := implicit_methods(state, Cls(cls), name)) is not None:
            state.graph.watch(methods, learn)
