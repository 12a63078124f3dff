"""What annotations are made of besides classes: type variables and generic aliases, which generic classes refer to, too.

["tv", kind, name, bound, [constraints], covariant, contravariant, inferred, module]    a TypeVar, ParamSpec or TypeVarTuple
["ta", kind, origin, args, name, inst]      `Stack[int]`, `List[int]`, `Optional[int]`, `Literal[1]`
["ta", "_AnnotatedAlias", type, metadata]   `Annotated[int, "metres"]`
["ts", name]                                what `typing` itself names: `typing.Union`, `typing.List`, its classes and metaclasses
["to", name]                                the class that an alias of `typing` is for: re.Pattern, of `typing.Pattern`
["pa", kind, parameters]                    `P.args`, `P.kwargs`
["fr", source]                              a forward reference
["ga", origin, args, form]                  `list[int]`; form 1: unpacked, `*tuple[int]`; 2: `collections.abc.Callable[[int], str]`
["un", args]                                `int | None`
["iv", type]                                `dataclasses.InitVar[int]`

Nothing of the program runs: aliases are made by typing's own classes, not by `origin[args]`. `typing` is imported where the program has.
"""

from __future__ import annotations

import collections.abc
import functools
import operator
import sys
import types
from typing import Any

from faasify.runtime.unit import scalars
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable, encodes, makes
from faasify.runtime.unit.kinds import is_kind

_VARIABLES = ("TypeVar", "ParamSpec", "TypeVarTuple")
_ALIASES = (
    "_GenericAlias",
    "_UnionGenericAlias",
    "_LiteralGenericAlias",
    "_CallableGenericAlias",
    "_ConcatenateGenericAlias",
    "_UnpackGenericAlias",
)
_ANNOTATED = "_AnnotatedAlias"
_PARAMETERS = ("ParamSpecArgs", "ParamSpecKwargs")
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
    for names, encode in (
        (_VARIABLES, _variable),
        (_ALIASES, _alias),
        ((_ANNOTATED,), _annotated),
        (_PARAMETERS, _parameters),
        (_NAMED, _special),
        (("ForwardRef",), _forward),
    ):
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
    kind, origin, args = node[1:4]
    if kind == _ANNOTATED:
        metadata = dec.value(args)
        if type(metadata) is not tuple or not metadata:
            raise CodecError("an annotation with nothing")
        return _typing()._AnnotatedAlias(dec.value(origin), metadata)
    name, inst = node[4:]
    if kind not in _ALIASES or kind not in vars(_typing()):
        raise CodecError(f"no alias {kind!r}")
    members = dec.value(args)
    if type(members) is not tuple or not (name is None or type(name) is str):
        raise CodecError("an alias of what are no types")
    return getattr(_typing(), kind)(dec.value(origin), members, inst=bool(inst), name=name)


def _annotated(enc: Encoder, obj: Any) -> list[Any]:
    return ["ta", _ANNOTATED, *enc.values((obj.__origin__, obj.__metadata__))]


def _parameters(enc: Encoder, obj: Any) -> list[Any]:
    return ["pa", type(obj).__name__, enc.value(obj.__origin__)]


@makes("pa")
def _make_parameters(dec: Decoder, i: int, node: list[Any]) -> Any:
    if node[1] not in _PARAMETERS:
        raise CodecError(f"no parameters {node[1]!r}")
    return getattr(_typing(), node[1])(dec.value(node[2]))


def name_in_typing(cls: type) -> list[Any] | None:
    """The node of a class that `typing` names, or has an alias for; None for any other."""
    names = vars(sys.modules["typing"]) if "typing" in sys.modules else {}
    if cls.__module__ == "typing":
        return ["ts", cls.__name__] if names.get(cls.__name__) is cls else None
    found = (name for name, alias in names.items() if type(alias).__name__ in _NAMED and getattr(alias, "__origin__", None) is cls)
    return next((["to", name] for name in found), None)


@makes("to")
def _make_origin(dec: Decoder, i: int, node: list[Any]) -> Any:
    alias = getattr(_typing(), node[1], None) if type(node[1]) is str else None
    if type(alias).__name__ not in _NAMED or not isinstance(found := getattr(alias, "__origin__", None), type):
        raise CodecError(f"typing has no alias {node[1]!r}")
    return found


def _special(enc: Encoder, obj: Any) -> list[Any]:
    name = getattr(obj, "_name", None)
    if not isinstance(name, str) or vars(_typing()).get(name) is not obj:
        raise Untravellable(f"typing's {obj!r}", obj)
    return ["ts", name]


@makes("ts")
def _make_special(dec: Decoder, i: int, node: list[Any]) -> Any:
    found = getattr(_typing(), node[1], None) if type(node[1]) is str else None  # made by that look, from 3.13 on
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


_CALLABLE: Any = type(collections.abc.Callable[[], None])
_UNPACKED, _CALLED = 1, 2


@encodes(types.GenericAlias, _CALLABLE)
def _builtin_alias(enc: Encoder, obj: Any) -> list[Any]:
    form = _CALLED if type(obj) is _CALLABLE else _UNPACKED if obj.__unpacked__ else 0
    return ["ga", enc.value(obj.__origin__), enc.value(obj.__args__), form]


@makes("ga")
def _make_builtin_alias(dec: Decoder, i: int, node: list[Any]) -> Any:
    _, origin, args, form = node
    members = dec.value(args)
    if form == _CALLED:
        if type(members) is not tuple or not members:
            raise CodecError("a function type without a result")
        return types.GenericAlias.__new__(_CALLABLE, dec.value(origin), members)
    made = types.GenericAlias(dec.value(origin), members)
    return next(iter(made)) if form == _UNPACKED else made


@encodes(types.UnionType)
def _union(enc: Encoder, obj: Any) -> list[Any]:
    return ["un", enc.value(obj.__args__)]


def _in_a_union(obj: Any) -> bool:
    """Whether `|` with this runs nothing of the program's."""
    metaclass: Any = type(obj)
    return obj is None or is_kind(obj, types.GenericAlias) or (is_kind(obj, type) and metaclass.__or__ is type.__or__)


@makes("un")
def _make_union(dec: Decoder, i: int, node: list[Any]) -> Any:
    members = dec.value(node[1])
    if type(members) is not tuple or not all(map(_in_a_union, members)):
        raise CodecError("a union of what is no type")
    return functools.reduce(operator.or_, members)


def _dataclasses() -> None:
    import dataclasses

    encodes(dataclasses.InitVar)(lambda enc, obj: ["iv", enc.value(obj.type)])


scalars.LAZY["dataclasses"] = _dataclasses


@makes("iv")
def _make_initvar(dec: Decoder, i: int, node: list[Any]) -> Any:
    import dataclasses

    return dataclasses.InitVar(dec.value(node[1]))
