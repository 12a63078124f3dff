"""S2: hidden state goes along."""

import pytest


def test_s2_mutable_defaults_and_function_attributes(same):
    same(
        """
        def f(x, seen=[], *, table={}):
            seen.append(x); table[x] = len(seen); f.calls += 1
            f.last = seen
            return seen, table
        f.calls = 0
        print(f(1), f(2), f.calls, f.__defaults__, f.__kwdefaults__, f.last is f.__defaults__[0])
        f.__defaults__[0].clear()
        print(f(3, table={}), f(4, []), f.calls, f.__defaults__)
        f.__defaults__ = (["new"],)
        print(f(5))
        """,
        select="app.f",
    )


def test_s2_class_attributes(same):
    same(
        """
        class C:
            made = 0; names = []
            def __init__(self, n): C.made += 1; self.names.append(n); self.id = C.made
        class D(C): pass
        def make(n): D.made = "own"; return D(n), C(n)
        d, c = make("x")
        print(C.made, C.names, d.id, c.id, D.made, "made" in vars(D), C("y").id, D.names is C.names)
        """,
        select="app.make",
    )


def test_s2_a_library_that_draws_for_itself(same):
    """Nothing that the program names leads to the generator: the first call that has used it runs here, the others are sent it."""
    same(
        """
        import random
        from email.mime.multipart import MIMEMultipart
        def text(n):
            letter = MIMEMultipart()
            letter["n"] = str(n)
            return letter.as_string()
        random.seed(3)
        print([text(n) for n in range(30)], random.random())
        """,
        select="app.text",
    )


