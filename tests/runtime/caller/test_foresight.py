"""Loops whose next calls are under way before they are made: nothing but time may differ, and they are."""

from __future__ import annotations

import ast
import itertools
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from faasify.frontend.loops import loops
from faasify.runtime.caller.expressions import Unforeseeable
from faasify.runtime.caller.guesses import Loop

from .conftest import Build, both_ways

Make = Callable[..., Build]

# `work` takes a millisecond or two. At the end: how many answers of each loop were there before they were asked for.
WORK = """
def work(n, more=0):
    total = more
    for i in range(20000 + n): total = (total * 31 + i) % 1000003
    return total
"""
TOLD = """
import atexit, json, sys
def tell():
    program = sys.modules.get("faasify.runtime.caller.program")
    if program is None or program._program is None: return
    runs = program.current().foresight._runs
    told = [[code.co_name, run and [run.hits, run.wasted, run.failures]] for (code, _), run in runs.items()]
    open(HITS, "w").write(json.dumps(told))
    kept = {name: unit.placement.why() for name, unit in program.current().units.items()}
    open(HITS + ".why", "w").write(json.dumps(kept))
atexit.register(tell)
"""


@pytest.fixture(autouse=True)
def _two_cores() -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core")


def hits(program: Build, file: Path) -> list[Any]:
    file.unlink(missing_ok=True)
    both_ways(program)
    return json.loads(file.read_text())  # type: ignore[no-any-return]


LOOPS = """
import asyncio, itertools
def shown(x): print("at", x); return work(x)
def grow(row): row.append(work(row[0])); return len(row)
class Box:
    def __init__(self, x): self.x = x
    def value(self, n): return work(self.x) + n
box = Box(4)
def generator_expression(xs): return sum(work(x) for x in xs)
def mapped(xs): return list(map(work, xs))
def mapped_twice(xs, ys): return sum(map(work, xs, ys))
def appending(xs):
    out = []
    for x in xs: out.append(work(x))
    return out
def taken_apart(xs, ys):
    t = 0
    for i, (a, b) in enumerate(zip(xs, ys)): t += work(a - b + i, more=b)
    return t
def of_a_dict(d):
    out = []
    for k, v in d.items(): out.append((k, work(v)))
    return out
def by_number(xs):
    for i in range(len(xs)): print(i, work(xs[i]))
def printing(xs):
    for x in xs: print(shown(x))
def growing(rows):
    for row in rows: print(grow(row))
    return rows
def methods(xs):
    for x in xs: print(box.value(x))
def over_a_set(xs):
    for x in xs: print(work(x))
def by_rows(rows): return [one for row in rows for one in listed(row)]
def listed(row): return [work(row[0])]
def looping(numbers):
    async def in_a_coroutine(xs):
        found = []
        for x in xs:
            found.append(work(x))
            await asyncio.sleep(0)
        return found
    return asyncio.run(in_a_coroutine(numbers))
def over_a_grid(xs):
    out = []
    for a, b in itertools.product(xs[:4], xs[:4]): out.append(work(a, b))
    return out
def with_parts(xs):
    out = []
    for i in range(0, len(xs), 1): out.append(window(xs[i:i + 2], (i, box.x)))
    return out
def window(part, more): return work(part[0], more[1])
def main():
    xs, ys = list(range(16)), list(range(16))[::-1]
    print(generator_expression(xs), mapped(xs), mapped_twice(xs, ys), appending(xs), taken_apart(xs, ys), by_number(xs), printing(xs))
    print(of_a_dict(dict(zip("abcdefghijklmnop", xs))), growing([[x, x + 1] for x in xs]), methods(xs), over_a_set(set(xs)))
    print(looping(xs), by_rows([[x] for x in xs]), over_a_grid(xs), with_parts(xs))
main()
"""


def test_the_calls_of_loops_are_under_way_before_they_are_made(build: Make, tmp_path: Path) -> None:
    file = tmp_path / "hits.json"
    selected = "app.work,app.shown,app.grow,app.listed,app.window,app.Box.value"
    program = build(f"HITS = {str(file)!r}\n" + WORK + TOLD + LOOPS, select=selected)
    found = {name.strip("<>"): run[0] for name, run in hits(program, file) if run}
    expected = {*re.findall(r"def (\w+)\((?:xs|d|rows)", LOOPS)} - {"generator_expression"} | {"genexpr"}
    if sys.version_info < (3, 12):  # from there on a comprehension is no frame of its own
        expected = expected - {"by_rows"} | {"listcomp"}
    assert expected == {name for name, hit in found.items() if hit >= 11}, found


