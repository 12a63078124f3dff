"""What the program meets when a call can be done neither there nor here. Everything else that goes wrong on the way ends in a call here.

TargetFailed    with --strict: the target failed, and its user wanted to know; or an allowed effect may have happened already

It is no Exception: a program's `except Exception` says what is to become of the program's own errors, and this is none (E4).
"""

from __future__ import annotations


class TargetFailed(BaseException):
    """One line for the user, "app.f: the worker was killed (SIGKILL)"."""


TargetFailed.__module__ = "faasify"  # what a traceback shows


def cannot_run(why: object) -> str:
    """What is told of a unit, behind its name."""
    return f"cannot run on the target: {why}"


def own(why: str) -> str:
    return cannot_run(f"a bug of faasify's: {why}")


def over_limit(why: object) -> str:
    return f"was ended: {why}; to give it more: # faasify: memory=MB timeout=SECONDS"


class OnlyOnce(Exception):
    """A call that may have had an allowed effect failed on the way: it can be run neither again nor here (at most once)."""
