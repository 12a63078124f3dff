"""A watch sees every change that code could see, and keeps nothing alive."""

from __future__ import annotations

import gc
import textwrap
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from faasify.runtime.caller.watch import LIMIT, Unwatchable, Watch
from faasify.runtime.caller.world import CallerWorld
from faasify.runtime.unit.codec import load_types

SOURCE = """
import math, threading
from collections import OrderedDict, defaultdict, deque, namedtuple
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property, partial
from types import SimpleNamespace

class Base: pass
class P(Base):
    kinds = ["a"]
    limit = 5
    def __init__(self, x): self.x = x
    def m(self): return self.x
    @property
    def p(self): return self.x
    @classmethod
    def c(cls): return cls
    @staticmethod
    def s(): return 1
    @cached_property
    def later(self): return 1
class Q(Base):
    pass
class Slots:
    __slots__ = ("a", "b")
class L(list): pass
class T(tuple): pass
Point = namedtuple("Point", "x y")
@dataclass
class D:
    x: int
    y: list = field(default_factory=list)
def f(a, b=[1], *, k={"z": 2}): return a
f.mark = [1]
def g(x): return x
def outer():
    free = [0]
    def inner(): return free
    return inner
inner = outer()
p, q, ns, many = P([1]), P(2), SimpleNamespace(a=[1]), deque([1, [2]], 5)
xs, d, t, s = [1, "a", [2]], {"a": [1], "b": 2.5}, (1, [2], "x"), {1, 2, 3}
dd, od, fs = defaultdict(list, a=[1]), OrderedDict(a=1, b=[2]), frozenset({1, 2})
slots, l, tt = Slots(), L([1, [2]]), T((1, [2]))
slots.a = [1]
bound, part = p.m, partial(g, [1])
item, record, when, ratio = Point(1, [2]), D(1), date(2020, 1, 2), Fraction(1, 3)
"""


class World:
    def __init__(self) -> None:
        load_types()
        names = [line.split("import ")[1] for line in SOURCE.splitlines() if line.startswith("from ")]
        modules = [line.split()[1] for line in SOURCE.splitlines() if line.startswith("from ")]
        library = [f"{m}:{n}" for m, ns in zip(modules, names, strict=True) for n in ns.split(", ")] + ["math:sqrt"]
        manifest = {"imports": ["math", "threading", *modules], "library": library, "modules": {"app": {"import_name": "app"}}}
        self.world = CallerWorld(manifest)
        self.module = ModuleType("app")
        code = compile(SOURCE, "app.py", "exec", dont_inherit=True)
        self.world.add("app", self.module, code)
        exec(code, vars(self.module))
        self.space = vars(self.module)

    def roots(self, *names: str) -> list[Any]:
        return [eval(name, self.space) for name in names]

    def watch(self, *names: str) -> Callable[[], bool]:
        watch = Watch(self.roots(*names), self.world)
        return lambda: watch.look(self.roots(*names)) is not None

    def do(self, statement: str) -> None:
        exec(textwrap.dedent(statement), self.space)


@pytest.fixture
def world() -> World:
    return World()


