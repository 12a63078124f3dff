"""Constant sets iterate after marshal as the compiler made them."""

from __future__ import annotations

import ast
import importlib.util
import marshal
import os
import random
import subprocess
import sys

import pytest

from faasify.runtime.caller.constants import marshalled

_KINDS = {
    "ints": lambda draw: draw.randrange(10**8),
    "negative": lambda draw: -draw.randrange(10**12),
    "long": lambda draw: draw.randrange(10**40),
    "floats": lambda draw: draw.random(),
    "pairs": lambda draw: (draw.randrange(999), draw.randrange(9)),
    "bytes": lambda draw: b"b%d" % draw.randrange(999),
    "mixed": lambda draw: draw.choice([None, True, ..., 2j, (1, (2.5, -3)), draw.randrange(10**9), draw.random()]),
}


@pytest.mark.parametrize("kind", _KINDS)
def test_what_is_read_back_iterates_as_what_was_compiled(kind):
    draw, changed = random.Random(kind), 0
    for _ in range(40):
        elements = [_KINDS[kind](draw) for _ in range(draw.randrange(2, 60))]
        shown, backwards = ", ".join(map(repr, elements)), ", ".join(map(repr, elements[::-1]))
        tree = ast.parse(f"def f(): return {{{shown}}}, {elements[0]!r}\nx = {{{backwards}}}\nfor y in {{{shown}, 5000011}}: pass")
        code, here, there, plain = compile(tree, "", "exec"), {}, {}, {}
        exec(code, here)
        exec(marshal.loads(marshalled(code, tree)), there)
        exec(marshal.loads(marshal.dumps(code)), plain)
        assert marshal.loads(marshalled(code, tree)) == code
        assert [*here["x"]] == [*there["x"]] and [*here["f"]()[0]] == [*there["f"]()[0]] and here["y"] == there["y"]
        changed += [*here["x"]] != [*plain["x"]]
    assert changed or kind == "mixed"


def test_names_are_in_order_where_the_seed_is_fixed(tmp_path):
    """In processes of their own: the compiler looks which names the interpreter knows."""
    script = (
        "import ast, sys; from faasify.runtime.caller.constants import marshalled\n"
        "from importlib.util import MAGIC_NUMBER as magic\n"
        "for file in sys.argv[1:]:\n"
        "    tree = ast.parse(open(file).read())\n"
        "    open(file + 'c', 'wb').write(magic + bytes(12) + marshalled(compile(tree, file, 'exec'), tree))\n"
    )
    words = ["alpha", "beta", "gamma", "theta", "name", "self", "open", "read", "list", "dict", "str", "key", "red", "blue", "two", "words"]
    draw, files = random.Random(7), []
    for number in range(8):
        names, known = draw.sample(words, draw.randrange(5, 15)), draw.sample(words, 2)
        files.append(tmp_path / f"p{number}.py")
        files[-1].write_text(f"{known[0]} = 1\ndef f(): return {set(names)!r}\nprint(*f())\nx = {known[1]!r}\n")
    env = {**os.environ, "PYTHONHASHSEED": "0"}
    subprocess.run([sys.executable, "-c", script, *files], env=env, check=True)
    for file in files:
        shown, read = (subprocess.run([sys.executable, f], env=env, capture_output=True, text=True, check=True) for f in (file, f"{file}c"))
        assert shown.stdout == read.stdout


def test_code_without_sets_is_what_marshal_writes():
    tree = ast.parse("def f(a, *, b=1): return [a, {b}, {1: 2}, (1, 2), 'text', x in {1, f}]")
    code = compile(tree, "", "exec")
    assert marshalled(code, tree) == marshal.dumps(code)


def test_the_whole_library_is_read_back(library_files):
    for file in library_files:
        with open(file, "rb") as f:
            tree = ast.parse(f.read())
        code = compile(tree, file, "exec", dont_inherit=True)
        assert marshal.loads(marshalled(code, tree)) == code, file


@pytest.fixture
def library_files():
    names = ["argparse", "ast", "calendar", "datetime", "decimal", "enum", "inspect", "locale", "pathlib", "re", "tarfile", "typing"]
    specs = [importlib.util.find_spec(name) for name in names]
    return [spec.origin for spec in specs if spec and spec.origin and spec.origin.endswith(".py")]
