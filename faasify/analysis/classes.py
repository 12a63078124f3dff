"""Class statements: bases, metaclass, body, hooks.

class B(A, metaclass=M):     bases of B: what A may be; M.__new__ and M.__init__ are called, A.__init_subclass__ too
    x = 1                    ("var", "app.B", "x"), found from B and from its instances
"""

from __future__ import annotations

import ast

from faasify.analysis.bodies import Arguments, Body
from faasify.analysis.calls import Here, call, call_method
from faasify.analysis.lowering import Lowering, lower
from faasify.analysis.members import classes_changed, find_stored
from faasify.analysis.state import State
from faasify.analysis.values import UNKNOWN, Bound, Cls, Func, Obj, Value, Wrapped


def define_class(low: Lowering, node: ast.ClassDef) -> int:
    """The node of the class that a class statement makes; its body is lowered here, where it runs."""
    from faasify.analysis.statements import block

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
    for name in scope.bound:
        if name not in names and name in scope.rebound:
            names.add(name)
    made = low.static(cls)
    low.body.loads[made] = None
    return made


def register(state: State) -> None:
    """What class bodies say before anything runs: which names are plain methods, which variables, which may be descriptors."""
    for scope in state.scopes.by_name.values():
        if scope.kind in ("class", "module") and "__getattr__" in scope.bound:
            state.hooked = True
        if not isinstance(scope.node, ast.ClassDef):
            continue
        definitions = [s for s in scope.node.body if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
        state.managed |= scope.bound - {s.name for s in definitions if not s.decorator_list}
        if variables := scope.bound - {s.name for s in definitions}:
            state.class_data[scope.name] = variables


def _inherit(low: Lowering, cls: Cls, base: Value, node: ast.ClassDef) -> None:
    state = low.state
    if isinstance(base, Cls):
        state.subclasses.setdefault(base.name, {})[cls.name] = None
        if base.name in state.metaclasses and cls.name not in state.metaclasses:
            state.metaclasses[cls.name] = state.metaclasses[base.name]
            low.graph.watch(state.metaclasses[base.name], lambda value: _made_by(low, cls, value, node))
    classes_changed(state, cls.name)
    if isinstance(base, Cls):
        find_stored(state, base.name, "__init_subclass__", lambda stored: low.graph.watch(stored, lambda v: _hook(low, cls, v, node)))


def _hook(low: Lowering, cls: Cls, value: Value, node: ast.AST) -> None:
    func = value.func if isinstance(value, Wrapped) else value
    if isinstance(func, Func):
        call(low.state, Bound(cls, func), low.here(node))


def _made_by(low: Lowering, cls: Cls, metaclass: Value, node: ast.AST) -> None:
    if isinstance(metaclass, Cls):
        unknown = low.static(UNKNOWN)
        args = Arguments([unknown, unknown, unknown])
        maker = Here(low.body, node, args, low.graph.node(), False)
        find_stored(
            low.state,
            metaclass.name,
            "__new__",
            lambda s: low.graph.watch(s, lambda v: call(low.state, Bound(metaclass, v), maker) if isinstance(v, Func) else None),
        )
        find_stored(
            low.state,
            metaclass.name,
            "__init__",
            lambda s: low.graph.watch(s, lambda v: call(low.state, Bound(cls, v), maker) if isinstance(v, Func) else None),
        )
    elif isinstance(metaclass, Func):
        call(low.state, metaclass, low.here(node, Arguments([low.static(UNKNOWN)] * 3)))


def _named(low: Lowering, cls: Cls, name: str, value: Value, node: ast.AST) -> None:
    """`__set_name__` of a class attribute."""
    if isinstance(value, Obj) and not value.is_library:
        args = Arguments([low.static(cls), low.static(Obj("builtins:str", const=repr(name)))])
        call_method(low.state, value, "__set_name__", low.here(node, args))
