"""What methods of libraries ask of their own object, where a class of the program has that: an edge, or an unknown call, on the line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faasify.analysis.self_calls import ANY, asked, lineage
from faasify.model.effects import Analysis

Analysed = Callable[..., Analysis]

REPR = "import reprlib\nclass R(reprlib.Repr):\n    def repr_list(self, x, level): return 'L'\n"
JSON = "import json\nclass E(json.JSONEncoder):\n    def encode(self, o): return super().encode(o)\n    def iterencode(self, o): pass\n"
CONFIG = "import configparser\nclass P(configparser.ConfigParser):\n    def has_section(self, s): return True\n"
QUEUE = "import asyncio\nclass Q(asyncio.Queue):\n    def _put(self, x): pass\n"
HTML = "import html.parser\nclass H(html.parser.HTMLParser):\n    def reset(self): pass\n"
SHELF = "import shelve\nclass S(shelve.Shelf):\n    def close(self): pass\n"
SETTER = "import collections\nclass U(collections.UserDict):\n    def __setitem__(self, k, v): pass\n"
HANDLER = "import logging.handlers\nclass B(logging.handlers.BufferingHandler):\n    def shouldFlush(self, r): return True\n"
NUMBER = "import numbers\nclass N(numbers.Complex):\n    def __add__(self, o): return 1\n    def __neg__(self): return 1\n"
LIST = "import collections\nclass L(collections.UserList):\n    def __init__(self, x=()): super().__init__(x)\n"
REQUEST = "from urllib.request import Request\nclass R(Request):\n    def _parse(self): pass\n"
SPACE = "import argparse\nclass P(argparse.Namespace):\n    def __setattr__(self, name, value): pass\n"
SERVER = (
    "import socketserver\nclass B(socketserver.TCPServer):\n    def server_close(self): pass\n"
    "class S(socketserver.ThreadingMixIn, B): pass\n"
)
SCANNER = "import shlex\nclass X(shlex.shlex):\n    def read_token(self): return None\n"


@pytest.mark.parametrize(
    ("program", "call", "callee"),
    [
        (REPR, "R().repr([1])", "R.repr_list"),  # by a made-up name: "repr_" + typename
        (REPR, "R().repr1([1], 2)", "R.repr_list"),
        (CONFIG, "P()['a'] = {}", "P.has_section"),
        (QUEUE, "Q().put_nowait(1)", "Q._put"),
        (HTML, "H()", "H.reset"),  # by the constructor
        (SHELF, "with S({}): pass", "S.close"),
        (SETTER, "U() | {1: 2}", "U.__setitem__"),
        (SETTER, "U().update(a=1)", "U.__setitem__"),
        (HANDLER, "logging.warning('')", "B.shouldFlush"),
        (NUMBER, "N() - 1", "N.__add__"),
        (LIST, "3 * L([1])", "L.__init__"),  # `__rmul__ = __mul__`, which makes one of its class
        (REQUEST, "R('http://a').full_url = 'http://b'", "R._parse"),  # by a property's setter
        (SPACE, "P(a=1)", "P.__setattr__"),  # by setattr(self, ...)
        (SERVER, "S(('', 0), None).server_close()", "B.server_close"),  # the library's super() leads to the program
    ],
)
def test_what_a_library_calls_of_its_own_object_is_an_edge(analysed: Analysed, program: str, call: str, callee: str) -> None:
    line = program.count("\n") + 2
    calls = analysed(f"{program}def f():\n    {call}\n").callgraph.calls["app.f"]
    assert (f"app.{callee}", line) in {(found.to, found.line) for found in calls}


def test_by_super_too(analysed: Analysed) -> None:
    assert ("app.E.iterencode", 3) in {(call.to, call.line) for call in analysed(JSON).callgraph.calls["app.E.encode"]}


def test_an_object_that_a_library_gives_away_is_asked_for_what_nobody_knows(analysed: Analysed) -> None:
    """`UserDict.copy` gives itself to `copy.copy`."""
    source = f"{SETTER}def f(u: U):\n    u.copy()\n    len(u)\n"
    assert {call.line for call in analysed(source).callgraph.calls["app.f"] if call.to is None} == {5}


def test_a_class_method_of_a_library_gives_an_object_of_the_class_that_it_is_called_on(analysed: Analysed) -> None:
    """`TracebackException.format` asks `exc`, which is itself."""
    source = "import traceback as t\nclass T(t.TracebackException):\n    def format_exception_only(self): return []\n"
    source += "def f(e):\n    made = T.from_exception(e)\n    made.format()\n"
    assert 6 in {call.line for call in analysed(source).callgraph.calls["app.f"] if call.to is None}
    other = source.replace("T.from", "t.TracebackException.from").replace("T(t.TracebackException)", "T")
    assert {call.line for call in analysed(other).callgraph.calls["app.f"] if call.to is None} == set()


@pytest.mark.parametrize(
    ("cls", "method"),
    [("traceback:TracebackException", "format"), ("ssl:SSLContext", "wrap_socket"), ("asyncio.base_events:BaseEventLoop", "create_future")],
)
def test_what_goes_by_another_name_may_be_asked_for_anything(cls: str, method: str) -> None:
    """`exc = self`, and `context=self` and `loop=self` of a call."""
    assert ANY in asked([cls], method, {"own"})


def test_a_factory_gives_an_object_of_the_program(analysed: Analysed) -> None:
    source = "import asyncio\nclass P(asyncio.Protocol):\n    def connection_made(self, t): pass\ndef f(loop: asyncio.AbstractEventLoop):\n"
    found = analysed(f"{source}    loop.create_connection(lambda: P(), 'h', 1)\n").callgraph.calls["app.f"]
    assert {call.line for call in found if call.to is None} == {5}


def test_what_nothing_of_the_library_asks_for_is_no_call(analysed: Analysed) -> None:
    source = f"{SETTER}    def other(self): pass\ndef f(u: U): return len(u), u.data\ndef g(u: U): return 1 in u\n"
    calls = analysed(source).callgraph.calls
    assert {call.to for name in ("app.f", "app.g") for call in calls[name]}.isdisjoint({"app.U.__setitem__", "app.U.other", None})


def test_an_own_class_that_inherits_how_it_is_gone_through(analysed: Analysed) -> None:
    """`generator.__next__` of the stub calls `__next__` of what it is called on, which is inherited from there."""
    calls = analysed(f"{SCANNER}def f(): list(X('a'))\n").callgraph.calls["app.f"]
    assert "app.X.read_token" in {call.to for call in calls}


def test_tasks_may_go_on_where_the_loop_runs(analysed: Analysed) -> None:
    source = (
        "import asyncio\nclass A:\n    def __await__(self): yield\nasync def g(a): await asyncio.gather(a)\ndef f(a): asyncio.run(g(a))\n"
    )
    assert {call.line for call in analysed(source).callgraph.calls["app.f"] if call.to is None} == {5}
    without = source.replace("__await__", "_")
    assert {call.line for call in analysed(without).callgraph.calls["app.f"] if call.to is None} == set()


def test_the_methods_of_a_library_are_gone_through_until_the_program_has_one() -> None:
    assert asked(["json:JSONEncoder"], "encode", {"iterencode", "default"}) == {"iterencode"}
    assert asked(["reprlib:Repr"], "repr", {"repr_list", "other"}) == {"repr_list"}
    assert asked(["builtins:dict"], "update", {"__setitem__"}) == set()


def test_classes_are_found_where_they_are_defined() -> None:
    assert lineage("json:JSONEncoder") == ("json.encoder:JSONEncoder",)
    assert lineage("asyncio:Queue")[0] == "asyncio.queues:Queue"
    assert lineage("concurrent.futures:ThreadPoolExecutor")[1] == "concurrent.futures._base:Executor"
    assert lineage("shelve:Shelf")[1] == "_collections_abc:MutableMapping"
    assert lineage("enum:Enum") == lineage("nowhere:Nothing") == ()


def test_an_object_of_a_library_that_one_of_the_program_may_have_made(analysed: Analysed) -> None:
    """A section of an own parser asks it; without a class of the program, nobody of the program is asked."""
    own = "import configparser\nclass P(configparser.ConfigParser):\n    def optionxform(self, s): return s\n"
    source = f"{own}def f():\n    s = P()['a']\n    s['b']\n"
    assert {call.line for call in analysed(source).callgraph.calls["app.f"] if call.to is None} >= {6}
    other = source.replace("P()[", "configparser.ConfigParser()[").replace("P(configparser.ConfigParser)", "P")
    assert {call.line for call in analysed(other).callgraph.calls["app.f"] if call.to is None} == set()


def test_a_view_of_a_mapping_of_the_program_may_ask_for_its_length(analysed: Analysed) -> None:
    source = "import collections.abc\nclass M(collections.abc.Mapping):\n    def __len__(self): return 1\ndef f():\n    return M().keys()\n"
    assert {call.line for call in analysed(source).callgraph.calls["app.f"] if call.to is None} == {5}
    assert {call.line for call in analysed(source.replace("M().", "{}.")).callgraph.calls["app.f"] if call.to is None} == set()


@pytest.mark.parametrize(("hook", "lines"), [("show", {5}), ("sys.__displayhook__", set())])
def test_an_interpreter_shows_by_the_hook_of_the_program(analysed: Analysed, hook: str, lines: set[int]) -> None:
    source = (
        f"import code, sys\ndef show(value): pass\nsys.displayhook = {hook}\ndef f():\n    code.InteractiveInterpreter().runsource('1')\n"
    )
    assert {call.line for call in analysed(source).callgraph.calls["app.f"] if call.to is None} == lines


@pytest.mark.parametrize("cls", ["PurePosixPath", "PurePath", "PosixPath", "Path"])
def test_methods_of_a_library_that_ask_one_another_come_to_an_end(analysed: Analysed, cls: str) -> None:
    """`__fspath__` asks for `__str__`, which asks for `__fspath__`."""
    source = f"import pathlib\nclass P(pathlib.{cls}):\n    def q(self): return 1\ndef f(): return str(P('x'))\n"
    assert "app.P.q" not in {call.to for call in analysed(source).callgraph.calls["app.f"]}