def test_a_report_has_the_calls_where_they_ran(build: Make) -> None:
    """Each once, on the worker where it had begun and when it computed; a limited function's begin when they are made."""
    program = build(
        WORK.replace("20000", "200000")  # longer than others have a core at a time, on a machine with other work
        + """
def limited(n):  # faasify: timeout=20
    return work(n, 1)
print([work(n) for n in range(24)], [limited(n) for n in range(6)])
""",
        select="app.work,app.limited",
    )
    program.same()
    made = {name: [a for a in program.report["timeline"]["attempts"] if a["unit"] == name] for name in ("app.work", "app.limited")}
    assert (
        [len(attempts) for attempts in made.values()] == [24, 6] == [u["calls_remote"] for u in reversed(program.report["units"].values())]
    )
    assert {a["outcome"] for attempts in made.values() for a in attempts} == {"done"}
    assert len({a["worker"] for a in made["app.work"]}) > 1 == len({a["worker"] for a in made["app.limited"]})
    assert all(0 < a["start_s"] < a["end_s"] < program.report["wall_s"] and a["bytes_sent"] for a in made["app.work"])
    spans = sorted((a["start_s"], a["end_s"]) for a in made["app.work"])
    assert any(next_[0] < span[1] for span, next_ in itertools.pairwise(spans))


@pytest.mark.parametrize(
    ("generator", "draw", "module"),
    [("random.Random(n)", "randrange(100)", "random"), ("numpy.random.default_rng(n)", "integers(100)", "numpy")],
)
def test_a_function_with_a_generator_of_its_own_is_foreseen(build: Make, tmp_path: Path, generator: str, draw: str, module: str) -> None:
    """A seeded Monte Carlo: the state of the module's global generator does not go along. That of the last function does: it is asked for
    where no analysis can see it, the first time by a call that then runs here."""
    pytest.importorskip(module)
    file = tmp_path / "hits.json"
    program = build(
        f"HITS = {str(file)!r}\n"
        + WORK
        + TOLD
        + f"""
import {module}
import importlib, random
unseen = importlib.import_module(HITS[:0] + "random")
def seeded(n):
    own = {generator}
    return work(n) + int(own.{draw})
def drawn(n, source=unseen):
    return work(n) + source.randrange(1000)
def loop(): return [seeded(n) for n in range(16)]
def again(): return [drawn(n) for n in range(8)]
random.seed(2)
print(loop(), again(), random.random())
""",
        select="app.seeded,app.drawn",
    )
    comprehension = "loop" if sys.version_info >= (3, 12) else "<listcomp>"
    assert max(run[0] for name, run in hits(program, file) if run and name == comprehension) >= 11
    kinds = [fallback["reason"].partition(":")[0] for fallback in program.report["units"]["app.drawn"]["fallbacks"]]
    assert kinds == ["random"]


