"""A wheel built from the checkout, installed in an environment of its own, works there, away from the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "FAASIFY"))}
    return subprocess.run(list(map(str, command)), cwd=cwd, env={**kept, **environment}, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(out.glob("faasify-*.whl"))


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
