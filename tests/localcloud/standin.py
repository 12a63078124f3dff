"""A worker to test the pool with: it does what the first word of a call says, and answers with the rest.

CALL b"echo hello" -> RESULT b"hello"
CALL b"spin"       -> never an answer, one core busy, every signal blocked that can be
CALL b"fill 100"   -> 100 MB of memory are kept from here on
"""

from __future__ import annotations

import os
import signal
import sys
import time

from faasify.runtime.unit import frames, waiting


def preload(manifest_dir, options):
    if "raise" in options:
        raise LookupError(options["raise"])
    time.sleep(options.get("sleep", 0))
    _options.update(options)


def ready(*, spare):
    if spare and "lost" in _options:
        with open(_options["lost"], "ab") as file:
            file.write(b".")
        raise LookupError("a spare that cannot get ready")
    return serve


def serve(sock):
    while True:
        _, payload = frames.recv(sock)
        word, _, rest = payload.partition(b" ")
        frames.send(sock, frames.RESULT, _ACTIONS[word.decode()](rest))


def _spin(_):
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    while True:
        pass


_kept = []
_options = {}


def _fill(rest):
    for _ in range(int(rest)):
        _kept.append(bytearray(b"x") * (1 << 20))
        time.sleep(0.001)
    return b"filled"


def _crash(_):
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGSEGV)


def _describe(_):
    description = {
        "pid": os.getpid(),
        "ppid": os.getppid(),
        "path": sys.path,
        "environ": dict(os.environ),
        "hash": hash("faasify"),
        "optimize": sys.flags.optimize,
        "utf8": sys.flags.utf8_mode,
        "warnings": sys.warnoptions,
        "cwd": os.path.exists(".") and os.getcwd(),
        "links": [os.readlink(f"/proc/self/fd/{fd}") for fd in (0, 1, 2)],
        "first_free": _first_free(),
        "load": waiting.LOAD is not None and os.readlink(f"/proc/self/fd/{waiting.LOAD}"),
        "children": _children(),
        "main": sorted(name for name in vars(sys.modules["__main__"]) if not name.startswith("__")),
    }
    return repr(description).encode()


def _first_free():
    with open("/dev/null") as file:
        return file.fileno()


def _children():
    try:
        return os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None


_ACTIONS = {
    "echo": lambda rest: rest,
    "spin": _spin,
    "sleep": lambda rest: time.sleep(float(rest)) or b"",
    "exit": lambda rest: os._exit(3),
    "kill": lambda rest: os.kill(os.getpid(), signal.SIGKILL),
    "crash": _crash,
    "fill": _fill,
    "describe": _describe,
    "open": lambda rest: str(sorted(map(int, os.listdir("/proc/self/fd")))).encode(),
}
