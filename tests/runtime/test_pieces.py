"""Pieces: trees of built-in containers as one node, every container inside being known on both sides."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faasify.runtime.unit import pieces
from faasify.runtime.unit.before import Before
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder
from faasify.runtime.unit.encoder import ATTEMPTS
from tests.runtime.graphs import isomorphic
from tests.runtime.worlds import TwoWorlds

NAN = float("nan")
ROWS = [{"id": i, "tags": ["a", str(i)], "at": (i, [i])} for i in range(40)]


PAIR = TwoWorlds()


def once_large() -> set:
    """A set with a table that its elements alone would not need."""
    numbers = set(range(900))
    for n in range(5, 900):
        numbers.discard(n)
    return numbers


def nodes_of(pair: TwoWorlds, *roots: object) -> list:
    enc = Encoder(pair.caller)
    for root in roots:
        enc.root(root)
    return enc.finish()


def tags(pair: TwoWorlds, *roots: object) -> list[str]:
    return [node[0] for node in nodes_of(pair, *roots)]


def test_a_tree_is_one_node_and_every_container_in_it_has_a_number():
    pair = TwoWorlds()
    enc = Encoder(pair.caller)
    enc.root(ROWS)
    (node,) = enc.finish()
    assert node[0] == "p" and len(enc.objs) == 1 + node[2] == 1 + 4 * len(ROWS)
    assert enc.root(ROWS[7]["tags"]) == [enc.objs.index(ROWS[7]["tags"])]
    dec = Decoder(pair.unit, pair.bytes(enc.finish()))
    assert len(dec.run()) == len(enc.objs)
    assert all(isomorphic(a, b) == "" for a, b in zip(enc.objs, dec.objs, strict=True))
    assert dec.objs[0][7]["at"][1] is dec.objs[enc.objs.index(ROWS[7]["at"][1])]


def test_what_is_inside_is_changed_in_place_and_is_itself_in_the_result():
    pair = TwoWorlds(
        "def f(rows): rows[3]['tags'].append(1); rows[5]['at'][1].clear(); gone = rows.pop(); gone['id'] = -1; return rows[3]['tags']"
    )
    rows = pickle.loads(pickle.dumps(ROWS))
    inside = [rows[3]["tags"], rows[5]["at"][1], rows[-1]]
    assert pair.call("f", rows) is inside[0]
    assert (inside[0], inside[1], inside[2]["id"], len(rows)) == (["a", "3", 1], [], -1, 39)


def test_r2_an_equal_container_in_a_piece_that_was_replaced():
    pair = TwoWorlds("def f(rows): rows[2]['tags'] = list(rows[2]['tags'])")
    rows = pickle.loads(pickle.dumps(ROWS))
    tags = rows[2]["tags"]
    pair.call("f", rows)
    assert rows[2]["tags"] == tags and rows[2]["tags"] is not tags


def test_what_two_roots_share_is_shared():
    pair = TwoWorlds("def f(a, b, c): return a[0] is b[0] is c")
    shared = [[1], 2]
    assert pair.call("f", [shared, 1, []], [shared, 2, []], shared) is True
    assert pair.call("f", [shared, 1, []], (shared,), shared) is True


@pytest.mark.parametrize(
    "value",
    [
        pytest.param([[NAN], []], id="a NaN, whose identity counts"),
        pytest.param([[-NAN], []], id="a NaN with a sign"),
        pytest.param([[1j], []], id="a number of another type"),
        pytest.param([[True.__class__], []], id="a class"),
        pytest.param([[pickle.PickleBuffer(b"abc")], []], id="what pickle would take for bytes"),
        pytest.param([[once_large()], []], id="a set whose order is another if it is built again"),
    ],
)
def test_what_goes_node_by_node(value):
    assert pieces.take(value) is None


def test_the_dict_of_an_instance_is_no_piece():
    pair = TwoWorlds("class P: pass\ndef f(p, d): d['x'].append(1); return p.x")
    p = pair.space["P"]()
    p.x = [[]]
    assert tags(pair, p, {"dict": vars(p), "list": []}).count("p") == 1  # p.x
    assert pair.call("f", p, vars(p)) is p.x and p.x == [[], 1]


def test_infinities_and_sets_in_order_are_pieces():
    for value in ([[float("inf"), -float("inf")]], [[{1, 2, 3}, frozenset("a")]]):
        taken = pieces.take(value)
        assert taken is not None and isomorphic(pieces.make(taken[0], len(taken[1]))[0], value) == ""


def test_attempts_that_fail_end():
    pair = TwoWorlds("len")
    odd = [[[1, [2, len]]] for _ in range(500)]
    assert isomorphic(pair.there(odd), odd) == ""
    enc = Encoder(pair.caller)
    enc.root(odd)
    assert enc._attempts == 0
    enc = Encoder(pair.caller)
    enc.root([len, *ROWS])
    assert enc._attempts > ATTEMPTS


tree = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=2) | st.integers(), inner, max_size=3)
        | st.lists(inner, max_size=2).map(tuple)
        | st.frozensets(st.integers(0, 7), max_size=4).map(set)
        | st.binary(max_size=3).map(bytearray)
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(tree=tree, steps=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=4))
def test_a_tree_with_shared_parts_and_cycles_keeps_its_shape(tree, steps):
    value = [tree, [], {}]
    enc = Encoder(PAIR.caller)
    enc.root(value)
    objs = [obj for obj in enc.objs if type(obj) in (list, dict)]
    for where, what in steps:  # any container may come to hold any other one
        target, other = objs[where % len(objs)], objs[what % len(objs)]
        target.append(other) if type(target) is list else target.update(again=other)
    assert isomorphic(PAIR.there(value), value) == ""


@pytest.mark.parametrize(
    "node", [["p"], ["p", b"", 0], ["p", 5, 0], ["p", pickle.dumps(len), 0], ["p", pickle.dumps([[]]), 5], ["p", pickle.dumps(5), 0]]
)
def test_a_piece_that_is_none_is_refused(node):
    with pytest.raises(CodecError):
        Decoder(TwoWorlds().unit, [node]).run()


def test_a_unit_that_speaks_json_takes_no_pieces():
    pair = TwoWorlds(json_wire=True)
    assert "p" not in tags(pair, ROWS)
    with pytest.raises(CodecError, match="no known tag"):
        Decoder(pair.unit, [["p", pickle.dumps([]), 0]]).run()


def test_nothing_is_compared_twice_and_nothing_is_missed():
    pair = TwoWorlds()
    enc = Encoder(pair.caller)
    enc.root(ROWS)
    dec = Decoder(pair.unit, pair.bytes(enc.finish()))
    dec.run()
    snapshot = Before.of(dec, pair.unit.is_program_class)
    assert snapshot.same()
    dec.objs[0][1]["tags"][0] = "b"
    dec.objs[0][2]["id"] = 2.0
    assert not snapshot.same()
    changed = {id(dec.objs[i]) for i, _ in snapshot.edits(Encoder(pair.unit, dec.objs))}
    assert changed == {id(dec.objs[0][1]["tags"]), id(dec.objs[0][2])}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("xs[5] = 5", id="another type"),
        pytest.param("xs[0] = -0.0", id="another sign"),
        pytest.param("xs[5] = [xs]", id="a container"),
        pytest.param("xs[5] = len", id="what is no plain value"),
        pytest.param("xs.append(1.0)", id="longer"),
        pytest.param("xs.reverse()", id="another order"),
        pytest.param("xs[7] = float('nan')", id="a NaN"),
    ],
)
def test_a_change_in_a_long_list_of_numbers(change):
    pair = TwoWorlds(f"def f(xs): {change}; return xs")
    xs = [float(n) for n in range(2000)]
    twin = list(xs)
    exec(change, {"xs": twin})
    assert pair.call("f", xs) is xs
    assert [repr(x) for x in xs[:5] + xs[6:]] == [repr(x) for x in twin[:5] + twin[6:]]
    assert type(xs[5]) is type(twin[5]) and (xs[5][0] is xs if type(xs[5]) is list else xs[5] == twin[5])


def test_a_long_list_of_numbers_that_was_not_changed_is_not_sent_back():
    pair = TwoWorlds()
    enc = Encoder(pair.caller)
    enc.root([float(n) for n in range(2000)])
    dec = Decoder(pair.unit, pair.bytes(enc.finish()))
    dec.run()
    snapshot = Before.of(dec, pair.unit.is_program_class)
    dec.objs[0][3] = float("3")  # another object, but the identity of numbers is not promised
    assert snapshot.same() and snapshot.edits(Encoder(pair.unit, dec.objs)) == []
