"""DECISIONS S4 to S6, M1: a stub takes what the function takes, and no look of the program at its own objects is noticed."""

import json
import subprocess
import sys

import pytest

from tests.harness import environment, write_files


def test_s4_a_keyword_named_like_a_positional_parameter(same):
    same(
        """
        def g(a, /, **kw): return a, kw
        def h(*args, kw=0, **rest): return args, kw, rest
        print(g(1, a=2), g(1, kw=3, self=4), h(1, 2, args=3, rest=4, kw=5))
        """,
        select="app.g,app.h",
    )


def test_s4_in_an_event_the_star_parameters_are_one_key_each(tmp_path, cache):
    write_files(tmp_path, "def g(a, /, *args, b=1, **kw):\n    return [a, args, b, kw]\n")
    command = [sys.executable, "-P", "-m", "faasify", "invoke", "app.py", "g", '{"a": 1, "args": [2, 3], "kw": {"a": 4, "kw": 5}}']
    shown = subprocess.run(command, cwd=tmp_path, env=environment({}, cache), capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0, shown.stderr
    ret = json.loads(shown.stdout)["ret"]
    assert [ret[0], ret[2], ret[3]] == [1, 1, {"a": 4, "kw": 5}]


def test_s5_integers_of_many_digits_travel(same):
    same(
        """
        big = 10 ** 5000
        def f(n, m):
            try:
                text = str(n)
            except ValueError as e:
                text = str(e)[:40]
            return n + 1, -n, m * big, text, {n: "key"}
        out = f(big + 7, -(3 ** 20000))
        print(out[0] == big + 8, out[1] == -big - 7, out[2] == -(3 ** 20000) * big, out[3], out[4] == {big + 7: "key"})
        """,
        select="app.f",
    )


def test_s6_a_travelling_object_that_hands_out_its_interior(same):
    same(
        """
        class Account:
            def __init__(self): self.history = []; self.balance = 0
            def deposit(self, n): self.balance += n; self.history.append(n); return self.history
        acc = Account()
        history = acc.deposit(1)
        acc.history.append(5); history.append(6)
        print(acc.deposit(2) is acc.history, acc.history is history, history, acc.balance)
        """,
        select="app.Account.deposit",
    )


@pytest.mark.xfail(strict=True, reason="resident objects (P2) do not exist yet")
def test_s6_a_resident_object_that_hands_out_its_interior_comes_home(same):
    result = same(
        """
        # faasify: resident
        class Account:
            def __init__(self): self.history = []
            def deposit(self, n): self.history.append(n); return len(self.history)
        acc = Account()
        print(acc.deposit(1), acc.deposit(2))
        acc.history.append(5)
        print(acc.deposit(3), acc.history)
        """,
        select="app.Account.deposit",
    )
    assert "app.Account" in result.report["residents"]


def test_m1_a_reduce_of_the_program_is_not_obeyed(same):
    same(
        """
        import copyreg
        class Evil:
            def __reduce__(self): return (print, ("hacked by reduce",))
        class Other: pass
        copyreg.pickle(Other, lambda o: (print, ("hacked by copyreg",)))
        def f(e, o): return type(e) is Evil, type(o) is Other, e
        e = Evil()
        out = f(e, Other())
        print(out[:2], out[2] is e)
        """,
        select="app.f",
    )


@pytest.mark.parametrize("getter", ["__getattr__", "__getattribute__"])
def test_m1_a_look_for_a_hook_is_not_seen(same, getter):
    same(
        f"""
        class Nosy:
            def {getter}(self, name):
                print("asked for", name)
                if "{getter}" == "__getattr__": raise AttributeError(name)
                return object.__getattribute__(self, name)
        def f(n): return type(n).__name__
        n = Nosy()
        print(f(n), f([n, n]))
        """,
        select="app.f",
        remote=(),
    )
