"""Measures what a call costs and what a start costs, in one run: `make bench`, or `python paper/bench/bench.py -o FILE.json`.

Each figure is a median with the 10th and 90th percentile beside it; calls are timed one by one.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from processes import become_subreaper, busy, reap

HERE = Path(__file__).resolve().parent
FAASIFY = [sys.executable, "-P", "-m", "faasify"]
Figures = dict[str, float]


def add(a: int, b: int) -> int:
    return a + b


def spread(seconds: list[float]) -> Figures:
    """Median and percentiles in microseconds."""
    deciles, hundredths = statistics.quantiles(seconds, n=10), statistics.quantiles(seconds, n=100)
    quantiles = {"p10_us": deciles[0], "p90_us": deciles[-1], "p99_us": hundredths[-1]}
    return {name: 1e6 * value for name, value in [("median_us", statistics.median(seconds)), *quantiles.items()]}


def each(call: Callable[[], object], calls: int) -> list[float]:
    for _ in range(calls // 10):
        call()
    taken = []
    for _ in range(calls):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return taken


def timed(call: Callable[[], object], calls: int) -> Figures:
    return spread(each(call, calls))


def compute(seconds: float) -> None:
    """Uses so much of a core's time; what others have of it meanwhile does not count."""
    end = time.thread_time() + seconds
    while seconds and time.thread_time() < end:
        pass


def process_pool(calls: int) -> list[float]:
    """The standard library's way to a function in another process: pickle, two pipes, a queue, three threads."""
    with ProcessPoolExecutor(1) as pool:
        return each(lambda: pool.submit(add, 1, 2).result(), calls)


def ping_pong(calls: int, computing_s: float = 0.0) -> list[float]:
    """The least that two Python processes can do: 64 bytes there and back over a socket pair. Each side may compute for a while first."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if not child:
        ours.close()
        while data := theirs.recv(64):
            compute(computing_s)
            theirs.sendall(data)
        os._exit(0)
    theirs.close()

    def call() -> None:
        compute(computing_s)
        ours.sendall(b"x" * 64)
        ours.recv(64)

    try:
        return each(call, calls)
    finally:
        ours.close()
        os.waitpid(child, 0)


def transport(calls: int) -> Figures:
    """The pool's channel with a worker that gives 64 bytes back: no codec, no transaction."""
    from faasify.localcloud.pool import Pool
    from faasify.runtime.unit import frames

    pool = Pool(str(HERE), sys.executable, options={"path": [*sys.path, str(HERE)]}, worker="echo_worker")

    def call() -> None:
        channel = pool.acquire()
        channel.send(frames.CALL, b"x" * 64)
        channel.recv()
        pool.release(channel)

    try:
        return timed(call, calls)
    finally:
        pool.close()


