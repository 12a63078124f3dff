"""Files that are damaged, strange or hostile: an answer, or one clear line for that file, and the rest is analysed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from faasify.analysis import analyse
from faasify.errors import ProgramError
from faasify.frontend import load
from faasify.model.effects import Analysis

Laid = Callable[[str | bytes], Path]
GOOD = "def good(x):\n    return x + 1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one module that is as it should be."""
    (tmp_path / "good.py").write_text(GOOD)
    return tmp_path


def analysed(folder: Path, target: str = ".") -> Analysis:
    return analyse(load(target, cwd=folder))


def write(folder: Path, name: str, content: str | bytes) -> None:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


DAMAGED = [
    pytest.param(b"x = 1\ndef f(:\n", 2, "does not parse", id="syntax"),
    pytest.param(b"def f():\n    x = (1,\n\n\ny = 2\n", 2, "'(' was never closed", id="a bracket that is not closed"),
    pytest.param(b"x = 1\ny = '''\nz\n", 2, "unterminated triple-quoted string", id="a string that does not end"),
    pytest.param(b"def f():\n  x = 1\n    y = 2\n", 3, "unexpected indent", id="indentation"),
    pytest.param(b"if x:\n\ty = 1\n        z = 2\n", 3, "inconsistent use of tabs", id="tabs and spaces"),
    pytest.param(b"x = 1\nprint 'hello'\n", 2, "does not parse", id="Python 2 print"),
    pytest.param(b"try:\n    pass\nexcept IOError, e:\n    pass\n", 3, "does not parse", id="Python 2 except"),
    pytest.param(b"x = 0777\n", 1, "does not parse", id="Python 2 octal"),
    pytest.param(b"raise ValueError, 'no'\n", 1, "does not parse", id="Python 2 raise"),
    pytest.param("x = 'é'\n".encode("utf-16"), 1, "UTF-16", id="UTF-16"),
    pytest.param("x = 'é'\n".encode("utf-16-be"), 1, "", id="UTF-16 without a mark"),
    pytest.param(b"x = 1\n\ny = '\xe9'\n", 3, "can't decode", id="Latin-1 without a declaration"),
    pytest.param(b"# coding: latin-1\nx = 1\0\n", 2, "null bytes", id="null bytes"),
    pytest.param(b"x = 1\n\n\0", 3, "null bytes", id="null bytes at the end"),
    pytest.param(b"# coding: no-such-thing\n", 1, "unknown encoding", id="an unknown encoding"),
    pytest.param(b"# coding: undefined\nx = 1\n", 1, "is no Python source", id="the undefined encoding"),
    pytest.param(b"# coding: hex\nx = 1\n", 1, "is no Python source", id="an encoding that is no text"),
    pytest.param(b"\xef\xbb\xbf# coding: latin-1\n", 1, "is no Python source", id="a mark and another declaration"),
    pytest.param(b"#!/usr/bin/python\n# \xe9\nx = 1\n", 2, "is no Python source", id="the second line is no text"),
    pytest.param("x = 1\ny = " + "(" * 3000 + ")" * 3000, 2, "too many nested parentheses", id="3,000 brackets"),
    pytest.param("x = 1\ny = " + "[" * 3000, 2, "too many nested parentheses", id="3,000 brackets that are not closed"),
    pytest.param("x = 1\ny = " + "-" * 30_000 + "1", 2, "nested too deeply", id="30,000 signs"),
    pytest.param("x = 1\ny = " + "a." * 100_000 + "b", 2, "nested too deeply", id="100,000 attributes"),
    pytest.param(
        "".join(" " * i + "if x:\n" for i in range(150)) + " " * 150 + "y = 1", 101, "too many levels of indentation", id="indents"
    ),
    pytest.param(b"return 1\n", 1, "'return' outside function", id="what only the compiler sees"),
    pytest.param(b"def f(x, x): pass\n", 1, "duplicate argument", id="what only the symbol table sees"),
    pytest.param(b"\x7fELF\x02\x01\x01\0\0\0\xff\xfe", 1, "", id="a program in machine code"),
]


@pytest.mark.parametrize(("content", "line", "said"), DAMAGED)
def test_a_damaged_file_is_told_with_its_line_and_the_rest_is_analysed(folder: Path, content: str | bytes, line: int, said: str) -> None:
    write(folder, "bad.py", content)
    analysis = analysed(folder)
    (damage,) = analysis.program.damage
    assert (damage.path, damage.line) == ("bad.py", line)
    assert said in damage.message
    assert "\n" not in damage.message
    assert analysis.functions["good.good"].verdict == "travels"