CHANGES = {
    "rebound": ("xs", "xs = [1, 'a', [2]]"),
    "element": ("xs", "xs[0] = 2"),
    "appended": ("xs", "xs.append(0)"),
    "deep": ("xs", "xs[2].append(0)"),
    "equal element": ("xs", "xs[2] = [2]"),
    "true for one": ("xs", "xs[0] = True"),
    "equal number of another type": ("xs", "xs[0] = 1.0"),
    "key": ("d", "d['c'] = 1"),
    "value": ("d", "d['b'] = -2.5"),
    "order of keys": ("d", "d['a'] = d.pop('a')"),
    "in a tuple": ("t", "t[1].append(1)"),
    "equal tuple": ("t", "t = (1, [2], 'x')"),
    "set": ("s", "s.add(9)"),
    "frozenset": ("fs", "fs = frozenset({1, 2})"),
    "factory": ("dd", "dd.default_factory = None"),
    "attribute of a dict": ("od", "od.mark = 1"),
    "ordered": ("od", "od.move_to_end('a')"),
    "deque": ("many", "many.rotate()"),
    "length of a deque": ("many", "many = deque(many, 6)"),
    "default": ("f", "f.__defaults__ = ([1],)"),
    "in a default": ("f", "f.__defaults__[0].append(2)"),
    "keyword default": ("f", "f.__kwdefaults__['k'] = {'z': 2}"),
    "attribute of a function": ("f", "f.mark = [1]"),
    "new attribute of a function": ("f", "f.other = 0"),
    "code": ("f", "f.__code__ = (lambda a, b=0, *, k=0: b).__code__"),
    "name": ("f", "f.__name__ = 'ff'"),
    "doc": ("f", "f.__doc__ = 'new'"),
    "cell": ("inner", "inner.__closure__[0].cell_contents = [0]"),
    "in a cell": ("inner", "inner().append(1)"),
    "class attribute": ("P", "P.limit = 6"),
    "in a class attribute": ("P", "P.kinds.append('b')"),
    "new class attribute": ("P", "P.fresh = 1"),
    "removed class attribute": ("P", "del P.limit"),
    "method": ("P", "P.m = lambda self: 0"),
    "default of a method": ("P", "P.m.__defaults__ = (1,)"),
    "property": ("P", "P.p = property(lambda self: 0)"),
    "classmethod": ("P", "P.c = classmethod(lambda cls: 0)"),
    "staticmethod": ("P", "P.s = staticmethod(lambda: 0)"),
    "bases": ("P", "P.__bases__ = (Q,)"),
    "attribute of a base": ("P", "Base.more = 1"),
    "class's name": ("P", "P.__name__ = 'PP'"),
    "field": ("D", "D.__dataclass_fields__['x'].default = 3"),
    "generated method": ("D", "D.__init__ = lambda self: None"),
    "instance attribute": ("p", "p.x = [1]"),
    "in an instance": ("p", "p.x.append(1)"),
    "class of an instance": ("p", "p.__class__ = Q"),
    "its class": ("p", "P.limit = 6"),
    "another instance": ("p", "p = P(p.x)"),
    "shared attributes": ("p, q", "q.__dict__ = p.__dict__"),
    "slot": ("slots", "slots.b = 1"),
    "empty slot": ("slots", "del slots.a"),
    "list's heir": ("l", "l[1].append(0)"),
    "tuple's heir": ("tt", "tt[1].append(0)"),
    "namespace": ("ns", "ns.a = [1]"),
    "method's object": ("bound", "p.x = 2"),
    "partial": ("part", "part.keywords['a'] = 1"),
    "namedtuple": ("item", "item[1].append(1)"),
    "record": ("record", "record.y.append(1)"),
    "date": ("when", "when = date(2020, 1, 2)"),
    "alias lost": ("(xs, xs)", "xs = list(xs)"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen(world: World, name: str) -> None:
    roots, statement = CHANGES[name]
    unchanged = world.watch(*roots.strip("()").split(", "))
    assert unchanged() and unchanged()
    world.do(statement)
    assert not unchanged()


def test_two_lists_that_become_one(world: World) -> None:
    world.do("a, b = [1], [1]")
    unchanged = world.watch("a", "b")
    world.do("b = a")
    assert not unchanged()


def test_what_is_put_back_is_what_it_was(world: World) -> None:
    unchanged = world.watch("xs", "P", "f")
    world.do("xs.append(1); xs.pop(); old = P.m; P.m = 1; P.m = old; del old")
    assert unchanged()


def test_an_object_that_took_the_place_of_another(world: World) -> None:
    """The number of a list that is gone may be that of another list: its contents still tell them apart."""
    world.do("a = [object()]")
    unchanged = world.watch("a")
    for _ in range(100):
        world.do("del a")
        world.do("a = [[]]")
        assert not unchanged()


def test_nothing_is_kept_alive(world: World) -> None:
    world.do("k = P(1); k.me = k\ndef h(): return k\nholder = [k, h, [inner]]")
    gone = [weakref.ref(obj) for obj in world.roots("k", "h", "inner")]
    watch = Watch(world.roots("holder"), world.world)
    world.do("del k, holder, h, inner")
    gc.collect()
    assert [ref() for ref in gone] == [None] * 3
    assert watch is not None


@pytest.mark.parametrize(
    "value",
    ["iter([1])", "threading.Lock()", "(x for x in [1])", "bytearray(b'x')", "OSError(1)", "type('I', (int,), {'__module__': 'app'})(3)"],
)
def test_what_cannot_be_watched(world: World, value: str) -> None:
    world.do(f"value = {value}")
    with pytest.raises(Unwatchable):
        world.watch("value")


def test_a_graph_that_is_too_large(world: World) -> None:
    world.do(f"value = [[] for _ in range({LIMIT})]")
    with pytest.raises(Unwatchable, match="too much"):
        world.watch("value")


def test_no_code_of_the_program_runs(world: World) -> None:
    world.do(
        """
        ran = []
        class Loud:
            def __getattribute__(self, name): ran.append(name); return object.__getattribute__(self, name)
            def __eq__(self, other): ran.append("eq"); return True
            def __hash__(self): ran.append("hash"); return 1
            def __iter__(self): ran.append("iter"); return iter(())
            def __len__(self): ran.append("len"); return 0
        class LoudList(list):
            def __iter__(self): ran.append("iter"); return iter(())
        loud, louds = Loud(), LoudList([1])
        place = [loud, louds]
        """
    )
    unchanged = world.watch("place")
    assert unchanged()
    world.do("place[1] = loud")
    assert not unchanged()
    world.do("place[:] = [louds, loud]")
    assert not unchanged()
    assert world.space["ran"] == []
