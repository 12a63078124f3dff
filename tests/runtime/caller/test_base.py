"""Calls on a base: nothing stale is ever seen, whatever the program does between two calls."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from faasify.runtime.caller.base import _keeps
from faasify.runtime.caller.closed import Facts
from tests.harness import Run

from .conftest import Build, both_ways

Make = Callable[..., Build]

BETWEEN = """
import builtins, contextlib, functools, io, math, os, sys
import part
from part import shared
class Thing:
    kinds = ["a"]
    limit = 5
    def __init__(self, x): self.x = x
    def size(self): return self.x * self.limit + len(self.kinds)
    def __repr__(self): return f"Thing({self.x})"
    @property
    def twice(self): return self.x * 2
class Heir(Thing):
    def size(self): return -1
scale, items, table, thing, nested = 2, [1, 2], {"k": [1]}, Thing(3), (1, [2])
def helper(x, by=[1], *, k={"z": 1}): return x + len(by) + len(k) + getattr_free.mark
def getattr_free(): pass
getattr_free.mark = 0
def pure(x): return x + 1
def reads(x): return x * scale, len(items), sum(items), table["k"], thing.size(), thing.twice, nested, helper(x), fresh_or_none()
def fresh_or_none():
    try: return fresh
    except NameError: return None
def aliases(x): return items is shared, table["k"] is shared, x is items
def prints(x): print("printed", x, len(items)); return x
def cells():
    free = [0]; count = 0
    def reader(x): return x, free, count
    def writer(v):
        nonlocal count
        free.append(v); count = v
    return reader, writer
reader, writer = cells()
def method_of(obj): return obj.size(), type(obj).__name__
def handled(x):
    try: raise
    except RuntimeError: return "none"
    except BaseException as e: return type(e).__name__, x
def imported(x): return part.double(x), part.offset
def here(x): return os.path.basename(os.getcwd()), os.environ.get("BETWEEN"), sys.argv[1:], x
def digits(x): return math.floor(x * 1.5), math.pi, divmod(x, 2)

def everything():
    out = [pure(1), reads(1), aliases(items), prints(1), reader(1), method_of(thing), method_of(Heir(1)), handled(1), imported(1)]
    out.append(digits(3))
    if settled: out.append(here(1))
    print(out)
settled = False
for _ in range(5): everything()
settled = True
for _ in range(5): everything()
"""
STEPS = """
scale = 3
scale = True
items.append(3)
items = [1, 2, 3]
items[0] = 1.0
table["k"].append(2)
table["k"] = items
table["k"] = shared; items = shared
items = list(shared)
del table["k"][0]
thing.x = 4
thing.limit = 1
Thing.limit = 6
Thing.kinds.append("b")
Thing.size = lambda self: "patched"
Thing.twice = property(lambda self: self.x * 200)
thing.__class__ = Heir
thing = Thing(7)
nested[1].append(3)
nested = (1, [2])
helper.__defaults__ = ([1, 2, 3],)
helper.__kwdefaults__["y"] = 2
helper.__defaults__[0].append(0)
getattr_free.mark = 100
helper = lambda x: "another"
fresh = "now it is there"
del fresh
len = lambda x: 41
del len
sum = max
del sum
writer(5)
part.offset = 9
part.double = lambda x: "patched"
pure.__code__ = (lambda x: "other code").__code__
pure = lambda x: "lambda"
def pure(x): return "new"
Thing.__bases__ = (Other,)
shared.append(Thing(1))
os.environ["BETWEEN"] = "set"
sys.argv.append("more")
os.makedirs("below", exist_ok=True); os.chdir("below")
"""


def test_nothing_that_happens_between_two_calls_is_missed(build: Make) -> None:
    """Each step is one statement of the program's, with calls of all functions on both sides of it."""
    begin = textwrap.dedent(BETWEEN).replace("import part\n", "import part\nclass Other: extra = 1\n", 1)
    begin = begin.replace("class Thing:", "class Root: pass\nclass Thing(Root):", 1)
    steps = "".join(f"{step}\neverything(); everything()\n" for step in STEPS.strip().splitlines())
    rest = """
    try: raise KeyError(1)
    except KeyError: everything()
    everything()
    with contextlib.redirect_stdout(io.StringIO()) as text: everything(); everything()
    print(len(text.getvalue()))
    sys.stdout.reconfigure(errors="backslashreplace", encoding="ascii")
    def prints(x): print("\\u00e9", x)
    for _ in range(4): everything()
    divmod_, builtins.divmod = divmod, lambda a, b: "patched"
    everything()
    builtins.divmod = divmod_
    everything()
    """
    program = build(
        {"app.py": begin + steps + textwrap.dedent(rest), "part.py": "shared = [1]\noffset = 1\ndef double(x): return 2 * x + offset\n"},
        select="app.pure,app.reads,app.aliases,app.prints,app.method_of,app.handled,app.imported,app.here,app.digits,app.Thing.size",
    )
    both_ways(program, Run(env={"PYTHONIOENCODING": "utf-8"}))


