"""Functions that a maker of the library generated for a class (`namedtuple`, `dataclass`): what of them travels, and what a program may
have changed about them. They have no source; the maker makes them again on the copy.

Told: [[name, module, annotations], ...] of those that are not of the module that the maker gives them, and, where the program looks at
annotations, of all.
"""

from __future__ import annotations

import collections
import functools
import reprlib
import sys
from collections.abc import Iterable, Mapping
from itertools import takewhile
from types import FunctionType
from typing import Any

from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable

_MAKERS = frozenset({collections.namedtuple.__code__.co_filename, reprlib.recursive_repr.__code__.co_filename})
_FIELD: Any = type(vars(collections.namedtuple("_FIELD", "x"))["x"])  # noqa: PYI024

_PLACED = frozenset({"__doc__", "__module__", "__dict__", "__weakref__"})


def told(enc: Encoder, cls: Any, names: Iterable[str]) -> list[Any]:
    """Of the generated functions with these names."""
    found = []
    for name in names:
        fn = function_of(vars(cls).get(name))
        if fn is None or not is_made(fn):
            continue
        annotated = enc.value(fn.__annotations__) if enc.world.inspects_annotations else None
        if fn.__module__ != _usual_module(fn, cls) or annotated is not None:
            found.append([name, enc.value(fn.__module__), annotated])
    return found


def settle(dec: Decoder, cls: Any, names: Iterable[str], said: list[Any]) -> None:
    """Give what a maker has just generated on `cls` the modules and annotations of what it generated there."""
    own = vars(cls)
    for name in names:
        fn = function_of(own.get(name))
        if fn is not None and is_made(fn):
            for made in (fn, vars(fn).get("__wrapped__", fn)):
                made.__module__ = _usual_module(fn, cls)
    for name, module, annotated in said:
        fn = function_of(own.get(name))
        if fn is None or not is_made(fn):
            raise CodecError(f"{name} is nothing that was generated")
        fn.__module__ = dec.value(module)
        if annotated is not None:
            fn.__annotations__ = dec.value(annotated)


def _usual_module(fn: FunctionType, cls: type) -> Any:
    """That of the class for what `dataclass` made from a text, else that of the maker's own code."""
    if "__dataclass_params__" in vars(cls) and is_generated(vars(fn).get("__wrapped__", fn)):
        return cls.__module__
    return fn.__globals__.get("__name__")


def check_untouched(cls: Any, generated: Iterable[str], twin: type, differing: Mapping[str, str]) -> None:
    """Raise Untravellable if the program has changed functions that a maker generated: it would not again.

    `twin` is another class of the maker, with `differing` in the names and texts of its functions: what stands there, and for `cls`.
    """
    for name in generated:
        fn = function_of(vars(cls).get(name))
        if fn is None:
            continue
        if vars(fn).keys() - {"__wrapped__"}:
            raise Untravellable(f"class {cls.__qualname__}, whose generated {name} was given attributes", cls)
        same = function_of(vars(twin).get(name))
        if same is not None and _texts(fn) != tuple(_put(text, differing) for text in _texts(same)):
            raise Untravellable(f"class {cls.__qualname__}, whose generated {name} was given another name or text", cls)


def state_of(own: Mapping[str, Any]) -> dict[str, Any]:
    """What may change about the functions and fields that a maker made, for comparison by identity. No edit could set it."""
    made = {name: fn for name, value in own.items() if (fn := function_of(value)) is not None and is_made(fn)}
    state: dict[str, Any] = {"made attributes": sum(len(fn.__dict__) for fn in made.values())}
    for name, fn in made.items():
        state.update(zip(_keys_of(name), (*_texts(fn), fn.__module__, fn.__annotations__), strict=True))
    maker = "__new__" if "_field_defaults" in own else "__init__"
    flags = own.get("__dataclass_params__")
    state |= {sys.intern(f"made {name} flag"): getattr(flags, name, None) for name in getattr(type(flags), "__slots__", ())}
    state |= {sys.intern(f"made {name} default"): value for name, value in own.get("_field_defaults", {}).items()}
    if maker in made:
        state["made defaults"] = made[maker].__defaults__
        state |= {sys.intern(f"made {name} by name"): value for name, value in (made[maker].__kwdefaults__ or {}).items()}
    if maker == "__new__":
        state |= {sys.intern(f"made {name} doc"): doc for name, doc in docs_of(own).items()}
    return state


def docs_of(own: Mapping[str, Any]) -> dict[str, Any]:
    """The texts of a named tuple's fields, as far as they are the library's own descriptors."""
    return {name: own[name].__doc__ for name in own["_fields"] if type(own.get(name)) is _FIELD}


def is_field(attribute: Any, index: int) -> bool:
    """Whether it is the library's own descriptor of the field with that index."""
    return type(attribute) is _FIELD and attribute.__reduce__()[1][0] == index


def without_annotations(state: dict[str, Any]) -> dict[str, Any]:
    """The state of a class where nobody looks at annotations."""
    return {name: value for name, value in state.items() if name != "__annotations__" and not name.endswith(_ANNOTATIONS)}


def reorder(cls: type, order: list[str]) -> None:
    """Bring the attributes into this order, from the first on that stands elsewhere. Some, which `type.__new__` adds, have their place."""
    own = vars(cls)
    right = takewhile(lambda pair: pair[0] == pair[1], zip(list(own), order, strict=False))
    for name in order[sum(1 for _ in right) :]:
        if name in own and name not in _PLACED:
            value = own[name]
            type.__delattr__(cls, name)
            type.__setattr__(cls, name, value)


def function_of(attribute: Any) -> FunctionType | None:
    """The function that stands in a class, by itself or as a classmethod or staticmethod."""
    fn = attribute.__func__ if type(attribute) in (classmethod, staticmethod) else attribute
    return fn if type(fn) is FunctionType else None


def is_generated(attribute: Any) -> bool:
    """Whether it was made from a text."""
    fn = function_of(attribute)
    return fn is not None and fn.__code__.co_filename.startswith("<")


def is_made(fn: FunctionType) -> bool:
    """Whether a maker made it: from a text, or from a function of its own."""
    return is_generated(fn) or fn.__code__.co_filename in _MAKERS or is_generated(vars(fn).get("__wrapped__"))


def _texts(fn: FunctionType) -> tuple[str, str, str | None]:
    return fn.__name__, fn.__qualname__, fn.__doc__


def _put(text: str | None, differing: Mapping[str, str]) -> str | None:
    if text is not None:
        for old, new in differing.items():
            text = text.replace(old, new)
    return text


_ANNOTATIONS = " annotations"


@functools.lru_cache(100)
def _keys_of(name: str) -> tuple[str, ...]:
    return tuple(sys.intern(f"made {name} {what}") for what in ("name", "qualname", "text", "module", _ANNOTATIONS.strip()))
