"""V3: one object is one object, over there and after the return."""

import pytest


def test_v3_aliasing_across_arguments_globals_and_result(same):
    same(
        """
        shared = {"n": 0}
        class Box: pass
        def f(a, b, box, *rest, **kw):
            a["n"] += 1
            checks = a is b, a is shared, box.it is a, rest[0] is a, kw["k"][0] is a
            shared["self"] = shared
            return a, {"again": b}, checks, [box, box]
        box = Box(); box.it = shared
        r, again, checks, boxes = f(shared, shared, box, shared, k=(shared,))
        print(checks, r is shared, again["again"] is shared, boxes[0] is boxes[1] is box, shared["n"], shared["self"] is shared)
        """,
        select="app.f",
    )


def test_v3_new_objects_keep_their_aliases_in_the_result(same):
    same(
        """
        kept = []
        def make():
            x = [1]; y = {"x": x}
            kept.append(x); make.last = y
            return x, y, (x, y), [x, x]
        a, b, pair, twice = make()
        a.append(2)
        print(b, pair, twice, kept, make.last is b, kept[0] is a, pair[0] is a, twice[0] is twice[1])
        """,
        select="app.make",
    )


def test_v3_cycles(same):
    same(
        """
        class Node:
            def __init__(self, name): self.name, self.links, self.parent = name, [], self
        def link(a, b):
            a.links.append(b); b.parent = a; a.me = a.links
            xs = [a]; xs.append(xs)
            d = {}; d["d"] = d; t = ([],); t[0].append(t)
            return xs, d, t
        a, b = Node("a"), Node("b"); b.links.append(a)
        xs, d, t = link(a, b)
        print(a.links[0] is b, b.parent is a, a.parent is a, a.me is a.links, xs[1] is xs, xs[0] is a, d["d"] is d, t[0][0] is t)
        """,
        select="app.link",
    )


def test_v3_the_dict_of_an_object_that_was_sent(same):
    same(
        """
        class A: pass
        D = {}
        def f(o):
            global D
            D = vars(o)
            return [vars(o), o]
        a = A(); r = f(a)
        D["x"] = 1
        print(a.x, D is vars(a), r[0] is D)
        """,
        select="app.f",
    )


def test_v3_the_dict_of_a_function_and_of_an_exception(same):
    same(
        """
        class Err(Exception): pass
        def g(): pass
        def f(e, d, h):
            d["n"] = 1; e.m = 2
            return [h.__dict__, vars(e), d]
        e = Err(); d = vars(e)
        r = f(e, d, g)
        r[0]["x"] = 1; r[1]["y"] = 2
        print(g.x, e.y, e.n, d, r[1] is d, r[2] is d)
        """,
        select="app.f",
    )


def test_v3_a_new_object_that_has_the_dict_of_an_old_one(same):
    same(
        """
        class Borg:
            def __init__(self, other): self.__dict__ = other.__dict__
        class A: pass
        def f(a): return Borg(a)
        a = A(); b = f(a)
        b.x = 1
        print(a.x, vars(a) is vars(b))
        """,
        select="app.f",
    )


def test_v3_an_old_object_that_is_given_another_dict(same):
    same(
        """
        class A: pass
        def f(a, d): a.__dict__ = d
        a, d = A(), {}
        a.x = 1
        f(a, d)
        d["y"] = 2
        print(vars(a), vars(a) is d)
        """,
        select="app.f",
        home={"app.f": "__dict__"},
    )


@pytest.mark.parametrize(
    "use",
    [
        pytest.param("a, b = copy.deepcopy([A(s), A(s)])\nprint(a.s is b.s, a.s is s)", id="under way here"),
        pytest.param("memo = {}\na, b = f(s, memo), f([s], memo)\nprint(a is b[0], a is s, memo[id(s)] is a)", id="made here"),
    ],
)
def test_v3_what_a_deepcopy_has_copied_so_far_stays(same, use):
    same(
        f"""
import copy
class A:
    def __init__(self, s): self.s = s
    def __deepcopy__(self, memo):
        return A(f(self.s, memo))
def f(x, memo): return copy.deepcopy(x, memo)
s = [1]
{use}
        """,
        select="app.f",
        stopped={"app.f": "memo of a deepcopy"},
    )


