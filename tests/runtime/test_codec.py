"""The codec as a whole: what arrives is what left, and a damaged table is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable, World, load_types
from tests.runtime.graphs import SOURCE, build, isomorphic, specs
from tests.runtime.worlds import TwoWorlds

load_types()
quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module", params=["bytes", "json"])
def pair(request):
    return TwoWorlds(SOURCE, json_wire=request.param == "json")


@quick
@given(spec=specs())
def test_a_graph_arrives_with_values_types_identities_and_order(pair, spec):
    objs = build(spec, pair.space)
    copy = pair.there(objs)
    assert isomorphic(objs, copy) == ""
    assert isomorphic(objs, pair.back(copy)) == ""


def test_a_node_table_is_plain_data():
    enc = Encoder(World())
    shared = [1, "a"]
    assert enc.value((shared, shared)) == [0]
    assert enc.finish() == [["t", [[1], [1]]], ["L", [1, "a"]]]


def test_every_tag_is_in_the_specification():
    from faasify.runtime.unit import codec

    assert {"I", "p", *codec.MAKERS} <= set(re.findall(r"(?<= )\w+(?=\s)", codec.__doc__ or ""))


def test_cycles_through_every_mutable_container():
    pair = TwoWorlds("from collections import deque, defaultdict, OrderedDict\nclass P: pass\nNAMES = deque, defaultdict, OrderedDict")
    cycle = [[], {}, pair.space["P"](), pair.space["deque"](), pair.space["OrderedDict"](), (0, [])]
    for part in (cycle[0], cycle[3], cycle[5][1]):
        part.append(cycle)
    cycle[1]["up"] = cycle[2].up = cycle[4]["up"] = cycle
    copy = pair.there(cycle)
    assert copy[0][0] is copy[1]["up"] is copy[2].up is copy[3][0] is copy[4]["up"] is copy[5][1][0] is copy


def test_an_encoder_forgets_a_root_that_cannot_travel():
    enc = Encoder(World())
    good = [1]
    first = enc.root(good)
    with pytest.raises(Untravellable) as caught:
        enc.root([good, {"stream": (x for x in ())}])
    assert type(caught.value.obj).__name__ == "generator"
    assert (enc.root(good), len(enc.finish()), len(enc.objs)) == (first, 1, 1)


def test_deep_lists_do_not_recurse():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    pair = TwoWorlds()
    copy = pair.there(deep)
    depth = 0
    while copy:
        copy, depth = copy[0], depth + 1
    assert depth == 100_000


@pytest.mark.parametrize("kind", ["tuple", "frozenset", "partial", "instance", "exception"])
def test_long_chains_of_immutable_objects_whatever_their_order(kind):
    """Each can be made only after the one that it holds; where that has the lower number, making begins at the wrong end."""
    import functools

    pair = TwoWorlds("import functools\nclass P(tuple): pass\nfunctools.partial\nlen")
    make = {
        "tuple": lambda x: (x,),
        "frozenset": lambda x: frozenset([x, 1]),
        "partial": lambda x: functools.partial(len, x),
        "instance": lambda x: pair.space["P"]((x,)),
        "exception": lambda x: ExceptionGroup("g", [x if isinstance(x, Exception) else ValueError(x)]),
    }[kind]
    chain: list = [()]
    for _ in range({"frozenset": 500, "exception": 2_000}.get(kind, 10_000)):
        chain.append(make(chain[-1]))
    forwards, backwards = pair.there(chain), pair.there(chain[::-1])
    assert len(forwards) == len(backwards) == len(chain)
    assert type(forwards[7]).__name__ == type(chain[7]).__name__ == type(backwards[-8]).__name__
    if kind == "tuple":
        assert all(outer[0] is inner for inner, outer in zip(forwards, forwards[1:], strict=False))


def test_a_linked_list_of_instances():
    pair = TwoWorlds("class Node: pass\ndef last(node):\n    while node.next: node = node.next\n    node.value = 'end'\n    return node")
    first = node = pair.space["Node"]()
    for _ in range(10_000):
        node.next = pair.space["Node"]()
        node = node.next
    node.next = None
    assert pair.call("last", first) is node and node.value == "end"


def test_more_objects_than_a_message_holds(monkeypatch):
    from faasify.runtime.unit import encoder

    monkeypatch.setattr(encoder, "MAX_NODES", 100)
    many = [[] for _ in range(101)]
    enc = Encoder(World())
    with pytest.raises(Untravellable, match="more than 100 objects") as raised:
        enc.root(many)
    assert raised.value.obj is many and enc.objs == []


# Damaged tables


@pytest.fixture(scope="module")
def victim():
    return TwoWorlds(
        "class P:\n    def __init__(self): RAN.append(1)\n    __setstate__ = __init__\n    x = 1\nRAN = []\ndef f(a=[1]): return P"
    )


def table_of(pair: TwoWorlds, obj: object) -> list:
    enc = Encoder(pair.caller)
    enc.root(obj)
    return enc.finish()


def refuses_or_makes(pair: TwoWorlds, nodes: object) -> None:
    try:
        Decoder(pair.unit, nodes).run()  # type: ignore[arg-type]
    except (CodecError, Untravellable):
        pass
    assert pair.space["RAN"] == []


garbage = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 12)
    | st.sampled_from([2**31, -(2**70), 10**40])
    | st.floats()
    | st.text(max_size=3)
    | st.binary(max_size=2),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=8,
)


@quick
@given(data=st.data())
def test_random_nodes_raise_codec_errors_only(victim, data):
    from faasify.runtime.unit.codec import MAKERS

    node = st.builds(lambda tag, rest: [tag, *rest], st.sampled_from(sorted({"I", "p", *MAKERS})), st.lists(garbage, max_size=11))
    refuses_or_makes(victim, data.draw(st.lists(node | garbage, max_size=6)))


@quick
@given(spec=specs(), data=st.data())
def test_mutated_tables_raise_codec_errors_only(pair, spec, data):
    enc = Encoder(pair.caller)
    try:
        enc.root(build(spec, pair.space))
    except Untravellable:
        return
    nodes = pair.bytes(enc.finish())
    for _ in range(data.draw(st.integers(1, 3))):
        node: list = data.draw(st.sampled_from(nodes))
        while True:
            at = data.draw(st.integers(0, len(node) - 1))
            if type(node[at]) is not list or not node[at] or data.draw(st.booleans()):
                break
            node = node[at]
        node[at] = data.draw(garbage)
    try:
        Decoder(pair.unit, nodes).run()
    except (CodecError, Untravellable):
        pass


@pytest.mark.parametrize(
    "nodes",
    [
        None,
        {},
        [[]],
        [None],
        [["t", [[1]]]],
        [["t", [[-1]]]],
        [["t", [[0]]]],
        [["t", [[2**70]]]],
        [["t", [[]]]],
        [["t", [[0, 0]]]],
        [["t"]],
        [["no such tag"]],
        [[["t"]]],
        [["q", -1, []]],
        [["q", 2**100, []]],
        [["b", 10**12]],
        [["b", "text"]],
        [["R", "builtins.range", ["a"]]],
        [["R", "os.system", ["true"]]],
        [["R", ["x"], []]],
        [["ref", "os:system"]],
        [["ref", "builtins:eval"]],
        [["ref", 5]],
        [["M", "os"]],
        [["f", "app:f@1:2-3", None, None, [], {}]],
        [["o", [1], None, [], None], ["L", []]],
        [["C", "X", "X", "app", [0], [], [], [], None, None, [], 0]],
        [["z", [[1]], [1, 2, 3]], ["L", []]],
        [["s", [1], [10**9, 1, 10**9]]],
        [["L", [[0]]]],
        [["D", {"a": [0]}]],
        [["bm", [1], "__class__"], ["L", []]],
        [["bm", 1, "__reduce__"]],
        [["k", "x"]],
        [["std", "stdprn"]],
        [["nan", b"short"]],
        [["c", "a", 1]],
        [["mk", "eval", [], []]],
    ],
    ids=repr,
)
def test_a_damaged_table_is_refused(victim, nodes):
    with pytest.raises(CodecError):
        Decoder(victim.unit, nodes).run()


def test_a_table_of_nested_tuples_that_refers_to_itself_is_refused():
    nodes = [["t", [[i + 1]]] for i in range(100_000)] + [["t", []]]
    with pytest.raises(CodecError, match="deep|range"):
        Decoder(World(), list(reversed(nodes))).run()
    Decoder(World(), nodes).run()
