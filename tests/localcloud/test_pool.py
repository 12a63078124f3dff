"""A pool with real workers, inside one process."""

from __future__ import annotations

import ast
import gc
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from faasify.localcloud.pool import WorkerDied, ZygoteFailed
from faasify.runtime.unit import frames
from faasify.runtime.unit.environment import is_given

from .conftest import ask, new_pool


def call(pool, text):
    channel = pool.acquire()
    try:
        return ask(channel, text)
    finally:
        pool.release(channel)


def described(pool):
    return ast.literal_eval(call(pool, "describe"))


@pytest.mark.parametrize("size", [0, 1, 70_000, 50_000_000])
def test_a_call_and_its_answer_have_any_size(pool, size):
    payload = bytes(range(256)) * (size // 256) + bytes(size % 256)
    channel = pool.acquire()
    channel.send(frames.CALL, [b"echo ", payload])
    assert channel.recv() == (frames.RESULT, payload)


def test_a_worker_is_used_again():
    pool = new_pool()
    pool.start()
    assert len({described(pool)["pid"] for _ in range(5)}) == 1
    pool.close()


def test_threads_have_workers_of_their_own(pool):
    def work(number):
        return [call(pool, f"echo {number}-{turn}") for turn in range(50)]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(work, range(16))) == [[f"{number}-{turn}" for turn in range(50)] for number in range(16)]


def test_what_is_at_hand_is_ready_alive_and_nobody_elses(pool):
    assert pool.at_hand() is None
    call(pool, "echo")
    channel = pool.at_hand()
    assert channel is not None and ask(channel, "echo x") == "x"
    assert pool.at_hand() is None
    pool.release(channel)
    os.kill(channel.pid, signal.SIGKILL)
    wait_for_end(channel.pid)
    assert pool.at_hand() is None
    assert call(pool, "echo again") == "again"


def test_several_frames_at_once_are_answered_in_their_order():
    pool = new_pool(limit=2)
    assert pool.spare() == 2
    channel = pool.acquire()
    assert pool.spare() == 1
    channel.send_many([(frames.CALL, b"echo %d" % n) for n in range(100)])
    assert [channel.recv()[1] for _ in range(100)] == [b"%d" % n for n in range(100)]
    pool.release(channel)
    assert pool.spare() == 2
    pool.close()


def test_beyond_the_limit_a_caller_waits():
    pool = new_pool(limit=2)
    first, second = pool.acquire(), pool.acquire()
    got = []
    waiting = [threading.Thread(target=lambda: got.append(call(pool, "echo x"))) for _ in range(4)]
    for thread in waiting:
        thread.start()
    time.sleep(0.1)
    assert got == []
    pool.release(first)
    pool.discard(second)
    for thread in waiting:
        thread.join(10)
    assert got == ["x"] * 4
    pool.close()


def test_threads_that_come_at_once_do_not_have_more_workers_than_the_limit():
    pool = new_pool(limit=2)
    pool.start()
    start, most = threading.Barrier(24), []

    def work(_):
        start.wait()
        channel = pool.acquire()
        most.append(pool.limit - pool.spare())
        pool.release(channel)

    with ThreadPoolExecutor(24) as threads:
        list(threads.map(work, range(24)))
    assert max(most) <= 2
    pool.close()


def test_who_is_woken_while_it_looks_whether_it_must_wait_has_its_turn():
    pool = new_pool(limit=1)
    held = pool.acquire()

    class Waiting(list):
        """Another thread gives its worker back just before this one stops waiting."""

        def __contains__(self, ticket):
            found = super().__contains__(ticket)
            self.clear()
            return found

        def remove(self, ticket):
            self.clear()
            super().remove(ticket)

    pool._waiting = Waiting()
    pool.release(held)
    pool._wait()
    assert call(pool, "echo x") == "x"
    pool.close()


def test_who_waits_when_the_pool_is_closed_is_told():
    pool = new_pool(limit=1)
    held = pool.acquire()
    told = []

    def wait():
        try:
            pool.acquire()
        except ZygoteFailed as error:
            told.append(str(error))

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.1)
    pool.close()
    thread.join(10)
    assert told == ["the pool is closed"] and held.closed


@pytest.mark.parametrize("end", ["exit", "kill"])
def test_a_worker_that_ends_in_a_call_is_reported_and_replaced(pool, end):
    channel = pool.acquire()
    channel.send(frames.CALL, end.encode())
    with pytest.raises(WorkerDied, match=f"worker {channel.pid} is gone"):
        channel.recv()
    assert channel.closed
    pool.release(channel)
    assert call(pool, "echo again") == "again"


def test_a_worker_that_was_killed_between_calls_is_never_handed_out(pool):
    channel = pool.acquire()
    pool.release(channel)
    os.kill(channel.pid, signal.SIGKILL)
    wait_for_end(channel.pid)
    assert call(pool, "echo again") == "again"


def test_a_worker_that_was_killed_before_the_call_is_reported(pool):
    channel = pool.acquire()
    os.kill(channel.pid, signal.SIGKILL)
    wait_for_end(channel.pid)
    with pytest.raises(WorkerDied):
        ask(channel, "echo x")
    pool.discard(channel)
    assert call(pool, "echo again") == "again"


