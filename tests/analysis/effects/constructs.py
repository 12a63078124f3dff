"""Single constructs whose effect is in what they call: small programs, each with what `f` changes when it is run.

Construct("str of an exception", "class C: ...\\ndef f(e): return str(e)\\nf(ValueError(C()))", "LOG")    f changes app.LOG

`LOG` is a list and `note` a function that appends to it and gives 1, in front of each program. Where the line of the name ends in
`or unknown`, an explicit unknown in `f` is enough.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.analysis.effects.constructs_more import CALLING, LANGUAGE

_PRELUDE = """
LOG = []
def note(*_, **__):
    LOG.append(len(LOG))
    return 1
def begun(g):
    it = g()
    next(it)
    return it
"""


@dataclass(frozen=True)
class Construct:
    name: str
    body: str
    changes: str = "app.LOG"  # a variable of `f`, or `module.name`
    unknown: bool = False  # whether it is enough that analysis says that it does not know

    @property
    def source(self) -> str:
        return _PRELUDE + self.body


def _read(text: str) -> list[Construct]:
    """`# name -> what is changed` and the lines below it, a construct each."""
    found: list[Construct] = []
    for part in text.split("\n# ")[1:]:
        title, _, body = part.partition("\n")
        name, _, changes = title.removesuffix(" or unknown").partition(" -> ")
        found.append(Construct(name, body + "\n", changes or "app.LOG", title.endswith(" or unknown")))
    return found


_OBJECTS = """
# dataclasses.replace runs __post_init__
import dataclasses
@dataclasses.dataclass
class P:
    n: int = 0
    def __post_init__(self): note()
def f(p): return dataclasses.replace(p, n=2)
f(P())
# dataclasses.replace runs __init__
from dataclasses import dataclass, replace
@dataclass(init=False)
class P:
    n: int = 0
    def __init__(self, n=0):
        self.n = note()
def f(p): return replace(p, n=2)
f(P())
# copy.replace by hand of a field's default_factory
from dataclasses import dataclass, field
@dataclass
class P:
    n: int = field(default_factory=note)
def f(): return P()
f()
# asdict copies what the fields hold
from dataclasses import dataclass, asdict
class C:
    def __deepcopy__(self, memo): return note()
@dataclass
class P:
    c: object = None
def f(p): return asdict(p)
f(P(C()))
# a dataclass compares its fields
from dataclasses import dataclass
class C:
    def __eq__(self, other): return bool(note())
@dataclass
class P:
    c: object = None
def f(p, q): return p == q
f(P(C()), P(C()))
# an ordered dataclass compares its fields
from dataclasses import dataclass
class C:
    def __lt__(self, other): return bool(note())
    def __eq__(self, other): return False
@dataclass(order=True)
class P:
    c: object = None
def f(p, q): return p < q
f(P(C()), P(C()))
# a frozen dataclass hashes its fields
from dataclasses import dataclass
class C:
    def __hash__(self): return note()
@dataclass(frozen=True)
class P:
    c: object = None
def f(p): return hash(p)
f(P(C()))
# a dataclass as a key hashes its fields
from dataclasses import dataclass
class C:
    def __hash__(self): return note()
@dataclass(frozen=True)
class P:
    c: object = None
def f(p): return {p: 1}
f(P(C()))
# a dataclass shows its fields
from dataclasses import dataclass
class C:
    def __repr__(self): return str(note())
@dataclass
class P:
    c: object = None
def f(p): return repr(p)
f(P(C()))
# a dataclass in a text shows its fields
from dataclasses import dataclass
class C:
    def __repr__(self): return str(note())
@dataclass
class P:
    c: object = None
def f(p): return f"{p}"
f(P(C()))
# an element of __dict__ is set -> obj
class C: pass
def f(obj, k): obj.__dict__[k] = 1
f(C(), "a")
# __dict__ is updated -> obj
class C: pass
def f(obj): obj.__dict__.update(a=1)
f(C())
# __dict__ is updated with what is given by name -> self
class C:
    def f(self, **options): self.__dict__.update(options)
C().f(a=1)
# __dict__ is cleared -> obj
class C:
    def __init__(self): self.a = 1
