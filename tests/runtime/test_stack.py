"""How deep the stack is, as the interpreter counts it, and when a stand-in would reach the limit first."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faasify.runtime.unit import stack


def down(n: int, then: Callable[[], Any] = lambda: None) -> Any:
    """`then` called below `n` more frames, this one included."""
    return then() if n <= 1 else down(n - 1, then)


def test_a_call_is_one_deeper() -> None:
    assert down(1, stack.depth) == stack.depth() + 1
    assert down(2, stack.depth) == stack.depth() + 2
    assert down(50, stack.depth) == stack.depth() + 50


def test_depth_tells_how_many_calls_are_left() -> None:
    def deepest(n: int = 0) -> int:
        try:
            return deepest(n + 1)
        except RecursionError:
            return n

    left = sys.getrecursionlimit() - stack.depth()
    assert deepest() == left - 1


def test_the_limit_is_left_as_it_was() -> None:
    before = sys.getrecursionlimit()
    down(20, stack.depth)
    assert sys.getrecursionlimit() == before


def test_depth_is_the_same_whatever_the_limit_is() -> None:
    before, found = sys.getrecursionlimit(), stack.depth()
    try:
        sys.setrecursionlimit(before + 1000)
        assert stack.depth() == found
    finally:
        sys.setrecursionlimit(before)


def test_levels_of_exec() -> None:
    space: dict[str, Any] = {"depth": stack.depth}
    exec("found = depth()", space)
    assert space["found"] - stack.depth() - 1 == stack.exec_levels()


@pytest.fixture
def limit() -> Any:
    yield stack.set_limit
    stack.set_limit(1 << 30)


@settings(deadline=None)
@given(st.integers(1, 300))
def test_near_is_told_by_frames(n: int) -> None:
    frames = 0
    frame = sys._getframe()
    while frame is not None:
        frames, frame = frames + 1, frame.f_back  # type: ignore[assignment]
    try:
        stack.set_limit(frames + 150 + stack.ROOM)
        assert down(n, stack.near) == (n >= 150)
    finally:
        stack.set_limit(1 << 30)


def test_nothing_is_near_without_a_call() -> None:
    assert not stack.near()


def test_a_tiny_limit_is_always_near(limit: Any) -> None:
    limit(1)
    assert stack.near()
