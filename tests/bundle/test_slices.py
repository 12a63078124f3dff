from __future__ import annotations

import ast
import contextlib
import io
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faasify.bundle.slices import Cutter
from faasify.frontend import load
from faasify.model.bundle import Slice
from faasify.model.program import Module, Program


def program_of(folder: Path, source: str | bytes, **others: str) -> Program:
    (folder / "app.py").write_bytes(source if isinstance(source, bytes) else source.encode())
    for name, text in others.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return load("app.py", cwd=folder)


def union(folder: Path, source: str | bytes, **others: str) -> Slice:
    program = program_of(folder, source, **others)
    return Cutter(program.modules["app"], program).union()


def unit(folder: Path, source: str, *names: str) -> Slice:
    program = program_of(folder, source)
    return Cutter(program.modules["app"], program).unit(set(names))


def lines(text: str) -> list[str]:
    return textwrap.dedent(text).lstrip("\n").splitlines()


def test_the_union_slice(tmp_path: Path) -> None:
    cut = union(
        tmp_path,
        textwrap.dedent('''\
            """Doc."""
            import math  # why
            from util import g
            # a comment
            LIMIT = 60 * 60
            NAMES = {"a": [1, -2], "b": (3,)}
            print("loading")
            @deco
            def f(x):
                # inside
                return x * math.pi
            total = f(LIMIT)
            key = lambda x: x
            if total:
                def late(): pass
            for i in range(3):
                print(i)
            class A(Exception):
                x = 1
                def m(self): return 1
            if __name__ == "__main__":
                print(f(1))
            '''),
        util="def g(): pass\n",
    )
    assert (
        cut.text.splitlines()
        == lines('''
        """Doc."""
        import math  # why
        from util import g

        LIMIT = 60 * 60
        NAMES = {"a": [1, -2], "b": (3,)}

        @deco
        def f(x):
            # inside
            return x * math.pi

        key = lambda x: x
        if total:
            def late(): pass


        class A(Exception):
            x = 1
            def m(self): return 1


        ''')
        + [""] * 0
    )
    assert cut.run == (1, 2, 5, 6, 9, 18)


def test_a_unit_slice_holds_what_the_unit_mentions(tmp_path: Path) -> None:
    source = (
        "import math, os\nimport sys\nA = 1\nB = 2\ndef f(): return g() + A\ndef g(): return math.pi\ndef h(): return B\nclass C: x = 1\n"
    )
    assert unit(tmp_path, source, "f").text == "import math, os\n\nA = 1\n\ndef f(): return g() + A\ndef g(): return math.pi\n\n\n"
    assert unit(tmp_path, source, "C").text == "\n\n\n\n\n\n\nclass C: x = 1\n"


def test_future_imports_are_in_every_slice(tmp_path: Path) -> None:
    assert unit(tmp_path, "from __future__ import annotations\ndef f(x: Y): pass\n", "f").run == (1, 2)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("x = f(); import os\n", "0      ; import os\n"),
        ("import os; x = f()\n", "import os\n"),
        ("import os; x = f(); import re\n", "import os; 0      ; import re\n"),
        ("x = f('é'); import os\n", "0          ; import os\n"),
        ("x = f(1,\n 2); import os\n", "\n0  ; import os\n"),
        ("import os; x = f(\n1)\n", "import os\n\n"),
        ("x = f(); \\\n  import os\n", "0      ; \\\n  import os\n"),
        ("import os;  # c\nprint()\n", "import os;  # c\n\n"),
        ("import os\r\nprint()\r\nx = '''a\r\nb  \r\n'''\r\n", "import os\n\nx = '''a\nb  \n'''\n"),
        ("\x0cimport os\n", "\x0cimport os\n"),
        ("\ufeffimport os\n", "import os\n"),
        ("", ""),
    ],
    ids=[
        "first",
        "last",
        "middle",
        "columns are bytes",
        "lines",
        "lines at the end",
        "continued",
        "comment",
        "CRLF",
        "form feed",
        "mark",
        "empty",
    ],
)
def test_shared_lines_and_columns(tmp_path: Path, source: str, text: str) -> None:
    assert union(tmp_path, source).text == text


