"""The streams of a unit against real ones: what is recorded and committed reaches the file as if it had been written there."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faasify.runtime.unit.streams import Capture, Stdin, commit, input_, take

ROOT = Path(__file__).parents[2]


class Aborted(BaseException):
    pass


def abort(kind: str, what: str) -> NoReturn:
    raise Aborted(kind, what)


class Log(io.RawIOBase):
    """A file that both standard streams lead to, as with `> log 2>&1`."""

    def __init__(self, log: list[bytes]) -> None:
        self.log = log

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self.log.append(bytes(data))
        return len(data)


class Streams:
    """Real standard streams over one file."""

    def __init__(self, line_buffered: bool, **coding: str) -> None:
        self.log: list[bytes] = []
        out = io.TextIOWrapper(io.BufferedWriter(Log(self.log)), newline="\n", line_buffering=line_buffered, **coding)
        err = io.TextIOWrapper(
            io.BufferedWriter(Log(self.log)), newline="\n", line_buffering=True, encoding="utf-8", errors="backslashreplace"
        )
        self.streams = {1: out, 2: err}

    def written(self) -> bytes:
        for stream in self.streams.values():
            stream.flush()
        return b"".join(self.log)


def captures(sink: list[Any], line_buffered: bool, **coding: str) -> dict[int, Capture]:
    out = Capture(1, sink, abort, line_buffering=line_buffered, **coding)
    return {1: out, 2: Capture(2, sink, abort, line_buffering=True, errors="backslashreplace")}


def perform(streams: Any, steps: list[tuple[int, str, Any]]) -> list[object]:
    """Does the steps; returns what each gave, errors as (type, args)."""
    results: list[object] = []
    for fd, step, value in steps:
        stream = streams[fd]
        try:
            if step == "write":
                results.append(stream.write(value))
            elif step == "writelines":
                results.append(stream.writelines(value))
            elif step == "print":
                results.append(print(*value, file=stream))
            elif step == "print, flushed":
                results.append(print(*value, file=stream, flush=True))
            elif step == "bytes":
                results.append(stream.buffer.write(value))
            elif step == "flush bytes":
                results.append(stream.buffer.flush())
            else:
                results.append(stream.flush())
        except UnicodeEncodeError as error:
            results.append(error.args)
        except TypeError:
            results.append(TypeError)
    return results


texts = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["\n", "\r", "a\nb", "\udc80", "é", "x" * 5000, "y" * 9000, "z\n" * 3000]),
    st.integers(0, 9000).map(lambda n: "w" * n),
)
values = {
    "write": st.one_of(texts, st.sampled_from([None, b"x", 3])),
    "writelines": st.lists(texts, max_size=3),
    "print": st.lists(st.one_of(texts, st.integers()), max_size=3),
    "print, flushed": st.lists(texts, max_size=2),
    "bytes": st.one_of(st.binary(max_size=5), st.binary(max_size=5).map(bytearray), st.just(b"B" * 9000), st.just("text")),
    "flush": st.none(),
    "flush bytes": st.none(),
}
steps = st.lists(
    st.sampled_from(sorted(values)).flatmap(lambda step: st.tuples(st.sampled_from([1, 1, 2]), st.just(step), values[step])), max_size=14
)
codings = st.sampled_from(
    [
        {"encoding": "utf-8", "errors": "strict"},
        {"encoding": "utf-8", "errors": "surrogateescape"},
        {"encoding": "ascii", "errors": "strict"},
        {"encoding": "latin-1", "errors": "replace"},
    ]
)


@settings(max_examples=300, deadline=None)
@given(before=steps, inside=steps, after=steps, line_buffered=st.booleans(), coding=codings)
def test_committed_output_reaches_the_file_as_if_written_there(
    before: Any, inside: Any, after: Any, line_buffered: bool, coding: dict[str, str]
) -> None:
    here, there = Streams(line_buffered, **coding), Streams(line_buffered, **coding)
    sink: list[Any] = []
    recorded = captures(sink, line_buffered, **coding)
    perform(here.streams, before)
    perform(there.streams, before)
    assert perform(recorded, inside) == perform(here.streams, inside)
    commit(take(sink, {1, 2} if line_buffered else {2}), there.streams)
    assert sink == []
    perform(here.streams, after)
    perform(there.streams, after)
    assert there.written() == here.written()


def test_entries_are_text_bytes_and_flushes_in_order() -> None:
    sink: list[Any] = []
    streams = captures(sink, False)
    print("a", "b", file=streams[1])
    print("c", file=streams[2])
    streams[1].buffer.write(b"d")
    print("e", file=streams[1], flush=True)
    streams[1].flush()
    streams[1].buffer.flush()
    expected = [(1, "a"), (1, " "), (1, "b"), (1, "\n"), (2, "c\n"), (1, b"d"), (1, "e"), (1, "\n"), (1, None), (1, b"")]
    assert streams[2].take() == expected
    assert take(sink) == []


def test_a_line_that_waits_for_its_end_is_not_joined_to_the_lines_before() -> None:
    """On a terminal `print("a"); print("b", end=""); sys.stderr.write("x")` shows x before b."""
    assert take([(1, "a"), (1, "\n"), (1, "b"), (2, "x")], {1, 2}) == [(1, "a\n"), (1, "b"), (2, "x")]


def test_a_str_subclass_is_recorded_as_its_text() -> None:
    class Loud(str):
        def __str__(self) -> str:
            raise AssertionError

        def __len__(self) -> int:
            return 99

    sink: list[Any] = []
    assert captures(sink, False)[1].write(Loud("abc")) == 3
    assert type(take(sink)[0][1]) is str


def test_a_capture_looks_like_the_real_stream() -> None:
    real = io.TextIOWrapper(io.BufferedWriter(Log([])), encoding="utf-8", newline="\n")
    stream = captures([], False)[1]
    assert isinstance(stream, io.TextIOWrapper) and type(stream).__name__ == "TextIOWrapper" and type(stream).__module__ == "_io"
    assert isinstance(stream.buffer, io.BufferedWriter) and type(stream.buffer).__name__ == "BufferedWriter"
    for name in ("encoding", "errors", "newlines", "line_buffering", "write_through", "closed"):
        assert getattr(stream, name) == getattr(real, name), name
    assert (stream.name, stream.mode, stream.buffer.name, stream.buffer.mode) == ("<stdout>", "w", "<stdout>", "wb")
    assert repr(stream) == "<_io.TextIOWrapper name='<stdout>' mode='w' encoding='utf-8'>"
    assert repr(stream.buffer) == "<_io.BufferedWriter name='<stdout>'>"
    assert (stream.readable(), stream.writable(), stream.isatty()) == (False, True, False)
    assert Capture(1, [], abort, isatty=True).isatty()
    for read in (stream.read, stream.readline, lambda: next(stream)):
        with pytest.raises(io.UnsupportedOperation, match="not readable"):
            read()


@pytest.mark.parametrize("name", ["fileno", "close", "detach", "seek", "tell", "truncate", "seekable", "reconfigure"])
def test_what_a_recording_cannot_do_ends_the_call(name: str) -> None:
    for stream in (captures([], False)[1], captures([], False)[1].buffer, Stdin(no_input, abort)):
        arguments = [0] if name == "seek" else []
        if isinstance(stream, io.BufferedWriter) and name in ("seekable", "reconfigure"):
            continue
        with pytest.raises(Aborted, match="settings" if name == "reconfigure" else "descriptors"):
            getattr(stream, name)(*arguments)


def test_leaving_a_with_block_ends_the_call_and_collection_does_not() -> None:
    with pytest.raises(Aborted), captures([], False)[1]:
        pass
    with pytest.raises(Aborted):
        captures([], False)[1].buffer.raw  # noqa: B018
    with pytest.raises(Aborted):
        Stdin(no_input, abort).buffer  # noqa: B018


def test_a_print_that_is_recorded_costs_a_few_prints() -> None:
    """Measured 4.5 to 5.6 times one into memory; in one run, so that the machine's speed does not matter."""

    def seconds(stream: Any) -> float:
        start = time.process_time()
        for number in range(20_000):
            print(number, file=stream)
        return time.process_time() - start

    sink: list[Any] = []
    stream = captures(sink, False)[1]
    rounds = [(seconds(stream), seconds(io.StringIO())) for _ in range(5)]
    assert min(recorded / plain for recorded, plain in rounds) < 8
    assert len(take(sink)) == 5 * 40_000