def test_what_a_call_changes_is_there_for_the_next(build: Make) -> None:
    program = build(
        """
        total, seen, cache = 0, [], {}
        class Counter:
            made = 0
            def __init__(self): self.n = 0
            def count(self, by=1): self.n += by; Counter.made += 1; return self.n
        def add(x):
            global total
            total += x
            return total
        def note(x): seen.append(x); return len(seen)
        def fib(n):
            if n < 2: return n
            if n not in cache: cache[n] = fib(n - 1) + fib(n - 2)
            return cache[n]
        def default(x, acc=[]): acc.append(x); return list(acc)
        def attribute(): attribute.n = getattr(attribute, "n", 0) + 1; return attribute.n
        def argument(xs, d): xs.append(len(xs)); d[len(xs)] = xs; return xs
        def fails(x): seen.append(x); raise ValueError(x)
        def prints(x): print(x, end=""); print("!"); return x
        c, xs, d = Counter(), [], {}
        for i in range(12):
            print(add(i), note(i), fib(i), default(i), attribute(), argument(xs, d) is xs, c.count(i), Counter.made, prints(i))
            try: fails(i)
            except ValueError as e: print(e)
        print(total, seen, cache, d, xs, c.n, default.__defaults__)
        """
    )
    both_ways(program)


def test_arguments_that_lead_out_of_what_is_closed(build: Make) -> None:
    """The code names nothing of the library; what it is handed does."""
    program = build(
        """
        import io, logging, random
        def use(it, x): it.warning("%s", x); return x
        def draw(it): return it.random()
        def call(fn, x): return fn(x)
        def write(it, x): return it.write(x), it.getvalue()
        text, logger = io.StringIO(), logging.getLogger("mine")
        logger.addHandler(logging.StreamHandler(text))
        own, random_state = random.Random(1), random.seed(2)
        for n in range(5):
            print(use(logger, n), text.getvalue().splitlines(), draw(own), draw(random), call(random.randrange, 1000), call(str, n))
            print(write(text, str(n)), call(lambda x: x + n, 1))
        """,
        select="app.use,app.draw,app.call,app.write",
    )
    both_ways(program)


def test_two_functions_in_turn(build: Make) -> None:
    """Each has a base of its own in the same worker; what one of them changes the other one sees."""
    program = build(
        """
        state = {"n": 0, "big": list(range(50))}
        def bump(): state["n"] += 1; return state["n"]
        def peek(k): return state[k] if k == "n" else sum(state[k])
        def pure(x): return x * 2
        for i in range(30):
            print(peek("n"), pure(i), peek("big"), pure("x"), pure([i]))
            if i % 7 == 0: print(bump())
        """
    )
    both_ways(program)
    assert {"app.bump", "app.peek", "app.pure"} <= set(program.report["functions_remote"])


def test_a_base_is_sent_once(build: Make) -> None:
    program = build(
        """
        table = {i: str(i) for i in range(2000)}
        class P:
            def __init__(self, x): self.x = x
            def get(self, k): return table[k] + self.x
        def look(k): return table[k]
        p = P("!")
        print(sum(len(look(i)) for i in range(200)), sum(len(p.get(i)) for i in range(200)))
        """,
        select="app.look,app.P.get",
    )
    both_ways(program)
    units = program.report["units"]
    assert units["app.look"]["calls_remote"] == units["app.P.get"]["calls_remote"] == 200
    whole = 2000 * 5  # bytes of the table, at the very least
    assert units["app.look"]["bytes_sent"] < 20 * whole and units["app.P.get"]["bytes_sent"] < 20 * whole


def test_the_depth_that_is_left_is_the_callers(build: Make) -> None:
    program = build(
        """
        import sys
        def deepest(n):
            try: return deepest(n + 1)
            except RecursionError: return n
        def sizes(x, *more, key=0, **named): return x, more, key, named
        def nested(n): return deepest(0) if n == 0 else nested(n - 1)
        for n in range(6): print(deepest(0), nested(n * 20), sizes(n), sizes(n, n, key=n), sizes(n, z=n), sizes(*[n] * (n + 1)))
        sys.setrecursionlimit(1200)
        for n in range(6): print(deepest(0), nested(n * 20), sizes(n), sizes(n, key=n))
        """,
        select="app.deepest,app.sizes",
    )
    both_ways(program)


