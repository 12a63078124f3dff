"""What the analysis does not foresee yet, and what it once did not: a minimal program for each, and the parts of the grammar that show it.

The programs of `GAPS` are expected failures in test_effects_generated.py, and their parts are left out of the programs that have to be
sound; once one of them is right, it moves to `CLOSED`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Gap:
    """`words`: a template with one of them is left out of programs without gaps; `parts` of programs likewise."""

    name: str
    source: str
    words: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


GAPS: tuple[Gap, ...] = ()

CLOSED = (
    Gap(
        "type(x)(...) calls x's class",
        "YS = []\nclass C:\n    def __init__(self): YS.append(1)\nC1 = C()\ndef f(): return type(C1)()\nf()",
        ("type(",),
    ),
    Gap(
        "a property that changes its object",
        "class C:\n    n = 0\n    @property\n    def total(self):\n        self.n += 1\nOBJ = C()\ndef f(): return OBJ.total\nf()",
        ("$obj.total",),
    ),
    Gap(
        "a list in the class, through an instance",
        "class C:\n    shared = []\n    def add(self, n): self.shared.append(n)\ndef f(c): c.add(1)\nf(C())",
        ("$obj.shared",),
    ),
    Gap(
        "an attribute of the class that a class method is called on",
        "class C:\n    made = 0\n    @classmethod\n    def make(cls): cls.made += 1\nclass D(C): pass\ndef f(): D.make()\nf()",
        ("Base.make(", "Sub.make("),
    ),
    Gap(
        "a mutable default, for the caller",
        "def g(n, seen=[]): seen.append(n)\ndef f(): g(1)\nf()",
        ("remember($int)",),
        ("default",),
    ),
    Gap("a loop that uses up an iterator", "def f(it):\n    for _ in it: pass\nf(iter([1]))", ("sum($it)", "list($it)", "in $it")),
    Gap(
        "what is passed on by *args",
        "class C:\n    def __init__(self, fn): self.fn = fn\n    def __call__(self, *args): return self.fn(*args)\n"
        "@C\ndef f(xs): xs.append(1)\nf([])",
        ("put(*[",),
        ("times", "Counting", "logged"),
    ),
    Gap(
        "an element of a copy, by a slice",
        "ROWS = [[1]]\ndef f():\n    list(ROWS)[0][:1] = [9]\nf()",
        ("$rows[0][:1]",),
    ),
    Gap(
        "a special method that a library function calls and that changes its object",
        "class C:\n    n = 0\n    def __iter__(self):\n        self.n += 1\n        return iter([1])\n"
        "OBJ = C()\ndef f(): return list(OBJ)\nf()",
        ("list($obj)", "iter($obj)", "len($obj)", "str($obj)", 'f"{$obj}"', "print($obj)", "in $obj"),
    ),
    Gap("an element of a copy of a copy", "D = {'a': [1]}\ndef f(): dict(dict(D)).setdefault('a', []).append(1)\nf()", ("dict($table)",)),
    Gap(
        "an object that operator.setitem puts into a container",
        "import operator\nXS, D = [1], {}\ndef f():\n    operator.setitem(D, 'a', XS)\ndef g(): D['a'].append(1)\nf(); g()",
    ),
    Gap(
        "what json.dumps calls with an object in a container",
        "import json\nN = 1\nclass C:\n    def __str__(self): return str(N)\ndef f(c): return json.dumps({'a': [c]}, default=str)\nf(C())",
    ),
    Gap(
        "the length that is asked for as a hint",
        "YS = []\nclass C:\n    def __len__(self):\n        YS.append(1)\n        return 1\n    def __iter__(self): return iter([1])\n"
        "C1 = C()\ndef g(*xs): pass\ndef f(): return [*C1]\ndef h(): g(*C1)\ndef k():\n    xs = [1]\n    xs[:] = C1\nf(); h(); k()",
    ),
    Gap(
        "what a generator expression does, for who goes through it",
        "XS = []\ndef h(v):\n    print(v)\n    return XS.append(v) or 1\ndef f(it): return sum(it)\nf(h(v) for v in [1])",
    ),
    Gap(
        "a cached property is kept in the object",
        "import functools\nclass C:\n    @functools.cached_property\n    def cost(self): return 1\nC1 = C()\ndef f(): return C1.cost\nf()",
    ),
    Gap(
        "an object on the right of an operator, or in a text",
        "class C:\n    n = 0\n    def __radd__(self, other):\n        self.n += 1\n        return 1\n"
        "    def __str__(self):\n        self.n += 1\n        return ''\n"
        "    def __gt__(self, other):\n        self.n += 1\n        return True\n"
        "C1 = C()\ndef f(): return 1 + C1\ndef g(): return '%s' % C1\ndef h(): return 1 < C1\nf(); g(); h()",
    ),
    Gap(
        "what a call in a class statement gives, in a function",
        "YS = []\ndef f():\n    class Local:\n        seen = (lambda xs=YS: xs)()\n"
        "        def add(self, v): self.seen.append(v)\n    Local().add(1)\nf()",
    ),
    Gap(
        "a class in the second of two functions of one name",
        "class C:\n    @property\n    def n(self): return 1\n    @n.setter\n    def n(self, v):\n"
        "        class Local:\n            seen = []\n            def add(self, v): self.seen.append(v)\n        Local().add(v)\nC().n = 1",
    ),
    Gap(
        "what a generator yields, what a callback gives to an iterator, what is put in by name",
        "class C: pass\ndef gen(a): yield a\ndef f(xs): list(gen(xs))[0].append(1)\ndef g(xs): next(map(lambda a: a, [xs])).append(1)\n"
        "def h(xs):\n    c = C()\n    setattr(c, 'z', xs)\n    c.z.append(1)\ndef k(xs): dict(a=xs).popitem()[1].append(1)\n"
        "f([]); g([]); h([]); k([])",
    ),
    Gap(
        "an object that is unpacked, a key, an element that is compared",
        "class C:\n    n = 0\n    def __iter__(self):\n        self.n += 1\n        return iter([1, 2])\n"
        "    def __hash__(self):\n        self.n += 1\n        return 1\n"
        "    def __eq__(self, other):\n        self.n += 1\n        return True\n"
        "def f(c): a, b = c\ndef g(c): return {c: 1}\ndef h(c): return [c] == [1]\nf(C()); g(C()); h(C())",
    ),
)
