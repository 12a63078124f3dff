"""Which variables a body's values hang from: what is changed when an object is changed in place, calls included.

def f(xs, n):
    for row in xs:      row hangs from xs
        row[0] = n      f changes xs
def g(table):
    f(table["rows"], 1) g changes table
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from faasify.analysis.applying import bound_parameters
from faasify.analysis.bodies import Arguments, Body, Site, Target
from faasify.analysis.state import State
from faasify.analysis.summaries import LibraryClass, LibraryFunction
from faasify.analysis.values import Mod, Obj

Root = tuple[str, str]
"""(scope, name): a parameter or local of a function, or a module's global."""
Hold = tuple[str, str, bool]
"""A root, and whether a part of its object is meant."""
Place = tuple[str, str]
"""What is put where: ("", site) elements of a container, (attribute, class) a field."""

_NONE: frozenset[Hold] = frozenset()
_ROUNDS = 8  # evaluations of one body; recursion through more than that many levels of parts is not followed

# A method of these names on an object that nothing resolves most likely is a builtin container's, and changes it.
MUTATING_METHODS = frozenset(
    ["append", "extend", "insert", "remove", "clear", "sort", "reverse", "add", "discard", "update", "setdefault", "popitem"]
    + ["appendleft", "popleft", "extendleft", "pop", "rotate", "difference_update", "intersection_update", "move_to_end"]
)
_IN_PLACE = frozenset(
    ["builtins:list", "builtins:set", "builtins:bytearray", "builtins:dict", "collections:deque", "collections:Counter", "array:array"]
)


@dataclass
class Summary:
    """What calling a function does to what hangs from its parameters and from variables of others."""

    changes: set[Hold] = field(default_factory=set)
    returns: set[Hold] = field(default_factory=set)
    stores: dict[Place, set[Hold]] = field(default_factory=dict)

    def size(self) -> int:
        return len(self.changes) + len(self.returns) + sum(map(len, self.stores.values()))


def summarise(state: State) -> dict[str, Summary]:
    """By function or lambda."""
    found = {name: Summary() for name, body in state.bodies.items() if body.scope.kind in ("function", "lambda")}
    callers: dict[str, dict[str, None]] = {}
    for name in found:
        for site in state.bodies[name].sites.values():
            for target in site.targets:
                if target.to in found:
                    callers.setdefault(target.to, {})[name] = None
    shared: dict[Place, set[Hold]] = {}
    queue = deque(_callees_first(state, found))
    queued, rounds = set(queue), dict.fromkeys(found, 0)
    while queue:
        name = queue.popleft()
        queued.discard(name)
        rounds[name] += 1
        before = found[name].size()
        _Body(state, state.bodies[name], found, shared).run()
        if found[name].size() > before:
            again = [c for c in callers.get(name, ()) if c not in queued and rounds[c] < _ROUNDS]
            queue.extend(again)
            queued.update(again)
    return found


def _callees_first(state: State, names: dict[str, Summary]) -> Iterator[str]:
    known = set(names)
    seen: set[str] = set()
    for start in names:
        if start in seen:
            continue
        seen.add(start)
        stack = [(start, iter(_targets(state, start, known)))]
        while stack:
            name, rest = stack[-1]
            for to in rest:
                if to not in seen:
                    seen.add(to)
                    stack.append((to, iter(_targets(state, to, known))))
                    break
            else:
                stack.pop()
                yield name


def _targets(state: State, name: str, known: set[str]) -> list[str]:
    return [t.to for site in state.bodies[name].sites.values() for t in site.targets if t.to in known]


