"""Calls that really happen are in the graph: recorded while a program runs, compared with its analysis.

`paper/bench/recall.py` does this with five packages; here are the examples, and a package of hand-made ways to call something.
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

import pytest

from faasify.analysis import analyse
from faasify.frontend import load
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "paper" / "bench"))
from observed import is_comprehension, names_by_code, record
from recall import Edge, compare, figures

EXAMPLES = sorted(path.parent.parent for path in (ROOT / "examples").glob("*/expected/run.json"))

PACKAGE = {
    "__init__.py": """
        from .registry import handlers, register
        from .shapes import *
    """,
    "registry.py": """
        import functools
        handlers = {}
        def register(name):
            def decorate(function):
                handlers[name] = function
                @functools.wraps(function)
                def wrapper(*args, **kwargs):
                    return function(*args, **kwargs)
                return wrapper
            return decorate
        @register("double")
        def double(x): return 2 * x
        @register("half")
        def half(x): return x / 2
        def dispatch(name, x): return handlers[name](x)
    """,
    "shapes.py": """
        from __future__ import annotations
        from dataclasses import dataclass, field
        __all__ = ["Square", "Circle", "Scene"]
        class Shape:
            def __init__(self, size): self.size = size; self.prepare()
            def prepare(self): self.ready = True
            def area(self): raise NotImplementedError
            @property
            def label(self): return f"{self.describe()} of {self.area()}"
            def describe(self): return type(self).__name__
            def __add__(self, other): return self.area() + other.area()
        class Square(Shape):
            def prepare(self):
                super().prepare()
                self.sides = 4
            def area(self): return self.size ** 2
        class Circle(Shape):
            def area(self): return 3 * self.size ** 2
            @classmethod
            def unit(cls): return cls(1)
        @dataclass
        class Scene:
            shapes: list[Shape] = field(default_factory=list)
            def __enter__(self): return self
            def __exit__(self, *error): self.close()
            def close(self): self.shapes.clear()
            def __iter__(self): yield from self.shapes
            def largest(self): return max(self.shapes, key=lambda shape: shape.area())
            def visit(self, visitor):
                for shape in self.shapes: visitor(shape)
    """,
    "main.py": """
        from functools import partial, reduce
        from pkg import Circle, Scene, Square
        from pkg import registry
        def numbers(n):
            for i in range(n): yield square(i)
        def square(x): return x * x
        def add(a, b): return a + b
        def apply(function, *args): return function(*args)
        class Printer:
            def __init__(self): self.seen = []; self.actions = [self.keep, self.count]
            def keep(self, shape): self.seen.append(shape)
            def count(self, shape): return len(self.seen)
            def __call__(self, shape):
                for action in self.actions: action(shape)
        def main():
            with Scene([Square(2), Circle.unit()]) as scene:
                scene.visit(Printer())
                for shape in scene: shape.label
                scene.largest()
                scene.shapes[0] + scene.shapes[1]
            registry.dispatch("double", 3)
            registry.half(4)
            apply(add, 1, 2)
            partial(add, 1)(2)
            sum(numbers(3)); list(map(square, [1])); reduce(add, [1, 2, 3]); sorted([2, 1], key=square)
            getattr(registry, "dispatch")("half", 1)
            return [square(x) for x in range(2)]
        main()
    """,
}


def recorded(folder: Path, command: list[str], tmp_path: Path, stdin: str = "") -> list[Edge]:
    """The edges of one run of `python COMMAND...` in `folder`, compared."""
    run = record(folder, command, tmp_path / "calls.json", cwd=folder, stdin=stdin, timeout=60)
    as_module = command[0] == "-m"
    return compare(analyse(load(command[as_module], run_as="module" if as_module else None, cwd=folder)), run)


def missed(edges: list[Edge]) -> list[tuple[str, str]]:
    return sorted(
        (edge.caller, edge.callee) for edge in edges if edge.outcome != "found" and edge.entry.kind not in ("implicit", "resumed")
    )


def lay_out(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(textwrap.dedent(text))


@pytest.mark.parametrize("folder", EXAMPLES, ids=[folder.name for folder in EXAMPLES])
def test_every_call_of_an_example_is_in_the_graph(folder: Path, tmp_path: Path) -> None:
    command = json.loads((folder / "expected" / "run.json").read_text())
    stdin = (folder / command["stdin"]).read_text() if command["stdin"] else ""
    edges = recorded(folder, command["command"], tmp_path, stdin)
    assert edges, "nothing was recorded"
    assert missed(edges) == []


def test_every_call_of_the_package_is_in_the_graph(tmp_path: Path) -> None:
    lay_out(tmp_path / "program", {"main.py": PACKAGE["main.py"]})
    lay_out(tmp_path / "program" / "pkg", {name: text for name, text in PACKAGE.items() if name != "main.py"})
    edges = recorded(tmp_path / "program", ["main.py"], tmp_path)
    assert figures(edges)["edges"] >= 35
    assert missed(edges) == []


def test_an_edge_that_the_graph_lacks_is_counted_as_missed(tmp_path: Path) -> None:
    lay_out(tmp_path, {"app.py": "def f(): pass\ndef g(): eval(chr(102))()\ng()\n"})
    edges = recorded(tmp_path, ["app.py"], tmp_path)
    assert [(edge.callee, edge.outcome) for edge in edges if edge.caller == "app.g"] == [("app.f", "unknown")]
    assert figures(edges)["share"] == 0.5


KINDS = """
    def gen(): yield 1
    class C:
        def __len__(self): return 1
        def __add__(self, other): return other
        def __eq__(self, other): return True
        @property
        def size(self): return 1
    def use(made): return list(made)
    def f(c):
        c + c
        c == c
        c.size
        len(c)
        use(gen())
        [inner(x) for x in (1,)]
        for x in gen(): pass
        sorted([1], key=inner)
    def inner(x): return x
    f(C())
