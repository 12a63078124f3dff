"""The page of `verify --html`: everything that the text says, escaped, in one file."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from faasify.report.comparison import Outcome, State, compare
from faasify.report.verify_page import html

REPORT = {"functions_remote": ["app.f"], "units": {"app.f": {"calls_remote": 2, "bytes_sent": 1500, "bytes_received": 20}}}


class Reader(HTMLParser):
    """The text of a page; fails on tags that do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_shows_points_differences_and_figures() -> None:
    original = Outcome(b"<b>1</b>\n", b"", 0, {}, 0.5)
    rewritten = replace(original, stdout=b"<b>2</b>\n", state=State({"app.n": "3"}))
    found = compare(("x", "<y>"), original, rewritten, REPORT, again=[replace(original, state=State({"app.n": "3"}))])
    page = html("app.py", [found], "They do not agree.")
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    for text in ("x <y>", "-<b>1</b>", "+<b>2</b>", "They do not agree.", "1,500 sent", "final globals", "app.f", "(1.0x)"):
        assert text in reader.text
    assert re.search(r"src=|href=|url\(", page) is None
    assert re.findall(r'<span class="(same|different|not-compared)"', page) == ["different", *["same"] * 4]
