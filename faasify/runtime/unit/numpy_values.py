"""numpy's arrays, scalars, dtypes and generators, where the program has imported numpy.

["na", dtype, shape, order, memory, writeable]      an array that owns its memory, as bytes
["no", shape, [element, ...]]                       one that owns its objects
["nv", owner, dtype, shape, strides, offset, writeable]    a view: over there it looks at the copy of the same memory (DECISIONS C7)
["ns", dtype, memory]                               a scalar
["nd", dtype]                                       a dtype, as `numpy.lib.format` describes it

numpy is never imported here: in a program without it nothing of this registers anything. What changed in an array is written back in
place, so that every view of it sees it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from faasify.runtime.unit import changes, scalars
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable, encodes, makes
from faasify.runtime.unit.containers import buffer_of


def _numpy() -> Any:
    found = sys.modules.get("numpy")
    if found is None:
        raise CodecError("an array, and the program has no numpy")
    scalars.known_type(found.ndarray)  # registers on first sight
    return found


def _register() -> None:
    np = sys.modules["numpy"]
    kinds = {kind for kind in np.sctypeDict.values() if kind is not np.object_}
    encodes(np.ndarray)(_array)
    encodes(*kinds)(_scalar)
    encodes(*{type(np.dtype(kind)) for kind in {*kinds, np.object_}})(_dtype)
    changes.KINDS[np.ndarray] = _Array()


def _register_random() -> None:
    random = _numpy().random  # numpy imports it when it is asked for it
    for name in _BITS:
        scalars.carries(getattr(random, name), _take_bits, _make_bits, _restore_bits)
    scalars.carries(random.Generator, lambda obj: (obj.bit_generator,), _make_generator)


scalars.LAZY["numpy"] = _register
scalars.LAZY |= {f"numpy.random.{name}": _register_random for name in ("_generator", "_pcg64", "_mt19937", "_philox", "_sfc64")}


def describe(dtype: Any) -> Any:
    """A dtype as lists and strings; raises Untravellable where that would lose something."""
    form = sys.modules["numpy"].lib.format
    if not _is_told(dtype):
        raise Untravellable(f"the dtype {dtype}, which is aligned or has metadata", dtype)
    described = form.dtype_to_descr(dtype)
    if dtype.hasobject or form.descr_to_dtype(described) != dtype:
        raise Untravellable(f"the dtype {dtype}", dtype)
    return _listed(described)


def _is_told(dtype: Any) -> bool:
    """Whether there is no more to it than its description says."""
    if dtype.metadata is not None or dtype.isalignedstruct:
        return False
    inner = [field[0] for field in dtype.fields.values()] if dtype.fields else [dtype.base] if dtype.base is not dtype else []
    return all(map(_is_told, inner))


def _listed(described: Any) -> Any:
    return [_listed(x) for x in described] if isinstance(described, list | tuple) else described


def dtype_of(described: Any) -> Any:
    """The dtype that `describe` described."""
    np = _numpy()
    dtype = np.lib.format.descr_to_dtype(_tupled(described) if type(described) is list else described)
    if dtype.hasobject:
        raise CodecError("an array of objects as bytes")
    return dtype


def _tupled(fields: list[Any]) -> Any:
    """[["x", "<f8"], ["y", "<i4", [2]]] as [("x", "<f8"), ("y", "<i4", (2,))]."""
    made = []
    for name, kind, *shape in fields:
        made.append(
            (tuple(name) if type(name) is list else name, _tupled(kind) if type(kind) is list else kind, *(tuple(s) for s in shape))
        )
    return made


@makes("nd")
def _make_dtype(dec: Decoder, i: int, node: list[Any]) -> Any:
    return dtype_of(node[1]) if node[1] != "object" else _numpy().dtype(object)


def _dtype(enc: Encoder, obj: Any) -> list[Any]:
    return ["nd", "object" if obj.kind == "O" else describe(obj)]


def _scalar(enc: Encoder, obj: Any) -> list[Any]:
    if obj.dtype.kind == "V" and (obj.dtype.names is not None or obj.base is not None):
        raise Untravellable("a record, which can be changed, and may look at the memory of an array", obj)
    return ["ns", describe(obj.dtype), obj.tobytes()]


@makes("ns")
def _make_scalar(dec: Decoder, i: int, node: list[Any]) -> Any:
    dtype = dtype_of(node[1])
    if dtype.itemsize == 0:
        return dtype.type()
    return _numpy().frombuffer(node[2], dtype=dtype, count=1)[0]


def _owner(array: Any) -> Any:
    """The array whose memory this one looks at; raises Untravellable where it is not an array's."""
    np, owner = sys.modules["numpy"], array
    while type(owner.base) is np.ndarray:
        owner = owner.base
    if owner.base is not None and type(owner.base) is not bytes:
        raise Untravellable(f"an array that looks at the memory of a {type(owner.base).__name__}", array)
    if _order(owner) is None:
        raise Untravellable("an array whose memory has gaps", array)
    return owner


