"""What an instance of the embedded runtime costs: `python paper/bench/instances.py -o FILE.json`.

A new instance is timed from outside: the idle worker is killed, and the next call of the program has to find that out, get another worker
(from the second one on, the spare that the zygote has) and be done by it; ProcessPoolExecutor makes a pool of one, and a call in it. Memory
is what a process has for itself (USS, from /proc/PID/smaps_rollup). The soak makes many calls and fits a line through the memory of caller
and worker.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import FAASIFY, add, keep, machine, programs
from chaos import MARK, alive, children, zygotes

PLAIN = [sys.executable, "patient.py"]
REWRITTEN = [*FAASIFY, "run", "--select", "patient.add,patient.keep", "--placement", "remote", "--budget", "1h", "patient.py"]
SOAK_POINTS = 20
QUIET_S = 0.05  # between the end of an instance and the call that needs a new one


class Program:
    """patient.py as it runs."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.mark = uuid.uuid4().hex
        environment = {**os.environ, MARK: self.mark}
        self.process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, calls: int, function: str = "add") -> list[float]:
        """Have it make so many calls; seconds of each."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{function} {calls}\n")
        self.process.stdin.flush()
        taken: list[float] = json.loads(self.process.stdout.readline())
        return taken

    def worker(self) -> int:
        """The one that serves the calls: a spare beside it has done nothing since it was forked."""
        return max((worker for zygote in zygotes(self.mark) for worker in children(zygote) if alive(worker)), key=switches)

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        if self.process.wait(60):
            raise SystemExit(f"{self.process.args} ended with {self.process.returncode}")


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[Program]:
    program = Program(command, folder)
    try:
        yield program
        program.end()
    finally:
        program.process.kill()
        program.process.wait()


def switches(pid: int) -> int:
    """How often a process has waited for something."""
    return next(int(line.split()[1]) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("voluntary_"))


def own_memory(pid: int) -> int:
    """Bytes that the process shares with no other."""
    lines = (line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return 1024 * sum(int(line[1]) for line in lines if line[0] in ("Private_Clean:", "Private_Dirty:"))


def new_instances(folder: Path, repetitions: int) -> dict[str, float]:
    """Seconds until the first result of a new instance, medians, ours and the pool's in turns."""
    ours, theirs = list[float](), list[float]()
    with running(REWRITTEN, folder) as program:
        program.call(10)
        for _ in range(repetitions):
            worker = program.worker()
            os.kill(worker, signal.SIGKILL)
            while alive(worker):
                time.sleep(0.001)
            time.sleep(QUIET_S)
            ours += program.call(1)
            start = time.perf_counter()
            pool = ProcessPoolExecutor(1)
            pool.submit(add, 1, 2).result()
            theirs.append(time.perf_counter() - start)
            pool.shutdown()
            program.call(3)
    mine, others = statistics.median(ours), statistics.median(theirs)
    return {"instance_s": mine, "pool_instance_s": others, "ratio": mine / others}


def memory(folder: Path, calls: int) -> dict[str, float]:
    """Bytes after `calls` calls: the worker's, the caller's, and the original's."""
    with running(PLAIN, folder) as plain, running(REWRITTEN, folder) as rewritten:
        plain.call(calls)
        rewritten.call(calls)
        worker = rewritten.worker()
        original, caller = own_memory(plain.process.pid), own_memory(rewritten.process.pid)
        return {"instance_bytes": own_memory(worker), "added_bytes": caller - original, "original_bytes": original}


def soak(folder: Path, function: str, calls: int) -> dict[str, Any]:
    """Bytes a call that caller and worker grow by, over the second half of `calls` calls."""
    with running(REWRITTEN, folder) as program:
        made, caller, worker = list[int](), list[int](), list[int]()
        for i in range(1, SOAK_POINTS + 1):
            program.call(calls // SOAK_POINTS, function)
            pid = program.worker()
            made.append(i * (calls // SOAK_POINTS))
            caller.append(own_memory(program.process.pid))
            worker.append(own_memory(pid))
    half = SOAK_POINTS // 2
    slopes = {name: statistics.linear_regression(made[half:], seen[half:]).slope for name, seen in (("caller", caller), ("worker", worker))}
    return {"calls": made[-1], "made": made, "function": function, "caller_bytes": caller, "worker_bytes": worker, "slopes": slopes}


def show(results: dict[str, Any]) -> None:
    new, kept = results["new"], results["memory"]
    print(f"new instance, first result   {1e3 * new['instance_s']:8.2f} ms   {new['ratio']:.2f}x ProcessPoolExecutor's (limit 0.6)")
    print(f"a warm instance's own memory {kept['instance_bytes'] / 1e6:8.2f} MB   (limit 6)")
    print(f"the caller's, over original  {kept['added_bytes'] / 1e6:8.2f} MB   (limit 15)")
    for long in results["soak"]:
        for name, slope in long["slopes"].items():
            print(f"{name} grows by {slope:8.3f} bytes a call, over the second half of {long['calls']:,} of {long['function']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--calls", type=int, default=1_000_000, help="of the soak")
    chosen = parser.parse_args()
    with programs() as folder:
        results = {
            "machine": machine(),
            "new": new_instances(folder, chosen.repetitions),
            "memory": memory(folder, 1000),
            "soak": [soak(folder, "add", chosen.calls), soak(folder, "keep", chosen.calls // 10)],
        }
    show(results)
    keep(results, chosen.output)


if __name__ == "__main__":
    main()