class _Body:
    """Works one body out, given what is known of its callees."""

    def __init__(self, state: State, body: Body, summaries: dict[str, Summary], shared: dict[Place, set[Hold]]) -> None:
        self.state, self.body, self.summaries, self.shared = state, body, summaries, shared
        self.own = summaries[body.name]
        self.holds: dict[int, set[Hold]] = {}
        self.inside: dict[Place, set[Hold]] = {}
        self.by_class: dict[str, dict[Place, None]] = {}
        self.grown = False

    def run(self) -> None:
        self.seed()
        for _ in range(_ROUNDS):
            self.grown = False
            for source, target in self.body.copies:
                self.flow(target, self.holds.get(source))
            for whole, part, name in self.body.parts:
                self.part(whole, part, name)
            for container, item, name in self.body.puts:
                self.put(container, item, name)
            for site in self.body.sites.values():
                self.site(site)
            if not self.grown:
                break
        self.conclude()

    def seed(self) -> None:
        scope = self.body.scope
        for name in scope.params:
            self.flow(self.state.variable(scope, name), {(scope.name, name, False)})
        for mentioned in self.body.names:
            if not mentioned.stored:
                self.flow(self.state.variable(mentioned.scope, mentioned.name), {(mentioned.scope.name, mentioned.name, False)})

    def conclude(self) -> None:
        own = self.own
        for node in self.body.changes:
            own.changes |= self.holds.get(node, set())
        for each in self.body.fields:
            if each.stored:
                own.changes |= self.holds.get(each.receiver, set())
        for node, right, _ in self.body.rebinds:
            if self.changes_in_place(node, right):
                own.changes |= self.holds.get(node, set())
        own.returns |= self.holds.get(self.state.node("return", self.body.name), set())
        own.returns |= self.inside.get(("", self.body.name), set())  # what a generator yields
        for place, holds in self.inside.items():
            if kept := {hold for hold in holds if hold[0] == self.body.name and hold[1] in self.body.scope.params}:
                own.stores.setdefault(place, set()).update(kept)

    def changes_in_place(self, node: int, right: int) -> bool:
        """`xs += [1]` changes a list in place; `n += 1` rebinds a number."""
        values = self.state.graph.at(node)
        if any(isinstance(v, Obj) and v.cls in _IN_PLACE for v in values):
            return True
        known = any(isinstance(v, Obj) for v in values)
        return not known and any(isinstance(v, Obj) and v.cls in _IN_PLACE for v in self.state.graph.at(right))

    # -- flow

    def flow(self, node: int, holds: set[Hold] | None) -> None:
        if holds:
            known = self.holds.setdefault(node, set())
            if not holds <= known:
                known |= holds
                self.grown = True

    def places(self, node: int, name: str) -> Iterator[Place]:
        for value in self.state.graph.at(node):
            if isinstance(value, Obj) and name and not value.is_library:
                yield (name, value.cls)
            elif isinstance(value, Obj) and value.site:
                yield ("", value.site)

    def part(self, whole: int, part: int, name: str) -> None:
        holds = {(scope, root, True) for scope, root, _ in self.holds.get(whole, ())}
        for place in self.places(whole, name):
            holds |= self.inside.get(place, _NONE)
            holds |= self.shared.get(place, _NONE)
        if name:
            for value in self.state.graph.at(whole):
                if isinstance(value, Mod):
                    holds.add((value.name, name, False))
        self.flow(part, holds)

    def put(self, container: int, item: int, name: str) -> None:
        holds = self.holds.get(item, set())
        if name == "[:]":
            holds = self.deep(item)
        if holds:
            for place in self.places(container, "" if name == "[:]" else name):
                self.keep(place, holds)

    def keep(self, place: Place, holds: set[Hold]) -> None:
        """What hangs from a parameter or local is in there during this call; what hangs from another scope's variable for everybody."""
        own = {hold for hold in holds if hold[0] == self.body.name}
        for kept, put in ((self.inside, own), (self.shared, holds - own)):
            if put and not put <= (known := kept.setdefault(place, set())):
                known |= put
                self.grown = True
                self.by_class.setdefault(place[1], {})[place] = None

    def deep(self, node: int) -> set[Hold]:
        """What parts of the object may hang from: the object's own roots, and what was put into it."""
        holds = {(scope, root, True) for scope, root, _ in self.holds.get(node, ())}
        for value in self.state.graph.at(node):
            if isinstance(value, Obj):
                for place in self.by_class.get(value.site if value.is_library else value.cls, ()):
                    holds |= self.inside.get(place, _NONE)
                    holds |= self.shared.get(place, _NONE)
        return holds

    # -- call sites

    def site(self, site: Site) -> None:
        for target, results in site.targets.items():
            if target.to is None:
                self.guess(site)
            elif ":" in target.to:
                self.library(site, target, results)
            elif (summary := self.summaries.get(target.to)) is not None:
                self.program(site, target, summary, results)

    def guess(self, site: Site) -> None:
        """What an unresolved method call most likely changes: its receiver, if builtin containers alone have such a method."""
        func = site.node.func if isinstance(site.node, ast.Call) else None
        receiver = self.body.receivers.get(site.node)
        if isinstance(func, ast.Attribute) and receiver is not None and func.attr in MUTATING_METHODS - self.state.methods_named.keys():
            self.change(self.holds.get(receiver, set()))
        if isinstance(func, ast.Attribute) and receiver is not None and site.result is not None:
            self.flow(site.result, {(scope, root, True) for scope, root, _ in self.holds.get(receiver, ())})

    def change(self, holds: set[Hold]) -> None:
        if not holds <= self.own.changes:
            self.own.changes |= holds
            self.grown = True

    def program(self, site: Site, target: Target, summary: Summary, results: Iterable[int]) -> None:
        given = self.given(site, target)
        self.change(self.mapped(summary.changes, target, given, others=False))
        returned = self.mapped(summary.returns, target, given)
        for result in results:
            self.flow(result, returned)
        for place, holds in summary.stores.items():
            if mapped := self.mapped(holds, target, given):
                self.keep(place, mapped)

    def given(self, site: Site, target: Target) -> dict[str, list[int]]:
        """The callee's parameters with the nodes of what this site gives them."""
        scope = self.state.scopes.by_name[target.to or ""]
        spec: ast.arguments = scope.node.args  # type: ignore[attr-defined]
        names = [a.arg for a in (*spec.posonlyargs, *spec.args)]
        receiver = self.body.receivers.get(site.node, site.func)
        if not target.direct:
            everything = [*site.inputs, *site.args.everything(), *([receiver] if receiver is not None else [])]
            given = dict.fromkeys(scope.params, everything)
            if target.receiver and names and receiver is not None:
                given[names[0]] = [receiver]
            return given
        given = {}
        if target.receiver and names:
            given[names[0]] = [receiver] if receiver is not None else []
            names = names[1:]
        args = site.args
        for index, node in enumerate(args.positional):
            name = names[index] if index < len(names) else spec.vararg.arg if spec.vararg else None
            if name is not None:
                given.setdefault(name, []).append(node)
        for node in () if args.star is None else (args.star,):
            for name in (*names[len(args.positional) :], *([spec.vararg.arg] if spec.vararg else [])):
                given.setdefault(name, []).append(node)
        for keyword, node in args.keywords.items():
            name = keyword if keyword in scope.params else spec.kwarg.arg if spec.kwarg else ""
            given.setdefault(name, []).append(node)
        for node in () if args.double is None else (args.double,):
            for name in scope.params:
                given.setdefault(name, []).append(node)
        return given

    def mapped(self, holds: set[Hold], target: Target, given: dict[str, list[int]], *, others: bool = True) -> set[Hold]:
        """In terms of this body. `others`: also what hangs from neither's variables."""
        found: set[Hold] = set()
        callee = self.state.scopes.by_name[target.to or ""]
        for scope, name, deep in holds:
            if scope == callee.name:
                if name in callee.params:
                    spread = name in self.spread(callee.node)
                    for node in given.get(name, ()):
                        if spread and deep:
                            found |= self.holds.get(node, set()) | self.deep(node)
                        elif not spread:
                            found |= self.deep(node) if deep else self.holds.get(node, set())
            elif scope == self.body.name:
                variable = self.state.variable(self.body.scope, name)
                found |= self.deep(variable) if deep else self.holds.get(variable, set())
            elif others:
                found.add((scope, name, deep))
        return found

    def spread(self, node: ast.AST) -> tuple[str, ...]:
        """The parameters that are made for the call, *args and **kwargs: only what is in them is the caller's."""
        spec: ast.arguments = node.args  # type: ignore[attr-defined]
        return tuple(a.arg for a in (spec.vararg, spec.kwarg) if a is not None)

    def library(self, site: Site, target: Target, results: Iterable[int]) -> None:
        described = self.state.catalogue.find(target.to or "")
        if isinstance(described, LibraryClass):
            made = list(results)
            described = self.state.catalogue.constructor(described.path)
            if isinstance(described, LibraryFunction):
                self.described(described, site, target, made, receivers=made)
        elif isinstance(described, LibraryFunction):
            self.described(described, site, target, list(results))
        elif described is None:
            self.guess(site)

    def described(
        self, function: LibraryFunction, site: Site, target: Target, results: list[int], receivers: list[int] | None = None
    ) -> None:
        given = library_given(self.body, function, site, target)
        if receivers is not None:
            given["self"] = receivers
        summary = function.summary
        for name in summary.mutates:
            for node in given.get(name, ()):
                self.change(self.holds.get(node, set()))
        for result in results:
            for name in summary.gives:
                for node in given.get(name, ()):
                    self.flow(result, self.deep(node))
            for returned in summary.returns:
                for node in given.get(returned[1:], ()) if returned.startswith("=") else ():
                    self.flow(result, self.holds.get(node))
            for name in summary.yields:
                for node in given.get(name, ()):
                    self.put(result, node, "[:]")
        for held in summary.holds:
            for node in given.get(held.param, ()):
                for receiver in given.get("self", ()):
                    self.put(receiver, node, "[:]" if held.each else "")


def library_given(body: Body, function: LibraryFunction, site: Site, target: Target) -> dict[str, list[int]]:
    """The argument nodes by the library function's parameter names; the receiver is `self`."""
    receiver = body.receivers.get(site.node)
    args = site.args if target.direct else Arguments(list(site.inputs))
    if not function.is_method:
        return bound_parameters(function, args)
    if target.receiver:
        given = bound_parameters(function, args)
        if receiver is not None or site.func is not None:
            given["self"] = [receiver if receiver is not None else site.func]  # type: ignore[list-item]
        return given
    given = bound_parameters(function, Arguments(args.positional[1:], args.keywords, args.star, args.double))
    if args.positional:
        given["self"] = args.positional[:1]
    return given
