"""A `__hash__` that keeps what it is told, and one that tells the interpreter alone."""

from __future__ import annotations

import sys
import textwrap
from types import FunctionType
from typing import Any

import pytest

from faasify.runtime.unit.hash_methods import keeps, may_tell

RETURNS = [
    "return hash((self.a, self.b))",
    "return hash((type(self), super().__hash__()))",
    "return object.__hash__(self)",
    "return hash(self.a) ^ hash(self.key())",
    "return hash(frozenset(self.d.items()))",
    "h = 0\nfor x in self.xs: h = h * 31 + hash(x)\nreturn h",
]
KEEPS = [
    "self.h = hash(self.a)\nreturn self.h",
    "if self.h is None: self.h = object.__hash__(self)\nreturn self.h",
    "global last\nlast = hash(self)\nreturn last",
    "seen.append(hash(self.a))\nreturn 1",
    "for x in self.xs: self.d[x] = hash(x)\nreturn 1",
    "h = hash(self.a)\nself.note(h)\nreturn h",
    "print(object.__hash__(self))\nreturn 1",
    "setattr(self, 'h', hash(self.a))\nreturn 1",
    "raise KeyError(hash(self.a))",
    "f(*[hash(self.a)])\nreturn 1",
    "f(h=hash(self.a))\nreturn 1",
    "h = hash(self.a)\nself.later = lambda: h\nreturn 1",
]


def method(body: str) -> FunctionType:
    space: dict[str, Any] = {}
    exec("class K:\n    def __hash__(self):\n" + textwrap.indent(body, " " * 8), space)
    found: FunctionType = space["K"].__hash__
    return found


@pytest.mark.parametrize("body", RETURNS)
def test_what_is_only_returned_is_not_kept(body: str) -> None:
    assert not keeps(method(body).__code__)


@pytest.mark.parametrize("body", KEEPS)
def test_what_is_stored_or_handed_on_is_kept(body: str) -> None:
    assert keeps(method(body).__code__)


def test_what_happens_before_a_hash_is_asked_for_keeps_none_of_it() -> None:
    told = []

    def hash(obj: object) -> int:
        frame = sys._getframe(1)
        told.append(keeps(frame.f_code, frame.f_lasti))
        return 1

    class K:
        def __hash__(self) -> int:
            self.asked = True
            return hash(self)

    assert len({K()}) == 1 and told == [False] and keeps(K.__hash__.__code__)


def test_methods_that_may_tell_an_address() -> None:
    assert may_tell(object.__hash__) and may_tell(method(RETURNS[0])) and not may_tell(method("return self.n")) and not may_tell(len)
