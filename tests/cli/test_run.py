"""`faasify run` as a user types it: settings, options, other interpreters, the cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from faasify import config, launch
from faasify.errors import UsageError
from faasify.launch import options
from tests.cli.conftest import PROGRAM, the_one_line
from tests.conftest import Run


def test_a_program_that_imports_a_name_too_long_for_a_file_is_run(program: Path, faasify: Run) -> None:
    source = "try:\n    import NAME, app.NAME\nexcept ImportError as error:\n    print(error)\n".replace("NAME", "x" * 300)
    (program / "app.py").write_text(source + textwrap.dedent(PROGRAM))
    done = faasify("run", "app.py", cwd=program)
    assert (done.stdout, done.stderr, done.returncode) == (f"No module named '{'x' * 300}'\nsum 3 1 []\n", "", 0)


def test_run_says_what_the_program_says(program: Path, faasify: Run) -> None:
    for _ in range(2):  # prepared, then unchanged
        done = faasify("run", "--select", "all", "--placement", "remote", "app.py", "--select", "x", cwd=program)
        assert (done.stdout, done.stderr, done.returncode) == ("sum 3 1 ['--select', 'x']\n", "", 0)


def test_options_after_the_program_are_the_programs(program: Path, faasify: Run) -> None:
    done = faasify("run", "app.py", "--debug", "--help", "-m", cwd=program)
    assert done.stdout == "sum 3 1 ['--debug', '--help', '-m']\n"


def test_a_changed_program_is_prepared_again(program: Path, faasify: Run) -> None:
    assert faasify("run", "app.py", cwd=program).stdout.startswith("sum 3")
    (program / "app.py").write_text(textwrap.dedent(PROGRAM).replace("return a + b", "return a * b"))
    assert faasify("run", "app.py", cwd=program).stdout.startswith("sum 2")


def test_an_unchanged_program_starts_without_click_rich_or_libcst(program: Path, faasify: Run) -> None:
    assert faasify("run", "app.py", cwd=program).returncode == 0
    done = faasify("run", "app.py", cwd=program, env={"PYTHONPROFILEIMPORTTIME": "1"})
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "faasify.launch" in imported
    assert imported & {"click", "rich", "libcst", "networkx", "jinja2", "argparse", "inspect", "dataclasses"} == set()


def test_the_report_says_what_ran_remotely(program: Path, faasify: Run) -> None:
    done = faasify("run", "--select", "app.add", "--placement", "remote", "--report", "out.json", "app.py", cwd=program)
    report = json.loads((program / "out.json").read_text())
    assert done.returncode == 0
    assert report["version"] == 1
    assert report["units"]["app.add"]["calls_remote"] == 1
    assert report["functions_remote"] == ["app.add"]


def test_the_exit_code_is_the_programs(program: Path, faasify: Run) -> None:
    (program / "ends.py").write_text("import sys\ndef f():\n    sys.exit(7)\nf()\n")
    assert faasify("run", "--select", "all", "--placement", "remote", "ends.py", cwd=program).returncode == 7


def test_settings_beside_the_program_are_used_and_the_command_line_wins(program: Path, faasify: Run) -> None:
    (program / "pyproject.toml").write_text('[tool.faasify]\nselect = "all"\nplacement = "remote"\n')
    for _ in range(2):
        faasify("run", "--report", "out.json", "app.py", cwd=program)
        assert "app.add" in json.loads((program / "out.json").read_text())["functions_remote"]
    faasify("run", "--placement", "local", "--report", "out.json", "app.py", cwd=program)
    assert json.loads((program / "out.json").read_text())["functions_remote"] == []


def test_a_setting_that_means_nothing_is_said_in_one_line(program: Path, faasify: Run) -> None:
    (program / "pyproject.toml").write_text('[tool.faasify]\nplacment = "remote"\n')
    done = faasify("run", "app.py", cwd=program)
    assert done.returncode == 2
    assert "did you mean 'placement'?" in the_one_line(done)


@pytest.fixture(scope="module")
def other_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a virtual environment without packages."""
    folder = tmp_path_factory.mktemp("other") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder / "bin" / "python"


