"""Figures that are ratios in themselves: large values, tasks that keep the cores busy, and Lambda's own runtime where it is installed."""

from __future__ import annotations

import http.client
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from processes import reap

HERE = Path(__file__).resolve().parent
FAASIFY = [sys.executable, "-P", "-m", "faasify"]
SIZE = 1_000_000  # bytes, or characters as JSON
AGAINST_POOL = {"floats": 1.0, "bytes": 1.0, "dicts": 3.0}
VENV = Path(os.environ.get("FAASIFY_RIE", HERE.parent.parent / ".venvs" / "rie"))
PATH = "/2015-03-31/functions/function/invocations"
HANDLER = "def main(event, context):\n    return event['a'] + event['b']\n"
STEPS = 150_000  # of a task: some 15 ms
TASKS, TASK_STEPS = 64, 200_000  # of some 20 ms


def through_the_stub(folder: Path, rounds: int, calls: int) -> list[dict[str, Any]]:
    """1 MB there and back: seconds of a call, the least of all, and of ProcessPoolExecutor."""
    import echo  # type: ignore[import-not-found]  # of the programs

    rows = []
    command = [*FAASIFY, "run", "--select", "echo.echo", "--placement", "remote"]
    with ProcessPoolExecutor(1) as pool:
        for kind, limit in AGAINST_POOL.items():
            ours, theirs = list[float](), list[float]()
            value = echo.payload(kind, SIZE)
            arguments = ["echo.py", kind, str(SIZE), str(calls)]
            said(folder, [*command, "--report", "report.json", *arguments])
            report = json.loads((folder / "report.json").read_text())["units"]["echo.echo"]
            if report["calls_here"]:
                raise SystemExit(f"the calls did not run remotely: {report}")
            for _ in range(rounds):
                ours += said(folder, [*command, *arguments])
                for _ in range(calls):
                    start = time.perf_counter()
                    pool.submit(echo.echo, value).result()
                    theirs.append(time.perf_counter() - start)
            rows.append({"value": kind, "stub_s": min(ours), "pool_s": min(theirs), "ratio": min(ours) / min(theirs), "limit": limit})
    return rows


def said(folder: Path, command: list[str]) -> Any:
    return json.loads(subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout)


def fan_out(folder: Path, calls: int, cpu_of: Callable[[list[str], Path], float]) -> dict[str, Any]:
    """Speed-up of each form of `forms.py` over the original, by the best of three runs in turn, and the CPU time of all of them."""
    program = ["forms.py", str(calls), str(STEPS)]
    plain, rewritten = (
        [sys.executable, *program],
        [*FAASIFY, "run", "--placement", "remote", "--select", "forms.work,forms.score,forms.compute"],
    )
    rewritten += program
    said(folder, rewritten)
    runs = [(said(folder, plain), said(folder, rewritten)) for _ in range(3)]
    forms = runs[0][0]
    speed_up = {form: min(here[form] for here, _ in runs) / min(there[form] for _, there in runs) for form in forms}
    cpu = min(cpu_of(rewritten, folder) for _ in range(2)) / min(cpu_of(plain, folder) for _ in range(2))
    return {"cores": len(os.sched_getaffinity(0)), "speed_up": speed_up, "cpu": cpu}


