"""The picture and the page: well-formed, self-contained, everything in it once, nothing on top of anything else."""

from __future__ import annotations

import itertools
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.cells import cell_len

from faasify.analysis import analyse
from faasify.analysis.export import by_module, edges
from faasify.frontend import load
from faasify.model.effects import Analysis
from faasify.report.html import html
from faasify.report.layout import HEIGHT, Box, Placed, place
from faasify.report.picture import Node, Picture, picture
from faasify.report.svg import CELL, svg

NS = {"": "http://www.w3.org/2000/svg"}
Edges = list[tuple[str, str]]


def graph(size: int, calls: int, seed: int) -> tuple[dict[str, float], Edges]:
    """A random program: a few functions are called by many, some call themselves or in circles, some stand alone."""
    chance = random.Random(seed)
    names = [f"f{i}" for i in range(size)]
    pairs = [(chance.choice(names), names[min(int(chance.expovariate(4 / size)), size - 1)]) for _ in range(calls)]
    return {name: chance.uniform(30, 300) for name in names}, pairs


GRAPHS = [graph(5, 4, 1), graph(5, 0, 2), graph(1, 1, 3), graph(40, 60, 4), graph(120, 300, 5), graph(300, 600, 6)]
IDS = ["small", "no edge", "itself", "40", "120", "300"]


@pytest.fixture(params=GRAPHS, ids=IDS)
def drawn(request: pytest.FixtureRequest) -> tuple[dict[str, float], Edges, Placed]:
    widths, wanted = request.param
    return widths, wanted, place(widths, wanted)


def overlap(one: Box, other: Box) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


def test_every_box_and_every_edge_is_there_once(drawn: tuple[dict[str, float], Edges, Placed]) -> None:
    widths, wanted, placed = drawn
    assert sorted(box.name for box in placed.boxes) == sorted(widths)
    assert sorted((wire.caller, wire.callee) for wire in placed.wires) == sorted(set(wanted))


def test_no_box_is_on_top_of_another(drawn: tuple[dict[str, float], Edges, Placed]) -> None:
    placed = drawn[2]
    assert [(a.name, b.name) for a, b in itertools.combinations(placed.boxes, 2) if overlap(a, b)] == []
    assert all(b.x >= 0 and b.y >= 0 and b.x + b.width <= placed.width and b.y + b.height <= placed.height for b in placed.boxes)


def test_an_edge_begins_at_its_caller_ends_at_its_callee_and_runs_through_no_box(drawn: tuple[dict[str, float], Edges, Placed]) -> None:
    """Its straight pieces lie in rows of their own; between two of them it turns where no boxes are."""
    placed = drawn[2]
    boxes = {box.name: box for box in placed.boxes}
    for wire in placed.wires:
        if wire.caller == wire.callee:
            assert wire.points == ((boxes[wire.caller].x + boxes[wire.caller].width, boxes[wire.caller].y),)
            continue
        first, last = boxes[wire.caller], boxes[wire.callee]
        ends = (first.x, last.x + last.width) if wire.back else (first.x + first.width, last.x)
        assert (wire.points[0][0], wire.points[-1][0]) == ends
        assert first.y < wire.points[0][1] < first.y + HEIGHT
        assert last.y < wire.points[-1][1] < last.y + HEIGHT
        for piece in pieces(wire.points):
            assert [each.name for each in placed.boxes if inside(piece, each)] == []


def pieces(points: tuple[tuple[float, float], ...]) -> Iterator[Box]:
    """The areas that a wire keeps to, as boxes: a line between the points of a pair, the whole turn from pair to pair."""
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        yield Box("", min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))


def inside(piece: Box, box: Box) -> bool:
    if piece.x + 0.01 >= box.x + box.width or box.x + 0.01 >= piece.x + piece.width:
        return False
    return piece.y < box.y + box.height and box.y < piece.y + piece.height


def test_callers_are_left_of_what_they_call() -> None:
    placed = place({"a": 50, "b": 60, "c": 70}, [("a", "b"), ("b", "c"), ("a", "c")])
    left = {box.name: box.x for box in placed.boxes}
    assert left["a"] < left["b"] < left["c"]
    assert not any(wire.back for wire in placed.wires)


def test_a_circle_has_one_edge_back() -> None:
    placed = place({"a": 50, "b": 60, "c": 70}, [("a", "b"), ("b", "c"), ("c", "a")])
    assert sum(wire.back for wire in placed.wires) == 1