def f(obj): obj.__dict__.clear()
f(C())
# an element of __dict__ is deleted -> obj
class C:
    def __init__(self): self.a = 1
def f(obj): del obj.__dict__["a"]
f(C())
# __dict__ in a variable -> obj
class C: pass
def f(obj):
    d = obj.__dict__
    d["a"] = 1
f(C())
# what __dict__ holds is changed -> obj
class C:
    def __init__(self): self.a = []
def f(obj): obj.__dict__["a"].append(1)
f(C())
# the values of __dict__ are changed -> obj
class C:
    def __init__(self): self.a = []
def f(obj):
    for value in obj.__dict__.values(): value.append(1)
f(C())
# vars of an object is set -> obj
class C: pass
def f(obj, k): vars(obj)[k] = 1
f(C(), "a")
# vars of an object is updated -> obj
class C: pass
def f(obj): vars(obj).update(a=1)
f(C())
# what vars holds is changed -> obj
class C:
    def __init__(self): self.a = []
def f(obj): vars(obj)["a"].append(1)
f(C())
# object.__setattr__ -> obj
class C: pass
def f(obj): object.__setattr__(obj, "a", 1)
f(C())
# object.__setattr__ of a frozen dataclass -> self
from dataclasses import dataclass
@dataclass(frozen=True)
class P:
    n: int = 0
    def f(self): object.__setattr__(self, "n", 2)
P().f()
# super().__setattr__ -> app.C1
class C:
    def __setattr__(self, name, value): super().__setattr__(name, value)
C1 = C()
def f(): C1.a = 1
f()
# object.__delattr__ -> obj
class C:
    def __init__(self): self.a = 1
def f(obj): object.__delattr__(obj, "a")
f(C())
# what object.__setattr__ put in -> obj
class C: pass
def f(obj, xs):
    object.__setattr__(obj, "a", xs)
    obj.a.append(1)
f(C(), [])
# what object.__getattribute__ gives -> obj
class C:
    def __init__(self): self.a = []
def f(obj): object.__getattribute__(obj, "a").append(1)
f(C())
# setattr runs a property
class C:
    @property
    def n(self): return 1
    @n.setter
    def n(self, v): note()
def f(obj): setattr(obj, "n", 1)
f(C())
# setattr with a computed name runs a property
class C:
    @property
    def n(self): return 1
    @n.setter
    def n(self, v): note()
def f(obj, name): setattr(obj, name, 1)
f(C(), "n")
# getattr with a computed name runs a property
class C:
    @property
    def n(self): return note()
def f(obj, name): return getattr(obj, name)
f(C(), "n")
# hasattr runs a property
class C:
    @property
    def n(self): return note()
def f(obj): return hasattr(obj, "n")
f(C())
# delattr runs a property
class C:
    @property
    def n(self): return 1
    @n.deleter
    def n(self): note()
def f(obj): delattr(obj, "n")
f(C())
# del runs a property
class C:
    @property
    def n(self): return 1
    @n.deleter
    def n(self): note()
def f(obj): del obj.n
f(C())
# del runs __delattr__
class C:
    def __init__(self): self.a = 1
    def __delattr__(self, name): note()
def f(obj): del obj.a
f(C())
# del obj.attr -> obj
class C:
    def __init__(self): self.a = 1
def f(obj): del obj.a
f(C())
# del runs __delitem__
class C:
    def __delitem__(self, k): note()
def f(obj): del obj[1]
f(C())
# __setattr__ is run by an assignment
class C:
    def __setattr__(self, name, value): note()
def f(obj): obj.a = 1
f(C())
# __getattr__ is run by a look
class C:
    def __getattr__(self, name): return note()
def f(obj): return obj.nothing
f(C())
# __getattribute__ is run by a look
class C:
    n = 1
    def __getattribute__(self, name):
        note()
        return object.__getattribute__(self, name)
def f(obj): return obj.n
f(C())
# a descriptor is read
class D:
    def __get__(self, obj, owner): return note()
class C:
    n = D()