def no_input(kind: str, size: int) -> str:
    raise AssertionError


class Caller:
    """Answers `need` from a real stream, as the caller does."""

    def __init__(self, text: str) -> None:
        self.stream = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
        self.asked: list[tuple[str, int]] = []

    def need(self, kind: str, size: int) -> str:
        self.asked.append((kind, size))
        return self.stream.readline(size) if kind == "line" else self.stream.read(-1 if kind == "all" else size)


def read(stream: Any, steps: list[tuple[str, int | None]]) -> list[object]:
    results: list[object] = []
    for step, size in steps:
        if step == "next":
            results.append(next(stream, None))
        elif step == "readlines":
            results.append(stream.readlines() if size is None else stream.readlines(size))
        else:
            results.append(getattr(stream, step)(*[] if size is None else [size]))
    return results


reads = st.lists(st.tuples(st.sampled_from(["read", "readline", "readlines", "next"]), st.none() | st.integers(-1, 9)), max_size=6)


@given(st.text("aé\n\r", max_size=30), reads)
def test_what_is_read_is_what_the_caller_would_read(text: str, steps: Any) -> None:
    assert read(Stdin(Caller(text).need, abort), steps) == read(Caller(text).stream, steps)


def test_stdin_looks_like_the_real_stream() -> None:
    stdin = Stdin(no_input, abort, encoding="latin-1", errors="replace", isatty=True)
    assert isinstance(stdin, io.TextIOWrapper) and type(stdin).__name__ == "TextIOWrapper"
    assert (stdin.name, stdin.mode, stdin.encoding, stdin.errors, stdin.isatty()) == ("<stdin>", "r", "latin-1", "replace", True)
    assert (stdin.readable(), stdin.writable(), stdin.closed, stdin.line_buffering) == (True, False, False, False)
    with pytest.raises(io.UnsupportedOperation, match="not writable"):
        stdin.write("x")


