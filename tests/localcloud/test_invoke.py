"""One event to one unit, by hand: `faasify.localcloud.invoke` and the command over it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faasify import pipeline
from faasify.errors import TargetError, UsageError
from faasify.localcloud import invoke
from faasify.localcloud.invocation import full_name
from faasify.localcloud.invocation import invoke as invoke_with_timeout

ROOT = str(Path(__file__).parents[2])

PROGRAM = """
    import settings

    def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
    def shout(word):
        print(word.upper())
        return settings.SIGN * 3
    def spin():
        while True: pass
    def crash(n):
        numbers = iter([1])
        for _ in range(n): numbers = map(abs, numbers)
        return next(numbers)
    class Account:
        def __init__(self, balance): self.balance = balance
        def deposit(self, amount): self.balance += amount; return self.balance
    def opened(balance): return Account(balance)

    if __name__ == "__main__":
        print(fib(3), shout("a"), crash(1), opened(1).deposit(2))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("program")
    (folder / "app.py").write_text(textwrap.dedent(PROGRAM))
    (folder / "settings.py").write_text("SIGN = '!'\nprint('this runs at no event')\n")
    return folder


@pytest.fixture(scope="module")
def build(folder: Path) -> str:
    pipeline.transform(pipeline.Request("app.py", None, "all", (), cwd=folder), Path("build"))
    return str(folder / "build")


def test_a_unit_runs_once_and_tells_its_result(build: str) -> None:
    assert invoke(build, "app.fib", {"n": 10}) == {"ret": 55, "stdout": ""}


def test_a_constant_of_a_module_that_has_no_function(build: str) -> None:
    assert invoke(build, "app.shout", {"word": "hi"}) == {"ret": "!!!", "stdout": "HI\n"}


def test_what_a_unit_returned_can_be_given_back(build: str) -> None:
    account = invoke(build, "app.opened", {"balance": 5})["ret"]
    assert invoke(build, "app.Account.deposit", {"self": account, "amount": 2})["ret"] == 7


def test_an_exception_of_the_unit_is_data(build: str) -> None:
    assert invoke(build, "app.fib", {"n": "x"})["error"]["type"] == "TypeError"


@pytest.mark.parametrize(
    ("unit", "event", "said"),
    [
        pytest.param("app.fib", {}, "app.fib needs the parameter 'n'; its parameters are n", id="a missing parameter"),
        pytest.param("app.fib", {"m": 1}, "app.fib has no parameter 'm'; its parameters are n", id="an unknown parameter"),
        pytest.param("app.fib", {"n": {"$x": 1}}, "the value of 'n' cannot be understood", id="a value that is none"),
        pytest.param("app.fib", {"n": b""}, "the event is no JSON", id="an event that is no JSON"),
        pytest.param("app.Account.deposit", {"amount": 1}, "an instance of Account", id="a method without its instance"),
        pytest.param("app.fibb", {}, "choose from app.fib", id="an unknown unit"),
    ],
)
def test_what_is_wrong_with_an_event_is_a_usage_error(unit: str, event: Any, said: str, build: str) -> None:
    with pytest.raises(UsageError) as raised:
        invoke(build, unit, event)
    assert said in str(raised.value)


def test_a_folder_that_is_no_build_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="faasify transform"):
        invoke(str(tmp_path), "app.fib", {})


def test_a_unit_that_takes_too_long_is_ended(build: str) -> None:
    started = time.monotonic()
    with pytest.raises(TargetError, match="app.spin was ended: over its time limit of 1 s; give it more"):
        invoke_with_timeout(build, "app.spin", {}, timeout=1)
    assert time.monotonic() - started < 30


def test_a_unit_whose_process_dies_is_a_clear_error(build: str) -> None:
    assert invoke(build, "app.crash", {"n": 10})["ret"] == 1
    with pytest.raises(TargetError, match=r"the process that ran app.crash died: it crashed \(SIGSEGV\)"):
        invoke(build, "app.crash", {"n": 1_000_000})  # more C calls in one another than any stack takes


UNITS = {"app.fib": 0, "app.A.get": 0, "app.B.get": 0}


@pytest.mark.parametrize(("typed", "name"), [("app.fib", "app.fib"), ("fib", "app.fib"), ("A.get", "app.A.get")])
def test_a_short_name_will_do(typed: str, name: str) -> None:
    assert full_name(typed, UNITS) == name


@pytest.mark.parametrize(
    ("typed", "units", "said"),
    [
        pytest.param("get", UNITS, "'get' is the name of 2 units; choose from app.A.get, app.B.get", id="two of a name"),
        pytest.param("fibb", UNITS, "there is no unit 'fibb'; choose from app.fib", id="nearly"),
        pytest.param("zzz", UNITS, "choose from app.A.get, app.B.get, app.fib", id="nothing like it"),
        pytest.param("zzz", {}, "faasify analyze", id="no units"),
    ],
)
def test_a_name_that_is_none_is_answered_with_those_that_are(typed: str, units: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as raised:
        full_name(typed, units)
    assert said in str(raised.value)


def test_a_program_that_starts_imports_nothing_of_it() -> None:
    code = (
        "import sys, faasify.localcloud.pool; print([m for m in ('json', 'difflib', 'faasify.localcloud.invocation') if m in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": ROOT}
    done = subprocess.run([sys.executable, "-S", "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.mark.parametrize(
    ("words", "code", "out"),
    [
        pytest.param(["fib", '{"n": 10}'], 0, '{"ret": 55', id="a result"),
        pytest.param(["fib", '{"n": "x"}'], 1, '{"error": {"type": "TypeError"', id="an exception of the unit"),
        pytest.param(["fib", "{}"], 2, "", id="a missing parameter"),
        pytest.param(["fib", "[" * 50_000], 2, "", id="nested beyond the parser"),
        pytest.param(["nothing", "{}"], 2, "", id="an unknown unit"),
    ],
)
def test_the_command_prints_one_object_and_tells_by_its_exit_code(
    words: list[str], code: int, out: str, folder: Path, faasify: Run
) -> None:
    done = faasify("invoke", "app.py", *words, cwd=folder)
    assert done.returncode == code, done.stderr
    assert done.stdout.startswith(out)
    assert done.stdout.count("\n") == bool(out)
    assert len(done.stderr.splitlines()) == (code == 2)
    assert "this is a bug" not in done.stderr
