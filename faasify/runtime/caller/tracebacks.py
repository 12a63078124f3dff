"""The user's frames of a call that raised elsewhere, as a real traceback (E2).

A traceback needs frame objects. Each is made by running two instructions that raise, under the name, file and position of the frame that
it stands for, in the globals of its module. This is the technique of tblib, the library for it. That one is not used because it does not
keep columns, so that the marks under an expression would not be the original's (https://github.com/ionelmc/python-tblib/issues/76), and
because it would have to be there wherever a rewritten program runs.
"""

from __future__ import annotations

import builtins
import os
import sys
from collections.abc import Iterator
from types import CodeType, FrameType, FunctionType, ModuleType, TracebackType
from typing import Any

from faasify.runtime.unit.callstack import is_stand_in
from faasify.runtime.unit.codes import stands_for
from faasify.runtime.unit.kinds import get_field, set_field
from faasify.runtime.unit.positions import at_line
from faasify.runtime.unit.world import RUNTIME

_LIBRARY = ("<frozen ", os.path.dirname(os.__file__) + os.sep)
_OURS = (RUNTIME, RUNTIME.removesuffix("runtime/") + "localcloud/")  # a Ctrl-C may come while a call waits for its worker
_SUSPENDS = 0x20 | 0x80 | 0x200  # generators, coroutines: to clear one would end it


class _Frame(Exception):
    pass


_RAISE = compile("raise 0", "", "exec")
_RAISE = _RAISE.replace(co_consts=tuple(_Frame if c == 0 else c for c in _RAISE.co_consts))  # raises without looking a name up


def attach(exc: BaseException, rows: list[Any] | None, spaces: dict[str, dict[str, Any]], rest: TracebackType | None = None) -> None:
    """Give `exc` the traceback that `rows` describe, outermost first, and then `rest`; `spaces` are module globals by import name."""
    if rows is None:
        return
    tb = rest
    for key, file, name, line, end_line, col, end_col in reversed(rows):
        module = key.partition(":")[0] if key else ""
        space = spaces.get(module) or _library_space(file) or {"__name__": module, "__file__": file, "__builtins__": vars(builtins)}
        tb = _entry(file, name, line, end_line, col, end_col, space, tb)
    set_field(exc, "__traceback__", tb)


def _library_space(file: str) -> dict[str, Any] | None:
    """Globals of the module that was loaded from `file`. What prints tracebacks may tell by them whose frame it is (`__unittest`)."""
    for module in list(sys.modules.values()):
        if issubclass(type(module), ModuleType):
            space: dict[str, Any] = object.__getattribute__(module, "__dict__")  # past the hooks of one that is loaded lazily
            if space.get("__file__") == file and "__builtins__" in space:
                return space
    return None


def _entry(
    file: str, name: str, line: int, end_line: Any, col: Any, end_col: Any, space: dict[str, Any], inner: TracebackType | None
) -> TracebackType:
    code = _RAISE.replace(
        co_filename=file,
        co_name=name,
        co_qualname=name,
        co_firstlineno=max(line, 0),
        co_linetable=at_line(_RAISE, line, end_line, col, end_col),
    )
    try:
        exec(code, space)
    except _Frame as e:
        raised = e.__traceback__
    assert raised is not None and raised.tb_next is not None
    frame = raised.tb_next
    return TracebackType(inner, frame.tb_frame, frame.tb_lasti, line)


def forget_ours(exc: BaseException) -> None:
    """The frames in its tracebacks were made by calls of ours, which have ended and to which they lead back: what those held is let go of,
    so that arguments die with the exception and not at the next collection."""
    todo, seen = list[BaseException | None]([exc]), set[int]()
    while todo:
        found = todo.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        todo += [get_field(found, "__cause__"), get_field(found, "__context__")]
        tb: TracebackType | None = get_field(found, "__traceback__")
        while tb is not None:
            _clear(tb.tb_frame.f_back)
            tb = tb.tb_next


def _clear(frame: FrameType | None) -> None:
    while frame is not None and frame.f_code.co_filename.startswith(_OURS):
        if not frame.f_code.co_flags & _SUSPENDS:
            try:
                frame.clear()
            except RuntimeError:  # it is running: a call that the program's code makes on its way
                return
        frame = frame.f_back


def is_ours(exc: BaseException) -> bool:
    """Whether an exception was raised by faasify's own code, or by the standard library on its behalf: no code of anybody else is in it."""
    tb = get_field(exc, "__traceback__")
    while tb is not None:
        file = tb.tb_frame.f_code.co_filename
        if not file.startswith(_OURS) and (not file.startswith(_LIBRARY) or "site-packages" in file):
            return False
        tb = tb.tb_next
    return True


def _is_between(code: CodeType) -> bool:
    """Whether a frame with this code is none of the program's: ours, a stub's, or one that looks like a caller's."""
    return code.co_filename.startswith(_OURS) or is_stand_in(code) or stands_for(code) is not None


def _shown(frame: FrameType | None) -> Iterator[tuple[FrameType, int]]:
    while frame is not None:
        if not _is_between(frame.f_code):
            yield frame, frame.f_lineno
        frame = frame.f_back


# The frame that the first asks for is found from where it is resumed: it has to be the library's own generator.
_WALK = compile("def walk_stack(f): return ('original' if f is None else 'shown')(f)", "", "exec").co_consts[0]


def hide_from_walks() -> None:
    """Have `traceback.walk_stack` leave frames that are none of the program's out: the library prints stacks without being asked by name
    (a log record that does not fit its arguments, `stack_info=True`)."""
    module = sys.modules.get("traceback")
    walk = getattr(module, "walk_stack", None)
    if type(walk) is not FunctionType or walk.__code__.co_names == _WALK.co_names or walk.__globals__ is not vars(module):
        return
    stands_in = {"original": FunctionType(walk.__code__, walk.__globals__), "shown": _shown}
    walk.__code__ = _WALK.replace(
        co_filename=walk.__code__.co_filename,
        co_firstlineno=walk.__code__.co_firstlineno,
        co_consts=tuple(stands_in.get(c, c) if type(c) is str else c for c in _WALK.co_consts),
    )


def begin_at(exc: BaseException, code: CodeType) -> None:
    """Have the interpreter show the traceback of `exc`, which ends the program, from the entry of that code on, as called by the first."""
    show, first = sys.excepthook, sys._getframe()
    while first.f_back is not None:
        first = first.f_back
    at, line = _call_in(first.f_code, code.co_name)  # not in the hook: an import there would make the interpreter forget a Ctrl-C

    def shorter(kind: type[BaseException], value: BaseException, tb: TracebackType | None) -> None:
        sys.excepthook, found = show, tb
        while found is not None and found.tb_frame.f_code is not code:
            found = found.tb_next
        if value is exc and found is not None:
            tb = value.__traceback__ = TracebackType(found, first, at, line)
        show(kind, value, tb)

    sys.excepthook = shorter


def _call_in(code: CodeType, name: str) -> tuple[int, int]:
    """Where `code` calls the global of that name: offset and line."""
    import dis

    named = False
    for step in dis.get_instructions(code):
        named = named or step.argval == name
        if named and step.opname.startswith("CALL") and step.positions is not None:
            return step.offset, step.positions.lineno or code.co_firstlineno
    return 0, code.co_firstlineno


def strip(tb: TracebackType | None) -> TracebackType | None:
    """`tb` without its leading entries that are faasify's."""
    while tb is not None and _is_between(tb.tb_frame.f_code):
        tb = tb.tb_next
    return tb
