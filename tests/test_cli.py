"""The commands as a user types them: what they print where, their exit codes, and one clear line for everything that is wrong."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from faasify import __version__, config, launch
from faasify.cli import main
from faasify.errors import FaasifyError, ProgramError, TargetError, UsageError
from faasify.launch import options
from tests.conftest import ROOT, Run

COMMANDS = ["analyze", "cache", "explain", "invoke", "rules", "run", "targets", "transform", "verify"]
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


# The command itself


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


def test_a_program_that_imports_a_name_too_long_for_a_file_is_run(program: Path, faasify: Run) -> None:
    source = "try:\n    import NAME, app.NAME\nexcept ImportError as error:\n    print(error)\n".replace("NAME", "x" * 300)
    (program / "app.py").write_text(source + textwrap.dedent(PROGRAM))
    done = faasify("run", "app.py", cwd=program)
    assert (done.stdout, done.stderr, done.returncode) == (f"No module named '{'x' * 300}'\nsum 3 1 []\n", "", 0)


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


# run


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


# analyze, transform


def test_analyze_groups_functions_by_verdict(program: Path, typed: Typed) -> None:
    done = typed("analyze", "app.py")
    assert (done.returncode, done.stderr) == (0, "")
    groups = re.split(r"^(travels|guarded|stays)  ", done.stdout, flags=re.MULTILINE)
    found = dict(zip(groups[1::2], groups[2::2], strict=True))
    assert "app.add" in found["travels"] + found.get("guarded", "")
    assert re.search(r"app\.save +app\.py:11 .*app\.py:12", found["stays"])
    assert "faasify run app.py" in done.stdout
    assert "\x1b" not in done.stdout  # plain text where there is no terminal


def test_analyze_as_json(program: Path, typed: Typed) -> None:
    done = typed("analyze", "--format", "json", "app.py")
    document = json.loads(done.stdout)
    functions = {each["name"]: each for each in document["functions"]}
    assert document["version"] == 1
    assert functions["app.save"]["verdict"] == "stays"
    assert {"name", "file", "line", "verdict", "unit", "reasons", "calls", "reads", "writes", "mutates", "effects", "imports"} <= set(
        functions["app.add"]
    )
    assert functions["app.add"]["writes"] == ["app.counter"]


def test_analyze_as_json_counts_codes_and_tells_the_steps(program: Path, typed: Typed) -> None:
    (program / "steps.py").write_text("def save():\n    open('out.txt', 'w')\n\ndef report():\n    save()\n")
    document = json.loads(typed("analyze", "--format", "json", "steps.py").stdout)
    assert (document["verdicts"], document["codes"]["FILES"]) == ({"travels": 0, "guarded": 0, "stays": 2}, 2)
    (report,) = [each for each in document["functions"] if each["name"] == "steps.report"]
    assert report["reasons"][0]["steps"] == [{"function": "steps.save", "file": "steps.py", "line": 5}]
    assert report["left"] == "FILES"


def test_analyze_tells_the_whole_chain(program: Path, typed: Typed) -> None:
    (program / "steps.py").write_text("def save():\n    open('out.txt', 'w')\n\ndef report():\n    save()\n")
    said = 'writes a file (open "out.txt", "w", steps.py:2) through save() (steps.py:5) [FILES]'
    assert said in typed("analyze", "steps.py").stdout


def test_analyze_goes_on_after_a_damaged_file(program: Path, typed: Typed) -> None:
    (program / "broken.py").write_text("x = 1\ndef f(:\n")
    (program / "uses.py").write_text("import broken, app\ndef g():\n    return app.add(1)\n")
    done = typed("analyze", "uses.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert "not analysed: broken.py:2: does not parse: " in done.stdout
    assert "uses.g" in done.stdout


@pytest.mark.parametrize("format_", ["table", "json", "dot", "mermaid", "svg", "html", "pycg"])
def test_every_format_takes_names_that_are_no_text(format_: str, program: Path, typed: Typed) -> None:
    (program / os.fsdecode(b"\xff.py")).write_text("def f(): return g()\ndef g(): pass\n")
    done = typed("analyze", "--format", format_, "-o", "out", os.fsdecode(b"\xff.py"))
    assert (done.returncode, done.stderr) == (0, "")
    (program / "out").read_text(encoding="utf-8")
    assert typed("analyze", "--format", format_, os.fsdecode(b"\xff.py")).returncode == 0


def test_analyze_all_is_an_option(typed: Typed) -> None:
    assert typed("analyze", "--all", "app.py").returncode == 0


def test_explain_shows_an_example_and_how_to_mend_it(typed: Typed) -> None:
    text = typed("explain", "files").stdout
    assert text.startswith("FILES (stays): touches the file system\n")
    assert 'print(f("words.txt"))' in text
    assert 'print(f(open("words.txt").read()))' in text
    assert typed("explain", "inside_unit").stdout.startswith("INSIDE_UNIT (no unit): ")


@pytest.mark.parametrize(
    ("format_", "begins"), [("dot", "digraph"), ("mermaid", "flowchart"), ("svg", "<svg"), ("html", "<!doctype html>"), ("pycg", "{")]
)
def test_analyze_writes_graphs_into_a_file(format_: str, begins: str, program: Path, typed: Typed) -> None:
    done = typed("analyze", "--format", format_, "-o", "graph.txt", "app.py")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert begins in (program / "graph.txt").read_text().lstrip().splitlines()[0]


def test_transform_prints_a_unit_a_line(program: Path, faasify: Run) -> None:
    done = faasify("transform", "--select", "app.add", "-o", "build", "app.py", cwd=program)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^app\.add +app\.py:6 ", done.stdout, re.MULTILINE)
    ran = subprocess.run(
        [sys.executable, "build/app.py"], cwd=program, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert ran.stdout == "sum 3 1 []\n", ran.stderr


# verify


def test_verify_says_point_by_point_that_they_agree(program: Path, faasify: Run) -> None:
    done = faasify("verify", "--select", "all", "app.py", "x", cwd=program)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    for point in ("stdout", "stderr", "exit code", "files written"):
        assert re.search(rf"^  {point} +same$", done.stdout, re.MULTILINE)
    assert re.search(r"^  moved .*app\.add", done.stdout, re.MULTILINE)
    assert done.stdout.endswith("They agree.\n")


def test_verify_says_where_they_differ(program: Path, faasify: Run) -> None:
    """A program that looks whether it is rewritten."""
    (program / "spy.py").write_text("import sys\nprint(sum('faasify' in name for name in sys.modules) > 0)\ndef f():\n    pass\nf()\n")
    done = faasify("verify", "--select", "all", "spy.py", cwd=program)
    assert done.returncode == 1
    assert re.search(r"^  stdout +DIFFERENT\n +@@ line 1\n +-False\n +\+True$", done.stdout, re.MULTILINE)
    assert done.stdout.endswith("They do not agree.\n")


def test_verify_sees_what_is_left_in_the_modules(program: Path, faasify: Run) -> None:
    """A program that notes that it is rewritten, and says nothing."""
    (program / "spy.py").write_text("import sys\nseen = sum('faasify' in name for name in sys.modules) > 0\ndef f():\n    pass\nf()\n")
    done = faasify("verify", "--select", "all", "--html", "page.html", "spy.py", cwd=program)
    assert done.returncode == 1
    assert re.search(r"^  final globals +DIFFERENT\n +-__main__.seen = False\n +\+__main__.seen = True$", done.stdout, re.MULTILINE)
    assert "+__main__.seen = True" in (program / "page.html").read_text()


def test_verify_says_what_cannot_be_compared(program: Path, faasify: Run) -> None:
    (program / "clock.py").write_text("import time\ndef f():\n    return 1\nprint(f(), time.time())\n")
    done = faasify("verify", "--select", "all", "clock.py", cwd=program)
    assert done.returncode == 0
    assert re.search(r"^  stdout +not compared: two runs of the original differ as well$", done.stdout, re.MULTILINE)
    assert done.stdout.endswith("They agree in what could be compared; not compared: stdout.\n")


def test_verify_leaves_the_folder_alone_and_compares_the_files_written(program: Path, faasify: Run) -> None:
    (program / "writes.py").write_text("def name():\n    return 'out.txt'\nopen(name(), 'w').write('x')\n")
    before = sorted(program.iterdir())
    done = faasify("verify", "--select", "all", "--json", "writes.py", cwd=program)
    assert sorted(program.iterdir()) == before
    (run,) = json.loads(done.stdout)["runs"]
    assert {point["name"]: point["agrees"] for point in run["points"]}["files written"] is True
    assert run["calls_remote"] == 1


def test_verify_gives_both_the_same_input_and_one_run_a_line_of_args(program: Path, faasify: Run) -> None:
    (program / "reads.py").write_text("import sys\ndef f(x):\n    return x.upper()\nprint(f(input()), sys.argv[1:])\n")
    (program / "args.txt").write_text("a 'b c'\n\n")
    done = faasify("verify", "--select", "all", "--json", "--args", "args.txt", "reads.py", cwd=program, input="hello\n")
    document = json.loads(done.stdout)
    assert (done.returncode, document["agrees"]) == (0, True)
    assert [run["args"] for run in document["runs"]] == [["a", "b c"], []]


def test_verify_from_another_folder(program: Path, faasify: Run) -> None:
    (program / "sub").mkdir()
    for cwd, name in ((program / "sub", "../app.py"), (program.parent, f"{program.name}/app.py"), (ROOT, str(program / "app.py"))):
        done = faasify("verify", "--select", "all", name, cwd=cwd)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert re.search(r"exit code +same", done.stdout)
        assert re.search(r"^  moved +[1-9]", done.stdout, re.MULTILINE)


def test_verify_compares_an_uncaught_exception_by_its_frames(faasify: Run) -> None:
    done = faasify("verify", "--select", "all", "--json", "examples/crash/app.py")
    (run,) = json.loads(done.stdout)["runs"]
    assert {"exception", "frames"} <= {point["name"] for point in run["points"] if point["agrees"]}


# invoke, rules, targets, explain, cache


def test_invoke_sends_a_plain_event(program: Path, faasify: Run) -> None:
    done = faasify("invoke", "app.py", "add", '{"a": 1, "b": 5}', cwd=program)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["ret"] == 6
    assert json.loads(faasify("invoke", "app.py", "app.add", '{"a": 1}', cwd=program).stdout)["ret"] == 2


def test_invoke_tells_an_error_of_the_unit_as_data(program: Path, faasify: Run) -> None:
    done = faasify("invoke", "app.py", "add", '{"a": 1, "b": "x"}', cwd=program)
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["type"] == "TypeError"


def test_rules_lists_what_there_is_and_shows_one_with_its_examples(typed: Typed) -> None:
    listed = typed("rules").stdout
    names = [path.stem for path in (ROOT / "rules").glob("*/[!_]*.py*")]
    assert len(names) > 10
    assert [name for name in names if not re.search(rf"^{re.escape(name)} ", listed, re.MULTILINE)] == []
    shown = typed("rules", "place_stub").stdout
    assert "becomes" in shown
    assert "left as it is" in shown
    assert "def sin(" in typed("rules", "math").stdout


def test_targets_are_found(typed: Typed) -> None:
    files = [path.stem for path in (ROOT / "faasify" / "targets").glob("[!_]*.py")]
    listed = typed("targets").stdout
    assert [name for name in files if not re.search(rf"^{name} +(yes|no)", listed, re.MULTILINE)] == []


def test_every_code_that_a_verdict_can_have_is_explained(program: Path, typed: Typed) -> None:
    document = json.loads(typed("analyze", "--format", "json", "app.py").stdout)
    codes = {reason["code"] for function in document["functions"] for reason in function["reasons"]}
    assert codes
    for code in codes:
        done = typed("explain", code)
        assert done.returncode == 0
        assert code in done.stdout


def test_the_cache_says_where_it_is_and_is_cleared(program: Path, faasify: Run, tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path / "own")}
    assert faasify("run", "app.py", cwd=program, env=environment).returncode == 0
    assert str(tmp_path / "own") in faasify("cache", env=environment).stdout
    assert any((tmp_path / "own").rglob("manifest.json"))
    assert faasify("cache", "clear", env=environment).returncode == 0
    assert not any((tmp_path / "own").rglob("manifest.json"))
    assert faasify("run", "app.py", cwd=program, env=environment).stdout.startswith("sum 3")
