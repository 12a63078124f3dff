from __future__ import annotations

from pathlib import Path

import pytest

from faasify.config import Selection, Settings, parse_selection, read_settings
from faasify.errors import UsageError


def settings(folder: Path, text: str) -> Settings:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return read_settings(folder)


def test_no_pyproject_means_the_defaults(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == Settings()


def test_another_tools_pyproject_means_the_defaults(tmp_path: Path) -> None:
    assert settings(tmp_path, "[tool.black]\nline-length = 3\n") == Settings()


def test_every_setting(tmp_path: Path) -> None:
    (tmp_path / "my_rules").mkdir()
    (tmp_path / "my_types.py").touch()
    found = settings(
        tmp_path,
        '[tool.faasify]\nselect = ["app.f", "b.*"]\ntarget = "local"\nplacement = "remote"\nrules = ["my_rules"]\ntypes = ["my_types"]\n'
        'exclude = "app.g"\nallow = ["files"]\nmemory = 512\ntimeout = 2.5\n'
        '[tool.faasify.units."app.f"]\nmemory = 64\n[tool.faasify.units."b.*"]\ntimeout = 1\n',
    )
    own = ((str((tmp_path / "my_rules").resolve()),), (str((tmp_path / "my_types.py").resolve()),))
    units = (("app.f", 64, None), ("b.*", None, 1.0))
    assert found == Settings(Selection("patterns", ("app.f", "b.*")), "local", "remote", *own, ("app.g",), ("files",), 512, 2.5, units)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("selct = 'all'", "did you mean 'select'?"),
        ("zzz = 1", "choose from select, target"),
        ("placement = 'here'", "choose from auto, remote, local"),
        ("allow = ['clock']", "choose from files, network"),
        ("rules = ['none']", "there is no folder"),
        ("exclude = 3", "a list of strings is wanted"),
        ("memory = true", "a number of megabytes"),
        ("timeout = -1", "a number of seconds"),
        ("units = 3", "a table for each unit is wanted"),
        ("units.'app.f' = 3", "a table for each unit is wanted"),
        ("units.'app.f'.cpu = 3", "a unit has no 'cpu', choose from memory, timeout"),
        ("units.'app.f'.memory = 'x'", "a number of megabytes"),
        ("select = []", "nothing is selected"),
        ("select = ['all', 'app.f']", "'all' stands alone"),
    ],
)
def test_a_wrong_setting_is_an_error_that_names_the_choices(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(UsageError, match="(?i)" + message.replace("?", r"\?").replace("[", r"\[")):
        settings(tmp_path, f"[tool.faasify]\n{line}\n")


@pytest.mark.parametrize("text", ["[tool.faasify", "[tool]\nfaasify = 3\n"], ids=["no TOML", "no table"])
def test_a_broken_pyproject_is_an_error_that_names_the_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="pyproject.toml"):
        settings(tmp_path, text)


def test_selections() -> None:
    assert parse_selection("auto") == Selection()
    assert parse_selection("all", typed=True) == Selection("all", (), True)
    assert parse_selection(" a.f , b.* ").patterns == ("a.f", "b.*")
    assert str(parse_selection("a.f,b.*")) == "a.f,b.*"
