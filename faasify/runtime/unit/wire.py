"""Wire trees to bytes and back: lists, dicts with str keys, None, bool, int, float, str, bytes; nothing else, ever.

On `local` the bytes are pickle's, for its C speed, and only its data opcodes: writing refuses every type but these, reading
refuses every global, reduction, extension and persistent id, so the bytes never name code (DECISIONS M1).
As JSON, what JSON lacks is tagged: {"$b": base64}, {"$f": "nan"}, {"$i": hex}, {"$s": escaped} (lone surrogates, which UTF-8 lacks too),
{"$d": [[key, value], ...]} (S5: big integers in hexadecimal).
"""

from __future__ import annotations

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
    out = io.BytesIO()
    _Pickler(out, protocol=5).dump(tree)
    return out.getvalue()


def loads(data: Any) -> Any:
    try:
        return _Unpickler(io.BytesIO(data)).load()
    except WireError:
        raise
    except Exception as e:  # the unpickler raises nearly anything on damaged bytes
        raise WireError(f"damaged message: {type(e).__name__}: {e}") from None


def to_json(tree: Any) -> Any:
    """A wire tree as a tree for `json.dumps`."""
    kind = type(tree)
    if kind is list:
        return [to_json(x) for x in tree]
    if kind is dict:
        if all(type(k) is str and not k.startswith("$") and not _surrogates(k) for k in tree):
            return {k: to_json(v) for k, v in tree.items()}
        return {"$d": [[to_json(k), to_json(v)] for k, v in tree.items()]}
    if kind is bytes:
        import base64

        return {"$b": base64.b64encode(tree).decode("ascii")}
    if kind is float and (tree != tree or tree in (float("inf"), float("-inf"))):
        return {"$f": repr(tree)}
    if kind is int and tree.bit_length() > MAX_DECIMAL_BITS:
        return {"$i": hex(tree)}
    if kind is str and _surrogates(tree):
        return {"$s": tree.encode("unicode_escape").decode("ascii")}
    if tree is None or kind in (bool, int, float, str):
        return tree
    raise WireError(f"a {kind.__name__} is no wire value")


def _surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def from_json(tree: Any) -> Any:
    """The inverse of `to_json`; raises WireError for an unknown tag."""
    if isinstance(tree, list):
        return [from_json(x) for x in tree]
    if not isinstance(tree, dict):
        return tree
    if len(tree) == 1:
        (tag, value), = tree.items()
        if tag.startswith("$"):
            return _untag(tag, value)
    return {k: from_json(v) for k, v in tree.items()}


def _untag(tag: str, value: Any) -> Any:
    try:
        if tag == "$b":
            import base64

            return base64.b64decode(value, validate=True)
        if tag == "$f" and value in ("nan", "inf", "-inf"):
            return float(value)
        if tag == "$i":
            return int(value, 16)
        if tag == "$s":
            return str(value).encode("ascii").decode("unicode_escape")
        if tag == "$d":
            return {from_json(k): from_json(v) for k, v in value}
    except (TypeError, ValueError) as e:
        raise WireError(f"bad value for {tag}: {e}") from None
    raise WireError(f"unknown tag {tag}")
