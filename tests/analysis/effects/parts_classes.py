"""The classes of a generated program: the methods that Base may have, what Sub and the mixin override, what calls a method from outside."""

from __future__ import annotations

# name, header (self and an int named n where there is one), the result; methods of Base that Sub may override.
METHODS = [
    ("step", "def step(self, n):", "$int"),
    ("note", "def note(self, n=1, *rest):", "None"),
    ("total", "@property\ndef total(self):", "$int"),
    ("total", "@total.setter\ndef total(self, n):", "None"),
    ("__len__", "def __len__(self):", "len(self.items)"),
    ("__getitem__", "def __getitem__(self, n):", "$int"),
    ("__setitem__", "def __setitem__(self, key, n):", "None"),
    ("__call__", "def __call__(self, n):", "$int"),
    ("__add__", "def __add__(self, n):", "$int"),
    ("__iadd__", "def __iadd__(self, n):", "self"),
    ("__contains__", "def __contains__(self, n):", "$int > 3"),
    ("__str__", "def __str__(self):", "'<%d>' % self.n"),
    ("__iter__", "def __iter__(self):", "iter(self.items[:2])"),
    ("__bool__", "def __bool__(self):", "self.n % 2 == 0"),
    ("__eq__", "def __eq__(self, other):", "self is other"),
    ("__hash__", "def __hash__(self):", "1"),
    ("__lt__", "def __lt__(self, other):", "self.n < other.n"),
    ("__radd__", "def __radd__(self, n):", "$int"),
    ("__int__", "def __int__(self):", "self.n % 7"),
    ("__index__", "def __index__(self):", "self.n % 7"),
    ("__abs__", "def __abs__(self):", "$int"),
    ("__neg__", "def __neg__(self):", "$int"),
    ("__repr__", "def __repr__(self):", "'<Base>'"),
    ("__format__", "def __format__(self, spec):", "'base'"),
    ("__reversed__", "def __reversed__(self):", "reversed(self.items[:2])"),
    ("__delitem__", "def __delitem__(self, n):", "None"),
    ("__enter__", "def __enter__(self):", "self.items"),
    ("__exit__", "def __exit__(self, *info):", "False"),
    ("__getattr__", "def __getattr__(self, name):\n    if name != 'lost': raise AttributeError(name)", "3"),
]
TOGETHER = [("__eq__", "__hash__"), ("__enter__", "__exit__")]

CLASS = """
class Base:
    made = 0
    shared = []
    def __init__(self, n, items=None):
        self.n = n
        self.items = [] if items is None else items
        self.link = self
        $init
    @classmethod
    def make(cls, n):
        cls.made += 1
        return cls(n)
    @staticmethod
    def twice(n):
        return n * 2
"""

SUB_INIT = """
def __init__(self, n, items=None):
    super().__init__(n, items)
    $init
"""

MIXIN = """
class Noted:
    noted = []
    def step(self, n):
        self.noted.append(n)
        return super().step(n)
    def note(self, n=1, *rest):
        $effect

class Both(Noted, Sub):
    pass
"""

# What the program's end calls, by method.
DIRECT_METHODS = {
    "step": "OBJ.step(i)",
    "note": "OBJ.note(i)",
    "total": "OBJ.total = i; OBJ.total",
    "__len__": "len(OBJ)",
    "__getitem__": "OBJ[i]",
    "__setitem__": "OBJ[i] = i",
    "__call__": "OBJ(i)",
    "__add__": "OBJ + i",
    "__iadd__": "OTHER += i",
    "__contains__": "i in OBJ",
    "__str__": "str(OBJ)",
    "__iter__": "list(OBJ)",
    "__bool__": "bool(OBJ)",
    "__eq__": "OBJ == OTHER",
    "__hash__": "hash(OBJ)",
    "__lt__": "OBJ < OTHER",
    "__radd__": "i + OBJ",
    "__int__": "int(OBJ)",
    "__index__": "operator.index(OBJ)",
    "__abs__": "abs(OBJ)",
    "__neg__": "-OBJ",
    "__repr__": "repr(OBJ)",
    "__format__": "format(OBJ)",
    "__reversed__": "list(reversed(OBJ))",
    "__delitem__": "del OBJ[i]",
    "__enter__": "with OBJ: pass",
    "__getattr__": "OBJ.lost",
}
