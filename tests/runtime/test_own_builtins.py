"""Builtins that a program replaces are the program's: no call of ours goes through them."""

from __future__ import annotations

import builtins
import importlib
import pkgutil
from types import FunctionType

import pytest

import faasify.localcloud
import faasify.runtime
from faasify.runtime import own_builtins
from tests.harness import Promise, cache, same

__all__ = ["cache", "same"]

# `seen` has the replaced builtins that code outside the program asked for, with the file it stands in
REPLACED = """
    import builtins, sys
    names, seen, home = NAMES.split(), [], globals()

    def counted(name, real):
        def call(*args, **kwargs):
            if sys._getframe(1).f_globals is not home: seen.append((name, sys._getframe(1).f_code.co_filename.rpartition("/")[2]))
            return real(*args, **kwargs)
        return call

    class Account:
        def __init__(self, balance): self.balance = balance

    def total(xs): return sum(xs)

    def pay(accounts, amount):
        for account in accounts: account.balance += amount
        if amount < 0: raise ValueError(amount)
        return accounts[0]

    accounts = [Account(1), Account(2)]
    def steps():
        yield pay(accounts, 3)
        yield total([3, 4])
        try: pay(accounts, -1)
        except ValueError as e: yield e.args
    warm = list(steps())
    reals = {name: getattr(builtins, name) for name in names}
    for name in reals: setattr(builtins, name, counted(name, reals[name]))
    got = list(steps())
    for name in reals: setattr(builtins, name, reals[name])
    print(got[0] is accounts[0], got[1:], [a.balance for a in accounts], seen)
"""
FUNCTIONS = [name for name, value in vars(builtins).items() if type(value) is type(len) and name not in ("breakpoint", "input")]


def test_what_a_program_puts_in_place_of_functions_is_not_asked_by_ours(same: Promise) -> None:
    same(REPLACED.replace("NAMES", repr(" ".join(FUNCTIONS))), select="app.pay,app.total", remote=())


def test_an_import_hook_sees_the_programs_imports_alone(same: Promise) -> None:
    same(
        """
        import builtins
        real = builtins.__import__
        def hook(name, globals=None, locals=None, fromlist=(), level=0):
            print("import", name, fromlist)
            return real(name, globals, locals, fromlist, level)
        def table(xs): return dict.fromkeys(xs)
        builtins.__import__ = hook
        print(table("ab"))
        import colorsys
        print(table([colorsys.rgb_to_hls(0, 0, 0)]))
        """,
        select="app.table",
        remote=(),
    )


@pytest.mark.parametrize("package", [faasify.runtime, faasify.localcloud])
def test_every_function_of_ours_has_them(package: object) -> None:
    found = 0
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):  # type: ignore[attr-defined]
        if info.ispkg:
            continue
        module = importlib.import_module(info.name)
        if module is own_builtins:
            continue
        for value in list(vars(module).values()):
            for fn in (value, *(vars(value).values() if isinstance(value, type) else ())):
                if isinstance(fn, FunctionType) and fn.__module__ == info.name and fn.__globals__ is vars(module):
                    assert fn.__builtins__ is own_builtins.OURS, (info.name, fn)  # type: ignore[attr-defined]
                    found += 1
    assert found > 20
