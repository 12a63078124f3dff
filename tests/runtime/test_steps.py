"""What a generator yields may be its own, or also somebody else's."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest

from faasify.runtime.unit.pauses import Pauses
from faasify.runtime.unit.steps import is_loose


class Point:
    def __init__(self, x: Any) -> None:
        self.x = x


class Dies:
    def __del__(self) -> None:
        pass


def loose(values: list[Any], known: list[Any] | None = None) -> bool:
    return is_loose(values, lambda cls: cls.__module__ == __name__, known or [])


PAIR = (1, ("a", 2.5))
FRESH = {
    "plain": lambda: 1,
    "a list": lambda: [1, "a"],
    "nested": lambda: [[1], {"a": [2], "b": ({3}, (4, [5]))}],
    "a tuple": lambda: (1, [2], bytearray(b"3")),
    "an instance": lambda: Point([1, {"a": Point(2)}]),
    "an ordered dict": lambda: OrderedDict(a=[1]),
    "a class and a function": lambda: (Point, len, loose),
    "a function with defaults": lambda: lambda r=[1], *, k={"a": [2]}: (r, k),
    "a tuple that somebody has": lambda: PAIR,
}


@pytest.mark.parametrize("name", FRESH)
def test_what_nobody_else_has_is_loose(name: str) -> None:
    values = [FRESH[name]()]
    assert loose(values)


HELD: dict[str, Any] = {
    "a list": lambda: (x := [1], x),
    "inside": lambda: (x := [1], [[x]]),
    "a tuple of a list": lambda: (x := [1], (x, 2)),
    "an instance": lambda: (x := Point(1), x),
    "an attribute": lambda: (x := [1], Point(x)),
    "twice in itself": lambda: (None, (lambda x: [x, x])([1])),
    "one with a finaliser": lambda: (None, Dies()),
    "a tuple around a list": lambda: (x := (1, [2]), x),
    "a tuple, some levels above a list": lambda: (x := (1, ({"a": [2]},)), [x]),
    "a slice": lambda: (x := slice([1]), x),
    "a variable of a function": lambda: (x := [1], lambda: x),
    "a variable that can be bound anew": lambda: (lambda n: (lambda: n, lambda: n))(1),
    "a default": lambda: (x := [1], lambda r=x: r),
    "a keyword's default": lambda: (x := [1], lambda *, r=x: r),
}


@pytest.mark.parametrize("name", HELD)
def test_what_somebody_has_is_not(name: str) -> None:
    holder, value = HELD[name]()
    values = [value]
    del value
    assert not loose(values)
    del holder


def test_what_the_caller_sent_need_not_be() -> None:
    sent: list[Any] = [1]
    assert loose([[sent]], [sent]) and not loose([[sent]])


def test_a_loop_ends() -> None:
    values: list[Any] = [[1]]
    values[0].append(values[0])
    assert not loose(values)


class _Ended(Exception):
    pass


def _abort(kind: str, what: str) -> Any:
    raise _Ended(f"{kind}: {what}")


def test_sleeps_are_told() -> None:
    import asyncio

    async def body() -> Any:
        first = await asyncio.sleep(0.5, "result")
        await asyncio.sleep(0)
        return first

    coroutine, pauses = body(), Pauses(_abort)
    assert pauses.step(coroutine.send, None) == (0.5, "result")
    assert pauses.step(coroutine.send, None) == (0.0, None)
    with pytest.raises(StopIteration) as end:
        pauses.step(coroutine.send, None)
    assert end.value.value == "result"


def test_whatever_else_is_awaited_ends_the_call() -> None:
    import asyncio

    async def tasks() -> Any:
        await asyncio.gather(asyncio.sleep(0))

    async def waits() -> Any:
        await asyncio.Queue().get()

    for body, said in ((tasks, "eventloop: create_task"), (waits, "eventloop: it awaits")):
        with pytest.raises(_Ended, match=said):
            Pauses(_abort).step(body().send, None)