@pytest.mark.parametrize(("content", "line", "said"), DAMAGED)
def test_as_the_main_file_it_is_one_clear_error(folder: Path, content: str | bytes, line: int, said: str) -> None:
    write(folder, "bad.py", content)
    with pytest.raises(ProgramError) as caught:
        load("bad.py", cwd=folder)
    text = str(caught.value)
    assert text.startswith(f"bad.py:{line}: ")
    assert said in text
    assert "\n" not in text


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("# -*- coding: latin-1 -*-\ndef f(): return 'é'\n".encode("latin-1"), id="Latin-1"),
        pytest.param("#!/usr/bin/python\n# vim: set fileencoding=cp1251 :\ndef f(): return 'я'\n".encode("cp1251"), id="second line"),
        pytest.param("# coding: shift-jis\ndef f(): return '日本'\n".encode("shift-jis"), id="Shift-JIS"),
        pytest.param(b"# coding: utf-7\ndef f(): return '+AOk-'\n", id="UTF-7"),
        pytest.param(b"\xef\xbb\xbfdef f(): return 1\n", id="a byte order mark"),
        pytest.param(b"\xef\xbb\xbf# coding: utf-8\r\ndef f(): return 1\r\n", id="a mark and the same declaration"),
        pytest.param(b"def f(): return 1\rdef g(): return 2\r", id="old Macintosh lines"),
        pytest.param(b"\x0cdef f(): return 1\n\x0c\n", id="form feeds"),
        pytest.param(b"def f(): return 1", id="no end of line"),
        pytest.param(b"def f(): return '\\ud800'\n", id="a lone surrogate in a string"),
        pytest.param("def f(): return 'ａ' \ndef ｇ(): return ﬁ\n".encode(), id="names that are normalised"),
    ],
)
def test_an_encoding_that_python_reads_is_read(folder: Path, content: bytes) -> None:
    write(folder, "app.py", content)
    analysis = analysed(folder, "app.py")
    assert analysis.program.damage == ()
    assert "app.f" in analysis.functions


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param(" + ".join(["x"] * 900), id="900 sums"),
        pytest.param("f(" * 90 + "x" + ")" * 90, id="90 nested calls"),
        pytest.param("[" * 90 + "]" * 90, id="90 nested lists"),
        pytest.param("x" + ".y" * 900, id="900 attributes"),
        pytest.param("x" + "(1)" * 900, id="900 calls of calls"),
        pytest.param("x" + "[0]" * 900, id="900 items"),
        pytest.param("x" + ".a()" * 450, id="450 methods of results"),
        pytest.param("lambda: " * 90 + "x", id="90 lambdas"),
        pytest.param("not " * 900 + "x", id="900 negations"),
        pytest.param(" if x else ".join(["x"] * 300), id="300 conditions"),
        pytest.param(" and ".join(["x"] * 5000), id="5,000 ands"),
        pytest.param("x < " * 5000 + "x", id="5,000 comparisons"),
        pytest.param("(" + "x, " * 20_000 + ")", id="20,000 elements"),
        pytest.param("'" + "a" * 1_000_000 + "'", id="a string of a million"),
        pytest.param("f'" + "{x}" * 2000 + "'", id="2,000 pieces of an f-string"),
    ],
)
def test_a_deep_or_wide_expression_is_analysed(folder: Path, expression: str) -> None:
    write(folder, "app.py", f"def f(x):\n    return {expression}\n\ndef g():\n    return 1\n")
    analysis = analysed(folder, "app.py")
    assert analysis.functions["app.g"].verdict == "travels"
    assert "app.f" in analysis.functions


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("if x == 0:\n    y = 0\n" + "".join(f"elif x == {i}:\n    y = {i}\n" for i in range(1, 1000)), id="1,000 elifs"),
        pytest.param("".join(" " * i + "if x:\n" for i in range(90)) + " " * 90 + "y = 1\n", id="90 nested ifs"),
        pytest.param("".join(" " * i + "for i in x:\n" for i in range(19)) + " " * 19 + "y = i\n", id="19 nested loops"),
        pytest.param("".join(" " * i + f"def f{i}():\n" for i in range(90)) + " " * 90 + "y = 1\n", id="90 nested functions"),
        pytest.param("".join(f"y{i} = y{i - 1} if x else {i}\n" for i in range(1, 3000)), id="3,000 assignments in a chain"),
        pytest.param("for s in 'a', 'b', 'c':\n    y = f'" + "{s}" * 40 + "' + s + s\n", id="a text of 40 parts, each one of three"),
    ],
)
def test_deep_or_long_statements_are_analysed(folder: Path, body: str) -> None:
    write(folder, "app.py", "x = y0 = 1\n" + body + "\ndef g():\n    return 1\n")
    assert analysed(folder, "app.py").functions["app.g"].verdict == "travels"


