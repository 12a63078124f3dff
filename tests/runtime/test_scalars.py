"""Values that are made from simpler ones: they arrive as they left, and those that change in place change in place."""

# ruff: noqa: E501  # tables of values
from __future__ import annotations

import array
import datetime as d
import inspect
import io
import operator
import pathlib
import random
import re
import struct
import uuid
from collections import OrderedDict, deque
from decimal import ROUND_DOWN, Context, Decimal, Inexact, localcontext
from fractions import Fraction
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from faasify.runtime.unit.codec import CodecError, Decoder, Untravellable
from tests.runtime.worlds import TwoWorlds

VALUES = [
    1j, complex("nan-infj"), float("nan"), -0.0, ..., NotImplemented, range(0), range(5, -5, -2), range(10**30), slice(1, None, "x"),
    Decimal("1.10"), Decimal("-0"), Decimal("sNaN5"), Decimal("-Infinity"), Decimal(10) ** 400, Fraction(-3, 9),
    d.date.min, d.date.max, d.time(1, 2, 3, 4, fold=1), d.datetime(2020, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("UTC")), d.timedelta.min, d.timedelta.max,
    d.UTC, d.timezone(d.timedelta(hours=-3, seconds=1)), d.timezone(d.timedelta(0), "Z"), d.datetime(1, 1, 1, tzinfo=d.UTC),
    uuid.UUID(int=5), pathlib.Path("a/../b"), pathlib.PurePosixPath("/x"), pathlib.PureWindowsPath("C:\\x"), re.compile("a+(?P<x>b)", re.I | re.X), re.compile(b"\xff"),
    d.date.min.isocalendar(), d.date.max.isocalendar(),
    MappingProxyType({"a": [1]}), MappingProxyType(OrderedDict(a=1)), {"a": 1}.keys(), {"a": 1}.items(), OrderedDict(a=1).keys(), OrderedDict(a=1).items(),
    operator.methodcaller("f"), operator.methodcaller("f", 1, [2], x=3, y={}),
    array.array("d", [1.5, float("nan")]), array.array("u", "aä"), array.array("q", [2**62]), array.array("b"),
    operator.itemgetter(1), operator.itemgetter(1, "x"), operator.attrgetter("a.b", "c"), int, len, str.upper, "x".join, [1].append,
]  # fmt: skip


@pytest.fixture(scope="module", params=["bytes", "json"])
def pair(request):
    return TwoWorlds("str.upper\nlen\nint", json_wire=request.param == "json")


@pytest.mark.parametrize("value", VALUES, ids=lambda v: f"{type(v).__name__} {v!r}"[:60])
def test_a_value_arrives_as_it_left(pair, value):
    copy = pair.there(value)
    assert type(copy) is type(value)
    assert re.sub(" at 0x.*", "", repr(copy)) == re.sub(" at 0x.*", "", repr(value))
    if "NaN" not in repr(value) and value == value and not callable(value):
        assert copy == value and getattr(copy, "fold", 0) == getattr(value, "fold", 0)


@pytest.mark.parametrize(
    "match",
    [re.search("(a)|(b)", "xby", re.I), re.compile("a?").match("ba", 1), re.compile("(?<=x)a+?").fullmatch("xaaa", 1), re.match(b"", b"")],
    ids=str,
)
def test_a_match_arrives_as_it_left(pair, match):
    copy = pair.there(match)
    told = [(m.regs, m.lastindex, m.lastgroup, m.pos, m.endpos, m.string, m.groups(), m.re) for m in (copy, match)]
    assert told[0] == told[1]


@pytest.mark.parametrize("match", [[*re.finditer("a", "aa")][1], re.search(b"a", bytearray(b"a"))], ids=["second", "in what may change"])
def test_a_match_that_is_not_found_again_stays(pair, match):
    with pytest.raises(Untravellable, match="a match"):
        pair.there(match)


def test_singletons_stay_themselves(pair):
    assert pair.there([..., NotImplemented, d.UTC, ZoneInfo("UTC")]) == [..., NotImplemented, d.UTC, ZoneInfo("UTC")]
    nan = float("nan")
    here, there = pair.there([nan, nan])
    assert here is there


def test_what_shows_a_dictionary_shows_that_very_one(pair):
    for shown in ({"a": 1}, OrderedDict(a=1)):
        held, proxy, keys, values, items = pair.there([shown, MappingProxyType(shown), shown.keys(), shown.values(), shown.items()])
        held["b"] = 2
        assert (dict(proxy), list(keys), list(values), list(items)) == ({"a": 1, "b": 2}, ["a", "b"], [1, 2], [("a", 1), ("b", 2)])
        assert [type(view) for view in (keys, values, items)] == [type(view) for view in (shown.keys(), shown.values(), shown.items())]