@pytest.fixture
def run_with(program: Path, cache_home: Path) -> Run:
    """`faasify run --python`, with nothing on PYTHONPATH that would help."""

    def run(python: Path, script: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"XDG_CACHE_HOME": str(cache_home)}
        options = ["--select", "all", "--placement", "remote", "--python", str(python)]
        command = [sys.executable, "-P", "-m", "faasify", "run", *options, script]
        return subprocess.run(command, cwd=program, env=environment, capture_output=True, text=True, timeout=120)

    return run


def test_another_interpreter_needs_no_faasify_of_its_own(program: Path, other_python: Path, run_with: Run) -> None:
    """Only faasify becomes importable there, not its neighbours."""
    source = "import importlib.util as u, sys\ndef twice(x):\n    return 2 * x\nprint(twice(2), sys.prefix, u.find_spec('libcst'))\n"
    (program / "where.py").write_text(source)
    done = run_with(other_python, "where.py")
    assert done.stdout == f"4 {other_python.parent.parent} None\n", done.stderr


def test_with_another_interpreter_the_program_sees_its_own_import_path(program: Path, other_python: Path, run_with: Run) -> None:
    (program / "path.py").write_text("import os, sys\nprint([p for p in sys.path if 'faasify' in p], os.environ.get('PYTHONPATH'))\n")
    assert run_with(other_python, "path.py").stdout == "[] None\n"


@pytest.mark.parametrize(
    "words",
    [
        ["app.py"],
        ["app.py", "--strict", "-m"],
        ["-m", "pkg", "x"],
        ["--placement=remote", "--budget", "2m", "--strict", "app.py", "a"],
        ["--limit", "memory=256,timeout=30", "--limit=app.f:memory=512", "app.py", "--limit", "x"],
        ["--select", "a,b", "--allow", "files,network", "--report", "r.json", "--debug", "app.py"],
    ],
)
def test_both_parsers_of_run_agree(words: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The quick one for unchanged programs, and click's, which explains what is wrong."""
    from faasify.cli import commands

    monkeypatch.chdir(tmp_path)
    context = commands.run.make_context("run", list(words))
    quick = launch.parse(list(words))
    assert quick is not None
    debug = "--debug" in words
    assert launch.build_options(context.params.pop("program"), context.params.pop("args"), debug=debug, **context.params) == quick


def test_both_parsers_of_run_know_the_same_options() -> None:
    from faasify.cli import commands

    names = {name.removeprefix("--") for param in commands.run.params for name in param.opts if name.startswith("--")}
    assert names == {*options.VALUE_OPTIONS, *options.FLAG_OPTIONS}


def test_settings_and_options_have_the_same_choices() -> None:
    assert config.PLACEMENTS == options.PLACEMENTS
    assert config.ALLOWABLE == options.ALLOWABLE


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("500ms", 0.5), ("2m", 120), ("1h", 3600), ("0s", 0), ("1.5s", 1.5)])
def test_a_budget_is_a_time(text: str, seconds: float) -> None:
    assert options.parse_budget(text) == seconds


@pytest.mark.parametrize("text", ["30", "s", "-1s", "nans", "infs", "1e999s", "", "3 days"])
def test_what_is_no_budget_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        options.parse_budget(text)


@pytest.mark.parametrize("where", ["/dev/null/cache", "/proc/cache"])
def test_without_a_cache_folder_it_runs_and_leaves_nothing_behind(where: str, program: Path, faasify: Run, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (program / "ends.py").write_text("import sys\ndef f(x):\n    return x\nprint(f(1))\nsys.exit(3)\n")
    options = ["--select", "all", "--placement", "remote"]
    done = faasify("run", *options, "ends.py", cwd=program, env={"XDG_CACHE_HOME": where, "TMPDIR": str(tmp_path / "tmp")})
    assert (done.stdout, done.stderr, done.returncode) == ("1\n", "", 3)
    assert list((tmp_path / "tmp").iterdir()) == []
