"""A trampoline binds like the function whose code it replaces, and nobody can tell the two apart from outside."""

from __future__ import annotations

import inspect
import io
import pydoc
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faasify.runtime.caller import trampoline
from faasify.runtime.caller.tracebacks import strip
from faasify.runtime.unit.codes import StandsFor, stands_for

EMPTY = "empty"


class Hold(StandsFor):
    """A binding whose calls happen here, either as results that came from elsewhere or as calls that are to be made here."""

    def __init__(self, fn: FunctionType, *, there: bool) -> None:
        self.code: CodeType = fn.__code__
        self.original = FunctionType(fn.__code__, fn.__globals__, fn.__name__, None, fn.__closure__)
        self.signature = trampoline.Signature(fn.__code__)
        self.there = there
        self.fixed: list[BaseException] = []

    def go(self, values: tuple[Any, ...]) -> tuple[bool, Any]:
        if not self.there:
            return True, self.original
        positional, keywords = self.signature.bound(values)
        return False, self.original(*positional, **dict(keywords))

    def fix(self, exc: BaseException) -> None:
        self.fixed.append(exc)
        exc.__traceback__ = strip(exc.__traceback__)


def held(fn: Any, *, there: bool = True) -> Hold:
    hold = Hold(fn, there=there)
    fn.__code__ = trampoline.make(fn, hold)
    return hold


def outcome(call: Callable[[], Any]) -> tuple[Any, ...]:
    try:
        return ("returned", call())
    except Exception as e:
        return ("raised", type(e), str(e))


@dataclass(frozen=True)
class Shape:
    """A signature as text, e.g. `(a, /, b=1, *rest, c, **kw)`, and the names in it."""

    text: str
    names: tuple[str, ...]


NAMES = ["a", "b", "c", "d", "self", "f", "outer", "größe", "_", "__x", "match", "go", "values", "e"]


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=7))
    cuts = sorted(draw(st.lists(st.integers(0, len(names)), min_size=2, max_size=2)))
    positional_only, usual, keyword_only = names[: cuts[0]], names[cuts[0] : cuts[1]], names[cuts[1] :]
    varargs, varkw = draw(st.booleans()), draw(st.booleans())
    defaults_from = draw(st.integers(0, cuts[1]))
    parts, all_names = [], list(names)
    for i, name in enumerate([*positional_only, *usual]):
        parts.append(name if i < defaults_from else f"{name}='default {name}'")
        if i + 1 == len(positional_only):
            parts.append("/")
    if varargs:
        parts.append("*rest")
        all_names.append("rest")
    elif keyword_only:
        parts.append("*")
    parts += [f"{name}=[{name!r}]" if draw(st.booleans()) else name for name in keyword_only]
    if varkw:
        parts.append("**more")
        all_names.append("more")
    return Shape(", ".join(parts), tuple(all_names))


calls = st.tuples(
    st.lists(st.integers(), max_size=8),
    st.dictionaries(st.sampled_from([*NAMES, "rest", "more", "unknown", "_C__x"]), st.integers(), max_size=4),
)


def function(shape: Shape) -> Any:
    shown = "".join(f"({name!r}, {name}), " for name in shape.names)
    space: dict[str, Any] = {}
    exec(f"class C:\n    def f({shape.text}):\n        'Doc.'\n        return [{shown}]\nf = vars(C)['f']", space)
    return space["f"]


@settings(deadline=None, max_examples=300)
@given(shapes(), st.lists(calls, min_size=1, max_size=5), st.booleans())
def test_it_binds_like_the_original(shape: Shape, many: list[tuple[list[int], dict[str, int]]], there: bool) -> None:
    plain, stub = function(shape), function(shape)
    held(stub, there=there)
    for positional, keywords in many:
        want = outcome(lambda a=positional, k=keywords: plain(*a, **k))
        assert outcome(lambda a=positional, k=keywords: stub(*a, **k)) == want


@settings(deadline=None, max_examples=100)
@given(shapes())
def test_it_looks_like_the_original(shape: Shape) -> None:
    plain, stub = function(shape), function(shape)
    held(stub)
    assert str(inspect.signature(stub)) == str(inspect.signature(plain))
    for name in ("__name__", "__qualname__", "__doc__", "__module__", "__defaults__", "__kwdefaults__", "__annotations__", "__dict__"):
        assert getattr(stub, name) == getattr(plain, name)
    for name in ("co_name", "co_qualname", "co_filename", "co_firstlineno", "co_argcount", "co_posonlyargcount", "co_kwonlyargcount"):
        assert getattr(stub.__code__, name) == getattr(plain.__code__, name)
    assert inspect.getfullargspec(stub) == inspect.getfullargspec(plain)
    assert stub.__code__.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS) == plain.__code__.co_flags & 12
    texts = [io.StringIO(), io.StringIO()]
    for text, fn in zip(texts, (plain, stub), strict=True):
        with redirect_stdout(text):
            pydoc.help(fn)
    assert texts[0].getvalue() == texts[1].getvalue()


def test_it_says_whose_place_it_takes() -> None:
    def f(x: int) -> int:
        return x

    code = f.__code__
    assert stands_for(code) is None
    held(f)
    assert stands_for(f.__code__) is code


