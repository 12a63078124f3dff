"""Travels, guarded, stays: each reason once, with its code and its line, and what must not be a reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from faasify.analysis.codes import CODES, explain
from faasify.analysis.vocabulary import KINDS
from faasify.errors import FaasifyError
from faasify.model.effects import Analysis, Step

Analysed = Callable[..., Analysis]


def verdict(analysis: Analysis, name: str = "app.f") -> tuple[str, list[str]]:
    found = analysis.functions[name]
    return found.verdict, [reason.code for reason in found.reasons]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("def f(): open('x')", "FILES"),
        ("def g(): open('x')\ndef f(): g()", "FILES"),
        ("def f():\n    print(1)\n    yield 1", "GENERATOR"),
        ("import random\ndef f(): yield random.random()", "GENERATOR"),
        ("def f(xs):\n    xs.append(1)\n    yield 1", "GENERATOR"),
        ("n = 0\ndef f():\n    global n\n    n += 1\n    yield n", "GENERATOR"),
        ("import asyncio\nasync def f():\n    await asyncio.sleep(1)\n    print(1)", "ASYNC"),
        ("async def f(): yield 1", "ASYNC"),
        ("import asyncio\nasync def f(): await asyncio.gather()", "EVENT_LOOP"),
        ("x = 1\ndef f():\n    import __main__\n    return __main__.x", "INTROSPECTION"),
        ("x = 1\ndef f():\n    from __main__ import x\n    return x", "INTROSPECTION"),
        ("def f(): pass  # faasify: local", "COMMENT"),
        ("# faasify: local\ndef f(): pass", "COMMENT"),
        ("# faasify: local\n@staticmethod\ndef f(): pass", "COMMENT"),
        ("import time\ndef f(): return time.time(), input()", "CLOCK_AND_STDIN"),
        ("import threading\ndef f(): threading.Thread(target=print).start()", "THREADS"),
        ("import asyncio\nasync def g(): pass\ndef f(): asyncio.run(g())", "EVENT_LOOP"),
    ],
)
def test_stays(analysed: Analysed, source: str, code: str) -> None:
    kind, codes = verdict(analysed(source))
    assert kind == "stays"
    assert code in codes


@pytest.mark.parametrize("name", ["__del__", "__hash__", "__getattr__", "__setattr__", "__reduce__", "__init_subclass__", "__set_name__"])
def test_methods_that_the_interpreter_calls_stay(analysed: Analysed, name: str) -> None:
    assert verdict(analysed(f"class C:\n    def {name}(self, *a): pass\n"), f"app.C.{name}") == ("stays", ["SPECIAL_METHOD"])


def test_a_builtin_function_among_others_is_no_reason_because_it_has_no_such_attribute(analysed: Analysed) -> None:
    source = "class Lazy:\n    def compile(self): return g\ndef g(x): return x\ng.lazy = Lazy()\n"
    source += "def f(func):\n    func.kept = func.lazy.compile()\n    return func(1)\n{}f(g)\n"
    for others, codes in (("f(abs)\n", []), ("import functools\nf(functools.partial)\n", ["LIBRARY_STATE", "UNDESCRIBED_CALL"])):
        assert verdict(analysed(source.format(others)))[1] == codes


def test_methods_of_a_metaclass_stay(analysed: Analysed) -> None:
    source = "class Meta(type):\n    def helper(cls): pass\nclass Deeper(Meta):\n    def other(cls): pass\n"
    source += "class C(metaclass=Meta):\n    def m(self): pass\n"
    analysis = analysed(source)
    assert verdict(analysis, "app.Meta.helper")[1] == verdict(analysis, "app.Deeper.other")[1] == ["METACLASS"]
    assert verdict(analysis, "app.C.m") == ("travels", [])


@pytest.mark.parametrize("name", ["__init__", "__eq__", "__enter__", "__exit__", "__new__", "__len__", "__add__", "__call__", "__str__"])
def test_methods_that_the_program_calls_travel(analysed: Analysed, name: str) -> None:
    assert verdict(analysed(f"class C:\n    def {name}(self, *a): return super().__new__(self)\n"), f"app.C.{name}")[0] == "travels"


@pytest.mark.parametrize(
    "source",
    [
        "def f(n): return n if n < 2 else f(n - 1) + f(n - 2)",
        "n = 0\ndef f():\n    global n\n    n += 1\n    print(n)",
        "def f(): return input()",
        "import time, random\ndef f(): return time.time() + random.random()",
        "def g(): yield 1\ndef f(): return list(g())",
        "import sys\ndef f(): sys.exit(3)",
        "def f(xs): return sorted(xs, key=lambda x: -x)",
        "def f():\n    class C:\n        x = print('made')\n    return C()",
        "from functools import lru_cache\n@lru_cache\ndef f(n): return n",
        "import unheard_of\n@unheard_of.decorate\ndef f(n): return n",
        "def f(s: str): return s.upper().split()",
        "def f():\n    text = '# faasify: local'\n    return text",
        "def f(n):\n    found = []\n    for i in range(n):\n        found.append(i)\n        yield sum(found)",
        "import asyncio\nasync def f(x):\n    await asyncio.sleep(1)\n    return x",
        "async def f(x):\n    print(x)\n    return x",
    ],
    ids=[
        "recursion",
        "globals and output",
        "standard input",
        "clock and random",
        "calling a generator",
        "exit",
        "a lambda",
        "a class in it",
        "a cached function",
        "an unknown decorator",
        "an annotated parameter",
        "the comment in a string",
        "a generator that only computes",
        "a coroutine that only computes",
        "a coroutine that awaits nothing",
    ],
)
def test_travels(analysed: Analysed, source: str) -> None:
    assert verdict(analysed(source)) == ("travels", [])


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("def f(g): return g()", "UNRESOLVED_CALL"),
        ("def f(x): return x.method()", "UNRESOLVED_CALL"),
        ("import unheard_of\ndef f(): unheard_of.call()", "UNDESCRIBED_CALL"),
        ("def f(s): return eval(s)", "NAMESPACE"),
        ("import sys\ndef f(s): sys.stdout = s", "LIBRARY_STATE"),
        ("import os\ndef f(): return os.getcwd()", "HIDDEN_STATE"),
        ("import threading\ndef f(): threading.Lock()", "LOCKS"),
        ("def save(): open('x')\ndef show(): pass\ndef f(x):\n    g = save if x else show\n    g()", "UNCERTAIN_EFFECT"),
    ],
)
def test_guarded(analysed: Analysed, source: str, code: str) -> None:
    kind, codes = verdict(analysed(source))
    assert (kind, code in codes) == ("guarded", True)


def test_one_shape_that_writes_a_file_does_not_keep_all_of_them(analysed: Analysed) -> None:
    source = """
        class Shape:
            def draw(self): pass
        class Saved(Shape):
            def draw(self): open("x")
        def f(shapes: list[Shape]):
            for s in shapes: s.draw()
        f([Shape(), Saved()])
    """
    analysis = analysed(source)
    assert verdict(analysis) == ("guarded", ["UNCERTAIN_EFFECT"])
    assert verdict(analysis, "app.Saved.draw") == ("stays", ["FILES"])


def test_an_allowed_effect_is_no_reason(analysed: Analysed) -> None:
    assert verdict(analysed("def f(): open('x')", allow=frozenset(["files"]))) == ("travels", [])


def test_an_unknown_kind_to_allow_names_the_choices(analysed: Analysed) -> None:
    with pytest.raises(FaasifyError, match="choose from files, network"):
        analysed("", allow=frozenset(["filez"]))


def test_a_reason_names_the_line_of_the_effect_not_of_the_call(analysed: Analysed) -> None:
    reason = analysed("def g():\n    return open('x')\n\ndef f():\n    return g()\n").functions["app.f"].reasons[0]
    assert (reason.file, reason.line) == ("app.py", 2)
    assert "open" in reason.message
    assert "app.g" in reason.message


def test_a_reason_has_every_call_on_the_way_with_its_line(analysed: Analysed) -> None:
    source = "import util\n\ndef g(x):\n    util.save(x)\n\ndef f(x):\n    x = x + 1\n    g(x)\n"
    analysis = analysed(source, util="def save(x):\n    with open(x, 'w') as file:\n        file.write(x)\n")
    facts = analysis.functions["app.f"]
    steps = (Step("app.g", "app.py", 8), Step("util.save", "app.py", 4))
    reason = next(reason for reason in facts.reasons if reason.code == "FILES")
    assert (reason.file, reason.line, reason.steps) == ("util.py", 2, steps)
    assert (reason.meaning, reason.what) == ("writes a file", 'open "w"')
    effect = next(effect for effect in facts.effects if effect.kind == "files")
    assert (effect.steps, effect.via, effect.detail) == (steps, ("app.g", "util.save"), '..., "w"')


def test_a_way_through_recursion_ends(analysed: Analysed) -> None:
    analysis = analysed("def f(n):\n    g(n)\n\ndef g(n):\n    f(n - 1)\n    open('x')\n")
    assert [reason.steps for reason in analysis.functions["app.f"].reasons if reason.code == "FILES"] == [(Step("app.g", "app.py", 2),)]
    assert [reason.steps for reason in analysis.functions["app.g"].reasons if reason.code == "FILES"] == [()]


@pytest.mark.parametrize(
    ("call", "meaning", "what"),
    [
        ("open('x')", "reads a file", 'open "x", "r"'),
        ("open('x', 'a')", "writes a file", 'open "x", "a"'),
        ("open(p, mode='r+')", "writes a file", 'open "r+"'),
        ("open('x', p)", "touches the file system", 'open "x"'),
        ("open(p, p)", "touches the file system", "open"),
        ("os.listdir(p)", "touches the file system", "os.listdir"),
    ],
)
def test_a_file_is_read_or_written(analysed: Analysed, call: str, meaning: str, what: str) -> None:
    (reason,) = analysed(f"import os\ndef f(p):\n    {call}\n").functions["app.f"].reasons
    assert (reason.meaning, reason.what) == (meaning, what)


def test_the_comment_counts_lines_as_python_does(analysed: Analysed) -> None:
    assert verdict(analysed("x = 1\n\f\ndef f(): pass  # faasify: local\n"))[1] == ["COMMENT"]


def test_lambdas_and_module_bodies_are_no_functions(analysed: Analysed) -> None:
    assert set(analysed("f = lambda: 1\nprint(f())\n").functions) == set()


def test_rules_of_the_user_describe_a_library(analysed: Analysed, tmp_path: Path) -> None:
    rules = tmp_path / "my_rules"
    rules.mkdir()
    (rules / "unheard_of.pyi").write_text("def call() -> Pure: ...\ndef save() -> Touches[files]: ...\n")
    analysis = analysed("import unheard_of\ndef f(): unheard_of.call()\ndef g(): unheard_of.save()\n", rules=(rules,))
    assert verdict(analysis) == ("travels", [])
    assert verdict(analysis, "app.g") == ("stays", ["FILES"])


def test_every_kind_that_does_not_simply_travel_has_a_code_that_is_explained() -> None:
    assert {kind.code for kind in KINDS.values() if kind.fate != "carried"} <= CODES.keys()
    assert all(not kind.code for kind in KINDS.values() if kind.fate == "carried")


def test_an_unknown_code_names_the_nearest() -> None:
    with pytest.raises(FaasifyError, match="did you mean FILES"):
        explain("FILE")
