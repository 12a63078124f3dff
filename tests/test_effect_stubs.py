"""Every effect stub reads, has a docstring, and describes what its module has."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import re
import sys
from pathlib import Path

import pytest

from faasify.analysis import typeshed
from faasify.analysis.library import Catalogue
from faasify.analysis.structured import STRUCTURED
from faasify.analysis.stubs import parse_stub, read_stub
from faasify.analysis.summaries import Described, LibraryAlias, LibraryClass, LibraryFunction, LibraryVariable
from faasify.analysis.syntax import all_arguments
from faasify.resources import folder

STUBS = sorted((folder("rules") / "effects").glob("*.pyi"))


def described(members: dict[str, Described]) -> list[Described]:
    found = []
    for member in members.values():
        found.append(member)
        if isinstance(member, LibraryClass):
            found += described(dict(member.members))
    return found


@pytest.mark.parametrize("path", STUBS, ids=lambda p: p.stem)
def test_a_stub_reads_and_says_what_it_is_about(path: Path) -> None:
    assert read_stub(path)
    assert path.read_text().startswith('"""')


@pytest.mark.parametrize("path", STUBS, ids=lambda p: p.stem)
def test_names_that_a_stub_gives_back_are_described_somewhere(path: Path) -> None:
    catalogue = Catalogue.default()
    for member in described(dict(read_stub(path))):
        if isinstance(member, LibraryAlias):
            assert ":" not in member.path or catalogue.find(member.path) is not None, member.path
        elif isinstance(member, LibraryFunction | LibraryVariable):
            for returned in member.summary.returns:
                if not returned.startswith("=") and returned != "decorator":
                    assert isinstance(catalogue.find(returned), LibraryClass), f"{member.path} gives back {returned}"
        else:
            for base in member.bases:
                assert catalogue.find(base) is not None, f"{member.path} inherits from {base}"


@pytest.mark.parametrize(
    "name", ["math", "random", "itertools", "functools", "heapq", "re", "json", "time", "copy", "bisect", "statistics"]
)
def test_every_public_function_of_the_module_is_described(name: str) -> None:
    module = importlib.import_module(name)
    public = getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]
    members = Catalogue.default().members(name)
    missing = [n for n in public if callable(getattr(module, n, None)) and not inspect.ismodule(getattr(module, n)) and n not in members]
    assert missing == []


def test_every_builtin_is_described() -> None:
    import builtins

    members = Catalogue.default().members("builtins")
    assert [
        n for n in dir(builtins) if not n.startswith("_") and n not in members and n not in ("None", "True", "False", "WindowsError")
    ] == []


@pytest.mark.parametrize("cls", [str, bytes, bytearray, list, tuple, dict, set, frozenset, int, float], ids=lambda c: c.__name__)
def test_every_method_of_a_builtin_type_is_described(cls: type) -> None:
    catalogue = Catalogue.default()
    assert [n for n in dir(cls) if not n.startswith("_") and catalogue.member(f"builtins:{cls.__name__}", n) is None] == []


@pytest.mark.parametrize("name", ["ndarray", "generic"])
def test_every_attribute_of_an_array_is_described(name: str) -> None:
    catalogue, cls = Catalogue.default(), getattr(importlib.import_module("numpy"), name)
    assert [n for n in dir(cls) if not n.startswith("_") and catalogue.member(f"numpy:{name}", n) is None] == []


def test_examples_in_stubs_are_calls_of_described_functions() -> None:
    assert parse_stub("def seed(a=None) -> Writes[hidden.random]: ...", module="random", file="x.pyi")


CASES = Path(os.environ.get("FAASIFY_CASES", "")) if os.environ.get("FAASIFY_CASES") else None


def imported(file: Path) -> set[str]:
    """The modules of the standard library that a source imports."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return set()
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name for name in found if name.partition(".")[0] in sys.stdlib_module_names}


@pytest.mark.yardstick
@pytest.mark.skipif(CASES is None, reason="$FAASIFY_CASES names no laid-out programs")
def test_every_module_of_the_standard_library_that_programs_import_is_described() -> None:
    assert CASES is not None
    wanted = set().union(*(imported(file) for file in CASES.rglob("*.py")))
    elsewhere = {"winreg", "_winapi"}  # Windows
    assert sorted(wanted - set(Catalogue.default().modules()) - elsewhere) == []


def test_a_class_that_type_stubs_define_elsewhere_is_described_there_too() -> None:
    catalogue = Catalogue.default()
    for function, name in [
        ("csv:reader", "__next__"),
        ("hashlib:sha256", "update"),
        ("builtins:dict.items", "__iter__"),
        ("re:match", "group"),
    ]:
        for result in typeshed.results(function):
            if result.path != "builtins:NoneType":
                assert catalogue.member(result.path, name) is not None, result


_CALLABLE = re.compile(r"Callable|Func|_Factory|_Hook|Predicate|[cC]allback")
_LOOKED_AT = re.compile(  # what these are given is looked at, or comes back as something that is called later
    r"inspect:|ast:|numpy|builtins:BaseExceptionGroup|atexit:unregister|asyncio:iscoroutinefunction|builtins:(property\.|__build_class__)|enum:property\.|typing:"
    r"|types:DynamicClassAttribute\.|functools:(singledispatchmethod\.register|wraps|update_wrapper)"
)


@pytest.mark.parametrize("path", STUBS, ids=lambda p: p.stem)
def test_what_the_type_stubs_call_a_callable_is_called_kept_or_given_back(path: Path) -> None:
    silent = []
    for member in described(dict(read_stub(path))):
        found = typeshed.default().find(member.path)
        elsewhere = member.path in STRUCTURED or _LOOKED_AT.match(member.path)
        if not isinstance(member, LibraryFunction) or found is None or elsewhere:
            continue
        summary = member.summary
        spoken_of = {*(c.param for c in summary.calls), *(h.param for h in summary.holds), *summary.gives, *summary.yields}
        spoken_of |= {h.made_by.param for h in summary.holds if h.made_by} | {name[1:] for name in summary.returns}
        for node in found.nodes if not spoken_of & {member.vararg, member.kwarg} - {None} else ():
            for argument in all_arguments(node.args) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ():
                if argument.annotation is not None and _CALLABLE.search(ast.unparse(argument.annotation)) and argument.arg not in spoken_of:
                    silent.append(f"{member.path}({argument.arg})")
    assert silent == []
