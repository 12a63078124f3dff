"""Types that a project says how to carry: `[tool.faasify] types`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from faasify.bundle.carried import carried_files
from faasify.errors import UsageError
from faasify.runtime.unit import carried
from faasify.runtime.unit.codec import CodecError, Decoder, Encoder, Untravellable
from tests.runtime.worlds import TwoWorlds

SETTINGS = '[tool.faasify]\ntypes = ["my_types"]\n'
TYPES = """
import time  # what is imported here is imported by both sides

def moment(obj): return tuple(obj)
def again(cls, *parts): return cls(parts)

def rows(table): return (table.rows, table.name)
def table(cls, rows, name):
    made = object.__new__(cls)
    change(made, rows, name)
    return made
def change(table, rows, name):
    import threading
    table.rows, table.name, table.lock = rows, name, threading.Lock()

CARRIED = {
    "time:struct_time": (moment, again),
    "__main__:Table": (rows, table, change),
}
"""
APP = """
import threading, time

class Table:
    def __init__(self, name):
        self.name, self.rows, self.lock = name, [], threading.Lock()  # a lock cannot travel
    def add(self, row):
        with self.lock:
            self.rows.append(row)
            return len(self.rows)

def fill(table, times):
    for _ in range(times):
        table.add({"at": moment, "name": table.name})
    return table

def year(when):
    return when.tm_year, when

moment = time.gmtime(0)
table = Table("t")
print(fill(table, 2) is table, table.rows, table.add(3), type(table.lock).__name__)
print(year(moment), year(moment)[1] is moment)
"""


def project(folder: Path, types: str = TYPES) -> Path:
    for name, text in (("pyproject.toml", SETTINGS), ("my_types.py", types), ("app.py", APP)):
        (folder / name).write_text(text)
    return folder


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "faasify", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_a_program_with_types_of_its_own(tmp_path: Path) -> None:
    import json

    folder = project(tmp_path)
    plain = subprocess.run([sys.executable, "app.py"], cwd=folder, capture_output=True, text=True)
    there = run(folder, "run", "--select", "app.fill,app.year", "--placement", "remote", "--report", "report.json", "app.py")
    assert (there.stdout, there.stderr) == (plain.stdout, plain.stderr)
    units = json.loads((folder / "report.json").read_text())["units"]
    assert {name: unit["calls_remote"] for name, unit in units.items()} == {"app.fill": 1, "app.year": 2}


def test_without_its_types_the_call_runs_here(tmp_path: Path) -> None:
    import json

    folder = project(tmp_path)
    (folder / "pyproject.toml").unlink()
    assert run(folder, "run", "--select", "app.fill", "--placement", "remote", "--report", "report.json", "app.py").returncode == 0
    assert json.loads((folder / "report.json").read_text())["units"]["app.fill"]["calls_remote"] == 0


def test_types_that_fail_when_they_are_run(tmp_path: Path) -> None:
    folder = project(tmp_path, TYPES + "\n1 / 0\n")
    plain = subprocess.run([sys.executable, "app.py"], cwd=folder, capture_output=True, text=True)
    assert run(folder, "run", "--select", "app.fill", "--placement", "remote", "app.py").stdout == plain.stdout
    strict = run(folder, "run", "--select", "app.fill", "--placement", "remote", "--strict", "app.py")
    assert "my_types.py: ZeroDivisionError: division by zero" in strict.stderr and strict.returncode != 0


BREAKS_US = """
import sys
worker = sys.modules.get("faasify.runtime.unit.worker")
if worker is not None:  # there
    worker.Worker.result = None
