"""What counts as closed. A wrong yes would be a change that nobody sees; a wrong no only costs time."""

from __future__ import annotations

from collections import deque

import pytest

from faasify.runtime.caller.closed import CHANGING, closed_nodes, facts, timeless


def found(source: str):
    code = compile("def f(a, b=None, *c, **d):\n    " + source.replace("\n", "\n    "), "f.py", "exec")
    return facts([next(c for c in code.co_consts if hasattr(c, "co_code"))])


CLOSED = [
    "return a + b",
    "return sum(x.size for x in sorted(a, key=len))",
    "print(a, f'{b:>5}', sep='')",
    "try:\n    return a[0]\nexcept (KeyError, IndexError) as e:\n    raise ValueError(str(e)) from e",
    "a.items.append(b)\na.x = 1\nreturn helper(a)",
    "return {k: v for k, v in a.items()} | {'x': (1, 2)}",
    "return super(a).__init__(b)",
    "return ','.join(map(str, a)).upper().encode()",
    "def inner(): return a\nreturn inner()",
    "match a:\n    case [x, *_]: return x\n    case {'k': v}: return v",
    "yield from a",
]
OPEN = [
    "import os",
    "from json import dumps\nreturn dumps(a)",
    "return getattr(a, b)",
    "setattr(a, b, 1)",
    "return eval(a)",
    "return globals()",
    "return open(a)",
    "return input()",
    "return a.__globals__",
    "return a.__dict__",
    "return a.__self__",
    "return a.__builtins__",
    "return a.__class__.__subclasses__()",
    "return a.__reduce__()",
    "return a.__traceback__",
    "return a.tb_frame",
    "return a.gi_frame",
    "return a.f_back",
    "return '{0.x}'.format(a)",
    "return a.format_map(b)",
    "class C: pass\nreturn C",
    "def inner():\n    return vars(a)\nreturn inner",
    "return (lambda: __import__('os'))",
    "return type(a).mro()",
    "return id(a)",
    "return memoryview(a)",
    "breakpoint()",
]


@pytest.mark.parametrize("source", CLOSED)
def test_closed(source: str) -> None:
    assert found(source).closed


@pytest.mark.parametrize("source", OPEN)
def test_not_closed(source: str) -> None:
    assert not found(source).closed


@pytest.mark.parametrize(
    ("source", "stores"),
    [
        ("a[0] = b\na.append(b)", []),
        ("a.x = 1", ["attributes"]),
        ("a.x += 1", ["attributes"]),
        ("del a.x", ["attributes"]),
        ("def g():\n    a.x = 1\nreturn g", ["attributes"]),
        ("global z\nz = 1", ["globals"]),
        ("global z\ndel z", ["globals"]),
        ("for a.x in b: pass", ["attributes"]),
    ],
)
def test_what_is_stored(source: str, stores: list[str]) -> None:
    assert found(source).stores == stores


@pytest.mark.parametrize(
    ("node", "closed"),
    [
        (["l", [1]], True),
        (["f", "app:f@1:0-1", None, None, [], {}], True),
        (["ref", "builtins:len"], True),
        (["ref", "math:sqrt"], True),
        (["ref", "builtins:open"], False),
        (["ref", "builtins:"], False),
        (["ref", "sys:"], False),
        (["ref", "json:dumps"], False),
        (["std", "stdout"], False),
        (["opaque", "ModuleSpec"], False),
        (["R", "builtins.range", [1, 2, 1]], True),
        (["R", "random.Random", []], False),
        (["R", "decimal.Decimal", ["1"]], False),
        (["bd", "object", "__eq__"], True),
        (["bd", "object", "__setattr__"], False),
        (["brand new"], False),
    ],
)
def test_nodes(node: list[object], closed: bool) -> None:
    assert closed_nodes([["l", []], node]) is closed


def _timeless(source: str, libraries: set[str]) -> bool:
    code = compile(source, "f.py", "exec")
    return timeless(libraries, set(code.co_names), [code])


@pytest.mark.parametrize(
    "source",
    ["np.array('now', dtype='M8[s]')", "a.astype('<M8[D]')", "np.array(x, dtype='datetime64[s]')", "a[0] = 'Today'", "f('x', ('now',))"]
    + ["np.datetime64('now')", "def g():\n    return np.full(3, 'now', kind)"],
)
def test_what_numpy_may_take_for_the_present_time_begins_when_it_is_called(source: str) -> None:
    assert not _timeless(source, {"builtins", "numpy"})
    assert _timeless("'knows', 'M', 'a date'; np.sum(x)", {"builtins", "numpy"})
    assert _timeless(source.replace("datetime64(", "other("), {"builtins", "json"})


READERS = [
    "return sum(x['n'] for x in a) + len(b)",
    "return sorted(a, key=len), a[0], a[1:], b == a, b in a, a + b, a * 2",
    "x = 0\nx = x + a[0]\nreturn x, [y for y in a], {y: 1 for y in a}, {y for y in a}, {**b, 'k': [*a]}",
    "return a.get('k'), list(a.items()), a.keys() & b.keys(), a.count(1), a.index(1), a.copy(), a.union(b), a.isdisjoint(b)",
    "first, *rest = a\nfor k, v in b.items(): yield k, v, first, rest",
    "match a:\n    case {'k': [x, *_]}: return x",
    "return 'x'.join(a), a.decode(), a.startswith(b), '%s %s' % a, f'{a!r:>5}'",
]
CHANGERS = [
    *("a[0] = 1", "a[0] += 1", "a[1:] = b", "a[1:2] += b", "del a[0]", "del a[1:]", "a += b", "a |= b", "a *= 2", "a -= b", "a &= b"),
    *("for a[0] in b: pass", "a[0], x = b", "with b as a[0]: pass", "def g():\n    a[0] = 1\nreturn g()"),
    "return [a.append(x) for x in b]",
    "return list.append(a, b)",
    "x = a.append\nx(1)",
    "return map(a.append, b)",
    "a.__setitem__(0, 1)",
    "a.__delitem__(0)",
    "a.__iadd__(b)",
    "dict.__init__(a, b)",
    "return a.fromkeys(b)",
    "a.__notes__ = b\na.add_note('n')",
    *(
        f"a.{name}(b)"
        for name in (
            *("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort", "popitem", "setdefault", "update", "add"),
            *("discard", "difference_update", "intersection_update", "symmetric_difference_update", "appendleft", "rotate"),
        )
    ),
]


@pytest.mark.parametrize("source", READERS)
def test_what_leaves_containers_as_they_are(source: str) -> None:
    assert not found(source).changes


@pytest.mark.parametrize("source", sorted(set(CHANGERS)))
def test_what_may_change_a_container(source: str) -> None:
    assert found(source).changes


def test_every_method_that_changes_a_container_is_known() -> None:
    """Each is called on a container of two elements, with what it may want; who changes it is to be known."""
    wanted = [(), (0,), ("k",), ([5],), ({"x": 5},), (0, 5), (5, 5), ("y", 5), (b"z",)]
    for kind, content in [(list, [3, 0]), (dict, {"k": 1, 0: 2}), (set, {0, "k", 3}), (bytearray, b"\0z"), (deque, [3, 0])]:
        for name in dir(kind):
            for arguments in wanted:
                obj = kind(content)
                was = repr(obj), list(obj)
                try:
                    getattr(obj, name)(*arguments)
                except Exception:
                    continue
                if (repr(obj), list(obj)) != was:
                    assert name in CHANGING or name.startswith("__i"), (kind, name)
