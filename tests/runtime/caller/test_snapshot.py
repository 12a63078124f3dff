"""What is sent with a call: everything that its code can see, and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import pytest

from faasify.runtime.caller import loader
from faasify.runtime.caller.library import Library
from faasify.runtime.caller.snapshot import Snapshot
from faasify.runtime.caller.world import CallerWorld
from faasify.runtime.unit import environment
from faasify.runtime.unit.codec import Untravellable, load_types
from tests.runtime.worlds import mentioned

from .conftest import Build

Make = Callable[..., Build]


class Program:
    """Modules of this process as a caller's world; `app` is the last one."""

    def __init__(self, app: str, **others: str) -> None:
        load_types()
        loader.register()
        sources = {**others, "app": app}
        imports, library = mentioned("\n".join(sources.values()))
        own = set(sources)
        manifest = {
            "imports": [name for name in imports if name not in own],
            "library": library,
            "modules": {name: {"import_name": name, "file": f"{name}.py"} for name in sources},
        }
        self.world = CallerWorld(manifest)
        for name, text in sources.items():
            module = sys.modules[name] = ModuleType(name)
            module.__spec__ = ModuleSpec(name, None)
            code = compile(text, f"{name}.py", "exec", dont_inherit=True)
            self.world.add(name, module, code)
            exec(code, vars(module))
        self.space = vars(module)
        self.library = Library(manifest)
        self.world.refresh()

    def snapshot(self, name: str, *args: Any, **kwargs: Any) -> Snapshot:
        return Snapshot(self.world, self.library, eval(name, self.space), list(args), list(kwargs.items()), environment.Start())

    def names(self, name: str, *args: Any) -> dict[str, set[str]]:
        """The globals that go with a call, by module."""
        return {module: set(flat[::2]) for module, flat in self.snapshot(name, *args).call["globals"]}


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Program]]:
    for name in [n for n, m in sys.modules.items() if getattr(m, "__spec__", None) is None and n != "__main__"]:
        monkeypatch.delitem(sys.modules, name)  # made by hand, as a program's would be
    before = dict(sys.modules)
    yield Program
    for name in {"app", "part"} & sys.modules.keys() - before.keys():
        del sys.modules[name]


REACH = """
import math
total, unused, items = 0, [1], [2]
class P:
    limit = 5
    def m(self): return self.limit + total
class Q(P): pass
def leaf(): return items
def f(x): return leaf() + [total, math.pi]
def g(p): return p.m()
def h(): return nothing_of_that_name
def nested():
    def inner(): return unused
    return inner
def writes():
    global total, fresh
    total = fresh = 1
table = {"leaf": leaf}
def by_table(k): return table[k]()
def made(): return Q()
def default(x=leaf): return x()
def comprehension(n): return [unused for _ in range(n)]
def lazy(): return (lambda: [total for _ in items])
def body():
    class Inner: value = unused
    return Inner
"""


@pytest.mark.parametrize(
    "name, args, wanted",
    [
        ("f", (1,), {"leaf", "items", "total", "math"}),
        ("leaf", (), {"items"}),
        ("h", (), set()),
        ("nested", (), {"unused"}),
        ("writes", (), {"total"}),
        ("by_table", ("leaf",), {"table", "items"}),
        ("made", (), {"Q", "total"}),
        ("default", (), {"items"}),
        ("comprehension", (1,), {"unused"}),
        ("lazy", (), {"total", "items"}),
        ("body", (), {"unused"}),
    ],
)
def test_globals_that_go(program: Callable[..., Program], name: str, args: tuple[Any, ...], wanted: set[str]) -> None:
    found = program(REACH).names(name, *args)
    assert found.get("app", set()) - {"__name__"} == wanted


def test_an_argument_brings_its_class_and_what_the_class_names(program: Callable[..., Program]) -> None:
    p = program(REACH)
    assert p.names("g", p.space["Q"]()).get("app", set()) - {"__name__"} == {"total"}
    assert p.names("g", None).get("app", set()) == set()


