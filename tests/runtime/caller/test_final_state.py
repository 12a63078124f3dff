"""What a program leaves in its modules, as text: lines that tell any difference that the program could see, and run nothing of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faasify.runtime.caller import final_state
from faasify.runtime.caller.final_state import TooLarge, describe


def left(source: str) -> dict[str, str]:
    module = ModuleType("app")
    exec(compile(source, "app.py", "exec", dont_inherit=True), vars(module))
    return describe({"app": module})


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        pytest.param("n = 3; s = 'a'; x = float('nan')", {"app.n": "3", "app.s": "'a'", "app.x": "nan"}, id="plain"),
        pytest.param("xs = [1]; ys = xs", {"app.xs": "list [1]", "app.ys": "&app.xs"}, id="an alias"),
        pytest.param("xs = [1]; ys = [1]", {"app.xs": "list [1]", "app.ys": "list [1]"}, id="no alias"),
        pytest.param("xs = []; xs.append(xs)", {"app.xs": "list [&app.xs]"}, id="a cycle"),
        pytest.param("d = {(1, 2): {3}}", {"app.d": "dict {(1, 2): &app.d[(1, 2)]}", "app.d[(1, 2)]": "set [3]"}, id="nested"),
        pytest.param("t = (1, 2); u = tuple([1, 2])", {"app.t": "(1, 2)", "app.u": "(1, 2)"}, id="the identity of tuples is not promised"),
        pytest.param("import math; f = math.sin", {"app.math": "module math", "app.f": "builtin sin"}, id="library"),
        pytest.param(
            "def f(a=[]): pass\nf.n = 1",
            {"app.f": "function f {defaults: (&app.f.defaults(0)), attributes: &app.f.attributes}", "app.f.attributes": "dict {'n': 1}"},
            id="a function's state",
        ),
        pytest.param("from collections import deque; q = deque([1], 5)", {"app.q": "collections.deque [1]"}, id="deque"),
        pytest.param("import decimal; d = decimal.Decimal('1.50')", {"app.d": "Decimal('1.50')"}, id="a value of the library"),
        pytest.param(
            "import functools; p = functools.partial(pow, 2)",
            {"app.p": "functools.partial {func: builtin pow, args: (2), keywords: &app.p.keywords}"},
            id="no place in memory",
        ),
        pytest.param(
            "import functools\nf = functools.singledispatch(lambda x: 0)\nf(1)",
            {"app.f.dispatch": "cell function functools.singledispatch.<locals>.dispatch", "app.f.attributes['_clear_cache']": None},
            id="what singledispatch has looked up",
        ),
        pytest.param("import hashlib; h = hashlib.sha1()", {"app.h": "a _hashlib.HASH"}, id="an object told by its place"),
        pytest.param("class C: pass\nC.__annotations__", {"app.C": "class app.C {}"}, id="annotations that were looked at"),
        pytest.param("__warningregistry__ = {'version': 3}", {"app.__warningregistry__": "dict {}"}, id="how often filters changed"),
        pytest.param(
            "import logging; l = logging.Logger('l'); l.isEnabledFor(10)",
            {
                "app.l._cache": None,
                "app.l": "logging.Logger {filters: &app.l.filters, name: 'l', level: 0, parent: None, propagate: True, "
                "handlers: &app.l.handlers, disabled: False}",
            },
            id="what a logger remembers",
        ),
        pytest.param("e = ValueError(1, 'x')", {"app.e": "ValueError (1, 'x')"}, id="an exception"),
    ],
)
def test_a_line_an_object(source: str, lines: dict[str, str]) -> None:
    found = left(source)
    assert {name: found.get(name) for name in lines} == lines


def test_instances_are_told_by_attributes_and_slots_and_asked_nothing() -> None:
    source = """
class P:
    __slots__ = ("x", "__dict__")
    def __init__(self): object.__setattr__(self, "x", 1); vars(self)["y"] = [2]
    def __getattribute__(self, name): raise SystemExit("asked")
    __repr__ = __eq__ = __hash__ = __iter__ = __len__ = __bool__ = lambda self, *a: 1 / 0
    def vars(self): pass
