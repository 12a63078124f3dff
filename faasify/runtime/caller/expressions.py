"""Expressions and iterables as frontend/loops.py writes them, looked up in the variables of a frame without doing anything.

    value(["b", "Add", ["n", "i"], ["c", 1]], [locals, globals])       7
    elements(["zip", ["n", "xs"], ["n", "ys"]], spaces).get(2)         (xs[2], ys[2])

Only objects of built-in types and numpy's arrays are asked for anything, and what stands in the `__dict__` of others: no code of the
program's runs. Whatever else there is raises Unforeseeable.
"""

from __future__ import annotations

import itertools
import math
import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from types import GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import Any

Spaces = Sequence[Mapping[str, Any]]
LARGE = 10_000  # elements of what has to be copied to be counted, characters
DEEP = 3  # displays in displays
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
_VIEWS: dict[str, Callable[[Any], Any]] = {"items": dict.items, "keys": dict.keys, "values": dict.values}
_PURE: dict[str, Callable[..., Any]] = {f.__name__: f for f in (abs, bool, float, int, list, max, min, range, round, sorted, str, tuple)}
_bases: Callable[[type], tuple[type, ...]] = vars(type)["__mro__"].__get__  # asks no metaclass of the program's
_space: Callable[[type], Mapping[str, Any]] = vars(type)["__dict__"].__get__
_SLICED = frozenset({list, tuple, str, bytes, range})
_MISSING: Any = object()


class Unforeseeable(Exception):
    """Nothing can be told without doing something."""


class Elements:
    """What is iterated over: how many there are, and each by its number."""

    def __init__(self, count: int, get: Callable[[int], Any]) -> None:
        self.count, self.get = count, get


# Values


def value(tree: Any, spaces: Spaces) -> Any:
    """Of an expression."""
    try:
        return _KINDS[tree[0]](tree, spaces)
    except (LookupError, ArithmeticError, TypeError, ValueError):
        raise Unforeseeable from None


def _named(tree: Any, spaces: Spaces) -> Any:
    for space in spaces:
        if tree[1] in space:
            return space[tree[1]]
    raise Unforeseeable


def _stop() -> Any:
    raise Unforeseeable


def _computed(tree: Any, spaces: Spaces) -> Any:
    name, a, b = tree[1], value(tree[2], spaces), value(tree[3], spaces)
    if type(a) in _NUMBERS and type(b) in _NUMBERS and max(_digits(a), _digits(b)) < LARGE:
        return _OPERATORS[name](a, b)
    if name == "Add" and type(a) is type(b) is str and len(a) + len(b) < LARGE:
        return a + b
    raise Unforeseeable


def _digits(number: float) -> int:
    return number.bit_length() if isinstance(number, int) else 0


def _negative(tree: Any, spaces: Spaces) -> Any:
    number = value(tree[1], spaces)
    return -number if type(number) in _NUMBERS else _stop()


def _item(tree: Any, spaces: Spaces) -> Any:
    container, key = value(tree[1], spaces), value(tree[2], spaces)
    if type(container) in (list, tuple) or _is_array(container):
        return container[key] if type(key) is int else _stop()
    return container[key] if type(container) is dict and type(key) in _PLAIN else _stop()


def _slice(tree: Any, spaces: Spaces) -> Any:
    container, *limits = [value(part, spaces) for part in tree[1:]]
    if (type(container) not in _SLICED and not _is_array(container)) or not all(limit is None or type(limit) is int for limit in limits):
        raise Unforeseeable
    return container[slice(*limits)]


def _attribute(tree: Any, spaces: Spaces) -> Any:
    """What stands in an object's `__dict__` or slot, if looking it up does no more than to find it there."""
    obj, name = value(tree[1], spaces), tree[2]
    if type(obj) is ModuleType:
        return vars(obj)[name]
    bases = _bases(type(obj))
    if type in bases or any("__getattribute__" in _space(base) for base in bases[:-1]):
        raise Unforeseeable
    found = next((_space(base)[name] for base in bases if name in _space(base)), _MISSING)
    if type(found) is MemberDescriptorType:
        return found.__get__(obj)
    of_dict = next((_space(base)["__dict__"] for base in bases if "__dict__" in _space(base)), None)
    if type(of_dict) is not GetSetDescriptorType or not (found is _MISSING or type(found) in _PLAIN):
        raise Unforeseeable
    own = of_dict.__get__(obj)
    if type(own) is not dict:
        raise Unforeseeable
    return own[name] if name in own or found is _MISSING else found


def _text(tree: Any, spaces: Spaces) -> Any:
    parts = [value(part, spaces) for part in tree[1:]]
    return "".join(map(str, parts)) if all(type(part) in _PLAIN and _size(part) < LARGE for part in parts) else _stop()


def _size(plain: Any) -> int:
    return len(plain) if isinstance(plain, str | bytes) else _digits(plain) if isinstance(plain, int) else 0


def _pure(tree: Any, spaces: Spaces) -> Any:
    name, given = tree[1], [value(part, spaces) for part in tree[2:]]
    if any(name in space for space in spaces) or not all(map(_is_simple, given)):
        raise Unforeseeable
    return _PURE[name](*given)


def _is_simple(found: Any) -> bool:
    """A plain value, or a container of plain values."""
    if type(found) in _PLAIN:
        return _size(found) < LARGE
    if type(found) in (list, tuple, set, frozenset):
        return len(found) <= LARGE and all(type(part) in _PLAIN and _size(part) < LARGE for part in found)
    return type(found) is range and len(found) <= LARGE


