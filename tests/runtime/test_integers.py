"""Lists of integers by marshal: what is read is a list of integers, whatever arrives."""

from __future__ import annotations

import marshal
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasify.runtime.unit import integers
from faasify.runtime.unit.before import Before
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder
from tests.runtime.worlds import TwoWorlds

HALF = st.integers(-(2**31), 2**31 - 1)
BITS = st.sampled_from([(33, 45), (46, 60), (61, 75), (76, 90), (91, 105), (106, 120)])


@st.composite
def of_one_size(draw: st.DrawFn) -> list[int]:
    if draw(st.booleans()):
        return draw(st.lists(HALF, min_size=1, max_size=30))
    least, most = draw(BITS)
    numbers = draw(st.lists(st.integers(2 ** (least - 1), 2**most - 1), min_size=1, max_size=30))
    return [draw(st.sampled_from([n, -n])) for n in numbers]


@given(of_one_size())
def test_there_and_back(numbers: list[int]) -> None:
    data = integers.written(numbers)
    assert data is not None and integers.wrote(data)
    made = integers.read(data)
    assert made == numbers and set(map(type, made)) == {int}
    assert integers.read(memoryview(data)) == numbers


@pytest.mark.parametrize(
    "other",
    [
        pytest.param([], id="nothing"),
        pytest.param([1, True], id="a bool"),
        pytest.param([1, 2.5, 3], id="a float"),
        pytest.param([1, None, 3], id="None"),
        pytest.param([1, 2**31], id="two sizes"),
        pytest.param([2**40, 2**50], id="two sizes of long ones"),
        pytest.param([2**200], id="more digits than are looked at"),
        pytest.param([1, b"abcdefghi", 2], id="bytes between"),
        pytest.param([1, object(), 2], id="what marshal does not know"),
        pytest.param([1, type("Own", (int,), {})(5), 2], id="a subclass"),
        pytest.param(["i"], id="text"),
    ],
)
def test_other_lists_are_not_written(other: list[object]) -> None:
    assert integers.written(other) is None


def test_nested_too_deeply() -> None:
    inner: list[object] = []
    for _ in range(100_000):
        inner = [inner]
    assert integers.written([1, inner, 2]) is None


def test_what_is_referred_to_many_times_is_not_written_as_often() -> None:
    """A list that holds itself twice would be followed for ever, one that is there a thousand times written as often."""
    cyclic: list[object] = list(range(100))
    cyclic[50] = cyclic[51] = cyclic
    assert integers.written(cyclic) is None
    assert integers.written([1, *[list(range(10_000))] * 1000, 2]) is None


@pytest.mark.skipif(sys.version_info < (3, 12), reason="no __buffer__ before Python 3.12")
def test_no_buffer_of_the_programs_is_asked_for() -> None:
    asked = []

    class Buffer:
        def __buffer__(self, flags: int) -> memoryview:
            asked.append(flags)
            return memoryview(b"abc")

    assert integers.written([1, Buffer(), 2]) is None
    assert not asked


@pytest.mark.parametrize("data", [b"", b"[", b"[\x05\0\0\0", b"[\0\0\0\0", b"[\x01\0\0\0i", b"[\xff\xff\xff\xffi\0\0\0\0"])
def test_heads_without_what_they_promise(data: bytes) -> None:
    with pytest.raises(CodecError):
        integers.read(data)


GOOD = [bytes(integers.written(numbers) or b"") for numbers in ([1, -2, 3], [2**40, -(2**41)], [2**62, 2**61, -(2**60)], [2**100])]
OTHERS = [(1, 2), {1: 2}, [1, [2]], [None], [1.5], ["a"], [True], compile("x", "x", "eval"), [compile("x", "x", "eval")], {1}, 5]


@given(st.sampled_from(GOOD), st.data())
def test_damaged_bytes_are_refused_or_integers(good: bytes, data: st.DataObject) -> None:
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255) | st.sampled_from(list(b"il[(cstz{R)u\xe9")))
    cut = bytes(damaged[: data.draw(st.sampled_from([len(damaged), len(damaged) - 1, len(damaged) // 2, 0]))])
    try:
        made = integers.read(cut)
    except CodecError:
        return
    assert type(made) is list and set(map(type, made)) == {int} and integers.read(integers.written(made) or b"") == made


@pytest.mark.parametrize("value", OTHERS, ids=[str(i) for i in range(len(OTHERS))])
def test_nothing_else_that_marshal_writes_is_read(value: object) -> None:
    for version in (0, 2, marshal.version):
        with pytest.raises(CodecError):
            integers.read(marshal.dumps(value, version))


def test_a_size_that_says_another_one_is_refused() -> None:
    """A long integer whose digits would reach into the next one."""
    good = bytearray(GOOD[2])
    for digits in (4, 6, 0, -4, 5 + 256, 5 + 2**24, 2**31 - 1, -(2**31), -5 & ~0xFF00):
        damaged = good[:6] + (digits % 2**32).to_bytes(4, "little") + good[10:]
        with pytest.raises(CodecError):
            integers.read(damaged)
    assert integers.read(good[:6] + (-5).to_bytes(4, "little", signed=True) + good[10:]) == [-(2**62), 2**61, -(2**60)]


def test_what_is_written_is_what_a_change_is_found_by() -> None:
    pair = TwoWorlds()
    numbers = list(range(5000))
    enc = Encoder(pair.caller)
    enc.root(numbers)
    dec = Decoder(pair.unit, enc.finish())
    dec.run()
    assert dec.nodes[0][0] == "i"
    before = Before.of(dec, pair.unit.is_program_class)
    assert before.same()
    dec.objs[0][4000] += 1
    assert not before.same()
    dec.objs[0][4000] -= 1
    assert before.same()
    dec.objs[0].append("x")
    assert not before.same()
