"""L3: decorated functions keep their decorators."""


def test_l3_lru_cache_keeps_its_cache_here(same):
    same(
        """
        import functools
        @functools.lru_cache(maxsize=None)
        def slow(n): print("computing", n); return [n]
        print(slow(1) is slow(1), slow(2), slow.cache_info(), slow.__wrapped__.__name__)
        slow.cache_clear(); print(slow(1), slow.cache_info())
        """,
        select="app.slow",
    )


def test_l3_lru_cached_functions_called_in_a_unit(same):
    same(
        """
        import functools
        @functools.cache
        def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
        def use(n): return fib(n), fib.cache_info()
        print(fib(5)); print(use(10), fib.cache_info()); print(fib(10), fib.cache_info())
        """,
        select="app.use",
    )


def test_l3_decorators_of_the_program(same):
    same(
        """
        import functools
        log = []
        def traced(fn):
            @functools.wraps(fn)
            def wrapper(*a, **k):
                log.append(fn.__name__); wrapper.calls += 1
                return fn(*a, **k)
            wrapper.calls = 0
            return wrapper
        def repeat(n):
            def deco(fn): return lambda *a: [fn(*a) for _ in range(n)]
            return deco
        class Memo:
            def __init__(self, fn): self.fn, self.memo = fn, {}
            def __call__(self, x):
                if x not in self.memo: self.memo[x] = self.fn(x)
                return self.memo[x]
        @traced
        @repeat(2)
        def f(x): log.append(("f", x)); return x
        @Memo
        def g(x): print("g", x); return x + 1
        @traced
        def h(x): "Doc."; return f(x), g(x)
        print(f(1), g(2), g(2), h(3), g.memo, log, f.calls, h.__doc__, h.__name__, h.__wrapped__.__name__)
        """,
        select="app.f,app.g,app.h,app.traced.<locals>.wrapper",
        remote={"app.f", "app.g"},
    )


def test_l3_singledispatch_and_contextmanager(same):
    same(
        """
        import contextlib, functools
        @functools.singledispatch
        def kind(x): return "object"
        @kind.register
        def _(x: int): return "int"
        @kind.register(list)
        def kind_list(x): x.append(1); return "list"
        @contextlib.contextmanager
        def block(name):
            print("enter", name)
            try: yield name.upper()
            finally: print("exit", name)
        def use(xs):
            with block("b") as b: return [kind(x) for x in xs], b
        xs = [1]
        print(use([1, "s", xs, True]), xs, kind([2]), kind("z"))
        with block("here") as h: print(h)
        """,
        select="app.use,app.kind,app.kind_list",
        remote={"app.use"},
    )


def test_l3_cached_property(same):
    same(
        """
        import functools
        class C:
            def __init__(self): self.n = 0
            @functools.cached_property
            def big(self): self.n += 1; return [self.n]
        def use(c): return c.big, c.big is c.big, c.n
        c = C()
        print(use(c), c.big, c.big is use(c)[0], c.n)
        """,
        select="app.use",
    )


def test_l3_a_cache_goes_along_and_comes_home(same):
    same(
        """
        import functools
        @functools.cache
        def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
        @functools.lru_cache(maxsize=3)
        def row(n, *, by=1): print("row", n, by); return [n * by]
        @functools.lru_cache(maxsize=4, typed=True)
        def typed(*a, **k): made.append(a); return (a, k)
        @functools.lru_cache
        def fails(n):
            if n % 2: raise ValueError(n)
            return n
        made = []
        def use(n):
            fib(n); a = row(n); row(1); row(2, by=n); row(1)
            typed(n), typed(float(n)), typed(1, b=n), typed(n)
            try: fails(n)
            except ValueError as e: print(e)
            return a, fib.cache_info(), row.cache_info(), typed.cache_info(), fails.cache_info()
        def state(): return [f.cache_info() for f in (fib, row, typed, fails)]
        print(use(10)); print(state(), made)
        first = row(1); print(use(11), state()); print(row(1) is first, row(11), state())
        for n in (3, 4, 3, 5): print(use(n)[1:], state())
        print([row(n, by=b)[0] for n, b in ((1, 1), (2, 5), (5, 1), (4, 1), (2, 4))], state(), made)
        def clear(): row.cache_clear(); fib(3); row(9); row(9)
        clear(); print(state())
        """,
        select="app.use,app.clear",
    )