def f(obj): return obj.n
f(C())
# a descriptor is set
class D:
    def __set__(self, obj, value): note()
class C:
    n = D()
def f(obj): obj.n = 1
f(C())
# a descriptor is deleted
class D:
    def __set__(self, obj, value): pass
    def __delete__(self, obj): note()
class C:
    n = D()
def f(obj): del obj.n
f(C())
# a descriptor is told its name
class D:
    def __set_name__(self, owner, name): note()
def f():
    class C:
        n = D()
    return C
f()
# __init_subclass__ with class keywords
class Base:
    def __init_subclass__(cls, **kwargs): note(kwargs)
def f():
    class C(Base, tag=1): pass
    return C
f()
# type() with three arguments runs __init_subclass__
class Base:
    def __init_subclass__(cls, **kwargs): note(kwargs)
def f(): return type("C", (Base,), {})
f()
# a metaclass makes a class
class Meta(type):
    def __new__(mcs, name, bases, names):
        note()
        return super().__new__(mcs, name, bases, names)
def f():
    class C(metaclass=Meta): pass
    return C
f()
# a metaclass is called by a call of its class
class Meta(type):
    def __call__(cls, *args):
        note()
        return super().__call__(*args)
class C(metaclass=Meta): pass
def f(): return C()
f()
# a metaclass prepares
class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases):
        note()
        return {}
def f():
    class C(metaclass=Meta): pass
    return C
f()
# a metaclass is asked for an element
class Meta(type):
    def __getitem__(cls, k): return note()
    def __iter__(cls): return iter([note()])
class C(metaclass=Meta): pass
def f(): return C[1]
f()
# a metaclass is gone through
class Meta(type):
    def __iter__(cls): return iter([note()])
class C(metaclass=Meta): pass
def f(): return list(C)
f()
# a metaclass is asked for instances
class Meta(type):
    def __instancecheck__(cls, obj): return bool(note())
class C(metaclass=Meta): pass
def f(x): return isinstance(x, C)
f(1)
# __class_getitem__
class C:
    def __class_getitem__(cls, k): return note()
def f(): return C[int]
f()
# __new__
class C:
    def __new__(cls):
        note()
        return super().__new__(cls)
def f(): return C()
f()
# an object is let go of by del
class C:
    def __del__(self): note()
def f():
    c = C()
    del c
f()
# an object is let go of at once
class C:
    def __del__(self): note()
def f(): C()
f()
# a local class yields what it captured -> xs
def f(xs):
    class Local:
        def __iter__(self): yield xs
    for each in Local(): each.append(1)
f([])
# a local class gives an iterator of what it captured -> xs
def f(xs):
    class Local:
        def __iter__(self): return iter([xs])
    for each in Local(): each.append(1)
f([])
# next of a local class -> xs
def f(xs):
    class Local:
        def __next__(self): return xs
    next(Local()).append(1)
f([])
# a loop over an iterator class -> xs
def f(xs):
    class Local:
        n = 0
        def __iter__(self): return self
        def __next__(self):
            self.n += 1
            if self.n > 1: raise StopIteration
            return xs
    for each in Local(): each.append(1)
f([])
# a class that iterates what it keeps -> xs
class Bag:
    def __init__(self, xs): self.items = [xs]
    def __iter__(self): return iter(self.items)
def f(xs):
    for each in Bag(xs): each.append(1)
f([])
# unpacked from a class that iterates -> xs
class Bag:
    def __init__(self, xs): self.items = [xs]
    def __iter__(self): yield from self.items
def f(xs):
    a, = Bag(xs)
    a.append(1)
f([])
# an element of a class with __getitem__ -> xs
class Bag:
    def __init__(self, xs): self.items = [xs]
    def __getitem__(self, i): return self.items[i]
def f(xs): Bag(xs)[0].append(1)
f([])
# a loop over a class with __getitem__ -> xs
class Bag:
    def __init__(self, xs): self.items = [xs]
    def __getitem__(self, i): return self.items[i]
def f(xs):
    for each in Bag(xs): each.append(1)
f([])
# list() of a class that iterates -> xs
class Bag:
    def __init__(self, xs): self.items = [xs]
    def __iter__(self): yield from self.items