def test_finalisers_run_when_they_did(build: Make) -> None:
    """What a call has looked at is not kept alive for the next."""
    program = build(
        """
        import weakref
        class Node:
            def __init__(self, n): self.n = n
        class Told:
            def __init__(self, n): self.n = n
            def __del__(self): print("gone", self.n)
        holder = [Node(1)]
        def peek(x): return len(holder), x
        for i in range(6): peek(i)
        weakref.finalize(holder[0], print, "finalised")
        print("clearing")
        holder.clear()
        print("cleared")
        for i in range(6): peek(i)
        holder.append(Told(2))
        peek(1)
        print("popping")
        holder.pop()
        print("popped")
        for i in range(6): peek(i)
        """,
        select="app.peek",
    )
    both_ways(program)


def test_threads_on_bases(build: Make) -> None:
    program = build(
        """
        import threading
        limits, lock = {"n": 1}, threading.Lock()
        def look(x): return x * limits["n"]
        def work(start):
            for x in range(start, start + 40):
                n = limits["n"]
                value = look(x)
                if value != x * n and value != x * limits["n"]: print("stale", x, value)
                if x % 10 == 0: limits["n"] += 1
        threads = [threading.Thread(target=work, args=(100 * i,)) for i in range(4)]
        for t in threads: t.start()
        for t in threads: t.join()
        print(limits)
        """,
        select="app.look",
    )
    both_ways(program)


def test_a_warning_that_nobody_sees_costs_no_base(build: Make) -> None:
    program = build(
        """
        import signal, sys
        open(sys.argv[0]).read()
        assert "__warningregistry__" in globals()
        def f(x): return x
        for i in range(100): f(i)
        """,
        select="app.f",
    )
    program.same(remote=["app.f"])
    assert program.report["units"]["app.f"]["bytes_sent"] < 100 * 150


def test_filters_that_the_program_has_set_belong_to_the_base(build: Make) -> None:
    program = build(
        """
        import re, signal, warnings
        warnings.filterwarnings("ignore", "x .*")
        warnings.filterwarnings("ignore", "own", category=DeprecationWarning, module="ap+")
        def f(x):
            if x == 50: warnings.warn("x is ignored")
            if x > 95: warnings.warn("shown")
            return x
        def closed(x): return x + 1
        def library(x): return re.sub("1", "2", str(x))
        for i in range(100): f(i), closed(i), library(i)
        warnings.filterwarnings("error", "shown")
        for i in 94, 96, 97:
            try: print(f(i), closed(i))
            except UserWarning as e: print("caught", e)
        """,
        select="app.f,app.closed,app.library",
    )
    both_ways(program)
    for name in ("app.library", "app.closed"):
        assert program.report["units"][name]["bytes_sent"] < 100 * 250, name  # whole calls are 1 kB each; each worker has a base


DATACLASSES = """
from dataclasses import InitVar, dataclass, field
made = []
def number(): made.append(1); return len(made)
@dataclass
class Point:
    x: int
    y: int = 2
    tags: list = field(default_factory=list)
@dataclass(frozen=True, order=True)
class Fixed:
    a: int
    b: str = "b"
@dataclass(slots=True)
class Slotted(Point):
    z: int = field(default_factory=number)
@dataclass
class Noted:
    n: int = field(default=1, metadata={"unit": "m"})
    given: InitVar[int] = 0
    def __post_init__(self, given): self.n += given
class Target: pass
def total(p): return p.x + p.y + len(p.tags)
def tag(p, n): p.tags.append(n); p.y += n; return p.y
def make(n): return Point(n, tags=[n])
def compare(n): return Fixed(n) < Fixed(3), Fixed(n) == Fixed(3), hash(Fixed(n)) == hash(Fixed(3)), repr(Fixed(n))
def froze(f, n):
    try: f.a = n
    except AttributeError as e: return type(e).__name__
def onto_a_class(n): Point.__init__(Target, n); return Target.x
def onto_a_function(n): Point.__init__(make, n); return make.x
def slotted(n): return Slotted(n).z, len(made)
def noted(n): return Noted(given=n).n
def quiet(n): return n + 1
p, f = Point(1), Fixed(2)
for n in range(8):
    print(total(p), tag(p, n), make(n), compare(n), froze(f, n), onto_a_class(n), onto_a_function(n), slotted(n), noted(n), quiet(n), p, f)
    print(Target.x, Target.y, Target.tags, make.x, len(made))
    if n == 3: Point.y = 50; del p.y; Fixed.__repr__ = lambda self: "mine"
    if n == 4: p.y = 1; Point.__init__.__defaults__ = Point.__init__.__defaults__
    if n == 5: Target.x = -1; make.x = -1
"""


