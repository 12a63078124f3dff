"""Wire trees to bytes and back: lists, dicts with str keys, None, bool, int, float, str, bytes; nothing else, ever.

On `local` the bytes are pickle's, for its C speed, and only its data opcodes: writing refuses whatever pickle would name or rebuild
by code, reading refuses every global, reduction, extension and persistent id, so the bytes never name code (DECISIONS M1).
As JSON, what JSON lacks is tagged: {"$b": base64}, {"$f": "nan"}, {"$i": hex}, {"$d": [[key, value], ...]} (S5: big integers in
hexadecimal).
"""

from __future__ import annotations

import binascii
import copyreg
import io
import pickle
from typing import Any

MAX_DECIMAL_BITS = 14_000  # below CPython's 4,300-digit limit for str(int)


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


def dumps(tree: Any) -> bytes:
    """The bytes of a wire tree; raises WireError for what is none."""
    out = io.BytesIO()
    try:
        _Pickler(out, protocol=5).dump(tree)
    except RecursionError:
        raise _too_deep() from None
    return out.getvalue()


def loads(data: Any) -> Any:
    """The wire tree of some bytes; raises WireError, and nothing else, for any others."""
    cache: dict[int, Any] = copyreg._extension_cache  # type: ignore[attr-defined]
    if cache:  # pickle takes registered objects from it without asking `find_class`
        cache.clear()
    try:
        return _Unpickler(io.BytesIO(data)).load()
    except WireError:
        raise
    except Exception as e:  # the unpickler raises nearly anything on damaged bytes
        raise WireError(f"damaged message: {type(e).__name__}: {e}") from None


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
