"""Mappings of the program below a ChainMap: what is asked of the chain they are asked for.

chain = ChainMap(Own(), {})
chain["a"] = 1               Own.__setitem__
len(chain)                   Own.__iter__
"""

from __future__ import annotations

from faasify.analysis.asking import remember
from faasify.analysis.calls import Here, call_method
from faasify.analysis.mro import described_order
from faasify.analysis.state import State
from faasify.analysis.values import Cls, Obj, Unknown, Value, is_own

CHAIN = "collections:ChainMap"
_GONE_THROUGH = dict.fromkeys(("__iter__", "__len__", "keys"), ("__iter__",))
_READ = dict.fromkeys(("items", "values", "__eq__", "__ne__"), ("__iter__", "__getitem__"))
_ASKED: dict[str, tuple[str, ...]] = {
    **_GONE_THROUGH,
    **_READ,
    "get": ("__contains__", "__getitem__"),
    "__bool__": ("__bool__", "__len__"),
    "setdefault": ("__getitem__", "__setitem__"),
    "update": ("__setitem__",),
    "__or__": ("copy", "update"),
    "__ror__": ("keys", "__iter__", "__getitem__"),
    "__ior__": ("update",),
    "__repr__": ("__repr__",),
    **{name: (name,) for name in ("__getitem__", "__setitem__", "__delitem__", "__contains__", "pop", "popitem", "clear", "copy")},
}


def put_below(state: State, node: int) -> None:
    """Which mapping is in which chain is not looked at: chains are made of chains, and of their parents."""
    state.graph.watch(node, lambda v: state.graph.put(_maps(state), [v]) if is_own(v) or isinstance(v, Unknown) else None)


def ask_maps(state: State, value: Value, name: str, here: Here) -> None:
    """The mappings below are asked for what the chain is asked for at this place; nothing where it is none."""
    if name not in _ASKED or not _is_chain(state, value):
        return
    key = here.node, here.body.name, name, "maps"
    if key in state.hooks:
        return
    state.hooks.add(key)
    if (base := here.body.receivers.get(here.node)) is not None:
        remember(state, here, base)
    inner = here.implicit(here.args, state.graph.node())
    for method in _ASKED[name]:
        if method == "__iter__":
            _go_through(state, inner)
        else:
            state.graph.watch(_maps(state), lambda v, method=method: call_method(state, v, method, inner))  # type: ignore[misc]


def _maps(state: State) -> int:
    return state.node("maps", "chained")


def _is_chain(state: State, value: Value) -> bool:
    if not isinstance(value, Obj | Cls):
        return False
    cls = value.cls if isinstance(value, Obj) else value.name
    return cls == CHAIN or (":" not in cls and CHAIN in described_order(state, cls))


def _go_through(state: State, here: Here) -> None:
    from faasify.analysis import iteration

    iteration.elements(state, _maps(state), here.body, here.node)
