"""The text of a module from which statements can be blanked out; every other byte stays at its line and column.

Columns are bytes of UTF-8, as in Python's syntax tree.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")  # where Python's tokenizer ends lines; str.splitlines has more such places
JOINED = re.compile(rb"(?:[ \t\f]|\\\n)*;(?:[ \t\f]|\\\n)*$")


class Span(NamedTuple):
    """A range of the text: lines from 1, the end column behind the last byte."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class Page:
    """Lines without their ends, the span of each top-level statement, and which statements share a logical line."""

    lines: tuple[bytes, ...]
    spans: tuple[Span, ...]
    groups: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, source: str, body: Sequence[ast.stmt]) -> Page:
        lines = tuple(item.rstrip("\r\n").encode("utf-8", "surrogatepass") for item in LINE.findall(source.removeprefix("\ufeff")))
        spans = tuple(map(span_of, body))
        return cls(lines, spans, _groups(lines, spans))

    def keep(self, kept: Sequence[bool]) -> str:
        """The text of the statements that are kept, everything else blank; `kept` has one flag a statement.

        On a line that is shared, `0` stands for what is gone: `x = f(); import os` -> `0      ; import os`.
        """
        out = [b""] * len(self.lines)
        for group in self.groups:
            wanted = [number for number in group if kept[number]]
            if wanted:
                self._keep_group(out, group, set(wanted), wanted[-1])
        return "".join(line.decode("utf-8", "surrogatepass") + "\n" for line in out)

    def _keep_group(self, out: list[bytes], group: Sequence[int], wanted: set[int], last: int) -> None:
        for number in group:
            if number in wanted:
                self._copy(out, self.spans[number])
            elif number < last:
                fill(out, self.spans[number])
        for left, right in pairwise(group):
            if right <= last:  # the semicolon
                self._copy(out, Span(*self.spans[left][2:], *self.spans[right][:2]))
        line, column = self.spans[group[0]][:2]
        self._copy(out, Span(line, 0, line, column))  # white space: a form feed resets the indentation, a space would not
        if last == group[-1]:
            line, column = self.spans[last][2:]
            self._copy(out, Span(line, column, line, len(self.lines[line - 1])))  # the comment behind it

    def _copy(self, out: list[bytes], span: Span) -> None:
        """Copy a range, each piece to its own column."""
        for row in range(span.line, span.end_line + 1):
            begin = span.column if row == span.line else 0
            end = span.end_column if row == span.end_line else len(self.lines[row - 1])
            if end > begin:
                line = out[row - 1]
                out[row - 1] = line[:begin].ljust(begin) + self.lines[row - 1][begin:end] + line[end:]


def span_of(statement: ast.stmt) -> Span:
    """The range of a top-level statement, decorators included."""
    assert statement.end_lineno is not None and statement.end_col_offset is not None  # they are, in a tree that was parsed
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    line = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    return Span(line, 0 if decorators else statement.col_offset, statement.end_lineno, statement.end_col_offset)


def _groups(lines: Sequence[bytes], spans: Sequence[Span]) -> tuple[tuple[int, ...], ...]:
    """Statements by logical line: `a; b` are one group."""
    groups: list[list[int]] = []
    for number, span in enumerate(spans):
        if number and JOINED.match(_between(lines, spans[number - 1], span)):
            groups[-1].append(number)
        else:
            groups.append([number])
    return tuple(map(tuple, groups))


def _between(lines: Sequence[bytes], left: Span, right: Span) -> bytes:
    if left.end_line == right.line:
        return lines[left.end_line - 1][left.end_column : right.column]
    head, tail = lines[left.end_line - 1][left.end_column :], lines[right.line - 1][: right.column]
    return b"\n".join([head, *lines[left.end_line : right.line - 1], tail])


def fill(out: list[bytes], span: Span) -> None:
    """Put `0` in the place of a statement that another one follows on its last line."""
    row, begin = span.end_line, span.column if span.line == span.end_line else 0
    line = out[row - 1]
    out[row - 1] = line[:begin].ljust(begin) + b"0".ljust(span.end_column - begin) + line[span.end_column :]
