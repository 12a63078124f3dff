"""Compiled code as bytes, with its constant sets in the order of the source.

The compiler makes a constant set (`print({1000003, 33, 65})`) by inserting its elements as the source has them, and the interpreter
compiles a main module anew in each run. `marshal` writes the elements in another order, and what is read back from it may iterate in
another order than the program's set. `marshalled` writes them as they were inserted.

    marshalled(compile("print({1000003, 33, 65, 8})", "", "exec"))      what marshal.dumps gives, the four elements changing places

The format is that of marshal's version 4, which CPython 3.11 to 3.13 write (Python/marshal.c). What has another form is left as it is.
"""

from __future__ import annotations

import ast
from marshal import dumps, loads
from struct import unpack_from
from types import CodeType

_CONSTANT = (ast.Constant, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop, ast.expr_context)

_KEPT = 0x80  # the object gets a number, by which it is referred to later
_ALONE = b"NFT.S0"
_FIXED = {b"i": 4, b"g": 8, b"y": 16}
_COUNTED = b"sutaA"  # a size of four bytes, and as many bytes
_BRIEF = b"zZ"  # a size of one byte
_NOT_KNOWN = {b"Z": b"z", b"A": b"a", b"t": b"u"}
_REFERENCE, _LONG, _SMALL_TUPLE, _TUPLE, _FROZENSET, _CODE = b"r", b"l", b")", b"(", b">", b"c"
_NUMBERS = 20  # of a code object: five numbers, then objects, the first line, and two more objects
_BEFORE_LINE, _BEHIND_LINE = 8, 2


def marshalled(code: CodeType, tree: ast.AST) -> bytes:
    """What `marshal.loads` makes the code of; `tree` is what it was compiled from."""
    data = dumps(code)
    orders = _orders(tree)
    if not orders:
        return data
    try:
        root = _Reader(data).node()
        _rearrange(root, orders)
        written = _written(root)
        return written if loads(written) == code else data
    except (ValueError, IndexError, KeyError, EOFError, TypeError):
        return data


def _orders(tree: ast.AST) -> dict[frozenset[str], list[str]]:
    """By what is in it, as texts (1, 1.0 and True are equal): how each set of constants is made. The compiler keeps the first of equal
    ones."""
    found: dict[frozenset[str], list[str]] = {}
    waiting = [tree]
    while waiting:  # one after the other, as they are compiled
        node = waiting.pop()
        waiting += reversed(list(ast.iter_child_nodes(node)))
        if isinstance(node, ast.Set) and (values := _constants(node)):
            found.setdefault(frozenset(map(repr, values)), list(map(repr, frozenset(values))))
    return found


def _constants(node: ast.Set) -> list[object]:
    """What the compiler makes of the elements, equal ones once; empty if that is not one constant."""
    if not all(isinstance(part, _CONSTANT) for element in node.elts for part in ast.walk(element)):
        return []
    made = compile(ast.Expression(ast.copy_location(ast.Tuple(node.elts, ast.Load()), node)), "", "eval", dont_inherit=True).co_consts
    return list(dict.fromkeys(made[0])) if len(made) == 1 and isinstance(made[0], tuple) and len(made[0]) == len(node.elts) else []


class _Node:
    """An object in the stream: its type, and what follows that, bytes and other objects."""

    __slots__ = ("kept", "kind", "parts")

    def __init__(self, kind: bytes, kept: bool) -> None:
        self.kind, self.kept = kind, kept
        self.parts: list[bytes | _Node] = []


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        self._numbered: list[_Node] = []

    def node(self) -> _Node:
        """The next object; one that is referred to is the same each time. Raises ValueError for a form that is not known."""
        flagged = self._bytes(1)[0]
        kind = bytes([flagged & ~_KEPT])
        if kind == _REFERENCE:
            return self._numbered[self._number(4)]
        node = _Node(kind, bool(flagged & _KEPT))
        if node.kept:
            self._numbered.append(node)
        if kind in _ALONE:
            return node
        if kind == _CODE:
            node.parts = [self._bytes(_NUMBERS), *self._nodes(_BEFORE_LINE), self._bytes(4), *self._nodes(_BEHIND_LINE)]
        elif kind in _FIXED:
            node.parts = [self._bytes(_FIXED[kind])]
        elif kind == _LONG:
            size = self._bytes(4)
            node.parts = [size, self._bytes(2 * abs(unpack_from("<i", size)[0]))]
        elif kind in _COUNTED or kind in _BRIEF:
            start = self._at
            count = self._number(1 if kind in _BRIEF else 4)
            self._bytes(count)
            node.parts = [self._data[start : self._at]]
        elif kind in (_SMALL_TUPLE, _TUPLE, _FROZENSET):
            start = self._at
            count = self._number(1 if kind == _SMALL_TUPLE else 4)
            node.parts = [self._data[start : self._at], *self._nodes(count)]
        else:
            raise ValueError(kind)
        return node

    def _nodes(self, count: int) -> list[_Node]:
        return [self.node() for _ in range(count)]

    def _number(self, size: int) -> int:
        return int.from_bytes(self._bytes(size), "little")

    def _bytes(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]


def _rearrange(node: _Node, orders: dict[frozenset[str], list[str]]) -> None:
    """The elements of all sets in the order in which they were inserted."""
    inner = [part for part in node.parts if isinstance(part, _Node)]
    for part in inner:
        _rearrange(part, orders)
    if node.kind == _FROZENSET and inner:
        named = {repr(loads(_written(part))): part for part in inner}
        order = orders.get(frozenset(named))
        if order is not None:
            node.parts[1:] = [_as_parsed(named[text]) for text in order]


def _as_parsed(node: _Node) -> _Node:
    """A text that nobody knows yet, as the parser makes it: a set with one that the interpreter knows already is made a second time, of
    what the first iterates as, when the code object is."""
    kind = _NOT_KNOWN.get(node.kind)
    if kind is None:
        return node
    made = _Node(kind, False)
    made.parts = node.parts
    return made


def _written(root: _Node) -> bytes:
    out = bytearray()
    numbers: dict[int, int] = {}

    def write(node: _Node) -> None:
        if id(node) in numbers:
            out.extend(_REFERENCE + numbers[id(node)].to_bytes(4, "little"))
            return
        if node.kept:
            numbers[id(node)] = len(numbers)
        out.append(node.kind[0] | (_KEPT if node.kept else 0))
        for part in node.parts:
            if isinstance(part, _Node):
                write(part)
            else:
                out.extend(part)

    write(root)
    return bytes(out)