def test_what_a_loop_does_otherwise_than_foreseen(build: Make, tmp_path: Path) -> None:
    """Left early, filtered, changed while it runs, raising, changing globals, called from everywhere."""
    file = tmp_path / "hits.json"
    program = build(
        f"HITS = {str(file)!r}\n"
        + WORK
        + TOLD
        + """
import random
scale, log = 1, []
def scaled(x): return work(x) * scale + len(log)
def notes(x): log.append(work(x)); return len(log)
def raises(x):
    if x == 5: raise ValueError(x, work(x))
    return work(x)
def draws(x): return work(x) + random.randrange(100)
def breaks(xs):
    for x in xs:
        if work(x) % 7 == 3: break
    return x
def filtered(xs): return [work(x) for x in xs if x % 3]
def changing(xs):
    out = []
    for x in xs:
        out.append(work(x))
        if x == 4: xs[6:] = [100, 101]
        if x == 100: xs.append(7)
    return out
def counting(n):
    out, k = [], 0
    for x in range(n):
        k += x
        out.append(work(x + k))
    return out
def rebinds():
    global scale
    out = []
    for x in range(12):
        out.append(scaled(x))
        if x == 6: scale = 2
        if x == 8: log.append(1)
    return out
def caught():
    out = []
    for x in range(8):
        try: out.append(raises(x))
        except ValueError as e: out.append(e.args)
    return out
def nested(): return [[work(x * y) for x in range(4)] for y in range(4)]
def seen(): return dir(), [work(x) for x in range(5)]
class Dies:
    def __init__(self, name): self.name = name
    def __del__(self): print("dies", self.name)
def dying():
    for name in "abcdef":
        thing = Dies(name)
        print(work(ord(name)), thing.name)
        del thing
def generator(n):
    for x in range(n): yield work(x)
random.seed(3)
for _ in range(2):
    print(breaks(list(range(30))), filtered(range(20)), changing(list(range(9))), counting(10), rebinds(), caught(), nested(), seen())
    print([notes(x) for x in range(8)], [draws(x) for x in range(8)], list(generator(5)), log)
    dying()
for x in range(6): print(work(x))
print([work(x) for x in iter([1, 2, 3, 4, 5])], [work(*pair) for pair in [(1, 2), (3, 4), (5, 6)]], len)
""",
        select="app.work,app.scaled,app.notes,app.raises,app.draws",
    )
    assert any(run and run[0] for _, run in hits(program, file))


def test_coroutines_that_are_gathered_compute_side_by_side(build: Make) -> None:
    program = build(
        WORK
        + """
import asyncio, os
state = []
async def pure(n): return work(n)
async def notes(n):
    state.append(n)
    return work(n) + len(state)
async def sleeps(n):
    a = work(n)
    await asyncio.sleep(0.001)
    return a + work(n)
async def fails(n):
    if n == 3: raise ValueError(n)
    return work(n)
async def cancelled():
    tasks = [asyncio.ensure_future(pure(n)) for n in range(6)]
    await asyncio.sleep(0)
    for task in tasks[1:]: task.cancel()
    return await asyncio.gather(*tasks, return_exceptions=True)
async def main():
    for fn in (pure, notes, sleeps, fails):
        print(fn.__name__, await asyncio.gather(*[fn(n) for n in range(8)], return_exceptions=True), state)
    print([type(each).__name__ for each in await cancelled()][1:])
asyncio.run(main())
""",
        select="app.pure,app.notes,app.sleeps,app.fails",
    )
    both_ways(program)


# -- what is told of loops, and guessed


def plans(source: str) -> list[dict[str, Any]]:
    return loops(ast.parse(source), {"f", "m"})


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("for x in xs: f(g(x))", id="an argument that is computed by a call"),
        pytest.param("for x in xs: x = x + 1; k = f(y); y = k", id="an argument that the body binds"),
        pytest.param("while x: f(x)", id="a while loop"),
        pytest.param("for x in xs: other(x)", id="another function"),
        pytest.param("for x in xs:\n def inner(): f(x)", id="a function of its own"),
        pytest.param("for x in g(): f(x)", id="a loop over what a call gives"),
        pytest.param("for x in xs: f(*x)", id="a star"),
        pytest.param("for o.x in xs: f(1)", id="a target that is an attribute"),
        pytest.param("for x in xs: f(o.size())", id="a method"),
        pytest.param("for x in xs: f(f'{x:>3}')", id="a format"),
        pytest.param("for x in sorted(xs, key=k): f(x)", id="a sort by the program's function"),
        pytest.param("for x in product(xs, repeat=2): f(x)", id="a keyword of itertools"),
    ],
)
def test_a_loop_is_left_alone(source: str) -> None:
    assert plans(source) == []


def test_the_innermost_loop_is_the_calls() -> None:
    (plan,) = plans("for x in xs:\n for y in ys: f(x, y)")
    assert plan["target"] == "y"


def frame_with(**names: Any) -> FrameType:
    space: dict[str, Any] = {"sys": sys, **names}
    exec("frame = sys._getframe()", space)
    return space["frame"]  # type: ignore[no-any-return]


def coming(source: str, values: tuple[Any, ...], after: int = 0, **names: Any) -> list[tuple[Any, ...]]:
    loop = Loop(plans(source)[0], frame_with(**names))
    first, shift = loop.place(values, after)
    return [loop.called(values, ("a", "b"), shift, at) for at in range(first, loop.count)]


