"""The zygote: a fresh interpreter that loads a program's units once and forks a worker for every channel it is handed.

    pool                                        zygote
    START {path, manifest_dir, options, ...}
    and the caller's environment             -> worker.preload(manifest_dir, options); gc.freeze()
    FORK and a socket (SCM_RIGHTS)           -> fork, or a spare's turn: worker.ready(), then READY, its pid, and what of a sandbox
                                                it lacks; what `ready` gave serves the socket
    ENDING, a pid and a socket               -> how that worker ended, packed, into the socket
    end of the stream                        -> kill the whole process group, itself included
                                             <- FAILED and a text, when preload raised

It is started as `python -c BOOT root [worker module]` (`localcloud.spawn`) so that `__main__` is all but empty, this module comes from
its .pyc, and `sys.path` is the caller's from here on. Two descriptors are inherited: the control channel and the *lifeline*, a pipe that
nothing is ever written to and whose other end only the caller has. Where the kernel can (Linux), the lifeline is set up so that its
hang-up is a SIGKILL to the process group: no unit can catch or block that, whatever it is doing, and it needs nobody alive to send it.

One zygote has the imports of all units. One for each set of them would fork a little faster (0.18 ms with the standard library alone, 0.55
with numpy loaded, medians of 200), and for each set a further interpreter would have to be started, warmed and kept.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the C half of `signal`, without enum
import _socket
import gc
import marshal
import os
import resource
import select
import sys

from faasify.runtime.unit import descriptors, environment, frames, waiting
from faasify.runtime.unit.descriptors import BYTES, lifted, received, socket_of
from faasify.runtime.unit.endings import Endings
from faasify.runtime.unit.spare import QUIET_MS, Spare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any, NoReturn

CONTROL, LIFELINE = 3, 4  # as inherited
WORKER = "faasify.runtime.unit.worker"
IDLE_S = 60.0  # seconds that a worker waits for a call
FORK, ENDING = b"F", b"E"  # a request is one of these and four bytes, a worker's number


def main() -> NoReturn:
    """The zygote's life. Never returns, so that nothing of the interpreter's shutdown runs."""
    status = 1
    try:
        control, lifeline = socket_of(lifted(CONTROL)), lifted(LIFELINE)
        _close_others(control.fileno(), lifeline, *([waiting.LOAD] if waiting.LOAD is not None else []))
        loaded = _prepared(control)
        _serve(control, loaded)
        status = 0
        if loaded.group == os.getpgrp():
            os.killpg(loaded.group, _signal.SIGKILL)
    except frames.ConnectionClosed:
        pass  # the caller ended before we were ready: there is nobody to tell
    finally:
        os._exit(status)


def _close_others(*keep: int) -> None:
    """Close what else was inherited: a pipe of the caller's that we held open would keep its reader waiting."""
    low = 3
    for fd in sorted(keep):
        os.closerange(low, fd)
        low = fd + 1
    os.closerange(low, max(os.sysconf("SC_OPEN_MAX"), 4096))


class _Loaded:
    """What a zygote has ready for its workers. `enter` is what a worker does first, and tells what it lacks; None without a sandbox."""

    def __init__(self, worker: ModuleType, group: int, enter: Callable[[], list[str]] | None, idle_s: float) -> None:
        self.worker, self.group, self.enter, self.idle_s = worker, group, enter, idle_s


def _prepared(control: _socket.socket) -> _Loaded:
    _, payload = frames.recv(control)
    start: dict[str, Any] = marshal.loads(payload)  # from the caller itself, before any call: no byte of a call comes this way
    buffer = environment.Buffer(frames.recv_into(control, bytearray(start["environ_size"])))
    sys.path[:] = start["path"]
    variables = environment.install(_given(start["given"]), buffer.ask)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))  # no unit's memory goes to the disk
    gc.disable()
    enter = _sandboxed(os.path.join(start["manifest_dir"], "tmp")) if start["options"].get("sandbox") else None
    try:
        worker = _imported(sys.argv[2] if len(sys.argv) > 2 else WORKER)
        sys.argv = [""]
        worker.preload(start["manifest_dir"], start["options"])
    except BaseException as error:
        frames.send(control, frames.FAILED, _described(error).encode(errors="backslashreplace"))
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    buffer.wipe()
    variables.ask = None  # workers ask their callers
    variables.settle()
    gc.enable()
    gc.collect()
    gc.freeze()
    return _Loaded(worker, start["group"], enter, start["options"].get("idle_s", IDLE_S))


