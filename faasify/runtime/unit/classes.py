"""Classes of the program: data, not code to run again (DECISIONS C3).

["C", name, qualname, module, metaclass, [bases], [attribute, value, ...], slots, abc, maker, first, collection]. A class is made empty by
`type.__new__`, all shells before any is filled, so that no `__init_subclass__`, `__set_name__`, metaclass hook or descriptor of
the program runs; then its attributes are put in place, `first` being those that stand before what `type.__new__` adds. What a
known maker of the library generated has no source, so the maker generates it again: `nt` namedtuple, `dc` dataclass, `pr`
protocol. `ty` is a type of the interpreter, such as NoneType.
"""

from __future__ import annotations

import collections.abc
import sys
import types
from abc import ABCMeta
from collections.abc import Mapping
from operator import is_
from types import ClassMethodDescriptorType, GetSetDescriptorType, MemberDescriptorType
from typing import Any

from faasify.runtime.unit import generated_functions
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable, encodes, makes
from faasify.runtime.unit.codes import CodeTable
from faasify.runtime.unit.generated_functions import check_untouched, function_of, is_generated
from faasify.runtime.unit.kinds import class_attribute, computes_attributes, is_kind
from faasify.runtime.unit.typing_values import name_in_typing

# Attributes that `type.__new__` or the maker supplies.
_IMPLIED = frozenset({"__dict__", "__weakref__", "_abc_impl"})
_NAMEDTUPLE = frozenset(
    {
        "__new__",
        "_make",
        "_replace",
        "__replace__",
        "__repr__",
        "_asdict",
        "__getnewargs__",
        "_fields",
        "_field_defaults",
        "__slots__",
        "__match_args__",
    }
)
_TWIN = collections.namedtuple("_TWIN", "first_ second_")  # noqa: PYI024  # what a named tuple looks like that nobody has changed
_UNSAFE = frozenset({"__del__"})


# Types that values refer to although no source names them: `type(None)`, `type(lambda: 0)`, the origin of `typing.Callable[[], int]`.
_NAMED = {name: found for module in (collections.abc, types) for name, found in vars(module).items() if isinstance(found, type)}
_INTERPRETER = {id(found): name for name, found in _NAMED.items()}


@makes("ty")
def _make_interpreter_type(dec: Decoder, i: int, node: list[Any]) -> Any:
    found = _NAMED.get(node[1]) if type(node[1]) is str else None
    if found is None:
        raise CodecError(f"no type {node[1]!r} of the interpreter")
    return found


@encodes(type)
def _class(enc: Encoder, cls: Any) -> list[Any]:
    return class_node(enc, cls)


def check_silent(cls: type) -> None:
    """Raise Untravellable if looking at the class would run code of the program's."""
    if computes_attributes(cls):
        raise Untravellable("a class whose metaclass has a __getattribute__", cls)


def class_node(enc: Encoder, cls: Any) -> list[Any]:
    """The node of any class, its metaclass being `type` or not."""
    ref = enc.world.library_ref(cls)
    if ref is not None:
        return ["ref", ref]
    if id(cls) in _INTERPRETER:
        return ["ty", _INTERPRETER[id(cls)]]
    if enc.world.is_program_class(cls):
        check_silent(cls)
    elif (node := name_in_typing(cls)) is not None:
        return node
    else:
        raise Untravellable(f"class {cls.__module__}.{cls.__qualname__}, which the program's source does not mention", cls)
    own = vars(cls)
    if _UNSAFE & own.keys():
        raise Untravellable(f"class {cls.__qualname__}, whose copies would be finalised visibly (__del__)", cls)
    if "__dict__" in own and type(own["__dict__"]) is not GetSetDescriptorType:
        raise Untravellable(f"class {cls.__qualname__}, which has a `__dict__` of its own", cls)
    maker, generated = _maker(enc, cls)
    items = []
    slots = []
    for name, value in own.items():
        if type(value) is MemberDescriptorType:
            slots.append(name)
        elif name not in _IMPLIED and name not in generated and not (type(value) is GetSetDescriptorType and value.__objclass__ is cls):
            items.append((name, value))
    if "__slots__" in own:
        # what `dataclass(slots=True)` of 3.11.2 copied from the class before is none of this one's
        for name in ("__dict__", "__weakref__"):
            value = own.get(name)
            if type(value) is GetSetDescriptorType and value.__objclass__ is cls:
                slots.append(name)
    return [
        "C",
        cls.__name__,
        cls.__qualname__,
        enc.value(cls.__module__),
        enc.value(type(cls)),
        enc.values(cls.__bases__),
        [x for k, v in items if _wanted(enc, k, v) for x in (enc.value(k), (enc.hash_of_class if k == "__hash__" else enc.value)(v))],
        slots,
        _registered(enc, cls),
        maker,
        _first(own),
        _collection(enc, cls),
    ]


