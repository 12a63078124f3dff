"""The embedded runtime: worker processes of this machine, forked from a zygote."""

from __future__ import annotations

import faasify.runtime  # noqa: F401  # before the modules of this package: see runtime/own_builtins.py

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def invoke(build_dir: str, unit: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Run a unit of the build once on an event. See `invocation`, which only this imports: a program that starts needs the pool alone."""
    from faasify.localcloud.invocation import invoke as call

    return call(build_dir, unit, event)
