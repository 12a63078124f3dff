"""SEMANTICS L1 to L5: parameters, classes, decorators, nested code, packages."""

import pytest


def test_l1_parameter_kinds(same):
    same(
        """
        def f(a, /, b, c=3, *args, d, e=[5], **kw) -> tuple: return a, b, c, args, d, e, kw
        print(f(1, 2, d=4), f(1, b=2, d=4, a=9), f(1, 2, 3, 4, 5, d=6, e=7, z=8), f(*"ab", **{"d": 1, "x": 2}))
        def g(*, only=None): return only
        def h(): return None
        def k(self, cls, _state, event, frame): return self, cls, _state, event, frame
        print(g(), g(only=1), h(), k(1, 2, 3, event=4, frame=5))
        """,
        select="app.f,app.g,app.h,app.k",
    )


def test_l1_wrong_calls_raise_what_python_raises(same):
    same(
        """
        def f(a, /, b, *, c, d=1): return a
        class C:
            def m(self, x): return x
            @classmethod
            def k(cls, *, y): return y
            @staticmethod
            def s(z): return z
        calls = ["f()", "f(1)", "f(1, 2)", "f(1, 2, 3, c=4)", "f(1, 2, c=3, e=4)", "f(a=1, b=2, c=3)", "f(1, 2, b=3, c=4)", "C().m()",
                 "C().m(1, 2)", "C().m(y=1)", "C.m(1)", "C.k(1)", "C.k()", "C.s()", "C().s(1, 2)", "f(1, 2, c=3)",
                 "f(1, **{'b': 1}, **{'b': 2})"]
        for call in calls:
            try: print(call, eval(call))
            except TypeError as e: print(call, "->", e)
        """,
        select="app.f,app.C.m,app.C.k,app.C.s",
        remote={"app.f"},
    )


def test_l1_default_values_are_evaluated_once_here(same):
    same(
        """
        def noisy(x): print("default", x); return [x]
        def f(a=noisy(1), *, b=noisy(2)): a.append(len(b)); return a
        print(f(), f(), f([0]), f.__defaults__[0] is f(), f.__kwdefaults__)
        """,
        select="app.f",
    )


def test_l2_methods_of_all_kinds(same):
    same(
        """
        class A:
            made = 0
            def __init__(self, x): self.x = x; A.made += 1
            def add(self, n): self.x += n; return self
            @classmethod
            def make(cls, x): return cls(x)
            @staticmethod
            def twice(x): return x * 2
            @property
            def double(self): return self.x * 2
            @double.setter
            def double(self, v): self.x = v // 2
            def __add__(self, o): return type(self)(self.x + o.x)
            def __eq__(self, o): return isinstance(o, A) and self.x == o.x
            def __getitem__(self, i): return self.x + i
            def __setitem__(self, i, v): self.x = (i, v)
            def __call__(self, *a): return self.x, a
            def __len__(self): return 7
            def __contains__(self, v): return v == self.x
            def __enter__(self): self.inside = True; return self
            def __exit__(self, *e): self.inside = e[0]; return True
            def __iter__(self): return iter([self.x])
            def __lt__(self, o): return self.x < o.x
            def __repr__(self): return f"A({self.x})"
        a = A(1)
        print(a.add(2) is a, A.make(5).x, A.twice(3), a.double, a + A(4), a == A(3), a[1], a(9), len(a), 3 in a, list(a))
        print(sorted([A(3), A(1)]))
        a.double = 20; print(a)
        a[1] = 2; print(a.x)
        with a as inner: print(inner is a, a.inside); raise KeyError
        print(a.inside, A.made, repr(a))
        """,
        select="app.A.*",
        remote={"app.A.add", "app.A.make", "app.A.__add__", "app.A.__call__"},
    )


def test_l2_inheritance_and_super(same):
    same(
        """
        class Shape:
            def __init__(self, name): self.name = name
            def area(self): return 0
            def describe(self): return f"{self.name}: {self.area():.2f}"
        class Sq(Shape):
            def __init__(self, s): super().__init__("sq"); self.s = s
            def area(self): return self.s ** 2
        class Named(Sq):
            def describe(self): self.seen = True; return "*" + super().describe() + "*"
        class Left:
            def go(self): return ["left"]
        class Mid(Left):
            def go(self): return ["mid"] + super().go()
        class Right(Left):
            def go(self): return ["right"] + super().go()
        class Both(Mid, Right): pass
        n = Named(3)
        print(n.describe(), n.seen, Sq(2).describe(), Shape("x").describe(), Both().go())
        """,
        select="app.Shape.describe,app.Named.describe,app.Mid.go,app.Sq.__init__",
        remote={"app.Shape.describe", "app.Named.describe", "app.Mid.go", "app.Sq.__init__"},
    )