HIDDEN = {
    "random": ("import random; random.seed(5)", "(random.random(), random.gauss(0, 1), random.sample(range(99), 3))"),
    "decimal": ("import decimal; decimal.getcontext().prec = 6", "(decimal.Decimal(1) / 7, decimal.getcontext().prec)"),
    "argv": ("import sys; sys.argv.append('more')", "(sys.argv[1:], sys.argv.append(len(sys.argv)))"),
    "environ": ("import os; os.environ['K'] = 'v'", "(os.environ.get('K'), os.environ.pop('K', None), os.environ.setdefault('N', 'n'))"),
    "cwd": ("import os; os.mkdir('sub'); os.chdir('sub')", "os.path.basename(os.getcwd())"),
    "recursion": ("import sys; sys.setrecursionlimit(900)", "sys.getrecursionlimit()"),
    "locale": (
        "import locale; locale.setlocale(locale.LC_ALL, 'C.UTF-8')",
        "(f'{1234567.5:n}', locale.setlocale(locale.LC_NUMERIC), locale.localeconv()['decimal_point'], locale.strxfrm('b'))",
    ),
    "warnings": ("import warnings; warnings.simplefilter('error')", "(len(warnings.filters), warnings.filters[0][0], shown('old'))"),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_s2_hidden_state_goes_along(same, name):
    setup, expression = HIDDEN[name]
    after = {"environ": "print(os.environ.get('K'), os.environ.get('N'))", "argv": "print(sys.argv)"}.get(name, "")
    shown = "def shown(text):\n    try: warnings.warn(text)\n    except UserWarning as e: return repr(e)\n"
    program = f"{setup}\n{shown}def f():\n    return {expression}\nprint(f())\nprint({expression})\nprint(f())\n{after}\n"
    same(program, select="app.f", remote=() if name in ("cwd", "recursion", "locale", "warnings") else None)


def test_s2_a_seed_set_in_a_unit_is_set_here(same):
    same(
        """
        import random, decimal
        def seed(n): random.seed(n); decimal.getcontext().prec = n; return random.random()
        print(seed(8), random.random(), decimal.Decimal(2) / 3)
        own = random.Random(4)
        def roll(r): return r.randint(1, 6), random.randint(1, 6)
        print(roll(own), own.randint(1, 6), roll(own), random.randint(1, 6))
        """,
        select="app.seed,app.roll",
    )


def test_s2_a_generator_that_one_function_uses_keeps_no_other_at_home(same):
    result = same(
        """
        import random
        random.seed(4)
        def f(): return random.random()
        def g(x): return x + 1
        print(f(), g(1), f(), g(2), random.random())
        """,
        select="app.f,app.g",
    )
    assert result.calls_remote("app.f") == result.calls_remote("app.g") == 2


def test_s2_the_search_path_of_modules_is_seen_by_code_that_imports_sys_itself(same):
    same(
        """
        def f():
            import sys
            return len(sys.path), sys.path[-1]
        import sys
        sys.path.append("/nowhere")
        print(f())
        """,
        select="app.f",
        remote=(),
    )


def test_s2_settings_of_numpy(same):
    pytest.importorskip("numpy")
    same(
        """
        import numpy as np
        def show(x): return str(np.array([x, 1 / 3])), np.getbufsize()
        def divide(x):
            try: return str(np.ones(2) / x)
            except FloatingPointError as e: return repr(e)
        def settle(): np.set_printoptions(precision=2); np.seterr(all="raise"); np.setbufsize(16384)
        def failing(): np.set_printoptions(suppress=True); raise KeyError
        for n in range(4): print(show(n), divide(1.0))
        np.set_printoptions(precision=4, nanstr="none"); np.seterr(divide="ignore")
        for n in range(4): print(show(n), divide(1.0), divide(0.0))
        settle(); print(np.array([1 / 3]), np.geterr())
        for n in range(4): print(show(n), divide(1.0), divide(0.0))
        with np.printoptions(threshold=float("inf"), precision=1), np.errstate(all="ignore"):
            for n in range(4): print(show(n), divide(0.0))
        print(show(1), divide(0.0))
        try: failing()
        except KeyError: print(np.get_printoptions(), show(1e-9))
        """,
        select="app.show,app.divide,app.settle,app.failing",
    )


def test_s2_what_numpy_is_to_call_stays(same):
    pytest.importorskip("numpy")
    same(
        """
        import numpy as np
        def show(x): return str(np.array([x]))
        def shout(): np.set_printoptions(formatter={"float": lambda x: "!"})
        def told(x): return np.ones(1) / x
        print(show(1.5)); shout(); print(show(1.5)); np.set_printoptions(); print(show(1.5))
        np.seterrcall(print); np.seterr(all="call")
        print(told(0.0))
        """,
        select="app.show,app.shout,app.told",
        remote=["app.show"],
    )


def test_s2_generators_of_numpy_that_only_a_unit_makes(same):
    """numpy imports `numpy.random` when it is asked for it: here, not before the first result."""
    pytest.importorskip("numpy")
    same(
        """
        import numpy as np
        class Walk:
            def __init__(self, x): self.x, self.rng = x, np.random.default_rng(0)
            def step(self): self.x += self.rng.random(3); return self
        start = np.zeros(3)
        def total(x): return float(x.sum())
        print(total(start))
        walk = Walk(start)
        for _ in range(3): print(walk.step() is walk, start, walk.rng.random())
        """,
        select="app.total,app.Walk.__init__,app.Walk.step",
    )


def test_s2_variables_of_the_environment_that_are_set_and_removed_without_a_look(same):
    program = """
        import os
        def set_and_remove():
            os.environ["A"] = "t"
            os.environ.pop("A", None)
            return "A" in os.environ, os.getenv("A")
        def move():
            del os.environ["B"]
            os.environ["B"] = "b"
        def move_and_look():
            value = os.environ.pop("C")
            os.environ["N"] = "n"
            os.environ["C"] = value
            return [name for name in os.environ if len(name) == 1]
        def stay():
            os.environ["D"] = "other"
        def remove_new():
            os.environ["NEW"] = "1"
            del os.environ["NEW"]
            return "NEW" in os.environ
        def twice():
            os.environ["E"] = "1"
            del os.environ["E"]
            os.environ["E"] = "2"
            del os.environ["E"]
            try: del os.environ["E"]
            except KeyError as e: return repr(e)
        def look_late():
            os.environ["Z"] = "1"
            del os.environ["F"]
            return sorted(name for name in os.environ if len(name) == 1), list(os.environ)[-2:]
        for name in "ABCDEFZ": os.environ[name] = name.lower()
        for f in (set_and_remove, move, move_and_look, stay, remove_new, twice, look_late):
            print(f.__name__, f(), [(k, v) for k, v in os.environ.items() if len(k) == 1 or k == "NEW"])
        """
    same(program, select="app.set_and_remove,app.move,app.move_and_look,app.stay,app.remove_new,app.twice,app.look_late")


def test_s2_classes_that_an_import_registers_with_an_abstract_class(same):
    same(
        """
        import numbers, typing
        from collections.abc import MutableSequence
        import array, decimal
        def number(x): return isinstance(x, numbers.Number)
        def sequence(x): return isinstance(x, MutableSequence)
        def late(x): return isinstance(x, numbers.Integral), typing.ContextManager, typing.get_origin(typing.Pattern[str])
        class Mine: pass
        print(number(decimal.Decimal(1)), sequence(array.array("i", [1])), late(3), late("x"), number(Mine()))
        numbers.Number.register(Mine)
        MutableSequence.register(decimal.Decimal)  # by the program: no import has done it
        import colorsys
        print(number(Mine()), sequence(decimal.Decimal(1)))
        """,
        select="app.number,app.sequence,app.late",
    )


def test_s2_time_zone_that_strptime_sets_again(same):
    same(
        """
        import datetime, time
        def spent(a, b): return time.mktime(b) - time.mktime(a), time.tzname, time.altzone
        def zone(): return time.tzname
        day = datetime.datetime.strptime("2024-02-29", "%Y-%m-%d").timetuple()  # calls time.tzset
        print(spent(day, day))
        time.tzname = ("here", "there")
        print(zone())
        """,
        select="app.spent,app.zone",
        home={"app.zone": "time"},
    )


TYPED = """
import sys
def typed(): return sys.orig_argv[1:], [*sys.orig_argv] == sys.orig_argv
def change(): sys.orig_argv.append("more")
print(typed(), sys.orig_argv[1:])
change()
print(typed(), sys.orig_argv[1:])
"""


@pytest.mark.parametrize("target", [("app.py",), ("-m", "app")])
def test_s2_what_was_typed(same, target):
    same(
        {"app.py": TYPED},
        select="app.typed,app.change",
        target=target,
        argv=("-x", "a"),
        home={"app.change": "sys.orig_argv"},
        remote=("app.typed",),
    )