def test_arguments_are_handed_over_as_they_are() -> None:
    def f(a: Any, /, b: Any, *rest: Any, c: Any, **more: Any) -> Any:
        return a, b, rest, c, more

    hold = held(f)
    marks = [object() for _ in range(5)]
    a, b, rest, c, more = f(marks[0], marks[1], marks[2], c=marks[3], a=marks[4])
    assert (a, b, rest, c, more) == (marks[0], marks[1], (marks[2],), marks[3], {"a": marks[4]})
    assert hold.fixed == []


def test_changed_defaults_are_honoured() -> None:
    def f(x: int = 1, *, y: int = 2) -> tuple[int, int]:
        return x, y

    held(f)
    assert f() == (1, 2)
    f.__defaults__, f.__kwdefaults__ = (3,), {"y": 4}
    assert f() == (3, 4)
    f.__defaults__ = None
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        f()


def test_captured_variables_may_be_unbound() -> None:
    def make(fill: bool) -> Any:
        def f() -> Any:
            return late

        if fill:
            late = 5
        return f

    empty, full = make(False), make(True)
    want = outcome(empty)
    for there in (True, False):
        for fn in (empty, full):
            hold = held(fn, there=there)
            assert fn.__closure__ is hold.original.__closure__
            fn.__code__, code = hold.code, fn.__code__
            fn.__code__ = code
        assert outcome(empty) == want and want[1] is NameError
        assert full() == 5
        for fn in (empty, full):
            fn.__code__ = stands_for(fn.__code__)


@pytest.mark.parametrize("name", ["f", "outer", "_faasify", "größe"])
def test_captured_variables_have_any_name(name: str) -> None:
    space: dict[str, Any] = {}
    exec(f"def make():\n    {name} = 7\n    def g(n): return {name}, n\n    return g\nfn = make()", space)
    held(space["fn"])
    assert space["fn"](1) == (7, 1)


def test_a_nested_function_may_name_itself() -> None:
    def make() -> Any:
        def f(n: int) -> int:
            return n and 1 + f(n - 1)

        return f

    fn = make()
    held(fn, there=False)
    assert fn(20) == 20


def test_super_without_arguments() -> None:
    class A:
        def m(self, x: int) -> list[Any]:
            return [x]

    class B(A):
        def m(self, x: int) -> list[Any]:
            return [*super().m(x), __class__]  # type: ignore[name-defined]

    held(B.m)
    assert B.m.__code__.co_freevars == ("__class__",)
    assert B().m(3) == [3, B]


@pytest.mark.parametrize("wrap", [staticmethod, classmethod, property])
def test_below_a_descriptor(wrap: Any) -> None:
    class C:
        def plain(x: Any) -> Any:  # noqa: N805
            return x

        held(plain)
        wrapped = wrap(plain)

    instance = C()
    want = {staticmethod: 5, classmethod: C, property: instance}[wrap]
    got = instance.wrapped if wrap is property else instance.wrapped(5) if wrap is staticmethod else instance.wrapped()
    assert got is want


def test_an_exception_shows_no_frame_of_ours() -> None:
    def f(x: int) -> float:
        return 1 / x

    hold = held(f, there=False)
    with pytest.raises(ZeroDivisionError) as info:
        f(0)
    assert hold.fixed == [info.value]
    names = [frame.name for frame in traceback.extract_tb(info.value.__traceback__)]
    assert names == ["test_an_exception_shows_no_frame_of_ours", "f"]


def test_a_wrong_call_shows_the_callers_frame_only() -> None:
    def f(x: int) -> int:
        return x

    hold = held(f)
    with pytest.raises(TypeError) as info:
        f()  # type: ignore[call-arg]
    assert hold.fixed == []
    assert [frame.name for frame in traceback.extract_tb(info.value.__traceback__)] == ["test_a_wrong_call_shows_the_callers_frame_only"]


def test_an_exception_keeps_the_context_of_its_caller() -> None:
    def f() -> None:
        raise KeyError("inner")

    held(f, there=False)
    with pytest.raises(KeyError) as info:
        try:
            raise ValueError("outer")
        except ValueError:
            f()
    assert isinstance(info.value.__context__, ValueError) and info.value.__context__.__context__ is None


def test_one_shape_is_compiled_once() -> None:
    made = []
    for _ in range(2):

        def f(one_shape_only: int) -> int:
            return one_shape_only

        held(f)
        made.append(f.__code__)
    assert made[0].co_code == made[1].co_code and made[0].co_linetable is made[1].co_linetable
    assert made[0].co_consts != made[1].co_consts


def test_the_line_of_a_running_trampoline_is_the_functions() -> None:
    lines = []

    class Look(Hold):
        def go(self, values: tuple[Any, ...]) -> tuple[bool, Any]:
            lines.append(sys._getframe(1).f_lineno)
            return super().go(values)

    def f() -> None:
        pass

    hold = Look(f, there=True)
    f.__code__ = trampoline.make(f, hold)
    f()
    assert lines == [f.__code__.co_firstlineno]