def test_a_worker_that_says_too_much_is_never_handed_out(pool):
    channel = pool.acquire()
    channel.send(frames.CALL, b"echo 1")
    channel.send(frames.CALL, b"echo 2")
    assert channel.recv()[1] == b"1"
    time.sleep(0.1)
    pool.release(channel)
    other = pool.acquire()
    assert ask(other, "echo 3") == "3"
    assert other.pid != channel.pid


def test_a_worker_that_owes_an_answer_is_never_handed_out(pool):
    channel = pool.acquire()
    channel.send(frames.CALL, b"sleep 0.1")
    pool.release(channel)
    assert call(pool, "echo mine") == "mine"


def test_a_discarded_worker_is_killed_whatever_it_does(pool):
    channel = pool.acquire()
    channel.send(frames.CALL, b"spin")
    time.sleep(0.2)
    pool.discard(channel)
    wait_for_end(channel.pid)


def test_no_answer_in_time_is_told_apart_from_a_dead_worker(pool):
    channel = pool.acquire()
    channel.send(frames.CALL, b"sleep 30")
    begin = time.monotonic()
    with pytest.raises(TimeoutError, match="no answer from worker"):
        channel.recv(timeout=0.2)
    assert 0.15 < time.monotonic() - begin < 5
    pool.discard(channel)
    wait_for_end(channel.pid)
    channel = pool.acquire()
    channel.send(frames.CALL, b"sleep 0.2")
    assert channel.recv()[1] == b""


def test_a_call_that_is_too_large_leaves_the_worker_as_good_as_before(pool, monkeypatch):
    channel = pool.acquire()
    with monkeypatch.context() as patch:
        patch.setattr(frames, "LIMIT", 10)
        with pytest.raises(frames.FrameTooLarge):
            channel.send(frames.CALL, b"echo 1234567890")
    assert ask(channel, "echo x") == "x"


def test_a_zygote_that_was_killed_is_replaced_while_its_workers_go_on_serving(pool):
    channel = pool.acquire()
    zygote = ast.literal_eval(ask(channel, "describe"))["ppid"]
    os.kill(zygote, signal.SIGKILL)
    wait_for_end(zygote)
    assert ask(channel, "echo still here") == "still here"
    other = pool.acquire()
    assert ast.literal_eval(ask(other, "describe"))["ppid"] != zygote
    pool.discard(channel)
    wait_for_end(channel.pid)  # by its number, though the zygote that would know is gone
    assert ask(other, "echo x") == "x"


def test_a_zygote_that_was_killed_before_it_was_ready_is_replaced():
    pool = new_pool(sleep=0.3)
    pool.start()
    os.killpg(pool._zygote.group, signal.SIGKILL)
    assert call(pool, "echo x") == "x"
    pool.close()


def test_a_closed_pool_has_no_processes():
    pool = new_pool()
    channels = [pool.acquire() for _ in range(3)]
    zygote = ast.literal_eval(ask(channels[0], "describe"))["ppid"]
    channels[1].send(frames.CALL, b"spin")
    pool.close()
    for pid in [zygote, *(channel.pid for channel in channels)]:
        wait_for_end(pid)
    with pytest.raises(ZygoteFailed, match="the pool is closed"):
        pool.acquire()
    pool.close()


def test_an_interpreter_that_does_not_exist_is_named():
    pool = new_pool(python="/no/such/python")
    pool.start()
    with pytest.raises(ZygoteFailed, match="^there is no interpreter /no/such/python$"):
        pool.acquire()


def test_an_interpreter_that_cannot_be_run_is_named(tmp_path):
    pool = new_pool(python=str(tmp_path))
    with pytest.raises(ZygoteFailed, match="is not a program that can be run"):
        pool.acquire()


def test_an_interpreter_that_ends_at_once_is_named():
    pool = new_pool(python="/bin/false")
    with pytest.raises(ZygoteFailed, match="^/bin/false ended before a worker was ready, 3 times in a row$"):
        pool.acquire()


def test_units_that_cannot_be_loaded_fail_with_the_reason_and_at_once_from_then_on():
    pool = new_pool(**{"raise": "no module named x"})
    pool.start()
    for _ in range(3):
        with pytest.raises(
            ZygoteFailed, match=r"^the program's units cannot be loaded: LookupError: no module named x \(.*standin.py, line \d+\)$"
        ):
            pool.acquire()


def test_a_zygote_that_hangs_is_given_up():
    pool = new_pool(sleep=60, start_timeout=0.2)
    with pytest.raises(ZygoteFailed, match="in time"):
        pool.acquire()
    pool.close()


def test_no_descriptor_is_left_by_workers_that_came_and_went(pool):
    pool.release(pool.acquire())
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(200):
        pool.discard(pool.acquire())
    assert len(os.listdir("/proc/self/fd")) <= before


