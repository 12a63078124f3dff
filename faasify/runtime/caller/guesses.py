"""What a loop will call its function with next, told from what its frame holds now (frontend/loops.py has found the loops).

    loop = Loop(plan, frame)
    first, shift = loop.place(values, after)           the element behind the one that was called with `values`
    loop.called(values, names, shift, first)           the values of the call for that element

Looking does nothing: only names of the frame and of its module are looked up, only objects of built-in types are asked, and nothing of the
program's is kept. A guess that is wrong costs time, no more.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

Plan = Mapping[str, Any]
Spaces = Sequence[Mapping[str, Any]]
FAR = 256  # elements that are looked through for the one that the loop is at
LARGE = 10_000  # elements of what has to be copied to be counted, characters
_NUMBERS = frozenset({int, float, bool})
_PLAIN = _NUMBERS | {str, bytes, type(None)}
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "FloorDiv": operator.floordiv,
    "Mod": operator.mod,
}
_ITERATORS: tuple[type, ...] = (type(iter([])), type(iter(())), type(iter(range(0))), type(iter(range(1 << 70))))
_VIEWS: dict[str, Callable[[Any], Any]] = {"items": dict.items, "keys": dict.keys, "values": dict.values}
_OPTIMIZED = 1  # CO_OPTIMIZED: a function's frame; the locals of another one are a namespace of the program
_NAMES_LOCALS = frozenset({"locals", "vars", "dir", "eval", "exec"})


class Unforeseeable(Exception):
    """Nothing can be told without doing something."""


class Elements:
    """What is iterated over: how many there are, and each by its number."""

    def __init__(self, count: int, get: Callable[[int], Any]) -> None:
        self.count, self.get = count, get


class Loop:
    """A loop at one moment."""

    def __init__(self, plan: Plan, frame: FrameType) -> None:
        self._plan = plan
        self._spaces = (_locals_of(frame), frame.f_globals)
        over = plan["over"]
        self._at_end = over[0] == "own" and ".0" in self._spaces[0]  # what a comprehension's iterator has given is behind it
        if self._at_end:
            self._elements = _rest(self._spaces[0][".0"])
        else:
            self._elements = elements(over[1] if over[0] == "own" else over, self._spaces)

    @property
    def count(self) -> int:
        return self._elements.count

    @property
    def counts_from_here(self) -> bool:
        """Whether elements are numbered from where the loop is, and not from its beginning."""
        return self._at_end

    def place(self, values: tuple[Any, ...], after: int) -> tuple[int, int]:
        """(number of the next element, 1 if the call is one of a method, else 0); `after`: a number that the present one has or exceeds."""
        if self._at_end:
            return 0, self._shift(values, {})
        for start in {after: None, 0: None}:
            for at in range(start, min(self.count, start + FAR)):
                try:
                    return at + 1, self._shift(values, self._bound(at))
                except Unforeseeable:
                    pass
        raise Unforeseeable

    def called(self, values: tuple[Any, ...], names: Sequence[str], shift: int, at: int) -> tuple[Any, ...]:
        """`values` are those of the present call, in the order of the function's parameters `names`."""
        new, spaces = list(values), (self._bound(at), *self._spaces)
        for place, tree in enumerate(self._plan["args"], shift):
            new[place] = value(tree, spaces)
        for name, tree in self._plan["keywords"].items():
            if name not in names:
                raise Unforeseeable
            new[names.index(name)] = value(tree, spaces)
        return tuple(new)

    def _bound(self, at: int) -> dict[str, Any]:
        return _taken_apart(self._plan["target"], self._elements.get(at))

    def _shift(self, values: tuple[Any, ...], bound: Mapping[str, Any]) -> int:
        arguments = [value(tree, (bound, *self._spaces)) for tree in self._plan["args"]]
        for shift in (0, 1):
            if len(values) >= shift + len(arguments) and all(map(_alike, values[shift:], arguments)):
                return shift
        raise Unforeseeable


def _locals_of(frame: FrameType) -> dict[str, Any]:
    """The frame's variables as they are, in a dict that nobody else has."""
    code = frame.f_code
    if not code.co_flags & _OPTIMIZED:
        return dict(frame.f_locals)
    if not _NAMES_LOCALS.isdisjoint(code.co_names):
        raise Unforeseeable  # up to 3.12, what the program sees there is one dict with what is seen here
    found = frame.f_locals
    own = dict(found)
    if type(found) is dict:
        found.clear()  # it would keep the objects alive as long as the frame
    return own


