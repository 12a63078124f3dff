"""State that a function depends on without naming it: what goes along, what comes back, what ends the call."""

from __future__ import annotations

import decimal
import os
import random
import sys
from collections.abc import Callable
from typing import Any

import pytest

from faasify.runtime.unit import frames, generators, hidden

from .units import Caller

Make = Callable[..., Caller]


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Any:
    state, context, folder = random.getstate(), decimal.getcontext().copy(), os.getcwd()
    monkeypatch.setattr(sys, "argv", ["app.py", "a", "b"])
    monkeypatch.setenv("FROM_THE_START", "1")
    monkeypatch.setenv("TAKEN_AWAY", "1")
    yield
    random.setstate(state)
    decimal.setcontext(context)
    os.chdir(folder)


SOURCE = """
    import decimal, os, random, statistics, sys
    rng = random.Random(1)
    def argv(): return sys.argv, sys.argv is sys.argv
    def push(x): sys.argv.append(x)
    def replace(xs): sys.argv = xs
    def env(*names): return [os.environ.get(n) for n in names]
    def setenv(name, value): os.environ[name] = value
    def unsetenv(name): del os.environ[name]
    def cwd(): return os.getcwd()
    def draw(): return random.random()
    def own(): return rng.random()
    def seed(n): random.seed(n)
    def gauss(): return random.gauss(0, 1), random.gauss(0, 1)
    def third(): return str(decimal.Decimal(1) / 3)
    def precise(n): decimal.getcontext().prec = n; return str(decimal.Decimal(1) / 3)
    def nothing(x): return x
    def divide(a, b): return a[0] / b[0] if type(a) is list else a / b
    def seeded(n): rng = random.Random(n); return rng.random()
    def one(): return random.Random(3).choice([5])
    def peek(): return random.getstate()[2]
    def through(module): return module.randrange(1000)
    def sly(): return vars(random)["random"]()
    def swap(s): sys.stdout = s
    """


def committed(caller: Caller, name: str, *args: Any) -> Any:
    """The result of a call, its hidden state taken over here."""
    kind, message = caller.ask(name, *args)
    assert kind == frames.RESULT, message
    hidden.commit(caller.decoded(message), message["hidden"])
    return caller.result(message)


def test_argv_goes_and_comes_back(caller: Make) -> None:
    c = caller(SOURCE)
    mine = sys.argv
    assert c.value("argv") == (["app.py", "a", "b"], True)
    kind, message = c.ask("push", "new")
    assert kind == frames.RESULT and message["hidden"] == {} and len(message["edits"]) == 1
    assert c.last.enc.objs[message["edits"][0][0]] is mine


@pytest.mark.parametrize("name, value, what", [("replace", ["x"], "sys.argv"), ("swap", None, "sys streams")])
def test_another_argv_or_stream_than_the_callers_ends_the_call(caller: Make, name: str, value: Any, what: str) -> None:
    c = caller(SOURCE)
    kind, message = c.ask(name, value)
    assert (kind, message["kind"]) == (frames.ABORT, "settings") and what in message["what"]
    assert c.value("nothing", 1) == 1


