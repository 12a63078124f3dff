"""Functions under `functools.lru_cache`, with what they have cached (SEMANTICS L3).

`lc` function maxsize typed hits misses entries* attributes-kv*, an entry being [args*, keywords-kv*, result].

The cache is C's. The collector tells what is in it, oldest first; it is changed by calling the function: while a call is answered
with a result that is known, it is a miss like any other. So order, evictions and `cache_info()` come out as they were.
"""

from __future__ import annotations

import functools
import gc
import sys
from collections import OrderedDict
from itertools import repeat
from operator import is_
from types import CodeType, FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from faasify.runtime.unit import hashing
from faasify.runtime.unit.changeable import Flat, Kind
from faasify.runtime.unit.changes import KINDS
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable, encodes, makes
from faasify.runtime.unit.edits import Plan

Cached = functools._lru_cache_wrapper
TYPE_CHECKING = False
if TYPE_CHECKING:
    Wrapper = functools._lru_cache_wrapper[Any]
Entry = tuple[tuple[Any, ...], dict[str, Any], Any]  # arguments, keywords, result
LIMIT = 5_000  # calls that are made in a unit only so that `cache_info()` counts them
_MADE = frozenset(["__wrapped__", "cache_parameters"])
_ANSWER = "\0faasify answer"


class _Parts:
    """What the collector tells of a wrapper: [type, (key, result, link)*, cache, function, mark of keywords, ...]."""

    def __init__(self, obj: Wrapper) -> None:
        refs = gc.get_referents(obj)
        self.parameters = _parameters(obj)
        self.cache, self.function, self.mark = refs[-6:-3]
        if type(self.cache) is not dict or type(self.mark) is not object or len(self.cache) != obj.cache_info().currsize:
            raise Untravellable(f"the cache of {obj.__qualname__}", obj)
        bounded = self.parameters["maxsize"] not in (None, 0)
        self.pairs = list(zip(refs[1:-6:3], refs[2:-6:3], strict=True)) if bounded else list(self.cache.items())

    def arguments(self, key: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The call that has this key."""
        if type(key) is not tuple:
            return (key,), {}
        at = next((n for n, part in enumerate(key) if part is self.mark), None)
        if at is None:
            return (key[: len(key) // 2] if self.parameters["typed"] else key), {}
        rest = key[at + 1 :]
        if self.parameters["typed"]:
            rest = rest[: (len(rest) - at) // 3 * 2]
        return key[:at], dict(zip(rest[::2], rest[1::2], strict=True))


def _parameters(obj: Wrapper) -> dict[str, Any]:
    tell = vars(obj).get("cache_parameters")
    if type(tell) is not FunctionType or tell.__module__ != "functools":
        raise Untravellable(f"the cache of {obj.__qualname__}, whose settings are not told", obj)
    return tell()  # type: ignore[no-any-return]


@encodes(Cached)
def _cached(enc: Encoder, obj: Any) -> list[Any]:
    ref = enc.world.library_ref(obj)
    if ref is not None:
        return ["ref", ref]
    parts = _Parts(obj)
    if type(parts.function) is not FunctionType:
        raise Untravellable(f"the cache of a {type(parts.function).__name__}", obj)
    hits, misses = counts(obj)
    entries = [_entry(enc, parts, key, result) for key, result in parts.pairs]
    more = enc.pairs((k, v) for k, v in vars(obj).items() if k not in _MADE and getattr(parts.function, k, _ANSWER) is not v)
    return ["lc", enc.value(parts.function), parts.parameters["maxsize"], parts.parameters["typed"], hits, misses, entries, more]


def _entry(enc: Encoder, parts: _Parts, key: Any, result: Any) -> list[Any]:
    args, keywords = parts.arguments(key)
    hashing.check(enc, (*args, *keywords.values()))
    return [enc.values(args), enc.pairs(keywords.items()), enc.value(result)]


@makes("lc")
def _make_cached(dec: Decoder, i: int, node: list[Any]) -> Any:
    _, function, maxsize, typed, hits, misses, entries, more = node
    fn = dec.value(function)
    if type(fn) is not FunctionType or not (maxsize is None or type(maxsize) is int):
        raise CodecError("a cache of what is no function")
    obj: Any = functools.lru_cache(maxsize, bool(typed))(fn)

    def dress() -> None:
        functools.update_wrapper(obj, fn)  # which had no names yet
        vars(obj).update(dec.pairs(more))

    dec.later(1, dress)
    dec.later(2, lambda: _fill(obj, _decoded(dec, entries), hits, misses))
    return obj


def _decoded(dec: Decoder, entries: list[Any]) -> list[Entry]:
    return [(tuple(dec.values(args)), dict(dec.pairs(keywords)), dec.value(result)) for args, keywords, result in entries]


def _fill(obj: Wrapper, entries: list[Entry], hits: int, misses: int) -> None:
    """Make the cache hold `entries`; of more calls than LIMIT it only remembers that they are not counted."""
    uncounted = hits + misses - len(entries)
    if uncounted > LIMIT:
        _rebuild(obj, entries, 0, len(entries))
        _uncounted[obj] = hits, misses - len(entries)
    else:
        _rebuild(obj, entries, hits, misses)


_uncounted: WeakKeyDictionary[Wrapper, tuple[int, int]] = WeakKeyDictionary()


def counts(obj: Wrapper) -> tuple[int, int]:
    """Hits and misses."""
    info, more = obj.cache_info(), _uncounted.get(obj, (0, 0))
    return info.hits + more[0], info.misses + more[1]


def is_counted(obj: Any) -> bool:
    """Whether a unit would see the right counts."""
    info = obj.cache_info()
    return bool(info.hits + info.misses - info.currsize <= LIMIT)


# How a cache changes


class _Cache(Kind):
    def flat(self, obj: Any) -> Flat:
        """Both counts as one object that is the same for the same numbers, then attributes, after their number, then keys and results."""
        hits, misses = counts(obj)
        space = vars(obj)
        pairs = (part for pair in _Parts(obj).pairs for part in pair)
        return [sys.intern(f"{hits} {misses}"), sys.intern(str(len(space))), *space, *space.values(), *pairs]

    def edit(self, enc: Encoder, obj: Any, before: Flat) -> list[Any]:
        """["lc", hits, misses, how many of the first entries are the same, the others: a number in the old order, or an entry]."""
        parts, attributes = _Parts(obj), int(before[1])
        names, values = before[2 : 2 + attributes], before[2 + attributes : 2 + 2 * attributes]
        if len(vars(obj)) != attributes or not all(map(is_, [*vars(obj), *vars(obj).values()], [*names, *values])):
            raise CodecError(f"the cache of {obj.__qualname__} was given other attributes")
        entries = before[2 + 2 * attributes :]
        old = {id(key): (n, result) for n, (key, result) in enumerate(zip(entries[::2], entries[1::2], strict=True))}
        items: list[Any] = []
        for key, result in parts.pairs:
            n, was = old.get(id(key), (None, None))
            items.append(n if n is not None and was is result else _entry(enc, parts, key, result))
        same = next((n for n, item in enumerate(items) if item != n), len(items))
        return ["lc", *counts(obj), same, items[same:]]

    def plan(self, dec: Decoder, obj: Any, node: list[Any]) -> Plan:
        _, hits, misses, same, items = node
        parts = _Parts(obj)
        old: list[Entry] = [(*parts.arguments(key), result) for key, result in parts.pairs]
        final = [*old[:same], *(old[item] if type(item) is int else _decoded(dec, [item])[0] for item in items)]
        return lambda: _change(obj, old, final, hits, misses)


def _change(obj: Wrapper, old: list[Entry], final: list[Entry], hits: int, misses: int) -> None:
    """From `old` to `final` and these counts, by as few calls as will do."""
    info = obj.cache_info()
    known = {id(entry) for entry in old}
    steps = _steps([id(e) for e in old], [id(e) for e in final], info.maxsize)
    new = sum(id(entry) not in known for entry in final)
    if steps is None or hits - info.hits < len(final) - steps - new or misses - info.misses < new:
        _rebuild(obj, final, hits, misses)
        return
    for entry in final[steps:]:
        if id(entry) in known:
            _hit(obj, entry, 1)
        else:
            _miss(obj, entry)
    if obj.cache_info().misses != info.misses + new:  # an argument that was pushed out and came back: it was still there here
        _rebuild(obj, final, hits, misses)
    else:
        _count(obj, final, hits, misses)


def _steps(old: list[int], final: list[int], maxsize: int | None) -> int | None:
    """From which entry on all have to be called, in order, to get from `old` to `final`; None where that is not the way."""
    first = next((n for n, (a, b) in enumerate(zip(old, final, strict=False)) if a != b), min(len(old), len(final)))
    held, known = OrderedDict.fromkeys(old), frozenset(old)
    for number in final[first:]:
        if number not in held and number in known:
            return None  # pushed out by one of the calls before
        if number not in held and maxsize is not None and len(held) >= maxsize:
            held.popitem(last=False)
        held[number] = None
        if maxsize is not None:
            held.move_to_end(number)
    return first if list(held) == final else None


def _rebuild(obj: Wrapper, entries: list[Entry], hits: int, misses: int) -> None:
    obj.cache_clear()
    for entry in entries:
        _miss(obj, entry)
    _count(obj, entries, hits, misses)


def _hit(obj: Wrapper, entry: Entry, times: int) -> None:
    args, keywords, _ = entry
    for _ in repeat(None, times):
        obj(*args, **keywords)


def _miss(obj: Wrapper, entry: Entry) -> None:
    args, keywords, result = entry
    with _Answered(obj, [result]):
        obj(*args, **keywords)


def _count(obj: Wrapper, entries: list[Entry], hits: int, misses: int) -> None:
    """Calls that change nothing but the counts: of the newest entry, and some that fail."""
    info = obj.cache_info()
    if entries:
        _hit(obj, entries[-1], hits - info.hits)
    with _Answered(obj, _Fails()):
        for _ in repeat(None, misses - info.misses):
            try:
                obj(_Fails())
            except _Failed:
                pass


class _Failed(Exception):
    pass


class _Fails:
    def pop(self) -> Any:
        raise _Failed


class _Answered:
    """Within it, the function below the cache gives what `answers.pop()` gives."""

    def __init__(self, obj: Wrapper, answers: Any) -> None:
        self._function: FunctionType = _Parts(obj).function
        self._answers = answers

    def __enter__(self) -> None:
        self._code = self._function.__code__
        code = _answering(len(self._code.co_freevars))
        self._function.__code__ = code.replace(co_consts=tuple(self._answers if c == _ANSWER else c for c in code.co_consts))

    def __exit__(self, *exc: object) -> None:
        self._function.__code__ = self._code


@functools.cache
def _answering(free: int) -> CodeType:
    """Code with as many captured variables, which a function's code must have."""
    names = ", ".join(f"v{n}" for n in range(free))
    captured = f"\n        if 0: {names}" if free else ""
    source = f"def outer({names}):\n    def inner(*args, **keywords):{captured}\n        return {_ANSWER!r}.pop()\n"
    outer = next(c for c in compile(source, "", "exec").co_consts if isinstance(c, CodeType))
    return next(c for c in outer.co_consts if isinstance(c, CodeType))


KINDS[Cached] = _Cache()
