"""The rewriter's promise: without the inserted lines the file is the original, byte for byte, and its tree is the original's."""

from __future__ import annotations

import ast
import tempfile
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faasify.config import parse_selection
from faasify.errors import ProgramError
from faasify.model.rewritten import RewrittenProgram
from faasify.partition import partition
from faasify.rewrite.engine import rewrite
from faasify.rewrite.lines import without
from tests.handmade import handmade


def rewritten(folder: Path, files: dict[str, str | bytes], *, select: str = "all", target: str = "app.py") -> RewrittenProgram:
    return rewrite(partition(handmade(folder, files, target=target), parse_selection(select)))


def assert_faithful(program: RewrittenProgram) -> None:
    for name, module in program.modules.items():
        original = program.partition.analysis.program.modules[name].file.read_bytes()
        assert without(module.content, module.inserted) == original
        assert ast.dump(without_stubs(ast.parse(module.content))) == ast.dump(ast.parse(original))


def without_stubs(tree: ast.Module) -> ast.Module:
    """The tree without header lines and stubs."""
    tree.body = [node for node in tree.body if "_faasify_boot" not in ast.dump(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.decorator_list = [d for d in node.decorator_list if "_faasify_unit" not in ast.dump(d)]
    return tree


FILES = {
    "CRLF": b"def f(x):\r\n    return x\r\n\r\nprint(f(1))\r\n",
    "tabs": b"class A:\n\tdef f(self):\n\t\treturn 1\n",
    "no newline at the end": b"def f(x): return x",
    "byte order mark": b"\xef\xbb\xbfdef f(x): return x\n",
    "latin-1": b"# -*- coding: latin-1 -*-\ndef f(x='\xe9'): return x\n",
    "a name outside ASCII": "def größe(x): return x\n".encode(),
    "semicolons": b"class A: pass; x=1\ndef f(x): y = x; return y\nf(1); f(2)\n",
    "in if and try": b"if 1:\n  def f(): pass\ntry:\n  def g(): pass\nexcept E: pass\n",
    "in class and def": b"class A:\n  def m(self):\n    def n(): pass\n",
    "decorated": b"import functools\n@functools.cache\n# why\n\n@functools.wraps(f)  # x\ndef f(x): return x\n",
    "shebang, docstring, future": b'#!/bin/x\n"""Doc"""\nfrom __future__ import (annotations,\n  division)\ndef f(): pass\n',
    "form feed between definitions": b"def f(): pass\n\x0c\ndef g(): pass\n",
    "form feed in the indentation": b"if 1:\n\x0c  def g(): pass\n",
    "a string with other line ends": "x = '\x0b\x1c\u2028'\ndef g(): pass\n".encode(),
    "two of a name on one page": b"if 1:\n  def f(): pass\nelse:\n  def f(): return 1\n",
    "continuation inside": b"x = 1 + \\\n  2\ndef f(a, \\\n  b): pass\n",
    "async": b"async def f(): pass\n",
    "new syntax": b"try: pass\nexcept* E: pass\nmatch 1:\n  case 2:\n    def f(): pass\n",
    "comments at the end": b"def f(): pass\n# the end",
    "empty": b"",
    "only comments": b"# a\n# b\n",
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES.keys())
def test_formatting_survives(tmp_path: Path, content: bytes) -> None:
    program = rewritten(tmp_path, {"app.py": content})
    assert_faithful(program)
    assert not [reason for reason in program.left.values() if reason.code == "NO_STUB"]
    assert program.modules["app"].rewritten


@pytest.mark.parametrize(
    "content",
    [b'"""Doc"""; print(1)\ndef f(): pass\n', b"# only\n# comments", b"\x0cdef f(): pass\n", b"\\\ndef f(): pass\n"],
    ids=["shares the docstring's line", "no line end to put anything behind", "libcst drops a form feed", "continued"],
)
def test_what_cannot_be_rewritten_is_left_with_a_reason(tmp_path: Path, content: bytes) -> None:
    program = rewritten(tmp_path, {"app.py": content})
    assert program.modules["app"].content == content
    assert not program.units
    assert {reason.code for reason in program.left.values()} <= {"NO_STUB"}
    assert program.left.keys() == program.partition.units.keys()


def test_a_main_module_that_cannot_start_the_runtime_leaves_the_whole_program(tmp_path: Path) -> None:
    program = rewritten(tmp_path, {"app.py": b'"""Doc"""; import util\n', "util.py": b"def f(): pass\n"})
    assert not any(module.rewritten for module in program.modules.values())
    assert "main module" in program.left["util.f"].message


def test_the_lines_that_are_put_in(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "app.py": '"""Doc."""\nimport util\n@util.d\ndef f(x):\n    return x\n',
        "util.py": "def d(f): return f\n",
        "rest.py": "",
    }
    program = rewritten(tmp_path, files, select="app.f,util.d")
    header = "from faasify.runtime.caller import boot as _faasify_boot, unit as _faasify_unit  # faasify\n"
    assert program.modules["app"].content.decode() == textwrap.dedent(f'''\
        """Doc."""
        {header.strip()}
        _faasify_boot(__file__)  # faasify
        import util
        @util.d
        @_faasify_unit("app.f")
        def f(x):
            return x
        ''')
    assert program.modules["app"].inserted == (2, 3, 6)
    assert program.modules["util"].content.decode() == header + '@_faasify_unit("util.d")\ndef d(f): return f\n'


def test_a_module_without_units_is_not_touched(tmp_path: Path) -> None:
    program = rewritten(tmp_path, {"app.py": "import util\ndef f(): pass\n", "util.py": "def g(): pass\n"}, select="app.f")
    assert not program.modules["util"].rewritten


def test_a_file_that_changes_meanwhile_is_an_error(tmp_path: Path) -> None:
    divided = partition(handmade(tmp_path, {"app.py": "def f(): pass\n"}), parse_selection("all"))
    (tmp_path / "app.py").write_text("def g(): pass\n", encoding="utf-8")
    with pytest.raises(ProgramError, match="changed while it was read"):
        rewrite(divided)


# ---- generated sources

NAMES = st.sampled_from(["f", "g", "größe", "__init__", "x1"])
SIMPLE = st.sampled_from(
    ["x = 1", "pass", "'a string'", "x = '''two\nlines'''", "y = 1; z = 2", "w = (1,\n  2)", "# a comment", "", "v = 1 + \\\n 2"]
)
DECORATOR = st.sampled_from(["@d", "@d(1)  # why", "@d\n# between"])
INDENT = st.sampled_from(["    ", "\t", " "])


@st.composite
def block(draw: st.DrawFn, depth: int = 2) -> list[str]:
    """Lines of statements, some of them definitions, not indented."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["simple", "one line", "def", "class", "if", "try"])) if depth else "simple"
        if kind == "simple":
            lines += draw(SIMPLE).split("\n")
            continue
        if kind in ("one line", "def", "class") and draw(st.booleans()):
            lines += draw(DECORATOR).split("\n")
        name = draw(NAMES)
        if kind == "one line":
            lines.append(f"def {name}(a): return a  # end")
            continue
        prefix = draw(st.sampled_from(["", "async "])) if kind == "def" else ""
        heads = {"def": f"{prefix}def {name}(a, b=1):", "class": f"class {name}:", "if": "if x:", "try": "try:"}
        lines += [heads[kind], *indented(draw, draw(block(depth - 1)))]  # type: ignore[call-arg]
        if kind == "try":
            lines += ["finally:", *indented(draw, ["pass"])]
    return lines


def indented(draw: st.DrawFn, lines: list[str]) -> list[str]:
    """`lines` one level deeper; `pass` makes a block of one that holds comments only."""
    step = draw(INDENT)
    inside_string, out = False, []
    for line in [*lines, "pass"]:
        out.append(line if inside_string else step + line)
        inside_string ^= line.count("'''") % 2 == 1
    return out


@st.composite
def sources(draw: st.DrawFn) -> bytes:
    top = draw(
        st.sampled_from(
            ["", "#!/usr/bin/python\n", '"""Doc."""\n', '"""Doc."""\nfrom __future__ import annotations\n', "\ufeff", "# c\n\n"]
        )
    )
    text = top + "\n".join(draw(block()))
    if draw(st.booleans()):
        text += "\n"
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()


@settings(max_examples=150, deadline=None)
@given(sources())
def test_generated_sources_survive(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ast.parse(content)
        program = rewritten(Path(folder), {"app.py": content})
        assert_faithful(program)
        assert not program.units or program.modules["app"].rewritten
