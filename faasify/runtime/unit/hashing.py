"""Hashing the program's own objects where nobody sees it (DECISIONS C4).

A dict or set with instances of the program's classes as keys is built again in the unit, and its order looked into here, which
calls their `__hash__` and `__eq__`. That goes unnoticed if these only look: they name no global but harmless builtins and classes
(which they do not call, and of which they read no attribute), call nothing that no name tells, no method but those of built-in values,
and store nothing; and if the same holds for the objects that they come to, and for what else the interpreter asks of these on the way
(`__len__` for `len`). Others do not travel; nor does a container in which a key would not be found any more, since it was changed or what
its hash is made of was.
"""

from __future__ import annotations

import builtins
import opcode
import sys
from abc import ABCMeta
from collections.abc import Iterable, Iterator
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, Any, NamedTuple

from faasify.runtime.unit.codec import Encoder, Untravellable, World
from faasify.runtime.unit.codes import global_names, walk
from faasify.runtime.unit.kinds import class_attribute, class_attributes

if TYPE_CHECKING:
    from dis import Instruction

_ITERATION = ("__iter__", "__next__", "__len__", "__getitem__")
_ORDER = ("__lt__", "__gt__", "__le__", "__ge__")
_OPERATORS = ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "lshift", "rshift")
_ARITHMETIC = tuple(f"__{side}{name}__" for name in _OPERATORS for side in ("", "r", "i"))
_TEXT = ("__format__", "__str__", "__repr__")
_NUMBER = ("__int__", "__index__", "__float__", "__bool__", "__len__", "__abs__")
# Builtins that may be called, with the special methods that they call; other built-in classes may go through what they are given.
_LOOKING: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("NotImplemented", "True", "False", "None", "hash", "id", "isinstance", "issubclass", "type", "super"), ()),
    **dict.fromkeys(("sorted", "min", "max"), (*_ITERATION, *_ORDER)),
    **dict.fromkeys(("str", "repr"), _TEXT),
    **dict.fromkeys(("int", "float", "bool", "abs"), _NUMBER),
    **dict.fromkeys(("all", "any"), (*_ITERATION, "__bool__")),
    "sum": (*_ITERATION, *_ARITHMETIC),
    "len": ("__len__",),
}
_WITH_KEY = frozenset({"sorted", "min", "max", "map", "filter"})  # may call a class that they are given
_ASKING = {
    **dict.fromkeys(("GET_ITER", "UNPACK_", "LIST_EXTEND", "SET_UPDATE", "DICT_", "CALL_FUNCTION_EX"), _ITERATION),
    **dict.fromkeys(("BINARY_SUBSCR", "BINARY_SLICE"), ("__getitem__",)),
    **dict.fromkeys(("FORMAT_", "CONVERT_VALUE"), _TEXT),
    "BINARY_OP": (*_ARITHMETIC, "__getitem__"),
    "UNARY_": ("__neg__", "__pos__", "__invert__", "__bool__", "__len__"),
    "CONTAINS_OP": ("__contains__", *_ITERATION),
}  # special methods that instructions call, by the beginning of their names
_STORES = frozenset(
    opcode.opmap[name]
    for name in opcode.opmap
    if name.startswith(("STORE_ATTR", "STORE_GLOBAL", "STORE_SUBSCR", "STORE_DEREF", "DELETE_", "IMPORT_", "YIELD"))
    and name != "DELETE_FAST"
)
# Methods that only look, whatever they are called on, as long as that is a value of a built-in type.
_READING = frozenset(
    {name for kind in (str, bytes, int, float, tuple, frozenset) for name in dir(kind)} | {"get", "items", "keys", "values", "isoformat"}
)
_KEYS = frozenset({"__hash__", "__eq__", "__ne__"})
_PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes})
_BUILT_IN = (tuple, list, dict, set, frozenset)
_OF_C = (MethodDescriptorType, WrapperDescriptorType, GetSetDescriptorType, ClassMethodDescriptorType, BuiltinFunctionType, FunctionType)
_MOST = 100_000  # objects that one look goes through


class _Looks(NamedTuple):
    """What methods have to do with: names of attributes and globals, of methods that they call, and special methods."""

    names: frozenset[str]
    called: frozenset[str]
    special: frozenset[str]

    def __or__(self, other: _Looks) -> _Looks:
        return _Looks(self.names | other.names, self.called | other.called, self.special | other.special)


_looks: dict[tuple[type, frozenset[str]], _Looks | None] = {}  # None: they do more than look


