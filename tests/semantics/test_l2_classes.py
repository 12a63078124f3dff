"""L2: classes, methods and what the interpreter calls by itself."""


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


def test_l2_test_cases_that_unittest_runs(same):
    """Failures are shown without the frames of unittest's own, by what stands in their globals."""
    same(
        """
        import io, re, unittest
        class Stack:
            def __init__(self, *items): self.items = list(items)
            def pop(self): return self.items.pop()
        plain = unittest.TestCase()
        def check(a, b): plain.assertEqual([a], [b])
        class StackTest(unittest.TestCase):
            seen = []
            def setUp(self): self.stack = Stack(1, 2); self.addCleanup(self.seen.append, "cleaned")
            def test_pop(self): self.assertEqual(self.stack.pop(), 2)
            def test_wrong(self): self.assertEqual(self.stack.pop(), 1, "as meant")
            def test_helper(self): check(self.stack.pop(), 1)
            def test_empty(self):
                with self.assertRaises(IndexError) as found: Stack().pop()
                self.assertIn("empty", str(found.exception))
            def test_error(self): Stack().pop()
            def test_parts(self):
                for i in range(3):
                    with self.subTest(i=i): self.assertLess(i, 1)
            @unittest.skip("later")
            def test_skipped(self): self.seen.append("never")
            def test_why(self): self.assertEqual(self.test_skipped.__unittest_skip_why__, "later")
            @unittest.expectedFailure
            def test_known(self): self.fail("known")
        out = io.StringIO()
        done = unittest.main(exit=False, argv=["app"], testRunner=unittest.TextTestRunner(out, verbosity=2))
        print(re.sub(r"in [0-9.]+s", "", out.getvalue()), done.result, StackTest.seen)
        """,
        select="app.StackTest.*,app.check,app.Stack.pop",
        remote=[f"app.StackTest.{name}" for name in ("setUp", "test_pop", "test_wrong", "test_empty", "test_error", "test_why")],
        home={"app.StackTest.test_parts": "_Outcome"},
    )


def test_l2_a_helper_that_fails_inside_unittest(same):
    same(
        """
        import io, re, unittest
        plain = unittest.TestCase()
        def check(a, b): plain.assertEqual([a], [b])
        class Test(unittest.TestCase):
            def test_it(self): check(1, 2)
        out = io.StringIO()
        unittest.main(exit=False, argv=["app"], testRunner=unittest.TextTestRunner(out))
        print(re.sub(r"in [0-9.]+s", "", out.getvalue()))
        """,
        select="app.check",
    )