def f(xs): list(Bag(xs))[0].append(1)
f([])
"""

_LIBRARY = """
# a generator is sent a value
def g():
    while True:
        v = yield
        note(v)
def f(it): it.send(1)
f(begun(g))
# a generator is thrown an exception
def g():
    try:
        yield
    except ValueError:
        note()
        yield
def f(it): it.throw(ValueError())
f(begun(g))
# a generator is closed
def g():
    try:
        yield
    finally:
        note()
def f(it): it.close()
f(begun(g))
# a generator made here is sent a value
def g():
    v = yield
    note(v)
    yield
def f():
    it = g()
    next(it)
    it.send(1)
f()
# what send gives back is changed -> xs
def g(xs):
    yield
    yield xs
def f(xs):
    it = g(xs)
    next(it)
    it.send(1).append(1)
f([])
# what yield from gives
def g():
    yield 1
    return note
def f():
    h = yield from g()
    h()
list(f())
# str of an exception
class C:
    def __str__(self): return str(note())
def f(e): return str(e)
f(ValueError(C()))
# repr of an exception
class C:
    def __repr__(self): return str(note())
def f(e): return repr(e)
f(ValueError(C()))
# an exception in a text
class C:
    def __str__(self): return str(note())
def f():
    try: raise ValueError(C())
    except ValueError as e: return f"{e}"
f()
# an exception of two is printed
class C:
    def __repr__(self): return str(note())
def f():
    try: raise ValueError(C(), 1)
    except ValueError as e: print(e)
f()
# an exception class of the program is shown
class C:
    def __repr__(self): return str(note())
class E(Exception): pass
def f():
    try: raise E("a", C())
    except E as e: return str(e)
f()
# an exception class with super().__init__ is shown
class C:
    def __str__(self): return str(note())
class E(Exception):
    def __init__(self, c): super().__init__(c)
def f(c):
    try: raise E(c)
    except E as e: return str(e)
f(C())
# the args of an exception are changed -> xs or unknown
def f(xs):
    try: raise ValueError(xs)
    except ValueError as e: e.args[0].append(1)
f([])
# traceback shows an exception
import traceback
class C:
    def __str__(self): return str(note())
def f(e): return traceback.format_exception_only(e)
f(ValueError(C()))
# lru_cache hashes an argument
from functools import lru_cache
class C:
    def __hash__(self): return note()
@lru_cache
def g(c): return 1
def f(c): return g(c)
f(C())
# lru_cache with a size compares arguments
from functools import lru_cache
class C:
    def __hash__(self): return 1
    def __eq__(self, other): return bool(note())
@lru_cache(maxsize=8)
def g(c): return 1
g(C())
def f(c): return g(c)
f(C())
# cache hashes a keyword argument
import functools
class C:
    def __hash__(self): return note()
@functools.cache
def g(*, c): return 1
def f(c): return g(c=c)
f(C())
# a cached method hashes its object
import functools
class C:
    def __hash__(self): return note()
    @functools.lru_cache(None)
    def g(self): return 1
def f(c): return c.g()
f(C())
# a function wrapped by a call of lru_cache
import functools
class C:
    def __hash__(self): return note()
def slow(c): return 1
g = functools.lru_cache(maxsize=None)(slow)
def f(c): return g(c)
f(C())
# pickle.dumps asks __reduce__
import pickle
class C:
    def __reduce__(self):
        note()
        return int, ()
def f(c): return pickle.dumps(c)
f(C())
# pickle.dumps asks __getstate__
import pickle
class C:
    def __getstate__(self):
        note()
        return 1
def f(c): return pickle.dumps([c])
f(C.__new__(C)) if False else None
try: f(C())
except Exception: pass
# pickle.dump asks __reduce_ex__ of an element
import pickle, io
class C:
    def __reduce_ex__(self, protocol):
        note()
        return int, ()
def f(c, file): pickle.dump({"a": [c]}, file)
f(C(), io.BytesIO())
# copy.copy asks __copy__
import copy
class C:
    def __copy__(self): return note()
