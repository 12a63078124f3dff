"""Long lists of integers: the form in C and the one in Python give the same bytes, and take the other's."""

from __future__ import annotations

import gc
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasify.runtime.unit import integers, wire
from faasify.runtime.unit.before import Before
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder
from tests.runtime.worlds import TwoWorlds

IN_C = integers.compiled
FORMS = [pytest.param(None, id="python"), pytest.param(IN_C, id="c", marks=pytest.mark.skipif(IN_C is None, reason="no compiler here"))]


PAIR = TwoWorlds("""
    import enum
    class MyInt(int): pass
    class Level(enum.IntEnum): LOW = 1
""")
MyInt, LOW = PAIR.space["MyInt"], PAIR.space["Level"].LOW
WIDTHS = {2: "h", 4: "i", 8: "q"}
EDGES = [sign * (1 << bits) + one for bits in (0, 8, 15, 16, 30, 31, 32, 60, 62) for sign in (1, -1) for one in (-1, 0, 1)]
numbers = st.sampled_from(EDGES + [2**63 - 1, -(2**63)]) | st.integers(-5, 300) | st.integers(-(2**63), 2**63 - 1)
odd = st.sampled_from([True, False, MyInt(3), LOW, 2**63, -(2**63) - 1, 10**30, 1.0, "1", None, [1], (1,)])


@contextmanager
def form(module: Any) -> Iterator[None]:
    was, integers.compiled = integers.compiled, module
    try:
        yield
    finally:
        integers.compiled = was


@pytest.fixture(params=FORMS)
def either(request: pytest.FixtureRequest) -> Iterator[None]:
    with form(request.param):
        yield


def packed(module: Any, items: list[Any]) -> Any:
    with form(module):
        return integers.packed(items)


def unpacked(module: Any, width: int, data: Any) -> list[int]:
    with form(module):
        return integers.unpacked(width, data)


def message(module: Any, value: Any) -> bytes:
    with form(module):
        enc = Encoder(PAIR.caller)
        return wire.joined(wire.dumps([enc.root(value), enc.finish()]))


def read(module: Any, data: bytes) -> Any:
    with form(module):
        root, nodes = wire.loads(data)
        dec = Decoder(PAIR.unit, nodes)
        dec.run()
        return dec.value(root)


@pytest.mark.parametrize("module", FORMS)
@given(items=st.lists(numbers))
def test_what_is_packed_comes_back(module: Any, items: list[int]) -> None:
    width, data = packed(module, items)
    fits = [w for w in WIDTHS if all(-(1 << 8 * w - 1) <= item < 1 << 8 * w - 1 for item in items)]
    assert (width, data) == (fits[0], struct.pack(f"{len(items)}{WIDTHS[width]}", *items))
    for buffer in (data, memoryview(b"." + data)[1:]):  # which is not aligned
        assert unpacked(module, width, buffer) == items
        assert set(map(type, unpacked(module, width, buffer))) <= {int}


@pytest.mark.parametrize("bits", [15, 31, 63])
def test_the_narrowest_width_that_holds_all_is_taken(either: None, bits: int) -> None:
    width, edge = (bits + 1) // 8, 1 << bits
    for extreme in (edge - 1, -edge):
        for items in ([0, extreme], [extreme, 0]):
            assert integers.packed(items) == (width, struct.pack(f"2{WIDTHS[width]}", *items))
    for beyond in (edge, -edge - 1):
        found = integers.packed([0, 5, beyond])
        assert (found and found[0]) == (2 * width if bits < 63 else None)


@pytest.mark.parametrize("module", FORMS)
@given(items=st.lists(numbers, max_size=80), stranger=odd, at=st.integers(0, 80))
def test_one_stranger_at_any_place_is_noticed(module: Any, items: list[Any], stranger: Any, at: int) -> None:
    items.insert(at, stranger)
    assert packed(module, items) is None


@pytest.mark.skipif(IN_C is None, reason="no compiler here")
@given(items=st.lists(numbers, min_size=1), strangers=st.lists(odd, max_size=2), times=st.integers(1, 100))
def test_messages_are_the_same_in_both_forms_and_each_reads_the_others(items: list[Any], strangers: list[Any], times: int) -> None:
    for value in ([*items * times, *strangers], [*strangers, *items * times], [items * times, {"a": items}, items]):
        there = message(None, value)
        assert message(IN_C, value) == there
        for module in (None, IN_C):
            copy = read(module, there)
            assert copy == value and [type(x).__name__ for x in copy] == [type(x).__name__ for x in value]


def test_what_a_call_does_to_a_long_list_comes_back(either: None) -> None:
    pair = TwoWorlds("""
        def nothing(xs): return sum(xs)
        def set_one(xs): xs[700] = True
        def larger(xs): xs[0] = 2**70
        def longer(xs): xs.append(xs)
        def none(xs): xs.clear()
        def sorts(xs): xs.sort(reverse=True)
    """)
    for name in ("nothing", "set_one", "larger", "longer", "none", "sorts"):
        for factor in (1, 2**20, 2**40):
            here, there = ([i * factor for i in range(-600, 600)] for _ in range(2))
            pair.space[name](here)
            pair.call(name, there)
            if name == "longer":
                assert here.pop() is here and there.pop() is there
            assert [(type(x), x) for x in here] == [(type(x), x) for x in there], name


def test_a_list_that_stays_as_it_is_counts_as_the_same(either: None) -> None:
    pair = TwoWorlds()
    enc, value = Encoder(pair.caller), list(range(5000))
    enc.root(value)
    dec = Decoder(pair.unit, pair.bytes(enc.finish()))
    (copy,) = dec.run()
    before = Before.of(dec, pair.unit.is_program_class)
    copy[7] = int("7")
    assert before.same()
    copy[7] = 8
    assert not before.same()


@pytest.mark.parametrize(
    "node",
    [["I"], ["I", 2], ["I", 2, b"123"], ["I", 3, b"123"], ["I", 1, b"1"], ["I", 0, b""], ["I", True, b""], ["I", 2.0, b""], ["I", "h", b""]]
    + [["I", -2, b"12"], ["I", 2**70, b""], ["I", [2], b""], ["I", 2, "12"], ["I", 2, [0]], ["I", 2, None], ["I", 2, b"12", 1]],
    ids=repr,
)
def test_damaged_integers_are_refused(either: None, node: list[Any]) -> None:
    with pytest.raises(CodecError):
        Decoder(TwoWorlds().unit, [node]).run()


@pytest.mark.skipif(IN_C is None, reason="no compiler here")
def test_the_form_in_c_counts_its_references() -> None:
    number = int("12345678")
    items = [number] * 100
    refused = [items, [*items, None], [*items, 2**63]]
    (width, data), had = IN_C.packed(items), sys.getrefcount(number)
    short = bytearray(struct.pack("300h", *range(-150, 150)))
    IN_C.unpacked(2, short)
    gc.collect()
    blocks = sys.getallocatedblocks()
    for _ in range(1000):
        for given_items in refused:
            IN_C.packed(given_items)
        for wrong in (None, (), range(3)):
            with pytest.raises(TypeError):
                IN_C.packed(wrong)
        assert sys.getrefcount(IN_C.unpacked(width, data)[0]) <= 2
        IN_C.unpacked(2, short)
    assert sys.getrefcount(number) == had
    short.clear()  # which nobody holds as a buffer any more
    gc.collect()
    assert sys.getallocatedblocks() - blocks < 200