RUN = {
    "library import": "import math",
    "library import from": "from math import sin as s",
    "constant": "X = -1.5",
    "arithmetic": "X = 60 * 60 * 24",
    "list": "X = [0] * 8",
    "rule": "X = '-' * 40",
    "annotated": "X: int = 3",
    "function": "def f(x, y=1, *, z=None) -> int: return g(x)",
    "function with a default that is bound": "def f(x=len, key=lambda v: v): pass",
    "decorated: not applied over there": "@undefined\ndef f(): pass",
    "async": "async def f(): pass",
    "class": "class A(Exception):\n    '''Doc'''\n    x: int = 1\n    def f(self): print(1)",
    "nested class": "class A:\n    class B: pass",
}
NOT_RUN = {
    "program import": "import util",
    "star import": "from math import *",
    "relative import": "from . import x",
    "call": "X = f = lambda: 1\nY = print('x')",
    "function with a call as default": "def f(x=print('x')): pass",
    "function with an unknown default": "def f(x=unknown): pass",
    "function with an annotation that calls": "def f(x: print('x')): pass",
    "class that prints": "class A:\n    print('x')",
    "class with a keyword": "class A(metaclass=print): pass",
    "class with an unknown base": "class A(Unknown): pass",
    "class with a hook": "class A:\n    def __init_subclass__(cls): print('x')",
    "division by zero": "X = 1 / 0\ndef f(): pass",
    "huge": "X = 9 ** 9 ** 9 ** 9\ndef f(): pass",
    "long": "X = [1] * 10 ** 9\ndef f(): pass",
    "unhashable": "X = {[]: 1}\ndef f(): pass",
    "if": "if input():\n    def f(): pass",
    "main guard": "if __name__ == '__main__':\n    f = lambda: 1\n    print('x')",
    "deletes": "del print\ndef f(): pass",
    "one line with what does not run": "import math; f = lambda: print()",
}


@pytest.mark.parametrize("source", RUN.values(), ids=RUN.keys())
def test_start_up_state(tmp_path: Path, source: str) -> None:
    cut = union(tmp_path, source + "\n")
    assert cut.run == tuple(node.lineno for node in ast.parse(source).body)
    execute(cut)


@pytest.mark.parametrize("source", NOT_RUN.values(), ids=NOT_RUN.keys())
def test_no_start_up_state(tmp_path: Path, source: str) -> None:
    cut = union(tmp_path, source + "\n", util="")
    assert 1 not in cut.run
    execute(cut)


def test_a_subclass_of_what_does_not_run_does_not_run(tmp_path: Path) -> None:
    hook = "class A:\n    def __init_subclass__(cls): print('x')\nclass B(A): pass\nclass C(B): pass\n"
    assert union(tmp_path, hook).run == ()


def execute(cut: Slice) -> None:
    """Run the `run` lines as a unit does, decorators left out: nothing may be seen of it, and nothing may fail."""
    tree = ast.parse(cut.text)
    tree.body = [node for node in tree.body if node.lineno in cut.run]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.decorator_list = []
    seen = io.StringIO()
    with contextlib.redirect_stdout(seen), contextlib.redirect_stderr(seen):
        exec(compile(tree, cut.path, "exec", dont_inherit=True), {"__name__": "app"})
    assert seen.getvalue() == ""


def test_code_keeps_its_positions(tmp_path: Path) -> None:
    source = "print(1); x = lambda: 'é'; y = 2\nfor i in []: print(i)\nclass A:\n  def f(self): return [lambda: 1, lambda: 2]\n"
    program = program_of(tmp_path, source)
    assert positions(Cutter(program.modules["app"], program).union().text) <= positions(source)
    assert {name for name, *_ in positions(source)} == {name for name, *_ in positions(union(tmp_path, source).text)}


def positions(source: str) -> set[tuple[str, int, str]]:
    """Name, first line and all instruction positions of every code object below the module."""
    found, waiting = set(), [compile(source, "x", "exec", dont_inherit=True)]
    while waiting:
        for constant in waiting.pop().co_consts:
            if isinstance(constant, type(positions.__code__)):
                found.add((constant.co_qualname, constant.co_firstlineno, repr(list(constant.co_positions()))))
                waiting.append(constant)
    return found


STATEMENTS = st.sampled_from(
    [
        "x = f()",
        "import os",
        "X = 1",
        "print('é')",
        "y = lambda: 1",
        "z = (1,\n 2)",
        "w = f(\n1)",
        "s = '''a\nb  '''",
        "from math import pi",
    ]
)
BLOCKS = st.sampled_from(
    ["def f(a):\n  return a", "class A: pass", "if x: y = lambda: 2", "@d\ndef g(): pass", "# c", "", "for i in x: pass", "\x0c"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(STATEMENTS, min_size=1, max_size=4).map("; ".join) | BLOCKS, max_size=6).map("\n".join))
def test_generated_sources(source: str) -> None:
    tree = ast.parse(source)
    module = Module("app", "__main__", Path("app.py"), "app.py", source, "utf-8", "", tree)
    program = Program(Path("/"), "script", "app.py", "app", {"app": module})
    cut = Cutter(module, program).union()
    assert positions(cut.text) <= positions(source)
    assert {(name, line) for name, line, _ in positions(source)} == {(name, line) for name, line, _ in positions(cut.text)}
    assert "print" not in cut.text
    assert len(cut.text.splitlines()) <= len(source.splitlines()) + 1
    for name in ("f", "A", "X"):
        ast.parse(Cutter(module, program).unit({name}).text)