def f(c): return copy.copy(c)
f(C())
# copy.copy asks __reduce_ex__
import copy
class C:
    def __reduce_ex__(self, protocol):
        note()
        return int, ()
def f(c): return copy.copy(c)
f(C())
# copy.copy asks __getstate__
import copy
class C:
    def __getstate__(self):
        note()
        return {}
def f(c): return copy.copy(c)
f(C())
# copy.copy runs what __reduce__ names
import copy
class C:
    def __reduce__(self): return note, ()
def f(c): return copy.copy(c)
f(C())
# copy.deepcopy asks an element
import copy
class C:
    def __deepcopy__(self, memo): return note()
def f(xs): return copy.deepcopy(xs)
f([[C()]])
# copy.deepcopy sets a state
import copy
class C:
    def __init__(self): self.n = 1
    def __setstate__(self, state): note()
def f(c): return copy.deepcopy(c)
f(C())
# ExitStack calls back
import contextlib
def f():
    with contextlib.ExitStack() as stack: stack.callback(note)
f()
# ExitStack is pushed a method
import contextlib
def f():
    with contextlib.ExitStack() as stack: stack.push(note)
f()
# ExitStack enters a context
import contextlib
class C:
    def __enter__(self): return note()
    def __exit__(self, *exc): pass
def f():
    with contextlib.ExitStack() as stack: stack.enter_context(C())
f()
# ExitStack leaves a context
import contextlib
class C:
    def __enter__(self): return self
    def __exit__(self, *exc): note()
def f():
    with contextlib.ExitStack() as stack: stack.enter_context(C())
f()
# closing
import contextlib
class C:
    def close(self): note()
def f():
    with contextlib.closing(C()): pass
f()
# contextmanager's end
import contextlib
@contextlib.contextmanager
def around():
    try: yield
    finally: note()
def f():
    with around(): pass
f()
# suppress
import contextlib
def f():
    with contextlib.suppress(KeyError): note()
f()
# redirect_stdout to an object
import contextlib
class W:
    def write(self, text): note()
def f():
    with contextlib.redirect_stdout(W()): print(1)
f()
# nullcontext gives its object -> xs
import contextlib
def f(xs):
    with contextlib.nullcontext(xs) as ys: ys.append(1)
f([])
# a context gives its object -> self
class C:
    def __init__(self): self.n = 0
    def __enter__(self): return self
    def __exit__(self, *exc): pass
    def f(self):
        with self as other: other.n = 1
C().f()
# functools.reduce
import functools
def f(xs): return functools.reduce(note, xs)
f([1, 2])
# functools.reduce over lists -> xs
import functools
def f(xs): return functools.reduce(lambda a, b: a.append(b) or a, [1, 2], xs)
f([])
# partialmethod
import functools
class C:
    def g(self, n): note()
    h = functools.partialmethod(g, 1)
def f(c): c.h()
f(C())
# partial
import functools
g = functools.partial(note, 1)
def f(): g()
f()
# partial of a method -> xs
import functools
def f(xs): functools.partial(xs.append, 1)()
f([])
# partial keeps an argument -> xs
import functools
def put(xs, n): xs.append(n)
def f(xs): functools.partial(put, xs)(1)
f([])
# cached_property
import functools
class C:
    @functools.cached_property
    def n(self): return note()
def f(c): return c.n
f(C())
# total_ordering asks what is defined
import functools
@functools.total_ordering
class C:
    def __lt__(self, other): return bool(note())
    def __eq__(self, other): return True
def f(a, b): return a >= b
f(C(), C())
# sorted of a totally ordered class
import functools
@functools.total_ordering
class C:
    def __gt__(self, other): return bool(note())
    def __eq__(self, other): return True
def f(a, b): return sorted([a, b])
f(C(), C())
# cmp_to_key
import functools
def f(xs): return sorted(xs, key=functools.cmp_to_key(lambda a, b: note()))
f([1, 2])
# singledispatch
import functools
@functools.singledispatch
def g(x): pass
@g.register
def _(x: int): note()
def f(): g(1)
f()
# singledispatchmethod
import functools
class C:
    @functools.singledispatchmethod
    def g(self, x): pass
    @g.register
    def _(self, x: int): note()
