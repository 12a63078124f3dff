"""Whatever becomes of workers, zygote, descriptors and disk: the program says what it says without us, once. Real processes and signals."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harness import Run, differences
from tests.localcloud.seize import sockets_of, write_as

from .conftest import WORKERS, Build, wait_for
from .test_transaction import SLEEPER, SLEPT, in_nanosleep, sleeping

Make = Callable[..., Build]
Faasify = Callable[..., "subprocess.CompletedProcess[str]"]
UNIT = "app.there"


CALLS = """
    import sys, time
    state = []
    def there(x):
        state.append(x)
        print("in the call", x)
        time.sleep(.4)
        return len(state)
    for x in range(int(sys.argv[1])):
        print("calling", x, flush=True)
        print(there(x), state)
    """


PAUSING = """
    import asyncio, sys, time
    def there(x):
        for i in range(2):
            time.sleep(.15 if x >= 0 else 0)
            yield x, i
    async def waiting(x):
        time.sleep(.15 if x >= 0 else 0)
        await asyncio.sleep(0)
        time.sleep(.15 if x >= 0 else 0)
        return x
    for x in range(int(sys.argv[1])):
        print("calling", x, flush=True)
        print(list(there(x)) if x % 2 else asyncio.run(waiting(x)))
        print(list(there(-1)), asyncio.run(waiting(-1)))
    """


class Calls:
    """A program that makes one call after the other, and what is done to each of them."""

    def __init__(self, build: Make, faults: Sequence[Callable[[int], None]], source: str = CALLS) -> None:
        self.program = program = build(source, select=UNIT if source is CALLS else f"{UNIT},app.waiting")
        number = len(faults)
        self.want = program.original(Run(argv=[str(number)])).stdout
        process = program.start(argv=[str(number)], env=program.options(limits={UNIT: {"timeout_s": 20}}))  # none may hang
        assert process.stdout is not None
        self.out = ""
        for x, fault in enumerate(faults):
            while not self.out.endswith(f"calling {x}\n"):
                self.out += process.stdout.readline()
            assert wait_for(lambda: any(map(in_nanosleep, program.workers())))
            fault(next(filter(in_nanosleep, program.workers())))
        rest, self.err = process.communicate(timeout=60)
        self.out += rest

    def assert_each_cost_one_attempt(self) -> None:
        assert (self.out, self.err) == (self.want, "")
        unit, number = self.program.report["units"][UNIT], self.want.count("calling")
        assert (unit["calls_remote"], unit["calls_here"], unit["retries"], unit["fallbacks"]) == (number, 0, number, [])
        assert self.program.none_left()

    def assert_each_went_on_here(self, reason: str) -> None:
        """Each fault ended one generator or coroutine over there, and the next one was sent again."""
        assert (self.out, self.err) == (self.want, "")
        units, number = self.program.report["units"].values(), self.want.count("calling")
        assert sum(unit["calls_here"] for unit in units) == number
        assert sum(unit["calls_remote"] for unit in units) == 2 * number
        reasons = [fallback["reason"] for unit in units for fallback in unit["fallbacks"]]
        assert reasons and all(each.startswith(reason) for each in reasons), reasons
        assert self.program.none_left()


def test_a_signal_to_the_whole_group_of_the_workers_costs_an_attempt(build: Make) -> None:
    def to_the_group(number: signal.Signals) -> Callable[[int], None]:
        return lambda worker: os.killpg(os.getpgid(worker), number)

    numbers = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGSEGV)
    Calls(build, [to_the_group(number) for number in numbers]).assert_each_cost_one_attempt()


def test_an_interrupt_is_the_callers_business(build: Make) -> None:
    program = build(SLEEPER, select=UNIT)
    process = sleeping(program, 0.7)
    os.killpg(os.getpgid(program.workers()[0]), signal.SIGINT)
    assert process.communicate(timeout=60) == (SLEPT, "")
    assert program.report["units"][UNIT]["retries"] == 0


def test_a_worker_that_is_stopped_is_ended_when_its_time_is_over(build: Make) -> None:
    program = build(SLEEPER, select=UNIT)
    process = sleeping(program, 0.5, env=program.options(limits={UNIT: {"timeout_s": 3}}))
    os.kill(program.workers()[0], signal.SIGSTOP)
    assert process.communicate(timeout=60) == (SLEPT, "")
    unit = program.report["units"][UNIT]
    assert (unit["calls_remote"], [f["reason"] for f in unit["fallbacks"]]) == (1, ["limit: over its time limit of 3 s"])
    assert program.none_left()


GARBAGE = {
    "text": b"Segmentation fault\n",
    "a few bytes, so that what follows is out of step": b"abc",
    "zeros": bytes(100_000),
    "the head of a frame that is far too long": b"\xfffsy" + (1 << 62).to_bytes(8, "little") + b"\2",
    "what looks like the head of a frame": b"faas" + (200_000).to_bytes(8, "little") + b"\2",
    "a frame of a kind that nobody knows": b"\xfffsy" + (0).to_bytes(8, "little") + b"\x63",
    "a result that is none": b"\xfffsy" + (5).to_bytes(8, "little") + b"\2" + b"hello",
    "the announcement of an effect that nobody has allowed": b"\xfffsy" + (0).to_bytes(8, "little") + b"\6",
    "a result that names code": b"\xfffsy" + (19).to_bytes(8, "little") + b"\2" + b"cos\nsystem\n(S'id'\ntR",
}


def written(data: bytes) -> Callable[[int], None]:
    def fault(worker: int) -> None:
        for fd in sockets_of(worker):
            try:
                write_as(worker, fd, data)
            except PermissionError:
                pytest.skip("this user may not trace its own processes")

    return fault


def test_garbage_on_the_channel_costs_an_attempt(build: Make) -> None:
    Calls(build, [written(data) for data in GARBAGE.values()]).assert_each_cost_one_attempt()


def test_garbage_instead_of_a_value_of_what_pauses_is_no_exception_of_the_program(build: Make) -> None:
    Calls(build, [written(data) for data in GARBAGE.values()], PAUSING).assert_each_went_on_here("target: ")


def test_a_generator_or_coroutine_whose_worker_is_killed_after_any_step_loses_no_value(build: Make) -> None:
    """Also when the worker had sent the next values, and was killed before it was asked for those behind them."""
    program = build(
        WORKERS
        + """
