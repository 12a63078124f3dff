"""Text that faasify puts into a program comes from `stubs/<target>_<name>.py.j2`; jinja2 is imported when the first one is needed."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from faasify import resources

if TYPE_CHECKING:
    from jinja2 import Environment


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(resources.folder("stubs")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # it renders Python, not HTML
    )
    environment.filters |= {"literal": literal, "quoted": quoted}
    return environment


def literal(text: str) -> str:
    """A Python string literal in double quotes.

    >>> print(literal('app.größe'))
    "app.größe"
    """
    return json.dumps(text, ensure_ascii=False)


def quoted(text: str) -> str:
    r"""Text that stands inside a docstring, whatever a file name held.

    >>> print(quoted('a"b\\c'))
    a\"b\\c
    """
    return json.dumps(text, ensure_ascii=False)[1:-1]


def render(target: str, name: str, **values: object) -> str:
    """The text of `stubs/<target>_<name>.py.j2`."""
    return _environment().get_template(f"{target}_{name}.py.j2").render(values)
