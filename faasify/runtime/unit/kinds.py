"""What type an object is of, without a word to the program: `isinstance` asks an object of another type for its `__class__`, which a
class of the program may compute (`__getattribute__`, a property)."""

from __future__ import annotations

from functools import partial
from typing import Any


def is_kind(obj: Any, *kinds: type) -> bool:
    """
    >>> is_kind(True, int), is_kind(int, type), is_kind(1, type, str)
    (True, True, False)
    """
    return issubclass(type(obj), kinds)


def get_field(exc: BaseException, name: str, kind: type = BaseException) -> Any:
    """What the C structure of an exception has, past any `__getattribute__` and property of the program's class."""
    return vars(kind)[name].__get__(exc)


def set_field(exc: BaseException, name: str, value: Any) -> None:
    vars(BaseException)[name].__set__(exc, value)


def partial_space(obj: Any) -> dict[str, Any] | None:
    """The `__dict__` of a functools.partial; None where it has none yet. To look at it would make one, and a partial of a partial takes
    that one apart only as long as it has none."""
    reduced: Any = partial.__reduce__(obj)
    space: dict[str, Any] | None = reduced[2][3]
    return space


_MODULE, _MRO, _DICT = (vars(type)[name].__get__ for name in ("__module__", "__mro__", "__dict__"))


def module_of(cls: type) -> Any:
    """`cls.__module__`, past any `__getattribute__` of the metaclass."""
    return _MODULE(cls)


def told_of_class(cls: type, name: str) -> Any:
    """What `type` itself tells under one of its own names: "__flags__", "__mro__"."""
    return vars(type)[name].__get__(cls)


def class_attribute(cls: type, name: str) -> Any:
    """What a class or a base of it has under that name, None where none has; no descriptor and no metaclass is asked."""
    return next((_DICT(base)[name] for base in _MRO(cls) if name in _DICT(base)), None)


def class_attributes(cls: type, name: str) -> list[Any]:
    """As `class_attribute`, all that there are."""
    return [_DICT(base)[name] for base in _MRO(cls) if name in _DICT(base)]


def computes_attributes(cls: type) -> bool:
    """Whether looking at an attribute of the class runs a method of its metaclass."""
    return type(cls) is not type and class_attribute(type(cls), "__getattribute__") is not vars(type)["__getattribute__"]
