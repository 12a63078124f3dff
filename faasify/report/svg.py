"""A picture as SVG: one file, nothing from elsewhere; fill by module, frame by verdict, reasons in the tooltips.

>>> from faasify.report.picture import Node, Picture
>>> svg(Picture("app.py", (Node("app.f", "f", "app", "travels", "app.f"),), ()))[:26]
'<svg xmlns="http://www.w3.'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from rich.cells import cell_len

from faasify.analysis.export import COLOURS
from faasify.report.layout import HEIGHT, Box, Placed, Point, Wire, place
from faasify.report.picture import Node, Picture
from faasify.report.terminal import printable

CELL = 7.2  # the width of a character of the font below; `textLength` holds every browser to it
PADDING = 12.0
LABEL = 40  # cells
EDGE_OF_PAGE = 24.0
LINE = 20.0
LEGEND = 14  # modules in the legend
FILLS = ("#e3f2fd", "#fff3e0", "#e8f5e9", "#f3e5f5", "#e0f7fa", "#fce4ec", "#f9fbe7", "#efebe9", "#ede7f6", "#e0f2f1", "#fffde7", "#eceff1")
NEUTRAL = "#78909c"  # the frame of what is no function

STYLE = """
text { font: 12px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #212121; }
.title { font-weight: bold; }
.node rect { stroke-width: 1.4; }
.wire { fill: none; stroke: #90a4ae; stroke-width: 1.1; }
.wire.back { stroke-dasharray: 4 3; }
.wire:hover { stroke: #0d47a1; stroke-width: 2.4; }
.node:hover rect { stroke-width: 2.8; }
""".strip()


def svg(picture: Picture) -> str:
    """The whole file, without an XML declaration, so that it can stand in an HTML page too."""
    labels = {node.name: _label(node.label) for node in picture.nodes}
    placed = place({name: cell_len(label) * CELL + 2 * PADDING for name, label in labels.items()}, picture.edges)
    fills = {module: FILLS[i % len(FILLS)] for i, module in enumerate(dict.fromkeys(node.module for node in picture.nodes))}
    head = list(_legend(picture, fills))
    top = EDGE_OF_PAGE + LINE * len(head) + LINE / 2
    widest = max([placed.width, *(width for _, width in head)]) + 2 * EDGE_OF_PAGE
    height = top + placed.height + EDGE_OF_PAGE
    size = f'width="{widest:.0f}" height="{height:.0f}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {widest:.0f} {height:.0f}" role="img">',
        f"<title>{_text(picture.title)}</title>",
        f"<style>{STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#78909c"/></marker></defs>',
        f'<rect {size} fill="#ffffff"/>',
    ]
    for number, (content, _) in enumerate(head):
        lines.append(f'<g transform="translate({EDGE_OF_PAGE:.0f} {EDGE_OF_PAGE + LINE * number:.0f})">{content}</g>')
    lines.append(f'<g transform="translate({EDGE_OF_PAGE:.0f} {top:.0f})">')
    lines += _wires(placed)
    lines += _boxes(placed, {node.name: node for node in picture.nodes}, labels, fills)
    return "\n".join([*lines, "</g>", "</svg>"]) + "\n"


def _boxes(placed: Placed, nodes: Mapping[str, Node], labels: Mapping[str, str], fills: Mapping[str, str]) -> Iterator[str]:
    for box in placed.boxes:
        node = nodes[box.name]
        colour = COLOURS[node.verdict] if node.verdict else NEUTRAL
        kind = node.verdict or "other"
        yield (
            f'<g class="node {kind}" data-name={_attribute(node.name)}><title>{_text(node.tooltip)}</title>'
            f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="5" '
            f'fill="{fills[node.module]}" stroke="{colour}"/>'
            f'<path d="M{box.x + 4:.1f} {box.y + 5:.1f}v{box.height - 10:.1f}" stroke="{colour}" stroke-width="3"/>'
            f"{_label_text(labels[box.name], box)}</g>"
        )


def _label_text(label: str, box: Box) -> str:
    length = cell_len(label) * CELL
    return (
        f'<text x="{box.x + PADDING:.1f}" y="{box.y + HEIGHT / 2 + 4:.1f}" textLength="{length:.1f}" '
        f'lengthAdjust="spacingAndGlyphs">{_text(label)}</text>'
    )


def _wires(placed: Placed) -> Iterator[str]:
    for wire in placed.wires:
        back = " back" if wire.back else ""
        yield (
            f'<path class="wire{back}" d="{_path(wire)}" marker-end="url(#tip)" data-from={_attribute(wire.caller)} '
            f"data-to={_attribute(wire.callee)}><title>{_text(f'{wire.caller} calls {wire.callee}')}</title></path>"
        )


def _path(wire: Wire) -> str:
    """Straight inside a pair of points, a curve from pair to pair; a small arc for a function that calls itself."""
    if len(wire.points) == 1:
        x, y = wire.points[0]
        return f"M{x - 22:.1f} {y:.1f}c0 -9 14 -9 14 0"
    parts = [f"M{_at(wire.points[0])}L{_at(wire.points[1])}"]
    for (x0, y0), (x1, y1), after in zip(wire.points[1::2], wire.points[2::2], wire.points[3::2], strict=False):
        middle = (x0 + x1) / 2
        parts.append(f"C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}L{_at(after)}")
    return "".join(parts)


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"


def _legend(picture: Picture, fills: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    """Lines above the picture, each with its width."""
    for text in filter(None, (picture.title, picture.note)):
        shown = printable(text)
        yield f'<text class="title" y="12">{escape(shown)}</text>', cell_len(shown) * CELL
    yield _keys([(verdict, f'fill="#ffffff" stroke="{colour}" stroke-width="2"') for verdict, colour in COLOURS.items()])
    modules = list(fills.items())[:LEGEND]
    keys = [(_label(module), f'fill="{fill}" stroke="#b0bec5"') for module, fill in modules]
    if len(fills) > len(modules):
        keys.append((f"and {len(fills) - len(modules)} more modules", 'fill="#ffffff" stroke="none"'))
    for first in range(0, len(keys), 5):
        yield _keys(keys[first : first + 5])


def _keys(keys: Sequence[tuple[str, str]]) -> tuple[str, float]:
    parts, left = [], 0.0
    for text, look in keys:
        parts.append(
            f'<rect x="{left:.1f}" y="2" width="12" height="12" rx="3" {look}/><text x="{left + 18:.1f}" y="12">{escape(text)}</text>'
        )
        left += 18 + cell_len(text) * CELL + 20
    return "".join(parts), left


def _label(name: str) -> str:
    """Cut in the middle: both ends of a name tell something."""
    shown = printable(name)
    if cell_len(shown) <= LABEL:
        return shown
    head, tail = shown[: LABEL // 2], shown[-LABEL // 2 :]
    while cell_len(head) + cell_len(tail) >= LABEL:
        head, tail = (head[:-1], tail) if cell_len(head) > cell_len(tail) else (head, tail[1:])
    return f"{head}…{tail}"


def _text(text: str) -> str:
    return escape("\n".join(printable(line) for line in text.split("\n")))


def _attribute(text: str) -> str:
    return quoteattr(printable(text))
