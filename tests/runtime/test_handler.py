"""A unit's handler: plain events by hand, and what a stub sends, as JSON.

One process loads units and answers for all tests (`Units`), as a Lambda environment would.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

from faasify import pipeline
from faasify.runtime.caller.world import CallerWorld
from faasify.runtime.unit import wire
from faasify.runtime.unit.codec import Decoder, Encoder, load_types
from faasify.runtime.unit.handler import handle

ROOT = Path(__file__).parents[2]

SERVER = """
import json, sys
sys.path.insert(0, sys.argv[1])
from faasify.runtime.unit.handler import handle
for line in sys.stdin:
    print(json.dumps(handle(*json.loads(line))), flush=True)
"""

PROGRAM = {
    "app.py": """
        from __future__ import annotations
        import collections, functools, math, random, re, sys
        from dataclasses import dataclass
        from enum import Enum
        from math import *
        import kit.shapes, kit.waits
        from kit import helper as assist, shapes
        from kit.deep import *

        LIMIT = 3
        SEEN = []
        Pair = collections.namedtuple("Pair", "left right")
        WORD = re.compile("[a-z]+")
        COMPUTED = [n for n in range(3)]

        def add(a, b=2): return a + b
        def many(a, /, *args, b=1, **kw): return [a, list(args), b, kw]
        def greet(name):
            print("hello", name)
            print("careful", file=sys.stderr)
            sys.stdout.buffer.write(b"raw\\n")
        def area(r): return math.pi * r + LIMIT + assist(1) + shapes.SIDES + kit.shapes.side(1) + floor(2.5) + far(1)
        def made(text): return Pair(*WORD.findall(text)).right
        def remember(x):
            SEEN.append(x)
            return SEEN[:]
        def missing(): return COMPUTED
        def chained():
            try:
                {}["k"]
            except KeyError as e:
                raise ValueError("bad \\ud800") from e
        def leave(): sys.exit(3)
        def odd():
            class Odd(Exception):
                def __str__(self): raise TypeError
            raise Odd
        def endless(n): return endless(n + 1)
        def writes(path):
            print("before")
            def keep():
                try:
                    (lambda name: getattr(__builtins__, name, None) or __builtins__[name])("op" + "en")(path, "w")
                except BaseException:
                    return "swallowed"
            return keep()
        def reads(): return input()
        def crash(n):
            numbers = iter([1])
            for _ in range(n): numbers = map(abs, numbers)
            return next(numbers)
        def share():
            inner = [1]
            return [inner, inner]
        def deep(n):
            out = []
            for _ in range(n): out = [out]
            return out
        def stream(): return (x for x in [1])
        def rolls(seed):
            random.seed(seed)
            return random.random()

        def trace(f):
            @functools.wraps(f)
            def inner(*a): return ("traced", f(*a))
            return inner
        @trace
        def plain_inner(x): return x
        @trace
        def traced(x): return x
        def calls_traced(): return traced(1)
        @functools.lru_cache(maxsize=None)
        def cached(n): return n if n < 2 else cached(n - 1) + cached(n - 2)

        @dataclass
        class Point:
            x: int
            y: int = 0
            def norm(self, scale=1): return (self.x + self.y) * scale
            @property
            def double(self): return self.x * 2
            @classmethod
            def make(cls, x): return cls(x)
            @staticmethod
            def origin(): return Point(0)
        class Color(Enum):
            RED = 1
        def point(x): return Point(x)
        def color(): return [Color.RED]
        def is_red(c): return c is Color.RED
        def move(p):
            p.x += 1
            return isinstance(p, Point), p.x
        def outer(n):
            def inner(m): return n + m
            def alone(m): return m + 1
            return inner(1) + alone(1)
        def total(xs):
            xs.append(sum(xs))
            print("total", xs[-1])
            SEEN.append("t")
            return xs

        if __name__ == "__main__":
            print(made("a b"))
            print(add(1), many(1), area(1), remember(1), missing(), share(), deep(1), rolls(1), plain_inner(1), calls_traced(), cached(3))
            print(point(1).norm(), Point.make(1).double, Point.origin(), color(), is_red(Color.RED), move(Point(1)), outer(1), total([1]))
    """,
    "kit/__init__.py": "from .shapes import side as helper\n",
    "kit/waits.py": """
        import asyncio
        async def later(n): return n + await asyncio.sleep(0.01, 5)
        async def twice(n): return [await later(n), await later(n)]
        async def fails(n):
            await asyncio.sleep(0)
            raise KeyError(n)
    """,
    "kit/shapes.py": "SIDES = 4\ndef side(x): return x * SIDES\n",
    "kit/deep/__init__.py": "from ..shapes import side\ndef far(x): return side(x) + 0.5\n",
}


class Units:
    """Sends events to units of one build."""

    def __init__(self, build: Path) -> None:
        self.folder = build / ".faasify" / "units"
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(ROOT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, unit: str, event: Any) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps([str(self.folder / unit), event]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate(timeout=10)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("program")
    for path, text in PROGRAM.items():
        (folder / path).parent.mkdir(exist_ok=True, parents=True)
        (folder / path).write_text(textwrap.dedent(text))
    pipeline.transform(pipeline.Request("app.py", None, "all", (), cwd=folder), Path("build"))
    return folder / "build"


@pytest.fixture(scope="module")
def send(build: Path) -> Iterator[Units]:
    units = Units(build)
    yield units
    units.close()


Send = Callable[[str, Any], Any]


@pytest.mark.parametrize(
    ("unit", "event", "told"),
    [
        pytest.param("add", {"a": 1}, 3, id="a default"),
        pytest.param("add", {"b": 1, "a": 5}, 6, id="by name, in any order"),
        pytest.param("add", {"a": {"$tuple": [1]}, "b": {"$tuple": [2]}}, {"$tuple": [1, 2]}, id="tagged values"),
        pytest.param("many", {"a": 1}, [1, [], 1, {}], id="nothing for * and **"),
        pytest.param("many", {"a": 1, "args": [2, 3], "kw": {"a": 4, "kw": 5}, "b": 6}, [1, [2, 3], 6, {"a": 4, "kw": 5}], id="* and **"),
        pytest.param("area", {"r": 0}, 3 + 4 + 4 + 4 + 2 + 4.5, id="imports of the library and of the program"),
        pytest.param("made", {"text": "a, b"}, "b", id="values that the library makes of constants"),
        pytest.param("rolls", {"seed": 1}, 0.13436424411240122, id="a library's state may change: it ends with the event"),
        pytest.param("cached", {"n": 30}, 832040, id="a decorator of the library"),
        pytest.param("plain_inner", {"x": 1}, 1, id="the unit's own decorator is no part of it"),
        pytest.param("Point.origin", {}, None, id="a static method"),
        pytest.param("outer.<locals>.alone", {"m": 1}, 2, id="a function inside another that needs nothing of it"),
    ],
)
def test_a_plain_event(unit: str, event: Any, told: Any, send: Send) -> None:
    answer = send(f"app.{unit}", event)
    assert answer.keys() == {"ret", "stdout"}
    assert answer["stdout"] == ""
    assert answer["ret"] == told or told is None


def test_output_stands_beside_the_result(send: Send) -> None:
    assert send("app.greet", {"name": "you"}) == {"ret": None, "stdout": "hello you\nraw\n", "stderr": "careful\n"}


def test_an_event_may_be_text(send: Send) -> None:
    assert send("app.add", '{"a": 1}')["ret"] == 3


def test_each_event_finds_the_state_of_the_start(send: Send) -> None:
    assert [send("app.remember", {"x": n})["ret"] for n in (1, 2)] == [[1], [2]]


@pytest.mark.parametrize(
    ("unit", "event", "said"),
    [
        pytest.param("add", {}, "app.add needs the parameter 'a'; its parameters are a, b=2", id="a missing parameter"),
        pytest.param("add", {"a": 1, "c": 2}, "app.add has no parameter 'c'; its parameters are a, b=2", id="an unknown parameter"),
        pytest.param("reads", {"a": 1}, "app.reads has no parameter 'a'; it has no parameters", id="a surplus parameter"),
        pytest.param("many", {"a": 1, "args": 2}, "'args' takes a list", id="* takes a list"),
        pytest.param("many", {"a": 1, "kw": {"b": 2}}, "'b' is a parameter of its own, not one of **kw", id="** holds a parameter"),
        pytest.param("add", {"a": {"$x": 1}}, "the value of 'a' cannot be understood: $x is no tag", id="an unknown tag"),
        pytest.param("add", {"a": 1, "$state": {}}, "$state is no parameter", id="a key of a stub's"),
        pytest.param("add", "[1]", "the event is no JSON object, but [1]", id="no object"),
        pytest.param("add", "{", "the event is no JSON: ", id="no JSON"),
        pytest.param("add", "[" * 200_000, "nested too deep", id="nested beyond the parser"),
        pytest.param("add", '{"a": ' + "[" * 300 + "]" * 300 + "}", "nested more than 200 deep", id="nested deep"),
        pytest.param("Point.norm", {}, "needs the parameter 'self', an instance of Point", id="a method without self"),
        pytest.param(
            "Point.norm", {"self": {"x": 1}}, "the self of app.Point.norm is no dict, an instance of Point", id="a self that is none"
        ),
        pytest.param("outer.<locals>.inner", {"m": 1}, "needs n of what is around it", id="a closure"),
    ],
)
def test_an_event_that_the_unit_does_not_take_is_answered_in_words(unit: str, event: Any, said: str, send: Send) -> None:
    error = send(f"app.{unit}", event)["error"]
    assert error["type"] == "EventError"
    assert said in error["message"]
    assert "traceback" not in error


REF = {"v": wire.VERSION, "root": [0], "nodes": [["ref", "os:system"]]}


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        pytest.param({}, "damaged", id="empty"),
        pytest.param(7, "damaged", id="no object"),
        pytest.param({"v": 1, "root": None, "nodes": []}, "version 1", id="another version"),
        pytest.param({"v": wire.VERSION, "root": [5], "nodes": []}, "out of range", id="a reference to nothing"),
        pytest.param(REF, "'os:system' is not in the manifest", id="a function of the library"),
        pytest.param({**REF, "nodes": [["ref", "__main__:add"]]}, "not in the manifest", id="a function of the program by reference"),
        pytest.param({**REF, "nodes": [["f", "__main__:evil@1:0-1", None, None, [], {}]]}, "has no code", id="code that is not there"),
        pytest.param({**REF, "nodes": [["pickle", "x"]]}, "no known tag", id="an unknown node"),
        pytest.param({"v": wire.VERSION, "root": None, "nodes": [{"$z": 1}]}, "unknown tag $z", id="an unknown tag"),
    ],
)
def test_a_hostile_graph_makes_nothing(graph: Any, said: str, send: Send) -> None:
    error = send("app.add", {"a": {"$graph": graph}})["error"]
    assert error["type"] == "EventError"
    assert said in error["message"]


def test_an_exception_is_data_with_the_program_s_frames(send: Send) -> None:
    error = send("app.add", {"a": 1, "b": "x"})["error"]
    assert error["type"] == "TypeError"
    assert "unsupported operand" in error["message"]
    assert [(Path(f["file"]).name, f["line"], f["function"]) for f in error["traceback"]] == [("app.py", 17, "add")]


def test_an_exception_tells_its_cause(send: Send) -> None:
    error = send("app.chained", {})["error"]
    assert (error["type"], error["message"], error["cause"]["type"]) == ("ValueError", "bad \\ud800", "KeyError")


def test_any_exception_can_be_told(send: Send) -> None:
    assert send("app.leave", {})["error"] | {"traceback": 0} == {"type": "SystemExit", "message": "3", "traceback": 0}
    assert send("app.odd", {})["error"]["message"] == "<no message: its __str__ raised TypeError>"
    assert send("app.endless", {"n": 0})["error"]["type"] == "RecursionError"


def test_a_name_that_start_up_computes_is_missing_and_that_is_said(send: Send) -> None:
    error = send("app.missing", {})["error"]
    assert (error["type"], error["message"]) == ("NameError", "name 'COMPUTED' is not defined")
    assert "start-up" in error["hint"]


def test_the_guard_ends_an_event_before_the_effect(send: Send, tmp_path: Path) -> None:
    answer = send("app.writes", {"path": str(tmp_path / "out")})
    assert (answer["error"]["type"], answer["error"]["effect"], answer["stdout"]) == ("EffectError", "files", "before\n")
    assert list(tmp_path.iterdir()) == []


def test_an_async_function_is_run_to_its_end(send: Send) -> None:
    assert send("kit.waits.twice", {"n": 1}) == {"ret": [6, 6], "stdout": ""}
    assert send("kit.waits.fails", {"n": 1})["error"]["type"] == "KeyError"


def test_what_plain_json_lacks_is_said_where_it_is_missed(send: Send) -> None:
    error = send("app.move", {"p": {"x": 1}})["error"]
    assert (error["type"], error["message"]) == ("AttributeError", "'dict' object has no attribute 'x'")
    assert error["hint"].startswith("the event has a dict there: what plain JSON lacks is tagged")
    assert "hint" not in send("app.made", {"text": ""})["error"], "the program's own errors say nothing of events"


def test_an_event_has_no_standard_input(send: Send) -> None:
    assert send("app.reads", {})["error"]["effect"] == "stdin"


def test_a_decorator_of_the_program_that_a_callee_goes_without_is_told(send: Send) -> None:
    answer = send("app.calls_traced", {})
    assert answer["ret"] == 1
    assert "app.traced runs without @trace" in answer["notes"]


def test_instances_travel_as_graphs_and_are_of_the_program_s_class(send: Send) -> None:
    point = send("app.point", {"x": 3})["ret"]
    assert point["$graph"]["nodes"][1] == ["ref", "__main__:Point"]
    assert send("app.move", {"p": point})["ret"] == {"$tuple": [True, 4]}
    assert send("app.Point.norm", {"self": point, "scale": 2})["ret"] == 6
    assert send("app.Point.double", {"self": point})["ret"] == 6
    assert send("app.Point.make", {"x": 3})["ret"] == point


def test_members_of_an_enum_are_themselves(send: Send) -> None:
    graph = send("app.color", {})["ret"]["$graph"]
    member = {"$graph": {**graph, "root": [1]}}
    assert send("app.is_red", {"c": member})["ret"] is True


def test_what_is_shared_or_deep_is_a_graph(send: Send) -> None:
    graph = send("app.share", {})["ret"]["$graph"]
    assert graph["nodes"] == [["l", [[1], [1]]], ["L", [1]]]
    assert send("app.deep", {"n": 3})["ret"] == [[[[]]]]
    assert len(send("app.deep", {"n": 500})["ret"]["$graph"]["nodes"]) == 501


def test_a_result_that_nothing_can_carry_is_an_error(send: Send) -> None:
    error = send("app.stream", {})["error"]
    assert (error["type"], "generator" in error["message"]) == ("ResultError", True)


# What a stub sends


class Sent:
    """A call of a function of the original program as a stub sends it: its message, and the objects that the answer refers to."""

    def __init__(self, build: Path, name: str, *arguments: Any) -> None:
        load_types()
        file = build.parent / "app.py"
        code = compile(file.read_bytes(), str(file), "exec", dont_inherit=True)
        module = ModuleType("__main__")
        vars(module)["SEEN"] = seen = []
        self.world = CallerWorld(json.loads((build / ".faasify" / "manifest.json").read_text()))
        self.world.binary = False
        self.world.add("__main__", module, code)
        fn = FunctionType(next(c for c in code.co_consts if getattr(c, "co_name", "") == name), vars(module))
        enc = Encoder(self.world)
        stream = {"encoding": "utf-8", "errors": "strict", "isatty": False}
        message = {
            "v": wire.VERSION,
            "unit": f"app.{name}",
            "fn": enc.root(fn),
            "pos": [enc.root(argument) for argument in arguments],
            "kw": [],
            "globals": [["__main__", ["SEEN", enc.root(seen)]]],
            "poison": {},
            "modules": [],
            "order": [],
            "hidden": {"argv": enc.root(["app.py"])},
            "streams": {"stdin": stream, "stdout": stream, "stderr": stream, "terminal": None},
            "handled": None,
            "depth": 900,
            "limit": 1000,
            "allow": [],
        }
        self.objects = enc.objs
        self.message = wire.to_json({**message, "nodes": enc.finish()})


def test_a_call_is_answered_with_what_it_did(build: Path, send: Send) -> None:
    xs = [1, 2]
    sent = Sent(build, "total", xs)
    reply = wire.from_json(send("app.total", {"$call": sent.message})["$result"])
    known = sent.objects
    assert reply["v"] == wire.VERSION
    assert known[reply["ret"][0]] is xs
    assert "".join(text for _, text in reply["out"]) == "total 3\n"
    assert sorted(type(known[i]).__name__ for i, _ in reply["edits"]) == ["list", "list"]


def test_an_exception_of_a_call_travels_whole(build: Path, send: Send) -> None:
    sent = Sent(build, "add", 1, "x")
    reply = wire.from_json(send("app.add", {"$call": sent.message})["$result"])
    exc = Decoder(sent.world, reply["nodes"], sent.objects)
    exc.run()
    assert isinstance(exc.value(reply["exc"]), TypeError)


def test_a_call_that_cannot_go_on_is_aborted(build: Path, send: Send) -> None:
    answer = send("app.reads", {"$call": Sent(build, "reads").message})
    assert answer["$result"] == {"v": wire.VERSION, "abort": {"kind": "stdin", "what": "an event has no standard input to read"}}


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param({"v": 1}, f"version 1 of the protocol, app.total speaks {wire.VERSION}", id="another version"),
        pytest.param({"v": None}, "version None", id="no version"),
        pytest.param({"hidden": 3}, "damaged", id="the wrong type"),
    ],
)
def test_a_call_that_is_none_is_answered_in_words(damage: Any, said: str, build: Path, send: Send) -> None:
    error = send("app.total", {"$call": Sent(build, "total", [1]).message | damage})["error"]
    assert error["type"] == "EventError"
    assert said in error["message"]


def test_a_call_that_is_no_object_is_answered_in_words(send: Send) -> None:
    assert "damaged" in send("app.total", {"$call": [1]})["error"]["message"]


# handler.py itself


def handler(build: Path, unit: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(build / ".faasify" / "units" / unit / "handler.py"), *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(['{"a": 1}'], 0, id="a result"),
        pytest.param(['{"a": "x"}'], 1, id="an exception"),
        pytest.param([], 2, id="a missing parameter"),
    ],
)
def test_a_handler_is_a_command_for_a_person(words: list[str], code: int, build: Path) -> None:
    done = handler(build, "app.add", *words)
    assert (done.returncode, done.stderr) == (code, "")
    assert ("error" in json.loads(done.stdout)) == bool(code)


def test_a_handler_says_how_it_is_used(build: Path) -> None:
    done = handler(build, "app.add", "a", "b")
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage:" in done.stderr


def test_a_handler_is_a_function_as_lambda_calls_it(build: Path) -> None:
    code = "import handler; print(handler.handler({'a': 1}, None), handler.handler({'a': {1: 2}, 'b': {}})['error']['type'])"
    folder = build / ".faasify" / "units" / "app.add"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.stdout == "{'ret': 3, 'stdout': ''} TypeError\n"


def test_a_process_that_dies_is_told_and_the_next_event_is_answered(send: Send) -> None:
    error = send("app.crash", {"n": 1_000_000})["error"]
    assert error == {"type": "UnitDied", "message": "the process that ran app.crash was killed by signal 11 (Segmentation fault)"}
    assert send("app.crash", {"n": 5})["ret"] == 1


def test_a_folder_that_is_no_unit_s_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        handle(str(tmp_path), {})
