"""Arrays share their memory over there as here (DECISIONS C7), and what a unit writes into them is written here, in place."""

from __future__ import annotations

import pytest

from faasify.runtime.unit import changes
from faasify.runtime.unit.codec import CodecError, Decoder, Untravellable
from tests.runtime.worlds import TwoWorlds

np = pytest.importorskip("numpy", reason="numpy is not installed")


@pytest.fixture(scope="module", params=["bytes", "json"])
def pair(request):
    return TwoWorlds("import numpy as np\nimport numpy.random", json_wire=request.param == "json")


ARRAYS = {
    "empty": lambda: np.empty((0, 3)),
    "of no dimension": lambda: np.array(5.5),
    "floats": lambda: np.array([1.5, float("nan"), -0.0]),
    "complex": lambda: np.array([[1 + 2j], [3j]]),
    "booleans": lambda: np.array([True, False]),
    "big endian": lambda: np.arange(4, dtype=">i2"),
    "text": lambda: np.array(["a", "bcd", "ä"]),
    "bytes": lambda: np.array([b"a", b"xyz"]),
    "days": lambda: np.array(["2020-01-01", "NaT"], dtype="M8[D]"),
    "Fortran's order": lambda: np.asfortranarray(np.arange(6).reshape(2, 3)),
    "three dimensions": lambda: np.arange(24, dtype=np.uint8).reshape(2, 3, 4).copy(),
    "records": lambda: np.array([(1, 2.5, [1, 2])], dtype=[("a", "i4"), ("b", "f8"), ("c", "i2", (2,))]),
    "read only": lambda: np.frombuffer(b"abcd", dtype="u1"),
    "a row": lambda: np.arange(12).reshape(3, 4)[1],
    "a column backwards": lambda: np.arange(12).reshape(3, 4)[::-1, 2],
    "broadcast": lambda: np.broadcast_to(np.arange(3), (2, 3)),
    "objects": lambda: np.array([1, "a", None, [1]], dtype=object),
    "objects in rows": lambda: np.array([[{}, []]], dtype=object),
}


@pytest.mark.parametrize("make", ARRAYS.values(), ids=ARRAYS)
def test_an_array_arrives_as_it_left(pair, make):
    array = make()
    copy = pair.there(array)
    assert type(copy) is np.ndarray and (copy.dtype, copy.shape, copy.strides) == (array.dtype, array.shape, array.strides)
    assert copy.flags.writeable == array.flags.writeable and repr(copy) == repr(array)


SCALARS = [
    np.float64("nan"),
    np.float32(1.5),
    np.int8(-3),
    np.uint64(2**63),
    np.bool_(True),
    np.complex64(1j),
    np.str_("é"),
    np.bytes_(b"x"),
    np.str_(""),
]
SCALARS += [
    np.datetime64("2020-02-29T12"),
    np.timedelta64(3, "D"),
    np.datetime64("NaT"),
    np.longdouble("1.1"),
]


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda s: f"{type(s).__name__} {s!r}")
def test_a_scalar_arrives_as_it_left(pair, scalar):
    copy = pair.there(scalar)
    assert type(copy) is type(scalar) and copy.dtype == scalar.dtype and repr(copy) == repr(scalar)


@pytest.mark.parametrize("dtype", ["f8", ">i4", "U5", "M8[ns]", "i4,f8", [("a", "i4", (2, 3)), ("b", [("c", "u1")])], object], ids=str)
def test_a_dtype_arrives_as_it_left(pair, dtype):
    assert pair.there(np.dtype(dtype)) == np.dtype(dtype)


def test_views_share_their_memory(pair):
    a = np.arange(10.0)
    first, tail, rows = pair.there([a, a[1:], a.reshape(2, 5)])
    tail[0] = 99
    assert first[1] == rows[0, 1] == 99 and np.shares_memory(first, tail) and tail.base is first


def test_views_share_their_memory_without_the_array_itself(pair):
    a = np.arange(10)
    left, right = pair.there([a[:6], a[4:]])
    left[5] = 99
    assert right[1] == 99