def test_names_of_another_module_are_looked_up_there(program: Callable[..., Program]) -> None:
    p = program(
        "import part\nfrom part import size\nM = 1\ndef f(): return part.get(), M\ndef g(): return size()\n",
        part="N, M, O = 1, 2, 3\ndef get(): return N\ndef size(): return O\n",
    )
    assert p.names("f") == {"app": {"part", "M"}, "part": {"get", "N", "M"}}
    assert p.names("g") == {"app": {"size"}, "part": {"O"}}
    assert p.snapshot("f").call["modules"] == ["part"] and p.snapshot("g").call["modules"] == []


@pytest.mark.parametrize("text", ["globals()[k]", "vars()[k]", "eval(k)", "exec(k)", "__import__(k)", "f.__globals__[k]", "dir()"])
def test_code_that_may_look_at_any_global_gets_all_of_them(program: Callable[..., Program], text: str) -> None:
    p = program(f"a, b, c = 1, 2, 3\ndef f(k): return {text}\n")
    assert {"a", "b", "c", "f"} <= p.names("f", "a")["app"]
    assert p.snapshot("f", "a").call["order"] == [["app", list(p.space)]]
    p.space["c"] = (i for i in [1])
    with pytest.raises(Untravellable, match=r"any global, and app\.c cannot travel"):
        p.snapshot("f", "a")


def test_a_global_that_cannot_travel_is_poison_and_not_an_obstacle(program: Callable[..., Program]) -> None:
    p = program("import threading\nlock = threading.Lock()\nn = 1\ndef f(x): return lock if x else n\n")
    call = p.snapshot("f", 0).call
    assert call["poison"] == {"app": ["lock"]} and [flat[0::2] for _, flat in call["globals"]] == [["n"]]


@pytest.mark.parametrize("name", ["argument", "cell", "inside"])
def test_arguments_and_cells_must_travel(program: Callable[..., Program], name: str) -> None:
    p = program("def f(x): return x\ndef make(v):\n    def inner(): return v\n    return inner\n")
    stuck = (i for i in [1])
    with pytest.raises(Untravellable, match="generator") as info:
        if name == "cell":
            p.space["inner"] = p.space["make"](stuck)
            p.snapshot("inner")
        else:
            p.snapshot("f", stuck if name == "argument" else {"k": [1, stuck]})
    assert info.value.obj is stuck


def test_one_object_is_sent_once(program: Callable[..., Program]) -> None:
    p = program("xs = [1]\ndef f(a, b): return xs is a is b\n")
    xs = p.space["xs"]
    call = p.snapshot("f", xs, xs).call
    assert call["pos"][0] == call["pos"][1] == call["globals"][0][1][1]


def test_whether_a_snapshot_still_holds(program: Callable[..., Program]) -> None:
    p = program("a, b, c = [1], 1, 1\ndef f(): return a, b\n")
    snapshot = p.snapshot("f")
    seen = snapshot.seen()
    p.space["c"] = 2
    assert snapshot.holds(seen)
    p.space["a"].append(1)
    assert not snapshot.holds(seen)
    p.space["a"].pop()
    assert snapshot.holds(seen)
    p.space["a"] = [1]
    assert not snapshot.holds(seen), "an equal list is another one"
    p.space["a"] = snapshot._sent["app", "a"]
    del p.space["b"]
    assert not snapshot.holds(seen)


def test_the_handled_exception_goes_along(program: Callable[..., Program]) -> None:
    p = program("import sys, traceback\ndef f(): raise\ndef g(): return traceback.format_exc()\n")
    quiet = p.snapshot("f").call
    try:
        raise KeyError("k")
    except KeyError:
        assert p.snapshot("f").call["handled"] != quiet["handled"]
        with pytest.raises(Untravellable, match="traceback being handled"):
            p.snapshot("g")
    p.snapshot("g")


def test_a_value_that_cannot_travel_is_named_and_tried_once_at_each_site(build: Make) -> None:
    program = build(
        """
        def there(cfg, n): return n
        stuck = {"log": {"stream": (i for i in [1])}}
        for n in range(5): print(there(stuck, n))
        for n in range(3): print(there({}, n))
        print(there(stuck, 1))
        """,
        select="app.there",
    )
    program.same(remote=["app.there"])
    unit = program.report["units"]["app.there"]
    assert (unit["calls_remote"], unit["calls_here"]) == (3, 6)
    assert [(f["path"], f["count"]) for f in unit["fallbacks"]] == [("args.cfg['log']['stream']", 2)]
