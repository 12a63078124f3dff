"""The short way looks at all that the long way looks at: what a program does between two calls, and where a call is made from."""

from __future__ import annotations

import os
from collections.abc import Callable

from tests.harness import Run

from .conftest import Build, both_ways

Make = Callable[..., Build]


def test_what_the_library_and_the_interpreter_hold(build: Make) -> None:
    """State that no object of the program's refers to, changed between two calls."""
    program = build(
        """
        import csv, json, math, random, sys, time
        from decimal import Decimal, getcontext
        from fractions import Fraction
        def rounds(x): return math.floor(x * 1.5)
        def digits(n): return len(str(10 ** n))
        def divides(x): return Decimal(x) / 3
        def draws(n): return [random.random() for _ in range(n)], random.choice("abc")
        def stamp(x): return x, time.gmtime(0) if x < 0 else time.time() == 0
        def encodes(x): return json.dumps({"x": x}, cls=Own), csv.list_dialects()
        def adds(x): return x + x
        class Own(json.JSONEncoder): pass
        def everything():
            out = [rounds(3), divides(7), stamp(1), encodes([1, "a"]), adds(2), draws(2)]
            try: out.append(digits(700))
            except ValueError as e: out.append(str(e)[:30])
            print(out)
        def steps():
            yield
            random.seed(4); yield
            getcontext().prec = 5; yield
            sys.set_int_max_str_digits(640); yield
            sys.set_int_max_str_digits(4300); yield
            csv.register_dialect("mine", delimiter="|"); yield
            Own.item_separator = " ; "; yield
            json.JSONEncoder.key_separator = "="; yield
            kept, math.floor = math.floor, lambda x: "patched"; yield
            math.floor = kept; yield
            kept, time.time = time.time, lambda: 0; yield
            time.time = kept; yield
        random.seed(1)
        for _ in range(2):
            for _ in steps():
                for _ in range(3): everything()
        """,
        select="app.rounds,app.digits,app.divides,app.draws,app.stamp,app.encodes,app.adds",
    )
    both_ways(program)


def test_what_is_loaded_between_two_calls(build: Make) -> None:
    """A module that has hidden state, or code of the program's, comes later than the first calls; modules are made anew."""
    program = build(
        {
            "app.py": """
            import importlib, sys
            import part
            def seldom(x):
                if x > 5:
                    import random
                    return random.randrange(10 ** 9)
                return x
            def doubled(x): return part.double(x)
            def everything(x): print(seldom(x), doubled(x))
            for x in range(5): everything(x)
            import random
            random.seed(3)
            for x in range(4, 9): everything(x)
            import other
            for x in range(4, 9): everything(x)
            importlib.reload(part)
            part.double.by = 3
            for x in range(4): everything(x)
            class Late(type(sys)):
                def __getattr__(self, name): return lambda x: name
            part.__class__ = Late
            for x in range(4, 9): everything(x)
            del part.double
            for x in range(4): everything(x)
            """,
            "part.py": "def double(x): return x * double.by\ndouble.by = 2\n",
            "other.py": "",
        },
        select="app.seldom,app.doubled",
    )
    both_ways(program)


def test_hidden_state_that_is_there_from_some_call_on(build: Make) -> None:
    program = build(
        """
        def thirds(x):
            if x > 5:
                from decimal import Decimal
                return Decimal(x) / 3
            return x
        print([thirds(x) for x in range(5)])
        import decimal
        decimal.getcontext().prec = 4
        print([thirds(x) for x in range(4, 9)])
        """
    )
    both_ways(program)


def test_answers_that_nobody_takes(build: Make) -> None:
    """The call is out when it turns out that it cannot be committed: its worker is given up, the next call gets another."""
    numbers = range(max(4, 2 * (os.cpu_count() or 1)) + 1)  # one more than there may be workers
    functions = [f"def prints{n}(x): print({n}, x)\n" for n in numbers]
    everything = "".join(f"prints{n}(x); " for n in numbers)
    program = build(
        "import builtins\n" + "".join(functions) + f"for x in range(4): {everything}\n"
        "builtins.divmod = lambda a, b: 'patched'\n" + f"for x in range(4): {everything}\n",
        select=",".join(f"app.prints{n}" for n in numbers),
    )
    both_ways(program)


