"""Wire trees to bytes and back: lists, dicts with str keys, None, bool, int, float, str, bytes; nothing else, ever.

On `local` the bytes are pickle's, for its C speed, and only its data opcodes: writing refuses whatever pickle would name or rebuild
by code, reading refuses every global, reduction, extension and persistent id, so the bytes never name code (DECISIONS M1). Large
buffers (pickle.PickleBuffer) stay out of line: "+", the number of parts and the size of each, the tree, the buffers. Reading does not
bound memory: the C unpickler makes its table of what was met as large as damaged bytes say. Both ends belong to one user and one run.

As JSON, what JSON lacks is tagged: {"$b": base64}, {"$f": "nan"}, {"$i": hex}, {"$d": [[key, value], ...]} (S5: big integers in
hexadecimal).
"""

from __future__ import annotations

import binascii
import copyreg
import pickle
import re
import struct
from io import BytesIO
from pickle import dumps as _pickled  # here and below: what the program puts in their place later is not for us
from pickle import loads as _unpickled
from typing import Any

from faasify.runtime.unit.garbage import uncollected

VERSION = 3  # of the format of messages and graphs: changes with every change of it
MAX_DECIMAL_BITS = 14_000  # below CPython's 4,300-digit limit for str(int)
_BESIDE = b"+"  # begins a message with buffers behind it; a pickle begins with 0x80
_COUNT = struct.Struct("<I")
_SMALL = 4096  # bytes
_TINY = 128
_PICKLE = b"\x80"  # PROTO
_NAMING = b"ci\x82\x83\x84\x93"  # GLOBAL, INST, EXT1 to EXT4, STACK_GLOBAL: without such a byte, nothing can be named


class WireError(Exception):
    """Bytes that are no wire tree."""


class _Pickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        raise WireError(f"a {type(obj).__name__} is no wire value")


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise WireError("the message names code")

    def persistent_load(self, pid: Any) -> Any:
        raise WireError("the message names an object")


def dumps(tree: Any) -> bytes | list[Any]:
    """The bytes of a wire tree, as one or, with its buffers behind it, as several to be sent one after the other.

    Raises WireError for what is no wire tree.
    """
    out, beside = BytesIO(), list[pickle.PickleBuffer]()
    try:
        _Pickler(out, 5, buffer_callback=beside.append).dump(tree)
    except RecursionError:
        raise _too_deep() from None
    if not beside:
        return out.getvalue()
    views = [buffer.raw() for buffer in beside]
    sizes = [out.tell(), *map(len, views)]
    return [_BESIDE + _COUNT.pack(len(sizes)) + struct.pack(f"<{len(sizes)}Q", *sizes), out.getvalue(), *views]


def joined(message: bytes | list[Any]) -> bytes:
    """The bytes that `dumps` made, as one, whatever becomes of the buffers."""
    return message if isinstance(message, bytes) else b"".join(message)


def size(message: bytes | list[Any]) -> int:
    """The number of bytes that `dumps` made."""
    return len(message) if isinstance(message, bytes) else sum(map(len, message))


ADDRESS = b" at 0x"  # in `<__main__.Node object at 0x7f...>`
_ADDRESS = re.compile(rb" at 0x[0-9a-f]{6}")


def has_address(message: bytes | list[Any]) -> bool:
    """Whether a text in it tells the address of an object: another one here than there, so that nobody may keep, look up or compare it."""
    return any(map(_has_address, (message,) if isinstance(message, bytes) else message))


def _has_address(part: Any) -> bool:
    if type(part) is bytes and part.rfind(ADDRESS) < 0:  # which takes a half of what the search takes, and of what `find` takes
        return False
    return _ADDRESS.search(part) is not None


def dumps_plain(tree: Any) -> bytes:
    """As `dumps`, four times as fast, for a list that holds None, bools, ints, floats, strs and bytes and such lists, and nothing else: who
    calls this has looked."""
    return _pickled(tree, 5)


def loads(data: Any) -> Any:
    """The wire tree of some bytes, buffers as memoryviews of them; raises WireError, and nothing else, for any others."""
    if type(data) is bytes and len(data) < _TINY and len(data.translate(None, _NAMING)) == len(data) and data[:1] == _PICKLE:
        try:
            return _unpickled(data)
        except Exception as e:
            raise _damaged(e) from None
    large = isinstance(data, bytes | bytearray | memoryview) and len(data) >= _SMALL
    return _loaded_uncollected(data) if large else _loaded(data)


def _loaded(data: Any) -> Any:
    cache: dict[int, Any] = copyreg._extension_cache  # type: ignore[attr-defined]
    if cache:  # pickle takes registered objects from it without asking `find_class`
        cache.clear()
    try:
        head, *beside = _split(data) if data[:1] == _BESIDE else (data,)
        return _Unpickler(BytesIO(head), buffers=beside).load()
    except WireError:
        raise
    except Exception as e:  # the unpickler raises nearly anything on damaged bytes
        raise _damaged(e) from None


_loaded_uncollected = uncollected(_loaded)


def _split(data: Any) -> list[memoryview]:
    view = memoryview(data).toreadonly()
    (count,) = _COUNT.unpack_from(view, 1)
    at = 1 + _COUNT.size + 8 * count
    parts = []
    for size in struct.unpack_from(f"<{count}Q", view, 1 + _COUNT.size):
        parts.append(view[at : at + size])
        at += size
    if at != len(view):
        raise WireError(f"a message of {len(view)} bytes that says it has {at}")
    return parts


def _damaged(e: Exception) -> WireError:
    return WireError(f"damaged message: {type(e).__name__}: {e}")


def to_json(tree: Any) -> Any:
    """A wire tree as a tree for `json.dumps`."""
    try:
        return _to_json(tree)
    except RecursionError:
        raise _too_deep() from None


def from_json(tree: Any) -> Any:
    """The inverse of `to_json`; raises WireError for an unknown tag."""
    try:
        return _from_json(tree)
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> WireError:
    return WireError("a tree that is too deep")


def _to_json(tree: Any) -> Any:
    kind = type(tree)
    if kind is list:
        return [_to_json(x) for x in tree]
    if kind is dict:
        if all(type(k) is str and not k.startswith("$") for k in tree):
            return {k: _to_json(v) for k, v in tree.items()}
        return {"$d": [[_to_json(k), _to_json(v)] for k, v in tree.items()]}
    if kind is bytes:
        return {"$b": binascii.b2a_base64(tree, newline=False).decode("ascii")}
    if kind is float and (tree != tree or tree in (float("inf"), float("-inf"))):
        return {"$f": repr(tree)}
    if kind is int and tree.bit_length() > MAX_DECIMAL_BITS:
        return {"$i": hex(tree)}
    if tree is None or kind in (bool, int, float, str):
        return tree
    raise WireError(f"a {kind.__name__} is no wire value")


def _from_json(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_from_json(x) for x in tree]
    if not isinstance(tree, dict):
        return tree
    if len(tree) == 1:
        ((tag, value),) = tree.items()
        if tag.startswith("$"):
            return _untag(tag, value)
    return {k: _from_json(v) for k, v in tree.items()}


def _untag(tag: str, value: Any) -> Any:
    try:
        if tag == "$b":
            return binascii.a2b_base64(value, strict_mode=True)
        if tag == "$f" and value in ("nan", "inf", "-inf"):
            return float(value)
        if tag == "$i":
            return int(value, 16)
        if tag == "$d":
            return {_from_json(k): _from_json(v) for k, v in value}
    except (TypeError, ValueError) as e:
        raise WireError(f"bad value for {tag}: {e}") from None
    raise WireError(f"unknown tag {tag}")
