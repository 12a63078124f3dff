"""Starting a zygote, so that the user's process has no child, no new low descriptor and no change of its own to show for it.

    zygote = spawn("/usr/bin/python3", "/build/.faasify", {})
    zygote.request(theirs)      # a worker is forked that serves the other end of this socket
    zygote.close()              # every process of it ends

The interpreter is started by a shell that puts it in the background and ends: after the millisecond that takes, the zygote is nobody's
child that `os.wait()` could meet, and the user's process was not forked. The shell leads a new session, so Ctrl-C reaches none of them.
"""

from __future__ import annotations

import _socket
import errno
import fcntl
import marshal
import os
import struct
import sys
from os import close as close_descriptor  # kept, whatever the program puts in their place
from os import getpgid, getpid, kill, pipe, posix_spawn, waitpid

from faasify.localcloud.arrivals import Arrivals
from faasify.localcloud.channel import close
from faasify.runtime.unit import descriptors, endings, environment, frames
from faasify.runtime.unit.descriptors import lifted
from faasify.runtime.unit.endings import Ending
from faasify.runtime.unit.zygote import CONTROL, ENDING, FORK, LIFELINE, WORKER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_ROOT = os.path.abspath(__file__).rsplit(os.sep, 3)[0]  # the folder that holds the package faasify
_SHELL = ("/bin/sh", "-c", '"$@" &', "faasify")
# The standard library comes first: a back-port lying beside the package must not stand in for it.
_BOOT = "import sys; sys.path = [p for p in sys.path if p] + [sys.argv[1]]; from faasify.runtime.unit.zygote import main; main()"
_NOT_PASSED_ON = {"importtime", "showrefcount", "showalloccount"}  # -X options that only print
_DEFAULT_SIGNALS = (1, 2, 3, 13, 15, 17 if sys.platform == "linux" else 20)  # HUP INT QUIT PIPE TERM CHLD: importing `signal` takes 5 ms
_SIGKILL = 9
_PASSING = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM)
_ANSWER_S = 1.0  # for the zygote to say how a worker ended


class ZygoteFailed(RuntimeError):
    """No worker can be had: the interpreter is not there, or the program's units could not be loaded.

    `passing`: the program has used up what is needed for one, and may give it back.
    """

    def __init__(self, text: str, *, passing: bool = False) -> None:
        super().__init__(text)
        self.passing = passing


