"""Three columns that fit a width: a name, a place, and a sentence that takes as many lines as it needs.

wide      app.most_common  app.py:29  calls something that analysis cannot
                                      resolve (counter.items, app.py:30)
narrow    app.most_common  app.py:29
              calls something that analysis cannot resolve
              (counter.items, app.py:30)

Widths are those of terminal cells: an ideogram takes two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from faasify.report.terminal import plain

ROOM = 48  # cells that the sentence needs beside the others; with fewer it has lines of its own
GAP = "  "


@dataclass(frozen=True)
class Row:
    name: str
    place: str
    text: str


def columns(rows: Sequence[Row], width: int | None, indent: int = 0) -> Iterator[Text]:
    """The lines of a table; `width` None: nothing is cut or wrapped."""
    names, places = [plain(row.name).plain for row in rows], [plain(row.place).plain for row in rows]
    first, second = max(map(cell_len, names), default=0), max(map(cell_len, places), default=0)
    left = indent + first + second + 2 * len(GAP)
    if width is not None and width - left < ROOM:
        for row in rows:
            yield from _stacked(row, width, indent)
        return
    for row, name, place in zip(rows, names, places, strict=True):
        begin = Text(" " * indent + padded(name, first) + GAP).append(padded(place, second) + GAP, style="dim")
        lines = _lines(plain(row.text), None if width is None else width - left)
        for number, line in enumerate(lines):
            whole = (begin if number == 0 else Text(" " * left)).append_text(line)
            whole.rstrip()
            yield whole


def wrapped(text: Text, width: int | None, indent: int = 0) -> Iterator[Text]:
    """The lines of a text below one another, each indented."""
    for line in _lines(text, None if width is None else width - indent):
        yield Text(" " * indent).append_text(line)


def padded(text: str, width: int) -> str:
    """Exactly `width` cells: filled up, or cut at the front, because a name's end tells more.

    >>> padded("app.f", 7), padded("package.module.function", 12)
    ('app.f  ', '…le.function')
    """
    if cell_len(text) > width:
        while text and cell_len(text) > width - 1:
            text = text[1:]
        text = "…" + text
    return text + " " * (width - cell_len(text))


def _stacked(row: Row, width: int, indent: int) -> Iterator[Text]:
    name, place = plain(row.name).plain, plain(row.place).plain
    room = width - indent
    place = padded(place, min(cell_len(place), room // 2))
    name = padded(name, min(cell_len(name), room - cell_len(place) - len(GAP)))
    yield Text(" " * indent + name + GAP).append(place, style="dim")
    if row.text:
        yield from wrapped(plain(row.text), width, indent + 4)


def _lines(text: Text, width: int | None) -> list[Text]:
    """Broken between words, and inside a word that is longer than a line."""
    if width is None or cell_len(text.plain) <= width:
        return [text]
    lines = text.wrap(_MEASURE, max(width, 10), overflow="fold")
    for line in lines:
        line.rstrip()
    return list(lines)


_MEASURE = Console(width=200, color_system=None)  # rich wraps a text for a console; this one prints nothing