def test_l2_private_names_slots_and_descriptors(same):
    same(
        """
        class Typed:
            def __init__(self, kind): self.kind = kind
            def __set_name__(self, o, n): self.n = "_" + n
            def __get__(self, o, t=None): return self if o is None else getattr(o, self.n)
            def __set__(self, o, v):
                if not isinstance(v, self.kind): raise TypeError(f"{self.n} wants {self.kind.__name__}")
                setattr(o, self.n, v)
        class P:
            __slots__ = ("_age", "__secret")
            age = Typed(int)
            def __init__(self, age): self.age = age; self.__secret = [age]
            def birthday(self): self.age += 1; self.__secret.append(self.age); return self.__secret
            def bad(self): self.age = "old"
        p = P(4)
        print(p.birthday(), p.age, p.birthday() is p._P__secret)
        try: p.bad()
        except TypeError as e: print(e, p.age)
        """,
        select="app.P.birthday,app.P.bad",
    )


def test_l2_slots_beside_a_dict_and_a_weak_reference(same):
    same(
        """
        import weakref
        class O: __slots__ = ("a", "__dict__", "__weakref__")
        class P(O): __slots__ = ("c",)
        def f(o): o.a = 1; o.b = [2]; o.c = 3; return o
        o = O(); p = P(); w = weakref.ref(o)
        print(f(o) is o, o.a, vars(o), f(p).c, vars(p), w() is o)
        """,
        select="app.f",
    )


def test_l2_dataclasses_enums_and_abstract_classes(same):
    same(
        """
        import abc, enum
        from dataclasses import dataclass, field, replace, asdict
        class Kind(enum.Enum):
            A = "a"; B = "b"
            @property
            def other(self): return Kind.B if self is Kind.A else Kind.A
            def flip(self): return self.other
        @dataclass(order=True)
        class Item:
            n: int
            kind: Kind = Kind.A
            tags: list[str] = field(default_factory=list, compare=False)
            def grow(self, by=1): self.n += by; self.kind = self.kind.flip(); self.tags.append(self.kind.name); return replace(self, n=0)
            def __post_init__(self): self.tags.append("post")
        class Store(abc.ABC):
            @abc.abstractmethod
            def get(self, k): ...
            def first(self): return self.get(0)
        class ListStore(Store):
            def __init__(self, xs): self.xs = xs
            def get(self, k): return self.xs[k]
        i = Item(1); new = i.grow(2)
        print(i, new, i > new, asdict(i), Kind.A.flip() is Kind.B, ListStore([i]).first() is i)
        """,
        select="app.Item.grow,app.Kind.flip,app.Store.first",
    )


def test_l2_a_metaclass_and_a_class_as_argument(same):
    same(
        """
        class Registry(type):
            all = {}
            def __new__(m, name, bases, ns): cls = super().__new__(m, name, bases, ns); m.all[name] = cls; return cls
            def __getitem__(cls, k): return f"{cls.__name__}[{k}]"
        class Base(metaclass=Registry): pass
        class One(Base): value = 1
        def lookup(name, default): cls = Registry.all.get(name, default); return cls, cls["x"], [c.__name__ for c in Registry.all.values()]
        cls, text, names = lookup("One", Base)
        print(cls is One, text, names, lookup("No", Base)[0] is Base)
        """,
        select="app.lookup",
    )


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


def test_l4_closures_lambdas_and_recursion(same):
    same(
        """
        def compose(*fs):
            def run(x):
                for f in fs: x = f(x)
                return x
            return run
        def even(n): return True if n == 0 else odd(n - 1)
        def odd(n): return False if n == 0 else even(n - 1)
        def hanoi(n, a, b, c, moves):
            if n: hanoi(n - 1, a, c, b, moves); moves.append((a, c)); hanoi(n - 1, b, a, c, moves)
            return moves
        def adder(n): return lambda x: x + n
        moves = []
        print(compose(adder(1), lambda x: x * 10, str)(4), even(20), odd(7), hanoi(3, *"abc", moves) is moves, len(moves))
        """,
        select="app.compose.<locals>.run,app.even,app.hanoi,app.adder",
        remote={"app.even", "app.hanoi", "app.adder", "app.compose.<locals>.run"},
    )


