"""L4: generators: what only computes runs elsewhere, ahead of its consumer; the rest stays."""

import pytest


def test_l4_generators_that_only_compute(same):
    same(
        """
        def primes():
            found, n = [], 2
            while True:
                if all(n % p for p in found): found.append(n); yield n
                n += 1
        def chunks(xs, size):
            for i in range(0, len(xs), size): yield xs[i:i + size]
            return "done"
        def pairs(text):
            for i, c in enumerate(text): yield i, c, {"c": c}, [c] * 2
        def nested(n):
            got = yield from chunks("abcdef", n)
            yield got
        def rows(n):
            for i in range(n):
                row = []
                for k in range(i): row.append([k])
                yield row
        def empty(n):
            if n: yield n
        def squares(n): return (x * x for x in range(n))
        first = [p for p, _ in zip(primes(), range(40))]
        print(first, list(chunks(list(range(7)), 3)), list(pairs("ab")), list(nested(4)), list(rows(4)), list(empty(0)), sum(empty(3)))
        kept = list(rows(3)); kept[2].append("mine"); kept[2][0].append("mine too"); print(kept, list(squares(4)))
        big = list(chunks("x" * 5000, 1)); print(len(big), set(big))
        g = rows(3); print(next(g), next(g), next(g), next(g, "end"), next(g, "end"))
        """,
        select="app.primes,app.chunks,app.pairs,app.nested,app.rows,app.empty",
    )


def test_l4_a_generator_that_shows_or_changes_something_stays(same):
    same(
        """
        seen = []
        def noisy(n):
            for i in range(n): print("yielding", i); yield i; print("after", i)
        def noting(n):
            for i in range(n): seen.append(i); yield i
        for i in noisy(2): print("got", i)
        for i in noting(2): print(i, seen)
        """,
        select="app.noisy,app.noting",
        home={"app.noisy": "yield", "app.noting": "yield"},
    )


def test_l4_exceptions_between_values(same):
    same(
        """
        class Mine(Exception): pass
        def f(n):
            for i in range(n): yield i
            raise Mine(n)
        def g(text): yield int(text); yield 1 / 0
        def outer(n): yield from f(n)
        got = []
        try:
            for x in f(3): got.append(x)
        except Mine as e: print(got, e, e.__context__)
        try: print(list(g("x")))
        except ValueError as e: print(e)
        print([x for x, _ in zip(f(3), "ab")])
        for x in outer(2): print(x)
        """,
        select="app.f,app.g,app.outer",
        exit=1,
    )


def test_l4_values_and_exceptions_sent_into_a_generator(same):
    same(
        """
        def average():
            total, n, mean = 0, 0, None
            while True:
                try: x = yield mean
                except KeyError as e: total, n, mean = 0, 0, f"reset {e}"; continue
                except GeneratorExit: return
                total += x; n += 1; mean = total / n
        def plain(n):
            while True: n = n + 1; yield n
        a = average(); next(a)
        print(a.send(10), a.send(20), a.throw(KeyError("k")), a.send(5)); a.close()
        p = plain(1); print(next(p), next(p)); p.close(); print(next(p, "closed"))
        try: plain(3).throw(ValueError("early"))
        except ValueError as e: print(e)
        """,
        select="app.average,app.plain",
    )


def test_l4_a_consumer_that_changes_what_the_generator_reads(same):
    same(
        """
        LIMIT = 3
        class Tree:
            def __init__(self, n, kids=()): self.n, self.kids = n, list(kids)
            def walk(self):
                yield self.n
                for kid in self.kids: yield from kid.walk()
        def over(xs):
            for x in xs: yield x
        def below(n):
            i = 0
            while i < LIMIT + n: yield i; i += 1
        xs = [1, 2, 3]
        for x in over(xs):
            if len(xs) < 6: xs.append(x * 10)
            if x == 20: xs[4] = "changed"
        print(xs)
        t = Tree(1, [Tree(2, [Tree(3)]), Tree(4)])
        for n in t.walk():
            if n == 2: t.kids[1].n = "four"; t.kids.append(Tree(5))
            print(n)
        for i in below(0):
            if i == 1: LIMIT = 5
            print(i)
        """,
        select="app.Tree.walk,app.over,app.below",
    )


def test_l4_a_generator_that_yields_what_it_keeps(same):
    same(
        """
        def growing(n):
            row = []
            for i in range(n): row.append(i); yield row
        def shared(xs):
            for x in xs: yield x
        print(list(growing(3)), [list(r) for r in growing(3)])
        rows = [[1], [2]]
        for r in shared(rows): r.append("x")
        print(rows)
        """,
        select="app.growing,app.shared",
        home={"app.growing": "keeps"},
    )


