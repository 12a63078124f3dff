"""What all tests share: how the `faasify` command is run, and a summary of what was skipped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure() -> None:
    """A shell starts background jobs with these ignored, and every program under test would inherit that."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests run when they are asked for: `pytest -m slow`."""
    if "slow" in config.option.markexpr:
        return
    for item in items:
        if item.get_closest_marker("slow") is not None:
            item.add_marker(pytest.mark.skip(reason="slow: run with -m slow"))


Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder of the tests' own; the user's is left alone."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def faasify(cache_home: Path) -> Run:
    """Runs the command: `faasify("run", "app.py", cwd=folder, input="...")`."""

    def run(
        *words: str | Path, cwd: Path = ROOT, input: str = "", env: dict[str, str] | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "XDG_CACHE_HOME": str(cache_home), "PYTHONPATH": str(ROOT), **(env or {})}
        command = [sys.executable, "-P", "-m", "faasify", *map(str, words)]
        return subprocess.run(command, cwd=cwd, env=environment, input=input, capture_output=True, text=True, timeout=timeout)

    return run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line a reason for everything that was skipped, so that a test which never runs is noticed."""
    skipped = [report.longrepr for report in terminalreporter.stats.get("skipped", [])]
    reasons = Counter(where[2] if isinstance(where, tuple) else str(where) for where in skipped)
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"skipped {count}: {reason.removeprefix('Skipped: ')}")
