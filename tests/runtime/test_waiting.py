"""Which way to wait is kept: on a made-up machine, where a wait takes what the test says, and on real sockets."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasify.runtime.unit import frames, waiting
from faasify.runtime.unit.waiting import ASLEEP, KEPT, LOOKING, RESTING, SLEPT, TIMED, TRYING, Waiting

MICRO = 1e-6


really_crowded = waiting.crowded


@contextmanager
def processes_that_compute(count):
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        time.sleep(0.2)
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


class Bytes:
    """A socket at which something has always arrived."""

    def recv(self, size, flags=0):
        return b"x"


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Tests run beside others: how crowded the machine is says nothing about the made-up one."""
    monkeypatch.setattr(waiting, "crowded", lambda: False)


def after(w, count, asleep, looking):
    """`w` after so many frames on a machine where a wait takes `asleep` or `looking` microseconds; the seconds that all of them took."""
    spent = 0.0
    for _ in range(count):
        if w.state == RESTING:
            w.recv(Bytes(), 1)
            spent += asleep * MICRO
        else:
            seconds = (asleep if w.state == ASLEEP else looking) * MICRO
            w.took(seconds)
            spent += seconds
    return spent


@pytest.mark.parametrize(("asleep", "looking"), [(20, 9), (60, 12), (13, 10)])
def test_where_looking_is_quicker_it_is_kept(asleep, looking):
    w = Waiting()
    assert after(w, 50_000, asleep, looking) < 50_000 * MICRO * (looking + 0.03 * asleep)
    assert w.state != RESTING


@pytest.mark.parametrize(("asleep", "looking"), [(13, 15), (15, 4000), (20, 19.5), (40, 100)])
def test_where_sleeping_is_quicker_hardly_a_frame_is_looked_for(asleep, looking):
    w = Waiting()
    after(w, 50_000, asleep, looking)  # rests are long now
    assert after(w, 100_000, asleep, looking) < 100_000 * MICRO * asleep * 1.5
    assert w.state == RESTING


def test_the_first_trial_on_a_busy_machine_is_broken_off_after_some_waits():
    w = Waiting()
    after(w, SLEPT, 15, 0)
    assert w.state == TRYING
    after(w, 10, 15, 4000)
    assert w.state == RESTING


def test_nothing_is_tried_while_others_want_the_cores(monkeypatch):
    monkeypatch.setattr(waiting, "crowded", lambda: True)
    w = Waiting()
    for _ in range(2000):
        assert w.state in (ASLEEP, RESTING)
        after(w, 1, 60, 12)
    monkeypatch.setattr(waiting, "crowded", lambda: False)
    after(w, 1000, 60, 12)  # rests have not become longer meanwhile
    assert w.state == LOOKING


def test_processes_that_compute_crowd_the_machine():
    with processes_that_compute(2 * waiting._CORES + 1):
        found = [really_crowded() for _ in range(20) if not time.sleep(0.01)]
    assert sum(found) > 10


@pytest.mark.parametrize("fd", [None, -1])
def test_that_it_is_crowded_is_not_said_where_the_system_does_not_tell(monkeypatch, fd):
    monkeypatch.setattr(waiting, "LOAD", fd)
    assert not really_crowded()


def test_what_was_quicker_and_is_not_any_more_is_given_up_within_some_waits():
    w = Waiting()
    after(w, 2000, 20, 9)
    assert w.state == LOOKING
    after(w, 10, 20, 4000)
    assert w.state == RESTING


def test_what_was_slower_and_is_not_any_more_is_found_out():
    w = Waiting()
    after(w, 100_000, 15, 4000)
    after(w, 20_000, 60, 12)
    assert w.state == LOOKING


def test_others_having_had_the_core_does_not_make_sleeping_look_slow():
    """16 waits of which some took 4 ms each are no reason to look for 150 microseconds at a time."""
    w = Waiting()
    for number in range(SLEPT):
        w.took(0.004 if number % 10 == 0 else 25 * MICRO)
    assert w.state == TRYING
    assert after(w, 8, 25, 150) < 2e-3
    assert w.state == RESTING


def test_a_hiccup_does_no_harm():
    w = Waiting()
    after(w, 2000, 40, 9)
    w.took(0.5)
    after(w, 2 * TIMED, 40, 9)
    assert w.state == LOOKING


def test_nobody_looks_for_what_takes_long():
    w = Waiting()
    for _ in range(3 * KEPT):
        assert w.state in (ASLEEP, RESTING)
        after(w, 1, 20_000, 0)


@given(st.lists(st.sampled_from([1, 9, 15, 40, 299, 301, 999, 4000, 10**6]), max_size=200), st.integers(1, 700))
def test_whatever_waits_take_frames_are_counted_down(waits, each):
    """There is no state that the next frames do not lead out of."""
    w = Waiting()
    for micros in waits:
        after(w, each, micros, micros)
    seen = {w.state}
    for _ in range(3 * KEPT):
        after(w, 1, 100, 10)
        seen.add(w.state)
    assert LOOKING in seen


@pytest.fixture
def pair():
    left, right = socket.socketpair()
    with left, right:
        yield left, right


@pytest.mark.parametrize("state", [ASLEEP, TRYING, LOOKING, RESTING])
def test_in_each_state_what_arrives_is_received(pair, state):
    w = Waiting()
    w.state = state
    pair[0].sendall(b"there")
    assert w.recv(pair[1], 4096) == b"there"
    late = threading.Timer(0.05, pair[0].sendall, [b"late"])
    late.start()
    assert w.recv(pair[1], 4096) == b"late"
    late.join()
    pair[1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, frames.timeout(0.01))
    with pytest.raises(BlockingIOError):
        w.recv(pair[1], 4096)
    pair[0].close()
    assert w.recv(pair[1], 4096) == b""


def test_a_look_finds_what_is_there_and_is_soon_over_where_nothing_is(pair):
    for settling in (False, True):
        pair[0].sendall(b"there")
        assert waiting._soon(pair[1], 4096, settling) == b"there"
        assert waiting._soon(pair[1], 4096, settling) == b""


def test_the_core_is_given_away_only_until_a_trial_has_settled(pair, monkeypatch):
    """Whoever does that on a busy machine goes without the rest of its slice each time."""
    given = []
    monkeypatch.setattr(waiting, "_yield", lambda: given.append(w.state))
    monkeypatch.setattr(waiting, "crowded", lambda: False)
    pair[1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, frames.timeout(1e-4))
    w = Waiting()
    for state, left in [(ASLEEP, 5), (TRYING, TIMED + 5), (TRYING, TIMED - 5), (LOOKING, 500), (RESTING, 5)]:
        w._begin(state, left)
        with pytest.raises(BlockingIOError):
            w.recv(pair[1], 4096)
    assert given == [TRYING] * waiting.LOOKS