"""


def test_the_recorder_says_how_a_function_was_entered(tmp_path: Path) -> None:
    lay_out(tmp_path, {"app.py": KINDS})
    run = record(tmp_path, ["app.py"], tmp_path / "calls.json", cwd=tmp_path)
    entered = {(e.caller[2], e.callee[2], e.kind) for e in run.calls if not is_comprehension(e.callee) and e.caller[2] != "<module>"}
    comprehension = {("f.<locals>.<listcomp>", "inner", "call")} if sys.version_info < (3, 12) else set()
    assert entered == comprehension | {
        ("f", "C.__add__", "operator"),
        ("f", "C.__eq__", "operator"),
        ("f", "C.size", "operator"),
        ("f", "C.__len__", "implicit"),
        ("f", "use", "call"),
        ("use", "gen", "resumed"),
        ("f", "gen", "generator"),
        ("f", "inner", "call"),
    }


def test_a_generator_that_is_closed_or_thrown_into_is_not_entered(tmp_path: Path) -> None:
    source = """
        class Box: pass
        def gen():
            try: yield 1
            finally: pass
        def fill(box):
            box.held = gen()
            next(box.held)
        def empty(box):
            box.held = None
        def throw(box):
            try: box.held.throw(KeyError)
            except KeyError: pass
        def main(box):
            fill(box)
            empty(box)
            fill(box)
            throw(box)
        main(Box())
    """
    lay_out(tmp_path, {"app.py": source})
    run = record(tmp_path, ["app.py"], tmp_path / "calls.json", cwd=tmp_path)
    assert {e.caller[2] for e in run.calls if e.callee[2] == "gen"} == {"fill"}


def test_code_objects_have_the_names_of_the_analysis(tmp_path: Path) -> None:
    source = """
        def around(f): return f
        @around
        @around
        def f():
            return [y for y in (lambda: [1])()]
        class C:
            @property
            def x(self): return 1
            @x.setter
            def x(self, value): pass
    """
    lay_out(tmp_path, {"app.py": source})
    names = names_by_code(analyse(load("app.py", cwd=tmp_path)))
    assert names["app.py", 3, "f"] == ("app.f",)
    assert names["app.py", 1, "<module>"] == ("app",)
    assert names["app.py", 6, "f.<locals>.<lambda>"] == ("app.f.<locals>.<lambda>",)
    assert [names["app.py", line, "C.x"] for line in (8, 10)] == [("app.C.x",), ("app.C.x@11",)]
    if sys.version_info < (3, 12):
        assert names["app.py", 6, "f.<locals>.<listcomp>"] == ("app.f",)
