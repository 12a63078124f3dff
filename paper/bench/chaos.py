"""Chaos: a program makes thousands of calls while its workers are killed, and must say what it says without us.

    python paper/bench/chaos.py -o paper/results/chaos.json      # 10,000 calls in a line, 2,000 by threads, then the mutants
    python paper/bench/chaos.py --calls 500 --no-mutants

Workers die in two ways: `chaos_agent`, inside the caller, hits the moments before, within and right after a call; a thread here kills
any worker, now and then the zygote, at any time. Compared are stdout, stderr and exit code with those of the original; afterwards no
process of the run may be left, and no file.

A *mutant* is a copy of faasify in which one of the reasons why this works is taken out. Each must be caught, or the experiment is worth
nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MARK = "PYTHONCHAOSMARK"  # the interpreter's own variables reach every process of a run
PERIOD_S = 0.15  # between two kills from outside, on the average
ZYGOTES = 0.03  # of which so many are the zygote's


@dataclass(frozen=True)
class Plan:
    program: str  # of paper/bench/programs
    calls: int
    unit: str
    weights: tuple[float, float, float, float]  # of leaving a call alone, killing before, in and right after it
    outside: bool = True
    seed: int = 1


@dataclass(frozen=True)
class Mutant:
    """A change of faasify that must make a plan fail: code that is appended to a module."""

    name: str
    what: str
    module: str
    code: str
    plan: str


PLANS = {
    "line": Plan("chaos_line.py", 10_000, "chaos_line.step", (0.92, 0.005, 0.065, 0.01)),
    "threads": Plan("chaos_threads.py", 2_000, "chaos_threads.step", (0.92, 0.005, 0.065, 0.01)),
}
MUTANTS = (
    Mutant(
        "acknowledgement",
        "a call whose worker is found dead after its result was committed is done again",
        "runtime/caller/transaction.py",
        """
_commit = Call.commit
def acknowledged(self, *args):
    done = _commit(self, *args)
    if not all(channel.idle() for channel in self.runtime.pool._idle):
        raise WorkerDied("no acknowledgement")
    return done
Call.commit = acknowledged
""",
        "line",
    ),
    Mutant(
        "order",
        "the output of a call is shown when the next one commits",
        "runtime/unit/output.py",
        """
_late, _commit = [], commit
def commit(entries, *how):
    now, _late[:] = _late[:], list(entries)
    _commit(now, *how)
""",
        "line",
    ),
    Mutant(
        "whole",
        "the output of a call is shown as it arrives, the rest is committed if no other thread was faster",
        "runtime/caller/transaction.py",
        """
from faasify.runtime.unit import output
_exchange = Call.exchange
def shown(self, *args):
    reply = _exchange(self, *args)
    if type(reply) is dict:
        output.commit([tuple(entry) for entry in reply["out"]], self.runtime.output_streams())
        reply["out"] = []
    return reply
