"""Who asks: effects that the standard library has by itself are told from the program's by the frames that call (G3).

program -> json -> importlib -> os.stat             reading inside an import: the library's own
program -> traceback -> linecache -> open           source lines for a traceback: the library's own
program -> posixpath -> os.stat                     the program's
program -> collections.namedtuple -> sys._getframe  the library's own
program -> inspect.stack -> sys._getframe           the program's
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import all_suffixes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

_PACKAGE = os.path.dirname(__file__) + os.sep
GUARD_FILES = frozenset(_PACKAGE + name for name in ("guard.py", "wrappers.py", "callers.py", "logs.py", "pauses.py", "stack.py"))
_STDLIB = os.path.dirname(os.__file__) + os.sep
_SITE = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)

# No change: what they tell is the same on the whole machine, and the library that asks uses it to find its own files.
READS = frozenset(
    {"open", "os.open", "os.close", "os.read", "os.lseek", "os.stat", "os.lstat", "os.fstat", "os.access", "os.readlink"}
    | {"os.listdir", "os.scandir", "os.getcwd"}
)
# What modules of libraries do while they are imported, and only then.
_AT_IMPORT = frozenset(
    {"atexit.register", "os.register_at_fork", "_codecs.register", "_codecs.register_error", "_abc._abc_register"}
    | {"ctypes.dlopen", "ctypes.dlsym", "ctypes.dlsym/handle", "sys.getrefcount", "_thread.stack_size", "readline.set_completer"}
)
# Libraries that read files which belong to them (or the source lines of a traceback).
_READERS = frozenset({"traceback", "warnings", "zoneinfo", "zoneinfo._common", "zoneinfo._tzpath"})
_HAND_OUT_FRAMES = frozenset({"inspect", "traceback"})
_SERVANTS = {"files", "network", "subprocess"}


class Origins:
    """Tells program files from library files. A file that is neither counts as the program's: deny by default."""

    __slots__ = ("roots", "program_files", "_known")

    def __init__(self, roots: tuple[str, ...]) -> None:
        self.roots = tuple(os.path.join(root, "") for root in roots)
        self.program_files: frozenset[str] = frozenset()
        self._known: dict[str, bool] = {}

    def use(self, program_files: frozenset[str]) -> None:
        if program_files is not self.program_files:
            self.program_files = program_files
            self._known.clear()

    def is_program(self, frame: FrameType) -> bool:
        name = frame.f_code.co_filename
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = name in self.program_files or not self._is_library(name)
        return known

    def _is_library(self, name: str) -> bool:
        return name.startswith(("<frozen ", _STDLIB, _PACKAGE)) or any(site in name for site in _SITE)

    def below_root(self, path: object) -> bool:
        """Whether the file belongs to the program: below a root, yet not of an environment that lies there too."""
        return type(path) is str and any(path.startswith(root) and not _is_foreign(path, root) for root in self.roots)


def _is_foreign(path: str, root: str) -> bool:
    """Whether an environment between the root and the file holds it. A program can itself be installed in one."""
    return (path.startswith(_STDLIB) and not root.startswith(_STDLIB)) or any(site in path[len(root) - 1 :] for site in _SITE)


def asker(frame: FrameType) -> FrameType | None:
    """The innermost frame that is not the guard's own."""
    found: FrameType | None = frame
    while found is not None and found.f_code.co_filename in GUARD_FILES:
        found = found.f_back
    return found


def is_runtime(frame: FrameType) -> bool:
    """Whether the runtime itself asks: a module of this package other than the guard."""
    return is_runtime_file(frame.f_code.co_filename)


def is_runtime_file(name: str) -> bool:
    return name.startswith(_PACKAGE)


class Chain:
    """The library frames between an effect and the program frame that caused it, innermost first."""

    __slots__ = ("modules", "functions", "in_import")

    def __init__(self, frame: FrameType, origins: Origins) -> None:
        self.modules: list[str] = []
        self.functions: list[str] = []
        self.in_import = False
        walker: FrameType | None = frame
        while walker is not None and not origins.is_program(walker):
            self.modules.append(str(walker.f_globals.get("__name__")))
            self.functions.append(walker.f_code.co_name)
            if walker.f_code.co_name == "_find_and_load" and walker.f_code.co_filename == "<frozen importlib._bootstrap>":
                self.in_import = True
                break
            walker = walker.f_back

    @property
    def entry(self) -> str:
        """The library module that the program called; "" when the program itself has the effect."""
        return self.modules[-1] if self.modules else ""

    def loads(self) -> bool:
        """Whether the file is read in order to be imported."""
        return self.in_import and self.modules[0].startswith(("importlib._bootstrap", "_frozen_importlib", "zipimport"))

    def reads_its_own(self) -> bool:
        if self.in_import or not _READERS.isdisjoint(self.modules):
            return True
        return "gettext" in self.modules and self.entry != "gettext"  # argparse asks for its translations


