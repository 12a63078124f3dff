"""What calls what: resolved where a value can be followed, explicitly unknown where not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faasify.model.effects import Analysis

Analysed = Callable[..., Analysis]


COUNTED = "from collections import Counter\nc = Counter('ab')\n"  # what its keys are, nothing says
PUT = "import json\nclass S:\n    def m(self): pass\nt = {}"  # under a key of which nothing is known


def calls(analysis: Analysis, name: str) -> set[str | None]:
    return {call.to for call in analysis.callgraph.calls.get(name, ())}


@pytest.mark.parametrize(
    ("source", "called"),
    [
        ("def g(): pass\ndef f(): g()", {"app.g"}),
        ("def g(): pass\nh = g\ndef f(): h()", {"app.g"}),
        ("def f():\n    def g(): pass\n    g()", {"app.f.<locals>.g"}),
        ("def make():\n    def g(): pass\n    return g\ndef f(): make()()", {"app.make", "app.make.<locals>.g"}),
        ("def g(): pass\nTABLE = {'a': g}\ndef f(k): TABLE[k]()", {"app.g"}),
        ("def g(): pass\ndef f():\n    for h in [g]: h()", {"app.g"}),
        ("def g(): pass\ndef f():\n    a, b = 1, g\n    b()", {"app.g"}),
        ("def g(x): x()\ndef h(): pass\ndef f(): g(h)\nf()", {"app.g"}),
        ("import math\ndef f(x): return math.sin(x)", {"math.sin"}),
        ("from math import sin as s\ndef f(x): return s(x)", {"math.sin"}),
        ("import os\ndef f(a): return os.path.join(a, 'b')", {"os.path.join"}),
        ("def f(): return 'a'.upper()", {"builtins.str.upper"}),
        ("def f():\n    xs = []\n    xs.append(1)", {"builtins.list.append"}),
        ("def f(n): return len(f'{n}')", {"builtins.len"}),
        (
            f"{PUT}\ndef put(k): t[k] = S()\nput(json.loads('1'))\ndef f():\n    for s in t.values(): s.m()",
            {"app.S.m", "builtins.dict.values"},
        ),
        (
            f"{PUT}\ndef put(k): t.setdefault(k, S())\nput(json.loads('1'))\ndef f():\n    for s in t.values(): s.m()",
            {"app.S.m", "builtins.dict.values"},
        ),
        ("class C:\n    @classmethod\n    @property\n    def g(cls): pass\ndef f(): C.g", {"app.C.g"}),  # until Python 3.13
        ("def h(cls): pass\nclass C:\n    g = classmethod(property(h))\ndef f(): C.g", {"app.h"}),
        ("import sys\nk = None\ndef g(): pass\nsys.modules[__name__].__setattr__('k', g)\ndef f(): k()", {"app.g"}),
        ("def f(g): g()", {None}),
        ("def f(x): x.anything()", {None}),
        ("f = lambda: 1\ndef g(): f()\n", set()),
        (COUNTED + "def f(g): g()\ndef h(): pass\nt = {'a': h}\nfor k, n in c.items(): f(t[k])", {"app.h"}),
        (COUNTED + "def f(g): g()\ndef h(): pass\ndef m(t, k): f(t[k.z()])\nfor k in c: m({'a': h}, k)", {"app.h"}),
        (COUNTED + "def f(g): g.h()\nclass C:\n    def h(self): pass\nfor i in c: f([C()][i + 1])", {"app.C.h"}),
    ],
)
def test_calls_of_a_function(analysed: Analysed, source: str, called: set[str | None]) -> None:
    assert calls(analysed(source), "app.f") == called


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def f(s):\n    eval(s)", {2}),
        ("def f():\n    exec('def g(): pass')", {2}),
        ("def f(s):\n    eval('s', s)", {2}),
        ("import importlib\ndef f(s):\n    m = importlib.import_module(s)\n    m.g()", {4}),
        ("import importlib\ndef f(s):\n    m = importlib.import_module('.g', s)\n    m.g()", {4}),
        ("def f(s):\n    m = __import__(s)\n    m.g()", {2, 3}),
        ("import sys\ndef f(s):\n    sys.modules[s].g()", {3}),
        ("def f():\n    globals()['nothing']()", {2}),
        ("class C:\n    @property\n    def p(self): pass\ndef f(o, name):\n    return getattr(o, name)", {5}),
        ("class C:\n    def __getattr__(self, name): pass\ndef f(o, name):\n    return hasattr(o, name)", {4}),
        ("class C:\n    def p(self): pass\ndef f(o, name):\n    return getattr(o, name)", set()),
        ("def f(x):\n    vars(x)['g']()", {2}),
        ("def f(x):\n    x.__dict__['g']()", {2}),
        ("import collections as c\ndef f():\n    d = c.defaultdict(list)\n    d[1].append(f)\n    d[1][0]()", set()),
        ("import subprocess\ndef f():\n    subprocess.run(['ls']).check_returncode()", set()),
    ],
)
def test_names_that_nothing_is_known_of(analysed: Analysed, source: str, lines: set[int]) -> None:
    assert {call.line for call in analysed(source).callgraph.calls["app.f"] if call.to is None} == lines


CLASSES = """
    class A:
        def __init__(self): self.part = Part()
        def go(self): return self.step()
        def step(self): return self.part.turn()
        @property
        def size(self): return measure()
        @classmethod
        def make(cls): return cls()
        @staticmethod
        def plain(): return measure()
    class B(A):
        def step(self): return super().step()
    class Part:
        def turn(self): pass
        def __add__(self, other): return self
        def __enter__(self): return self
        def __exit__(self, *e): pass
        def __call__(self): pass
    def measure(): pass
