"""V4: whatever a function changes is changed in the caller, or the call runs there: every kind of object that can change at all.

every_kind_of_change.txt has a little program for each: what it sets up, behind `>` what the function `f` does, behind `=` what is
shown before the call, after it and after another.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.equivalence.generated.running import Bench, Case, Pair

IMPORTS = """
import abc, array, builtins, collections, contextlib, contextvars, copy, dataclasses, datetime, decimal, enum, functools, io, itertools
import json, math, operator, random, re, string, sys, types, typing, weakref
"""
TEXT = Path(__file__).with_name("every_kind_of_change.txt").read_text()
CASES = dict(part.split("\n", 1) for part in re.split(r"(?m)^# ", TEXT)[1:])
LIBRARY = [name for name in CASES if name.startswith("library")]


def case(name: str) -> Case:
    lines = CASES[name].strip().splitlines()
    setup = [line for line in lines if line[:2] not in ("> ", "= ")]
    change = [f"    {line[2:]}" for line in lines if line.startswith("> ")]
    (shown,) = (f"print({line[2:]})" for line in lines if line.startswith("= "))
    called = ["try: f()", "except Exception as e: print(type(e).__name__, str(e)[:60])", shown]
    source = "\n".join([IMPORTS, *setup, "def f():", *change, shown, *called, *called, ""])
    return Case("c_" + re.sub(r"\W", "_", name), source, ("f",))


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as base:
        yield Bench(Path(base))


@pytest.fixture(scope="module")
def pairs(bench: Bench) -> dict[str, Pair]:
    """Those that leave the library alone, run together."""
    return bench.run([case(name) for name in CASES if name not in LIBRARY])


@pytest.mark.parametrize("name", [name for name in CASES if name not in LIBRARY])
def test_v4_what_a_function_changes_is_changed(name: str, pairs: dict[str, Pair]) -> None:
    pair = pairs[case(name).name]
    assert pair.original and pair.rewritten == pair.original
    assert "ended by" not in pair.original
    assert pair.remote or pair.fallbacks, "f was not sent, and no reason is given"


@pytest.mark.parametrize("name", LIBRARY)
def test_v4_what_a_function_changes_in_the_library_is_changed(name: str, bench: Bench) -> None:
    pair = bench.run([case(name)])[case(name).name]
    assert pair.original and pair.rewritten == pair.original
    assert pair.original.splitlines()[0] != pair.original.splitlines()[-1], "nothing has changed"


def test_v4_sets_in_the_order_that_they_would_have(same):
    same(
        """
        def prune(s):
            for x in sorted(s)[5:]:
                s.discard(x)

        def sieve(s, p):
            s -= set(range(p * p, 600, p))

        def open_and_close(s, times):
            for t in times:
                s.add(t)
                if len(s) > 7:
                    s.remove(min(s))

        def make():
            return {1000003, 33, 2000003, 65, 1041, 8, 16, 40}

        s = set(range(1000, 1100, 3))
        prune(s)
        s |= {4096, 8192, 1024}
        print(s, {1000003, 65, 33, 2000003, 17, 8, 16, 40}, make())
        numbers = set(range(2, 600, 7))
        for p in 2, 3, 5:
            sieve(numbers, p)
            numbers.update((130 * p, 68 * p, 4099 * p))
            print(numbers)
        open_and_close(numbers, range(3000, 5000, 37))
        print(numbers)
        numbers.update(range(100000, 100300, 13))
        print(numbers)
        """,
        select="app.prune,app.sieve,app.open_and_close,app.make",
    )
