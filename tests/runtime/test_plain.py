"""Plain JSON: what comes back is what went, what JSON has stays readable, nothing hostile makes anything."""

from __future__ import annotations

import array
import datetime
import decimal
import fractions
import json
import math
import pathlib
import re
import uuid
import zoneinfo
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faasify.runtime.unit.plain import MAX_DEPTH, PlainError, from_plain, to_plain


def no_graph(value: Any) -> Any:
    raise AssertionError(f"a graph for {value!r}")


def through_json(value: Any) -> Any:
    return from_plain(json.loads(json.dumps(to_plain(value, no_graph), ensure_ascii=False, allow_nan=False).encode()), no_graph)


def identical(a: Any, b: Any) -> bool:
    """Equal, of equal types at every depth, the signs of zeros and NaN included."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return math.isnan(a) and math.isnan(b) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    if isinstance(a, complex):
        return identical(a.real, b.real) and identical(a.imag, b.imag)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(identical, a, b))
    if isinstance(a, dict):
        return identical(list(a), list(b)) and identical(list(a.values()), list(b.values()))
    if isinstance(a, set | frozenset):
        return a == b and sorted(type(x).__name__ for x in a) == sorted(type(x).__name__ for x in b)
    return str(a) == str(b) if isinstance(a, decimal.Decimal) else a == b


hashable = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters())
    | st.binary()
    | st.complex_numbers(allow_nan=False)
    | st.decimals(allow_nan=False)
    | st.fractions()
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(datetime.UTC))
    | st.times()
    | st.timedeltas()
    | st.uuids(),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=6,
)
values = st.recursive(
    hashable | st.floats() | st.complex_numbers(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(st.characters()) | hashable, inner, max_size=4)
        | st.sets(hashable, max_size=4)
        | st.binary().map(bytearray)
    ),
    max_leaves=12,
)


def copied(value: Any) -> Any:
    """Hypothesis hands out one object several times; each is made anew, so that the value is a tree."""
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(map(copied, value))
    if isinstance(value, dict):
        return {copied(key): copied(item) for key, item in value.items()}
    return bytearray(value) if isinstance(value, bytearray) else value


@settings(max_examples=60, deadline=None)
@given(values)
def test_a_tree_comes_back_as_it_was(value: Any) -> None:
    value = copied(value)
    assert identical(through_json(value), value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(lambda key: not key.startswith("$")), inner),
    max_leaves=10,
)


@settings(max_examples=100, deadline=None)
@given(json_values)
def test_what_json_has_is_itself(value: Any) -> None:
    assert identical(to_plain(from_plain(value, no_graph), no_graph), value)


TAGS = ["$set", "$dict", "$bytes", "$float", "$datetime.date", "$decimal.Decimal", "$x", "a"]
anything = st.recursive(
    json_values | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(TAGS), inner),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(anything)
def test_whatever_arrives_is_a_value_or_an_error_with_a_message(tree: Any) -> None:
    try:
        from_plain(tree, no_graph)
    except PlainError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        pytest.param((1, [2]), {"$tuple": [1, [2]]}, id="tuple"),
        pytest.param({3}, {"$set": [3]}, id="set"),
        pytest.param(frozenset(), {"$frozenset": []}, id="frozenset"),
        pytest.param(b"ab", {"$bytes": "YWI="}, id="bytes"),
        pytest.param(bytearray(b"ab"), {"$bytearray": "YWI="}, id="bytearray"),
        pytest.param(math.inf, {"$float": "inf"}, id="infinity"),
        pytest.param(1 + 2j, {"$complex": [1.0, 2.0]}, id="complex"),
        pytest.param({1: "a"}, {"$dict": [[1, "a"]]}, id="keys that are no strings"),
        pytest.param({"$set": [1]}, {"$dict": [["$set", [1]]]}, id="a key that looks like a tag"),
        pytest.param({"a": {"b": [None, True, 1.5]}}, {"a": {"b": [None, True, 1.5]}}, id="plain"),
        pytest.param("\ud83d\ude00", {"$str": "\\ud83d\\ude00"}, id="surrogates"),
        pytest.param("naïve \U0001f600\n", "naïve \U0001f600\n", id="text"),
        pytest.param(datetime.date(2024, 2, 29), {"$datetime.date": [2024, 2, 29]}, id="date"),
        pytest.param(decimal.Decimal("1.50"), {"$decimal.Decimal": ["1.50"]}, id="decimal"),
        pytest.param(fractions.Fraction(1, 3), {"$fractions.Fraction": [1, 3]}, id="fraction"),
        pytest.param(pathlib.PurePosixPath("a/b"), {"$pathlib.PurePosixPath": ["a/b"]}, id="path"),
        pytest.param(pathlib.PosixPath("a/b"), {"$pathlib.PosixPath": ["a/b"]}, id="path with a file system"),
        pytest.param(uuid.UUID(int=7), {"$uuid.UUID": [7]}, id="uuid"),
        pytest.param(zoneinfo.ZoneInfo("UTC"), {"$zoneinfo.ZoneInfo": ["UTC"]}, id="zone"),
        pytest.param(re.compile("a+", re.M), {"$re.Pattern": ["a+", 40]}, id="pattern"),
        pytest.param(range(1, 9, 2), {"$builtins.range": [1, 9, 2]}, id="range"),
        pytest.param(array.array("i", [1]), {"$array.array": ["i", {"$bytes": "AQAAAA=="}]}, id="array"),
    ],
)
def test_what_json_lacks_is_tagged_and_comes_back(value: Any, told: Any) -> None:
    assert to_plain(value, no_graph) == told
    assert through_json(value) == value
    assert type(through_json(value)) is type(value)


def test_integers_of_many_digits_are_hexadecimal() -> None:
    assert to_plain(10**5000, no_graph) == {"$int": hex(10**5000)}
    assert through_json(-(10**5000)) == -(10**5000)


def test_an_aware_datetime_keeps_its_zone_and_fold() -> None:
    when = datetime.datetime(2024, 10, 27, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"), fold=1)
    back = through_json(when)
    assert (back, back.fold, back.tzinfo) == (when, 1, when.tzinfo)


class Thing:
    pass


def twice() -> Any:
    inner = [1]
    return [inner, inner]


def cycle() -> Any:
    value: list[Any] = []
    value.append(value)
    return value


def deep() -> Any:
    value: list[Any] = []
    for _ in range(MAX_DEPTH + 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Thing(), id="an instance"),
        pytest.param([Thing()], id="an instance inside"),
        pytest.param(twice(), id="one list in two places"),
        pytest.param(([], [bytearray()] * 2), id="one bytearray in two places"),
        pytest.param(cycle(), id="a cycle"),
        pytest.param(deep(), id="too deep"),
        pytest.param(type("L", (list,), {})([1]), id="an instance of a subclass of list"),
        pytest.param(True.__class__, id="a class"),
        pytest.param(object(), id="an object"),
    ],
)
def test_what_is_no_tree_is_one_graph(value: Any) -> None:
    assert to_plain(value, lambda whole: ["whole", whole is value]) == {"$graph": ["whole", True]}


def test_equal_constants_in_two_places_stay_plain() -> None:
    point, empty, day = (0, 0), (), datetime.date(2024, 1, 1)
    assert to_plain([point, point, empty, empty, day, day, "a", "a"], no_graph)[0] == {"$tuple": [0, 0]}


def test_a_graph_is_read_by_who_can() -> None:
    assert from_plain({"a": [{"$graph": 7}]}, lambda content: content + 1) == {"a": [8]}


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        pytest.param({"$object": 1}, "$object is no tag", id="an unknown tag"),
        pytest.param({"$os.system": ["true"]}, "$os.system is no tag", id="a function"),
        pytest.param({"$operator.attrgetter": ["__class__"]}, "is no tag", id="a type that hands out attributes"),
        pytest.param({"$tuple": [], "b": 1}, "keys that begin with $", id="two keys"),
        pytest.param({"$tuple": "ab"}, "$tuple holds a list, not a string", id="the wrong content"),
        pytest.param({"$bytes": "?"}, "$bytes cannot be made", id="no base64"),
        pytest.param({"$bytes": 10**9}, "$bytes holds a string, not a number", id="a size"),
        pytest.param({"$float": "1"}, '$float holds "nan"', id="a float that JSON has"),
        pytest.param({"$set": [[1]]}, "$set cannot be made: unhashable", id="unhashable"),
        pytest.param({"$dict": [[1]]}, "$dict cannot be made", id="no pair"),
        pytest.param({"$datetime.date": [2024, 13, 1]}, "month must be in 1..12", id="no date"),
        pytest.param({"$decimal.Decimal": ["x"]}, "$decimal.Decimal cannot be made", id="no number"),
        pytest.param({"$int": "x"}, "$int cannot be made", id="no hexadecimal"),
        pytest.param(deep(), "nested more than", id="too deep"),
    ],
)
def test_nonsense_is_answered_in_words(tree: Any, said: str) -> None:
    with pytest.raises(PlainError) as raised:
        from_plain(tree, no_graph)
    assert said in str(raised.value)
