"""DECISIONS C1 to C7: what is code, what is state, and how a value is made over there without anybody noticing."""

import pytest

READS = {
    "eval": "eval('X')",
    "globals_get": "globals().get('X')",
    "globals_item": "globals()['X']",
    "vars_of_module": "vars(sys.modules[__name__])['X']",
    "getattr_of_module": "getattr(sys.modules['__main__'], 'X')",
    "import_main": "__import__('__main__').X",
    "exec": "exec('y = X + 1', globals(), d := {}) or d['y']",
    "computed_name": "globals()[chr(88)]",
    "in_globals": "'X' in globals(), 'NOT_THERE' in globals()",
    "nested_lambda_eval": "(lambda: eval('X'))()",
    "helper": "look('X')",
}


@pytest.mark.parametrize("name", READS)
def test_c1_globals_are_read_past_missing(same, name):
    same(
        f"""
        import sys
        def look(name): return eval(name)
        def f():
            return {READS[name]}
        X = 1
        print(f())
        X = [2] if {name!r} != "exec" else 2
        print(f())
        """,
        select="app.f",
    )


def test_c1_a_class_body_inside_a_function_reads_globals(same):
    same(
        """
        X = 5
        def f():
            class P:
                X = X + 1
                Y = X
                def get(self): return X, self.X, self.Y
            return P().get()
        print(f())
        X = 50
        print(f())
        """,
        select="app.f",
    )


def test_c1_globals_are_written_through_the_dict(same):
    same(
        """
        def setup(n):
            globals()["made"] = n
            globals().update(other=[n])
            exec("third = made + 1", globals())
            del globals()["gone"]
        gone = 1
        setup(4)
        print(made, other, third, "gone" in globals())
        """,
        select="app.setup",
    )


def test_c1_the_names_of_the_module_are_the_originals(same):
    same(
        """
        import math
        def names(): return list(globals())
        def user(): return sorted(set(dir()) | {n for n in globals() if not n.startswith("__")})
        class K: pass
        x = 1
        print(names())
        print(user(), list(globals()))
        """,
        select="app.names,app.user",
    )


def test_c1_a_missing_name_raises_the_same_error(same):
    same(
        """
        def f(which):
            try:
                return eval("not_there") if which else also_missing
            except NameError as e:
                return str(e), e.name
        print(f(0), f(1))
        not_there = also_missing = "now"
        print(f(0), f(1))
        """,
        select="app.f",
    )


BY_TEXT = {
    "typing.get_type_hints": "typing.get_type_hints(annotated)",
    "an alias": "hints_of(annotated)",
    "inspect.signature": "str(inspect.signature(annotated, eval_str=True))",
    "inspect.get_annotations": "inspect.get_annotations(annotated, eval_str=True)",
    "dataclass": "made()",
    "singledispatch": "dispatching(deque())",
    "pydoc.locate": "pydoc.locate('__main__.FOUND')",
}


@pytest.mark.parametrize("name", BY_TEXT)
def test_c1_a_library_that_looks_names_up_by_text_finds_them(same, name):
    same(
        f"""
        from __future__ import annotations
        import functools, inspect, pydoc, typing
        from collections import deque
        from dataclasses import KW_ONLY, InitVar, dataclass, fields
        from typing import ClassVar, Literal
        FOUND = ["found"]
        hints_of = typing.get_type_hints
        def annotated(x: Literal["q"], *, y: deque[str] = None) -> Literal["r"]: ...
        def made():
            @dataclass
            class P:
                n: ClassVar[int] = 1
                m: InitVar[int] = 1
                x: int = 2
                _: KW_ONLY
                y: int
            return [f.name for f in fields(P)], repr(P(1, y=4))
        @functools.singledispatch
        def shown(x): return "?"
        def dispatching(x):
            @shown.register
            def _(x: deque): return "deque"
            return shown(x)
        def f():
            return {BY_TEXT[name]}
        print(f(), f() is FOUND)
        """,
        select="app.f",
        remote=() if name == "singledispatch" else None,
    )