def values(n):
    for i in range(n): yield i
async def waits(x):
    for i in range(3): await asyncio.sleep(.001)
    return x
async def gathered(steps):
    tasks = [asyncio.ensure_future(waits(x)) for x in range(4)]
    for _ in range(steps): await asyncio.sleep(0)
    kill()
    return await asyncio.gather(*tasks)
for taken in range(30):
    values_of_one = values(40)
    got = [next(values_of_one) for _ in range(taken)]
    time.sleep(.02)
    kill()
    print(taken, got + list(values_of_one), list(values(1)))
for steps in range(6): print(asyncio.run(gathered(steps)), asyncio.run(waits("next")))
""",
        select="app.values,app.waits",
    )
    program.same(remote=["app.values", "app.waits"])
    assert program.report["units"]["app.values"]["calls_here"] > 20


ASKING = """
    import sys
    lines = []
    def there(x):
        print("in the call", x)
        lines.append(input("name? "))
        lines.append(input("more? "))
        return x, len(lines)
    print(there(1), lines)
    print(there(2), lines)
    """


@pytest.mark.parametrize("after", [0, 1])
def test_a_worker_killed_while_it_waits_for_a_line_loses_none(build: Make, after: int) -> None:
    program = build(ASKING, select=UNIT)
    want = program.original(Run(stdin="a\nb\nc\nd\n")).stdout
    process = program.start(stdin=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    lines = ["a\n", "b\n", "c\n", "d\n"]
    for line in lines[:after]:
        process.stdin.write(line)
        process.stdin.flush()
    assert wait_for(program.workers)
    wait_for(lambda: False, 0.7)  # by now the caller has shown the prompt, and reads
    os.kill(program.workers()[0], signal.SIGKILL)
    out, err = process.communicate("".join(lines[after:]), timeout=60)
    assert (out, err) == (want, "")
    assert program.report["units"][UNIT]["calls_here"] >= 1


DOINGS = {  # what a unit does to its process: owner and name of the function, the body, the reason in the report
    "fork": ("os", "fork", "return (it() or leave(0)) > 0", "processes"),
    "swallow": ("os", "fork", "\n        try: it() or leave(0)\n        except BaseException: pass", "processes"),
    "thread": ("_thread", "start_new_thread", "it(print, ('from a thread',)); time.sleep(.1)", "threads"),
    "close": ("os", "close", "it(spare)", "descriptors"),
    "write": ("os", "write", "it(1, b'raw\\n')", "descriptors"),
    "shut": ("sys.stdout", "close", "print('last words', flush=True); it()", "descriptors"),
}
ENDS = {
    "os._exit": ("os", "_exit", "it(3)", "exit"),
    "exec": ("os", "execv", "it('/bin/echo', ['echo', 'another program'])", "processes"),
    "a signal to itself": ("os", "kill", "it(os.getpid(), 9)", "processes"),
}


def doing(name: str, owner: str, function: str, body: str) -> str:
    """A unit whose effect no analysis can know."""
    return f"""
