"""A program below this process, which ends as the program ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    import signal

BY_KERNEL = 0x80  # SI_KERNEL of <asm-generic/siginfo.h>


def flush() -> None:
    """Before another program takes this process; a stream that was closed at the start is None."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def run_below(command: list[str], environment: Mapping[str, str], behind: Callable[[], None] | None = None) -> int:
    """Its exit code, -9 for SIGKILL; signals that come meanwhile are its own, and wait from its end on. `behind` is called then, or where
    it cannot be started: OSError."""
    import signal

    every = signal.valid_signals()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, every)  # none is lost: those that come are waited for
    try:
        pid = os.posix_spawn(command[0], command, environment, setsigmask=before)
        code = attend(pid, every)
    finally:
        if behind is not None:
            behind()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return code


def end_as(code: int) -> NoReturn:
    """End as a process that `run_below` has run."""
    import signal

    if code < 0:
        if -code != signal.SIGKILL:
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def attend(pid: int, every: set[signal.Signals]) -> int:
    """Pass on to a child whatever is sent to this process, whose signals are all blocked; stop where it stops; its exit code when it has
    ended, -9 for SIGKILL. What a terminal sends, the child is sent as well."""
    import signal

    of_terminals = {signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGWINCH, signal.SIGHUP}
    signal.signal(signal.SIGCHLD, lambda *_: None)  # if it is ignored, no exit code is kept
    while True:
        if sys.platform == "darwin":  # which does not tell whose signal it is
            number = signal.sigwait(every)
            told = number in of_terminals
        else:
            arrived = signal.sigwaitinfo(every)
            number = arrived.si_signo
            told = number in of_terminals and arrived.si_code == BY_KERNEL
        if number != signal.SIGCHLD:
            if not told:
                os.kill(pid, number)
            continue
        changed, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
        if changed and os.WIFSTOPPED(status):
            os.kill(os.getpid(), signal.SIGSTOP)
        elif changed:
            return os.waitstatus_to_exitcode(status)
