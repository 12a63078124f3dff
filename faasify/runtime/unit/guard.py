"""The guard: a call in a unit that is about to have an effect that cannot be carried ends before the effect.

Two trip-wires, an audit hook for what CPython announces and covers for what it does not (`wrappers`), lead to one
judge. It lets through what is harmless, what the user allowed by name and what the standard library does by itself
(`callers`), and ends everything else by `abort(kind, what)`. Nothing is ever raised: the program could swallow it (G1).

    install(("/home/me/app",))                      # once in the zygote, first of all
    arm(abort, allow=frozenset(), program_files=files)
    value = function(*args)                         # open("x", "w") in here: abort("files", "open 'x'"), no file
    disarm()
"""

from __future__ import annotations

import gc
import os
import sys

from . import callers, logs, pauses, wrappers
from .events import FRAME_ATTRIBUTES, HARMLESS, kind_of
from .settings import Settings, changed_settings, snapshot_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import NoReturn

    Abort = Callable[[str, str], NoReturn]

__all__ = [
    "Armed",
    "Settings",
    "arm",
    "arm_again",
    "changed_settings",
    "disarm",
    "effects_happened",
    "install",
    "prepared",
    "settle",
    "snapshot_settings",
]

_getframe = sys._getframe
_faasify_exit, _faasify_disable, _faasify_limit = os._exit, gc.disable, sys.setrecursionlimit  # kept when `install` covers them


class Armed:
    """What is in force during one call."""

    __slots__ = ("abort", "allow", "effects", "announce")

    def __init__(self, abort: Abort, allow: frozenset[str], announce: Callable[[], None] | None) -> None:
        self.abort, self.allow, self.announce = abort, allow, announce
        self.effects = False  # whether an allowed effect has gone ahead

    def effect(self) -> None:
        """An allowed effect goes ahead. Before the first one the caller is told, who must not run the call again from here on."""
        if not self.effects:
            self.effects = True
            if self.announce is not None:
                self.announce()


_armed: Armed | None = None
_latest: Armed | None = None  # remains when it is disarmed
_origins: callers.Origins | None = None


def install(program_roots: tuple[str, ...]) -> None:
    """Sets the trip-wires, once for a process and all that it forks; they do nothing until `arm`.

    First of all in the zygote: libraries that are imported later bind the covers. Modules below `program_roots` are
    the program's.
    """
    global _origins
    if _origins is not None:
        raise RuntimeError("the guard is installed already")
    _origins = callers.Origins(tuple(os.path.abspath(root) for root in program_roots))
    sys.dont_write_bytecode = True
    wrappers.cover_modules(_check)
    settle()
    sys.addaudithook(_hook)


def settle() -> None:
    """Covers `logging`, `warnings` and `asyncio` once they are imported. To be called after the zygote's imports; `arm` does it too."""
    logs.cover(_check)
    pauses.cover(_check)


def arm(
    abort: Abort,
    *,
    allow: frozenset[str] = frozenset(),
    program_files: frozenset[str] = frozenset(),
    announce: Callable[[], None] | None = None,
) -> None:
    """From here to `disarm` a forbidden effect calls `abort(kind, what)`, which must end the process.

    `allow` holds kinds ("files") or names of single effects ("os.getcwd"); `program_files` the `co_filename`s of the
    program's code. `announce()` is called before the first effect that goes ahead because its kind is allowed.
    """
    global _armed, _latest
    if _origins is None:
        raise RuntimeError("the guard is not installed")
    _origins.use(program_files)
    settle()
    _armed = _latest = Armed(abort, allow, announce)


def prepared(abort: Abort, *, allow: frozenset[str] = frozenset(), announce: Callable[[], None] | None = None) -> Armed:
    """For `arm_again`."""
    return Armed(abort, allow, announce)


def arm_again(armed: Armed) -> None:
    """As `arm`, which was called before, for code that imports nothing."""
    global _armed, _latest
    armed.effects = False
    _armed = _latest = armed


def effects_happened() -> bool:
    """Whether the current call, or the last one, has had an effect that the user allowed: then it must not be run again."""
    return _latest is not None and _latest.effects


def disarm() -> None:
    global _armed
    _armed = None


def _hook(event: str, args: tuple[object, ...]) -> None:
    """The audit hook. Called for every event of the process, so the common answers come first."""
    armed = _armed
    if armed is None or event in HARMLESS:
        return
    if event == "object.__getattr__" and args[1] not in FRAME_ATTRIBUTES:
        return
    if event == "sys._getframe" and args[0].f_code.co_filename in callers.GUARD_FILES:  # type: ignore[attr-defined]
        return  # this hook and the covers look for who called them
    _judge(armed, kind_of(event, args), event, args if event != "builtins.id" else (), _getframe())


def _check(kind: str, what: str, args: tuple[object, ...], frame: FrameType) -> None:
    """What the covers call."""
    armed = _armed
    if armed is not None:
        _judge(armed, kind, what, args, frame)


def _judge(armed: Armed, kind: str, what: str, args: tuple[object, ...], frame: FrameType) -> None:
    """Returns when the effect may go ahead. An accident in here (no stack left) must not look like the program's own."""
    try:
        verdict = _verdict(armed, kind, what, args, frame)
    except BaseException:
        verdict = kind
    if verdict:
        _end(armed, verdict, _told(what, args))


def _verdict(armed: Armed, kind: str, what: str, args: tuple[object, ...], frame: FrameType) -> str:
    """The kind of effect that has to be stopped, "" for none."""
    asker = callers.asker(frame)
    assert _origins is not None
    if asker is None:
        return kind
    if what == "import":
        return kind if callers.imports_program(str(args[0]), args[1], _origins) else ""
    if kind in armed.allow or what in armed.allow:
        if kind in armed.allow:
            armed.effect()
        return ""
    if what == "open" and _origins.below_root(args[0]) and callers.Chain(asker, _origins).loads():
        return "import"
    if callers.permitted(what, args, asker, _origins) or callers.serves(kind, armed.allow, asker, _origins):
        return ""
    return kind


def imports_program(name: str, *, last: bool = False) -> bool:
    """Whether a module that is to be imported is the program's; `last`: no library has that name."""
    return _origins is not None and callers.imports_program(name, None, _origins, callers.ALL_ENDS if last else callers.MODULE_ENDS)


def _told(what: str, args: tuple[object, ...]) -> str:
    """What to tell the user: the effect and what it was about, if that is plain. "open 'out.txt'" """
    if args and type(args[0]) in (str, bytes, int):
        return f"{what} {args[0]!r}"[:200]
    return what


def _end(armed: Armed, kind: str, what: str) -> NoReturn:
    """Hands over to `abort`. No `__del__` of the program may run unguarded meanwhile: no collection, no unwinding."""
    try:
        _faasify_disable()
        _faasify_limit(sys.getrecursionlimit() + 200)
        disarm()
        armed.abort(kind, what)
    finally:
        _faasify_exit(70)
