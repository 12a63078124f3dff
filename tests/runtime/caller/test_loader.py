"""Rewritten files are loaded as what they stand for: positions, keys and tracebacks are those of the original's code."""

from __future__ import annotations

import linecache
import marshal
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faasify.bundle.build import bundle
from faasify.bundle.writer import write
from faasify.config import parse_selection
from faasify.partition import partition
from faasify.rewrite.engine import rewrite
from faasify.runtime.caller import loader
from faasify.runtime.caller.library import Library
from faasify.runtime.unit.codes import CodeTable, first_position, walk
from tests.handmade import handmade

SHAPES = {
    "plain": "def {n}(x):\n    return x + 1\n",
    "one line": "def {n}(x): return x + 1\n",
    "semicolons": "a{n} = 1; b{n} = 2\ndef {n}(x): a = x; b = a; return b\nc{n} = 3; d{n} = 4\n",
    "docstring only": 'def {n}(x):\n    """Nothing\n    but this."""\n',
    "pass": "def {n}(x): pass\n",
    "ellipsis": "def {n}(): ...\n",
    "defaults": "def {n}(x=lambda y: y, *, z=[i for i in range(3)], w=(lambda: 1, lambda: 2)): return x, z, w\n",
    "annotations": "def {n}(x: (lambda: int)(), *r: 'later') -> (lambda: str)(): return x\n",
    "decorated": "@keep\n# between\n@keep2(1,\n       lambda f: f)\n\ndef {n}(x):\n    # inside\n    return [x]\n",
    "nested": "def {n}(x):\n    def inner(y):\n        def innermost(): return x, y\n        return innermost\n"
    "    @keep\n    def other(): return inner(1)\n    return other\n",
    "lambdas": "{n} = [lambda: 1, lambda: 2, lambda x=lambda: 3: x]; {n}2 = (lambda: 4) or (lambda: 4)\n",
    "same lambdas": "{n} = lambda: 0; {n}2 = lambda: 0\n",
    "generator": "def {n}(x):\n    for i in x:\n        got = yield i\n",
    "empty generator": "def {n}(x):\n    return\n    yield\n",
    "async": "async def {n}(x):\n    async with x as y:\n        return [i async for i in y]\n",
    "async generator": "async def {n}(x):\n    yield x\n",
    "comprehensions": "def {n}(x):\n    return [a for a in x], {{b for b in x}}, {{c: d for c in x for d in c if c}}, (e for e in x)\n",
    "class": "class {n}:\n    'Doc.'\n    x = 1\n    def m(self, __y): return self.__z\n"
    "    @property\n    def p(self): return super().p\n    class In:\n        def q(self): pass\n        r = lambda self: self\n",
    "class with bases": "class {n}(object, metaclass=type):\n    def __init__(self): super().__init__()\n",
    "dataclass": "@dataclass\nclass {n}:\n    x: int = 1\n    def m(self): return self.x\n",
    "conditional": "if 1:\n    def {n}(x): return 1\nelse:\n    def {n}(x): return 2\n",
    "twice": "def {n}(x): return 1\ndef {n}(x): return 1\n",
    "try": "try:\n    def {n}(): raise ValueError\nexcept ValueError:\n    def {n}(): return 2\nfinally:\n    pass\n",
    "continued": "def {n}(a,\n    b):\n    return a + \\\n        b\n",
    "multi-line string": "def {n}():\n    return '''one\ntwo\n''' + f'{{1 + 1}}\\n'\n",
    "closure": "def {n}(x):\n    def add():\n        nonlocal x\n        x += 1\n        return x\n    return add\n",
    "match": "def {n}(x):\n    match x:\n        case [a, *b]: return a\n        case {{'k': v}} if v: return v\n",
    "global": "def {n}():\n    global total\n    total = 1\n    del total\n",
    "tabs": "def {n}(x):\n\tif x:\n\t\treturn 1\n\treturn 2\n",
    "comment first": "# a comment\n\ndef {n}(x):  # faasify: memory=64\n    # only\n    x\n",
    "form feed": "\x0c\ndef {n}(x):\n    return x\n\x0c\n",
    "constant body": "def {n}(): 5\n",
    "unicode": "def {n}(größe):\n    s = 'é' * größe; return s + 'ü', lambda: größe\n",
    "statements between": "total{n} = 0\nfor i{n} in range(2):\n"
    "    total{n} += (lambda x: x)(i{n})\ndef {n}(): return total{n}\nwith keep(1): pass\n",
    "docstring and comment": "def {n}():\n    '''Doc.'''\n    # a comment\n    return 1\n",
    "only global": "def {n}():\n    global g{n}\n",
    "del": "def {n}(x):\n    del x\n",
    "try in function": "def {n}(x):\n    try: return 1 / x\n    except* ZeroDivisionError: pass\n    finally: x = 0\n",
}
WRAPS = {
    "": "{0}",
    "class": "class W{n}:\n{1}",
    "if": "if True:\n{1}",
    "function": "def w{n}(v):\n{1}    return v\n",
    "class in function": "def w{n}(v):\n    class K:\n{2}    return K\n",
    "try": "try:\n{1}finally:\n    pass\n",
}
HEADS = {
    "nothing": "",
    "docstring": '"""Doc\nof two lines."""\n',
    "future": '# comment\n"""Doc."""\nfrom __future__ import annotations\nimport math\n',
    "shebang": "#!/usr/bin/env python3\n\n# licence\n\n",
    "one line": "'''Doc.'''; x = 1\n",
}
COOKIES = {"utf-8": "", "utf-8-sig": "", "latin-1": "# -*- coding: latin-1 -*-\n", "cp1252": "# vim: set fileencoding=cp1252 :\n"}
FORMS = [(encoding, newline) for encoding in COOKIES for newline in ("\n", "\r\n")] + [("utf-8", "\r")]