def _order(array: Any) -> str | None:
    return "C" if array.flags.c_contiguous else "F" if array.flags.f_contiguous else None


def _array(enc: Encoder, obj: Any) -> list[Any]:
    owner = _owner(obj)
    if obj.dtype.hasobject:
        return _object_array(enc, obj, owner)
    if owner is obj:
        return ["na", describe(obj.dtype), list(obj.shape), _order(obj), enc.buffer(obj.tobytes("A")), obj.flags.writeable]
    if owner.dtype.hasobject:
        raise Untravellable("a view of objects", obj)
    offset = obj.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
    return ["nv", enc.value(owner), describe(obj.dtype), list(obj.shape), list(obj.strides), offset if obj.size else 0, obj.flags.writeable]


def _object_array(enc: Encoder, obj: Any, owner: Any) -> list[Any]:
    if owner is not obj or obj.dtype != object or not (obj.flags.c_contiguous and obj.flags.writeable):
        raise Untravellable("an array of objects that is a view, read-only or has fields", obj)
    return ["no", list(obj.shape), enc.values(obj.reshape(-1))]


@makes("na")
def _make_array(dec: Decoder, i: int, node: list[Any]) -> Any:
    _, dtype, shape, order, memory, writeable = node
    if order not in ("C", "F"):
        raise CodecError("an array in no order")
    np, memory = _numpy(), buffer_of(memory)
    obj = np.frombuffer(memory, dtype=dtype_of(dtype)) if len(memory) else np.empty(0, dtype_of(dtype))
    obj = obj.reshape(shape, order=order).copy(order)  # owns its memory
    obj.flags.writeable = bool(writeable)
    return obj


@makes("nv")
def _make_view(dec: Decoder, i: int, node: list[Any]) -> Any:
    _, owner, dtype, shape, strides, offset, writeable = node
    np, base = _numpy(), dec.value(owner)
    if type(base) is not np.ndarray or base.dtype.hasobject:
        raise CodecError("a view of what is no array")
    obj = np.ndarray(tuple(shape), dtype_of(dtype), base, offset, tuple(strides))
    obj.flags.writeable = bool(writeable)
    return obj


@makes("no")
def _make_objects(dec: Decoder, i: int, node: list[Any]) -> Any:
    shape, wires = tuple(node[1]), node[2]
    if _product(shape) != len(wires):
        raise CodecError("an array with more or fewer elements than its shape")
    obj = _numpy().empty(shape, dtype=object)
    dec.later(1, lambda: _put_objects(obj, dec.values(wires)))
    return obj


def _product(shape: tuple[Any, ...]) -> int:
    total = 1
    for n in shape:
        total *= n
    return total


