"""The current folder, which may have been deleted: that is the user's to know, in one line."""

from __future__ import annotations

import os

from faasify.errors import UsageError


def current() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        raise UsageError("the current folder was deleted", hint="go to one that exists, or give absolute paths") from None


def absolute(path: str) -> str:
    """As it was typed (`./app.py` stays `/home/me/./app.py`); an absolute path needs no current folder."""
    return path if os.path.isabs(path) else os.path.join(current(), path)
