"""Special methods of values of which nothing is known: unknown calls, if the program defines them, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faasify.analysis import export
from faasify.model.effects import Analysis

Analysed = Callable[..., Analysis]

METHODS = ("getitem", "setitem", "delitem", "iter", "next", "contains", "add", "radd", "iadd", "eq", "lt", "neg", "bool", "len", "hash")
METHODS += ("str", "repr", "format", "enter", "exit", "aenter", "aexit", "aiter", "anext", "reversed")


def defining(*names: str) -> str:
    """A class on the first line of a program, with these special methods."""
    return "class C: " + "; ".join(["_ = 0", *(f"__{name}__ = lambda self, *a: None" for name in names)]) + "\n"


def unknown_lines(analysis: Analysis, name: str = "app.f") -> set[int]:
    return {call.line for call in analysis.callgraph.calls[name] if call.to is None}


PLACES = [
    ("x[0]", "getitem"),
    ("x[0] = 1", "setitem"),
    ("del x[0]", "delitem"),
    ("x[0] += 1", "getitem"),
    ("{}[x]", "hash"),
    ("x[y]", "hash"),
    ("{x: 1}", "hash"),
    ("{1: x}; {x}", "hash"),
    ("x + 1", "add"),
    ("1 + x", "radd"),
    ("x += 1", "iadd"),
    ("x += 1", "add"),
    ("-x", "neg"),
    ("x == 1", "eq"),
    ("1 == x", "eq"),
    ("x != 1", "eq"),
    ("1 > x", "lt"),
    ("1 in x", "contains"),
    ("1 in x", "iter"),
    ("x in y", "hash"),
    ("for _ in x: pass", "iter"),
    ("for _ in x: pass", "getitem"),
    ("[_ for _ in x]", "iter"),
    ("[*x]", "iter"),
    ("print(*x)", "iter"),
    ("a, b = x", "iter"),
    ("with x: pass", "enter"),
    ("with x: pass", "exit"),
    ("f'{x}'", "format"),
    ("f'{x}'", "str"),
    ("f'{x!r}'", "repr"),
    ("f'{[x]}'", "repr"),
    ("if x: pass", "bool"),
    ("if x: pass", "len"),
    ("not x", "bool"),
    ("x and 1", "bool"),
    ("while x: break", "bool"),
    ("1 if x else 2", "bool"),
    ("assert x", "bool"),
    ("next(x)", "next"),
    ("iter(x)", "iter"),
    ("len(x)", "len"),
    ("list(x)", "iter"),
    ("tuple(x)", "iter"),
    ("set(x)", "iter"),
    ("set(x)", "hash"),
    ("sorted(x)", "lt"),
    ("min(x)", "lt"),
    ("max(x, y)", "lt"),
    ("sum(x)", "radd"),
    ("str(x)", "repr"),
    ("repr(x)", "repr"),
    ("hash(x)", "hash"),
    ("any(x)", "iter"),
    ("all(x)", "bool"),
    ("list(enumerate(x))", "iter"),
    ("list(zip(x, y))", "iter"),
    ("list(map(str, x))", "repr"),
    ("list(filter(None, x))", "iter"),
    ("reversed(x)", "reversed"),
    ("print(x)", "str"),
    ("''.join(x)", "iter"),
]


@pytest.mark.parametrize(("place", "method"), PLACES)
def test_what_may_be_asked_for_a_method_of_the_program_is_an_unknown_call(analysed: Analysed, place: str, method: str) -> None:
    program = f"def f(x, y):\n    {place}\n    return 1\n"
    assert unknown_lines(analysed(defining(method) + program)) == {3}
    assert unknown_lines(analysed(defining() + program)) == set()


@pytest.mark.parametrize(("place", "method"), [("async for _ in x: pass", "aiter"), ("async with x: pass", "aenter"), ("await x", "await")])
def test_so_is_what_is_awaited(analysed: Analysed, place: str, method: str) -> None:
    program = f"async def f(x):\n    {place}\n"
    assert unknown_lines(analysed(defining(method) + program)) == {3}
    assert unknown_lines(analysed(defining() + program)) == ({3} if place == "await x" else set())  # f itself may be waited for


def test_a_generator_of_the_program_may_go_on_wherever_something_is_gone_through(analysed: Analysed) -> None:
    assert unknown_lines(analysed("def g():\n    yield 1\ndef f(x):\n    for _ in x: pass\n    next(x)\n    x[0]")) == {4, 5}


def test_attributes_that_are_properties_or_descriptors_somewhere(analysed: Analysed) -> None:
    source = """
        class D:
            def __get__(self, obj, cls=None): return 1
        class C:
            plain = 1
            described = D()
            @property
            def size(self): return 1
        def f(x):
            x.plain
            x.described
            x.size
            x.size = 1
            x.other
            C().plain
    """
    at = {line.strip(): number for number, line in enumerate(source.splitlines(), 1)}
    found = unknown_lines(analysed(source))
    assert found == {at["x.described"], at["x.size"], at["x.size = 1"]}


def test_what_is_known_is_no_unknown_call(analysed: Analysed) -> None:
    program = """def f(s: str, n: int):
        a = [1, 2]
        b = {'a': a[0] + n}
        for k in b: print(k, f'{s}')
        return -n, a == [1]
    """
    assert unknown_lines(analysed(defining(*METHODS) + program)) == set()


def test_sleeping_waits_for_nothing_of_the_program(analysed: Analysed) -> None:
    assert unknown_lines(analysed("import asyncio\nasync def f():\n    await asyncio.sleep(1)\n    await asyncio.sleep(1, f)\n")) == set()


@pytest.mark.parametrize(("name", "method"), [("stdout", "flush"), ("stderr", "write"), ("stdin", "read")])
def test_a_stream_of_the_program_in_the_place_of_one_of_sys(analysed: Analysed, name: str, method: str) -> None:
    source = f"import sys\nclass S:\n    def {method}(self, *a): pass\ndef f():\n    sys.{name}.{method}()\n    sys.{name}\n"
    assert unknown_lines(analysed(source)) == set()
    assert unknown_lines(analysed(f"{source}sys.{name} = S()\n")) == {5}


@pytest.mark.parametrize(
    ("given", "unknown"),
    [
        ("configparser.ConfigParser(converters={'a': g})", True),
        ("configparser.ConfigParser(converters=C())", True),
        ("configparser.ConfigParser(converters=C)", True),
        ("configparser.ConfigParser(converters={'a': 1})", False),
        ("pickle.loads(b'')", True),
        ("pickle.dumps(C())", False),
        ("doctest.testmod()", True),
    ],
)
def test_what_a_library_is_given_that_nothing_is_known_of(analysed: Analysed, given: str, unknown: bool) -> None:
    source = f"import configparser, doctest, pickle\nclass C: pass\ndef g(): pass\ndef f():\n    {given}\n"
    assert unknown_lines(analysed(source)) == ({5} if unknown else set())


def test_a_decorator_of_which_nothing_is_known_may_call_what_it_is_given(analysed: Analysed) -> None:
    found = analysed("import unittest.mock\n@unittest.mock.patch.object\ndef f(): pass\ndef g(): f()")
    assert unknown_lines(found, "app") == {2}
    assert ("app.f", 4) in {(call.to, call.line) for call in found.callgraph.calls["app.g"]}


def test_they_are_listed_once_on_a_line_and_change_nothing_else(analysed: Analysed) -> None:
    program = "def f(x, y):\n    x()[0] + 1; y + x[0]\n    return x + y == x[0]\ndef g(x):\n    return f(x, 1)"
    with_methods, without = analysed(defining(*METHODS) + program), analysed(defining("_") + program)
    assert [(call.to, call.line) for call in with_methods.callgraph.calls["app.f"]] == [(None, 3), (None, 4)]
    assert [(call.to, call.line) for call in without.callgraph.calls["app.f"]] == [(None, 3)]
    assert {name: with_methods.functions[name] for name in ("app.f", "app.g")} == {n: without.functions[n] for n in ("app.f", "app.g")}
    assert export.to_pycg(with_methods)["app.f"] == []


def test_imports_of_a_program_that_has_to_do_with_path_hooks(analysed: Analysed) -> None:
    source = "import sys\ndef g(hook): sys.path_hooks.append(hook)\ndef f():\n    import other\n    import sys"
    analysis = analysed(source)
    assert unknown_lines(analysis) == {4}  # nobody is asked for a module that was there before the program began
    assert "unknown" in {effect.kind for effect in analysis.functions["app.f"].effects}


@pytest.mark.parametrize(
    "source",
    [
        "import xml.etree.ElementTree as E\nclass T: pass\np = E.XMLParser(target=T())\ndef f(): p.feed('<a/>')",
        "import email.policy as p, email.message as e\nclass P(p.EmailPolicy): pass\nm = e.EmailMessage(P())\ndef f(): m['a'] = 'b'",
        "import urllib.request as r\nclass H(r.BaseHandler): pass\no = r.build_opener(H)\ndef f(): return o.open('a:')",
        "import configparser as c\nclass I: pass\np = c.ConfigParser(interpolation=I())\ndef f(): return p['a']",
    ],
)
def test_what_an_object_of_a_library_was_given_before(analysed: Analysed, source: str) -> None:
    """Which methods of an object of the program it calls is not known; without one, nothing is unknown."""
    line = source.count("\n") + 1
    analysis = analysed(source)
    assert unknown_lines(analysis) == {line}
    assert "unknown" in {effect.kind for effect in analysis.functions["app.f"].effects}
    without = source.replace("T()", "None").replace("P()", "").replace("(H)", "()").replace("I()", "None")
    assert unknown_lines(analysed(without)) == set()
