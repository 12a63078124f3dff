"""A build is used again exactly as long as everything that it was made from is the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from faasify.bundle import cache, store
from faasify.bundle.build import bundle
from faasify.bundle.cache import Found, Inputs
from faasify.config import Settings, parse_selection
from faasify.partition import partition
from faasify.rewrite.engine import rewrite
from tests.handmade import handmade

FILES: dict[str, str | bytes] = {
    "app.py": "import math, util\nfrom sub import more\ndef f(): pass\n",
    "util.py": "X = 1\n",
    "data.txt": "d",
}


@pytest.fixture
def src(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "src").mkdir()
    return tmp_path / "src"


def asked(src: Path, **options: object) -> Inputs:
    return cache.inputs("app.py", cwd=str(src), **options)  # type: ignore[arg-type]


def stored(src: Path) -> Found:
    analysis = handmade(src, FILES if not (src / "app.py").exists() else {})
    program = rewrite(partition(analysis, parse_selection("all")))
    needs = store.dependencies(analysis.program, [src / "pyproject.toml"])
    found = store.store(bundle(program, units=False, copies=False), asked(src), needs, Settings(allow=("files",)))
    later(src)
    return found


def later(src: Path) -> None:
    """As if the files had been written some time before the index was; else their content is compared, to be sure."""
    name = cache.index_file(cache.cache_folder(), asked(src))
    if (entry := cache.read_index(name, asked(src))) is not None:
        cache.write_index(name, {**entry, "written": entry["written"] + 10 * cache.TICK_NS})


def test_an_unchanged_program_is_found(src: Path) -> None:
    assert cache.fast_lookup(asked(src)) is None
    found = stored(src)
    assert cache.fast_lookup(asked(src)) == found
    assert (found.main_file, found.run_as, found.allow, found.temporary) == ("app.py", "script", ("files",), False)
    assert (Path(found.build) / "app.py").is_file()


def test_a_changed_byte_is_noticed_whatever_the_times_say(src: Path) -> None:
    stored(src)
    before = (src / "util.py").stat()
    (src / "util.py").write_text("X = 2\n", encoding="utf-8")
    os.utime(src / "util.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert cache.fast_lookup(asked(src)) is None


def test_a_touched_file_with_the_same_content_is_the_same(src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = stored(src)
    os.utime(src / "util.py", (1, 1))
    assert cache.fast_lookup(asked(src)) == found
    later(src)
    monkeypatch.setattr(cache, "hash_file", pytest.fail)  # it was remembered: the second time the times are enough
    assert cache.fast_lookup(asked(src)) == found


@pytest.mark.parametrize(
    "path", ["math.py", "math/__init__.py", "util/__init__.py", "sub.py", "sub/more.py", "pyproject.toml"], ids=lambda path: path
)
def test_a_new_file_that_an_import_would_find_is_noticed(src: Path, path: str) -> None:
    stored(src)
    (src / path).parent.mkdir(exist_ok=True)
    (src / path).write_text("", encoding="utf-8")
    assert cache.fast_lookup(asked(src)) is None


@pytest.mark.parametrize("path", ["other.py", "data.txt", "more.txt"])
def test_a_file_that_is_no_part_of_the_program_is_not(src: Path, path: str) -> None:
    found = stored(src)
    (src / path).write_text("other", encoding="utf-8")
    assert cache.fast_lookup(asked(src)) == found


def test_a_missing_file_is_noticed(src: Path) -> None:
    stored(src)
    (src / "util.py").unlink()
    assert cache.fast_lookup(asked(src)) is None


@pytest.mark.parametrize("options", [{"select": "all"}, {"allow": ("files",)}, {"target": "other"}, {"module": True}], ids=str)
def test_other_options_are_another_build(src: Path, options: dict[str, object]) -> None:
    stored(src)
    assert cache.fast_lookup(asked(src, **options)) is None


def test_another_faasify_or_python_makes_another_build(src: Path) -> None:
    stored(src)
    assert cache.fast_lookup(asked(src)._replace(tool="0.0.9")) is None
    assert cache.fast_lookup(asked(src)._replace(python="3.99")) is None


def test_a_change_while_the_program_was_analysed_is_noticed(src: Path) -> None:
    analysis = handmade(src, FILES)
    program = rewrite(partition(analysis, parse_selection("all")))
    (src / "util.py").write_text("X = 2\n", encoding="utf-8")
    store.store(bundle(program), asked(src), store.dependencies(analysis.program, []), Settings())
    assert cache.fast_lookup(asked(src)) is None


def test_damage_to_the_cache_is_survived(src: Path) -> None:
    found = stored(src)
    name = Path(cache.index_file(cache.cache_folder(), asked(src)))
    for content in ("", "[]", "{}", "{"):
        name.write_text(content, encoding="utf-8")
        assert cache.fast_lookup(asked(src)) is None
    stored(src)
    os.unlink(Path(found.build) / ".faasify/manifest.json")
    assert cache.fast_lookup(asked(src)) is None


def test_the_cache_is_the_users_own(src: Path) -> None:
    stored(src)
    folder = Path(cache.cache_folder())
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    assert cache.fast_lookup(asked(src)) is None, "anybody may have put something in there"


def test_somebody_elses_cache_is_not_used(src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(src)
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert cache.fast_lookup(asked(src)) is None
    assert store.open_cache() is None


def test_a_relative_cache_folder_counts_as_none(src: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("cache", "./cache", " ", ""):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert cache.cache_folder() == str(tmp_path / ".cache/faasify")
    monkeypatch.setenv("HOME", "home")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.chdir(tmp_path)
    assert stored(src).temporary and not (tmp_path / "home").exists()


def test_without_a_cache_there_is_a_temporary_build(src: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    found = stored(src)
    assert found.temporary and Path(found.build).parent == tmp_path
    assert Path(found.build).stat().st_mode & 0o777 == 0o700
    assert (Path(found.build) / ".faasify/manifest.json").is_file()


@pytest.mark.parametrize("name", ["x" * 300, "util." + "x" * 300, "x" * 300 + ".util", ".".join(["x" * 100] * 60)])
def test_an_import_of_a_name_that_no_file_can_have_keeps_nothing_from_being_found_again(src: Path, name: str) -> None:
    (src / "app.py").write_text(f"try:\n    import {name}\nexcept ImportError:\n    pass\ndef f(): pass\n")
    found = stored(src)
    assert cache.fast_lookup(asked(src)) == found


def test_info_and_clear(src: Path) -> None:
    assert store.info().builds == 0
    stored(src)
    assert store.info().builds == 1 and store.info().bytes > 100
    before, in_use = store.clear()
    assert (before.builds, in_use) == (1, 0)
    assert (store.info().builds, store.info().bytes) == (0, 0)
    assert cache.fast_lookup(asked(src)) is None


def test_old_builds_go(src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    builds = Path(cache.cache_folder()) / "builds"
    for name, days in (("old", 40), ("young", 2), ("younger", 0)):
        (builds / name).mkdir(parents=True)
        os.utime(builds / name, (builds.stat().st_mtime - days * 86400,) * 2)
    stored(src)
    assert not (builds / "old").exists() and (builds / "young").exists()
    monkeypatch.setattr(store, "MOST_BUILDS", 1)
    store.prune(builds.parent, keep="none")
    assert not (builds / "young").exists() and (builds / "younger").exists()


@pytest.mark.parametrize("home", ["/tmp/x", "", "  "])
def test_the_folder_is_the_one_of_platformdirs(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    assert cache.cache_folder() == platformdirs.user_cache_dir("faasify")


def test_the_short_cut_imports_nothing_heavy() -> None:
    code = "import sys, faasify.bundle.cache as c; c.fast_lookup(c.inputs('app.py')); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"libcst", "networkx", "jinja2", "platformdirs", "click", "rich", "ast", "dataclasses", "hashlib", "tempfile"}
    assert not heavy & set(modules)
