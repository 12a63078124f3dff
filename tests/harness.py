"""Run a whole little program twice, as it is and rewritten, and hold the two against each other.

    def test_r1_restored_although_unreachable(same):
        same('''
            def h(xs): xs.pop().append(1)
            inner = []; h([inner]); print(inner)
        ''', select="app.h")

`same` asserts that both forms agree in stdout, stderr, exit code and the files they leave, that the original ended as
intended (`exit`), and that what was selected really ran on the target. A promise that is kept by a refusal says so:
`home={"app.f": "files"}` wants a verdict `stays`, or a fallback to running here, with that word in its reason,
`stopped=` the fallback, what analysis must not have known; `remote=()` asserts nothing about the place. With
FAASIFY_ORIGINALS=1 only the originals run (a check of the programs).
"""

from __future__ import annotations

import difflib
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

Files = str | Mapping[str, str]
TIMEOUT_S = 60.0
ORIGINALS_ONLY = os.environ.get("FAASIFY_ORIGINALS") == "1"
_FRAME = re.compile(r'^([ |+-]*)File "([^"]+)", line (\d+)(?:, in (\S+))?')
_NOTICES = re.compile(r"\A(?:faasify: \S+ was selected, but stays: .*\n)+")  # said before the program starts: not its output
_OURS = re.compile(r"^(PYTHON|FAASIFY|COV|PYTEST)")


@dataclass(frozen=True)
class Outcome:
    """What a run shows to the world; the program's own folder is written `<root>` in the texts."""

    stdout: str
    stderr: str
    exit: int
    files: Mapping[str, bytes]

    @property
    def error(self) -> str:
        return without_source_lines(self.stderr)


@dataclass(frozen=True)
class Result:
    original: Outcome
    rewritten: Outcome
    report: Mapping[str, Any] = field(default_factory=dict)

    def calls_remote(self, name: str) -> int:
        return int(self.report["units"].get(name, {}).get("calls_remote", 0))

    def fallbacks(self, name: str) -> list[str]:
        return [f"{f['reason']} {f.get('path') or ''}" for f in self.report["units"].get(name, {}).get("fallbacks", [])]


@dataclass(frozen=True)
class Run:
    """How a program is started: the same for both forms."""

    target: Sequence[str] = ("app.py",)
    argv: Sequence[str] = ()
    stdin: str = ""
    env: Mapping[str, str | None] = field(default_factory=dict)
    merged: bool = False  # stderr into stdout: one stream, whose order is then compared


def write_files(root: Path, files: Files) -> Path:
    """Lay the program out below `root`; a plain text is `app.py`."""
    for name, text in ({"app.py": files} if isinstance(files, str) else files).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return root


def environment(extra: Mapping[str, str | None], cache: Path) -> dict[str, str]:
    """A fixed environment: one hash seed, UTF-8, UTC, nothing of the test run's own; None takes a variable away."""
    kept = {k: v for k, v in os.environ.items() if not _OURS.match(k)}
    fixed = {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "TZ": "UTC", "COLUMNS": "80", "XDG_CACHE_HOME": str(cache)}
    return {k: v for k, v in {**kept, **fixed, **extra}.items() if v is not None}


