"""What the source of one method asks of its first parameter."""

from __future__ import annotations

import ast

import pytest

from faasify.analysis.asked_of_self import requests


def asks(body: str, head: str = "def m(self, o, *a):") -> set[str]:
    function = ast.parse(f"{head}\n    {body}").body[0]
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    return {each for each in requests(function) if each != "__getattribute__"}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("self.x", {"x"}),
        ("self.x(o)", {"x"}),
        ("o.x(o)", set()),
        ("self.x = o", {"x=", "__setattr__"}),
        ("del self.x", {"x=", "__delattr__"}),
        ("self.x += o", {"x", "x=", "__setattr__"}),
        ("setattr(self, 'x', o)", {"x=", "__setattr__"}),
        ("setattr(self, o, o)", {"*", "__setattr__"}),
        ("getattr(self, 'a' + o)", {"a*"}),
        ("n = 'a%s' % o; getattr(self, n)", {"a*"}),
        ("n = 'a'; n += o; getattr(self, n)", {"a", "*"}),
        ("for n in o: getattr(self, n)", {"*"}),
        ("super().x()", {"^x"}),
        ("super().x(self)", {"^x"}),
        ("self[o]", {"__getitem__"}),
        ("self[o] += 1", {"__getitem__", "__setitem__"}),
        ("del self[o]", {"__delitem__"}),
        ("self + o", {"__add__"}),
        ("o + self", {"__radd__"}),
        ("'%s' % self", {"__str__|__repr__", "__repr__", "__getitem__"}),
        ("'%d %s' % (o, self)", {"__str__|__repr__", "__repr__", "*"}),
        ("f'{self}'", {"__format__|__str__|__repr__"}),
        ("f'{self!r}'", {"__repr__"}),
        ("self < o", {"__lt__"}),
        ("o < self", {"__gt__"}),
        ("o in self", {"__contains__|__iter__|__getitem__"}),
        ("not self", {"__bool__|__len__"}),
        ("-self", {"__neg__"}),
        ("assert self", {"__bool__|__len__"}),
        ("return self or o", {"__bool__|__len__", "*"}),
        ("a, b = self", {"__iter__|__getitem__", "__next__"}),
        ("list(self)", {"__iter__|__getitem__", "__next__", "__len__"}),
        ("with self: pass", {"__enter__", "__exit__"}),
        ("me = self; me.x()", {"x"}),
        ("me = you = self; you.x()", {"x"}),
        ("c = type(self); c(o)", {"__new__", "__init__"}),
        ("self.__class__(o)", {"__new__", "__init__", "__class__"}),
        ("self.__class__.x(self)", {"x", "__class__"}),
        ("isinstance(self, o)", set()),
        ("o(self)", {"*"}),
        ("o(k=self)", {"*"}),
        ("o(*self)", {"__iter__|__getitem__", "__next__"}),
        ("o.parent = self", {"*"}),
        ("yield self", {"*"}),
        ("return [self]", {"*"}),
        ("return self if o else None", {"*"}),
        ("return self", set()),
        ("lambda: self.x", {"x"}),
    ],
)
def test_what_a_method_asks_of_its_object(body: str, found: set[str]) -> None:
    assert asks(body) == found


def test_of_a_coroutine() -> None:
    head = "async def m(self):"
    assert asks("await self", head) == {"__await__"}
    assert asks("async for x in self: pass", head) == {"__aiter__", "__anext__"}
    assert asks("async with self: pass", head) == {"__aenter__", "__aexit__"}


def test_of_a_class_of_no_object_and_of_any_number() -> None:
    assert asks("return cls(), cls.x", "@classmethod\ndef m(cls):") == {"__new__", "__init__", "x"}
    assert asks("return o.x", "@staticmethod\ndef m(o):") == set()
    assert asks("return a[0].x", "def m(*a):") == {"*"}
    assert asks("return 1", "def m():") == set()
