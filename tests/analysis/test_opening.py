"""The constant path and mode of a call that touches files, and what is no constant."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

import pytest

from faasify.analysis.opening import detail, taken_apart
from faasify.model.program import Module

HEAD = "DATA = 'words.txt'\nHERE = Path(__file__).parent\ntwice = 'a'\ntwice = 'b'\nshadowed = 'c'\ndef f(shadowed): pass\n"


def of(call: str, path: str = "pkg/load.py") -> str:
    source = HEAD + call
    tree = ast.parse(source)
    module = Module("load", "load", Path(path), path, source, "utf-8", hashlib.sha256(b"").hexdigest(), tree)
    statement = tree.body[-1]
    assert isinstance(statement, ast.Expr)
    return detail(statement.value, module)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("open('data.txt')", '"data.txt", "r"'),
        ("open('data.txt', 'wb')", '"data.txt", "wb"'),
        ("open(file='data.txt', mode='a')", '"data.txt", "a"'),
        ("io.open('x', encoding='utf-8')", '"x", "r"'),
        ("gzip.open('x.gz', 'rt')", '"x.gz", "rt"'),
        ("open(path, 'w')", '..., "w"'),
        ("open(path, mode)", ""),
        ("open(*words)", ""),
        ("open('x', **options)", '"x"'),
        ("os.listdir('folder')", '"folder"'),
        ("os.remove(path)", ""),
        ("Path('a', 'b.txt').read_text()", '"a/b.txt", "r"'),
        ("Path('a').joinpath('b').write_bytes(x)", '"a/b", "wb"'),
        ("Path('a').open('w')", '"a", "w"'),
        ("Path('a').exists()", '"a"'),
        ("path.read_text()", '..., "r"'),
        ("(Path(__file__).parent / 'd.csv').read_text()", '"pkg/d.csv", "r"'),
        ("(HERE / 'd.csv').open()", '"pkg/d.csv", "r"'),
        ("Path(__file__).with_name('d.csv').open()", '"pkg/d.csv", "r"'),
        ("Path(__file__).resolve().parent.parent.joinpath('d.csv').open()", '"d.csv", "r"'),
        ("open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'd.csv'))", '"pkg/d.csv", "r"'),
        ("open(DATA)", '"words.txt", "r"'),
        ("open(twice)", '..., "r"'),
        ("open(shadowed)", '..., "r"'),
        ("open('größe\\'\".txt')", '"größe\'\\".txt", "r"'),
        ("open('a\\0b')", '..., "r"'),
        ("open('')", '..., "r"'),
        ("open(" + " / ".join(["'a'"] * 500) + ")", '..., "r"'),
        ("x", ""),
    ],
)
def test_detail(call: str, expected: str) -> None:
    assert of(call) == expected


def test_a_detail_is_taken_apart() -> None:
    assert taken_apart('"größe\'\\".txt", "r"') == ("größe'\".txt", "r")
    assert taken_apart('..., "w"') == (None, "w")
    assert taken_apart('"x"') == ("x", None)
    assert taken_apart("") == taken_apart("[[[") == (None, None)