def test_calls_that_reach_dataclasses(build: Make) -> None:
    units = ["total", "tag", "make", "compare", "froze", "onto_a_class", "onto_a_function", "slotted", "noted", "quiet"]
    program = build(DATACLASSES, select=",".join(f"app.{unit}" for unit in units))
    both_ways(program)


def test_what_a_dataclass_is_goes_once(build: Make) -> None:
    program = build(
        """
        from dataclasses import dataclass, field
        @dataclass
        class Point:
            x: int
            tags: list = field(default_factory=list)
        def make(n): return Point(n).x
        def total(p): return p.x + len(p.tags)
        p = Point(3)
        for n in range(200): make(n), total(p)
        """,
        select="app.make,app.total",
    )
    program.same(remote=["app.make", "app.total"])
    for unit in program.report["units"].values():
        assert unit["bytes_sent"] < 200 * 150, unit


def test_functions_that_only_read_beside_others_that_change(build: Make) -> None:
    """Readers' containers are not compared: what they give is the caller's own all the same, and what others change arrives."""
    program = build(
        """
        def rows(n): return [{"id": i, "tags": ["a", str(i)], "at": (i, [i])} for i in range(n)]
        import abc
        class Adding(abc.ABC): __match_args__ = ("append",)
        Adding.register(list)
        push, grow = [].append, list.append
        def echo(xs): return xs
        def inner(xs, k): return xs[k]["tags"], xs[-k]["at"][1], xs
        def both(xs, ys): return ys[0], xs, ys is xs
        def total(xs): return sum(x["id"] for x in xs)
        def fails(xs, k):
            if k % 2: raise KeyError(xs[k]["tags"])
            return xs[k]
        def by_subscript(xs, k): xs[k]["id"] = -1; return xs
        def by_method(xs, k): xs[k]["tags"].append("b"); return xs[k]
        def by_name(xs): push(xs); return len(xs)
        def by_operator(xs, k):
            tags = xs[k]["tags"]
            tags += ["c"]
            return tags
        def by_type(xs, k): list.append(xs[k]["at"][1], k); return xs
        def by_alias(xs, k): grow(xs[k]["tags"], "d"); return xs[k]
        def by_init(xs, k): list.__init__(xs[k]["at"][1], (k, k)); return xs[k]
        def by_pattern(xs, k):
            match xs[k]["tags"]:
                case Adding(add): add("p")
            return xs[k]
        def through(fn, xs): return fn(xs)
        xs, ys = rows(60), {0: [1], "k": b"x" * 9000}
        for i in range(8):
            a, b, c = inner(xs, i)
            p, q, r = both(xs, ys)
            print(echo(xs) is xs, a is xs[i]["tags"], b is xs[-i]["at"][1], c is xs, p is ys[0], q is xs, r, total(xs))
            print(both(xs, xs)[2], both(ys, [ys])[0] is ys, echo(ys["k"]) == ys["k"], echo(ys) is ys)
            try: print(fails(xs, i) is xs[i], through(total, xs))
            except KeyError as e: print(e.args[0] is xs[i]["tags"])
            print(by_subscript(xs, i) is xs, by_method(xs, i) is xs[i], by_operator(xs, i) is xs[i]["tags"])
            print(by_type(xs, i) is xs, by_name(xs), by_alias(xs, i) is xs[i], by_init(xs, i) is xs[i], by_pattern(xs, i) is xs[i])
        print(xs[:9], push.__self__[0] is xs)
        """
    )
    both_ways(program)
    names = "echo inner both total fails by_subscript by_method by_operator by_type by_alias"
    assert {f"app.{name}" for name in names.split()} <= set(program.report["functions_remote"])


def test_a_method_that_goes_by_another_name_may_change_what_it_is_given() -> None:
    reads = Facts(closed=True, stores=[], changes=False, warns=False)
    assert _keeps(reads, [["f", "app:f@1:0-1"], ["bd", "list", "count"], ["bm", [0], "index"]])
    assert not _keeps(reads, [["bd", "list", "append"]])
    assert not _keeps(reads, [["bm", [0], "update"]])
    assert not _keeps(reads, [["C", "D", "D", "app", [0], [], ["__new__", [1]], [], [], None]])
    assert not _keeps(Facts(closed=True, stores=[], changes=True, warns=False), [])
