"""More texts for constructs.py: operators and statements, and libraries that call what they are given."""

LANGUAGE = """
# a match class pattern asks a property by __match_args__
class C:
    __match_args__ = ("n",)
    @property
    def n(self): return note()
def f(c):
    match c:
        case C(1): return 1
f(C())
# a match class pattern with a keyword asks a property
class C:
    @property
    def n(self): return note()
def f(c):
    match c:
        case C(n=1): return 1
f(C())
# a match class pattern asks __instancecheck__
class Meta(type):
    def __instancecheck__(cls, x): return bool(note())
class C(metaclass=Meta): pass
def f(x):
    match x:
        case C(): return 1
f(1)
# a match mapping pattern asks get
import collections.abc
class C(collections.abc.Mapping):
    def __getitem__(self, k): return note()
    def __iter__(self): return iter(())
    def __len__(self): return 1
def f(c):
    match c:
        case {"a": x}: return x
f(C())
# what a match captures of an object is changed -> c
class C:
    def __init__(self): self.xs = []
def f(c):
    match c:
        case C(xs=ys): ys.append(1)
f(C())
# a star assignment into an attribute -> c
class C: pass
def f(c): a, *c.rest = [1, 2, 3]
f(C())
# a loop into an attribute -> c
class C: pass
def f(c):
    for c.n in [1, 2]: pass
f(C())
# a loop into an element -> d
def f(d):
    for d["a"] in [1, 2]: pass
f({})
# with into an attribute -> c
import contextlib
class C: pass
def f(c):
    with contextlib.nullcontext(1) as c.n: pass
f(C())
# an augmented assignment of a slice -> xs
def f(xs): xs[1:] += [1]
f([1, 2])
# an augmented assignment of a field runs __ior__
class B:
    def __ior__(self, other):
        note()
        return self
class C:
    def __init__(self): self.b = B()
def f(c): c.b |= 1
f(C())
# an augmented assignment of an element runs __setitem__
class C:
    def __getitem__(self, k): return 1
    def __setitem__(self, k, v): note()
def f(c): c[0] += 1
f(C())
# a chained comparison
class C:
    def __lt__(self, other): return bool(note())
def f(a, b): return a < b < b
f(C(), C())
# a walrus keeps what is changed -> xs
def f(xs):
    if any((last := x) is not None for x in xs): last.append(1)
f([[1]])
# nonlocal in nested closures
def f():
    n = 0
    def g():
        def h():
            nonlocal n
            n += note()
        h()
    g()
f()
# a format specification of an object
class C:
    def __str__(self): return str(10 * note())
def f(c): return f"{1:{c}}"
f(C())
# percent formatting by name
class C:
    def __str__(self): return str(note())
def f(c): return "%(a)s" % {"a": c}
f(C())
# in asks __iter__
class C:
    def __iter__(self): return iter([note()])
def f(c): return 1 in c
f(C())
# not asks __len__
class C:
    def __len__(self): return note()
def f(c): return not c
f(C())
# a comprehension's condition asks __bool__
class C:
    def __bool__(self): return bool(note())
def f(xs): return [1 for x in xs if x]
f([C()])
# a slice asks __index__
class C:
    def __index__(self): return note()
def f(xs, c): return xs[:c]
f([1], C())
# a keyword mapping asks keys
class C:
    def keys(self): return [str(note())]
    def __getitem__(self, k): return 1
def g(**k): pass
def f(c): g(**c)
f(C())
# a mapping in a display asks __getitem__
class C:
    def keys(self): return ["a"]
    def __getitem__(self, k): return note()
def f(c): return {**c}
f(C())
# dict() of a mapping asks __getitem__
class C:
    def keys(self): return ["a"]
    def __getitem__(self, k): return note()
def f(c): return dict(c)
f(C())
# dict.update with a mapping asks keys
class C:
    def keys(self): return [note()]
    def __getitem__(self, k): return 1
def f(c): {}.update(c)
f(C())
# __missing__
class D(dict):
    def __missing__(self, k): return note()
def f(d): return d["a"]
f(D())
# defaultdict's factory
import collections
def f(d): return d["a"]
f(collections.defaultdict(note))
# defaultdict's factory for an augmented assignment
import collections
def f(d): d["a"] += 1
f(collections.defaultdict(note))
# defaultdict puts an element in -> d
import collections
def f(d): return d["a"]
f(collections.defaultdict(int))
# an own exception caught as Exception is shown
class E(Exception):
    def __str__(self): return str(note())
def f():
    try: raise E()
    except Exception as e: return str(e)
f()
# a class decorator that adds a method
def d(cls):
    cls.go = lambda self: note()
    return cls
@d
class C: pass
def f(c): c.go()
f(C())
# or gives one of two -> ys
def f(xs, ys): (xs or ys).append(1)
f([], [])
# what a nested function gives is changed -> xs
def f(xs):
    def g(): return xs
    g().append(1)
f([])
# an object below two methods -> xs
class A:
    def __init__(self, x): self.x = x
    def get(self): return self.x
class B:
    def __init__(self, a): self.a = a
    def get(self): return self.a.get()
def f(xs): B(A(xs)).get().append(1)
f([])
# a descriptor that keeps values in the object -> obj
class D:
    def __set_name__(self, owner, name): self.name = name
    def __set__(self, obj, value): obj.__dict__[self.name] = value
class C:
    n = D()
def f(obj): obj.n = 1
f(C())
"""

