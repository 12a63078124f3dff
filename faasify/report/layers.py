"""Connected graphs in layers: cycles are cut, long edges get a place in every layer between, and igraph orders each layer.

main -> load -> parse, main -> parse     layers  main 0, load 1, parse 2
                                         ways    main -> parse over the place (">", "parse", 1)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Place = str | tuple[str, str, int]  # a box's name; or where edges pass: direction, the box they lead to, layer
Edge = tuple[str, str]
ROUNDS = 100  # of the crossing reduction


@dataclass(frozen=True)
class Layered:
    """One connected part."""

    layers: dict[Place, int]
    order: dict[Place, float]  # the position inside the layer; neighbours are at least 1 apart
    ways: dict[Edge, tuple[Place, ...]]  # the places between caller and callee, as the edge passes them


def layered(names: Sequence[str], edges: Sequence[Edge]) -> Iterator[Layered]:
    """Every connected part that has an edge; `edges` without those from a box to itself."""
    import igraph  # a layout is asked for seldom, and igraph is large

    index = {name: number for number, name in enumerate(names)}
    graph: Any = igraph.Graph(n=len(names), edges=[(index[a], index[b]) for a, b in edges], directed=True)
    membership = graph.connected_components(mode="weak").membership
    parts: dict[int, tuple[list[str], list[Edge]]] = {}
    for name, part in zip(names, membership, strict=True):
        parts.setdefault(part, ([], []))[0].append(name)
    for edge in edges:
        parts[membership[index[edge[0]]]][1].append(edge)
    for members, inner in parts.values():
        if inner:
            yield _layered(members, inner)


def _layered(names: Sequence[str], edges: Sequence[Edge]) -> Layered:
    import igraph

    index = {name: number for number, name in enumerate(names)}
    graph: Any = igraph.Graph(n=len(names), edges=[(index[a], index[b]) for a, b in edges], directed=True)
    cut = set(graph.feedback_arc_set(None, "eades"))
    forward = [(b, a) if number in cut else (a, b) for number, (a, b) in enumerate(edges)]
    layers = _longest_paths(names, list(dict.fromkeys(forward)))
    ways, steps = {}, dict[tuple[Place, Place], None]()
    for (caller, callee), (low, high) in zip(edges, forward, strict=True):
        back = (caller, callee) != (low, high)
        between: list[Place] = [("<" if back else ">", callee, layer) for layer in range(layers[low] + 1, layers[high])]
        layers.update({place: place[2] for place in between if not isinstance(place, str)})
        line = [low, *between, high]
        steps.update(dict.fromkeys(zip(line, line[1:], strict=False)))
        ways[caller, callee] = tuple(reversed(between)) if back else tuple(between)
    return Layered(layers, _order(layers, list(steps)), ways)


def _longest_paths(names: Sequence[str], edges: Sequence[Edge]) -> dict[Place, int]:
    """The layer of each box in a graph without cycles: right of all its callers, and as near to its callees as it can."""
    import igraph

    index = {name: number for number, name in enumerate(names)}
    graph: Any = igraph.Graph(n=len(names), edges=[(index[a], index[b]) for a, b in edges], directed=True)
    layer = [0] * len(names)
    ordered = graph.topological_sorting()
    for vertex in ordered:
        layer[vertex] = max((layer[other] + 1 for other in graph.predecessors(vertex)), default=0)
    for vertex in reversed(ordered):
        if not graph.predecessors(vertex) and graph.successors(vertex):
            layer[vertex] = min(layer[other] for other in graph.successors(vertex)) - 1
    return {name: layer[number] for name, number in index.items()}


def _order(layers: dict[Place, int], steps: Sequence[tuple[Place, Place]]) -> dict[Place, float]:
    import igraph

    places = list(layers)
    index = {place: number for number, place in enumerate(places)}
    graph: Any = igraph.Graph(n=len(places), edges=[(index[a], index[b]) for a, b in steps], directed=True)
    layout = graph.layout_sugiyama(layers=[layers[place] for place in places], hgap=1, vgap=1, maxiter=ROUNDS)
    return {place: float(layout[number][0]) for place, number in index.items()}
