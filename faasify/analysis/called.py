"""What calls do to what hangs from a body's variables: summaries of the program's functions and of libraries, applied to arguments.

def g(table):
    f(table["rows"], 1)     f changes its first parameter: g changes table
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from faasify.analysis.bodies import Body, Site, Target
from faasify.analysis.described import guess, library
from faasify.analysis.passing import callables, given_nodes, spread_parameters, spread_sites, surely_given
from faasify.analysis.places import World
from faasify.analysis.roots import Holds, Place, Summary
from faasify.analysis.scopes import Scope

if TYPE_CHECKING:
    from faasify.analysis.hanging import Hanging


@dataclass(slots=True, eq=False)
class Terms:
    """Something that the callee has, in terms of a body that calls it."""

    mine: Holds  # variables of the body
    others: Holds  # of neither
    wholes: list[tuple[int, ...]] = field(default_factory=list)  # what these nodes of the body hang from
    parts: list[tuple[int, ...]] = field(default_factory=list)  # and parts of these
    default: bool = False  # it may be a parameter's default


@dataclass(slots=True, eq=False)
class Call:
    summary: Summary
    target: Target
    callee: Scope
    func: int | None
    functions: list[int]  # what the callee may be called by: that, or an argument of a function that calls it
    given: dict[str, tuple[int, ...]]
    results: tuple[int, ...]
    defaults: frozenset[str]  # parameters that may be left to a default that may be changed
    around: tuple[str, ...]  # the functions around the callee, whose variables it may capture
    spread: tuple[tuple[Place, tuple[int, ...]], ...]  # the containers of *args and **kwargs, with what this call puts into them
    made: tuple[str, ...]  # the parameters that are such containers
    terms: dict[Holds, Terms] = field(default_factory=dict)  # by what the callee has: they stay the same


@dataclass(slots=True, eq=False)
class Sites:
    """The calls of one body."""

    calls: list[Call] = field(default_factory=list)  # of the program's functions
    libraries: list[tuple[Site, Target, tuple[int, ...]]] = field(default_factory=list)  # with the nodes of their results
    guesses: list[Site] = field(default_factory=list)  # of anything


def sites_of(world: World, body: Body, bodies: Iterable[Body]) -> Sites:
    """`bodies`: it, and the class statements in it."""
    found = Sites()
    for site in (site for each in bodies for site in each.sites.values()):
        for target, results in site.targets.items():
            if target.to is None:
                found.guesses.append(site)
            elif (summary := world.summaries.get(target.to)) is not None:
                found.calls.append(_call(world, body, site, target, summary))
            elif ":" in target.to:
                found.libraries.append((site, target, tuple(results)))
    return found


def _call(world: World, body: Body, site: Site, target: Target, summary: Summary) -> Call:
    state = world.state
    callee = state.scopes.by_name[target.to or ""]
    defaults = world.changeable_defaults(callee)
    if defaults:
        defaults -= surely_given(site, target, callee)
    given = {name: tuple(nodes) for name, nodes in given_nodes(state, body, site, target).items()}
    spread = tuple((("", where), given.get(name, ())) for name, where in spread_sites(callee))
    func = [] if site.func is None else [site.func]
    functions = func if target.direct else [*func, *callables(state, site, callee.name)]
    results = tuple(site.targets[target])
    made = spread_parameters(callee.node)
    return Call(summary, target, callee, site.func, functions, given, results, defaults, callee.functions_around, spread, made)


class Callees:
    """The call sites of one body."""

    def __init__(self, body: Hanging) -> None:
        self.hanging, self.state, self.body, self.me = body, body.state, body.body, body.me
        self.holds, self.roots = body.holds, body.roots
        sites = body.world.sites.get(body.body)
        self.sites = body.world.sites[body.body] = sites_of(body.world, body.body, body.bodies) if sites is None else sites
        self.stored: dict[tuple[Place, ...], Holds] = {}  # what callees have put into all of these places

    def apply(self) -> None:
        known = self.hanging.world.variables
        self.bound: Holds = 0  # the roots that are variables which something hangs from here
        for node in self.holds:
            self.bound |= known.get(node, 0)
        for call in self.sites.calls:
            self.program(call)
        for site, target, results in self.sites.libraries:
            library(self.state, self.body, site, target, results, self.hanging)
        for site in self.sites.guesses:
            guess(self.state, self.body, site, self.hanging)

    def program(self, call: Call) -> None:
        summary, hanging = call.summary, self.hanging
        captured, around = self.captured(call)
        mapped, others = self.mapped(summary.changes, call)
        hanging.change(mapped)
        for number in self.roots.each(others & self.bound):  # another's variable: if this body has bound it, what it was bound to
            hanging.change(self.holds.get(hanging.world.variable(*self.roots.root(number, self.me)), 0))
        if others & around or any(scope in call.around for scope, _ in summary.rebinds):
            hanging.change(captured)
        for scope, name in summary.rebinds:
            if scope != self.me and (scope, name) not in hanging.own.rebinds:
                hanging.own.rebinds.add((scope, name))
                hanging.grown = True
        if summary.returns and call.results:
            mapped, others = self.mapped(summary.returns, call)
            mapped |= others | (captured if others & around else 0)
            for number in self.roots.each(others & self.bound):  # another's variable that this body has bound
                variable = hanging.world.variable(*self.roots.root(number, self.me))
                mapped |= hanging.deep(variable) if self.roots.is_part(number) else self.holds.get(variable, 0)
            for result in call.results:
                hanging.flow(result, mapped)
        for root, holds in tuple(summary.binds.items()):
            mapped, others = self.mapped(holds, call)
            self.bind(root, mapped | others)
        self.store(summary, call)
        for place, nodes in call.spread:
            self.put((place,), hanging.all_of(nodes))

    def store(self, summary: Summary, call: Call) -> None:
        """The callee has put something into places; most of them have the same, and callees that call each other have the same places."""
        for places, holds in summary.stored:
            self.hanging.world.steps += len(places) - 1
            mapped, _ = self.mapped(holds, call)
            self.put(places, mapped)

    def put(self, places: tuple[Place, ...], holds: Holds) -> None:
        known = self.stored.get(places, 0)
        if holds & ~known:
            self.stored[places] = known | holds
            self.hanging.keep(places, holds)

    def bind(self, root: tuple[str, str], holds: Holds) -> None:
        """The callee has bound another scope's variable."""
        world, own = self.hanging.world, self.hanging.own
        variable = world.variable(*root)
        self.hanging.flow(variable, holds)
        bound = self.holds.get(variable, 0)
        if bound:
            self.bound |= world.variables.get(variable, 0)
        own.binds[root] = own.binds.get(root, 0) | bound

    def captured(self, call: Call) -> tuple[Holds, Holds]:
        """A captured variable is part of the function object: what this body calls it by. With it, the roots that it may capture."""
        found = around = 0
        for scope in call.around:
            around |= self.roots.of(scope)
        for node in call.functions if call.around else ():
            found |= self.holds.get(node, 0)
        return self.roots.deep(found), around

    def mapped(self, holds: Holds, call: Call) -> tuple[Holds, Holds]:
        """What the callee has, in terms of this body's variables; and what is another's, and stays what it is."""
        hanging = self.hanging
        hanging.world.steps += 1
        if (terms := call.terms.get(holds)) is None:
            terms = call.terms[holds] = self.terms(holds, call)
        found = self.default(call) if terms.default else 0
        for nodes in terms.parts:
            found |= hanging.all_deep(nodes)
        for nodes in terms.wholes:
            found |= hanging.all_of(nodes)
        for number in self.roots.each(terms.mine):
            name = self.roots.root(number, self.me)[1]
            variable = self.state.variable(self.body.scope, name)
            found |= hanging.deep(variable) if self.roots.is_part(number) else self.holds.get(variable, 0)
            found |= hanging.anywhere_in(f"{self.me}.<locals>.{name}")
        return found, terms.others

    def terms(self, holds: Holds, call: Call) -> Terms:
        theirs = holds & self.roots.of(call.callee.name)
        mine = (holds ^ theirs) & self.roots.of(self.me)
        terms = Terms(mine, holds ^ theirs ^ mine)
        for number in self.roots.each(theirs):
            self.given(self.roots.root(number, call.callee.name)[1], self.roots.is_part(number), call, terms)
        return terms

    def given(self, name: str, deep: bool, call: Call, terms: Terms) -> None:
        """Add what this call gives for a parameter."""
        spread = name in call.made  # only what is in *args is the caller's
        if name not in call.callee.received or (spread and not deep):
            return
        nodes = call.given.get(name, ())
        terms.default = terms.default or name in call.defaults
        if deep:
            terms.parts.append(nodes)
        elif call.func is not None and call.func in nodes and not call.target.direct:  # what is called by the way has its arguments with it
            terms.parts.append((call.func,))
        if not deep or spread:
            terms.wholes.append(nodes)

    def default(self, call: Call) -> Holds:
        """The object that the def statement made for a parameter is state of the function, however that is called here."""
        around, hanging = call.callee.parent, self.hanging
        name = call.callee.qualname.rpartition(".")[2]
        kept = self.roots.deep(hanging.world.hold(around.name, name)) if around is not None else 0
        kept |= hanging.kept_in(frozenset((name, call.callee.name) for name in call.defaults))
        for node in call.functions:
            kept |= self.holds.get(node, 0)
        return kept
