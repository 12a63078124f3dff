"""Copy-restore: what a unit did to its copies is done to the originals, with the smallest steps."""

from __future__ import annotations

import random
from collections import deque

import pytest
from hypothesis import HealthCheck, given, settings

from faasify.runtime.unit import changes
from faasify.runtime.unit.before import Before
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable
from tests.runtime.graphs import SOURCE, build, isomorphic, specs
from tests.runtime.mutate import mutate, mutations
from tests.runtime.worlds import TwoWorlds

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module", params=["bytes", "json"])
def pair(request):
    return TwoWorlds(SOURCE, json_wire=request.param == "json")


@quick
@given(spec=specs(), steps=mutations)
def test_the_original_becomes_what_the_copy_became(pair, spec, steps):
    objs = build(spec, pair.space)
    classes = {name: value for name, value in pair.space.items() if isinstance(value, type)}
    enc = Encoder(pair.caller)
    root = enc.root([objs, classes])
    dec = Decoder(pair.unit, pair.bytes(enc.finish()))
    copies = dec.run()
    copy, space = dec.value(root)
    snapshot = Before.of(dec, pair.unit.is_program_class)
    mutate(copy, steps, space)
    reply = Encoder(pair.unit, copies)
    edits = snapshot.edits(reply)
    nodes, edits = pair.bytes([reply.finish(), edits])
    back = Decoder(pair.caller, nodes, list(enc.objs))
    back.run()
    for plan in [changes.planned(back, enc.objs[i], node, pair.caller.is_program_class) for i, node in edits]:
        plan()
    assert isomorphic(objs, copy) == ""


def run(source: str, *args: object, name: str = "f") -> object:
    return TwoWorlds(source).call(name, *args)


def test_r1_an_object_that_was_let_go_is_changed_too():
    inner: list = []
    outer = [inner]
    run("def f(xs): xs.pop().append(1)", outer)
    assert (outer, inner) == ([], [1])


def test_r2_an_equal_element_that_was_replaced():
    inner = [1]
    outer = [inner]
    run("def f(xs): xs[0] = list(xs[0])", outer)
    assert outer == [[1]] and outer[0] is not inner


def test_r2_a_value_of_another_type_that_is_equal():
    xs, d = [1, 0.0, 1], {"a": True, "b": -0.0}
    run("def f(xs, d): xs[0] = True; xs[1] = -0.0; xs[2] = 1.0; d['a'] = 1; d['b'] = 0.0", xs, d)
    assert repr((xs, d)) == "([True, -0.0, 1.0], {'a': 1, 'b': 0.0})"


def test_r3_an_iteration_over_a_deque_survives_an_assignment():
    d = deque([1, 2, 3])
    going = iter(d)
    next(going)
    run("def f(d): d[0] = 9", d)
    assert list(going) == [2, 3] and d[0] == 9


def test_r3_an_iteration_over_a_dict_survives_a_changed_value():
    for d in ({"a": 1, "b": 2, "c": 3}, {(1, 2): 1, 2.5: 2, None: 3}):
        going = iter(d)
        next(going)
        run("def f(d):\n for k in d: d[k] *= 2", d)
        assert len(list(going)) == 2 and list(d.values()) == [2, 4, 6]


def test_r3_an_iteration_over_a_set_survives_what_leaves_its_size_alone():
    s = {1, 2, 3}
    going = iter(s)
    next(going)
    run("def f(s): s.add(2)", s)
    assert len(list(going)) == 2


def test_r3_an_iteration_over_a_list_sees_what_was_appended():
    xs = [1, 2]
    going = iter(xs)
    next(going)
    run("def f(xs): xs.append(3)", xs)
    assert list(going) == [2, 3]


def test_a_list_iterator_advances_here_although_the_list_grew_meanwhile():
    xs = [1, 2]
    it = iter(xs)
    out = run("def f(xs, it):\n next(it); xs += [3, 4, 5]; next(it); return next(it)", xs, it)
    assert (out, list(it)) == (3, [4, 5])


@pytest.mark.parametrize("what", ["[1, 2, 3]", "(1, 2, 3)", "'abc'", "'äbc'", "b'abc'", "range(0, 30, 10)", "range(9, 0, -3)", "[]", "()"])
def test_iterators_go_with_their_place_and_come_back_with_it(what):
    for start in range(3):
        for steps in range(5):
            here, expected = iter(eval(what)), iter(eval(what))
            for it in (here, expected):
                for _ in range(start):
                    next(it, None)
            assert run("def f(it, n): return [next(it, None) for _ in range(n)]", here, steps) == [
                next(expected, None) for _ in range(steps)
            ]
            assert list(here) == list(expected)