def test_l4_comprehensions_match_walrus_and_unpacking(same):
    same(
        """
        from dataclasses import dataclass
        @dataclass
        class Pt: x: int; y: int
        def what(v):
            match v:
                case Pt(0, y): return "y axis", y
                case Pt(x=x): return "pt", x
                case [a, *rest] if a: return a, rest
                case {"k": k, **more}: return k, more
                case int() | float() as n: return "num", n
                case None: return "none"
                case _: return "other"
        def misc(xs):
            first, *mid, last = xs
            if (n := len(xs)) > 2: pairs = [(x, y) for x in mid for y in range(x) if y % 2]
            d = {k: v for k, v in zip("abc", xs)}; s = {x % 2 for x in xs}; t = sum(x for x in xs)
            [xs[0], xs[-1]] = last, first
            return n, pairs, d, s, t, f"{first!r:>4}|{last=}", [*xs, *mid], {**d, "z": 1}
        print([what(v) for v in (Pt(0, 2), Pt(1, 2), [1, 2, 3], [0], {"k": 1, "q": 2}, 3, 2.5, None, "s")])
        xs = [5, 3, 2, 9]; print(misc(xs), xs)
        """,
        select="app.what,app.misc",
    )


def test_l4_generators_consumed_inside(same):
    same(
        """
        def gen(n):
            for i in range(n): yield i; print("after", i)
        def pairs():
            got = yield from gen(2)
            sent = yield "ask"
            yield sent
        def use():
            g = pairs()
            out = [next(g), next(g), next(g), g.send("answer")]
            return out, sum(gen(3)), list(x * 2 for x in gen(2)), max(gen(2))
        print(use())
        for i in gen(2): print("loop", i)
        """,
        select="app.use",
    )


def test_l4_try_with_and_loops(same):
    same(
        """
        def f(xs):
            out = []
            for i, x in enumerate(xs):
                try: out.append(10 / x)
                except ZeroDivisionError: out.append("zero"); continue
                except TypeError as e: out.append(type(e).__name__); break
                else: out.append("ok")
                finally: out.append(i)
            else: out.append("never broke")
            while True:
                if len(out) > 5: break
                out.append("pad")
            return out
        print(f([1, 0, 2]), f(["x", 1]), f([]))
        """,
        select="app.f",
    )


def test_l4_global_code_calls_a_unit_in_every_place(same):
    same(
        """
        def f(x, *, key=None): print("f", x if not callable(x) else "callable"); return x
        class K(*f((object,))):
            a = f(1)
            b: f(2) = 3
        xs = [f(i) for i in range(2)]; d = {f("k"): f("v")}; s = f"{f(1):>3}"
        y = f(0) or f(5) if f(True) else f("no")
        xs[f(0)] += f(10); assert f(1), f("never")
        print(sorted([3, 1], key=lambda v: f(-v)), K.a, y, xs, d, s, *map(f, "ab"), max("cd", key=f), f(f)(f(7)))
        del xs[f(0)]
        with open(f(__file__)) as h: print(h.readable())
        for i in filter(f, [0, 1]): print(i)
        """,
        select="app.f",
    )


PACKAGE = {
    "shop/__init__.py": "from .store import Store\nVERSION = '1'\nprint('import', __name__)\n",
    "shop/__main__.py": """
        import sys
        from . import VERSION, Store
        from .util.text import shout
        from .util import text as t
        def main(argv):
            s = Store(); s.add("pen", 2)
            print(__name__, __package__, VERSION, shout(s.describe()), argv, t.count, type(s), main.__module__)
            return 4
        if __name__ == "__main__":
            sys.exit(main(sys.argv[1:]))
        """,
    "shop/store.py": """
        from __future__ import annotations
        from .util import text
        from .util.text import shout
        from .errors import Missing
        class Store:
            def __init__(self): self.items = {}
            def add(self, name, n): self.items[name] = self.items.get(name, 0) + n; return self
            def describe(self):
                text.count += 1
                return f"{self.items} {shout('x')}"
            def take(self, name):
                if name not in self.items: raise Missing(name)
                return self.items.pop(name)
        """,
    "shop/errors.py": "class Missing(KeyError):\n    pass\n",
    "shop/util/__init__.py": "",
    "shop/util/text.py": """
        count = 0
        def shout(t):
            global count
            count += 1
            return t.upper() + "!"
        """,
    "app.py": """
        import shop, shop.util.text as text
        from shop.errors import Missing
        from shop.store import Store as S
        s = shop.Store()
        print(s.add("a", 1) is s, s.describe(), text.count, text.shout("q"), S is shop.Store)
        try: s.take("b")
        except Missing as e: print(repr(e), type(e).__module__)
        """,
}


