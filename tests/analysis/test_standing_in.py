"""Methods of the program's classes that a library calls where no value says so: an unknown call on the line, and none without the class."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faasify.model.effects import Analysis

Analysed = Callable[..., Analysis]

PROTOCOL = "import asyncio\nclass P(asyncio.Protocol):\n    def data_received(self, data): pass\ndef f(main): asyncio.run(main)"
LOOP = "import asyncio\nclass P(asyncio.Protocol):\n    def data_received(self, data): pass\n"
LOOP += "def f(loop: asyncio.AbstractEventLoop): loop.run_forever()"
CASE = "import unittest\nclass T(unittest.TestCase):\n    def countTestCases(self): return 1\ndef f(): unittest.main()"
RESULT = "import unittest\nclass R(unittest.TextTestResult):\n    def getDescription(self, test): return ''\n"
RESULT += "def f(suite): unittest.TextTestRunner(resultclass=R).run(suite)"
NUMBER = "import numbers\nclass N(numbers.Real):\n    def __pos__(self): return 1\ndef f(): return N().real"
CHAIN = "import collections\nclass C(collections.ChainMap):\n    def __init__(self, *maps): pass\ndef f(chain=C()): return chain.parents"
ELEMENT = "import xml.etree.ElementTree as E\nclass C(E.Element):\n    def iter(self, tag=None): return []\n"
ELEMENT += "def f(): return E.tostring(E.XML(''))"

GIVEN = "import cmd\nG = []\ndef go(line): G.append(line)\ndef f(): c = cmd.Cmd(); c.default = go; c.onecmd('')"
FIELD = "import queue\nclass Q(queue.Queue): pass\ndef own(x): pass\ndef f(): q = Q(); q._put = own; q.put(1)"
SPACE = "import types\ndef go(): pass\ndef f(): s = types.SimpleNamespace(); s.go = go; s.x"


def unknown_lines(analysis: Analysis) -> set[int]:
    return {call.line for call in analysis.callgraph.calls["app.f"] if call.to is None}


@pytest.mark.parametrize("source", [PROTOCOL, LOOP, CASE, RESULT, NUMBER, CHAIN, ELEMENT])
def test_what_is_called_of_a_class_below_that_of_a_library(analysed: Analysed, source: str) -> None:
    assert unknown_lines(analysed(source)) == {4}


@pytest.mark.parametrize(
    ("source", "with_it", "without"),
    [
        (PROTOCOL, "(asyncio.Protocol)", ""),
        (LOOP, "(asyncio.Protocol)", ""),
        (CASE, "countTestCases", "test_one"),  # followed
        (RESULT, "getDescription", "own"),
        (NUMBER, "__pos__", "__neg__"),  # nobody asks for it
        (NUMBER, ".real", ".other"),
        (CHAIN, "__init__", "other"),
        (ELEMENT, "iter", "own"),
        (ELEMENT, "(E.Element)", ""),
    ],
)
def test_without_it_all_is_known(analysed: Analysed, source: str, with_it: str, without: str) -> None:
    assert unknown_lines(analysed(source.replace(with_it, without))) == set()


@pytest.mark.parametrize(("hook", "lines"), [("told", {5}), ("sys.__unraisablehook__", set())])
def test_who_makes_an_object_with_a_finaliser_may_call_the_hook(analysed: Analysed, hook: str, lines: set[int]) -> None:
    source = "import sys\nclass A:\n    def __del__(self): raise ValueError\n"
    source += f"def told(unraisable): pass\ndef f(): A()\nsys.unraisablehook = {hook}"
    assert unknown_lines(analysed(source)) == lines


def test_functions_that_an_object_of_a_library_is_given(analysed: Analysed) -> None:
    assert unknown_lines(analysed(GIVEN)) == {4}
    assert unknown_lines(analysed(GIVEN.replace("= go", "= 1"))) == set()
    assert unknown_lines(analysed(SPACE)) == set()  # it calls nothing


def test_functions_that_an_object_of_an_own_class_is_given(analysed: Analysed) -> None:
    assert "app.own" in {call.to for call in analysed(FIELD).callgraph.calls["app.f"]}


MADE = "import logging\ndef emit(self, record): pass\nH = type('H', (logging.Handler,), {'emit': emit})\n"
MADE += "def f(): logging.warning('')\nlogging.getLogger().addHandler(H())"
LOCAL = "import threading\nclass L(threading.local):\n    def __init__(self): self.x = 1\ndef f(): return local.x\nlocal = L()"
COMPUTED = "class C: pass\nfor n in ['A']: setattr(C, f'is_{n.lower()}', property(lambda self: 1))\n\ndef f(): return C().is_a"
TEXT = "class C:\n    exec(open('t').read())\n\ndef f(): return len(C())\ndef __len__(self): return 1"


@pytest.mark.parametrize(
    ("source", "with_it", "without"),
    [
        (MADE, "{'emit': emit}", "{}"),
        (MADE, "logging.Handler", "object"),
        (LOCAL, "(threading.local)", ""),
        (LOCAL, "__init__(self)", "other(self)"),
        (COMPUTED, "property(lambda self: 1)", "1"),
        (COMPUTED, "class C: pass", "class C: is_a = 1"),
        (TEXT, "exec(open('t').read())", "pass"),
    ],
)
def test_classes_that_are_made_or_filled_elsewhere(analysed: Analysed, source: str, with_it: str, without: str) -> None:
    assert unknown_lines(analysed(source)) == {4}
    assert unknown_lines(analysed(source.replace(with_it, without))) == set()