"""


def test_an_error_of_our_own_there_is_said_to_be_one(tmp_path: Path) -> None:
    import json

    folder = project(tmp_path, TYPES + BREAKS_US)
    plain = subprocess.run([sys.executable, "app.py"], cwd=folder, capture_output=True, text=True)
    there = run(folder, "run", "--select", "app.fill", "--placement", "remote", "--report", "report.json", "app.py")
    assert (there.stdout, there.stderr) == (plain.stdout, plain.stderr)
    unit = json.loads((folder / "report.json").read_text())["units"]["app.fill"]
    (fallback,) = unit["fallbacks"]
    assert "bug" in fallback["reason"] and "TypeError" in fallback["reason"] and (unit["calls_remote"], unit["retries"]) == (0, 0)
    strict = run(folder, "run", "--select", "app.fill", "--placement", "remote", "--strict", "app.py")
    assert strict.returncode == 1 and "app.fill cannot run on the target: a bug of faasify's: TypeError" in strict.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "does not say which types it carries", id="nothing"),
        pytest.param("CARRIED = dict()", "does not say which types it carries", id="no display"),
        pytest.param("CARRIED = {int: (f, g)}", ":1: a type goes by its module and its name", id="a class"),
        pytest.param("CARRIED = {'int': (f, g)}", ":1: a type goes by its module and its name", id="no module"),
        pytest.param("CARRIED = {\n'a:b': f}", ":2: a:b needs two functions", id="one function"),
        pytest.param("CARRIED = {", "was never closed", id="no Python"),
    ],
)
def test_a_file_that_is_none_is_refused_when_the_build_is_made(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "my_types.py").write_text(text)
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        carried_files([str(tmp_path / "my_types.py")])


# On both sides


def pair(table: dict, source: str = "import time\nclass Mine:\n    __slots__ = 'x'\n") -> TwoWorlds:
    worlds = TwoWorlds(source)
    found = {name: carried.Carried(name, *functions) for name, functions in table.items()}
    worlds.caller.carried = worlds.unit.carried = found
    return worlds


STRUCT_TIME = {"time:struct_time": (tuple, lambda cls, *parts: cls(parts))}
MOMENT = time.gmtime(5)


def test_an_object_of_the_library_is_one_object_there() -> None:
    one, two = pair(STRUCT_TIME).there([MOMENT, MOMENT])
    assert one == MOMENT and type(one) is time.struct_time and one is two


def test_parts_are_made_before_the_object_and_may_hold_others() -> None:
    table = {**STRUCT_TIME, "app:Mine": (lambda m: ({"deep": [m.x, {1}]},), _make_mine)}
    worlds = pair(table)
    mine = worlds.space["Mine"]()
    mine.x = MOMENT
    copy = worlds.there(mine)
    assert copy.x == MOMENT and type(copy) is not type(mine) and type(copy).__name__ == "Mine"


def _make_mine(cls: type, held: dict) -> object:
    made = cls()
    made.x = held["deep"][0]  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize(
    ("take", "why"),
    [
        pytest.param(lambda t: 1 / 0, "cannot be taken apart .ZeroDivisionError", id="it fails"),
        pytest.param(list, "no tuple", id="a list"),
        pytest.param(lambda t: (time,), "not all plain values", id="a module"),
        pytest.param(lambda t: (open,), "not all plain values", id="a function of the library"),
        pytest.param(lambda t: ((x for x in ()),), "generator", id="what cannot travel"),
    ],
)
def test_what_cannot_be_taken_apart_does_not_travel(take: object, why: str) -> None:
    worlds = pair({"time:struct_time": (take, None)}, "import time\nopen")
    with pytest.raises(Untravellable, match=why):
        worlds.there([MOMENT])


@pytest.mark.parametrize("make", [lambda cls, *parts: 1 / 0, lambda cls, *parts: parts, lambda cls: 1])
def test_what_cannot_be_made_again_is_one_error(make: object) -> None:
    with pytest.raises(CodecError, match="struct_time"):
        pair({"time:struct_time": (tuple, make)}).there(MOMENT)


def test_a_change_without_a_third_function_is_noticed() -> None:
    source = "class Box:\n    __slots__ = 'x'\ndef look(b): return b.x\ndef put(b): b.x.append(2)\n"
    table = {"app:Box": (lambda b: (b.x,), _make_box)}
    worlds = pair(table, source)
    box = worlds.space["Box"]()
    box.x = [1]
    assert worlds.call("look", box) == [1]
    with pytest.raises(Untravellable, match="was changed"):
        worlds.call("put", box)
    table["app:Box"] += (lambda b, x: b.x.__setitem__(slice(None), x),)  # type: ignore[assignment]
    worlds = pair(table, source)
    box = worlds.space["Box"]()
    inner = box.x = [1]
    worlds.call("put", box)
    assert box.x is inner == [1, 2]


def _make_box(cls: type, x: list) -> object:
    made = cls()
    made.x = x  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize(
    "node",
    [
        ["X", "os:system", None, [[0], [["t", ["true"]]]]],
        ["X", "subprocess:Popen", None, [[0], [["t", ["true"]]]]],
        ["X", 5, None, [[0], [["t", []]]]],
        ["X", "time:struct_time", [1], [[0], [["t", []]]]],
        ["X", "time:struct_time", None, [[0], [["t", [[1]]], ["ref", "os:system"]]]],
        ["X", "time:struct_time", None, [[0], [["L", []]]]],
        ["X", "time:struct_time", None, [[0], 5]],
        ["X", "time:struct_time", None, []],
        ["X", "app:Mine", None, [[0], [["t", []]]]],
        ["X", "time:nothing", None, [[0], [["t", []]]]],
    ],
    ids=repr,
)
def test_a_message_names_nothing_but_the_project_s_types(node: list) -> None:
    table = {**STRUCT_TIME, "app:Mine": (tuple, _make_mine), "time:nothing": (tuple, _make_mine)}
    with pytest.raises(CodecError):
        Decoder(pair(table).unit, [node, ["ref", "builtins:int"]]).run()


def test_the_compared_form_says_nothing_about_identity() -> None:
    worlds = pair(STRUCT_TIME)
    enc = Encoder(worlds.caller)
    enc.root(MOMENT)
    dec = Decoder(worlds.unit, worlds.bytes(enc.finish()))
    dec.run()
    from faasify.runtime.unit.before import Before

    assert Before.of(dec, worlds.unit.is_program_class).same()
