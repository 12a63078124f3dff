"""Which audit events (PEP 578) are no effect, and what kind of effect the others are.

Deny by default: an event that is in neither table is of kind "other" and ends the call, so that an effect that a new
version of Python or of a library announces is never missed.

    kind_of("socket.connect", ())           -> "network"
    kind_of("open", ("out.txt", "w", 577))  -> "files"
    kind_of("open", (1, "w", 577))          -> "descriptors"
    kind_of("brand.new", ())                -> "other"
"""

from __future__ import annotations

HARMLESS = frozenset(
    {
        "compile",  # makes a code object; what it does when it runs is seen then
        "exec",  # runs a code object, likewise (also raised for every module that is imported)
        "code.__new__",  # code.replace(), types.CodeType(): values
        "function.__new__",  # types.FunctionType(): a value
        "object.__setattr__",  # f.__code__ = ..., cls.__module__ = ...: state, compared after the call
        "object.__delattr__",  # likewise
        "marshal.loads",  # bytes to value
        "marshal.load",  # likewise, from a file whose opening was seen
        "marshal.dumps",  # value to bytes
        "array.__new__",  # array.array(): a value
        "pickle.find_class",  # looks a name up; the import and the call behind it are seen themselves
        "time.sleep",  # time passes here as it would there
        "sys.unraisablehook",  # prints to sys.stderr, which is captured
        "cpython._PySys_ClearAuditHooks",  # the interpreter ends, as do the next two
        "cpython.PyInterpreterState_Clear",
        "gc.callback",  # never audited by CPython today; the callbacks' own effects are seen
    }
)

FRAME_ATTRIBUTES = frozenset({"tb_frame", "gi_frame", "cr_frame", "ag_frame"})
"""Attributes of "object.__getattr__" events that hand out a frame, whose `f_back` leads out of the unit."""

FRAME_EVENTS = frozenset({"sys._getframe", "sys._getframemodulename", "object.__getattr__"})

ENVIRONMENT_EVENTS = frozenset({"os.putenv", "os.unsetenv"})
"""Raised below `os.environ[...] = ...`, which is carried as state; called directly they are not."""

_KINDS = {
    "import": "import",
    "os.chdir": "cwd",
    "os.system": "subprocess",
    "os.exec": "processes",  # of these three the caller's process would be the subject: no `--allow` covers that
    "os.fork": "processes",
    "os.forkpty": "processes",
    "os.posix_spawn": "subprocess",
    "os.spawn": "subprocess",
    "os.kill": "processes",
    "os.killpg": "processes",
    "os.putenv": "settings",
    "os.unsetenv": "settings",
    "signal.pthread_kill": "signals",
    "builtins.breakpoint": "introspection",
    "builtins.id": "identity",  # values of id() are not promised, but that equal ones are one object's
    "builtins.input": "stdin",
    "builtins.input/result": "stdin",
    "object.__getattr__": "introspection",
    "sys._getframe": "introspection",
    "sys._getframemodulename": "introspection",
    "sys._current_frames": "introspection",
    "sys._current_exceptions": "introspection",
    "cpython.PyInterpreterState_New": "threads",
}

_KINDS_BY_PREFIX = {
    "open": "files",
    "os": "files",
    "glob": "files",
    "pathlib": "files",
    "shutil": "files",
    "tempfile": "files",
    "mmap": "files",
    "sqlite3": "files",
    "dbm": "files",
    "fcntl": "descriptors",
    "subprocess": "subprocess",
    "pty": "subprocess",
    "ensurepip": "subprocess",
    "webbrowser": "subprocess",
    "socket": "network",
    "ftplib": "network",
    "http": "network",
    "imaplib": "network",
    "nntplib": "network",
    "poplib": "network",
    "smtplib": "network",
    "telnetlib": "network",
    "urllib": "network",
    "syslog": "network",
    "ctypes": "ctypes",
    "_thread": "threads",
    "signal": "signals",
    "resource": "processes",
    "gc": "introspection",
    "pdb": "introspection",
    "sys": "settings",
    "setopencodehook": "settings",
}


def kind_of(event: str, args: tuple[object, ...]) -> str:
    """The kind of effect that an audit event announces; "other" for an event that nobody described."""
    if event == "open" and args and type(args[0]) is int:
        return "descriptors"
    return _KINDS.get(event) or _KINDS_BY_PREFIX.get(event.partition(".")[0], "other")