INPUT = """
import sys
{setup}
def step(*args):
    try:
        print(repr(input(*args)))
    except BaseException as error:
        print(type(error).__name__, error)
step("name? "); step(3); step(); step(None); step("end? "); step("again? "); step(1, 2)
sys.stdin = None
step("x")
{finish}
"""


def test_input_does_as_the_builtin_does() -> None:
    setup = f"""
sys.path.insert(0, {str(ROOT)!r})
from faasify.runtime.unit.streams import Capture, Stdin, install_input, take, commit
real, real_in, sink = sys.stdout, sys.stdin, []
sys.stdout = Capture(1, sink, None); sys.stdin = Stdin(lambda kind, size: real_in.readline(size), None)
install_input()
"""
    finish = "sys.stdout = real; commit(take(sink), {1: real, 2: sys.stderr})"
    results = [
        subprocess.run([sys.executable, "-c", program], input="Ada\n\nlast", capture_output=True, text=True).stdout
        for program in (INPUT.format(setup="", finish=""), INPUT.format(setup=setup, finish=finish))
    ]
    assert results[0] == results[1]
    assert "EOF when reading a line" in results[0] and "lost sys.stdin" in results[0]


def test_input_flushes_stderr_then_the_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    sink: list[Any] = []
    streams = captures(sink, False)
    monkeypatch.setattr(sys, "stdout", streams[1])
    monkeypatch.setattr(sys, "stderr", streams[2])
    monkeypatch.setattr(sys, "stdin", Stdin(Caller("x\r\n").need, abort))
    line = input_("> ")
    monkeypatch.undo()
    assert (line, take(sink)) == ("x", [(2, None), (1, "> "), (1, None)])


@pytest.mark.parametrize("fd", [1, 2])
@pytest.mark.parametrize("way", ["os.write({fd}, b'x')", "os.system('echo x >&{fd}')", "os.pwrite({fd}, b'x', 0)"])
def test_what_is_written_below_python_is_noticed(fd: int, way: str) -> None:
    program = f"""
import os, sys; sys.path.insert(0, {str(ROOT)!r})
from faasify.runtime.unit.streams import FdCapture
keep = os.dup(1)
below = FdCapture()
clean = below.dirty()
{way.format(fd=fd)}
os.write(keep, repr((clean, below.dirty())).encode())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=os.environ)
    assert (done.stdout, done.stderr) == ("(False, True)", "")
