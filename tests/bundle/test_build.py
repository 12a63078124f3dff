from __future__ import annotations

import ast
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from faasify.bundle.build import bundle
from faasify.bundle.manifest import unit_folder
from faasify.bundle.writer import write
from faasify.config import parse_selection
from faasify.errors import FaasifyError, UsageError
from faasify.model.bundle import Bundle
from faasify.partition import partition
from faasify.rewrite.engine import rewrite
from tests.handmade import handmade

FILES: dict[str, str | bytes] = {
    "app.py": "import math\nimport util\n\ndef f(x, *rest, key=1, **more):  # faasify: memory=64\n    return util.g(x)\n\nprint(f(1))\n",
    "util.py": "def g(x): return x\nclass A:\n    def m(self): return 1\n",
    "data.txt": b"\x00data",
    "pics/a.bin": b"\xff",
}


def built(folder: Path, *, units: bool = True, select: str = "all", files: dict[str, str | bytes] = FILES) -> Bundle:
    return bundle(rewrite(partition(handmade(folder / "src", files), parse_selection(select))), units=units)


def manifest(build: Bundle) -> dict[str, Any]:
    return json.loads(build.files[".faasify/manifest.json"])  # type: ignore[no-any-return]


def test_the_manifest(tmp_path: Path) -> None:
    found = manifest(built(tmp_path))
    assert found["version"] == 1
    assert found["program"] == {"root": str(tmp_path / "src"), "main": "app", "run_as": "script", "target": "app.py"}
    assert found["program_files"] == ["app.py", "util.py"]
    assert (found["imports"], found["library"]) == (["math"], ["math:sin"])
    app = found["modules"]["app"]
    assert (app["import_name"], app["file"], app["rewritten"], app["inserted"]) == ("__main__", "app.py", True, [1, 2, 6])
    assert (app["slice"], app["run"], app["links"]) == ("slices/app.py", [1, 4], [2])
    unit = found["units"]["app.f"]
    assert (unit["module"], unit["qualname"], unit["line"], unit["col"]) == ("app", "f", 4, 0)
    assert unit["parameters"] == ["x", "rest", "key", "more"]
    assert (unit["verdict"], unit["memory_mb"], unit["folder"]) == ("travels", 64, "units/app.f")
    assert set(found["units"]) == {"app.f", "util.g", "util.A.m"}


def test_a_units_folder(tmp_path: Path) -> None:
    files = built(tmp_path).files
    facts = json.loads(files[".faasify/units/util.A.m/unit.json"])
    assert (facts["name"], facts["qualname"], facts["parameters"]) == ("util.A.m", "A.m", ["self"])
    assert facts["modules"] == {
        "util": {"import_name": "util", "file": "util.py", "package": False, "slice": "slices/util.py", "run": [2], "links": []}
    }
    assert files[".faasify/units/util.A.m/slices/util.py"].decode() == "\nclass A:\n    def m(self): return 1\n"
    handler = files[".faasify/units/app.f/handler.py"].decode()
    assert [node.name for node in ast.parse(handler).body if isinstance(node, ast.FunctionDef)] == ["handler"]
    assert "app.py, line 4" in handler


def test_a_handler_of_odd_names_is_python(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"app.py": "def größe(ä): pass\ndef outer():\n    def inner(x): pass\n"}
    build = built(tmp_path, files=files)
    handlers = [content for path, content in build.files.items() if path.endswith("handler.py")]
    assert len(handlers) == 3
    for handler in handlers:
        ast.parse(handler)


def test_a_handler_of_a_file_with_an_odd_name_is_python(tmp_path: Path) -> None:
    name = 'a"""\\Ux \udcff.py'
    build = bundle(rewrite(partition(handmade(tmp_path, {name: "def f(): pass\n"}, target=name), parse_selection("all"))))
    for path, content in build.files.items():
        if path.endswith(".py"):
            ast.parse(content)


def test_without_units_there_are_only_the_union_slices(tmp_path: Path) -> None:
    assert sorted(built(tmp_path, units=False).files) == [
        ".faasify/manifest.json",
        ".faasify/slices/app.py",
        ".faasify/slices/util.py",
        "app.py",
        "util.py",
    ]


def test_the_same_program_gives_the_same_bytes(tmp_path: Path) -> None:
    assert built(tmp_path).files == built(tmp_path).files


def test_a_folder_name_that_no_file_system_would_take() -> None:
    name = "app." + "ü" * 200
    assert len(unit_folder(name).encode()) < 140 and unit_folder(name) != unit_folder(name + "x")
    assert unit_folder("app.f.<locals>.g") == "app.f.<locals>.g"


class TestWriting:
    def test_a_mirror_with_data_files_and_modes(self, tmp_path: Path) -> None:
        build = built(tmp_path)
        (tmp_path / "src/app.py").chmod(0o755)
        os.symlink("data.txt", tmp_path / "src/link.txt")
        build = built(tmp_path)
        out = write(build, tmp_path / "out/build")
        assert (out / "app.py").read_bytes() == build.files["app.py"]
        assert (out / "data.txt").read_bytes() == b"\x00data" and (out / "pics/a.bin").read_bytes() == b"\xff"
        assert os.readlink(out / "link.txt") == "data.txt"
        assert stat.S_IMODE((out / "app.py").stat().st_mode) == 0o755
        assert os.listdir(tmp_path / "out") == ["build"]

    def test_an_earlier_build_is_replaced_also_inside_the_program(self, tmp_path: Path) -> None:
        out = write(built(tmp_path), tmp_path / "src/build")
        (out / "stale.txt").write_text("x", encoding="utf-8")
        write(built(tmp_path), out)
        assert not (out / "stale.txt").exists() and not (out / "build").exists()
        assert sorted(os.listdir(tmp_path / "src")) == ["app.py", "build", "data.txt", "pics", "util.py"]

    def test_an_empty_folder_is_taken(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        assert (write(built(tmp_path), tmp_path / "out") / "app.py").is_file()

    def test_somebody_elses_folder_is_not_touched(self, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out/thesis.tex").write_text("x", encoding="utf-8")
        with pytest.raises(UsageError, match="not empty"):
            write(built(tmp_path), tmp_path / "out")
        assert os.listdir(tmp_path / "out") == ["thesis.tex"]

    @pytest.mark.parametrize("out", ["src", "."], ids=["the program's folder", "the folder around it"])
    def test_the_program_itself_is_not_overwritten(self, tmp_path: Path, out: str) -> None:
        with pytest.raises(UsageError, match="holds the program itself"):
            write(built(tmp_path), tmp_path / out)

    def test_a_file_is_no_folder(self, tmp_path: Path) -> None:
        (tmp_path / "out").write_text("x", encoding="utf-8")
        with pytest.raises(UsageError, match="is no folder"):
            write(built(tmp_path), tmp_path / "out")

    def test_a_failure_leaves_nothing_behind(self, tmp_path: Path) -> None:
        build = built(tmp_path)
        clash = Bundle(build.program, {**build.files, "app.py/x": b""}, build.copies)
        with pytest.raises(FaasifyError, match="cannot be written"):
            write(clash, tmp_path / "out/build")
        assert os.listdir(tmp_path / "out") == []
