"""What functions touch: globals, arguments, captured variables, hidden state and the outside; and what must not be claimed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faasify.model.effects import Analysis, FunctionFacts

Analysed = Callable[..., Analysis]


def facts(analysis: Analysis, name: str = "app.f") -> FunctionFacts:
    return analysis.functions[name]


ORDERING = "x = 1\nclass M(type):\n    def mro(cls):\n        global x\n        x = 2\n        return type.mro(cls)\n"


@pytest.mark.parametrize(
    ("source", "reads", "writes"),
    [
        ("x = 1\ndef f(): return x", ("app.x",), ()),
        ("x = 1\ndef f():\n    global x\n    x = 2", (), ("app.x",)),
        ("x = 1\ndef f():\n    global x\n    x += 2", ("app.x",), ("app.x",)),
        ("x = 1\ndef f():\n    global x\n    del x", (), ("app.x",)),
        ("x = 1\ndef f():\n    global x\n    for x in []: pass", (), ("app.x",)),
        ("x = 1\ndef f():\n    global x\n    def x(): pass", (), ("app.x",)),
        ("x = 1\ndef f():\n    return [(y, x) for y in [1]]", ("app.x",), ()),
        ("def f():\n    global new\n    new = 1", (), ("app.new",)),
        ("x = 1\ndef g(): return x\ndef f(): g()", ("app.x",), ()),
        ("import util\ndef f(): util.level = util.x", ("util.x",), ("util.level",)),
        ("import __main__\nx = y = 1\ndef f(): __main__.y = __main__.x", ("app.x",), ("app.y",)),
        ("x = 1\ndef f():\n    import __main__\n    return __main__.x", ("app.x",), ()),
        ("class C: n = 0\ndef f(): setattr(type(C()), 'n', 1)", (), ("app.C.n",)),
        ("class C: n = 0\ndef f(): delattr(type(C()), 'n')", (), ("app.C.n",)),
        (ORDERING + "def f():\n    class C(metaclass=M): pass", (), ("app.x",)),
        (ORDERING + "def f(): return M('C', (), {})", (), ("app.x",)),
    ],
)
def test_globals(analysed: Analysed, source: str, reads: tuple[str, ...], writes: tuple[str, ...]) -> None:
    found = facts(analysed(source, util="x = level = 1\n"))
    assert (found.reads, found.writes) == (reads, writes)


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    x = 1\n    return x",
        "x = 1\ndef f(x): return x",
        "x = 1\ndef f():\n    def g(x): return x\n    return [x for x in [1]]",
        "def g(): pass\ndef f(): return g",
        "import math\ndef f(): return math",
        "class C: pass\ndef f(): return C()",
    ],
    ids=["a local", "a parameter", "a comprehension's variable", "a function", "a module", "a class"],
)
def test_is_no_global_that_is_read(analysed: Analysed, source: str) -> None:
    found = facts(analysed(source))
    assert (found.reads, found.writes) == ((), ())


@pytest.mark.parametrize(
    ("source", "mutates"),
    [
        ("def f(xs): xs.append(1)", ("xs",)),
        ("def f(xs): xs[0] = 1", ("xs",)),
        ("def f(xs): del xs[0]", ("xs",)),
        ("def f(xs):\n    a, *b = xs\nf(iter([1]))", ("xs",)),
        ("def f(xs): return 1 in xs\nf(iter([1]))", ("xs",)),
        ("def f(xs):\n    a, *b = xs\n    return 1 in xs\nf([1])", ()),
        ("def f(o): type(o).n = 1", ("o",)),
        ("def f(o): return type(o).n", ()),
        ("def f(o): o.name = 1", ("o",)),
        ("def f(o): o.a.b[1].c = 1", ("o",)),
        ("def f(xs):\n    ys = xs\n    ys.append(1)", ("xs",)),
        ("def f(xs):\n    for row in xs: row[0] = 1", ("xs",)),
        ("def f(d):\n    for k, v in d.items(): v.append(k)", ("d",)),
        ("def f(xs): xs += [1]", ("xs",)),
        ("import heapq\ndef f(heap): heapq.heappush(heap, 1)", ("heap",)),
        ("import random\ndef f(xs): random.shuffle(xs)", ("xs",)),
        ("def g(ys): ys.append(1)\ndef f(xs): g(xs)", ("xs",)),
        ("def g(n, ys): ys.append(n)\ndef f(xs): g(ys=xs, n=1)", ("xs",)),
        ("log = []\ndef f(): log.append(1)", ("app.log",)),
        ("log = []\ndef g(ys): ys.append(1)\ndef f(): g(log)", ("app.log",)),
        ("class C:\n    def add(self): self.n = 1\nc = C()\ndef f(): c.add()", ("app.c",)),
        ("class C: n = 0\ndef f(): C.n += 1", ("app.C",)),
        ("def f(xs):\n    with open(xs) as g: pass", ()),
        (  # what a callee gives of a variable that this function has bound
            "xs, ys = [[]], [[]]\ndef get(): return ys[0]\ndef f():\n    global ys\n    ys = xs\n    get().append(1)",
            ("app.xs", "app.ys"),
        ),
    ],
)
def test_what_is_changed_in_place(analysed: Analysed, source: str, mutates: tuple[str, ...]) -> None:
    assert facts(analysed(source)).mutates == mutates


@pytest.mark.parametrize(
    "source",
    [
        "def f(n): n += 1\n",
        "def f(xs):\n    xs = []\n    return len(xs)",
        "def f(xs):\n    ys = list(xs)\n    ys.append(1)",
        "import copy\nXS = [1]\ndef f():\n    ys = copy.copy(XS)\n    ys.append(1)",
        "class C:\n    def __init__(self, xs=None): self.xs = [] if xs is None else xs\ndef f(): C().xs.append(1)",
        "def f(xs):\n    ys = xs[1:]\n    ys.append(1)",
        "def f(xs): return sorted(xs)",
        "def f(s): return s.upper()",
        "def f():\n    xs = []\n    xs.append(1)",
        "def g(ys): return ys\ndef f(xs): g(xs)",
        "class Bag:\n    def append(self, x): return x\ndef f(b): b.append(1)",
    ],
    ids=["a number", "rebound", "list()", "copy.copy", "no default", "a slice", "sorted", "of str", "a local", "only read", "own method"],
)
def test_is_not_changed_in_place(analysed: Analysed, source: str) -> None:
    found = facts(analysed(source))
    assert found.mutates == () or source.startswith("def f(xs):\n    xs = []")


def test_captured_variables(analysed: Analysed) -> None:
    analysis = analysed("def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n    g()\n")
    assert facts(analysis, "app.f.<locals>.g").mutates == ("n",)
    assert facts(analysis).mutates == ()


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("print('x')", {"stdout"}),
        ("print('x', file=sys.stderr)", {"stderr"}),
        ("print('x', file=None)", {"stdout"}),
        ("print('x', file=io.StringIO())", set()),
        ("sys.stdout.write('x')", {"stdout"}),
        ("sys.stdout.buffer.write(b'x')", {"stdout"}),
        ("input()", {"stdin", "stdout"}),
        ("sys.stdin.readline()", {"stdin"}),
        ("for line in sys.stdin: pass", {"stdin"}),
        ("sys.argv[1]", {"hidden.argv"}),
        ("argv", {"hidden.argv"}),
        ("os.environ['HOME']", {"hidden.environ"}),
        ("os.getenv('HOME')", {"hidden.environ"}),
        ("random.seed(1)", {"hidden.random"}),
        ("random.Random(1).random()", set()),
        ("decimal.Decimal(1)", {"hidden.decimal"}),
        ("time.time()", {"clock"}),
        ("datetime.datetime.now()", {"clock"}),
        ("datetime.date(2024, 1, 1).isoformat()", set()),
        ("time.sleep(1)", {"sleep"}),
        ("os.urandom(3)", {"entropy"}),
        ("sys.exit(1)", {"exit"}),
        ("raise SystemExit(1)", {"exit"}),
        ("open('x')", {"files"}),
        ("open('x').read()", {"files"}),
        ("pathlib.Path('x').read_text()", {"files"}),
        ("pathlib.Path('x').name", set()),
        ("os.path.exists('x')", {"files"}),
        ("os.path.join('x', 'y')", set()),
        ("socket.socket()", {"network"}),
        ("subprocess.run(['ls'])", {"subprocess"}),
        ("os.fork()", {"processes"}),
        ("threading.Thread().start()", {"threads"}),
        ("threading.Lock()", {"locks"}),
        ("signal.alarm(1)", {"signals"}),
        ("eval('1')", {"namespace"}),
        ("sys._getframe()", {"introspection"}),
        ("ctypes.CDLL(None)", {"ctypes"}),
        ("logging.info('x')", {"logging"}),
        ("logging.getLogger('x').info('x')", {"logging"}),
        ("logging.basicConfig(level=10)", {"logging"}),
        ("logging.basicConfig(filename='x')", {"logging", "files"}),
        ("logging.FileHandler('x')", {"logging", "files"}),
        ("warnings.warn('x')", {"warnings"}),
        ("os.chdir('x')", {"cwd"}),
        ("os.getcwd()", {"hidden.cwd"}),
        ("locale.setlocale(0, '')", {"locale"}),
        ("sys.setrecursionlimit(9)", {"settings"}),
        ("os.write(1, b'x')", {"descriptors"}),
        ("sys.stdout = None", {"library"}),
        ("import util", {"imports"}),
        ("import math", set()),
        ("undescribed_library.call()", {"undescribed"}),
        ("re.sub('a', lambda m: m.group(), 'x')", set()),
        ("collections.Counter('abc').most_common(1)", set()),
        ("json.dumps({})", set()),
    ],
)
def test_kinds_of_effects(analysed: Analysed, body: str, kinds: set[str]) -> None:
    modules = "collections ctypes datetime decimal io json locale logging os pathlib random re signal socket subprocess sys threading time"
    modules += " warnings"
    source = f"import {', '.join(modules.split())}, undescribed_library\nfrom sys import argv\ndef f():\n    {body}\n"
    assert {effect.kind for effect in facts(analysed(source, util="")).effects} == kinds


def test_an_effect_of_a_callee_says_the_way_and_the_line(analysed: Analysed) -> None:
    found = facts(analysed("def h():\n    print(1)\ndef g(): h()\ndef f(): g()\n"))
    assert [(e.kind, e.what, e.line, e.via) for e in found.effects] == [("stdout", "print", 2, ("app.g", "app.h"))]


def test_recursion_shares_its_effects(analysed: Analysed) -> None:
    analysis = analysed("def f(n):\n    if n: g(n)\ndef g(n):\n    print(n)\n    f(n - 1)\n")
    assert [e.kind for e in facts(analysis).effects] == [e.kind for e in facts(analysis, "app.g").effects] == ["stdout"]


def test_imports_and_library_name_what_a_unit_may_resolve(analysed: Analysed) -> None:
    analysis = analysed(
        "import os.path\nfrom math import sin\nfrom collections import abc\ndef f(x): return os.path.join(sin(x), len(x), abc.Sized)\n"
    )
    assert analysis.imports == ("collections", "collections.abc", "math", "os", "os.path")
    assert analysis.library == ("builtins:len", "collections.abc:Sized", "math:sin", "os.path:join")
    assert facts(analysis).imports == ("collections.abc", "math", "os", "os.path")


def test_the_closure_holds_what_is_named_not_only_what_is_called(analysed: Analysed) -> None:
    analysis = analysed("class C:\n    def m(self): g()\ndef g(): pass\ndef h(): pass\ndef other(): pass\ndef f(): return [C, h]\n")
    assert set(facts(analysis).closure) == {"app.f", "app.C", "app.C.m", "app.g", "app.h"}


LOUD = """
class C:
    def __bool__(self): print(); return True
    def __setitem__(self, key, value): print()
    def __delitem__(self, key): print()
    def __iadd__(self, other): print(); return self
    def __rmul__(self, other): print(); return self