def test_l4_a_generator_that_looks_again_at_what_it_has_yielded(same):
    same(
        """
        def late():
            ticks = [0]
            yield 0, ticks
            ticks[0] = 1
        def anew(n):
            for i in range(n):
                row = [i]
                yield row
                row.append("late")
        def pruned(tree):
            todo = [tree]
            while todo:
                node = todo.pop()
                names = sorted(node)
                yield names
                for name in names: todo.append(node[name])
        def counted():
            row = [1]
            yield row
            return len(row)
        def over():
            got = yield from counted()
            yield got
        def thrown():
            row = [0]
            try: yield row
            except ValueError: row.append("thrown")
            row = None
            yield row
        for i, t in late(): print(i, t)
        for row in anew(3): print(row)
        for names in pruned({"a": {"b": {}}, "c": {"d": {}}}):
            print(names)
            if "c" in names: names.remove("c")
        for row in over():
            print(row)
            if row == [1]: row.append(2)
        g = thrown(); row = next(g); print(g.throw(ValueError), row)
        """,
        select="app.late,app.anew,app.pruned,app.counted,app.over,app.thrown",
        remote=[],
        home={"app.late": "keeps", "app.anew": "keeps", "app.pruned": "keeps", "app.over": "keeps"},
    )


def test_l4_a_generator_that_has_what_it_yields_in_two_ways(same):
    """In a list that it goes over by another generator; below a tuple; in a function's variables and defaults."""
    same(
        """
        def kept(n):
            rows = [[i] for i in range(n)]
            each = (r for r in rows)
            for r in each: yield r
            yield sum(r[0] for r in rows)
        def inner(n):
            rows = []
            for i in range(n):
                rows.append([i])
                yield rows[-1]
            yield sum(map(sum, rows))
        def delegated(n):
            part = inner(n)
            yield from part
        def pairs(n):
            for i in range(n):
                pair = (i, [i])
                yield pair
                yield pair[1][0]
        def functions(n):
            for i in range(n):
                row = [i]
                yield lambda: row
                yield row[0]
                yield lambda r=row: r
                yield row[0]
                yield lambda: i
        def one(n):
            t = tuple([i] for i in range(3))
            for _ in range(n): yield t
        for r in kept(5):
            if isinstance(r, list): r[0] += 100
            else: print(r)
        for r in delegated(5):
            if isinstance(r, list): r.append(100)
            else: print(r)
        for p in pairs(3):
            if isinstance(p, tuple): p[1][0] += 100
            else: print(p)
        made = []
        for f in functions(3):
            if callable(f): made.append(f); isinstance(f(), int) or f().__setitem__(0, f()[0] + 100)
            else: print(f)
        print([f() for f in made])
        last, times = None, 0
        for v in one(50): v[0][0] += 1; times += v is last; last = v
        print(v, times)
        """,
        select="app.kept,app.delegated,app.pairs,app.functions,app.one",
        remote=[],
    )


def test_l4_a_generator_that_assigns_its_variables_anew(same):
    same(
        """
        def rows(n):
            for i in range(n):
                row = [i]
                yield row
        def handed(n):
            for row in rows(n): yield row
        def fresh(n):
            row = []
            while len(row) < n:
                row = [*range(n)]
                yield 0, row
                row = [0] * n
        for made in rows(3), handed(2), fresh(2):
            for row in made: print(row); row.__len__()
        for row in handed(3): row.append("mine"); print(row)
        """,
        select="app.rows,app.handed,app.fresh",
    )


def test_l4_a_generator_of_very_many_values_goes_on_here(same):
    result = same(
        """
        def numbers(n):
            for i in range(n): yield i % 7
        def total(n):
            found = 0
            for x in numbers(n): found += x
            return found
        print(total(300_000), sum(numbers(1000)))
        """,
        select="app.numbers",
    )
    assert any("longer than to make them" in why for why in result.fallbacks("app.numbers"))


def test_l4_what_a_generator_hands_on_to_an_iterator_of_the_program(same):
    same(
        """
        class Ticks:
            def __init__(self): self.told = []
            def __iter__(self): return self
            def __next__(self): return len(self.told)
            def send(self, value): self.told.append(value); return value
            def throw(self, *what): self.told.append(what); return what
            def close(self): self.told.append("closed")
        def handing_on(ticks):
            yield from ticks
        ticks = Ticks()
        g = handing_on(ticks)
        print(next(g), g.send(5), g.throw(123), g.throw(KeyError), next(g))
        g.close()
        print(ticks.told)
        """,
        select="app.handing_on",
        home={"app.handing_on": "has some of another type"},
    )