def test_c2_lambdas_of_one_line_and_name_are_told_apart(same):
    same(
        """
        fs = [lambda: 1, lambda: 2]
        def call(f): return f(), f.__name__, f.__qualname__
        print(call(fs[1]), call(fs[0]), [call(f) for f in reversed(fs)])
        """,
        select="app.call",
    )


def test_c2_lambdas_of_one_place_differ_by_what_they_captured(same):
    same(
        """
        late = [lambda: i for i in range(3)]
        early = [lambda i=i: i for i in range(3)]
        nested = [(lambda a: lambda b: a * b)(n) for n in (2, 3)]
        def call(f, *a): return f(*a)
        print([call(f) for f in late + early], [call(f, 10) for f in nested])
        """,
        select="app.call",
    )


def test_c2_equal_lambdas_nested_in_one_line(same):
    same(
        """
        pair = (lambda x: (lambda x: x + 1)(x), lambda x: (lambda x: x - 1)(x)); same = [lambda: 0, lambda: 0]
        def call(f, *a): return f(*a)
        print(call(pair[0], 5), call(pair[1], 5), [call(f) for f in same], [call(lambda: 7), call(lambda: 8)])
        """,
        select="app.call",
    )


def test_c2_a_function_defined_twice_keeps_both_bodies(same):
    same(
        """
        def f(x): return "first", x
        first = f
        def f(x): return "second", x
        def both(x): return first(x), f(x), first.__qualname__ == f.__qualname__
        print(both(1), f(2), first(3))
        """,
        select="app.both,app.f",
    )


def test_c2_a_definition_chosen_by_a_condition(same):
    same(
        """
        import sys
        if len(sys.argv) > 1:
            def f(x): return "with", x
        else:
            def f(x): return "without", x
        def call(x): return f(x)
        print(call(1), f(2))
        """,
        select="app.call,app.f",
        argv=("x",),
    )


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


def test_c3_known_makers_are_applied_again(same):
    same(
        """
        import dataclasses, enum, functools, typing
        @dataclasses.dataclass(order=True)
        class D:
            a: int
            b: list = dataclasses.field(default_factory=list, compare=False)
        @dataclasses.dataclass(frozen=True, slots=True)
        class F:
            a: int = 3
        class N(typing.NamedTuple):
            x: int
            y: int = 2
            def total(self): return self.x + self.y
        class E(enum.Enum):
            ONE = 1
            TWO = 2
            def next(self): return E(self.value % 2 + 1)
        @functools.total_ordering
        class T:
            def __init__(self, n): self.n = n
            def __eq__(self, o): return self.n == o.n
            def __lt__(self, o): return self.n < o.n
        def use(d, f, n, e, t):
            d.b.append(d.a)
            return D(9), F(f.a + 1), n._replace(x=5), e.next(), t >= T(1), d < D(2), hash(f) == hash(F(3)), n.total()
        d = D(1)
        out = use(d, F(), N(1), E.ONE, T(2))
        print(out, d, out[3] is E.TWO, type(out[2]) is N, type(out[1]) is F)
        """,
        select="app.use",
    )


def test_c3_code_made_by_exec_stays(same):
    same(
        """
        exec("def dyn(x): return x + calls.append(x) if False else (x, len(calls))")
        calls = []
        def apply(f, x):
            calls.append(x)
            return f(x)
        print(apply(dyn, 3), apply(dyn, 4), calls)
        """,
        select="app.apply",
        home={"app.apply": "dyn"},
    )


