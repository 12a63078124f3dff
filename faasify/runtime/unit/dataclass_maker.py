"""Dataclasses: the methods that `dataclass` generated have no source, so `dataclass` generates them again on the copy.

Maker: ["dc", {param: bool}, [[field, default, factory, init, repr, hash, compare, kw_only, metadata, kind], ...], [name, ...],
modules and annotations of what was generated (generated_functions.py)]
for the fields that the class itself declares; the names of all its attributes give their order.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Mapping
from keyword import iskeyword
from types import CodeType, FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable
from faasify.runtime.unit.generated_functions import check_untouched, function_of, reorder, settle, told

_PARAMS = ("init", "repr", "eq", "order", "unsafe_hash", "frozen") + (("match_args", "kw_only") if sys.version_info >= (3, 12) else ())
_ALWAYS = frozenset({"__dataclass_fields__", "__dataclass_params__"})
_CANDIDATES = frozenset(
    [
        "__init__",
        "__repr__",
        "__eq__",
        "__lt__",
        "__le__",
        "__gt__",
        "__ge__",
        "__hash__",
        "__setattr__",
        "__delattr__",
        "__replace__",
        "__getstate__",
        "__setstate__",
    ]
)

# What `slots=True` gives a frozen class: it is made with its slots here, and `dataclass` is not told of them.
_OF_SLOTS = {f"__{name}__": getattr(dataclasses, f"_dataclass_{name}") for name in ("getstate", "setstate")}


@dataclasses.dataclass(order=True, unsafe_hash=True, frozen=True, slots=True)
class _Twin:
    """What a dataclass looks like that nobody has changed."""

    field: int


def describe(enc: Encoder, cls: Any) -> tuple[list[Any], set[str]]:
    """The maker, and the names of the attributes that it makes."""
    _check_metaclass(cls, Untravellable)
    own = vars(cls)
    if "__dataclass_fields__" not in own:
        raise Untravellable(f"class {cls.__qualname__}, which dataclass is still making", cls)
    generated = {n for n in _CANDIDATES if n in own and _generated(enc, own[n])} | set(_ALWAYS)
    _check_untouched(cls, generated)
    flags = _flags(cls)
    _check_the_same_again(cls, flags, generated)
    declared = own.get("__annotations__", {})
    fields = []
    for name, field in own["__dataclass_fields__"].items():
        if name not in declared:
            continue
        fields.append(
            [
                name,
                enc.value(field.default),
                enc.value(field.default_factory),
                field.init,
                field.repr,
                field.hash,
                field.compare,
                bool(field.kw_only),
                enc.value(dict(field.metadata)) if field.metadata else None,
                _kind(field),
            ]
        )
    return ["dc", flags, fields, list(own), told(enc, cls, generated)], generated


def _flags(cls: Any) -> dict[str, bool]:
    params = vars(cls)["__dataclass_params__"]
    if type(params) is not type(vars(_Twin)["__dataclass_params__"]):
        raise Untravellable(f"dataclass {cls.__qualname__}, whose __dataclass_params__ the program has replaced", cls)
    return {name: bool(getattr(params, name)) for name in _PARAMS}


_found_alike: WeakKeyDictionary[type, list[Any]] = WeakKeyDictionary()  # classes, with what they looked like


def _check_the_same_again(cls: Any, flags: dict[str, bool], generated: set[str]) -> None:
    """Raises Untravellable where `dataclass` would now generate something else: flags or fields were changed, `__post_init__` was added."""
    codes = {name: _code(vars(cls)[name]) for name in sorted(_CANDIDATES & generated)}
    fields = [(f, f.name, _kind(f), *(getattr(f, flag) for flag in _OF_FIELD)) for f in vars(cls)["__dataclass_fields__"].values()]
    look = [flags, hasattr(cls, "__post_init__"), *codes.items(), fields]
    if _found_alike.get(cls) == look:
        return
    again = _again(cls, flags)
    written = {name: code for name, code in codes.items() if code is not None}
    for name in sorted(written.keys() | (_WRITTEN & again.keys() - vars(cls).keys())):
        if name not in again or name not in written or not _alike(written[name], _code(again[name])):
            raise Untravellable(f"dataclass {cls.__qualname__}, for which dataclass would now generate another {name}", cls)
    _found_alike[cls] = look


_OF_FIELD = ("init", "repr", "hash", "compare", "kw_only")
_WRITTEN = _CANDIDATES - {"__replace__", "__getstate__", "__setstate__"}


def _again(cls: Any, flags: dict[str, bool]) -> Mapping[str, Any]:
    """What `dataclass` generates for a class with these fields that has nothing of its own and no base."""
    space: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    if hasattr(cls, "__post_init__"):
        space["__post_init__"] = None
    for name, field in vars(cls)["__dataclass_fields__"].items():
        if (annotation := _ANNOTATIONS.get(_kind(field))) is not None:
            space["__annotations__"][name] = annotation
            options = {option: getattr(field, option) for option in _OF_FIELD}
            options |= {option: value for option in _FILLED if (value := getattr(field, option)) is not dataclasses.MISSING}
            space[name] = dataclasses.field(**options)
    try:
        return vars(dataclasses.dataclass(**flags)(type(cls.__name__, (), space)))
    except (TypeError, ValueError):
        return {}


_FILLED = ("default", "default_factory")
# no strings: `dataclass` would look for their meaning in a module that need not be there
_ANNOTATIONS = {"_FIELD": object, "_FIELD_INITVAR": dataclasses.InitVar[object]}


def _code(attribute: Any) -> CodeType | None:
    """Of a function that was made from a text."""
    fn = function_of(attribute)
    fn = function_of(vars(fn).get("__wrapped__", fn)) if fn is not None else None
    return fn.__code__ if fn is not None and fn.__code__.co_filename == "<string>" else None


def _alike(one: CodeType, other: CodeType | None) -> bool:
    return other is not None and all(getattr(one, part) == getattr(other, part) for part in _OF_CODE)


_OF_CODE = ("co_code", "co_consts", "co_names", "co_varnames", "co_freevars", "co_argcount", "co_kwonlyargcount", "co_flags")


def _kind(field: Any) -> str:
    return getattr(field, "_field_type").name  # type: ignore[no-any-return]  # noqa: B009  # there is no public way to tell an InitVar


def _default(field: Any) -> list[Any]:
    """What stands for the field in the defaults of `__init__`, if anything does."""
    if field.default is not dataclasses.MISSING:
        return [field.default]
    return [] if field.default_factory is dataclasses.MISSING else [getattr(dataclasses, "_HAS_DEFAULT_FACTORY")]  # noqa: B009


def _ids(objs: Iterable[Any]) -> list[int]:
    return list(map(id, objs))


def _check_untouched(cls: Any, generated: set[str]) -> None:
    """Raises Untravellable where the program has changed what `dataclass` generated: it would not again."""
    check_untouched(cls, generated, _Twin, {_Twin.__qualname__: cls.__qualname__})
    if "__init__" in generated:
        fields = [f for f in vars(cls)["__dataclass_fields__"].values() if f.init and _kind(f) != "_FIELD_CLASSVAR"]
        by_place = [d for f in fields if not f.kw_only for d in _default(f)]
        by_name = {f.name: d for f in fields if f.kw_only for d in _default(f)}
        init = vars(cls)["__init__"]
        if _ids(init.__defaults__ or ()) != _ids(by_place) or _ids((init.__kwdefaults__ or {}).values()) != _ids(by_name.values()):
            raise Untravellable(f"dataclass {cls.__qualname__}, whose __init__ was given other defaults", cls)


def _check_metaclass(cls: Any, error: type[Exception]) -> None:
    """`dataclass` sets attributes of the class, which a metaclass of the program's would notice."""
    setter: Any = type(cls).__setattr__
    if setter is not type.__setattr__:
        raise error(f"dataclass {cls.__qualname__}, whose metaclass has a __setattr__")