@pytest.mark.parametrize(
    "way",
    [
        pytest.param('getattr(copy, "deepcopy")', id="a text"),
        pytest.param('copy.__dict__["deepcopy"]', id="the names of the module"),
        pytest.param("WAYS[0]", id="a table"),
    ],
)
def test_v3_a_memo_stays_however_deepcopy_is_found(same, way):
    same(
        f"""
import copy
WAYS = [getattr(copy, "deep" + "copy")]
class A:
    def __init__(self, s): self.s = s
class M:
    def __init__(self, memo): self.memo = memo
    def copy(self, x): return {way}(x, self.memo)
s = [1]
m = M({{}})
WAYS[0](s, m.memo)
n = M(m.memo.copy())
a, b = m.copy(A(s)), n.copy(A(s))
print(a.s is b.s, a.s is s)
        """,
        select="app.M.copy",
        remote=[],
        stopped={"app.M.copy": "memo of a deepcopy"},
    )


@pytest.mark.parametrize("kept", ["dict(memo)", "{**memo}", "UserDict(memo)"])
def test_v3_a_copy_of_a_memo_stays(same, kept):
    same(
        f"""
import copy
from collections import UserDict
class A:
    def __init__(self, s): self.s = s
def f(x, memo): return copy.deepcopy(x, memo)
s, memo = [1], {{}}
first = copy.deepcopy(A(s), memo)
print(f(A(s), {kept}).s is first.s)
        """,
        select="app.f",
        remote=[],
        home={"app.f": "memo of a deepcopy"},
    )


def test_v3_a_table_by_id_is_no_memo(same):
    same(
        """
        import copy
        xs = [[1], [2]]
        table = {id(x): [x, len(x)] for x in xs}
        def f(table): return copy.deepcopy(sorted(table.values(), key=str))
        print(f(table))
        """,
        select="app.f",
    )


def test_v3_a_deepcopy_from_beginning_to_end_travels(same):
    same(
        """
        import copy
        class A:
            def __init__(self, s): self.s = s
            def __deepcopy__(self, memo): return A(copy.deepcopy(self.s, memo))
        def f(xs): return copy.deepcopy(xs)
        s = [1]
        a, b, c = f([A(s), A(s), s])
        print(a.s is b.s, a.s is c, a.s is s)
        """,
        select="app.f",
    )


def test_v3_many_lists_met_twice_between_new_ones(same):
    same(
        """
        shared = [[i, []] for i in range(30)]
        xs = [[x, shared[i // 2]] for i, x in enumerate(shared)]
        ys = [shared[i // 2] if i % 2 else [i] for i in range(60)]
        def f(xs, ys, one):
            for x, _ in xs: x.append(len(x))
            one.append(ys[1])
            return [i for i, y in enumerate(ys) if not any(y is x for pair in xs for x in pair)]
        print(f(xs, ys, shared[7]) == list(range(0, 60, 2)), shared[7][-1] is shared[0], [len(x) for x in shared], len(ys[15]))
        """,
        select="app.f",
    )


def test_v3_a_result_that_is_an_argument_or_a_global(same):
    same(
        """
        xs, d = [1], {"a": [2]}
        def f(xs): xs.append(2); return xs
        def g(xs): return xs
        def h(): return d["a"]
        print(f(xs) is xs, g(xs) is xs, h() is d["a"], xs)
        """,
        select="app.f,app.g,app.h",
    )


def test_v3_the_nan_of_a_library(same):
    pytest.importorskip("numpy")
    same(
        """
        import math
        import numpy as np
        from math import nan
        def told(x): return x is math.nan, x is nan, x is np.nan, x in [x]
        def made(which): return {"math": math.nan, "numpy": [np.nan], "new": float("nan")}[which]
        for x in (math.nan, np.nan, float("nan")): print(told(x), told(x))
        print(made("math") is nan, made("numpy")[0] is np.nan, made("new") is nan)
        """,
        select="app.told,app.made",
    )