@dataclass(frozen=True)
class Both:
    """The code of a module: of the original, as imported from the rewritten file, as the main module; and its table in a unit."""

    original: CodeType
    loaded: CodeType
    main: CodeType
    plain: CodeType  # the main module without any stub
    inserted: tuple[int, ...]
    unit: CodeTable
    names: tuple[str, ...]
    content: bytes


def indented(text: str, depth: int) -> str:
    return "".join("    " * depth + line if line.strip() else line for line in text.splitlines(keepends=True))


def module_text(head: str, pieces: list[tuple[str, str]]) -> str:
    parts = [HEADS[head]]
    for number, (shape, wrap) in enumerate(pieces):
        text = SHAPES[shape].format(n=f"n{number}")
        parts.append(WRAPS[wrap].format(text, indented(text, 1), indented(text, 2), n=number))
    return "".join(parts)


def encoded(text: str, encoding: str, newline: str) -> bytes:
    return (COOKIES[encoding] + text).replace("\n", newline).encode(encoding)


def both(folder: Path, source: bytes, decorator: Callable[[str], Any] = lambda name: lambda fn: fn) -> Both:
    """Rewritten with a stub at every function, written, loaded; and the slice compiled as a unit does it."""
    program = rewrite(partition(handmade(folder / "src", {"app.py": source}), parse_selection("all")))
    out = write(bundle(program, units=False), folder / "out")
    rewritten = program.modules["app"]
    entry = {"import_name": "__main__", "file": "app.py", "inserted": list(rewritten.inserted)}
    shown = str(folder / "src" / "app.py")
    loaded = loader.code_of(str(out), entry, shown, decorator)
    pyc = loader.main_pyc(str(out), entry, shown)
    main = marshal.loads(Path(pyc).read_bytes()[16:])
    unit = CodeTable()
    cut = (out / ".faasify/slices/app.py").read_bytes()
    unit.add("__main__", compile(cut, shown, "exec", dont_inherit=True))
    original = compile(source, shown, "exec", dont_inherit=True)
    return Both(original, loaded, main, loader.plain_of(pyc), rewritten.inserted, unit, tuple(program.units), rewritten.content)


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Both]:
    return lambda text, **how: both(tmp_path, text if isinstance(text, bytes) else text.encode(), **how)


def positions(code: CodeType) -> set[Any]:
    """Where instructions stand; those that call a stub decorator have no column. How often and in which order depends on what is around."""
    return {p for p in code.co_positions() if None not in p}


def assert_alike(found: Both) -> None:
    """Every function's code is the original's, and has the key that a unit computes from its slice."""
    assert list(map(shape, walk(found.plain))) == list(map(shape, walk(found.original)))
    for code, keyed_by in ((found.loaded, None), (found.main, found.plain))[: 2 if found.inserted else 1]:
        caller = CodeTable()
        caller.add("__main__", code, keyed_by)
        pairs = list(zip(walk(found.original), walk(code), strict=True))
        for a, b in pairs[1:] if keyed_by else pairs:  # the main module itself calls `start` first
            assert shape(a)[:-1] == shape(b)[:-1] and positions(a) == positions(b)
            if not has_stub(b):
                assert a == b and shape(a) == shape(b)
        for a, b in pairs[1:]:
            key = f"__main__:{a.co_qualname}@{first_position(a)}"
            there = found.unit.code_of(key)
            assert caller.key_of(b) == (key if there is not None else None)  # two that are alike under one key name neither
            assert there is None or there == a