def test_a_count_goes_on_where_the_unit_left_it():
    import itertools

    numbers = itertools.count(5, 3)
    assert run("import itertools\ndef f(c): return [next(c), next(c)]", numbers) == [5, 8]
    assert next(numbers) == 11


def test_an_instance_of_another_class_now():
    pair = TwoWorlds("class Off: pass\nclass On: pass\ndef f(s): s.__class__ = On; s.x = 1")
    s = pair.space["Off"]()
    pair.call("f", s)
    assert type(s) is pair.space["On"] and s.x == 1


def test_a_function_a_class_a_cell_and_a_default_change_in_place():
    pair = TwoWorlds("""
        class C:
            count = 0
            @classmethod
            def up(cls): cls.count += 1; cls.extra = [cls]; del cls.gone
            gone = 1
        def counter():
            n = 0
            def up():
                nonlocal n
                n += 1
                up.calls = n
                return n
            return up
        def remember(x, seen=[]): seen.append(x); return seen
        up = counter()
        def f(): C.up(); up(); return remember(1) is remember.__defaults__[0]
    """)
    space = pair.space
    C, up, seen = space["C"], space["up"], space["remember"].__defaults__[0]
    assert pair.call("f") is True
    assert (C.count, C.extra, hasattr(C, "gone")) == (1, [C], False)
    assert (up(), up.calls, seen) == (2, 2, [1]) and space["remember"].__defaults__[0] is seen


def test_slots_that_were_deleted_and_set():
    pair = TwoWorlds("class P:\n    __slots__ = 'a', 'b'\ndef f(p): del p.a; p.b = p")
    p = pair.space["P"]()
    p.a = 1
    pair.call("f", p)
    assert not hasattr(p, "a") and p.b is p


def test_what_a_call_that_raised_had_changed():
    pair = TwoWorlds("def f(xs): xs.append(1); raise ValueError(xs)")
    xs: list = []
    with pytest.raises(ValueError) as caught:
        pair.call("f", xs)
    assert xs == [1] and caught.value.args[0] is xs


def test_the_operators_of_the_program_do_not_run():
    pair = TwoWorlds("""
        RAN = []
        class Loud(list):
            def __len__(self): RAN.append("len"); return 0
            def __iter__(self): RAN.append("iter"); return iter(())
            def __eq__(self, other): RAN.append("eq"); return True
            def __setitem__(self, i, v): RAN.append("set")
            def __setattr__(self, n, v): RAN.append("attr")
            def __getattribute__(self, n): RAN.append("get"); return list.__getattribute__(self, n)
            def extend(self, more): RAN.append("extend")
        class LoudDict(dict):
            def __setitem__(self, k, v): RAN.append("setitem")
            def items(self): RAN.append("items"); return ()
            def update(self, *a): RAN.append("update")
        def f(xs, d): list.append(xs, xs); dict.__setitem__(d, "k", xs)
    """)
    xs, d = pair.space["Loud"](), pair.space["LoudDict"]()
    list.append(xs, 1)
    pair.call("f", xs, d)
    ran = list(pair.space["RAN"])
    assert ran == []
    assert list.__getitem__(xs, 1) is xs and dict.__getitem__(d, "k") is xs


# Sets