def test_guesses_are_the_calls_that_the_loop_makes() -> None:
    assert coming("for x in xs: f(x)", (2,), xs=[1, 2, 3, 4]) == [(3,), (4,)]
    assert coming("for i in range(2, 9, 3): f(i, b=k)", (2, 7), k=7) == [(5, 7), (8, 7)]
    assert coming("for i, (p, q) in enumerate(zip(xs, ys), 1): o.m(p + q, i)", ("self", 11, 1), xs=(1, 2), ys=[10, 20]) == [("self", 22, 2)]
    assert coming("for k, v in d.items(): f(k, d[k])", ("a", 1), d={"a": 1, "b": 2}) == [("b", 2)]
    assert coming("for i in range(len(xs)): f(-xs[i])", (-4,), xs=[4, 5]) == [(-5,)]
    assert coming("for x in xs: f(x)", (1,), 2, xs=[1, 2, 1, 3]) == [(3,)]


class Plain:
    limit = 3

    def __init__(self, x: Any) -> None:
        self.x = x


class Slotted:
    __slots__ = ("x",)

    def __init__(self, x: Any) -> None:
        self.x = x


def test_guesses_of_every_kind_of_expression() -> None:
    assert coming("for i in range(3): f(o.x, o.limit + p.x[i])", (9, 13), o=Plain(9), p=Slotted([10, 20, 30])) == [(9, 23), (9, 33)]
    assert coming("for i in range(0, 6, 2): f(xs[i:i + 2], xs[::-1])", ([1, 2], [6, 5, 4, 3, 2, 1]), xs=[1, 2, 3, 4, 5, 6])[1][0] == [5, 6]
    assert coming("for k in 'ab': f((k, 1), [k, [2]])", (("a", 1), ["a", [2]])) == [(("b", 1), ["b", [2]])]
    assert coming("for i in (1, 2): f(f'{i}-{o.x}.txt')", ("1-True.txt",), o=Plain(True)) == [("2-True.txt",)]
    assert coming("for i in (1, 2): f(str(i), max(i, 0))", ("1", 1)) == [("2", 2)]
    assert coming("for x in reversed(xs): f(x)", (3,), xs=[1, 2, 3]) == [(2,), (1,)]
    assert coming("for x in tqdm(sorted(xs), desc='x'): f(x)", (1,), xs={3, 1, 2}) == [(2,), (3,)]
    assert coming("for a, b in itertools.product(xs, 'uv'): f(a, b)", (1, "v"), xs=[1, 2], itertools=itertools) == [(2, "u"), (2, "v")]
    assert coming("for a, b in pairs(xs, 2): g(1); f(a, b)".replace("pairs", "combinations"), (1, 3), xs=[1, 2, 3],
                  combinations=itertools.combinations) == [(2, 3)]  # fmt: skip
    assert coming("for i, x in enumerate(xs, start=1): f(i, x)", (1, 5), xs=[5, 6]) == [(2, 6)]


def test_guesses_with_arrays() -> None:
    numpy = pytest.importorskip("numpy")
    rows = numpy.arange(12.0).reshape(4, 3)
    (found,) = coming("for row in rows: f(row, rows[1:])", (rows[2], rows[1:]), rows=rows)
    assert found[0].tolist() == rows[3].tolist() and found[1].base is rows.base
    assert coming("for x in np.linspace(0, 1, 3): f(x)", (numpy.float64(0.5),), np=numpy) == [(1.0,)]
    assert coming("for x in np.arange(1, 4): f(x)", (numpy.int64(2),), np=numpy) == [(3,)]


class Loud(list):  # type: ignore[type-arg]  # type: ignore[type-arg]
    def __iter__(self) -> Any:
        raise AssertionError("the program's own code ran")

    __len__ = __getitem__ = __eq__ = __add__ = __hash__ = __str__ = __float__ = __index__ = __iter__  # type: ignore[assignment]
    prop = property(__iter__)


class Everything(type):
    """Its classes are as loud, whatever is asked of them."""

    def __getattribute__(cls, name: str) -> Any:
        raise AssertionError("the program's own code ran")