def test_a_function_of_two_bases_is_changed_and_changed_back(build: Make) -> None:
    """In the worker they have copies of their own."""
    program = build(
        """
        class Kind:
            limit = 5
            def get(self): return self.limit
        def helper(x, by=(1,), *, k=2): return x, by, k, helper.mark
        helper.mark = "m"
        def one(x): return helper(x), Kind().get(), Kind.limit
        def two(x): return helper(x), Kind().get(), Kind.limit
        def both(): print(one(1), two(2))
        for _ in range(4): both()
        first, kept = helper.__defaults__, helper.__kwdefaults__
        for _ in range(3):
            helper.__defaults__, helper.__kwdefaults__, helper.mark, Kind.limit = (9,), {"k": 0}, "n", 6
            for _ in range(4): print(two(2))
            helper.__defaults__, helper.__kwdefaults__, helper.mark, Kind.limit = first, kept, "m", 5
            for _ in range(4): print(one(1))
            both()
        one.__defaults__ = (5,)
        print(one(), one(), two(1))
        one.__defaults__ = None
        try: one()
        except TypeError as e: print(e)
        """,
        select="app.one,app.two",
    )
    both_ways(program)


def test_objects_that_take_the_place_of_others(build: Make) -> None:
    """What is freed leaves its address to the next object of its size."""
    program = build(
        """
        class P:
            def __init__(self, x): self.x = x
        def total(k): return sum(items) * k, table["a"], p.x, fn(1), [q.x for q in many]
        def make(n): return lambda x: (x, n)
        for n in range(40):
            items, table, p, fn, many = [n % 7, n % 3], {"a": [n % 2]}, P(n % 5), make(n % 4), [P(i % (n % 3 + 1)) for i in range(3)]
            print(total(1), total(2), total(n))
            del items, table, p, fn, many
        """,
        select="app.total",
    )
    both_ways(program)


def test_values_there_and_back(build: Make) -> None:
    program = build(
        """
        import enum, math
        class Num(int): pass
        class Text(str): pass
        class Color(enum.Enum):
            RED = 1
            BLUE = 2
        items, NAN = [1], float("nan")
        def same(x): return x
        def the_nan(): return NAN
        def kind(x): return type(x).__name__, x
        def signs(x): return math.copysign(1, x), x
        def other(c): return Color.BLUE if c is Color.RED else Color.RED
        def given(): return items
        def linked(xs): xs.append(items); return xs
        def big(x): return len(x), x[:2], x[-2:]
        values = [0.0, -0.0, 1, True, 1.0, False, None, float("inf")]
        values += ["\\ud800", b"\\xff" * 9, 10 ** 5000, -1 << 70, "x" * 300, Num(3), Text("t"), ...]
        for _ in range(3):
            for x in values:
                back = same(x)
                print(kind(x) == (type(x).__name__, x), back == x, type(back), signs(x) if isinstance(x, float) else "")
            print(same(float("nan")), signs(float("-nan")), the_nan() in [NAN])
            print(other(Color.RED) is Color.BLUE, other(Color.BLUE) is Color.RED, given() is items, linked([])[0] is items)
            print(big("ab" * 700_000), big(b"ab" * 700_000), big([1.5] * 70_000))
        """,
        select="app.same,app.kind,app.signs,app.the_nan,app.other,app.given,app.linked,app.big",
    )
    both_ways(program)


def test_classes_that_a_call_registers_and_warnings_that_it_causes(build: Make) -> None:
    program = build(
        """
        import warnings
        from abc import ABC
        class Shape(ABC): pass
        class Square: pass
        class Circle: pass
        def register(x):
            if x == 3: Shape.register(Square)
            return x
        def declines(x): return not x.__eq__("a")
        def inverts(x): return ~x if x is not None else x
        for x in range(6): print(register(x), isinstance(Square(), Shape), isinstance(Circle(), Shape))
        def warns():
            for _ in range(3): print(declines(1), inverts(True), inverts(None))
        warns()
        warnings.simplefilter("always")
        warns()
        with warnings.catch_warnings(record=True) as found: warns()
        print(len(found))
        warnings.simplefilter("ignore")
        warns()
        """,
        select="app.register,app.declines,app.inverts",
    )
    both_ways(program)


