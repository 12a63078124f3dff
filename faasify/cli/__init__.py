"""The commands: options in, a stage called, its result shown; no logic.

`faasify --version` and `faasify run` of an unchanged program start before click, rich and the stages are imported.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from typing import NoReturn

from faasify import __version__
from faasify.errors import FaasifyError

INTERRUPTED = 130  # what a shell says of a program that Ctrl-C ended
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
debug = False  # set by `--debug`: a traceback of faasify's own is printed


def main(argv: list[str] | None = None) -> NoReturn:
    """The `faasify` command: ends the process with the command's exit code."""
    words = sys.argv[1:] if argv is None else argv
    try:
        if argv is None and words[:1] == ["analyze"]:
            _analyze(words)
        sys.exit(dispatch(words))
    except FaasifyError as error:
        fail(str(error), error.exit_code, error)
    except KeyboardInterrupt as error:
        fail("interrupted", INTERRUPTED, error)
    except BrokenPipeError:  # `faasify analyze ... | head`: nobody reads on
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _FULL and error.filename is None:
            fail(f"the output cannot be written: {error.strerror}", 1, error)
        fail(f"this is a bug of faasify's: {type(error).__name__}: {error}; for the traceback, add --debug", 1, error)


def _analyze(words: list[str]) -> NoReturn:
    """What it makes stays until its output is written: nothing is looked through for what could be given back, nor taken apart at the end,
    which is a fifth of the time for a program of a thousand lines."""
    gc.disable()
    code = dispatch(words)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(code)


def dispatch(words: list[str]) -> int:
    if words[:1] == ["--version"] or words[:1] == ["-V"]:
        print(f"faasify {__version__}")
        return 0
    if words[:1] == ["run"]:
        from faasify.launch import start_unchanged

        start_unchanged(words[1:])  # comes back only if there is more to do
    elif sys.stdout is None:  # it was closed at the start: nobody wants what is shown
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    from faasify.cli.commands import run_command

    return run_command(words)


def fail(message: str, exit_code: int, error: BaseException) -> NoReturn:
    """One line on stderr; the traceback too where `--debug` stands before PROGRAM."""
    if debug:
        import traceback

        traceback.print_exception(error)
    if sys.stderr is not None:  # it was closed at the start; to `print`, None is stdout
        print(f"faasify: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(exit_code)