def test_c3_namedtuples_made_by_a_call(same):
    same(
        """
        import collections
        Point = collections.namedtuple("Point", "x y", defaults=[0])
        class Named(Point):
            __slots__ = ()
            def norm(self): return abs(self.x) + abs(self.y)
        def move(p): return p._replace(x=p.x + 1), Point(1), Named(3, 4).norm(), type(p).__name__
        out = move(Point(1, 2))
        print(out, type(out[0]) is Point, move(Named(5))[0], type(move(Named(5))[0]) is Named)
        """,
        select="app.move",
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


def test_c4_decoding_runs_nothing_of_the_program(same):
    same(
        """
        class Loud:
            def __new__(cls, *a): print("new"); return super().__new__(cls)
            def __init__(self, k): print("init", k); self.k = k
            def __setattr__(self, n, v): print("setattr", n); super().__setattr__(n, v)
            def __hash__(self): print("hash", self.k); return hash(self.k)
            def __eq__(self, o): print("eq"); return self.k == o.k
            def __reduce__(self): print("reduce"); return super().__reduce__()
            def __getstate__(self): print("getstate"); return {"k": "lost"}
            def __setstate__(self, s): print("setstate"); self.__dict__.update(s)
            def __deepcopy__(self, m): print("deepcopy"); return self
            def __bool__(self): print("bool"); return False
            def __len__(self): print("len"); return 0
            def __iter__(self): print("iter"); return iter(())
            def __repr__(self): print("repr"); return "Loud"
            def __sizeof__(self): print("sizeof"); return 1
        a, b = Loud("a"), Loud("b")
        table, group = {a: 1, b: 2}, {a, b}
        print("-- ready")
        def use(table, group, extra):
            table[extra] = 3
            return len(table), len(group)
        print("-- result", use(table, group, a), "--")
        print(len(table), [k.k for k in table], table[b])
        """,
        select="app.use",
        home={"app.use": "may be noticed"},
    )


def test_c4_a_copy_is_never_finalised_visibly(same):
    same(
        """
        class R:
            def __init__(self, n): self.n = n
            def __del__(self): print("closed", self.n)
        def use(r):
            temporary = R(r.n + 100)
            return r.n
        def give(n): return R(n)
        r = R(1)
        for _ in range(3): print("used", use(r))
        kept = give(7)
        print("kept", kept.n)
        give(8)
        print("dropping"); del r
        print("end")
        """,
        select="app.use,app.give",
        remote=(),
    )


def test_c4_objects_that_refuse_to_be_looked_at(same):
    same(
        """
        class Stubborn:
            def __init__(self): self.__dict__["data"] = [1]
            def __getattr__(self, n):
                if n.startswith("__"): raise RuntimeError("hands off " + n)
                return self.__dict__["data"][0]
            def __eq__(self, o): raise TypeError("no comparing")
            __hash__ = object.__hash__
            def __bool__(self): raise ValueError("no truth")
        class Proxy:
            def __init__(self, t): self.t = t
            def __getattr__(self, n): return getattr(self.t, n)
        def use(s, p):
            s.data.append(2)
            return s.anything, p.data, p
        s = Stubborn(); p = Proxy(s)
        out = use(s, p)
        print(out[:2], s.data, out[2] is p, p.t is s)
        """,
        select="app.use",
    )


def test_c4_an_object_that_lies_about_its_class(same):
    same(
        """
        class Liar:
            __class__ = int
            def __init__(self): self.data = [1]
        def use(l):
            l.data.append(2)
            return isinstance(l, int), type(l).__name__, l
        l = Liar()
        out = use(l)
        print(out[:2], out[2] is l, l.data)
        """,
        select="app.use",
        remote=(),
    )


def test_c4_a_hash_that_needs_attributes_in_a_cycle(same):
    same(
        """
        class Node:
            def __init__(self, name): self.name = name; self.peers = set()
            def __hash__(self): return hash(self.name)
            def __eq__(self, o): return self.name == o.name
        a, b = Node("a"), Node("b")
        a.peers |= {a, b}; b.peers.add(a)
        index = {a: "first", b: "second"}
        def use(index):
            for n in index: n.peers.add(Node("c"))
            return {n.name: sorted(p.name for p in n.peers) for n in index}, index
        out, back = use(index)
        print(out, back is index, Node("c") in a.peers, a in a.peers, index[Node("b")], next(iter(index)) is a)
        """,
        select="app.use",
    )


def test_c4_a_singleton_is_not_made_twice(same):
    same(
        """
        class Only:
            it = None
            def __new__(cls):
                if cls.it is None:
                    print("made"); cls.it = super().__new__(cls)
                return cls.it
        def get(): return Only()
        def check(o): return o is Only(), o is Only.it
        first = get()
        print(get() is first, Only.it is first, check(first))
        """,
        select="app.get,app.check",
    )


def test_c5_sentinels_are_themselves(same):
    same(
        """
        import dataclasses, enum, inspect
        _M = object()
        class Color(enum.Enum): RED = 1
        def f(x=_M, *more):
            return x is _M, x is dataclasses.MISSING, x is inspect.Parameter.empty, x is Color.RED, x is NotImplemented, x is ..., x
        for x in (_M, object(), dataclasses.MISSING, inspect.Parameter.empty, Color.RED, NotImplemented, ..., None):
            *seen, back = f(x)
            print(seen, back is x)
        print(f()[0], f()[-1] is _M)
        """,
        select="app.f",
    )


def test_c5_nan_keeps_its_identity(same):
    same(
        """
        nan = float("nan"); other = float("nan")
        def f(n, xs): return n in xs, other in xs, n, [n, xs[0]], {n: 1}
        got = f(nan, [nan])
        print(got[:2], got[2] in [nan], got[2] is nan, got[3] == [nan, nan], nan in got[4], other in got[4])
        """,
        select="app.f",
    )


def test_c5_what_went_in_comes_out_itself(same):
    same(
        """
        import math
        class C:
            def m(self): return self
        def g(): pass
        def echo(x): return x
        c = C(); t = ([], 1); nested = (t, (c,)); e = ValueError("x")
        for x in ([], {}, set(), bytearray(), c, C, g, echo, t, nested, e, math, print, c.m, frozenset([c]), type, int, range(3)):
            y = echo(x)
            print(type(x).__name__, y is x or (y == x and type(x).__name__), end=" ")
        try:
            raise echo(e)
        except ValueError as caught:
            print(caught is e)
        """,
        select="app.echo",
    )


def test_c5_a_tuple_and_what_it_holds_are_one_over_there(same):
    same(
        """
        def f(t, inner, fn, cls):
            inner.append(1)
            return t[0] is inner, t[1] is fn, isinstance(t[2], cls), type(t[2]) is cls, t[3] is t[0], fn is helper, t
        def helper(): pass
        class C: pass
        inner = []
        t = (inner, helper, C(), inner)
        out = f(t, inner, helper, C)
        print(out[:-1], out[-1] is t, inner)
        """,
        select="app.f",
    )


def test_c5_an_exception_passed_and_raised_is_itself(same):
    same(
        """
        class Mine(Exception): pass
        def fail(e, tag):
            e.tag = tag
            raise e
        e = Mine("x")
        for tag in "ab":
            try:
                fail(e, tag)
            except Mine as got:
                print(got is e, got.tag, got.args)
        """,
        select="app.fail",
    )


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


def test_c4_a_key_that_a_call_adds_is_hashed_no_more_often_than_in_the_original(same):
    same(
        """
        class Key:
            def __init__(self, n): self.n = n
            def __hash__(self): print("hash", self.n); return self.n
            def __eq__(self, other): print("eq"); return self.n == other.n
        table, many, ordered = {}, set(), __import__("collections").OrderedDict()
        def f(key): table[key] = 1
        def g(key): many.add(key)
        def h(key): ordered[key] = 1
        f(Key(1)); g(Key(2)); h(Key(3))
        print(len(table), len(many), len(ordered))
        """,
        select="app.f,app.g,app.h",
        home={"app.f": "__hash__", "app.g": "__hash__", "app.h": "__hash__"},
    )


def test_c4_a_comparison_that_takes_notes_by_calling_a_method(same):
    same(
        """
        class Key:
            def __init__(self, n): self.n, self.seen = n, []
            def __hash__(self): self.seen.append("hash"); return self.n
            def __eq__(self, other): return self.n == other.n
        class Quiet:
            def __init__(self, name): self.name = name
            def __hash__(self): return hash(self.name.lower())
            def __eq__(self, other): return self.name.lower() == other.name.lower()
        key, quiet = Key(1), Quiet("A")
        table, other = {key: 1}, {quiet: 2}
        def f(): return table[key]
        def g(): return other[Quiet("a")]
        print(f(), key.seen, g())
        """,
        select="app.f,app.g",
        home={"app.f": "table, which cannot travel"},
    )
