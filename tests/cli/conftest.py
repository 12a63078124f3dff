"""The commands as a user types them: a folder with a program, and the command run in this process."""

from __future__ import annotations

import os
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from faasify.cli import main

PROGRAM = """
    import sys

    counter = 0

    def add(a, b=1):
        global counter
        counter += 1
        return a + b

    def save(path, text):
        with open(path, "w") as file:
            file.write(text)

    def main():
        print("sum", add(1, 2), counter, sys.argv[1:])

    if __name__ == "__main__":
        main()
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder with an `app.py`."""
    (tmp_path / "app.py").write_text(textwrap.dedent(PROGRAM))
    return tmp_path


Typed = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def typed(
    program: Path, cache_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command in this process, in the program's folder: for what ends before the program would take the process over."""

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(program)
        monkeypatch.setenv("XDG_CACHE_HOME", str(cache_home))
        monkeypatch.setattr(os, "execve", None)
        monkeypatch.setattr("faasify.cli.debug", False)
        with pytest.raises(SystemExit) as end:
            main(list(words))
        return subprocess.CompletedProcess(words, end.value.code or 0, *capsys.readouterr())

    return call


def the_one_line(done: subprocess.CompletedProcess[str]) -> str:
    """What faasify said was wrong: exactly one line, which begins with its name."""
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("faasify: ")
    return lines[0]
