"""Python's collector of cycles, put off while millions of objects are made that stay: it would look at all of them again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def set_aside() -> None:
    """What there is now is never looked through again: for a command that ends with its output, and leaves memory to the system."""
    gc.freeze()


@contextmanager
def put_off() -> Iterator[None]:
    """No collection inside, unless there was none outside either."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