_COLLECTIONS = 1 << 5 | 1 << 6  # flags of sequences and mappings for `match`


def _collection(enc: Encoder, cls: type) -> int:
    """How `match` takes its instances where that does not follow from its bases, but from an abstract class that it is registered with."""
    flags = cls.__flags__ & _COLLECTIONS
    if any(base.__flags__ & _COLLECTIONS == flags for base in cls.__bases__):
        return 0
    _check_unheard(enc.world.codes, cls, Untravellable)
    return flags


def _first(own: Any) -> list[str]:
    """Names that the class body left, in their order: they stand before what `type.__new__` adds."""
    names: list[str] = []
    for name in own:
        if name in ("__dict__", "__weakref__"):
            break
        names.append(name)
    return names


def _wanted(enc: Encoder, name: str, value: Any) -> bool:
    """Annotations travel where some code of the program looks at them."""
    return name != "__annotations__" or enc.world.inspects_annotations


def _registered(enc: Encoder, cls: Any) -> Any:
    """Classes registered with an ABC; None where it is none. The registry lives in C (C3)."""
    found = registered(cls)
    for sub in found or ():
        _check_unheard(enc.world.codes, sub, Untravellable)
    return None if found is None else enc.values(found)


def registered(cls: Any) -> list[Any] | None:
    """The classes registered with an ABC; None where it is none."""
    if "_abc_impl" not in vars(cls):
        return None
    import _abc  # type: ignore[import-not-found]

    dump: tuple[Any, ...] = _abc._get_dump(cls)
    return [c for c in (ref() for ref in dump[0]) if c is not None]


def _maker(enc: Encoder, cls: Any) -> tuple[list[Any] | None, frozenset[str] | set[str]]:
    own = vars(cls)
    if tuple in cls.__bases__ and "_fields" in own and "_field_defaults" in own and is_generated(own.get("__new__")):
        fields = list(own["_fields"])
        generated = _of_namedtuple(own, fields)
        if gone := sorted({*_NAMEDTUPLE & vars(_TWIN).keys(), *fields} - own.keys()):
            raise Untravellable(f"class {cls.__qualname__}, whose generated {gone[0]} the program has deleted", cls)
        listed = f"{fields[0]}," if len(fields) == 1 else ", ".join(fields)
        check_untouched(cls, generated, _TWIN, {_TWIN.__name__: cls.__name__, "first_, second_": listed})
        made, given = tuple(own["_field_defaults"].values()), _defaults(own)
        changed = None if len(made) == len(given) and all(map(is_, made, given)) else enc.values(given)
        docs = {name: doc for i, (name, doc) in enumerate(generated_functions.docs_of(own).items()) if doc != f"Alias for field number {i}"}
        told = generated_functions.told(enc, cls, generated)
        return ["nt", fields, enc.pairs(own["_field_defaults"].items()), changed, docs, told], generated
    if "__dataclass_params__" in own:
        from faasify.runtime.unit import dataclass_maker

        return dataclass_maker.describe(enc, cls)
    if class_attribute(cls, "_is_protocol") is not None and _is_typings(own.get("__subclasshook__")):
        return ["pr", list(own)], {"__subclasshook__"}
    return None, frozenset()


def _of_namedtuple(own: Mapping[str, Any], fields: list[str]) -> set[str]:
    """The names of what stands in the class as `namedtuple` put it there."""
    found = {name for name in _NAMEDTUPLE & own.keys() if (fn := function_of(own[name])) is not None and generated_functions.is_made(fn)}
    found |= {name for i, name in enumerate(fields) if generated_functions.is_field(own.get(name), i)}
    data = {"_fields": own["_fields"], "_field_defaults": own["_field_defaults"], "__slots__": (), "__match_args__": own["_fields"]}
    return found | {name for name in data.keys() & own.keys() if own[name] == data[name]}