def f(c): c.g(1)
f(C())
# enum _missing_
import enum
class E(enum.Enum):
    A = 1
    @classmethod
    def _missing_(cls, value):
        note()
        return cls.A
def f(): return E(9)
f()
# enum _generate_next_value_
import enum
def f():
    class E(enum.Enum):
        def _generate_next_value_(name, start, count, last): return note()
        A = enum.auto()
    return E
f()
# enum with __init__
import enum
def f():
    class E(enum.Enum):
        A = 1
        def __init__(self, n): note()
    return E
f()
# what an enum's value is -> app.E
import enum
class E(enum.Enum):
    A = []
def f(): E.A.value.append(1)
f()
# an enum's member by name -> app.E
import enum
class E(enum.Enum):
    A = []
def f(): E["A"].value.append(1)
f()
# an enum's member by value is asked
import enum
class E(enum.Enum):
    A = 1
    def g(self): note()
def f(n): E(n).g()
f(1)
# an enum is gone through
import enum
class E(enum.Enum):
    A = 1
    def g(self): note()
def f():
    for e in E: e.g()
f()
# a function that an enum's value holds or unknown
import enum
class E(enum.Enum):
    A = enum.member(note) if hasattr(enum, "member") else (note,)
def f(): E.A.value()
f()
# namedtuple _replace -> xs
from collections import namedtuple
P = namedtuple("P", "a b")
def f(p, xs): p._replace(a=xs).a.append(1)
f(P(1, 2), [])
# namedtuple's field -> p
from collections import namedtuple
P = namedtuple("P", "a b")
def f(p): p.a.append(1)
f(P([], 2))
# namedtuple _make -> xs or unknown
from collections import namedtuple
P = namedtuple("P", "a b")
def f(xs): P._make([xs, 1]).a.append(1)
f([])
# namedtuple _asdict -> p or unknown
from collections import namedtuple
P = namedtuple("P", "a b")
def f(p): p._asdict()["a"].append(1)
f(P([], 1))
# NamedTuple is unpacked -> p
from typing import NamedTuple
class P(NamedTuple):
    a: list
    b: int
def f(p):
    a, _ = p
    a.append(1)
f(P([], 1))
# a named tuple with an own __new__
from collections import namedtuple
class P(namedtuple("P", "a b")):
    def __new__(cls, a):
        note()
        return super().__new__(cls, a, 1)
def f(): return P(1)
f()
"""

_MISSED = """
# ChainMap changes its first -> d
import collections
def f(d): collections.ChainMap(d)["a"] = 1
f({})
# UserDict's data
import collections
class D(collections.UserDict):
    def __setitem__(self, k, v): note()
def f(): return D(a=1)
f()
# a set of the program intersected
import collections.abc
class S(collections.abc.Set):
    def __contains__(self, x): return bool(note())
    def __iter__(self): return iter([1])
    def __len__(self): return 1
    @classmethod
    def _from_iterable(cls, it): return set(it)
def f(s): return s & {1}
f(S())
# inspect.getmembers asks a property or unknown
import inspect
class C:
    @property
    def n(self): return note()
def f(c): return inspect.getmembers(c)
f(C())
# an abstract class's subclass hook
import abc
class C(abc.ABC):
    @classmethod
    def __subclasshook__(cls, other): return bool(note())
def f(x): return isinstance(x, C)
f(1)
# a generator is sent a list that it changes -> xs
def g():
    while True:
        v = yield
        v.append(1)
def f(it, xs): it.send(xs)
f(begun(g), [])
# a generator's return value
def g():
    yield 1
    return note
def f():
    it = g()
    next(it)
    try: next(it)
    except StopIteration as stop: stop.value()
f()
# a KeyError of an object is shown
class C:
    def __repr__(self): return str(note())
def f(d, k):
    try: return d[k]
    except KeyError as e: return str(e)
f({}, C())
"""

CONSTRUCTS = [each for text in (_OBJECTS, _LIBRARY, LANGUAGE, CALLING) for each in _read(text)]
MISSED = _read(_MISSED)
