"""Watches one call: what it touched, changed and called.

    observer.call(lambda: random.shuffle(xs))
    observer.kinds == {"hidden.random": "hidden.random was ..., is ..."}

Ways of looking: audit events (PEP 578), a registry of hidden state compared before and after, the descriptors behind the standard streams,
look-ups in the environment and questions for the current folder. An effect on the world outside the sandbox is recorded and then prevented,
by raising `Prevented` out of the audit hook.
"""

from __future__ import annotations

import decimal
import gc
import locale
import logging
import os
import random
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Callable
from types import FrameType
from typing import Any

# kinds of the vocabulary by audit event, or by the part of its name before the first dot
EVENTS = {
    "open": "files",
    "os": "files",
    "glob": "files",
    "pathlib": "files",
    "shutil": "files",
    "tempfile": "files",
    "mmap": "files",
    "sqlite3": "files",
    "os.chdir": "cwd",
    "os.system": "subprocess",
    "os.exec": "subprocess",
    "os.posix_spawn": "subprocess",
    "os.spawn": "subprocess",
    "os.fork": "processes",
    "os.forkpty": "processes",
    "os.kill": "processes",
    "os.killpg": "processes",
    "os.putenv": "hidden.environ",
    "os.unsetenv": "hidden.environ",
    "subprocess": "subprocess",
    "pdb": "introspection",
    "pty": "subprocess",
    "webbrowser": "subprocess",
    "socket": "network",
    "ftplib": "network",
    "smtplib": "network",
    "http": "network",
    "urllib": "network",
    "fcntl": "descriptors",
    "signal": "signals",
    "ctypes": "ctypes",
    "time": "sleep",
    "_thread": "threads",
    "resource": "processes",
    "gc": "introspection",
    "builtins.input": "stdin",
    "builtins.breakpoint": "introspection",
    "sys": "settings",
    "sys._getframe": "introspection",
    "sys._current_frames": "introspection",
    "sys._current_exceptions": "introspection",
    "sys.settrace": "introspection",
    "sys.setprofile": "introspection",
    "setopencodehook": "settings",
}
# no effect, or one that is seen otherwise
HARMLESS = {
    "import",
    "compile",
    "exec",
    "code.__new__",
    "function.__new__",
    "object.__getattr__",
    "object.__setattr__",
    "object.__delattr__",
}
HARMLESS |= {"marshal.loads", "marshal.load", "marshal.dumps", "array.__new__", "builtins.id", "pickle.find_class", "sys.unraisablehook"}
HARMLESS |= {"builtins.input/result", "sys.excepthook", "socket.__new__", "monitoring", "_posixsubprocess"}
PREVENTED = {"subprocess", "processes", "network", "signals", "ctypes", "sleep"}


class Prevented(BaseException):
    """Raised out of the audit hook instead of the effect."""


class Late(BaseException):
    """The call took too long."""


def _environ() -> dict[bytes, bytes]:
    return dict(os.environb._data)  # type: ignore[attr-defined]  # decoded by nobody: this is asked for thousands of times


def _set_environ(value: dict[bytes, bytes]) -> None:
    os.environb.clear()
    os.environb.update(value)


def _handlers() -> list[Any]:
    return [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCHLD)]


def _decimal() -> Any:
    context = decimal.getcontext()
    return repr(context), dict(context.flags), context


def _limits() -> tuple[Any, ...]:
    return sys.getrecursionlimit(), sys.getswitchinterval(), sys.get_int_max_str_digits(), gc.isenabled(), gc.get_threshold()


def _set_limits(value: tuple[Any, ...]) -> None:
    sys.setrecursionlimit(value[0])
    sys.setswitchinterval(value[1])
    sys.set_int_max_str_digits(value[2])
    (gc.enable if value[3] else gc.disable)()
    gc.set_threshold(*value[4])


def _set_hooks(value: tuple[Any, ...]) -> None:
    sys.displayhook, sys.excepthook, sys.breakpointhook, _, _ = value
    sys.settrace(value[3])
    sys.setprofile(value[4])


