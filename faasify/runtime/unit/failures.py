"""What the codec raises: a value that cannot be carried, and a message that is damaged."""

from __future__ import annotations

from typing import Any


class Untravellable(Exception):
    """A value that cannot be carried; `obj` is the culprit, for the search of its path."""

    def __init__(self, why: str, obj: Any = None) -> None:
        super().__init__(why)
        self.why = why
        self.obj = obj


class CodecError(Exception):
    """A node table that is damaged or names what is not there; nothing was constructed that anyone can see."""
