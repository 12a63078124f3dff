"""What the `typing` module makes: type variables and generic aliases, which generic classes refer to.

["tv", kind, name, bound, [constraints], covariant, contravariant, inferred, module]    a TypeVar, ParamSpec or TypeVarTuple
["ta", kind, origin, args, name, inst]      `Stack[int]`, `List[int]`, `Optional[int]`, `Literal[1]`
["ts", name]                                what `typing` itself names: `typing.Union`, `typing.List`, its classes and metaclasses
["fr", source]                              a forward reference

Nothing of the program runs: aliases are made by typing's own classes, not by `origin[args]`. `typing` is imported where the program has.
"""

from __future__ import annotations

import sys
from typing import Any

from faasify.runtime.unit import scalars
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable, encodes, makes

_VARIABLES = ("TypeVar", "ParamSpec", "TypeVarTuple")
_ALIASES = ("_GenericAlias", "_UnionGenericAlias", "_LiteralGenericAlias", "_CallableGenericAlias", "_ConcatenateGenericAlias")
_NAMED = (
    "_SpecialForm",
    "_SpecialGenericAlias",
    "_TypedCacheSpecialForm",
    "_LiteralSpecialForm",
    "_CallableType",
    "_TupleType",
    "_DeprecatedGenericAlias",
)


def _typing() -> Any:
    import typing

    return typing


def _register() -> None:
    """Encoders for typing's classes, whichever this version has."""
    for names, encode in ((_VARIABLES, _variable), (_ALIASES, _alias), (_NAMED, _special), (("ForwardRef",), _forward)):
        for name in names:
            if name in vars(_typing()):
                encodes(getattr(_typing(), name))(encode)


scalars.LAZY["typing"] = _register


def _variable(enc: Encoder, obj: Any) -> list[Any]:
    kind = type(obj).__name__
    bound = enc.value(getattr(obj, "__bound__", None))
    constraints = enc.values(getattr(obj, "__constraints__", ()))
    if sys.version_info >= (3, 13) and obj.has_default():
        raise Untravellable("a type variable with a default", obj)
    if sys.version_info >= (3, 12) and kind == "ParamSpec" and obj.__bound__ is None:  # called, ParamSpec makes that NoneType
        raise Untravellable("a parameter specification that only syntax makes", obj)
    variance = [bool(getattr(obj, name, False)) for name in ("__covariant__", "__contravariant__", "__infer_variance__")]
    return ["tv", kind, obj.__name__, bound, constraints, *variance, enc.value(obj.__module__)]


@makes("tv")
def _make_variable(dec: Decoder, i: int, node: list[Any]) -> Any:
    _, kind, name, bound, constraints, covariant, contravariant, inferred, module = node
    options = {"covariant": covariant, "contravariant": contravariant}
    if (upper := dec.value(bound)) is not None:
        options["bound"] = upper
    if inferred:  # of a list of type parameters (from 3.12 on), which is shown without a sign of its variance
        options["infer_variance"] = True
    if kind == "TypeVar":
        obj = _typing().TypeVar(name, *dec.values(constraints), **options)
    elif kind == "ParamSpec":
        obj = _typing().ParamSpec(name, **options)
    elif kind in _VARIABLES:
        obj = _typing().TypeVarTuple(name)
    else:
        raise CodecError(f"no type variables {kind!r}")
    obj.__module__ = dec.value(module)
    return obj


def _alias(enc: Encoder, obj: Any) -> list[Any]:
    return ["ta", type(obj).__name__, *enc.values((obj.__origin__, obj.__args__)), obj._name, obj._inst]


@makes("ta")
def _make_alias(dec: Decoder, i: int, node: list[Any]) -> Any:
    _, kind, origin, args, name, inst = node
    if kind not in _ALIASES or kind not in vars(_typing()):
        raise CodecError(f"no alias {kind!r}")
    members = dec.value(args)
    if type(members) is not tuple or not (name is None or type(name) is str):
        raise CodecError("an alias of what are no types")
    return getattr(_typing(), kind)(dec.value(origin), members, inst=bool(inst), name=name)


def _special(enc: Encoder, obj: Any) -> list[Any]:
    name = getattr(obj, "_name", None)
    if not isinstance(name, str) or vars(_typing()).get(name) is not obj:
        raise Untravellable(f"typing's {obj!r}", obj)
    return ["ts", name]


@makes("ts")
def _make_special(dec: Decoder, i: int, node: list[Any]) -> Any:
    found = vars(_typing()).get(node[1]) if type(node[1]) is str else None
    if type(found).__name__ not in _NAMED and not (isinstance(found, type) and found.__module__ == "typing"):
        raise CodecError(f"typing has no {node[1]!r}")
    return found


def _forward(enc: Encoder, obj: Any) -> list[Any]:
    if obj.__forward_evaluated__ or obj.__forward_module__ is not None:
        raise Untravellable("a forward reference that was looked up", obj)
    return ["fr", obj.__forward_arg__, obj.__forward_is_argument__, obj.__forward_is_class__]


@makes("fr")
def _make_forward(dec: Decoder, i: int, node: list[Any]) -> Any:
    return _typing().ForwardRef(node[1], bool(node[2]), is_class=bool(node[3]))
