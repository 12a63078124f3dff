"""What the short way sends and gets back: values, exceptions, objects at the addresses of others."""

from __future__ import annotations

from collections.abc import Callable

from tests.harness import Run

from .conftest import Build, both_ways

Make = Callable[..., Build]


def test_objects_that_take_the_place_of_others(build: Make) -> None:
    """What is freed leaves its address to the next object of its size."""
    program = build(
        """
        class P:
            def __init__(self, x): self.x = x
        def total(k): return sum(items) * k, table["a"], p.x, fn(1), [q.x for q in many]
        def make(n): return lambda x: (x, n)
        for n in range(40):
            items, table, p, fn, many = [n % 7, n % 3], {"a": [n % 2]}, P(n % 5), make(n % 4), [P(i % (n % 3 + 1)) for i in range(3)]
            print(total(1), total(2), total(n))
            del items, table, p, fn, many
        """,
        select="app.total",
    )
    both_ways(program)


def test_values_there_and_back(build: Make) -> None:
    program = build(
        """
        import enum, math
        class Num(int): pass
        class Text(str): pass
        class Color(enum.Enum):
            RED = 1
            BLUE = 2
        items, NAN = [1], float("nan")
        def same(x): return x
        def the_nan(): return NAN
        def kind(x): return type(x).__name__, x
        def signs(x): return math.copysign(1, x), x
        def other(c): return Color.BLUE if c is Color.RED else Color.RED
        def given(): return items
        def linked(xs): xs.append(items); return xs
        def big(x): return len(x), x[:2], x[-2:]
        values = [0.0, -0.0, 1, True, 1.0, False, None, float("inf")]
        values += ["\\ud800", b"\\xff" * 9, 10 ** 5000, -1 << 70, "x" * 300, Num(3), Text("t"), ...]
        for _ in range(3):
            for x in values:
                back = same(x)
                print(kind(x) == (type(x).__name__, x), back == x, type(back), signs(x) if isinstance(x, float) else "")
            print(same(float("nan")), signs(float("-nan")), the_nan() in [NAN])
            print(other(Color.RED) is Color.BLUE, other(Color.BLUE) is Color.RED, given() is items, linked([])[0] is items)
            print(big("ab" * 700_000), big(b"ab" * 700_000), big([1.5] * 70_000))
        """,
        select="app.same,app.kind,app.signs,app.the_nan,app.other,app.given,app.linked,app.big",
    )
    both_ways(program)


def test_classes_that_a_call_registers_and_warnings_that_it_causes(build: Make) -> None:
    program = build(
        """
        import warnings
        from abc import ABC
        class Shape(ABC): pass
        class Square: pass
        class Circle: pass
        def register(x):
            if x == 3: Shape.register(Square)
            return x
        def declines(x): return not x.__eq__("a")
        def inverts(x): return ~x if x is not None else x
        for x in range(6): print(register(x), isinstance(Square(), Shape), isinstance(Circle(), Shape))
        def warns():
            for _ in range(3): print(declines(1), inverts(True), inverts(None))
        warns()
        warnings.simplefilter("always")
        warns()
        with warnings.catch_warnings(record=True) as found: warns()
        print(len(found))
        warnings.simplefilter("ignore")
        warns()
        """,
        select="app.register,app.declines,app.inverts",
    )
    both_ways(program)


def test_exceptions_again_and_again(build: Make) -> None:
    """Tracebacks, causes and notes do not pile up in what a worker keeps."""
    program = build(
        """
        import traceback
        ERROR = ValueError("one for all")
        class Own(Exception):
            def __init__(self, n): super().__init__(n); self.n = n
        def raises(n): raise Own(n)
        def chains(n):
            try: raises(n)
            except Own as e: e.add_note("seen"); raise KeyError(n) from e
        def shared(): raise ERROR
        def traced(e): return e.__traceback__ is None
        def inside(n):
            try: return chains(n)
            except KeyError as e: return str(e.__cause__), e.__cause__.__notes__
        def lines(e): return len(traceback.format_exception(e)) if False else str(e)
        for n in range(5):
            print(inside(n), traced(ValueError()))
            for call in (raises, chains, lambda n: shared()):
                try: call(n)
                except Exception as e:
                    caught = e
                    traceback.print_exc()
                    print(traced(e), lines(e))
            print(traced(caught), caught is ERROR)
        chains(9)
        """,
        select="app.raises,app.chains,app.shared,app.traced,app.lines",
    )
    both_ways(program, exit=1)


def test_what_dies_with_an_exception(build: Make) -> None:
    """The arguments of a call that raised are let go of with what it raised, its causes included, not at some collection."""
    program = build(
        """
        import gc, weakref
        gc.disable()
        class Thing: pass
        class Failure(Exception): pass
        def inner(thing, x):
            if x > 2: raise Failure(x)
            return x
        def fails(thing, x): return inner(thing, x)
        def translates(thing, x):
            try: inner(thing, x)
            except Failure as e: raise KeyError(x) from e
        def dead(name): return lambda ref: print("dead", name, end=" ")
        for x in range(6):
            for f in fails, translates:
                thing = Thing()
                ref = weakref.ref(thing, dead("thing"))
                try: f(thing, x)
                except (Failure, KeyError) as e:
                    own = weakref.ref(e, dead("exception")) if type(e) is Failure else None
                del thing
                print("after", x)
        """,
        select="app.fails,app.translates",
    )
    both_ways(program)


def test_types_of_the_fields_of_a_dataclass(build: Make) -> None:
    program = build(
        """
        import dataclasses
        class Part: pass
        @dataclasses.dataclass
        class Whole:
            number: int
            part: Part
        def types(x): return [field.type for field in dataclasses.fields(Whole)]
        print([types(x) for x in range(3)])
        """,
        select="app.types",
    )
    both_ways(program)


def test_a_large_value_that_comes_back_unchanged_is_the_one_that_was_sent(build: Make) -> None:
    program = build(
        """
        import sys
        def same(x): return x
        def second(x, y): return y
        def equal(x): return x[:-1] + x[-1:]
        def grown(x, y): return x + y
        for size in (10, 5000, 200_000):
            for value in (b"x" * size, "y" * size, "\\N{SNOWMAN}" * size):
                for n in range(4):
                    one, other = same(value), second(value + value, value)
                    print(one == other == value, second(1, value) == value)
                    if size > 10 and n > 1 and "identity" in sys.argv: print(one is other is value)
                    print(equal(value) == value, grown(value, value[:3]) == value + value[:3])
        """,
        select="app.same,app.second,app.equal,app.grown",
    )
    both_ways(program)
    shown = program.rewritten(Run(argv=["identity"]), reports=[]).stdout
    assert "False" not in shown and shown.count("True") > program.original().stdout.count("True")
