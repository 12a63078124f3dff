"""A worker that is forked before anybody asks for it."""

from __future__ import annotations

import ast
import os
import signal
import time
from pathlib import Path

import pytest

from .conftest import ask, new_pool


def children(pid: int) -> set[int]:
    """Processes that have not ended."""
    found = {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    return {child for child in found if alive(child)}


def alive(pid: int) -> bool:
    """Whether it is there, and not only as a zombie."""
    try:
        return b") Z" not in Path(f"/proc/{pid}/stat").read_bytes()
    except FileNotFoundError:
        return False


def until(condition):
    for _ in range(500):
        if condition():
            return True
        time.sleep(0.01)
    return False


def zygote(channel) -> int:
    return ast.literal_eval(ask(channel, "describe"))["ppid"]


@pytest.fixture
def used():
    """A pool that has been asked for a second worker, and those two."""
    pool = new_pool(limit=8)
    channels = [pool.acquire(), pool.acquire()]
    yield pool, channels
    pool.close()


def test_a_program_that_makes_do_with_one_worker_has_no_spare(pool):
    channel = pool.acquire()
    ask(channel, "echo")
    time.sleep(0.1)
    assert children(zygote(channel)) == {channel.pid}


def test_the_next_worker_is_the_spare_and_there_is_another_one_then(used):
    pool, channels = used
    parent, known = zygote(channels[0]), {channel.pid for channel in channels}
    for _ in range(3):
        assert until(lambda: len(children(parent)) == len(known) + 1)
        (spare,) = children(parent) - known
        channels.append(channel := pool.acquire())
        assert channel.pid == spare and ask(channel, "echo hello") == "hello"
        known.add(spare)
    seen = ast.literal_eval(ask(channel, "describe"))
    assert seen["first_free"] == 3 and len(ask(channel, "open")) == len(ask(channels[0], "open"))


def test_a_spare_that_was_killed_is_not_missed(used):
    pool, channels = used
    parent, known = zygote(channels[0]), {channel.pid for channel in channels}
    assert until(lambda: len(children(parent)) == 3)
    (spare,) = children(parent) - known
    os.kill(spare, signal.SIGKILL)
    assert until(lambda: spare not in children(parent))
    assert ask(pool.acquire(), "echo hello") == "hello"


def test_in_the_place_of_a_spare_that_was_killed_there_is_another(used):
    pool, channels = used
    parent, known = zygote(channels[0]), {channel.pid for channel in channels}
    for _ in range(3):
        assert until(lambda: len(children(parent)) == 3)
        (spare,) = children(parent) - known
        os.kill(spare, signal.SIGKILL)
        assert until(lambda spare=spare: spare not in children(parent))
    assert until(lambda: len(children(parent)) == 3)
    (spare,) = children(parent) - known
    assert pool.acquire().pid == spare


def test_spares_that_cannot_get_ready_are_not_forked_without_end(tmp_path):
    lost = tmp_path / "lost"
    pool = new_pool(limit=8, lost=str(lost))
    channels = [pool.acquire(), pool.acquire()]
    assert until(lambda: lost.exists() and lost.stat().st_size >= 10)
    time.sleep(0.3)
    assert lost.stat().st_size == 10
    assert ask(pool.acquire(), "echo hello") == "hello" and children(zygote(channels[0])) >= {channel.pid for channel in channels}
    pool.close()


def test_a_spare_that_nobody_wants_is_the_last_until_a_worker_is_asked_for():
    pool = new_pool(limit=8, idle_s=0.3)
    channels = [pool.acquire(), pool.acquire()]
    parent = zygote(channels[0])
    assert until(lambda: len(children(parent)) == 3)
    spare = max(children(parent) - {channel.pid for channel in channels})
    assert until(lambda: not children(parent))
    time.sleep(0.2)
    assert not children(parent)
    assert ask(pool.acquire(), "echo hello") == "hello"
    assert until(lambda: children(parent) and spare not in children(parent))
    pool.close()


def test_a_spare_ends_with_its_zygote_and_with_the_pool(used):
    pool, channels = used
    parent = zygote(channels[0])
    assert until(lambda: len(children(parent)) == 3)
    (spare,) = children(parent) - {channel.pid for channel in channels}
    os.kill(parent, signal.SIGKILL)
    assert until(lambda: not alive(spare))


def test_a_spare_that_nobody_wants_ends_and_none_comes_in_its_place():
    pool = new_pool(idle_s=0.2)
    first, second = pool.acquire(), pool.acquire()
    parent = zygote(first)
    pool.release(first)
    pool.release(second)
    assert until(lambda: not children(parent))
    time.sleep(0.1)
    assert not children(parent)
    assert ask(pool.acquire(), "echo hello") == "hello"
    pool.close()
