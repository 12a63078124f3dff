"""A program of which nothing moves is run as it is: its own files, with nothing of ours in its process, which it could come across."""

from __future__ import annotations

import os
import shutil
import sys
from typing import NoReturn

from faasify.bundle.cache import Found
from faasify.errors import FaasifyError
from faasify.launch import processes
from faasify.launch.options import RunOptions


def become(python: str, found: Found, options: RunOptions, held: int) -> NoReturn:
    """Replace this process by the program; where there is a report to write, run it below this one. `held` is of no use to it."""
    if held >= 0:
        os.close(held)
    if found.temporary:
        shutil.rmtree(found.build, ignore_errors=True)
    command = [python, *_flags(), *_observer(options), *_before(options), options.program, *options.args]
    processes.flush()
    try:
        if not options.reports:
            os.execve(python, command, os.environ)
        _run_and_report(command, options)
    except OSError as error:
        raise FaasifyError(f"{python} cannot be started: {error.strerror}") from error


def _flags() -> list[str]:
    """What this interpreter was given before its own program, and is about programs: warnings, optimisation, modes."""
    import subprocess

    flags: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # as multiprocessing does
    return [flag for flag in flags if flag not in ("-P", "-I", "-E", "-s", "-B")]  # -B: the environment says so, if anything does


def _before(options: RunOptions) -> list[str]:
    if options.module:
        return ["-m"]
    return ["--"] if options.program.startswith("-") and options.final_state is None else []


def _observer(options: RunOptions) -> list[str]:
    if options.final_state is None:
        return []
    from faasify.runtime.caller import final_state

    return ["-P", final_state.__file__, options.final_state]


def _run_and_report(command: list[str], options: RunOptions) -> NoReturn:
    from faasify.runtime.caller.report import Report

    report = Report(options.program)
    report.sandbox = "" if options.sandbox else None
    code = processes.run_below(command, dict(os.environ))
    for path in options.reports:
        try:
            report.write(path, sys.executable)
        except OSError as error:
            print(f"faasify: cannot write the report {path}: {error.strerror}", file=sys.stderr)
    processes.end_as(code)
