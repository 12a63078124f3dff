"""Where calls run: `auto` measures, a budget ends sending, `local` sends nothing; what the program does is the same."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasify.runtime.caller import placement
from faasify.runtime.caller.placement import Auto, Budget, Placement
from faasify.runtime.caller.report import UnitStats
from tests.harness import Promise, Run

from .conftest import Build

Make = Callable[..., Build]

PROGRAM = """
    import sys, time
    calls = []
    def tiny(x):
        calls.append(x)
        return x + 1
    def slow(x):
        calls.append(x)
        end = time.perf_counter() + 0.15
        while time.perf_counter() < end: pass
        return x + 1
    def never(): return 0
    print([tiny(i) for i in range(20)], [slow(i) for i in range(5)], len(calls))
"""
SELECT = "app.tiny,app.slow,app.never"


def counts(program: Build, name: str) -> tuple[int, int]:
    unit = program.report["units"][name]
    return unit["calls_remote"], unit["calls_here"]


def test_remote_sends_everything_that_can_go(build: Make) -> None:
    program = build(PROGRAM, SELECT)
    program.same(placement="remote", remote=["app.tiny", "app.slow"])
    assert (counts(program, "app.tiny"), counts(program, "app.slow")) == ((20, 0), (5, 0))
    assert [unit["retries"] for unit in program.report["units"].values()] == [0, 0, 0], "a worker has died"


def test_local_sends_nothing_and_starts_no_process(build: Make) -> None:
    program = build(PROGRAM + "    sys.stdout.flush(); input()\n", SELECT)
    program.same(Run(stdin="\n"), placement="local")
    assert all(counts(program, name) == (0, 0) for name in program.report["units"])
    process = program.start(env=program.options(placement="local"), stdin=-1)
    assert process.stdout is not None and process.stdout.readline()
    assert program.processes() == [process.pid]
    process.communicate("\n", timeout=20)


def test_auto_measures_one_call_here_and_one_there(build: Make) -> None:
    program = build(PROGRAM, SELECT)
    program.same(placement="auto")
    here, told = counts(program, "app.tiny"), program.report["units"]["app.tiny"]["placement"]
    assert here[0] == 0 and "too short to send" in told
    remote, local = counts(program, "app.slow")
    told = program.report["units"]["app.slow"]["placement"]
    assert local >= 1 and remote >= 1 and "ms here and" in told and "ms there" in told, told
    assert told.endswith("it runs there") == (remote == 4)
    assert program.report["units"].get("app.never", {"placement": "not called"})["placement"] == "not called"


def test_auto_is_what_a_build_does_by_itself(build: Make) -> None:
    program = build(PROGRAM, SELECT)
    program.rewritten(Run(env={"FAASIFY_RUN": None}))
    process = program.start(env={"FAASIFY_RUN": None})
    out, err = process.communicate(timeout=60)
    assert (out, err) == (program.original().stdout, "")


def test_a_budget_ends_sending(build: Make) -> None:
    program = build(PROGRAM, SELECT)
    program.same(placement="remote", budget_s=0.2)
    remote, _ = counts(program, "app.slow")
    assert remote < 5
    assert [f["reason"] for f in program.report["units"]["app.slow"]["fallbacks"]] == ["budget: the budget of 0.2 s was spent"]


@pytest.mark.parametrize(
    "words, remote", [(("auto",), False), (("local",), False), (("remote",), True), (("remote", "--budget", "0.1s"), False)]
)
def test_the_command_takes_it(same: Promise, words: tuple[str, ...], remote: bool) -> None:
    result = same(PROGRAM, SELECT, options=["--placement", *words], remote=())
    assert (result.calls_remote("app.slow") == 5) == remote
    assert (result.calls_remote("app.tiny") == 20) == remote or "--budget" in words


@pytest.mark.parametrize("words", [("--placement", "elsewhere"), ("--budget", "soon"), ("--budget", "-1s")])
def test_the_command_refuses_nonsense(faasify: Any, build: Make, words: tuple[str, ...]) -> None:
    program = build("def f(): pass\nf()\n", "app.f")
    ended = faasify("run", *words, "app.py", cwd=program.root)
    assert ended.returncode == 2 and ended.stdout == "" and "Traceback" not in ended.stderr


def unit(kind: type[Placement], budget: Budget) -> Any:
    """What a placement sees of a unit."""
    runtime = SimpleNamespace(foresight=SimpleNamespace(seen=0, knows=lambda site: site == "in a loop"), ahead=SimpleNamespace(cores=2))
    made: Any = SimpleNamespace(stats=UnitStats(), stays=[], fans_out=False, seconds=0.0, runtime=runtime)
    made.stay = made.stays.append
    made.placement = kind(made, budget)
    return made


times = st.floats(0, 100)


@given(st.lists(st.tuples(times, times), max_size=40))
def test_what_sending_costs_beyond_the_computing_is_bounded(calls: list[tuple[float, float]]) -> None:
    one = unit(Placement, Budget(None))
    overhead = 0.0
    for extra, computing in calls:
        if not one.placement.there():
            break
        overhead += extra
        one.placement.went(computing + extra, computing)
    longest = max((extra for extra, _ in calls), default=0.0)
    assert overhead <= placement.OVERHEAD_S + longest + 1e-6
    assert one.placement.there() or overhead > placement.OVERHEAD_S - 1e-6


@given(st.floats(0.1, 50), st.lists(times, max_size=40))
def test_a_budget_is_overspent_by_one_call_at_most(seconds: float, calls: list[float]) -> None:
    one = unit(Placement, Budget(seconds))
    spent = []
    for elapsed in calls:
        if not one.placement.there():
            break
        spent.append(elapsed)
        one.placement.went(elapsed, elapsed)
    assert sum(spent[:-1]) <= seconds + 1e-9


def test_a_budget_is_the_programs_not_the_units() -> None:
    budget = Budget(1.0)
    first, second = unit(Placement, budget), unit(Placement, budget)
    first.placement.went(2.0, 2.0)
    assert not second.placement.there() and second.stays == ["the budget of 1 s was spent"]


def test_attempts_that_come_to_nothing_are_paid_for() -> None:
    one = unit(Placement, Budget(None))
    for _ in range(21):
        one.placement.lost(1.0)
    assert not one.placement.there()


@pytest.mark.parametrize("here, there, stays", [(0.001, None, True), (0.1, 0.05, False), (0.1, 0.2, True)])
def test_auto_goes_on_with_the_faster_place(monkeypatch: pytest.MonkeyPatch, here: float, there: float | None, stays: bool) -> None:
    clock = iter([0.0, here])
    monkeypatch.setattr(placement, "perf_counter", lambda: next(clock))
    one = unit(Auto, Budget(None))
    assert not one.placement.there(), "the first call is measured here"
    assert one.placement.timed(lambda x: x + 1)(1) == 2
    if there is not None:
        assert one.placement.there(), "the second there"
        one.placement.went(there, there)
    assert bool(one.stays) == stays
    assert one.stays in ([], [one.placement.why()])


@pytest.mark.parametrize(
    "here, site, there, stays",
    [
        (0.003, "in a loop", [0.05, 0.04, *[0.002] * 6], False),  # the first of each worker do not count
        (0.003, "in a loop", [0.05, 0.04, *[0.004] * 6], True),
        (0.003, "elsewhere", [], True),
        (0.0005, "in a loop", [], True),
    ],
)
def test_auto_measures_several_calls_of_a_loop(
    monkeypatch: pytest.MonkeyPatch, here: float, site: str, there: list[float], stays: bool
) -> None:
    clock = iter([0.0, here])
    monkeypatch.setattr(placement, "perf_counter", lambda: next(clock))
    one = unit(Auto, Budget(None))
    one.fans_out = True
    one.placement.timed(lambda: None, site)()
    for number, seconds in enumerate(there):
        assert one.placement.there(), number
        one.placement.went(seconds, seconds)
    assert bool(one.stays) == stays


def test_a_call_that_uses_several_cores_by_itself_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of it side by side, each with threads for all cores, are slower than one after the other."""
    for cpu, stays in ((0.19, True), (0.1, False)):
        clock, alone, used = iter([0.0, 0.3]), iter([0.0, 0.1]), iter([0.0, cpu])  # beside others: a third of the time
        monkeypatch.setattr(placement, "perf_counter", lambda clock=clock: next(clock))
        monkeypatch.setattr(placement, "thread_time", lambda alone=alone: next(alone))
        monkeypatch.setattr(placement, "process_time", lambda used=used: next(used))
        monkeypatch.setattr(placement, "other_threads", lambda: 0)
        one = unit(Auto, Budget(None))
        one.placement.timed(lambda: None, "in a loop")()
        assert bool(one.stays) == stays
        assert not stays or one.placement.why() == "a call has the work of 1.9 threads done by itself"


def test_a_call_there_that_takes_much_longer_is_enough() -> None:
    one, gave_way = unit(Auto, Budget(None)), []
    one.fans_out, one.placement.here_s, one.runtime.ahead.give_way = True, 0.1, lambda: gave_way.append(1)
    one.placement.went(0.5, 0.5)
    assert not one.stays
    one.placement.went(0.6, 0.6)
    assert one.stays and gave_way and "0.6" not in one.stays[0] and "600 ms there" in one.stays[0]


def test_a_call_that_raises_is_measured_too() -> None:
    def fail() -> None:
        raise KeyError

    one = unit(Auto, Budget(None))
    with pytest.raises(KeyError):
        one.placement.timed(fail)()
    assert one.placement.here_s is not None
