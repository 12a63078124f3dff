"""Functions travel as the key of their code and what is not implied by it; what the library builds around them is built again."""

# ruff: noqa: E501  # programs, one function a line
from __future__ import annotations

import pytest

from faasify.runtime.unit.codec import Untravellable
from tests.runtime.test_classes import agrees
from tests.runtime.worlds import TwoWorlds

CASES = {
    "defaults, keyword defaults and attributes": """
        def g(a, b=[1], /, c=2, *rest, k=3, **kw): "doc"; return a, b, c, rest, k, kw
        g.note = [g]
        g.__name__ = "renamed"
        def f(): g.__defaults__[0].append(9); return g(1), g.__name__, g.__doc__, g.__kwdefaults__, g.note[0] is g, g.__qualname__, g.__module__
    """,
    "closures share their cells": """
        def make():
            n, log = 0, []
            def up(): nonlocal n; n += 1; log.append(n); return n
            def get(): return n, log
            def late(): return undefined
            if 0: undefined = 1
            return up, get, late
        up, get, late = make()
        def f():
            up(); up()
            try: late()
            except NameError as e: text = str(e)
            return get(), text
    """,
    "lambdas on one line": """
        F = [lambda: 1, lambda: 2, lambda x: (lambda: x), lambda x=(lambda: 5): x()]
        def f(): return [F[0](), F[1](), F[2](7)(), F[3]()]
    """,
    "wraps and decorators of the program": """
        import functools
        def twice(fn):
            @functools.wraps(fn)
            def wrapper(*a, **k): wrapper.calls += 1; return fn(*a, **k) * 2
            wrapper.calls = 0
            return wrapper
        def tag(name):
            def deco(fn): fn.tag = name; return fn
            return deco
        @tag("t")
        @twice
        def g(x): "doc of g"; return x
        def f(): return g(3), g.calls, g.__name__, g.__doc__, g.__wrapped__(3), g.tag
    """,
    "contextmanager, singledispatch, partial": """
        import contextlib, functools, operator
        @contextlib.contextmanager
        def ctx(x):
            yield x
        @functools.singledispatch
        def show(x): return "any"
        @show.register
        def _(x: int): return "int"
        @show.register(list)
        def _(x): return "list"
        class Mine: pass
        show.register(Mine, lambda x: "mine")
        p = functools.partial(show, 1); p.extra = 5
        power = functools.partial(pow, exp=2)
        def f():
            with ctx(4) as v:
                pass
            return v, ctx.__name__, show(1), show([]), show("s"), show(Mine()), p(), p.extra, power(3), p.func is show, show.__name__
    """,
    "methods and what holds them": """
        class A:
            def __init__(self): self.n = 0
            def up(self): self.n += 1; return self.n
            @staticmethod
            def s(x): return x
            @classmethod
            def c(cls): return cls
        a = A()
        table = {"up": a.up, "s": A.s, "c": A.c, "append": [].append, "upper": "x".upper, "len": len, "raw": staticmethod(len), "join": ",".join, "un": A.up}
        def f(): return table["up"](), table["up"](), a.n, table["s"](1), table["c"]() is A, table["upper"](), table["len"]("ab"), table["join"]("ab"), table["un"](a)
    """,
    "recursion and mutual recursion": """
        def even(n): return n == 0 or odd(n - 1)
        def odd(n): return n != 0 and even(n - 1)
        def outer(n):
            def inner(k): return 1 if k < 2 else k * inner(k - 1)
            return inner
        fact = outer(3)
        def f(): return even(10), odd(7), fact(5)
    """,
    "properties and cached properties": """
        from functools import cached_property
        class A:
            def _get(self): return self.__dict__.get("v", 0)
            def _set(self, v): self.__dict__["v"] = v
            v = property(_get, _set, doc="the v")
            @property
            def w(self): "w doc"; return 2
            @w.setter
            def w(self, x): self.v = x
            @cached_property
            def slow(self): return object()
        a = A()
        def f(): a.w = 5; return a.v, A.v.__doc__, A.w.__doc__, a.slow is a.slow
    """,
}


@pytest.mark.parametrize("source", CASES.values(), ids=CASES)
def test_functions_work_over_there_as_here(source):
    agrees(source)


def test_state_of_closures_comes_back():
    pair = TwoWorlds(CASES["closures share their cells"])
    pair.call("f")
    assert pair.space["get"]() == (2, [1, 2])


def test_a_cell_that_was_emptied_and_one_that_was_filled():
    pair = TwoWorlds("""
        def make():
            a = 1
            if 0: b = 0
            def swap():
                nonlocal a, b
                b = a
                del a
            def get(): return b
            def gone(): return a
            return swap, get, gone
        swap, get, gone = make()
        def f(): swap()
    """)
    pair.call("f")
    assert pair.space["get"]() == 1
    with pytest.raises(NameError):
        pair.space["gone"]()


def test_a_function_that_a_unit_makes_is_one_of_the_program_here():
    pair = TwoWorlds("def f(n):\n    def inner(x): return x + n\n    return inner")
    inner = pair.call("f", 3)
    assert inner(4) == 7 and inner.__globals__ is pair.space and inner.__code__ is pair.space["f"].__code__.co_consts[1]


def test_a_function_made_by_exec_stays():
    pair = TwoWorlds("space = {}\nexec('def g(): return 1', space)\ng = space['g']")
    with pytest.raises(Untravellable, match="not in the program's source"):
        pair.there(pair.space["g"])


def test_two_identical_lambdas_in_one_place_share_a_key_and_no_more():
    pair = TwoWorlds("FS = [(lambda: n) for n in range(3)]\ndef f(): return [g() for g in FS]")
    assert pair.call("f") == [2, 2, 2]