def test_streams_and_what_is_shown(build: Make) -> None:
    program = build(
        """
        import builtins, io, os, sys
        def prints(x): print("printed", x); return x
        def flushes(): print(end="", flush=True)
        def here(x): return os.environ.get("HOME", "none") == "x", sys.argv[1:], x
        def everything():
            for n in range(3):
                prints(n)
                sys.stdout.write("a"); flushes(); sys.stderr.write("b\\n"); sys.stderr.flush()
                print(here(n))
        everything(); everything()
        sys.stdout.note = 1
        everything()
        del sys.stdout.note
        everything()
        kept, sys.argv = sys.argv, ["x", "y"]
        everything()
        sys.argv = kept
        kept, os.environ = os.environ, {"HOME": "x"}
        everything()
        os.environ = kept
        kept, builtins.divmod = divmod, lambda a, b: "patched"
        everything(); everything()
        builtins.divmod = kept
        everything()
        kept, sys.stdout = sys.stdout, None
        for n in range(4): prints(n); here(n)
        sys.stdout = io.StringIO()
        everything()
        text, sys.stdout = sys.stdout, kept
        print(len(text.getvalue()))
        everything()
        """,
        select="app.prints,app.flushes,app.here",
    )
    both_ways(program, Run(merged=True))


def test_exceptions_again_and_again(build: Make) -> None:
    """Tracebacks, causes and notes do not pile up in what a worker keeps."""
    program = build(
        """
        import traceback
        ERROR = ValueError("one for all")
        class Own(Exception):
            def __init__(self, n): super().__init__(n); self.n = n
        def raises(n): raise Own(n)
        def chains(n):
            try: raises(n)
            except Own as e: e.add_note("seen"); raise KeyError(n) from e
        def shared(): raise ERROR
        def traced(e): return e.__traceback__ is None
        def inside(n):
            try: return chains(n)
            except KeyError as e: return str(e.__cause__), e.__cause__.__notes__
        def lines(e): return len(traceback.format_exception(e)) if False else str(e)
        for n in range(5):
            print(inside(n), traced(ValueError()))
            for call in (raises, chains, lambda n: shared()):
                try: call(n)
                except Exception as e:
                    caught = e
                    traceback.print_exc()
                    print(traced(e), lines(e))
            print(traced(caught), caught is ERROR)
        chains(9)
        """,
        select="app.raises,app.chains,app.shared,app.traced,app.lines",
    )
    both_ways(program, exit=1)


def test_where_a_call_is_made_from(build: Make) -> None:
    program = build(
        """
        import atexit, os, sys, threading
        items = [1]
        def look(x): return x + len(items)
        def deep(n, left): return deep(n - 1, left) if n else look(left)
        def generator():
            for n in range(3): yield look(n)
        class Told:
            def __del__(self): print("deleted", look(5))
        for n in range(4): print(look(n))
        for left in range(400, 40, -40): print(deep(sys.getrecursionlimit() - left, left))
        sys.setrecursionlimit(3000)
        for left in range(400, 40, -40): print(deep(sys.getrecursionlimit() - left, left))
        print(list(generator()), list(map(look, range(3))), sorted([3, 1, 2], key=look))
        told = Told()
        del told
        if not os.fork():
            items.append(2)
            print("child", look(1), look(2), look(3), flush=True)
            os._exit(0)
        os.wait()
        print(look(1))
        thread = threading.Thread(target=lambda: (items.append(9), print(look(1), look(2))))
        thread.start(); thread.join()
        print(look(1), look(2))
        atexit.register(lambda: print("at exit", look(1)))
        """,
        select="app.look",
    )
    both_ways(program)


def test_a_signal_handler_that_comes_later(build: Make) -> None:
    program = build(
        """
        import signal
        marks = []
        def waits(limit):
            n = 0
            while not marks and n < limit: n += 1
            return len(marks)
        for _ in range(5): print(waits(10))
        signal.signal(signal.SIGALRM, lambda *_: marks.append(1))
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        print(waits(1 << 40))
        """,
        select="app.waits",
    )
    both_ways(program)


def test_a_worker_that_dies_between_and_in_calls(build: Make) -> None:
    """The program kills what it has started: each call is done again, and no answer is taken for another's."""
    program = build(
        """
        import os, signal, sys
        seen = []
        def pure(x): return x * 2
        def note(x): seen.append(x); return len(seen)
        def kill():
            mine = str(os.getpid())
            def parent(pid):
                try: return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1]
                except OSError: return ""
            pids = list(filter(str.isdigit, os.listdir("/proc")))
            for pid in [pid for pid in pids if parent(parent(pid)) == mine and pid != mine]: os.kill(int(pid), signal.SIGKILL)
        for n in range(12):
            print(pure(n), note(n), pure(-n))
            if n % 3 == 2 and "kill" in sys.argv: kill()
        print(seen)
        """,
        select="app.pure,app.note",
    )
    both_ways(program, Run(argv=["kill"]))