def stub(calls: int, starts: int) -> dict[str, Figures]:
    """A call of `add` in a rewritten program: binding, snapshot, transport, unit, commit; and the first one of a run. In turn with calls by
    ProcessPoolExecutor, so that a busy machine is one for both, and with a ping-pong of which each side computes for as long as it needs to
    take the same time as a call: what its 99th percentile is, is the scheduler's doing."""
    command = [*FAASIFY, "run", "--select", "tiny.add", "--placement", "remote"]
    warm, first, pooled, alike = [], [], [], list[float]()
    bare = statistics.median(ping_pong(calls // starts))
    with programs() as folder:
        remotely(folder, [*command, "--report", "report.json", "tiny.py", str(calls // starts)], {"tiny.add": calls // starts + 1})
        for _ in range(starts):  # without the report: that a user does not ask for it is the usual case, and quicker
            done = subprocess.run([*command, "tiny.py", str(calls // starts)], cwd=folder, check=True, capture_output=True)
            said = json.loads(done.stdout)
            warm += said["warm"][len(said["warm"]) // 10 :]
            first.append(said["first"])
            pooled += process_pool(calls // starts)
            alike += ping_pong(calls // starts, max(statistics.median(warm) - bare, 0) / 2)
    return {"stub_call": spread(warm), "first_call": spread(first), "process_pool": spread(pooled), "ping_pong_alike": spread(alike)}


def remotely(folder: Path, command: list[str], calls: dict[str, int]) -> None:
    """Once with a report, to see that the calls do run there."""
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    report = json.loads((folder / "report.json").read_text())
    if any(report["units"][unit]["calls_remote"] != number for unit, number in calls.items()):
        raise SystemExit(f"the calls did not run remotely: {report}")


def burst(starts: int) -> dict[str, float]:
    """1,000 tiny calls submitted at once, then their results: seconds, the best of several bursts in each of several runs, in turn."""
    with programs() as folder:
        command = [*FAASIFY, "run", "--select", "burst.add", "--placement", "remote", "burst.py"]
        runs = [(said(command, folder), said([sys.executable, "burst.py", "pool"], folder)) for _ in range(starts)]
    return {"stub_s": min(ours for ours, _ in runs), "process_pool_s": min(theirs for _, theirs in runs)}


def said(command: list[str], folder: Path) -> float:
    return float(subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout)


def start(repetitions: int) -> dict[str, float]:
    """CPU seconds of an unchanged program: until its first line, and of everything that its run starts."""
    become_subreaper()
    plain = [sys.executable, "hello.py"]
    rewritten = [*FAASIFY, "run", "hello.py"]
    with programs() as folder:
        subprocess.run(rewritten, cwd=folder, check=True, capture_output=True)
        runs = [(cpu_of(plain, folder), cpu_of(rewritten, folder)) for _ in range(repetitions)]
    before = [there[0] - here[0] for here, there in runs]
    whole = [there[1] - here[1] for here, there in runs]
    return {
        "plain_first_line_s": statistics.median(here[0] for here, _ in runs),
        "added_first_line_s": statistics.median(before),
        "added_first_line_max_s": max(before),
        "added_whole_run_s": statistics.median(whole),
    }


def cpu_of(command: list[str], folder: Path) -> tuple[float, float]:
    """(CPU until the first line as the program saw it, CPU of all processes of the run)."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout
    reap()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return float(said.split()[0]), after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime


def version_s(repetitions: int) -> dict[str, float]:
    """CPU of `faasify --version` over that of an interpreter that does nothing."""
    become_subreaper()

    def cpu(command: list[str]) -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime

    bare = [sys.executable, "-P", "-c", "pass"]
    return {"version_added_s": statistics.median(cpu([*FAASIFY, "--version"]) - cpu(bare) for _ in range(repetitions))}


@contextmanager
def programs() -> Iterator[Path]:
    """The programs of the benchmark in a folder of their own, with a cache of their own."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "programs")
        folder.mkdir()
        for file in (HERE / "programs").glob("*.py"):
            (folder / file.name).write_bytes(file.read_bytes())
        before = os.environ.get("XDG_CACHE_HOME")
        os.environ["XDG_CACHE_HOME"] = str(Path(temporary, "cache"))
        try:
            yield folder
        finally:
            if before is None:
                del os.environ["XDG_CACHE_HOME"]
            else:
                os.environ["XDG_CACHE_HOME"] = before


def machine() -> dict[str, Any]:
    return {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}", "cores": os.cpu_count()}


def show(results: dict[str, Any]) -> None:
    rows = {
        "Python socket ping-pong": "ping_pong",
        "bare transport (pool, echo)": "transport",
        "ProcessPoolExecutor, tiny function": "process_pool",
        "warm call through the whole stub": "stub_call",
        "first call of a run": "first_call",
    }
    print(f"{'microseconds':<36}{'median':>10}{'10 %':>10}{'90 %':>10}")
    for title, key in rows.items():
        figures = results[key]
        print(f"{title:<36}{figures['median_us']:>10.1f}{figures['p10_us']:>10.1f}{figures['p90_us']:>10.1f}")
    added = results["start"]
    print(f"\n{'CPU seconds':<36}{'median':>10}")
    print(f"{'added before the first line':<36}{added['added_first_line_s']:>10.3f}")
    print(f"{'added in the whole run':<36}{added['added_whole_run_s']:>10.3f}")
    print(f"{'faasify --version, over bare Python':<36}{results['version']['version_added_s']:>10.3f}")


def keep(results: dict[str, Any], output: Path | None) -> None:
    """Write what was measured, if there is a file for it."""
    if output is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(results, indent=1) + "\n")


def measured(calls: int, starts: int) -> dict[str, Any]:
    import instances  # which imports this module
    import ratios

    results: dict[str, Any] = {"ping_pong": spread(ping_pong(calls)), "transport": transport(calls)}
    results |= stub(calls, starts)
    results["burst"] = burst(starts)
    results["start"] = start(starts)
    results["version"] = version_s(starts)
    with programs() as folder:
        results["payloads"] = ratios.through_the_stub(folder, 3, 60)
        results["fan_out"] = ratios.fan_out(folder, 32, ratios.cpu_of)
        results["tasks"] = ratios.tasks(folder)
        results["instance"] = instances.new_instances(folder, max(starts, 30))  # on a busy machine they differ by five times
        results["rie"] = ratios.emulated(folder, calls // 10, 5)
    results["ratios"] = [row._asdict() for row in ratios.summary(results)]
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--busy", action="store_true", help="and once more, with as many processes beside it as there are cores")
    chosen = parser.parse_args()
    sys.path.insert(0, str(HERE / "programs"))
    import ratios

    results = {"machine": machine(), **measured(chosen.calls, chosen.starts)}
    show(results)
    ratios.show(results)
    if chosen.busy:
        with busy():
            results["busy"] = measured(chosen.calls // 2, max(chosen.starts // 2, 2))
        print("\nthe same on a busy machine\n")
        show(results["busy"])
        ratios.show(results["busy"])
    keep(results, chosen.output)


if __name__ == "__main__":
    main()
