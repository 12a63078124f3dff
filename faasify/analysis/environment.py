"""Which version of each local variable is meant where: assignments in a straight line replace each other, branches join.

x = f                  x is version 1
if c: x = g            x is version 2
x()                    a join of 1 and 2
"""

from __future__ import annotations

from faasify.analysis.graph import Graph

Variable = str | tuple[str, str]
"""A name of the body's own scope; (scope, name) of a comprehension's."""


class Environment:
    """The variables' versions at the point that is being lowered; None: the point is never reached."""

    def __init__(self, graph: Graph, copies: list[tuple[int, int]]) -> None:
        self.graph, self.copies = graph, copies
        self.now: dict[Variable, int] | None = {}
        self._recording: list[dict[Variable, int]] = []  # of each `try` around: the joins of what is assigned in it

    @property
    def in_try(self) -> bool:
        return bool(self._recording)

    def get(self, name: Variable) -> int | None:
        return None if self.now is None else self.now.get(name)

    def set(self, name: Variable, node: int) -> None:
        if self.now is not None:
            self.now[name] = node
            for joins in self._recording:
                if name in joins:
                    self._flow(node, joins[name])

    def copy(self) -> dict[Variable, int] | None:
        return None if self.now is None else dict(self.now)

    def join(self, *ends: dict[Variable, int] | None) -> None:
        """Go on from several ends at once."""
        alive = [end for end in ends if end is not None]
        if len(alive) < 2:
            self.now = dict(alive[0]) if alive else None
            return
        joined: dict[Variable, int] = {}
        for name in dict.fromkeys(n for end in alive for n in end):
            versions = dict.fromkeys(end[name] for end in alive if name in end)
            if len(versions) == 1:
                joined[name] = next(iter(versions))
            else:
                joined[name] = self.phi(*versions)
        self.now = joined

    def phi(self, *versions: int) -> int:
        node = self.graph.node()
        for version in versions:
            self._flow(version, node)
        return node

    def _flow(self, version: int, join: int) -> None:
        self.graph.edge(version, join)
        self.copies.append((version, join))

    def open_loop(self, names: list[Variable]) -> dict[Variable, int]:
        """Joins for all that a loop's body assigns, in place from its head on; `close_loop` tells them the versions at its end."""
        joins: dict[Variable, int] = {}
        if self.now is not None:
            for name in names:
                before = self.now.get(name)
                joins[name] = self.phi(*([] if before is None else [before]))
                self.now[name] = joins[name]
        return joins

    def close_loop(self, joins: dict[Variable, int], end: dict[Variable, int] | None) -> None:
        if end is not None:
            for name, join in joins.items():
                if name in end:
                    self._flow(end[name], join)

    def open_try(self, names: list[Variable]) -> dict[Variable, int]:
        """From here to `close_try`, every version of these names flows to a join: an exception may come after any of them."""
        joins = {name: self.phi(*([] if self.get(name) is None else [self.now[name]])) for name in names} if self.now is not None else {}
        self._recording.append(joins)
        return joins

    def close_try(self) -> None:
        self._recording.pop()
