"""DECISIONS C3: classes that dataclass, namedtuple and the like made, and what they generated for them."""

import pytest


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


def test_c3_comparisons_by_total_ordering_keep_names_texts_and_attributes(same):
    same(
        """
        import functools
        @functools.total_ordering
        class T:
            def __init__(self, n): self.n = n
            def __lt__(self, other): return self.n < other.n
        def told(): return T.__ge__.__name__, T.__ge__.__doc__, T(1) >= T(2), vars(T.__ge__), vars(T.__le__)
        def change(): T.__le__.note, T.__gt__.__doc__ = [1], "greater"
        def made():
            @functools.total_ordering
            class U:
                def __gt__(self, other): return True
            return U
        print(told())
        T.__ge__.note = 2
        print(told(), change(), told(), T.__le__.note, T.__gt__.__doc__)
        del T.__ge__.note
        print(told(), T.__ge__.__name__, made().__ge__.__name__)
        """,
        select="app.told,app.change,app.made",
        remote=("app.told", "app.change"),
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


def test_c3_a_namedtuple_that_was_given_defaults_and_texts_later(same):
    same(
        """
        import collections, typing
        T = collections.namedtuple("T", "a b c"); T.__new__.__defaults__ = (None,) * 2
        U = collections.namedtuple("U", "a b", defaults=[1]); U.__new__.__defaults__ = None
        class W(typing.NamedTuple):
            a: int
            b: int = 2
        W.__new__.__defaults__, W.a.__doc__ = (7, []), "the a"
        def made(k): return T(k), T(k, 1), T._field_defaults, W(), W(1), W.a.__doc__, W.b.__doc__, W().b is W.__new__.__defaults__[1]
        def without(): return U(1)
        for k in range(3):
            print(made(k))
            T.__new__.__defaults__ = (k, k)
        try: without()
        except TypeError as e: print(e)
        """,
        select="app.made,app.without",
    )


GENERATED = {
    "defaults_there": ("T.__new__.__defaults__ = (5,)", "T(1)"),
    "text_there": ("T.a.__doc__ = 'the a'", "T.a.__doc__"),
    "attribute_there": ("T.__repr__.note = D.__eq__.note = 1", "T.__repr__.note"),
    "default_there": ("T._field_defaults['b'] = 5", "T._field_defaults"),
    "flag_there": ("D.__dataclass_params__.order = True", "D.__dataclass_params__.order"),
    "doc_there": ("T.__new__.__doc__ = D.__init__.__doc__ = 'more'", "(T.__new__.__doc__, D.__init__.__doc__)"),
    "name_there": ("D.__repr__.__qualname__ = T._make.__func__.__name__ = 'other'", "(D.__repr__.__qualname__, T._make.__name__)"),
    "init_there": ("D.__init__.__defaults__ = (5,)", "D()"),
    "keyword_there": ("D.__init__.__kwdefaults__['b'] = 5", "D()"),
    "no_keyword_there": ("del D.__init__.__kwdefaults__['b']", "D(b=1)"),
    "module_there": ("D.__repr__.__module__ = 'other'", "D.__repr__.__module__"),
    "annotations_there": ("T._asdict.__annotations__ = {'return': int}", "T._asdict.__annotations__"),
}


@pytest.mark.parametrize("name", GENERATED)
def test_c3_what_a_maker_generated_is_changed_here(same, name):
    change, show = GENERATED[name]
    same(
        f"""
        import collections, dataclasses
        T = collections.namedtuple("T", "a b")
        @dataclasses.dataclass
        class D:
            a: int = 1
            b: int = dataclasses.field(default=2, kw_only=True)
        def change(): {change}
        def show(): return {show}
        change()
        print(show(), {show}, D.__init__.__kwdefaults__)
        """,
        select="app.change,app.show",
        home={"app.change": "generated"},
        remote=(),
    )


def test_c3_generated_functions_that_were_given_texts_stay_and_all_others_move(same):
    same(
        """
        import collections, typing
        from dataclasses import dataclass, field
        @dataclass(unsafe_hash=True)
        class D:
            a: int
        T = collections.namedtuple("T", "a"); T.__qualname__ = "Outer.T"
        class W(typing.NamedTuple):
            a: int
            b: int = 2
            def more(self): "text"; return self.a
        def inner():
            @dataclass(frozen=True, slots=True, order=True)
            class F:
                a: int
                b: list = field(default_factory=list, repr=False, hash=False)
                def __hash__(self): return 3
            return F
        F = inner()
        def untouched(): return D(1), T(2), W(3), F(4), T.__new__.__doc__, F.__init__.__qualname__, T._make.__doc__, W(1).more()
        def touched(): return T.__new__.__doc__, T(1)
        print(untouched())
        T.__new__.__doc__ = "other"
        print(touched())
        """,
        select="app.untouched,app.touched",
        home={"app.touched": "generated __new__"},
        remote=("app.untouched",),
    )


def test_c3_the_signature_of_a_dataclass_has_its_types(same):
    same(
        """
        import dataclasses, inspect
        @dataclasses.dataclass
        class Base:
            a: int
            b: "list[Base]" = dataclasses.field(default_factory=list, kw_only=True)
        @dataclasses.dataclass
        class Below(Base):
            c: dataclasses.InitVar[str] = "c"
            def __post_init__(self, c): pass
        def signatures(): return [str(inspect.signature(x)) for x in (Base, Below, Below.__init__)], Below.__init__.__annotations__
        def change(): Base.__init__.__annotations__["a"] = str
        print(signatures(), change(), signatures(), Base.__init__.__annotations__)
        """,
        select="app.signatures,app.change",
    )


def test_c3_modules_and_annotations_of_what_was_generated(same):
    same(
        {
            "app.py": """
                import collections, typing
                from dataclasses import dataclass
                import shapes
                @dataclass
                class D:
                    a: int
                D.__init__.__module__ = "elsewhere"
                D.__repr__.__annotations__["return"] = str
                D.__eq__.__annotations__ = {"other": object}
                T = collections.namedtuple("T", "a b")
                T._replace.__module__, T._asdict.__annotations__["return"] = "here", dict
                class W(typing.NamedTuple):
                    a: int
                    b: str = ""
                def told(C, names): return [(getattr(C, name).__module__, getattr(C, name).__annotations__) for name in names]
                def same(): return W.__new__.__annotations__ is W.__annotations__
                def add():
                    D.__lt__.__annotations__["other"] = D
                    told.__annotations__["C"] = type
                OF_D, OF_T = ("__init__", "__repr__", "__eq__"), ("__new__", "_make", "_replace", "_asdict", "__repr__")
                print(told(D, OF_D), told(shapes.Point, (*OF_D, "__lt__")), told(T, OF_T), told(W, OF_T), same())
                D.__lt__ = told
                print(add(), told.__annotations__)
                """,
            "shapes.py": """
                import dataclasses
                @dataclasses.dataclass(order=True)
                class Point:
                    x: int
                """,
        },
        select="app.told,app.same,app.add",
    )


def test_c3_annotations_that_a_call_gives_to_functions(same):
    same(
        """
        def plain(x): return x
        def add(): plain.__annotations__["x"] = int
        def replace(): plain.__annotations__ = {"x": str}
        print(plain.__annotations__, add(), plain.__annotations__, replace(), plain.__annotations__)
        """,
        select="app.add,app.replace",
        home={"app.replace": "annotations"},
        remote=("app.add",),
    )


def test_c3_attributes_of_a_protocol_in_their_order(same):
    same(
        """
        import typing
        T = typing.TypeVar("T")
        @typing.runtime_checkable
        class Shape(typing.Protocol[T]):
            area: int
            def scaled(self) -> T: ...
        class Named(Shape[int], typing.Protocol):
            def name(self): ...
        class Square(Named):
            def __init__(self): self.area = 1
            def scaled(self): return 1
        def attributes(): return [[n for n in c.__dict__ if n != "_abc_impl"] for c in (Shape, Named, Square)]
        def asked(): return isinstance(Square(), Shape), isinstance(3, Shape), Shape.__parameters__
        def add(): Shape.added = 1; return [*Shape.__dict__][-2:]
        print(attributes(), asked(), add(), attributes(), [*Shape.__dict__][-2:])
        """,
        select="app.attributes,app.asked,app.add",
    )


NAMED = {
    "a field": ("T.a = 5", ()),
    "a property": ("T.a = property(lambda self: self[1])", ()),
    "fields in turn": ("T.a, T.b = T.b, T.a", ("tuplegetter",)),
    "no field": ("del T.a", ("deleted",)),
    "a function in C": ("T.__repr__ = tuple.__repr__", ()),
    "no function": ("del T._asdict", ("deleted",)),
    "names to match": ("T.__match_args__ = ('b', 'a')", ()),
    "slots": ("T.__slots__ = ('more',)", ()),
}


@pytest.mark.parametrize("name", NAMED)
def test_c3_a_named_tuple_that_was_given_something_else(same, name):
    change, why = NAMED[name]
    same(
        f"""
        import collections
        T = collections.namedtuple("T", "a b")
        {change}
        def shown(t):
            match t:
                case T(x, y): matched = x, y
            return repr(t), getattr(t, "a", "none"), t.b, hasattr(t, "_asdict"), matched, T.__slots__, T(b=1, a=2)[:]
        def looked(t): return repr(t), getattr(t, "a", "none"), T.__slots__, hasattr(t, "_asdict"), T.__match_args__
        print(looked(T(1, 2)))
        try: print(shown(T(1, 2)))
        except Exception as e: print(type(e), e)
        """,
        select="app.looked,app.shown",
        home={f"app.{fn}": why[0] for fn in ("looked", "shown") if why},
    )


AGAIN = {
    "a flag": ("", "a: int", "D.__dataclass_params__.frozen = True"),
    "other flags": ("", "a: int", "D.__dataclass_params__ = type(D.__dataclass_params__)(*[False] * 6)"),
    "a field": ("", "a: int", "D.__dataclass_fields__['a'].repr = False"),
    "a hook": ("", "a: int", "D.__post_init__ = lambda self: print('made')"),
    "slots": ("slots=True", "a: int; b: int = field(default=2, init=False)", ""),
}


@pytest.mark.parametrize("name", AGAIN)
def test_c3_a_dataclass_that_would_be_generated_otherwise_stays(same, name):
    flags, fields, change = AGAIN[name]
    same(
        f"""
        from collections.abc import Hashable
        from dataclasses import dataclass, field
        @dataclass({flags})
        class D:
            {fields}
        {change}
        def made(k):
            one = D(k)
            one.a += 1
            return one, getattr(one, "b", None), one == D(k + 1), issubclass(D, Hashable)
        print(made(1))
        """,
        select="app.made",
        home={"app.made": "dataclass"},
    )


def test_c3_dataclasses_without_match_args_and_copies_of_frozen_ones_with_slots(same):
    same(
        """
        import copy, dataclasses
        @dataclasses.dataclass(match_args=False)
        class D:
            a: int
        @dataclasses.dataclass(frozen=True, slots=True)
        class F:
            a: int
            b: list
        def matched(x):
            match x:
                case D(1): return "by place"
        def copied(x): return (y := copy.copy(x)), y.b is x.b, F.__getstate__.__name__, list(vars(F))
        try: matched(D(1))
        except TypeError as e: print(e)
        print(copied(F(1, [2])))
        """,
        select="app.matched,app.copied",
    )


def test_c3_a_dataclass_whose_init_was_given_other_defaults_stays(same):
    same(
        """
        import dataclasses
        @dataclasses.dataclass
        class D:
            a: int = 1
            b: list = dataclasses.field(default_factory=list)
        def made(): return D()
        D.__init__.__defaults__ = (9, *D.__init__.__defaults__[1:])
        print(made())
        """,
        select="app.made",
        home={"app.made": "D"},
    )
