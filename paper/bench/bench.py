"""Measures what a call costs and what a start costs, in one run: `make bench`, or `python paper/bench/bench.py -o FILE.json`.

Each figure is a median with the 10th and 90th percentile beside it; calls are timed one by one.
"""

from __future__ import annotations

import argparse
import ctypes
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

HERE = Path(__file__).resolve().parent
PR_SET_CHILD_SUBREAPER = 36  # processes that are orphaned below us become our children: their CPU time is counted too
FAASIFY = [sys.executable, "-P", "-m", "faasify"]
Figures = dict[str, float]


def add(a: int, b: int) -> int:
    return a + b


def spread(seconds: list[float]) -> Figures:
    """Median and percentiles in microseconds."""
    deciles = statistics.quantiles(seconds, n=10)
    return {"median_us": 1e6 * statistics.median(seconds), "p10_us": 1e6 * deciles[0], "p90_us": 1e6 * deciles[-1]}


def timed(call: Callable[[], object], calls: int) -> Figures:
    for _ in range(calls // 10):
        call()
    taken = []
    for _ in range(calls):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return spread(taken)


def process_pool(calls: int) -> Figures:
    """The standard library's way to a function in another process: pickle, two pipes, a queue, three threads."""
    with ProcessPoolExecutor(1) as pool:
        return timed(lambda: pool.submit(add, 1, 2).result(), calls)


def ping_pong(calls: int) -> Figures:
    """The least that two Python processes can do: 64 bytes there and back over a socket pair."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if not child:
        ours.close()
        while data := theirs.recv(64):
            theirs.sendall(data)
        os._exit(0)
    theirs.close()

    def call() -> None:
        ours.sendall(b"x" * 64)
        ours.recv(64)

    try:
        return timed(call, calls)
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
    """A call of `add` in a rewritten program: binding, snapshot, transport, unit, commit; and the first one of a run."""
    command = [*FAASIFY, "run", "--select", "tiny.add", "--placement", "remote", "--report", "report.json", "tiny.py"]
    warm, first = [], []
    with programs() as folder:
        subprocess.run([*command, "1"], cwd=folder, check=True, capture_output=True)
        for _ in range(starts):
            done = subprocess.run([*command, str(calls // starts)], cwd=folder, check=True, capture_output=True)
            said = json.loads(done.stdout)
            warm += said["warm"][len(said["warm"]) // 10 :]
            first.append(said["first"])
        report = json.loads((folder / "report.json").read_text())
    if report["units"]["tiny.add"]["calls_remote"] != calls // starts + 1:
        raise SystemExit(f"the calls did not run remotely: {report}")
    return {"stub_call": spread(warm), "first_call": spread(first)}


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


def become_subreaper() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap() -> None:
    """Wait for the orphans that became ours."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


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


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--starts", type=int, default=10)
    chosen = parser.parse_args()
    results: dict[str, Any] = {"machine": machine()}
    results["ping_pong"] = ping_pong(chosen.calls)
    results["transport"] = transport(chosen.calls)
    results["process_pool"] = process_pool(chosen.calls)
    results |= stub(chosen.calls, chosen.starts)
    results["start"] = start(chosen.starts)
    results["version"] = version_s(chosen.starts)
    show(results)
    if chosen.output:
        chosen.output.parent.mkdir(parents=True, exist_ok=True)
        chosen.output.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
