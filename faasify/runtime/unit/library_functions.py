"""Functions of the library that are no objects by name: their code is the library's, so they are built again by the same maker.

`mk` a function that a known maker of the library built around another (contextmanager, singledispatch, unittest.skip), or that it
uses again (total_ordering); `ef` a method of a class in `enum`.
"""

from __future__ import annotations

import functools
import re
import sys
from types import FunctionType
from typing import Any

from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable, makes
from faasify.runtime.unit.kinds import is_kind


def library_function(enc: Encoder, fn: Any) -> list[Any]:
    if id(fn) in _comparisons():
        texts = [(k, getattr(fn, k)) for k in _TEXTS]
        return ["mk", "total_ordering", [enc.value(_comparisons()[id(fn)])], enc.pairs([*vars(fn).items(), *texts])]
    ref = enc.world.library_ref(fn)
    if ref is not None:
        return ["ref", ref]
    if fn.__module__ == "enum" and id(fn) in _enum_functions():
        return ["ef", *_enum_functions()[id(fn)]]
    cells = dict(zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True))
    if fn.__module__ is not None and fn.__code__.co_qualname == "contextmanager.<locals>.helper":
        return ["mk", "contextmanager", [enc.value(cells["func"].cell_contents)], _rest(enc, fn, cells["func"].cell_contents)]
    if fn.__code__.co_qualname == "singledispatch.<locals>.wrapper":
        registry = cells["registry"].cell_contents if "registry" in cells else None
        registry = dict(fn.registry) if registry is None else registry
        base = fn.__wrapped__
        others = [x for kind, impl in registry.items() if not (kind is object and impl is base) for x in (kind, impl)]
        return ["mk", "singledispatch", [enc.value(base), *enc.values(others)], _rest(enc, fn, base)]
    if fn.__code__.co_qualname == "skip.<locals>.decorator.<locals>.skip_wrapper" and "__wrapped__" in vars(fn):
        return ["mk", "skip", [enc.value(fn.__wrapped__), enc.value(cells["reason"].cell_contents)], _rest(enc, fn, fn.__wrapped__)]
    raise Untravellable(f"function {fn.__qualname__}, whose code is not in the program's source", fn)


@functools.cache
def _comparisons() -> dict[int, str]:
    """The functions that `total_ordering` puts into classes: always the same ones, to which it gives other names and texts."""
    return {id(fn): name for name, fn in vars(functools).items() if type(fn) is FunctionType and _COMPARISON.fullmatch(name)}


_COMPARISON = re.compile("_(lt|le|gt|ge)_from_(lt|le|gt|ge)")


@functools.cache
def _enum_functions() -> dict[int, tuple[str, str]]:
    """Class and name of the methods in `enum`; every enumeration of the program's refers to some under other names."""
    import enum

    classes = [(owner, cls) for owner, cls in vars(enum).items() if isinstance(cls, type)]
    return {id(getattr(found, "__func__", found)): (owner, name) for owner, cls in classes for name, found in vars(cls).items()}


@makes("ef")
def _make_enum_function(dec: Decoder, i: int, node: list[Any]) -> Any:
    import enum

    _, owner, name = node
    cls = vars(enum).get(owner)
    found = vars(cls).get(name) if is_kind(cls, type) else None
    found = getattr(found, "__func__", found)
    if type(found) is not FunctionType:
        raise CodecError(f"enum has no {owner}.{name}")
    return found


def _rest(enc: Encoder, fn: Any, inner: Any) -> list[Any]:
    """What the program changed about `fn` after `wraps` copied it from `inner`."""
    own = [(k, v) for k, v in vars(fn).items() if k not in _OF_MAKERS and vars(inner).get(k) is not v]
    texts = [(k, getattr(fn, k)) for k in _TEXTS if getattr(fn, k) is not getattr(inner, k, None)] if type(inner) is FunctionType else []
    return enc.pairs([*own, *texts])


_OF_MAKERS = frozenset({"__wrapped__", "register", "dispatch", "registry", "_clear_cache"})
_TEXTS = ("__module__", "__name__", "__qualname__", "__doc__")


@makes("mk")
def _make_known(dec: Decoder, i: int, node: list[Any]) -> Any:
    _, maker, wires, rest = node
    parts = dec.values(wires)
    if maker == "contextmanager":
        import contextlib

        return _filled_later(dec, contextlib.contextmanager(parts[0]), parts[0], rest)
    if maker == "skip":
        return _filled_later(dec, _skipped(*parts), parts[0], rest)
    if maker == "singledispatch":
        fn: Any = functools.singledispatch(parts[0])
        dec.later(2, lambda: _register_all(fn, parts[1:], dec.pairs(rest)))
        return fn
    if maker == "total_ordering":
        return _comparison(dec, parts[0], rest)
    raise CodecError(f"unknown maker {maker!r}")


def _comparison(dec: Decoder, name: Any, rest: list[Any]) -> Any:
    fn: Any = vars(functools).get(name)
    if id(fn) not in _comparisons():
        raise CodecError(f"functools has no comparison {name!r}")

    def fill() -> None:
        vars(fn).clear()
        _set(fn, dec.pairs(rest))

    dec.later(1, fill)
    return fn


def _filled_later(dec: Decoder, fn: Any, inner: Any, rest: list[Any]) -> Any:
    """`wraps` copied names from a function that is filled only later."""
    dec.later(1, lambda: _wrap(fn, inner, dec.pairs(rest)))
    return fn


def _skipped(test: Any, reason: Any) -> Any:
    unittest: Any = sys.modules.get("unittest")
    if unittest is None or type(test) is not FunctionType or type(reason) is not str:
        raise CodecError("no test that is skipped")
    return unittest.skip(reason)(test)


def _wrap(fn: Any, inner: Any, attributes: list[tuple[str, Any]]) -> None:
    functools.update_wrapper(fn, inner)
    _set(fn, attributes)


def _set(fn: Any, attributes: list[tuple[str, Any]]) -> None:
    for name, value in attributes:
        if name in _TEXTS:
            setattr(fn, name, value)
        else:
            vars(fn)[name] = value


def _register_all(fn: Any, flat: list[Any], attributes: list[tuple[str, Any]]) -> None:
    for kind, impl in zip(flat[::2], flat[1::2], strict=True):
        fn.register(kind, impl)
    _wrap(fn, fn.__wrapped__, attributes)