def test_what_is_changed_through_a_view_changes_in_place():
    pair = TwoWorlds(
        "def f(proxy, values, d):\n    proxy['a'].append(1)\n    for v in values: v.append(2)\n    d['b'] = []\n    return len(proxy)"
    )
    shown = {"a": []}
    assert pair.call("f", MappingProxyType(shown), shown.values(), shown) == 2
    assert shown == {"a": [1, 2], "b": []}


def test_the_namespace_of_a_class_stays(pair):
    for namespace in (vars(TwoWorlds), vars(int), vars(type), vars(OrderedDict)):
        for view in (namespace, namespace.keys()):
            with pytest.raises(Untravellable):
                pair.there(view)


def test_a_view_of_what_is_no_dictionary_is_not_made(pair):
    for name in (
        "builtins.dict_keys",
        "builtins.odict_items",
        "builtins.mappingproxy",
        "_struct.Struct",
        "datetime.IsoCalendarDate",
        "inspect.Signature",
    ):
        for parts in ([], [5], [b"no such format", None], [None, None]):
            with pytest.raises(CodecError):
                Decoder(pair.unit, [["R", name, parts]]).run()


def test_a_match_that_arrives_is_found_by_a_pattern_or_not_made(pair):
    pattern = ["R", "re.Pattern", ["a", 32]]
    assert Decoder(pair.unit, [["R", "re.Match", [[1], False, "ba", 0, 2]], pattern]).run()[0].span() == (1, 2)
    for searched, text in ((5, "a"), ([1], "b")):
        with pytest.raises(CodecError):
            Decoder(pair.unit, [["R", "re.Match", [searched, False, text, 0, 2]], pattern]).run()


def test_a_struct_packs_as_before(pair):
    for layout in (struct.Struct(">IH"), struct.Struct(b"<iq2x")):
        copy = pair.there(layout)
        assert (copy.format, copy.size, copy.unpack(layout.pack(1, 2))) == (layout.format, layout.size, (1, 2))


def test_the_layout_of_a_struct_changes_in_place():
    layout = struct.Struct("i")
    assert TwoWorlds("def f(s): s.__init__('<d'); return s.size").call("f", layout) == 8
    assert (layout.format, layout.size) == ("<d", 8)


def test_a_caller_of_methods_calls_as_before(pair):
    for caller in (operator.methodcaller("split"), operator.methodcaller("split", ",", 1), operator.methodcaller("split", ",", maxsplit=1)):
        assert pair.there(caller)("a,b c,d") == caller("a,b c,d")


def test_a_signature_and_what_is_bound_by_it_arrive_as_they_left():
    pair = TwoWorlds("""
        import inspect
        KEPT = []
        def f(a, /, b: int, *c, d=KEPT, e: "str" = 3, **k) -> list: pass
        def g(): pass
        def bind(sig): return sig.bind(1, 2, z=5)
        def default(sig): sig.parameters["d"].default.append(1); return sig.parameters["d"].default is KEPT
        def rebind(bound): bound.apply_defaults(); bound.arguments["b"] = 9
    """)
    for name in "fg":
        signature = inspect.signature(pair.space[name])
        copy, again, *parameters = pair.there([signature, signature, *signature.parameters.values()])
        assert (copy is again, str(copy), len(copy.parameters)) == (True, str(signature), len(signature.parameters))
        assert all(map(operator.is_, copy.parameters.values(), parameters))
        assert [p.kind for p in parameters] == [p.kind for p in signature.parameters.values()]
        assert pair.back(copy) == signature
    signature = inspect.signature(pair.space["f"])
    assert pair.call("default", signature) and pair.space["KEPT"] == [1]
    bound = pair.call("bind", signature)
    assert pair.call("rebind", bound) is None
    assert (bound.args, bound.kwargs, bound.signature is signature) == ((1, 9), {"d": [1], "e": 3, "z": 5}, True)
    assert bound.arguments["d"] is pair.space["KEPT"]


