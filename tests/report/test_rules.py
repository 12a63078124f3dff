"""`faasify rules NAME`: a library, one function of it, and what is reckoned with when it is not described."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from faasify.errors import UsageError
from faasify.report.rules import show_rule


def shown(name: str, *rules: str) -> str:
    stream = io.StringIO()
    show_rule(name, Console(file=stream, width=80, highlight=False), rules)
    return stream.getvalue()


def test_a_library_is_its_stub_and_what_its_effects_mean() -> None:
    text = shown("glob")
    assert "\ndef glob(*args, **kwargs) -> Touches[files] | Returns[list]: ...\n" in text
    assert text.endswith("files: touches the file system; a function that does it stays\n")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        pytest.param("json.dump", ["def dump(obj, fp,", "Mutates[fp]"], id="a function"),
        pytest.param("pathlib.Path.read_text", ["def read_text(self", "files: touches"], id="a method"),
        pytest.param("collections.OrderedDict.get", ["(described as builtins.dict.get)", "def get(self, key"], id="inherited"),
        pytest.param("os.path.join", ["def join("], id="of a module in a package"),
        pytest.param("posixpath.join", ["(described as os.path.join)"], id="under another name"),
        pytest.param("len", ["def len(obj, /)"], id="a builtin"),
        pytest.param("sys.argv", ["hidden.argv: uses sys.argv; carried with the call"], id="a variable"),
        pytest.param("print", ["stdout: writes to standard output"], id="a stream that is given"),
        pytest.param("threading.Lock", ["class Lock:", "locks: makes or uses a lock"], id="a class"),
        pytest.param("zipfile.ZipFile", ["no effect stub describes it: Python source", "decided by the guard"], id="not described"),
        pytest.param("http.HTTPStatus", ["an exception, enumeration or tuple", "no effect"], id="not described, and harmless"),
    ],
)
def test_one_thing_of_a_library(name: str, parts: list[str]) -> None:
    text = shown(name)
    assert text.startswith(name)
    assert [part for part in parts if part not in text] == []


@pytest.mark.parametrize("name", ["no_such_rule", "json.nothing", "nowhere.nothing"])
def test_an_unknown_name_is_an_error_that_names_the_choices(name: str) -> None:
    with pytest.raises(UsageError) as error:
        show_rule(name, Console(file=io.StringIO()))
    assert "choose from" in str(error.value.hint)


def test_a_library_that_the_project_describes_is_shown_as_ours_are(tmp_path: Path) -> None:
    (tmp_path / "effects").mkdir()
    (tmp_path / "effects" / "mylib.pyi").write_text('"""Mine."""\n\ndef send(x) -> Touches[network]: ...\n')
    (tmp_path / "json.pyi").write_text('"""Another one."""\n\ndef dumps(x) -> Writes[stdout]: ...\n')
    for name in ("mylib", "mylib.send"):
        assert "def send(x) -> Touches[network]: ..." in shown(name, str(tmp_path))
        assert "network: touches the network" in shown(name, str(tmp_path))
        with pytest.raises(UsageError):
            shown(name)
    (tmp_path / "effects" / "mylib.pyi").unlink()
    (tmp_path / "effects").rmdir()
    assert "def dumps(x) -> Writes[stdout]: ..." in shown("json.dumps", str(tmp_path))
