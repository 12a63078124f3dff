"""Classes of the program are data over there (DECISIONS C3): rebuilt without a hook of theirs running, and working as here."""

# ruff: noqa: E501  # programs, one function a line
from __future__ import annotations

import contextlib
import sys

import pytest

from faasify.runtime.unit.codec import Untravellable
from tests.runtime.worlds import TwoWorlds, agrees


def test_no_hook_runs_a_second_time():
    pair = TwoWorlds("""
        RAN = []
        class Meta(type):
            def __new__(meta, name, bases, space, **kw): RAN.append("new " + name); return type.__new__(meta, name, bases, space, **kw)
            def __init__(cls, *rest, **kw): RAN.append("init"); type.__init__(cls, *rest)
            def __call__(cls, *rest): RAN.append("call"); return type.__call__(cls, *rest)
            def __setattr__(cls, name, value): RAN.append("setattr"); type.__setattr__(cls, name, value)
            def __prepare__(name, bases, **kw): RAN.append("prepare"); return {}
            def mro(cls): return type.mro(cls)
        class Field:
            def __set_name__(self, owner, name): RAN.append("name"); self.name = name
            def __get__(self, obj, cls): RAN.append("get"); return 7
            def __set__(self, obj, value): RAN.append("set")
        class Base(metaclass=Meta):
            field = Field()
            def __init_subclass__(cls, **kw): RAN.append("subclass"); cls.kw = kw
            def __new__(cls): RAN.append("obj new"); return object.__new__(cls)
            def __init__(self): RAN.append("obj init"); self.x = 1
            def __setattr__(self, name, value): RAN.append("obj setattr"); object.__setattr__(self, name, value)
            def __hash__(self): RAN.append("hash"); return 1
            def __eq__(self, other): RAN.append("eq"); return self is other
            def __getattribute__(self, name): RAN.append("getattribute"); return object.__getattribute__(self, name)
        class Child(Base, a=1): pass
        def f(x): return len(RAN), type(x) is Child, Child.kw, isinstance(Child, Meta), list(vars(Child))
    """)
    obj = pair.space["Child"]()
    before = len(pair.space["RAN"])
    assert pair.call("f", obj) == (before, True, {"a": 1}, True, list(vars(pair.space["Child"])))
    assert len(pair.space["RAN"]) == before