def tasks(folder: Path) -> dict[str, float]:
    """64 tasks of 20 ms in a loop: the share of what the cores allow, which is what as many plain processes take that do an equal part each
    at the same time, the best of three runs in turn; and the CPU of a task over that in the plain program, the least of five in turn."""
    cores = len(os.sched_getaffinity(0))
    plain, rewritten = [sys.executable, "tasks.py"], [*FAASIFY, "run", "--placement", "remote", "--select", "tasks.work", "tasks.py"]
    used: dict[tuple[str, int], float] = {}
    for _ in range(5):
        for name, command in {"plain": plain, "rewritten": rewritten}.items():
            for count in (0, TASKS):
                spent = cpu_of([*command, str(count), str(TASK_STEPS)], folder)
                used[name, count] = min(spent, used.get((name, count), spent))
    run_cpu = {name: used[name, TASKS] - used[name, 0] for name in ("plain", "rewritten")}
    allowed, taken = list[float](), list[float]()
    for _ in range(3):
        allowed.append(_together([*plain, str(TASKS // cores), str(TASK_STEPS)], folder, cores))
        taken.append(_together([*rewritten, str(TASKS), str(TASK_STEPS)], folder, 1))
    return {
        "cores": cores,
        "allowed_s": min(allowed),
        "taken_s": min(taken),
        "of_the_cores": min(allowed) / min(taken),
        "cpu": run_cpu["rewritten"] / run_cpu["plain"],
    }


def _together(command: list[str], folder: Path, processes: int) -> float:
    """The longest of what they say."""
    started = [subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) for _ in range(processes)]
    return max(float(process.communicate()[0]) for process in started)


def cpu_of(command: list[str], folder: Path) -> float:
    """CPU seconds of all processes of a run; this process is to be their subreaper."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    reap()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime


def emulated(folder: Path, calls: int, instances: int) -> dict[str, float] | None:
    """Medians of a warm call and of a new instance's first, of a tiny handler under awslambdaric and Lambda's Runtime Interface Emulator;
    None where they are not installed."""
    emulators = sorted(VENV.glob("lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-x86_64"))
    if not emulators:
        return None
    (folder / "handler.py").write_text(HANDLER)
    warm, new = list[float](), list[float]()
    for _ in range(instances):
        start = time.perf_counter()
        with _emulator(emulators[0], folder) as call:
            call()
            new.append(time.perf_counter() - start)
            for _ in range(calls // instances):
                start = time.perf_counter()
                call()
                warm.append(time.perf_counter() - start)
    return {"warm_s": statistics.median(warm), "instance_s": statistics.median(new)}


@contextmanager
def _emulator(binary: Path, folder: Path) -> Iterator[Callable[[], None]]:
    port, api = _free_port(), _free_port()
    address = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}", "--runtime-api-address", f"127.0.0.1:{api}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {"LAMBDA_TASK_ROOT": str(folder), "AWS_LAMBDA_FUNCTION_NAME": "function", "AWS_LAMBDA_FUNCTION_TIMEOUT": "60"}
    command = [str(binary), "--log-level", "error", *address, str(VENV / "bin" / "python"), "-m", "awslambdaric", "handler.main"]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = json.dumps({"a": 1, "b": 2})

    def call() -> None:
        connection.request("POST", PATH, body)
        if json.loads(connection.getresponse().read()) != 3:
            raise SystemExit("the emulator gave another answer")

    try:
        _listening(port)
        yield call
    finally:
        connection.close()
        process.kill()
        process.wait()


def _listening(port: int) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.001)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Row(NamedTuple):
    """Of the summary. `aim`: what the ratio is to be at most, or at least; None: there is none."""

    what: str
    ratio: float
    aim: float | None = None
    at_least: bool = False


ALIKE = {"ProcessPoolExecutor": "process_pool", "a ping-pong that takes as long": "ping_pong_alike"}


def summary(results: dict[str, Any]) -> list[Row]:
    pool, warm, instance, out, at_once = (results[key] for key in ("process_pool", "stub_call", "instance", "fan_out", "burst"))
    rows = [
        Row("warm call, over ProcessPoolExecutor", warm["median_us"] / pool["median_us"], 0.4),
        Row("its 99th percentile, over its median", warm["p99_us"] / warm["median_us"], 5.0),
        *(Row(f"the same of {what}", results[key]["p99_us"] / results[key]["median_us"]) for what, key in ALIKE.items()),
        Row("transport, over a socket pair's ping-pong", results["transport"]["median_us"] / results["ping_pong"]["median_us"], 2.0),
        Row(
            "1,000 calls at once, rate over ProcessPoolExecutor's",
            results["burst"]["process_pool_s"] / results["burst"]["stub_s"],
            2.0,
            True,
        ),
        Row("64 tasks of 20 ms, speed over what the cores allow", results["tasks"]["of_the_cores"], 0.9, True),
        Row("CPU of such a task, over the original", results["tasks"]["cpu"], 1.1),
        Row("new instance, over ProcessPoolExecutor", instance["ratio"], 0.6),
        *(
            Row(f"1 MB of {row['value']} there and back, over ProcessPoolExecutor", row["ratio"], row["limit"])
            for row in results["payloads"]
        ),
        *(Row(f"speed-up of independent calls, {form}", gained) for form, gained in out["speed_up"].items()),
        Row("CPU of these, over the original", out["cpu"]),
    ]
    rie = results["rie"]
    if rie is not None:
        rows.append(Row("warm call, over RIE and awslambdaric", warm["median_us"] / 1e6 / rie["warm_s"], 0.15))
        rows.append(Row("new instance, over RIE and awslambdaric", instance["instance_s"] / rie["instance_s"], 0.1))
    return rows


def show(results: dict[str, Any]) -> None:
    for row in summary(results):
        aim = "" if row.aim is None else f"   ({'at least' if row.at_least else 'at most'} {row.aim:g})"
        print(f"{row.what:<60}{row.ratio:>6.2f}{aim}")
    if results["rie"] is None:
        print("Lambda's Runtime Interface Emulator is not installed: left out (make rie)")
