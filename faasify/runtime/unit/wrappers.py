"""Covers for functions that have an effect and raise no audit event.

A C module is described by one `Cover`. Most are denied by default: every function of the module is covered except
those named harmless, so that a function that a new Python adds is covered too.

    posix.stat    -> Effect(kind="files", what="os.stat"), which asks the guard and then calls the original
    posix.getpid  -> untouched

C modules are covered right after they are loaded, also those that are loaded later, so that `from os import stat`
in a library binds the cover. What was bound before `install` is found by identity and replaced.
"""

from __future__ import annotations

import _imp
import sys
from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType
    from typing import Any

    Check = Callable[[str, str, tuple[object, ...], FrameType], None]

_getframe = sys._getframe


class Effect:
    """Stands for a C function: looks like it, compares equal to it, asks the guard before it calls it.

    Not a Python function, because those turn into methods where a builtin stored in a class does not.
    """

    def __init__(self, original: Callable[..., object], kind: str, what: str, check: Check) -> None:
        self.__wrapped__ = original
        self._kind, self._what, self._check = kind, what, check
        self._harmless_call = _HARMLESS_CALLS.get(what)
        for name in ("__name__", "__qualname__", "__module__", "__doc__", "__self__", "__text_signature__"):
            if hasattr(original, name):
                self.__dict__[name] = getattr(original, name)

    def __call__(self, /, *args: object, **kwargs: object) -> object:
        if self._harmless_call is None or not self._harmless_call(*args, **kwargs):
            frame = _getframe().f_back
            assert frame is not None
            self._check(self._kind, self._what, args, frame)
        return self.__wrapped__(*args, **kwargs)

    @property
    def __class__(self) -> Any:  # so that inspect.isbuiltin() and isinstance() see what the original is
        return type(self.__wrapped__)

    @__class__.setter
    def __class__(self, value: Any) -> None:
        raise TypeError("__class__ assignment only supported for mutable types or ModuleType subclasses")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self.__wrapped__)  # type: ignore[arg-type]  # only asked of classes

    def __eq__(self, other: object) -> bool:  # `os.stat in os.supports_fd` holds the originals
        return other is self or other is self.__wrapped__

    def __hash__(self) -> int:
        return hash(self.__wrapped__)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)

    def __reduce__(self) -> str:
        return self.__wrapped__.__qualname__


class Hash(Effect):
    """`hash`: what hashes by its address has another one here than at home, which matters where the program is told it. A `__hash__` of the
    program's tells the interpreter alone, unless it keeps what it is told or the program asked for it."""

    _asked = 0  # calls of the program's that are under way

    def __call__(self, /, *args: object, **kwargs: object) -> object:
        frame = _getframe().f_back
        assert frame is not None
        told = frame.f_code.co_name != "__hash__"
        if len(args) == 1 and hashes_by_address(args[0]) and (told or self._asked or _keeps(frame)):
            self._check(self._kind, self._what, (), frame)
        if not told:
            return self.__wrapped__(*args, **kwargs)
        self._asked += 1
        try:
            return self.__wrapped__(*args, **kwargs)
        finally:
            self._asked -= 1


def _keeps(frame: FrameType) -> bool:
    from .hash_methods import keeps  # nothing is imported before the covers are in place that could do without

    return keeps(frame.f_code, frame.f_lasti)


def hashes_by_address(obj: object) -> bool:
    """Whether the hash of `obj` differs from process to process, or nobody knows that it does not. Types in C are known by name; a
    `__hash__` of the program's tells by what it calls, unless it asks for another `__hash__`, and of a library's some are known."""
    kind = type(obj)
    if kind in _PLAIN:  # most are
        return False
    hashing = type.__getattribute__(kind, "__hash__")
    if obj is None or hashing is object.__hash__:
        return True
    if hashing is tuple.__hash__ or hashing is frozenset.__hash__:
        return any(map(hashes_by_address, (tuple if isinstance(obj, tuple) else frozenset).__iter__(obj)))  # type: ignore[arg-type]
    if type(hashing) is FunctionType:
        if "__hash__" in hashing.__code__.co_names:
            return True
        home = str(hashing.__globals__.get("__name__", ""))
        is_library = home.partition(".")[0] in sys.stdlib_module_names or "site-packages" in hashing.__code__.co_filename
        return is_library and home not in _BY_VALUE_IN_PYTHON
    owner = getattr(hashing, "__objclass__", None)
    return owner is not None and f"{owner.__module__}.{owner.__name__}" not in _BY_VALUE and owner.__module__ != "numpy"


_PLAIN = frozenset({int, str, float, bytes, bool, complex})
_BY_VALUE = frozenset(
    f"builtins.{name}" for name in ("int", "float", "complex", "str", "bytes", "range", "memoryview", "slice")
) | frozenset(
    {*("datetime.date", "datetime.time", "datetime.datetime", "datetime.timedelta", "datetime.timezone"), "decimal.Decimal", "re.Pattern"}
)
_BY_VALUE_IN_PYTHON = frozenset(
    {"enum", "fractions", "_pydecimal", "_pydatetime", "uuid", "pathlib", "pathlib._local", "ipaddress", "numbers", "weakref"}
)