def test_what_a_unit_writes_is_written_here():
    pair = TwoWorlds("""
        import numpy as np
        def f(a, tail, f_order, objs, record):
            a[0] = 7; tail += 1; f_order[0, 1] = -1; objs[1] = objs; record["x"] = 5
            return a
    """)
    a, f_order = np.zeros(4), np.asfortranarray(np.arange(6).reshape(2, 3))
    objs, record, tail = np.array([1, [2]], dtype=object), np.zeros(2, dtype=[("x", "i4")]), a[2:]
    result = pair.call("f", a, tail, f_order, objs, record)
    assert result is a and a.tolist() == [7, 0, 1, 1] and tail.tolist() == [1, 1]
    assert f_order.tolist() == [[0, -1, 2], [3, 4, 5]] and objs[1] is objs and record["x"].tolist() == [5, 5]


def test_an_array_that_got_another_shape_is_not_taken_over():
    pair = TwoWorlds("import numpy as np\ndef f(a): a.shape = (2, 2)")
    with pytest.raises(CodecError, match="another shape"):
        pair.call("f", np.zeros(4))


def test_a_generator_goes_on_where_the_unit_left_it():
    pair = TwoWorlds(
        "import numpy as np\nimport numpy.random\ndef f(rng): return [rng.random(), rng.integers(9), rng.spawn(1)[0].random()]"
    )
    for make in (np.random.default_rng, lambda seed: np.random.Generator(np.random.MT19937(seed))):
        rng, same = make(5), make(5)
        assert pair.call("f", rng) == [same.random(), same.integers(9), same.spawn(1)[0].random()]
        assert rng.random() == same.random() and rng.spawn(1)[0].random() == same.spawn(1)[0].random()


def test_generators_that_draw_from_one_source():
    pair = TwoWorlds("import numpy as np\nimport numpy.random\ndef f(a, b): return [a.random(), b.random(), a.random(), b.bit_generator]")
    source = np.random.PCG64(3)
    a, b, same = np.random.Generator(source), np.random.Generator(source), np.random.default_rng(3)
    for _ in range(2):
        *drawn, bits = pair.call("f", a, b)
        assert drawn == [same.random(), same.random(), same.random()] and bits is source and b.random() == same.random()


def read_only(array):
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    "what",
    ["memmap", "matrix", "fields of objects", "a view of objects", "memory of a bytearray", "a record"]
    + ["an aligned dtype", "metadata", "a read-only array of objects", "numpy's global generator"],
)
def test_what_cannot_be_carried_stays(pair, what, tmp_path):
    (tmp_path / "m").write_bytes(b"12345678")
    made = {
        "memmap": lambda: np.memmap(tmp_path / "m", dtype="u1"),
        "matrix": lambda: np.asmatrix([[1]]),
        "fields of objects": lambda: np.zeros(1, dtype=[("a", object)]),
        "a view of objects": lambda: np.array([1, None])[:1],
        "memory of a bytearray": lambda: np.frombuffer(bytearray(8)),
        "an aligned dtype": lambda: np.zeros(1, np.dtype([("a", [("b", "u1"), ("c", "f8")])], align=True)),
        "metadata": lambda: np.dtype([("a", np.dtype("f8", metadata={"unit": "m"}), (2,))]),
        "a read-only array of objects": lambda: read_only(np.array([1, None])),
        "numpy's global generator": lambda: np.random.Generator(np.random.mtrand._rand._bit_generator),
        "a record": lambda: np.zeros(1, dtype=[("a", "i4")])[0],
    }[what]()
    with pytest.raises(Untravellable):
        pair.there(made)


@pytest.mark.parametrize(
    "nodes",
    [
        [["na", "<f8", [2], "C", b"123", True]],
        [["na", "|O", [1], "C", b"12345678", True]],
        [["na", "<f8", [1], "C", 10**9, True]],
        [["ns", "<f8", b"1"]],
        [["nv", [1], "<f8", [9], [8], 0, True], ["na", "<f8", [1], "C", b"12345678", True]],
        [["nv", [1], "<f8", [1], [8], -8, True], ["L", []]],
        [["nv", [1], "<f8", [1], [8], 8, True], ["na", "<f8", [1], "C", b"12345678", True]],
        [["no", [2**40], []]],
        [["nd", "os"]],
        [["nd", [["a"]]]],
    ],
    ids=repr,
)
def test_damaged_nodes_are_refused(pair, nodes):
    with pytest.raises(CodecError):
        Decoder(pair.unit, nodes).run()


def test_arrays_are_compared_by_their_memory():
    a = np.zeros(3)
    kind = changes.kind_of(a, lambda cls: False)
    before = kind.flat(a)
    assert changes.same(before, kind.flat(a))
    a[1] = -0.0
    assert not changes.same(before, kind.flat(a))
