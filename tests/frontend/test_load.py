"""What belongs to a program, what does not, and what is said about files that are no Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from faasify.errors import FaasifyError
from faasify.frontend import load
from faasify.frontend.files import FOLDER_LIMIT

Lay = Callable[..., Path]


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """Writes files below a folder: `lay({"app.py": "import b"})`."""

    def write(files: dict[str, str | bytes]) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path

    return write


def test_a_script_is_the_module_of_its_stem_run_as_main(lay: Lay) -> None:
    program = load("app.py", cwd=lay({"app.py": "x = 1\n"}))
    assert (program.run_as, program.target, program.main) == ("script", "app.py", "app")
    assert program.modules["app"].import_name == "__main__"


def test_imports_are_followed_wherever_they_stand(lay: Lay) -> None:
    source = "import a\nif x:\n    import b\ndef f():\n    import c\ntry:\n    from d import y\nexcept ImportError:\n    pass\n"
    cwd = lay({"app.py": source, **{f"{n}.py": "import e\n" for n in "abcd"}, "e.py": ""})
    assert set(load("app.py", cwd=cwd).modules) == {"app", "a", "b", "c", "d", "e"}


def test_constant_import_module_is_an_import(lay: Lay) -> None:
    cwd = lay({"app.py": "import importlib\nm = importlib.import_module('plug.one')\n", "plug/__init__.py": "", "plug/one.py": ""})
    assert set(load("app.py", cwd=cwd).modules) == {"app", "plug", "plug.one"}


def test_relative_imports_and_submodules(lay: Lay) -> None:
    cwd = lay(
        {
            "app.py": "import pkg.a\n",
            "pkg/__init__.py": "",
            "pkg/a.py": "from . import b\nfrom .c import z\n",
            "pkg/b.py": "",
            "pkg/c.py": "z = 1",
        }
    )
    assert set(load("app.py", cwd=cwd).modules) == {"app", "pkg", "pkg.a", "pkg.b", "pkg.c"}


def test_a_folder_without_init_is_a_namespace(lay: Lay) -> None:
    assert set(load("app.py", cwd=lay({"app.py": "import ns.a\n", "ns/a.py": ""})).modules) == {"app", "ns.a"}


def test_cyclic_imports_end(lay: Lay) -> None:
    assert set(load("app.py", cwd=lay({"app.py": "import a\n", "a.py": "import b\n", "b.py": "import a, app\n"})).modules) == {
        "app",
        "a",
        "b",
    }


def test_a_module_beside_the_script_that_it_does_not_import_is_data(lay: Lay) -> None:
    program = load(
        "app.py", cwd=lay({"app.py": "", "other.py": "", "words.txt": "", "sub/x.csv": "", ".git/config": "", "__pycache__/a.pyc": ""})
    )
    assert set(program.modules) == {"app"}
    assert program.data_files == ("other.py", "sub/x.csv", "words.txt")


def test_a_file_shadows_the_standard_library_but_not_what_is_loaded_before_it(lay: Lay) -> None:
    cwd = lay({"app.py": "import random, os, time\n", "random.py": "", "os.py": "", "time.py": ""})
    assert set(load("app.py", cwd=cwd).modules) == {"app", "random"}


def test_a_package_folder_is_run_with_itself_as_path(lay: Lay) -> None:
    program = load("pkg", cwd=lay({"pkg/__main__.py": "import helper\n", "pkg/helper.py": ""}))
    assert (program.run_as, program.main, program.root.name) == ("package", "pkg.__main__", "pkg")
    assert set(program.modules) == {"pkg.__main__", "helper"}


def test_a_package_that_imports_from_itself_is_run_as_module(lay: Lay) -> None:
    cwd = lay({"pkg/__init__.py": "", "pkg/__main__.py": "from .helper import f\n", "pkg/helper.py": "f = 1"})
    for program in (load("pkg", cwd=cwd), load("pkg", run_as="module", cwd=cwd)):
        assert (program.run_as, program.target, program.main) == ("module", "pkg", "pkg.__main__")
        assert set(program.modules) == {"pkg", "pkg.__main__", "pkg.helper"}


def test_a_module_of_a_package(lay: Lay) -> None:
    program = load("pkg.tool", run_as="module", cwd=lay({"pkg/__init__.py": "", "pkg/tool.py": "from . import x\n", "pkg/x.py": ""}))
    assert program.main == "pkg.tool"
    assert set(program.modules) == {"pkg", "pkg.tool", "pkg.x"}


def test_a_folder_without_main_is_analysed_whole(lay: Lay) -> None:
    program = load(".", cwd=lay({"a.py": "", "sub/b.py": "", "sub/__init__.py": ""}))
    assert (program.run_as, program.main) == ("folder", None)
    assert set(program.modules) == {"a", "sub", "sub.b"}


def test_an_installed_package_is_analysed_without_being_imported(tmp_path: Path) -> None:
    program = load("wsgiref", cwd=tmp_path)
    assert "wsgiref.util" in program.modules


@pytest.mark.parametrize(
    ("content", "encoding", "value"),
    [
        ("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), "iso-8859-1", "é"),
        (b"\xef\xbb\xbfx = 1\n", "utf-8-sig", "x"),
        (b"x = 1\r\ny = 2\r\n", "utf-8", "\r\n"),
    ],
    ids=["PEP 263", "byte order mark", "line endings are kept"],
)
def test_encodings(lay: Lay, content: bytes, encoding: str, value: str) -> None:
    module = load("app.py", cwd=lay({"app.py": content})).modules["app"]
    assert module.encoding == encoding
    assert value in module.source
    assert module.source.encode(encoding) == content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x = 1\ndef f(:\n", "app.py:2: does not parse"),
        (b"return 1\n", "app.py:1: does not parse: 'return' outside function"),
        (b"x = '\xff'\n", "app.py:1: is no Python source"),
        (b"# coding: nonsense\n", "app.py:1: is no Python source"),
        (b"x = 1\0\n", "app.py:1: does not parse"),
    ],
    ids=["syntax", "compiler", "encoding", "unknown encoding", "NUL"],
)
def test_a_main_file_that_is_no_python_is_one_clear_error(lay: Lay, content: bytes, said: str) -> None:
    with pytest.raises(FaasifyError) as caught:
        load("app.py", cwd=lay({"app.py": content}))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_an_imported_file_that_does_not_parse_is_damage_and_the_rest_is_read(lay: Lay) -> None:
    program = load("app.py", cwd=lay({"app.py": "import bad, good\n", "bad.py": "def (\n", "good.py": ""}))
    assert set(program.modules) == {"app", "good"}
    assert [(d.path, d.line) for d in program.damage] == [("bad.py", 1)]
    assert "bad.py" in program.data_files


@pytest.mark.parametrize(
    ("target", "run_as", "said"),
    [
        ("nope.py", None, "there is no program nope.py"),
        ("app", None, "try: app.py"),
        ("APP.py", None, "try: app.py"),
        ("nope", "module", "there is no module nope"),
        ("pkg", "module", "package without __main__.py"),
        ("pkg", "package", "folder without __main__.py"),
        ("empty", None, "no Python file"),
    ],
)
def test_a_program_that_is_not_there(lay: Lay, target: str, run_as: str | None, said: str) -> None:
    cwd = lay({"app.py": "", "pkg/__init__.py": "", "empty/readme.txt": ""})
    with pytest.raises(FaasifyError, match=said):
        load(target, run_as=run_as, cwd=cwd)  # type: ignore[arg-type]


def test_of_a_huge_folder_only_files_that_the_source_names_are_taken(lay: Lay) -> None:
    cwd = lay({"app.py": "open('wanted.txt')\n", "wanted.txt": "", **{f"d/{i}": "" for i in range(FOLDER_LIMIT)}})
    assert load("app.py", cwd=cwd).data_files == ("wanted.txt",)


def test_a_virtual_environment_is_no_data(lay: Lay) -> None:
    assert load("app.py", cwd=lay({"app.py": "", "env/pyvenv.cfg": "", "env/lib/x.py": ""})).data_files == ()


def test_a_script_with_the_name_of_a_package_beside_it_is_told_apart(lay: Lay) -> None:
    program = load("app.py", cwd=lay({"app.py": "import app.x\n", "app/__init__.py": "", "app/x.py": ""}))
    assert set(program.modules) == {"__main__", "app", "app.x"}
