"""What a large program is analysed with, on small ones: it may claim more than the fine analysis, and never less."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from faasify.analysis import analyse, provenance, state
from faasify.analysis.export import json_text
from faasify.frontend import load
from faasify.model.effects import Analysis
from faasify.report.verdicts import COARSE, show_verdicts
from tests.analysis.cases import Case, every_case

CASES = every_case()
MISSING = {  # what the coarse analysis has not of what the fine one claims
    "dynamic/setattr_and_getattr_of_a_star": "that a wrapper of `hasattr` reads what it is given for `setattr`, which does not happen",
    "library_hooks/finder_that_loads": "that its finder may be changed by what is loaded, which does not happen",
}
ORDER = ("travels", "guarded", "stays")
COMPARES = """
class Word:
    def __init__(self, text): self.text = text
    def __eq__(self, other): print("eq"); return self.text == other.text
    def __lt__(self, other): seen.append(other); return self.text < other.text
class Other:
    def __eq__(self, other): return open("other.txt") is other
seen = []
def equal(xs, ys): return xs == ys
def first(pairs): return min(pairs)
equal([Word("a")], [[Word("b")]])
equal([Other()], [])
first([(Word("a"), 1), (Word("b"), 2)])
"""


def both(folder: Path) -> tuple[Analysis, Analysis]:
    program = load(str(folder), cwd=folder)
    return analyse(program), analyse(program, coarse=True)


def called(analysis: Analysis, function: str) -> set[str | None]:
    return {call.to for call in analysis.callgraph.calls[function]}


def assert_nothing_is_lost(fine: Analysis, coarse: Analysis) -> None:
    for name, facts in fine.functions.items():
        other = coarse.functions[name]
        assert called(fine, name) <= called(coarse, name) or None in called(coarse, name), name
        for field in ("reads", "writes", "mutates", "imports"):
            assert set(getattr(facts, field)) <= set(getattr(other, field)), (name, field)
        kinds = {effect.kind for effect in other.effects}
        assert {effect.kind for effect in facts.effects} <= kinds | ({"undescribed"} if "unknown" in kinds else set()), name


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_nothing_is_lost(case: Case, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if case.name in MISSING:
        request.applymarker(pytest.mark.xfail(reason=MISSING[case.name], strict=True))
    case.lay_out(tmp_path)
    assert_nothing_is_lost(*both(tmp_path))


@pytest.mark.parametrize("case", CASES[::2], ids=[case.name for case in CASES[::2]])
def test_nothing_is_lost_by_going_back_from_what_is_changed(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case.lay_out(tmp_path)
    program = load(str(tmp_path), cwd=tmp_path)
    fine = analyse(program)
    monkeypatch.setattr(provenance, "_MUCH", -1)
    assert_nothing_is_lost(fine, analyse(program))


CIRCLE = "class Store:\n    def __init__(self): self.items, self.rest = [], {}\nSTORE = Store()\n" + "".join(
    f"""
def f{i}(a, b, c):
    a.items.append(b)
    STORE.items.append(c)
    b.rest[{i}] = a
    x = f{(i + 1) % 60}(b, c, a)
    y = f{(7 * i + 3) % 60}(c, x, b)
    z = f{(11 * i + 5) % 60}(x, y, STORE)
    return z or a
"""
    for i in range(60)
)


def test_functions_that_call_each_other_in_circles_take_no_more_than_so_many_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worlds = list[provenance.World]()

    class Seen(provenance.World):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            worlds.append(self)

    monkeypatch.setattr(provenance, "World", Seen)
    monkeypatch.setattr(provenance, "_MUCH", 3_000)
    (tmp_path / "app.py").write_text(CIRCLE + "f0(Store(), Store(), Store())\n")
    found = analyse(load("app.py", cwd=tmp_path)).functions
    assert 3_000 < worlds[0].steps < 3_500
    assert all({"a", "b", "c", "app.STORE"} <= set(found[f"app.f{i}"].mutates) for i in range(60))


def test_where_all_hangs_together_a_program_is_taken_for_a_large_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "_LEARNT", 10)
    (tmp_path / "app.py").write_text(COMPARES)
    program = load("app.py", cwd=tmp_path)
    assert json.loads(json_text(analyse(program))) == json.loads(json_text(analyse(program, coarse=True)))
    assert not analyse(program, coarse=False).coarse  # who asks for it gets the fine one


RING = """
class Rows(list): pass
class Cell:
    def __eq__(self, other): print("eq"); return True
    def __lt__(self, other): return open("less.txt") is other
    def __repr__(self): print("repr"); return ""
