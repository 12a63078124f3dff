"""The stub's side, in the user's process: trampolines, transactions, placement, the channel to the embedded runtime.

Imports only the standard library, `runtime.unit` and `localcloud` (the pool of workers belongs to what travels with a rewritten
program), and those late:
a rewritten program's start stays fast.
"""

from __future__ import annotations

from faasify.runtime.caller.restart import boot, unit

__all__ = ["boot", "start", "unit"]


def start() -> None:
    """The first statement of a main module that was compiled to run; see program.py."""
    from faasify.runtime.caller import program

    program.start()