def test_l5_a_package_imported_by_a_script(same):
    same(PACKAGE, select="shop.store.Store.add,shop.store.Store.describe,shop.store.Store.take,shop.util.text.shout")


def test_l5_python_m_package(same):
    same(PACKAGE, select="shop.store.Store.describe,shop.util.text.shout", target=("-m", "shop"), argv=("a", "-b"), exit=4)


def test_l5_the_main_function_of_a_package(same):
    same(PACKAGE, select="shop.__main__.main", target=("-m", "shop"), exit=4, remote={"shop.__main__.main"})


def test_l5_a_package_folder(same):
    files = {k: v.replace("from .", "from shop.").replace("from shop. import", "from shop import") for k, v in PACKAGE.items()}
    files["shop/__main__.py"] = "import greet\ndef main():\n    return greet.hello('folder'), __name__, __package__\nprint(main())\n"
    files["shop/greet.py"] = "def hello(x):\n    return 'hello ' + x, __name__\n"
    same(files, select="shop.__main__.main,greet.hello", target=("shop",), remote=())


def test_l5_python_m_module(same):
    same(PACKAGE, select="shop.util.text.shout", target=("-m", "app"))


def test_l5_cyclic_imports(same):
    same(
        {
            "app.py": "import a\nimport b\nprint(a.fa(3), b.fb(3), a.log, b.a is a)\n",
            "a.py": "import b\nlog = []\ndef fa(n):\n    log.append(n)\n    return b.fb(n - 1) if n else 'a'\n",
            "b.py": "import a\ndef fb(n):\n    a.log.append(-n)\n    return a.fa(n - 1) if n else 'b'\n",
        },
        select="a.fa,b.fb",
    )


def test_l5_main_guard_and_names(same):
    same(
        """
        class C: pass
        def f():
            def inner(): pass
            return __name__, f.__module__, f.__qualname__, inner.__qualname__, C.__module__, repr(C), repr(C())[:17], __file__[-6:]
        if __name__ == "__main__":
            print(f(), repr(f)[:11])
        """,
        select="app.f",
    )


def test_l5_conditional_and_late_imports(same):
    same(
        {
            "app.py": """
                try:
                    import not_there_at_all as fast
                except ImportError:
                    import helper as fast
                if len("x") > 3: import json
                def f(x):
                    import math, helper
                    from helper import add as plus
                    return fast.add(x, 1), plus(x, 2), math.floor(2.5), helper is fast, "json" in globals()
                print(f(1), fast.calls)
                """,
            "helper.py": "print('helper loaded')\ncalls = 0\ndef add(a, b):\n    global calls\n    calls += 1\n    return a + b\n",
        },
        select="app.f,helper.add",
        home={"app.f": "import"},
    )


def test_l5_a_module_imported_first_by_a_unit(same):
    same(
        {
            "app.py": """
                import sys
                def f():
                    import late
                    return late.value, late.__name__
                print("late" in sys.modules, f(), f(), "late" in sys.modules)
                """,
            "late.py": "print('late is loaded')\nvalue = 5\n",
        },
        select="app.f",
        remote=(),
    )


@pytest.mark.parametrize("select", ["app.main", "app.step", "all"])
def test_l5_a_whole_program_at_each_level(same, select):
    same(
        """
        import sys
        total = 0
        history = []
        def step(i):
            global total
            total += i; history.append(total)
            if i == 3: print("three", file=sys.stderr)
            return total
        def main():
            for i in range(5): print(step(i), end=" ")
            print(); return 0
        if __name__ == "__main__":
            code = main()
            print(total, history)
            sys.exit(code)
        """,
        select=select,
    )


def test_l2_a_base_class_knows_its_subclasses(same):
    same(
        """
        class Plugin:
            def run(self): return type(self).__name__
        class Red(Plugin): pass
        class Blue(Plugin): pass
        class Deep(Blue): pass
        def all_of(base): return [c for c in base.__subclasses__()] + [d for c in base.__subclasses__() for d in all_of(c)]
        def run_all(): return [c().run() for c in all_of(Plugin)]
        print(run_all(), all_of(Plugin) == [Red, Blue, Deep], all_of(Deep))
        class Late(Plugin): pass
        print(run_all(), [c.__name__ for c in Plugin.__subclasses__()])
        """,
        select="app.run_all,app.all_of",
        remote=(),
    )