_KINDS: dict[str, Callable[[Any, Spaces], Any]] = {
    "n": _named,
    "c": lambda tree, spaces: tree[1],
    "b": _computed,
    "-": _negative,
    "i": _item,
    "s": _slice,
    "a": _attribute,
    "text": _text,
    "pure": _pure,
    "len": lambda tree, spaces: elements(tree[1], spaces).count,
    "list": lambda tree, spaces: [value(part, spaces) for part in tree[1:]],
    "tuple": lambda tree, spaces: tuple(value(part, spaces) for part in tree[1:]),
}


def is_alike(a: Any, b: Any, depth: int = 0) -> bool:
    """Whether a call with one would send what a call with the other sends, as far as a look at them tells."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if type(a) in _PLAIN:
        return bool(a == b)
    if type(a) in (list, tuple):
        return depth < DEEP and len(a) == len(b) <= LARGE and all(is_alike(x, y, depth + 1) for x, y in zip(a, b, strict=True))
    if _is_array(a):
        return bool(_view(a) == _view(b))
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(type(a)) is type and numpy.generic in _bases(type(a)) and a.dtype.isbuiltin == 1 and bool(a == b)


def _is_array(found: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(found) is numpy.ndarray and found.dtype.hasobject is False


def _view(array: Any) -> Any:
    """Where an array's elements are, and what they are."""
    return array.__array_interface__["data"][0], array.shape, array.strides, array.dtype


# Iterables


def elements(tree: Any, spaces: Spaces) -> Elements:
    if tree is None:  # known by its iterator alone, which is elsewhere
        raise Unforeseeable
    make = _ITERABLES.get(tree[0])
    if make is None:
        return of(value(tree, spaces))
    try:
        return make(tree, spaces)
    except (LookupError, ArithmeticError, TypeError, ValueError):
        raise Unforeseeable from None


def of(found: Any) -> Elements:
    if type(found) in (dict, set, frozenset) and len(found) <= LARGE:
        found = list(found)
    if _is_array(found):
        return Elements(len(found), found.__getitem__) if found.ndim else _stop()
    if type(found) not in (list, tuple, range, str):
        raise Unforeseeable
    return Elements(len(found), found.__getitem__)


def zipped(inner: list[Elements]) -> Elements:
    return Elements(min(each.count for each in inner), lambda at: tuple(each.get(at) for each in inner))


def _range(tree: Any, spaces: Spaces) -> Elements:
    limits = [value(part, spaces) for part in tree[1:]]
    return of(range(*limits)) if all(type(limit) is int for limit in limits) else _stop()


def _enumerate(tree: Any, spaces: Spaces) -> Elements:
    inner, start = elements(tree[1], spaces), value(tree[2], spaces)
    return Elements(inner.count, lambda at: (start + at, inner.get(at))) if type(start) is int else _stop()


def _reversed(tree: Any, spaces: Spaces) -> Elements:
    inner = elements(tree[1], spaces)
    return Elements(inner.count, lambda at: inner.get(inner.count - 1 - at))


def _view_of(tree: Any, spaces: Spaces) -> Elements:
    mapping = value(tree[1], spaces)
    return of(list(_VIEWS[tree[0]](mapping))) if type(mapping) is dict and len(mapping) <= LARGE else _stop()


_SIZES: dict[Any, Callable[..., float]] = {  # of what they give, from the sizes of what they are given
    itertools.product: lambda sizes: math.prod(sizes),
    itertools.chain: lambda sizes: sum(sizes),
    itertools.pairwise: lambda sizes: sizes[0],
    itertools.combinations: lambda sizes, r: math.comb(sizes[0], r),
    itertools.combinations_with_replacement: lambda sizes, r: math.comb(sizes[0] + r, r),
    itertools.permutations: lambda sizes, r=None: math.perm(sizes[0], r),
}


def _combined(tree: Any, spaces: Spaces) -> Elements:
    function, rest = value(tree[1], spaces), [value(part, spaces) for part in tree[3]]
    inner = [elements(part, spaces) for part in tree[2]]
    sizes = [each.count for each in inner]
    known = next((size for known, size in _SIZES.items() if known is function), None)
    if (
        known is None
        or max(sizes) > LARGE
        or not all(type(part) is int and 0 <= part < 100 for part in rest)
        or known(sizes, *rest) > LARGE
    ):
        raise Unforeseeable
    return of(list(function(*([each.get(i) for i in range(each.count)] for each in inner), *rest)))


def _steps(tree: Any, spaces: Spaces) -> Elements:
    """numpy.arange, numpy.linspace."""
    numpy, function, given = sys.modules.get("numpy"), value(tree[1], spaces), [value(part, spaces) for part in tree[2:]]
    if numpy is None or not all(type(number) in (int, float) for number in given):
        raise Unforeseeable
    if function is numpy.linspace:
        count: float = given[2] if len(given) > 2 else 50
    elif function is numpy.arange and 0 < len(given) < 4:
        first, last, step = (0, given[0], 1) if len(given) == 1 else (*given, 1)[:3]
        count = (last - first) / step
    else:
        raise Unforeseeable
    return of(function(*given)) if 0 <= count <= LARGE else _stop()


_ITERABLES: dict[str, Callable[[Any, Spaces], Elements]] = {
    "range": _range,
    "list": lambda tree, spaces: of([value(part, spaces) for part in tree[1:]]),
    "enumerate": _enumerate,
    "zip": lambda tree, spaces: zipped([elements(part, spaces) for part in tree[1:]]),
    "reversed": _reversed,
    "combine": _combined,
    "steps": _steps,
    **dict.fromkeys(_VIEWS, _view_of),
}