CASES = {
    "super and __class__ cells": """
        class A:
            def name(self): return "A"
            @classmethod
            def make(cls): return cls()
            @staticmethod
            def two(): return 2
            @property
            def p(self): return __class__.__name__
        class B(A):
            def name(self): return "B" + super().name()
            @classmethod
            def make(cls): return super().make()
        def f():
            b = B.make()
            return b.name(), b.p, B.two(), type(b) is B, B.__mro__, B.__subclasses__(), A.__subclasses__() == [B]
    """,
    "abstract classes and their registry": """
        from abc import ABC, abstractmethod
        class Shape(ABC):
            @abstractmethod
            def area(self): ...
        class Square(Shape):
            def area(self): return 4
        @Shape.register
        class Other: pass
        Shape.register(int)
        class Hook(ABC):
            @classmethod
            def __subclasshook__(cls, other): return hasattr(other, "area") or NotImplemented
        def f():
            found = [isinstance(x, Shape) for x in (Square(), Other(), 5, "s")] + [isinstance(Square(), Hook), sorted(Shape.__abstractmethods__)]
            try: Shape()
            except TypeError as e: found.append(str(e))
            return found
    """,
    "enums": """
        from enum import Enum, IntEnum, Flag, IntFlag, StrEnum, auto, unique
        @unique
        class Color(Enum):
            RED = 1
            GREEN = auto()
            CRIMSON = RED if False else 5
            @property
            def nice(self): return self.name.title()
            @classmethod
            def _missing_(cls, value): return cls.RED if value == "r" else None
        class Alias(Enum):
            A = 1
            B = 1
        class Level(IntEnum):
            LOW = 1; HIGH = 2
        class Perm(Flag):
            R = auto(); W = auto(); RW = R | W
        class Bits(IntFlag):
            A = 1; B = 2
        class Word(StrEnum):
            A = auto(); B = "bee"
        class Planet(Enum):
            EARTH = (5.97, 6.37)
            def __init__(self, mass, radius): self.mass, self.radius = mass, radius
        class Mixed(str, Enum):
            A = "a"
        class Sub(int):
            pass
        def f():
            return [
                list(Color), Color(2), Color["RED"], Color("r"), Color.RED.nice, Color.RED is Color(1), Color.RED in {Color.RED: 1}, len(Color),
                list(Alias), Alias.B is Alias.A, list(Alias.__members__), Level.LOW + 1, Level.HIGH > Level.LOW, sorted(Level), Level(2), f"{Level.LOW}",
                Perm.R | Perm.W, Perm.RW, Perm(0), ~Perm.R, list(Perm.RW), Perm.R in Perm.RW, bool(Perm(0)), Bits.A | Bits.B, Bits(7), Bits.A | 8,
                Word.A, Word.B.upper(), f"{Word.B}", str(Word.A), Planet.EARTH.mass, Planet.EARTH.value, Mixed.A == "a", Mixed("a"), isinstance(Mixed.A, str),
                type(Color.RED) is Color, repr(Color), hash(Color.RED) == hash("RED"), Color.RED.__class__.__name__, {Level.LOW: 1}[1],
            ]
    """,
    "named tuples": """
        from typing import NamedTuple
        from collections import namedtuple
        P = namedtuple("P", "x y", defaults=[2])
        R = namedtuple("R", "class a a", rename=True)
        class N(NamedTuple):
            a: int
            b: list = []
            def total(self): return self.a + len(self.b)
            @property
            def twice(self): return self.a * 2
        class Sub(N):
            def total(self): return -super().total()
        class Q(namedtuple("Q", "u v")):
            __slots__ = ()
            def __new__(cls, u, v=0): return super().__new__(cls, u, v)
            def __str__(self): return f"<{self.u}>"
        def f():
            n, s, q = N(1), Sub(2, [1]), Q(5)
            return [P(1), P(1)._replace(x=3), P._fields, P._field_defaults, P(1)._asdict(), R(1, 2, 3), n, n.total(), n.twice, s.total(), s, str(q), q,
                    n.b is N._field_defaults["b"], P._make([1, 2]), P(1) == (1, 2), isinstance(s, N), P.__doc__, P.x.__doc__, q._replace(v=3), N.__match_args__]
    """,
    "total_ordering, operators and protocols": """
        from functools import total_ordering
        from typing import Generic, Protocol, TypedDict, TypeVar, Optional, Union, List, Callable, Literal, runtime_checkable
        KINDS = [Optional[int], Union[int, str], List[int], Callable[[int], str], Literal[1], List['Movie'], Callable, list[int], int | None]
        T = TypeVar("T")
        @total_ordering
        class V:
            def __init__(self, n): self.n = n
            def __eq__(self, o): return self.n == o.n
            def __lt__(self, o): return self.n < o.n
        class Stack(Generic[T]):
            def __init__(self) -> None: self.items: list[T] = []
            def push(self, x: T) -> None: self.items.append(x)
        class Ints(Stack[int]): pass
        class Movie(TypedDict, total=False):
            name: str
        @runtime_checkable
        class Closer(Protocol):
            def close(self): ...
        class Door:
            def close(self): return 1
        class Loud(Closer):
            pass
        def f():
            s = Stack[int](); s.push(1)
            return [V(1) <= V(2), V(3) > V(2), V(2) >= V(2), s.items, isinstance(Door(), Closer), isinstance(5, Closer), Ints().items, Loud().close(),
                    Stack[int] == Stack[int], issubclass(Ints, Stack), Movie(name="x"), Movie.__total__, KINDS, KINDS[0] == Optional[int]]
    """,
    "slots": """
        class A:
            __slots__ = ("a", "__b")
            def __init__(self): self.a = 1; self.__b = 2
            def both(self): return self.a, self.__b
        class B(A):
            __slots__ = ("c", "__dict__")
        class C(A): pass
        class W:
            __slots__ = ("x", "__weakref__")
        OBJ = B(); OBJ.c = 3; OBJ.d = 4; D = C(); D.q = 5
        def f():
            out = [OBJ.both(), OBJ.c, OBJ.d, D.both(), vars(D), hasattr(A(), "__dict__"), A.__slots__, B.__slots__, sorted(vars(OBJ))]
            try: A().zzz = 1
            except AttributeError as e: out.append(str(e))
            return out
    """,
    "class attributes that changed": """
        class A:
            n = 0
            items = []
            class Inner:
                depth = 2
        def late(self): return "late", self.n
        A.n, A.late, A.self = 5, late, A
        A.Inner.outer = A
        A.lam = lambda self: 7
        def f(): return A.n, A().late(), A.self is A, A.Inner.outer is A, A.Inner.__qualname__, A().lam(), A.items is A().items
    """,
    "a metaclass of the program": """
        class Registry(type):
            known = {}
            def __new__(meta, name, bases, space):
                cls = super().__new__(meta, name, bases, space)
                meta.known[name] = cls
                return cls
            def __len__(cls): return 3
            def __iter__(cls): return iter("abc")
            @property
            def tag(cls): return cls.__name__.lower()
            def __contains__(cls, x): return x == 1
        class Base(metaclass=Registry): pass
        class Leaf(Base): pass
        def f(): return sorted(Registry.known), Registry.known["Leaf"] is Leaf, len(Leaf), list(Leaf), Leaf.tag, 1 in Leaf, type(Leaf) is Registry
    """,
    "descriptors": """
        class Typed:
            def __set_name__(self, owner, name): self.name = "_" + name
            def __get__(self, obj, cls): return self if obj is None else getattr(obj, self.name)
            def __set__(self, obj, value): setattr(obj, self.name, int(value))
        class P:
            x = Typed()
            def __init__(self, x): self.x = x
        from functools import cached_property, partialmethod, singledispatchmethod
        class Q:
            @cached_property
            def slow(self): return [1]
            def scale(self, k, x): return k * x
            double = partialmethod(scale, 2)
        O = P("5")
        def f():
            q = Q()
            return O.x, P("7").x, vars(O), P.x.name, q.slow is q.slow, vars(q), q.double(4)
    """,
    "classes made by functions": """
        def make(n):
            class Local:
                size = n
                def get(self): return n, self.size, __class__.size
            return Local
        A, B = make(1), make(2)
        a = A()
        T = type("T", (A,), {"extra": 1})
        def f(): return a.get(), B().get(), A is not B, A.__qualname__, T().get(), T.extra, T.__name__
    """,
    "the Borg idiom": """
        class Borg:
            shared = {}
            def __init__(self): self.__dict__ = self.shared
        a, b = Borg(), Borg()
        a.x = 1
        def f(): return b.x, a.__dict__ is b.__dict__, a.__dict__ is Borg.shared
    """,
    "exceptions": """
        class Base(Exception): pass
        class Custom(Base):
            def __init__(self, code, *, why="no"):
                super().__init__(f"{code}: {why}")
                self.code, self.why = code, why
            def __str__(self): return f"<{self.code}>"
        class Wrong(ValueError, KeyError): pass
        class Io(OSError):
            def __init__(self, name): super().__init__(2, "missing", name)
        E = Custom(3, why="x"); E.__cause__ = Wrong(1); E.add_note("note")
        G = ExceptionGroup("many", [ValueError(1), Custom(2), ExceptionGroup("inner", [Wrong("w")])])
        O = Io("file"); S = StopIteration(5); K = KeyError("k"); U = UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"); X = SystemExit(3)
        def f():
            out = [str(E), E.args, E.code, E.why, repr(E.__cause__), E.__notes__, type(E) is Custom, O.errno, O.filename, str(O), type(O).__mro__[1], S.value]
            out += [str(G), [str(e) for e in G.exceptions], str(K), str(U), U.object, X.code, isinstance(E.__cause__, KeyError), E.__suppress_context__]
            try: raise G
            except* Custom as g: out.append(len(g.exceptions))
            except* ValueError as g: out.append(str(g))
            return out
    """,
    "instances of built-in types' subclasses": """
        from collections import Counter, OrderedDict, defaultdict, deque, UserDict, UserList, ChainMap
        class Bag(Counter):
            def most(self): return self.most_common(1)
        class Auto(defaultdict): pass
        class Odd(OrderedDict): pass
        class Ring(deque): pass
        class Money(int):
            def __new__(cls, n, unit="c"): self = super().__new__(cls, n); self.unit = unit; return self
        class Name(str): pass
        class Pair(tuple):
            def __new__(cls, a, b): return super().__new__(cls, (a, b))
        class Fs(frozenset): pass
        class Ud(UserDict):
            def __getitem__(self, k): return self.data[k] * 2
        class Dm(dict):
            def __missing__(self, k): return k
        VALUES = [Bag("hello"), Auto(list, a=[1]), Odd(a=1), Ring([1, 2], 2), Money(5, "d"), Name("n"), Pair(1, 2), Fs([1]), Ud(a=1), Dm(a=1), UserList([1])]
        VALUES[5].extra = VALUES
        CM = ChainMap({"a": 1}, {"b": 2})
        def f():
            return VALUES[0].most(), VALUES[1]["zz"], VALUES[3].maxlen, VALUES[4].unit, VALUES[5].extra is VALUES, VALUES[8]["a"], VALUES[9]["q"], \\
                [type(v).__name__ for v in VALUES], VALUES[:4], VALUES[6:], CM["b"], list(CM)
    """,
}


