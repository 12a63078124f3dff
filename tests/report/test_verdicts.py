"""The table of `analyze`: it fits, it groups, it says what to type next; and what a chain of calls looks like."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from faasify.analysis import analyse
from faasify.frontend import load
from faasify.model.effects import Analysis
from faasify.report.chains import chain, counted_codes, sentence
from faasify.report.columns import padded
from faasify.report.verdicts import ROWS, show_verdicts
from tests.conftest import ROOT

LONG = "a_function_whose_name_is_longer_than_any_line_that_a_terminal_could_have_" * 2
SOURCE = f"""
import os

def save(path):
    with open(path, "w") as file:
        file.write("x")

def report():
    save("out.txt")

def {LONG}(x):
    return x + 1

def größe_日本語の関数(x):
    return {LONG}(x)

def guess(name):
    return getattr(os, name)()

class Account:
    def deposit(self, amount):
        self.balance += amount
"""
WIDTHS = (60, 80, 120, 200)
Analysed = Callable[[str], Analysis]


@pytest.fixture
def analysed(tmp_path: Path) -> Analysed:
    def run(source: str) -> Analysis:
        (tmp_path / "app.py").write_text(textwrap.dedent(source))
        return analyse(load("app.py", cwd=tmp_path))

    return run


def shown(analysis: Analysis, width: int | None, *, everything: bool = False, command: str = "app.py") -> str:
    """The table as a terminal of that width has it; None: no terminal."""
    out = io.StringIO()
    console = Console(file=out, width=width or 200, force_terminal=width is not None, color_system=None, highlight=False)
    show_verdicts(analysis, console, command, everything=everything)
    return out.getvalue()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_table_fits_its_terminal(analysed: Analysed, width: int) -> None:
    lines = shown(analysed(SOURCE), width).splitlines()
    assert [line for line in lines if cell_len(line) > width and "faasify " not in line] == []
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_but_names_is_cut(analysed: Analysed, width: int) -> None:
    words = " ".join(shown(analysed(SOURCE), width).split())
    assert '(open "w", app.py:5) through save() (app.py:9) [FILES]' in words
    assert "größe_日本語の関数" in words
    assert "app.Account.deposit" in words


def test_without_a_terminal_a_function_is_one_line_and_nothing_is_cut(analysed: Analysed) -> None:
    lines = shown(analysed(SOURCE), None).splitlines()
    assert len([line for line in lines if f"app.{LONG}" in line]) == 1
    assert [
        line for line in lines if "app.report" in line and 'writes a file (open "w", app.py:5) through save() (app.py:9) [FILES]' in line
    ]
    assert not any("…" in line for line in lines)


def test_groups_come_with_their_number_and_what_to_type(analysed: Analysed) -> None:
    text = shown(analysed(SOURCE), 120)
    assert "travels  3 of 6 functions" in text
    assert "guarded  1 of 6 functions" in text
    assert "most often UNRESOLVED_CALL (1 function): faasify explain UNRESOLVED_CALL" in text
    assert "stays  2 of 6 functions" in text
    assert "most often FILES (2 functions): faasify explain FILES" in text
    assert "faasify run --allow files app.py" in text
    assert text.index("travels  ") < text.index("guarded  ") < text.index("stays  ")
    assert text.rstrip().endswith("faasify analyze --format html -o analysis.html app.py")


def test_a_command_is_never_broken(analysed: Analysed) -> None:
    command = "a/long/folder/of/programs/app.py"
    assert f"  faasify analyze --format html -o analysis.html {command}\n" in shown(analysed(SOURCE), 60, command=command)


def test_a_long_group_is_cut_short_on_a_terminal_only(analysed: Analysed) -> None:
    analysis = analysed("".join(f"def f{i}():\n    return {i}\n" for i in range(ROWS + 5)))
    assert "and 5 more: faasify analyze --all app.py" in shown(analysis, 80)
    for text in (shown(analysis, 80, everything=True), shown(analysis, None)):
        assert f"app.f{ROWS + 4} " in text
        assert "more" not in text


@pytest.mark.parametrize(("width", "lines"), [(200, 1), (90, 1), (60, 2)])
def test_a_sentence_has_lines_of_its_own_where_there_is_little_room(analysed: Analysed, width: int, lines: int) -> None:
    text = shown(analysed("LIMIT = [3]\ndef f(x):\n    return min(x, *LIMIT)\n"), width)
    table = [line.rstrip() for line in text.splitlines() if line.startswith("  ") and ("app.f" in line or "reads" in line)]
    assert table == (["  app.f  app.py:2  reads LIMIT"] if lines == 1 else ["  app.f  app.py:2", "      reads LIMIT"])


def test_a_program_without_functions_says_so(analysed: Analysed) -> None:
    assert shown(analysed("print(1)\n"), 80) == "There is no function in it, so nothing can move.\n"


def test_names_cannot_drive_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m\n.py").write_text("def f(): open('x\\x1b[0m')\n")
    (tmp_path / os.fsdecode(b"b\xff.py")).write_text("def (\n")
    text = shown(analyse(load(".", cwd=tmp_path)), 120)
    assert "\x1b" not in text
    assert r"a\x1b[31m\n.py:1" in text
    assert r"not analysed: b\udcff.py:1" in text
    text.encode()


def test_a_long_chain_is_told_by_its_ends(analysed: Analysed) -> None:
    source = "def g9(): open('x')\n" + "".join(f"def g{i}(): g{i + 1}()\n" for i in reversed(range(9)))
    analysis = analysed(source)
    facts = analysis.functions["app.g0"]
    told = 'reads a file (open "x", "r", app.py:1) through g1() (app.py:10), '
    assert chain(analysis, facts, facts.reasons[0], steps=3) == told + "g2() (app.py:9), 6 more, g9() (app.py:2)"
    assert chain(analysis, facts, facts.reasons[0]).count("()") == 9


def test_the_sentence_of_a_verdict(analysed: Analysed) -> None:
    analysis = analysed(SOURCE)
    expected = 'report() stays: writes a file (open "w", app.py:5) through save() (app.py:9)'
    assert sentence(analysis, analysis.functions["app.report"]) == expected
    assert sentence(analysis, analysis.functions["app.Account.deposit"]) == "Account.deposit() travels"
    assert sentence(analysis, analysis.functions["app.guess"]).startswith("guess() travels, guarded: calls something")


def test_codes_are_counted_once_a_function(analysed: Analysed) -> None:
    assert counted_codes(analysed(SOURCE).functions.values()) == {"FILES": 2, "UNRESOLVED_CALL": 1}


@pytest.mark.parametrize(("text", "width"), [("app.f", 10), ("package.module.function", 8), ("日本語の関数", 7), ("x" * 300, 2)])
def test_padded_is_exactly_as_wide(text: str, width: int) -> None:
    assert cell_len(padded(text, width)) == width


@pytest.mark.parametrize("width", WIDTHS)
def test_a_real_terminal(tmp_path: Path, width: int) -> None:
    """The command itself, on a pseudo-terminal of that width."""
    (tmp_path / "app.py").write_text(SOURCE)
    master, slave = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(width), "TERM": "xterm", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-m", "faasify", "analyze", "app.py"], cwd=tmp_path, stdout=slave, env=environment) as process:
        os.close(slave)
        written = b""
        while chunk := _read(master):
            written += chunk
        assert process.wait(60) == 0
    os.close(master)
    lines = written.decode().splitlines()
    assert "stays" in written.decode()
    assert [line for line in lines if cell_len(_bare(line)) > width and "faasify " not in line] == []


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # the other end is closed
        return b""


def _bare(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", line)
