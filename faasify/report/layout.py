"""Boxes and edges placed on a plane: callers left, callees right, nothing on top of anything else.

{"main": 60, "load": 50, "parse": 70}, [("main", "load"), ("load", "parse")]
->  three boxes in three columns, two wires

Each connected part is layered for itself (igraph's Sugiyama layout orders the rows), and the parts are packed onto shelves. An edge over
several columns gets a place of its own in each of them, shared by all edges to the same box: so no edge runs through a box.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from faasify.report.layers import Layered, Place, layered

ROW = 34.0  # from box to box, downwards
HEIGHT = 24.0  # of a box
GAP = 64.0  # between columns, where edges turn
MARGIN = 28.0  # between parts
BACK = 5.0  # edges that go back to the left enter and leave boxes a little lower

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    name: str
    x: float
    y: float
    width: float
    height: float = HEIGHT

    def moved(self, dx: float, dy: float) -> Box:
        return Box(self.name, self.x + dx, self.y + dy, self.width, self.height)


@dataclass(frozen=True)
class Wire:
    """From caller to callee; `points` are pairs: it turns between two pairs, and is straight inside one."""

    caller: str
    callee: str
    points: tuple[Point, ...]
    back: bool = False

    def moved(self, dx: float, dy: float) -> Wire:
        return Wire(self.caller, self.callee, tuple((x + dx, y + dy) for x, y in self.points), self.back)


@dataclass(frozen=True)
class Placed:
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    width: float
    height: float


def place(widths: Mapping[str, float], edges: Iterable[tuple[str, str]]) -> Placed:
    """Where every box (name -> width) and every edge goes; an edge from a box to itself is a wire of one point."""
    wanted = list(dict.fromkeys(edge for edge in edges if edge[0] in widths and edge[1] in widths))
    loops = [(a, b) for a, b in wanted if a == b]
    parts = [_part(part, widths) for part in layered(list(widths), [edge for edge in wanted if edge[0] != edge[1]])]
    connected = {box.name for part in parts for box in part.boxes}
    single = [name for name in widths if name not in connected]
    if single:
        parts.append(_grid(single, widths))
    placed = _packed(parts)
    corners = {box.name: (box.x + box.width, box.y) for box in placed.boxes}
    return Placed(placed.boxes, (*placed.wires, *(Wire(a, b, (corners[a],)) for a, b in loops)), placed.width, placed.height)


def _part(part: Layered, widths: Mapping[str, float]) -> Placed:
    """One connected part: columns as wide as their widest box, rows as the layout ordered them."""
    columns = _columns(part, widths)
    rows = _rows(part)
    boxes = {name: Box(name, columns[layer][0], rows[name], widths[name]) for name, layer in part.layers.items() if isinstance(name, str)}
    wires = [_wire(caller, callee, way, boxes, columns, rows, part) for (caller, callee), way in part.ways.items()]
    right = max(left + width for left, width in columns)
    return Placed(tuple(boxes.values()), tuple(wires), right, max(rows.values()) + HEIGHT)


def _columns(part: Layered, widths: Mapping[str, float]) -> list[tuple[float, float]]:
    """Left edge and width of each layer."""
    found, left = [], 0.0
    for layer in range(max(part.layers.values()) + 1):
        width = max((widths[name] for name, where in part.layers.items() if where == layer and isinstance(name, str)), default=0.0)
        found.append((left, width))
        left += width + GAP
    return found


def _rows(part: Layered) -> dict[Place, float]:
    """The top of every place, the layout's order kept and at least a row between two places of a layer."""
    tops: dict[Place, float] = {}
    for layer in range(max(part.layers.values()) + 1):
        free = -math.inf
        for name in sorted((name for name, where in part.layers.items() if where == layer), key=lambda name: part.order[name]):
            tops[name] = free = max(part.order[name] * ROW, free)
            free += ROW
    highest = min(tops.values())
    return {name: top - highest for name, top in tops.items()}


def _wire(
    caller: str,
    callee: str,
    way: Sequence[Place],
    boxes: Mapping[str, Box],
    columns: Sequence[tuple[float, float]],
    rows: Mapping[Place, float],
    part: Layered,
) -> Wire:
    first, last = boxes[caller], boxes[callee]
    back = part.layers[caller] > part.layers[callee]
    shift = BACK if back else 0.0
    start, end = first.y + HEIGHT / 2 + shift, last.y + HEIGHT / 2 + shift
    left, width = columns[part.layers[caller]]
    points: list[Point] = [(first.x, start), (left, start)] if back else [(first.x + first.width, start), (left + width, start)]
    for between in way:
        left, width = columns[part.layers[between]]
        middle = rows[between] + HEIGHT / 2
        points += [(left + width, middle), (left, middle)] if back else [(left, middle), (left + width, middle)]
    left, width = columns[part.layers[callee]]
    points += [(left + width, end), (last.x + last.width, end)] if back else [(left, end), (last.x, end)]
    return Wire(caller, callee, tuple(points), back)


def _grid(names: Sequence[str], widths: Mapping[str, float]) -> Placed:
    """Boxes without an edge, in columns."""
    height = max(1, math.ceil(math.sqrt(len(names) * 3)))
    boxes, left = [], 0.0
    for first in range(0, len(names), height):
        column = names[first : first + height]
        boxes += [Box(name, left, row * ROW, widths[name]) for row, name in enumerate(column)]
        left += max(widths[name] for name in column) + MARGIN
    return Placed(tuple(boxes), (), left - MARGIN, min(len(names), height) * ROW)


def _packed(parts: Sequence[Placed]) -> Placed:
    """The parts on shelves, the highest first, about as wide as they are high altogether."""
    area = sum((part.width + MARGIN) * (part.height + MARGIN) for part in parts)
    wide = max([math.sqrt(area * 1.6), *(part.width for part in parts)], default=0.0)
    boxes: list[Box] = []
    wires: list[Wire] = []
    right = bottom = 0.0
    for part, dx, dy in _shelves(sorted(parts, key=lambda part: -part.height), wide):
        boxes += [box.moved(dx, dy) for box in part.boxes]
        wires += [wire.moved(dx, dy) for wire in part.wires]
        right, bottom = max(right, dx + part.width), max(bottom, dy + part.height)
    return Placed(tuple(boxes), tuple(wires), right, bottom)


def _shelves(parts: Iterable[Placed], wide: float) -> Iterator[tuple[Placed, float, float]]:
    left = top = shelf = 0.0
    for part in parts:
        if left and left + part.width > wide:
            left, top, shelf = 0.0, top + shelf + MARGIN, 0.0
        yield part, left, top
        left += part.width + MARGIN
        shelf = max(shelf, part.height)