class Zygote:
    """The caller's hold on one zygote and its workers, which together are the process group `group`."""

    def __init__(self, control: _socket.socket, lifeline: int, group: int) -> None:
        self.group = group
        self._control = control
        self._lifeline = lifeline
        self._owner = getpid()
        self._failure: str | None = None
        self._last_words = Arrivals(control)

    def request(self, theirs: _socket.socket) -> None:
        """Ask for a worker that serves `theirs`. ConnectionClosed when the zygote is gone."""
        self._ask(FORK, 0, theirs)

    def ending(self, pid: int) -> Ending:
        """How one of its workers ended, whose channel has ended; nobody knows when the zygote is gone too."""
        try:
            ours, theirs = descriptors.pair()
        except OSError:
            return Ending(None)
        try:
            ours.settimeout(_ANSWER_S)
            self._ask(ENDING, pid, theirs)
            theirs.close()
            return Ending.unpacked(ours.recv(endings.SIZE))
        except (OSError, struct.error):
            return Ending(None)
        finally:
            close(theirs)
            close(ours)

    def _ask(self, kind: bytes, pid: int, theirs: _socket.socket) -> None:
        try:
            descriptors.pass_on(self._control, kind, pid, theirs)
        except OSError as error:
            raise frames.ConnectionClosed(str(error)) from None

    def failure(self) -> str | None:
        """None while it lives, its last words when it is gone ("" if it had none)."""
        if self._failure is None and self._last_words.within(0):
            try:
                self._failure = frames.recv(self._control)[1].decode()
            except frames.ConnectionClosed:
                self._failure = ""
        return self._failure

    def kill(self, pid: int) -> None:
        """Kill one of its workers. A process that got the number of a worker long dead is in another group, and left alone."""
        try:
            if getpgid(pid) == self.group:
                kill(pid, _SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass

    def close(self) -> None:
        """End it and all its workers; in a process forked off the one that started it, only let go of our copies."""
        self._failure = self._failure or ""
        if getpid() == self._owner:
            try:
                self._control.shutdown(_socket.SHUT_RDWR)  # reaches it even if some process holds copies of our descriptors
            except OSError:
                pass
        close(self._control)
        lifeline, self._lifeline = self._lifeline, -1
        if lifeline >= 0:
            try:
                close_descriptor(lifeline)
            except OSError:
                pass  # the program closed all descriptors it found

    def __del__(self) -> None:
        self.close()


def spawn(python: str, manifest_dir: str, options: Mapping[str, Any], worker: str = WORKER) -> Zygote:
    """Start a zygote, about 1 ms; that it is ready, or why not, shows when a worker is asked for."""
    argv = [python, *interpreter_flags(), "-c", _BOOT, _ROOT, *([worker] if worker != WORKER else [])]
    try:
        control, theirs = descriptors.pair()
        hangup, lifeline = map(lifted, pipe())
        zygote = Zygote(control, lifeline, 0)  # from here on it closes what it holds, whatever happens
        try:
            zygote.group = _posix_spawn(argv, theirs.fileno(), hangup, options)
        finally:
            theirs.close()
            close_descriptor(hangup)
    except OSError as error:
        raise ZygoteFailed(f"cannot start {python}: {error.strerror}", passing=error.errno in _PASSING) from None
    environ = options.get("environ", os.environ)
    packed = environment.packed(environ)
    start = {
        "manifest_dir": manifest_dir,
        "options": {name: value for name, value in options.items() if name != "environ"},
        "path": import_path(manifest_dir, options),
        "given": given(environ, options),
        "environ_size": len(packed),
        "group": zygote.group,
    }
    try:
        frames.send(control, frames.START, marshal.dumps(start, 2))  # 2: `python` may be of another version than ours
        control.sendall(packed, frames.NO_SIGNAL)
    except OSError:
        pass  # `failure` will tell
    return zygote


def given(environ: Mapping[str, str], options: Mapping[str, Any]) -> dict[str, str]:
    """The variables that the zygote and its workers have without asking: all of them if what they start may read any."""
    return dict(environ) if options.get("whole_environ") else environment.given(environ)


def import_path(manifest_dir: str, options: Mapping[str, Any]) -> list[str]:
    """`options["path"]`, or our own import path without the program's folder: units have their program from slices only."""
    given = options.get("path")
    if given is not None:
        return list(given)
    return [entry for entry in sys.path if isinstance(entry, str) and entry not in ("", os.path.dirname(manifest_dir))]


def interpreter_flags() -> list[str]:
    """The options that make another interpreter behave as this one: `python -O -X utf8` -> ["-O", "-X", "utf8"]."""
    flags = sys.flags
    letters = {"d": flags.debug, "B": flags.dont_write_bytecode, "b": flags.bytes_warning, "O": flags.optimize, "S": flags.no_site}
    if flags.isolated:
        letters["I"] = 1
    else:
        letters |= {"E": flags.ignore_environment, "s": flags.no_user_site, "P": flags.safe_path}
    switches = ["-" + letter * count for letter, count in letters.items() if count]
    extended = [name if value is True else f"{name}={value}" for name, value in sys._xoptions.items() if name not in _NOT_PASSED_ON]
    return [
        *switches,
        *(word for value in sys.warnoptions for word in ("-W", value)),
        *(word for value in extended for word in ("-X", value)),
    ]


def _posix_spawn(argv: list[str], control: int, hangup: int, options: Mapping[str, Any]) -> int:
    """Start `argv` in the background, with these two descriptors as its own; the id of its process group."""
    environ = given(os.environ, options)
    if options.get("hash_seed") is not None:
        environ["PYTHONHASHSEED"] = str(options["hash_seed"])
    passed = [(os.POSIX_SPAWN_DUP2, control, CONTROL), (os.POSIX_SPAWN_DUP2, hangup, LIFELINE)]
    shell = posix_spawn(
        _SHELL[0],
        [*_SHELL, *argv],
        environ,
        file_actions=[*_standard_streams(bool(options.get("debug"))), *passed],
        setsid=True,
        setsigmask=[],
        setsigdef=_DEFAULT_SIGNALS,
    )
    _kill_on_hangup(hangup, shell)
    try:
        waitpid(shell, 0)
    except ChildProcessError:
        pass  # the program ignores SIGCHLD, or has a handler that reaps whatever it finds
    return shell


def _standard_streams(keep_stderr: bool) -> list[tuple[int, int, str, int, int]]:
    """File actions that put 0, 1 and 2 on /dev/null: what the caller has there may be a pipe that someone waits for the end of."""
    wanted = {0: os.O_RDONLY, 1: os.O_WRONLY, 2: os.O_WRONLY}
    if keep_stderr:
        del wanted[2]
    return [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", mode, 0) for fd, mode in wanted.items()]


def _kill_on_hangup(fd: int, group: int) -> None:
    """Have the kernel send SIGKILL to the process group `group` when the other end of the pipe is closed (fcntl(2), F_SETSIG)."""
    if sys.platform == "linux":
        fcntl.fcntl(fd, fcntl.F_SETOWN, -group)
        fcntl.fcntl(fd, fcntl.F_SETSIG, _SIGKILL)
        fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_ASYNC)
