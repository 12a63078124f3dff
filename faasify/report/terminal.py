"""Where text goes: colours and the width of the window on a terminal, plain text of any width everywhere else."""

from __future__ import annotations

import re
import sys
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

PLAIN_WIDTH = 200  # of a line in a file or a pipe, where nothing wraps
COLOURS = {"travels": "green", "guarded": "yellow", "stays": "red"}
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def console(stream: TextIO | None = None) -> Console:
    """For stdout unless told otherwise; rich itself honours NO_COLOR, TERM=dumb and COLUMNS."""
    stream = stream or sys.stdout
    return Console(file=stream, highlight=False, soft_wrap=False, width=None if stream.isatty() else PLAIN_WIDTH)


def table(*columns: str, wraps: str = "") -> Table:
    """A table without rules; the column named `wraps` takes the lines that are too long, the others are kept whole."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in columns:
        made.add_column(name, overflow="fold", no_wrap=name != wraps, ratio=1 if name == wraps else None)
    return made


def plain(text: str, style: str = "") -> Text:
    """Text as it is: nothing in a program's names or messages is markup, and nothing in them drives the terminal."""
    return Text(printable(text), style=style)


def printable(text: str) -> str:
    r"""Without control characters and lone surrogates, which a file's name may have.

    >>> print(printable("a\x1b[31m\udcff.py"))
    a\x1b[31m\udcff.py
    """
    return UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