def _defaults(own: Mapping[str, Any]) -> tuple[Any, ...]:
    """Those of a named tuple's `__new__`; many a program sets them: `T.__new__.__defaults__ = (None,) * 3`."""
    fn = function_of(own["__new__"])
    return (fn.__defaults__ if fn is not None else None) or ()


def _is_typings(hook: Any) -> bool:
    """Whether a class's `__subclasshook__` is what `typing.Protocol` puts there."""
    fn = function_of(hook)
    return fn is not None and fn.__module__ == "typing"


@makes("C")
def _make_class(dec: Decoder, i: int, node: list[Any]) -> Any:
    _, name, qualname, module, meta, bases, items, slots, registered, maker, first, collection = node
    metaclass = dec.value(meta)
    if not (is_kind(metaclass, type) and issubclass(metaclass, type)):
        raise CodecError("the metaclass is no metaclass")
    space: dict[str, Any] = {"__module__": dec.value(module), "__qualname__": qualname}
    if maker is not None and maker[0] == "nt":
        cls = _namedtuple(dec, name, qualname, space["__module__"], maker)
    else:
        flat = dict(zip(items[::2], items[1::2], strict=True))
        space = dict.fromkeys((n for n in first if n in flat and n not in _CALLED_AT_CREATION), None) | space
        space |= {name: dec.value(flat[name]) for name in _ONLY_AT_CREATION & flat.keys()}
        if slots or "__slots__" in flat:
            space["__slots__"] = tuple(_unmangled(name, s) for s in slots)
        cls = _shell(metaclass, name, tuple(dec.values(bases)), space)
    dec.put(i, cls)
    dec.later(0, lambda: _fill_class(dec, cls, items, registered, maker))
    if collection:
        dec.later(1, lambda: _register(dec, _abstract(collection), [cls]))
    return cls


# `type` has a setter of its own for these: what a class body puts there can only be given at creation.
_ONLY_AT_CREATION = frozenset({"__class__", "__name__", "__bases__", "__base__", "__mro__", "__dict__", "__text_signature__"})
_CALLED_AT_CREATION = ("__init_subclass__", "mro", "__slots__")  # a placeholder for these would be used


def _unmangled(cls: str, slot: str) -> str:
    prefix = "_" + cls.lstrip("_")
    return slot[len(prefix) :] if slot.startswith(prefix + "__") else slot


def _shell(metaclass: Any, name: str, bases: tuple[Any, ...], space: dict[str, Any]) -> Any:
    """An empty class. `type.__new__` calls the `__init_subclass__` of the bases, so that of every base is a blank meanwhile."""
    if not all(is_kind(b, type) for b in bases):
        raise CodecError("a base is no class")
    hooks = {k: vars(k)["__init_subclass__"] for b in bases for k in b.__mro__[:-1] if "__init_subclass__" in vars(k)}
    try:
        for owner in hooks:
            type.__setattr__(owner, "__init_subclass__", _BLANK)
        return type.__new__(metaclass, name, bases, space)
    finally:
        for owner, hook in hooks.items():
            type.__setattr__(owner, "__init_subclass__", hook)


_BLANK: Any = classmethod(lambda cls, **_: None)


def _namedtuple(dec: Decoder, name: str, qualname: str, module: str, maker: list[Any]) -> Any:
    import collections

    defaults = [v for _, v in dec.pairs(maker[2])]
    make: Any = collections.namedtuple
    cls = make(name, maker[1], rename=True, defaults=defaults or None, module=module)
    cls.__qualname__ = qualname
    return cls


def _touch(dec: Decoder, cls: Any, defaults: list[Any] | None, docs: dict[str, Any], told: list[Any]) -> None:
    """What the program changed about a named tuple after `namedtuple` made it."""
    own = vars(cls)
    if defaults is not None:
        cls.__new__.__defaults__ = tuple(dec.values(defaults))
    known = generated_functions.docs_of(own)
    for name, doc in docs.items():
        if name not in known:
            raise CodecError(f"a named tuple without a field {name}")
        own[name].__doc__ = doc
    generated_functions.settle(dec, cls, (), told)


