"""What calls of libraries do to what hangs from a body's variables, as their stubs say it: the same steps whichever way it is worked out.

xs.append(y)        changes xs, and puts y into it
a = next(it)        a is something in it
"""

from __future__ import annotations

import ast
from typing import Protocol

from faasify.analysis.applying import bound_parameters
from faasify.analysis.bodies import Arguments, Body, Site, Target
from faasify.analysis.passing import library_given
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryClass, LibraryFunction

# A method of these names on an object that nothing resolves most likely is a builtin container's, and changes it.
MUTATING_METHODS = frozenset(
    ["append", "extend", "insert", "remove", "clear", "sort", "reverse", "add", "discard", "update", "setdefault", "popitem"]
    + ["appendleft", "popleft", "extendleft", "pop", "rotate", "difference_update", "intersection_update", "move_to_end"]
)


class Flows(Protocol):
    """Is told of the nodes of one body."""

    def changed(self, node: int) -> None:
        """The object is changed in place."""

    def same(self, node: int, into: int) -> None:
        """`into` is the object itself."""

    def taken(self, whole: int, into: int) -> None:
        """`into` is something in it, at any depth."""

    def part_of(self, whole: int, into: int) -> None:
        """`into` is a part that the object came with; what was put in does not count."""

    def put(self, container: int, item: int, name: str) -> None:
        """The item, or for "[:]" what is in it, is put into the container."""


def guess(state: State, body: Body, site: Site, flows: Flows) -> None:
    """What an unresolved method call most likely changes: its receiver, if builtin containers alone have such a method."""
    func = site.node.func if isinstance(site.node, ast.Call) else None
    receiver = body.receivers.get(site.node)
    if isinstance(func, ast.Attribute) and receiver is not None:
        if func.attr in MUTATING_METHODS and func.attr not in state.methods_named:
            flows.changed(receiver)
        if site.result is not None:
            flows.part_of(receiver, site.result)


def library(state: State, body: Body, site: Site, target: Target, results: tuple[int, ...], flows: Flows) -> None:
    """One call of a library's function, class or method."""
    described = state.catalogue.find(target.to or "")
    if described is None:
        guess(state, body, site, flows)
        return
    if isinstance(described, LibraryClass):
        constructor = state.catalogue.constructor(described.path)
        if constructor is not None and _says_something(constructor):
            args = site.args if target.direct else Arguments(list(site.inputs))
            _apply(constructor, bound_parameters(constructor, args) | {"self": list(results)}, results, flows)
    elif isinstance(described, LibraryFunction) and _says_something(described):
        _apply(described, library_given(state, body, described, site, target), results, flows)


_INITIALISER = ".__init__"
_SETTING_NOTHING = frozenset(["builtins:object.__init__", "builtins:type.__init__"])


def _says_something(function: LibraryFunction) -> bool:
    summary = function.summary
    return function.path.endswith(_INITIALISER) or bool(
        summary.mutates or summary.mutates_given or summary.gives or summary.returns or summary.yields or summary.holds or summary.views
    )


def _apply(function: LibraryFunction, given: dict[str, list[int]], results: tuple[int, ...], flows: Flows) -> None:
    summary = function.summary
    if function.path.endswith(_INITIALISER) and function.path not in _SETTING_NOTHING:  # `super().__init__()`: it sets attributes
        for node in given.get("self", ()):
            flows.changed(node)
    for name in (*summary.mutates, *(name for name, condition in summary.mutates_given if given.get(condition))):
        for node in given.get(name, ()):
            flows.changed(node)
    for result in results:
        for name in summary.gives:
            for node in given.get(name, ()):
                flows.taken(node, result)
        for name, condition in summary.views:
            for node in given.get(name, ()) if not condition or given.get(condition) else ():
                flows.taken(node, result)
        for returned in summary.returns:
            for node in given.get(returned[1:], ()) if returned.startswith("=") else ():
                flows.same(node, result)
        for name in summary.yields:
            for node in given.get(name, ()):
                flows.put(result, node, "[:]")
    for held in summary.holds:
        for node in given.get(held.param, ()):
            for receiver in given.get("self", ()):
                flows.put(receiver, node, "[:]" if held.each else "")
