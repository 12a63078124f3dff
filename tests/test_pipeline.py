"""The stages together, on programs as they are typed."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from faasify import pipeline
from faasify.bundle import cache
from faasify.errors import UsageError
from faasify.pipeline import Request

APP = """\
import math
import util

def area(r):
    return math.pi * r * r

def main():
    print(area(util.double(2)))

main()
"""


@pytest.fixture
def src(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "app.py").write_text(APP, encoding="utf-8")
    (folder / "util.py").write_text("def double(x):\n    return 2 * x\n", encoding="utf-8")
    return folder


def manifest(build: str | Path) -> dict[str, Any]:
    return json.loads((Path(build) / ".faasify/manifest.json").read_bytes())  # type: ignore[no-any-return]


def test_transform_writes_a_program_that_python_can_start(src: Path, tmp_path: Path) -> None:
    program = pipeline.transform(Request("app.py", select="all", cwd=src), Path("build"))
    assert set(program.units) == {"app.area", "app.main", "util.double"}
    assert set(manifest(src / "build")["units"]) == set(program.units)
    for module in program.modules.values():
        ast.parse((src / "build" / module.path).read_bytes())
    again = pipeline.transform(Request("app.py", select="all", cwd=src), Path("other"))
    assert not (src / "other/build").exists(), "an earlier build is no data file"
    assert again.units == program.units


def test_prepare_makes_a_build_once(src: Path) -> None:
    request = Request("app.py", select="all", cwd=src)
    first = pipeline.prepare(request)
    stamp = (Path(first.build) / "app.py").stat().st_mtime_ns
    assert pipeline.prepare(request) == first
    assert (Path(first.build) / "app.py").stat().st_mtime_ns == stamp
    assert not (Path(first.build) / ".faasify/units").exists()


def test_prepare_with_units(src: Path) -> None:
    build = pipeline.prepare(Request("app.py", select="all", cwd=src), units=True).build
    assert (Path(build) / ".faasify/units/util.double/handler.py").is_file()


def test_the_short_cut_of_the_command_line_finds_what_prepare_made(src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(src)
    found = pipeline.prepare(Request("app.py"))
    assert cache.fast_lookup(cache.inputs("app.py")) == found
    found = pipeline.prepare(Request("util", run_as="module", select="all", allow=("files",)))
    assert cache.fast_lookup(cache.inputs("util", module=True, select="all", allow=("files",))) == found


def test_settings_beside_the_program(src: Path) -> None:
    before = pipeline.prepare(Request("app.py", cwd=src))
    (src / "pyproject.toml").write_text('[tool.faasify]\nselect = "util.double"\nplacement = "remote"\n', encoding="utf-8")
    after = pipeline.prepare(Request("app.py", cwd=src))
    assert set(manifest(after.build)["units"]) == {"util.double"} != set(manifest(before.build)["units"])
    assert after.placement == "remote"
    typed = pipeline.prepare(Request("app.py", cwd=src, select="app.area"))
    assert set(manifest(typed.build)["units"]) == {"app.area"}


def test_settings_of_a_package_that_is_run_as_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/__main__.py").write_text("def f(): pass\ndef g(): pass\nf()\ng()\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.faasify]\nselect = "pkg.__main__.g"\n', encoding="utf-8")
    assert set(pipeline.divide(Request("pkg", cwd=tmp_path)).units) == {"pkg.__main__.g"}


def test_a_rule_of_the_projects_own_that_appears_is_noticed(src: Path) -> None:
    (src / "my/effects").mkdir(parents=True)
    (src / "pyproject.toml").write_text('[tool.faasify]\nrules = ["my"]\n', encoding="utf-8")
    pipeline.prepare(Request("app.py", cwd=src))
    asked = pipeline.inputs_of(Request("app.py", cwd=src))
    os.utime(src / "my/effects", (1, 1))
    assert cache.fast_lookup(asked) is None


def test_a_folder_that_nothing_starts_is_only_analysed(src: Path) -> None:
    request = Request(".", cwd=src)
    assert "app.area" in pipeline.analyse(request).functions
    with pytest.raises(UsageError, match="nothing in it is run"):
        pipeline.prepare(request)


def test_a_rewritten_program_is_not_rewritten_again(src: Path) -> None:
    pipeline.transform(Request("app.py", cwd=src), Path("build"))
    with pytest.raises(UsageError, match="app.py is rewritten already"):
        pipeline.prepare(Request("build/app.py", cwd=src))


def test_the_warnings_of_a_selection_are_kept(src: Path) -> None:
    (src / "app.py").write_text("def save():\n    open('x', 'w').close()\n\nif 0:\n    save()\n", encoding="utf-8")
    request = Request("app.py", cwd=src, select="app.save")
    assert "app.save was selected, but stays" in pipeline.prepare(request).warnings[0]
    assert pipeline.prepare(request).warnings, "from the cache as well"


def test_an_unchanged_program_starts_without_the_heavy_libraries(src: Path) -> None:
    pipeline.prepare(Request("app.py", cwd=src))
    code = "import sys, faasify.bundle.cache as c; assert c.fast_lookup(c.inputs('app.py')); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=src, capture_output=True, text=True, check=True)
    assert not {"libcst", "networkx", "jinja2", "platformdirs", "ast"} & set(done.stdout.split())


def test_analysing_needs_nothing_that_rewrites(src: Path) -> None:
    code = "import sys\nfrom faasify.pipeline import Request, divide\ndivide(Request('app.py'))\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=src, capture_output=True, text=True, check=True)
    assert not {"libcst", "networkx", "boto3", "kubernetes"} & set(done.stdout.split())
