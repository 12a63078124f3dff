"""Classes of all kinds."""

from tests.equivalence.generated.feature import Feature

CLASSES = (
    Feature(
        "slots and properties",
        source="""
class Slot:
    __slots__ = ("a", "_b")
    def __init__(self, a, b): self.a, self._b = a, b
    @property
    def b(self): return self._b
    @b.setter
    def b(self, value):
        if num(value) > 900: raise Err("too much", value)
        self._b = value
    @b.deleter
    def b(self): del self._b
class Slots(Slot):
    __slots__ = ("c", "__dict__")
SL, SLS = Slot(1, XS), Slots(2, D)
SLS.c = SL
""",
        names="slot SL, slot SLS",
        expressions=r"""
slot   Slot(<int>, <value>)
slot   Slots(<int>, <list>)
slot   getattr(<slot>, 'c', <slot!>)
int    num(<slot>.a)
int    num(<slot>.b)
list   (lambda s: s.b if isinstance(s.b, list) else XS)(<slot>)
""",
        statements=r"""
<slot>.a = <value>
<slot>.b = <value>
SLS.c = <slot>
SLS.more = <value>
del <slot>.b
if hasattr(<slot!a>, '_b'): del <slot!a>.b
SL = <slot>
""",
    ),
    Feature(
        "dataclasses",
        imports="from dataclasses import dataclass, field, replace, asdict, fields",
        source="""
@dataclass
class Point:
    x: int
    items: list = field(default_factory=list)
    made = []
    def __post_init__(self): Point.made.append(self.x); del Point.made[:-3]
@dataclass(frozen=True, order=True)
class Fixed:
    x: int
    inner: object = None
@dataclass(slots=True)
class Tight:
    x: int
    y: object = field(default=None, compare=False)
P, F, TI = Point(1, XS), Fixed(2, (XS,)), Tight(3)
TI.y = TI
""",
        names="point P, fixed F, tight TI",
        shown="P, F, TI, Point",
        expressions=r"""
point  Point(<int>)
point  Point(<int>, <list>)
point  replace(<point>, x=<int>)
fixed  Fixed(<int>, <value>)
tight  Tight(<int>, <value>)
int    num(<point>.x)
int    (num(<fixed>.x) + num(<tight>.x))
list   <point>.items
list   [f.name for f in fields(<point>)]
cond   Point(<int>) == Point(1)
cond   Fixed(<int>) < Fixed(3)
str    repr(Fixed(<int>))
dict   asdict(Point(<int>))
""",
        statements=r"""
<point>.x = <int>
<point>.items = <list>
<point>.items.append(<value>)
<point>.new = <value>
<tight>.y = <value>
<tight>.x = <int>
<fixed>.x = 3
P = <point>
F = <fixed>
TI = <tight>
print(Fixed(<int>), Tight(<int>))
match <value>:\n    case Point(x, [first, *_]): print('point', num(x), num(first))\n    case Fixed(x=int(x)): print('fixed', x)\n\
    case [int(a), *rest]: print('list', a, len(rest))\n    case {'k': k}: print('dict', num(k))\n    case _:\n        BLOCK
match <int>:\n    case 0 | 1:\n        BLOCK\n    case x if x > 5: print('large', x)\n    case x: print('other', x)
""",
    ),
    Feature(
        "enumerations",
        imports="import enum",
        source="""
class Color(enum.Enum):
    RED = 1
    GREEN = 2
    CRIMSON = 1
    def __init__(self, n): self.uses = []
class Level(enum.IntEnum):
    LOW, HIGH = 1, 5
class Perm(enum.Flag):
    R, W, X = 1, 2, 4
COLOR, PERM = Color.RED, Perm.R
BY_COLOR = {Color.RED: XS}
""",
        names="color COLOR, color Color.GREEN, level Level.HIGH, perm PERM, list Color.RED.uses",
        shown="COLOR, PERM, BY_COLOR, Color.RED.uses, Color.GREEN.uses",
        expressions=r"""
color  Color(<int> % 2 + 1)
color  Color['CRIMSON']
level  Level.LOW
perm   (<perm> | Perm.W)
perm   (<perm> & ~Perm.R)
int    <color>.value
int    num(<level> + 1)
str    <color>.name
str    str(<perm>)
list   <color>.uses
cond   <color> is Color.RED
cond   Perm.W in <perm>
cond   <level> > <int>
list   BY_COLOR.setdefault(<color>, [])
""",
        statements=r"""
<color>.uses.append(<int>); del Color.RED.uses[:-3]
COLOR = <color>
PERM = <perm>
BY_COLOR[<color>] = <list>
print(<color>, repr(<perm>), Level.HIGH, [c.name for c in Color])
print(show(Color(<int>)))
<color>.mark = <value>
""",
    ),
    Feature(
        "named tuples",
        imports="from collections import namedtuple\nfrom typing import NamedTuple",
        source="""
Pair = namedtuple("Pair", "a b", defaults=[0])
class Row(NamedTuple):
    n: int
    xs: list = []
    def total(self): return self.n + sum(map(num, self.xs))
PAIR, ROW = Pair(1, XS), Row(2, XS)
""",
        names="pair PAIR, row ROW",
        expressions=r"""
pair   Pair(<value>, <list>)
pair   PAIR._replace(a=<value>)
row    Row(<int>, <list>)
row    Row(<int>)
int    num(<pair>.a)
int    <row>.total()
list   <row>.xs
tup    <pair>
dict   <pair>._asdict()
str    repr(Pair(<int>))
cond   <pair> == <row>
""",
        statements=r"""
PAIR = <pair>
ROW = <row>
<row>.xs.append(<value>); del Row(1).xs[:-3]
$int, $list = <row>
<pair>.a = 1
""",
    ),
    Feature(
        "subclasses of built-in types",
        source="""
class Stack(list):
    limit = 6
    def push(self, x): self.append(x); self.pushed = x; del self[:-self.limit]; return self
    def __len__(self): return list.__len__(self)
class Bag(dict):
    def __missing__(self, key): self[key] = found = [key]; return found
class Tag(str):
    def __new__(cls, text, more=None): self = str.__new__(cls, text); self.more = more; return self
class Num(int):
    def __add__(self, other): return Num(int(self) + num(other))
class Group(set): pass
class Trail(tuple): pass
ST, BAG, TAG, NUM, GROUP, TRAIL = Stack([1, XS]), Bag(k=XS), Tag("tag", XS), Num(4), Group([1, 2]), Trail([XS])
""",
        names="stack ST, bag BAG, tag TAG, numeral NUM, group GROUP, trail TRAIL",
        expressions=r"""
stack  Stack(<list>)
stack  <stack>.push(<value>)
bag    Bag(<dict>)
tag    Tag(<str>, <value>)
numeral Num(<int>)
numeral (<numeral> + <int>)
group  Group({<int>, 3})
trail  Trail([<value>])
list   <stack>
list   BAG[<int>]
dict   <bag>
str    <tag>
int    <numeral>
set    <group>
tup    <trail>
int    len(<stack>)
cond   isinstance(<value>, Num)
""",
        statements=r"""
<stack>.push(<value>)
<stack>.limit = <int> % 5 + 1
<bag>[<str>]
BAG = <bag>
ST = <stack>
NUM = <numeral>
<tag>.more = <value>
<group>.add(<int>)
<group>.mark = <list>
print(<tag>, <numeral>, type(<tag>).__name__)
$int = <numeral> + <numeral>
Stack.limit = <int> % 4 + 2
""",
    ),
    Feature(
        "loud",
        source="""
class Loud:
    def __init__(self, n): self.__dict__["n"] = n
    def __eq__(self, other): print("eq", self.n); return isinstance(other, Loud) and self.n == other.n
    def __hash__(self): print("hash", self.n); return hash(self.n)
    def __bool__(self): print("bool", self.n); return self.n > 0
    def __len__(self): print("len"); return self.n
    def __iter__(self): print("iter"); return iter([self.n])
    def __setattr__(self, name, value): print("set", name); object.__setattr__(self, name, value)
    def __delattr__(self, name): print("del", name); object.__delattr__(self, name)
    def __getattr__(self, name):
        if name.startswith("_"): raise AttributeError(name)
        print("get", name); return name
    def __copy__(self): print("copy"); return self
    def __reduce__(self): print("reduce"); return (Loud, (self.n,))
    def __getstate__(self): print("getstate"); return {}
    def __setstate__(self, state): print("setstate")
    def __repr__(self): print("repr"); return f"Loud({self.n})"
    def __lt__(self, other): print("lt"); return self.n < num(other)
    def __call__(self, x): print("call"); return x
    def __index__(self): print("index"); return self.n
    def __contains__(self, x): print("contains"); return num(x) == self.n
    def __getitem__(self, i): print("getitem"); return [self.n][i]
LOUD, LOUDER = Loud(1), Loud(2)
XS.append(LOUD)
BY_LOUD = {LOUD: XS}
""",
        names="loud LOUD, loud LOUDER",
        shown="LOUD.n, LOUDER.n, LOUD.__dict__, len(BY_LOUD)",
        expressions=r"""
loud   Loud(<int>)
int    <loud>.n
int    len(<loud!>)
cond   <loud> == <loud>
cond   bool(<loud>)
cond   <int> in <loud>
cond   <loud> is LOUD
list   list(<loud>)
str    repr(<loud>)
str    <loud>.what
fn     <loud>
""",
        statements=r"""
<loud>.n = <int> % 5
<loud>.link = <list>
LOUD = <loud>
LOUD, LOUDER = LOUDER, LOUD
BY_LOUD[<loud!>] = <value>
BY_LOUD.pop(LOUD, None)
<list>.append(<loud>)
if <list!a>: <list!a>.remove(<list!a>[0])
print(<loud> in <list>)
if hasattr(<loud!a>, 'link'): del <loud!a>.link
""",
    ),
    Feature(
        "operators",
        source="""
class Vec:
    made = 0
    def __init__(self, xs): self.xs = xs; Vec.made += 1
    def __add__(self, other): return Vec(self.xs + getattr(other, "xs", [other])[:3])
    def __radd__(self, other): return Vec([other, *self.xs][:5])
    def __iadd__(self, other): self.xs.append(num(other)); del self.xs[:-4]; return self
    def __getitem__(self, i): return self.xs[i]
    def __setitem__(self, i, value): self.xs[i] = value
    def __delitem__(self, i): del self.xs[i]
    def __len__(self): return len(self.xs)
    def __contains__(self, x): return x in self.xs
    def __eq__(self, other): return isinstance(other, Vec) and len(self.xs) == len(other.xs)
    def __hash__(self): return 7
    def __lt__(self, other): return len(self.xs) < len(other.xs)
    def __neg__(self): return Vec(self.xs[::-1])
    def __call__(self, x, *more): self.xs.append(x); return len(more)
    def __enter__(self): self.xs.append("in"); return self
    def __exit__(self, kind, value, tb): self.xs.append(kind and kind.__name__); return kind is Odd
    def __format__(self, how): return f"<{how}{len(self.xs)}>"
    def __getattr__(self, name):
        if name.startswith("get_"): return lambda: len(self.xs)
        raise AttributeError(name)
VEC = Vec(XS)
VECS = {VEC: 1}
""",
        names="vec VEC",
        shown="VEC, VECS, Vec.made",
        expressions=r"""
vec    Vec(<list>)
vec    (<vec> + <value>)
vec    (<int> + <vec>)
vec    -<vec>
vec    max(<vec>, <vec>)
int    len(<vec>)
int    num(<vec>.get_it())
int    num(<vec>(<value>, <value>))
list   <vec>.xs
list   list(<vec>)
cond   <vec> == <vec>
cond   <vec> in VECS
str    f'{<vec!>:x}'
""",
        statements=r"""
VEC += <value>
VEC = <vec>
<vec!>[0] = <value>
if len(<vec!a>): del <vec!a>[0]
VECS[<vec>] = <value>
with <vec> as $vec:\n    BLOCK
with <vec>:\n    BLOCK
with <vec>, <vec>:\n    raise <error>
print(show(<vec>.nothing))
for $int in map(num, <vec>[:3]):\n    BLOCK
""",
    ),
    Feature(
        "class state",
        source="""
class Meta(type):
    registry = []
    def __new__(mcls, name, bases, space, **more): cls = super().__new__(mcls, name, bases, space); mcls.registry.append(name); return cls
    @property
    def size(cls): return len(cls.registry)
class Base(metaclass=Meta):
    count, cache = 0, {}
    def __init_subclass__(cls, tag=None, **more): super().__init_subclass__(**more); cls.tag = tag
    @classmethod
    def make(cls, *args): cls.count += 1; return cls(*args)
    @staticmethod
    def helper(x): return [x, Base.count]
    def __init__(self, x=0): self.x = x; type(self).cache[num(x)] = self
    def who(self): return type(self).__name__
class Child(Base, tag="c"):
    count = 5
    def who(self): return "child of " + super().who()
class Typed:
    def __set_name__(self, owner, name): self.name = "_" + name
    def __get__(self, obj, owner): return self if obj is None else getattr(obj, self.name, None)
    def __set__(self, obj, value): setattr(obj, self.name, [value])
class Holder(Child):
    field = Typed()
BASE, CHILD = Base.make(1), Child.make(2)
KLASS = Child
""",
        names="base BASE, base CHILD, int Base.count, dict Base.cache",
        shown="BASE, CHILD, KLASS, Base, Child, Holder, Meta.registry",
        expressions=r"""
base   Base(<int>)
base   KLASS(<value>)
base   Child.make(<int>)
base   Holder()
int    num(<base>.count)
int    num(<base>.x)
int    KLASS.size
str    <base>.who()
list   Base.helper(<value>)
list   Meta.registry
list   (getattr(Holder(), 'field') or XS)
fn     <base>.helper
fn     Child.make
cond   isinstance(<base>, Child)
cond   type(<base>) is KLASS
""",
        statements=r"""
Base.count += 1
Child.count = <int>
KLASS = Base
KLASS = Child
KLASS = Holder
<base>.x = <value>
<base>.field = <value>
KLASS.extra = <list>
KLASS.who = lambda self: 'changed'
Base.cache.clear()
setattr(KLASS, 'n$3', <value>)
if 'extra' in KLASS.__dict__: del KLASS.extra
BASE = <base>
<base>.__class__ = Child
class $klass(Base): pass\n$list = [$klass.__name__, $klass.tag]
class $klass(Child, tag=<int>):\n    def who(self): return 'local ' + super().who()\n$str = $klass(1).who()
class $klass(Base): value = <value>\nBASE = $klass(<int>)
""",
    ),
    Feature(
        "shared dicts",
        source="""
class Borg:
    _shared = {"n": 1}
    def __init__(self): self.__dict__ = Borg._shared
class Lazy:
    def __init__(self, n): self.n = n
    def __getattribute__(self, name): return object.__getattribute__(self, name)
ONE, TWO, VARS = Borg(), Borg(), OBJ.__dict__
""",
        names="borg ONE, borg TWO, dict VARS, dict Borg._shared",
        shown="ONE, TWO, VARS, VARS is OBJ.__dict__, Borg",
        expressions=r"""
borg   Borg()
int    num(<borg>.n)
dict   <borg>.__dict__
dict   <obj>.__dict__
cond   ONE.__dict__ is TWO.__dict__
cond   VARS is OBJ.__dict__
""",
        statements=r"""
<borg>.n = <int>
<borg>.xs = <list>
Borg._shared['m'] = <value>
ONE = <borg>
VARS = <obj>.__dict__
<obj>.__dict__['viadict'] = <value>
""",
    ),
    Feature(
        "cached and abstract",
        imports="import abc\nimport functools",
        source="""
class Shape(abc.ABC):
    def __init__(self, xs): self.xs = xs
    @abc.abstractmethod
    def area(self): ...
    @functools.cached_property
    def total(self): print("computing"); return sum(map(num, self.xs))
    @functools.cached_property
    def parts(self): return [self.xs]
@functools.total_ordering
class Square(Shape):
    def area(self): return num(self.xs) ** 2 % 100
    def __eq__(self, other): return self.area() == getattr(other, "area", int)()
    def __lt__(self, other): return self.area() < other.area()
    __hash__ = None
SQ = Square(XS)
""",
        names="shape SQ",
        expressions=r"""
shape  Square(<list>)
int    <shape>.area()
int    num(<shape>.total)
list   <shape>.parts
cond   <shape> >= <shape>
cond   <shape> == SQ
""",
        statements=r"""
<shape>.total
<shape>.parts.append(<value>); del SQ.parts[:-3]
<shape>.xs = <list>
if 'total' in <shape!a>.__dict__: del <shape!a>.total
SQ = <shape>
Shape(<list>)
""",
    ),
)