def {name}(x):
    seen.append(x)
    it, leave = getattr({owner}, nothing + "{function}"), getattr(os, nothing + "_exit")
    {body.replace(chr(10) + "    ", chr(10))}
    return x
"""


START = "import _thread, os, sys, time\nseen, nothing, spare = [], sys.argv[0][:0], os.dup(1)\n"


def test_what_a_unit_does_to_its_process_it_does_here(build: Make) -> None:
    units = [doing(name, owner, function, body) for name, (owner, function, body, _) in DOINGS.items()]
    calls = [f"print('before {name}', flush=True)\nprint('after', {name}(1), seen, flush=True)\n" for name in DOINGS if name != "shut"]
    program = build(START + "".join(units) + "".join(calls) + "shut(1)\n", select="all")
    program.same(allow=["subprocess"])
    for name, (*_, reason) in DOINGS.items():
        unit = program.report["units"][f"app.{name}"]
        assert (unit["calls_remote"], unit["calls_here"]) == (0, 1)
        assert unit["fallbacks"][0]["reason"].startswith(reason), unit
    assert program.none_left()


@pytest.mark.parametrize("name", ENDS)
def test_a_unit_that_ends_its_process_ends_the_program(build: Make, name: str) -> None:
    owner, function, body, _ = ENDS[name]
    program = build(START + doing("there", owner, function, body) + "print('before', flush=True)\nprint(there(1))\n", select=UNIT)
    here, there = program.original(), program.rewritten(allow=["subprocess"])
    assert (there.stdout, there.stderr, there.exit) == (here.stdout, here.stderr, here.exit)
    assert program.none_left()


def test_neither_process_nor_socket_nor_file_stays_when_the_caller_is_killed_in_a_call(build: Make) -> None:
    program = build(SLEEPER, select=UNIT)
    temporary = program.root.parent / "tmp"
    temporary.mkdir()
    before = sorted(p for p in program.out.rglob("*") if "__pycache__" not in p.parts and "code" not in p.parts)
    process = sleeping(program, 60, env={**program.options(), "TMPDIR": str(temporary)})
    assert unix_names(program.processes()) == []
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert program.none_left(2)
    assert list(temporary.iterdir()) == []
    assert sorted(p for p in program.out.rglob("*") if "__pycache__" not in p.parts and "code" not in p.parts) == before


def unix_names(pids: list[int]) -> list[str]:
    """Names of Unix sockets that the processes have: who has a name can be connected to."""
    inodes = set()
    for pid in pids:
        links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        inodes |= {link[8:-1] for link in links if link.startswith("socket:[")}
    assert inodes, "there are no sockets at all?"
    rows = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    return [row[7] for row in rows if row[6] in inodes and len(row) > 7]


FULL = """
    import os, sys
    kept, results = [], []
    def there(x):
        results.append(x)
        return x * 2
    def lose_the_worker(): return getattr(os, sys.argv[0][:0] + "getpgid")(0) > 0
    def fill():
        try:
            while True: kept.append(os.open("/dev/null", os.O_RDONLY))
        except OSError as e: print(e.strerror)
    {before}
    fill()
    print(there(1), there(2), results)
    while kept: os.close(kept.pop())
    print(there(3), results)
    """
BEFORE = {
    "from the start": ("", 1),
    "with a worker at hand": ("print(there(0))", 4),
    "when the worker has just been lost": ("print(there(0), lose_the_worker())", 2),
}


@pytest.mark.parametrize("when", BEFORE)
def test_no_descriptor_left_is_survived_and_the_next_call_is_sent_again(build: Make, when: str) -> None:
    before, remote = BEFORE[when]
    program = build(FULL.format(before=before), select=f"{UNIT},app.lose_the_worker")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    try:
        program.same(remote=[UNIT])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert program.report["units"][UNIT]["calls_remote"] == remote


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system without room; only root can mount one."""
    folder = tmp_path / "full"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True).returncode:
        pytest.skip("only root can mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    try:
        with (folder / "filler").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError:
        pass


def left(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and p.name != "filler")


PROGRAM = "seen = []\ndef there(x):\n    seen.append(x)\n    print('there', x)\n    return x\nprint(there(1), there(2), seen)\n"
SAID = "there 1\nthere 2\n1 2 [1, 2]\n"


@pytest.mark.parametrize("room", [0, 8192], ids=["full", "nearly full"])
def test_a_full_cache_folder_costs_time_and_leaves_nothing(tmp_path: Path, full_disk: Path, faasify: Faasify, room: int) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    fill(full_disk)
    os.truncate(full_disk / "filler", max(0, (full_disk / "filler").stat().st_size - room))
    before = left(full_disk)
    (tmp_path / "tmp").mkdir()
    environment = {"XDG_CACHE_HOME": str(full_disk), "TMPDIR": str(tmp_path / "tmp")}
    done = faasify("run", "--select", "all", "--placement", "remote", "app.py", cwd=tmp_path, env=environment)
    assert (done.stdout, done.stderr) == (SAID, "")
    assert left(full_disk) == before and list((tmp_path / "tmp").iterdir()) == []


@contextmanager
def no_writing() -> Iterator[None]:
    """Nothing can be written to any file by the processes that are started meanwhile."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_no_room_anywhere_is_one_clear_error_that_leaves_nothing(tmp_path: Path, faasify: Faasify) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    with no_writing():
        environment = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "TMPDIR": str(tmp_path)}
        done = faasify("run", "--select", "all", "app.py", cwd=tmp_path, env=environment)
    assert done.stdout == "" and done.stderr.startswith("faasify: ") and done.stderr.count("\n") == 1, done.stderr
    assert "make room there, or set TMPDIR to another folder" in done.stderr
    assert left(tmp_path) == ["app.py"]


def test_a_report_that_finds_no_room_is_told_and_leaves_nothing(build: Make, full_disk: Path) -> None:
    program = build(PROGRAM, select=UNIT)
    fill(full_disk)
    done = program.rewritten(reports=[str(full_disk / "report.json")])
    assert done.stdout == SAID
    assert "cannot write the report" in done.stderr and "No space left on device" in done.stderr
    assert left(full_disk) == []


def test_what_needs_no_writing_runs_where_nothing_can_be_written(build: Make) -> None:
    program = build(PROGRAM, select=UNIT)
    environment = {"FAASIFY_RUN": '{"placement": "remote"}'}
    assert program.start(env=environment).communicate(timeout=60) == (SAID, "")
    with no_writing():
        assert program.start(env=environment).communicate(timeout=60) == (SAID, "")


APPENDER = """
    import sys, time
    log, calls = sys.argv[1], []
    def there(x):
        calls.append(x)
        time.sleep(.7 if x == "first" and sys.argv[2] == "before" else 0)
        with open(log, "a") as f: f.write(x + " ")
        time.sleep(.7 if x == "first" and sys.argv[2] == "after" else 0)
        return len(calls)
    print("ready", flush=True)
    try: print(there("first"), calls)
    except Exception as e: print("mine:", e)
    print(there("second"), calls)
    """


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_allowed_effect_happens_once_whenever_the_worker_is_killed(build: Make, tmp_path: Path, when: str) -> None:
    program = build({"app.py": APPENDER, "pyproject.toml": "[tool.faasify]\nallow = ['files']\n"}, select=UNIT)
    log = tmp_path / "log"
    process = program.start(argv=[str(log), when], env=program.options(allow=["files"]))
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    assert wait_for(lambda: program.workers() and all(map(in_nanosleep, program.workers())))
    os.kill(program.workers()[0], signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    if when == "before":
        assert (out, err, log.read_text()) == ("1 ['first']\n2 ['first', 'second']\n", "", "first second ")
    else:
        said = "app.there: its worker is gone: it was killed (SIGKILL); with --allow it is called at most once"
        assert (out, log.read_text()) == ("", "first ") and err.endswith(f"\nfaasify.TargetFailed: {said}\n")
    assert program.none_left()


def test_what_pauses_has_its_allowed_effects_here(build: Make) -> None:
    """Its steps may be done again here, and are no call that is made at most once."""
    names = "abcdefgh"
    generators = "".join(f"def {n}(): yield open({n!r}, 'x').close()\n" for n in names[:4])
    coroutines = "".join(f"async def {n}(): return open({n!r}, 'x').close()\n" for n in names[4:])
    made = f"print([list(f()) for f in ({','.join(names[:4])})], [asyncio.run(f()) for f in ({','.join(names[4:])})])\n"
    again = f"import asyncio, os\nfor n in {names!r}:\n    if os.path.exists(n): os.remove(n)\n"
    settings = "[tool.faasify]\nallow = ['files']\n"
    program = build({"app.py": again + generators + coroutines + made, "pyproject.toml": settings}, ",".join(f"app.{n}" for n in names))
    here, there = program.original(), program.rewritten(allow=["files"])
    assert here.exit == 0 and differences(here, there) == ""
    reasons = [f["reason"] for unit in program.report["units"].values() for f in unit["fallbacks"]]
    assert len(reasons) == len(names) and all(reason.startswith("steps: files: open") for reason in reasons), reasons


def test_a_call_with_an_allowed_effect_has_the_generators_that_nobody_saw_it_use(build: Make) -> None:
    """It could not be made again with them."""
    program = build(
        """
        import importlib, io, random, sys
        library = [importlib.import_module(sys.argv[0][:0] + name) for name in ("random", "io")]
        def noted(n, source, opened):
            with opened("log.txt", "a") as f: f.write(f"{n}\\n")
            return source.random()
        open("log.txt", "w").close()
        random.seed(1)
        print([noted(n, library[0], library[1].open) for n in range(4)], random.random(), open("log.txt").read().split())
        """,
        select="app.noted",
    )
    program.same(allow=["files"])
    assert program.report["units"]["app.noted"]["calls_remote"] == 4, program.report["units"]["app.noted"]["fallbacks"]


def test_a_call_that_is_too_large_for_one_message_runs_here(build: Make) -> None:
    source = "from faasify.runtime.unit import frames\nframes.LIMIT = 50_000\n"
    source += "def there(x): return len(x)\nprint(there('x'), there('x' * 60_000), there('xx'))\n"
    program = build(source, select=UNIT)
    assert program.rewritten().stdout == "1 60000 2\n"
    unit = program.report["units"][UNIT]
    assert unit["calls_here"] == 1 and unit["fallbacks"][0]["reason"].startswith("value: a message of ")
