"""Subset constraints over abstract values, solved by passing on what is new (Andersen's analysis with difference propagation).

    graph.edge(a, b)           all that a may be, b may be
    graph.watch(a, learn)      learn(values) for every value that a turns out to be, each once
    graph.solve()              until nothing is new

Nodes are numbers: a variable's version, a field, an element, a result. Sets only grow, so the order of work does not matter.

A large program has millions of nodes, most of them empty or with one value, and few different sets. So sets are frozen, equal ones are
one object, and nothing is kept for a node that leads nowhere or that nobody watches.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Collection, Iterable

from faasify.analysis.values import UNKNOWN, Obj, Value

Learn = Callable[[Value], None]

CONSTANTS = 16  # literals of one node; beyond them only their types are kept
WIDEST = 120  # values of one node; beyond them it may be anything
_FEW = 8  # successors that are looked through; more of them are kept as a set besides
_SAME = 50_000  # sets that are kept so that equal ones are one object, before those that no node has any more are let go
_EMPTY: frozenset[int] = frozenset()
_NOWHERE: list[int] = []  # in place of the successors of a node that nothing is ever added to


class TooMuchToLearn(Exception):
    """More has been learnt than a Graph was allowed to."""


class Graph:
    """`allowed`: how often somebody may learn of a value; None: as often as it takes."""

    def __init__(self, widest: int = WIDEST, allowed: int | None = None) -> None:
        self.widest = widest
        self._left = sys.maxsize if allowed is None else allowed
        self._few = min(CONSTANTS, widest)  # values of one node, up to which nothing is given up
        self._few_enough = CONSTANTS if widest == WIDEST else 0  # values beyond which a node that may be anything learns no more
        self.idle: Callable[[], bool] = lambda: False
        self.values: list[Value] = []
        self.numbers: dict[Value, int] = {}
        self.sets: list[frozenset[int]] = []
        self._singles: list[frozenset[int]] = []  # by number: the set of it alone
        self._types: dict[int, int] = {}  # by number: that of the value without what is known of its text
        self._same: dict[frozenset[int], frozenset[int]] = {}
        self._same_at_most = _SAME
        self._next: list[list[int] | None] = []
        self._many: dict[int, set[int]] = {}  # the successors of nodes that have more than a few
        self._learners: list[list[Learn] | None] = []
        self._pending: dict[int, frozenset[int]] = {}
        self._queue: deque[int] = deque()
        self._wide: set[int] = set()
        self._unbounded: set[int] = set()
        self.unknown = self.number(UNKNOWN)

    def number(self, value: Value) -> int:
        found = self.numbers.get(value)
        if found is None:
            found = self.numbers[value] = len(self.values)
            self.values.append(value)
            self._singles.append(frozenset((found,)))
        return found

    def node(self) -> int:
        node = len(self.sets)
        self.sets.append(_EMPTY)
        self._next.append(None)
        self._learners.append(None)
        return node

    def unbounded(self) -> int:
        """A node of few kinds of values, of which none is given up however many there are."""
        node = self.node()
        self._unbounded.add(node)
        return node

    def of(self, *values: Value) -> int:
        """A node that holds these."""
        node = self.node()
        self.put(node, values)
        return node

    def fixed(self, value: Value) -> int:
        """A node that holds this, and nothing is ever added to it. Where it leads, and who watches it, is told at once and not kept: a
        constant may stand in a hundred thousand places."""
        node = self.node()
        self.sets[node] = self._singles[self.number(value)]
        self._next[node] = _NOWHERE
        return node

    def is_fixed(self, node: int) -> bool:
        return self._next[node] is _NOWHERE

    def at(self, node: int) -> list[Value]:
        """What the node may be, as known now, in the order in which the values were first met."""
        return [self.values[i] for i in sorted(self.sets[node])]

    def are_told(self, nodes: Collection[int]) -> bool:
        """Whether all nodes have values, and those who watch them have heard of them all."""
        return self._pending.keys().isdisjoint(nodes) and all(map(self.sets.__getitem__, nodes))

    def put(self, node: int, values: Iterable[Value]) -> None:
        for value in values:
            self.add(node, self._singles[self.number(value)])

    def put_unknown(self, node: int) -> None:
        self.add(node, self._singles[self.unknown])

    def add(self, node: int, values: frozenset[int]) -> None:
        known = self.sets[node]
        if len(known) > self._few_enough and node in self._wide:
            return
        new = values - known if known else values
        if not new:
            return
        if len(known) + len(new) > self._few:
            new = self._narrowed(node, known, new)
            if not new:
                return
        self.sets[node] = self._united(known, new)
        waiting = self._pending.get(node)
        if waiting is None:
            self._pending[node] = new
            self._queue.append(node)
        else:
            self._pending[node] = waiting | new

    def _united(self, known: frozenset[int], new: frozenset[int]) -> frozenset[int]:
        both = known | new if known else new
        same = self._same
        if len(same) > self._same_at_most:  # most of them are what a node was for a while
            same = self._same = {each: each for each in set(self.sets)}
            self._same_at_most = 2 * len(same) + _SAME
        return same.setdefault(both, both)

    def _narrowed(self, node: int, known: frozenset[int], new: frozenset[int]) -> frozenset[int]:
        """Many literals become their type, very many values anything: what a node holds stays bounded."""
        if node in self._unbounded:
            return new
        if node in self._wide:
            return (new & self._singles[self.unknown]) - known
        types = self._types
        kept = {found if (found := types.get(number)) is not None else self._type(number) for number in new} - known
        if len(known) + len(kept) > self.widest:
            self._wide.add(node)
            return self._singles[self.unknown] - known
        return frozenset(kept)

    def _type(self, number: int) -> int:
        value = self.values[number]
        found = self.number(Obj(value.cls)) if isinstance(value, Obj) and (value.const or value.pattern or value.member) else number
        self._types[number] = found
        return found

    def edge(self, source: int, target: int) -> None:
        if source == target or not self._leads(source, target):
            return
        if self.sets[source]:
            self.add(target, self.sets[source])

    def _leads(self, source: int, target: int) -> bool:
        """Make the edge; whether it is new."""
        following = self._next[source]
        if following is None:
            self._next[source] = [target]
            return True
        if following is _NOWHERE:
            return True
        if len(following) > _FEW:
            many = self._many.get(source)
            if many is None:
                many = self._many[source] = set(following)
            if target in many:
                return False
            many.add(target)
        elif target in following:
            return False
        following.append(target)
        return True

    def watch(self, node: int, learn: Learn) -> None:
        learners = self._learners[node]
        if learners is not None:
            learners.append(learn)
        elif not self.is_fixed(node):
            self._learners[node] = [learn]
        known = self.sets[node]
        if not known:
            return
        waiting = self._pending.get(node, _EMPTY)
        self._spend(len(known))
        for number in sorted(known):
            if number not in waiting:  # those are passed on when the node's turn comes
                learn(self.values[number])

    def _spend(self, times: int) -> None:
        self._left -= times
        if self._left < 0:
            raise TooMuchToLearn

    def settle(self) -> None:
        """Nothing is learnt any more: only what the nodes hold is kept, with what it is called."""
        self.idle = lambda: False
        for once in (self._learners, self._next, self._many, self._same, self._wide, self._unbounded):
            once.clear()

    def solve(self) -> None:
        """Until nothing is new. `idle` is asked then whether there is more to be looked at: it says so by making something new."""
        self._drain()
        while self.idle():
            self._drain()

    def _drain(self) -> None:
        queue, pending, following, learners, values, sets = self._queue, self._pending, self._next, self._learners, self.values, self.sets
        while queue:
            node = queue.popleft()
            new = pending.pop(node)
            for target in following[node] or ():
                if not new <= sets[target]:  # half of all is known already
                    self.add(target, new)
            if (listening := learners[node]) is not None:
                self._spend(len(new) * len(listening))
                for number in sorted(new):
                    value = values[number]
                    for learn in list(listening):
                        learn(value)
