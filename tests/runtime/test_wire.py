"""Wire trees as bytes and as JSON, and what is refused."""

from __future__ import annotations

import json
import pickle
import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faasify.runtime.unit.wire import WireError, dumps, from_json, loads, to_json
from tests.runtime.graphs import isomorphic, plain

trees = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3) | st.sampled_from(["$b", "$d"]), inner, max_size=3),
    max_leaves=12,
)
quick = settings(max_examples=200, deadline=None)


@quick
@given(tree=trees)
def test_a_tree_comes_back_as_bytes_and_as_json(tree):
    for copy in (loads(dumps(tree)), from_json(json.loads(json.dumps(to_json(tree))))):
        assert isomorphic(tree, copy) == ""


def test_json_is_strict():
    tree = to_json([float("nan"), float("inf"), 10**5000, b"\xff", {1: {"$b": None}}, "\ud800"])
    json.dumps(tree, allow_nan=False)
    assert tree[:2] == [{"$f": "nan"}, {"$f": "inf"}] and tree[4] == {"$d": [[1, {"$d": [["$b", None]]}]]}


@pytest.mark.parametrize("value", [len, int, object(), range(3), 1j, ValueError, lambda: 0], ids=lambda v: type(v).__name__)
def test_only_data_is_written(value):
    with pytest.raises(WireError):
        to_json([value])
    with pytest.raises(WireError):
        dumps([value])


class Evil:
    def __reduce__(self):
        return (print, ("ran",))


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(Evil()),
        pickle.dumps(len),
        pickle.dumps(range(3)),
        b"cos\nsystem\n(S'true'\ntR.",
        b"",
        b"\x80\x05",
        b"\x80\x05\x95\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"Pobject\n.",
        b"\x82\x01.",
        b"(i__main__\nEvil\n.",
        b"]b.",
        b"\x80\x02]}b.",
        b"garbage",
        b"\x80\x05h\x05.",
        5,
        None,
    ],
    ids=repr,
)
def test_bytes_that_name_code_or_are_damaged_are_refused(data, capsys):
    with pytest.raises(WireError):
        loads(data)
    assert capsys.readouterr().out == ""


@contextmanager
def little_memory() -> Iterator[None]:
    """Two gigabytes more than there is: a few bytes can ask the unpickler for a table of the size of the machine's memory."""
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + (2 << 30), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@quick
@given(data=st.binary(max_size=60), tree=trees, at=st.integers(0, 60))
def test_random_and_mutated_bytes_raise_wire_errors_only(data, tree, at):
    whole = dumps(tree)
    for attempt in (data, b"\x80\x05" + data + b".", whole[:at] + data + whole[at + 1 :]):
        try:
            with little_memory():
                loads(attempt)
        except WireError:
            pass


def test_a_table_that_does_not_fit_into_memory_is_damage():
    with pytest.raises(WireError), little_memory():
        loads(b"\x80\x05]r\xff\xff\xff\xff.")  # the list is to be number 4,294,967,295 of what was met


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["$b", "$f", "$i", "$d", "$x", "a"]), inner, max_size=2),
    max_leaves=10,
)


@quick
@given(tree=JSON)
def test_random_json_raises_wire_errors_only(tree):
    try:
        from_json(tree)
    except WireError:
        pass


@pytest.mark.parametrize(
    "tree",
    [{"$x": 1}, {"$b": 5}, {"$b": "é"}, {"$b": "a"}, {"$f": "0.5"}, {"$i": 5}, {"$i": "zz"}, {"$d": 5}, {"$d": [[[], 1]]}, {"$d": [1]}],
    ids=repr,
)
def test_unknown_and_damaged_tags_are_refused(tree):
    with pytest.raises(WireError):
        from_json([tree])


def test_a_tree_that_is_too_deep_is_refused():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    for function in (to_json, from_json, dumps):
        with pytest.raises(WireError, match="deep"):
            function(deep)
