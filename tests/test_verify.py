"""Where the copies lie in which `verify` runs both forms, and what counts as written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from faasify.verify import Job, Place, changes, place_copy, run_in_copy, snapshot


def job(program: str, root: Path, cwd: Path, *, module: bool = False) -> Job:
    return Job(program=program, args=(), root=root, cwd=cwd, module=module)


@pytest.mark.parametrize(
    ("cwd", "program", "copy", "folder", "called"),
    [
        pytest.param("app", "main.py", "", "", "main.py", id="in the program's folder"),
        pytest.param("app/sub", "../main.py", "", "sub", "../main.py", id="in a folder below it"),
        pytest.param("", "app/main.py", "app", "", "app/main.py", id="in a folder above it"),
        pytest.param("other", "../app/main.py", "", "", "{base}/main.py", id="beside it"),
        pytest.param("app", "{root}/main.py", "", "", "{base}/main.py", id="by its absolute path"),
        pytest.param("", "{root}/main.py", "app", "", "{base}/app/main.py", id="by its absolute path, from above"),
    ],
)
def test_the_copy_keeps_its_place_relative_to_the_working_folder(
    cwd: str, program: str, copy: str, folder: str, called: str, tmp_path: Path
) -> None:
    root, base = tmp_path / "app", tmp_path / "base"
    for each in (root / "sub", tmp_path / "other"):
        each.mkdir(parents=True)
    place = place_copy(job(program.format(root=root), root, tmp_path / cwd), base)
    assert place == Place(base, base / copy, base / folder, called.format(base=base))


def test_a_module_keeps_its_name(tmp_path: Path) -> None:
    assert place_copy(job("pkg", tmp_path, tmp_path, module=True), tmp_path / "base").program == "pkg"


def test_what_was_written_changed_and_deleted(tmp_path: Path) -> None:
    for name in ("kept", "changed", "deleted"):
        (tmp_path / name).write_text(name)
    before = snapshot(tmp_path)
    (tmp_path / "changed").write_text("anew")
    (tmp_path / "deleted").unlink()
    (tmp_path / "written").write_text("x")
    (tmp_path / "link").symlink_to("kept")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("x")
    found = changes(before, snapshot(tmp_path))
    assert sorted(found) == ["changed", "deleted", "link", "written"]
    assert (found["deleted"], found["link"]) == ("", "-> kept")


def test_a_run_finds_nothing_of_the_one_before(tmp_path: Path) -> None:
    """Neither in the copy nor beside it."""
    root = tmp_path / "app"
    root.mkdir()
    (root / "main.py").write_text("import os\nprint(os.listdir('.'), os.listdir('app'))\nopen('beside', 'w'); open('app/within', 'w')\n")
    asked = job("app/main.py", root, tmp_path)
    place = place_copy(asked, tmp_path / "base")
    runs = [run_in_copy(asked, place, [sys.executable, place.program], {}) for _ in range(2)]
    assert [run.stdout for run in runs] == [b"['app'] ['main.py']\n"] * 2
    assert sorted(runs[0].files) == ["app/within", "beside"]
    assert not (tmp_path / "base").exists()
    assert [entry.name for entry in root.iterdir()] == ["main.py"]


def test_a_run_is_stopped_at_its_time_limit(tmp_path: Path) -> None:
    root = tmp_path / "app"
    root.mkdir()
    (root / "main.py").write_text("while True: pass\n")
    asked = Job(program="main.py", args=(), root=root, cwd=root, timeout_s=0.5)
    outcome = run_in_copy(asked, place_copy(asked, tmp_path / "base"), [sys.executable, "main.py"], {})
    assert outcome.exit_code is None