def _generated(enc: Encoder, value: Any) -> bool:
    """Whether `dataclass` made it: from a text, or from a function of its own. A `__repr__` is wrapped."""
    fn = getattr(value, "__wrapped__", value) if type(value) is FunctionType else None
    if type(fn) is not FunctionType or enc.world.codes.key_of(value.__code__) is not None:
        return False
    return fn.__code__.co_filename in ("<string>", sys.modules["dataclasses"].dataclass.__code__.co_filename)


def apply(dec: Decoder, cls: Any, maker: list[Any], wanted: dict[str, Any]) -> None:
    """Generate the methods on `cls`, whose own attributes `wanted` are in place already."""
    if "__dataclass_fields__" in vars(cls):
        return
    for base in cls.__mro__[1:]:  # a base that is a dataclass comes first
        pending = dec.dataclasses.get(base)
        if pending is not None:
            pending()
    _check_metaclass(cls, CodecError)
    _, flags, fields, order, said = maker
    if not all(type(name) is str and name.isidentifier() and not iskeyword(name) for name, *_ in fields) or not flags.keys() <= set(
        _PARAMS
    ):
        raise CodecError("a dataclass with a field that is no name")  # `dataclass` writes source with the names in it
    before = {name: vars(cls)[name] for name, *_ in fields if name in vars(cls)}
    annotations = _declare(dec, cls, fields)
    type.__setattr__(cls, "__annotations__", annotations)
    dataclasses.dataclass(**flags)(cls)
    settle(dec, cls, _CANDIDATES - wanted.keys(), said)
    for name, *_ in fields:
        if name in before:
            type.__setattr__(cls, name, before[name])
        elif name in vars(cls):
            type.__delattr__(cls, name)
    for name in _OF_SLOTS.keys() & set(order) - wanted.keys():
        type.__setattr__(cls, name, _OF_SLOTS[name])
    _set_wanted(cls, wanted, annotations)
    reorder(cls, order)


def _declare(dec: Decoder, cls: Any, fields: list[Any]) -> dict[str, Any]:
    """Give `cls` the fields as a class statement would; the annotations that go with them."""
    annotations: dict[str, Any] = {}
    for name, default, factory, init, shown, hashed, compared, kw_only, metadata, kind in fields:
        if kind == "_FIELD_CLASSVAR":
            continue
        annotations[name] = _ANNOTATIONS[kind]
        options: dict[str, Any] = {
            "init": init,
            "repr": shown,
            "hash": hashed,
            "compare": compared,
            "kw_only": kw_only,
            "metadata": dec.value(metadata),
        }
        if dec.value(default) is not dataclasses.MISSING:
            options["default"] = dec.value(default)
        if dec.value(factory) is not dataclasses.MISSING:
            options["default_factory"] = dec.value(factory)
        type.__setattr__(cls, name, dataclasses.field(**options))
    return annotations


def _set_wanted(cls: Any, wanted: dict[str, Any], annotations: dict[str, Any]) -> None:
    """What the class had of its own where `dataclass` has put something else."""
    type.__setattr__(cls, "__annotations__", wanted.get("__annotations__", dict.fromkeys(annotations, "object")))
    for name in ("__doc__", "__match_args__", "__hash__"):
        if name in wanted:
            type.__setattr__(cls, name, wanted[name])
    if "__match_args__" not in wanted and "__match_args__" in vars(cls):
        type.__delattr__(cls, "__match_args__")
