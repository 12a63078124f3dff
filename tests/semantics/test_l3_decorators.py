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
        remote=(),
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
