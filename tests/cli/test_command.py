"""The command itself: its version, its help, and one clear line for everything that is wrong."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from faasify import __version__
from faasify.errors import FaasifyError, ProgramError, TargetError, UsageError
from tests.cli.conftest import Typed, the_one_line
from tests.conftest import ROOT, Run

COMMANDS = ["analyze", "cache", "explain", "invoke", "rules", "run", "targets", "transform", "verify"]


def test_version(typed: Typed) -> None:
    for words in (["--version"], ["-V"]):
        done = typed(*words)
        assert (done.stdout, done.returncode) == (f"faasify {__version__}\n", 0)


def test_version_is_said_before_anything_heavy_is_imported(program: Path) -> None:
    """Less than 60 ms of CPU over a Python that does nothing; the smallest of five, because the machine is shared."""

    def cpu(*words: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *words], check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    bare = min(cpu("-c", "pass") for _ in range(5))
    assert min(cpu("-m", "faasify", "--version") for _ in range(5)) - bare < 0.060


def test_help_names_every_command(typed: Typed) -> None:
    for words in ([], ["--help"], ["-h"]):
        done = typed(*words)
        assert done.returncode == 0
        assert [name for name in COMMANDS if not re.search(rf"^  {name} ", done.stdout, re.MULTILINE)] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, typed: Typed) -> None:
    done = typed(name, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: faasify {name}")


@pytest.mark.parametrize("name", ["deploy", "serve", "anaylze"])
def test_an_unknown_command_is_answered_with_those_that_exist(name: str, typed: Typed) -> None:
    done = typed(name, "app.py")
    assert done.returncode == 2
    assert the_one_line(done) == f"faasify: there is no command '{name}'; choose from {', '.join(COMMANDS)}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["run"], "PROGRAM", id="no program"),
        pytest.param(["run", "--placement"], "--placement", id="an option without its value"),
        pytest.param(["run", "--fast", "app.py"], "--fast", id="an unknown option"),
        pytest.param(["run", "--placement", "moon", "app.py"], "choose from auto, remote, local", id="an unknown placement"),
        pytest.param(["run", "--target", "moon", "app.py"], "choose from local", id="an unknown target"),
        pytest.param(["run", "--allow", "magic", "app.py"], "choose from files, network", id="an unknown effect"),
        pytest.param(["run", "--budget", "soon", "app.py"], "like --budget 30s", id="a budget that is no time"),
        pytest.param(["run", "--budget", "0.50usd", "app.py"], "costs nothing", id="a budget of money where nothing costs any"),
        pytest.param(["run", "--report", "out.xml", "app.py"], "FILE.json", id="a report of an unknown kind"),
        pytest.param(["run", "--report", "nowhere/out.json", "app.py"], "folder that exists", id="a report in no folder"),
        pytest.param(["run", "--python", "/no/python", "app.py"], "no interpreter", id="an interpreter that is not there"),
        pytest.param(["run", "--python", "/bin/true", "app.py"], "is no Python", id="an interpreter that is none"),
        pytest.param(["run", "missing.py"], "missing.py", id="a program that is not there"),
        pytest.param(["run", "app"], "app.py", id="a program without its .py"),
        pytest.param(["run", "-m", "missing"], "missing", id="a module that is not there"),
        pytest.param(["run", "--select", "app.nothing", "app.py"], "app.nothing", id="a selector that matches nothing"),
        pytest.param(["run", "broken.py"], "broken.py:2", id="a file that does not parse"),
        pytest.param(["analyze", "broken.py"], "broken.py:2", id="analyze: a file that does not parse"),
        pytest.param(["analyze", "--format", "pdf", "app.py"], "table", id="analyze: an unknown format"),
        pytest.param(["analyze", "-o", "no/where", "app.py"], "no/where", id="analyze: a file that cannot be written"),
        pytest.param(["verify", "--html", "no/where", "app.py"], "name a file", id="verify: a page that cannot be written"),
        pytest.param(["transform", "app.py"], "--output", id="transform: no folder to write"),
        pytest.param(["transform", "-o", ".", "app.py"], "holds the program itself", id="transform: into the program's own folder"),
        pytest.param(["verify", "missing.py"], "missing.py", id="verify: a program that is not there"),
        pytest.param(["verify", "--args", "args.txt", "app.py", "x"], "one place", id="verify: arguments in two places"),
        pytest.param(["invoke", "app.py", "add", "{"], "no JSON", id="invoke: no JSON"),
        pytest.param(["invoke", "app.py", "add", "[1]"], "no JSON object", id="invoke: no object"),
        pytest.param(["invoke", "app.py", "add", '{"$state": {}}'], "$state", id="invoke: state is not typed by hand"),
        pytest.param(["invoke", "app.py", "ad", '{"a": 1}'], "choose from app.add", id="invoke: an unknown unit"),
        pytest.param(["invoke", "app.py", "save", '{"path": "x"}'], "there is no unit 'save'", id="invoke: a function that stays"),
        pytest.param(["invoke", "app.py", "add", '{"c": 1}'], "its parameters are a, b", id="invoke: an unknown parameter"),
        pytest.param(["rules", "no_such_rule"], "choose from", id="rules: an unknown name"),
        pytest.param(["explain", "FILE"], "did you mean FILES?", id="explain: an unknown code"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(words: list[str], said: str, program: Path, typed: Typed) -> None:
    (program / "broken.py").write_text("x = 1\ndef f(:\n")
    (program / "args.txt").write_text("a\n")
    done = typed(*words)
    assert done.returncode == 2, done.stderr
    assert said in the_one_line(done)


def test_a_traceback_of_faasify_is_shown_with_debug_only(program: Path, faasify: Run) -> None:
    assert "Traceback" not in faasify("run", "missing.py", cwd=program).stderr
    done = faasify("run", "--debug", "missing.py", cwd=program)
    assert done.stderr.startswith("Traceback")
    assert done.stderr.splitlines()[-1].startswith("faasify: ")
    assert done.returncode == 2


def test_errors_are_one_line_whatever_they_quote() -> None:
    assert str(UsageError("no file a\nb", hint="try c")) == "no file a b; try c"


def test_the_tree_of_errors_says_how_the_command_ends() -> None:
    assert [each("x").exit_code for each in (FaasifyError, TargetError, UsageError, ProgramError)] == [1, 1, 2, 2]


@pytest.mark.parametrize("words", [["analyze", "app.py"], ["analyze", "--format", "json", "app.py"], ["targets"]])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_output_that_cannot_be_written_is_one_line(words: list[str], program: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(_COMMAND + words, cwd=program, stdout=full, stderr=subprocess.PIPE, text=True, env=_ENVIRONMENT)
    assert done.returncode == 1
    assert done.stderr.startswith("faasify: the output cannot be written: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["analyze", "app.py"], ["explain", "FILES"]])
def test_a_closed_stdout_is_nobody_that_reads(words: list[str], program: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" >&-', "sh", *_COMMAND, *words], cwd=program, capture_output=True, text=True, env=_ENVIRONMENT
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_analyze_imports_only_what_it_needs(program: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *_COMMAND[1:], "analyze", "--format", "json", "app.py"],
        cwd=program, capture_output=True, text=True, env=_ENVIRONMENT, check=True,
    )  # fmt: skip
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "faasify.analysis" in imported and done.stdout.endswith("}\n")
    assert imported.isdisjoint({"rich", "libcst", "importlib.metadata", "igraph", "boto3", "kubernetes", "faasify.bundle.store"})


_COMMAND = [sys.executable, "-m", "faasify"]
_ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