class Cover:
    """What to cover in one module: everything but `harmless`, or `only` those names; `kinds` overrules `kind`."""

    __slots__ = ("kind", "kinds", "harmless", "only", "shown_as")

    def __init__(self, kind: str, *, kinds: dict[str, str] | None = None, harmless: str = "", only: str = "", shown_as: str = "") -> None:
        self.kind, self.kinds, self.shown_as = kind, kinds or {}, shown_as
        self.harmless, self.only = frozenset(harmless.split()), frozenset(only.split())

    def names(self, module: ModuleType) -> list[str]:
        if self.only:
            return [name for name in vars(module) if name in self.only]
        return [name for name, value in vars(module).items() if name not in self.harmless and _is_function(value)]


def _is_function(value: object) -> bool:
    return callable(value) and not isinstance(value, type) and type(value).__name__ == "builtin_function_or_method"


def _kinds(**names: str) -> dict[str, str]:
    """{"descriptors": "read write"} turned round: {"read": "descriptors", "write": "descriptors"}."""
    return {name: kind for kind, listed in names.items() for name in listed.split()}


_POSIX = Cover(
    "files",
    shown_as="os",
    kinds=_kinds(
        descriptors="read write pread preadv pwrite pwritev readv writev sendfile splice copy_file_range close closerange"
        " dup dup2 pipe pipe2 fstat fsync fdatasync isatty ttyname lseek get_blocking set_blocking get_inheritable set_inheritable"
        " get_terminal_size openpty login_tty memfd_create eventfd eventfd_read eventfd_write timerfd_create timerfd_gettime"
        " timerfd_gettime_ns timerfd_settime timerfd_settime_ns posix_fadvise posix_fallocate ftruncate fpathconf fstatvfs tcgetpgrp"
        " tcsetpgrp device_encoding posix_openpt grantpt unlockpt ptsname fchmod fchown lockf",
        subprocess="posix_spawn posix_spawnp system wait wait3 wait4 waitid waitpid pidfd_open",
        processes="times fork forkpty execv execve kill killpg nice getpriority setpriority register_at_fork getlogin"
        " getpgid getpgrp getsid setsid setpgid setpgrp setuid seteuid setreuid setresuid setgid setegid setregid setresgid"
        " setgroups initgroups sched_getaffinity sched_setaffinity"
        " sched_getparam sched_setparam sched_getscheduler sched_setscheduler sched_rr_get_interval setns unshare",
        cwd="getcwd getcwdb chdir fchdir chroot",
        exit="_exit abort",
        settings="umask",
    ),
    # Pure, or the same on the whole machine, or a clock, or entropy, or the process id (which is not promised).
    # putenv and unsetenv raise events, and those tell os.environ from a direct call.
    harmless="fspath urandom getrandom strerror cpu_count sysconf confstr uname ctermid getloadavg major minor makedev"
    " getpid getppid getuid geteuid getgid getegid getgroups getgrouplist getresuid getresgid sched_yield sched_get_priority_max"
    " sched_get_priority_min waitstatus_to_exitcode WCOREDUMP WEXITSTATUS WIFCONTINUED WIFEXITED WIFSIGNALED WIFSTOPPED WSTOPSIG"
    " WTERMSIG _path_normpath _path_splitroot_ex _path_splitroot _is_inputhook_installed _inputhook putenv unsetenv",
)

