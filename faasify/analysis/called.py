"""What calls do to what hangs from a body's variables: summaries of the program's functions and of libraries, applied to arguments.

def g(table):
    f(table["rows"], 1)     f changes its first parameter: g changes table
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faasify.analysis.applying import bound_parameters
from faasify.analysis.bodies import Arguments, Site, Target
from faasify.analysis.passing import callables, given_nodes, library_given, spread_parameters, spread_sites, surely_given
from faasify.analysis.roots import NO_HOLDS, Hold, Summary
from faasify.analysis.scopes import Scope
from faasify.analysis.summaries import LibraryClass, LibraryFunction

if TYPE_CHECKING:
    from faasify.analysis.hanging import Hanging

# A method of these names on an object that nothing resolves most likely is a builtin container's, and changes it.
MUTATING_METHODS = frozenset(
    ["append", "extend", "insert", "remove", "clear", "sort", "reverse", "add", "discard", "update", "setdefault", "popitem"]
    + ["appendleft", "popleft", "extendleft", "pop", "rotate", "difference_update", "intersection_update", "move_to_end"]
)


@dataclass(frozen=True, slots=True)
class Call:
    summary: Summary
    target: Target
    callee: Scope
    func: int | None
    functions: list[int]  # what the callee may be called by: that, or an argument of a function that calls it
    given: dict[str, list[int]]
    results: tuple[int, ...]
    defaults: frozenset[str]  # parameters that may be left to their default
    spread: tuple[tuple[str, list[int]], ...]  # the containers of *args and **kwargs, with what this call puts into them


class Callees:
    """The call sites of one body."""

    def __init__(self, body: Hanging) -> None:
        self.hanging, self.state, self.body, self.me = body, body.state, body.body, body.me
        self.holds = body.holds
        self.libraries: list[tuple[Site, Target, tuple[int, ...]]] = []
        self.guesses: list[Site] = []
        self.calls = list(self.prepare())

    def prepare(self) -> Iterator[Call]:
        for site in (site for body in self.hanging.bodies for site in body.sites.values()):
            for target, results in site.targets.items():
                if target.to is None:
                    self.guesses.append(site)
                elif (summary := self.hanging.world.summaries.get(target.to)) is not None:
                    callee = self.state.scopes.by_name[target.to]
                    defaults = callee.defaults - surely_given(site, target, callee)
                    given = given_nodes(self.state, self.body, site, target)
                    spread = tuple((site, given.get(name, [])) for name, site in spread_sites(callee))
                    func = [] if site.func is None else [site.func]
                    functions = func if target.direct else [*func, *callables(self.state, site, target.to or "")]
                    yield Call(summary, target, callee, site.func, functions, given, tuple(results), defaults, spread)
                elif ":" in target.to:
                    self.libraries.append((site, target, tuple(results)))

    def apply(self) -> None:
        for call in self.calls:
            self.program(call)
        for site, target, results in self.libraries:
            self.library(site, target, results)
        for site in self.guesses:
            self.guess(site)

    def guess(self, site: Site) -> None:
        """What an unresolved method call most likely changes: its receiver, if builtin containers alone have such a method."""
        func = site.node.func if isinstance(site.node, ast.Call) else None
        receiver = self.body.receivers.get(site.node)
        if isinstance(func, ast.Attribute) and receiver is not None:
            if func.attr in MUTATING_METHODS and func.attr not in self.state.methods_named:
                self.hanging.change(self.holds.get(receiver, NO_HOLDS))
            if site.result is not None:
                self.hanging.flow(site.result, {(scope, root, True) for scope, root, _ in self.holds.get(receiver, NO_HOLDS)})

    def program(self, call: Call) -> None:
        for hold in tuple(call.summary.changes):
            mapped = self.mapped(hold, call)
            if mapped is None:  # another's variable: if this body has bound it, what it was bound to
                bound = self.state.nodes.get(("var", hold[0], hold[1]))
                mapped = self.holds.get(bound, NO_HOLDS) if bound is not None else NO_HOLDS
                mapped = mapped | self.captured(hold, call)
            self.hanging.change(mapped)
        for scope, name in call.summary.rebinds:
            self.hanging.change(self.captured((scope, name, False), call))
            if scope != self.me and (scope, name) not in self.hanging.own.rebinds:
                self.hanging.own.rebinds.add((scope, name))
                self.hanging.grown = True
        for hold in tuple(call.summary.returns):
            mapped = self.mapped(hold, call)
            for result in call.results:
                self.hanging.flow(result, mapped if mapped is not None else {hold, *self.captured(hold, call)})
        for variable, holds in tuple(call.summary.binds.items()):
            for hold in tuple(holds):
                mapped = self.mapped(hold, call)
                self.hanging.flow(variable, mapped if mapped is not None else {hold})
            self.hanging.own.binds.setdefault(variable, set()).update(self.holds.get(variable, NO_HOLDS))
        for hold, places in tuple(call.summary.stores.items()):
            if mapped := self.mapped(hold, call):
                self.hanging.keep(places, mapped)
        for site, nodes in call.spread:
            for node in nodes:
                self.hanging.keep({("", site)}, self.holds.get(node, NO_HOLDS))

    def captured(self, hold: Hold, call: Call) -> Set[Hold]:
        """A captured variable is part of the function object: what this body calls it by."""
        if not call.callee.may_capture_from(hold[0]):
            return NO_HOLDS
        return {(scope, name, True) for node in call.functions for scope, name, _ in self.holds.get(node, NO_HOLDS)}

    def mapped(self, hold: Hold, call: Call) -> Set[Hold] | None:
        """A hold of the callee's in terms of this body's variables; None: it is another's, and stays what it is."""
        scope, name, deep = hold
        if scope == call.callee.name:
            if name not in call.callee.params:
                return NO_HOLDS
            spread = name in spread_parameters(call.callee.node)  # only what is in *args is the caller's
            found: set[Hold] = self.default(call) if name in call.defaults else set()
            for node in call.given.get(name, ()):
                if deep or (node == call.func and not call.target.direct):  # what is called by the way has its arguments with it
                    found |= self.hanging.deep(node)
                if not deep or spread:
                    found |= self.holds.get(node, NO_HOLDS)
            return NO_HOLDS if spread and not deep else found
        if scope == self.me:
            variable = self.state.variable(self.body.scope, name)
            holds = self.hanging.deep(variable) if deep else self.holds.get(variable, NO_HOLDS)
            return holds | self.hanging.anywhere_in(f"{self.me}.<locals>.{name}")
        return None

    def default(self, call: Call) -> set[Hold]:
        """The object that the def statement made for a parameter is state of the function, however that is called here."""
        around = call.callee.parent
        kept = {(around.name, call.callee.qualname.rpartition(".")[2], True)} if around is not None else set()
        for name in call.defaults:
            kept |= self.hanging.put_into((name, call.callee.name))
        return kept.union(*(self.holds.get(node, NO_HOLDS) for node in call.functions))

    def library(self, site: Site, target: Target, results: tuple[int, ...]) -> None:
        described = self.state.catalogue.find(target.to or "")
        if isinstance(described, LibraryClass):
            constructor = self.state.catalogue.constructor(described.path)
            if constructor is not None:
                self.described(constructor, site, target, results, receivers=list(results))
        elif isinstance(described, LibraryFunction):
            self.described(described, site, target, results)
        elif described is None:
            self.guess(site)

    def described(
        self, function: LibraryFunction, site: Site, target: Target, results: tuple[int, ...], receivers: list[int] | None = None
    ) -> None:
        summary = function.summary
        if not (summary.mutates or summary.gives or summary.returns or summary.yields or summary.holds):
            return
        if receivers is None:
            given = library_given(self.state, self.body, function, site, target)
        else:
            given = bound_parameters(function, site.args if target.direct else Arguments(list(site.inputs))) | {"self": receivers}
        for name in summary.mutates:
            for node in given.get(name, ()):
                self.hanging.change(self.holds.get(node, NO_HOLDS))
        for result in results:
            for name in summary.gives:
                for node in given.get(name, ()):
                    self.hanging.flow(result, self.hanging.deep(node))
            for returned in summary.returns:
                for node in given.get(returned[1:], ()) if returned.startswith("=") else ():
                    self.hanging.flow(result, self.holds.get(node))
            for name in summary.yields:
                for node in given.get(name, ()):
                    self.hanging.put(result, node, "[:]")
        for held in summary.holds:
            for node in given.get(held.param, ()):
                for receiver in given.get("self", ()):
                    self.hanging.put(receiver, node, "[:]" if held.each else "")