def histories():
    draw = random.Random(5)
    makers = [
        lambda: draw.randrange(10**9),
        lambda: draw.randrange(200),
        lambda: str(draw.random()),
        lambda: (draw.randrange(40), draw.randrange(40)),
    ]
    for make in makers:
        for size in (0, 1, 4, 5, 20, 60, 300, 1000):
            for removed in (0, 1, size // 3, size // 2):
                s = {make() for _ in range(size)}
                for x in draw.sample(sorted(s), min(removed, len(s))):
                    s.discard(x)
                yield s
                yield s | {make() for _ in range(size // 2)}
                yield frozenset(s)


def test_sets_arrive_in_their_order_with_their_table():
    pair = TwoWorlds("class MySet(set): pass")
    all_of_them = list(histories())
    sized = [pair.space["MySet"](s) for s in all_of_them]
    refused = 0
    for s in [*all_of_them, *sized]:
        try:
            copy = pair.there(s)
        except Untravellable:
            refused += 1  # the hashes of strings are others in each run: one in some thousand sets resists
            continue
        assert [*copy] == [*s] and copy.__sizeof__() == s.__sizeof__(), (len(s), s.__sizeof__())
    assert refused <= len(all_of_them) / 50


def test_a_set_that_a_unit_changed_has_the_order_that_it_has_here():
    pair = TwoWorlds("def f(s, more, fewer): s.update(more); s.difference_update(fewer); return list(s)")
    draw = random.Random(3)
    for size in (0, 3, 10, 50):
        s = {str(draw.random()) for _ in range(size)}
        twin = set(s)
        more, fewer = [str(draw.random()) for _ in range(draw.randrange(30))], list(s)[: size // 4]
        order = pair.call("f", s, more, fewer)
        twin.update(more)
        twin.difference_update(fewer)
        assert [*s] == order == [*twin]


def test_a_set_that_was_larger_once_is_added_to_over_there():
    s = set(range(1000))
    for x in range(5, 1000):
        s.discard(x)
    twin = set(range(1000))
    for x in range(5, 1000):
        twin.discard(x)
    pair = TwoWorlds("def f(s): return sum(s)\ndef g(s): s.add(4096 + 7)\ndef h(s): s.discard(1)")
    assert pair.call("f", s) == 10
    pair.call("h", s)
    pair.call("g", s)
    twin.discard(1)
    twin.add(4096 + 7)
    assert [*s] == [*twin] and s.__sizeof__() == twin.__sizeof__()


_CHANGES = """
def add(s, keys):
    for k in keys: s.add(k)
def discard(s, keys):
    for k in keys: s.discard(k)
def come_and_go(s, keys):
    for k in keys:
        s.add(k)
        s.discard(k)
def update(s, keys): s.update(keys)
def merge(s, keys): s |= set(keys)
def subtract(s, keys): s -= set(keys)
def intersect(s, keys): s &= set(keys)
def replace(s, keys): s ^= set(keys)
def clear(s, keys):
    s.clear()
    s.update(keys)
"""


@pytest.mark.parametrize("seed", range(12))
def test_a_set_is_what_it_would_be_whoever_changed_it_and_in_whatever_order(seed):
    draw, here, pair = random.Random(seed), {}, TwoWorlds(_CHANGES)
    exec(_CHANGES, here)
    s: set[object] = set()
    twin: set[object] = set()
    for _ in range(60):
        name = draw.choice(["add", "discard", "come_and_go", "update", "merge", "subtract", "intersect", "replace", "clear"])
        numbers, texts = [draw.randrange(draw.choice([300, 10**6])) for _ in range(30)], [str(draw.randrange(99)) for _ in range(10)]
        many: list[object] = [*numbers, *texts, *((n % 20, "x") for n in numbers[:9])]
        draw.shuffle(many)
        keys = [*many[: draw.randrange(40)], *draw.sample(sorted(twin, key=repr), len(twin) // 2)]
        draw.shuffle(keys)
        here[name](twin, keys)
        if draw.random() < 0.7:
            pair.call(name, s, keys)
        else:
            here[name](s, keys)
        assert [*s] == [*twin] and s.__sizeof__() == twin.__sizeof__(), name


def test_no_object_of_the_programs_is_compared_with_what_fills_a_table():
    pair = TwoWorlds(
        """
        class Node:
            def __init__(self, n): self.n = n
            def __hash__(self): return self.n
            def __eq__(self, other): return self.n == other.n
        def prune(s, step):
            for x in list(s):
                if x.n % step: s.discard(x)
        def grow(s, *numbers):
            for n in numbers: s.add(Node(n))
        """
    )
    node, draw = pair.space["Node"], random.Random(5)
    s, twin = {node(n) for n in range(20)}, {node(n) for n in range(20)}
    for _ in range(20):
        step, numbers = draw.randrange(2, 5), draw.sample(range(100), 6)
        for name, *args in ("prune", step), ("grow", *numbers):
            pair.call(name, s, *args)
            pair.space[name](twin, *args)
            assert [x.n for x in s] == [x.n for x in twin]
        s.add(node(numbers[0] + 1))
        twin.add(node(numbers[0] + 1))
        assert [x.n for x in s] == [x.n for x in twin]


# Damaged edits


@pytest.mark.parametrize("target", [[1], {1: 2}, {1}, deque(), bytearray(), (), ValueError()], ids=lambda x: type(x).__name__)
@pytest.mark.parametrize(
    "node", [None, [], ["l"], ["l", 5], ["l", [[99]]], ["d", [1]], ["Δ", 1, [1, 2]], ["s", [[]], 8], ["b", "x"], ["e", 1]], ids=repr
)
def test_a_damaged_edit_is_refused_or_fits(target, node):
    pair = TwoWorlds()
    dec = Decoder(pair.caller, [], [target])
    dec.run()
    with pytest.raises(CodecError):
        changes.planned(dec, target, node, pair.caller.is_program_class)
        raise CodecError("it fits")