def _set_logging(value: tuple[Any, ...]) -> None:
    logging.root.handlers[:], level, logging.root.manager.disable, names, _, _, factory, kind = value
    logging.setLogRecordFactory(factory)
    logging.setLoggerClass(kind)
    logging.root.setLevel(level)
    for name in set(logging.root.manager.loggerDict) - names:
        del logging.root.manager.loggerDict[name]


def _logging() -> tuple[Any, ...]:
    manager = logging.root.manager
    switches = dict(logging._nameToLevel), logging.raiseExceptions, logging.getLogRecordFactory(), logging.getLoggerClass()
    return list(logging.root.handlers), logging.root.level, manager.disable, set(manager.loggerDict), *switches


def _numpy() -> Any:
    numpy = sys.modules.get("numpy")
    if numpy is None or "numpy.random" not in sys.modules:
        return None
    state = numpy.random.get_state()
    return state[1].tobytes(), state[2:]


def _set_numpy(value: Any) -> None:
    sys.modules["numpy"].random.set_state(("MT19937", numpy_keys(value[0]), *value[1]))  # type: ignore[attr-defined]


def numpy_keys(data: bytes) -> Any:
    return sys.modules["numpy"].frombuffer(data, dtype="uint32")


def _numpy_settings() -> Any:
    numpy = sys.modules.get("numpy")
    return (numpy.geterr(), numpy.get_printoptions()) if numpy is not None else None


def _set_numpy_settings(value: Any) -> None:
    numpy = sys.modules["numpy"]
    numpy.seterr(**value[0])
    numpy.set_printoptions(**{key: item for key, item in value[1].items() if key != "override_repr"})


# kind -> how to read the state, how to put it back (None: it need not be)
HIDDEN: dict[str, tuple[Callable[[], Any], Callable[[Any], object] | None]] = {
    "hidden.random": (random.getstate, random.setstate),
    "hidden.random of numpy": (_numpy, _set_numpy),
    "hidden.decimal": (_decimal, lambda value: decimal.setcontext(decimal.Context())),
    "hidden.environ": (_environ, _set_environ),
    "hidden.argv": (lambda: list(sys.argv), lambda value: setattr(sys, "argv", value)),
    "cwd": (os.getcwd, os.chdir),
    "locale": (lambda: locale.setlocale(locale.LC_ALL), lambda value: locale.setlocale(locale.LC_ALL, value)),
    "warnings": (lambda: list(warnings.filters), lambda value: warnings.filters.__setitem__(slice(None), value)),
    "settings": (_limits, _set_limits),
    "settings of hooks": (
        lambda: (sys.displayhook, sys.excepthook, sys.breakpointhook, sys.gettrace(), sys.getprofile()),
        _set_hooks,
    ),
    "hidden.numpy": (_numpy_settings, _set_numpy_settings),
    "settings of streams": (lambda: (sys.stdin, sys.stdout, sys.stderr), lambda value: _set_streams(value)),
    "settings of the mask": (lambda: os.umask(os.umask(0o22)), os.umask),
    "network": (socket.getdefaulttimeout, socket.setdefaulttimeout),
    "signals": (_handlers, None),
    "logging": (_logging, _set_logging),
    "threads": (threading.active_count, None),
    "imports": (lambda: (list(sys.path), list(sys.meta_path)), None),
    "descriptors": (lambda: sorted(os.listdir("/proc/self/fd")), None),
}


def _set_streams(value: tuple[Any, Any, Any]) -> None:
    sys.stdin, sys.stdout, sys.stderr = value


class Read(dict[bytes, bytes]):
    """The environment's own table, which says when somebody looks something up in it."""

    seen: Callable[[str, str], None]

    def __getitem__(self, key: bytes) -> bytes:
        Read.seen("hidden.environ", f"reads {key!r}")
        return super().__getitem__(key)


def _announced(function: Callable[..., Any], note: Callable[[str, str], None], kind: str) -> Callable[..., Any]:
    """A function that reads hidden state, made to say so."""

    def announced(*args: Any, **kwargs: Any) -> Any:
        note(kind, f"calls {function.__name__}")
        return function(*args, **kwargs)

    return announced


