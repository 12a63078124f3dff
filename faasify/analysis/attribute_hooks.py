"""`__getattr__` and `__getattribute__` of the program: what they give is what an attribute may be."""

from __future__ import annotations

from collections.abc import Callable

from faasify.analysis.mro import order
from faasify.analysis.state import State
from faasify.analysis.values import Bound, Cls, Func, Getter, Obj, Value


def hook_all(state: State, value: Obj, name: str, node: int) -> Callable[[int], None]:
    """`__getattribute__` is called for every attribute; what it gives may be what the instance has."""

    def learn(method: Value) -> None:
        if isinstance(method, Func):
            _give_name(state, method, name, 1)
            state.graph.put(node, [Getter(value, method)])

    return lambda stored: state.graph.watch(stored, learn)


def from_getattr(state: State, hook: int, name: str, node: int) -> None:
    def learn(value: Value) -> None:
        if isinstance(value, Func):
            state.graph.put(node, [Getter(Obj("builtins:module"), value)])
            _give_name(state, value, name, 0)

    state.graph.watch(hook, learn)


def hook_instance(state: State, value: Obj, name: str, node: int) -> Callable[[int], None]:
    """`__getattr__` gives what nothing else does; whether anything else does is not known before the end, so it always may."""

    def use(stored: int) -> None:
        def learn(method: Value) -> None:
            if isinstance(method, Func) and not is_defined(state, value.cls, name):
                _give_name(state, method, name, 1)
                state.graph.put(node, [Getter(value, method)])

        state.graph.watch(stored, learn)

    return use


def hook_class(state: State, cls: Cls, name: str, hook: Value, node: int) -> None:
    """The metaclass's `__getattr__` gives what the class has not."""
    if isinstance(hook, Bound) and isinstance(hook.func, Func) and not is_defined(state, cls.name, name):
        _give_name(state, hook.func, name, 1)
        state.graph.put(node, [Getter(cls, hook.func)])


def _give_name(state: State, func: Func, name: str, index: int) -> None:
    scope = state.function_scope(func)
    if len(scope.params) > index:
        state.graph.put(state.variable(scope, scope.params[index]), [Obj("builtins:str", const=repr(name))])


def is_defined(state: State, cls: str, name: str) -> bool:
    along = [c for c in order(state, cls) if c in state.bases]
    return any(name in state.class_names.get(c, ()) or name in state.own_fields.get(c, ()) for c in along)