def test_methods_of_values_in_c_do_as_before_and_change_their_own_value():
    pair = TwoWorlds("def f(method, *args): return method(*args)\nclass Odd(list): append = list.extend")
    word, layout = re.compile("a+"), struct.Struct(">IH")
    for method, args in (
        (word.findall, ("aba",)),
        (word.sub, ("-", "aba")),
        (word.split, ("bab",)),
        (layout.pack, (1, 2)),
        (layout.unpack, (b"abcdef",)),
    ):
        assert pair.call("f", method, *args) == method(*args)
    rng, twin, queue, numbers = random.Random(3), random.Random(3), deque([1, 2]), array.array("i", [1])
    assert [pair.call("f", rng.random), pair.call("f", rng.getrandbits, 9)] == [twin.random(), twin.getrandbits(9)]
    assert rng.getstate() == twin.getstate()
    assert pair.call("f", queue.popleft) == 1 and pair.call("f", queue.appendleft, 5) is None and list(queue) == [5, 2]
    pair.call("f", numbers.append, 7)
    assert pair.call("f", numbers.tolist) == [1, 7]
    odd = pair.space["Odd"]()
    pair.call("f", odd.append, [1, 2])
    assert odd == [1, 2]


def test_in_memory_files_keep_their_place(pair):
    text, data = io.StringIO("one\ntwo\r\n"), io.BytesIO(b"abc")
    text.readline()
    data.seek(0, 2)
    copy, bytes_copy = pair.there([text, data])
    assert (copy.read(), copy.getvalue(), bytes_copy.tell(), bytes_copy.getvalue()) == ("two\r\n", "one\ntwo\r\n", 3, b"abc")


@pytest.mark.parametrize(
    "code",
    [
        "x.write('more'); return x.tell()",
        "x.seek(0); x.truncate(); x.write('a\\r\\nb\\n'); x.seek(1); return x.getvalue()",
        "x.readline(); return x.read()",
    ],
)
def test_a_text_file_in_memory_changes_in_place(code):
    here, there = io.StringIO("one\ntwo"), io.StringIO("one\ntwo")
    here.seek(0, 2), there.seek(0, 2)
    space: dict = {}
    exec(f"def f(x): {code}", space)
    assert TwoWorlds(f"def f(x): {code}").call("f", there) == space["f"](here)
    assert (there.getvalue(), there.tell()) == (here.getvalue(), here.tell())


def test_what_lines_a_text_file_translates_stays(pair):
    for newline in (None, "\r\n", ""):
        file = io.StringIO("a\r\nb\n", newline=newline)
        file.read()
        try:
            copy = pair.there(file)
        except Untravellable:
            continue
        file.seek(0), copy.seek(0)
        file.write("x\ny"), copy.write("x\ny")
        assert copy.getvalue() == file.getvalue(), newline


def test_arrays_generators_and_files_change_in_place():
    pair = TwoWorlds("""
        def f(a, r, b):
            a.append(7); a[0] = 1; b.seek(1); b.write(b"XYZ"); b.seek(0)
            r.random(); r.gauss(0, 1)
            return r.random()
    """)
    a, r, b, twin = array.array("i", [5]), random.Random(3), io.BytesIO(b"ab"), random.Random(3)
    result = pair.call("f", a, r, b)
    twin.random(), twin.gauss(0, 1)
    assert (a.tolist(), b.getvalue(), b.tell(), result) == ([1, 7], b"aXYZ", 0, twin.random()) and r.getstate() == twin.getstate()


def test_a_decimal_context_arrives_and_changes_in_place():
    pair = TwoWorlds("from decimal import Decimal\ndef f(c): c.prec += 1; return c.divide(Decimal(1), Decimal(3))")
    context = Context(prec=4, rounding=ROUND_DOWN, traps=[])
    with localcontext(context):
        assert pair.call("f", context) == Decimal("0.33333")
    assert context.prec == 5 and context.flags[Inexact]


def test_subclasses_are_not_taken_for_their_base():
    pair = TwoWorlds(
        "import datetime, decimal, random\nclass Day(datetime.date): pass\nclass Dec(decimal.Decimal): pass\nclass R(random.Random): pass"
    )
    for value in (pair.space["Day"](2020, 1, 1), pair.space["Dec"](1), pair.space["R"](1)):
        with pytest.raises(Untravellable):
            pair.there(value)


@pytest.mark.parametrize("what", ["a generator", "a file", "a lock", "a zip", "a memoryview", "a weak reference"])
def test_what_cannot_be_carried_stays(pair, what):
    import _thread
    import weakref

    with open(__file__) as file:
        made = {
            "a generator": (x for x in ()), "a file": file, "a lock": _thread.allocate_lock(), "a zip": zip([1]), "a memoryview": memoryview(b"x"),
            "a weak reference": weakref.ref(test_singletons_stay_themselves),
        }[what]  # fmt: skip
        with pytest.raises(Untravellable) as caught:
            pair.there([{"deep": made}])
    assert caught.value.obj is made