def vars(p): return object.__getattribute__(p, "__dict__")
p = P()
"""
    found = left(source)
    assert (found["app.p"], found["app.p.y"]) == ("app.P {x: 1, y: &app.p.y}", "list [2]")


def test_captured_variables_and_class_attributes_are_state() -> None:
    source = "def outer():\n    n = [1]\n    def inner(): return n\n    return inner\nf = outer()\nclass C:\n    seen = [3]\n"
    found = left(source)
    assert "list [1]" in found.values()
    assert found["app.C.seen"] == "list [3]"


SETS = """
class Node:
    def __init__(self, n): self.n, self.near = n, []
made = {n: Node(n) for n in ORDER}
nodes = set(made.values())
pairs = frozenset((node, node.n) for node in nodes)
inside = {frozenset({Node(n), len}) for n in ORDER}
kinds = {int, len, Node, None}
known = [made[n] for n in range(30)]
known[3].near.append(known[LAST])
del made
"""


def test_a_set_is_told_alike_wherever_its_elements_lie() -> None:
    """Made in another order, they lie in another one."""
    forwards, backwards = (left(SETS.replace("ORDER", order).replace("LAST", "4")) for order in ("range(30)", "range(29, -1, -1)"))
    assert forwards == backwards
    assert forwards != left(SETS.replace("ORDER", "range(30)").replace("LAST", "5"))
    assert forwards != left(SETS.replace("ORDER", "range(30)").replace("LAST", "4") + "known[7].n = 8")


def test_the_order_of_a_set_that_follows_no_addresses_is_told() -> None:
    source = "class Node:\n    def __init__(self, n): self.n = n\n    def __hash__(self): return self.n % 2\nnodes = {Node(ORDER)}"
    one, other = (left(source.replace("ORDER", order)) for order in ("1), Node(3", "3), Node(1"))
    assert one != other


def test_a_long_value_is_told_by_its_hash_and_differs_with_its_end() -> None:
    one, other = left("s = 'x' * 100_000 + 'a'")["app.s"], left("s = 'x' * 100_000 + 'b'")["app.s"]
    assert one != other and len(one) < 200


def test_deep_structures_need_no_recursion() -> None:
    found = left("xs = []\nfor _ in range(50_000): xs = [xs]\nt = ()\nfor _ in range(5_000): t = (t,)")
    assert len(found) > 50_000


def test_too_much_state_is_not_told() -> None:
    with pytest.raises(TooLarge):
        left("xs = [[] for _ in range(300_000)]")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
)


def shown(value: object) -> dict[str, str]:
    module = ModuleType("app")
    module.value = value  # type: ignore[attr-defined]
    return describe({"app": module})


@given(values, values)
def test_lines_differ_exactly_when_values_do(one: object, other: object) -> None:
    assert (shown(one) == shown(other)) == (repr(one) == repr(other))


@pytest.mark.parametrize("way", ["script", "module", "package"])
def test_an_original_is_observed_as_python_runs_it(way: str, tmp_path: Path) -> None:
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "part.py").write_text("found = [1]\n")
    imported = "import part" if way == "package" else "from pkg import part"
    main = f"import sys\n{imported}\nargs = sys.argv[1:]\nname = __name__\npart.found.append(2)\nsys.exit(3)\n"
    (package / "__main__.py").write_text(main)
    words = {"script": ["pkg/__main__.py"], "module": ["-m", "pkg"], "package": ["pkg"]}[way]
    out = tmp_path / "out.json"
    environment = {"PYTHONPATH": str(tmp_path)} if way == "script" else {}
    done = subprocess.run([sys.executable, "-P", final_state.__file__, str(out), *words, "a"], cwd=tmp_path, env=environment, timeout=60)
    assert done.returncode == 3
    state = json.loads(out.read_text())["state"]
    assert (state["__main__.args"], state["__main__.name"]) == ("list ['a']", "'__main__'")
    assert state["part.found" if way == "package" else "pkg.part.found"] == "list [1, 2]"