def execute(command: Sequence[str], root: Path, run: Run, cache: Path) -> Outcome:
    """Run one form in its folder; what still lives after the time limit is killed with its whole process group."""
    process = subprocess.Popen(
        command,
        cwd=root,
        env=environment(run.env, cache),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if run.merged else subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(run.stdin.encode(), timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        pytest.fail(f"no end within {TIMEOUT_S:g} s: {' '.join(command)}")
    return Outcome(_text(out, root), _text(err or b"", root), process.returncode, snapshot(root))


def _text(raw: bytes, root: Path) -> str:
    return _NOTICES.sub("", raw.decode("utf-8", "backslashreplace").replace(str(root), "<root>"))


def snapshot(root: Path) -> dict[str, bytes]:
    """Every file below `root` with its bytes, byte code apart."""
    found = (p for p in sorted(root.rglob("*")) if p.is_file() and "__pycache__" not in p.parts)
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in found}


def original_command(run: Run) -> list[str]:
    return [sys.executable, *run.target, *run.argv]


def rewritten_command(run: Run, select: str, report: Path, options: Sequence[str] = ()) -> list[str]:
    flags = ["--select", select, "--placement", "remote", "--report", str(report), *options]
    return [sys.executable, "-P", "-m", "faasify", "run", *flags, *run.target, *run.argv]


def without_source_lines(stderr: str) -> str:
    """A traceback's frames as file name, line and function; the source lines and carets below them are left out.

    `  File "/x/app.py", line 3, in f` and its `    return 1 / 0` become `app.py:3 f`; other lines stay as they are.
    """
    kept: list[str] = []
    indent: int | None = None
    for line in stderr.splitlines():
        if frame := _FRAME.match(line):
            indent = len(frame[1])
            if frame[2] == "<frozen runpy>" or not frame[2].startswith("<frozen"):
                kept.append(f"{os.path.basename(frame[2])}:{frame[3]} {frame[4] or ''}".rstrip())
        elif indent is not None and line.strip(" |") and len(line) - len(line.lstrip(" |")) > indent:
            continue
        else:
            indent = None
            kept.append(line)
    return "\n".join(kept)


def differences(original: Outcome, rewritten: Outcome) -> str:
    """A readable diff of everything that is compared; empty when the two agree."""
    found = []
    if original.exit != rewritten.exit:
        found.append(f"exit code: {original.exit} became {rewritten.exit}")
    for name, a, b in (("stdout", original.stdout, rewritten.stdout), ("stderr", original.error, rewritten.error)):
        if a != b:
            lines = difflib.unified_diff(a.splitlines(), b.splitlines(), f"{name} original", f"{name} rewritten", lineterm="")
            found.append("\n".join(lines) or f"{name} differs in its line ends: {a!r} became {b!r}")
    for name in sorted(set(original.files) | set(rewritten.files)):
        if original.files.get(name) != rewritten.files.get(name):
            found.append(f"file {name}: {original.files.get(name)!r} became {rewritten.files.get(name)!r}")
    return "\n".join(found)


class Promise:
    """The two folders of one test and the comparison of what is run in them; called, it is the whole assertion."""

    def __init__(self, tmp_path: Path, cache: Path) -> None:
        self.roots = (tmp_path / "original", tmp_path / "remotely")  # names of one length: so are the texts that show them
        self.report_file = tmp_path / "report.json"
        self.cache = cache

    def __call__(
        self,
        files: Files,
        select: str,
        *,
        remote: Iterable[str] | None = None,
        home: Mapping[str, str] | None = None,
        stopped: Mapping[str, str] | None = None,
        exit: int = 0,
        options: Sequence[str] = (),
        **how: Any,
    ) -> Result:
        """Assert that both forms agree, and that each selected function ran where it is said to run."""
        result = self.both(files, select, options, Run(**how))
        assert result.original.exit == exit, f"the original itself ended with {result.original.exit}:\n{result.original.stderr}"
        assert result.original.stdout or result.original.stderr, "the program shows nothing, so it can show no difference"
        if ORIGINALS_ONLY:
            pytest.skip(f"only the original was run: {(result.original.stdout + result.original.error)[:600]!r}")
        refused = result.rewritten.exit == 2 and result.rewritten.stderr.startswith("faasify: ")
        assert not refused, f"refused: {result.rewritten.stderr}"
        if difference := differences(result.original, result.rewritten):
            pytest.fail(f"silently different\n{difference}\nfallbacks: {result.report.get('units')}", pytrace=False)
        for name, word in (stopped or {}).items():
            told = result.fallbacks(name)
            assert any(word.lower() in text.lower() for text in told), f"{name} was not stopped by {word!r} while it ran: {told}"
        self._assert_places(result, select, remote, {**(home or {}), **(stopped or {})}, Run(**how))
        return result

    def both(self, files: Files, select: str, options: Sequence[str], run: Run) -> Result:
        """Both forms at the same time, each in its own copy of the program."""
        here, there = (write_files(root, files) for root in self.roots)
        if ORIGINALS_ONLY:
            return Result(outcome := execute(original_command(run), here, run, self.cache), outcome)
        with ThreadPoolExecutor(2) as pool:
            original = pool.submit(execute, original_command(run), here, run, self.cache)
            rewritten = pool.submit(execute, rewritten_command(run, select, self.report_file, options), there, run, self.cache)
            outcomes = original.result(), rewritten.result()
        report = json.loads(self.report_file.read_text()) if self.report_file.exists() else {"units": {}, "functions_remote": []}
        return Result(*outcomes, report)

    def _assert_places(self, result: Result, select: str, remote: Iterable[str] | None, home: Mapping[str, str], run: Run) -> None:
        if remote is None:
            remote = [n for n in select.split(",") if n not in home and n != "all"]
        ran = set(result.report["functions_remote"])
        missing = set(remote) - ran
        why = {n: result.fallbacks(n) or self.reasons(n, run) for n in missing}
        assert not missing, f"did not run on the target: {why}"
        for name, word in home.items():
            assert name not in ran, f"{name} ran on the target"
            told = result.fallbacks(name) or self.reasons(name, run)
            assert any(word.lower() in text.lower() for text in told), f"{name} runs here, but no reason says {word!r}: {told}"

    def reasons(self, name: str, run: Run) -> list[str]:
        """Code and sentence of every reason that `faasify analyze` gives for the function's verdict."""
        command = [sys.executable, "-P", "-m", "faasify", "analyze", "--format", "json", *run.target]
        env = environment(run.env, self.cache)
        shown = subprocess.run(command, cwd=self.roots[1], env=env, capture_output=True, text=True, timeout=TIMEOUT_S)
        assert shown.returncode == 0, shown.stderr
        facts = [f for f in json.loads(shown.stdout)["functions"] if f["name"] == name and f["verdict"] != "travels"]
        return [f"{f['verdict']}: {r['code']} {r['message']}" for f in facts for r in f["reasons"]]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache folder of this test run: the user's own is left alone."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def same(tmp_path: Path, cache: Path) -> Promise:
    return Promise(tmp_path, cache)