def set_class_attribute(cls: type, name: str, value: Any) -> None:
    """Set past any `__setattr__` of the metaclass; `__set_name__` is not called."""
    if name == "__module__" and vars(cls).get(name) == value:
        return  # from 3.13 on, setting it takes `__firstlineno__` away
    type.__setattr__(cls, name, value)


def _fill_class(dec: Decoder, cls: Any, items: list[Any], registered: Any, maker: Any) -> None:
    wanted = {name: value for name, value in dec.pairs(items) if name not in _ONLY_AT_CREATION}
    for name, value in wanted.items():
        set_class_attribute(cls, name, value)
    if registered is not None:
        stand_in = _abstract(cls.__flags__)
        type.__setattr__(cls, "_abc_impl", vars(stand_in)["_abc_impl"])
        dec.later(1, lambda: _register(dec, stand_in, dec.values(registered)))
    if maker is not None and maker[0] == "nt":
        _touch(dec, cls, *maker[3:])
    if maker is not None and maker[0] == "pr":
        import typing

        vars(typing.Protocol)["__init_subclass__"].__func__(cls)
        for name, value in wanted.items():  # it made some of them anew
            set_class_attribute(cls, name, value)
        generated_functions.reorder(cls, maker[1])
    if maker is not None and maker[0] == "dc":
        from faasify.runtime.unit import dataclass_maker

        dec.dataclasses[cls] = lambda: dataclass_maker.apply(dec, cls, maker, wanted)
        dec.later(1, dec.dataclasses[cls])


def _abstract(flags: int) -> type:
    """An abstract base class with those flags, which the classes registered with it get as well. It has no metaclass, so that no hook
    of the program's runs, and its `_abc_impl` is another class's as well."""
    import _abc

    stand_in = type("ABC", (), {"__abc_tpflags__": flags & _COLLECTIONS} if flags & _COLLECTIONS else {})
    _abc._abc_init(stand_in)
    return stand_in


def _register(dec: Decoder, stand_in: type, registered: list[Any]) -> None:
    """Done when all classes are filled: C asks each whether the other is a subclass of it already."""
    import _abc

    for sub in registered:
        _check_unheard(dec.world.codes, sub, CodecError)
        _abc._abc_register(stand_in, sub)


def _check_unheard(codes: CodeTable, cls: Any, error: type[Exception]) -> None:
    """Raise `error` if code of the program's would run when `cls` is registered, or asked whether another is a subclass of it."""
    check: Any = type(cls).__subclasscheck__
    if check is type.__subclasscheck__:
        return
    hook = next((vars(base)["__subclasshook__"] for base in cls.__mro__ if "__subclasshook__" in vars(base)), None)
    fn = function_of(hook)
    known = type(hook) is ClassMethodDescriptorType if fn is None else codes.key_of(fn.__code__) is None
    if check is not ABCMeta.__subclasscheck__ or not known:
        raise error(f"class {cls.__qualname__}, registered with another and asked by code of its own who its subclasses are")
    import _abc

    for sub in {*type.__subclasses__(cls), *(ref() for ref in _abc._get_dump(cls)[0])} - {None}:
        _check_unheard(codes, sub, error)


def class_state(cls: Any) -> dict[str, Any]:
    """What may change about a class, for comparison by identity: its bases and names, fields of a dataclass, its attributes."""
    own = vars(cls)
    state = {"__bases__": cls.__bases__, "__name__": cls.__name__, "__qualname__": cls.__qualname__}
    for name, field in own.get("__dataclass_fields__", {}).items():
        default, factory = sys.intern(f"field {name}"), sys.intern(f"field {name} factory")  # names are compared by identity
        state[default], state[factory] = field.default, field.default_factory
    if "_field_defaults" in own or "__dataclass_params__" in own:
        state |= generated_functions.state_of(own)
    return state | {k: v for k, v in own.items() if k not in _IMPLIED}


def is_fixed(name: str) -> bool:
    """Whether an entry of `class_state` is none that an edit could set."""
    return name in ("__bases__", "__name__") or name.startswith(("field ", "made "))
