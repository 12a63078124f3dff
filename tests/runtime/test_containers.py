"""Containers beyond what random graphs show: order, sharing with an instance's `__dict__`, what hashes its elements."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque

import pytest

from faasify.runtime.unit import wire
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable, World
from faasify.runtime.unit.containers import all_plain
from tests.runtime.worlds import TwoWorlds


def test_plain_contents_are_carried_in_one_piece():
    enc = Encoder(World())
    nan = float("nan")
    for obj in ([1, 2.5, "a", None, b""], {"a": 1, 2: True}, [nan], {"x": []}, [1, [2]]):
        enc.root(obj)
    assert [node[0] for node in enc.finish()] == ["L", "D", "l", "nan", "d", "L", "l", "L"]
    assert all_plain([1, -0.0]) and not all_plain([nan]) and not all_plain([1j])


def test_a_plain_list_is_a_copy_that_later_changes_do_not_reach():
    enc, xs = Encoder(World()), [1]
    enc.root(xs)
    xs.append(2)
    assert enc.finish() == [["L", [1]]]


def test_order_and_bounds():
    od = OrderedDict(z=1, a=2)
    od.move_to_end("z")
    dd = defaultdict(list, b=1, a=2)
    copy_od, copy_dd, copy_deque, full = TwoWorlds("list").there([od, dd, deque([1, 2], 2), deque([], 0)])
    assert list(copy_od) == ["a", "z"] and list(copy_dd.items()) == [("b", 1), ("a", 2)] and copy_dd["new"] == []
    assert (copy_deque, copy_deque.maxlen, full.maxlen) == (deque([1, 2]), 2, 0)


def test_the_dict_of_an_instance_is_one_with_the_instance():
    pair = TwoWorlds("class P: pass")
    p = pair.space["P"]()
    p.x = 1
    for roots in ([p, vars(p)], [vars(p), p]):
        copies = pair.there(roots)
        one, space = copies if roots[0] is p else reversed(copies)
        space["y"] = 2
        assert one.y == 2 and vars(one) is space


def test_keys_that_are_instances_frozensets_and_tuples_of_them():
    pair = TwoWorlds("""
        import enum
        class Color(enum.Enum): RED = 1
        class P:
            def __init__(self, n): self.n = n
            def __hash__(self): return hash(self.n)
            def __eq__(self, other): return self.n == other.n
        def f(table, group): return [table[P(1)], table[(P(2), 3)], table[Color.RED], P(1) in group, table[frozenset({1, (2,)})]]
    """)
    P, RED = pair.space["P"], pair.space["Color"].RED
    table = {P(1): "a", (P(2), 3): "b", RED: "c", frozenset({1, (2,)}): "d"}
    assert pair.call("f", table, {P(1), P(4)}) == ["a", "b", "c", True, "d"]
    with pytest.raises(Untravellable, match="frozenset of objects"):
        pair.there(frozenset({P(1)}))


@pytest.mark.parametrize(
    "node", [["s", [1, 1], []], ["s", [[1]], []], ["d", [1]], ["d", [[1], 1]], ["z", [[1]], []], ["t", 5], ["q", "x", []]], ids=repr
)
def test_damaged_containers_are_refused_or_harmless(node):
    try:
        made = Decoder(World(), [node, ["L", []]]).run()
    except CodecError:
        return
    assert made[0] == {1}


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        pytest.param([str(i) * 3 for i in range(100)], "T", id="text"),
        pytest.param(["é\ud800", "", *map(str, range(100))], "T", id="text of all kinds"),
        pytest.param(["\0", *map(str, range(100))], "L", id="text with the separator in it"),
        pytest.param(["same"] * 100, "L", id="one text many times"),
        pytest.param([2**40 + i for i in range(100)], "I", id="integers of a word"),
        pytest.param([-(2**63), 2**63 - 1] * 50, "I", id="the largest and the smallest"),
        pytest.param([2**63] * 100, "L", id="integers of more than a word"),
        pytest.param([2**40] * 99 + [True], "L", id="integers and a bool"),
        pytest.param(["x"] * 70 + [1], "L", id="text and an integer"),
        pytest.param([1.5] * 100, "p", id="floats"),
        pytest.param([3] * 100, "I", id="small integers"),
        pytest.param([3] * 63, "p", id="few integers"),
        pytest.param([3] * 99 + [None], "p", id="small integers and something else"),
        pytest.param("t" * 40_000, "B", id="a long text"),
        pytest.param(b"b" * 40_000, "B", id="long bytes"),
        pytest.param(bytearray(b"b" * 40_000), "b", id="a long bytearray"),
    ],
)
def test_long_values_have_forms_of_their_own(value, tag):
    pair = TwoWorlds()
    enc = Encoder(pair.caller)
    enc.root(value)
    assert [node[0] for node in enc.finish()] == [tag]
    copy = pair.there(value)
    assert copy == value and type(copy) is type(value) and (type(value) is not list or list(map(type, copy)) == list(map(type, value)))
    assert TwoWorlds(json_wire=True).there(value) == value


def test_long_values_that_come_back_are_referred_to():
    pair = TwoWorlds("def f(a, b): return b, a, [a]")
    data, text = b"x" * 50_000, "y" * 50_000
    assert all(map(lambda a, b: a is b, pair.call("f", data, text)[:2], (text, data)))


def test_large_buffers_are_out_of_line():
    enc, data = Encoder(TwoWorlds().caller), b"x" * 50_000
    enc.root(data)
    head, _, buffer = wire.dumps(enc.finish())
    assert buffer.obj is data and len(wire.dumps([data])) > len(data) > len(head)
