"""What a loop will call its function with next, told from what its frame holds now (frontend/loops.py has found the loops).

    loop = Loop(plan, frame)
    first, shift = loop.place(values, after)           the element behind the one that was called with `values`
    loop.called(values, names, shift, first)           the values of the call for that element

Looking does nothing (expressions.py), and nothing of the program's is kept. A guess that is wrong costs time, no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

from faasify.runtime.caller.expressions import Elements, Unforeseeable, elements, is_alike, of, value, zipped


class _ByNumber:
    """As numpy's arrays are iterated over."""

    def __getitem__(self, at: int) -> Any:
        raise IndexError


Plan = Mapping[str, Any]
FAR = 256  # elements that are looked through for the one that the loop is at
_ITERATORS: tuple[type, ...] = (type(iter([])), type(iter(())), type(iter(range(0))), type(iter(range(1 << 70))), type(iter(_ByNumber())))
_OPTIMIZED = 1  # CO_OPTIMIZED: a function's frame; the locals of another one are a namespace of the program
_NAMES_LOCALS = frozenset({"locals", "vars", "dir", "eval", "exec"})


class Loop:
    """A loop at one moment."""

    def __init__(self, plan: Plan, frame: FrameType) -> None:
        self._plan = plan
        self._spaces = (_locals_of(frame), frame.f_globals)
        over = plan["over"]
        rest = _rest(self._spaces[0][".0"]) if over[0] == "own" and ".0" in self._spaces[0] else None
        self._at_end = rest is not None  # what a comprehension's iterator has given is behind it
        self._elements = rest if rest is not None else elements(over[1] if over[0] == "own" else over, self._spaces)

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
            if len(values) >= shift + len(arguments) and all(map(is_alike, values[shift:], arguments)):
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


def _taken_apart(target: Any, element: Any) -> dict[str, Any]:
    if type(target) is str:
        return {target: element}
    if type(element) not in (tuple, list) or len(element) != len(target):
        raise Unforeseeable
    return {name: part for inner, piece in zip(target, element, strict=True) for name, part in _taken_apart(inner, piece).items()}


def _rest(iterator: Any) -> Elements | None:
    """What an iterator has not given yet; it stays where it is. None: it does not tell."""
    kind = type(iterator)
    if kind in _ITERATORS:
        _, (found,), *state = iterator.__reduce__()
        inner, done = of(found), state[0] if state and state[0] else 0
        return Elements(inner.count - done, lambda at: inner.get(done + at))
    if kind is enumerate:
        _, (counted, number) = iterator.__reduce__()
        within = _rest(counted)
        return Elements(within.count, lambda at: (number + at, within.get(at))) if within is not None else None
    if kind is zip:
        parts = [_rest(each) for each in iterator.__reduce__()[1]]
        return zipped([part for part in parts if part is not None]) if None not in parts else None
    return None