def _sandboxed(tmp: str) -> Callable[[], list[str]]:
    from faasify.runtime.unit import sandbox

    missing = sandbox.confine(tmp)
    return lambda: [*missing, *sandbox.enter(tmp)]


def _given(names: dict[str, str]) -> dict[bytes, bytes]:
    """The variables that this process is to have itself; the shell that started us has added some, and the caller may have changed some."""
    for name in [name for name in os.environ if name not in names]:
        del os.environ[name]
    os.environ.update({name: value for name, value in names.items() if os.environ.get(name) != value})
    return {os.fsencode(name): os.fsencode(value) for name, value in names.items()}


def _imported(name: str) -> ModuleType:
    __import__(name)
    return sys.modules[name]


def _described(error: BaseException) -> str:
    import traceback

    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({where.filename}, line {where.lineno})"


def _serve(control: _socket.socket, loaded: _Loaded) -> None:
    """Have a worker for every socket that arrives, until the caller is gone."""
    endings, spare, asked, wanted = Endings(), Spare(), 0, False
    endings.watch()
    readable = select.poll()
    readable.register(control, select.POLLIN)
    while True:
        if wanted and not readable.poll(QUIET_MS):
            line, wanted = spare.fork(loaded.idle_s), False
            if line is not None:
                _become_worker(control, line, loaded, spare=True)
        if spare and not _asked_before_it_ends(control, spare):
            wanted = spare.ended()
            continue
        request = received(control)
        if request is None:
            return
        kind, pid, sock = request
        try:
            if kind == ENDING:
                sock.sendall(endings.of(pid).packed(), frames.NO_SIGNAL)
            else:
                asked += 1
                if not spare.hand(sock) and not _fork(sock):
                    _become_worker(control, sock, loaded)
                wanted = asked > 1
        except OSError:
            pass  # who asked is gone
        sock.close()


def _asked_before_it_ends(control: _socket.socket, spare: Spare) -> bool:
    """Wait for a request or for the end of the spare."""
    either = select.poll()
    either.register(control, select.POLLIN)
    either.register(spare, select.POLLIN)
    return any(fd == control.fileno() for fd, _ in either.poll())


def _fork(sock: _socket.socket) -> int:
    """0 in the new worker. Where there can be none, `sock` is told."""
    try:
        return os.fork()
    except OSError as error:
        frames.send(sock, frames.FAILED, f"cannot fork a worker: {error.strerror}".encode())
        return -1


def _become_worker(control: _socket.socket, sock: _socket.socket, loaded: _Loaded, *, spare: bool = False) -> NoReturn:
    """`sock` is the channel, or for a spare the line over which that will come."""
    try:
        control.close()
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
        missing = loaded.enter() if loaded.enter is not None else []
        serve = loaded.worker.ready(spare=spare)
        patience = frames.timeout(loaded.idle_s)
        sock.setsockopt(_socket.SOL_SOCKET, _socket.SO_RCVTIMEO, patience)
        greeting = os.getpid().to_bytes(BYTES, "little") + " and ".join(missing).encode()
        if spare:
            _rehearse(greeting, patience)
            sock = _wanted(sock)
        _greet(sock, greeting, patience)
        serve(sock)
    except (frames.ConnectionClosed, BlockingIOError):
        pass  # the caller has no more calls, or has had none for long: it gets another worker when it has
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(70)


def _greet(sock: _socket.socket, greeting: bytes, patience: bytes) -> None:
    sock.setsockopt(_socket.SOL_SOCKET, _socket.SO_RCVTIMEO, patience)
    frames.send(sock, frames.READY, greeting)


def _rehearse(greeting: bytes, patience: bytes) -> None:
    """Be given a channel that nobody wants an answer on, as what follows is quicker then (`worker.rehearse`)."""
    try:
        line, end = descriptors.pair()
        _, theirs = descriptors.pair()
        descriptors.pass_on(line, FORK, 0, theirs)
        _greet(_wanted(end), greeting, patience)
    except OSError:  # there can be no channel
        pass


def _wanted(line: _socket.socket) -> _socket.socket:
    """Wait, as a spare, to be given a channel."""
    request = received(line)
    if request is None:
        raise frames.ConnectionClosed("the zygote has ended")
    line.close()
    return request[2]