SOURCE = """
def save(path):
    open(path, "w")

def f(x):
    return f(x - 1) if x else save("<x>&\\"'")

class Größe:
    def 関数(self):
        return sorted([1], key=lambda v: -v)

f(3)
"""


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    (tmp_path / "app.py").write_text(SOURCE)
    (tmp_path / "a<&>\"'\x07.py").write_text("def g(): pass\n")
    (tmp_path / "bad.py").write_text("def (\n")
    return analyse(load(".", cwd=tmp_path))


def test_the_svg_is_well_formed_and_has_everything(analysis: Analysis) -> None:
    root = ElementTree.fromstring(svg(picture(analysis)))
    names = {group.get("data-name") for group in root.iterfind(".//g[@data-name]", NS)}
    expected = {name for names in by_module(analysis).values() for name in names}
    assert names == {name.replace("\x07", r"\x07") for name in expected}
    drawn = [(path.get("data-from"), path.get("data-to")) for path in root.iterfind(".//path[@data-from]", NS)]
    assert sorted(drawn) == sorted(edges(analysis))
    assert drawn


def test_a_box_tells_its_reasons(analysis: Analysis) -> None:
    root = ElementTree.fromstring(svg(picture(analysis)))
    title = root.findtext(".//g[@data-name='app.f']/title", namespaces=NS) or ""
    assert title.startswith("app.f\napp.py:5\nstays\n")
    assert 'FILES: writes a file (open "w", app.py:3) through save() (app.py:6)' in title


def test_a_label_fits_its_box(analysis: Analysis) -> None:
    long = Node("m.x", "quite_a_long_name_that_goes_on_and_on.for_ever_and_日本語日本語日本語日本語_ever.until_it_ends", "m", None, "")
    shown = picture(analysis)
    root = ElementTree.fromstring(svg(Picture("t", (*shown.nodes, long), shown.edges)))
    for group in root.iterfind(".//g[@data-name]", NS):
        rect, text = group.find("rect", NS), group.find("text", NS)
        assert rect is not None
        assert text is not None
        left, right = float(text.get("x", 0)), float(text.get("x", 0)) + float(text.get("textLength", 0))
        assert float(rect.get("x", 0)) < left
        assert right <= float(rect.get("x", 0)) + float(rect.get("width", 0))
        assert float(text.get("textLength", 0)) == pytest.approx(cell_len(text.text or "") * CELL, abs=0.1)
        assert cell_len(text.text or "") <= 40


def test_nothing_comes_from_elsewhere(analysis: Analysis) -> None:
    for text in (svg(picture(analysis)), html(analysis)):
        addresses = set(re.findall(r"https?://[^\s\"'<]+", text))
        assert addresses == {"http://www.w3.org/2000/svg"}
        assert re.findall(r"\b(?:src|href)\s*=|@import|\burl\((?!#)", text) == []


def test_a_large_program_is_shown_by_its_modules(analysis: Analysis) -> None:
    shown = picture(analysis, limit=3)
    assert sorted(node.label for node in shown.nodes) == ["a<&>\"'\x07 (1)", "app (4)"]
    assert "too many" in shown.note
    assert "too many" in svg(shown)


def test_an_empty_program_has_a_picture(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("def (\n")
    analysis = analyse(load(".", cwd=tmp_path))
    assert ElementTree.fromstring(svg(picture(analysis))) is not None
    assert "bad.py:1" in html(analysis)


class Reader(HTMLParser):
    """Rows, texts, and whether every element is closed in order."""

    VOID = frozenset(["meta", "input"])

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[dict[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr" and attrs:
            self.rows.append(dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        return

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_has_every_function_with_its_reasons(analysis: Analysis) -> None:
    reader = Reader()
    reader.feed(html(analysis))
    reader.close()
    assert reader.open == []
    assert [row["data-name"] for row in reader.rows] == [name.replace("\x07", r"\x07") for name in analysis.functions]
    assert {row["data-verdict"] for row in reader.rows} == {facts.verdict for facts in analysis.functions.values()}
    words = " ".join(reader.text.split())
    assert 'writes a file (open "w", app.py:3) through save() (app.py:6) FILES' in words
    assert "not analysed: bad.py:1" in words


def test_igraph_is_loaded_for_pictures_only() -> None:
    code = "import sys, faasify.cli.commands, faasify.pipeline, faasify.report.graphs; sys.exit('igraph' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