def test_builtins_under_another_name(build: Make) -> None:
    """What looks names up does so whatever it is called: in a default, a global, an argument, a container, a bound method."""
    program = build(
        {
            "app.py": """
            import functools, operator, string
            import part
            N = 5
            look, has, run, space, names, same, everything = getattr, hasattr, eval, vars, dir, id, globals
            kept = [getattr]
            value, text = operator.attrgetter("v"), "{0.__globals__[N]}".format
            TEMPLATE = "{m.v} {n}"
            show = functools.partial(print, end="|\\n")
            def by_default(obj, name, getattr=getattr, hasattr=hasattr): return getattr(obj, name) if hasattr(obj, name) else None
            def by_global(x): return look(part, "v") + x, has(part, "v"), "v" in names(part), space(part)["v"]
            def by_argument(f, *args): return f(*args)
            def by_item(x): return kept[0](part, "v") + x
            def evaluates(x): return run("N + x")
            def any_global(x): return everything()["N"] + x
            def identity(x): return same(part) == PART
            def gets(x): return value(part) + x
            def formats(x): return "{0.v}".format(part), TEMPLATE.format(m=part, n=x), string.Formatter().format("{0.v}", part)
            def bound(x): return text(formats)
            def dunder(x): return look(any_global, "__globals__")["N"] + x
            def says(f, x): f(x); show(x)
            PART = id(part)
            for x in range(4):
                print(by_default(part, "v"), by_global(x), by_argument(getattr, part, "v"), by_argument(eval, "N + 1"), by_item(x))
                print(evaluates(x), any_global(x), identity(x), gets(x), formats(x), bound(x), dunder(x), by_argument(id, part) == PART)
                says(print, x)
                N += 1; part.v += 2
            """,
            "part.py": "v = 1\n",
        },
        select="all",
    )
    both_ways(program)


def test_attributes_that_a_class_pattern_looks_up(build: Make) -> None:
    """Their names stand in a constant of the code."""
    program = build(
        {
            "app.py": """
            import part
            N = 1
            class Config: k = 1
            def helper(): pass
            def of_a_module(x):
                match part:
                    case object(v=n): return n + x
            def writes(x):
                match writes:
                    case object(__globals__=g):
                        if x > 2: g["N"] = x
                return x
            def sets(x):
                match helper:
                    case object(__setattr__=put):
                        if x > 2: put("k", x)
                return x
            def space(x):
                match Config:
                    case object(__dict__=d): return [k for k in d if k[:1] != "_"]
            for x in range(7):
                print(of_a_module(x), writes(x), N, sets(x), vars(helper), space(x))
                if x == 4: part.v = 9; Config.b = 3
            """,
            "part.py": "v = 1\n",
        },
        select="app.of_a_module,app.writes,app.sets,app.space",
    )
    both_ways(program)


def test_functions_of_the_library_that_our_own_code_uses(build: Make) -> None:
    """A program that puts its own in their place has put it there for itself: none of ours calls it."""
    program = build(
        """
        import _thread, io, os, pickle, signal, sys
        def adds(x): return x + 1
        def shows(x): print("shows", x); return [x]
        def grows(xs, x): xs.append(x); return len(xs)
        def joins(x): return os.path.join("a", str(x))
        def everything(xs): return adds(1), shows(2), grows(xs, 3), joins(4)
        for _ in range(4): everything([])
        for module, name in [(io, "BytesIO"), (pickle, "dumps"), (pickle, "loads"), (sys, "getrecursionlimit"), (sys, "exception"),
                             (sys, "exc_info"), (sys, "_getframe"), (sys, "get_int_max_str_digits"), (sys, "is_finalizing"),
                             (os, "getcwd"), (_thread, "_count"), (signal, "getsignal")]:
            original, asked = getattr(module, name), []
            def mine(*args, **kwargs):
                asked.append(args)
                return original(*args, **kwargs)
            setattr(module, name, mine)
            found = [everything([]) for _ in range(2)]
            setattr(module, name, original)
            print(name, asked, found, everything([]))
        """,
        select="app.adds,app.shows,app.grows,app.joins",
    )
    both_ways(program)