def check(enc: Encoder, keys: Any, container: Any = None) -> None:
    """Raise Untravellable if hashing or comparing the keys could be noticed, or if `container`, which has them, would not find them."""
    world = enc.world
    if not any(kind in (tuple, frozenset) or world.is_program_class(kind) for kind in set(map(type, keys))):
        return
    own = list(_own(world, keys))
    asked = _Looks(frozenset(), frozenset(), _KEYS)
    for kind in set(map(type, own)):
        looks = _looks_of(kind, _KEYS, world)
        if looks is None:
            raise Untravellable(f"keys of class {kind.__qualname__}, whose __hash__ or __eq__ may be noticed")
        asked |= looks
    _check_reached(world, own, asked)
    if own and container is not None:
        holds: Any = next(base.__contains__ for base in (dict, set, frozenset) if issubclass(type(container), base))
        keys = list(keys)
        if len(dict.fromkeys(keys)) != len(keys) or not all(holds(container, key) for key in keys):
            raise Untravellable("keys that were changed since they were put in", container)


def _own(world: World, keys: Iterable[Any]) -> Iterator[Any]:
    """The instances of the program's classes that are hashed with the keys."""
    for key in keys:
        kind = type(key)
        if kind is tuple or kind is frozenset:
            yield from _own(world, key)
        elif world.is_program_class(kind):
            yield key


def _looks_of(kind: type, special: frozenset[str], world: World) -> _Looks | None:
    """What these special methods of a class have to do with, and those that they lead to."""
    if (kind, special) not in _looks:
        if len(_looks) > 10_000:
            _looks.clear()
        _looks[kind, special] = _look(kind, set(special), world)
    return _looks[kind, special]


def _look(kind: type, special: set[str], world: World) -> _Looks | None:
    names, called, seen = set[str](), set[str](), set[str]()
    while special - seen:
        name = (special - seen).pop()
        seen.add(name)
        for method in class_attributes(kind, name):  # `super().__hash__()` reaches the next one
            if type(method) is not FunctionType:
                continue  # C's, or None
            code = world.codes.as_written(method.__code__)
            if not _only_looks(code, method, world):
                return None
            for inner in walk(code):
                names.update(inner.co_names)
                called.update(_methods(inner))
                special.update(_asked(inner))
    return _Looks(frozenset(names), frozenset(called), frozenset(special))


def _only_looks(code: CodeType, method: FunctionType, world: World) -> bool:
    for inner in walk(code):
        if any(op in _STORES for op in inner.co_code[::2]) or not _READING.issuperset(_methods(inner)) or _calls_unnamed(inner):
            return False
    named = dict(_captured(method))
    for name in global_names(code):
        if name in method.__globals__:
            named[name] = method.__globals__[name]
        elif name not in _LOOKING and not isinstance(getattr(builtins, name, None), type):
            return False
    if not all(type(value) in (type, ABCMeta) for value in named.values()):
        return False
    own = [name for name, value in named.items() if world.is_program_class(value)]
    if own and any(not _WITH_KEY.isdisjoint(inner.co_names) for inner in walk(code)):
        return False
    return all(_is_only_passed(inner, name) for inner in walk(code) for name in own)


def _captured(method: FunctionType) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(method.__code__.co_freevars, method.__closure__ or (), strict=True):
        if name != "__class__":
            try:
                yield name, cell.cell_contents
            except ValueError:  # empty
                yield name, None


def _is_only_passed(code: CodeType, name: str) -> bool:
    """Whether a class is neither called by that name nor asked for an attribute, nor kept under another name."""
    steps = _steps(code)
    for step, following in zip(steps, steps[1:], strict=False):
        if step.argval == name and step.opname in ("LOAD_GLOBAL", "LOAD_DEREF", "LOAD_NAME"):
            called = step.opname == "LOAD_GLOBAL" and (step.arg or 0) & 1
            if called or following.opname.startswith(("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER", "STORE_")):
                return False
    return True


def _steps(code: CodeType) -> list[Instruction]:
    import dis  # takes longer than most programs need it

    return [step for step in dis.get_instructions(code) if step.opname not in ("CACHE", "EXTENDED_ARG")]


def _calls_unnamed(code: CodeType) -> bool:
    """Whether a value is called that is neither a global nor a method: a parameter, or what was captured."""
    return any(step.opname == "PUSH_NULL" for step in _steps(code))


def _methods(code: CodeType) -> list[str]:
    """Names of the methods that `code` calls."""
    found = []
    for step in _steps(code):
        flagged = step.opname in ("LOAD_ATTR", "LOAD_SUPER_ATTR") and sys.version_info >= (3, 12) and (step.arg or 0) & 1
        if step.opname == "LOAD_METHOD" or flagged:
            found.append(str(step.argval))
    return found