def permitted(what: str, args: tuple[object, ...], frame: FrameType, origins: Origins) -> bool:
    """Whether the standard library or the runtime itself has this effect. `frame` is the asker's."""
    if is_runtime(frame):
        return True
    if what in ("builtins.hash", "builtins.id"):
        return not origins.is_program(frame)  # the library tells nobody
    if what in ("os.putenv", "os.unsetenv"):
        return frame.f_globals is vars(os)
    if what in ("sys._getframe", "sys._getframemodulename", "object.__getattr__"):
        return _frame_stays_inside(what, args, Chain(frame, origins))
    if what in READS:
        return _is_read(what, args) and (_is_time_zone(what, args) or Chain(frame, origins).reads_its_own())
    if what == "time.tzset":
        return frame.f_globals.get("__name__") == "_strptime"  # to see the zone that os.environ names; compared after the call
    if what in _AT_IMPORT:
        return Chain(frame, origins).in_import
    return False


def serves(kind: str, allow: frozenset[str], frame: FrameType, origins: Origins) -> bool:
    """Whether a library uses descriptors for an effect that the user allowed by name (subprocess reads its pipes)."""
    return kind == "descriptors" and not _SERVANTS.isdisjoint(allow) and not origins.is_program(frame)


def _is_read(what: str, args: tuple[object, ...]) -> bool:
    if what == "open":  # (path, mode, flags)
        return isinstance(args[2], int) and args[2] & (os.O_ACCMODE | os.O_CREAT | os.O_TRUNC) == os.O_RDONLY
    if what == "os.open":  # called with (path, flags, ...)
        return len(args) > 1 and isinstance(args[1], int) and args[1] & (os.O_ACCMODE | os.O_CREAT | os.O_TRUNC) == os.O_RDONLY
    return True


def _is_time_zone(what: str, args: tuple[object, ...]) -> bool:
    """zoneinfo's C code opens its files without a frame of its own."""
    folders = getattr(sys.modules.get("zoneinfo"), "TZPATH", ())  # not there yet while zoneinfo is imported
    return what == "open" and type(args[0]) is str and args[0].startswith(tuple(os.path.join(folder, "") for folder in folders))


def _frame_stays_inside(what: str, args: tuple[object, ...], chain: Chain) -> bool:
    """Whether a library looks at frames for itself (namedtuple, enum, typing) and not on the program's behalf."""
    if not chain.modules:
        return False
    if what == "object.__getattr__":  # traceback.format_exc() reads tb_frame; walk_tb and inspect.trace hand it out
        handed_out = chain.functions[0] == "walk_tb" and len(chain.functions) == 1
        handed_out |= chain.functions[0] == "_compute_suggestion_error"  # goes through its globals, which are not all here (3.12)
        return not handed_out and not set(chain.modules) <= {"inspect"}
    if set(chain.modules) <= _HAND_OUT_FRAMES:
        return False
    return what != "sys._getframe" or not is_runtime(args[0])  # type: ignore[arg-type]  # the frame that is handed out


MODULE_ENDS = (".py", os.sep + "__init__.py")
ALL_ENDS = ("", *all_suffixes())  # a folder without `__init__.py`, and what is compiled


def imports_program(name: str, file: object, origins: Origins, ends: tuple[str, ...] = MODULE_ENDS) -> bool:
    """Whether an import would run a module of the program: its top level is the caller's to run.

    This is asked before the module is looked for, so it looks where the program's modules are.
    """
    if origins.below_root(file):
        return True
    parent, _, last = name.rpartition(".")
    folders = origins.roots
    if parent and parent not in sys.modules:
        last = name.partition(".")[0]  # its packages come first
    elif parent:
        path = getattr(sys.modules[parent], "__path__", ())
        folders = tuple(folder for folder in path if origins.below_root(os.path.join(folder, "")))
    return any(_exists(os.path.join(folder, last + end)) for folder in folders for end in ends)


def _exists(path: str) -> bool:
    try:
        _faasify_stat(path)
    except (OSError, ValueError):
        return False
    return True


_faasify_stat = os.stat  # bound before `install`; the prefix keeps it the original
