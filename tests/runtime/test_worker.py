"""What a worker answers: results, edits, aborts. The messages are real, so is the worker."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from faasify.localcloud.pool import WorkerDied
from faasify.runtime.unit import frames, wire, worker

from .units import STREAMS, Caller

Make = Callable[..., Caller]

SOURCE = """
    import functools, os, sys, time, warnings
    total, items, unused = 0, [1, 2], "never named"
    stream = open(os.devnull)
    class P:
        kinds = []
        def __init__(self, x): self.x = x
        def move(self): self.x += 1; return self
    def plain(x): return x + 1
    def change(p, xs):
        global total
        total += 1; items.append(3); p.x = xs; xs.append(p)
        print("out"); print("err", file=sys.stderr)
        return xs
    def unchanged(xs): xs.append(1); xs.pop(); global total; total = total; return None
    def forget():
        global total
        del total
        global fresh
        fresh = [items]
    def peek(): return fresh
    def fail(x):
        items.append("before")
        print("said")
        raise KeyError(x)
    def names(): return sorted(globals())
    def look(name): return getattr(sys.modules["__main__"], name, "absent")
    def poisoned(): return stream
    def generator(): return (i for i in items)
    def keep(): items.append(i for i in [1])
    def recursive(n): return recursive(n + 1)
    def caught(n):
        try: return caught(n + 1)
        except RecursionError: return n
    def effect(): return eval("op" + "en")("/etc/hostname")
    def swallowed():
        try: eval("op" + "en")("/etc/hostname")
        except BaseException: pass
        return 1
    def below(): sys.__stdout__.write("x"); return eval("os.wri" + "te")(1, b"raw")
    def ask(): return [input("a? "), sys.stdin.readline(), sys.stdin.read(2), sys.stdin.read()]
    def setting(): warnings.simplefilter("ignore"); return 1
    def switch(): sys.setswitchinterval(0.5)
    def leave(): sys.exit(3)
    def stop(): raise GeneratorExit
    def helper(): return plain(1)
    def both(x): return helper() + x
    def handled():
        try: raise
        except BaseException as e: return type(e).__name__, e.args
    def limit(): return sys.getrecursionlimit()
    def size():
        import shutil
        return tuple(shutil.get_terminal_size())
    """


def outputs(message: dict[str, Any]) -> list[Any]:
    return [(fd, text) for fd, text in message["out"] if text]


def aborted(answer: tuple[int, Any]) -> tuple[str, str]:
    kind, message = answer
    assert kind == frames.ABORT, message
    assert message["effects"] in (False, 0, [], None)
    return message["kind"], message["what"]


def test_a_result_and_nothing_else(caller: Make) -> None:
    c = caller(SOURCE)
    kind, message = c.ask("plain", 41)
    assert kind == frames.RESULT and c.result(message) == 42
    assert (message["edits"], message["globals"], message["hidden"], message["out"]) == ([], [], {}, [])
    assert message["ran"] == ["app.plain"] and 0 <= message["seconds"] < 5


def test_every_function_that_ran_is_told_once(caller: Make) -> None:
    c = caller(SOURCE)
    assert c.ask("both", 1)[1]["ran"] == ["app.plain", "app.helper", "app.both"]
    assert c.ask("plain", 1)[1]["ran"] == ["app.plain"]


def test_changes_are_edits_of_what_was_sent(caller: Make) -> None:
    c = caller(SOURCE)
    p, xs = c.space["P"](1), [0]
    kind, message = c.ask("change", p, xs)
    assert kind == frames.RESULT
    assert c.result(message) is xs, "the result is the caller's object"
    assert sorted(map(id, (c.last.enc.objs[i] for i, _ in message["edits"]))) == sorted(map(id, (p, xs, c.space["items"])))
    (name, removed, pairs), dec = message["globals"][0], c.decoded(message)
    assert (name, removed, dec.pairs(pairs), len(message["globals"])) == ("__main__", [], [("total", 1)], 1)
    assert outputs(message) == [(1, "out"), (1, "\n"), (2, "err\n")]
    assert (p.x, xs, c.space["total"]) == (1, [0], 0), "nothing is committed yet"


def test_what_is_as_it_was_is_no_edit(caller: Make) -> None:
    c = caller(SOURCE)
    message = c.ask("unchanged", [5])[1]
    assert (message["edits"], message["globals"]) == ([], [])


def test_globals_that_come_and_go(caller: Make) -> None:
    c = caller(SOURCE)
    message = c.ask("forget")[1]
    ((name, removed, pairs),) = message["globals"]
    assert (name, removed) == ("__main__", ["total"])
    assert c.decoded(message).pairs(pairs)[0][1][0] is c.space["items"]


def test_an_exception_carries_state_and_output(caller: Make) -> None:
    c = caller(SOURCE)
    kind, message = c.ask("fail", "k")
    assert kind == frames.RESULT and "ret" not in message
    error = c.result(message)
    assert type(error) is KeyError and error.args == ("k",)
    assert len(message["edits"]) == 1 and outputs(message) == [(1, "said"), (1, "\n")]
    assert error.__traceback__.tb_frame.f_code.co_name == "fail" and error.__traceback__.tb_next is None


@pytest.mark.parametrize("name, kind", [("leave", SystemExit), ("stop", GeneratorExit)])
def test_ends_are_exceptions_like_others(caller: Make, name: str, kind: type) -> None:
    c = caller(SOURCE)
    assert type(c.result(c.ask(name)[1])) is kind
    assert c.value("plain", 1) == 2, "and the worker lives on"


def test_only_what_the_code_can_see_is_there(caller: Make) -> None:
    c = caller(SOURCE.replace("stream = open(os.devnull)", ""))
    snapshot = c.snapshot("plain", 1)
    assert snapshot.call["globals"] == [] and len(snapshot.call["nodes"]) < 5
    assert c.value("plain", 1) == 2
    assert c.value("names") == sorted(k for k in c.space), "unless it looks at all of them"
    assert c.value("look", "unused") == "never named"


def test_nothing_is_left_of_the_call_before(caller: Make) -> None:
    c = caller(SOURCE.replace("stream = open(os.devnull)", ""))
    c.ask("forget")
    c.space["P"].kinds.append("here")
    assert type(c.result(c.ask("peek")[1])) is NameError
    assert "fresh" not in c.value("names")
    assert c.value("look", "total") == 0
    assert c.value("look", "P").kinds == ["here"]


@pytest.mark.parametrize(
    "name, kind, word",
    [
        ("poisoned", "value", "app.stream|__main__.stream"),
        ("generator", "value", "generator"),
        ("keep", "value", "generator"),
        ("recursive", "recursion", "limit"),
        ("switch", "settings", "switchinterval|interval"),
    ],
)
def test_what_ends_a_call(caller: Make, name: str, kind: str, word: str) -> None:
    c = caller(SOURCE)
    found, what = aborted(c.ask(name, *([0] if name == "recursive" else [])))
    assert found == kind and any(w in what for w in word.split("|")), what
    time.sleep(0.05)
    with pytest.raises(WorkerDied):
        assert c.channel is not None
        c.channel.send(frames.CALL, b"x" * 100)
        c.channel.recv(20)


@pytest.mark.parametrize("name", ["effect", "swallowed", "below"])
def test_a_forbidden_effect_ends_the_call_even_if_swallowed(caller: Make, name: str) -> None:
    c = caller(SOURCE.replace("stream = open(os.devnull)", ""))
    kind, what = aborted(c.ask(name))
    assert kind in ("files", "descriptors"), (kind, what)


def test_lines_are_asked_of_the_caller_with_the_output_so_far(caller: Make) -> None:
    c = caller(SOURCE)
    c.send(c.snapshot("ask"))
    wanted = []
    for text in ("one\n", "two\n", "3", "rest"):
        kind, message = c.receive()
        assert kind == frames.NEED
        wanted.append((message["what"], message["size"], outputs(message)))
        assert c.channel is not None
        c.channel.send(frames.LINE, wire.dumps({"text": text}))
    kind, message = c.receive()
    assert wanted == [("line", -1, [(1, "a? ")]), ("line", -1, []), ("n", 2, []), ("all", -1, [])]
    assert kind == frames.RESULT and c.result(message) == ["one", "two\n", "3", "rest"] and outputs(message) == []


def test_the_depth_that_is_left_is_the_callers(caller: Make) -> None:
    c = caller(SOURCE)
    for depth in (100, 900, 3000):
        c.send(c.snapshot("caught", 0), depth=depth)
        kind, message = c.receive()
        assert kind == frames.RESULT and c.result(message) == depth


def test_the_recursion_limit_that_is_told_is_the_callers(caller: Make) -> None:
    c = caller(SOURCE)
    c.send(c.snapshot("limit"), limit=1234)
    assert c.result(c.receive()[1]) == 1234


def test_the_exception_being_handled_is_the_callers(caller: Make) -> None:
    c = caller(SOURCE)
    try:
        raise ValueError("outer")
    except ValueError:
        assert c.value("handled") == ("ValueError", ("outer",))
    assert c.value("handled")[0] == "RuntimeError"


@pytest.mark.parametrize("terminal, size", [(None, (80, 24)), ([132, 50], (132, 50))])
def test_the_terminals_size_is_the_callers(caller: Make, monkeypatch: pytest.MonkeyPatch, terminal: Any, size: Any) -> None:
    for name in ("COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    c = caller(SOURCE)
    c.send(c.snapshot("size"), streams={**STREAMS, "terminal": terminal})
    kind, message = c.receive()
    assert kind == frames.RESULT and c.result(message) == size


def test_another_protocol_is_refused(caller: Make) -> None:
    c = caller(SOURCE)
    c.send(c.snapshot("plain", 1), v=wire.VERSION + 1)
    assert aborted(c.receive()) == ("value", f"protocol {wire.VERSION + 1}, this unit speaks {wire.VERSION}")


def test_an_error_of_our_own_is_told_apart_from_a_killed_worker(caller: Make) -> None:
    c = caller(SOURCE)
    c.send(c.snapshot("plain", 1), order=None)  # no caller writes that
    kind, what = aborted(c.receive())
    assert kind == "bug" and re.fullmatch(r"TypeError: .*NoneType.* \(\w+\.py:\d+\)", what), what
    assert c.value("plain", 1) == 2


def test_an_error_of_our_own_does_not_ask_the_programs_objects_what_they_are(caller: Make) -> None:
    error = KeyError(Loud())
    assert worker._described(error) == "KeyError" and not Loud.asked


class Loud:
    asked = False

    def __repr__(self) -> str:
        Loud.asked = True
        return "Loud"


HOSTILE = [
    ["ref", "os:system"],
    ["ref", "builtins:eval"],
    ["ref", "subprocess:run"],
    ["ref", "posix:system"],
    ["ref", "faasify.runtime.unit.worker:_world"],
    ["ref", "app:plain.__globals__"],
    ["ref", 5],
    ["no such tag", 1],
    [],
    5,
]


@pytest.mark.parametrize("node", HOSTILE, ids=str)
def test_what_is_not_in_the_manifest_is_refused(caller: Make, node: Any) -> None:
    c = caller("def plain(x): return x\n")
    snapshot = c.snapshot("plain", [1])
    nodes = [node if n == ["L", [1]] else n for n in snapshot.call["nodes"]]
    assert nodes != snapshot.call["nodes"]
    c.send(snapshot, nodes=nodes)
    try:
        kind, message = c.receive()
    except WorkerDied:
        return
    assert kind == frames.ABORT and message["kind"] == "value", message


def test_a_worker_leaves_the_callers_process_alone(caller: Make) -> None:
    c = caller(SOURCE)
    before = (os.getcwd(), sys.getrecursionlimit(), dict(os.environ), sys.argv[:])
    c.ask("change", c.space["P"](1), [])
    assert before == (os.getcwd(), sys.getrecursionlimit(), dict(os.environ), sys.argv)
    assert c.space["P"](1).move().x == 2


def test_without_tracing_nothing_is_told_of_what_ran(caller: Make) -> None:
    assert caller(SOURCE, trace=False).ask("plain", 1)[1]["ran"] == []


def test_a_program_that_cannot_be_loaded_is_one_clear_error(caller: Make) -> None:
    from faasify.localcloud.pool import ZygoteFailed

    c = caller("def f(): pass\n")
    with open(os.path.join(c.manifest_dir, "slices", "app.py"), "w") as f:
        f.write("def f(:\n")
    with pytest.raises(ZygoteFailed, match="units cannot be loaded: SyntaxError"):
        c.ask("f")