def ring(cell):
    one, two, three = Rows(), Rows(), Rows()
    one.append(two); two.append(three); three.append(one)
    two.append(cell)
    return one, two
def equal(x, y): return x == y
def less(x, y): return x < y
def shown(x): return repr(x)
one, two = ring(Cell())
equal(one, two); less(one, two); shown(one)
"""


def test_containers_that_hold_each_other_ask_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(RING)
    for analysis in both(tmp_path):
        kinds = {name: {effect.kind for effect in analysis.functions[f"app.{name}"].effects} for name in ("equal", "less", "shown")}
        assert "stdout" in kinds["equal"] & kinds["less"] & kinds["shown"]
        assert "files" in kinds["less"]
        assert {"app.Cell.__eq__", "app.Cell.__lt__"} <= called(analysis, "app.less")
        assert "app.Cell.__repr__" in called(analysis, "app.shown")


def test_what_answers_for_elements_is_asked_of_all_containers_of_a_place(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(COMPARES)
    fine, coarse = both(tmp_path)
    assert_nothing_is_lost(fine, coarse)
    assert {"app.Word.__eq__", "app.Other.__eq__"} <= called(coarse, "app.equal")
    assert {"stdout", "files"} <= {effect.kind for effect in coarse.functions["app.equal"].effects}
    assert "app.seen" in coarse.functions["app.first"].mutates


VIEWS = """
from collections.abc import Mapping
class View(Mapping):
    def __iter__(self): return iter("ab")
    def __len__(self): return 2
class Shown(View):
    def __getitem__(self, key): print(key)
class Written(View):
    def __getitem__(self, key): return open(key)
def equal(x, y): return x == y
def chained(x, y, z): return x == y == z
class Equal:
    def __eq__(self, other): return True
equal(Shown(), Written())
equal(Written(), {})
chained({}, Shown(), {})
chained({}, Written(), {})
"""


def test_a_method_of_a_library_calls_those_of_every_receiver_of_a_place(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(VIEWS)
    fine, coarse = both(tmp_path)
    assert_nothing_is_lost(fine, coarse)
    for analysis in (fine, coarse):
        for name in ("app.equal", "app.chained"):
            assert {"app.View.__iter__", "app.Shown.__getitem__", "app.Written.__getitem__"} <= called(analysis, name)
            assert {"stdout", "files"} <= {effect.kind for effect in analysis.functions[name].effects}


BORROWED = """
class Lender:
    def m(self): return self.f()
""" + "".join(
    f"""
class Borrower{i}:
    m = Lender.m
    def f(self): print({i})
Borrower{i}().m()
"""
    for i in range(6)
)


def test_a_method_that_other_classes_borrow_has_their_objects(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(BORROWED)
    fine, coarse = both(tmp_path)
    assert_nothing_is_lost(fine, coarse)
    assert {f"app.Borrower{i}.f" for i in range(6)} <= called(coarse, "app.Lender.m")


BELOW_TWO = """
class A:
    def __init__(self, x): self.x = x
    def get(self): return self.x
class B:
    def __init__(self, a): self.a = a
    def get(self): return self.a.get()
def f(xs): B(A(xs)).get().append(1)
def g(xs):
    b = B(A(xs))
    b.get().append(1)
def h(xs): B(A(xs)).get()
f([]); g([]); h([])
"""


def test_what_callees_put_into_objects_in_objects_is_found_there(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(BELOW_TWO)
    for analysis in both(tmp_path):
        assert [analysis.functions[f"app.{name}"].mutates for name in "fgh"] == [("xs",), ("xs",), ()]


SENDS = """
def inner():
    while True:
        v = yield
        v[0].append(1)
def reads():
    while True: print(len((yield)))
