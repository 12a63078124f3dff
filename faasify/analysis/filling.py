"""`"%s, %(key)d" % values`: what is filled in is asked for its text or number; which conversion asks for what is not looked at.

"%s %r" % (x, y)      x and y are asked
"%(key)s" % m         m is asked for what is under the key, and that for its text
b"%b" % x             x.__bytes__
"""

from __future__ import annotations

import ast

from faasify.analysis.asking import asked
from faasify.analysis.bodies import NO_ARGUMENTS, Arguments
from faasify.analysis.calls import Here, call, call_method
from faasify.analysis.elements import holder
from faasify.analysis.mro import is_subclass
from faasify.analysis.opened import open_fields
from faasify.analysis.state import Given, State
from faasify.analysis.structured import structured
from faasify.analysis.values import STR, Lib, Obj, Unknown, Value, is_own

_TEXTS = ("builtins:str", "builtins:bytes", "builtins:bytearray")
_OF_EACH = ("__str__", "__repr__", "__int__", "__index__", "__float__", "__bytes__")
_OF_FIELDS = ("__format__", "__str__", "__repr__")
_OF_MAPPINGS = ("__getitem__", "__missing__")


def fill_in(state: State, text: int, values: int, here: Here) -> None:
    """`text % values`; nothing where the left side certainly is no text."""
    inside = state.graph.node()  # what a tuple or mapping has
    done = {"each"} if state.bound_in_classes.isdisjoint((*_OF_EACH, *_OF_MAPPINGS)) else set[str]()

    def learn(value: Value) -> None:
        if isinstance(value, Unknown) or (isinstance(value, Obj) and _is_text(state, value)):
            const = value.const if isinstance(value, Obj) else ""
            if "each" not in done:
                done.add("each")
                _ask_each(state, values, inside, here)
            if "keys" not in done and (not const or "%(" in const):
                done.add("keys")
                look_up(state, values, inside, here)

    state.graph.watch(text, learn)


@structured("builtins:str.format_map")
def _format_map(state: State, here: Here, given: Given, called: int) -> None:
    """`"{key}".format_map(m)` looks the keys up, as `%` does, and asks for `__format__`."""
    found = state.graph.node()
    for values in given.get("mapping", ()):
        look_up(state, values, found, here)
    open_fields(state, here, given["self"], found)
    for name in _OF_FIELDS:
        asked(state, found, name, here.implicit(NO_ARGUMENTS, state.graph.node()))


@structured("builtins:str.format")
def _format(state: State, here: Here, given: Given, called: int) -> None:
    """`text.format(x=p)`: of a literal, the fields are looked at where it is lowered."""
    if isinstance(here.node, ast.Call) and isinstance(here.node.func, ast.Attribute) and isinstance(here.node.func.value, ast.Constant):
        return
    found = state.graph.node()
    for node in here.args.everything():
        state.graph.edge(node, found)
        here.body.copies.append((node, found))
    open_fields(state, here, given["self"], found)
    for name in _OF_FIELDS:
        asked(state, found, name, here.implicit(NO_ARGUMENTS, state.graph.node()))


def _is_text(state: State, value: Obj) -> bool:
    return value.cls in _TEXTS if value.is_library else any(is_subclass(state, value.cls, text) for text in _TEXTS)


def _ask_each(state: State, values: int, inside: int, here: Here) -> None:
    _contents(state, values, inside, here)
    for name in _OF_EACH:
        for node in (values, inside):
            asked(state, node, name, here.implicit(NO_ARGUMENTS, state.graph.node()))


def _contents(state: State, values: int, inside: int, here: Here) -> None:
    here.body.parts.append((values, inside, ""))
    state.graph.watch(values, lambda v: state.held(holder(v).site, inside) if isinstance(v, Obj) else None)


def look_up(state: State, values: int, inside: int, here: Here) -> None:
    """What a mapping gives for keys that are texts goes to `inside`."""
    _contents(state, values, inside, here)
    keyed, made = here.implicit(Arguments([state.static(STR)]), inside), here.implicit(NO_ARGUMENTS, inside)

    def learn(value: Value) -> None:
        for name in _OF_MAPPINGS if is_own(value) else ():
            call_method(state, value, name, keyed)
        if isinstance(value, Obj) and value.cls == "collections:defaultdict":
            here.body.changes.append(values)  # a key that is not there is put in
            state.graph.watch(state.node("factory", value.site), lambda f: None if isinstance(f, Lib | Obj) else call(state, f, made))

    state.graph.watch(values, learn)
