"""A wheel built from the checkout, installed in an environment of its own, works there, away from the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import hatch_build
from tests.conftest import ROOT

EXTENSION = "_integers" + sysconfig.get_config_var("EXT_SUFFIX")


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "FAASIFY"))}
    return subprocess.run(list(map(str, command)), cwd=cwd, env={**kept, **environment}, capture_output=True, text=True, timeout=300)


def build(out: Path, kind: str = "--wheel", source: Path = ROOT, **environment: str) -> Path:
    built = run(sys.executable, "-m", "build", kind, "--no-isolation", "--outdir", out, source, cwd=out, **environment)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(out.glob("faasify-*"))


@pytest.fixture(scope="module")
def compiles(tmp_path_factory: pytest.TempPathFactory) -> bool:
    """Whether this machine has a compiler and the headers of this Python."""
    return hatch_build.compiled(ROOT / hatch_build.SOURCE, tmp_path_factory.mktemp("compiled") / EXTENSION)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a fresh environment with the wheel in it; the libraries that it requires come from the environment of the tests."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    assert run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent).returncode == 0
    site = next(folder.glob("lib/python3*/site-packages"))
    made = run(sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--no-deps", "--no-index", wheel, cwd=folder)
    assert made.returncode == 0, made.stdout + made.stderr
    lend_requirements(site)
    return folder / "bin"


def lend_requirements(site: Path) -> None:
    """Make the requirements importable without installing them again; faasify itself must not come along."""
    import click

    theirs = Path(click.__file__).parent.parent
    for entry in theirs.iterdir():
        if "faasify" not in entry.name and not entry.name.endswith(".pth") and not (site / entry.name).exists():
            (site / entry.name).symlink_to(entry)


def test_rules_stubs_and_the_licence_are_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("rules", "stubs"):
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        here = {path.relative_to(ROOT).as_posix() for path in files}
        assert here
        assert {f"faasify/_data/{name}" for name in here} <= names
    assert "faasify/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any(name.startswith(("tests/", "examples/", "paper/")) for name in names)


def test_where_there_is_a_compiler_the_wheel_has_what_it_made_and_is_for_this_machine(wheel: Path, compiles: bool) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in names if Path(name).suffix in (".so", ".c")] == [f"faasify/runtime/unit/{EXTENSION}"] * compiles
    assert wheel.stem.endswith("-py3-none-any") is not compiles


def test_the_loops_in_c_are_found_in_an_installed_wheel(installed: Path, compiles: bool, tmp_path: Path) -> None:
    code = "from faasify.runtime.unit import integers; print(integers.packed([1, 2**20]), integers.compiled is not None)"
    assert run(installed / "python", "-c", code, cwd=tmp_path).stdout == f"(4, b'\\x01\\x00\\x00\\x00\\x00\\x00\\x10\\x00') {compiles}\n"


@pytest.mark.parametrize("compiler", ["/bin/false", "/bin/true", "/nonexistent/cc"])
def test_without_a_compiler_the_wheel_is_for_every_machine(compiler: str, tmp_path: Path) -> None:
    wheel = build(tmp_path, CC=compiler)
    assert wheel.stem.endswith("-py3-none-any")
    assert "faasify/runtime/unit/integers.py" in zipfile.ZipFile(wheel).namelist()
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".so")]


def test_a_source_distribution_has_what_is_compiled_and_nothing_that_was(wheel: Path, compiles: bool, tmp_path: Path) -> None:
    source = build(tmp_path, "--sdist")
    shutil.unpack_archive(source, tmp_path, filter="data")
    folder = tmp_path / source.name.removesuffix(".tar.gz")
    assert (folder / hatch_build.SOURCE).is_file() and not list(folder.rglob("*.so"))
    (tmp_path / "out").mkdir()
    again = build(tmp_path / "out", source=folder)
    assert again.name == wheel.name and sorted(zipfile.ZipFile(again).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


def test_what_an_older_source_gave_goes_where_it_cannot_be_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / EXTENSION).write_bytes(b"old")
    monkeypatch.setenv("CC", "/bin/false")
    assert not hatch_build.compiled(ROOT / hatch_build.SOURCE, tmp_path / EXTENSION)
    assert list(tmp_path.iterdir()) == []


def test_it_is_the_wheel_that_is_imported(installed: Path, tmp_path: Path) -> None:
    asked = run(installed / "python", "-c", "import faasify; print(faasify.__file__)", cwd=tmp_path)
    assert asked.stdout.startswith(str(installed.parent)), asked.stderr


def test_an_example_runs(installed: Path, tmp_path: Path) -> None:
    example = shutil.copytree(ROOT / "examples" / "bank", tmp_path / "bank")
    report = tmp_path / "report.json"
    options = ["--select", "all", "--placement", "remote", "--report", str(report)]
    done = run(installed / "faasify", "run", *options, "app.py", cwd=example, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert done.stdout == (example / "expected" / "stdout.txt").read_text(), done.stderr
    assert (done.returncode, done.stderr) == (0, "")
    assert "app.transfer" in json.loads(report.read_text())["functions_remote"]


def test_rules_are_found(installed: Path, tmp_path: Path) -> None:
    asked = run(installed / "faasify", "rules", cwd=tmp_path)
    names = [path.stem for path in (ROOT / "rules").glob("*/[!_]*.py*")]
    assert asked.returncode == 0, asked.stderr
    assert [name for name in names if name not in asked.stdout] == []