def test_a_generated_file_of_20_000_lines(folder: Path) -> None:
    source = "".join(f"def f{i}(x):\n    y = f{i // 2}(x) if x else {i}\n    return [y, {i}]\n\n" for i in range(1, 5000))
    write(folder, "app.py", "def f0(x):\n    return x\n\n\n" + source)
    analysis = analysed(folder, "app.py")
    assert len(analysis.program.modules["app"].source.splitlines()) == 20_000
    assert len(analysis.functions) == 5000
    assert analysis.functions["app.f4999"].verdict == "travels"


def test_cyclic_imports_are_analysed(folder: Path) -> None:
    write(folder, "app.py", "import a\ndef f(): return a.g()\n")
    write(folder, "a.py", "import app, b\ndef g(): return b.h()\n")
    write(folder, "b.py", "from a import g\nfrom app import f\nimport b\ndef h(): return g() or f()\n")
    analysis = analysed(folder, "app.py")
    assert {"app.f", "a.g", "b.h"} <= analysis.functions.keys()
    assert "a.g" in analysis.callgraph.callees("app.f")


def test_links_in_a_circle_are_left_alone(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "self.py").symlink_to(folder / "self.py")
    (folder / "dangling.py").symlink_to(folder / "nowhere.py")
    write(folder, "app.py", "import self, dangling, sub.up.good, good\ndef f(): return good.good(1)\n")
    assert set(analysed(folder).program.modules) == {"good", "app"}
    assert "good" in analysed(folder, "app.py").program.modules
    with pytest.raises(ProgramError, match=r"there is no program self\.py"):
        load("self.py", cwd=folder)


def test_a_folder_named_like_a_module_is_none(folder: Path) -> None:
    (folder / "x.py").mkdir()
    (folder / "x.py" / "inner.py").write_text(GOOD)
    write(folder, "app.py", "import x\ndef f(): return x.y()\n")
    assert set(analysed(folder, "app.py").program.modules) == {"app"}
    assert {"good", "app"} <= set(analysed(folder).program.modules)
    assert analysed(folder, "x.py").program.run_as == "folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
def test_a_file_that_may_not_be_read(folder: Path) -> None:
    write(folder, "bad.py", GOOD)
    (folder / "bad.py").chmod(0)
    (damage,) = analysed(folder).program.damage
    assert (damage.path, damage.line, damage.message) == ("bad.py", 1, "cannot be read: Permission denied")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """The memory of a process is a file that opens, and fails to be read from its beginning, whoever reads it."""
    (tmp_path / "bad.py").symlink_to("/proc/self/mem")
    (tmp_path / "app.py").write_text("import bad\n" + GOOD)
    (damage,) = analysed(tmp_path, "app.py").program.damage
    assert (damage.path, damage.line) == ("bad.py", 1)
    assert damage.message.startswith("cannot be read: ")


def test_a_pipe_is_no_module(folder: Path) -> None:
    os.mkfifo(folder / "pipe.py")
    write(folder, "app.py", "import pipe\n" + GOOD)
    assert set(analysed(folder, "app.py").program.modules) == {"app"}
    assert set(analysed(folder).program.modules) == {"app", "good"}


@pytest.mark.parametrize(
    "name", [b"sp ace.py", b"\xff\xfe.py", "größe.py".encode(), b"new\nline.py", b"quo\"te'.py", b"-dash.py", b"a.b.py"]
)
def test_names_of_files_may_be_anything(folder: Path, name: bytes) -> None:
    (folder / os.fsdecode(name)).write_text(GOOD)
    analysis = analysed(folder)
    assert len(analysis.program.modules) == 2
    assert len(analysis.functions) == 2
    assert analysed(folder, os.fsdecode(name)).functions


@pytest.mark.parametrize("name", ["x" * 300, ".".join(["x" * 100] * 60), "größe", "ﬁ"])
def test_an_import_of_any_name_is_looked_up(folder: Path, name: str) -> None:
    write(folder, "app.py", f"import {name}\n" + GOOD)
    assert set(analysed(folder, "app.py").program.modules) == {"app"}


def test_an_import_of_a_name_that_is_no_text(folder: Path) -> None:
    source = "import importlib\nimportlib.import_module('a\\0b')\nimportlib.import_module('\\ud800')\n__import__('')\n"
    write(folder, "app.py", source + GOOD + "open('\\ud800')\nopen('a\\0b')\n")
    assert "app.good" in analysed(folder, "app.py").functions


@pytest.mark.parametrize("target", ["x" * 300, "a\0b", "\udcff", "", "nowhere/\n.py"])
def test_a_program_of_any_name_that_is_not_there(folder: Path, target: str) -> None:
    (folder / "good.py").unlink()
    with pytest.raises(ProgramError) as caught:
        load(target, cwd=folder)
    assert "\n" not in str(caught.value)


def test_a_folder_of_nothing_but_damage_is_analysed(tmp_path: Path) -> None:
    write(tmp_path, "bad.py", "def (")
    analysis = analysed(tmp_path)
    assert (len(analysis.program.damage), dict(analysis.functions)) == (1, {})