class Observer:
    """`call(f)` runs f() and leaves in `kinds` what happened meanwhile, with a word on each in `why`."""

    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}
        self._watching = False
        self._direct: FrameType | None = None
        for descriptor in (0, 1, 2):
            os.dup2(os.open(f".stream{descriptor}", os.O_CREAT | os.O_RDWR), descriptor)
        os.write(0, b"one\ntwo\nthree\n" * 50)
        self._open_streams()
        warnings.simplefilter("always")
        warnings._showwarnmsg_impl = self._warned  # type: ignore[attr-defined]
        Read.seen = self._read
        os.environ._data = os.environb._data = Read(os.environ._data)  # type: ignore[attr-defined]
        os.getcwd = _announced(os.getcwd, self._read, "hidden.cwd")
        os.getcwdb = _announced(os.getcwdb, self._read, "hidden.cwd")
        signal.signal(signal.SIGALRM, self._late)
        sys.addaudithook(self._hook)

    def _open_streams(self) -> None:
        sys.stdin, sys.stdout, sys.stderr = (open(d, "rw"[d > 0], encoding="utf-8", closefd=False) for d in (0, 1, 2))  # noqa: SIM115

    def call(self, function: Callable[[], Any], seconds: float = 0.25) -> Any:
        """The result; BaseException is raised on. Hidden state is put back in any case."""
        self.kinds = {}
        if sys.stdin.closed or sys.stdout.closed or sys.stderr.closed:  # exit() closes the standard input
            self._open_streams()
        sys.stdin.seek(0)  # and away with what it has read ahead
        sizes = [os.fstat(d).st_size for d in (1, 2)]
        before = {kind: look() for kind, (look, _) in HIDDEN.items()}
        streams = sys.stdin, sys.stdout, sys.stderr
        signal.setitimer(signal.ITIMER_REAL, seconds)
        self._watching = True
        try:
            return function()
        except SystemExit:
            self._note("exit", "SystemExit")
            raise
        finally:
            self._watching = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._streams(sizes, streams)
            self._compare(before)

    def _streams(self, sizes: list[int], streams: tuple[Any, ...]) -> None:
        for stream in streams[1:]:
            if not stream.closed:
                stream.flush()
        for kind, descriptor, size in zip(("stdout", "stderr"), (1, 2), sizes, strict=True):
            if os.fstat(descriptor).st_size != size:
                self._note(kind, "something was written")
        if os.lseek(0, 0, os.SEEK_CUR):
            self._note("stdin", "something was read")

    def _compare(self, before: dict[str, Any]) -> None:
        for kind, (look, put) in HIDDEN.items():
            now = look()
            if now != before[kind]:
                self._note(kind.partition(" of ")[0], f"{kind} was {str(before[kind])[:60]}, is {str(now)[:60]}")
                if put is not None:
                    put(before[kind])

    def _note(self, kind: str, why: str) -> None:
        self.kinds.setdefault(kind, why)

    def _read(self, kind: str, why: str) -> None:
        if self._watching:
            self._note(kind, why)

    def _warned(self, message: Any) -> None:
        """What is deprecated differs from one version of Python to the next; no stub speaks of it."""
        if not issubclass(message.category, DeprecationWarning | PendingDeprecationWarning | ResourceWarning):
            self._note("warnings", str(message))

    def _late(self, *_: object) -> None:
        raise Late

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if not self._watching or event in HARMLESS or event.partition(".")[0] in HARMLESS:
            return
        self._watching = False
        try:
            frame = sys._getframe(1)
            kind = EVENTS.get(event) or EVENTS.get(event.partition(".")[0], f"other ({event})")
            if event == "open" and isinstance(args[0], int):
                kind = "descriptors"
            if event == "sys._getframe" and frame.f_globals.get("__name__") != "tests.rules_reality.calls":
                return  # a library looks where it was called from; its own affair
            if event == "open" and (_imports(frame) or args[0] == "/proc/self/fd"):
                return
        finally:
            self._watching = True
        self._note(kind, f"{event}{args!r}"[:120])
        if kind in PREVENTED and event not in ("socket.__new__", "signal.signal"):
            raise Prevented(event)


def _imports(frame: FrameType | None) -> bool:
    while frame is not None:
        if "importlib._bootstrap" in frame.f_code.co_filename or frame.f_code.co_name in ("linecache", "updatecache"):
            return True
        frame = frame.f_back
    return False
