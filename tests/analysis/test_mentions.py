"""Which dotted names are modules of libraries, found without importing anything."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from faasify.analysis.mentions import is_library_module


def test_modules_in_folders_without_an_init_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in ("packed_up/__init__.py", "packed_up/folder/m.py", "packed_up/folder/deep/n.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    monkeypatch.syspath_prepend(tmp_path)
    asked = ("folder", "folder.m", "folder.deep", "folder.deep.n", "nowhere", "folder.nowhere", "folder.m.attribute")
    found = [name for name in asked if is_library_module(f"packed_up.{name}")]
    assert found == ["folder", "folder.m", "folder.deep", "folder.deep.n"]
    assert "packed_up" not in sys.modules
