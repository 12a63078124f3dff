"""Where `rules/` and `stubs/` are: beside the package in a checkout, inside it in an installed wheel.

>>> folder("stubs").name
'stubs'
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from faasify.errors import FaasifyError

PACKAGE = Path(__file__).resolve().parent


def folder(name: Literal["rules", "stubs"]) -> Path:
    """The folder of that name; a wheel ships it as `faasify/_data/<name>`."""
    for candidate in (PACKAGE / "_data" / name, PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FaasifyError(f"faasify's own folder {name}/ is missing", hint="install faasify again: pip install --force-reinstall faasify")


def rule_folders(kind: Literal["effects", "rewrites"], extra: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """faasify's own rules of that kind first, then those of the project's `[tool.faasify] rules`."""
    return tuple(path for path in (folder("rules") / kind, *(Path(root) / kind for root in extra)) if path.is_dir())
