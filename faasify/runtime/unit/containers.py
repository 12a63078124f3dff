"""Built-in containers. Contents that are all plain are carried as one piece, at C speed.

`L` list of plain values, `l` any list; `t` tuple; `D` dict of plain keys and values, `d` any dict; `s` set, `z` frozenset (with the size of the
hash table, so that the copy iterates in the same order); `b` bytearray; `q` deque; `dd` defaultdict; `od` OrderedDict; `mp` mappingproxy is not carried.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from typing import Any

from faasify.runtime.unit.codec import PLAIN, PLAIN_OR_FLOAT, CodecError, Decoder, Encoder, Untravellable, encodes, makes


def all_plain(items: Any) -> bool:
    """Whether every item can be carried as it is (a NaN cannot: its identity counts)."""
    kinds = set(map(type, items))
    if kinds <= PLAIN:
        return True
    return kinds <= PLAIN_OR_FLOAT and all(x == x for x in items)


@encodes(list)
def _list(enc: Encoder, obj: list[Any]) -> list[Any]:
    return ["L", list(obj)] if all_plain(obj) else ["l", enc.values(obj)]


@makes("L")
def _make_plain_list(dec: Decoder, i: int, node: list[Any]) -> Any:
    if type(node[1]) is not list or not set(map(type, node[1])) <= PLAIN_OR_FLOAT:
        raise CodecError("a plain list holds a reference")
    return list(node[1])


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
    owner = enc.dicts.get(id(obj))
    if owner is not None:
        return ["dof", [owner]]
    if all_plain(obj) and all_plain(obj.values()):
        return ["D", dict(obj)]
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
    return ["b", bytes(obj)]


@makes("b")
def _make_bytearray(dec: Decoder, i: int, node: list[Any]) -> Any:
    return bytearray(node[1])


# Sets. The order in which a set iterates follows from its hashes, its table's size and its history. All processes of a run share one hash
# seed (T4); a copy made by adding the elements in order, or by copying such a set, has the same table in nearly all cases. Where no way
# gives the same order and size, the set does not travel rather than iterate differently over there.


def _hashes_by_address(obj: Any) -> bool:
    """Whether the hash of `obj` differs from run to run, so that no order can be promised."""
    if isinstance(obj, tuple | frozenset):
        return any(map(_hashes_by_address, obj))
    return getattr(type(obj), "__hash__", None) is object.__hash__ or obj is None or callable(obj)


def rebuilt(items: list[Any], size: int, kind: type) -> Any:
    """A set or frozenset of `items` that iterates in their order and has a table of `size` bytes, or None."""
    first = set(items)
    for attempt in (lambda: first, first.copy, lambda: set(frozenset(items)), lambda: set().union(first), lambda: set(dict.fromkeys(items))):
        made = attempt()
        if made.__sizeof__() == size and all(map(_same, made, items)):
            return made if kind is set else frozenset(made)
    return None


def _same(a: Any, b: Any) -> bool:
    return a is b


def table_size(obj: Any) -> int:
    return int(set.__sizeof__(obj) if isinstance(obj, set) else frozenset.__sizeof__(obj))


def build_set(items: list[Any], size: int, kind: type) -> Any:
    """As `rebuilt`, but raises; sets of objects hashed by address have no order to keep."""
    made = rebuilt(items, size, kind)
    if made is None:
        if not any(map(_hashes_by_address, items)):
            raise Untravellable("a set whose order depends on its history")
        made = kind(items)
    return made


def set_node(enc: Encoder, obj: Any, kind: type) -> list[Any]:
    items, size = list(obj), table_size(obj)
    build_set(items, size, kind)
    return [enc.values(items), size]


@encodes(set)
def _set(enc: Encoder, obj: set[Any]) -> list[Any]:
    return ["s", *set_node(enc, obj, set)]


@makes("s")
def _make_set(dec: Decoder, i: int, node: list[Any]) -> Any:
    obj: set[Any] = set()

    def fill() -> None:
        items = dec.values(node[1])
        made = build_set(items, node[2], set)
        obj.__init__(made)  # type: ignore[misc]  # copies the table of a set, its size included
        if not all(map(_same, obj, made)):
            raise Untravellable("a set whose order depends on its history")

    dec.later(2, fill)
    return obj


@encodes(frozenset)
def _frozenset(enc: Encoder, obj: frozenset[Any]) -> list[Any]:
    if not all(_hashable_early(enc, x) for x in obj):
        raise Untravellable("a frozenset of objects of the program's own classes", obj)
    return ["z", *set_node(enc, obj, frozenset)]


def _hashable_early(enc: Encoder, obj: Any) -> bool:
    """Whether the hash needs nothing that decoding fills in later."""
    if type(obj) in (tuple, frozenset):
        return all(_hashable_early(enc, x) for x in obj)
    return not enc.world.is_program_class(type(obj)) and not isinstance(obj, type)


@makes("z")
def _make_frozenset(dec: Decoder, i: int, node: list[Any]) -> Any:
    return build_set(dec.values(node[1]), node[2], frozenset)
