"""Calls that begin early: nothing but time may differ from making them where they stand."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.harness import Run

from .conftest import Build, both_ways

Make = Callable[..., Build]
SUBMIT = "from faasify.runtime.caller.futures import as_completed, submit\n"


def test_what_happens_between_submit_and_result(build: Make) -> None:
    """What began with something else is not taken; what prints, changes or raises does so where `result` stands."""
    program = build(
        SUBMIT
        + """
scale, items, log = 2, [1], []
def helper(x): return x * scale + len(items)
def value(x): return helper(x)
def prints(x): print("printed", x); return x
def raises(x): raise ValueError(x)
def notes(x): log.append(x); return len(log)
def depends(x): return len(log), x
def caught(n):
    try: return caught(n + 1)
    except RecursionError: return n
def wait(many):
    for each in as_completed(many): pass
def all_of(n):
    return [submit(fn, x) for x in range(n) for fn in (value, prints, raises, notes, depends)]
def show(many):
    for each in many:
        try: print(each.result())
        except ValueError as e: print(repr(e))
def step():
    many = []
    for x in range(6):
        for fn in (value, prints, raises, notes, depends): many.append(submit(fn, x))
    return many
for change in ("", "scale = 3", "items.append(2)", "helper = lambda x: 'other'", "", "log.clear()", ""):
    many = step()
    wait(many[::2])
    print("changed", change)
    exec(change)
    show(many)
print(log)
deep = submit(caught, 0)
print(deep.result() > 100, submit(value, 1, 2, 3) is not None, submit(len, "abc").result(), submit(value, x=4).result())
try: submit(value).result()
except TypeError as e: print(e)
many = [submit(value, x) for x in range(50)]
print([each.cancel() in (True, False) for each in many[::3]].count(True), [each.result() for each in many] == [value(x) for x in range(50)])
del many
for x in range(300): submit(value, x)
print(sorted(each.result() for each in as_completed([submit(value, x) for x in range(40)])), value(7))
""",
        select="app.value,app.prints,app.raises,app.notes,app.depends,app.caught",
    )
    both_ways(program)


def test_workers_that_die_threads_forks_and_generators(build: Make) -> None:
    program = build(
        SUBMIT
        + """
import asyncio, os, signal, sys, threading
def value(x): return x * 2
def numbers(n):
    for i in range(n): yield value(i) + n
async def loops(n):
    many = []
    for x in range(n): many.append(submit(value, x))
    await asyncio.sleep(0)
    return [each.result() for each in many]
def kill():
    mine = str(os.getpid())
    def parent(pid):
        try: return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[1]
        except OSError: return ""
    for pid in list(filter(str.isdigit, os.listdir("/proc"))):
        if parent(parent(pid)) == mine and "kill" in sys.argv: os.kill(int(pid), signal.SIGKILL)
def round_of(n, between):
    many = []
    for x in range(n): many.append(submit(value, x))
    between()
    out = []
    for each in many: out.append(each.result())
    return out == [2 * x for x in range(n)]
def child():
    if not os.fork():
        many = [submit(value, x) for x in range(5)]
        print("child", [each.result() for each in many], flush=True)
        os._exit(0)
    os.wait()
def thread():
    t = threading.Thread(target=lambda: print(round_of(20, lambda: None)))
    t.start()
    t.join()
def generators():
    many = [numbers(n) for n in range(1, 7)]
    print([next(each) for each in many], [list(each) for each in many])
for between in (lambda: None, kill, child, thread, generators, lambda: print(value(1000)), lambda: print(asyncio.run(loops(5)))):
    for n in (1, 3, 100): print(n, round_of(n, between))
""",
        select="app.value,app.numbers",
    )
    both_ways(program, Run(argv=["kill"]))


def test_many_at_once_against_a_process_pool(build: Make) -> None:
    """1,000 tiny calls, and some of 10 ms: in turn with concurrent.futures, as a machine has other work too; the best of each counts."""
    program = build(
        SUBMIT
        + """
import json, os, time
from concurrent.futures import ProcessPoolExecutor
def add(a, b): return a + b
def plain_add(a, b): return a + b
def spin(n):
    t = 0
    for i in range(n): t += i * i
    return t
def plain_spin(n):
    t = 0
    for i in range(n): t += i * i
    return t
def timed(begin, calls):
    start = time.perf_counter()
    many = []
    for fn, *args in calls: many.append(begin(fn, *args))
    out = []
    for each in many: out.append(each.result())
    return time.perf_counter() - start, out
with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
    tiny, long = [], []
    for _ in range(5):
        ours, out = timed(submit, [(add, i, 1) for i in range(1000)])
        theirs, same = timed(pool.submit, [(plain_add, i, 1) for i in range(1000)])
        assert out == same
        tiny.append((ours, theirs))
    for _ in range(3):
        ours, out = timed(submit, [(spin, 100_000)] * 24)
        theirs, same = timed(pool.submit, [(plain_spin, 100_000)] * 24)
        assert out == same
        long.append((ours, theirs))
print(json.dumps([tiny, long]))
""",
        select="app.add,app.spin",
    )
    tiny, long = json.loads(program.rewritten(reports=[]).stdout)
    assert min(theirs for _, theirs in tiny) > 1.2 * min(ours for ours, _ in tiny), tiny
    assert min(ours for ours, _ in long) < 1.3 * min(theirs for _, theirs in long), long
