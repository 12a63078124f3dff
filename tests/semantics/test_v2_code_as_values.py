"""V2: functions and classes as values."""

import sys

import pytest


def test_v2_functions_and_classes_travel_by_name(same):
    same(
        """
        import math, functools, operator
        class C:
            k = 2
            def m(self, x): return x * self.k
            @classmethod
            def c(cls, x): return cls.k + x
            @staticmethod
            def s(x): return -x
        def own(x): return x + 1
        def apply(f, *a): return f(*a), f
        c = C(); c.k = 5
        partials = functools.partial(own), functools.partial(c.m)
        for f in (math.sqrt, own, c.m, C.c, C.s, len, str.upper, *partials, operator.neg, abs, C, "ab".join):
            arg = "ab" if f in (len, str.upper, "ab".join) else 4
            try: out, back = apply(f, arg)
            except TypeError as e: print(e); continue
            print(type(out).__name__ if f is C else out, back == f or type(back))
        """,
        select="app.apply",
    )


def test_v2_lambdas_and_closures_travel_with_what_they_captured(same):
    same(
        """
        def counter(start):
            n = start
            def step(by=1):
                nonlocal n
                n += by
                return n
            return step, lambda: n
        def twice(f): return f(), f(10)
        step, peek = counter(5)
        print(twice(step), peek(), step(), peek())
        def both(a, b): return a(), b(), a(), b()
        print(both(step, peek), peek())
        """,
        select="app.twice,app.both",
    )


def test_v2_modules_travel_by_name(same):
    same(
        {
            "app.py": """
                import math, os.path, json
                import helper
                def use(module, name): return getattr(module, name), module
                def pick(table, key):
                    table["seen"] = table[key]
                    helper.count += 1
                    return table[key].__name__, table[key] is table["seen"]
                current = math
                def rebind(): global current; current, old = helper, current; return old
                print(use(math, "pi")[0], use(math, "e")[1] is math, use(helper, "count")[0], use(helper, "double")[0] is helper.double)
                table = {"h": helper, "j": json, "p": os.path}
                print([pick(table, key) for key in "hjp"], table["seen"] is os.path, helper.count, rebind() is math, current is helper)
                """,
            "helper.py": "count = 0\ndef double(x): return x * 2\n",
        },
        select="app.use,app.pick,app.rebind",
    )


def test_v2_code_that_the_program_reads_has_no_stub_in_it(same):
    same(
        """
        def outer(n):
            def inner(m): return m + n
            class Adder:
                def add(self, m): return inner(m)
            return Adder().add(n)
        print(outer(2), outer.__code__.co_names, outer.__code__.co_varnames)
        print([c.co_names for c in outer.__code__.co_consts if hasattr(c, "co_names")])
        """,
        select="app.outer.<locals>.inner,app.outer.<locals>.Adder.add",
        home={"app.outer.<locals>.inner": "reads the code", "app.outer.<locals>.Adder.add": "reads the code"},
    )


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are of 3.12")
def test_v2_type_parameters_of_functions_and_classes(same):
    same(
        """
        import typing
        class G[T: int]:
            def push[U: (int, str), *Ts](self, x: U) -> U: return x
        Old = typing.ParamSpec("Old", covariant=True)
        def outer():
            def inner[V](x: V): return x
            return inner
        def first[T](x: T): return x
        def facts(p): return p, p.__name__, getattr(p, "__bound__", 0), getattr(p, "__constraints__", 0)
        def show(f): return [facts(p) for p in f.__type_params__], f.__annotations__
        def give(): return G.push.__type_params__, G.__type_params__, Old
        made = outer()
        for f in (G.push, first, made): print(show(f))
        print(facts(Old), made.__annotations__["x"] is made.__type_params__[0], made(4))
        g = give()
        print(g, g[0][0] is G.push.__type_params__[0], g[1][0] is G.__type_params__[0], g[2] is Old)
        """,
        select="app.show,app.facts,app.outer,app.give",
        remote={"app.show", "app.outer", "app.give"},
    )


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are of 3.12")
def test_v2_a_parameter_specification_in_a_list_of_type_parameters(same):
    same(
        """
        def f[**P](x): return x
        def show(f): return [(p, p.__bound__) for p in f.__type_params__]
        print(show(f))
        """,
        select="app.show",
        home={"app.show": "only syntax makes"},
    )


def test_v2_annotations_that_the_program_reads(same):
    same(
        """
        import collections.abc, contextlib, csv, dataclasses, inspect, json, os, re, typing, xml.etree.ElementTree as tree
        from collections.abc import Callable
        from typing import Annotated
        class Metres:
            def __init__(self, n): self.n = n
        P, Ts = typing.ParamSpec("P"), typing.TypeVarTuple("Ts")
        class Options(typing.TypedDict): a: int
        def called(f: Callable[[int], str], g: collections.abc.Callable[..., int], h: Callable[P, "Metres"]): return f, g, h
        def unpacked(*a: *tuple[int, ...], b: tuple[*Ts] = (), **k: typing.Unpack[Options]): return a, b, k
        def noted(a: Annotated[int, Metres(3), {"b": 1}], b: list[Annotated[str, 1]]): return a, b
        def passed(*a: P.args, **k: P.kwargs): return a, k
        def old(a: typing.Pattern[str], b: typing.ContextManager[int], c: typing.Deque[int]): return a, b, c
        def library(a: csv.DictReader, b: tree.Element | None, c: os.PathLike[str], d: json.JSONEncoder, e: re.Match[str]): return a
        @dataclasses.dataclass
        class Record:
            n: dataclasses.InitVar[int]
            reader: csv.DictWriter = None
            def __post_init__(self, n): self.twice = n * 2
        def show(f):
            hints = inspect.get_annotations(f)
            for a in hints.values():
                for note in getattr(a, "__metadata__", ()):
                    if isinstance(note, Metres): note.n += 1
            return hints, [type(a).__name__ for a in hints.values()]
        def made(n): return Record(n).twice, Record.__annotations__["n"].type, Record.__annotations__["reader"] is csv.DictWriter
        fs = called, unpacked, noted, passed, old, library
        for f in fs:
            hints, kinds = show(f)
            print({k: v for k, v in hints.items() if "Metres object" not in repr(v)}, kinds, hints == inspect.get_annotations(f))
        print(called(1, 2, 3), unpacked(1, b=(2,), c=3), noted(1, 2), passed(1, a=2), old(1, 2, 3), library(1, 2, 3, 4, 5), made(4))
        print(inspect.get_annotations(noted)["a"].__metadata__[0].n, called.__annotations__["g"] == Callable[..., int])
        """,
        select="all",
        remote={f"app.{name}" for name in ("show", "made", "called", "unpacked", "noted", "passed", "old", "library")},
    )
