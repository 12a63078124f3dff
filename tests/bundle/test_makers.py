"""Calls that start-up state may hold, and those that it must not."""

from __future__ import annotations

import ast

import pytest

from faasify.bundle.startup import StartUp

BEFORE = """
import collections, operator, os, re, struct, sys
import util
from collections import defaultdict
from dataclasses import dataclass, field as f
from enum import Enum, auto
NAMES = ("a", "b")
def helper(): ...
"""


def accepted(statement: str, before: str = BEFORE) -> bool:
    start = StartUp({"util"})
    for node in ast.parse(before).body:
        start.accepts(node)
    return start.accepts(ast.parse(statement).body[0])


@pytest.mark.parametrize(
    "statement",
    [
        'WORD = re.compile(r"[a-z]+", 2)',
        'STOP = frozenset("a b c".split())',
        "SET = set(NAMES)",
        'P = collections.namedtuple("P", ["x", "y"], defaults=(1,))',
        "GROUPS = defaultdict(list)",
        "class A:\n    lines: list = f(default_factory=list)",
        "class Colour(Enum):\n    RED = auto()",
        'HEAD = struct.Struct(">IH")',
        'SPLIT = operator.methodcaller("split", sep=",")',
        'TEXT: bytes = "é".encode("latin-1")',
    ],
)
def test_a_value_made_of_constants_is_start_up_state(statement: str) -> None:
    assert accepted(statement)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("LINES = list(sys.stdin)", id="reads"),
        pytest.param("HOME = dict(os.environ)", id="state of the process"),
        pytest.param("X = helper()", id="a call of the program's"),
        pytest.param("X = collections.Counter(helper())", id="a call of the program's inside"),
        pytest.param("X = util.compile(1)", id="another module of that name"),
        pytest.param("X = re.compile(*NAMES)", id="arguments that cannot be seen"),
        pytest.param("X = dict(**NAMES)", id="keywords that cannot be seen"),
        pytest.param("X = bytes(10**9)", id="a size"),
        pytest.param("X = re.sub('a', 'b', 'c')", id="a function that is not listed"),
        pytest.param("X = list(n for n in NAMES)", id="a generator"),
        pytest.param("X = unknown.field()", id="a name that is not known"),
    ],
)
def test_any_other_call_is_not(statement: str) -> None:
    assert not accepted(statement)


def test_a_name_that_the_program_binds_is_no_builtin() -> None:
    assert not accepted("X = frozenset('a')", BEFORE + "def frozenset(x): ...\n")
