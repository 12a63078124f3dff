"""Time and memory of a worker, watched from the caller's side, and how a worker ended: with real workers."""

from __future__ import annotations

import os
import signal
import time

import pytest

from faasify.localcloud.limits import Limits, OverLimit, memory_mb
from faasify.localcloud.pool import Channel, Pool, WorkerDied
from faasify.runtime.unit import frames

from .conftest import ask, new_pool


def asked(channel: Channel, text: str, limits: Limits) -> str:
    watch = limits.watch()
    assert watch is not None
    channel.within(watch.left())
    channel.send(frames.CALL, text.encode())
    return watch.recv(channel)[1].decode()


def test_a_call_within_its_limits_is_answered(pool: Pool) -> None:
    assert asked(pool.acquire(), "echo x", Limits(500, 10.0)) == "x"


@pytest.mark.parametrize("call", ["sleep 30", "spin"])
def test_a_call_over_its_time_is_ended_when_the_time_is_over(pool: Pool, call: str) -> None:
    begin = time.monotonic()
    with pytest.raises(OverLimit, match="^over its time limit of 0.3 s$"):
        asked(pool.acquire(), call, Limits(timeout_s=0.3))
    assert 0.25 < time.monotonic() - begin < 5


def test_a_worker_that_does_not_even_read_its_call_is_over_its_time(pool: Pool) -> None:
    channel = pool.acquire()
    os.kill(channel.pid, signal.SIGSTOP)
    with pytest.raises((OverLimit, WorkerDied)):
        asked(channel, "echo " + "x" * 50_000_000, Limits(timeout_s=0.3))


def test_a_call_over_its_memory_is_ended_before_it_has_much_more() -> None:
    pool = new_pool()
    channel = pool.acquire()
    limit = int(memory_mb(channel.pid)) + 50
    with pytest.raises(OverLimit, match=f"^over its memory limit of {limit} MB$") as raised:
        asked(channel, "fill 10000", Limits(memory_mb=limit))
    assert memory_mb(channel.pid) < limit + 100
    assert not raised.value.used
    pool.close()


def test_a_worker_that_kept_what_an_earlier_call_took_is_said_to_be_used(pool: Pool) -> None:
    channel = pool.acquire()
    limit = int(memory_mb(channel.pid)) + 50
    ask(channel, "fill 100")
    pool.release(channel)
    assert pool.acquire() is channel
    with pytest.raises(OverLimit) as raised:
        asked(channel, "sleep 30", Limits(memory_mb=limit))
    assert raised.value.used


def test_time_that_the_unit_waits_for_us_does_not_count() -> None:
    watch = Limits(timeout_s=0.2).watch()
    assert watch is not None
    time.sleep(0.25)
    with pytest.raises(OverLimit):
        watch.left()
    watch.extend(0.25)
    assert 0 < (watch.left() or 0) < 0.2


def test_without_limits_nothing_is_watched() -> None:
    assert Limits().watch() is None


@pytest.mark.parametrize(
    ("call", "told", "killed"),
    [
        ("exit", "it ended with exit code 3", False),
        ("kill", "it was killed (SIGKILL)", True),
        ("crash", "it crashed (SIGSEGV)", False),
    ],
)
def test_how_a_worker_ended_is_known(pool: Pool, call: str, told: str, killed: bool) -> None:
    channel = pool.acquire()
    with pytest.raises(WorkerDied):
        ask(channel, call)
    ending = pool.lost(channel)
    assert (ending.told(), ending.killed) == (told, killed)


def test_nobody_knows_how_a_worker_ended_whose_zygote_is_gone(pool: Pool) -> None:
    channel = pool.acquire()
    os.killpg(channel.zygote.group, signal.SIGKILL)
    with pytest.raises(WorkerDied):
        ask(channel, "echo x")
    ending = pool.lost(channel)
    assert (ending.told(), ending.killed) == ("nobody knows how it ended", True)
    assert ask(pool.acquire(), "echo x") == "x"


MEMORY_CGROUPS = "/sys/fs/cgroup/memory"


@pytest.mark.skipif(not os.access(MEMORY_CGROUPS + "/tasks", os.W_OK), reason="only root can limit the memory of a cgroup (version 1)")
def test_a_worker_that_the_kernel_killed_for_memory_is_told_from_one_that_was_killed(program) -> None:  # type: ignore[no-untyped-def]
    group = f"{MEMORY_CGROUPS}/faasify-test-{os.getpid()}"
    os.mkdir(group)
    try:
        with open(f"{group}/memory.limit_in_bytes", "w") as file:
            file.write(str(100 << 20))
        said = program.run(f"""
            channel = pool.acquire()
            open("{group}/cgroup.procs", "w").write(str(channel.pid))
            try:
                ask(channel, "fill 1000")
            except WorkerDied:
                ending = pool.lost(channel)
                print(ending.told(), ending.killed)
        """)
        assert said == "it was killed (SIGKILL): the machine, or its share of it, ran out of memory False\n"
    finally:
        os.rmdir(group)