COVERS: dict[str, Cover] = {
    "builtins": Cover("identity", only="hash"),
    "posix": _POSIX,
    "_signal": Cover("signals", shown_as="signal", harmless="default_int_handler strsignal valid_signals"),
    "_thread": Cover(
        "threads",
        only="start_new_thread start_new start_joinable_thread interrupt_main stack_size",
    ),
    "sys": Cover(
        "settings",
        # sys.settrace, setprofile and addaudithook raise events.
        only="setrecursionlimit setswitchinterval setdlopenflags set_int_max_str_digits set_coroutine_origin_tracking_depth"
        " activate_stack_trampoline deactivate_stack_trampoline _setprofileallthreads _settraceallthreads"
        " getrefcount getallocatedblocks _debugmallocstats",
        kinds=_kinds(introspection="getrefcount getallocatedblocks _debugmallocstats"),
    ),
    "atexit": Cover("exit"),
    "_locale": Cover(
        "locale", shown_as="locale", only="setlocale bindtextdomain bind_textdomain_codeset textdomain gettext dgettext dcgettext"
    ),
    "gc": Cover("settings", only="enable disable set_debug set_threshold freeze unfreeze"),
    "time": Cover(
        "settings",
        only="tzset clock_settime clock_settime_ns process_time process_time_ns thread_time thread_time_ns clock_gettime clock_gettime_ns",
        kinds=_kinds(processes="process_time process_time_ns thread_time thread_time_ns clock_gettime clock_gettime_ns"),
    ),
    "_codecs": Cover("settings", only="register unregister register_error _unregister_error"),
    "_abc": Cover("settings", only="_abc_register _reset_registry _reset_caches"),
    "_tracemalloc": Cover("settings"),
    "faulthandler": Cover("signals"),
    "select": Cover("descriptors", only="select poll epoll kqueue devpoll"),
    "fcntl": Cover("descriptors"),
    "termios": Cover("descriptors"),
    "resource": Cover("processes", harmless="getpagesize"),
    "_socket": Cover(
        "network",
        shown_as="socket",
        harmless="CMSG_LEN CMSG_SPACE htonl htons ntohl ntohs inet_aton inet_ntoa inet_ntop inet_pton getdefaulttimeout",
    ),
    "_posixsubprocess": Cover("subprocess"),
    "_multiprocessing": Cover("processes", only="SemLock sem_unlink"),
    "_posixshmem": Cover("processes"),
    "_xxsubinterpreters": Cover("threads"),
    "_xxinterpchannels": Cover("threads"),
    "_interpreters": Cover("threads"),
    "_interpchannels": Cover("threads"),
    "_interpqueues": Cover("threads"),
    "syslog": Cover("network", harmless="LOG_MASK LOG_UPTO"),
    "readline": Cover("stdin"),
    "_curses": Cover("descriptors"),
    "_tkinter": Cover("other", only="create"),
    "_dbm": Cover("files"),
    "_gdbm": Cover("files"),
    "_ssl": Cover("files", only="get_default_verify_paths RAND_add"),
    "nis": Cover("network"),
    "spwd": Cover("files"),
    "ossaudiodev": Cover("files"),
}


def _only_asks(*args: object, **kwargs: object) -> bool:
    """`setlocale(LC_ALL)`, `setlocale(LC_ALL, None)`, `textdomain(None)`, `stack_size()` change nothing."""
    return not kwargs and (not args or args[-1] is None or (len(args) == 1 and type(args[0]) is int))


def _only_asks_size(*args: object, **kwargs: object) -> bool:
    return not args and not kwargs


def _of_the_machine(*args: object, **kwargs: object) -> bool:
    """Not the clocks CLOCK_PROCESS_CPUTIME_ID and CLOCK_THREAD_CPUTIME_ID, nor that of another process."""
    return len(args) == 1 and type(args[0]) is int and args[0] >= 0 and args[0] not in (2, 3)


_HARMLESS_CALLS: dict[str, Callable[..., bool]] = {
    **dict.fromkeys(("time.clock_gettime", "time.clock_gettime_ns"), _of_the_machine),
    "locale.setlocale": _only_asks,
    "locale.textdomain": _only_asks,
    "_thread.stack_size": _only_asks_size,
}


def _cover(module: ModuleType, check: Check) -> dict[int, Effect]:
    """Covers one module; returns the covers by the id of the function that each stands for."""
    cover = COVERS[module.__name__]
    prefix = cover.shown_as or module.__name__
    replaced: dict[int, Effect] = {}
    for name in cover.names(module):
        original = getattr(module, name)
        if issubclass(type(original), Effect):  # a module that is initialised twice
            continue
        what = f"{prefix}.{name}"
        effect = (Hash if original is hash else Effect)(original, cover.kinds.get(name, cover.kind), what, check)
        setattr(module, name, effect)
        replaced[id(original)] = effect
    return replaced


def _rebind(replaced: dict[int, Effect]) -> None:
    """Gives the covers to modules that bound an original earlier, as `os` does with all of `posix`."""
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", None)
        if type(names) is not dict:
            continue
        for name, value in list(names.items()):
            effect = replaced.get(id(value))
            if effect is not None and effect.__wrapped__ is value and not name.startswith("_faasify_"):
                names[name] = effect


def cover_modules(check: Check) -> None:
    """Covers what is loaded and everything that will be; `check(kind, what, args, frame)` returns or ends the process."""
    replaced: dict[int, Effect] = {}
    for name in COVERS:
        module = sys.modules.get(name)
        if module is not None:
            replaced.update(_cover(module, check))
    _rebind(replaced)
    _cover_after("exec_builtin", check)
    _cover_after("exec_dynamic", check)


def _cover_after(loader: str, check: Check) -> None:
    """Importlib loads C modules through two functions of `_imp`, which it looks up each time."""
    original: Callable[[ModuleType], int] = getattr(_imp, loader)

    def load(module: ModuleType) -> int:
        result = original(module)
        if getattr(module, "__name__", None) in COVERS:
            _cover(module, check)
        return result

    load.__name__ = load.__qualname__ = loader
    setattr(_imp, loader, load)
