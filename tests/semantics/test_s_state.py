"""SEMANTICS S1, S2 and S4: globals, hidden state and captured variables."""

import pytest


def test_s1_globals_are_seen_as_they_are_at_the_call(same):
    same(
        """
        LIMIT = 3
        table = {"a": 1}
        def f(): return LIMIT, table, [n for n in range(LIMIT)], len(table)
        print(f())
        LIMIT = 2; table = ["other"]
        print(f(), f()[1] is table)
        """,
        select="app.f",
    )


def test_s1_globals_written_are_written_in_the_caller(same):
    same(
        """
        count, text, items, gone, made_of = 0, "", [], 1, None
        def f(x):
            global count, text, items, gone, made_of, fresh
            count += x; text += str(x); items = items + [x]; made_of = f
            if x == 2: del gone
            fresh = {"x": x}
            return "gone" in globals()
        print(f(1), count, text, items, fresh, made_of is f)
        print(f(2), count, text, items, fresh)
        try: print(gone)
        except NameError as e: print(e)
        """,
        select="app.f",
    )


def test_s1_globals_of_other_modules(same):
    same(
        {
            "app.py": """
                import state, state as alias
                from state import items, bump
                def f(n):
                    state.count += n; items.append(n); state.made = [n]; alias.items.append(bump())
                    return items is state.items
                print(f(1), state.count, items, state.made, state.show())
                state.count = 100
                print(f(2), state.count, state.items, bump(), state.show())
                del state.made
                print(hasattr(state, "made"), f(3), state.made)
                """,
            "state.py": """
                count = 0
                items = []
                def bump():
                    global count
                    count += 1
                    return count
                def show(): return count, items
                """,
        },
        select="app.f,state.bump",
    )


def test_s1_functions_that_the_program_rebinds(same):
    same(
        """
        def helper(x): return x + 1
        def f(x): return helper(x)
        print(f(1))
        old = helper
        helper = lambda x: old(x) * 10
        print(f(1))
        def helper(x): return "third"
        print(f(1), old(1))
        len = lambda x: "shadowed"
        def g(x): return len(x)
        print(g([]))
        del len
        print(g([]))
        """,
        select="app.f,app.g",
    )


def test_s1_a_global_written_and_then_raised(same):
    same(
        """
        n = 0
        def f():
            global n
            for n in range(5):
                if n == 3: raise IndexError(n)
        try: f()
        except IndexError as e: print(e, n)
        """,
        select="app.f",
    )


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


HIDDEN = {
    "random": ("import random; random.seed(5)", "(random.random(), random.gauss(0, 1), random.sample(range(99), 3))"),
    "decimal": ("import decimal; decimal.getcontext().prec = 6", "(decimal.Decimal(1) / 7, decimal.getcontext().prec)"),
    "argv": ("import sys; sys.argv.append('more')", "(sys.argv[1:], sys.argv.append(len(sys.argv)))"),
    "environ": ("import os; os.environ['K'] = 'v'", "(os.environ.get('K'), os.environ.pop('K', None), os.environ.setdefault('N', 'n'))"),
    "cwd": ("import os; os.mkdir('sub'); os.chdir('sub')", "os.path.basename(os.getcwd())"),
    "recursion": ("import sys; sys.setrecursionlimit(900)", "sys.getrecursionlimit()"),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_s2_hidden_state_goes_along(same, name):
    setup, expression = HIDDEN[name]
    after = {"environ": "print(os.environ.get('K'), os.environ.get('N'))", "argv": "print(sys.argv)"}.get(name, "")
    program = f"{setup}\ndef f():\n    return {expression}\nprint(f())\nprint({expression})\nprint(f())\n{after}\n"
    same(program, select="app.f", remote=() if name in ("cwd", "recursion") else None)


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


def test_s4_captured_variables_are_read_and_written(same):
    same(
        """
        def outer():
            n, seen = 0, []
            def inner(x):
                nonlocal n
                n += x; seen.append(n)
                return seen
            def peek(): return n, seen
            for i in range(3): got = inner(i)
            n += 100
            inner(1)
            return n, seen, got is seen, peek()
        print(outer())
        """,
        select="app.outer.<locals>.inner",
    )


def test_s4_an_unbound_cell_and_a_deleted_one(same):
    same(
        """
        def outer():
            def read():
                try: return late
                except NameError as e: return str(e)
            def drop():
                nonlocal late
                del late
            print(read())
            late = [1]
            print(read(), read() is late)
            drop()
            print(read())
        outer()
        """,
        select="app.outer.<locals>.read,app.outer.<locals>.drop",
    )


def test_s4_two_closures_share_one_cell(same):
    same(
        """
        def make():
            value = 0
            def get(): return value
            def put(v):
                nonlocal value
                old, value = value, v
                return old
            return get, put
        get, put = make(); get2, put2 = make()
        print(put(5), get(), put2("other"), get2(), put([1]), get(), get() is get())
        get().append(2); print(get())
        """,
        select="app.make.<locals>.put",
    )