def _asked(code: CodeType) -> Iterator[str]:
    """Special methods that `code` may call by builtins and operators; those of keys apart."""
    for name in global_names(code):
        yield from _LOOKING.get(name, _ITERATION if isinstance(getattr(builtins, name, None), type) else ())
    for step in _steps(code):
        if step.opname == "COMPARE_OP" and not any(sign in step.argrepr for sign in ("==", "!=")):
            yield from _ORDER
        for start, names in _ASKING.items():
            if step.opname.startswith(start):
                yield from names


def _check_reached(world: World, own: list[Any], asked: _Looks) -> None:
    """Raise Untravellable if what the hashes and comparisons of these objects come to may be noticed."""
    seen = {id(obj) for obj in own}
    todo = [(obj, asked) for obj in own]
    ways: dict[tuple[type, _Looks], _Way] = {}
    while todo:
        obj, asked = todo.pop()
        kind = type(obj)
        way = ways.get((kind, asked))
        if way is None:
            way = ways[kind, asked] = _way(kind, asked, world)
        if len(seen) > _MOST:
            raise Untravellable("keys that lead to very many objects")
        values = _values(kind, obj, way)
        if not _PLAIN.issuperset(map(type, values)):
            todo += [(reached, way.asked) for value in values for reached in _own_in(world, value, seen)]


class _Way(NamedTuple):
    """What objects of a class are asked for: slots, names of their own, and names that are the class's where they are not their own."""

    asked: _Looks
    slots: tuple[MemberDescriptorType, ...]
    names: tuple[str, ...]
    only_own: tuple[str, ...]


def _way(kind: type, asked: _Looks, world: World) -> _Way:
    """Raises Untravellable where the class may notice that."""
    looks = _looks_of(kind, asked.special, world)
    if looks is None:
        raise Untravellable(f"keys that lead to class {kind.__qualname__}, which may notice that they are hashed")
    asked |= looks
    if any(type(class_attribute(kind, name)) is FunctionType for name in (*(asked.called - _KEYS), "__getattribute__", "__getattr__")):
        raise Untravellable(f"keys that lead to class {kind.__qualname__}, of which a method is called when they are hashed")
    slots, names, only_own = list[MemberDescriptorType](), list[str](), list[str]()
    for name in asked.names:
        attribute = class_attribute(kind, name)
        if type(attribute) is MemberDescriptorType:
            slots.append(attribute)
        elif attribute is None or (isinstance(attribute, _OF_C) and not hasattr(type(attribute), "__set__")):
            names.append(name)
        elif not isinstance(attribute, _OF_C):
            if hasattr(type(attribute), "__set__"):
                raise Untravellable(f"keys of class {kind.__qualname__}, which is asked for {name} when they are hashed")
            only_own.append(name)
    return _Way(asked, tuple(slots), tuple(names), tuple(only_own))


def _values(kind: type, obj: Any, way: _Way) -> list[Any]:
    """What the object has, and the elements that it holds; raises Untravellable where it has nothing of its own, but its class has."""
    space, found = _space(kind, obj), _elements(obj)
    for slot in way.slots:
        try:
            found.append(slot.__get__(obj))
        except AttributeError:
            pass
    for name in way.only_own:
        if name not in space:
            raise Untravellable(f"keys of class {kind.__qualname__}, whose {name} is the class's when they are hashed")
        found.append(space[name])
    found += [space[name] for name in way.names if name in space]
    return found


def _space(kind: type, obj: Any) -> dict[str, Any]:
    found = class_attribute(kind, "__dict__")
    return found.__get__(obj) if type(found) is GetSetDescriptorType else {}


def _elements(obj: Any) -> list[Any]:
    """What a built-in container, or what is made of one, holds."""
    if issubclass(type(obj), dict):
        return [*dict.keys(obj), *dict.values(obj)]
    base: Any = next((base for base in _BUILT_IN if issubclass(type(obj), base)), None)
    return list(base.__iter__(obj)) if base is not None else []


def _own_in(world: World, value: Any, seen: set[int]) -> Iterator[Any]:
    """The program's objects that are hashed or compared with a value."""
    todo = [value]
    while todo:
        value = todo.pop()
        if type(value) in _PLAIN or id(value) in seen:
            continue
        seen.add(id(value))
        if world.is_program_class(type(value)):
            yield value
        else:
            todo += _elements(value)


def forget_classes() -> None:
    """As layouts.forget_classes."""
    _looks.clear()
