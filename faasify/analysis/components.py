"""Strongly connected components of a graph of names, callees before callers.

a -> b -> c -> b            [b, c], then [a]
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping


def components(edges: Mapping[str, Collection[str]]) -> Iterator[tuple[list[str], set[str]]]:
    """Each component in alphabetical order, with the names outside it that it leads to (Tarjan's algorithm, on a stack of its own).

    What is led to without being a key of `edges` counts for nothing.

    >>> list(components({"a": ["b"], "b": ["c"], "c": ["b", "elsewhere"]}))
    [(['b', 'c'], set()), (['a'], {'b'})]
    """
    search = _Search(edges)
    for start in edges:
        if start not in search.order:
            yield from search.below(start)


class _Search:
    def __init__(self, edges: Mapping[str, Collection[str]]) -> None:
        self.edges = edges
        self.order: dict[str, int] = {}  # in which names were met
        self.lowest: dict[str, int] = {}  # by name: the first one that it leads back to
        self.waiting: dict[str, None] = {}  # met, and in no component yet, in order
        self.path: list[tuple[str, Iterator[str]]] = []  # from the start to the name that is looked at, with what it still leads to

    def meet(self, name: str) -> None:
        self.order[name] = self.lowest[name] = len(self.order)
        self.waiting[name] = None
        self.path.append((name, iter(self.edges[name])))

    def below(self, start: str) -> Iterator[tuple[list[str], set[str]]]:
        """The components that are complete once everything that `start` leads to has been met."""
        self.meet(start)
        while self.path:
            name, rest = self.path[-1]
            if (onward := self.next_unmet(name, rest)) is not None:
                self.meet(onward)
                continue
            self.path.pop()
            if self.path:
                around = self.path[-1][0]
                self.lowest[around] = min(self.lowest[around], self.lowest[name])
            if self.lowest[name] == self.order[name]:
                yield self.complete(name)

    def next_unmet(self, name: str, rest: Iterator[str]) -> str | None:
        for to in rest:
            if to in self.waiting:
                self.lowest[name] = min(self.lowest[name], self.order[to])
            elif to in self.edges and to not in self.order:
                return to
        return None

    def complete(self, name: str) -> tuple[list[str], set[str]]:
        component = []
        while name in self.waiting:
            component.append(self.waiting.popitem()[0])
        onward = {to for each in component for to in self.edges[each] if to in self.edges}
        return sorted(component), onward.difference(component)
