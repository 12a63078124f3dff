"""Programs run in both forms, many at once: as modules that one program imports one after the other.

    pairs = Bench(cache).run([Case("p_7", source, ("f0", "go"))])   ->   {"p_7": Pair("...", "...", remote=4, changed=3)}

Both forms are what a user runs: plain `python app.py`, and the build that `faasify run --placement remote` starts, with its
trampolines, its worker processes and their guard. What is saved is the start of the tool and of its workers.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from faasify import pipeline
from faasify.analysis import library
from faasify.launch.execute import launch_environment, prepared
from faasify.launch.options import build_options
from faasify.pipeline import Request
from tests import harness

HERE = Path(__file__).parent
MARK = "=== "
TIMEOUT_S = 240.0
_DRIVER = """\
import sys
for name in sys.argv[1:]:
    sys.stdout.flush()
    print("{mark}" + name, flush=True)
    try:
        __import__(name)
    except BaseException as e:
        print("ended by", type(e).__name__, e)
"""


@dataclass(frozen=True)
class Case:
    """One program: the name of its module, its text, the functions of it that go to the target (patterns)."""

    name: str
    source: str
    select: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """What the two forms showed (stdout and stderr in one), and how many remote calls there were."""

    original: str
    rewritten: str
    remote: int = 0  # remote calls
    changed: int = 0  # of which changed an argument, a global or what these reach
    fallbacks: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        return self.original == self.rewritten


@cache
def _stubs_read_once() -> None:
    library.read_stub = cache(library.read_stub)  # type: ignore[attr-defined]


class Bench:
    """A folder to run in, and a cache of builds, both gone in the end."""

    def __init__(self, base: Path) -> None:
        self.folder = base / "program"
        self.report = base / "report.json"
        self.cache = base / "cache"
        _stubs_read_once()

    def run(self, cases: Sequence[Case]) -> dict[str, Pair]:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.cache, ignore_errors=True)
        self.report.unlink(missing_ok=True)
        files = {"app.py": _DRIVER.format(mark=MARK), "common.py": (HERE / "common.py").read_text()}
        files["app.py"] += "if len(sys.argv) > 10_000:\n" + "".join(f"    import {case.name}\n" for case in cases)  # what analysis reads
        self.folder.mkdir(parents=True)
        for name, text in {**files, **{f"{case.name}.py": case.source for case in cases}}.items():
            (self.folder / name).write_text(text)
        environment = {**harness.environment({}, self.cache), "PYTHONUNBUFFERED": "1"}
        names = [case.name for case in cases]
        original = self._output([sys.executable, "app.py", *names], environment)
        select = ",".join(f"{case.name}.{name}" for case in cases for name in case.select)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(self.cache))
            found = pipeline.prepare(Request("app.py", select=select, cwd=self.folder))
        options = build_options("app.py", names, placement="remote", report=[str(self.report)], budget="1h")
        launched = launch_environment(environment, found, options)
        rewritten = self._output([sys.executable, prepared(found.build, launched), *names], launched)
        units = json.loads(self.report.read_text())["units"] if self.report.exists() else {}
        return {name: _pair(name, original, rewritten, units) for name in names}

    def _output(self, command: Sequence[str], environment: dict[str, str]) -> dict[str, str]:
        """By program what it showed; "" for those that did not get their turn."""
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
            try:
                code = process.wait(TIMEOUT_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                code = process.wait()
            out.seek(0)
            text = re.sub(r" at 0x[0-9a-f]+", " at 0x", out.read().decode("utf-8", "backslashreplace"))  # no program shows them on purpose
        parts = re.split(rf"(?m)^{MARK}(\w+)\n", text)
        found = dict(zip(parts[1::2], parts[2::2], strict=True))
        if code and parts[1:]:
            found[parts[-2]] += f"\nended with exit code {code}"
        return found


def _pair(name: str, original: dict[str, str], rewritten: dict[str, str], units: dict[str, dict[str, object]]) -> Pair:
    own = [facts for unit, facts in units.items() if unit.startswith(name + ".")]
    remote, changed = (sum(int(str(facts[key])) for facts in own) for key in ("calls_remote", "calls_that_changed"))
    fallbacks = [f"{f['reason']} {f['path']}" for facts in own for f in facts["fallbacks"]]  # type: ignore[attr-defined]
    return Pair(original.get(name, ""), rewritten.get(name, "did not get its turn"), remote, changed, tuple(fallbacks))