class Loudest(metaclass=Everything):
    def __getattribute__(self, name: str) -> Any:
        raise AssertionError("the program's own code ran")


class Meta(metaclass=Everything):
    pass


class OwnDict:
    __dict__ = property(Loud.__iter__)  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("for x in xs: f(x)", {"xs": Loud([1, 2])}),
        ("for x in xs: f(x + k)", {"xs": [1, 2], "k": Loud()}),
        ("for x in xs: f(k[x])", {"xs": [1, 2], "k": Loud([1, 2, 3])}),
        ("for x, y in xs: f(x)", {"xs": [Loud([1, 2]), Loud([1, 2])]}),
        ("for i in range(n): f(i)", {"n": Loud()}),
        ("for x in d.values(): f(x)", {"d": Loud()}),
        ("for x in xs: f(x * x)", {"xs": [1 << 100_000] * 2}),
        ("for x in xs: f(x)", {"xs": [3, 4]}),
        ("for x in xs: f(o.prop)", {"xs": [1, 2], "o": Loud()}),
        ("for x in xs: f(o.append)", {"xs": [1, 2], "o": Loud()}),
        ("for x in xs: f(o.prop)", {"xs": [1, 2], "o": Loudest()}),
        ("for x in xs: f(o.prop)", {"xs": [1, 2], "o": Loudest}),
        ("for x in xs: f(o.prop)", {"xs": [1, 2], "o": Meta()}),
        ("for x in xs: f(o.prop)", {"xs": [1, 2], "o": OwnDict()}),
        ("for x in xs: f(o.__class__)", {"xs": [1, 2], "o": Loudest()}),
        ("for x in xs: f(f'{o}')", {"xs": [1, 2], "o": Loud()}),
        ("for x in xs: f(str(o))", {"xs": [1, 2], "o": Loud()}),
        ("for x in xs: f(max([o, o]))", {"xs": [1, 2], "o": Loud()}),
        ("for x in sorted(xs): f(x)", {"xs": [Loud(), Loud()]}),
        ("for x in xs: f(int(x))", {"xs": [1, 2], "int": Loud()}),
        ("for x in xs: f(o[1:])", {"xs": [1, 2], "o": Loud()}),
        ("for x in xs: f(x[1:])", {"xs": [[1], Loud()]}),
        ("for x in xs: f((o, x))", {"xs": [1, 2], "o": Loud()}),
        ("for x in product(xs, xs): f(x)", {"xs": [1], "product": Loud()}),
        ("for x in product(xs, xs): f(x)", {"xs": range(1000), "product": itertools.product}),
        ("for x in reversed(xs): f(x)", {"xs": Loud([1, 2])}),
    ],
)
def test_looking_runs_no_code_of_the_program(source: str, names: dict[str, Any]) -> None:
    with pytest.raises(Unforeseeable):
        coming(source, (1,), **names)


def test_the_dict_in_which_a_program_sees_variables_of_a_frame_stays_as_it_is(build: Make) -> None:
    program = build(
        WORK
        + """
import sys
def shown(): return sys._getframe(1).f_locals
def main(given):
    kept, found = shown(), []
    for x in range(10): found.append(work(x))
    print(sorted(kept), kept.get("x"), kept.get("given"), found)
main(3)
mine = locals
def other(given):
    kept, found = mine(), []
    for x in range(10): found.append(work(x))
    print(sorted(kept), kept.get("x"), kept.get("given"), found)
other(3)
""",
        select="app.work",
    )
    both_ways(program)


def test_a_program_whose_calls_run_side_by_side_stays_where_it_can_have_them_do_so(build: Make, tmp_path: Path) -> None:
    """With `--placement auto` a function is measured here first; what it calls in a loop was under way meanwhile, so it stays."""
    file = tmp_path / "hits.json"
    program = build(
        f"HITS = {str(file)!r}\n"
        + WORK.replace("20000", "200000")
        + TOLD
        + "def all_of(n):\n    return [work(x) for x in range(n)]\nfor _ in range(3): print(all_of(12))\n",
        select="app.work,app.all_of",
    )
    assert program.rewritten(placement="auto", reports=[]).stdout == program.original().stdout
    assert "side by side" in json.loads(Path(f"{file}.why").read_text())["app.all_of"]