Call.exchange = shown
""",
        "threads",
    ),
)


@dataclass
class Killer(threading.Thread):
    """Kills workers of the processes that carry `mark`, from outside and at any time."""

    mark: str
    seed: int
    killed: int = 0
    zygotes: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        dice, zygote = random.Random(self.seed), 0
        while not self.over.wait(dice.expovariate(1 / PERIOD_S)):
            if not alive(zygote):
                zygote = next(zygotes(self.mark), 0)
            workers = children(zygote)
            victim = zygote if zygote and dice.random() < ZYGOTES else dice.choice(workers) if workers else 0
            if victim and signalled(victim):
                self.killed += victim != zygote
                self.zygotes += victim == zygote


def run(plan: Plan, folder: Path, package: Path = ROOT) -> dict[str, Any]:
    """The experiment, with the faasify of `package`, in the empty `folder`: what was done, and what was wrong ([] if nothing)."""
    source = folder / "program" / plan.program
    source.parent.mkdir()
    shutil.copyfile(HERE / "programs" / plan.program, source)
    mark = uuid.uuid4().hex
    want = subprocess.run([sys.executable, plan.program, str(plan.calls)], cwd=source.parent, capture_output=True, text=True)
    environment = prepared(plan, folder, package, mark)
    command = [sys.executable, "-P", "-m", "faasify", "run", "--placement", "remote", "--budget", "1h", "--select", plan.unit]
    command += ["--report", str(folder / "report.json"), plan.program]
    quiet = {name: value for name, value in environment.items() if name != "FAASIFY_CHAOS"}
    subprocess.run([*command, "10"], cwd=source.parent, env=quiet, capture_output=True, check=True)  # it is built
    files = files_below(folder)
    killer = Killer(mark, plan.seed)
    if plan.outside:
        killer.start()
    begin = time.monotonic()
    done = subprocess.run([*command, str(plan.calls)], cwd=source.parent, env=environment, capture_output=True, text=True)
    seconds = time.monotonic() - begin
    killer.over.set()
    wrong = [*differences(plan, want, done), *left_behind(mark), *sorted(files_below(folder) - files - {"agent.json"})]
    report = json.loads((folder / "report.json").read_text())["units"][plan.unit]
    counted = {name: report[name] for name in ("calls_remote", "calls_here", "retries", "fallbacks")}
    agent = json.loads((folder / "agent.json").read_text())
    return {"calls": plan.calls, "killed": {**agent, "outside": killer.killed, "zygotes": killer.zygotes}, **counted,
            "seconds": round(seconds, 1), "wrong": wrong}  # fmt: skip


def prepared(plan: Plan, folder: Path, package: Path, mark: str) -> dict[str, str]:
    for name in ("tmp", "cache"):
        (folder / name).mkdir()
    chaos = {"seed": plan.seed, "weights": plan.weights, "log": str(folder / "agent.json")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "FAASIFY"))}
    path = os.pathsep.join([str(HERE / "chaos_agent"), str(package)])
    mine = {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(folder / "tmp"), "XDG_CACHE_HOME": str(folder / "cache")}
    return {**kept, **mine, MARK: mark, "FAASIFY_CHAOS": json.dumps(chaos)}


def differences(plan: Plan, want: subprocess.CompletedProcess[str], done: subprocess.CompletedProcess[str]) -> list[str]:
    """The first line that differs in each of the two streams; those of threads come in any order."""
    found = [] if done.returncode == want.returncode else [f"exit code {done.returncode}"]
    for name in ("stdout", "stderr"):
        here, there = getattr(want, name).splitlines(), getattr(done, name).splitlines()
        if "threads" in plan.program:
            here, there = sorted(here), sorted(there)
        if here != there:
            first = next((i for i, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), min(len(here), len(there)))
            found.append(f"{name}, line {first + 1}: {here[first : first + 1]} became {there[first : first + 1]}")
    return found


def left_behind(mark: str) -> list[str]:
    deadline = time.monotonic() + 2
    while (left := list(marked(mark))) and time.monotonic() < deadline:
        time.sleep(0.01)
    return [f"process {pid} is left" for pid in left]


def files_below(folder: Path) -> set[str]:
    """Folders too: neither may be left."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def mutated(mutant: Mutant, folder: Path) -> Path:
    """A copy of the package with the mutant's change."""
    for name in ("faasify", "rules", "stubs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")
    with (folder / "faasify" / mutant.module).open("a") as file:
        file.write(mutant.code)
    return folder


def caught(mutant: Mutant, calls: int) -> str:
    """What was wrong first with a mutant; "" when nothing was."""
    before = PLANS[mutant.plan]
    plan = Plan(before.program, calls, before.unit, (0.8, 0.02, 0.08, 0.1), outside=False)
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        package, place = Path(folder, "package"), Path(folder, "run")
        package.mkdir()
        place.mkdir()
        found = run(plan, place, mutated(mutant, package))
    return str(found["wrong"][0]) if found["wrong"] else ""


def marked(mark: str) -> Iterator[int]:
    wanted = f"{MARK}={mark}".encode()
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        if wanted in read(f"/proc/{pid}/environ").split(b"\0"):
            yield pid


def zygotes(mark: str) -> Iterator[int]:
    """Those that have forked: workers have the same command line, but no children."""
    return (pid for pid in marked(mark) if b"zygote" in read(f"/proc/{pid}/cmdline") and children(pid))


def children(pid: int) -> list[int]:
    return [int(word) for word in read(f"/proc/{pid}/task/{pid}/children").split()]


def alive(pid: int) -> bool:
    return read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[:1] not in ([], [b"Z"])


def signalled(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def experiment(name: str, calls: int, seed: int) -> Mapping[str, Any]:
    plan = PLANS[name]
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        return run(Plan(plan.program, calls, plan.unit, plan.weights, plan.outside, seed), Path(folder))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--calls", type=int, default=PLANS["line"].calls)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-mutants", action="store_true")
    options = parser.parse_args()
    results: dict[str, Any] = {"line": experiment("line", options.calls, options.seed)}
    results["threads"] = experiment("threads", options.calls // 5, options.seed)
    if not options.no_mutants:
        results["mutants"] = [{"name": m.name, "what": m.what, "caught": caught(m, 400)} for m in MUTANTS]
    text = json.dumps(results, indent=1) + "\n"
    if options.output:
        options.output.write_text(text)
    print(text, end="")
    wrong = [*results["line"]["wrong"], *results["threads"]["wrong"], *(m for m in results.get("mutants", ()) if not m["caught"])]
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