def _alike(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and type(a) in _PLAIN and a == b)


def _taken_apart(target: Any, element: Any) -> dict[str, Any]:
    if type(target) is str:
        return {target: element}
    if type(element) not in (tuple, list) or len(element) != len(target):
        raise Unforeseeable
    return {name: part for inner, piece in zip(target, element, strict=True) for name, part in _taken_apart(inner, piece).items()}


def value(tree: Any, spaces: Spaces) -> Any:
    """Of an expression as frontend/loops.py writes them."""
    kind = tree[0]
    if kind == "c":
        return tree[1]
    if kind == "n":
        for space in spaces:
            if tree[1] in space:
                return space[tree[1]]
        raise Unforeseeable
    if kind == "len":
        return elements(tree[1], spaces).count
    try:
        if kind == "b":
            return _computed(tree[1], value(tree[2], spaces), value(tree[3], spaces))
        if kind == "i":
            return _item(value(tree[1], spaces), value(tree[2], spaces))
        if kind == "-" and type(number := value(tree[1], spaces)) in _NUMBERS:
            return -number
    except (LookupError, ArithmeticError, TypeError):
        pass
    raise Unforeseeable


def _computed(name: str, a: Any, b: Any) -> Any:
    if type(a) in _NUMBERS and type(b) in _NUMBERS and max(_digits(a), _digits(b)) < LARGE:
        return _OPERATORS[name](a, b)
    if name == "Add" and type(a) is type(b) is str and len(a) + len(b) < LARGE:
        return a + b
    raise Unforeseeable


def _digits(number: float) -> int:
    return number.bit_length() if isinstance(number, int) else 0


def _item(container: Any, key: Any) -> Any:
    if (type(container) in (list, tuple) and type(key) is int) or (type(container) is dict and type(key) in _PLAIN):
        return container[key]
    raise Unforeseeable


def elements(tree: Any, spaces: Spaces) -> Elements:
    if tree is None:  # known by its iterator alone, which is elsewhere
        raise Unforeseeable
    kind = tree[0]
    if kind == "range":
        limits = [value(part, spaces) for part in tree[1:]]
        if not all(type(limit) is int for limit in limits) or (len(limits) == 3 and not limits[2]):
            raise Unforeseeable
        return _of(range(*limits))
    if kind == "list":
        return _of([value(part, spaces) for part in tree[1:]])
    if kind == "enumerate":
        inner, start = elements(tree[1], spaces), value(tree[2], spaces)
        if type(start) is not int:
            raise Unforeseeable
        return Elements(inner.count, lambda at: (start + at, inner.get(at)))
    if kind == "zip":
        return _zipped([elements(part, spaces) for part in tree[1:]])
    if kind in _VIEWS:
        mapping = value(tree[1], spaces)
        if type(mapping) is not dict or len(mapping) > LARGE:
            raise Unforeseeable
        return _of(list(_VIEWS[kind](mapping)))
    return _of(value(tree, spaces))


def _of(found: Any) -> Elements:
    if type(found) in (dict, set, frozenset) and len(found) <= LARGE:
        found = list(found)
    if type(found) not in (list, tuple, range, str):
        raise Unforeseeable
    return Elements(len(found), found.__getitem__)


def _zipped(inner: list[Elements]) -> Elements:
    return Elements(min(each.count for each in inner), lambda at: tuple(each.get(at) for each in inner))


def _rest(iterator: Any) -> Elements:
    """What an iterator has not given yet; it stays where it is."""
    kind = type(iterator)
    if kind in _ITERATORS:
        _, (found,), *state = iterator.__reduce__()
        inner, done = _of(found), state[0] if state and state[0] else 0
        return Elements(inner.count - done, lambda at: inner.get(done + at))
    if kind is enumerate:
        _, (counted, number) = iterator.__reduce__()
        inner = _rest(counted)
        return Elements(inner.count, lambda at: (number + at, inner.get(at)))
    if kind is zip:
        return _zipped([_rest(each) for each in iterator.__reduce__()[1]])
    raise Unforeseeable
