"""What `unittest.mock` puts in the place of the program's names, for as long as a block or a function runs: it may be what they are.

patch("m.f", g)                             m.f may be g
patch("m.f", side_effect=g)                 a call of m.f calls g
patch.object(C, "go", new=g)                C.go may be g
patch.multiple(C, go=g), patch.dict(t, a=g) likewise
"""

from __future__ import annotations

from collections.abc import Callable

from faasify.analysis.bodies import NO_ARGUMENTS
from faasify.analysis.calls import Here, call_node
from faasify.analysis.elements import MAPPINGS
from faasify.analysis.members import member
from faasify.analysis.modules import submodule
from faasify.analysis.namespaces import namespace
from faasify.analysis.state import State
from faasify.analysis.structured import constants, merge
from faasify.analysis.values import Obj, Value

PATCH = ("unittest.mock:patch", "unittest:mock.patch")  # by `from unittest import mock`
_CALLED = ("side_effect", "wraps")  # by the mock that is put there
_OF_PATCH = frozenset(["spec", "spec_set", "create", "autospec", "new_callable", "unsafe", *_CALLED])


def patch(state: State, path: str, here: Here) -> None:
    positional, keywords = here.args.positional, here.args.keywords
    kind = path[len(PATCH[0]) :]
    if kind == "" and positional:
        constants(positional[:1], state, lambda target: _target(state, here, target, _new(state, here, 1)))
    elif kind == ".object" and len(positional) > 1:
        for node in _new(state, here, 2):
            constants(positional[1:2], state, lambda name, node=node: _put(state, positional[0], name, node))  # type: ignore[misc]
    elif kind == ".multiple" and positional:
        for name, node in keywords.items():
            if name not in _OF_PATCH:
                _put(state, positional[0], name, node)
                constants(positional[:1], state, lambda text, name=name, node=node: _target(state, here, f"{text}.{name}", [node]))  # type: ignore[misc]
    elif kind == ".dict" and positional:
        state.graph.watch(positional[0], lambda table: _fill(state, here, table))


def _new(state: State, here: Here, index: int) -> list[int]:
    """What is put there, or what is called where a mock is."""
    positional, keywords = here.args.positional, here.args.keywords
    found = [*positional[index : index + 1], *(keywords[name] for name in ("new", *_CALLED) if name in keywords)]
    if "new_callable" in keywords:
        made = state.graph.node()
        call_node(state, keywords["new_callable"], here.implicit(NO_ARGUMENTS, made))
        found.append(made)
    return found


def _target(state: State, here: Here, target: str, new: list[int]) -> None:
    """`"package.module.Class.name"`; where nothing is run, `__main__` is taken to be the module that says it."""
    steps = target.split(".")
    if steps[0] == "__main__" and state.program.main is None:
        steps[0] = here.body.scope.module
    for count in range(len(steps) - 1, 0, -1):
        module = submodule(state.program, ".".join(steps[:count]))
        if module is not None:
            owner = state.static(module)
            for step in steps[count:-1]:
                owner = _attribute(state, owner, step)
            for node in new:
                _put(state, owner, steps[-1], node)
            return


def _attribute(state: State, owner: int, name: str) -> int:
    found = state.graph.node()
    state.graph.watch(owner, lambda v: state.graph.edge(member(state, v, name), found))
    return found


def _put(state: State, owner: int, name: str, node: int) -> None:
    state.graph.watch(owner, _putting(state, name, node))


def _putting(state: State, name: str, node: int) -> Callable[[Value], None]:
    def learn(value: Value) -> None:
        if (names := namespace(state, value)) is not None:
            state.hold(names.site, node, repr(name))

    return learn


def _fill(state: State, here: Here, table: Value) -> None:
    if isinstance(table, Obj) and table.cls in MAPPINGS:
        for given in here.args.positional[1:2]:
            state.graph.watch(given, lambda v: merge(state, here, v, table))
        for name, node in here.args.keywords.items():
            state.hold(table.site, node, repr(name))
