"""The short way and what code may do: names looked up in other ways, code that functions exchange, the library's functions replaced."""

from __future__ import annotations

from collections.abc import Callable

from .conftest import Build, both_ways

Make = Callable[..., Build]


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
