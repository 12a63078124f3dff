"""Subset constraints over abstract values, solved by passing on what is new (Andersen's analysis with difference propagation).

    graph.edge(a, b)           all that a may be, b may be
    graph.watch(a, learn)      learn(values) for every value that a turns out to be, each once
    graph.solve()              until nothing is new

Nodes are numbers: a variable's version, a field, an element, a result. Sets only grow, so the order of work does not matter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from faasify.analysis.values import UNKNOWN, Obj, Value

Learn = Callable[[Value], None]

CONSTANTS = 16  # literals of one node; beyond them only their types are kept
WIDEST = 120  # values of one node; beyond them it may be anything


class Graph:
    def __init__(self, widest: int = WIDEST) -> None:
        self.widest = widest
        self.idle: Callable[[], bool] = lambda: False
        self.values: list[Value] = []
        self.numbers: dict[Value, int] = {}
        self.sets: list[set[int]] = []
        self._next: list[list[int]] = []
        self._learners: list[list[Learn] | None] = []
        self._edges: set[tuple[int, int]] = set()
        self._pending: dict[int, set[int]] = {}
        self._queue: deque[int] = deque()
        self._wide: set[int] = set()
        self.unknown = self.number(UNKNOWN)

    def number(self, value: Value) -> int:
        found = self.numbers.get(value)
        if found is None:
            found = self.numbers[value] = len(self.values)
            self.values.append(value)
        return found

    def node(self) -> int:
        self.sets.append(set())
        self._next.append([])
        self._learners.append(None)
        return len(self.sets) - 1

    def of(self, *values: Value) -> int:
        """A node that holds these."""
        node = self.node()
        self.put(node, values)
        return node

    def at(self, node: int) -> list[Value]:
        """What the node may be, as known now, in the order in which the values were first met."""
        return [self.values[i] for i in sorted(self.sets[node])]

    def put(self, node: int, values: Iterable[Value]) -> None:
        self.add(node, {self.number(v) for v in values})

    def put_unknown(self, node: int) -> None:
        self.add(node, {self.unknown})

    def add(self, node: int, values: set[int]) -> None:
        known = self.sets[node]
        new = values - known
        if not new:
            return
        if len(known) + len(new) > CONSTANTS:
            new = self._narrowed(node, known, new)
            if not new:
                return
        known |= new
        waiting = self._pending.get(node)
        if waiting is None:
            self._pending[node] = new
            self._queue.append(node)
        else:
            waiting |= new

    def _narrowed(self, node: int, known: set[int], new: set[int]) -> set[int]:
        """Many literals become their type, very many values anything: what a node holds stays bounded."""
        if node in self._wide:
            return new & {self.unknown} - known
        kept = set()
        for number in new:
            value = self.values[number]
            kept.add(self.number(Obj(value.cls)) if isinstance(value, Obj) and value.const else number)
        kept -= known
        if len(known) + len(kept) > self.widest:
            self._wide.add(node)
            return {self.unknown} - known
        return kept

    def edge(self, source: int, target: int) -> None:
        if source == target or (source, target) in self._edges:
            return
        self._edges.add((source, target))
        self._next[source].append(target)
        if self.sets[source]:
            self.add(target, self.sets[source])

    def watch(self, node: int, learn: Learn) -> None:
        learners = self._learners[node]
        if learners is None:
            self._learners[node] = [learn]
        else:
            learners.append(learn)
        waiting = self._pending.get(node, ())
        for number in sorted(self.sets[node]):
            if number not in waiting:  # those are passed on when the node's turn comes
                learn(self.values[number])

    def solve(self) -> None:
        """Until nothing is new. `idle` is asked then whether there is more to be looked at: it says so by making something new."""
        self._drain()
        while self.idle():
            self._drain()

    def _drain(self) -> None:
        queue, pending, following, learners, values = self._queue, self._pending, self._next, self._learners, self.values
        while queue:
            node = queue.popleft()
            new = pending.pop(node)
            for target in following[node]:
                self.add(target, new)
            if (listening := learners[node]) is not None:
                for number in sorted(new):
                    value = values[number]
                    for learn in list(listening):
                        learn(value)