CALLING = """
# itertools.groupby by a function
import itertools
def f(xs): return list(itertools.groupby(xs, note))
f([1])
# itertools.accumulate with a function
import itertools
def f(xs): return list(itertools.accumulate(xs, note))
f([1, 2])
# itertools.accumulate asks __add__
import itertools
class C:
    def __add__(self, other): return note()
def f(xs): return list(itertools.accumulate(xs))
f([C(), C()])
# itertools.starmap
import itertools
def f(xs): return list(itertools.starmap(note, xs))
f([(1,)])
# itertools.islice goes on with a generator
import itertools
def g():
    while True: yield note()
def f(): return list(itertools.islice(g(), 2))
f()
# itertools.tee
import itertools
def f(it):
    a, b = itertools.tee(it)
    return list(a)
f(note() for _ in [1])
# itertools.repeat gives what is changed -> xs
import itertools
def f(xs): next(itertools.repeat(xs)).append(1)
f([])
# heapq compares
import heapq
class C:
    def __lt__(self, other): return bool(note())
def f(h, c): heapq.heappush(h, c)
f([C()], C())
# heapq.heappop compares
import heapq
class C:
    def __lt__(self, other): return bool(note())
def f(h): heapq.heappop(h)
f([C(), C(), C()])
# heapq.heapify compares
import heapq
class C:
    def __lt__(self, other): return bool(note())
def f(h): heapq.heapify(h)
f([C(), C()])
# heapq compares in tuples
import heapq
class C:
    def __lt__(self, other): return bool(note())
def f(h, c): heapq.heappush(h, (1, c))
f([(1, C())], C())
# heapq.nlargest by a key
import heapq
def f(xs): return heapq.nlargest(2, xs, key=note)
f([1, 2, 3])
# heapq.merge
import heapq
class C:
    def __lt__(self, other): return bool(note())
def f(xs): return list(heapq.merge(xs, xs))
f([C(), C()])
# bisect compares
import bisect
class C:
    def __lt__(self, other): return bool(note())
def f(xs, c): return bisect.bisect(xs, c)
f([C()], C())
# bisect by a key
import bisect
def f(xs): return bisect.bisect_left(xs, 1, key=note)
f([1])
# insort compares
import bisect
class C:
    def __lt__(self, other): return bool(note())
def f(xs, c): bisect.insort(xs, c)
f([C()], C())
# operator.attrgetter asks a property
import operator
class C:
    @property
    def n(self): return note()
get = operator.attrgetter("n")
def f(c): return get(c)
f(C())
# operator.attrgetter as a key
import operator
class C:
    @property
    def n(self): return note()
def f(xs): return sorted(xs, key=operator.attrgetter("n"))
f([C()])
# operator.methodcaller changes -> xs
import operator
def f(xs): operator.methodcaller("append", 1)(xs)
f([])
# operator.itemgetter asks __getitem__
import operator
class C:
    def __getitem__(self, k): return note()
def f(c): return operator.itemgetter(0)(c)
f(C())
# operator.iadd -> xs
import operator
def f(xs): operator.iadd(xs, [1])
f([])
# string.Template shows
import string
class C:
    def __str__(self): return str(note())
def f(c): return string.Template("$a").substitute(a=c)
f(C())
# string.Template asks a mapping
import string
class C(dict):
    def __getitem__(self, k): return note()
def f(c): return string.Template("$a").substitute(c)
f(C())
# str.format asks an attribute
class C:
    @property
    def n(self): return note()
def f(c): return "{0.n}".format(c)
f(C())
# str.format asks an element
class C:
    def __getitem__(self, k): return note()
def f(c): return "{0[a]}".format(c)
f(C())
# json object_hook
import json
def f(text): return json.loads(text, object_hook=note)
f('{"a": 1}')
# json encoder class
import json
class E(json.JSONEncoder):
    def default(self, o): return note()
def f(c): return json.dumps(c, cls=E)
f(object())
# a pattern's sub with a function
import re
P = re.compile("a")
def f(text): return P.sub(lambda m: str(note()), text)
f("a")
# collections.Counter hashes
import collections
class C:
    def __hash__(self): return note()
def f(xs): return collections.Counter(xs)
f([C()])
# pprint shows
import pprint
class C:
    def __repr__(self): return str(note())
def f(c): return pprint.pformat([c])
f(C())
# random.sample gives what is changed -> xs
import random
def f(xs): random.sample(xs, 1)[0].append(1)
f([[]])
# math asks __float__
import math
class C:
    def __float__(self): return float(note())
def f(c): return math.sqrt(c)
f(C())
# math.floor asks __floor__
import math
class C:
    def __floor__(self): return note()
def f(c): return math.floor(c)
f(C())
# Context.run or unknown
import contextvars
def f(): contextvars.copy_context().run(note)
f()
# what a context variable gives is changed or unknown
import contextvars
V = contextvars.ContextVar("V")
V.set(LOG)
def f(): V.get().append(1)
f()
# a weak reference's callback or unknown
import weakref
class C: pass
def f():
    c = C()
    r = weakref.ref(c, note)
    del c
f()
# what a weak reference gives is changed -> c or unknown
import weakref
class C: pass
def f(c): weakref.ref(c)().n = 1
f(C())
# atexit gives the function back or unknown
import atexit
def f():
    g = atexit.register(note)
    atexit.unregister(note)
    g()
f()
# a warning category that is shown
import warnings
class W(UserWarning):
    def __str__(self): return str(note())
def f():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try: warnings.warn(W())
        except W as w: str(w)
f()
# a logging filter
import logging
class F(logging.Filter):
    def filter(self, record): return bool(note())
L = logging.getLogger("constructs.filter")
L.addFilter(F())
def f(): L.warning("x")
f()
# logging shows its arguments
import logging, io
class C:
    def __str__(self): return str(note())
L = logging.getLogger("constructs.shown")
L.propagate = False
L.addHandler(logging.StreamHandler(io.StringIO()))
def f(c): L.error("%s", c)
f(C())
# sched or unknown
import sched
def f():
    s = sched.scheduler(lambda: 0, note)
    s.enter(0, 1, note)
    s.run()
f()
# a csv reader goes through an object
import csv
class C:
    def __iter__(self): return iter([str(note())])
def f(c): return list(csv.reader(c))
f(C())
# csv.writer writes to an object
import csv
class C:
    def write(self, text): note()
def f(c): csv.writer(c).writerow([1])
f(C())
# csv.writer shows
import csv, io
class C:
    def __str__(self): return str(note())
def f(c): csv.writer(io.StringIO()).writerow([c])
f(C())
# argparse's type
import argparse
def f():
    p = argparse.ArgumentParser()
    p.add_argument("n", type=note)
    return p.parse_args(["1"])
f()
# argparse's action
import argparse
class A(argparse.Action):
    def __call__(self, parser, namespace, values, option=None): note()
def f():
    p = argparse.ArgumentParser()
    p.add_argument("n", action=A)
    return p.parse_args(["1"])
f()
# a mapping's get
import collections.abc
class M(collections.abc.Mapping):
    def __getitem__(self, k): return note()
    def __iter__(self): return iter(())
    def __len__(self): return 1
def f(m): return m.get("a")
f(M())
# a sequence's iteration
import collections.abc
class S(collections.abc.Sequence):
    def __getitem__(self, i):
        if i > 1: raise IndexError
        return note()
    def __len__(self): return 1
def f(s): return list(s)
f(S())
# a mutable mapping's update
import collections.abc
class M(collections.abc.MutableMapping):
    def __getitem__(self, k): return 1
    def __setitem__(self, k, v): note()
    def __delitem__(self, k): pass
    def __iter__(self): return iter(())
    def __len__(self): return 1
def f(m): m.update(a=1)
f(M())
# a namespace's function
import types
N = types.SimpleNamespace(go=note)
def f(): N.go()
f()
# fractions asks
import fractions
class C:
    def __radd__(self, other): return note()
def f(c): return fractions.Fraction(1) + c
f(C())
# a truth test of an item of a display -> app.B
class C:
    def __bool__(self):
        self.n = 1
        return True
A = B = C()
def f(n):
    if [B, min([A])][n]: return 1
f(0)
# a truth test of what a callable object gives -> app.count
class Counting:
    n = 0
    def __call__(self, *args):
        self.n += 1
        return C()
class C:
    def __len__(self): return 0
count = Counting()
def f(n):
    if count(n): return 1
f(0)
# a comprehension over an item of a display -> app.B
class C:
    def __iter__(self):
        self.n = 1
        return iter([1])
B = C()
def f(n): return [x for x in [B][n]]
f(0)
# an argument that is put where a callee changes what is in there -> xs
ROWS = [[1]]
def last(n): ROWS[-1].append(n)
def deeper(n): last(n)
def f(xs):
    ROWS.extend([xs])
    deeper(1)
f([])
"""