def shape(code: CodeType) -> tuple[Any, ...]:
    head = (code.co_qualname, code.co_firstlineno, code.co_filename, code.co_flags, first_position(code))
    return *head, (code.co_code, code.co_names, code.co_varnames, code.co_freevars, list(code.co_positions()))


def has_stub(code: CodeType) -> bool:
    """Whether a stub decorator is applied in `code`, or in code inside it."""
    return any(callable(c) for inner in walk(code) for c in inner.co_consts) or any("unit" in inner.co_names for inner in walk(code))


@pytest.mark.parametrize("wrap", ["", "class", "function"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape(load: Callable[..., Both], shape: str, wrap: str) -> None:
    found = load(module_text("docstring", [(shape, wrap), ("plain", "")]))
    assert_alike(found)
    assert "app.n1" in found.names and b"@_faasify_unit" in found.content


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(HEADS)),
    st.lists(st.tuples(st.sampled_from(sorted(SHAPES)), st.sampled_from(sorted(WRAPS))), min_size=1, max_size=6),
    st.sampled_from(FORMS),
)
def test_any_module(head: str, pieces: list[tuple[str, str]], form: tuple[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = both(Path(folder), encoded(module_text(head, pieces), *form))
        assert_alike(found)


def test_the_stub_decorator_gets_the_function_and_the_name(load: Callable[..., Both]) -> None:
    made: list[tuple[str, str]] = []

    def decorator(name: str) -> Any:
        def note(fn: Any) -> Any:
            made.append((name, fn.__qualname__))
            return fn

        return note

    text = "import functools\nclass C:\n    @staticmethod\n    def m(): pass\ndef f(): pass\n"
    text += "if C:\n    @functools.lru_cache\n    def g(): return f\n"
    found = load(text, decorator=decorator)
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(found.loaded, space)
    assert made == [("app.C.m", "C.m"), ("app.f", "f"), ("app.g", "g")]
    assert type(space["g"]).__name__ == "_lru_cache_wrapper" and isinstance(vars(space["C"])["m"], staticmethod)


def test_no_name_of_ours_is_in_the_program(load: Callable[..., Both]) -> None:
    found = load("def f(): return sorted(globals())\nclass C:\n    def m(self): return locals()\nnames = f()\n")
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(found.loaded, space)
    assert not [name for name in (*space, *space["names"], *vars(space["C"])) if "faasify" in name]
    assert not [name for code in walk(found.loaded) for name in code.co_names if "faasify" in name]


RAISES = '''
"""Doc."""
import functools

def keep(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return (fn(*args,
                   **kwargs))
    return wrapper


def division(x): y = 1; return [y,
        y / x]

@keep
def attribute(x):
    """Doc."""
    return (x.real
             .missing
             .more)

class C:
    @property
    def item(self): return {}["no"] + {}["key"]
    def method(self, x): return self.item; pass

def lines(x):
    return sum(
        1 / n
        for n in (1, x)
    )

def call(x):
    def inner(y): return (lambda z: z[0][1])(y)
    return inner(x,
                 )

def default(x, f=lambda v: v + 'é' + v): é = 'é'; return é and f(x)
'''


EXPRESSIONS = ["division(0)", "attribute(1)", "C().method(0)", "lines(0)", "call(0)", "default(0)", "division()", "C(1)"]


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_traceback_has_the_originals_lines_and_carets(load: Callable[..., Both], tmp_path: Path, expression: str, newline: str) -> None:
    found = load(RAISES.replace("\n", newline).encode())
    assert found.content.count(b"@_faasify_unit") == 10
    texts = [shown(code, expression) for code in (found.original, found.loaded, found.plain)]
    assert texts[0] == texts[1] == texts[2]
    if not expression.endswith(("division()", "C(1)")):  # these are raised by the call itself
        assert "^" in texts[1] and str(tmp_path / "src" / "app.py") in texts[1]


def shown(code: CodeType, expression: str) -> str:
    linecache.checkcache()
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(code, space)
    try:
        eval(expression, space)
    except Exception as e:
        assert e.__traceback__ is not None
        return "".join(traceback.format_exception(type(e), e, e.__traceback__.tb_next))
    raise AssertionError("nothing was raised")


def kept(out: Path) -> Path:
    return out / ".faasify/code" / f"__main__.{sys.implementation.cache_tag}.{sys.flags.optimize}"


def test_compiled_code_is_kept_and_used_while_it_fits(load: Callable[..., Both], tmp_path: Path) -> None:
    load("def f(): return 1\n")
    file = kept(tmp_path / "out")
    data = file.read_bytes()
    file.write_bytes(data[:32] + marshal.dumps(compile("marked = 1", "x", "exec")))
    entry = {"import_name": "__main__", "file": "app.py", "inserted": [1, 2, 3]}

    def again(shown_as: str) -> CodeType:
        return loader.code_of(str(tmp_path / "out"), entry, shown_as, lambda name: lambda fn: fn)

    assert again(str(tmp_path / "src/app.py")).co_names == ("marked",)
    assert "f" in again(str(tmp_path / "elsewhere.py")).co_names  # another file name: other code
    file.write_bytes(data)
    (tmp_path / "out/app.py").write_bytes((tmp_path / "out/app.py").read_bytes() + b"g = 2\n")
    assert "g" in again(str(tmp_path / "src/app.py")).co_names


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 40])
def test_kept_code_that_is_damaged_is_made_again(load: Callable[..., Both], tmp_path: Path, damage: bytes) -> None:
    found = load("def f(): return 1\n")
    file = kept(tmp_path / "out")
    whole = file.read_bytes()
    for bad in (damage, whole[:32] + damage, whole[:-5]):
        file.write_bytes(bad)
        entry = {"import_name": "__main__", "file": "app.py", "inserted": [1, 2, 3]}
        again = loader.code_of(str(tmp_path / "out"), entry, found.loaded.co_filename, lambda name: lambda fn: fn)
        assert again.co_names == found.loaded.co_names


