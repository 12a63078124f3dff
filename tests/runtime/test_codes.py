"""Keys of code: two compilations of the same lines agree, and different code has different keys."""

from __future__ import annotations

import pytest

from faasify.runtime.unit.codes import CodeTable, all_names, fields, global_names, hands_out_code, names_in, spells_hash, walk

ONE_LINE = {
    "lambdas": "F = [lambda: 1, lambda: 2, lambda: True, lambda: 1.0, lambda: None, lambda: 'a']",
    "lambdas in lambdas": "F = lambda x: (lambda: x), lambda x=(lambda: 5): x()",
    "comprehensions": "F = [x for x in range(3)], [y for y in range(4)], {x for x in F}, (x for x in F)",
    "functions": "def f(): return 1\ndef f(): return 2\nclass A:\n    def f(self): return 1\n    f2 = lambda self: 1",
    "long names": "\n".join(f"x{i} = lambda: y{i}" for i in range(300)) + "\ndef f():\n" + "\n".join(f"    y{i}()" for i in range(300)),
}


@pytest.mark.parametrize("source", ONE_LINE.values(), ids=ONE_LINE)
def test_every_code_object_is_found_by_its_key_in_another_compilation(source):
    here, there = CodeTable(), CodeTable()
    code, again = (compile(source, "app.py", "exec") for _ in range(2))
    here.add("app", code)
    there.add("app", again)
    for one, other in zip(walk(code), walk(again), strict=True):
        key = here.key_of(one)
        assert key is not None and there.code_of(key) == other


def test_code_that_two_places_share_has_no_key():
    table = CodeTable()
    table.add("app", compile("def f(): return x", "app.py", "exec"))
    table.add("app", compile("def f(): return y", "app.py", "exec"))
    assert not [key for key in table.keys() if ":f@" in key]  # noqa: SIM118


def test_the_key_of_a_slice_is_that_of_the_whole_file():
    whole = "X = [i for i in range(9)]\ndef g():\n    return 1\n\ndef f(a):\n    return [a + X[0] for _ in a]\n"
    kept = "\n\n\n\ndef f(a):\n    return [a + X[0] for _ in a]\n"
    file, part = CodeTable(), CodeTable()
    file.add("app", compile(whole, "app.py", "exec"))
    part.add("app", compile(kept, "app.py", "exec"))
    assert {k for k in part.keys() if "module" not in k} <= file.keys()  # noqa: SIM118


def test_names():
    code = compile(
        "def f():\n    global G\n    G = 1\n    class C:\n        y = H\n    import os.path\n    return lambda: K.attr", "app.py", "exec"
    )
    (f,) = [c for c in walk(code) if c.co_name == "f"]
    assert {"G", "H", "K"} <= global_names(f) and "attr" not in global_names(f)
    assert {"G", "H", "K", "attr", "os.path"} <= all_names(f)


def test_nothing_else_is_code():
    table = CodeTable()
    table.add("app", compile("def f(): pass", "app.py", "exec"))
    assert table.code_of("app:g@1:1-2") is None and table.code_of("os:system@1:1-2") is None


MANY = ";".join(f"x{i}.y{i}" for i in range(300))  # so that names have large numbers


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("g = f.__code__", True),
        ("a.__code__, b.__code__ = b.__code__, a.__code__", True),
        ("print(f.__code__.co_consts)", True),
        ("f.__code__.replace(co_name='x')", True),
        ("getattr(f, '__code__')", True),
        ("match f:\n    case object(__code__=c): pass", True),
        (f"{MANY}\nq = f.__code__", True),
        ("print(f.__code__.co_name, f.__code__.co_argcount)", False),
        ("f.__code__ = (lambda x=1: x).__code__", False),
        (f"{MANY}\nq = f.__code__.co_name", False),
    ],
)
def test_code_that_hands_out_code(source: str, wanted: bool) -> None:
    assert hands_out_code(compile(source, "", "exec")) is wanted


def test_names_that_stand_in_constants() -> None:
    code = compile("match m:\n    case object(v=n): pass\n'{0.w[x]}'.format(m), getattr(f, '__globals__')", "", "exec")
    assert {"v", "__globals__"} <= names_in(code) and list(fields(code)) == ["w"]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("N = '__hash__'", True),
        ("NAMES = ['__len__', '__hash__', '__iter__']", True),
        ("def f(x, name='__hash__'): return getattr(x, name)", True),
        ("attrgetter('owner.__hash__')", True),
        ("def f(x, op='hash'): return getattr(x, f'__{op}__')", True),
        ("for op in ('len', 'hash'): setattr(P, '__%s__' % op, make(op))", True),
        ("for op in ('len', 'hash'): setattr(P, '__{}__'.format(op), make(op))", True),
        ("class A:\n    'Has no __hash__ of its own.'\n    __hash__ = None", False),
        ("class A:\n    def __hash__(self): return hash(self.n)", False),
        ("block['hash'] = {k: v for k, v in vars(block).items() if not k.startswith('__')}", False),
        ("getattr(x, f'__{op}__')", False),
    ],
)
def test_code_that_spells_the_name_of_a_hash(source: str, wanted: bool) -> None:
    assert spells_hash(walk(compile(source, "", "exec"))) is wanted