def test_l4_what_a_generator_hands_on_is_done_as_well(same):
    same(
        """
        class Ticks:
            def __iter__(self): return self
            def __next__(self): return 1
            def send(self, value): print("told", value); return value
            def close(self): print("closed")
        def handing_on(ticks):
            yield from ticks
        g = handing_on(Ticks())
        print(next(g), g.send(5), next(g))
        g.close()
        """,
        select="app.handing_on",
    )


def test_l4_a_program_that_looks_into_generators(same):
    same(
        """
        import inspect
        def g(n):
            x = yield n
            while x: x = yield x * 2
            return "end"
        def outer(n):
            yield (yield from g(n))
        a = g(1)
        print(inspect.getgeneratorstate(a), a.__name__, inspect.isgenerator(a), a.gi_running, a.gi_code is g.__code__, a.gi_frame.f_lineno)
        print(next(a), inspect.getgeneratorstate(a), a.send(3), a.gi_frame.f_lineno, inspect.getgeneratorlocals(a))
        o = outer(4); print(next(o), o.gi_yieldfrom.__name__, o.send(5), o.send(0), next(o, "over"), o.gi_frame)
        """,
        select="app.g,app.outer",
        home={"app.g": "looks into generators", "app.outer": "looks into generators"},
    )


def test_l4_many_generators_at_once(same):
    same(
        """
        def count(start, step):
            while True: yield start; start += step
        gens = [count(n, n + 1) for n in range(9)]
        print([[next(g) for g in gens] for _ in range(3)])
        a, b = count(0, 1), count(10, -1)
        print([x * y for x, y, _ in zip(a, b, range(20))])
        def used(n): return sum(x for x, _ in zip(count(n, 1), range(5)))
        print(used(3))
        """,
        select="app.count,app.used",
    )


def test_l4_a_generator_whose_unknown_calls_turn_out_to_do_something(same):
    same(
        """
        import os
        def quiet(x): return x * 2
        def loud(x): print("loud", x); return x
        def sizes(x): return os.path.getsize(__file__) > 0
        def each(fs, n):
            for i in range(n):
                for f in fs: yield f(i)
        print(list(each([quiet], 3)))
        for x in each([quiet, quiet, loud], 2): print("got", x)
        """,
        select="app.each",
    )


def test_l4_methods_context_managers_and_recursive_generators(same):
    same(
        """
        import contextlib
        class Grid:
            def __init__(self, w, h): self.w, self.h = w, h
            def cells(self, *, skip=()):
                for y in range(self.h):
                    for x in range(self.w):
                        if (x, y) not in skip: yield x, y
            def __iter__(self): return self.cells()
            @classmethod
            def sizes(cls, n):
                for i in range(n): yield cls.__name__, i
            @staticmethod
            def letters(n): yield from "abc"[:n]
        def permutations(xs):
            if len(xs) < 2: yield xs
            for i in range(len(xs)):
                for rest in permutations(xs[:i] + xs[i + 1:]): yield xs[i] + rest
        @contextlib.contextmanager
        def named(name): yield name.upper()
        g = Grid(2, 2)
        print(list(g), list(g.cells(skip={(0, 0)})), list(Grid.sizes(2)), list(g.letters(2)), list(permutations("abc")))
        with named("x") as x: print(x)
        try:
            with named("y") as y: raise KeyError(y)
        except KeyError as e: print("out", e)
        """,
        select="app.Grid.cells,app.Grid.sizes,app.Grid.letters,app.permutations,app.named",
    )


@pytest.mark.parametrize("placement", ["local", "auto"])
def test_l4_generators_in_other_placements(same, placement):
    same(
        """
        def f(n):
            for i in range(n): yield i
        g = f(5); print(next(g), list(g), type(g).__name__, g.__name__, f.__code__.co_name)
        """,
        select="app.f",
        options=["--placement", placement],
        remote=(),
    )


def test_l4_a_setting_that_holds_between_values(same):
    pytest.importorskip("numpy")
    same(
        """
        import numpy as np
        def told(n):
            for i in range(n):
                with np.printoptions(precision=i + 1): yield str(np.array([1 / 3]))
        def strict(n):
            for i in range(n):
                with np.errstate(all="raise" if i % 2 else "ignore"): yield i
        def within(n):
            for i in range(n):
                with np.printoptions(precision=i + 1): text = str(np.array([1 / 3]))
                yield text
        for text in told(4): print(text, np.array([1 / 7]))
        for i in strict(4):
            try: print(i, np.ones(1) / 0.0)
            except FloatingPointError as e: print(repr(e))
        print(list(within(4)))
        """,
        select="app.told,app.strict,app.within",
        remote=["app.within"],
    )
