"""Types of library results, as type stubs say them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from faasify.analysis.typeshed import Type, Typeshed, attribute, bases, kind, members, results

STR, BYTES, INT, NONE = (Type(f"builtins:{n}") for n in ("str", "bytes", "int", "NoneType"))
OPEN = Type("?")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("re:match", {Type("re:Match", (STR,)), Type("re:Match", (BYTES,)), NONE}, id="overloads and unions are united"),
        pytest.param("builtins:max", {OPEN}, id="a type variable is left open"),
        pytest.param("json:loads", {OPEN}, id="Any is left open"),
        pytest.param("builtins:str.split", {Type("builtins:list", (STR,))}, id="a method"),
        pytest.param("os:path.join", {STR, BYTES}, id="a module under another name, a type variable with constraints"),
        pytest.param("os:environ.get", {STR, NONE, OPEN}, id="a method of what a variable holds"),
        pytest.param("random:random", {Type("builtins:float")}, id="a bound method under a module's name"),
        pytest.param("datetime:datetime.now", {Type("datetime:datetime")}, id="Self is the class"),
        pytest.param(
            "pathlib:PosixPath.absolute", {Type("pathlib:PosixPath")}, id="Self is the class that was asked, not the one that defines"
        ),
        pytest.param("io:StringIO", {Type("io:StringIO")}, id="a class gives its instance, under its public name"),
        pytest.param("asyncio:Lock.acquire", {Type("builtins:coroutine", (Type("builtins:bool"),))}, id="an async def gives a coroutine"),
        pytest.param("builtins:str.__iter__", {Type("collections.abc:Iterator", (STR,))}, id="elements of an iterator"),
        pytest.param("sys:exit", set(), id="never returns"),
        pytest.param("nowhere:nothing", set(), id="no such module"),
        pytest.param("re:nothing", set(), id="no such function"),
        pytest.param("re", set(), id="a module is not called"),
    ],
)
def test_results(path: str, expected: set[Type]) -> None:
    assert set(results(path)) == expected


def test_what_is_open_stands_last() -> None:
    assert results("builtins:dict.get")[-1] == OPEN


def test_the_receivers_arguments_fix_its_type_variables() -> None:
    assert BYTES in results("re:Match.group") and BYTES not in results("re:Match.group", (STR,))
    assert results("collections:Counter.get", (STR,))[0] == INT  # through the base dict[T, int]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("sys:argv", (Type("builtins:list", (STR,)),)),
        ("http:HTTPStatus.OK", (Type("http:HTTPStatus"),)),
        ("re:IGNORECASE", (Type("re:RegexFlag"),)),
        ("string:digits", (STR,)),
        ("datetime:datetime.year", (INT,)),
        ("urllib.parse:ParseResult.netloc", (STR,)),
        ("re:match", ()),
    ],
)
def test_attribute(path: str, expected: tuple[Type, ...]) -> None:
    assert attribute(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("os:path", "module"),
        ("xml.etree.ElementTree", "module"),
        ("os:path.join", "function"),
        ("collections.abc:Iterable", "class"),
        ("sys:argv", "variable"),
        ("pathlib:Path.parent", "property"),
        ("nowhere", None),
    ],
)
def test_kind(path: str, expected: str | None) -> None:
    assert kind(path) == expected


def test_members_and_bases() -> None:
    assert {"most_common", "items", "__iter__", "__init__"} <= members("collections:Counter")
    assert bases("collections:Counter") == ("builtins:dict",)
    assert bases("builtins:object") == () and members("re:match") == frozenset()


@pytest.mark.parametrize(
    "path", ["re:Match", "io:StringIO", "collections:deque", "threading:Lock", "json:JSONDecoder", "collections.abc:Set"]
)
def test_a_public_name_is_where_the_class_can_be_imported_from(path: str) -> None:
    assert results(path) == (Type(path),)


def test_a_typed_distribution_is_read_from_its_sources_an_untyped_one_is_not(tmp_path: Path) -> None:
    for package, typed in (("typed", True), ("untyped", False)):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("from .core import run\n__all__ = ['run']\n")
        (tmp_path / package / "core.py").write_text("class Done: ...\ndef run() -> Done: return Done()\n")
        if typed:
            (tmp_path / package / "py.typed").touch()
    stubs = Typeshed([tmp_path])
    assert stubs.results("typed:run") == (Type("typed.core:Done"),)
    assert stubs.results("untyped:run") == ()


def test_a_broken_stub_is_no_stub(tmp_path: Path) -> None:
    (tmp_path / "broken-stubs").mkdir()
    (tmp_path / "broken-stubs" / "__init__.pyi").write_text("def f( -> int: ...")
    assert Typeshed([tmp_path]).results("broken:f") == ()


def test_a_circle_of_aliases_ends(tmp_path: Path) -> None:
    (tmp_path / "circle-stubs").mkdir()
    (tmp_path / "circle-stubs" / "__init__.pyi").write_text("A = B\nB = A\ndef f() -> A: ...\nclass C(C): ...\n")
    stubs = Typeshed([tmp_path])
    assert stubs.results("circle:f") == (OPEN,)
    assert stubs.results("circle:C") == (Type("circle:C"),)


def test_an_alias_that_is_its_own_part_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "deep-stubs").mkdir()
    parts = " | ".join(f"tuple[A, {kind}[A]]" for kind in ("list", "dict", "set", "tuple", "frozenset"))
    (tmp_path / "deep-stubs" / "__init__.pyi").write_text(f"A = int | {parts}\ndef f() -> A: ...\n")
    assert Typeshed([tmp_path]).results("deep:f")[0] == INT


def test_nothing_is_read_before_the_first_question() -> None:
    code = "import sys, faasify.analysis.typeshed; sys.exit('typeshed_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
