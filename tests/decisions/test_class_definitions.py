"""DECISIONS C3: classes are there without having been made again."""


def test_c3_init_subclass_does_not_run_again(same):
    same(
        """
        registry = []
        class Base:
            def __init_subclass__(cls, **kw):
                registry.append(cls.__name__); print("registered", cls.__name__, kw)
        class A(Base, flag=1): pass
        class B(A): pass
        def make(cls):
            return cls(), [c.__name__ for c in type(cls).__mro__], list(registry)
        made, mro, seen = make(B)
        print(type(made) is B, seen, registry, mro)
        """,
        select="app.make",
    )


def test_c3_set_name_does_not_run_again(same):
    same(
        """
        class Field:
            def __set_name__(self, owner, name):
                print("named", owner.__name__, name); self.name = name
            def __get__(self, obj, owner=None):
                return self if obj is None else obj.__dict__.get(self.name, "unset")
            def __set__(self, obj, value):
                print("set", self.name, value); obj.__dict__[self.name] = value
        class P:
            x = Field()
            y = Field()
        def use(p):
            p.y = p.x * 2
            return p
        p = P(); p.x = 4
        print(use(p) is p, p.x, p.y, vars(p))
        """,
        select="app.use",
    )


def test_c3_a_metaclass_is_not_run_again(same):
    same(
        """
        class Meta(type):
            def __new__(m, name, bases, ns, **kw):
                print("new", name); cls = super().__new__(m, name, bases, ns); cls.tag = name.lower(); return cls
            def __init__(cls, name, bases, ns): print("init", name); super().__init__(name, bases, ns)
            def __call__(cls, *a): print("call", cls.__name__, a); return super().__call__(*a)
            def __setattr__(cls, k, v): print("setattr", k, v); super().__setattr__(k, v)
            def __len__(cls): return 42
        class C(metaclass=Meta):
            def __init__(self, n): self.n = n
        def use(c):
            C.count = c.n
            d = C(c.n + 1)
            return d, len(C), C.tag, type(C) is Meta
        d, *rest = use(C(1))
        print(d.n, rest, C.count, type(d) is C)
        """,
        select="app.use",
    )


def test_c3_class_cells_and_super_work(same):
    same(
        """
        class A:
            def who(self): return "A"
            @classmethod
            def make(cls): return cls()
        class B(A):
            def who(self): return "B" + super().who() + __class__.__name__
            @classmethod
            def make(cls): return super().make()
        class C(B):
            def who(self): return "C" + super().who()
        def use(x): return x.who(), type(x.make()).__name__, x.make()
        out = use(C())
        print(out[:2], type(out[2]) is C, use(B())[0])
        """,
        select="app.use",
    )


def test_c3_an_abc_registration_is_known(same):
    same(
        """
        import abc
        class A(abc.ABC):
            @abc.abstractmethod
            def go(self): ...
        class Duck: pass
        class Real(A):
            def go(self): return 1
        A.register(int)
        def check(*xs):
            try:
                A()
            except TypeError as e:
                text = str(e)
            return [isinstance(x, A) for x in xs], issubclass(Duck, A), text
        print(check(3, "s", Duck(), Real()))
        A.register(Duck)
        print(check(3, "s", Duck(), Real()))
        """,
        select="app.check",
    )


def test_c3_a_class_decorated_by_the_program(same):
    same(
        """
        def plugin(cls):
            print("decorating", cls.__name__); cls.label = cls.__name__ + "!"; cls.shout = lambda self: self.label.upper()
            return cls
        @plugin
        class P: pass
        def use(p): return p.shout(), p.label, P.label
        print(use(P()))
        P.label = "changed"
        print(use(P()))
        """,
        select="app.use",
    )


def test_c3_changed_class_attributes_and_methods_are_seen(same):
    same(
        """
        class C:
            count = 0
            items = []
            def go(self): return "old"
        def use(c):
            C.count += 1; type(c).items.append(C.count); C.fresh = lambda self: "fresh"
            return c.go(), list(vars(C))
        c = C()
        print(use(c)[0], C.count, C.items, c.fresh())
        C.go = lambda self: "new"; C.count = 10; del C.items; C.items = ["x"]
        print(use(c), C.count, C.items)
        """,
        select="app.use",
    )


def test_c3_properties_and_slots_are_rebuilt_as_they_are(same):
    same(
        """
        class S:
            __slots__ = ("a", "_b", "__c")
            def __init__(self): self.a = 1; self.__c = [3]
            @property
            def b(self): print("getting"); return self._b
            @b.setter
            def b(self, v): print("setting", v); self._b = v
            @b.deleter
            def b(self): print("deleting"); del self._b
        def use(s):
            before = hasattr(s, "_b"), hasattr(s, "__dict__")
            s.b = [s.a, s._S__c]
            got = s.b
            del s.b
            s._b = got
            return before, got
        s = S()
        before, got = use(s)
        print(before, got, s.b is got, got[1] is s._S__c)
        """,
        select="app.use",
    )


def test_c3_a_generic_class_and_a_protocol(same):
    same(
        """
        import typing
        T = typing.TypeVar("T")
        class Box(typing.Generic[T]):
            def __init__(self, v: T): self.v = v
        @typing.runtime_checkable
        class Sized(typing.Protocol):
            def __len__(self) -> int: ...
        class D(typing.TypedDict): a: int
        def use(b): return b.v, isinstance([], Sized), isinstance(3, Sized), Box[int](4).v, D(a=1), Box.__parameters__ == (T,)
        print(use(Box("x")), use(Box[str]("y"))[0])
        """,
        select="app.use",
    )
