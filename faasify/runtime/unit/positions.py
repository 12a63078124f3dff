"""Location tables (PEP 657) for code that stands for other code: every instruction at one place."""

from __future__ import annotations

from types import CodeType
from typing import Any


def at_line(code: CodeType, line: int, end_line: Any = None, col: Any = None, end_col: Any = None) -> bytes:
    """The table for `code`, relative to `line` as its first line; without columns where one of them is None."""
    units = len(code.co_code) // 2
    table = bytearray()
    while units:
        count = min(units, 8)
        units -= count
        if end_line is None or col is None or end_col is None:
            table.append(0x80 | (13 << 3) | (count - 1))
            table += _signed(0)
        else:
            table.append(0x80 | (14 << 3) | (count - 1))
            table += _signed(0) + _varint(end_line - line) + _varint(col + 1) + _varint(end_col + 1)
    return bytes(table)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 64:
        out.append(64 | value & 63)
        value >>= 6
    out.append(value)
    return bytes(out)


def _signed(value: int) -> bytes:
    return _varint((-value << 1) | 1 if value < 0 else value << 1)
