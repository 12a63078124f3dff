"""Small words that several reports need."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """
    >>> counted(1, "unit"), counted(2, "unit")
    ('1 unit', '2 units')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"