def test_l3_a_cached_method_and_a_cached_closure(same):
    same(
        """
        import functools
        class C:
            def __init__(self, n): self.n = n
            @functools.lru_cache(maxsize=None)
            def grid(self, k): print("grid", self.n, k); return [self.n] * k
            @functools.cached_property
            def big(self): print("big"); return self.grid(3)
        def make(k):
            @functools.lru_cache(maxsize=2)
            def inner(x): return [x + k]
            return inner
        inner = make(5)
        def use(c, n): return c.grid(n), c.big is c.grid(3), inner(n), inner.cache_info().hits, C.grid.cache_info()
        a, b = C(1), C(2)
        print(use(a, 3), use(b, 3), use(a, 3)); print(a.grid(3) is a.big, C.grid.cache_info(), inner.cache_info(), inner(3))
        """,
        select="app.use",
    )


def test_l3_a_cached_function_that_is_a_unit_and_calls_itself(same):
    same(
        """
        import functools
        @functools.lru_cache(maxsize=None)
        def paths(r, c): return 1 if not r or not c else paths(r - 1, c) + paths(r, c - 1)
        print(paths(8, 8), paths.cache_info(), paths(9, 8), paths.cache_info(), paths(9, 8), paths.cache_info())
        """,
        select="app.paths",
    )


def test_l3_a_cache_that_was_asked_very_often(same):
    same(
        """
        import functools
        @functools.cache
        def f(n): return n + 1
        for n in range(7000): f(n % 50)
        def plain(n): return f(n) + f(60)
        def counts(n): return f(n), f.cache_info()
        print(plain(3), f.cache_info(), counts(61), f.cache_info())
        """,
        select="app.plain,app.counts",
        home={"app.counts": "how often"},
    )


def test_l3_a_cache_that_threads_share(same):
    same(
        """
        import functools
        from concurrent.futures import ThreadPoolExecutor
        @functools.cache
        def f(n): return [n]
        def use(n): return f(n % 3)
        with ThreadPoolExecutor(3) as pool: found = list(pool.map(use, range(9)))
        print(found, all(found[n] is f(n % 3) for n in range(9)))
        """,
        select="app.use",
        home={"app.use": "threads"},
    )


def test_l3_what_is_changed_about_functions_that_a_decorator_of_the_library_made(same):
    same(
        """
        import contextlib, functools, unittest
        @functools.singledispatch
        def show(x): "its text"; return show.note, show.__doc__, show.__name__
        @show.register
        def _(x: str): return "text"
        @contextlib.contextmanager
        def opened(): "opened"; yield 1
        class Test(unittest.TestCase):
            @unittest.skip("later")
            def test(self): "tests"
        def look(): return show(1), show("a"), opened.note, opened.__doc__, opened.__qualname__, Test.test.__doc__, vars(Test.test)["note"]
        show.note, opened.note, Test.test.note = [1], "a", 2
        print(look())
        show.__doc__, show.__name__, opened.__doc__, opened.__qualname__, Test.test.__doc__ = "other", "shown", "text", "q", None
        print(look())
        def change():
            show.note.append(2); opened.note = "there"; opened.__doc__ = "there"; Test.test.note = 3
            return opened.note
        print(change(), look(), opened.__doc__)
        def add(): show.more = [1]; return show.more
        print(add() is show.more)
        """,
        select="app.look,app.change,app.add",
        remote=["app.look"],
        home={"app.add": "dispatch"},
    )


def test_l3_attributes_of_a_cached_function(same):
    same(
        """
        import functools
        @functools.lru_cache(maxsize=4)
        def square(n): "squares"; return [n * n]
        square.note, square.seen = 1, []
        def look(): square.seen.append(square(2)); return square.note, square.__doc__, square.__name__, len(square.seen)
        def change(): square.note += 1; square(3); return square.note
        print(look(), square.cache_info())
        square.__doc__, square.__name__ = "other", "named"
        print(look(), square.seen[0] is square(2), square.cache_info())
        print(change(), square.note, square.cache_info())
        """,
        select="app.look,app.change",
        remote=["app.look"],
        home={"app.change": "attributes"},
    )


def test_l3_attributes_of_a_cached_property(same):
    same(
        """
        import functools
        class C:
            @functools.cached_property
            def area(self): "the area"; return 2
        C.area.note = 3
        def look(c): return type(c).area.note, c.area, C.area.__doc__
        print(look(C()))
        """,
        select="app.look",
        home={"app.look": "C"},
    )