def test_warnings_of_what_no_name_tells(build: Make) -> None:
    """Filters that change between two calls, and code of which nothing says that the interpreter may warn of it."""
    program = build(
        r"""
        import warnings
        class Integer:
            __index__ = lambda self: True
        obj, equal, nothing = Integer(), (1).__eq__, NotImplemented
        def sent():
            try: yield 1
            except ValueError as e: yield str(e)
        def converts(x): return "abc"[obj] + "abc"[:obj] if x < 0 else x
        def escapes(x): return b"\\d".decode("unicode_escape") if x < 0 else x
        def compares(x): return 1 if x < 0 and equal("a") else x
        def negates(x): return 1 if x < 0 and nothing else x
        def takes(value, x): return 1 if value else x
        def throws(x):
            found = sent(); next(found)
            return found.throw(ValueError, "v") if x < 0 else x
        def adds(x): return x + 1
        def everything(x):
            out = []
            for f in converts, escapes, compares, negates, throws, adds, lambda x: takes(NotImplemented if x < 0 else True, x):
                try: out.append(f(x))
                except Warning as e: out.append(str(e)[:20])
            print(out)
        for x in range(4): everything(x)
        for _ in range(3): everything(-1)
        for action in "error", "always", "ignore":
            with warnings.catch_warnings(record=action == "always") as caught:
                warnings.simplefilter(action)
                for _ in range(3): everything(-1)
                everything(2)
            print([str(w.message)[:20] for w in caught or ()])
        for _ in range(3): everything(-1); everything(2)
        """,
        select="app.converts,app.escapes,app.compares,app.negates,app.takes,app.throws,app.adds",
    )
    both_ways(program)


def test_a_default_timeout_of_sockets(build: Make) -> None:
    """The program's is for its own sockets: not for the channels to workers that are forked after it was set."""
    program = build(
        """
        import socket, threading
        def counts(x):
            total = 0
            for i in range(x): total += i & 3
            return total
        def recurses(x): return recurses(x + 1)
        print(counts(3))
        socket.setdefaulttimeout(0.05)
        def work(found): found.append(counts(2_000_000))
        for _ in range(2):
            found = []
            threads = [threading.Thread(target=work, args=(found,)) for _ in range(3)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            print(found)
            try: recurses(0)
            except RecursionError: print("deep")
        """,
        select="app.counts,app.recurses",
    )
    both_ways(program)


def test_values_of_the_library_that_are_written_in_python(build: Make) -> None:
    """Slots that can be set, methods that can be patched, clocks and zones behind a date: no name of the code leads there."""
    program = build(
        """
        import datetime, fractions, os, time, uuid
        H, U, D = fractions.Fraction(1, 2), uuid.UUID(int=5), datetime.date(2020, 1, 1)
        def halves(x): return str(H + x), str(H)
        def names(x): return str(U)
        def this_year(x): return D.today().year > 1990
        def shown(x): return D.strftime("%Y")
        def day_of(x): return D.fromtimestamp(x).day
        def given(d, f, x): return d.fromtimestamp(x).day, d.today().year > 1990, str(f)
        def everything():
            for x in range(3): print(halves(x), names(x), this_year(x), shown(x), day_of(3600), given(D, H, 3600))
        def steps():
            yield
            H._numerator = 3; yield
            object.__setattr__(U, "int", 77); yield
            for cls in fractions.Fraction, uuid.UUID:
                kept, cls.__str__ = cls.__str__, lambda self: "patched"; yield
                cls.__str__ = kept; yield
            kept, time.time = time.time, lambda: 86400.0; yield
            time.time = kept; yield
            kept, time.strftime = time.strftime, lambda *args: "patched"; yield
            time.strftime = kept; yield
            os.environ["TZ"] = "UTC+23"; time.tzset(); yield
        for _ in steps(): everything()
        """,
        select="app.halves,app.names,app.this_year,app.shown,app.day_of,app.given",
    )
    both_ways(program)


