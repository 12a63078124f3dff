"""Built-in containers. Contents that are all plain are carried as one piece, at C speed.

`L` list of plain values, `T` of text, `l` any list; `B` long text or bytes; `t` tuple; `D` dict of plain keys and
values, `d` any dict, `dof` the `__dict__` of an instance; `s` set and `z` frozenset, elements in the order of insertion with a recipe
for the table (sets.py); `b` bytearray; `q` deque; `dd` defaultdict; `od` OrderedDict. `p`, a whole tree of containers, is in
pieces.py, `I`, a list of integers, in integers.py.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from typing import Any

from faasify.runtime.unit import hashing, sets
from faasify.runtime.unit.codec import PLAIN, PLAIN_OR_FLOAT, CodecError, Decoder, Encoder, Untravellable, encodes, makes


def all_plain(items: Any) -> bool:
    """Whether every item can be carried as it is (a NaN cannot: its identity counts)."""
    kinds = set(map(type, items))
    if kinds <= PLAIN:
        return True
    return kinds <= PLAIN_OR_FLOAT and all(x == x for x in items)


@encodes(list)
def _list(enc: Encoder, obj: list[Any]) -> list[Any]:
    if len(obj) >= _MANY and enc.world.binary:
        packed = enc.integers(obj) or _joined(enc, obj)
        if packed is not None:
            return packed
    return ["L", list(obj)] if all_plain(obj) else ["l", enc.values(obj)]


@makes("L")
def _make_plain_list(dec: Decoder, i: int, node: list[Any]) -> Any:
    if type(node[1]) is not list or not set(map(type, node[1])) <= PLAIN_OR_FLOAT:
        raise CodecError("a plain list holds a reference")
    return list(node[1])


# Long lists of text, in the form that is fastest to make and to read

_MANY = 64
_SEPARATOR = "\0"


def _joined(enc: Encoder, obj: list[Any]) -> list[Any] | None:
    if type(obj[0]) is not str or list(map(type, obj)).count(str) != len(obj):
        return None
    if len(set(map(id, obj[:_MANY]))) > _MANY // 2:  # else one string many times, which pickle writes once
        joined = _SEPARATOR.join(obj)
        if joined.count(_SEPARATOR) == len(obj) - 1:
            return ["T", enc.buffer(joined.encode("utf-8", "surrogatepass"))]
    return None


@makes("T")
def _make_texts(dec: Decoder, i: int, node: list[Any]) -> Any:
    return str(buffer_of(node[1]), "utf-8", "surrogatepass").split(_SEPARATOR)


@encodes(str, bytes)
def _long(enc: Encoder, obj: Any) -> list[Any]:
    return ["B", enc.buffer(obj)] if type(obj) is bytes else ["B", obj]


@makes("B")
def _make_long(dec: Decoder, i: int, node: list[Any]) -> Any:
    return node[1] if type(node[1]) is str else bytes(buffer_of(node[1]))


def buffer_of(wire: Any) -> bytes | memoryview:
    """What `Encoder.buffer` made of bytes; raises CodecError for what it does not make."""
    if type(wire) is not bytes and type(wire) is not memoryview:
        raise CodecError("something else than bytes")
    return wire


@makes("l")
def _make_list(dec: Decoder, i: int, node: list[Any]) -> Any:
    obj: list[Any] = []
    dec.later(1, lambda: obj.extend(dec.values(node[1])))
    return obj


@encodes(tuple)
def _tuple(enc: Encoder, obj: tuple[Any, ...]) -> list[Any]:
    return ["t", enc.values(obj)]


@makes("t")
def _make_tuple(dec: Decoder, i: int, node: list[Any]) -> Any:
    return tuple(dec.values(node[1]))


@encodes(dict)
def _dict(enc: Encoder, obj: dict[Any, Any]) -> list[Any]:
    owner = enc.owner(obj)
    if owner is not None:
        return ["dof", [owner]]
    if all_plain(obj) and all_plain(obj.values()):
        return ["D", dict(obj)]
    hashing.check(enc, obj, obj)
    return ["d", enc.pairs(obj.items())]


@makes("D")
def _make_plain_dict(dec: Decoder, i: int, node: list[Any]) -> Any:
    if type(node[1]) is not dict or not set(map(type, node[1])) | set(map(type, node[1].values())) <= PLAIN_OR_FLOAT:
        raise CodecError("a plain dict holds a reference")
    return dict(node[1])


@makes("d")
def _make_dict(dec: Decoder, i: int, node: list[Any]) -> Any:
    obj: dict[Any, Any] = {}
    dec.later(2, lambda: obj.update(dec.pairs(node[1])))
    return obj


@makes("dof")
def _make_dict_of(dec: Decoder, i: int, node: list[Any]) -> Any:
    return dec.value(node[1]).__dict__


@encodes(defaultdict)
def _defaultdict(enc: Encoder, obj: defaultdict[Any, Any]) -> list[Any]:
    hashing.check(enc, obj, obj)
    return ["dd", enc.value(obj.default_factory), enc.pairs(obj.items())]


@makes("dd")
def _make_defaultdict(dec: Decoder, i: int, node: list[Any]) -> Any:
    obj: defaultdict[Any, Any] = defaultdict(None)
    dec.put(i, obj)
    obj.default_factory = dec.value(node[1])
    dec.later(2, lambda: obj.update(dec.pairs(node[2])))
    return obj


@encodes(OrderedDict)
def _ordered(enc: Encoder, obj: OrderedDict[Any, Any]) -> list[Any]:
    hashing.check(enc, obj, obj)
    return ["od", enc.pairs(obj.items()), enc.pairs(vars(obj).items())]


@makes("od")
def _make_ordered(dec: Decoder, i: int, node: list[Any]) -> Any:
    obj: OrderedDict[Any, Any] = OrderedDict()
    dec.later(2, lambda: obj.update(dec.pairs(node[1])))
    dec.later(1, lambda: vars(obj).update(dec.pairs(node[2])))
    return obj


@encodes(deque)
def _deque(enc: Encoder, obj: deque[Any]) -> list[Any]:
    return ["q", obj.maxlen, enc.values(obj)]


@makes("q")
def _make_deque(dec: Decoder, i: int, node: list[Any]) -> Any:
    obj: deque[Any] = deque(maxlen=node[1])
    dec.later(1, lambda: obj.extend(dec.values(node[2])))
    return obj


@encodes(bytearray)
def _bytearray(enc: Encoder, obj: bytearray) -> list[Any]:
    return ["b", enc.buffer(bytes(obj))]


@makes("b")
def _make_bytearray(dec: Decoder, i: int, node: list[Any]) -> Any:
    return bytearray(buffer_of(node[1]))


def set_node(enc: Encoder, obj: Any, items: list[Any]) -> list[Any]:
    """The elements in the order in which they are to be inserted, and the recipe (see sets.py)."""
    hashing.check(enc, items, obj)
    found = sets.look(obj, items)
    if enc.pops and isinstance(obj, set) and sets.has_popped(obj):
        raise Untravellable(sets.HISTORY, obj)
    return [enc.values(found.items), found.recipe]


def fill_set(dec: Decoder, obj: set[Any], wires: Any, recipe: Any) -> None:
    sets.fill(obj, *sets.checked(dec.values(wires), recipe))


@encodes(set)
def _set(enc: Encoder, obj: set[Any]) -> list[Any]:
    return ["s", *set_node(enc, obj, list(obj))]


@makes("s")
def _make_set(dec: Decoder, i: int, node: list[Any]) -> Any:
    obj: set[Any] = set()
    dec.later(2, lambda: fill_set(dec, obj, node[1], node[2]))
    return obj


@encodes(frozenset)
def _frozenset(enc: Encoder, obj: frozenset[Any]) -> list[Any]:
    if not all(_hashable_early(enc, x) for x in obj):
        raise Untravellable("a frozenset of objects of the program's own classes", obj)
    return ["z", *set_node(enc, obj, list(obj))]


def _hashable_early(enc: Encoder, obj: Any) -> bool:
    """Whether the hash needs nothing that decoding fills in later."""
    if type(obj) in (tuple, frozenset):
        return all(_hashable_early(enc, x) for x in obj)
    return not enc.world.is_program_class(type(obj)) and not isinstance(obj, type)


@makes("z")
def _make_frozenset(dec: Decoder, i: int, node: list[Any]) -> Any:
    return sets.frozen(*sets.checked(dec.values(node[1]), node[2], gaps=False))
