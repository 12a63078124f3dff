"""Every error that faasify reports, one line each: what is wrong, and what to type next.

    FaasifyError            exit 1   a failure of ours
     +-- UsageError         exit 2   what was typed, or a setting
     |    +-- ProgramError  exit 2   the program: not there, does not parse, cannot be rewritten
     +-- TargetError        exit 1   the place where units run: does not start, does not answer

>>> print(UsageError("there is no unit app.fibb", hint="try: faasify analyze app.py"))
there is no unit app.fibb; try: faasify analyze app.py
"""

from __future__ import annotations


class FaasifyError(Exception):
    """Base of all errors that the command line prints as `faasify: <message>; <hint>`."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.message}; {self.hint}" if self.hint else self.message
        return " ".join(text.split())  # one line, whatever a file name or a parser's message held


class UsageError(FaasifyError):
    """A command, option, setting or argument that means nothing."""

    exit_code = 2


class ProgramError(UsageError):
    """The program that was named is not there, does not parse, or cannot be rewritten."""


class TargetError(FaasifyError):
    """A target failed: it did not start, or did not answer."""
