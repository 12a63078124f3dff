"""Settings of a program: `[tool.faasify]` in the pyproject.toml beside it, and what `--select` means.

    [tool.faasify]                     ->  Settings(select=Selection("patterns", ("app.fib", "shapes.*")), allow=("files",), ...,
    select = ["app.fib", "shapes.*"]           timeout=30.0, units=(("app.fib", 512, None),))
    allow = ["files"]
    timeout = 30
    [tool.faasify.units."app.fib"]
    memory = 512

Later wins: defaults, these settings, comments in the source (`frontend/comments.py`), the command line.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from faasify.errors import UsageError

FILE_NAME = "pyproject.toml"
PLACEMENTS = ("auto", "remote", "local")
ALLOWABLE = ("files", "network", "subprocess")


@dataclass(frozen=True)
class Selection:
    """Which functions are to become units; `typed` tells the command line, which wins over comments."""

    mode: Literal["auto", "all", "patterns"] = "auto"
    patterns: tuple[str, ...] = ()
    typed: bool = False

    def __str__(self) -> str:
        return ",".join(self.patterns) if self.mode == "patterns" else self.mode


@dataclass(frozen=True)
class Settings:
    """`[tool.faasify]`, with its defaults."""

    select: Selection = Selection()
    target: str = "local"
    placement: str = "auto"
    rules: tuple[str, ...] = ()  # folders beside the pyproject.toml with rules of the project's own, as absolute paths
    types: tuple[str, ...] = ()  # files beside the pyproject.toml that say how types are carried, as absolute paths
    exclude: tuple[str, ...] = ()  # names or patterns of functions that stay
    allow: tuple[str, ...] = ()
    memory: int | None = None  # MB, for every unit that has no comment of its own
    timeout: float | None = None  # seconds
    units: tuple[tuple[str, int | None, float | None], ...] = ()  # (name or pattern, memory, timeout), the later ones win


def parse_selection(text: str, *, typed: bool = False) -> Selection:
    """`auto`, `all`, or names and patterns between commas.

    >>> parse_selection("app.fib,shapes.*").patterns
    ('app.fib', 'shapes.*')
    """
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    if not words:
        raise UsageError("nothing is selected", hint="give --select auto, all, or names and patterns like app.fib,shapes.*")
    if words == ("auto",):
        return Selection("auto", typed=typed)
    if words == ("all",):
        return Selection("all", typed=typed)
    for mode in ("auto", "all"):
        if mode in words:
            raise UsageError(f"--select {text}: {mode!r} stands alone", hint=f"give --select {mode}, or only names and patterns")
    return Selection("patterns", words, typed)


def read_settings(folder: Path) -> Settings:
    """The settings in `folder`'s pyproject.toml; the defaults if there is none, or no `[tool.faasify]` in it."""
    file = folder / FILE_NAME
    try:
        text = file.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is no TOML: {error}") from error
    tool = document.get("tool")
    table = tool.get("faasify", {}) if isinstance(tool, dict) else {}
    return settings_from(table, file)


def settings_from(table: Any, file: Path) -> Settings:
    """Checked settings; `UsageError` names the file, the key and the choices."""
    if not isinstance(table, Mapping):
        raise UsageError(f"{file}: [tool.faasify] is no table")
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in READERS:
            close = get_close_matches(key, READERS, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(READERS)}"
            raise UsageError(f"{file}: [tool.faasify] has no setting {key!r}", hint=hint)
        try:
            values[key] = READERS[key](value, file)
        except ValueError as error:
            raise UsageError(f"{file}: [tool.faasify] {key} = {value!r}: {error}") from error
    return Settings(**values)


def _select(value: Any, file: Path) -> Selection:
    text = value if isinstance(value, str) else ",".join(_words(value, file))
    return parse_selection(text)


def _words(value: Any, file: Path) -> tuple[str, ...]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError("a list of strings is wanted")
    return tuple(words)


def _text(value: Any, file: Path) -> str:
    if not isinstance(value, str):
        raise ValueError("a string is wanted")
    return value


def _placement(value: Any, file: Path) -> str:
    if value not in PLACEMENTS:
        raise ValueError(f"choose from {', '.join(PLACEMENTS)}")
    return str(value)


def _allow(value: Any, file: Path) -> tuple[str, ...]:
    words = _words(value, file)
    if unknown := [word for word in words if word not in ALLOWABLE]:
        raise ValueError(f"{unknown[0]!r} cannot be allowed, choose from {', '.join(ALLOWABLE)}")
    return words


def _folders(value: Any, file: Path) -> tuple[str, ...]:
    folders = [file.parent / word for word in _words(value, file)]
    if missing := [folder for folder in folders if not folder.is_dir()]:
        raise ValueError(f"there is no folder {missing[0]}")
    return tuple(str(folder.resolve()) for folder in folders)


def _modules(value: Any, file: Path) -> tuple[str, ...]:
    files = [file.parent.joinpath(*word.split(".")).with_suffix(".py") for word in _words(value, file)]
    if missing := [found for found in files if not found.is_file()]:
        raise ValueError(f"there is no file {missing[0]}")
    return tuple(str(found.resolve()) for found in files)


def _memory(value: Any, file: Path) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError("a number of megabytes is wanted")
    return value


def _timeout(value: Any, file: Path) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < float("inf"):
        raise ValueError("a number of seconds is wanted")
    return float(value)


def _units(value: Any, file: Path) -> tuple[tuple[str, int | None, float | None], ...]:
    if not isinstance(value, Mapping) or not all(isinstance(limits, Mapping) for limits in value.values()):
        raise ValueError('a table for each unit is wanted, like [tool.faasify.units."app.fib"]')
    if unknown := [key for limits in value.values() for key in limits if key not in UNIT_READERS]:
        raise ValueError(f"a unit has no {unknown[0]!r}, choose from {', '.join(UNIT_READERS)}")
    checked = {name: {key: UNIT_READERS[key](given, file) for key, given in limits.items()} for name, limits in value.items()}
    return tuple((name, found.get("memory"), found.get("timeout")) for name, found in checked.items())


UNIT_READERS: Mapping[str, Callable[[Any, Path], Any]] = {"memory": _memory, "timeout": _timeout}
READERS: Mapping[str, Callable[[Any, Path], Any]] = {
    "select": _select,
    "target": _text,
    "placement": _placement,
    "rules": _folders,
    "types": _modules,
    "exclude": _words,
    "allow": _allow,
    "memory": _memory,
    "timeout": _timeout,
    "units": _units,
}