class Long:
    def __len__(self): print(); return 1
"""


@pytest.mark.parametrize(
    "source",
    [
        "any([C()])",
        "all([Long()])",
        "list(filter(None, [C()]))",
        "operator.setitem(C(), 1, 2)",
        "operator.delitem(C(), 1)",
        "operator.iadd(C(), 1)",
        "operator.imul(2, C())",
        "operator.mul(2, C())",
        "operator.not_(C())",
        "operator.truth(Long())",
    ],
)
def test_functions_of_the_library_that_ask_objects_of_the_program(analysed: Analysed, source: str) -> None:
    found = facts(analysed(f"import operator\n{LOUD}\ndef f(): {source}"))
    assert {effect.kind for effect in found.effects} == {"stdout"}


@pytest.mark.parametrize(
    "source",
    [
        "def f(): asyncio.run(get()).append(1)",
        "async def f(): (await asyncio.wait_for(asyncio.create_task(get()), 9)).append(1)",
        "async def f():\n    for each in await asyncio.gather(get(), get()): each.append(1)",
        "async def f():\n    for each in asyncio.as_completed([get()]): (await each).append(1)",
        "async def f():\n    queue = asyncio.Queue()\n    await queue.put(G)\n    (await queue.get()).append(1)",
        "async def f(): (await asyncio.to_thread(lambda: G)).append(1)",
        "async def f():\n    task = asyncio.create_task(get())\n    task.add_done_callback(lambda _: G.append(1))",
    ],
)
def test_what_asyncio_gives_is_whose_it_was(analysed: Analysed, source: str) -> None:
    found = facts(analysed(f"import asyncio\nG = []\nasync def get(): return G\n{source}"))
    assert found.mutates == ("app.G",)


def test_who_makes_a_dataclass_asks_descriptors_for_the_defaults_of_fields(analysed: Analysed) -> None:
    descriptor = "class D:\n    def __get__(self, obj, cls=None): print()\n    def __set__(self, obj, value): pass\n"
    made = "from dataclasses import dataclass\ndef f():\n    @dataclass\n    class C:\n        n: int = D()\n"
    assert "stdout" in {effect.kind for effect in facts(analysed(descriptor + made)).effects}