def test_a_worker_has_the_channel_the_lifeline_and_the_load_and_no_other_descriptor(pool):
    pool.acquire()
    open_now = ast.literal_eval(call(pool, "open"))
    assert [fd for fd in open_now if fd < 100] == [0, 1, 2, 3]  # 3: the listing itself
    assert len(open_now) == 7


def test_the_caller_keeps_its_low_descriptors_for_itself():
    with open("/dev/null") as file:
        expected = file.fileno()
    pool = new_pool()
    pool.acquire()
    with open("/dev/null") as file:
        assert file.fileno() == expected
    pool.close()


def test_a_worker_lives_in_the_callers_surroundings(monkeypatch, tmp_path):
    monkeypatch.setenv("LC_odd.name", "kept by no shell")
    monkeypatch.setenv("LC_BYTES", "\udcff")
    monkeypatch.setenv("TOKEN", "asked for by those who want it")
    monkeypatch.chdir(tmp_path)
    pool = new_pool(hash_seed="7")
    seen = described(pool)
    expected = {name: value for name, value in os.environ.items() if is_given(name) and name != "PYTHONHASHSEED"}
    assert "LC_odd.name" in expected and "TOKEN" not in expected
    assert {name: value for name, value in seen["environ"].items() if name != "PYTHONHASHSEED"} == expected
    assert ("PYTHONHASHSEED" in seen["environ"]) == ("PYTHONHASHSEED" in os.environ)
    assert seen["cwd"] == str(tmp_path)
    assert seen["path"][: len(sys.path)] == sys.path
    assert seen["links"] == ["/dev/null"] * 3
    assert seen["first_free"] == 3
    assert seen["load"] == "/proc/loadavg"  # a worker can tell whether the machine is crowded (unit/waiting.py)
    assert seen["children"] is None
    assert seen["main"] == ["main", "sys"]
    again = new_pool(hash_seed="7", whole_environ=True)
    assert described(again)["hash"] == seen["hash"]
    assert {**described(again)["environ"], "PYTHONHASHSEED": ""} == {**os.environ, "PYTHONHASHSEED": ""}
    pool.close()
    again.close()


def wait_for_end(pid):
    """Until no process, or only a zombie that init has yet to collect, has the number `pid`."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{pid}/stat") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return
        except OSError:
            return
        time.sleep(0.005)
    raise AssertionError(f"process {pid} is still there")


def test_workers_without_calls_end_and_the_next_call_has_another():
    pool = new_pool(idle_s=0.2)
    channels = [pool.acquire() for _ in range(3)]
    pids = [ast.literal_eval(ask(channel, "describe"))["pid"] for channel in channels]
    for channel in channels:
        pool.release(channel)
    deadline = time.monotonic() + 20
    while any(os.path.exists(f"/proc/{pid}") for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}")]
    assert described(pool)["pid"] not in pids
    pool.close()


def test_a_worker_in_a_call_is_not_idle():
    pool = new_pool(idle_s=0.2)
    channel = pool.acquire()
    channel.send(frames.CALL, b"sleep 1")
    assert channel.recv() == (frames.RESULT, b"")
    pool.close()


def test_a_channel_that_nobody_has_any_more_counts_no_more():
    pool = new_pool(limit=1)
    pid = described(pool)["pid"]
    kept, got = [pool.acquire()], []
    waiting = threading.Thread(target=lambda: got.append(described(pool)["pid"]))
    waiting.start()
    time.sleep(0.1)
    kept[0].send(frames.CALL, b"sleep 60")  # it would be at it for a minute
    kept.clear()
    waiting.join(10)
    assert got and got[0] != pid and pool.spare() == 1
    wait_for_end(pid)
    pool.close()


class Interrupt(BaseException):
    """What a signal handler raises, wherever it comes."""


def interrupted_at(step, function, module):
    """Call `function`, and have the `step`th instruction in `module` raise; whether there was one."""
    left = [step]

    def trace(frame, event, _):
        if frame.f_globals.get("__name__") != module:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            left[0] -= 1
            if not left[0]:
                raise Interrupt
        return trace

    sys.settrace(trace)
    try:
        function()
    except Interrupt:
        pass
    finally:
        sys.settrace(None)
    return left[0] <= 0


def test_wherever_a_call_is_interrupted_no_place_for_a_worker_is_lost():
    pool = new_pool(limit=2)

    def one():
        channel = pool.at_hand() or pool.acquire()
        try:
            ask(channel, "echo x")
        except BaseException:
            pool.discard(channel)
            raise
        pool.release(channel)

    one()
    steps, left = [1], []

    def every_step():  # in a thread: one that is interrupted while it leaves an `except` may have the exception in hand ever after
        interrupted_at(10**9, one, "faasify.localcloud.pool")  # 3.12 hears of instructions from the next `settrace` on
        while interrupted_at(steps[-1], one, "faasify.localcloud.pool"):
            left.append(pool.spare())
            steps.append(steps[-1] + 1)

    thread = threading.Thread(target=every_step)
    thread.start()
    thread.join()
    assert set(left) == {2}
    assert len(steps) > 50
    assert sys.exc_info() == (None, None, None)
    assert call(pool, "echo well") == "well"
    pool.close()
