"""DECISIONS C6 and C7: iterators go on where they were, views and buffers stay one."""

import pytest


def test_c6_an_iterator_goes_on_in_what_the_call_appended(same):
    same(
        """
        xs = [1, 2]
        it = iter(xs)
        def f():
            xs.extend([3, 4, 5, 6])
            return [next(it) for _ in range(4)]
        print(f(), next(it), xs, list(it))
        """,
        select="app.f",
    )


def test_c6_count_travels_with_its_position(same):
    same(
        """
        import itertools
        _id = itertools.count()
        _step = itertools.count(10, -3)
        def new(): return next(_id), next(_step)
        print(new(), new(), next(_id), new(), next(_step), new(), _id, _step)
        """,
        select="app.new",
    )


def test_c6_list_and_range_iterators_travel_with_their_position(same):
    same(
        """
        xs = [10, 20, 30, 40, 50]
        it, back, r = iter(xs), reversed(xs), iter(range(0, 100, 7))
        def take(i, n=1): return [next(i, "end") for _ in range(n)]
        print(take(it), next(it), take(back), next(back), take(r, 3), next(r))
        xs.append(60)
        print(take(it, 2), list(it), take(back, 9), take(it))
        """,
        select="app.take",
    )


def test_c6_an_iterator_and_its_list_stay_one(same):
    same(
        """
        def walk(it, xs):
            out = [next(it)]
            xs.append(len(xs))
            out += it
            return out
        xs = [1, 2]
        it = iter(xs); next(it)
        print(walk(it, xs), xs, next(it, "exhausted"))
        pair = iter(xs); same = pair
        print(walk(pair, xs), list(same))
        """,
        select="app.walk",
    )


def test_c6_a_generator_as_an_argument_runs_here(same):
    same(
        """
        def gen():
            for i in range(6):
                print("yield", i); yield i
        def take(g, n): return [next(g) for _ in range(n)]
        g = gen()
        print(take(g, 2), next(g), take(g, 2))
        """,
        select="app.take",
        home={"app.take": "generator"},
    )


OTHER_ITERATORS = {
    "enumerate": "enumerate('abcdef', 3)",
    "zip": "zip([1, 2, 3, 4, 5], 'abcde')",
    "map": "map(str.upper, ['a', 'b', 'c', 'd', 'e'])",
    "filter": "filter(None, [0, 1, 2, 0, 3, 4, 5])",
    "cycle": "itertools.cycle([1, 2])",
    "chain": "itertools.chain([1], [2, 3], (4, 5))",
    "islice": "itertools.islice(range(100), 5, 30, 3)",
    "dict_items": "iter({'a': 1, 'b': 2, 'c': 3, 'd': 4, 'e': 5}.items())",
    "str": "iter('abcdef')",
    "set": "iter({1, 2, 3, 4, 5, 6})",
    "count_of_floats": "itertools.count(0.5, 2.5)",
    "count_of_fractions": "itertools.count(__import__('fractions').Fraction(1, 3))",
    "repeat": "itertools.repeat('x', 9)",
    "product": "itertools.product([1, 2], 'abc')",
    "callable": "iter([1, 2, 3, 4, 5].pop, 99)",
}


@pytest.mark.parametrize("name", OTHER_ITERATORS)
def test_c6_any_other_iterator_is_advanced_once(same, name):
    same(
        f"""
        import itertools
        it = {OTHER_ITERATORS[name]}
        def take(i): return next(i)
        print(take(it), next(it), take(it), take(it), next(it))
        """,
        select="app.take",
        remote=(),
    )


def test_c7_numpy_views_share_one_buffer(same):
    pytest.importorskip("numpy")
    same(
        """
        import numpy as np
        def f(a, b):
            b[0] = 99
            return a[1], b.base is a, np.shares_memory(a, b)
        a = np.arange(5)
        print(f(a, a[1:]), a)
        """,
        select="app.f",
    )


def test_c7_a_memoryview_and_its_buffer_stay_one(same):
    same(
        """
        import array
        def f(b, m):
            m[0] = 65; b[2] = 66
            return bytes(m), bytes(b), m.obj is b
        b = bytearray(b"xyzw")
        print(f(b, memoryview(b)[1:]), b)
        a = array.array("i", [1, 2, 3])
        m = memoryview(a)
        def g(a, m): a[0] = 7; m[1] = 8; return list(m)
        print(g(a, m), a)
        """,
        select="app.f,app.g",
        remote=(),
    )
