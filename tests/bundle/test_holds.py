"""A build that a program runs from stays: `hold` and `remove`, and `faasify cache clear` beside a program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from faasify.bundle import holds
from tests.conftest import Run


@pytest.fixture
def build(tmp_path: Path) -> Path:
    (tmp_path / "build/.faasify").mkdir(parents=True)
    (tmp_path / "build/.faasify/manifest.json").write_text("{}")
    return tmp_path / "build"


def test_a_build_is_removed_when_the_last_of_those_that_hold_it_has_let_go(build: Path) -> None:
    held = [holds.hold(str(build)) for _ in range(2)]
    for fd in held:
        assert fd is not None and fd >= 700 and os.get_inheritable(fd)
        assert not holds.remove(str(build)) and build.exists()
        os.close(fd)
    assert holds.remove(str(build)) and not build.exists()
    assert holds.hold(str(build)) is None


def test_a_build_without_a_manifest_is_removed(build: Path) -> None:
    (build / ".faasify/manifest.json").unlink()
    assert holds.hold(str(build)) is None
    assert holds.remove(str(build)) and not build.exists()


PROGRAM = """
import os, subprocess, sys
def there(n):
    return n + 1
print(there(1), flush=True)
sys.stdin.readline()
import late
print(late.there(2), [fd for fd in os.listdir("/proc/self/fd") if 3 < int(fd) < 700])
look = "import os, sys; print([fd for fd in os.listdir('/proc/self/fd') if int(fd) > 3])"
print(subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, close_fds=False).stdout)
"""


@pytest.mark.parametrize("known", [True, False])
def test_a_build_that_runs_survives_clearing_the_cache(faasify: Run, tmp_path: Path, known: bool) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    (tmp_path / "late.py").write_text("def there(n):\n    return n + 1\n")
    own = {"XDG_CACHE_HOME": str(tmp_path / "own")}
    words = ["run", "--select", "all", *(["--placement", "remote"] if known else ["--python", sys.executable]), "app.py"]
    if known:
        assert faasify(*words, cwd=tmp_path, env=own, input="\n").returncode == 0
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    command = [sys.executable, "-m", "faasify", *words]
    run = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, **own}, text=True, **pipes)  # type: ignore[call-overload]
    assert run.stdout.readline() == "2\n"
    cleared = faasify("cache", "clear", env=own)
    assert cleared.stdout.endswith("1 builds, 0.0 MB; programs that run hold 1 of them, which stay\n"), cleared.stderr
    assert run.communicate("\n", timeout=60)[0] == "3 []\n[]\n\n"
    assert "; " not in faasify("cache", "clear", env=own).stdout
    assert not any((tmp_path / "own").rglob("manifest.json"))
