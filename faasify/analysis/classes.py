"""Class statements: bases, metaclass, body, hooks.

class B(A, metaclass=M):     bases of B: what A may be; M.__new__ and M.__init__ are called, A.__init_subclass__ too
    x = 1                    ("var", "app.B", "x"), found from B and from its instances
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from faasify.analysis.blocks import block
from faasify.analysis.bodies import Arguments, Body
from faasify.analysis.calls import Here, call, call_method
from faasify.analysis.lowering import Lowering, lower
from faasify.analysis.metaclasses import metaclass_of
from faasify.analysis.mro import classes_changed, find_stored
from faasify.analysis.namespaces import NAMES_OF_CLASS, namespace
from faasify.analysis.records import make_members, read_defaults
from faasify.analysis.scopes import Scope
from faasify.analysis.state import State
from faasify.analysis.values import STR, UNKNOWN, Bound, Cls, Func, Obj, Value, Wrapped, is_own


def define_class(low: Lowering, node: ast.ClassDef) -> int:
    """The node of the class that a class statement makes; its body is lowered here, where it runs."""
    state = low.state
    scope = state.scopes.by_node[node]
    cls = Cls(scope.name)
    state.bases[cls.name] = bases = []
    for base in node.bases:
        found = low.graph.node()
        low.graph.edge(lower(low, base), found)
        bases.append(found)
        low.graph.watch(found, lambda value: _inherit(low, cls, value, node))
    for keyword in node.keywords:
        given = lower(low, keyword.value)
        if keyword.arg not in (None, "metaclass"):
            low.graph.edge(given, state.node("class keyword", cls.name, str(keyword.arg)))
        if keyword.arg == "metaclass":
            state.metaclasses[cls.name] = given
            low.graph.watch(given, lambda value: _made_by(low, cls, value, node))
    body = Body(scope)
    state.bodies[scope.name] = body
    low.body.classes.append((scope.name, node.lineno))
    inner = Lowering(state, body)
    names = state.class_names.setdefault(cls.name, set())
    block(inner, node.body)
    for name, version in (inner.env.now or {}).items():
        if isinstance(name, str):
            names.add(name)
            low.graph.edge(version, state.node("var", cls.name, name))
            low.graph.watch(version, lambda value, name=name: _named(low, cls, name, value, node))  # type: ignore[misc]
    if node.bases:
        here = low.here(node)
        state.deferred.append(lambda: make_members(state, cls, here))
    if node.decorator_list:
        made_here = low.here(node)
        state.deferred.append(lambda: read_defaults(state, cls, made_here))
    for name in scope.bound:
        if name not in names and name in scope.rebound:
            names.add(name)
    made = low.static(cls)
    low.body.loads[made] = None
    return made


def register(state: State) -> None:
    """What class bodies say before anything runs: which names are plain methods, which variables, which may be descriptors."""
    for scope in state.scopes.by_name.values():
        if scope.kind in ("class", "module") and not scope.bound.isdisjoint(("__getattr__", "__getattribute__")):
            state.hooked = True
        state.managed |= scope.put_into
        if not isinstance(scope.node, ast.ClassDef):
            continue
        state.has_metaclasses = state.has_metaclasses or any(k.arg == "metaclass" for k in scope.node.keywords)
        definitions = [s for s in scope.node.body if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
        state.managed |= scope.bound - {scope.spelled(s.name) for s in definitions if not s.decorator_list}
        if variables := scope.bound - {scope.spelled(s.name) for s in definitions}:
            state.class_data[scope.name] = variables
    state.calls_classes = state.has_metaclasses and any(map(_calls_classes, state.scopes.by_name.values()))


def _calls_classes(scope: Scope) -> bool:
    """Whether this looks like a metaclass with `__call__`: most classes that have it are none."""
    bases = [getattr(base, "attr", getattr(base, "id", "")) for base in getattr(scope.node, "bases", ())]
    return scope.kind == "class" and "__call__" in scope.bound and any("type" in base.lower() or "meta" in base.lower() for base in bases)


def _inherit(low: Lowering, cls: Cls, base: Value, node: ast.ClassDef) -> None:
    state = low.state
    if is_own(base):  # no class: it says by which classes it is to be replaced
        call_method(state, base, "__mro_entries__", low.here(node, Arguments([low.static(Obj("builtins:tuple"))])))
    if isinstance(base, Cls):
        state.subclasses.setdefault(base.name, {})[cls.name] = None
        state.all_below.clear()
    classes_changed(state, cls.name)
    if isinstance(base, Cls) and state.has_metaclasses:
        _take_metaclass(low, cls, node)
        state.deferred.append(lambda: _take_metaclass(low, cls, node))  # when its bases' bases are known
    if isinstance(base, Cls):
        find_stored(state, base.name, "__init_subclass__", lambda stored: low.graph.watch(stored, lambda v: _hook(low, cls, v, node)))


def _take_metaclass(low: Lowering, cls: Cls, node: ast.ClassDef) -> None:
    """A class has the metaclass of its first base that has one."""
    found = metaclass_of(low.state, cls.name)
    if found is not None and cls.name not in low.state.metaclasses:
        low.state.metaclasses[cls.name] = found
        low.graph.watch(found, lambda value: _made_by(low, cls, value, node))


def _hook(low: Lowering, cls: Cls, value: Value, node: ast.ClassDef) -> None:
    func = value.func if isinstance(value, Wrapped) else value
    if isinstance(func, Func):
        call(low.state, Bound(cls, func), low.here(node, Arguments([], _keywords(low, cls, node))))


def _keywords(low: Lowering, cls: Cls, node: ast.ClassDef) -> dict[str, int]:
    """`class C(Base, kind=f)`: what the hooks get besides."""
    return {k.arg: low.state.node("class keyword", cls.name, k.arg) for k in node.keywords if k.arg not in (None, "metaclass")}


def _made_by(low: Lowering, cls: Cls, metaclass: Value, node: ast.ClassDef) -> None:
    if not isinstance(metaclass, Cls | Func):
        return
    state, graph = low.state, low.graph
    bases = Obj("builtins:tuple", f"{cls.name}.<bases>")
    for index, base in enumerate(state.bases.get(cls.name, ())):
        state.hold(bases.site, base, str(index))
    names = graph.of(namespace(state, cls) or UNKNOWN)
    graph.put(state.node("classes made by", metaclass.name), [cls])  # a class, or a function that calls one
    name = state.static(Obj("builtins:str", const=repr(node.name)))
    args = Arguments([name, state.static(bases), names], _keywords(low, cls, node))
    maker = Here(low.body, node, args, graph.node(), False)
    if isinstance(metaclass, Func):
        call(state, metaclass, low.here(node, args))
        return
    for method, receiver in (("__new__", metaclass), ("__init__", cls)):
        find_stored(state, metaclass.name, method, _caller(low, receiver, maker))
    prepared = graph.node()
    graph.edge(prepared, names)
    graph.watch(prepared, lambda v: _collect(low, cls, v, node))
    preparing = Here(low.body, node, Arguments(args.positional[:2], args.keywords), prepared, False)
    find_stored(state, metaclass.name, "__prepare__", _caller(low, metaclass, preparing))
    find_stored(state, metaclass.name, "mro", _caller(low, cls, low.here(node)))


def _caller(low: Lowering, receiver: Cls, here: Here) -> Callable[[int], None]:
    def learn(value: Value) -> None:
        func = value.func if isinstance(value, Wrapped) else value
        if isinstance(func, Func):
            is_static = isinstance(value, Wrapped) and value.kind == "staticmethod"
            call(low.state, func if is_static else Bound(receiver, func), here)

    return lambda stored: low.graph.watch(stored, learn)


def _collect(low: Lowering, cls: Cls, names: Value, node: ast.AST) -> None:
    """What `__prepare__` gives gets the names of the class, and is asked for those that the body reads: `__name__` at least."""
    if is_own(names):
        held = low.state.node("held", f"{cls.name}{NAMES_OF_CLASS}")
        inside = low.state.bodies[cls.name]
        for method, args in (("__setitem__", [held]), ("__getitem__", []), ("__delitem__", [])):
            if method != "__delitem__" or low.state.deleted.get(cls.name):
                here = Here(inside, node, Arguments([low.static(STR), *args]), low.graph.node(), False)
                call_method(low.state, names, method, here)


def _named(low: Lowering, cls: Cls, name: str, value: Value, node: ast.AST) -> None:
    """`__set_name__` of a class attribute."""
    if isinstance(value, Obj) and not value.is_library:
        args = Arguments([low.static(cls), low.static(Obj("builtins:str", const=repr(name)))])
        call_method(low.state, value, "__set_name__", low.here(node, args))