def test_settings_that_a_worker_has_otherwise(build: Make) -> None:
    """What the program registers with codecs, and how the collector, the interpreter and sockets are set."""
    program = build(
        """
        import codecs, gc, socket, sys
        def encodes(x):
            try: return x.encode("ascii", "mine"), bytes(x, "ascii", "mine")
            except LookupError: return "unknown"
        def collects(x): return gc.isenabled(), gc.get_threshold()
        def switches(x): return sys.getswitchinterval()
        def waits(x): return socket.getdefaulttimeout()
        def adds(x): return x + 1
        def everything(): print([(encodes("\\u00e9"), collects(1), switches(1), waits(1), adds(1)) for _ in range(3)])
        everything()
        codecs.register_error("mine", lambda e: ("!", e.end)); everything()
        gc.disable(); gc.set_threshold(500, 10, 10); everything()
        sys.setswitchinterval(0.25); socket.setdefaulttimeout(3); everything()
        """,
        select="app.encodes,app.collects,app.switches,app.waits,app.adds",
    )
    both_ways(program)


def test_code_that_other_functions_get(build: Make) -> None:
    """A function's `__code__` is not only looked at."""
    program = build(
        """
        import inspect, types
        K = 1
        def make(n):
            def inner(x): return x + n
            return inner
        def reads(x): return x + K
        def first(x): return x + 1
        def second(x): return x + 2
        one, two = make(1), make(2)
        print([(one(x), two(x), reads(x), first(x), second(x)) for x in range(4)])
        print(types.FunctionType(two.__code__, globals(), "g", None, (types.CellType(50),))(0))
        print(types.FunctionType(reads.__code__, {"K": 100, "__builtins__": __builtins__})(1))
        first.__code__, second.__code__ = second.__code__, first.__code__
        one.__code__ = two.__code__
        print([(one(x), two(x), first(x), second(x)) for x in range(4)])
        print(first.__code__.co_names, reads.__code__.co_consts, sorted(inspect.getclosurevars(reads).globals))
        """,
        select="app.make.<locals>.inner,app.reads,app.first,app.second",
    )
    both_ways(program)


def test_code_that_is_only_looked_at(build: Make) -> None:
    program = build(
        """
        def adds(x): return x + 1
        print(adds.__code__.co_name, adds.__code__.co_argcount, [adds(x) for x in range(4)])
        adds.__code__ = (lambda x: x + 2).__code__
        print(adds(1))
        """,
        select="app.adds",
    )
    program.same(remote=["app.adds"])


def test_what_dies_with_an_exception(build: Make) -> None:
    """The arguments of a call that raised are let go of with what it raised, its causes included, not at some collection."""
    program = build(
        """
        import gc, weakref
        gc.disable()
        class Thing: pass
        class Failure(Exception): pass
        def inner(thing, x):
            if x > 2: raise Failure(x)
            return x
        def fails(thing, x): return inner(thing, x)
        def translates(thing, x):
            try: inner(thing, x)
            except Failure as e: raise KeyError(x) from e
        def dead(name): return lambda ref: print("dead", name, end=" ")
        for x in range(6):
            for f in fails, translates:
                thing = Thing()
                ref = weakref.ref(thing, dead("thing"))
                try: f(thing, x)
                except (Failure, KeyError) as e:
                    own = weakref.ref(e, dead("exception")) if type(e) is Failure else None
                del thing
                print("after", x)
        """,
        select="app.fails,app.translates",
    )
    both_ways(program)


def test_types_of_the_fields_of_a_dataclass(build: Make) -> None:
    program = build(
        """
        import dataclasses
        class Part: pass
        @dataclasses.dataclass
        class Whole:
            number: int
            part: Part
        def types(x): return [field.type for field in dataclasses.fields(Whole)]
        print([types(x) for x in range(3)])
        """,
        select="app.types",
    )
    both_ways(program)


def test_a_large_value_that_comes_back_unchanged_is_the_one_that_was_sent(build: Make) -> None:
    program = build(
        """
        import sys
        def same(x): return x
        def second(x, y): return y
        def equal(x): return x[:-1] + x[-1:]
        def grown(x, y): return x + y
        for size in (10, 5000, 200_000):
            for value in (b"x" * size, "y" * size, "\\N{SNOWMAN}" * size):
                for n in range(4):
                    one, other = same(value), second(value + value, value)
                    print(one == other == value, second(1, value) == value)
                    if size > 10 and n > 1 and "identity" in sys.argv: print(one is other is value)
                    print(equal(value) == value, grown(value, value[:3]) == value + value[:3])
        """,
        select="app.same,app.second,app.equal,app.grown",
    )
    both_ways(program)
    shown = program.rewritten(Run(argv=["identity"]), reports=[]).stdout
    assert "False" not in shown and shown.count("True") > program.original().stdout.count("True")
