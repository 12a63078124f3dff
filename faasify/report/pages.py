"""Pages as single files that need nothing else. Templates are `stubs/*_page.html.j2`; what is put in is escaped."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from faasify import resources

if TYPE_CHECKING:
    from jinja2 import Environment


def page(name: str, **values: Any) -> str:
    """`page("verify", title="app.py", ...)`: the template stubs/verify_page.html.j2, filled in; a name that it lacks is an error."""
    return _environment().get_template(f"{name}_page.html.j2").render(**values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(resources.folder("stubs"))
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True)
