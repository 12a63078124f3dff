"""Small damages to bytes and to JSON, the same for the same seed."""

from __future__ import annotations

import json
import random
from typing import Any

_NUMBERS = [0, 1, -1, 2, 7, 255, 2**31, 2**63, -(2**63), 2**70, 10**40, 1.5, 1e308, True]
_WORDS = [
    "",
    "a",
    "$b",
    "$graph",
    "$tuple",
    "ref",
    "os:system",
    "builtins:eval",
    "subprocess:Popen",
    "app:f",
    "__class__",
    "same",
    "x" * 300,
]


def mutated(data: bytes, draw: random.Random, *, tags: list[str]) -> bytes:
    """One to four damages; JSON is mostly damaged as the tree that it is."""
    if data[:1] in (b"[", b"{") and draw.random() < 0.9:
        tree = json.loads(data)
        for _ in range(draw.randint(1, 4)):
            tree = _tree(tree, draw, tags)
        return json.dumps(tree).encode()
    for _ in range(draw.randint(1, 4)):
        data = _bytes(data, draw)
    return data


def _bytes(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data) + 1)
    size = draw.choice([0, 1, 1, 2, 4, 8, 40])
    match draw.randrange(5):
        case 0:
            return data[:at] + draw.randbytes(size) + data[at + size :]
        case 1:
            return data[:at] + data[at + size :]
        case 2:
            return data[:at] + data[max(0, at - size) : at] * draw.choice([2, 3, 50]) + data[at:]
        case 3:
            return data[:at] + bytes([draw.choice([0, 1, 0x7F, 0x80, 0xFF])]) * size + data[at + size :]
        case _:
            start = draw.randrange(len(data) + 1)
            return data[:at] + data[start : start + size] + data[at:]


def _tree(tree: Any, draw: random.Random, tags: list[str]) -> Any:
    """The tree with one place changed."""
    places = _places(tree)
    if not places:
        return _leaf(draw, tags)
    parent, key = draw.choice(places)
    old = parent[key]
    match draw.randrange(6):
        case 0:
            parent[key] = _leaf(draw, tags)
        case 1:
            parent[key] = [old]
        case 2:
            other, name = draw.choice(places)
            parent[key] = json.loads(json.dumps(other[name]))
        case 3 if isinstance(parent, list):
            del parent[key]
        case 4 if isinstance(parent, list):
            parent.insert(key, _leaf(draw, tags))
        case _:
            parent[key] = _deep(draw) if draw.random() < 0.1 else [draw.randrange(-2, 30)]
    return tree


def _places(tree: Any) -> list[tuple[Any, Any]]:
    found, todo = list[tuple[Any, Any]](), [tree]
    while todo:
        part = todo.pop()
        keys = list(part) if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
        for key in keys:
            found.append((part, key))
            todo.append(part[key])
    return found


def _leaf(draw: random.Random, tags: list[str]) -> Any:
    return draw.choice([draw.choice(_NUMBERS), draw.choice(_WORDS), draw.choice(tags), None, [], {}, [draw.randrange(-3, 20)]])


def _deep(draw: random.Random) -> Any:
    tree: Any = []
    for _ in range(draw.choice([10, 300])):
        tree = [tree]
    return tree