@pytest.fixture
def modules() -> Iterator[None]:
    before, path, finders = dict(sys.modules), sys.path[:], sys.meta_path[:]
    yield
    sys.path[:], sys.meta_path[:] = path, finders
    for name in sys.modules.keys() - before.keys():
        del sys.modules[name]


def finder(file: str, code: CodeType, loaded: list[str]) -> loader.Finder:
    return loader.Finder(
        {file: ("faasify_found", lambda: code)}, lambda module: loaded.append(module.__name__), Library({"imports": [], "library": []})
    )


@pytest.mark.usefixtures("modules")
class TestFinder:
    def installed(self, folder: Path) -> list[str]:
        loaded: list[str] = []
        (folder / "faasify_found.py").write_text("X = 'plain'\n")
        (folder / "faasify_other.py").write_text("Y = 1\n")
        file = str(folder / "faasify_found.py")
        code = compile("X = 'ours'", file, "exec")
        sys.path.insert(0, str(folder))
        sys.meta_path.insert(0, finder(file, code, loaded))
        return loaded

    def test_a_module_of_the_program_is_loaded_as_rewritten(self, tmp_path: Path) -> None:
        loaded = self.installed(tmp_path)
        module: Any = __import__("faasify_found")
        assert (module.X, loaded, module.__file__) == ("ours", ["faasify_found"], str(tmp_path / "faasify_found.py"))
        assert isinstance(module, ModuleType) and module.__spec__ is not None and module.__spec__.origin == module.__file__
        assert module.__spec__.has_location and module.__loader__.get_source("faasify_found") == "X = 'plain'\n"
        assert os.path.basename(module.__cached__).startswith("faasify_found.")

    def test_another_module_is_python_s(self, tmp_path: Path) -> None:
        assert self.installed(tmp_path) == [] and __import__("faasify_other").Y == 1
        assert type(sys.modules["faasify_other"].__loader__).__name__ == "SourceFileLoader"

    def test_a_module_of_that_name_from_elsewhere_is_python_s(self, tmp_path: Path) -> None:
        loaded = self.installed(tmp_path)
        (tmp_path / "first").mkdir()
        (tmp_path / "first/faasify_found.py").write_text("X = 'another'\n")
        sys.path.insert(0, str(tmp_path / "first"))
        module: Any = __import__("faasify_found")
        assert (module.X, loaded) == ("another", [])

    def test_a_module_is_reloaded_as_rewritten(self, tmp_path: Path) -> None:
        import importlib

        loaded = self.installed(tmp_path)
        module: Any = __import__("faasify_found")
        module.X = "changed"
        assert importlib.reload(module).X == "ours" and loaded == ["faasify_found"]  # told when a module is made