@pytest.mark.parametrize("source", CASES.values(), ids=CASES)
def test_classes_work_over_there_as_here(source):
    agrees(source)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters came with Python 3.12")
def test_type_parameters():
    agrees("""
        class Box[T]:
            def __init__(self, x: T): self.x = x
            def get(self) -> T: return self.x
        def first[T](xs: list[T]) -> T: return xs[0]
        type Pairs = list[tuple[int, int]]
        def f(): return Box(1).get(), Box[int](2).get(), first([3])
    """)


def test_a_class_with_a_finalizer_stays():
    pair = TwoWorlds("class A:\n    def __del__(self): print(1)\n")
    with pytest.raises(Untravellable, match="finalised visibly"):
        pair.there(pair.space["A"])


def test_what_a_unit_changes_about_classes_is_changed_here():
    pair = TwoWorlds("""
        from abc import ABC
        class Base(ABC):
            seen = []
            def __init_subclass__(cls): Base.seen.append(cls.__name__)
        class A(Base):
            n = 0
        def f():
            A.n += 1
            A.extra = staticmethod(len)
            class Late(A): pass
            return Late
    """)
    Late = pair.call("f")
    assert (pair.space["A"].n, pair.space["Base"].seen, Late.__bases__, pair.space["A"].extra("ab")) == (
        1,
        ["A", "Late"],
        (pair.space["A"],),
        2,
    )


