"""The short way looks at all that the long way looks at: what a program changes between two calls."""

from __future__ import annotations

import os
from collections.abc import Callable

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
