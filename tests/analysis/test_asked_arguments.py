"""What libraries in Python ask of arguments although no stub says so: an unknown call, where an object of the program may answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faasify.model.effects import Analysis

Analysed = Callable[..., Analysis]

IMPORTS = "import calendar, collections, contextlib, heapq, pprint, queue, random, threading, uuid\n"
NUMBER = "class N:\n    def __mod__(self, other): return 1\n    def __index__(self): return 1\n"


def unknown_lines(analysis: Analysis) -> set[int]:
    return {call.line for call in analysis.callgraph.calls["app.f"] if call.to is None}


@pytest.mark.parametrize(
    "call",
    [
        "calendar.isleap(N())",  # `year % 4`
        "calendar.isleap(year=N())",
        "calendar.prmonth(N(), 1)",  # `prmonth = c.prmonth`
        "random.sample([1], N())",  # `sample = _inst.sample`
        "random.Random().sample([1], k=N())",
        "uuid.UUID(fields=N())",
        "pprint.isreadable([N()])",  # what it holds is given to others with it
    ],
)
def test_what_a_source_asks_of_an_argument(analysed: Analysed, call: str) -> None:
    source = f"{IMPORTS}{NUMBER}def f():\n    {call}\n"
    assert unknown_lines(analysed(source)) == {6}
    plain = source.replace("__mod__", "_mod").replace("__index__", "_index")
    assert unknown_lines(analysed(plain)) == set()  # nobody asks for methods that have no special name


@pytest.mark.parametrize(
    "call",
    [
        "calendar.isleap(2024)",
        "queue.Queue().put(N())",  # kept, says the stub
        "threading.Thread(target=print, args=[N()])",
        "random.randint(N(), 2)",  # asked for its `__index__`, says the stub
        "heapq.heappush([], N())",  # native: the stub knows all
        "contextlib.nullcontext(N())",
        "collections.deque([N()])",
    ],
)
def test_what_a_stub_says_is_all(analysed: Analysed, call: str) -> None:
    assert unknown_lines(analysed(f"{IMPORTS}{NUMBER}def f():\n    {call}\n")) == set()