def test_an_abstract_class_comes_without_a_word_to_its_metaclass_or_hooks():
    pair = TwoWorlds("""
        import abc, collections.abc
        RAN = []
        class Meta(abc.ABCMeta):
            def __setattr__(cls, name, value): RAN.append(name); super().__setattr__(name, value)
        class Shape(metaclass=Meta):
            @abc.abstractmethod
            def area(self): pass
            @classmethod
            def __subclasshook__(cls, other): RAN.append("hook"); return NotImplemented
        class Row(collections.abc.Sequence):
            def __len__(self): return 0
            def __getitem__(self, i): raise IndexError
        class Line: pass
        class Strip: pass
        Shape.register(Line)
        Row.register(Strip)
        RAN.clear()
        def f():
            before = list(RAN)
            try: Shape()
            except TypeError as e: shown = str(e)
            match Strip():
                case [*_]: kind = "sequence"
                case _: kind = "none"
            return before, isinstance(Line(), Shape), isinstance(3, Shape), "abstract" in shown, kind, list(vars(Shape))
    """)
    expected = pair.space["f"]()
    pair.space["RAN"].clear()
    assert pair.call("f") == expected and expected[:5] == ([], True, False, True, "sequence")


@pytest.mark.parametrize("base", ["metaclass=abc.ABCMeta", "abc.ABC", "collections.abc.Sized"])
@pytest.mark.parametrize("of", ["abc.ABC", "collections.abc.Sequence"])
def test_an_abstract_class_that_is_registered_with_another(of, base):
    pair = TwoWorlds(f"""
        import abc, collections.abc
        class A({of}):
            def __len__(self): return 0
            def __getitem__(self, i): raise IndexError
        class B({base}):
            def __len__(self): return 0
        A.register(B)
        def f():
            match B():
                case [*_]: kind = "sequence"
                case _: kind = "none"
            return issubclass(B, A), issubclass(A, B), isinstance(B(), A), kind
    """)
    expected = pair.space["f"]()
    assert pair.call("f") == expected and expected[3] == ("sequence" if "Seq" in of else "none")


@pytest.mark.parametrize("hook", ["class B(Parent)", "class B(metaclass=Check)", "class C(Parent): pass\nclass B(metaclass=abc.ABCMeta)"])
@pytest.mark.parametrize("of", ["abc.ABC", "collections.abc.Sequence"])
def test_a_registered_class_that_would_notice_that_it_is_made_again_stays(of, hook):
    pair = TwoWorlds(f"""
import abc, collections.abc
RAN = []
class Parent(abc.ABC):
    @classmethod
    def __subclasshook__(cls, other): RAN.append("hook"); return NotImplemented
class Check(type):
    def __subclasscheck__(cls, other): RAN.append("check"); return False
class A({of}): pass
{hook}: pass
if "C" in globals(): B.register(C)
A.register(B)
RAN.clear()
def f(): return A
    """)
    with pytest.raises(Untravellable, match="who its subclasses are"):
        pair.there(pair.space["A"])
    with pytest.raises(Untravellable, match="who its subclasses are") if "Seq" in of or "class C" in hook else contextlib.nullcontext():
        pair.there(pair.space["B"])
    assert pair.space["RAN"] == []
