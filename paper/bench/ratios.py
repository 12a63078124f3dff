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
STEPS = 150_000  # of a task: 6 ms or more
TASKS, TASK_S = 64, 0.02
TRIAL_STEPS = 200_000  # of a task that is timed, to know how many steps take TASK_S here


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
    """64 tasks of 20 ms (of CPU, in the plain program) in a loop, against as many plain processes as there are cores that do an equal part
    each at the same time: the speed, which is the share of what the cores allow, by the best of five runs in turn; and the CPU of a task,
    by medians of seven in turn.

    The same work takes more CPU time in processes that compute at the same time than in one alone: on a machine of two cores with two
    others computing beside them 9 to 15 % more, of the plain program as of the rewritten one. That is the machine's, and what the
    comparison is with; what a task takes over the plain program alone is told too.
    """
    cores = len(os.sched_getaffinity(0))
    plain, rewritten = [sys.executable, "tasks.py"], [*FAASIFY, "run", "--placement", "remote", "--select", "tasks.work", "tasks.py"]
    ways = {"alone": (plain, 1), "plain": (plain, cores), "rewritten": (rewritten, 1)}
    steps = round(TRIAL_STEPS * TASK_S * TASKS / _tasks_cpu({"alone": ways["alone"]}, TRIAL_STEPS, folder)["alone"])
    cpu = _tasks_cpu(ways, steps, folder)
    allowed, taken = list[float](), list[float]()
    for _ in range(5):
        allowed.append(max(_together([*plain, str(TASKS // cores), str(steps)], folder, cores)))
        taken.append(max(_together([*rewritten, str(TASKS), str(steps)], folder, 1)))
    return {
        "cores": cores,
        "allowed_s": min(allowed),
        "taken_s": min(taken),
        "of_the_cores": min(allowed) / min(taken),
        "task_s": cpu["alone"] / TASKS,
        "cpu": cpu["rewritten"] / cpu["plain"],
        "cpu_over_one": cpu["rewritten"] / cpu["alone"],
    }


def _tasks_cpu(ways: dict[str, tuple[list[str], int]], steps: int, folder: Path) -> dict[str, float]:
    """CPU seconds of all the tasks by command and number of processes, without what runs take that have none."""
    spent = {(name, count): list[float]() for name in ways for count in (0, TASKS)}
    for _ in range(7):
        for (name, count), taken in spent.items():
            command, processes = ways[name]
            taken.append(cpu_of([*command, str(count // processes), str(steps)], folder, processes))
    return {name: statistics.median(spent[name, TASKS]) - statistics.median(spent[name, 0]) for name in ways}


def _together(command: list[str], folder: Path, processes: int) -> list[float]:
    """The seconds that each of them says."""
    return [float(said) for said in _run(command, folder, processes)]


def _run(command: list[str], folder: Path, processes: int) -> list[bytes]:
    """What each of as many runs at the same time writes."""
    started = [subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) for _ in range(processes)]
    said = [process.communicate()[0] for process in started]
    for process in started:
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
    return said


def cpu_of(command: list[str], folder: Path, processes: int = 1) -> float:
    """CPU seconds of all processes of as many runs at the same time; this process is to be their subreaper."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(command, folder, processes)
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
        Row("CPU of such a task, over plain processes on the same cores", results["tasks"]["cpu"], 1.1),
        Row("the same over the plain program, alone on one", results["tasks"]["cpu_over_one"]),
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