"""


@pytest.mark.parametrize(
    ("body", "called"),
    [
        ("A().go()", {"app.A.__init__", "app.A.go"}),
        ("A().size", {"app.A.__init__", "app.A.size"}),
        ("A.make().step()", {"app.A.make", "app.A.step"}),
        ("A.plain()", {"app.A.plain"}),
        ("B().step()", {"app.A.__init__", "app.B.step"}),
        ("B.go(B())", {"app.A.__init__", "app.A.go"}),
        ("Part() + Part()", {"app.Part", "app.Part.__add__"}),
        ("Part()()", {"app.Part", "app.Part.__call__"}),
        ("with Part() as p:\n            p.turn()", {"app.Part", "app.Part.__enter__", "app.Part.__exit__", "app.Part.turn"}),
        ("getattr(Part(), 'turn')()", {"app.Part", "app.Part.turn", "builtins.getattr"}),
    ],
)
def test_methods_are_found_through_instances_and_bases(analysed: Analysed, body: str, called: set[str]) -> None:
    assert calls(analysed(CLASSES + f"    def f():\n        {body}\n"), "app.f") - {None} == called


def test_self_calls_reach_the_override_of_the_class_that_is_made(analysed: Analysed) -> None:
    analysis = analysed(CLASSES + "    B().go()\n")
    assert "app.B.step" in calls(analysis, "app.A.go")
    assert calls(analysis, "app.B.step") == {"app.A.step", "builtins.super"}
    assert calls(analysis, "app.A.step") == {"app.Part.turn"}


def test_a_hook_that_is_the_library_s_own_method_comes_to_an_end(analysed: Analysed) -> None:
    analysis = analysed("""
        from html.parser import HTMLParser
        class Parser(HTMLParser):
            reset = HTMLParser.close
            def handle_data(self, data): self.last = data
        def f(): Parser().feed("<a>")
    """)
    assert {"app.Parser.handle_data", "html.parser.HTMLParser.feed"} <= calls(analysis, "app.f")


def test_what_awaits_itself_comes_to_an_end(analysed: Analysed) -> None:
    analysis = analysed("""
        class Ready:
            def __await__(self): return self
            def __next__(self): raise StopIteration(work())
        def work(): return 1
        async def f(): return await Ready()
    """)
    assert calls(analysis, "app.f") == {"app.Ready", "app.Ready.__await__", "app.Ready.__next__"}


def test_what_is_its_own_call_comes_to_an_end(analysed: Analysed) -> None:
    analysis = analysed("""
        class Mock:
            def __init__(self): self.__call__ = self
        def f(): return Mock()()
    """)
    assert calls(analysis, "app.f") == {"app.Mock.__init__"}


def test_descriptors_and_setters_are_called_by_the_assignment(analysed: Analysed) -> None:
    analysis = analysed("""
        class Positive:
            def __set__(self, obj, value): check(value)
            def __get__(self, obj, cls): return 1
        def typed():
            @property
            def prop(self): return 1
            @prop.setter
            def prop(self, value): check(value)
            return prop
        def check(value): pass
        class Item:
            price = Positive()
            name = typed()
            def __setattr__(self, name, value): super().__setattr__(name, value)
        def f():
            item = Item()
            item.price = 1
            item.name = "x"
            return item.price
    """)
    assert calls(analysis, "app.f") == {
        "app.Item",
        "app.Item.__setattr__",
        "app.Positive.__set__",
        "app.Positive.__get__",
        "app.typed.<locals>.prop@9",
    }


def test_annotations_tell_what_a_parameter_is(analysed: Analysed) -> None:
    analysis = analysed(CLASSES + "    def f(p: Part, ps: list['Part']):\n        p.turn()\n        for q in ps: q.turn()\n")
    assert calls(analysis, "app.f") == {"app.Part.turn"}


def test_other_modules_star_imports_and_aliases(analysed: Analysed) -> None:
    analysis = analysed(
        "import util as u\nfrom util import *\nfrom util import a as b\ndef f(): u.a(); b(); c()\n",
        util="def a(): pass\ndef c(): a()\ndef _hidden(): pass\n",
    )
    assert calls(analysis, "app.f") == {"util.a", "util.c"}


def test_decorators_that_the_standard_library_has_are_seen_through(analysed: Analysed) -> None:
    source = "import functools\n@functools.lru_cache(maxsize=None)\ndef g(n): return n\n@functools.cache\ndef h(n): return g(n)\n"
    assert calls(analysed(source), "app.h") == {"app.g"}


def test_a_decorator_of_the_program_puts_its_wrapper_in_place(analysed: Analysed) -> None:
    source = "def deco(fn):\n    def wrapper(*a): return fn(*a)\n    return wrapper\n@deco\ndef g(n): pass\ndef f(): g(1)\n"
    analysis = analysed(source)
    assert calls(analysis, "app.f") == {"app.deco.<locals>.wrapper"}
    assert calls(analysis, "app.deco.<locals>.wrapper") == {"app.g"}


def test_a_callback_is_called_by_who_hands_it_to_the_library(analysed: Analysed) -> None:
    analysis = analysed("def key(x): return x\ndef f(xs): return sorted(xs, key=key)\n")
    assert calls(analysis, "app.f") == {"builtins.sorted", "app.key"}


def test_a_name_that_is_rebound_may_be_either(analysed: Analysed) -> None:
    analysis = analysed("def a(): pass\ndef b(): pass\ndef f(x):\n    g = a if x else b\n    g()\n")
    assert calls(analysis, "app.f") == {"app.a", "app.b"}


def test_definitions_that_share_a_qualname_are_told_apart(analysed: Analysed) -> None:
    analysis = analysed("class C:\n    @property\n    def x(self): return 1\n    @x.setter\n    def x(self, v): pass\n")
    assert set(analysis.functions) == {"app.C.x", "app.C.x@5"}


@pytest.mark.parametrize(
    "source",
    [
        "class C(C): pass",
        "class A(B): pass\nclass B(A): pass\nA().f()",
        "class C:\n    f = lambda self: self.f()\nC().f()",
        "def f(): return f\nf()()()",
        "x = []\nx.append(x)\nfor y in x: y()",
        "x = [1]\nx['a'] = 1\ny = x[1:]\ndef f(a, *r): pass\nf(*x)\n[*y], *z = x, x",
        "x = [*{'a': 1}.values()]\ny = tuple({'b': 1}.items())\na, *b = x\ndef f(a, *r): a, *b = r; r[1:]\nf(*x)\nf(*y)\nx[1:]",
        "def f(*a, **k): return f(*a, f, **k, g=f)\nf()",
        "f = lambda g: g(g)\nf(f)",
        "from nowhere import *\nunknown()",
        "class M(type):\n    def __call__(cls): return super().__call__()\nclass C(metaclass=M): pass\nC()",
        "import app\napp.app.f()",
        "(lambda: (yield))()",
        "match x:\n    case {'a': [1, *rest], **kw}: kw = rest = x\n    case str() | int() as y: y",
        "x: int\nx += 1\ndel x",
        "try: pass\nexcept* ValueError as e: e.add_note('')",
        "print(*[1], **{})\nsuper().x",
        "class A:\n    class B:\n        x = [y for y in [1]]\n    B().x",
        "+".join(["x"] * 900),
    ],
)
def test_odd_programs_are_analysed(analysed: Analysed, source: str) -> None:
    assert analysed(source).callgraph.definitions


def test_a_stream_of_the_program_that_may_hold_itself_is_asked_once_at_each_place(analysed: Analysed) -> None:
    """What it holds is asked for the same method again, without end."""
    source = """
        import io
        class S(io.TextIOWrapper):
            def flush(self): note()
        def note(): pass
        def f(x):
            s = S(x)
            while x:
                s = S(s)
                s.write("x")
                s.close()
    """
    analysis = analysed(source)
    assert {"app.S.flush", "io.TextIOWrapper.write", "io.TextIOWrapper.close"} <= calls(analysis, "app.f")
    assert {effect.kind for effect in analysis.functions["app.f"].effects} >= {"files"}
