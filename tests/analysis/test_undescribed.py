"""What is reckoned with when a program calls a library function that no effect stub describes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from faasify.analysis import undescribed
from faasify.analysis.library import Catalogue


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        pytest.param("configparser:ConfigParser", ("undescribed",), id="Python source is the guard's"),
        pytest.param("http:HTTPStatus", (), id="an enumeration"),
        pytest.param("zipfile:BadZipFile", (), id="an exception"),
        pytest.param("readline:get_line_buffer", ("terminal",), id="native code of the standard library without audit events"),
        pytest.param("_struct:pack", ("undescribed",), id="native code of the standard library that announces what it does"),
        pytest.param("nowhere:nothing", ("undescribed",), id="not installed"),
        pytest.param("os:SEEK_SET", (), id="a value"),
    ],
)
def test_standard_library(path: str, kinds: tuple[str, ...]) -> None:
    assert Catalogue.default().undescribed(path).kinds == kinds


LIBRARY = """
import subprocess as sp
from os import path, system
from . import inner
from .native import run

def starts(x): return sp.run(x)
def starts_through(x):
    y = [x]
    return starts(y)
def may_start(x):
    if x:
        sp.run(x)
def starts_after_a_way_out(x):
    if x:
        return
    sp.run(x)
def may_reach_native(x):
    if x:
        run(x)
def in_another_module(x): return inner.start(x)
def plain(x): return path.join(x, x)
def through_a_value(x): return x.run()
def circle(x): return circle(x)
class Made:
    def __init__(self): self.go()
    def go(self): system("true")
class Plain: ...
"""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "undescribed_library"
    package.mkdir()
    (package / "__init__.py").write_text(LIBRARY)
    (package / "inner.py").write_text("import subprocess\ndef start(x): subprocess.Popen(x)\n")
    (package / "native.cpython-311-x86_64-linux-gnu.so").touch()
    for suffix in undescribed.EXTENSION_SUFFIXES:
        (package / f"native{suffix}").touch()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    undescribed._spec.cache_clear()
    undescribed.source.cache_clear()


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("starts", ("subprocess",)),
        ("starts_through", ("subprocess",)),
        ("in_another_module", ("subprocess",)),
        ("Made", ("subprocess",)),
        ("may_start", ("undescribed",)),
        ("starts_after_a_way_out", ("undescribed",)),
        ("may_reach_native", ("ctypes",)),
        ("plain", ("undescribed",)),
        ("through_a_value", ("undescribed",)),
        ("circle", ("undescribed",)),
        ("Plain", ("undescribed",)),
    ],
)
def test_what_the_source_shows(library: None, name: str, kinds: tuple[str, ...]) -> None:
    assert Catalogue.default().undescribed(f"undescribed_library:{name}").kinds == kinds


def test_nothing_is_imported(library: None) -> None:
    Catalogue.default().undescribed("undescribed_library:starts")
    assert "undescribed_library" not in sys.modules