def _put_objects(obj: Any, values: list[Any]) -> None:
    flat = obj.reshape(-1)
    for i, value in enumerate(values):
        flat[i : i + 1].fill(value)  # an assignment would take a list apart


class _Array(changes.Kind):
    """Memory is written back where it was; another shape or dtype is not."""

    def flat(self, obj: Any) -> Any:
        shape = (obj.shape, obj.strides, obj.dtype.str, obj.flags.writeable)
        if obj.dtype.hasobject:
            return [*_interned(shape), *obj.reshape(-1)]
        return (*shape, obj.tobytes("A") if obj.base is None else b"")

    def edit(self, enc: Encoder, obj: Any, before: Any) -> list[Any]:
        now = self.flat(obj)
        if not changes.same(list(before[:4]), list(now[:4])) and tuple(before[:4]) != tuple(now[:4]):
            raise CodecError("an array was given another shape or dtype")
        return ["no", enc.values(now[4:])] if type(now) is list else ["na", now[4]]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Callable[[], None]:
        if node[0] == "no":
            values = dec.values(node[1])
            return lambda: _put_objects(obj, values)
        new = sys.modules["numpy"].frombuffer(node[1], dtype=obj.dtype)
        if new.size != obj.size or not obj.flags.writeable:
            raise CodecError("an array that cannot take what was written")
        return lambda: obj.reshape(-1, order=_order(obj)).__setitem__(slice(None), new)


_SEEN: dict[Any, Any] = {}


def _interned(shape: tuple[Any, ...]) -> list[Any]:
    """The same objects for equal shapes: snapshots are compared by identity."""
    return [_SEEN.setdefault(part, part) for part in shape]


# Generators: numpy.random.default_rng(). Several may draw from one source, the bit generator.

_BITS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


def _take_bits(obj: Any) -> tuple[Any, ...]:
    seeds, shared = obj.seed_seq, sys.modules["numpy"].random.mtrand._rand
    if type(seeds).__name__ != "SeedSequence" or obj is shared._bit_generator:
        raise Untravellable("a bit generator with a source of its own, or the one of numpy's global generator", obj)
    entropy = tuple(map(int, seeds.entropy)) if hasattr(seeds.entropy, "__iter__") else seeds.entropy
    origin = (entropy, tuple(map(int, seeds.spawn_key)), seeds.pool_size, seeds.n_children_spawned)
    return (type(obj).__name__, origin, _flat_state(obj.state))


def _flat_state(state: Any) -> Any:
    """The state of a bit generator as tuples of plain values."""
    if isinstance(state, dict):
        return tuple((key, _flat_state(value)) for key, value in state.items())
    return (state.dtype.str, state.tobytes()) if hasattr(state, "tobytes") and hasattr(state, "dtype") and state.shape else _plain(state)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else int(value)


def _deep_state(flat: Any) -> Any:
    if type(flat) is tuple and flat and type(flat[0]) is str:
        return sys.modules["numpy"].frombuffer(flat[1], dtype=flat[0]).copy()
    return {key: _deep_state(value) for key, value in flat} if type(flat) is tuple else flat


def _make_bits(name: str, origin: Any, state: Any) -> Any:
    random = _numpy().random
    if name not in _BITS:
        raise CodecError(f"no bit generator {name!r}")
    entropy, key, size, children = origin
    seeds = random.SeedSequence(entropy, spawn_key=key, pool_size=size, n_children_spawned=children)
    obj = getattr(random, name)(seeds)
    _restore_bits(obj, name, origin, state)
    return obj


def _restore_bits(obj: Any, name: str, origin: Any, state: Any) -> None:
    obj.state = _deep_state(state)
    missing = origin[3] - obj.seed_seq.n_children_spawned
    if missing > 0:
        obj.seed_seq.spawn(missing)


def _make_generator(bits: Any) -> Any:
    if type(bits).__name__ not in _BITS:
        raise CodecError("a generator without a bit generator")
    return _numpy().random.Generator(bits)
