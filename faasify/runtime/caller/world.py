"""The codec's world in the user's process: modules as they get loaded, code of the rewritten program, tracebacks to attach."""

from __future__ import annotations

import sys
from types import CodeType, ModuleType, TracebackType
from typing import Any

from faasify.runtime.caller import tracebacks
from faasify.runtime.caller.by_identity import compared
from faasify.runtime.unit.callstack import ASKS
from faasify.runtime.unit.codec import CodecError
from faasify.runtime.unit.codes import hands_out_code, names_in, spells_hash
from faasify.runtime.unit.kinds import module_of
from faasify.runtime.unit.world import ANNOTATION_READERS, ProcessWorld, may_copy_deeply

# Code that names these may see the weak references and the plain values that a base keeps.
COUNTS_REFERENCES = frozenset({"getrefcount", "getweakrefcount", "getweakrefs", "get_referrers", "get_objects"})

# Up to 3.12, code that names these may have the very dict in which we look at the variables of a frame (guesses.py).
SHOWS_LOCALS = frozenset({"f_locals", "getargvalues", "locals"}) if sys.version_info < (3, 13) else frozenset()

CODE_READERS = frozenset({"dis", "marshal"})  # of the library

# Of the library: what may run code of the program while a function runs that does not call that code.
_RUN_BESIDE = frozenset({"threading", "_thread", "concurrent", "multiprocessing", "asyncio", "signal", "gc", "weakref"})

# Code that names these may look at the frames below the function that it is called by.
_FRAME_READERS = ASKS | {
    *("_getframe", "_getframemodulename", "currentframe", "getouterframes", "f_back", "findCaller"),
    *("extract_stack", "format_stack", "print_stack", "walk_stack"),
}

# Code that names one of these and one of those may look at what a frame that was made for a traceback (tracebacks.py) does not have.
_FRAMES_OF_TRACEBACKS = frozenset({"tb_frame", "walk_tb", "getinnerframes"})
_INSIDE_FRAMES = frozenset(
    {"f_locals", "f_back", "f_lasti", "tb_lasti", "getargvalues", "getsource", "getsourcelines", "co_firstlineno", "__code__"}
    | {"co_argcount", "co_code", "co_consts", "co_flags", "co_lines", "co_names", "co_positions", "co_qualname", "co_varnames"}
)
_SHOW_VARIABLES = frozenset({"capture_locals", "tb_locals"})  # keywords of traceback's and unittest's


def _reads_limit(code: CodeType) -> bool:
    """Whether it may read the recursion limit when it is called; a module's own code runs once, and where it is imported."""
    return "getrecursionlimit" in names_in(code) and code.co_name != "<module>"


def _has_keywords(code: CodeType, wanted: frozenset[str] = ASKS) -> bool:
    return any(type(const) is tuple and not wanted.isdisjoint(name for name in const if type(name) is str) for const in code.co_consts)


class CallerWorld(ProcessWorld):
    """As `ProcessWorld`; `bindings` are asked for the key of a trampoline."""

    binary = True

    def __init__(self, manifest: dict[str, Any]) -> None:
        super().__init__(manifest)
        self._stale = True
        self.version = 0  # of modules and code
        self.reads_limit = False
        self.reads_limit_beside = False  # while a function runs that is not seen to call what reads it
        self._methods_read_limit = bool(manifest.get("limit", True))
        self.extends_codecs = False
        self.spells_hash = False  # some code of the program has the text `__hash__`
        self.compared = compared(())
        self.asks_callers = False  # some code may name the frames below the function that it is called by (callstack.py)
        self.hands_out_code = False  # a trampoline is code, which could be given to another function
        self.tells_of_ends = "weakref" in self.imports  # of objects: to the program
        self.shows_locals = False
        self.looks_into_frames = False  # those of tracebacks
        self.keeps_bases = True  # nothing of the program would notice
        self.originals = {"stdin": sys.stdin, "stdout": sys.stdout, "stderr": sys.stderr}
        self._expected = {m["import_name"] for m in manifest["modules"].values()}

    def add(self, name: str, module: ModuleType, code: CodeType, plain: CodeType | None = None) -> None:
        """A module of the program is about to run; `plain` is its code without stubs, where that differs."""
        self.loading(name, module)
        self.codes.add(name, code, plain)
        self._stale = True

    def loading(self, name: str, module: ModuleType) -> None:
        """A module object of the program, which may not have its code yet."""
        self.modules[name] = module
        self.version += 1

    def forget(self) -> None:
        """Let go of the program's objects. New dicts, because a daemon thread may be in a call."""
        self.modules, self.originals, self._refs = {}, {}, {}

    def refresh(self) -> None:
        """Take note of what the modules loaded since say about themselves."""
        if self._stale:
            self._stale = False
            names = self.codes.every_name()
            self.inspects_annotations = bool(names & ANNOTATION_READERS)
            self.copies_deeply = may_copy_deeply(self, names)
            self.spells_hash = spells_hash(self.codes.every_code())
            self.extends_codecs = "register_error" in names or ("register" in names and "codecs" in self.imports)
            self.hands_out_code = (
                "getclosurevars" in names or bool(self.imports & CODE_READERS) or any(map(hands_out_code, self.codes.every_code()))
            )
            self.reads_limit = "getrecursionlimit" in names
            self.reads_limit_beside = self._methods_read_limit or (
                bool(self.imports & _RUN_BESIDE) and any(map(_reads_limit, self.codes.every_code()))
            )
            self.compared = compared(self.codes.every_code())
            readers = _FRAME_READERS | ({"stack"} if "inspect" in self.imports else set())
            self.asks_callers = bool(names & readers) or any(map(_has_keywords, self.codes.every_code()))
            self.shows_locals = bool(names & SHOWS_LOCALS)
            of_tracebacks = _FRAMES_OF_TRACEBACKS | ({"trace"} if "inspect" in self.imports else set())
            self.looks_into_frames = (
                bool(names & of_tracebacks and names & _INSIDE_FRAMES)
                or "cgitb" in self.imports
                or any(_has_keywords(code, _SHOW_VARIABLES) for code in self.codes.every_code())
            )
            self.keeps_bases = not names & COUNTS_REFERENCES

    def is_program_class(self, cls: type) -> bool:
        return module_of(cls) in self._expected

    def streams(self) -> dict[str, Any]:
        return self.originals

    def check_frames(self, frames: list[Any] | None) -> None:
        if frames and self.looks_into_frames:
            raise CodecError("frames of an exception, whose variables the program may look at")

    def attach_frames(self, exc: BaseException, frames: list[Any] | None, rest: TracebackType | None = None) -> None:
        tracebacks.attach(exc, frames, {name: vars(module) for name, module in self.modules.items()}, rest)
