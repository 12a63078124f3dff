"""Tracebacks of calls that raised elsewhere: the text is the original's, byte for byte."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasify.runtime.caller import tracebacks
from faasify.runtime.unit.loaded import UnitWorld

from .conftest import Build

PROGRAM = """
import sys
class Bad(Exception):
    def __str__(self): return "bad\\nin two lines"

def plain(): return 1 / 0
def lines():
    return [1,
            2][
        plain.missing
    ]
def chained():
    try:
        plain()
    except ZeroDivisionError as e:
        raise Bad(1) from e
def context():
    try:
        chained()
    except Bad:
        {}["k"]
def suppressed():
    try:
        plain()
    except ZeroDivisionError:
        raise KeyError("k") from None
def notes():
    e = ValueError("v")
    e.add_note("one\\ntwo"); e.add_note("three")
    raise e
def groups():
    found = []
    for f in plain, chained, notes:
        try: f()
        except Exception as e: found.append(e)
    raise ExceptionGroup("many", [*found, ExceptionGroup("sub", [OSError(2, "gone", "file")])])
def recursion(n=20):
    if n == 0:
        raise Bad(2)
    return recursion(n - 1)
def mutual(n=9):
    return other(n)
def other(n): return mutual(n - 1) if n else (lambda: [x / 0 for x in (1,)])()
class C:
    @property
    def p(self):
        return self.q
    def method(self):
        return self.p  + 1
def attribute(): return C().method()
def name(): return undefined_name + 1
def almost():
    class_ = C()
    return class_.metod()
def syntax(): exec("x = = 1")
def evaluated(): eval("1 / 0")
def library(): import json; return json.loads("{bad")
def long(): return (1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1) / (0 * 1 * 1 * 1 * 1)
def unicode(): é = "ü"; return é + "日本語" + é + 1 + é
def asserts(): assert plain is None, ("é", 1)
def reraised():
    try: plain()
    except ZeroDivisionError as e: kept = e
    raise kept
def generator():
    def items(): yield 1; yield 1 / 0
    return sum(items())
def exits():
    with open.__class__ if 0 else C() as c: pass
"""
NAMES = [line[4:].partition("(")[0] for line in PROGRAM.splitlines() if line.startswith("def ")]


def chain(e: BaseException | None) -> list[BaseException]:
    """`e` and every exception that it is printed with."""
    found: list[BaseException] = []
    todo = [e]
    while todo:
        e = todo.pop()
        if e is not None and e not in found:
            found.append(e)
            todo += [e.__cause__, e.__context__, *getattr(e, "exceptions", ())]
    return found


def raised(fn: Callable[[], Any]) -> BaseException:
    try:
        fn()
    except Exception as e:
        assert e.__traceback__ is not None
        e.__traceback__ = e.__traceback__.tb_next  # this frame
        return e
    raise AssertionError("nothing was raised")


def text(e: BaseException) -> str:
    return "".join(traceback.format_exception(e))


@pytest.mark.parametrize("name", NAMES)
def test_attached_frames_print_as_the_originals(tmp_path: Path, name: str) -> None:
    file = tmp_path / "app.py"
    file.write_text(PROGRAM, encoding="utf-8")
    space: dict[str, Any] = {"__name__": "__main__", "__file__": str(file)}
    exec(compile(PROGRAM, str(file), "exec"), space)
    unit = UnitWorld({"imports": [], "library": [], "modules": {}})
    e = raised(space[name])
    before = text(e)
    for each in chain(e):
        rows = unit.frames(each)
        each.__traceback__ = None
        tracebacks.attach(each, rows, {})
    assert text(e) == before


def test_every_name_of_the_program_is_tried() -> None:
    assert len(NAMES) == 22


UNITS = [name for name in NAMES if name not in ("other", "library", "syntax", "evaluated", "recursion", "mutual")]


def test_printed_by_the_program(build: Callable[..., Build]) -> None:
    shown = "\n".join(f"try: {name}()\nexcept Exception as e: traceback.print_exc(file=sys.stdout)" for name in NAMES)
    program = build("import traceback\n" + PROGRAM + shown + "\nrecursion()\n", select=",".join(f"app.{name}" for name in UNITS))
    out = program.same(exit=1, remote=[f"app.{name}" for name in ("plain", "chained", "groups", "long", "unicode", "name")]).stdout
    assert out.count("Traceback (most recent call last)") > len(NAMES)


def test_uncaught_with_a_chain_a_group_and_notes(build: Callable[..., Build]) -> None:
    program = build(PROGRAM + "try: groups()\nexcept Exception as g: raise RuntimeError('last') from g\n", select="app.groups")
    program.same(exit=1, remote=["app.groups"])


def test_frames_in_the_middle_are_here_and_there(build: Callable[..., Build]) -> None:
    program = build(
        """
        def there(f): return f(
            0)
        def back(x): return 1 / x
        def here(): return [there(back)]
        def main():
            try: here()
            except ZeroDivisionError as e: raise KeyError(1) from e
        main()
        """,
        select="app.there",
    )
    program.same(exit=1, remote=["app.there"])


def test_the_globals_of_a_frame_are_the_modules(tmp_path: Path) -> None:
    space: dict[str, Any] = {"__name__": "m", "mine": 1}
    e = ValueError()
    tracebacks.attach(e, [["m:f@1:2-3", "/x/m.py", "f", 3, 3, 4, 5], [None, "/x/lib.py", "g", 4, None, None, None]], {"m": space})
    assert e.__traceback__ is not None and e.__traceback__.tb_next is not None
    first, second = e.__traceback__, e.__traceback__.tb_next
    assert first.tb_frame.f_globals is space and (first.tb_lineno, first.tb_frame.f_lineno) == (3, 3)
    assert second.tb_frame.f_globals is not space and second.tb_lineno == 4 and second.tb_next is None
    assert space.keys() - {"__builtins__"} == {"__name__", "mine"}


def test_no_rows_leave_the_traceback_alone() -> None:
    e = raised(lambda: [][0])
    tb = e.__traceback__
    tracebacks.attach(e, None, {})
    assert e.__traceback__ is tb
    tracebacks.attach(e, [], {})
    assert e.__traceback__ is None


positions = st.integers(1, 10**6)


@given(positions, st.integers(0, 300), st.integers(0, 5000), st.integers(0, 5000))
def test_any_position_survives(line: int, more: int, col: int, end: int) -> None:
    e = ValueError()
    tracebacks.attach(e, [["m:f@1:2-3", "/x/m.py", "f", line, line + more, col, end]], {})
    tb = e.__traceback__
    assert isinstance(tb, TracebackType)
    assert list(tb.tb_frame.f_code.co_positions())[tb.tb_lasti // 2] == (line, line + more, col, end)
    assert (tb.tb_lineno, tb.tb_frame.f_code.co_name) == (line, "f")


def test_only_leading_frames_of_ours_are_stripped() -> None:
    def ours(then: Callable[[], Any]) -> Any:
        return eval(compile("then()", tracebacks.RUNTIME + "unit/some.py", "eval"), {"then": then})

    e = raised(lambda: ours(lambda: ours(lambda: [][0])))
    names = [frame.name for frame in traceback.extract_tb(tracebacks.strip(e.__traceback__))]
    assert names == [frame.name for frame in traceback.extract_tb(e.__traceback__)]
    leading = e.__traceback__.tb_next.tb_next  # type: ignore[union-attr]
    assert leading is not None and leading.tb_frame.f_code.co_filename.startswith(tracebacks.RUNTIME)
    assert tracebacks.strip(leading) is leading.tb_next
    assert tracebacks.strip(None) is None
