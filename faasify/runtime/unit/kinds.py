"""What type an object is of, without a word to the program: `isinstance` asks an object of another type for its `__class__`, which a
class of the program may compute (`__getattribute__`, a property)."""

from __future__ import annotations

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
