"""`faasify transform`, `invoke`, `rules`, `targets` and `cache` as a user types them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Typed
from tests.conftest import ROOT, Run


def test_transform_prints_a_unit_a_line(program: Path, faasify: Run) -> None:
    done = faasify("transform", "--select", "app.add", "-o", "build", "app.py", cwd=program)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^app\.add +app\.py:6 ", done.stdout, re.MULTILINE)
    ran = subprocess.run(
        [sys.executable, "build/app.py"], cwd=program, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert ran.stdout == "sum 3 1 []\n", ran.stderr


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


def test_rules_of_the_project_are_among_them(program: Path, typed: Typed) -> None:
    (program / "pyproject.toml").write_text('[tool.faasify]\nrules = ["own"]\n')
    (program / "own").mkdir()
    (program / "own" / "mylib.pyi").write_text('"""Mine."""\n\ndef send(x) -> Touches[network]: ...\n')
    assert re.search("^mylib .*Mine", typed("rules").stdout, re.MULTILINE)
    assert "def send(x)" in typed("rules", "mylib").stdout


def test_targets_are_found(typed: Typed) -> None:
    files = [path.stem for path in (ROOT / "faasify" / "targets").glob("[!_]*.py")]
    listed = typed("targets").stdout
    assert [name for name in files if not re.search(rf"^{name} +(yes|no)", listed, re.MULTILINE)] == []


def test_the_cache_says_where_it_is_and_is_cleared(program: Path, faasify: Run, tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path / "own")}
    assert faasify("run", "app.py", cwd=program, env=environment).returncode == 0
    assert str(tmp_path / "own") in faasify("cache", env=environment).stdout
    assert any((tmp_path / "own").rglob("manifest.json"))
    assert faasify("cache", "clear", env=environment).returncode == 0
    assert not any((tmp_path / "own").rglob("manifest.json"))
    assert faasify("run", "app.py", cwd=program, env=environment).stdout.startswith("sum 3")
