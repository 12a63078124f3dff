"""Names of library functions in the call graph: what the program names."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest

from faasify.analysis import export
from faasify.analysis.naming import STUB_ONLY
from faasify.model.effects import Analysis

Analysed = Callable[..., Analysis]


@pytest.mark.parametrize(
    ("source", "callees"),
    [
        ("import threading\nthreading.Timer(1, print).start()\n", {"threading.Timer", "threading.Timer.start"}),
        ("import collections\ncollections.defaultdict(list).items()\n", {"collections.defaultdict", "collections.defaultdict.items"}),
        ("from collections import OrderedDict as O\nO.fromkeys('ab')\n", {"collections.OrderedDict.fromkeys"}),
        ("class D(dict): pass\nD().items()\n", {"<**PyDict**>.items"}),
        ("frozenset('a').issubset('b')\n", {"<builtin>.frozenset", "<builtin>.frozenset.issubset"}),
        ("import sys\nsys.stdout.write('x')\n", {"sys.stdout.write"}),
        ("import sys\nfor out in (sys.stdout, sys.stderr):\n    out.write('x')\n", {"sys.stdout.write", "sys.stderr.write"}),
        ("import os\nos.environ.get('X')\nos.environ.items()\n", {"os.environ.get", "os.environ.items"}),
        ("import csv\ncsv.writer(open('x', 'w')).writerow([])\n", {"<builtin>.open", "csv.writer", "csv.writer.writerow"}),
        ("import csv\ncsv.DictWriter(open('x', 'w'), []).writerow({})\n", {"<builtin>.open", "csv.DictWriter", "csv.DictWriter.writerow"}),
        ("import hashlib\nh = hashlib.sha256()\nh.update(b'x')\n", {"hashlib.sha256", "hashlib.sha256.update"}),
        ("from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\nP(1)\n", set()),
        ("import enum\nclass C(enum.IntEnum):\n    A = 1\nC(1)\n", set()),
    ],
)
def test_a_library_method_has_the_class_function_or_variable_of_the_program(analysed: Analysed, source: str, callees: set[str]) -> None:
    assert set(export.to_pycg(analysed(source))["app"]) == callees


@pytest.mark.parametrize(
    ("base", "callee"),
    [
        ("Exception", "<builtin>.Exception.__init__"),
        ("KeyError", "<builtin>.KeyError.__init__"),
        ("threading.Thread", "threading.Thread.__init__"),
        ("threading.Timer", "threading.Timer.__init__"),
        ("ext.Base", "ext.Base.__init__"),
    ],
)
def test_super_ends_at_the_base_that_the_class_names(analysed: Analysed, base: str, callee: str) -> None:
    source = f"import ext, threading\nclass A({base}):\n    def __init__(self):\n        super().__init__()\nA()\n"
    assert export.to_pycg(analysed(source))["app.A.__init__"] == sorted(["<builtin>.super", callee])


def test_super_that_ends_at_object_calls_nothing_but_object_itself_is_called(analysed: Analysed) -> None:
    graph = export.to_pycg(
        analysed(
            "class A:\n    def __init__(self): super().__init__()\nclass B:\n    def __init__(self): object.__init__(self)\nA(), B()\n"
        )
    )
    assert graph["app.A.__init__"] == ["<builtin>.super"]
    assert graph["app.B.__init__"] == ["<builtin>.object.__init__"]


def test_a_mapping_that_is_no_dict_is_not_called_one(analysed: Analysed) -> None:
    source = (
        "from collections import UserDict\nclass D(UserDict):\n    def __setitem__(self, k, v): super().__setitem__(k, v)\nD()['a'] = 1\n"
    )
    assert export.to_pycg(analysed(source))["app.D.__setitem__"] == ["<builtin>.super", "collections.UserDict.__setitem__"]


def test_a_bare_decorator_of_a_library_is_called_by_who_has_the_definition(analysed: Analysed) -> None:
    graph = export.to_pycg(
        analysed("""
            import functools, abc, ext
            @functools.cache
            def f(): pass
            @ext.route
            @ext.named("g")
            def g(): pass
            @functools.total_ordering
            class A:
                @abc.abstractmethod
                def m(self): pass
            @functools.singledispatch
            def show(x): pass
            @show.register
            def _(x: int): pass
        """)
    )
    assert set(graph["app"]) == {
        *("ext.route", "ext.named", "functools.cache", "functools.total_ordering"),
        *("functools.singledispatch", "functools.singledispatchmethod.register"),
    }
    assert graph["app.A"] == ["abc.abstractmethod"]


def test_decorators_that_only_make_another_kind_of_attribute_are_no_calls(analysed: Analysed) -> None:
    graph = export.to_pycg(
        analysed("""
            class A:
                @property
                def x(self): pass
                @x.setter
                def x(self, value): pass
                @staticmethod
                def s(): pass
                @classmethod
                def c(cls): pass
        """)
    )
    assert "app.A" not in graph or graph["app.A"] == []
    assert graph["app"] == []


@pytest.mark.parametrize("path", STUB_ONLY)
def test_only_stubs_have_the_classes_that_are_shown_under_another_name(path: str) -> None:
    module, _, name = path.partition(":")
    there, _, other = STUB_ONLY[path].partition(":")
    assert not hasattr(importlib.import_module(module), name)
    assert hasattr(importlib.import_module(there), other)