def test_environ(caller: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    c = caller(SOURCE)
    monkeypatch.delenv("TAKEN_AWAY")
    monkeypatch.setenv("ADDED", "2")
    assert c.value("env", "FROM_THE_START", "TAKEN_AWAY", "ADDED") == ["1", None, "2"]
    committed(c, "setenv", "FROM_THE_START", "changed")
    assert os.environ["FROM_THE_START"] == "changed"
    committed(c, "unsetenv", "ADDED")
    assert "ADDED" not in os.environ
    assert c.value("env", "FROM_THE_START", "ADDED") == ["changed", None]


def test_environ_of_an_earlier_call_is_gone(caller: Make) -> None:
    """Also where the caller's is as it was at the start, so that there is nothing to send."""
    c = caller(SOURCE)
    committed(c, "setenv", "NEW", "1")
    committed(c, "unsetenv", "TAKEN_AWAY")
    del os.environ["NEW"]
    os.environ["TAKEN_AWAY"] = "1"
    assert "environ" not in c.snapshot("env").call["hidden"]
    assert c.value("env", "NEW", "TAKEN_AWAY") == [None, "1"]


def test_environ_that_did_not_change_is_not_sent(caller: Make) -> None:
    c = caller(SOURCE)
    assert "environ" not in c.snapshot("nothing", 1).call["hidden"]
    assert c.ask("env", "X")[1]["hidden"] == {}


def test_the_working_directory_is_followed(caller: Make, tmp_path: Any) -> None:
    c = caller(SOURCE)
    for folder in (tmp_path, "/"):
        os.chdir(folder)
        assert c.value("cwd") == str(folder)


def test_a_working_directory_that_was_deleted_is_followed(caller: Make, tmp_path: Any) -> None:
    c = caller(SOURCE)
    (tmp_path / "gone").mkdir()
    os.chdir(tmp_path / "gone")
    os.rmdir(tmp_path / "gone")
    for _ in range(2):
        _, message = c.ask("cwd")
        assert type(c.decoded(message).value(message["exc"])) is FileNotFoundError
    os.chdir(tmp_path)
    assert c.value("cwd") == str(tmp_path)


def test_the_global_generator_of_random(caller: Make) -> None:
    c = caller(SOURCE)
    random.seed(5)
    want = [random.random() for _ in range(4)]
    random.seed(5)
    assert [committed(c, "draw"), random.random(), committed(c, "draw"), random.random()] == want


def test_the_half_of_a_pair_that_gauss_keeps(caller: Make) -> None:
    c = caller(SOURCE)
    random.seed(6)
    want = [random.gauss(0, 1) for _ in range(4)]
    random.seed(6)
    assert [random.gauss(0, 1), *committed(c, "gauss"), random.gauss(0, 1)] == want


def test_random_goes_only_with_code_that_can_reach_it(caller: Make) -> None:
    c = caller(SOURCE)
    assert "random" in c.snapshot("draw").call["hidden"] and "random" not in c.snapshot("nothing", 1).call["hidden"]
    assert "random" in c.snapshot("nothing", random.random).call["hidden"]
    assert c.ask("nothing", 1)[1]["hidden"] == {}


@pytest.mark.parametrize("name, args", [("draw", ()), ("seed", (5,)), ("gauss", ()), ("through", (random,))])
def test_a_generator_that_was_not_sent_ends_the_call_that_uses_it(caller: Make, name: str, args: tuple[Any, ...]) -> None:
    c = caller(SOURCE)
    c.drawn = generators.NONE
    for _ in range(2):
        kind, message = c.ask(name, *args)
        assert (kind, message["kind"], message["what"]) == (frames.ABORT, "random", "random")
    assert c.value("seeded", 7) == random.Random(7).random()
    assert "random" not in c.last.call["hidden"] and c.value("one") == 5


def test_a_generator_that_was_not_sent_is_in_no_state_that_a_call_can_bring_about(caller: Make) -> None:
    """Or to seed it as an earlier call has done would change nothing, and be lost."""
    c = caller(SOURCE)
    random.seed(1)
    committed(c, "seed", 5)
    pid = c.channel.pid if c.channel else 0
    c.drawn = generators.NONE
    kind, message = c.ask("seed", 5)
    assert (kind, message["kind"]) == (frames.ABORT, "random") and c.channel is not None and c.channel.pid == pid


def test_code_that_may_look_at_the_generator_is_always_sent_it(caller: Make) -> None:
    c = caller(SOURCE)
    c.drawn = generators.NONE
    random.seed(5)
    random.gauss(0, 1)
    assert c.value("peek") == random.getstate()[2] is not None
    assert "random" in c.snapshot("sly").call["hidden"] and "random" in c.snapshot("nothing", random.getstate).call["hidden"]


def test_random_that_was_only_read_is_not_sent_back(caller: Make) -> None:
    c = caller(SOURCE)
    assert c.ask("own")[1]["hidden"] == {}


def test_the_decimal_context(caller: Make) -> None:
    c = caller(SOURCE)
    decimal.getcontext().prec = 5
    assert c.value("third") == "0.33333"
    assert committed(c, "precise", 3) == "0.333"
    assert decimal.getcontext().prec == 3 and decimal.getcontext().flags[decimal.Inexact]
    assert c.value("third") == "0.333"


def test_the_decimal_context_goes_with_numbers_that_reckon_by_it(caller: Make) -> None:
    c = caller(SOURCE)
    one, three = decimal.Decimal(1), decimal.Decimal(3)
    for precision in (5, 28, 7):
        decimal.getcontext().prec = precision
        decimal.getcontext().clear_flags()
        assert committed(c, "divide", one, three) == one / three
        assert committed(c, "divide", [one], [three]) == one / three
    decimal.getcontext().clear_flags()
    committed(c, "divide", one, three)
    assert decimal.getcontext().flags[decimal.Inexact]


def test_calls_of_one_worker_do_not_see_each_other(caller: Make) -> None:
    c = caller(SOURCE)
    c.ask("push", "x"), c.ask("setenv", "FROM_THE_START", "y"), c.ask("precise", 2)
    decimal.getcontext().prec = 28
    assert c.value("argv")[0] == ["app.py", "a", "b"]
    assert c.value("third") == "0." + 28 * "3"
    assert c.value("env", "FROM_THE_START") == ["1"]


def test_a_generator_of_numpy_that_the_unit_has_not_loaded_stays_where_it_is(caller: Make) -> None:
    pytest.importorskip("numpy.random")
    c = caller(SOURCE)
    random.seed(3)
    want = random.random()
    random.seed(3)
    assert committed(c, "draw") == want