def g(): yield from inner()
def f(it, xs): it.send(xs)
def h(it, xs): it.send(xs)
begun, other = g(), reads()
f(begun, [[]])
h(other, [])
"""


def test_what_a_generator_is_sent_may_be_changed_by_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SENDS)
    for analysis in both(tmp_path):
        assert [set(analysis.functions[f"app.{name}"].mutates) for name in "fgh"] == [{"it", "xs"}, set(), {"it"}]


def test_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def f(): pass\n")
    fine, coarse = both(tmp_path)
    assert json.loads(json_text(coarse))["coarse"] is True
    assert "coarse" not in json.loads(json_text(fine))
    for analysis, told in ((fine, False), (coarse, True)):
        out = io.StringIO()
        show_verdicts(analysis, Console(file=out, width=400), "app.py")
        assert (COARSE in out.getvalue()) is told


def test_a_program_of_many_lines_is_taken_so(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def f(): pass\n" + "# a line\n" * 30_000)
    assert analyse(load("app.py", cwd=tmp_path)).coarse
    (tmp_path / "app.py").write_text("def f(): pass\n" + "# a line\n" * 20_000)
    assert not analyse(load("app.py", cwd=tmp_path)).coarse


def test_of_a_very_large_one_a_value_is_one_of_a_few_or_anything(tmp_path: Path) -> None:
    classes = "".join(f"class C{i}:\n    def m(self): print({i})\n    def __eq__(self, other): return True\n" for i in range(12))
    uses = "def few(): return pick(3, C0(), C1(), C2()).m()\ndef many(): return one.m()\ndef same(): return one == 1\n"
    made = ", ".join(f"C{i}()" for i in range(12))
    text = classes + uses + f"def pick(i, *xs): return xs[i]\none = pick(0, {made})\nmany(); same(); few()\n"
    for lines, told in ((30_000, True), (250_000, False)):
        (tmp_path / "app.py").write_text(text + "#\n" * lines)
        found = analyse(load("app.py", cwd=tmp_path))
        for function, method in (("app.many", "m"), ("app.same", "__eq__")):
            methods = {f"app.C{i}.{method}" for i in range(12)}
            assert (methods <= called(found, function)) is told
            assert told or None in called(found, function)


def test_what_is_handed_over_in_a_tuple_or_dict_of_its_own_is_found_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app.py").write_text(
        "def put(box, *rest, **named): box.append(rest); box.append(named)\n"
        "def first(xs): box = []; put(box, xs); box[0][0].append(1)\n"
        "def named(ys): box = []; put(box, ys=ys); box[1]['ys'].append(1)\n"
        "first([]); named([])\n"
    )
    program = load("app.py", cwd=tmp_path)
    for much in (provenance._MUCH, -1):
        monkeypatch.setattr(provenance, "_MUCH", much)
        found = analyse(program).functions
        assert (found["app.first"].mutates, found["app.named"].mutates) == (("xs",), ("ys",))


CODECS = """
import codecs, io, sys
class Loader:
    def load_module(self, name): print(name)
class Finder:
    def find_module(self, name, path=None): return None
def shown(name, *rest): return open(name, *rest)
def encoded(text, encoding): return text.encode(encoding)
def imported(): import colours
def search(name): return FOUND.get(name)
FOUND = {}
sys.meta_path.append(Finder())
codecs.register(search)
""" + "".join(
    f"""
class Codec{i}(codecs.Codec):
    def encode(self, text, errors="strict"): return encode{i}(text), len(text)
class Loader{i}(Loader):
    def exec_module(self, module): print({i})
class Finder{i}(Finder):
    def find_spec(self, name, path=None, target=None): print({i})
def encode{i}(text): print({i})
FOUND["c{i}"] = codecs.CodecInfo(Codec{i}().encode, None, Codec{i}, Codec{i}, name="c{i}")
"""
    for i in range(12)
)


def test_where_very_many_codecs_or_finders_may_be_asked_anything_may(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(CODECS + "shown('f', 'r', -1, sys.argv[1]); encoded('x', sys.argv[1]); imported()\n")
    fine, coarse = both(tmp_path)
    assert_nothing_is_lost(fine, coarse)
    for function, method in (("shown", "Codec{}.encode"), ("encoded", "Codec{}.encode"), ("imported", "Finder{}.find_spec")):
        methods = {f"app.{method.format(i)}" for i in range(12)}
        assert methods <= called(fine, f"app.{function}"), function
        assert not methods <= called(coarse, f"app.{function}"), function
        assert None in called(coarse, f"app.{function}"), function
